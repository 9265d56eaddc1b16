/* Every key of a scenario file: one row each. scenarios/schema.json is written from these tables. */
#include <formats/scenario_fields.h>

#include <math.h>

#define HUGE_M 1e7

/* Rows are written key first; these name the columns that differ. */
#define NUMBER(key_, offset_, min_, max_, def_, doc_) \
    {.key = key_, .type = SV_JSON_NUMBER, .offset = offset_, .min = min_, .max = max_, .def = def_, .doc = doc_}
#define INTEGER(key_, offset_, min_, max_, def_, doc_) \
    {.key = key_, .type = SV_JSON_INT, .offset = offset_, .min = min_, .max = max_, .def = def_, .doc = doc_}
#define OBJECT(key_, sub_, doc_) {.key = key_, .type = SV_JSON_OBJECT, .sub = sub_, .doc = doc_}
#define CHILD(key_, sub_, doc_) {.key = key_, .type = SV_JSON_CHILD, .sub = sub_, .doc = doc_}
#define ARRAY(key_, sub_, n_min_, cap_, doc_) \
    {.key = key_, .type = SV_JSON_ARRAY, .sub = sub_, .n_min = n_min_, .cap = cap_, .doc = doc_}
#define KEEP_NUMBER(key_, offset_, min_, max_, doc_) \
    {.key = key_, .type = SV_JSON_NUMBER, .presence = SV_JSON_KEEP, .offset = offset_, .min = min_, .max = max_, .doc = doc_}
#define KEEP_INTEGER(key_, offset_, min_, max_, doc_) \
    {.key = key_, .type = SV_JSON_INT, .presence = SV_JSON_KEEP, .offset = offset_, .min = min_, .max = max_, .doc = doc_}
#define END_OF_TABLE {.type = SV_JSON_END}

/* ---- pipeline ---- */

#define AT(member_) offsetof(sv_config, member_)

static const sv_json_field SYNC[] = {
    KEEP_NUMBER("rate_hz", AT(sync.rate_hz), 1e-3, 10000, "frame sets per second; absent: the fastest camera's rate"),
    KEEP_NUMBER("max_wait_s", AT(sync.max_wait_s), 0, 60, "event time after which a set closes without its missing frames"),
    END_OF_TABLE,
};
static const sv_json_field POLARITY[] = {
    KEEP_INTEGER("mono", AT(detect.polarity[SV_MONO]), -1, 1, "0 both, 1 only brighter, -1 only darker than the background"),
    KEEP_INTEGER("thermal", AT(detect.polarity[SV_THERMAL]), -1, 1, "the same for thermal cameras"),
    END_OF_TABLE,
};
static const sv_json_field DETECT[] = {
    KEEP_NUMBER("snr_low", AT(detect.snr_low), 1, 100, "every candidate above this SNR is emitted"),
    KEEP_INTEGER("max_per_frame", AT(detect.max_per_frame), 1, 20000, "candidates per frame, strongest first"),
    KEEP_NUMBER("background_tau_s", AT(detect.background_tau_s), 0.01, 3600, "time constant of the running background, s"),
    KEEP_INTEGER("warmup_frames", AT(detect.warmup_frames), 0, 10000, "frames that only teach the background"),
    OBJECT("polarity", POLARITY, "sign of the contrast that is looked for, per modality"),
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
    KEEP_NUMBER("speed_max_mps", AT(voxel.speed_max_mps), 0, 10000, "rays of different times may miss by this times the difference, m/s"),
    END_OF_TABLE,
};
static const sv_json_field TRACK[] = {
    KEEP_NUMBER("accel_psd", AT(track.accel_psd), 0, 1e6, "white-acceleration power spectral density per axis, m^2/s^3"),
    KEEP_NUMBER("speed_sigma_mps", AT(track.speed_sigma_mps), 0, 10000, "1-sigma of the unknown speed at birth per axis, m/s"),
    KEEP_NUMBER("gate_p", AT(track.gate_p), 0.5, 0.9999999, "probability content of an association gate"),
    KEEP_NUMBER("snr_gate", AT(track.snr_gate), 0, 1000, "rays of known SNR below it are ignored inside gates too"),
    KEEP_NUMBER("gate_m", AT(track.gate_m), 1e-6, 1e12, "a track is not reported once its position sigma is larger, m"),
    KEEP_NUMBER("dormant_sigma_m", AT(track.dormant_sigma_m), 0, 1e12, "a dormant track is deleted beyond this position sigma, m"),
    KEEP_NUMBER("dormant_max_s", AT(track.dormant_max_s), 0, 3600, "or when nothing was associated for this long, s"),
    KEEP_NUMBER("confirm_existence", AT(track.confirm_existence), 0, 1, "reported from this existence probability on"),
    KEEP_NUMBER("delete_existence", AT(track.delete_existence), 0, 1, "deleted below it"),
    KEEP_NUMBER("survival_per_s", AT(track.survival_per_s), 1e-3, 1, "probability to live through one second"),
    KEEP_NUMBER("birth_existence", AT(track.birth_existence), 0, 1, "existence of a fresh track"),
    KEEP_NUMBER("pd_initial", AT(track.pd_initial), 0.001, 0.999, "detection probability per camera frame before it is learned"),
    KEEP_NUMBER("pd_min", AT(track.pd_min), 0.001, 0.999, "lower bound of the learned one"),
    KEEP_NUMBER("pd_max", AT(track.pd_max), 0.001, 0.999, "upper bound of the learned one"),
    KEEP_NUMBER("clutter_per_sr", AT(track.clutter_per_sr), 0, 1e12, "false rays per steradian and frame; 0: estimated"),
    KEEP_NUMBER("clutter_per_m3", AT(track.clutter_per_m3), 0, 1e12, "false points per cubic metre and scan; 0: estimated"),
    KEEP_NUMBER("robust_sigma", AT(track.robust_sigma), 0, 100, "innovations beyond this many sigmas weigh less; 0: off"),
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
    OBJECT("sync", SYNC, "frame sets"),
    OBJECT("detect", DETECT, "detector"),
    OBJECT("fuse", FUSE, "thermal and mono of a pair"),
    OBJECT("voxel", VOXEL, "ray consensus"),
    OBJECT("track", TRACK, "tracker"),
    OBJECT("caps", CAPS, "capacities: everything is allocated once"),
    END_OF_TABLE,
};
#undef AT

