/* The sanity block: it names the one thing that was done to the truth, and nothing when nothing was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <skyvox/rng.h>
#include <skyvox/score.h>

#include <math.h>
#include <string.h>

enum { N_TARGETS = 12, N_STAMPS = 90, RATE_HZ = 30, ROWS_CAP = N_STAMPS * (N_TARGETS + 2) };

typedef struct world {
    sv_score_truth_row truth[ROWS_CAP];
    size_t n_truth;
    sv_score_track_row track[ROWS_CAP];
    size_t n_tracks;
} world;

static double uniform(uint64_t *counter, double lo, double hi) {
    return lo + (hi - lo) * (double)(sv_rng(3, 9, (*counter)++) >> 11) / 9007199254740992.0;
}

static double noise(uint64_t *counter) {
    return uniform(counter, -0.4, 0.4) + uniform(counter, -0.4, 0.4);
}

/* Flights at 8 to 16 m/s, tracks with 0.3 m of error that miss 5 % and come late, two false tracks a stamp. */
static void fly(world *w, uint64_t seed, bool random_tracks) {
    memset(w, 0, sizeof *w);
    uint64_t counter = seed * 1000000;
    double p[N_TARGETS][3], v[N_TARGETS][3];
    for (int i = 0; i < N_TARGETS; i++)
        for (int k = 0; k < 3; k++) {
            p[i][k] = k == 2 ? uniform(&counter, 50, 150) : uniform(&counter, -150, 250);
            v[i][k] = (uniform(&counter, 0, 1) < 0.5 ? -1 : 1) * uniform(&counter, 4, 9);
        }
    for (int s = 0; s < N_STAMPS; s++) {
        double t = (double)s / RATE_HZ;
        for (int i = 0; i < N_TARGETS; i++) {
            double q[3], e[3];
            for (int k = 0; k < 3; k++) {
                q[k] = p[i][k] + v[i][k] * t;
                e[k] = random_tracks ? uniform(&counter, -150, 250) : q[k] + noise(&counter);
            }
            sv_time at = (sv_time)s * 1000000000 / RATE_HZ;
            w->truth[w->n_truth++] = (sv_score_truth_row){.t = at,
                                                          .sample = {.target = 10 + i,
                                                                     .wanted = true,
                                                                     .in_coverage = true,
                                                                     .has_velocity = true,
                                                                     .p_w = {q[0], q[1], q[2]},
                                                                     .v_w = {v[i][0], v[i][1], v[i][2]}}};
            if (s >= 3 && uniform(&counter, 0, 1) > 0.05)
                w->track[w->n_tracks++] = (sv_score_track_row){.t = at, .track = 100 + i, .p_w = {e[0], e[1], e[2]}};
        }
        for (int i = 0; i < 2; i++)
            w->track[w->n_tracks++] = (sv_score_track_row){
                .t = (sv_time)s * 1000000000 / RATE_HZ,
                .track = 900 + 2 * (s / 20) + i,
                .p_w = {uniform(&counter, -150, 250), uniform(&counter, -150, 250), uniform(&counter, 50, 150)}};
    }
}

static size_t ask(sv_sanity finding[SV_SANITY_CAP], const world *w) {
    sv_score_config config = sv_score_config_default();
    size_t n = 99;
    assert_int_equal(sv_score_sanity(finding, &n, &config, w->truth, w->n_truth, w->track, w->n_tracks), SV_OK);
    return n;
}

static void only_finding_is(const world *w, const char *kind, const char *text) {
    sv_sanity finding[SV_SANITY_CAP];
    assert_int_equal(ask(finding, w), 1);
    assert_string_equal(finding[0].kind, kind);
    assert_non_null(strstr(finding[0].text, text));
    assert_true(finding[0].better_by >= 0.2);
}

enum { N_SEEDS = 5 };

static void a_delay_of_three_frames_is_named(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        static world w;
        fly(&w, seed, false);
        for (size_t i = 0; i < w.n_truth; i++)
            w.truth[i].t += 3 * (sv_time)1000000000 / RATE_HZ;
        only_finding_is(&w, "delay", "3 frames (0.100 s) too late");
    }
}

