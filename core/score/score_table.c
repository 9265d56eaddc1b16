/** Truth and tracks brought to common stamps. docs/METRICS.md 1. */
#include <core/score/score_parts.h>

#include <skyvox/math.h>

#include <stdlib.h>
#include <string.h>

static bool finite(double x) {
    return x - x == 0;
}

/* Beyond 1e12 m squares lose their meaning. */
static bool usable(double x) {
    return x >= -1e12 && x <= 1e12;
}

static bool usable3(sv_vec3 v) {
    return usable(v.x) && usable(v.y) && usable(v.z);
}

static sv_status check_truth(const sv_score_truth_row *row, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const sv_score_truth *s = &row[i].sample;
        double t_s = sv_time_to_s(row[i].t);
        if (!usable3(s->p_w) || (s->has_velocity && !usable3(s->v_w)) || !finite((double)s->range_m) ||
            !finite((double)s->size_px))
            return sv_fail(SV_ERR_ARG, "truth row %zu: not finite, or beyond 1e12 (target %lld at %.9f s)", i,
                           (long long)s->target, t_s);
        if (i == 0 || row[i - 1].t < row[i].t || (row[i - 1].t == row[i].t && row[i - 1].sample.target < s->target))
            continue;
        bool twice = row[i - 1].t == row[i].t && row[i - 1].sample.target == s->target;
        return sv_fail(SV_ERR_ARG, "truth row %zu: %s (target %lld at %.9f s)", i,
                       twice ? "the same target twice at one stamp" : "not sorted by time, then target",
                       (long long)s->target, t_s);
    }
    return SV_OK;
}

static sv_status check_tracks(const sv_score_track_row *row, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double t_s = sv_time_to_s(row[i].t);
        if (!usable3(row[i].p_w) || (row[i].has_velocity && !usable3(row[i].v_w)) ||
            !finite((double)row[i].bird_prob) || !finite((double)row[i].range_m))
            return sv_fail(SV_ERR_ARG, "track row %zu: not finite, or beyond 1e12 (track %lld at %.9f s)", i,
                           (long long)row[i].track, t_s);
        if (i == 0 || row[i - 1].t < row[i].t || (row[i - 1].t == row[i].t && row[i - 1].track < row[i].track))
            continue;
        bool twice = row[i - 1].t == row[i].t && row[i - 1].track == row[i].track;
        return sv_fail(SV_ERR_ARG, "track row %zu: %s (track %lld at %.9f s)", i,
                       twice ? "the same track twice at one time" : "not sorted by time, then track",
                       (long long)row[i].track, t_s);
    }
    return SV_OK;
}

static bool less_id(const void *a, const void *b, void *user) {
    (void)user;
    return *(const int64_t *)a < *(const int64_t *)b;
}

size_t sv_score_unique(int64_t *id, size_t n, int64_t *scratch) {
    sv_sort(id, n, sizeof *id, less_id, NULL, scratch);
    size_t n_unique = 0;
    for (size_t i = 0; i < n; i++)
        if (n_unique == 0 || id[n_unique - 1] != id[i])
            id[n_unique++] = id[i];
    return n_unique;
}

/* A column of either table, which is by time, then id; a row begins with its time. */
typedef struct id_column {
    const char *row; /* [n] */
    size_t n, stride, offset;
} id_column;

static int64_t id_at(const id_column *c, size_t i) {
    int64_t id;
    memcpy(&id, c->row + i * c->stride + c->offset, sizeof id);
    return id;
}

static sv_time time_at(const id_column *c, size_t i) {
    sv_time t;
    memcpy(&t, c->row + i * c->stride, sizeof t);
    return t;
}

