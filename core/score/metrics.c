/** Frames in, figures out: finds each frame's pairs, keeps them for the figures of the whole. docs/METRICS.md 8. */
#include <core/score/metrics_parts.h>

#include <skyvox/math.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

sv_metrics_config sv_metrics_config_default(void) {
    return (sv_metrics_config){.gate_m = 2,
                               .cutoff_m = 10,
                               .order = 2,
                               .switch_penalty = 1,
                               .tgospa_gamma = 2,
                               .hota_zero_m = 4,
                               .tgospa_cap = 200000};
}

sv_status sv_metrics_grow(void **array, size_t *cap, size_t n, size_t size) {
    if (n <= *cap)
        return SV_OK;
    size_t wanted = *cap < 64 ? 64 : *cap + *cap / 2;
    wanted = wanted < n ? n : wanted;
    void *grown = wanted > SIZE_MAX / size ? NULL : realloc(*array, wanted * size);
    if (!grown)
        return sv_fail(SV_ERR_NOMEM, "no memory for %zu elements of the metrics", wanted);
    *array = grown;
    *cap = wanted;
    return SV_OK;
}

/* ---- ids that met ---- */

static size_t hash(int32_t truth, int32_t track, size_t cap) {
    uint64_t h = ((uint64_t)(uint32_t)truth << 32 | (uint32_t)track) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(h >> 32) & (cap - 1);
}

static size_t find_bucket(const sv_metrics *m, int32_t truth, int32_t track) {
    size_t i = hash(truth, track, m->bucket_cap);
    while (m->bucket[i] >= 0 && (m->slot[m->bucket[i]].truth != truth || m->slot[m->bucket[i]].track != track))
        i = (i + 1) & (m->bucket_cap - 1);
    return i;
}

/* Half of the buckets stay empty. */
static sv_status grow_buckets(sv_metrics *m) {
    if (2 * (m->n_slots + 1) <= m->bucket_cap)
        return SV_OK;
    size_t cap = m->bucket_cap > 0 ? 2 * m->bucket_cap : 1024;
    int32_t *bucket = malloc(cap * sizeof *bucket);
    if (!bucket)
        return sv_fail(SV_ERR_NOMEM, "no memory for %zu pairs of ids", m->n_slots);
    for (size_t i = 0; i < cap; i++)
        bucket[i] = -1;
    free(m->bucket);
    m->bucket = bucket;
    m->bucket_cap = cap;
    for (size_t k = 0; k < m->n_slots; k++)
        bucket[find_bucket(m, m->slot[k].truth, m->slot[k].track)] = (int32_t)k;
    return SV_OK;
}

sv_status sv_metrics_find_slot(int32_t *slot, sv_metrics *m, int32_t truth, int32_t track) {
    sv_status status = grow_buckets(m);
    if (status != SV_OK)
        return status;
    size_t i = find_bucket(m, truth, track);
    if (m->bucket[i] < 0) {
        status = sv_metrics_grow((void **)&m->slot, &m->slot_cap, m->n_slots + 1, sizeof *m->slot);
        if (status != SV_OK)
            return status;
        m->slot[m->n_slots] = (sv_metrics_slot){.truth = truth, .track = track};
        m->bucket[i] = (int32_t)m->n_slots++;
    }
    *slot = m->bucket[i];
    return SV_OK;
}

/* ---- pairs of a frame ---- */

static bool left_of(const void *a, const void *b, void *user) {
    const sv_metrics_point *track = user;
    return track[*(const int32_t *)a].p_w.x < track[*(const int32_t *)b].p_w.x;
}

static sv_status sort_tracks(sv_metrics *m, const sv_metrics_point *track, size_t n) {
    sv_status status = sv_metrics_grow((void **)&m->by_x, &m->by_x_cap, n + 1, sizeof *m->by_x);
    if (status == SV_OK)
        status = sv_metrics_grow((void **)&m->sort_scratch, &m->sort_cap, n + 1, sizeof *m->sort_scratch);
    if (status != SV_OK)
        return status;
    for (size_t j = 0; j < n; j++)
        m->by_x[j] = (int32_t)j;
    sv_sort(m->by_x, n, sizeof *m->by_x, left_of, (void *)track, m->sort_scratch);
    return SV_OK;
}