/* ---- rig ---- */

#define AT(member_) offsetof(sv_camera_text, member_)

static const char *const MODALITIES[] = {"mono", "thermal", NULL};

enum { N_POSE_FIELDS = 7 };

static const sv_json_field CAMERA[] = {
    {.key = "id", .type = SV_JSON_INT, .presence = SV_JSON_REQUIRED, .offset = AT(camera.id), .min = 0, .max = 1e9, .doc = "unique in the rig"},
    KEEP_INTEGER("pair", AT(camera.pair), 0, 1e9, "cameras of one pair look the same way; absent: the id"),
    KEEP_INTEGER("site", AT(camera.site), 0, 1e9, "cameras of one site give one baseline; absent: the pair"),
    {.key = "modality", .type = SV_JSON_ENUM, .presence = SV_JSON_REQUIRED, .offset = AT(camera.modality), .names = MODALITIES, .doc = "kind of sensor"},
    {.key = "position_m", .type = SV_JSON_VECTOR, .presence = SV_JSON_REQUIRED, .offset = AT(position_m), .n_min = 3, .cap = 3, .min = -HUGE_M, .max = HUGE_M, .doc = "centre, east north up, m"},
    {.key = "look_at_m", .type = SV_JSON_VECTOR, .presence = SV_JSON_KEEP, .offset = AT(look_at_m), .n_min = 3, .cap = 3, .min = -HUGE_M, .max = HUGE_M, .doc = "place that the optical axis points at, image horizontal, m"},
    {.key = "q_cw", .type = SV_JSON_VECTOR, .presence = SV_JSON_KEEP, .offset = AT(q_cw), .n_min = 4, .cap = 4, .min = -1, .max = 1, .doc = "instead of look_at_m: rotation world to camera, unit quaternion w x y z"},
    /* From here on the keys may stand in rig.defaults too. */
    INTEGER("width", AT(camera.width), 1, 16384, 0, "px"),
    INTEGER("height", AT(camera.height), 1, 16384, 0, "px"),
    INTEGER("bit_depth", AT(camera.bit_depth), 8, 16, 8, "bits per pixel"),
    NUMBER("hfov_deg", AT(hfov_deg), 0.01, 170, NAN, "horizontal field of view, degrees; or fx, fy, cx, cy"),
    NUMBER("fx", AT(camera.fx), 1e-3, 1e9, NAN, "focal length, px"),
    NUMBER("fy", AT(camera.fy), 1e-3, 1e9, NAN, "focal length, px; absent: fx"),
    NUMBER("cx", AT(camera.cx), -1e6, 1e6, NAN, "principal point, px; absent: the centre"),
    NUMBER("cy", AT(camera.cy), -1e6, 1e6, NAN, "principal point, px; absent: the centre"),
    {.key = "distortion", .type = SV_JSON_VECTOR, .presence = SV_JSON_KEEP, .offset = AT(camera.dist), .cap = SV_SCENARIO_DIST_CAP, .min = -1e6, .max = 1e6, .doc = "OpenCV's k1 k2 p1 p2 k3 k4 k5 k6; the rest is 0"},
    NUMBER("rate_hz", AT(camera.rate_hz), 1e-3, 10000, NAN, "frames per second; absent: frame_rate_hz"),
    NUMBER("row_ns", AT(camera.row_ns), 0, 1e9, 0, "rolling shutter: a row is exposed this much after the one above, ns"),
    NUMBER("sigma_px", AT(camera.sigma_px), 0, 1000, NAN, "centroid noise the tracker assumes; absent: detection_model.centroid_sigma_px"),
    NUMBER("sigma_pose_px", AT(camera.sigma_pose_px), 0, 1000, NAN, "pose error the tracker assumes; absent: root of pose_error_px^2 + shake_px^2"),
    NUMBER("sigma_time_s", AT(camera.sigma_time_s), 0, 10, NAN, "time error the tracker assumes, s; absent: clock_sigma_s"),
    NUMBER("blur_px", AT(sensor.psf_sigma_px), 0, 20, 0.7, "sigma of the lens blur, px"),
    NUMBER("gain_dn", AT(sensor.gain_dn), 0, 1000, 0, "variance of the shot noise per DN of signal"),
    NUMBER("read_noise_dn", AT(sensor.read_noise_dn), 0, 10000, 2, "sigma of the read noise, DN"),
    NUMBER("sky_dn", AT(sensor.sky_dn), 0, 65535, 160, "clear sky at the horizon, DN"),
    NUMBER("zenith_dn", AT(sensor.zenith_dn), 0, 65535, NAN, "clear sky straight up, DN; absent: sky_dn"),
    NUMBER("dn_per_k", AT(sensor.dn_per_k), 0, 65535, NAN, "thermal: DN per kelvin; absent: 40 (mono: 0)"),
    NUMBER("extinction_per_km", AT(sensor.extinction_per_km), 0, 1000, NAN, "contrast falls by exp(-this range); absent: 3.912 / visibility (thermal: 0.25)"),
    NUMBER("pose_error_px", AT(sensor.pose_error_px), 0, 1000, 0, "sigma of the true pose's static error per axis, px"),
    NUMBER("shake_px", AT(sensor.shake_px), 0, 1000, 0, "sigma of its error per frame, px"),
    NUMBER("clock_sigma_s", AT(sensor.clock_sigma_s), 0, 10, 0, "sigma of the static clock error, s"),
    NUMBER("range_max_m", AT(sensor.range_max_m), 1, HUGE_M, 5000, "stated range: coverage counts only within it, m"),
    END_OF_TABLE,
};
#undef AT

