/* The scorer: roles, matching, history, coverage, evaluation, bad input. Set distances: test_score_gospa.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <core/score/score_parts.h>
#include <skyvox/math.h>
#include <skyvox/rng.h>
#include <skyvox/score.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const sv_time FRAME = 100000000; /* 0.1 s */

enum { ROWS_CAP = 4096 };

typedef struct tables {
    sv_score_truth_row truth[ROWS_CAP];
    size_t n_truth;
    sv_score_track_row track[ROWS_CAP];
    size_t n_tracks;
} tables;

static void add_truth(tables *t, int frame, int64_t id, double x, bool wanted, bool in_coverage) {
    t->truth[t->n_truth++] = (sv_score_truth_row){.t = frame * FRAME,
                                                  .sample = {.target = id,
                                                             .object_class = wanted ? SV_CLASS_DRONE : SV_CLASS_BIRD,
                                                             .wanted = wanted,
                                                             .in_coverage = in_coverage,
                                                             .has_velocity = true,
                                                             .p_w = {x, 0, 100},
                                                             .v_w = {1, 0, 0},
                                                             .range_m = 700,
                                                             .size_px = 2.5,
                                                             .n_sites = 4}};
}

static void add_track(tables *t, int frame, int64_t id, double x) {
    t->track[t->n_tracks++] = (sv_score_track_row){
        .t = frame * FRAME, .track = id, .p_w = {x, 0, 100}, .v_w = {1, 0, 0}, .has_velocity = true};
}

static sv_score *score(const tables *t, const sv_score_config *config) {
    sv_score_config c = config ? *config : sv_score_config_default();
    sv_score *s = NULL;
    sv_status status = sv_score_create(&s, &c, t->truth, t->n_truth, t->track, t->n_tracks);
    if (status != SV_OK) {
        fail_msg("%s", sv_error_text());
    }
    return s;
}

static size_t count_errors(const sv_score *s, sv_error_kind kind, sv_score_error *last) {
    size_t n, n_kind = 0;
    const sv_score_error *error = sv_score_get_errors(s, &n);
    for (size_t i = 0; i < n; i++) {
        if (error[i].kind == kind) {
            *last = error[i];
            n_kind++;
        }
    }
    return n_kind;
}

static void perfect_tracks_score_one(void **state) {
    tables *t = *state;
    for (int f = 0; f < 20; f++) {
        add_truth(t, f, 1, f, true, true);
        add_truth(t, f, 2, 50 + f, true, true);
        add_track(t, f, 7, f);
        add_track(t, f, 9, 50.5 + f);
    }
    sv_score *s = score(t, NULL);
    const sv_score_summary *sum = sv_score_get_summary(s);
    assert_true(sum->held_fraction == 1 && sum->held_fraction_all == 1 && sum->false_fraction == 0);
    assert_true(sum->n_truth == 40 && sum->n_held == 40 && sum->n_track_samples == 40);
    assert_true(sum->id_switches == 0 && sum->ids_per_target == 1 && sum->n_tracks == 2 && sum->n_targets == 2);
    assert_float_equal(sum->position_rmse_m, sqrt(0.125), 1e-12);
    assert_float_equal(sum->position_median_m, 0.25, 1e-12);
    assert_true(sum->velocity_rmse_mps == 0 && sum->longest_gap_s == 0 && sum->time_to_confirm_median_s == 0);
    assert_float_equal(sum->gospa_mean_m, 0.5, 1e-12);
    assert_float_equal(sum->ospa_mean_m, sqrt(0.125), 1e-12);
    size_t n;
    sv_score_get_errors(s, &n);
    assert_int_equal(n, 0);
    const sv_score_bin *bin = sv_score_get_bins(s, SV_SCORE_BY_RANGE, &n);
    assert_true(n == 1 && bin[0].lo == 500 && bin[0].hi == 1000 && bin[0].n == 40 && bin[0].held_fraction == 1);
    bin = sv_score_get_bins(s, SV_SCORE_BY_SITES, &n);
    assert_true(n == 1 && bin[0].lo == 4 && bin[0].n == 40);
    sv_score_destroy(s);
}