static void swapped_axes_are_named(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        static world w;
        fly(&w, seed, false);
        for (size_t i = 0; i < w.n_truth; i++) {
            sv_score_truth *s = &w.truth[i].sample;
            s->p_w = (sv_vec3){s->p_w.y, s->p_w.x, s->p_w.z};
            s->v_w = (sv_vec3){s->v_w.y, s->v_w.x, s->v_w.z};
        }
        only_finding_is(&w, "axes", "x and y look swapped");
    }
}

static void negated_axes_are_named(void **state) {
    (void)state;
    static world w;
    fly(&w, 1, false);
    for (size_t i = 0; i < w.n_truth; i++)
        w.truth[i].sample.p_w.z *= -1;
    only_finding_is(&w, "sign", "z looks negated");
}

static void feet_are_named(void **state) {
    (void)state;
    for (int which = 0; which < 2; which++) {
        static world w;
        fly(&w, 2, false);
        for (size_t i = 0; which == 0 && i < w.n_truth; i++) {
            sv_vec3 *p = &w.truth[i].sample.p_w;
            *p = (sv_vec3){p->x / 0.3048, p->y / 0.3048, p->z / 0.3048};
        }
        for (size_t i = 0; which == 1 && i < w.n_tracks; i++) {
            sv_vec3 *p = &w.track[i].p_w;
            *p = (sv_vec3){p->x / 0.3048, p->y / 0.3048, p->z / 0.3048};
        }
        only_finding_is(&w, "scale", which == 0 ? "truth looks like feet" : "tracks look like feet");
    }
}

static void a_constant_offset_is_named(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        static world w;
        fly(&w, seed, false);
        for (size_t i = 0; i < w.n_truth; i++) {
            sv_vec3 *p = &w.truth[i].sample.p_w;
            *p = (sv_vec3){p->x - 30, p->y + 4, p->z - 5};
        }
        only_finding_is(&w, "offset", "shifted by (");
    }
}

static void one_renumbered_id_is_named(void **state) {
    (void)state;
    static world w;
    fly(&w, 4, false);
    for (size_t i = 0; i < w.n_truth; i++)
        if (w.truth[i].sample.target == 10 + N_TARGETS - 1 && w.truth[i].t > 1500000000)
            w.truth[i].sample.target = 77;
    only_finding_is(&w, "renumbered", "target 21 goes on as 77");

    // The track is there at every stamp round the change, whatever was missed elsewhere.
    fly(&w, 4, false);
    size_t n = 0;
    for (size_t i = 0; i < w.n_tracks; i++)
        if (w.track[i].track != 100)
            w.track[n++] = w.track[i];
    w.n_tracks = n;
    for (size_t i = 0; i < w.n_truth; i++)
        if (w.truth[i].sample.target == 10)
            w.track[w.n_tracks++] = (sv_score_track_row){
                .t = w.truth[i].t, .track = w.truth[i].t > 1500000000 ? 50 : 100, .p_w = w.truth[i].sample.p_w};
    for (size_t i = 1; i < w.n_tracks; i++)
        for (size_t k = i; k > 0 && (w.track[k].t < w.track[k - 1].t ||
                                     (w.track[k].t == w.track[k - 1].t && w.track[k].track < w.track[k - 1].track));
             k--) {
            sv_score_track_row other = w.track[k];
            w.track[k] = w.track[k - 1];
            w.track[k - 1] = other;
        }
    only_finding_is(&w, "renumbered", "track 100 goes on as 50");
}

static void swap_x_and_y(world *w) {
    for (size_t i = 0; i < w->n_truth; i++) {
        sv_vec3 *p = &w->truth[i].sample.p_w;
        *p = (sv_vec3){p->y, p->x, p->z};
    }
}

static void come_late(world *w, int n_frames) {
    for (size_t i = 0; i < w->n_truth; i++)
        w->truth[i].t += n_frames * (sv_time)1000000000 / RATE_HZ;
}

static void is_finding(const sv_sanity *finding, const char *kind, const char *text) {
    assert_string_equal(finding->kind, kind);
    assert_non_null(strstr(finding->text, text));
    assert_true(finding->better_by >= 0.2);
}

