/** Quick scores of parts of the tables, for the ROC and for the sanity block. docs/METRICS.md 9. */
#include <core/score/metrics_parts.h>
#include <core/score/score_parts.h>

#include <skyvox/math.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

void sv_score_points(sv_metrics_point *truth, size_t *n_truth, sv_metrics_point *track, size_t *n_tracks,
                     const sv_score_match *m) {
    *n_truth = *n_tracks = 0;
    for (int32_t i = 0; i < m->n_truth; i++) {
        const sv_score_truth *t = &m->truth[i].sample;
        if (t->wanted && t->in_coverage)
            truth[(*n_truth)++] =
                (sv_metrics_point){.id = m->target[i], .has_velocity = t->has_velocity, .p_w = t->p_w, .v_w = t->v_w};
    }
    for (int32_t j = 0; j < m->n_states; j++) {
        const sv_score_state *t = &m->state[j];
        if (m->role[j] != SV_ROLE_IGNORED && m->role[j] != SV_ROLE_BIRD)
            track[(*n_tracks)++] =
                (sv_metrics_point){.id = t->track,
                                   .has_velocity = t->has_velocity,
                                   .has_sigma = t->has_sigma,
                                   .p_w = t->p_w,
                                   .v_w = t->v_w,
                                   .sigma_m = {(double)t->sigma_m[0], (double)t->sigma_m[1], (double)t->sigma_m[2]}};
    }
}

/* Everything a trial owns. */
typedef struct trial {
    sv_score_table table;
    sv_score_match match;
    sv_metrics *metrics;
    sv_metrics_point *point[2];
    size_t cap[2];
    int64_t n_truth, n_held, n_false;
    double gospa, d2;
} trial;

static sv_status try_stamp(trial *t, const sv_score_config *config, size_t i) {
    sv_score_match *m = &t->match;
    size_t n[2];
    sv_metrics_frame frame;
    sv_status status = sv_score_match_stamp(m, &t->table, config, i);
    if (status == SV_OK)
        status = sv_score_reserve((void **)&t->point[0], &t->cap[0], (size_t)m->n_truth + 1, sizeof *t->point[0]);
    if (status == SV_OK)
        status = sv_score_reserve((void **)&t->point[1], &t->cap[1], (size_t)m->n_states + 1, sizeof *t->point[1]);
    if (status != SV_OK)
        return status;
    sv_score_points(t->point[0], &n[0], t->point[1], &n[1], m);
    status = sv_metrics_find_pairs(t->metrics, t->point[0], n[0], t->point[1], n[1]);
    if (status == SV_OK)
        status = sv_metrics_set_distances(&frame, t->metrics, t->point[0], n[0], n[1]);
    if (status != SV_OK)
        return status;
    t->gospa += frame.gospa;
    t->n_truth += (int64_t)n[0];
    for (int32_t j = 0; j < m->n_states; j++) {
        if (m->role[j] == SV_ROLE_HOLDS) {
            sv_vec3 e = sv_vec3_sub(m->state[j].p_w, m->truth[m->object[j]].sample.p_w);
            t->d2 += e.x * e.x + e.y * e.y + e.z * e.z;
            t->n_held++;
        }
        t->n_false += m->role[j] == SV_ROLE_FALSE || m->role[j] == SV_ROLE_GHOST || m->role[j] == SV_ROLE_DISTRACTOR;
    }
    return SV_OK;
}

sv_status sv_score_try(sv_score_trial *out, const sv_score_config *config, const sv_score_truth_row *truth,
                       size_t n_truth, const sv_score_track_row *tracks, size_t n_tracks) {
    trial t = {0};
    sv_score_config at_truth = *config;
    at_truth.union_stamps = false;
    sv_metrics_config metrics = sv_metrics_config_default();
    metrics.cutoff_m = config->cutoff_m;
    metrics.order = config->order;
    metrics.gate_m = metrics.hota_zero_m = config->cutoff_m; // no pair beyond the cutoff is needed
    sv_status status = sv_score_table_build(&t.table, &at_truth, truth, n_truth, tracks, n_tracks);
    if (status == SV_OK)
        status = sv_score_match_init(&t.match, &t.table);
    if (status == SV_OK)
        status = sv_metrics_create(&t.metrics, &metrics, t.table.n_targets, t.table.n_tracks);
    for (size_t i = 0; status == SV_OK && i < t.table.n_stamps; i++)
        status = try_stamp(&t, &at_truth, i);
    double n = t.table.n_stamps > 0 ? (double)t.table.n_stamps : 1;
    *out = (sv_score_trial){.held_fraction = t.n_truth > 0 ? (double)t.n_held / (double)t.n_truth : 0,
                            .false_per_stamp = (double)t.n_false / n,
                            .gospa_mean_m = t.gospa / n,
                            .rmse_m = t.n_held > 0 ? sqrt(t.d2 / (double)t.n_held) : 0,
                            .n_held = t.n_held};
    sv_metrics_destroy(t.metrics);
    free(t.point[0]);
    free(t.point[1]);
    sv_score_match_release(&t.match);
    sv_score_table_release(&t.table);
    return status;
}

/* ---- a part of the tables ---- */

