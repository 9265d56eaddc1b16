/** What is added up over the scored stamps, and the summary made from it. docs/METRICS.md 4. */
#include <core/score/score_parts.h>

#include <skyvox/math.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- adding ---- */

sv_status sv_score_tally_init(sv_score_tally *t, const sv_score_table *table) {
    memset(t, 0, sizeof *t);
    sv_score_bins_init(t->by);
    t->last_covered = calloc(table->n_targets + 1, sizeof *t->last_covered);
    t->was_covered = calloc(table->n_targets + 1, sizeof *t->was_covered);
    t->wanted = calloc(table->n_targets + 1, sizeof *t->wanted);
    t->last_holding = calloc(table->n_targets + 1, sizeof *t->last_holding);
    t->track_seen = calloc(table->n_tracks + 1, sizeof *t->track_seen);
    for (size_t k = 0; t->last_holding && k < table->n_targets; k++)
        t->last_holding[k] = UINT64_MAX;
    bool taken = t->last_covered && t->was_covered && t->wanted && t->last_holding && t->track_seen;
    return taken ? SV_OK : sv_fail(SV_ERR_NOMEM, "no memory for the sums of the score");
}

void sv_score_tally_release(sv_score_tally *t) {
    free(t->distance);
    free(t->last_covered);
    free(t->was_covered);
    free(t->wanted);
    free(t->track_seen);
    free(t->holding);
    free(t->last_holding);
}

/* A wanted object in coverage that is held by `state`. */
static sv_status add_held(sv_score_tally *t, const sv_score_truth *s, const sv_score_state *state, int32_t target) {
    sv_vec3 d = sv_vec3_sub(s->p_w, state->p_w);
    sv_status status =
        sv_score_reserve((void **)&t->distance, &t->distance_cap, (size_t)t->n_held + 1, sizeof *t->distance);
    if (status == SV_OK)
        status = sv_score_reserve((void **)&t->holding, &t->holding_cap, t->n_holding + 1, sizeof *t->holding);
    if (status != SV_OK)
        return status;
    t->distance[t->n_held++] = sv_vec3_norm(d);
    t->sum_d2 += sv_vec3_dot(d, d);
    if (s->has_velocity && state->has_velocity) {
        sv_vec3 dv = sv_vec3_sub(s->v_w, state->v_w);
        t->sum_dv2 += sv_vec3_dot(dv, dv);
        t->n_velocity++;
    }

    uint64_t holding = (uint64_t)target << 32 | (uint32_t)state->track;
    if (holding != t->last_holding[target])
        t->holding[t->n_holding++] = holding;
    t->last_holding[target] = holding;
    return SV_OK;
}

static sv_status add_wanted(sv_score_tally *t, const sv_score_match *m, int32_t i, sv_time stamp) {
    const sv_score_truth *s = &m->truth[i].sample;
    int32_t k = m->target[i];
    const sv_score_state *state = m->state_of_truth[i] < 0 ? NULL : &m->state[m->state_of_truth[i]];
    t->wanted[k] = true;
    t->n_truth_all++;
    if (state) {
        sv_vec3 d = sv_vec3_sub(s->p_w, state->p_w);
        t->n_held_all++;
        t->sum_d2_all += sv_vec3_dot(d, d);
    }

    bool joined = t->was_covered[k] && s->in_coverage && stamp - t->last_covered[k] <= SV_SCORE_BREAK_NS;
    t->covered_ns += joined ? stamp - t->last_covered[k] : 0;
    t->was_covered[k] = s->in_coverage;
    t->last_covered[k] = stamp;
    if (!s->in_coverage)
        return SV_OK;
    t->n_truth++;
    sv_score_bins_truth(t->by, s, state != NULL);
    return state ? add_held(t, s, state, k) : SV_OK;
}

sv_status sv_score_tally_stamp(sv_score_tally *t, const sv_score_match *m, sv_time stamp) {
    for (int32_t i = 0; i < m->n_truth; i++) {
        sv_status status = m->truth[i].sample.wanted ? add_wanted(t, m, i, stamp) : SV_OK;
        if (status != SV_OK)
            return status;
    }
    for (int32_t j = 0; j < m->n_states; j++) {
        sv_score_role role = (sv_score_role)m->role[j];
        t->n_role[role]++;
        if (role != SV_ROLE_IGNORED)
            sv_score_bins_track(t->by, &m->state[j],
                                role == SV_ROLE_GHOST || role == SV_ROLE_FALSE || role == SV_ROLE_DISTRACTOR);
        t->track_seen[m->state[j].track] = true;
    }
    return SV_OK;
}

/* ---- summing up ---- */

static double ratio(double a, double b) {
    return b > 0 ? a / b : NAN;
}

static bool less_double(const void *a, const void *b, void *user) {
    (void)user;
    return *(const double *)a < *(const double *)b;
}

static bool less_u64(const void *a, const void *b, void *user) {
    (void)user;
    return *(const uint64_t *)a < *(const uint64_t *)b;
}

/* Quantile of sorted values, linear between the two nearest ranks. */
static double quantile(const double *x, size_t n, double q) {
    if (n == 0)
        return NAN;
    double at = q * (double)(n - 1);
    size_t i = (size_t)at;
    return i + 1 < n ? x[i] + (x[i + 1] - x[i]) * (at - (double)i) : x[i];
}

