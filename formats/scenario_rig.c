/* The rig of a scenario: ring to cameras, defaults, intrinsics, pose. */
#include <formats/scenario_fields.h>
#include <skyvox/camera.h>
#include <skyvox/math.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double RAD_PER_DEG = SV_PI / 180.0;

/* Koschmieder: contrast falls to 2 % at the visibility. */
static const double KOSCHMIEDER = 3.912;

/* ---- ring ---- */

static sv_json *make_camera(int32_t id, int32_t site, const char *modality, sv_vec3 position, const double look_at[3]) {
    sv_json *camera = sv_json_make_object();
    bool done = sv_json_add(camera, "id", sv_json_make_number(id)) == SV_OK &&
                sv_json_add(camera, "pair", sv_json_make_number(site)) == SV_OK &&
                sv_json_add(camera, "site", sv_json_make_number(site)) == SV_OK &&
                sv_json_add(camera, "modality", sv_json_make_text(modality)) == SV_OK &&
                sv_json_add(camera, "position_m", sv_json_make_vec3(position.x, position.y, position.z)) == SV_OK &&
                sv_json_add(camera, "look_at_m", sv_json_make_vec3(look_at[0], look_at[1], look_at[2])) == SV_OK;
    if (!done) {
        sv_json_destroy(camera);
        return NULL;
    }
    return camera;
}

static sv_status add_site(sv_json *cameras, const sv_ring *ring, int32_t site) {
    double sine, cosine;
    sv_sincos(&sine, &cosine, (ring->first_azimuth_deg + 360.0 * site / ring->sites) * RAD_PER_DEG);
    sv_vec3 position = sv_vec3_make(ring->radius_m * sine, ring->radius_m * cosine, ring->height_m);
    sv_status status = sv_json_add(cameras, NULL, make_camera(2 * site, site, "mono", position, ring->look_at_m));
    if (status < 0) {
        return status;
    }
    return sv_json_add(cameras, NULL, make_camera(2 * site + 1, site, "thermal", position, ring->look_at_m));
}

sv_status sv_scenario_expand_ring(sv_json *root, const char *name) {
    sv_json *rig = sv_json_get(root, "rig");
    const sv_json *text = sv_json_get(rig, "ring");
    if (text == NULL) {
        return SV_OK;
    }
    sv_json_place top = {.file = name};
    sv_json_place rig_place = {.file = name, .up = &top, .key = "rig"};
    sv_json_place place = {.file = name, .up = &rig_place, .key = "ring"};
    if (sv_json_get(rig, "cameras") != NULL) {
        return sv_json_fail(&place, NULL, "a rig has either a ring or cameras, not both");
    }
    sv_ring ring;
    sv_status status = sv_json_bind(&ring, sv_ring_fields(), &place, text, NULL, false);
    if (status < 0) {
        return status;
    }
    sv_json *cameras = sv_json_make_array();
    for (int32_t site = 0; site < ring.sites && status == SV_OK; site++) {
        status = add_site(cameras, &ring, site);
    }
    if (status < 0) {
        sv_json_destroy(cameras);
        return status;
    }
    return sv_json_add(rig, "cameras", cameras);
}

/* ---- one camera ---- */

static double or_else(double value, double otherwise) {
    return isnan(value) ? otherwise : value;
}

