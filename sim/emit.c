#include <math.h>
#include <sim/emit.h>
#include <skyvox/camera.h>
#include <skyvox/math.h>
#include <skyvox/rng.h>
#include <stdlib.h>

enum {
    N_CLUSTERS = 5,       /* cloud edges in a camera */
    DRAWS = 4,            /* random numbers of one detection */
    COUNT_DRAW = 1 << 21, /* counters of one frame: detections below it, the two counts above */
    FRAME_DRAWS = 1 << 22,
};

static const double CLUSTER_SHARE = 0.02;       /* sigma of a cluster, of the image width */
static const double CLUSTER_DRIFT_PER_S = 0.01; /* image widths */

struct sv_emitter {
    const sv_scene *scene;
    sv_detection *item, *scratch; /* [cap] */
    size_t cap;
};

/* Mean number of false alarms in a frame: uniform, gathered. */
static void false_means(double mean[2], const sv_detection_model *model, const sv_camera *camera) {
    mean[0] = model->false_alarms_per_px * camera->width * camera->height;
    mean[1] = model->cloud_clutter * mean[0];
}

sv_status sv_emitter_create(sv_emitter **out, const sv_scene *scene) {
    *out = NULL;
    sv_emitter *emitter = calloc(1, sizeof *emitter);
    if (!emitter)
        return sv_fail(SV_ERR_NOMEM, "out of memory for detections");
    emitter->scene = scene;
    double most = 0;
    for (int32_t c = 0; c < scene->n_cameras; c++) {
        double mean[2];
        false_means(mean, &scene->scenario->detection_model, scene->camera[c].nominal);
        double n = mean[0] + mean[1];
        most = n > most ? n : most;
    }
    /* Ten sigmas of room; the draws of a frame are counted in 21 bits. */
    emitter->cap = (size_t)scene->n_objects + (size_t)(most + 10 * sqrt(most) + 64);
    if (emitter->cap > COUNT_DRAW / DRAWS) {
        free(emitter);
        return sv_fail(SV_ERR_ARG,
                       "detection_model.false_alarms_per_px: more than half a million detections in a frame");
    }
    emitter->item = calloc(emitter->cap, sizeof *emitter->item);
    emitter->scratch = calloc(emitter->cap, sizeof *emitter->scratch);
    if (!emitter->item || !emitter->scratch) {
        sv_emitter_destroy(emitter);
        return sv_fail(SV_ERR_NOMEM, "out of memory for detections");
    }
    *out = emitter;
    return SV_OK;
}

void sv_emitter_destroy(sv_emitter *emitter) {
    if (!emitter)
        return;
    free(emitter->item);
    free(emitter->scratch);
    free(emitter);
}

static void add(sv_emitter *emitter, size_t *n, int32_t i_camera, double u, double v, double snr) {
    const sv_scene *scene = emitter->scene;
    const sv_camera *camera = scene->camera[i_camera].nominal;
    if (*n == emitter->cap || !sv_camera_contains(camera, u, v))
        return;
    double sigma = scene->scenario->detection_model.centroid_sigma_px;
    emitter->item[(*n)++] =
        (sv_detection){.t = sv_camera_row_time(camera, sv_scene_stamp(scene->scenario, scene->set), v),
                       .u_px = u,
                       .v_px = v,
                       .cov_px2 = {sigma * sigma, 0, sigma * sigma},
                       .snr = snr,
                       .camera = i_camera,
                       .frame = (int32_t)scene->set};
}