/* A drone at 1 m/s and 700 m, a track on it, and a false one of 30 m/s at 4.2 km that two sites support, then none. */
static void false_alarms_fall_into_their_own_bins(void **state) {
    tables *t = *state;
    for (int f = 0; f < 20; f++) {
        add_truth(t, f, 1, f, true, true);
        add_track(t, f, 8, f);
        add_track(t, f, 9, 4000);
        sv_score_track_row *row = &t->track[t->n_tracks - 2];
        row[0].has_support = row[1].has_support = true;
        row[0].n_sites = 4;
        row[1].n_sites = f < 15 ? 2 : 0;
        row[0].range_m = 710;
        row[1].range_m = 4200;
        row[1].v_w = (sv_vec3){0, 0, 30};
    }
    sv_score *s = score(t, NULL);
    size_t n;
    const sv_score_bin *bin = sv_score_get_bins(s, SV_SCORE_BY_SPEED, &n);
    assert_true(n == 8 && bin[0].lo == 1 && bin[0].n == 20 && bin[0].n_tracks == 20 && bin[0].false_fraction == 0);
    assert_true(bin[7].lo == 30 && bin[7].n == 0 && isnan(bin[7].held_fraction) && bin[7].n_tracks == 20);
    assert_true(bin[7].false_fraction == 1 && bin[7].false_per_stamp == 1);
    assert_true(isnan(bin[3].false_fraction) && isnan(bin[3].false_per_stamp) && isnan(bin[3].detected_fraction));
    bin = sv_score_get_bins(s, SV_SCORE_BY_RANGE, &n);
    assert_true(n == 8 && bin[0].lo == 500 && bin[0].false_fraction == 0);
    assert_true(bin[7].lo == 4000 && bin[7].n_tracks == 20 && bin[7].false_fraction == 1);
    bin = sv_score_get_bins(s, SV_SCORE_BY_SITES, &n);
    assert_true(n == 5 && bin[0].lo == 0 && bin[0].n_false == 5 && bin[0].false_per_stamp == 0.25 && bin[0].n == 0);
    assert_true(bin[2].n_false == 15 && bin[4].n == 20 && bin[4].n_tracks == 20 && bin[4].n_false == 0);
    bin = sv_score_get_bins(s, SV_SCORE_BY_SIZE, &n);
    assert_true(n == 1 && bin[0].n == 20 && bin[0].n_tracks == 0 && isnan(bin[0].false_fraction));
    sv_score_destroy(s);
}