/* Field of view or focal lengths; a camera's own choice beats the defaults'. */
static sv_status finish_intrinsics(sv_camera_text *text, const sv_json_place *place, const sv_json *own) {
    sv_camera *camera = &text->camera;
    if (camera->width == 0 || camera->height == 0) {
        return sv_json_fail(place, camera->width == 0 ? "width" : "height",
                            "missing, expected an integer from 1 to 16384 here or in rig.defaults");
    }
    bool own_fov = sv_json_get(own, "hfov_deg") != NULL;
    bool own_focal = sv_json_get(own, "fx") != NULL;
    if (own_fov && own_focal) {
        return sv_json_fail(place, "hfov_deg", "a camera has either hfov_deg or fx, not both");
    }
    if (!isnan(text->hfov_deg) && !own_focal) {
        camera->fx = camera->width / 2.0 / sv_tan(text->hfov_deg / 2.0 * RAD_PER_DEG);
        camera->fy = camera->fx;
    }
    if (isnan(camera->fx)) {
        return sv_json_fail(place, "hfov_deg", "missing, expected hfov_deg or fx here or in rig.defaults");
    }
    camera->fy = or_else(camera->fy, camera->fx);
    camera->cx = or_else(camera->cx, (camera->width - 1) / 2.0);
    camera->cy = or_else(camera->cy, (camera->height - 1) / 2.0);
    return SV_OK;
}

static sv_status finish_pose(sv_camera_text *text, const sv_json_place *place) {
    sv_camera *camera = &text->camera;
    bool has_look_at = !isnan(text->look_at_m[0]);
    bool has_rotation = !isnan(text->q_cw[0]);
    if (has_look_at == has_rotation) {
        return sv_json_fail(place, NULL, "expected %s",
                            has_look_at ? "only one of look_at_m and q_cw" : "look_at_m or q_cw");
    }
    camera->c_w = sv_vec3_make(text->position_m[0], text->position_m[1], text->position_m[2]);
    if (has_look_at) {
        sv_vec3 target = sv_vec3_make(text->look_at_m[0], text->look_at_m[1], text->look_at_m[2]);
        sv_status status = sv_camera_look_at(&camera->R_cw, camera->c_w, target);
        return status < 0 ? sv_json_fail(place, "look_at_m",
                                         "found the camera's own place or a vertical line of sight; "
                                         "give q_cw instead")
                          : SV_OK;
    }
    sv_quat q = {.w = text->q_cw[0], .x = text->q_cw[1], .y = text->q_cw[2], .z = text->q_cw[3]};
    double norm2 = q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z;
    if (!(norm2 > 0.998 && norm2 < 1.002)) {
        return sv_json_fail(place, "q_cw", "expected a unit quaternion w x y z (its squared length is %.3f)", norm2);
    }
    camera->R_cw = sv_mat3_from_quat(sv_quat_unit(q));
    return SV_OK;
}

static void finish_sensor(sv_camera_text *text, const sv_scenario *scenario) {
    sv_camera *camera = &text->camera;
    sv_sensor *sensor = &text->sensor;
    bool thermal = camera->modality == SV_THERMAL;
    camera->rate_hz = or_else(camera->rate_hz, scenario->frame_rate_hz);
    camera->sigma_px = or_else(camera->sigma_px, scenario->detection_model.centroid_sigma_px);
    camera->sigma_pose_px = or_else(camera->sigma_pose_px, sqrt(sensor->pose_error_px * sensor->pose_error_px +
                                                                sensor->shake_px * sensor->shake_px));
    camera->sigma_time_s = or_else(camera->sigma_time_s, sensor->clock_sigma_s);
    sensor->zenith_dn = or_else(sensor->zenith_dn, sensor->sky_dn);
    sensor->dn_per_k = or_else(sensor->dn_per_k, thermal ? 40.0 : 0.0);
    sensor->extinction_per_km =
        or_else(sensor->extinction_per_km, thermal ? 0.25 : KOSCHMIEDER / scenario->environment.visibility_km);
}

