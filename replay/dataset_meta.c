/* cameras.json and dataset.json: the only files that the tracker's settings are made from. */
#include <replay/dataset_parts.h>
#include <skyvox/camera.h>
#include <skyvox/math.h>

#include <math.h>
#include <stdlib.h>

enum { CAMERAS_CAP = 1024 };

#define AT(member_) offsetof(sv_dataset_meta, member_)

static const char *const KINDS[] = {"detections", "points", NULL};

static const sv_json_field META[] = {
    {.key = "name", .type = SV_JSON_TEXT, .presence = SV_JSON_KEEP, .offset = AT(name), .cap = 64},
    {.key = "kind", .type = SV_JSON_ENUM, .presence = SV_JSON_KEEP, .offset = AT(kind), .names = KINDS},
    {.key = "scan_rate_hz", .type = SV_JSON_NUMBER, .offset = AT(scan_rate_hz), .min = 1e-3, .max = 10000, .def = NAN},
    {.key = "sigma_m", .type = SV_JSON_NUMBER, .offset = AT(sigma_m), .min = 1e-6, .max = 1e6, .def = NAN},
    {.key = "pd", .type = SV_JSON_NUMBER, .offset = AT(pd), .min = 0, .max = 1, .def = NAN},
    {.key = "clutter_per_scan",
     .type = SV_JSON_NUMBER,
     .offset = AT(clutter_per_scan),
     .min = 0,
     .max = 1e9,
     .def = NAN},
    {.key = "volume_m",
     .type = SV_JSON_INTERVALS,
     .presence = SV_JSON_KEEP,
     .offset = AT(volume_m),
     .min = -1e9,
     .max = 1e9},
    {.key = "process_noise_q_m2_s3",
     .type = SV_JSON_NUMBER,
     .offset = AT(process_noise_q_m2_s3),
     .min = 0,
     .max = 1e6,
     .def = NAN},
    {.key = "warmup_s", .type = SV_JSON_NUMBER, .offset = AT(warmup_s), .min = 0, .max = 86400, .def = 0},
    {.key = "gate_m", .type = SV_JSON_NUMBER, .offset = AT(gate_m), .min = 1e-6, .max = 1e6, .def = 2},
    {.key = "pipeline", .type = SV_JSON_CHILD, .presence = SV_JSON_KEEP},
    {.type = SV_JSON_END},
};
#undef AT

#define AT(member_) offsetof(sv_dataset_camera, member_)
#define REQUIRED_NUMBER(key_, offset_, min_, max_)                                                                     \
    { .key = key_, .type = SV_JSON_NUMBER, .presence = SV_JSON_REQUIRED, .offset = offset_, .min = min_, .max = max_ }
#define REQUIRED_INTEGER(key_, offset_, min_, max_)                                                                    \
    { .key = key_, .type = SV_JSON_INT, .presence = SV_JSON_REQUIRED, .offset = offset_, .min = min_, .max = max_ }
#define COEFFICIENT(key_, i_)                                                                                          \
    { .key = key_, .type = SV_JSON_NUMBER, .offset = AT(camera.dist[i_]), .min = -1e6, .max = 1e6 }

static const sv_json_field CAMERA[] = {
    REQUIRED_INTEGER("id", AT(camera.id), 0, 1e9),
    REQUIRED_INTEGER("width", AT(camera.width), 1, 16384),
    REQUIRED_INTEGER("height", AT(camera.height), 1, 16384),
    REQUIRED_NUMBER("fx", AT(camera.fx), 1e-3, 1e9),
    REQUIRED_NUMBER("fy", AT(camera.fy), 1e-3, 1e9),
    REQUIRED_NUMBER("cx", AT(camera.cx), -1e6, 1e6),
    REQUIRED_NUMBER("cy", AT(camera.cy), -1e6, 1e6),
    COEFFICIENT("k1", 0),
    COEFFICIENT("k2", 1),
    COEFFICIENT("p1", 2),
    COEFFICIENT("p2", 3),
    COEFFICIENT("k3", 4),
    COEFFICIENT("k4", 5),
    COEFFICIENT("k5", 6),
    COEFFICIENT("k6", 7),
    {.key = "position_m",
     .type = SV_JSON_VECTOR,
     .presence = SV_JSON_REQUIRED,
     .offset = AT(position_m),
     .n_min = 3,
     .cap = 3,
     .min = -1e7,
     .max = 1e7},
    {.key = "q_world_to_camera_wxyz",
     .type = SV_JSON_VECTOR,
     .presence = SV_JSON_REQUIRED,
     .offset = AT(q_cw),
     .n_min = 4,
     .cap = 4,
     .min = -1.001,
     .max = 1.001},
    REQUIRED_NUMBER("fps", AT(camera.rate_hz), 1e-3, 10000),
    {.key = "readout_s", .type = SV_JSON_NUMBER, .offset = AT(readout_s), .min = 0, .max = 10},
    {.key = "variable_frame_rate", .type = SV_JSON_BOOL, .offset = AT(variable_frame_rate)},
    {.key = "fit_reproj_px_median_p90",
     .type = SV_JSON_VECTOR,
     .presence = SV_JSON_KEEP,
     .offset = AT(reproj_px),
     .n_min = 2,
     .cap = 2,
     .min = 0,
     .max = 1e6},
    {.type = SV_JSON_END},
};
#undef AT