/* One drone, one bird, one drone out of coverage; tracks on all of them, a second one on the drone, one in the void. */
static void every_role_is_told_apart(void **state) {
    tables *t = *state;
    for (int f = 0; f < 10; f++) {
        add_truth(t, f, 1, 0, true, true);
        add_truth(t, f, 2, 100, false, true);
        add_truth(t, f, 3, 200, true, false);
        add_track(t, f, 10, 0.1);
        add_track(t, f, 11, 1.0);
        add_track(t, f, 12, 100.2);
        add_track(t, f, 13, 200.2);
        add_track(t, f, 14, 300);
        add_track(t, f, 15, 99.5);
        t->track[t->n_tracks - 1].bird_prob = 0.6;
    }
    sv_score *s = score(t, NULL);
    const sv_score_summary *sum = sv_score_get_summary(s);
    assert_int_equal(sum->n_truth, 10);
    assert_true(sum->held_fraction == 1 && sum->held_fraction_all == 1);
    assert_int_equal(sum->n_track_samples, 50); /* all but track 13 */
    assert_float_equal(sum->ghost_fraction, 0.4, 1e-12);
    assert_float_equal(sum->distractor_fraction, 0.2, 1e-12);
    assert_float_equal(sum->false_fraction, 0.6, 1e-12);

    sv_score_error e;
    assert_int_equal(count_errors(s, SV_ERROR_GHOST, &e), 1);
    assert_true(e.track == 11 && e.target == 1 && e.t_begin == 0 && e.t_end == 9 * FRAME);
    assert_int_equal(count_errors(s, SV_ERROR_FALSE, &e), 1);
    assert_true(e.track == 14 && e.target == -1 && e.p_w.x == 300);
    assert_int_equal(count_errors(s, SV_ERROR_DISTRACTOR, &e), 1);
    assert_true(e.track == 12 && e.target == 2);
    assert_int_equal(count_errors(s, SV_ERROR_MISSED, &e), 0);

    size_t n, n_gospa;
    const int64_t *target = sv_score_get_targets(s, &n);
    assert_true(n == 2 && target[0] == 1 && target[1] == 3);
    assert_int_equal(sv_score_get_strip(s, 0)[4], SV_STRIP_SEVERAL);
    assert_int_equal(sv_score_get_strip(s, 1)[4], SV_STRIP_ONE);
    /* wanted truth in coverage against tracks that are not ignored and no self-declared bird */
    const sv_score_gospa *gospa = sv_score_get_gospa(s, &n_gospa);
    assert_true(gospa[0].n_truth == 1 && gospa[0].n_tracks == 4);
    assert_float_equal(gospa[0].false_part, 150, 1e-12);
    sv_score_destroy(s);
}

static void pairs_are_continued_before_nearer_ones(void **state) {
    tables *t = *state;
    for (int f = 0; f < 4; f++) {
        add_truth(t, f, 1, 0, true, true);
        /* track 5 drifts off to 1.5 m, track 6 appears on the spot */
        add_track(t, f, 5, f < 2 ? 0 : 1.5);
        if (f >= 2) {
            add_track(t, f, 6, 0);
        }
    }
    sv_score *s = score(t, NULL);
    const sv_score_summary *sum = sv_score_get_summary(s);
    assert_int_equal(sum->id_switches, 0);
    assert_float_equal(sum->position_rmse_m, sqrt(0.5) * 1.5, 1e-12);
    assert_float_equal(sum->ghost_fraction, 2.0 / 6, 1e-12);
    sv_score_destroy(s);
}

static void exchange_of_ids_is_two_switches(void **state) {
    tables *t = *state;
    for (int f = 0; f < 10; f++) {
        add_truth(t, f, 1, 0, true, true);
        add_truth(t, f, 2, 4, true, true);
        add_track(t, f, 8, f < 5 ? 0 : 4);
        add_track(t, f, 9, f < 5 ? 4 : 0);
    }
    sv_score *s = score(t, NULL);
    const sv_score_summary *sum = sv_score_get_summary(s);
    assert_int_equal(sum->id_switches, 2);
    assert_true(sum->ids_per_target == 2 && sum->held_fraction == 1);
    /* two targets, nine steps of 0.1 s each in coverage */
    assert_float_equal(sum->switches_per_target_hour, 2 / (1.8 / 3600), 1e-6);
    sv_score_error e;
    assert_int_equal(count_errors(s, SV_ERROR_SWITCH, &e), 2);
    assert_true(e.t_begin == 5 * FRAME && e.target == 2 && e.track == 8);
    sv_score_destroy(s);
}

static void a_gap_is_one_missed_interval(void **state) {
    tables *t = *state;
    for (int f = 0; f < 30; f++) {
        add_truth(t, f, 1, 0, true, f != 25);
        if (f < 10 || (f >= 14 && f < 27)) {
            add_track(t, f, f < 10 ? 3 : 4, 0);
        }
    }
    sv_score *s = score(t, NULL);
    const sv_score_summary *sum = sv_score_get_summary(s);
    assert_true(sum->n_truth == 29 && sum->n_held == 22);
    assert_float_equal(sum->longest_gap_s, 0.4, 1e-12);
    assert_int_equal(sum->id_switches, 1);
    sv_score_error e;
    assert_int_equal(count_errors(s, SV_ERROR_MISSED, &e), 2);
    assert_true(e.t_begin == 27 * FRAME && e.t_end == 29 * FRAME && e.target == 1 && e.track == -1);
    const uint8_t *strip = sv_score_get_strip(s, 0);
    assert_true(strip[9] == SV_STRIP_ONE && strip[10] == SV_STRIP_NONE && strip[25] == SV_STRIP_ONE);
    sv_score_destroy(s);
}