static void two_things_at_once_are_both_named(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        static world w;
        sv_sanity finding[SV_SANITY_CAP];
        fly(&w, seed, false);
        swap_x_and_y(&w);
        come_late(&w, 3);
        assert_int_equal(ask(finding, &w), 2);
        is_finding(&finding[0], "axes", "x and y look swapped");
        is_finding(&finding[1], "delay", "3 frames (0.100 s) too late");

        fly(&w, seed, false);
        swap_x_and_y(&w);
        for (size_t i = 0; i < w.n_truth; i++) {
            sv_vec3 *p = &w.truth[i].sample.p_w;
            *p = (sv_vec3){p->x / 0.3048, p->y / 0.3048, p->z / 0.3048};
        }
        assert_int_equal(ask(finding, &w), 2);
        is_finding(&finding[0], "axes", "x and y look swapped");
        is_finding(&finding[1], "scale", "truth looks like feet");

        fly(&w, seed, false);
        come_late(&w, 3);
        for (size_t i = 0; i < w.n_truth; i++)
            w.truth[i].sample.target =
                w.truth[i].sample.target == 21 && w.truth[i].t > 1500000000 ? 77 : w.truth[i].sample.target;
        assert_int_equal(ask(finding, &w), 2);
        is_finding(&finding[0], "delay", "3 frames (0.100 s) too late");
        is_finding(&finding[1], "renumbered", "target 21 goes on as 77");
    }
}

/* Another target ends a frame earlier close by: the renumbered one is the nearer. */
static void the_nearest_id_is_the_renumbered_one(void **state) {
    (void)state;
    static world w;
    fly(&w, 4, false);
    size_t n = 0;
    for (size_t i = 0; i < w.n_truth; i++) {
        sv_score_truth_row row = w.truth[i];
        if (row.sample.target == 20) {
            sv_score_truth near = row.sample;
            for (size_t k = 0; k < w.n_truth; k++)
                near = w.truth[k].t == row.t && w.truth[k].sample.target == 21 ? w.truth[k].sample : near;
            row.sample.p_w = (sv_vec3){near.p_w.x + 1, near.p_w.y, near.p_w.z};
        }
        if (row.sample.target == 21 && row.t >= 1500000000)
            row.sample.target = 77;
        if (row.sample.target != 20 || row.t < 1460000000)
            w.truth[n++] = row;
    }
    w.n_truth = n;
    sv_sanity finding[SV_SANITY_CAP];
    size_t n_findings = ask(finding, &w);
    assert_true(n_findings >= 1);
    is_finding(&finding[n_findings - 1], "renumbered", "target 21 goes on as 77");
}

static void an_offset_of_bad_poses_is_left_alone(void **state) {
    (void)state;
    static world w;
    sv_sanity finding[SV_SANITY_CAP];
    fly(&w, 1, false);
    for (size_t i = 0; i < w.n_tracks; i++)
        if (w.track[i].track < 900)
            for (size_t k = 0; k < w.n_truth; k++)
                if (w.truth[k].t == w.track[i].t && w.truth[k].sample.target == w.track[i].track - 90) {
                    sv_vec3 p = w.truth[k].sample.p_w;
                    w.track[i].p_w = (sv_vec3){p.x + 0.5, p.y + 0.3, p.z};
                }
    assert_int_equal(ask(finding, &w), 0);
}

/* Few targets that meet in one place, noisy tracks that miss two fifths: nothing is wrong in 200 of them. */
static void hard_but_right_tables_are_left_alone(void **state) {
    (void)state;
    size_t n_alarms = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        static world w;
        memset(&w, 0, sizeof w);
        uint64_t counter = 777 + seed * 1000000;
        int n = 1 + (int)uniform(&counter, 0, 6);
        double sigma = uniform(&counter, 0.1, 2.5), missed = uniform(&counter, 0, 0.4);
        double v[6][3], e[6][3] = {{0}};
        for (int i = 0; i < n; i++)
            for (int k = 0; k < 3; k++)
                v[i][k] = uniform(&counter, k == 2 ? -1 : -15, k == 2 ? 1 : 15);
        for (int s = 0; s < N_STAMPS; s++)
            for (int i = 0; i < n; i++) {
                double q[3], t = (s - N_STAMPS / 2) / (double)RATE_HZ;
                for (int k = 0; k < 3; k++) {
                    q[k] = 50 * (k == 2) + i + v[i][k] * t;
                    e[i][k] = 0.8 * e[i][k] + 0.6 * sigma * noise(&counter);
                }
                sv_time at = (sv_time)s * 1000000000 / RATE_HZ;
                w.truth[w.n_truth++] = (sv_score_truth_row){
                    .t = at, .sample = {.target = i, .wanted = true, .in_coverage = true, .p_w = {q[0], q[1], q[2]}}};
                if (uniform(&counter, 0, 1) >= missed)
                    w.track[w.n_tracks++] = (sv_score_track_row){
                        .t = at, .track = i, .p_w = {q[0] + e[i][0], q[1] + e[i][1], q[2] + e[i][2]}};
            }
        sv_sanity finding[SV_SANITY_CAP];
        n_alarms += ask(finding, &w) > 0;
    }
    print_message("%zu of 200 clean tables are doubted\n", n_alarms);
    assert_true(n_alarms <= 2);
}

