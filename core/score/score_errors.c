/** The list of what went wrong, and the figures that come from intervals: switches, gaps, time to confirm. docs/METRICS.md 4, 6. */
#include <core/score/score_parts.h>

#include <skyvox/math.h>

#include <stdlib.h>
#include <string.h>

sv_status sv_score_errors_init(sv_score_errors *e, const sv_score_table *table) {
    memset(e, 0, sizeof *e);
    e->missed = calloc(table->n_targets + 1, sizeof *e->missed);
    e->bad = calloc(table->n_tracks + 1, sizeof *e->bad);
    e->held_before = calloc(table->n_targets + 1, sizeof *e->held_before);
    e->entry = calloc(table->n_targets + 1, sizeof *e->entry);
    e->seen = calloc(table->n_targets + 1, sizeof *e->seen);
    e->holder = calloc(table->n_targets + 1, sizeof *e->holder);
    e->confirm_s = calloc(table->n_targets + 1, sizeof *e->confirm_s);
    e->n_missed = table->n_targets;
    e->n_bad = table->n_tracks;
    for (size_t k = 0; e->holder && k < table->n_targets; k++)
        e->holder[k] = -1;
    bool taken = e->missed && e->bad && e->held_before && e->entry && e->seen && e->holder && e->confirm_s;
    return taken ? SV_OK : sv_fail(SV_ERR_NOMEM, "no memory for the error list");
}

void sv_score_errors_release(sv_score_errors *e) {
    free(e->error);
    free(e->missed);
    free(e->bad);
    free(e->held_before);
    free(e->entry);
    free(e->seen);
    free(e->holder);
    free(e->confirm_s);
}

static sv_status append(sv_score_errors *e, sv_score_error error) {
    sv_status status = sv_score_reserve((void **)&e->error, &e->cap, e->n + 1, sizeof *e->error);
    if (status == SV_OK)
        e->error[e->n++] = error;
    return status;
}

/* End an interval at t_end, the first sample that is no longer in it (or its own last sample). */
static sv_status close_interval(sv_score_errors *e, sv_score_open *o, sv_time t_end) {
    if (!o->open)
        return SV_OK;
    o->open = false;
    o->error.t_end = t_end;
    bool is_gap = o->error.kind == SV_ERROR_MISSED || o->error.kind == SV_ERROR_LATE;
    if (is_gap && t_end - o->error.t_begin > e->longest_gap)
        e->longest_gap = t_end - o->error.t_begin;
    return append(e, o->error);
}

/* Begin an interval or go on with it. */
static sv_status extend(sv_score_errors *e, sv_score_open *o, sv_score_error error) {
    bool same = o->open && o->error.kind == error.kind && o->error.target == error.target;
    if (same && error.t_begin - o->error.t_end <= SV_SCORE_BREAK_NS) {
        o->error.t_end = error.t_begin;
        return SV_OK;
    }
    bool torn = error.t_begin - o->error.t_end > SV_SCORE_BREAK_NS;
    sv_status status = close_interval(e, o, torn ? o->error.t_end : error.t_begin);
    o->open = true;
    o->error = error;
    return status;
}

/* A wanted target that is held at t by `track`. */
static sv_status add_held(sv_score_errors *e, const sv_score_table *table, int32_t k, int32_t track,
                          const sv_score_truth_row *row, bool scored) {
    sv_score_open *o = &e->missed[k];
    if (!e->held_before[k]) {
        sv_time wait = row->t - e->entry[k];
        e->confirm_s[e->n_confirm++] = sv_time_to_s(wait);
        if (o->open && wait > SV_SCORE_BREAK_NS)
            o->error.kind = SV_ERROR_LATE;
    }
    e->held_before[k] = true;

    sv_status status = close_interval(e, o, row->t - o->error.t_end > SV_SCORE_BREAK_NS ? o->error.t_end : row->t);
    bool is_switch = scored && e->holder[k] >= 0 && e->holder[k] != track;
    e->holder[k] = track;
    if (status != SV_OK || !is_switch)
        return status;
    e->n_switches++;
    return append(e, (sv_score_error){.kind = SV_ERROR_SWITCH,
                                      .t_begin = row->t,
                                      .t_end = row->t,
                                      .target = row->sample.target,
                                      .track = table->track_id[track],
                                      .p_w = row->sample.p_w});
}