static void a_late_start_is_not_also_a_miss(void **state) {
    tables *t = *state;
    for (int f = 0; f < 40; f++) {
        add_truth(t, f, 1, 0, true, f >= 5);
        add_truth(t, f, 2, 50, true, true);
        if (f >= 20) {
            add_track(t, f, 3, 0);
        }
        if (f >= 3) {
            add_track(t, f, 4, 50);
        }
    }
    sv_score *s = score(t, NULL);
    const sv_score_summary *sum = sv_score_get_summary(s);
    assert_float_equal(sum->time_to_confirm_median_s, (1.5 + 0.3) / 2, 1e-12);
    assert_float_equal(sum->time_to_confirm_p95_s, 0.3 + 0.95 * 1.2, 1e-12);
    sv_score_error e;
    assert_int_equal(count_errors(s, SV_ERROR_LATE, &e), 1);
    assert_true(e.target == 1 && e.t_begin == 5 * FRAME && e.t_end == 20 * FRAME);
    assert_int_equal(count_errors(s, SV_ERROR_MISSED, &e), 1);
    assert_true(e.target == 2);
    assert_int_equal(sv_score_get_strip(s, 0)[2], SV_STRIP_OUTSIDE);
    sv_score_destroy(s);
}

static void warm_up_is_history_but_not_score(void **state) {
    tables *t = *state;
    for (int f = 0; f < 20; f++) {
        add_truth(t, f, 1, 0, true, true);
        if (f >= 4) {
            add_track(t, f, 3, f < 12 ? 0 : 30);
        }
    }
    sv_score_config c = sv_score_config_default();
    c.warmup_s = 1;
    sv_score *s = score(t, &c);
    const sv_score_summary *sum = sv_score_get_summary(s);
    size_t n;
    assert_true(sv_score_get_gospa(s, &n)[0].t == 10 * FRAME);
    assert_int_equal(n, 10);
    assert_true(sum->n_truth == 10 && sum->n_held == 2 && sum->n_track_samples == 10);
    assert_float_equal(sum->time_to_confirm_median_s, 0.4, 1e-12);
    sv_score_error e;
    assert_int_equal(count_errors(s, SV_ERROR_LATE, &e), 0);
    assert_int_equal(count_errors(s, SV_ERROR_MISSED, &e), 1);
    assert_true(e.t_begin == 12 * FRAME);
    sv_score_destroy(s);
}

static void rows_are_interpolated_only_when_close(void **state) {
    tables *t = *state;
    for (int f = 0; f <= 8; f++) {
        add_truth(t, f, 1, f, true, true);
    }
    add_track(t, 0, 3, 0);
    add_track(t, 2, 3, 2.5); /* 0.2 s apart: stamp 1 is between */
    add_track(t, 5, 3, 5);   /* 0.3 s apart: stamps 3 and 4 are not */
    sv_score *s = score(t, NULL);
    const uint8_t *strip = sv_score_get_strip(s, 0);
    static const uint8_t want[9] = {SV_STRIP_ONE, SV_STRIP_ONE,  SV_STRIP_ONE,  SV_STRIP_NONE, SV_STRIP_NONE,
                                    SV_STRIP_ONE, SV_STRIP_NONE, SV_STRIP_NONE, SV_STRIP_NONE};
    assert_memory_equal(strip, want, 9);
    size_t n;
    assert_float_equal(sv_score_get_gospa(s, &n)[1].distance_m, 0.25, 1e-12);
    sv_score_destroy(s);
}