#define AT(member_) offsetof(sv_ring, member_)
static const sv_json_field RING[] = {
    {.key = "sites", .type = SV_JSON_INT, .presence = SV_JSON_REQUIRED, .offset = AT(sites), .min = 1, .max = 256, .doc = "one mono and one thermal camera each"},
    {.key = "radius_m", .type = SV_JSON_NUMBER, .presence = SV_JSON_REQUIRED, .offset = AT(radius_m), .min = 0.001, .max = HUGE_M, .doc = "of the circle round the origin, m"},
    NUMBER("height_m", AT(height_m), -HUGE_M, HUGE_M, 0, "of every camera, m"),
    {.key = "look_at_m", .type = SV_JSON_VECTOR, .presence = SV_JSON_REQUIRED, .offset = AT(look_at_m), .n_min = 3, .cap = 3, .min = -HUGE_M, .max = HUGE_M, .doc = "place that every camera points at, m"},
    NUMBER("first_azimuth_deg", AT(first_azimuth_deg), -360, 360, 0, "of site 0 as seen from the origin, clockwise from north, degrees"),
    END_OF_TABLE,
};
#undef AT

static const sv_json_field RIG_DEFAULTS[] = {
    CHILD("mono", CAMERA + N_POSE_FIELDS, "what mono cameras have unless they say otherwise"),
    CHILD("thermal", CAMERA + N_POSE_FIELDS, "what thermal cameras have unless they say otherwise"),
    END_OF_TABLE,
};
static const sv_json_field RIG[] = {
    {.key = "file", .type = SV_JSON_TEXT, .presence = SV_JSON_KEEP, .offset = offsetof(sv_rig_text, file), .cap = 256, .doc = "a file that holds the rig, relative to this one; stands alone"},
    CHILD("ring", RING, "cameras made on a circle, instead of cameras"),
    CHILD("defaults", RIG_DEFAULTS, "shared by the cameras of a modality"),
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
    {.key = "model", .type = SV_JSON_ENUM, .presence = SV_JSON_REQUIRED, .offset = AT(flight.model), .names = FLIGHT_MODELS, .doc = "how the group moves"},
    {.key = "box_m", .type = SV_JSON_BOX, .presence = SV_JSON_REQUIRED, .offset = AT(flight.box_min_m), .min = -HUGE_M, .max = HUGE_M, .doc = "low and high corner of the air space, m"},
    {.key = "speed_mps", .type = SV_JSON_RANGE, .presence = SV_JSON_REQUIRED, .offset = AT(flight.speed_min_mps), .min = 0, .max = 1000, .doc = "slowest and fastest, m/s"},
    NUMBER("accel_mps2", AT(flight.accel_mps2), 1e-3, 1000, 6, "largest acceleration, m/s^2"),
    NUMBER("spacing_m", AT(flight.spacing_m), 0, HUGE_M, 5, "crossing and boids: distance of neighbours, m"),
    END_OF_TABLE,
};
static const sv_json_field GROUP[] = {
    {.key = "class", .type = SV_JSON_ENUM, .presence = SV_JSON_REQUIRED, .offset = AT(object_class), .names = CLASSES, .doc = "what they are"},
    {.key = "count", .type = SV_JSON_INT, .presence = SV_JSON_REQUIRED, .offset = AT(count), .min = 0, .max = 10000, .doc = "how many"},
    {.key = "size_m", .type = SV_JSON_RANGE, .presence = SV_JSON_REQUIRED, .offset = AT(size_min_m), .min = 0.001, .max = 1000, .doc = "smallest and largest diameter, m"},
    OBJECT("contrast", CONTRAST, "against the sky behind them"),
    NUMBER("flap_hz", AT(flap_hz), 0, 1000, 0, "wing beat; 0 none"),
    {.key = "render", .type = SV_JSON_BOOL, .offset = AT(render), .def = 1, .doc = "false: truth is kept, nothing is drawn"},
    {.key = "flight", .type = SV_JSON_OBJECT, .presence = SV_JSON_REQUIRED, .sub = FLIGHT, .doc = "how they move"},
    END_OF_TABLE,
};
#undef AT

