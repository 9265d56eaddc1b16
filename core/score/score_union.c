/** Stamps of both tables: where only tracks exist the truth is interpolated, or the stamp has no truth. docs/METRICS.md 1. */
#include <core/score/score_parts.h>

#include <skyvox/math.h>

#include <stdlib.h>
#include <string.h>

/* Track times that are no truth stamp, distinct; returns how many. */
static size_t added_stamps(sv_time *added, const sv_score_table *table, const sv_score_track_row *tracks,
                           size_t n_tracks) {
    size_t n = 0, k = 0;
    for (size_t i = 0; i < n_tracks; i++) {
        sv_time t = tracks[i].t;
        while (k < table->n_stamps && table->stamp[k] < t - SV_SCORE_SAME_TIME_NS)
            k++;
        bool is_truth = k < table->n_stamps && table->stamp[k] <= t + SV_SCORE_SAME_TIME_NS;
        bool is_added = n > 0 && t - added[n - 1] <= SV_SCORE_SAME_TIME_NS;
        if (!is_truth && !is_added)
            added[n++] = t;
    }
    return n;
}

static sv_score_truth_row between(const sv_score_truth_row *a, const sv_score_truth_row *b, sv_time t) {
    double f = (double)(t - a->t) / (double)(b->t - a->t);
    sv_score_truth_row row = *a;
    row.t = t;
    row.sample.p_w = sv_vec3_mad(a->sample.p_w, sv_vec3_sub(b->sample.p_w, a->sample.p_w), f);
    row.sample.v_w = sv_vec3_mad(a->sample.v_w, sv_vec3_sub(b->sample.v_w, a->sample.v_w), f);
    row.sample.has_velocity = a->sample.has_velocity && b->sample.has_velocity;
    row.sample.in_coverage = a->sample.in_coverage && b->sample.in_coverage;
    return row;
}

/* A target's previous row for every row: n for none. */
static void link_rows(size_t *previous, size_t *last, const sv_score_table *table) {
    for (size_t k = 0; k < table->n_targets; k++)
        last[k] = table->n_truth;
    for (size_t i = 0; i < table->n_truth; i++) {
        previous[i] = last[table->target[i]];
        last[table->target[i]] = i;
    }
}

/* Count (out == NULL) or write truth at the added stamps between rows at most `reach` apart. */
static size_t fill_between(sv_score_truth_row *out, const sv_score_table *table, const size_t *previous,
                           const sv_time *added, size_t n_added, sv_time reach) {
    size_t n = 0, k0 = 0;
    for (size_t i = 0; i < table->n_truth; i++) {
        const sv_score_truth_row *b = &table->truth[i];
        while (k0 < n_added && added[k0] < b->t - reach)
            k0++;
        if (previous[i] == table->n_truth || b->t - table->truth[previous[i]].t > reach)
            continue;
        const sv_score_truth_row *a = &table->truth[previous[i]];
        for (size_t k = k0; k < n_added && added[k] < b->t; k++) {
            if (added[k] <= a->t)
                continue;
            if (out)
                out[n] = between(a, b, added[k]);
            n++;
        }
    }
    return n;
}

static bool less_row(const void *a, const void *b, void *user) {
    const sv_score_truth_row *ra = a, *rb = b;
    (void)user;
    return ra->t != rb->t ? ra->t < rb->t : ra->sample.target < rb->sample.target;
}

/* Both stamp lists in one, with the first truth row of each. */
static void merge_stamps(sv_time *stamp, size_t *truth_at, const sv_score_table *table, const sv_time *added,
                         size_t n_added) {
    size_t i = 0, k = 0, n = 0, row = 0;
    while (i < table->n_stamps || k < n_added) {
        bool take_truth = k == n_added || (i < table->n_stamps && table->stamp[i] < added[k]);
        stamp[n] = take_truth ? table->stamp[i++] : added[k++];
        while (row < table->n_truth && table->truth[row].t < stamp[n])
            row++;
        truth_at[n++] = row;
    }
    truth_at[n] = table->n_truth;
}

/* Put the rows of truth_own, the merged stamps and the targets' places into the table. */
static void replace(sv_score_table *table, sv_time *stamp, size_t *truth_at, int32_t *target, const sv_time *added,
                    size_t n_added, size_t n_truth) {
    table->truth = table->truth_own;
    table->n_truth = n_truth;
    merge_stamps(stamp, truth_at, table, added, n_added);
    for (size_t i = 0; i < n_truth; i++)
        target[i] = sv_score_place(table->target_id, table->n_targets, table->truth[i].sample.target);
    free(table->stamp);
    free(table->truth_at);
    free(table->target);
    table->stamp = stamp;
    table->truth_at = truth_at;
    table->target = target;
    table->n_stamps += n_added;
}

sv_status sv_score_union_stamps(sv_score_table *table, const sv_score_config *config, const sv_score_track_row *tracks,
                                size_t n_tracks) {
    sv_time reach = sv_time_from_s(config->interpolate_max_s) + SV_SCORE_SAME_TIME_NS;
    sv_time *added = calloc(n_tracks + 1, sizeof *added);
    size_t *previous = calloc(table->n_truth + 1, sizeof *previous);
    size_t *last = calloc(table->n_targets + 1, sizeof *last);
    size_t n_added = 0, n = table->n_truth;
    if (added && previous && last) {
        n_added = added_stamps(added, table, tracks, n_tracks);
        link_rows(previous, last, table);
        n += fill_between(NULL, table, previous, added, n_added, reach);
    }

    table->truth_own = calloc(n + 1, sizeof *table->truth_own);
    sv_score_truth_row *scratch = calloc(n + 1, sizeof *scratch);
    sv_time *stamp = calloc(table->n_stamps + n_added + 1, sizeof *stamp);
    size_t *truth_at = calloc(table->n_stamps + n_added + 1, sizeof *truth_at);
    int32_t *target = calloc(n + 1, sizeof *target);
    bool taken = added && previous && last && table->truth_own && scratch && stamp && truth_at && target;
    if (taken) {
        if (table->n_truth > 0)
            memcpy(table->truth_own, table->truth, table->n_truth * sizeof *table->truth);
        fill_between(table->truth_own + table->n_truth, table, previous, added, n_added, reach);
        sv_sort(table->truth_own, n, sizeof *table->truth_own, less_row, NULL, scratch);
        replace(table, stamp, truth_at, target, added, n_added, n);
    } else {
        free(stamp);
        free(truth_at);
        free(target);
    }
    free(added);
    free(previous);
    free(last);
    free(scratch);
    return taken ? SV_OK : sv_fail(SV_ERR_NOMEM, "no memory for the stamps of both tables");
}