static void causal_rows_are_carried_by_their_velocity(void **state) {
    tables *t = *state;
    for (int f = 0; f <= 8; f++) {
        add_truth(t, f, 1, f, true, true);
        add_truth(t, f, 2, 50 + 0.1 * f, true, true);
    }
    add_track(t, 0, 3, 0);
    t->track[0].v_w.x = 10;
    add_track(t, 2, 4, 50.2); /* track 3 was left out of this report: it is gone */
    sv_score_config c = sv_score_config_default();
    c.evaluation = SV_SCORE_CAUSAL;
    sv_score *s = score(t, &c);
    static const uint8_t first[4] = {SV_STRIP_ONE, SV_STRIP_ONE, SV_STRIP_NONE, SV_STRIP_NONE};
    static const uint8_t second[6] = {SV_STRIP_NONE, SV_STRIP_NONE, SV_STRIP_ONE,
                                      SV_STRIP_ONE,  SV_STRIP_ONE,  SV_STRIP_NONE};
    assert_memory_equal(sv_score_get_strip(s, 0), first, 4);
    assert_memory_equal(sv_score_get_strip(s, 1), second, 6);
    size_t n;
    assert_float_equal(sv_score_get_gospa(s, &n)[1].localisation, 0, 1e-18);
    sv_score_destroy(s);
}

static void causal_never_reads_a_later_row(void **state) {
    tables *t = *state;
    for (int f = 0; f < 10; f++) {
        add_truth(t, f, 1, f, true, true);
        add_track(t, f, 3, f);
        t->track[f].t += 30000000;
    }
    sv_score_config c = sv_score_config_default();
    c.evaluation = SV_SCORE_CAUSAL;
    sv_score *s = score(t, &c);
    size_t n;
    const sv_score_gospa *gospa = sv_score_get_gospa(s, &n);
    assert_int_equal(gospa[0].n_tracks, 0);
    double before = gospa[5].distance_m;
    sv_score_destroy(s);
    t->track[5].p_w.x = 1e6;
    s = score(t, &c);
    assert_true(sv_score_get_gospa(s, &n)[5].distance_m == before);
    sv_score_destroy(s);
}

static void union_stamps_count_tracks_without_truth(void **state) {
    tables *t = *state;
    add_truth(t, 0, 1, 0, true, true);
    add_truth(t, 2, 1, 2, true, true);
    add_track(t, 0, 3, 0);
    add_track(t, 1, 3, 1);
    add_track(t, 2, 3, 2);
    add_track(t, 9, 3, 9);
    t->track[2].t += 900; /* within 1 us of the truth's stamp */
    sv_score_config c = sv_score_config_default();
    c.union_stamps = true;
    sv_score *s = score(t, &c);
    size_t n;
    const sv_score_gospa *gospa = sv_score_get_gospa(s, &n);
    assert_int_equal(n, 4);
    assert_true(gospa[1].n_truth == 1 && gospa[1].localisation == 0);
    assert_true(gospa[3].n_truth == 0 && gospa[3].n_tracks == 1 && gospa[3].ospa_m == 10);
    assert_float_equal(sv_score_get_summary(s)->ghost_fraction, 0.25, 1e-12);
    sv_score_destroy(s);
    s = score(t, NULL);
    sv_score_get_gospa(s, &n);
    assert_int_equal(n, 2);
    sv_score_destroy(s);
}

static void nothing_at_all_is_not_a_number(void **state) {
    tables *t = *state;
    sv_score *s = score(t, NULL);
    const sv_score_summary *sum = sv_score_get_summary(s);
    assert_true(isnan(sum->held_fraction) && isnan(sum->false_fraction) && isnan(sum->gospa_mean_m));
    assert_true(isnan(sum->position_rmse_m) && isnan(sum->ids_per_target) && isnan(sum->longest_gap_s));
    sv_score_destroy(s);
    add_truth(t, 0, 1, 0, true, true);
    s = score(t, NULL);
    assert_true(sv_score_get_summary(s)->held_fraction == 0);
    sv_score_destroy(s);
}

