/* Intervals and tests of sweeps, by sampling: they cover and they alarm as often as they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <formats/sweep_compare.h>

#include <skyvox/math.h>
#include <skyvox/rng.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 20, TRIALS = 1000 };

static double normal(int i_trial, int i, uint32_t i_stream) {
    return sv_rng_normal(7, sv_rng_stream(SV_RNG_TEST, i_stream), (uint64_t)i_trial * 64 + (uint64_t)i);
}

/* Mean 1, strongly skewed. */
static double exponential(int i_trial, int i, uint32_t i_stream) {
    return -sv_log(1 - sv_rng_uniform(7, sv_rng_stream(SV_RNG_TEST, i_stream), (uint64_t)i_trial * 64 + (uint64_t)i));
}

static double coverage(double (*draw)(int, int, uint32_t), double mean, size_t n) {
    int n_inside = 0;
    for (int t = 0; t < TRIALS; t++) {
        double value[N];
        for (size_t i = 0; i < n; i++)
            value[i] = draw(t, (int)i, 1);
        sv_interval interval = sv_interval_of_mean(value, n);
        n_inside += interval.lo <= mean && mean <= interval.hi;
    }
    return (double)n_inside / TRIALS;
}

/* One standard error of a share near 0.95 is 0.007 here. */
static void intervals_cover_the_mean(void **state) {
    (void)state;
    double normal_5 = coverage(normal, 0, 5), normal_20 = coverage(normal, 0, 20);
    double skewed_20 = coverage(exponential, 1, 20);
    print_message("coverage of 95 %%: normal %.3f (5), %.3f (20), exponential %.3f (20)\n", normal_5, normal_20,
                  skewed_20);
    assert_true(normal_5 > 0.92 && normal_5 < 0.98);
    assert_true(normal_20 > 0.93 && normal_20 < 0.97);
    assert_true(skewed_20 > 0.90 && skewed_20 < 0.97);
}

static void differences_are_covered_too(void **state) {
    (void)state;
    int n_inside = 0;
    for (int t = 0; t < TRIALS; t++) {
        double a[10], b[15];
        for (int i = 0; i < 10; i++)
            a[i] = normal(t, i, 2);
        for (int i = 0; i < 15; i++)
            b[i] = 3 + 2 * normal(t, i, 3);
        sv_interval interval = sv_interval_of_difference(a, 10, b, 15);
        n_inside += interval.lo <= 3 && 3 <= interval.hi;
    }
    print_message("coverage of a difference: %.3f\n", (double)n_inside / TRIALS);
    assert_true(n_inside > 930 && n_inside < 985);
}

static void few_values_have_no_interval(void **state) {
    (void)state;
    const double value[2] = {1, 3};
    sv_interval none = sv_interval_of_mean(value, 0), one = sv_interval_of_mean(value, 1);
    sv_interval two = sv_interval_of_mean(value, 2);
    assert_true(none.n == 0 && isnan(none.mean) && isnan(none.lo));
    assert_true(one.mean == 1 && isnan(one.lo) && isnan(one.hi));
    assert_true(two.mean == 2 && two.lo == 1 && two.hi == 3);
}

/* Share of trials with p at most alpha, when nothing has changed. */
static void tests_alarm_as_often_as_they_say(void **state) {
    (void)state;
    static const double alpha[] = {0.01, 0.05, 0.2};
    int n_paired[3] = {0}, n_unpaired[3] = {0};
    for (int t = 0; t < TRIALS; t++) {
        double d[12], a[12], b[12], scratch[24];
        for (int i = 0; i < 12; i++) {
            d[i] = normal(t, i, 4);
            a[i] = exponential(t, i, 5);
            b[i] = exponential(t, i, 6);
        }
        double paired = sv_p_paired(d, 12), unpaired = sv_p_unpaired(a, 12, b, 12, scratch);
        for (int k = 0; k < 3; k++) {
            n_paired[k] += paired <= alpha[k];
            n_unpaired[k] += unpaired <= alpha[k];
        }
    }
    for (int k = 0; k < 3; k++) {
        double slack = 4 * sqrt(alpha[k] * (1 - alpha[k]) * TRIALS);
        print_message("at %.2f: paired %d, unpaired %d of %d\n", alpha[k], n_paired[k], n_unpaired[k], TRIALS);
        assert_true(fabs(n_paired[k] - alpha[k] * TRIALS) < slack);
        assert_true(fabs(n_unpaired[k] - alpha[k] * TRIALS) < slack);
    }
}