static sv_status read_camera(sv_camera *camera, sv_sensor *sensor, const sv_scenario *scenario, const sv_json *rig,
                             const sv_json *item, const sv_json_place *place) {
    sv_camera_text text = {.camera = {.pair = -1, .site = -1}, .look_at_m = {NAN}, .q_cw = {NAN}};
    /* The modality says which defaults hold, so the camera alone is read first. */
    sv_status status = sv_json_bind(&text, sv_camera_fields(), place, item, NULL, false);
    if (status < 0) {
        return status;
    }
    const sv_json *defaults = sv_json_get(rig, "defaults");
    status = sv_json_bind(&text, sv_camera_fields(), place, item,
                          sv_json_get(defaults, text.camera.modality == SV_THERMAL ? "thermal" : "mono"), false);
    status = status < 0 ? status : finish_intrinsics(&text, place, item);
    status = status < 0 ? status : finish_pose(&text, place);
    if (status < 0) {
        return status;
    }
    finish_sensor(&text, scenario);
    text.camera.pair = text.camera.pair < 0 ? text.camera.id : text.camera.pair;
    text.camera.site = text.camera.site < 0 ? text.camera.pair : text.camera.site;
    *camera = text.camera;
    *sensor = text.sensor;
    return sv_camera_check(camera) < 0 ? sv_json_blame(place) : SV_OK;
}

/* ---- all of them ---- */

/* Checks rig.defaults even where no camera uses them. */
static sv_status check_defaults(const sv_json *rig, const sv_json_place *rig_place) {
    const sv_json *defaults = sv_json_get(rig, "defaults");
    sv_json_place place = {.file = rig_place->file, .up = rig_place, .key = "defaults"};
    const char *const modalities[] = {"mono", "thermal"};
    for (int i = 0; i < 2; i++) {
        const sv_json *item = sv_json_get(defaults, modalities[i]);
        sv_json_place below = {.file = place.file, .up = &place, .key = modalities[i]};
        sv_camera_text unused;
        sv_status status =
            item == NULL ? SV_OK : sv_json_bind(&unused, sv_camera_default_fields(), &below, item, NULL, false);
        if (status == SV_OK && sv_json_get(item, "hfov_deg") != NULL && sv_json_get(item, "fx") != NULL) {
            status = sv_json_fail(&below, "hfov_deg", "defaults have either hfov_deg or fx, not both");
        }
        if (status < 0) {
            return status;
        }
    }
    return SV_OK;
}

static sv_status check_ids(const sv_camera *camera, int32_t n, const sv_json_place *cameras) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < i; j++) {
            if (camera[i].id == camera[j].id) {
                sv_json_place place = {.file = cameras->file, .up = cameras, .index = i};
                return sv_json_fail(&place, "id", "found %d, which rig.cameras.%d.id already is", (int)camera[i].id,
                                    (int)j);
            }
        }
    }
    return SV_OK;
}

sv_status sv_scenario_read_rig(sv_scenario *scenario, const sv_json *root, const char *name) {
    const sv_json *rig = sv_json_get(root, "rig");
    sv_json_place top = {.file = name};
    sv_json_place place = {.file = name, .up = &top, .key = "rig"};
    sv_json_place cameras_place = {.file = name, .up = &place, .key = "cameras"};
    sv_rig_text text = {.file = ""};
    sv_status status = sv_json_bind(&text, sv_rig_fields(), &place, rig, NULL, false);
    status = status < 0 ? status : check_defaults(rig, &place);
    if (status < 0) {
        return status;
    }
    const sv_json *cameras = sv_json_get(rig, "cameras");
    int32_t n = sv_json_size(cameras);
    if (n == 0) {
        return sv_json_fail(&cameras_place, NULL, "missing, expected at least one camera, a ring or a file");
    }
    sv_camera *camera = calloc((size_t)n, sizeof *camera);
    scenario->config.camera = camera;
    scenario->sensor = calloc((size_t)n, sizeof *scenario->sensor);
    if (camera == NULL || scenario->sensor == NULL) {
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", name);
    }
    scenario->config.n_cameras = n;
    for (int32_t i = 0; i < n && status == SV_OK; i++) {
        sv_json_place below = {.file = name, .up = &cameras_place, .index = i};
        status = read_camera(&camera[i], &scenario->sensor[i], scenario, rig, sv_json_at(cameras, i), &below);
    }
    return status < 0 ? status : check_ids(camera, n, &cameras_place);
}
