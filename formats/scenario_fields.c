/* Every key of a scenario file: one row each. scenarios/schema.json is written from these tables. */
#include <formats/scenario_fields.h>

#include <math.h>

#define HUGE_M 1e7

/* One row: key, type, presence, offset, limits, default, doc. */
#define ROW(key_, type_, presence_, offset_, min_, max_, def_, doc_)                                                   \
    { key_, SV_JSON_##type_, SV_JSON_##presence_, offset_, min_, max_, def_, 0, 0, NULL, NULL, doc_ }
#define NUMBER(key_, offset_, min_, max_, def_, doc_) ROW(key_, NUMBER, DEFAULT, offset_, min_, max_, def_, doc_)
#define INTEGER(key_, offset_, min_, max_, def_, doc_) ROW(key_, INT, DEFAULT, offset_, min_, max_, def_, doc_)
#define KEEP_NUMBER(key_, offset_, min_, max_, doc_) ROW(key_, NUMBER, KEEP, offset_, min_, max_, 0, doc_)
#define KEEP_INTEGER(key_, offset_, min_, max_, doc_) ROW(key_, INT, KEEP, offset_, min_, max_, 0, doc_)
#define NEED_NUMBER(key_, offset_, min_, max_, doc_) ROW(key_, NUMBER, REQUIRED, offset_, min_, max_, 0, doc_)
#define NEED_INTEGER(key_, offset_, min_, max_, doc_) ROW(key_, INT, REQUIRED, offset_, min_, max_, 0, doc_)
#define NEED_RANGE(key_, offset_, min_, max_, doc_) ROW(key_, RANGE, REQUIRED, offset_, min_, max_, 0, doc_)
#define VECTOR(key_, presence_, offset_, n_min_, cap_, limit_, doc_)                                                   \
    { key_, SV_JSON_VECTOR, SV_JSON_##presence_, offset_, -(limit_), limit_, 0, n_min_, cap_, NULL, NULL, doc_ }
#define TEXT(key_, presence_, offset_, cap_, doc_)                                                                     \
    { key_, SV_JSON_TEXT, SV_JSON_##presence_, offset_, 0, 0, 0, 0, cap_, NULL, NULL, doc_ }
#define ENUM(key_, presence_, offset_, names_, doc_)                                                                   \
    { key_, SV_JSON_ENUM, SV_JSON_##presence_, offset_, 0, 0, 0, 0, 0, names_, NULL, doc_ }
#define OBJECT(key_, presence_, sub_, doc_)                                                                            \
    { key_, SV_JSON_OBJECT, SV_JSON_##presence_, 0, 0, 0, 0, 0, 0, NULL, sub_, doc_ }
#define CHILD(key_, presence_, sub_, doc_)                                                                             \
    { key_, SV_JSON_CHILD, SV_JSON_##presence_, 0, 0, 0, 0, 0, 0, NULL, sub_, doc_ }
#define ARRAY(key_, sub_, n_min_, cap_, doc_)                                                                          \
    { key_, SV_JSON_ARRAY, SV_JSON_KEEP, 0, 0, 0, 0, n_min_, cap_, NULL, sub_, doc_ }
#define END_OF_TABLE                                                                                                   \
    { .type = SV_JSON_END }

/* ---- pipeline ---- */

#define AT(member_) offsetof(sv_config, member_)

static const sv_json_field SYNC[] = {
    KEEP_NUMBER("rate_hz", AT(sync.rate_hz), 1e-3, 10000, "frame sets per second; absent: the fastest camera's rate"),
    KEEP_NUMBER("max_wait_s", AT(sync.max_wait_s), 0, 60,
                "event time after which a set closes without its missing frames"),
    END_OF_TABLE,
};
static const sv_json_field POLARITY[] = {
    KEEP_INTEGER("mono", AT(detect.polarity[SV_MONO]), -1, 1,
                 "0 both, 1 only brighter, -1 only darker than the background"),
    KEEP_INTEGER("thermal", AT(detect.polarity[SV_THERMAL]), -1, 1, "the same for thermal cameras"),
    END_OF_TABLE,
};
static const sv_json_field DETECT[] = {
    KEEP_NUMBER("snr_low", AT(detect.snr_low), 1, 100, "every candidate above this SNR is emitted"),
    KEEP_INTEGER("max_per_frame", AT(detect.max_per_frame), 1, 20000, "candidates per frame, strongest first"),
    KEEP_NUMBER("background_tau_s", AT(detect.background_tau_s), 0.01, 3600,
                "time constant of the running background, s"),
    KEEP_INTEGER("warmup_frames", AT(detect.warmup_frames), 0, 10000, "frames that only teach the background"),
    KEEP_INTEGER(
        "link_frames", AT(detect.link_frames), 0, 4,
        "4: link candidates over so many frames, a chain may start a track like a strong candidate; 0: do not"),
    KEEP_NUMBER("link_speed_px", AT(detect.link_speed_px), 0, 64, "fastest target that is linked, px per frame"),
    OBJECT("polarity", KEEP, POLARITY, "sign of the contrast that is looked for, per modality"),
    END_OF_TABLE,
};
static const sv_json_field FUSE[] = {
    KEEP_NUMBER("gate_sigma", AT(fuse.gate_sigma), 0, 100, "largest distance of the two bearings of a pair, in sigmas"),
    KEEP_INTEGER("max_per_camera", AT(fuse.max_per_camera), 1, 20000, "rays per camera, strongest first"),
    END_OF_TABLE,
};
static const sv_json_field VOXEL[] = {
    KEEP_NUMBER("snr_birth", AT(voxel.snr_birth), 0, 1000, "rays of known SNR below it take no part"),
    KEEP_INTEGER("min_sites", AT(voxel.min_sites), 0, 64, "sites that must agree; 0: as few as chance_limit allows"),
    KEEP_NUMBER("chance_limit", AT(voxel.chance_limit), 1e-12, 1000, "acceptable chance crossings per frame set"),
    KEEP_NUMBER("gate_p", AT(voxel.gate_p), 0.5, 0.999999, "probability content of the residual test"),
    KEEP_NUMBER("range_min_m", AT(voxel.range_min_m), 0, 1e12, "nearest distance of a point from its sites, m"),
    KEEP_NUMBER("range_max_m", AT(voxel.range_max_m), 0, 1e12, "farthest distance of a point from its sites, m"),
    KEEP_NUMBER("height_min_m", AT(voxel.height_min_m), -1e12, 1e12, "lowest height of a point, m"),
    KEEP_NUMBER("height_max_m", AT(voxel.height_max_m), -1e12, 1e12, "greatest height of a point, m"),
    KEEP_NUMBER("speed_max_mps", AT(voxel.speed_max_mps), 0, 10000,
                "rays of different times may miss by this times the difference, m/s"),
    END_OF_TABLE,
};
static const sv_json_field TRACK[] = {
    KEEP_NUMBER("accel_psd", AT(track.accel_psd), 0, 1e6,
                "white-acceleration power spectral density per axis, m^2/s^3"),
    KEEP_NUMBER("speed_sigma_mps", AT(track.speed_sigma_mps), 0, 10000,
                "1-sigma of the unknown speed at birth per axis, m/s"),
    KEEP_NUMBER("gate_p", AT(track.gate_p), 0.5, 0.9999999, "probability content of an association gate"),
    KEEP_NUMBER("snr_gate", AT(track.snr_gate), 0, 1000, "rays of known SNR below it are ignored inside gates too"),
    KEEP_NUMBER("gate_m", AT(track.gate_m), 1e-6, 1e12, "a track is not reported once its position sigma is larger, m"),
    KEEP_NUMBER("dormant_sigma_m", AT(track.dormant_sigma_m), 0, 1e12,
                "a dormant track is deleted beyond this position sigma, m"),
    KEEP_NUMBER("dormant_max_s", AT(track.dormant_max_s), 0, 3600, "or when nothing was associated for this long, s"),
    KEEP_NUMBER("confirm_existence", AT(track.confirm_existence), 0, 1, "reported from this existence probability on"),
    KEEP_NUMBER("delete_existence", AT(track.delete_existence), 0, 1, "deleted below it"),
    KEEP_NUMBER("survival_per_s", AT(track.survival_per_s), 1e-3, 1, "probability to live through one second"),
    KEEP_NUMBER("birth_existence", AT(track.birth_existence), 0, 1, "existence of a fresh track"),
    KEEP_NUMBER("pd_initial", AT(track.pd_initial), 0.001, 0.999,
                "detection probability per camera frame before it is learned"),
    KEEP_NUMBER("pd_min", AT(track.pd_min), 0.001, 0.999, "lower bound of the learned one"),
    KEEP_NUMBER("pd_max", AT(track.pd_max), 0.001, 0.999, "upper bound of the learned one"),
    KEEP_NUMBER("clutter_per_sr", AT(track.clutter_per_sr), 0, 1e12,
                "false rays per steradian and frame; 0: estimated"),
    KEEP_NUMBER("clutter_per_m3", AT(track.clutter_per_m3), 0, 1e12,
                "false points per cubic metre and scan; 0: estimated"),
    KEEP_NUMBER("robust_sigma", AT(track.robust_sigma), 0, 100,
                "innovations beyond this many sigmas weigh less; 0: off"),
    END_OF_TABLE,
};
static const sv_json_field CAPS[] = {
    KEEP_INTEGER("detections_per_set", AT(caps.detections_per_set), 1, 1 << 24, "capacity"),
    KEEP_INTEGER("rays_per_set", AT(caps.rays_per_set), 1, 1 << 24, "capacity"),
    KEEP_INTEGER("points_per_set", AT(caps.points_per_set), 1, 1 << 22, "capacity"),
    KEEP_INTEGER("tracks", AT(caps.tracks), 1, 1 << 20, "capacity"),
    KEEP_INTEGER("pending_frames", AT(caps.pending_frames), 1, 1 << 20, "frames that wait for their set to close"),
    END_OF_TABLE,
};
static const sv_json_field PIPELINE[] = {
    OBJECT("sync", KEEP, SYNC, "frame sets"),
    OBJECT("detect", KEEP, DETECT, "detector"),
    OBJECT("fuse", KEEP, FUSE, "thermal and mono of a pair"),
    OBJECT("voxel", KEEP, VOXEL, "ray consensus"),
    OBJECT("track", KEEP, TRACK, "tracker"),
    OBJECT("caps", KEEP, CAPS, "capacities: everything is allocated once"),
    END_OF_TABLE,
};
#undef AT

/* ---- rig ---- */

#define AT(member_) offsetof(sv_camera_text, member_)

static const char *const MODALITIES[] = {"mono", "thermal", NULL};

enum { N_POSE_FIELDS = 7 };

static const sv_json_field CAMERA[] = {
    NEED_INTEGER("id", AT(camera.id), 0, 1e9, "unique in the rig"),
    KEEP_INTEGER("pair", AT(camera.pair), 0, 1e9, "cameras of one pair look the same way; absent: the id"),
    KEEP_INTEGER("site", AT(camera.site), 0, 1e9, "cameras of one site give one baseline; absent: the pair"),
    ENUM("modality", REQUIRED, AT(camera.modality), MODALITIES, "kind of sensor"),
    VECTOR("position_m", REQUIRED, AT(position_m), 3, 3, HUGE_M, "centre, east north up, m"),
    VECTOR("look_at_m", KEEP, AT(look_at_m), 3, 3, HUGE_M,
           "place that the optical axis points at, image horizontal, m"),
    VECTOR("q_cw", KEEP, AT(q_cw), 4, 4, 1, "instead of look_at_m: rotation world to camera, unit quaternion w x y z"),
    /* From here on the keys may stand in rig.defaults too. */
    INTEGER("width", AT(camera.width), 1, 16384, 0, "px"),
    INTEGER("height", AT(camera.height), 1, 16384, 0, "px"),
    INTEGER("bit_depth", AT(camera.bit_depth), 8, 16, 8, "bits per pixel"),
    NUMBER("hfov_deg", AT(hfov_deg), 0.01, 170, NAN, "horizontal field of view, degrees; or fx, fy, cx, cy"),
    NUMBER("fx", AT(camera.fx), 1e-3, 1e9, NAN, "focal length, px"),
    NUMBER("fy", AT(camera.fy), 1e-3, 1e9, NAN, "focal length, px; absent: fx"),
    NUMBER("cx", AT(camera.cx), -1e6, 1e6, NAN, "principal point, px; absent: the centre"),
    NUMBER("cy", AT(camera.cy), -1e6, 1e6, NAN, "principal point, px; absent: the centre"),
    VECTOR("distortion", KEEP, AT(camera.dist), 0, SV_SCENARIO_DIST_CAP, 1e6,
           "OpenCV's k1 k2 p1 p2 k3 k4 k5 k6; the rest is 0"),
    NUMBER("rate_hz", AT(camera.rate_hz), 1e-3, 10000, NAN, "frames per second; absent: frame_rate_hz"),
    NUMBER("row_ns", AT(camera.row_ns), 0, 1e9, 0,
           "rolling shutter: a row is exposed this much after the one above, ns"),
    NUMBER("sigma_px", AT(camera.sigma_px), 0, 1000, NAN,
           "centroid noise the tracker assumes; absent: detection_model.centroid_sigma_px"),
    NUMBER("sigma_pose_px", AT(camera.sigma_pose_px), 0, 1000, NAN,
           "pose error the tracker assumes; absent: root of pose_error_px^2 + shake_px^2"),
    NUMBER("sigma_time_s", AT(camera.sigma_time_s), 0, 10, NAN,
           "time error the tracker assumes, s; absent: clock_sigma_s"),
    NUMBER("blur_px", AT(sensor.psf_sigma_px), 0, 20, 0.7, "sigma of the lens blur, px"),
    NUMBER("gain_dn", AT(sensor.gain_dn), 0, 1000, 0, "variance of the shot noise per DN of signal"),
    NUMBER("read_noise_dn", AT(sensor.read_noise_dn), 0, 10000, 2, "sigma of the read noise, DN"),
    NUMBER("sky_dn", AT(sensor.sky_dn), 0, 65535, 160, "clear sky at the horizon, DN"),
    NUMBER("zenith_dn", AT(sensor.zenith_dn), 0, 65535, NAN, "clear sky straight up, DN; absent: sky_dn"),
    NUMBER("dn_per_k", AT(sensor.dn_per_k), 0, 65535, NAN, "thermal: DN per kelvin; absent: 40 (mono: 0)"),
    NUMBER("extinction_per_km", AT(sensor.extinction_per_km), 0, 1000, NAN,
           "contrast falls by exp(-this range); absent: 3.912 / visibility (thermal: 0.25)"),
    NUMBER("pose_error_px", AT(sensor.pose_error_px), 0, 1000, 0, "sigma of the true pose's static error per axis, px"),
    NUMBER("shake_px", AT(sensor.shake_px), 0, 1000, 0, "sigma of its error per frame, px"),
    NUMBER("clock_sigma_s", AT(sensor.clock_sigma_s), 0, 10, 0, "sigma of the static clock error, s"),
    NUMBER("range_max_m", AT(sensor.range_max_m), 1, HUGE_M, 5000, "stated range: coverage counts only within it, m"),
    END_OF_TABLE,
};
#undef AT

#define AT(member_) offsetof(sv_ring, member_)
static const sv_json_field RING[] = {
    NEED_INTEGER("sites", AT(sites), 1, 256, "one mono and one thermal camera each"),
    NEED_NUMBER("radius_m", AT(radius_m), 0.001, HUGE_M, "of the circle round the origin, m"),
    NUMBER("height_m", AT(height_m), -HUGE_M, HUGE_M, 0, "of every camera, m"),
    VECTOR("look_at_m", REQUIRED, AT(look_at_m), 3, 3, HUGE_M, "place that every camera points at, m"),
    NUMBER("first_azimuth_deg", AT(first_azimuth_deg), -360, 360, 0,
           "of site 0 as seen from the origin, clockwise from north, degrees"),
    END_OF_TABLE,
};
#undef AT

static const sv_json_field RIG_DEFAULTS[] = {
    CHILD("mono", KEEP, CAMERA + N_POSE_FIELDS, "what mono cameras have unless they say otherwise"),
    CHILD("thermal", KEEP, CAMERA + N_POSE_FIELDS, "what thermal cameras have unless they say otherwise"),
    END_OF_TABLE,
};
static const sv_json_field RIG[] = {
    TEXT("file", KEEP, offsetof(sv_rig_text, file), 256,
         "a file that holds the rig, relative to this one; stands alone"),
    CHILD("ring", KEEP, RING, "cameras made on a circle, instead of cameras"),
    CHILD("defaults", KEEP, RIG_DEFAULTS, "shared by the cameras of a modality"),
    ARRAY("cameras", CAMERA, 1, SV_SCENARIO_CAMERAS_CAP, "the cameras"),
    END_OF_TABLE,
};

/* ---- targets, distractors, expectations ---- */

#define AT(member_) offsetof(sv_object_group, member_)

_Static_assert(AT(flight.box_max_m) == AT(flight.box_min_m) + 3 * sizeof(double), "a box is six doubles");
_Static_assert(AT(flight.speed_max_mps) == AT(flight.speed_min_mps) + sizeof(double), "a range is two doubles");
_Static_assert(AT(size_max_m) == AT(size_min_m) + sizeof(double), "a range is two doubles");

static const char *const CLASSES[] = {"unknown", "drone", "bird", "aircraft", "other", NULL};
static const char *const FLIGHT_MODELS[] = {"waypoint", "crossing", "boids", NULL};

static const sv_json_field CONTRAST[] = {
    NUMBER("mono_dn", AT(contrast_mono_dn), -65535, 65535, 0, "object minus sky at no range, DN"),
    NUMBER("thermal_k", AT(contrast_thermal_k), -1000, 1000, 0, "object minus sky, K"),
    END_OF_TABLE,
};
static const sv_json_field FLIGHT[] = {
    ENUM("model", REQUIRED, AT(flight.model), FLIGHT_MODELS, "how the group moves"),
    ROW("box_m", BOX, REQUIRED, AT(flight.box_min_m), -HUGE_M, HUGE_M, 0, "low and high corner of the air space, m"),
    NEED_RANGE("speed_mps", AT(flight.speed_min_mps), 0, 1000, "slowest and fastest, m/s"),
    NUMBER("accel_mps2", AT(flight.accel_mps2), 1e-3, 1000, 6, "largest acceleration, m/s^2"),
    NUMBER("spacing_m", AT(flight.spacing_m), 0, HUGE_M, 5, "crossing and boids: distance of neighbours, m"),
    END_OF_TABLE,
};
static const sv_json_field GROUP[] = {
    ENUM("class", REQUIRED, AT(object_class), CLASSES, "what they are"),
    NEED_INTEGER("count", AT(count), 0, 10000, "how many"),
    NEED_RANGE("size_m", AT(size_min_m), 0.001, 1000, "smallest and largest diameter, m"),
    OBJECT("contrast", KEEP, CONTRAST, "against the sky behind them"),
    NUMBER("flap_hz", AT(flap_hz), 0, 1000, 0, "wing beat; 0 none"),
    ROW("render", BOOL, DEFAULT, AT(render), 0, 1, 1, "false: truth is kept, nothing is drawn"),
    OBJECT("flight", REQUIRED, FLIGHT, "how they move"),
    END_OF_TABLE,
};
#undef AT

static const char *const EXPECT_OPS[] = {"min", "max", NULL};

static const sv_json_field EXPECT[] = {
    TEXT("name", REQUIRED, offsetof(sv_expect, name), 64, "key below summary in report.json"),
    ENUM("op", REQUIRED, offsetof(sv_expect, op), EXPECT_OPS,
         "the value is to be at least (min) or at most (max) the limit"),
    NEED_NUMBER("limit", offsetof(sv_expect, limit), -1e300, 1e300, "the limit"),
    END_OF_TABLE,
};

/* ---- the file ---- */

#define AT(member_) offsetof(sv_scenario, member_)

static const char *const EMITS[] = {"pixels", "detections", NULL};

static const sv_json_field ORIGIN[] = {
    NUMBER("lat_deg", AT(origin_lat_deg), -90, 90, 0, "WGS84 latitude of the world's origin, degrees"),
    NUMBER("lon_deg", AT(origin_lon_deg), -180, 180, 0, "WGS84 longitude, degrees"),
    NUMBER("h_m", AT(origin_h_m), -1000, 100000, 0, "height above the ellipsoid, m"),
    END_OF_TABLE,
};
static const sv_json_field CLOUD[] = {
    NUMBER("cover", AT(environment.cloud_cover), 0, 1, 0, "share of the sky"),
    NUMBER("mono_dn", AT(environment.cloud_mono_dn), -65535, 65535, 25, "densest cloud above sky, DN"),
    NUMBER("thermal_k", AT(environment.cloud_thermal_k), -1000, 1000, 3, "densest cloud above sky, K"),
    NUMBER("scale_deg", AT(environment.cloud_scale_deg), 0.01, 180, 8, "largest puffs, degrees"),
    NUMBER("speed_deg_s", AT(environment.cloud_speed_deg_s), 0, 90, 0.3, "drift, degrees per second"),
    END_OF_TABLE,
};
static const sv_json_field TERRAIN[] = {
    NUMBER("elevation_deg", AT(environment.terrain_deg), -90, 89, -90,
           "mean elevation of the terrain line, degrees; -90 none"),
    NUMBER("rough_deg", AT(environment.terrain_rough_deg), 0, 45, 0.5, "its roughness, degrees"),
    NUMBER("mono_dn", AT(environment.terrain_mono_dn), 0, 65535, 70, "level, DN"),
    NUMBER("thermal_k", AT(environment.terrain_thermal_k), -1000, 1000, 6, "above sky, K"),
    NUMBER("distance_m", AT(environment.terrain_distance_m), 0, HUGE_M, 6000,
           "farther objects below the line are hidden, m"),
    END_OF_TABLE,
};
static const sv_json_field ENVIRONMENT[] = {
    NUMBER("visibility_km", AT(environment.visibility_km), 0.01, 1000, 30, "meteorological visibility, km"),
    OBJECT("cloud", KEEP, CLOUD, "clouds"),
    OBJECT("terrain", KEEP, TERRAIN, "terrain line"),
    END_OF_TABLE,
};
static const sv_json_field DETECTION_MODEL[] = {
    NUMBER("centroid_sigma_px", AT(detection_model.centroid_sigma_px), 0, 100, 0.4, "centroid noise per axis, px"),
    NUMBER("false_alarms_per_px", AT(detection_model.false_alarms_per_px), 0, 0.01, 1e-6,
           "uniform, per pixel and frame"),
    NUMBER("cloud_clutter", AT(detection_model.cloud_clutter), 0, 100, 0.2, "additional share gathered at cloud edges"),
    NUMBER("snr_threshold", AT(detection_model.snr_threshold), 0, 100, 4.75, "Pd = Phi(SNR - this)"),
    END_OF_TABLE,
};
static const sv_json_field TABLES[] = {
    ROW("detections", BOOL, DEFAULT, AT(tables.detections), 0, 1, 1, "false: no detections.csv"),
    NUMBER("detections_snr", AT(tables.detections_snr), 0, 1000, 0,
           "only its rows from this SNR on, linked or not, and those of unknown SNR; 0: all"),
    END_OF_TABLE,
};
static const sv_json_field SCENARIO[] = {
    TEXT("name", REQUIRED, AT(name), 64, "short name"),
    TEXT("description", KEEP, AT(description), 512, "for people"),
    ROW("seed", UINT, DEFAULT, AT(seed), 0, 9007199254740991.0, 1, "of every random draw"),
    NEED_NUMBER("duration_s", AT(duration_s), 1e-3, 86400, "simulated time, s"),
    NEED_NUMBER("frame_rate_hz", AT(frame_rate_hz), 1e-3, 10000, "of cameras that do not say otherwise"),
    ENUM("emit", DEFAULT, AT(emit), EMITS, "what the generator delivers"),
    NUMBER("warmup_s", AT(warmup_s), 0, 86400, 0, "first seconds that are not scored"),
    INTEGER("coverage_sites", AT(coverage_sites), 1, 256, 3, "sites that must see a sample to count it"),
    NUMBER("gate_m", AT(gate_m), 1e-6, 1e6, 2, "scoring gate, m"),
    OBJECT("origin", KEEP, ORIGIN, "where the world's origin lies"),
    OBJECT("environment", KEEP, ENVIRONMENT, "air, clouds, terrain"),
    OBJECT("detection_model", KEEP, DETECTION_MODEL, "only for emit = detections"),
    CHILD("rig", REQUIRED, RIG, "the cameras"),
    ARRAY("targets", GROUP, 0, 256, "groups of wanted objects"),
    ARRAY("distractors", GROUP, 0, 256, "groups of unwanted objects"),
    CHILD("pipeline", KEEP, PIPELINE, "settings of every stage"),
    OBJECT("tables", KEEP, TABLES, "what a run writes; decides no result"),
    ARRAY("expect", EXPECT, 0, 256, "thresholds that decide the exit status"),
    END_OF_TABLE,
};
#undef AT

const sv_json_field *sv_pipeline_fields(void) {
    return PIPELINE;
}

const sv_json_field *sv_scenario_fields(void) {
    return SCENARIO;
}

const sv_json_field *sv_rig_fields(void) {
    return RIG;
}

const sv_json_field *sv_ring_fields(void) {
    return RING;
}

const sv_json_field *sv_camera_fields(void) {
    return CAMERA;
}

const sv_json_field *sv_camera_default_fields(void) {
    return CAMERA + N_POSE_FIELDS;
}

const sv_json_field *sv_group_fields(void) {
    return GROUP;
}

const sv_json_field *sv_expect_fields(void) {
    return EXPECT;
}
