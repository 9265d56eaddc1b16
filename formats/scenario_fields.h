/** The tables behind a scenario file; inside formats only. */
#ifndef FORMATS_SCENARIO_FIELDS_H
#define FORMATS_SCENARIO_FIELDS_H

#include <formats/json_table.h>
#include <formats/scenario.h>

enum { SV_SCENARIO_CAMERAS_CAP = 1024, SV_SCENARIO_DIST_CAP = 8 };

/** A camera as it is written, before intrinsics and pose are worked out. NaN: not given. */
typedef struct sv_camera_text {
    sv_camera camera;
    sv_sensor sensor;
    double hfov_deg;
    double position_m[3], look_at_m[3];
    double q_cw[4]; /* wxyz */
} sv_camera_text;

/** One mono + one thermal camera per site, at equal angles on a circle round the origin. */
typedef struct sv_ring {
    int32_t sites;
    double radius_m, height_m;
    double look_at_m[3];
    double first_azimuth_deg;
} sv_ring;

/** Keys that a rig file or "rig" may hold. */
typedef struct sv_rig_text {
    char file[256]; /* "" none */
} sv_rig_text;

const sv_json_field *sv_scenario_fields(void);
const sv_json_field *sv_rig_fields(void);
const sv_json_field *sv_ring_fields(void);
const sv_json_field *sv_camera_fields(void);
/** Those that "rig.defaults.mono" and ".thermal" may hold: the tail of sv_camera_fields. */
const sv_json_field *sv_camera_default_fields(void);
const sv_json_field *sv_group_fields(void);
const sv_json_field *sv_expect_fields(void);

/**
 * Bring the rig of a scenario tree into the form {defaults, cameras}: a ring becomes cameras.
 * Errors: SV_ERR_INPUT, SV_ERR_NOMEM.
 */
sv_status sv_scenario_expand_ring(sv_json *root, const char *name);
/** Read cameras and sensors of a scenario whose other top-level fields are set. Errors: SV_ERR_INPUT, SV_ERR_NOMEM. */
sv_status sv_scenario_read_rig(sv_scenario *scenario, const sv_json *root, const char *name);

#endif