static const char *const EXPECT_OPS[] = {"min", "max", NULL};

static const sv_json_field EXPECT[] = {
    {.key = "name", .type = SV_JSON_TEXT, .presence = SV_JSON_REQUIRED, .offset = offsetof(sv_expect, name), .cap = 64, .doc = "key below summary in report.json"},
    {.key = "op", .type = SV_JSON_ENUM, .presence = SV_JSON_REQUIRED, .offset = offsetof(sv_expect, op), .names = EXPECT_OPS, .doc = "the value is to be at least (min) or at most (max) the limit"},
    {.key = "limit", .type = SV_JSON_NUMBER, .presence = SV_JSON_REQUIRED, .offset = offsetof(sv_expect, limit), .min = -1e300, .max = 1e300, .doc = "the limit"},
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
    NUMBER("elevation_deg", AT(environment.terrain_deg), -90, 89, -90, "mean elevation of the terrain line, degrees; -90 none"),
    NUMBER("rough_deg", AT(environment.terrain_rough_deg), 0, 45, 0.5, "its roughness, degrees"),
    NUMBER("mono_dn", AT(environment.terrain_mono_dn), 0, 65535, 70, "level, DN"),
    NUMBER("thermal_k", AT(environment.terrain_thermal_k), -1000, 1000, 6, "above sky, K"),
    NUMBER("distance_m", AT(environment.terrain_distance_m), 0, HUGE_M, 6000, "farther objects below the line are hidden, m"),
    END_OF_TABLE,
};
static const sv_json_field ENVIRONMENT[] = {
    NUMBER("visibility_km", AT(environment.visibility_km), 0.01, 1000, 30, "meteorological visibility, km"),
    OBJECT("cloud", CLOUD, "clouds"),
    OBJECT("terrain", TERRAIN, "terrain line"),
    END_OF_TABLE,
};
static const sv_json_field DETECTION_MODEL[] = {
    NUMBER("centroid_sigma_px", AT(detection_model.centroid_sigma_px), 0, 100, 0.4, "centroid noise per axis, px"),
    NUMBER("false_alarms_per_px", AT(detection_model.false_alarms_per_px), 0, 0.01, 1e-6, "uniform, per pixel and frame"),
    NUMBER("cloud_clutter", AT(detection_model.cloud_clutter), 0, 100, 0.2, "additional share gathered at cloud edges"),
    NUMBER("snr_threshold", AT(detection_model.snr_threshold), 0, 100, 4.75, "Pd = Phi(SNR - this)"),
    END_OF_TABLE,
};
static const sv_json_field SCENARIO[] = {
    {.key = "name", .type = SV_JSON_TEXT, .presence = SV_JSON_REQUIRED, .offset = AT(name), .cap = 64, .doc = "short name"},
    {.key = "description", .type = SV_JSON_TEXT, .presence = SV_JSON_KEEP, .offset = AT(description), .cap = 512, .doc = "for people"},
    {.key = "seed", .type = SV_JSON_UINT, .offset = AT(seed), .min = 0, .max = 9007199254740991.0, .def = 1, .doc = "of every random draw"},
    {.key = "duration_s", .type = SV_JSON_NUMBER, .presence = SV_JSON_REQUIRED, .offset = AT(duration_s), .min = 1e-3, .max = 86400, .doc = "simulated time, s"},
    {.key = "frame_rate_hz", .type = SV_JSON_NUMBER, .presence = SV_JSON_REQUIRED, .offset = AT(frame_rate_hz), .min = 1e-3, .max = 10000, .doc = "of cameras that do not say otherwise"},
    {.key = "emit", .type = SV_JSON_ENUM, .offset = AT(emit), .names = EMITS, .doc = "what the generator delivers"},
    NUMBER("warmup_s", AT(warmup_s), 0, 86400, 0, "first seconds that are not scored"),
    INTEGER("coverage_sites", AT(coverage_sites), 1, 256, 3, "sites that must see a sample to count it"),
    NUMBER("gate_m", AT(gate_m), 1e-6, 1e6, 2, "scoring gate, m"),
    OBJECT("origin", ORIGIN, "where the world's origin lies"),
    OBJECT("environment", ENVIRONMENT, "air, clouds, terrain"),
    OBJECT("detection_model", DETECTION_MODEL, "only for emit = detections"),
    {.key = "rig", .type = SV_JSON_CHILD, .presence = SV_JSON_REQUIRED, .sub = RIG, .doc = "the cameras"},
    ARRAY("targets", GROUP, 0, 256, "groups of wanted objects"),
    ARRAY("distractors", GROUP, 0, 256, "groups of unwanted objects"),
    CHILD("pipeline", PIPELINE, "settings of every stage"),
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
