/* The hash and the lines of the ledger. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <skyvox/ledger.h>
#include <skyvox/rng.h>

static uint64_t hash_of(const uint64_t *value, size_t n) {
    sv_hash hash = sv_hash_begin();
    for (size_t i = 0; i < n; i++) {
        sv_hash_u64(&hash, value[i]);
    }
    return sv_hash_end(&hash);
}

static void hash_has_its_golden_values(void **state) {
    (void)state;
    const uint64_t zeros[2] = {0, 0};
    const uint64_t count[3] = {1, 2, 3};
    assert_true(hash_of(NULL, 0) == 0x9e3779b97f4a7c15);
    assert_true(hash_of(zeros, 1) == 0xd30b054265133dd7);
    assert_true(hash_of(zeros, 2) == 0x7c4720ce50b6025e);
    assert_true(hash_of(count, 3) == 0xf9870bb73f2701bf);
    sv_hash hash = sv_hash_begin();
    sv_hash_i64(&hash, -5);
    sv_hash_double(&hash, 0.1);
    sv_hash_vec3(&hash, (sv_vec3){1.0, -2.0, 3.0});
    assert_true(sv_hash_end(&hash) == 0x07332363ee43a886);
}

static void order_length_and_every_bit_count(void **state) {
    (void)state;
    const uint64_t ab[2] = {1, 2}, ba[2] = {2, 1}, zeros[3] = {0, 0, 0};
    assert_true(hash_of(ab, 2) != hash_of(ba, 2));
    assert_true(hash_of(zeros, 2) != hash_of(zeros, 3));

    /* One flipped bit of the input flips half of the output: 32 of 64, standard error of the mean 0.02. */
    double n_flipped = 0.0;
    int n_pairs = 0;
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t value[3] = {sv_rng(1, 0, i), sv_rng(1, 1, i), sv_rng(1, 2, i)};
        uint64_t before = hash_of(value, 3);
        for (int bit = 0; bit < 64; bit += 3) {
            value[i % 3] ^= (uint64_t)1 << bit;
            uint64_t difference = hash_of(value, 3) ^ before;
            value[i % 3] ^= (uint64_t)1 << bit;
            assert_true(difference != 0);
            for (; difference != 0; difference &= difference - 1) {
                n_flipped++;
            }
            n_pairs++;
        }
    }
    assert_true(fabs(n_flipped / n_pairs - 32.0) < 4.5 * 4.0 / sqrt(n_pairs));
}

static uint64_t hash_of_double(double value) {
    sv_hash hash = sv_hash_begin();
    sv_hash_double(&hash, value);
    return sv_hash_end(&hash);
}

static void doubles_hash_by_value_and_nan_is_one(void **state) {
    (void)state;
    assert_true(hash_of_double(NAN) == hash_of_double(-NAN));
    assert_true(hash_of_double(NAN) == hash_of_double(nan("7")));
    assert_true(hash_of_double(0.0) != hash_of_double(-0.0));
    assert_true(hash_of_double(1.0) != hash_of_double(nextafter(1.0, 2.0)));
}

static void vectors_hash_as_their_three_numbers(void **state) {
    (void)state;
    sv_hash a = sv_hash_begin(), b = sv_hash_begin();
    sv_hash_vec3(&a, (sv_vec3){1.0, 2.0, 3.0});
    sv_hash_double(&b, 1.0);
    sv_hash_double(&b, 2.0);
    sv_hash_double(&b, 3.0);
    assert_true(sv_hash_end(&a) == sv_hash_end(&b));
}

static void a_line_looks_as_documented(void **state) {
    (void)state;
    const sv_ledger_line line = {.set = 42, .hash = {0, 1, 0xabcdef, UINT64_MAX, 0x0123456789abcdef}};
    char text[SV_LEDGER_LINE_CAP];
    sv_ledger_format(text, &line);
    assert_string_equal(text,
                        "42 0000000000000000 0000000000000001 0000000000abcdef ffffffffffffffff 0123456789abcdef");
}

