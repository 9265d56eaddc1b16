/* Numbers as text: correct rounding against glibc in the C locale, exact times, and no locale anywhere. */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <formats/csv.h>
#include <skyvox/rng.h>

static double parsed(const char *text) {
    double value = NAN;
    assert_true(sv_number_parse(&value, text));
    return value;
}

static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void parse_agrees_with_strtod(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 100000; i++) {
        double value = double_of(sv_rng(1, SV_RNG_TEST, i));
        if (!isfinite(value)) {
            continue;
        }
        char text[64];
        snprintf(text, sizeof text, "%.*e", (int)(sv_rng(2, SV_RNG_TEST, i) % 20), value);
        double expected = strtod(text, NULL);
        if (isfinite(expected)) {
            assert_true(parsed(text) == expected);
        }
    }
}

static void short_decimals_are_correctly_rounded(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 100000; i++) {
        uint64_t digits = sv_rng(3, SV_RNG_TEST, i) % UINT64_C(10000000000000000);
        int exponent = (int)(sv_rng(4, SV_RNG_TEST, i) % 60) - 30;
        char text[64];
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)digits, exponent);
        assert_true(parsed(text) == strtod(text, NULL));
    }
}

static void halfway_cases_go_to_even(void **state) {
    (void)state;
    assert_true(parsed("9007199254740993") == 9007199254740992.0);
    assert_true(parsed("9007199254740995") == 9007199254740996.0);
    assert_true(parsed("9007199254740993.0000000000000000000000001") == 9007199254740994.0);
    assert_true(parsed("2.4703282292062327e-324") == 0.0);
    assert_true(parsed("2.4703282292062328e-324") == 4.9406564584124654e-324);
    assert_true(parsed("1.7976931348623157e308") == DBL_MAX);
}

static void parse_refuses_what_is_no_decimal_number(void **state) {
    (void)state;
    const char *const bad[] = {"",      " ",   "+",      "-",        ".",    "12.",  "1e",    "1e+",     "e5", "1.e5",
                               "nan",   "inf", "-inf",   "infinity", "0x10", "1,5",  "1 ",    " 1",      "1f", "--1",
                               "1e400", "1_0", "1e5000", "NaN",      "1..2", "1e.5", "1e5.0", "\xC2\xB5"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double value = 7.0;
        assert_false(sv_number_parse(&value, bad[i]));
        assert_true(value == 7.0);
    }
}

static void parse_reads_usual_spellings(void **state) {
    (void)state;
    assert_true(parsed("+1.5") == 1.5);
    assert_true(parsed(".5") == 0.5);
    assert_true(parsed("-00.25") == -0.25);
    assert_true(parsed("1E+02") == 100.0);
    assert_true(signbit(parsed("-0")));
    assert_true(parsed("1e-400") == 0.0);
}

static void integers_cover_the_whole_range(void **state) {
    (void)state;
    int64_t value = 0;
    assert_true(sv_number_parse_int(&value, "9223372036854775807") && value == INT64_MAX);
    assert_true(sv_number_parse_int(&value, "-9223372036854775808") && value == INT64_MIN);
    assert_true(sv_number_parse_int(&value, "+0012") && value == 12);
    assert_false(sv_number_parse_int(&value, "9223372036854775808"));
    assert_false(sv_number_parse_int(&value, "-9223372036854775809"));
    assert_false(sv_number_parse_int(&value, "99999999999999999999999"));
    assert_false(sv_number_parse_int(&value, "1.0"));
    assert_false(sv_number_parse_int(&value, ""));
    assert_false(sv_number_parse_int(&value, "-"));
    assert_int_equal(value, 12);
}

