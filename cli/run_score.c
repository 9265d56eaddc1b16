#include "run_score.h"

#include <math.h>
#include <skyvox/math.h>
#include <stdlib.h>
#include <string.h>

/* Truth views of one stamp that wait for the frame set of the same stamp. */
typedef struct pending_views {
    struct pending_views *next;
    sv_truth_set set; /* arrays follow the struct */
} pending_views;

struct run_score {
    sv_score_config config;
    const sv_config *pipeline;
    sv_score_truth_row *truth;
    size_t n_truth, truth_cap;
    sv_score_track_row *track;
    size_t n_tracks, track_cap;
    pending_views *first, *last;
    sv_centroid *centroid;
    bool has_views;
    uint8_t *support; /* [support_cap] sites that each live track took a ray of, in the set at hand */
    size_t support_cap;
    sv_nis nis;
    bool begun;
    sv_time scored_from; /* after the warm-up */
    sv_score *result;
    sv_score_roc_point roc[SV_SCORE_ROC_CAP];
    size_t n_roc;
    sv_sanity sanity[SV_SANITY_CAP];
    size_t n_sanity;
};

sv_score_config run_score_config(const input *in) {
    sv_score_config config = sv_score_config_default();
    if (in->session) {
        const sv_session_meta *meta = sv_session_get_meta(in->session);
        config.gate_m = meta->gate_m;
        config.warmup_s = meta->warmup_s;
        config.evaluation = (sv_score_evaluation)meta->evaluation;
        return config;
    }
    config.gate_m = in->scenario ? in->scenario->gate_m : sv_dataset_gate_m(in->dataset);
    config.warmup_s = in->scenario ? in->scenario->warmup_s : sv_dataset_warmup_s(in->dataset);
    /* Frame sets of a scenario and scans of points carry the stamps of truth; labels of free-running cameras do not, and
     * later sightings must not help. */
    bool same_stamps = in->scenario || sv_dataset_get_kind(in->dataset) == SV_DATASET_POINTS;
    config.evaluation = same_stamps ? SV_SCORE_INTERPOLATE : SV_SCORE_CAUSAL;
    return config;
}

sv_status run_score_create(run_score **out, const sv_score_config *config, const sv_config *pipeline) {
    *out = NULL;
    run_score *score = calloc(1, sizeof *score);
    if (!score)
        return sv_fail(SV_ERR_NOMEM, "out of memory for the score");
    score->config = *config;
    score->pipeline = pipeline;
    sv_status status = sv_centroid_create(&score->centroid, config->warmup_s);
    if (status != SV_OK) {
        free(score);
        return status;
    }
    *out = score;
    return SV_OK;
}

static void pop_views(run_score *score) {
    pending_views *views = score->first;
    score->first = views->next;
    if (!score->first)
        score->last = NULL;
    free(views);
}

void run_score_destroy(run_score *score) {
    if (!score)
        return;
    while (score->first)
        pop_views(score);
    sv_score_destroy(score->result);
    sv_centroid_destroy(score->centroid);
    free(score->truth);
    free(score->track);
    free(score->support);
    free(score);
}

/* Room for n_more elements behind n; a grown array or NULL. */
static void *reserve(void *base, size_t *cap, size_t n, size_t n_more, size_t size) {
    if (base && n + n_more <= *cap)
        return base;
    size_t grown_cap = *cap ? 2 * *cap : 1024;
    while (grown_cap < n + n_more)
        grown_cap *= 2;
    void *grown = realloc(base, grown_cap * size);
    if (grown)
        *cap = grown_cap;
    return grown;
}

static sv_status push_views(run_score *score, const sv_truth_set *set) {
    size_t sample_bytes = set->n_samples * sizeof *set->sample, view_bytes = set->n_views * sizeof *set->view;
    pending_views *views = malloc(sizeof *views + sample_bytes + view_bytes);
    if (!views)
        return sv_fail(SV_ERR_NOMEM, "out of memory for truth views");
    sv_truth_sample *sample = (sv_truth_sample *)(void *)(views + 1);
    sv_truth_view *view = (sv_truth_view *)(void *)(sample + set->n_samples);
    if (set->n_samples)
        memcpy(sample, set->sample, sample_bytes);
    memcpy(view, set->view, view_bytes);
    *views = (pending_views){.set = *set};
    views->set.sample = sample;
    views->set.view = view;
    if (score->last)
        score->last->next = views;
    else
        score->first = views;
    score->last = views;
    score->has_views = true;
    return SV_OK;
}