/* First track whose x is at least `x`. */
static size_t track_from(const sv_metrics *m, const sv_metrics_point *track, size_t n, double x) {
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (track[m->by_x[mid]].p_w.x < x)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static sv_status meet(sv_metrics *m, const sv_metrics_point *truth, size_t i, const sv_metrics_point *track, size_t j) {
    double d = sv_vec3_norm(sv_vec3_sub(truth[i].p_w, track[j].p_w));
    if (d > m->reach_m)
        return SV_OK;
    sv_metrics_pair pair = {.d = d, .i_truth = (int32_t)i, .i_track = (int32_t)j};
    sv_status status = sv_metrics_grow((void **)&m->near, &m->near_cap, m->n_near + 1, sizeof *m->near);
    if (status == SV_OK)
        status = sv_metrics_find_slot(&pair.slot, m, truth[i].id, track[j].id);
    if (status != SV_OK)
        return status;
    // By truth, then track: the places behind the last truth's are few.
    size_t k = m->n_near++;
    for (; k > 0 && m->near[k - 1].i_truth == pair.i_truth && m->near[k - 1].i_track > pair.i_track; k--)
        m->near[k] = m->near[k - 1];
    m->near[k] = pair;
    return SV_OK;
}

sv_status sv_metrics_find_pairs(sv_metrics *m, const sv_metrics_point *truth, size_t n_truth,
                                const sv_metrics_point *track, size_t n_tracks) {
    m->n_near = 0;
    sv_status status = sort_tracks(m, track, n_tracks);
    for (size_t i = 0; status == SV_OK && i < n_truth; i++) {
        double x = truth[i].p_w.x;
        size_t k = track_from(m, track, n_tracks, x - m->reach_m);
        for (; status == SV_OK && k < n_tracks && track[m->by_x[k]].p_w.x <= x + m->reach_m; k++)
            status = meet(m, truth, i, track, (size_t)m->by_x[k]);
    }
    return status;
}

static sv_status keep_frame(sv_metrics *m, const sv_metrics_point *truth, size_t n_truth, const sv_metrics_point *track,
                            size_t n_tracks) {
    size_t n = m->n_pairs + m->n_near;
    sv_status status = sv_metrics_grow((void **)&m->pair_d, &m->pair_d_cap, n, sizeof *m->pair_d);
    if (status == SV_OK)
        status = sv_metrics_grow((void **)&m->pair_slot, &m->pair_slot_cap, n, sizeof *m->pair_slot);
    if (status == SV_OK)
        status = sv_metrics_grow((void **)&m->pair_at, &m->pair_at_cap, m->n_frames + 2, sizeof *m->pair_at);
    if (status == SV_OK)
        status = sv_metrics_grow((void **)&m->n_truth, &m->n_truth_cap, m->n_frames + 1, sizeof *m->n_truth);
    if (status == SV_OK)
        status = sv_metrics_grow((void **)&m->n_track, &m->n_track_cap, m->n_frames + 1, sizeof *m->n_track);
    if (status != SV_OK)
        return status;

    for (size_t k = 0; k < m->n_near; k++) {
        m->pair_d[m->n_pairs + k] = m->near[k].d;
        m->pair_slot[m->n_pairs + k] = m->near[k].slot;
    }
    m->pair_at[m->n_frames] = m->n_pairs;
    m->n_truth[m->n_frames] = (int32_t)n_truth;
    m->n_track[m->n_frames] = (int32_t)n_tracks;
    m->pair_at[++m->n_frames] = m->n_pairs = n;
    for (size_t i = 0; i < n_truth; i++)
        m->truth_count[truth[i].id]++;
    for (size_t j = 0; j < n_tracks; j++)
        m->track_count[track[j].id]++;
    m->n_truth_all += (int64_t)n_truth;
    m->n_track_all += (int64_t)n_tracks;
    return SV_OK;
}

/* ---- outside ---- */

static int32_t *take_none(size_t n) {
    int32_t *none = malloc((n + 1) * sizeof *none);
    for (size_t i = 0; none && i <= n; i++)
        none[i] = -1;
    return none;
}

static bool in_range(double x, double lo, double hi) {
    return x >= lo && x <= hi;
}

sv_status sv_metrics_create(sv_metrics **out, const sv_metrics_config *c, size_t n_truth_ids, size_t n_track_ids) {
    *out = NULL;
    if (!in_range(c->gate_m, 1e-9, 1e9) || !in_range(c->cutoff_m, 1e-9, 1e9) || !in_range(c->order, 1, 100) ||
        !in_range(c->switch_penalty, 0, 1e9) || !in_range(c->tgospa_gamma, 1e-9, 1e9) ||
        !in_range(c->hota_zero_m, 1e-9, 1e9) || n_truth_ids >= INT32_MAX || n_track_ids >= INT32_MAX)
        return sv_fail(SV_ERR_ARG, "metrics: a setting is out of its range");
    sv_metrics *m = calloc(1, sizeof *m);
    if (!m)
        return sv_fail(SV_ERR_NOMEM, "no memory for metrics");
    m->config = *c;
    m->reach_m = c->gate_m > c->cutoff_m ? c->gate_m : c->cutoff_m;
    m->reach_m = c->hota_zero_m > m->reach_m ? c->hota_zero_m : m->reach_m;
    m->n_truth_ids = n_truth_ids;
    m->n_track_ids = n_track_ids;
    m->truth_count = calloc(n_truth_ids + 1, sizeof *m->truth_count);
    m->track_count = calloc(n_track_ids + 1, sizeof *m->track_count);
    m->te_matched = calloc(n_truth_ids + 1, sizeof *m->te_matched);
    m->te_frag = calloc(n_truth_ids + 1, sizeof *m->te_frag);
    m->taken_truth = calloc(n_truth_ids + 1, sizeof *m->taken_truth);
    m->taken_track = calloc(n_track_ids + 1, sizeof *m->taken_track);
    m->last_ever = take_none(n_truth_ids);
    m->last_frame = take_none(n_truth_ids);
    m->switch_partner = take_none(n_truth_ids);
    m->te_last = take_none(n_truth_ids);
    m->te_previous = take_none(n_truth_ids);
    bool taken = m->truth_count && m->track_count && m->te_matched && m->te_frag && m->taken_truth && m->taken_track &&
                 m->last_ever && m->last_frame && m->switch_partner && m->te_last && m->te_previous;
    sv_status status = taken ? sv_metrics_solver_init(&m->solver, n_truth_ids, n_track_ids)
                             : sv_fail(SV_ERR_NOMEM, "no memory for the metrics of %zu targets", n_truth_ids);
    if (status != SV_OK) {
        sv_metrics_destroy(m);
        return status;
    }
    *out = m;
    return SV_OK;
}

void sv_metrics_destroy(sv_metrics *m) {
    if (!m)
        return;
    sv_metrics_solver_release(&m->solver);
    void *const owned[] = {m->pair_d,    m->pair_slot,   m->pair_at,        m->n_truth, m->n_track,     m->slot,
                           m->bucket,    m->truth_count, m->track_count,    m->near,    m->by_x,        m->sort_scratch,
                           m->last_ever, m->last_frame,  m->switch_partner, m->te_last, m->te_previous, m->te_matched,
                           m->te_frag,   m->taken_truth, m->taken_track};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);
    free(m);
}