static sv_status add_truth(sv_score_errors *e, const sv_score_table *table, const sv_score_match *m, int32_t i,
                           bool scored) {
    const sv_score_truth_row *row = &m->truth[i];
    int32_t k = m->target[i];
    if (!row->sample.wanted)
        return SV_OK;
    if (!row->sample.in_coverage)
        return close_interval(e, &e->missed[k], row->t);
    if (!e->seen[k])
        e->entry[k] = row->t;
    e->seen[k] = true;
    if (m->state_of_truth[i] >= 0)
        return add_held(e, table, k, m->state[m->state_of_truth[i]].track, row, scored);
    if (!scored)
        return SV_OK;
    return extend(e, &e->missed[k],
                  (sv_score_error){.kind = SV_ERROR_MISSED,
                                   .t_begin = row->t,
                                   .t_end = row->t,
                                   .target = row->sample.target,
                                   .track = -1,
                                   .p_w = row->sample.p_w});
}

static sv_status add_track(sv_score_errors *e, const sv_score_table *table, const sv_score_match *m, int32_t j,
                           sv_time t) {
    const sv_score_state *state = &m->state[j];
    sv_score_open *o = &e->bad[state->track];
    sv_error_kind kind;
    switch ((sv_score_role)m->role[j]) {
    case SV_ROLE_GHOST:
        kind = SV_ERROR_GHOST;
        break;
    case SV_ROLE_FALSE:
        kind = SV_ERROR_FALSE;
        break;
    case SV_ROLE_DISTRACTOR:
        kind = SV_ERROR_DISTRACTOR;
        break;
    default:
        return close_interval(e, o, t - o->error.t_end > SV_SCORE_BREAK_NS ? o->error.t_end : t);
    }
    int64_t target = m->object[j] < 0 ? -1 : m->truth[m->object[j]].sample.target;
    return extend(e, o,
                  (sv_score_error){.kind = kind,
                                   .t_begin = t,
                                   .t_end = t,
                                   .target = target,
                                   .track = table->track_id[state->track],
                                   .p_w = state->p_w});
}

sv_status sv_score_errors_stamp(sv_score_errors *e, const sv_score_table *table, const sv_score_match *m, sv_time t,
                                bool scored) {
    sv_status status = SV_OK;
    for (int32_t i = 0; status == SV_OK && i < m->n_truth; i++)
        status = add_truth(e, table, m, i, scored);
    for (int32_t j = 0; scored && status == SV_OK && j < m->n_states; j++)
        status = add_track(e, table, m, j, t);
    return status;
}

static bool less_error(const void *a, const void *b, void *user) {
    const sv_score_error *ea = a, *eb = b;
    (void)user;
    if (ea->t_begin != eb->t_begin)
        return ea->t_begin < eb->t_begin;
    if (ea->kind != eb->kind)
        return ea->kind < eb->kind;
    return ea->target != eb->target ? ea->target < eb->target : ea->track < eb->track;
}

sv_status sv_score_errors_finish(sv_score_errors *e) {
    sv_status status = SV_OK;
    for (size_t k = 0; status == SV_OK && k < e->n_missed; k++)
        status = close_interval(e, &e->missed[k], e->missed[k].error.t_end);
    for (size_t k = 0; status == SV_OK && k < e->n_bad; k++)
        status = close_interval(e, &e->bad[k], e->bad[k].error.t_end);
    if (status != SV_OK)
        return status;

    sv_score_error *scratch = calloc(e->n + 1, sizeof *scratch);
    if (!scratch)
        return sv_fail(SV_ERR_NOMEM, "no memory for %zu errors", e->n);
    sv_sort(e->error, e->n, sizeof *e->error, less_error, NULL, scratch);
    free(scratch);
    return SV_OK;
}