/* Count (out == NULL) or write the ids that are not at the time before: few, where rows are millions. */
static size_t find_births(int64_t *out, const id_column *c) {
    size_t n = 0, before = 0, now = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (i > 0 && time_at(c, i) != time_at(c, i - 1)) {
            before = now;
            now = i;
        }
        size_t end = now;
        while (before < end && id_at(c, before) < id_at(c, i))
            before++;
        if (before < end && id_at(c, before) == id_at(c, i))
            continue;
        if (out)
            out[n] = id_at(c, i);
        n++;
    }
    return n;
}

/* Distinct ids, increasing. */
static sv_status take_ids(int64_t **id, size_t *n, const id_column *c) {
    size_t n_births = find_births(NULL, c);
    int64_t *scratch = calloc(n_births + 1, sizeof *scratch);
    *id = calloc(n_births + 1, sizeof **id);
    if (!scratch || !*id) {
        free(scratch);
        return sv_fail(SV_ERR_NOMEM, "no memory for %zu ids", n_births);
    }
    find_births(*id, c);
    *n = sv_score_unique(*id, n_births, scratch);
    free(scratch);
    return SV_OK;
}

int32_t sv_score_place(const int64_t *id, size_t n, int64_t value) {
    size_t lo = 0, hi = n;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (id[mid] <= value)
            lo = mid;
        else
            hi = mid;
    }
    return (int32_t)lo;
}