static void lines_come_back(void **state) {
    (void)state;
    const int64_t set[] = {0, 7, -1, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
        sv_ledger_line line = {.set = set[i]};
        for (int k = 0; k < SV_N_STAGES; k++) {
            line.hash[k] = sv_rng(2, i, (uint64_t)k);
        }
        char text[SV_LEDGER_LINE_CAP];
        sv_ledger_format(text, &line);
        sv_ledger_line back;
        assert_int_equal(sv_ledger_parse(&back, text), SV_OK);
        assert_int_equal(back.set, line.set);
        assert_memory_equal(back.hash, line.hash, sizeof line.hash);
    }
}

#define H "0123456789abcdef"

static void broken_lines_are_refused_in_one_line(void **state) {
    (void)state;
    static const char *const broken[] = {
        "",
        "x",
        "-",
        "1",
        " 1 " H " " H " " H " " H " " H,
        "1  " H " " H " " H " " H " " H,
        "1 " H " " H " " H " " H,
        "1 " H " " H " " H " " H " 0123456789abcde",
        "1 " H " " H " " H " " H " 0123456789abcdeg",
        "1 " H " " H " " H " " H " 0123456789ABCDEF",
        "1 " H " " H " " H " " H " " H " ",
        "1 " H " " H " " H " " H " " H "\n",
        "1 " H " " H " " H "\n" H " " H,
        "1.5 " H " " H " " H " " H " " H,
        "9223372036854775808 " H " " H " " H " " H " " H,
        "-9223372036854775809 " H " " H " " H " " H " " H,
        "99999999999999999999999 " H " " H " " H " " H " " H,
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        sv_ledger_line line = {.set = 77, .hash = {1, 2, 3, 4, 5}};
        const sv_ledger_line untouched = line;
        sv_fail(SV_ERR_ARG, "%s", "");
        assert_int_equal(sv_ledger_parse(&line, broken[i]), SV_ERR_INPUT);
        assert_memory_equal(&line, &untouched, sizeof line);
        assert_true(strlen(sv_error_text()) > 0 && strpbrk(sv_error_text(), "\r\n") == NULL);
    }
}

static void the_first_difference_is_named(void **state) {
    (void)state;
    const sv_ledger_line a = {.set = 1, .hash = {1, 2, 3, 4, 5}};
    const sv_ledger_line b = {.set = 1, .hash = {9, 2, 3, 8, 7}};
    assert_int_equal(sv_ledger_difference(&a, &b, SV_STAGE_SYNC), SV_STAGE_SYNC);
    assert_int_equal(sv_ledger_difference(&a, &b, SV_STAGE_DETECT), SV_STAGE_VOXEL);
    assert_int_equal(sv_ledger_difference(&a, &b, SV_STAGE_TRACK), SV_STAGE_TRACK);
    assert_int_equal(sv_ledger_difference(&a, &a, SV_STAGE_SYNC), SV_N_STAGES);
    assert_string_equal(sv_stage_name(SV_STAGE_SYNC), "sync");
    assert_string_equal(sv_stage_name(SV_STAGE_DETECT), "detect");
    assert_string_equal(sv_stage_name(SV_STAGE_FUSE), "fuse");
    assert_string_equal(sv_stage_name(SV_STAGE_VOXEL), "voxel");
    assert_string_equal(sv_stage_name(SV_STAGE_TRACK), "track");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_has_its_golden_values),           cmocka_unit_test(order_length_and_every_bit_count),
        cmocka_unit_test(doubles_hash_by_value_and_nan_is_one), cmocka_unit_test(vectors_hash_as_their_three_numbers),
        cmocka_unit_test(a_line_looks_as_documented),           cmocka_unit_test(lines_come_back),
        cmocka_unit_test(broken_lines_are_refused_in_one_line), cmocka_unit_test(the_first_difference_is_named),
    };
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