/* Ids increase and lie in range. */
static bool are_points(const sv_metrics_point *point, size_t n, size_t n_ids) {
    for (size_t i = 0; i < n; i++)
        if (point[i].id < 0 || (size_t)point[i].id >= n_ids || (i > 0 && point[i].id <= point[i - 1].id))
            return false;
    return true;
}

sv_status sv_metrics_add(sv_metrics *m, sv_metrics_frame *frame, const sv_metrics_point *truth, size_t n_truth,
                         const sv_metrics_point *track, size_t n_tracks) {
    if (!are_points(truth, n_truth, m->n_truth_ids) || !are_points(track, n_tracks, m->n_track_ids))
        return sv_fail(SV_ERR_ARG, "metrics: ids of a frame must increase and lie below their number");
    sv_metrics_frame ignored;
    sv_status status = sv_metrics_find_pairs(m, truth, n_truth, track, n_tracks);
    if (status == SV_OK)
        status = keep_frame(m, truth, n_truth, track, n_tracks);
    if (status == SV_OK)
        status = sv_metrics_set_distances(frame ? frame : &ignored, m, truth, n_truth, n_tracks);
    if (status == SV_OK)
        status = sv_metrics_add_mot(m, truth, n_truth, track, n_tracks);
    if (status == SV_OK)
        status = sv_metrics_add_stonesoup(m, truth, n_truth, track, n_tracks);
    if (status == SV_OK)
        status = sv_metrics_add_trackeval(m, truth, n_truth, n_tracks);
    return status;
}

sv_status sv_metrics_finish(sv_metrics *m) {
    sv_metrics_finish_mot(m);
    sv_metrics_finish_stonesoup(m);
    sv_metrics_finish_trackeval(m);
    sv_status status = sv_metrics_finish_identity(m);
    return status == SV_OK ? sv_metrics_finish_hota(m) : status;
}

const sv_metrics_config *sv_metrics_get_config(const sv_metrics *m) {
    return &m->config;
}

const sv_metrics_clear *sv_metrics_get_clear(const sv_metrics *m) {
    return &m->clear;
}

const sv_metrics_identity *sv_metrics_get_identity(const sv_metrics *m) {
    return &m->identity;
}

const sv_metrics_hota *sv_metrics_get_hota(const sv_metrics *m) {
    return &m->hota;
}

const sv_metrics_motmetrics *sv_metrics_get_motmetrics(const sv_metrics *m) {
    return &m->mot;
}

const sv_metrics_stonesoup *sv_metrics_get_stonesoup(const sv_metrics *m) {
    return &m->stonesoup;
}

const sv_metrics_consistency *sv_metrics_get_consistency(const sv_metrics *m) {
    return &m->consistency;
}

const sv_metrics_tgospa *sv_metrics_get_tgospa(const sv_metrics *m) {
    return &m->tgospa;
}