static void sum_gospa(sv_score_summary *s, const sv_score_gospa *gospa, size_t n) {
    double sum = 0, sum2 = 0, half = 0, ospa = 0, ospa_half = 0, part[3] = {0, 0, 0};
    for (size_t i = 0; i < n; i++) {
        sum += gospa[i].distance_m;
        sum2 += gospa[i].distance_m * gospa[i].distance_m;
        half += i >= n / 2 ? gospa[i].distance_m : 0;
        ospa += gospa[i].ospa_m;
        ospa_half += i >= n / 2 ? gospa[i].ospa_m : 0;
        part[0] += gospa[i].localisation;
        part[1] += gospa[i].missed;
        part[2] += gospa[i].false_part;
    }
    double all = (double)n, later = (double)(n - n / 2);
    s->gospa_mean_m = ratio(sum, all);
    s->gospa_rms_m = sqrt(ratio(sum2, all));
    s->gospa_mean_second_half_m = ratio(half, later);
    s->gospa_localisation = ratio(part[0], all);
    s->gospa_missed = ratio(part[1], all);
    s->gospa_false_part = ratio(part[2], all);
    s->ospa_mean_m = ratio(ospa, all);
    s->ospa_mean_second_half_m = ratio(ospa_half, later);
}

/* Distinct (target, track) pairs over targets ever held. */
static double count_ids(uint64_t *holding, size_t n, uint64_t *scratch) {
    sv_sort(holding, n, sizeof *holding, less_u64, NULL, scratch);
    int64_t n_pairs = 0, n_targets = 0;
    for (size_t i = 0; i < n; i++) {
        n_pairs += i == 0 || holding[i] != holding[i - 1];
        n_targets += i == 0 || holding[i] >> 32 != holding[i - 1] >> 32;
    }
    return ratio((double)n_pairs, (double)n_targets);
}

static void fill(sv_score_summary *s, const sv_score_tally *t, const sv_score_errors *e, const sv_score_table *table) {
    double n_held = (double)t->n_held;
    s->n_truth = t->n_truth;
    s->n_held = t->n_held;
    s->n_track_samples = t->n_role[SV_ROLE_HOLDS] + t->n_role[SV_ROLE_GHOST] + t->n_role[SV_ROLE_FALSE] +
                         t->n_role[SV_ROLE_DISTRACTOR] + t->n_role[SV_ROLE_BIRD];
    s->held_fraction = ratio(n_held, (double)t->n_truth);
    s->held_fraction_all = ratio((double)t->n_held_all, (double)t->n_truth_all);

    double n_samples = (double)s->n_track_samples;
    s->ghost_fraction = ratio((double)(t->n_role[SV_ROLE_GHOST] + t->n_role[SV_ROLE_FALSE]), n_samples);
    s->distractor_fraction = ratio((double)t->n_role[SV_ROLE_DISTRACTOR], n_samples);
    s->false_fraction = s->ghost_fraction + s->distractor_fraction;
    s->id_switches = e->n_switches;
    s->switches_per_target_hour = ratio((double)e->n_switches, sv_time_to_s(t->covered_ns) / 3600);
    for (size_t k = 0; k < table->n_tracks; k++)
        s->n_tracks += t->track_seen[k];
    for (size_t k = 0; k < table->n_targets; k++)
        s->n_targets += t->wanted[k];

    s->position_rmse_m = sqrt(ratio(t->sum_d2, n_held));
    s->position_rmse_all_m = sqrt(ratio(t->sum_d2_all, (double)t->n_held_all));
    s->velocity_rmse_mps = sqrt(ratio(t->sum_dv2, (double)t->n_velocity));
    s->longest_gap_s = t->n_truth > 0 ? sv_time_to_s(e->longest_gap) : NAN;
}

sv_status sv_score_tally_finish(sv_score_summary *s, sv_score_tally *t, sv_score_errors *e, const sv_score_table *table,
                                const sv_score_gospa *gospa, size_t n_gospa) {
    size_t n_held = (size_t)t->n_held;
    size_t n_most = n_held > t->n_holding ? n_held : t->n_holding;
    n_most = n_most > e->n_confirm ? n_most : e->n_confirm;
    void *scratch = calloc(n_most + 1, sizeof(uint64_t));
    if (!scratch)
        return sv_fail(SV_ERR_NOMEM, "no memory for the summary of the score");

    memset(s, 0, sizeof *s);
    fill(s, t, e, table);
    sum_gospa(s, gospa, n_gospa);
    s->ids_per_target = count_ids(t->holding, t->n_holding, scratch);
    sv_sort(t->distance, n_held, sizeof *t->distance, less_double, NULL, scratch);
    s->position_median_m = quantile(t->distance, n_held, 0.5);
    sv_sort(e->confirm_s, e->n_confirm, sizeof *e->confirm_s, less_double, NULL, scratch);
    s->time_to_confirm_median_s = quantile(e->confirm_s, e->n_confirm, 0.5);
    s->time_to_confirm_p95_s = quantile(e->confirm_s, e->n_confirm, 0.95);
    free(scratch);
    sv_score_bins_finish(t->by, n_gospa);
    return SV_OK;
}