static void good_and_random_tracks_are_left_alone(void **state) {
    (void)state;
    for (uint64_t seed = 10; seed < 20; seed++) {
        static world w;
        sv_sanity finding[SV_SANITY_CAP];
        fly(&w, seed, false);
        assert_int_equal(ask(finding, &w), 0);
        fly(&w, seed, true);
        assert_int_equal(ask(finding, &w), 0);
    }
}

static void empty_tables_are_left_alone(void **state) {
    (void)state;
    static world w;
    sv_sanity finding[SV_SANITY_CAP];
    fly(&w, 1, false);
    w.n_tracks = 0;
    assert_int_equal(ask(finding, &w), 0);
    fly(&w, 1, false);
    w.n_truth = 0;
    assert_int_equal(ask(finding, &w), 0);
    w.n_tracks = 0;
    assert_int_equal(ask(finding, &w), 0);
}

/* Thresholds from the lowest up: fewer tracks hold less and are false less often. */
static void the_roc_falls_with_the_threshold(void **state) {
    (void)state;
    static world w;
    sv_score_roc_point point[SV_SCORE_ROC_CAP];
    size_t n;
    fly(&w, 5, false);
    for (size_t i = 0; i < w.n_tracks; i++)
        w.track[i].existence = w.track[i].track >= 900 ? 0.2f : 0.5f + 0.01f * (float)(w.track[i].track - 100);
    sv_score_config config = sv_score_config_default();
    assert_int_equal(sv_score_roc(point, &n, &config, w.truth, w.n_truth, w.track, w.n_tracks), SV_OK);
    assert_int_equal(n, N_TARGETS + 1);
    assert_float_equal(point[0].threshold, 0.2, 1e-6);
    assert_true(point[0].held_fraction > 0.85 && point[0].false_per_stamp > 1.5);
    assert_true(point[1].held_fraction == point[0].held_fraction && point[1].false_per_stamp < 0.1);
    for (size_t k = 1; k < n; k++)
        assert_true(point[k].held_fraction <= point[k - 1].held_fraction &&
                    point[k].false_per_stamp <= point[k - 1].false_per_stamp);
    assert_true(point[n - 1].held_fraction < 0.1);
    for (size_t i = 0; i < w.n_tracks; i++)
        w.track[i].existence = 1;
    assert_int_equal(sv_score_roc(point, &n, &config, w.truth, w.n_truth, w.track, w.n_tracks), SV_OK);
    assert_int_equal(n, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delay_of_three_frames_is_named),
        cmocka_unit_test(swapped_axes_are_named),
        cmocka_unit_test(negated_axes_are_named),
        cmocka_unit_test(feet_are_named),
        cmocka_unit_test(a_constant_offset_is_named),
        cmocka_unit_test(one_renumbered_id_is_named),
        cmocka_unit_test(two_things_at_once_are_both_named),
        cmocka_unit_test(the_nearest_id_is_the_renumbered_one),
        cmocka_unit_test(an_offset_of_bad_poses_is_left_alone),
        cmocka_unit_test(hard_but_right_tables_are_left_alone),
        cmocka_unit_test(good_and_random_tracks_are_left_alone),
        cmocka_unit_test(empty_tables_are_left_alone),
        cmocka_unit_test(the_roc_falls_with_the_threshold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
