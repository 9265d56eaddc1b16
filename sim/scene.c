#include <math.h>
#include <sim/scene.h>
#include <skyvox/camera.h>
#include <skyvox/math.h>
#include <skyvox/render_ops.h>
#include <skyvox/rng.h>
#include <stdlib.h>

static const double FLAP_SIZE = 0.25;     /* wing beat: +- share of the size */
static const double FLAP_CONTRAST = 0.35; /* and of the contrast */
static const double REACH_SIGMA = 4;      /* objects whose blur reaches the image are drawn */

/* ---- creation ---- */

static sv_status make_objects(sv_scene *scene) {
    const sv_scenario *scenario = scene->scenario;
    for (int32_t k = 0; k < scenario->n_groups; k++)
        scene->n_objects += scenario->group[k].count;
    scene->object = calloc((size_t)scene->n_objects + 1, sizeof *scene->object);
    if (!scene->object)
        return sv_fail(SV_ERR_NOMEM, "out of memory for objects");
    sv_scene_object *object = scene->object;
    for (int32_t k = 0; k < scenario->n_groups; k++) {
        const sv_object_group *group = &scenario->group[k];
        for (int32_t i = 0; i < group->count; i++, object++) {
            uint64_t stream = sv_rng_stream(SV_RNG_OBJECT, sv_flights_stream_index(k, i));
            object->group = group;
            object->size_m =
                group->size_min_m + (group->size_max_m - group->size_min_m) * sv_rng_uniform(scenario->seed, stream, 0);
            object->flap_phase = sv_rng_uniform(scenario->seed, stream, 1);
        }
    }
    return SV_OK;
}

static int32_t dense_site(const sv_scene *scene, int32_t i_camera) {
    const sv_camera *camera = scene->scenario->config.camera;
    for (int32_t k = 0; k < i_camera; k++) {
        if (camera[k].site == camera[i_camera].site)
            return scene->camera[k].i_site;
    }
    return scene->n_sites;
}

static sv_status make_camera(sv_scene *scene, int32_t i) {
    const sv_scenario *scenario = scene->scenario;
    const sv_sensor *sensor = &scenario->sensor[i];
    sv_scene_camera *camera = &scene->camera[i];
    if (!(sensor->psf_sigma_px >= 0.05 && sensor->psf_sigma_px <= 10))
        return sv_fail(SV_ERR_ARG, "rig.cameras.%d.blur_px must lie in 0.05 .. 10", (int)i);
    camera->nominal = &scenario->config.camera[i];
    if (camera->nominal->rate_hz != scenario->frame_rate_hz)
        return sv_fail(SV_ERR_ARG, "rig.cameras.%d.rate_hz must equal frame_rate_hz in a simulation", (int)i);
    camera->sensor = sensor;
    camera->truth = *camera->nominal;
    camera->i_site = dense_site(scene, i);
    scene->n_sites += camera->i_site == scene->n_sites;
    camera->extinction_per_m = sensor->extinction_per_km / 1000;

    /* A turn about the camera's x axis moves the image along v, about y along u. */
    uint64_t pose = sv_rng_stream(SV_RNG_POSE, (uint32_t)i);
    double e_u = sensor->pose_error_px * sv_rng_normal(scenario->seed, pose, 0);
    double e_v = sensor->pose_error_px * sv_rng_normal(scenario->seed, pose, 1);
    sv_mat3 turn = sv_mat3_from_rotvec(sv_vec3_make(e_v / camera->nominal->fy, e_u / camera->nominal->fx, 0));
    camera->truth.R_cw = sv_mat3_mul(&turn, &camera->nominal->R_cw);
    double clock = sensor->clock_sigma_s * sv_rng_normal(scenario->seed, sv_rng_stream(SV_RNG_CLOCK, (uint32_t)i), 0);
    camera->clock_ns = sv_time_from_s(clock);

    for (int32_t k = 0; k < i; k++) {
        if (scene->camera[k].norm.sigma_px == sensor->psf_sigma_px) {
            camera->norm = scene->camera[k].norm;
            return SV_OK;
        }
    }
    sv_splat_norm_make(&camera->norm, sensor->psf_sigma_px);
    return SV_OK;
}