static sv_status add_truth(void *self, const sv_truth_set *set) {
    run_score *score = self;
    void *grown = reserve(score->truth, &score->truth_cap, score->n_truth, set->n_samples, sizeof *score->truth);
    if (!grown)
        return sv_fail(SV_ERR_NOMEM, "out of memory for truth");
    score->truth = grown;
    /* The scorer wants one stamp's samples by target: insertion, as they nearly always come in that order. */
    size_t i_stamp = score->n_truth;
    for (size_t i = 0; i < set->n_samples; i++) {
        size_t j = score->n_truth++;
        for (; j > i_stamp && score->truth[j - 1].sample.target > set->sample[i].target; j--)
            score->truth[j] = score->truth[j - 1];
        score->truth[j] = (sv_score_truth_row){.t = set->t, .sample = sv_score_truth_of(&set->sample[i])};
    }
    return set->n_views ? push_views(score, set) : SV_OK;
}

/* Distance to the third-nearest site, or to the farthest of fewer; 0 without cameras. */
static float range_of(const sv_config *config, sv_vec3 p_w) {
    double nearest[3] = {0}; /* of distinct sites, increasing */
    int32_t site[3], n = 0;
    for (int32_t i = 0; i < config->n_cameras; i++) {
        const sv_camera *camera = &config->camera[i];
        double d = sv_vec3_norm(sv_vec3_sub(p_w, camera->c_w));
        bool known = false;
        for (int32_t k = 0; k < n; k++)
            known = known || site[k] == camera->site;
        if (known || (n == 3 && d >= nearest[2]))
            continue;
        int32_t k = n < 3 ? n++ : 2;
        for (; k > 0 && nearest[k - 1] > d; k--) {
            nearest[k] = nearest[k - 1];
            site[k] = site[k - 1];
        }
        nearest[k] = d;
        site[k] = camera->site;
    }
    return n > 0 ? (float)nearest[n - 1] : 0;
}

