/** A scenario file in memory: everything the simulator, the pipeline and the exit status need. scenarios/schema.json. */
#ifndef FORMATS_SCENARIO_H
#define FORMATS_SCENARIO_H

#include <skyvox/config.h>

/** What a source made from a scenario delivers. */
typedef enum sv_emit {
    SV_EMIT_PIXELS = 0,
    SV_EMIT_DETECTIONS = 1,
} sv_emit;

/** How one camera is simulated; the tracker never sees this. Same index as config.camera. */
typedef struct sv_sensor {
    double psf_sigma_px;      /* Gaussian lens blur ("blur_px") */
    double gain_dn;           /* variance of the shot noise per DN of signal */
    double read_noise_dn;     /* sigma(I) = sqrt(read^2 + gain I) */
    double sky_dn;            /* level at the horizon, clear sky */
    double zenith_dn;         /* level straight up */
    double dn_per_k;          /* thermal: DN per kelvin; 0 for mono */
    double extinction_per_km; /* contrast falls by exp(-this * range) */
    double pose_error_px;     /* true pose differs from the rig's by a static draw of this sigma per axis */
    double shake_px;          /* and by a draw per frame */
    double clock_sigma_s;     /* true exposure differs from the stamp by a static draw */
    double range_max_m;       /* stated range: coverage counts only within it */
} sv_sensor;

typedef enum sv_flight_model {
    SV_FLIGHT_WAYPOINT = 0, /* random way-points in a box, turns limited by accel_mps2 */
    SV_FLIGHT_CROSSING = 1, /* straight lines through one point, spacing_m apart */
    SV_FLIGHT_BOIDS = 2,    /* a swarm that keeps together, spacing_m apart, and follows way-points */
} sv_flight_model;

typedef struct sv_flight {
    sv_flight_model model;
    sv_vec3 box_min_m, box_max_m;
    double speed_min_mps, speed_max_mps;
    double accel_mps2;
    double spacing_m;
} sv_flight;

/** Targets and distractors alike. */
typedef struct sv_object_group {
    sv_class object_class;
    bool wanted;
    bool render; /* false: truth is kept, nothing is drawn (a test against leaks) */
    int32_t count;
    double size_min_m, size_max_m;
    double contrast_mono_dn;   /* object minus sky at no range, DN, signed */
    double contrast_thermal_k; /* object minus sky, kelvin, signed */
    double flap_hz;            /* birds: size and contrast modulated by the wing beat; 0 none */
    sv_flight flight;
} sv_object_group;

typedef struct sv_environment {
    double visibility_km; /* mono extinction 3.912 / V per km unless a sensor states its own */
    double cloud_cover;   /* 0..1 */
    double cloud_mono_dn; /* brightness of the densest cloud above sky */
    double cloud_thermal_k;
    double cloud_scale_deg;   /* size of the largest puffs */
    double cloud_speed_deg_s; /* drift */
    double terrain_deg;       /* mean elevation of the terrain line; <= -90 none */
    double terrain_rough_deg;
    double terrain_mono_dn;    /* terrain level */
    double terrain_thermal_k;  /* above sky */
    double terrain_distance_m; /* farther objects below the line are hidden; nearer ones are seen in front of it */
} sv_environment;

/** Only for emit = detections. */
typedef struct sv_detection_model {
    double centroid_sigma_px;
    double false_alarms_per_px; /* uniform */
    double cloud_clutter;       /* additional share gathered at cloud edges */
    double snr_threshold;       /* Pd = Phi(snr - threshold) */
} sv_detection_model;

typedef enum sv_expect_op {
    SV_EXPECT_MIN = 0,
    SV_EXPECT_MAX = 1,
} sv_expect_op;

/** One threshold on a number of report.json, by key path below summary ("held_fraction", "gospa_m.mean"). */
typedef struct sv_expect {
    char name[64];
    sv_expect_op op;
    double limit;
} sv_expect;

/** What a run writes of its one large table. */
typedef struct sv_tables {
    bool detections;       /* false: no detections.csv */
    double detections_snr; /* only rows from this SNR on, linked or not, and those of unknown SNR; 0: all */
} sv_tables;

typedef struct sv_scenario {
    uint64_t text_hash; /* of the file and its rig file as they stand, without overrides and layout */
    char name[64];
    char description[512];
    uint64_t seed;
    double duration_s;
    double frame_rate_hz;
    double origin_lat_deg, origin_lon_deg, origin_h_m;
    sv_emit emit;
    double warmup_s;        /* unscored first seconds */
    int32_t coverage_sites; /* sites that make a sample count, default 3 */
    double gate_m;          /* scoring gate, default 2 */
    sv_environment environment;
    sv_detection_model detection_model;
    sv_sensor *sensor;      /* [config.n_cameras], owned */
    sv_object_group *group; /* [n_groups] targets, then distractors, owned */
    int32_t n_groups;
    sv_tables tables;
    sv_expect *expect; /* [n_expect], owned */
    int32_t n_expect;
    sv_config config; /* config.camera is owned here */
} sv_scenario;

/**
 * Read a scenario file.
 *
 *   out       out  the scenario; release with sv_scenario_destroy
 *   path      in   file; a rig file named in it is relative to its folder
 *   override  in   [n_override] "json.path=value" texts (--set), applied before checking
 *
 * Errors: SV_ERR_INPUT with "path: JSON path: what was found, what was expected" (or line and column of broken JSON);
 * SV_ERR_NOMEM; *out = NULL then.
 */
sv_status sv_scenario_load(sv_scenario **out, const char *path, const char *const *override, int n_override);

/** The same from text; `name` stands for the file in messages. The fuzz target's door. */
sv_status sv_scenario_parse(sv_scenario **out, const char *name, const char *text, size_t n_text,
                            const char *const *override, int n_override);

void sv_scenario_destroy(sv_scenario *scenario);

#endif