static sv_status make_arrays(sv_scene *scene) {
    size_t cameras = (size_t)scene->n_cameras, objects = (size_t)scene->n_objects + 1;
    scene->view = calloc(cameras * objects, sizeof *scene->view);
    scene->n_views = calloc(cameras + 1, sizeof *scene->n_views);
    scene->covered_m = calloc(cameras * objects, sizeof *scene->covered_m);
    scene->site_m = calloc((size_t)scene->n_sites + 1, sizeof *scene->site_m);
    scene->sample = calloc(objects, sizeof *scene->sample);
    scene->truth_view = calloc(cameras * objects, sizeof *scene->truth_view);
    if (!scene->view || !scene->n_views || !scene->covered_m || !scene->site_m || !scene->sample || !scene->truth_view)
        return sv_fail(SV_ERR_NOMEM, "out of memory for views");
    return SV_OK;
}

static sv_status fill_scene(sv_scene *scene) {
    sv_status status = make_objects(scene);
    if (status == SV_OK)
        status = sv_flights_create(&scene->flights, scene->scenario);
    if (status == SV_OK)
        status = sv_world_create(&scene->world, scene->scenario);
    for (int32_t i = 0; status == SV_OK && i < scene->n_cameras; i++)
        status = make_camera(scene, i);
    return status == SV_OK ? make_arrays(scene) : status;
}

sv_status sv_scene_create(sv_scene **out, const sv_scenario *scenario, sv_team *team) {
    *out = NULL;
    sv_scene *scene = calloc(1, sizeof *scene);
    if (!scene)
        return sv_fail(SV_ERR_NOMEM, "out of memory for the scene");
    scene->scenario = scenario;
    scene->team = team;
    scene->set = -1;
    scene->n_cameras = scenario->config.n_cameras;
    scene->camera = calloc((size_t)scene->n_cameras + 1, sizeof *scene->camera);
    sv_status status = scene->camera ? fill_scene(scene) : sv_fail(SV_ERR_NOMEM, "out of memory for cameras");
    if (status != SV_OK) {
        sv_scene_destroy(scene);
        return status;
    }
    *out = scene;
    return SV_OK;
}

void sv_scene_destroy(sv_scene *scene) {
    if (!scene)
        return;
    sv_flights_destroy(scene->flights);
    sv_world_destroy(scene->world);
    free(scene->object);
    free(scene->camera);
    free(scene->view);
    free(scene->n_views);
    free(scene->covered_m);
    free(scene->site_m);
    free(scene->sample);
    free(scene->truth_view);
    free(scene);
}

/* ---- one set ---- */

sv_time sv_scene_stamp(const sv_scenario *scenario, int64_t set) {
    return sv_round_i64((double)set * 1e9 / scenario->frame_rate_hz);
}

void sv_scene_shake(int32_t shift[2], const sv_scene *scene, int32_t i_camera, int64_t set) {
    uint64_t stream = sv_rng_stream(SV_RNG_SHAKE, (uint32_t)i_camera);
    double sigma = scene->camera[i_camera].sensor->shake_px;
    int64_t most = (SV_RENDER_MARGIN_PX - 1) << SV_RENDER_SHIFT_BITS;
    for (int k = 0; k < 2; k++) {
        double px =
            sigma > 0 ? sigma * sv_rng_normal(scene->scenario->seed, stream, 2 * (uint64_t)set + (uint64_t)k) : 0;
        int64_t s = sv_round_i64(px * (1 << SV_RENDER_SHIFT_BITS));
        shift[k] = (int32_t)(s < -most ? -most : s > most ? most : s);
    }
}

/* Distance at which a camera covers a place by geometry alone (nominal pose, stated range, above the line), else 0. */
static double covered_m(const sv_scene *scene, const sv_scene_camera *camera, sv_vec3 p_w) {
    double uv[2];
    sv_vec3 to = sv_vec3_sub(p_w, camera->nominal->c_w);
    double range = sv_vec3_norm(to);
    if (!(range > 0) || range > camera->sensor->range_max_m)
        return 0;
    if (sv_camera_project(uv, NULL, camera->nominal, p_w) != SV_OK ||
        !sv_camera_contains(camera->nominal, uv[0], uv[1]))
        return 0;
    double azimuth, elevation;
    sv_world_angles(&azimuth, &elevation, sv_vec3_scale(to, 1 / range));
    return elevation < sv_world_terrain_line(scene->world, azimuth) ? 0 : range;
}

