/* The elementary functions against libm's 80-bit ones over dense grids, and their exact bits against golden hashes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <skyvox/ledger.h>
#include <skyvox/math.h>
#include <skyvox/rng.h>

enum { N_GRID = 200000, N_GOLDEN = 100000 };

static double grid(int i, double low, double high) {
    return low + (high - low) * ((double)i / (double)N_GRID);
}

/* Error in units of the last place of the exact value. */
static double ulp_error(double value, long double exact) {
    int exponent;
    frexp((double)exact, &exponent);
    return (double)(fabsl((long double)value - exact) / ldexpl(1.0L, exponent - 53));
}

static double larger(double a, double b) {
    return a > b ? a : b;
}

/* ---- accuracy ---- */

static double sincos_error(double low, double high) {
    double worst = 0.0;
    for (int i = 0; i <= N_GRID; i++) {
        double x = grid(i, low, high);
        double s, c;
        sv_sincos(&s, &c, x);
        worst = larger(worst, (double)fabsl(s - sinl(x)));
        worst = larger(worst, (double)fabsl(c - cosl(x)));
    }
    return worst / 0x1p-53;
}

static void sincos_is_within_one_ulp_of_one(void **state) {
    (void)state;
    assert_true(sincos_error(-7.0, 7.0) < 1.0);
    assert_true(sincos_error(-1000.0, 1000.0) < 1.0);
    assert_true(sincos_error(-1e6, 1e6) < 1.0);
    assert_true(sincos_error(999990.0, 1e6) < 1.0);
}

static void sincos_keeps_its_digits_at_multiples_of_pi(void **state) {
    (void)state;
    for (int k = 1; k < 300000; k += 7) {
        double x = k * SV_PI;
        double s, c;
        sv_sincos(&s, &c, x);
        assert_true(fabsl(s - sinl(x)) < 1e-9L * fabsl(sinl(x)));
    }
}

static void sincos_of_nan_or_beyond_a_million_is_nan(void **state) {
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY, 1000000.0001, -1e300};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double s = 0.0, c = 0.0;
        sv_sincos(&s, &c, bad[i]);
        assert_true(isnan(s) && isnan(c));
        assert_true(isnan(sv_tan(bad[i])));
    }
}

static void tan_is_within_three_ulp(void **state) {
    (void)state;
    double worst = 0.0;
    for (int i = 0; i <= N_GRID; i++) {
        double x = grid(i, -1.55, 1.55);
        worst = larger(worst, ulp_error(sv_tan(x), tanl(x)));
    }
    assert_true(worst < 3.0);
}

static void atan2_is_within_two_ulp_all_around(void **state) {
    (void)state;
    double worst = 0.0;
    for (int i = 0; i < N_GRID; i++) {
        double angle = grid(i, -SV_PI, SV_PI);
        double radius = ldexp(1.0, i % 61 - 30);
        double x = radius * cos(angle);
        double y = radius * sin(angle);
        worst = larger(worst, ulp_error(sv_atan2(y, x), atan2l(y, x)));
    }
    assert_true(worst < 2.0);
}

static void atan2_of_axes_zeros_and_infinities(void **state) {
    (void)state;
    assert_true(sv_atan2(0.0, 0.0) == 0.0);
    assert_true(sv_atan2(0.0, 5.0) == 0.0);
    assert_true(sv_atan2(0.0, -5.0) == SV_PI);
    assert_true(sv_atan2(5.0, 0.0) == SV_PI / 2);
    assert_true(sv_atan2(-5.0, 0.0) == -SV_PI / 2);
    assert_true(sv_atan2(INFINITY, INFINITY) == SV_PI / 4);
    assert_true(sv_atan2(1.0, -INFINITY) == SV_PI);
    assert_true(sv_atan2(1e308, 1e-308) == SV_PI / 2);
    assert_true(isnan(sv_atan2(NAN, 1.0)) && isnan(sv_atan2(1.0, NAN)));
}

static void asin_is_within_three_ulp_and_clamps(void **state) {
    (void)state;
    double worst = 0.0;
    for (int i = 0; i <= N_GRID; i++) {
        double x = grid(i, -1.0, 1.0);
        worst = larger(worst, ulp_error(sv_asin(x), asinl(x)));
    }
    assert_true(worst < 3.0);
    assert_true(sv_asin(1.5) == sv_asin(1.0) && sv_asin(1.0) == SV_PI / 2);
    assert_true(sv_asin(-1.5) == -SV_PI / 2);
}