static void times_are_exact(void **state) {
    (void)state;
    const struct {
        const char *text;
        sv_time t;
    } cases[] = {
        {"0", 0},
        {"53.31401", INT64_C(53314010000)},
        {"-0.000000001", -1},
        {"1764000000.123456789", INT64_C(1764000000123456789)},
        {"5.331401e1", INT64_C(53314010000)},
        {"1e3", INT64_C(1000000000000)},
        {"0.0000000014", 1},
        {"0.0000000015", 2},
        {"-0.0000000015", -2},
        {"0.00000000049999", 0},
        {"0.9999999995", INT64_C(1000000000)},
        {"1e-30", 0},
        {"0e999999", 0},
        {".5", INT64_C(500000000)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sv_time t = -77;
        assert_true(sv_number_parse_time(&t, cases[i].text));
        assert_int_equal(t, cases[i].t);
    }
}

static void times_beyond_the_range_are_refused(void **state) {
    (void)state;
    sv_time t = 5;
    assert_true(sv_number_parse_time(&t, "4611686018.427387904"));
    assert_false(sv_number_parse_time(&t, "4611686018.427387914"));
    assert_false(sv_number_parse_time(&t, "1e10"));
    assert_false(sv_number_parse_time(&t, "1e999999999999"));
    assert_false(sv_number_parse_time(&t, "nan"));
    assert_int_equal(t, INT64_C(4611686018427387904));
}

static void time_text_reads_back(void **state) {
    (void)state;
    char text[SV_NUMBER_CAP];
    assert_string_equal(sv_number_time(text, 0), "0.000000000");
    assert_string_equal(sv_number_time(text, -1), "-0.000000001");
    assert_string_equal(sv_number_time(text, INT64_MIN), "-9223372036.854775808");
    for (uint64_t i = 0; i < 10000; i++) {
        sv_time t = (sv_time)(sv_rng(5, SV_RNG_TEST, i) >> (2 + i % 60)) * (i % 2 == 0 ? 1 : -1);
        sv_time back = 0;
        assert_true(sv_number_parse_time(&back, sv_number_time(text, t)));
        assert_int_equal(back, t);
    }
}

static void shortest_text_reads_back_and_is_short(void **state) {
    (void)state;
    char text[SV_NUMBER_CAP];
    assert_string_equal(sv_number_shortest(text, 0.1), "0.1");
    assert_string_equal(sv_number_shortest(text, 1e22), "1e+22");
    assert_string_equal(sv_number_shortest(text, 0.1 + 0.2), "0.30000000000000004");
    assert_string_equal(sv_number_shortest(text, NAN), "nan");
    assert_string_equal(sv_number_shortest(text, -INFINITY), "-inf");
    for (uint64_t i = 0; i < 50000; i++) {
        double value = double_of(sv_rng(6, SV_RNG_TEST, i));
        if (isfinite(value)) {
            assert_true(parsed(sv_number_shortest(text, value)) == value);
        }
    }
}

static void fixed_text_has_the_decimals(void **state) {
    (void)state;
    char text[SV_NUMBER_CAP];
    assert_string_equal(sv_number_fixed(text, 1.005, 2), "1.00");
    assert_string_equal(sv_number_fixed(text, -2.5, 0), "-2");
    assert_string_equal(sv_number_fixed(text, NAN, 3), "nan");
    assert_true(parsed(sv_number_fixed(text, 1e300, 17)) == 1e300);
}

/* ---- fixed decimals against printf, which is exact and rounds ties to even ---- */

static void check_fixed(double value, int decimals) {
    char text[SV_NUMBER_CAP], expected[512];
    snprintf(expected, sizeof expected, "%.*f", decimals, value);
    if (strlen(expected) >= SV_NUMBER_CAP) {
        return; /* too long for the caller's text: another spelling stands in */
    }
    char *end = sv_number_put_fixed(text, value, decimals);
    if (strcmp(text, expected) != 0 || *end != '\0' || end != text + strlen(text)) {
        fail_msg("%a with %d decimals: found %s, expected %s", value, decimals, text, expected);
    }
}

/* The value, its neighbours and their negatives. */
static void check_around(double value) {
    for (int decimals = 0; decimals <= 12; decimals++) {
        const double near[] = {nextafter(value, 0), value, nextafter(value, INFINITY)};
        for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
            check_fixed(near[i], decimals);
            check_fixed(-near[i], decimals);
        }
    }
}

static void fixed_text_is_that_of_printf_for_any_bits(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 1000000; i++) {
        double value = double_of(sv_rng(7, SV_RNG_TEST, i));
        if (isfinite(value)) {
            check_fixed(value, (int)(i % 13));
        }
    }
}

/* As tables have them: every size from far below the last decimal to beyond 2^53. */
static void fixed_text_is_that_of_printf_at_every_size(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 2000000; i++) {
        double mantissa = (double)(int64_t)sv_rng(8, SV_RNG_TEST, i) * 0x1p-63;
        double value = ldexp(mantissa, (int)(i % 80) - 22);
        check_fixed(value, (int)(sv_rng(9, SV_RNG_TEST, i) % 10));
    }
}

/* Odd multiples of 2^-k lie exactly half way for k - 1 decimals, and for fewer never: ties of every count of decimals. */
static void fixed_text_rounds_ties_as_printf(void **state) {
    (void)state;
    for (int k = 1; k <= 12; k++) {
        for (uint64_t i = 0; i < 20000; i++) {
            uint64_t odd = sv_rng(10, SV_RNG_TEST, (uint64_t)k << 32 | i) >> (12 + i % 52) | 1;
            double value = ldexp((double)odd, -k);
            check_fixed(value, k - 1);
            check_fixed(-value, k - 1);
        }
    }
    check_fixed(0.5, 0);
    check_fixed(1.5, 0);
    check_fixed(0.0625, 3);
    check_fixed(0.1875, 3);
}

