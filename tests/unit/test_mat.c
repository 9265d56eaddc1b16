/* Small matrices: products against definitions, factors against what they factor. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <core/base/mat.h>
#include <skyvox/rng.h>

enum { CAP2 = SV_MAT_CAP * SV_MAT_CAP };

static void fill(double *a, int n, uint64_t stream) {
    for (int i = 0; i < n; i++) {
        a[i] = sv_rng_normal(11, stream, (uint64_t)i);
    }
}

/* A random symmetric positive definite matrix: b b^T + n 1e-3. */
static void fill_spd(double *a, int n, uint64_t stream) {
    double b[CAP2];
    fill(b, n * n, stream);
    sv_mat_mul_t(a, b, b, n, n, n);
    for (int i = 0; i < n; i++) {
        a[i * n + i] += 1e-3 * n;
    }
}

static void products_follow_the_definition(void **state) {
    (void)state;
    /* Integers, so that equality is exact. */
    const double a[2 * 3] = {1, 2, 3, 4, 5, 6};
    const double b[3 * 2] = {7, 8, 9, 10, 11, 12};
    const double bt[2 * 3] = {7, 9, 11, 8, 10, 12};
    const double expected[4] = {58, 64, 139, 154};
    double c[4];
    sv_mat_mul(c, a, b, 2, 3, 2);
    assert_memory_equal(c, expected, sizeof c);
    memset(c, 0, sizeof c);
    sv_mat_mul_t(c, a, bt, 2, 3, 2);
    assert_memory_equal(c, expected, sizeof c);
}

static void symmetrise_takes_the_mean(void **state) {
    (void)state;
    double a[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const double expected[9] = {1, 3, 5, 3, 5, 7, 5, 7, 9};
    sv_mat_symmetrise(a, 3);
    assert_memory_equal(a, expected, sizeof a);
}

static void cholesky_squares_back_for_every_size(void **state) {
    (void)state;
    for (int n = 1; n <= SV_MAT_CAP; n++) {
        double a[CAP2], l[CAP2], back[CAP2];
        fill_spd(a, n, (uint64_t)n);
        assert_int_equal(sv_mat_cholesky(l, a, n), SV_OK);
        sv_mat_mul_t(back, l, l, n, n, n);
        for (int i = 0; i < n * n; i++) {
            assert_true(fabs(back[i] - a[i]) < 1e-12);
            assert_true(i % n <= i / n || l[i] == 0.0);
        }
        /* In place. */
        assert_int_equal(sv_mat_cholesky(a, a, n), SV_OK);
        assert_memory_equal(a, l, (size_t)(n * n) * sizeof *a);
    }
}

static void solve_and_inverse_undo_the_product(void **state) {
    (void)state;
    for (int n = 1; n <= SV_MAT_CAP; n++) {
        double a[CAP2], l[CAP2], x[CAP2], b[CAP2], inverse[CAP2], product[CAP2];
        fill_spd(a, n, 100 + (uint64_t)n);
        fill(x, n * 5, 200 + (uint64_t)n);
        sv_mat_mul(b, a, x, n, n, 5);
        assert_int_equal(sv_mat_cholesky(l, a, n), SV_OK);
        sv_mat_cholesky_solve(b, l, b, n, 5);
        for (int i = 0; i < n * 5; i++) {
            assert_true(fabs(b[i] - x[i]) < 1e-9);
        }
        assert_int_equal(sv_mat_spd_inverse(inverse, a, n), SV_OK);
        sv_mat_mul(product, a, inverse, n, n, n);
        for (int i = 0; i < n * n; i++) {
            assert_true(fabs(product[i] - (i % (n + 1) == 0 ? 1.0 : 0.0)) < 1e-9);
            assert_true(inverse[i] == inverse[i % n * n + i / n]);
        }
    }
}

static void indefinite_and_nan_matrices_are_degenerate(void **state) {
    (void)state;
    const double bad[5][4] = {{1, 2, 2, 1}, {0, 0, 0, 0}, {-1, 0, 0, 1}, {1, NAN, NAN, 1}, {INFINITY, 0, 0, 1}};
    for (int i = 0; i < 5; i++) {
        double out[4] = {5, 6, 7, 8};
        const double untouched[4] = {5, 6, 7, 8};
        assert_int_equal(sv_mat_cholesky(out, bad[i], 2), SV_ERR_DEGENERATE);
        assert_int_equal(sv_mat_spd_inverse(out, bad[i], 2), SV_ERR_DEGENERATE);
        assert_memory_equal(out, untouched, sizeof out);
    }
}

/* The characteristic polynomial of a symmetric 3 x 3 minus lambda: sign changes tell on which side the root lies. */
static bool is_above_spectrum(const double a[6], double lambda) {
    const double shifted[9] = {lambda - a[0], -a[1], -a[2], -a[1], lambda - a[3], -a[4], -a[2], -a[4], lambda - a[5]};
    double l[9];
    return sv_mat_cholesky(l, shifted, 3) == SV_OK;
}

static void max_eigenvalue_is_the_edge_of_the_spectrum(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 5000; i++) {
        double a[6];
        fill(a, 6, 1000 + i);
        double max = sv_mat_sym3_max_eigenvalue(a);
        assert_true(is_above_spectrum(a, max + 1e-12));
        assert_false(is_above_spectrum(a, max - 1e-12));
    }
    const double diagonal[6] = {2, 0, 0, -3, 0, 7};
    assert_true(sv_mat_sym3_max_eigenvalue(diagonal) == 7.0);
    const double negative[6] = {-2, 0, 0, -3, 0, -7};
    assert_true(sv_mat_sym3_max_eigenvalue(negative) == -2.0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_follow_the_definition),
        cmocka_unit_test(symmetrise_takes_the_mean),
        cmocka_unit_test(cholesky_squares_back_for_every_size),
        cmocka_unit_test(solve_and_inverse_undo_the_product),
        cmocka_unit_test(indefinite_and_nan_matrices_are_degenerate),
        cmocka_unit_test(max_eigenvalue_is_the_edge_of_the_spectrum),
    };
    return cmocka_run_group_tests_name("mat", tests, NULL, NULL);
}