/* First row of a table at or after t; `stride` is the size of a row, which begins with its time. */
static size_t row_from(const void *row, size_t n, size_t stride, sv_time t) {
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        sv_time at;
        memcpy(&at, (const char *)row + mid * stride, sizeof at);
        if (at < t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static size_t count_stamps(const sv_score_truth_row *row, size_t n) {
    size_t n_stamps = n > 0;
    for (size_t i = 1; i < n; i++)
        n_stamps += row[i].t != row[i - 1].t;
    return n_stamps;
}

sv_status sv_score_sample_take(sv_score_sample *s, const sv_score_config *config, const sv_score_truth_row *truth,
                               size_t n_truth, const sv_score_track_row *tracks, size_t n_tracks, size_t max_stamps,
                               size_t max_rows) {
    static const sv_time margin = 2000000000; // delays are looked for within it
    *s = (sv_score_sample){0};
    if (n_truth == 0)
        return SV_OK;
    sv_time begin = truth[0].t + sv_time_from_s(config->warmup_s);
    size_t n_warmup = row_from(truth, n_truth, sizeof *truth, begin);
    truth += n_warmup;
    n_truth -= n_warmup;
    if (n_truth == 0)
        return SV_OK;

    // The piece in the middle, whole stamps.
    size_t n_piece = n_truth > max_rows ? max_rows : n_truth, first = (n_truth - n_piece) / 2, end = first + n_piece;
    while (first > 0 && truth[first - 1].t == truth[first].t)
        first--;
    while (end < n_truth && truth[end].t == truth[end - 1].t)
        end++;
    size_t n_stamps = count_stamps(truth + first, end - first), every = (n_stamps + max_stamps - 1) / max_stamps;
    size_t track_first = row_from(tracks, n_tracks, sizeof *tracks, truth[first].t - margin);
    size_t track_end = row_from(tracks, n_tracks, sizeof *tracks, truth[end - 1].t + margin + 1);

    s->truth = calloc(end - first + 1, sizeof *s->truth);
    s->track = calloc(track_end - track_first + 1, sizeof *s->track);
    if (!s->truth || !s->track) {
        free(s->truth);
        free(s->track);
        *s = (sv_score_sample){0};
        return sv_fail(SV_ERR_NOMEM, "no memory for a part of the tables");
    }
    size_t i_stamp = 0;
    for (size_t i = first; i < end; i++) {
        i_stamp += i > first && truth[i].t != truth[i - 1].t;
        if (i_stamp % every == 0)
            s->truth[s->n_truth++] = truth[i];
    }
    s->n_tracks = track_end - track_first;
    if (s->n_tracks > 0)
        memcpy(s->track, tracks + track_first, s->n_tracks * sizeof *tracks);
    return SV_OK;
}

/* ---- ROC ---- */

static bool less_float(const void *a, const void *b, void *user) {
    (void)user;
    return *(const float *)a < *(const float *)b;
}

/* Distinct values, from the lowest up, as many as there is room for, evenly by rank. */
static size_t pick_thresholds(float threshold[SV_SCORE_ROC_CAP], float *value, size_t n, float *scratch) {
    sv_sort(value, n, sizeof *value, less_float, NULL, scratch);
    size_t n_distinct = 0;
    for (size_t i = 0; i < n; i++)
        if (n_distinct == 0 || value[n_distinct - 1] < value[i])
            value[n_distinct++] = value[i];
    size_t n_out = n_distinct < SV_SCORE_ROC_CAP ? n_distinct : SV_SCORE_ROC_CAP;
    for (size_t k = 0; k < n_out; k++)
        threshold[k] = value[n_out == 1 ? 0 : k * (n_distinct - 1) / (n_out - 1)];
    return n_out;
}

static sv_status sweep(sv_score_roc_point *point, size_t *n, const sv_score_config *config, const sv_score_sample *s,
                       sv_score_track_row *kept, float *value, float *scratch) {
    float threshold[SV_SCORE_ROC_CAP];
    for (size_t i = 0; i < s->n_tracks; i++)
        value[i] = s->track[i].existence;
    size_t n_thresholds = pick_thresholds(threshold, value, s->n_tracks, scratch);
    if (n_thresholds < 2)
        return SV_OK;
    for (size_t k = 0; k < n_thresholds; k++) {
        size_t n_kept = 0;
        for (size_t i = 0; i < s->n_tracks; i++)
            if (s->track[i].existence >= threshold[k])
                kept[n_kept++] = s->track[i];
        sv_score_trial result;
        sv_status status = sv_score_try(&result, config, s->truth, s->n_truth, kept, n_kept);
        if (status != SV_OK)
            return status;
        point[k] = (sv_score_roc_point){(double)threshold[k], result.held_fraction, result.false_per_stamp};
    }
    *n = n_thresholds;
    return SV_OK;
}

sv_status sv_score_roc(sv_score_roc_point *point, size_t *n, const sv_score_config *config,
                       const sv_score_truth_row *truth, size_t n_truth, const sv_score_track_row *tracks,
                       size_t n_tracks) {
    *n = 0;
    sv_score_sample s;
    sv_status status = sv_score_sample_take(&s, config, truth, n_truth, tracks, n_tracks, 200, 100000);
    if (status != SV_OK)
        return status;
    sv_score_track_row *kept = calloc(s.n_tracks + 1, sizeof *kept);
    float *value = calloc(s.n_tracks + 1, sizeof *value), *scratch = calloc(s.n_tracks + 1, sizeof *scratch);
    status = kept && value && scratch ? sweep(point, n, config, &s, kept, value, scratch)
                                      : sv_fail(SV_ERR_NOMEM, "no memory for a ROC");
    free(kept);
    free(value);
    free(scratch);
    free(s.truth);
    free(s.track);
    return status;
}