static void exp_is_within_one_and_a_half_ulp(void **state) {
    (void)state;
    double worst = 0.0;
    for (int i = 0; i <= N_GRID; i++) {
        double x = grid(i, -708.0, 709.0);
        double small = grid(i, -2.0, 2.0);
        worst = larger(worst, ulp_error(sv_exp(x), expl(x)));
        worst = larger(worst, ulp_error(sv_exp(small), expl(small)));
    }
    assert_true(worst < 1.5);
}

static void exp_at_its_ends(void **state) {
    (void)state;
    assert_true(sv_exp(0.0) == 1.0);
    assert_true(sv_exp(-745.01) == 0.0 && sv_exp(-INFINITY) == 0.0);
    assert_true(isinf(sv_exp(709.79)) && isinf(sv_exp(INFINITY)));
    assert_true(isnan(sv_exp(NAN)));
    assert_true(fabs(sv_exp(-740.0) - exp(-740.0)) <= 0x1p-1074);
    assert_true(sv_exp(709.78) < INFINITY);
}

static void log_is_within_one_and_a_half_ulp(void **state) {
    (void)state;
    double worst = 0.0;
    for (int i = 1; i <= N_GRID; i++) {
        double near_one = grid(i, 0.0, 3.0);
        double any = ldexp(near_one, i % 1801 - 900);
        worst = larger(worst, ulp_error(sv_log(near_one), logl(near_one)));
        worst = larger(worst, ulp_error(sv_log(any), logl(any)));
    }
    assert_true(worst < 1.5);
    assert_true(ulp_error(sv_log(0x1p-1074), logl(0x1p-1074L)) < 1.5);
}

static void log_at_its_ends(void **state) {
    (void)state;
    assert_true(sv_log(1.0) == 0.0);
    assert_true(sv_log(0.0) == -INFINITY);
    assert_true(isnan(sv_log(-1.0)) && isnan(sv_log(NAN)));
    assert_true(sv_log(INFINITY) == INFINITY);
}

static void pow_is_as_good_as_its_exponent(void **state) {
    (void)state;
    for (int i = 1; i <= N_GRID; i++) {
        double x = grid(i, 0.0, 10.0);
        double y = grid(i * 7 % N_GRID, -8.0, 8.0);
        /* The rounding of y log x becomes a relative error of the power. */
        long double exact = powl(x, y);
        double bound = 0x1p-52 * (1.0 + fabs(y * log(x)));
        assert_true(fabsl(sv_pow(x, y) - exact) <= bound * exact);
    }
    assert_true(sv_pow(0.0, 2.0) == 0.0 && sv_pow(0.0, 0.0) == 1.0 && isinf(sv_pow(0.0, -1.0)));
    assert_true(isnan(sv_pow(-2.0, 2.0)));
}

static void erf_is_exact_to_1e_15(void **state) {
    (void)state;
    double worst = 0.0;
    for (int i = 0; i <= N_GRID; i++) {
        double x = grid(i, -6.5, 6.5);
        worst = larger(worst, (double)fabsl(sv_erf(x) - erfl(x)));
    }
    assert_true(worst < 1e-15);
    assert_true(sv_erf(0.0) == 0.0 && sv_erf(100.0) == 1.0 && sv_erf(-INFINITY) == -1.0 && isnan(sv_erf(NAN)));
}

static void chi2_quantile_matches_40_digit_values(void **state) {
    (void)state;
    static const struct {
        double p;
        int dof;
        double value;
    } known[] = {
        {0.001, 1, 1.5707971492624899e-6},     {0.5, 1, 0.45493642311957275},
        {0.95, 1, 3.8414588206941245},         {0.999999, 1, 23.928126976879469},
        {0.99, 2, 9.210340371976181},          {0.01, 3, 0.11483180189911704},
        {0.99, 3, 11.34486673014437},          {0.9973, 4, 16.251171152210562},
        {0.999, 6, 22.457744484825323},        {1e-09, 7, 0.010829133627517045},
        {0.5, 31, 30.335942458198119},         {0.025, 100, 74.221927474923726},
        {0.975, 100, 129.56119718583659},      {0.5, 300, 299.33359734921804},
        {0.99999999, 300, 458.36891933469237}, {0.9999999999990905, 12, 83.434259229003604},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double value = sv_chi2_quantile(known[i].p, known[i].dof);
        assert_true(fabs(value / known[i].value - 1.0) < 1e-12);
    }
    for (double p = 0.001; p < 1.0; p += 0.001) {
        double exact = -2.0 * log1p(-p);
        assert_true(fabs(sv_chi2_quantile(p, 2) / exact - 1.0) < 1e-12);
    }
}