static void refuse(const tables *t, const sv_score_config *config, const char *text) {
    sv_score_config c = config ? *config : sv_score_config_default();
    sv_score *s = (sv_score *)(uintptr_t)1;
    assert_int_equal(sv_score_create(&s, &c, t->truth, t->n_truth, t->track, t->n_tracks), SV_ERR_ARG);
    assert_null(s);
    assert_non_null(strstr(sv_error_text(), text));
}

static void bad_tables_are_refused_with_their_place(void **state) {
    tables *t = *state;
    add_truth(t, 0, 1, 0, true, true);
    add_truth(t, 0, 1, 0, true, true);
    refuse(t, NULL, "truth row 1: the same target twice");
    t->truth[1].t = -1;
    refuse(t, NULL, "truth row 1: not sorted");
    t->truth[1].t = FRAME;
    t->truth[1].sample.p_w.y = NAN;
    refuse(t, NULL, "truth row 1: not finite");
    t->n_truth = 1;
    add_track(t, 1, 5, 0);
    add_track(t, 1, 4, 0);
    refuse(t, NULL, "track row 1: not sorted");
    t->track[1].track = 5;
    refuse(t, NULL, "track row 1: the same track twice");
    t->track[1].track = 6;
    t->track[1].v_w.z = INFINITY;
    refuse(t, NULL, "track row 1: not finite");
    sv_score_config c = sv_score_config_default();
    c.gate_m = 0;
    refuse(t, &c, "gate_m");
}

/* Best pairing of at most 6 x 6 by trying all: most pairs first, then the smallest sum of distances. */
static void best_matching(int *n_best, double *sum_best, const double d[6][6], int n, int m, int row, unsigned used,
                          int n_pairs, double sum) {
    if (row == n) {
        if (n_pairs > *n_best || (n_pairs == *n_best && sum < *sum_best)) {
            *n_best = n_pairs;
            *sum_best = sum;
        }
        return;
    }
    best_matching(n_best, sum_best, d, n, m, row + 1, used, n_pairs, sum);
    for (int c = 0; c < m; c++) {
        if (!(used >> c & 1) && d[row][c] <= 2) {
            best_matching(n_best, sum_best, d, n, m, row + 1, used | 1u << c, n_pairs + 1, sum + d[row][c]);
        }
    }
}

/* Sum of distances of the scorer's own pairs at the only stamp. */
static double match_once(int *n_pairs, const tables *t) {
    sv_score_config config = sv_score_config_default();
    sv_score_table table;
    sv_score_match match;
    assert_int_equal(sv_score_table_build(&table, &config, t->truth, t->n_truth, t->track, t->n_tracks), SV_OK);
    assert_int_equal(sv_score_match_init(&match, &table), SV_OK);
    assert_int_equal(sv_score_match_stamp(&match, &table, &config, 0), SV_OK);
    double sum = 0;
    *n_pairs = 0;
    for (int32_t i = 0; i < match.n_truth; i++) {
        if (match.state_of_truth[i] >= 0) {
            sum += fabs(match.truth[i].sample.p_w.x - match.state[match.state_of_truth[i]].p_w.x);
            ++*n_pairs;
        }
    }
    sv_score_match_release(&match);
    sv_score_table_release(&table);
    return sum;
}