/* Next to half way no bit of the value may be lost: numbers with few digits before the half, so that their last bits lie far below. */
static void fixed_text_is_that_of_printf_next_to_half_way(void **state) {
    (void)state;
    double power = 1;
    for (int decimals = 0; decimals <= 9; decimals++, power *= 10) {
        for (int i = 0; i < 50000; i++) {
            double value = (i * (1 + i % 7) + 0.5) / power;
            check_fixed(nextafter(value, 0), decimals);
            check_fixed(value, decimals);
            check_fixed(nextafter(value, INFINITY), decimals);
        }
    }
}

/* Where a sum of tenths carries through all nines, and where the exact way begins and ends. */
static void fixed_text_is_that_of_printf_at_edges(void **state) {
    (void)state;
    for (int k = -20; k <= 70; k++) {
        check_around(ldexp(1, k));
    }
    double power = 1;
    for (int k = 0; k <= 20; k++, power *= 10) {
        check_around(power);
        check_around(1 / power);
        check_around(0.5 / power);
        check_around(1 - 0.5 / power);
        check_around(9.5 / power);
        check_around(99999 - 0.5 / power);
    }
    check_around(0);
    check_fixed(-0.0, 0);
    check_fixed(-0.0, 4);
    check_fixed(-0.00001, 4);
    check_fixed(DBL_MAX, 0);
    check_fixed(DBL_TRUE_MIN, 9);
}

static void whole_numbers_are_those_of_printf(void **state) {
    (void)state;
    char text[SV_NUMBER_CAP], expected[SV_NUMBER_CAP];
    for (uint64_t i = 0; i < 100000; i++) {
        int64_t value = (int64_t)sv_rng(11, SV_RNG_TEST, i) >> (i % 64);
        value = i == 0 ? INT64_MIN : i == 1 ? INT64_MAX : i == 2 ? 0 : value;
        snprintf(expected, sizeof expected, "%lld", (long long)value);
        char *end = sv_number_put_int(text, value);
        assert_string_equal(text, expected);
        assert_true(end == text + strlen(text));
    }
}

/* A decimal comma anywhere in the process changes nothing. */
static void results_do_not_depend_on_the_locale(void **state) {
    (void)state;
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL && setlocale(LC_ALL, "fr_FR.UTF-8") == NULL) {
        print_message("no locale with a decimal comma is installed\n");
        skip();
    }
    char text[SV_NUMBER_CAP];
    snprintf(text, sizeof text, "%.1f", 1.5);
    assert_string_equal(text, "1,5");
    assert_true(parsed("0.12345678901234567890") == 0.12345678901234568);
    assert_string_equal(sv_number_shortest(text, 0.12345678901234568), "0.12345678901234568");
    assert_string_equal(sv_number_fixed(text, 1.25, 2), "1.25");
    assert_string_equal(sv_number_fixed(text, 1e-5, 6), "0.000010");
    assert_string_equal(sv_number_time(text, 1500000000), "1.500000000");
    setlocale(LC_ALL, "C");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_agrees_with_strtod),
        cmocka_unit_test(short_decimals_are_correctly_rounded),
        cmocka_unit_test(halfway_cases_go_to_even),
        cmocka_unit_test(parse_refuses_what_is_no_decimal_number),
        cmocka_unit_test(parse_reads_usual_spellings),
        cmocka_unit_test(integers_cover_the_whole_range),
        cmocka_unit_test(times_are_exact),
        cmocka_unit_test(times_beyond_the_range_are_refused),
        cmocka_unit_test(time_text_reads_back),
        cmocka_unit_test(shortest_text_reads_back_and_is_short),
        cmocka_unit_test(fixed_text_has_the_decimals),
        cmocka_unit_test(fixed_text_is_that_of_printf_for_any_bits),
        cmocka_unit_test(fixed_text_is_that_of_printf_at_every_size),
        cmocka_unit_test(fixed_text_rounds_ties_as_printf),
        cmocka_unit_test(fixed_text_is_that_of_printf_next_to_half_way),
        cmocka_unit_test(fixed_text_is_that_of_printf_at_edges),
        cmocka_unit_test(whole_numbers_are_those_of_printf),
        cmocka_unit_test(results_do_not_depend_on_the_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