static void clear_changes_have_the_smallest_p(void **state) {
    (void)state;
    double d[10], a[5] = {1, 2, 3, 4, 5}, b[5] = {6, 7, 8, 9, 10}, scratch[10];
    for (int i = 0; i < 10; i++)
        d[i] = 1 + 0.01 * i;
    assert_true(fabs(sv_p_paired(d, 10) - sv_p_smallest(10, 0)) < 5e-4);
    assert_true(fabs(sv_p_smallest(10, 0) - 1.0 / 1024) < 1e-12);
    assert_true(fabs(sv_p_smallest(5, 5) - 1.0 / 252) < 1e-12);
    assert_true(fabs(sv_p_unpaired(a, 5, b, 5, scratch) - 1.0 / 252) < 2e-3);
    assert_true(sv_p_unpaired(b, 5, a, 5, scratch) > 0.98);
    memset(d, 0, sizeof d);
    assert_true(sv_p_paired(d, 10) == 1);
}

static void holm_adjusts_step_by_step(void **state) {
    (void)state;
    double p[5] = {0.04, 0.01, NAN, 0.03, 0.005};
    size_t scratch[5];
    sv_p_adjust(p, 5, scratch);
    assert_true(fabs(p[4] - 0.02) < 1e-15 && fabs(p[1] - 0.03) < 1e-15);
    assert_true(fabs(p[3] - 0.06) < 1e-15 && fabs(p[0] - 0.06) < 1e-15); /* never below a smaller one */
    assert_true(isnan(p[2]));
}

/* ---- two sweeps ---- */

static const char *const key_name[] = {"held", "error", "count"};
static const sv_sweep_rule rules[] = {{"held", +1, 0, false}, {"error", -1, 0, false}};

/* n runs from `first` on: held falls and error rises by `loss` standard deviations. */
static sv_sweep *make_sweep(int n, int first, double loss) {
    sv_sweep *sweep = calloc(1, sizeof *sweep);
    assert_non_null(sweep);
    strcpy(sweep->scenario, "x");
    for (int k = 0; k < 3; k++)
        assert_int_equal(sv_texts_add(&sweep->key, key_name[k], strlen(key_name[k])), SV_OK);
    sweep->run = calloc((size_t)n, sizeof *sweep->run);
    sweep->n_runs = (size_t)n;
    for (int i = 0; i < n; i++) {
        sweep->run[i].seed = (uint64_t)(first + i);
        sweep->run[i].value = calloc(3, sizeof(double));
        sweep->run[i].value[0] = 10 + normal(0, first + i, 8) - loss;
        sweep->run[i].value[1] = 10 + normal(0, first + i, 9) + loss;
    }
    return sweep;
}

static void compare_and_free(sv_sweep_comparison *out, sv_sweep *a, sv_sweep *b, const sv_sweep_rule *rule) {
    assert_int_equal(sv_sweep_compare(out, a, b, rule, 2), SV_OK);
    assert_int_equal(out->n, 3);
    sv_sweep_destroy(a);
    sv_sweep_destroy(b);
}