/* Pixel of an object when its row is exposed: the row decides the time and the time the row, so iterate. */
static bool image_object(double uv[2], sv_vec3 *p_w, sv_time *t, const sv_scene *scene, const sv_scene_camera *camera,
                         const int32_t shift[2], int32_t i_object, sv_time stamp) {
    double v = 0.5 * camera->truth.height;
    int rounds = camera->truth.row_ns > 0 ? 4 : 1;
    for (int k = 0; k < rounds; k++) {
        sv_vec3 v_w;
        *t = sv_camera_row_time(&camera->truth, stamp, v) + camera->clock_ns;
        sv_flights_at(p_w, &v_w, scene->flights, i_object, *t);
        if (sv_camera_project(uv, NULL, &camera->truth, *p_w) != SV_OK)
            return false;
        uv[0] += shift[0] / 256.0;
        uv[1] += shift[1] / 256.0;
        v = uv[1];
    }
    return true;
}

/* Wing beat in -1..1. */
static double flap(const sv_scene_object *object, sv_time t) {
    double s, c, turns = object->group->flap_hz * sv_time_to_s(t) + object->flap_phase;
    sv_sincos(&s, &c, 2 * SV_PI * (turns - floor(turns)));
    return object->group->flap_hz > 0 ? s : 0;
}

/* False when nothing of the object falls into the image. */
static bool make_view(sv_scene_view *view, const sv_scene *scene, int32_t i_camera, const int32_t shift[2],
                      int32_t i_object, sv_time stamp) {
    const sv_scene_camera *camera = &scene->camera[i_camera];
    const sv_scene_object *object = &scene->object[i_object];
    const sv_sensor *sensor = camera->sensor;
    double uv[2];
    sv_vec3 p_w;
    sv_time t;
    if (!image_object(uv, &p_w, &t, scene, camera, shift, i_object, stamp))
        return false;
    sv_vec3 to = sv_vec3_sub(p_w, camera->truth.c_w);
    double range = sv_vec3_norm(to), beat = flap(object, t);
    double size_px = object->size_m * (1 + FLAP_SIZE * beat) / range * sqrt(camera->truth.fx * camera->truth.fy);
    double reach = 0.5 * size_px + REACH_SIGMA * sensor->psf_sigma_px;
    if (uv[0] < -reach || uv[0] > camera->truth.width + reach || uv[1] < -reach || uv[1] > camera->truth.height + reach)
        return false;

    sv_world_level level = sv_world_level_at(scene->world, sensor, sv_vec3_scale(to, 1 / range), t);
    double contrast =
        sensor->dn_per_k > 0 ? object->group->contrast_thermal_k * sensor->dn_per_k : object->group->contrast_mono_dn;
    contrast *= (1 + FLAP_CONTRAST * beat) * sv_exp(-camera->extinction_per_m * range);
    double scene_dn = level.scene_dn > 0 ? level.scene_dn : 0;
    double sigma = sqrt(sensor->read_noise_dn * sensor->read_noise_dn + sensor->gain_dn * scene_dn);
    bool occluded = level.below_line && range > scene->world->environment.terrain_distance_m;
    double signal = fabs(contrast) * sv_splat_norm_at(&camera->norm, size_px);
    *view = (sv_scene_view){
        .truth = {.target = i_object,
                  .camera = i_camera,
                  .u_px = uv[0],
                  .v_px = uv[1],
                  .size_px = size_px,
                  .snr = sigma > 0 ? signal / sigma : 0,
                  .visible = !occluded && sv_camera_contains(&camera->truth, uv[0], uv[1]),
                  .occluded = occluded},
        .i_object = i_object,
        .contrast_dn = contrast,
    };
    return true;
}

typedef struct camera_job {
    sv_scene *scene;
    sv_time stamp;
    int64_t set;
} camera_job;

static void update_camera(void *user, size_t i_block) {
    const camera_job *job = user;
    sv_scene *scene = job->scene;
    size_t first = i_block * (size_t)scene->n_objects;
    int32_t shift[2], n = 0;
    sv_scene_shake(shift, scene, (int32_t)i_block, job->set);
    for (int32_t i = 0; i < scene->n_objects; i++) {
        scene->covered_m[first + (size_t)i] = covered_m(scene, &scene->camera[i_block], scene->sample[i].p_w);
        if (make_view(&scene->view[first + (size_t)n], scene, (int32_t)i_block, shift, i, job->stamp))
            n++;
    }
    scene->n_views[i_block] = n;
}