static void chi2_quantile_grows_with_p_and_dof(void **state) {
    (void)state;
    for (int dof = 1; dof <= 300; dof++) {
        double before = 0.0;
        for (int i = 1; i < 8; i++) {
            double value = sv_chi2_quantile(0.125 * i, dof);
            assert_true(value > before);
            before = value;
        }
        assert_true(dof == 300 || sv_chi2_quantile(0.99, dof) < sv_chi2_quantile(0.99, dof + 1));
    }
    assert_true(isnan(sv_chi2_quantile(0.0, 3)) && isnan(sv_chi2_quantile(1.0, 3)) && isnan(sv_chi2_quantile(0.5, 0)));
}

/* ---- integers, time, order ---- */

static void round_goes_to_the_nearest_even(void **state) {
    (void)state;
    for (int i = -4000; i <= 4000; i++) {
        double x = 0.25 * i;
        assert_int_equal(sv_round_i64(x), (int64_t)nearbyint(x));
        assert_int_equal(sv_floor_i64(x), (int64_t)floor(x));
    }
    assert_int_equal(sv_round_i64(0x1p51 + 0.5), (int64_t)1 << 51);
    assert_int_equal(sv_round_i64(0x1p51 + 1.5), ((int64_t)1 << 51) + 2);
    assert_int_equal(sv_round_i64(0.49999999999999994), 0);
    assert_int_equal(sv_round_i64(-0x1p62), -((int64_t)1 << 62));
}

static void integers_are_clamped(void **state) {
    (void)state;
    assert_true(sv_round_i64(1e30) == INT64_MAX && sv_floor_i64(1e30) == INT64_MAX);
    assert_true(sv_round_i64(-1e30) == INT64_MIN && sv_floor_i64(-1e30) == INT64_MIN);
    assert_true(sv_round_i64(0x1p63) == INT64_MAX && sv_round_i64(-0x1p63) == INT64_MIN);
    assert_true(sv_round_i64(INFINITY) == INT64_MAX && sv_floor_i64(-INFINITY) == INT64_MIN);
    assert_true(sv_round_i64(NAN) == 0 && sv_floor_i64(NAN) == 0);
}

static void time_returns_from_seconds(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 100000; i++) {
        sv_time t = (sv_time)(sv_rng(1, 0, i) >> 14) - ((sv_time)1 << 49);
        assert_int_equal(sv_time_from_s(sv_time_to_s(t)), t);
    }
    assert_int_equal(sv_time_from_s(1.5), 1500000000);
    assert_true(sv_time_to_s(100000000) == 0.1);
}

typedef struct item {
    int32_t key, index;
    char payload[5];
} item;

static bool item_less(const void *a, const void *b, void *user) {
    ++*(size_t *)user;
    return ((const item *)a)->key < ((const item *)b)->key;
}

static void sort_is_ordered_stable_and_complete(void **state) {
    (void)state;
    static item list[3000], scratch[3000];
    for (size_t n = 0; n < 3000; n = n < 70 ? n + 1 : n * 2) {
        for (size_t i = 0; i < n; i++) {
            list[i] = (item){.key = (int32_t)(sv_rng(2, n, i) % (n / 3 + 1)), .index = (int32_t)i};
        }
        size_t n_calls = 0;
        sv_sort(list, n, sizeof *list, item_less, &n_calls, scratch);
        int64_t sum = 0;
        for (size_t i = 0; i < n; i++) {
            sum += list[i].index;
            assert_true(i == 0 || list[i - 1].key < list[i].key ||
                        (list[i - 1].key == list[i].key && list[i - 1].index < list[i].index));
        }
        assert_int_equal(sum, n * (n - (n > 0)) / 2);
        assert_true(n < 2 || (double)n_calls <= (double)n * ceil(log2((double)n)));
    }
}

static void double_keys_order_as_doubles(void **state) {
    (void)state;
    const double rising[] = {-INFINITY, -1e300, -1.0, -0x1p-1074, 0.0, 0x1p-1074, 0x1p-1022, 0.5, 1.0, 2.0, INFINITY};
    for (size_t i = 0; i + 1 < sizeof rising / sizeof *rising; i++) {
        assert_true(sv_double_key(rising[i]) < sv_double_key(rising[i + 1]));
    }
    assert_true(sv_double_key(-0.0) == sv_double_key(0.0));
}

/* ---- exact bits ---- */

/* Spread over low..high without libm: a golden-ratio sequence, exact in integers. */
static double spread(uint32_t i, double low, double high) {
    return low + (high - low) * ((double)(uint32_t)(i * 2654435769u) * 0x1p-32);
}

typedef double (*function)(double x, double y);