static void same_seeds_are_paired(void **state) {
    (void)state;
    sv_sweep_comparison result;
    compare_and_free(&result, make_sweep(12, 0, 0), make_sweep(12, 0, 0.01), rules);
    assert_true(result.paired);
    assert_int_equal(result.n_worse, 2); /* a hundredth of the spread is seen in pairs */
    assert_true(result.change[0].change.hi < 0 && result.change[1].change.lo > 0);
    assert_true(isnan(result.change[2].p) && result.change[2].verdict == SV_SWEEP_SHOWN);
    sv_sweep_comparison_free(&result);

    compare_and_free(&result, make_sweep(12, 0, 0), make_sweep(12, 12, 0.01), rules);
    assert_false(result.paired);
    assert_int_equal(result.n_worse, 0);
    sv_sweep_comparison_free(&result);

    compare_and_free(&result, make_sweep(12, 0, 0), make_sweep(14, 12, 3), rules);
    assert_int_equal(result.n_worse, 2);
    sv_sweep_comparison_free(&result);

    compare_and_free(&result, make_sweep(12, 0, 3), make_sweep(12, 12, 0), rules);
    assert_true(result.change[0].verdict == SV_SWEEP_BETTER && result.change[1].verdict == SV_SWEEP_BETTER);
    sv_sweep_comparison_free(&result);
}

static void a_loss_within_the_tolerance_is_none(void **state) {
    (void)state;
    static const sv_sweep_rule wide[] = {{"held", +1, 0.02, false}, {"error", -1, 0.002, true}};
    static const sv_sweep_rule tight[] = {{"held", +1, 0.005, false}, {"error", -1, 0.0005, true}};
    sv_sweep_comparison result;
    compare_and_free(&result, make_sweep(12, 0, 0), make_sweep(12, 0, 0.01), wide);
    assert_int_equal(result.n_worse, 0);
    sv_sweep_comparison_free(&result);
    compare_and_free(&result, make_sweep(12, 0, 0), make_sweep(12, 0, 0.01), tight);
    assert_int_equal(result.n_worse, 2);
    sv_sweep_comparison_free(&result);
}

static void a_number_that_is_gone_is_worse(void **state) {
    (void)state;
    sv_sweep_comparison result;
    sv_sweep *after = make_sweep(12, 0, 0);
    for (int i = 0; i < 8; i++)
        after->run[i].value[1] = NAN;
    compare_and_free(&result, make_sweep(12, 0, 0), after, rules);
    assert_true(result.change[0].verdict == SV_SWEEP_SAME && result.change[1].verdict == SV_SWEEP_WORSE);
    sv_sweep_comparison_free(&result);
}

static void too_few_seeds_are_refused(void **state) {
    (void)state;
    static const struct {
        int n_a, n_b, first_b;
        const char *message;
    } bad[] = {{5, 5, 0, "5 and 5 paired seeds, expected at least 6"}, {3, 3, 9, "3 and 3 seeds, expected at least 4"}};
    for (int i = 0; i < 2; i++) {
        sv_sweep_comparison result;
        sv_sweep *a = make_sweep(bad[i].n_a, 0, 0), *b = make_sweep(bad[i].n_b, bad[i].first_b, 0);
        assert_int_equal(sv_sweep_compare(&result, a, b, rules, 2), SV_ERR_INPUT);
        assert_null(result.change);
        if (!strstr(sv_error_text(), bad[i].message))
            fail_msg("expected '%s', found '%s'", bad[i].message, sv_error_text());
        sv_sweep_destroy(a);
        sv_sweep_destroy(b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_cover_the_mean),
        cmocka_unit_test(differences_are_covered_too),
        cmocka_unit_test(few_values_have_no_interval),
        cmocka_unit_test(tests_alarm_as_often_as_they_say),
        cmocka_unit_test(clear_changes_have_the_smallest_p),
        cmocka_unit_test(holm_adjusts_step_by_step),
        cmocka_unit_test(same_seeds_are_paired),
        cmocka_unit_test(a_loss_within_the_tolerance_is_none),
        cmocka_unit_test(a_number_that_is_gone_is_worse),
        cmocka_unit_test(too_few_seeds_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