static void first_matching_is_the_best_of_all(void **state) {
    tables *t = *state;
    for (uint64_t trial = 0; trial < 300; trial++) {
        uint64_t k = trial * 64;
        int n = (int)(6 * sv_rng_uniform(1, SV_RNG_TEST, k++)) + 1;
        int m = (int)(6 * sv_rng_uniform(1, SV_RNG_TEST, k++)) + 1;
        t->n_truth = t->n_tracks = 0;
        double d[6][6];
        for (int i = 0; i < n; i++) {
            add_truth(t, 0, i, 6 * sv_rng_uniform(1, SV_RNG_TEST, k++), true, true);
        }
        for (int j = 0; j < m; j++) {
            add_track(t, 0, j, 6 * sv_rng_uniform(1, SV_RNG_TEST, k++));
            for (int i = 0; i < n; i++) {
                d[i][j] = fabs(t->truth[i].sample.p_w.x - t->track[j].p_w.x);
            }
        }
        int n_best = -1;
        double sum_best = 0;
        best_matching(&n_best, &sum_best, (const double(*)[6])d, n, m, 0, 0, 0, 0);
        int n_pairs;
        double sum = match_once(&n_pairs, t);
        assert_int_equal(n_pairs, n_best);
        assert_float_equal(sum, sum_best, 1e-12);
    }
}

/* 200 targets, 60 s at 30 Hz, 4 tracks around each of a tenth of them: seconds would be too slow. */
static void full_size_run_is_quick_and_the_same_twice(void **state) {
    (void)state;
    enum { N = 200, STAMPS = 1800 };
    sv_score_truth_row *truth = calloc((size_t)N * STAMPS, sizeof *truth);
    sv_score_track_row *track = calloc((size_t)N * STAMPS, sizeof *track);
    assert_true(truth && track);
    for (int f = 0; f < STAMPS; f++) {
        for (int k = 0; k < N; k++) {
            uint64_t c = ((uint64_t)f * N + (uint64_t)k) * 4;
            double a = 0.005 * f + k;
            sv_vec3 p = {800 * sin(a), 800 * cos(1.3 * a + k), 500 + 4 * (k % 50)};
            size_t i = (size_t)f * N + (size_t)k;
            truth[i] = (sv_score_truth_row){.t = f * (sv_time)33333333,
                                            .sample = {.target = k, .wanted = true, .in_coverage = true, .p_w = p}};
            track[i] = (sv_score_track_row){.t = truth[i].t, .track = k + 1, .p_w = p};
            track[i].p_w.x += 0.2 * sv_rng_normal(3, SV_RNG_TEST, c);
        }
    }
    sv_score_config config = sv_score_config_default();
    sv_score *a, *b;
    size_t n = (size_t)N * STAMPS, n_a, n_b;
    assert_int_equal(sv_score_create(&a, &config, truth, n, track, n), SV_OK);
    assert_int_equal(sv_score_create(&b, &config, truth, n, track, n), SV_OK);
    assert_true(sv_score_get_summary(a)->held_fraction == 1);
    assert_memory_equal(sv_score_get_summary(a), sv_score_get_summary(b), sizeof(sv_score_summary));
    const sv_score_gospa *ga = sv_score_get_gospa(a, &n_a), *gb = sv_score_get_gospa(b, &n_b);
    assert_true(n_a == STAMPS && n_b == STAMPS && ga[STAMPS / 2].distance_m == gb[STAMPS / 2].distance_m);
    sv_score_destroy(a);
    sv_score_destroy(b);
    free(truth);
    free(track);
}

static int set_up(void **state) {
    *state = calloc(1, sizeof(tables));
    return *state ? 0 : -1;
}

static int tear_down(void **state) {
    free(*state);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(perfect_tracks_score_one),
        TEST(false_alarms_fall_into_their_own_bins),
        TEST(every_role_is_told_apart),
        TEST(pairs_are_continued_before_nearer_ones),
        TEST(exchange_of_ids_is_two_switches),
        TEST(a_gap_is_one_missed_interval),
        TEST(a_late_start_is_not_also_a_miss),
        TEST(warm_up_is_history_but_not_score),
        TEST(rows_are_interpolated_only_when_close),
        TEST(causal_rows_are_carried_by_their_velocity),
        TEST(causal_never_reads_a_later_row),
        TEST(union_stamps_count_tracks_without_truth),
        TEST(nothing_at_all_is_not_a_number),
        TEST(bad_tables_are_refused_with_their_place),
        TEST(first_matching_is_the_best_of_all),
        TEST(full_size_run_is_quick_and_the_same_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
