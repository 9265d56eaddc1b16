/* Discs through a lens: energy, centroid and shape at any size and sub-pixel phase. */
#include <math.h>
#include <setjmp.h>
#include <sim/splat.h>
#include <skyvox/math.h>
#include <skyvox/rng.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SIDE = 160 };

static double profile[SIDE * SIDE];

typedef struct moments {
    double sum, u, v, squares;
} moments;

static moments measure(double u, double v, double diameter, double sigma) {
    sv_splat_box box = sv_splat_bounds(u, v, diameter, sigma, SIDE, SIDE);
    assert_true(box.width > 0 && box.height > 0);
    sv_splat_profile(profile, &box, u, v, diameter, sigma);
    moments m = {0};
    for (int32_t j = 0; j < box.height; j++) {
        for (int32_t i = 0; i < box.width; i++) {
            double p = profile[j * box.width + i];
            m.sum += p;
            m.u += p * (box.u + i);
            m.v += p * (box.v + j);
            m.squares += p * p;
        }
    }
    m.u /= m.sum;
    m.v /= m.sum;
    return m;
}

/* Sum = area of the disc, centroid = its centre: sizes 0.3 to 60 px, blurs 0.4 to 1.5 px, 400 random phases. */
static void test_energy_and_centroid(void **state) {
    (void)state;
    uint64_t stream = sv_rng_stream(SV_RNG_TEST, 1);
    for (uint64_t k = 0; k < 400; k++) {
        double diameter = 0.3 * sv_exp(5.3 * sv_rng_uniform(1, stream, 4 * k));
        double sigma = 0.4 + 1.1 * sv_rng_uniform(1, stream, 4 * k + 1);
        double u = 80 + sv_rng_uniform(1, stream, 4 * k + 2), v = 80 + sv_rng_uniform(1, stream, 4 * k + 3);
        moments m = measure(u, v, diameter, sigma);
        double area = 0.25 * SV_PI * diameter * diameter;
        assert_true(fabs(m.sum / area - 1) < 0.002);
        /* A sharper lens than this moves the centroid of the pixels with the phase: physics, not an error. */
        if (sigma > 0.65)
            assert_true(fabs(m.u - u) < 1e-4 && fabs(m.v - v) < 1e-4);
    }
}

/* Against brute force: a fine grid of points in the disc, each a Gaussian integrated over the pixel. */
static double brute(int32_t i, int32_t j, double u, double v, double diameter, double sigma) {
    enum { N = 200 };
    double r = 0.5 * diameter, step = diameter / N, sum = 0, s2 = sigma * sqrt(2.0);
    for (int a = 0; a < N; a++) {
        for (int b = 0; b < N; b++) {
            double x = -r + (a + 0.5) * step, y = -r + (b + 0.5) * step;
            if (x * x + y * y > r * r)
                continue;
            double gu = sv_erf((i + 0.5 - u - x) / s2) - sv_erf((i - 0.5 - u - x) / s2);
            double gv = sv_erf((j + 0.5 - v - y) / s2) - sv_erf((j - 0.5 - v - y) / s2);
            sum += 0.25 * gu * gv * step * step;
        }
    }
    return sum;
}

static void test_shape_against_brute_force(void **state) {
    (void)state;
    static const double diameter[] = {0.5, 1.7, 6, 23, 26};
    for (int k = 0; k < 5; k++) {
        double u = 60.3, v = 59.8, d = diameter[k];
        sv_splat_box box = sv_splat_bounds(u, v, d, 0.7, SIDE, SIDE);
        sv_splat_profile(profile, &box, u, v, d, 0.7);
        for (int n = 0; n < 12; n++) {
            int32_t i = 60 + (int32_t)(n * d / 16), j = 60 + (int32_t)(n * d / 40);
            double got = profile[(j - box.v) * box.width + i - box.u];
            assert_true(fabs(got - brute(i, j, u, v, d, 0.7)) < (d > 24 ? 0.012 : 0.004) * (d < 1 ? d * d : 1));
        }
    }
}

/* The table behind true SNR agrees with drawn discs. */
static void test_norm(void **state) {
    (void)state;
    sv_splat_norm norm;
    sv_splat_norm_make(&norm, 0.7);
    for (double d = 0.31; d < 50; d *= 1.37) {
        moments m = measure(80.4, 80.1, d, 0.7);
        assert_true(fabs(sv_splat_norm_at(&norm, d) / sqrt(m.squares) - 1) < 0.01);
    }
}

static void test_clipping(void **state) {
    (void)state;
    sv_splat_box box = sv_splat_bounds(-0.5, 10, 3, 0.7, SIDE, SIDE);
    assert_int_equal(box.u, 0);
    sv_splat_profile(profile, &box, -0.5, 10, 3, 0.7);
    double sum = 0;
    for (int32_t i = 0; i < box.width * box.height; i++)
        sum += profile[i];
    assert_true(fabs(sum / (0.5 * 0.25 * SV_PI * 9) - 1) < 0.002);
    box = sv_splat_bounds(-30, 10, 3, 0.7, SIDE, SIDE);
    assert_int_equal(box.width * box.height, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_energy_and_centroid),
        cmocka_unit_test(test_shape_against_brute_force),
        cmocka_unit_test(test_norm),
        cmocka_unit_test(test_clipping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