/* Distance to the third-nearest covering site; of fewer, the farthest. */
static double third_nearest(const double *site_m, int32_t n_sites) {
    double near[3] = {0};
    int n = 0;
    for (int32_t s = 0; s < n_sites; s++) {
        if (site_m[s] <= 0)
            continue;
        int k = n < 3 ? n++ : site_m[s] < near[2] ? 2 : 3;
        if (k == 3)
            continue;
        while (k > 0 && near[k - 1] > site_m[s]) {
            near[k] = near[k - 1];
            k--;
        }
        near[k] = site_m[s];
    }
    return n > 0 ? near[n - 1] : 0;
}

static void finish_sample(sv_scene *scene, int32_t i) {
    sv_truth_sample *sample = &scene->sample[i];
    for (int32_t s = 0; s < scene->n_sites; s++)
        scene->site_m[s] = 0;
    for (int32_t c = 0; c < scene->n_cameras; c++) {
        double range = scene->covered_m[(size_t)c * (size_t)scene->n_objects + (size_t)i];
        double *site = &scene->site_m[scene->camera[c].i_site];
        if (range > 0 && (*site == 0 || range < *site))
            *site = range;
    }
    for (int32_t s = 0; s < scene->n_sites; s++)
        sample->n_sites += scene->site_m[s] > 0;
    sample->range_m = third_nearest(scene->site_m, scene->n_sites);
    sample->in_coverage = sample->n_sites > 0 && sample->n_sites >= scene->scenario->coverage_sites;
}

/* Views by camera, then target; the largest visible one is the sample's size. */
static void gather_views(sv_scene *scene) {
    scene->n_truth_views = 0;
    for (int32_t c = 0; c < scene->n_cameras; c++) {
        const sv_scene_view *view = scene->view + (size_t)c * (size_t)scene->n_objects;
        for (int32_t k = 0; k < scene->n_views[c]; k++) {
            sv_truth_sample *sample = &scene->sample[view[k].i_object];
            if (view[k].truth.visible && view[k].truth.size_px > sample->size_px)
                sample->size_px = view[k].truth.size_px;
            scene->truth_view[scene->n_truth_views++] = view[k].truth;
        }
    }
}

/* Exposures of a set lie within this of its stamp. */
static sv_time exposure_spread(const sv_scene *scene) {
    sv_time most = 0;
    for (int32_t c = 0; c < scene->n_cameras; c++) {
        const sv_scene_camera *camera = &scene->camera[c];
        sv_time clock = camera->clock_ns < 0 ? -camera->clock_ns : camera->clock_ns;
        sv_time rows = sv_round_i64(camera->truth.row_ns * camera->truth.height);
        most = clock + rows > most ? clock + rows : most;
    }
    return most + 1;
}

sv_status sv_scene_update(sv_scene *scene, int64_t set) {
    if (scene->set == set)
        return SV_OK;
    sv_time stamp = sv_scene_stamp(scene->scenario, set), spread = exposure_spread(scene);
    sv_status status = sv_flights_prepare(scene->flights, stamp - spread, stamp + spread);
    if (status != SV_OK)
        return status;
    for (int32_t i = 0; i < scene->n_objects; i++) {
        const sv_scene_object *object = &scene->object[i];
        sv_truth_sample *sample = &scene->sample[i];
        *sample = (sv_truth_sample){.target = i,
                                    .object_class = object->group->object_class,
                                    .wanted = object->group->wanted,
                                    .has_velocity = true,
                                    .size_m = object->size_m};
        sv_flights_at(&sample->p_w, &sample->v_w, scene->flights, i, stamp);
    }
    camera_job job = {.scene = scene, .stamp = stamp, .set = set};
    sv_team_run(scene->team, (size_t)scene->n_cameras, update_camera, &job);
    for (int32_t i = 0; i < scene->n_objects; i++)
        finish_sample(scene, i);
    gather_views(scene);
    scene->set = set;
    return SV_OK;
}

sv_truth_set sv_scene_truth(const sv_scene *scene) {
    return (sv_truth_set){.t = sv_scene_stamp(scene->scenario, scene->set),
                          .sample = scene->sample,
                          .n_samples = (size_t)scene->n_objects,
                          .view = scene->truth_view,
                          .n_views = scene->n_truth_views};
}