/* Distinct truth times, where each begins, and the place of every row's target among the ids. */
static sv_status index_truth(sv_score_table *table) {
    size_t n = table->n_truth;
    table->stamp = calloc(n + 1, sizeof *table->stamp);
    table->truth_at = calloc(n + 1, sizeof *table->truth_at);
    table->target = calloc(n + 1, sizeof *table->target);
    if (!table->stamp || !table->truth_at || !table->target)
        return sv_fail(SV_ERR_NOMEM, "no memory for %zu truth samples", n);

    for (size_t i = 0; i < n; i++) {
        if (i > 0 && table->truth[i].t == table->truth[i - 1].t)
            continue;
        table->truth_at[table->n_stamps] = i;
        table->stamp[table->n_stamps++] = table->truth[i].t;
    }
    table->truth_at[table->n_stamps] = n;

    sv_status status = take_ids(&table->target_id, &table->n_targets,
                                &(id_column){.row = (const char *)table->truth,
                                             .n = n,
                                             .stride = sizeof *table->truth,
                                             .offset = offsetof(sv_score_truth_row, sample.target)});
    if (status != SV_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        table->target[i] = sv_score_place(table->target_id, table->n_targets, table->truth[i].sample.target);
    return SV_OK;
}

/* The rows of one track and a cursor along the stamps. */
typedef struct walk {
    const sv_score_track_row *rows;
    const int32_t *order; /* [n] rows of this track, by time */
    size_t n, i;
    sv_time reach; /* longest step, ns */
    bool causal;
} walk;

static float mix_float(float a, float b, double f) {
    return (float)(a + (b - a) * f);
}

static sv_score_state mix(const sv_score_track_row *a, const sv_score_track_row *b, double f) {
    return (sv_score_state){
        .p_w = sv_vec3_mad(a->p_w, sv_vec3_sub(b->p_w, a->p_w), f),
        .v_w = sv_vec3_mad(a->v_w, sv_vec3_sub(b->v_w, a->v_w), f),
        .bird_prob = mix_float(a->bird_prob, b->bird_prob, f),
        .range_m = a->range_m > 0 && b->range_m > 0 ? mix_float(a->range_m, b->range_m, f) : 0,
        .has_support = a->has_support,
        .n_sites = a->n_sites,
        .has_velocity = a->has_velocity && b->has_velocity,
        .has_sigma = a->has_sigma && b->has_sigma,
        .sigma_m = {mix_float(a->sigma_m[0], b->sigma_m[0], f), mix_float(a->sigma_m[1], b->sigma_m[1], f),
                    mix_float(a->sigma_m[2], b->sigma_m[2], f)},
    };
}

/* Source of the state at t, if the track has one; times must increase. report: newest time up to t at which any track
 * was reported. */
static bool source_at(sv_score_source *out, walk *w, sv_time t, sv_time report) {
    while (w->i + 1 < w->n && w->rows[w->order[w->i + 1]].t <= t + SV_SCORE_SAME_TIME_NS)
        w->i++;
    const sv_score_track_row *a = &w->rows[w->order[w->i]];
    sv_time age = t - a->t;
    out->a = out->b = w->order[w->i];
    if (age < -SV_SCORE_SAME_TIME_NS)
        return false;
    if (age <= SV_SCORE_SAME_TIME_NS)
        return true;

    // A track that a later report leaves out is gone, so that a deleted track does not linger.
    if (w->causal)
        return age <= w->reach && report <= a->t + SV_SCORE_SAME_TIME_NS;
    if (w->i + 1 == w->n)
        return false;
    out->b = w->order[w->i + 1];
    return w->rows[out->b].t - a->t <= w->reach;
}

static sv_score_state state_from(const sv_score_table *table, const sv_score_source *source, sv_time t) {
    const sv_score_track_row *a = &table->rows[source->a], *b = &table->rows[source->b];
    sv_time age = t - a->t;
    sv_score_state state = mix(a, b, source->a == source->b ? 0 : (double)age / (double)(b->t - a->t));
    if (table->causal && age > SV_SCORE_SAME_TIME_NS && a->has_velocity)
        state.p_w = sv_vec3_mad(a->p_w, a->v_w, sv_time_to_s(age));
    state.track = source->track;
    return state;
}

void sv_score_table_states(sv_score_state *state, const sv_score_table *table, size_t i) {
    for (size_t k = table->state_at[i]; k < table->state_at[i + 1]; k++)
        state[k - table->state_at[i]] = state_from(table, &table->source[k], table->stamp[i]);
}

/* First stamp not before t. */
static size_t stamp_from(const sv_score_table *table, sv_time t) {
    size_t lo = 0, hi = table->n_stamps;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (table->stamp[mid] < t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Count (out == NULL) or write one track's states; at[i] is moved on by one for every state of stamp i. */
static void walk_track(walk w, const sv_score_table *table, const sv_time *report, size_t *at, sv_score_source *out,
                       int32_t track) {
    sv_time begin = w.rows[w.order[0]].t - SV_SCORE_SAME_TIME_NS;
    sv_time end = w.rows[w.order[w.n - 1]].t + (w.causal ? w.reach : SV_SCORE_SAME_TIME_NS);
    for (size_t i = stamp_from(table, begin); i < table->n_stamps && table->stamp[i] <= end; i++) {
        sv_score_source source = {.track = track};
        if (!source_at(&source, &w, table->stamp[i], report[i]))
            continue;
        if (out)
            out[at[i]] = source;
        at[i]++;
    }
}

/* Newest row time up to each stamp. */
static void find_reports(sv_time *report, const sv_score_table *table, const sv_score_track_row *rows, size_t n) {
    size_t k = 0;
    for (size_t i = 0; i < table->n_stamps; i++) {
        while (k < n && rows[k].t <= table->stamp[i] + SV_SCORE_SAME_TIME_NS)
            k++;
        report[i] = k > 0 ? rows[k - 1].t : INT64_MIN / 2;
    }
}

/* Scratch of bring_tracks. */
typedef struct by_track {
    size_t *first;   /* [n_tracks + 1] */
    int32_t *order;  /* [n rows] by track, then time */
    size_t *at;      /* [n_stamps + 1] */
    sv_time *report; /* [n_stamps] */
} by_track;

static sv_status fill_states(sv_score_table *table, const sv_score_config *config, const sv_score_track_row *rows,
                             by_track *s) {
    // First pass counts the states of each stamp, second pass writes them: tracks in order, so each stamp is by track.
    for (int pass = 0; pass < 2; pass++) {
        for (size_t k = 0; k < table->n_tracks; k++) {
            walk w = {.rows = rows,
                      .order = s->order + s->first[k],
                      .n = s->first[k + 1] - s->first[k],
                      .reach = sv_time_from_s(config->interpolate_max_s) + SV_SCORE_SAME_TIME_NS,
                      .causal = config->evaluation == SV_SCORE_CAUSAL};
            walk_track(w, table, s->report, s->at, table->source, (int32_t)k);
        }
        if (pass == 1)
            break;

        size_t sum = 0;
        for (size_t i = 0; i < table->n_stamps; i++) {
            size_t count = s->at[i];
            s->at[i] = table->state_at[i] = sum;
            sum += count;
        }
        table->state_at[table->n_stamps] = table->n_states = sum;
        table->source = calloc(sum + 1, sizeof *table->source);
        if (!table->source)
            return sv_fail(SV_ERR_NOMEM, "no memory for %zu track samples", sum);
    }
    return SV_OK;
}

static sv_status bring_tracks(sv_score_table *table, const sv_score_config *config, const sv_score_track_row *rows,
                              size_t n) {
    sv_status status = take_ids(
        &table->track_id, &table->n_tracks,
        &(id_column){
            .row = (const char *)rows, .n = n, .stride = sizeof *rows, .offset = offsetof(sv_score_track_row, track)});
    if (status != SV_OK)
        return status;
    table->state_at = calloc(table->n_stamps + 1, sizeof *table->state_at);
    by_track s = {.first = calloc(table->n_tracks + 2, sizeof *s.first),
                  .order = calloc(n + 1, sizeof *s.order),
                  .at = calloc(table->n_stamps + 1, sizeof *s.at),
                  .report = calloc(table->n_stamps + 1, sizeof *s.report)};

    if (table->state_at && s.first && s.order && s.at && s.report) {
        // Rows by track, then time: a counting sort keeps the order of time.
        for (size_t i = 0; i < n; i++)
            s.first[sv_score_place(table->track_id, table->n_tracks, rows[i].track) + 2]++;
        for (size_t k = 2; k <= table->n_tracks; k++)
            s.first[k] += s.first[k - 1];
        for (size_t i = 0; i < n; i++)
            s.order[s.first[sv_score_place(table->track_id, table->n_tracks, rows[i].track) + 1]++] = (int32_t)i;
        find_reports(s.report, table, rows, n);
        status = fill_states(table, config, rows, &s);
    } else {
        status = sv_fail(SV_ERR_NOMEM, "no memory for %zu track rows", n);
    }
    free(s.first);
    free(s.order);
    free(s.at);
    free(s.report);
    return status;
}

sv_status sv_score_table_build(sv_score_table *table, const sv_score_config *config, const sv_score_truth_row *truth,
                               size_t n_truth, const sv_score_track_row *tracks, size_t n_tracks) {
    memset(table, 0, sizeof *table);
    if (n_truth > INT32_MAX || n_tracks > INT32_MAX)
        return sv_fail(SV_ERR_ARG, "more than %ld rows", (long)INT32_MAX);
    sv_status status = check_truth(truth, n_truth);
    if (status == SV_OK)
        status = check_tracks(tracks, n_tracks);
    if (status != SV_OK)
        return status;

    table->rows = tracks;
    table->causal = config->evaluation == SV_SCORE_CAUSAL;
    table->truth = truth;
    table->n_truth = n_truth;
    status = index_truth(table);
    if (status == SV_OK && config->union_stamps)
        status = sv_score_union_stamps(table, config, tracks, n_tracks);
    if (status == SV_OK)
        status = bring_tracks(table, config, tracks, n_tracks);
    return status;
}

void sv_score_table_release(sv_score_table *table) {
    free(table->stamp);
    free(table->truth_own);
    free(table->truth_at);
    free(table->target);
    free(table->target_id);
    free(table->source);
    free(table->state_at);
    free(table->track_id);
}