static const sv_json_field CAMERAS[] = {
    {.key = "cameras",
     .type = SV_JSON_ARRAY,
     .presence = SV_JSON_REQUIRED,
     .sub = CAMERA,
     .n_min = 1,
     .cap = CAMERAS_CAP},
    {.type = SV_JSON_END},
};

/* Unknown keys are notes of whoever made the folder, so tables are read open. */
static sv_status read_camera(sv_camera *out, const sv_json *item, const sv_json_place *place, int32_t index) {
    sv_dataset_camera text = {.reproj_px = {NAN}};
    sv_status status = sv_json_bind(&text, CAMERA, place, item, NULL, true);
    if (status < 0) {
        return status;
    }
    sv_quat q = {.w = text.q_cw[0], .x = text.q_cw[1], .y = text.q_cw[2], .z = text.q_cw[3]};
    double norm2 = q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z;
    if (!(norm2 > 0.998 && norm2 < 1.002)) {
        return sv_json_fail(place, "q_world_to_camera_wxyz", "expected a unit quaternion (its squared length is %.3f)",
                            norm2);
    }
    sv_camera *camera = &text.camera;
    camera->pair = index;
    camera->site = index;
    camera->modality = SV_MONO;
    camera->bit_depth = 8;
    camera->c_w = sv_vec3_make(text.position_m[0], text.position_m[1], text.position_m[2]);
    camera->R_cw = sv_mat3_from_quat(sv_quat_unit(q));
    camera->row_ns = text.readout_s * 1e9 / camera->height;
    sv_dataset_default_camera(camera, &text);
    *out = *camera;
    return sv_camera_check(camera) < 0 ? sv_json_blame(place) : SV_OK;
}

static sv_status read_cameras(sv_dataset *dataset, const sv_json *root, const char *name) {
    sv_json_place top = {.file = name};
    sv_json_place place = {.file = name, .up = &top, .key = "cameras"};
    sv_dataset_camera unused;
    sv_status status = sv_json_bind(&unused, CAMERAS, &top, root, NULL, true);
    if (status < 0) {
        return status;
    }
    const sv_json *cameras = sv_json_get(root, "cameras");
    int32_t n = sv_json_size(cameras);
    dataset->camera = calloc((size_t)n, sizeof *dataset->camera);
    if (dataset->camera == NULL) {
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", name);
    }
    dataset->config.camera = dataset->camera;
    dataset->config.n_cameras = n;
    for (int32_t i = 0; i < n && status == SV_OK; i++) {
        sv_json_place below = {.file = name, .up = &place, .index = i};
        status = read_camera(&dataset->camera[i], sv_json_at(cameras, i), &below, i);
        for (int32_t j = 0; j < i && status == SV_OK; j++) {
            if (dataset->camera[j].id == dataset->camera[i].id) {
                status = sv_json_fail(&below, "id", "found %d, which cameras.%d.id already is",
                                      (int)dataset->camera[i].id, (int)j);
            }
        }
    }
    return status;
}

static sv_status check_points(const sv_dataset *dataset, const sv_json_place *top) {
    if (isnan(dataset->meta.scan_rate_hz)) {
        return sv_json_fail(top, "scan_rate_hz", "missing, expected a number from 0.001 to 10000");
    }
    return SV_OK;
}

sv_status sv_dataset_read_meta(sv_dataset *dataset, const sv_dataset_files *files) {
    sv_json_place top = {.file = files->dataset_name};
    sv_json_place place = {.file = files->dataset_name, .up = &top, .key = "pipeline"};
    sv_dataset_meta *meta = &dataset->meta;
    meta->kind = files->cameras != NULL ? SV_DATASET_DETECTIONS : SV_DATASET_POINTS;
    meta->volume_m[0] = NAN;
    sv_dataset_kind kind = meta->kind;
    dataset->config = sv_config_default();
    sv_status status = sv_json_bind(meta, META, &top, files->dataset, NULL, true);
    if (status == SV_OK && meta->kind != kind) {
        status = sv_json_fail(&top, "kind", "found \"%s\", but the folder holds %s", KINDS[meta->kind],
                              kind == SV_DATASET_DETECTIONS ? "cameras.json" : "no cameras.json");
    }
    if (status == SV_OK) {
        status = kind == SV_DATASET_DETECTIONS ? read_cameras(dataset, files->cameras, files->cameras_name)
                                               : check_points(dataset, &top);
    }
    if (status < 0) {
        return status;
    }
    sv_dataset_default_config(&dataset->config, meta);
    status = sv_json_bind(&dataset->config, sv_pipeline_fields(), &place, sv_json_get(files->dataset, "pipeline"), NULL,
                          false);
    return status == SV_OK && sv_config_check(&dataset->config) < 0 ? sv_json_blame(&top) : status;
}