/* An object is found when its SNR plus the unit noise of the filter passes the threshold: Pd = Phi(snr - threshold). */
static void add_objects(sv_emitter *emitter, size_t *n, int32_t i_camera) {
    const sv_scene *scene = emitter->scene;
    const sv_detection_model *model = &scene->scenario->detection_model;
    const sv_scene_view *view = scene->view + (size_t)i_camera * (size_t)scene->n_objects;
    uint64_t seed = scene->scenario->seed, stream = sv_rng_stream(SV_RNG_DETECTION, (uint32_t)i_camera);
    for (int32_t k = 0; k < scene->n_views[i_camera]; k++) {
        if (!view[k].truth.visible || !scene->object[view[k].i_object].group->render)
            continue;
        uint64_t counter = (uint64_t)scene->set * FRAME_DRAWS + (uint64_t)view[k].i_object * DRAWS;
        double snr = view[k].truth.snr + sv_rng_normal(seed, stream, counter);
        if (snr <= model->snr_threshold)
            continue;
        double u = view[k].truth.u_px + model->centroid_sigma_px * sv_rng_normal(seed, stream, counter + 1);
        double v = view[k].truth.v_px + model->centroid_sigma_px * sv_rng_normal(seed, stream, counter + 2);
        add(emitter, n, i_camera, u, v, snr);
    }
}

/* A point on a slowly moving cluster that wanders round the image. */
static void cluster_point(double *u, double *v, const sv_scene *scene, int32_t i_camera, uint64_t counter,
                          uint64_t stream) {
    const sv_camera *camera = scene->camera[i_camera].nominal;
    uint64_t seed = scene->scenario->seed, place = sv_rng_stream(SV_RNG_CLOUD, (uint32_t)i_camera + 1);
    uint64_t cluster = (uint64_t)(N_CLUSTERS * sv_rng_uniform(seed, stream, counter));
    double x = sv_rng_uniform(seed, place, 2 * cluster), y = sv_rng_uniform(seed, place, 2 * cluster + 1);
    x += CLUSTER_DRIFT_PER_S * sv_time_to_s(sv_scene_stamp(scene->scenario, scene->set));
    double spread = CLUSTER_SHARE * camera->width;
    *u = (x - floor(x)) * camera->width + spread * sv_rng_normal(seed, stream, counter + 1);
    *v = y * camera->height + 0.5 * spread * sv_rng_normal(seed, stream, counter + 2);
}

/* False alarms lie just above the threshold: a normal's tail falls by e every 1 / threshold. */
static void add_false(sv_emitter *emitter, size_t *n, int32_t i_camera) {
    const sv_scene *scene = emitter->scene;
    const sv_camera *camera = scene->camera[i_camera].nominal;
    const sv_detection_model *model = &scene->scenario->detection_model;
    uint64_t seed = scene->scenario->seed, stream = sv_rng_stream(SV_RNG_CLUTTER, (uint32_t)i_camera);
    uint64_t frame = (uint64_t)scene->set * FRAME_DRAWS, counter = frame;
    double mean[2], tail = 1 / (model->snr_threshold > 1 ? model->snr_threshold : 1);
    false_means(mean, model, camera);
    for (uint64_t gathered = 0; gathered < 2; gathered++) {
        int64_t count = sv_rng_poisson(seed, stream, frame + COUNT_DRAW + gathered, mean[gathered]);
        for (int64_t i = 0; i < count; i++, counter += DRAWS) {
            double u = sv_rng_uniform(seed, stream, counter + 1) * camera->width - 0.5;
            double v = sv_rng_uniform(seed, stream, counter + 2) * camera->height - 0.5;
            if (gathered)
                cluster_point(&u, &v, scene, i_camera, counter, stream);
            double excess = -tail * sv_log(1 - sv_rng_uniform(seed, stream, counter + 3));
            add(emitter, n, i_camera, u, v, model->snr_threshold + excess);
        }
    }
}

static bool by_place(const void *a, const void *b, void *user) {
    const sv_detection *x = a, *y = b;
    (void)user;
    return x->v_px < y->v_px || (x->v_px == y->v_px && x->u_px < y->u_px);
}

void sv_emitter_run(sv_emitter *emitter, const sv_detection **out, size_t *n_out, int32_t i_camera) {
    size_t n = 0;
    add_objects(emitter, &n, i_camera);
    add_false(emitter, &n, i_camera);
    sv_sort(emitter->item, n, sizeof *emitter->item, by_place, NULL, emitter->scratch);
    *out = emitter->item;
    *n_out = n;
}
