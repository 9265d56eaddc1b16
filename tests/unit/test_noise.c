/* Sensor noise: the moments and tails of a normal, the photon-transfer curve, and no correlation anywhere. */
#include <kernels/kernels.h>
#include <math.h>
#include <setjmp.h>
#include <skyvox/rng.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 1024, HEIGHT = 512, SIGMA_DN = 100, LEVEL_DN = 2048 };

/* A flat 12 bit image of one level; out [HEIGHT x WIDTH]. */
static void flat(uint16_t *out, uint32_t key0, uint32_t key1) {
    enum { CELL = 8, NODES = ((WIDTH + 16) >> CELL) + 2 };
    sv_backend *backend;
    assert_int_equal(sv_backend_create(&backend, SV_BACKEND_AUTO), SV_OK);
    static int32_t node[NODES * NODES], sigma[SV_RENDER_SIGMA_N];
    for (int i = 0; i < NODES * NODES; i++)
        node[i] = LEVEL_DN * 256;
    for (int i = 0; i < SV_RENDER_SIGMA_N; i++)
        sigma[i] = SIGMA_DN * 256;
    sv_render_image image = {.width = WIDTH,
                             .height = HEIGHT,
                             .bit_depth = 12,
                             .level_bits = 8,
                             .node = node,
                             .node_pitch = NODES,
                             .cell_log2 = CELL,
                             .key = {key0, key1},
                             .sigma = sigma,
                             .pixels = out,
                             .pitch = WIDTH * 2};
    backend->render.rows(&image, 0, HEIGHT);
    sv_backend_destroy(backend);
}

/* Noise of one frame in units of sigma. */
static double *frame_noise(uint32_t key0, uint32_t key1) {
    uint16_t *dn = malloc(sizeof *dn * WIDTH * HEIGHT);
    double *z = malloc(sizeof *z * WIDTH * HEIGHT);
    assert_true(dn && z);
    flat(dn, key0, key1);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        z[i] = ((double)dn[i] - LEVEL_DN) / SIGMA_DN;
    free(dn);
    return z;
}

/* Sixteen frames, 8.4 million samples: four standard errors are 0.0014 in mean, 0.001 in sigma, 0.007 in kurtosis. */
static void test_moments_and_tails(void **state) {
    (void)state;
    enum { FRAMES = 16 };
    const double n = (double)FRAMES * WIDTH * HEIGHT;
    double sum[5] = {0}, beyond_4 = 0, beyond_45 = 0;
    for (uint32_t f = 0; f < FRAMES; f++) {
        double *z = frame_noise(0x12345u * f, ~f);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            double x = z[i];
            sum[1] += x;
            sum[2] += x * x;
            sum[3] += x * x * x;
            sum[4] += x * x * x * x;
            beyond_4 += fabs(x) > 4;
            beyond_45 += fabs(x) > 4.5;
        }
        free(z);
    }
    double variance = sum[2] / n;
    assert_true(fabs(sum[1] / n) < 0.0015);
    assert_true(fabs(sqrt(variance) - 1) < 0.002);
    assert_true(fabs(sum[3] / n) < 0.004);
    assert_true(fabs(sum[4] / n / (variance * variance) - 3) < 0.025);
    /* A normal has 531 beyond 4 sigma and 57 beyond 4.5; four standard errors either way. */
    assert_true(beyond_4 > 430 && beyond_4 < 630);
    assert_true(beyond_45 > 27 && beyond_45 < 87);
}

static double correlation(const double *a, const double *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum / n;
}

/* Five standard errors of half a million products are 0.007. */
static void test_no_correlation_in_space(void **state) {
    (void)state;
    double *z = frame_noise(77, 99);
    const int lag[] = {1, 2, 3, 4, 8, 16, WIDTH - 1, WIDTH, WIDTH + 1, 2 * WIDTH, 64 * WIDTH};
    for (size_t k = 0; k < sizeof lag / sizeof *lag; k++)
        assert_true(fabs(correlation(z, z + lag[k], WIDTH * HEIGHT - lag[k])) < 0.007);
    free(z);
}

/* Keys as the generator makes them. */
static double *generator_noise(uint32_t camera, uint64_t frame) {
    uint64_t key = sv_rng(1, sv_rng_stream(SV_RNG_PIXEL_NOISE, camera), frame);
    return frame_noise((uint32_t)key, (uint32_t)(key >> 32));
}

/* Frames of one camera and of all cameras at one time are unrelated, shifted or not; 5.5 standard errors are 0.0076. */
static void test_no_correlation_between_frames(void **state) {
    (void)state;
    double *base = generator_noise(0, 100);
    for (uint32_t k = 1; k < 40; k++) {
        double *other = k < 20 ? generator_noise(0, 100 + k) : generator_noise(k - 19, 100);
        for (int shift = -2; shift <= 2; shift++)
            assert_true(fabs(correlation(base + 2, other + 2 + shift, WIDTH * HEIGHT - 4)) < 0.0076);
        free(other);
    }
    free(base);
}

/* Squares too: the size of the noise in one frame tells nothing about the next; 5.5 standard errors are 0.015. */
static void test_no_correlation_of_squares(void **state) {
    (void)state;
    double *z[12];
    for (uint32_t k = 0; k < 12; k++) {
        z[k] = k < 6 ? generator_noise(0, k) : generator_noise(k, 0);
        for (int i = 0; i < WIDTH * HEIGHT; i++)
            z[k][i] = z[k][i] * z[k][i] - 1;
    }
    for (int k = 0; k < 12; k++) {
        for (int j = 0; j < k; j++)
            assert_true(fabs(correlation(z[k], z[j], WIDTH * HEIGHT)) < 0.015);
    }
    for (int k = 0; k < 12; k++) {
        assert_true(fabs(correlation(z[k], z[k] + 1, WIDTH * HEIGHT - 1)) < 0.015);
        assert_true(fabs(correlation(z[k], z[k] + WIDTH, WIDTH * HEIGHT - WIDTH)) < 0.015);
    }
    for (int k = 0; k < 12; k++)
        free(z[k]);
}

static void test_same_key_same_pixels(void **state) {
    (void)state;
    static uint16_t a[WIDTH * HEIGHT], b[WIDTH * HEIGHT];
    flat(a, 3, 4);
    flat(b, 3, 4);
    assert_memory_equal(a, b, sizeof a);
    flat(b, 3, 5);
    assert_true(memcmp(a, b, sizeof a) != 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments_and_tails),
        cmocka_unit_test(test_no_correlation_in_space),
        cmocka_unit_test(test_no_correlation_between_frames),
        cmocka_unit_test(test_no_correlation_of_squares),
        cmocka_unit_test(test_same_key_same_pixels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
