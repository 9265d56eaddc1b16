/* GOSPA and OSPA: against peers' values of shared tables, and against full enumeration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <skyvox/rng.h>
#include <skyvox/score.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_CAP = 256, FRAMES_CAP = 16 };

/* One table of tests/data/metrics/ospa_gospa.txt. */
typedef struct table {
    char name[64];
    int n_frames;
    sv_score_truth_row truth[ROWS_CAP];
    size_t n_truth;
    sv_score_track_row track[ROWS_CAP];
    size_t n_tracks;
    double want[FRAMES_CAP][5];
} table;

static const sv_time SECOND = 1000000000;

static bool read_row(table *t, const char *line) {
    int frame, id;
    double v[5];
    if (sscanf(line, "truth %d %d %lf %lf %lf", &frame, &id, &v[0], &v[1], &v[2]) == 5) {
        t->truth[t->n_truth++] = (sv_score_truth_row){
            .t = frame * SECOND,
            .sample = {.target = id, .wanted = true, .in_coverage = true, .p_w = {v[0], v[1], v[2]}}};
    } else if (sscanf(line, "track %d %d %lf %lf %lf", &frame, &id, &v[0], &v[1], &v[2]) == 5) {
        t->track[t->n_tracks++] = (sv_score_track_row){.t = frame * SECOND, .track = id, .p_w = {v[0], v[1], v[2]}};
    } else if (sscanf(line, "want %d %lf %lf %lf %lf %lf", &frame, &v[0], &v[1], &v[2], &v[3], &v[4]) == 6) {
        memcpy(t->want[frame], v, sizeof v);
    } else {
        return false;
    }
    return true;
}

static void compare(const table *t) {
    sv_score_config config = sv_score_config_default();
    config.union_stamps = true;
    sv_score *s;
    assert_int_equal(sv_score_create(&s, &config, t->truth, t->n_truth, t->track, t->n_tracks), SV_OK);
    size_t n;
    const sv_score_gospa *gospa = sv_score_get_gospa(s, &n);
    assert_int_equal(n, t->n_frames);
    for (int f = 0; f < t->n_frames; f++) {
        double got[5] = {gospa[f].ospa_m, gospa[f].distance_m, gospa[f].localisation, gospa[f].missed,
                         gospa[f].false_part};
        for (int k = 0; k < 5; k++) {
            if (!(fabs(got[k] - t->want[f][k]) <= 1e-9)) {
                fail_msg("%s frame %d value %d: %.17g, expected %.17g", t->name, f, k, got[k], t->want[f][k]);
            }
        }
    }
    sv_score_destroy(s);
}

static void golden_tables_hold_to_1e_9(void **state) {
    (void)state;
    FILE *file = fopen("tests/data/metrics/ospa_gospa.txt", "r");
    assert_non_null(file);
    table *t = calloc(1, sizeof *t);
    assert_non_null(t);
    char line[256];
    int n_tables = 0;
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, "table ", 6) == 0) {
            if (n_tables++ > 0) {
                compare(t);
            }
            memset(t, 0, sizeof *t);
            assert_int_equal(sscanf(line, "table %63s %d", t->name, &t->n_frames), 2);
        } else if (line[0] != '#') {
            assert_true(read_row(t, line));
        }
    }
    compare(t);
    assert_int_equal(n_tables, 10);
    free(t);
    fclose(file);
}

/* Smallest sum of min(d, c)^p over the pairs plus c^p for every row left alone. */
static double enumerate(const double cost[5][5], int n, int m, int row, unsigned used, double cp) {
    if (row == n) {
        return 0;
    }
    double best = cp + enumerate(cost, n, m, row + 1, used, cp);
    for (int c = 0; c < m; c++) {
        if (used >> c & 1) {
            continue;
        }
        double with = cost[row][c] + enumerate(cost, n, m, row + 1, used | 1u << c, cp);
        best = with < best ? with : best;
    }
    return best;
}

static void check_random(uint64_t trial, double p, double c) {
    uint64_t k = trial * 128;
    int n = (int)(6 * sv_rng_uniform(2, SV_RNG_TEST, k++)), m = (int)(6 * sv_rng_uniform(2, SV_RNG_TEST, k++));
    sv_score_truth_row truth[5];
    sv_score_track_row track[5];
    double cost[5][5], cp = pow(c, p);
    for (int i = 0; i < n; i++) {
        double x = 9 * sv_rng_uniform(2, SV_RNG_TEST, k), y = 9 * sv_rng_uniform(2, SV_RNG_TEST, k + 1);
        truth[i] = (sv_score_truth_row){.sample = {.target = i, .wanted = true, .in_coverage = true, .p_w = {x, y, 0}}};
        k += 2;
    }
    for (int j = 0; j < m; j++) {
        double x = 9 * sv_rng_uniform(2, SV_RNG_TEST, k), y = 9 * sv_rng_uniform(2, SV_RNG_TEST, k + 1);
        track[j] = (sv_score_track_row){.track = j, .p_w = {x, y, 0}};
        k += 2;
        for (int i = 0; i < n; i++) {
            cost[i][j] = fmin(cp, pow(hypot(truth[i].sample.p_w.x - x, truth[i].sample.p_w.y - y), p));
        }
    }
    if (n + m == 0) {
        return;
    }

    /* rows alone cost c^p in `least`: GOSPA wants c^p / 2 for each, and as much for each column alone */
    double least = enumerate((const double(*)[5])cost, n, m, 0, 0, cp);
    double gospa = pow(least + cp / 2 * (m - n), 1 / p);
    double ospa = pow((least + (m > n ? cp * (m - n) : 0)) / (n > m ? n : m), 1 / p);
    sv_score_config config = sv_score_config_default();
    config.cutoff_m = c;
    config.order = p;
    config.union_stamps = true;
    sv_score *s;
    size_t n_gospa;
    assert_int_equal(sv_score_create(&s, &config, truth, (size_t)n, track, (size_t)m), SV_OK);
    const sv_score_gospa *got = sv_score_get_gospa(s, &n_gospa);
    assert_int_equal(n_gospa, 1);
    assert_float_equal(got->distance_m, gospa, 1e-9);
    assert_float_equal(got->ospa_m, ospa, 1e-9);
    assert_float_equal(pow(got->localisation + got->missed + got->false_part, 1 / p), got->distance_m, 1e-9);
    sv_score_destroy(s);
}

static void random_sets_equal_full_enumeration(void **state) {
    (void)state;
    for (uint64_t trial = 0; trial < 200; trial++) {
        check_random(trial, 2, 3);
        check_random(trial + 1000, 1, 4);
        check_random(trial + 2000, 3, 10);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_tables_hold_to_1e_9),
        cmocka_unit_test(random_sets_equal_full_enumeration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