static double do_sin(double x, double y) {
    (void)y;
    double s, c;
    sv_sincos(&s, &c, x);
    return s;
}
static double do_cos(double x, double y) {
    (void)y;
    double s, c;
    sv_sincos(&s, &c, x);
    return c;
}
static double do_tan(double x, double y) {
    (void)y;
    return sv_tan(x);
}
static double do_atan2(double x, double y) {
    return sv_atan2(y, x);
}
static double do_asin(double x, double y) {
    (void)y;
    return sv_asin(x);
}
static double do_exp(double x, double y) {
    (void)y;
    return sv_exp(x);
}
static double do_log(double x, double y) {
    (void)y;
    return sv_log(x);
}
static double do_pow(double x, double y) {
    return sv_pow(x, y);
}
static double do_erf(double x, double y) {
    (void)y;
    return sv_erf(x);
}

static uint64_t bits_of(function f, double low, double high) {
    sv_hash hash = sv_hash_begin();
    for (uint32_t i = 0; i < N_GOLDEN; i++) {
        sv_hash_double(&hash, f(spread(i, low, high), spread(i * 3 + 1, -5.0, 5.0)));
    }
    return sv_hash_end(&hash);
}

/* The same on gcc and clang, -O0 and -O2; a change here changes every ledger. */
static void bits_are_the_golden_ones(void **state) {
    (void)state;
    static const struct {
        const char *name;
        function f;
        double low, high;
        uint64_t hash;
    } golden[] = {
        {"sin", do_sin, -1000.0, 1000.0, 0xe437af1b56def4a1}, {"cos", do_cos, -1e6, 1e6, 0x1667a0963076253b},
        {"tan", do_tan, -10.0, 10.0, 0xadc80f260824d69d},     {"atan2", do_atan2, -5.0, 5.0, 0x12e3af10d588eb56},
        {"asin", do_asin, -1.1, 1.1, 0x84effad69be68c8e},     {"exp", do_exp, -750.0, 711.0, 0xfce3bb9acbc4de4c},
        {"log", do_log, 0.0, 1e4, 0xbab6bffaefb1542a},        {"pow", do_pow, 0.0, 100.0, 0x82e828d8a1e7c146},
        {"erf", do_erf, -7.0, 7.0, 0xa158afc297c1a5a9},
    };
    int n_different = 0;
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        uint64_t hash = bits_of(golden[i].f, golden[i].low, golden[i].high);
        if (hash != golden[i].hash) {
            print_message("%s: 0x%016llx\n", golden[i].name, (unsigned long long)hash);
            n_different++;
        }
    }
    assert_int_equal(n_different, 0);
}

static void bits_of_chi2_quantiles_are_the_golden_ones(void **state) {
    (void)state;
    sv_hash hash = sv_hash_begin();
    for (uint32_t i = 1; i <= 300; i++) {
        sv_hash_double(&hash, sv_chi2_quantile(spread(i, 0.0, 1.0), (int)i));
    }
    assert_int_equal(sv_hash_end(&hash), 0xe5392accf05245bd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sincos_is_within_one_ulp_of_one),
        cmocka_unit_test(sincos_keeps_its_digits_at_multiples_of_pi),
        cmocka_unit_test(sincos_of_nan_or_beyond_a_million_is_nan),
        cmocka_unit_test(tan_is_within_three_ulp),
        cmocka_unit_test(atan2_is_within_two_ulp_all_around),
        cmocka_unit_test(atan2_of_axes_zeros_and_infinities),
        cmocka_unit_test(asin_is_within_three_ulp_and_clamps),
        cmocka_unit_test(exp_is_within_one_and_a_half_ulp),
        cmocka_unit_test(exp_at_its_ends),
        cmocka_unit_test(log_is_within_one_and_a_half_ulp),
        cmocka_unit_test(log_at_its_ends),
        cmocka_unit_test(pow_is_as_good_as_its_exponent),
        cmocka_unit_test(erf_is_exact_to_1e_15),
        cmocka_unit_test(chi2_quantile_matches_40_digit_values),
        cmocka_unit_test(chi2_quantile_grows_with_p_and_dof),
        cmocka_unit_test(round_goes_to_the_nearest_even),
        cmocka_unit_test(integers_are_clamped),
        cmocka_unit_test(time_returns_from_seconds),
        cmocka_unit_test(sort_is_ordered_stable_and_complete),
        cmocka_unit_test(double_keys_order_as_doubles),
        cmocka_unit_test(bits_are_the_golden_ones),
        cmocka_unit_test(bits_of_chi2_quantiles_are_the_golden_ones),
    };
    return cmocka_run_group_tests_name("math", tests, NULL, NULL);
}