static const sv_track *find_track(const sv_products *products, int64_t id) {
    size_t lo = 0, hi = products->n_tracks;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (products->track[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < products->n_tracks && products->track[lo].id == id ? &products->track[lo] : NULL;
}

/* Innovations of confirmed tracks, and how many sites support each of them; a site is one look. */
static sv_status add_innovations(run_score *score, const sv_products *products) {
    if (!score->begun)
        score->scored_from = products->t + sv_time_from_s(score->config.warmup_s);
    score->begun = true;
    memset(score->support, 0, products->n_tracks);
    for (size_t i = 0; i < products->n_innovations; i++) {
        const sv_innovation *innovation = &products->innovation[i];
        const sv_track *track = find_track(products, innovation->track);
        if (!track || track->state != SV_TRACK_CONFIRMED)
            continue;
        uint8_t *n = &score->support[track - products->track];
        if (innovation->site >= 0 && *n < UINT8_MAX)
            ++*n;
        sv_status status = products->t >= score->scored_from ? sv_nis_add(&score->nis, innovation) : SV_OK;
        if (status != SV_OK)
            return status;
    }
    return SV_OK;
}

static sv_score_track_row row_of_track(const sv_track *track, sv_time t_known) {
    sv_score_track_row row = {
        .t = track->t, .track = track->id, .p_w = track->p_w, .v_w = track->v_w, .has_velocity = true};
    row.existence = (float)track->existence;
    row.has_sigma = true;
    for (int axis = 0; axis < 3; axis++)
        row.sigma_m[axis] = (float)sqrt(track->cov[7 * axis]);
    row.bird_prob = (float)(track->class_prob[SV_CLASS_BIRD] + track->class_prob[SV_CLASS_AIRCRAFT]);
    /* A state that knows measurements after its own time counts only from then on, carried there by its velocity. */
    if (t_known > row.t) {
        row.p_w = sv_vec3_mad(row.p_w, row.v_w, (double)(t_known - row.t) * 1e-9);
        row.t = t_known;
    }
    return row;
}

static sv_status add_centroids(run_score *score, const sv_products *products) {
    while (score->first && score->first->set.t < products->t)
        pop_views(score);
    if (!score->first || score->first->set.t != products->t)
        return SV_OK;
    int64_t n_frames = 0, n_pixels = 0;
    for (int32_t i = 0; i < score->pipeline->n_cameras; i++) {
        const sv_camera *camera = &score->pipeline->camera[i];
        n_frames += products->alive[i];
        n_pixels += products->alive[i] ? (int64_t)camera->width * camera->height : 0;
    }
    sv_status status = sv_centroid_add(score->centroid, &score->first->set, products->detection, products->n_detections,
                                       n_frames, n_pixels);
    pop_views(score);
    return status;
}

static sv_status add_set(void *self, const sv_products *products) {
    run_score *score = self;
    void *grown = reserve(score->track, &score->track_cap, score->n_tracks, products->n_tracks, sizeof *score->track);
    if (!grown)
        return sv_fail(SV_ERR_NOMEM, "out of memory for track rows");
    score->track = grown;
    grown = reserve(score->support, &score->support_cap, 0, products->n_tracks, 1);
    if (!grown)
        return sv_fail(SV_ERR_NOMEM, "out of memory for track rows");
    score->support = grown;
    sv_status status = add_innovations(score, products);
    if (status != SV_OK)
        return status;
    bool causal = score->config.evaluation == SV_SCORE_CAUSAL;
    for (size_t i = 0; i < products->n_tracks; i++) {
        const sv_track *track = &products->track[i];
        if (track->state != SV_TRACK_CONFIRMED)
            continue;
        sv_score_track_row row = row_of_track(track, causal ? products->t_horizon : products->t);
        row.has_support = score->pipeline->n_cameras > 0;
        row.n_sites = score->support[i];
        row.range_m = range_of(score->pipeline, row.p_w);
        score->track[score->n_tracks++] = row;
    }
    return add_centroids(score, products);
}

sv_sink run_score_sink(run_score *score) {
    return (sv_sink){.self = score, .set = add_set};
}

truth_sink run_score_truth_sink(run_score *score) {
    return (truth_sink){.self = score, .truth = add_truth};
}

sv_status run_score_finish(const sv_score **out, run_score *score, sv_time t_last) {
    *out = NULL;
    while (score->n_truth && score->truth[score->n_truth - 1].t > t_last)
        score->n_truth--;
    if (score->n_truth == 0)
        return SV_OK;
    sv_status status =
        sv_score_create(&score->result, &score->config, score->truth, score->n_truth, score->track, score->n_tracks);
    *out = score->result;
    if (status == SV_OK && score->has_views)
        sv_score_join_views(score->result, score->centroid);
    if (status == SV_OK)
        status = sv_score_roc(score->roc, &score->n_roc, &score->config, score->truth, score->n_truth, score->track,
                              score->n_tracks);
    if (status == SV_OK)
        status = sv_score_sanity(score->sanity, &score->n_sanity, &score->config, score->truth, score->n_truth,
                                 score->track, score->n_tracks);
    return status;
}

const sv_score_roc_point *run_score_roc(const run_score *score, size_t *n) {
    *n = score->n_roc;
    return score->roc;
}

const sv_sanity *run_score_sanity(const run_score *score, size_t *n) {
    *n = score->n_sanity;
    return score->sanity;
}

const sv_centroid_bin *run_score_centroid(run_score *score, size_t *n, double *rms_px) {
    *n = 0;
    *rms_px = NAN;
    if (!score->has_views)
        return NULL;
    *rms_px = sv_centroid_rms_px(score->centroid);
    return sv_centroid_get_bins(score->centroid, n);
}

const sv_false_bin *run_score_false(run_score *score, size_t *n) {
    *n = 0;
    return score->has_views ? sv_centroid_get_false(score->centroid, n) : NULL;
}

const sv_nis *run_score_nis(const run_score *score) {
    return &score->nis;
}
