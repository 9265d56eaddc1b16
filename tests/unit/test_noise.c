/* Sensor noise at every level: the moments and tails of a normal, no correlation anywhere, and the curve of the sensor. */
#include <kernels/cpu/render_strip.h>
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

/* A frame of WIDTH x HEIGHT px, N of them; sums of eight nibbles' values lie within MOST. */
enum { WIDTH = 1024, HEIGHT = 512, N = WIDTH * HEIGHT, MOST = 400 };

static sv_backend *backend;

/* A level that this machine lacks leaves no backend: its tests are skipped. */
static int open_level(void **state) {
    sv_status status = sv_backend_create(&backend, *(const sv_backend_level *)*state);
    return status == SV_OK || status == SV_ERR_UNSUPPORTED ? 0 : -1;
}

static int close_level(void **state) {
    (void)state;
    sv_backend_destroy(backend);
    backend = NULL;
    return 0;
}

/* Noise of one frame with a key as the generator makes it; the caller frees. */
static int32_t *frame_units(uint32_t camera, uint64_t frame) {
    if (!backend)
        skip();
    int32_t *unit = malloc(sizeof *unit * N);
    assert_non_null(unit);
    uint64_t key = sv_rng(1, sv_rng_stream(SV_RNG_PIXEL_NOISE, camera), frame);
    const uint32_t half[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
    backend->render.noise(unit, half, 0, N);
    return unit;
}

/* The same in units of its standard deviation. */
static double *frame_noise(uint32_t camera, uint64_t frame) {
    int32_t *unit = frame_units(camera, frame);
    double *z = malloc(sizeof *z * N);
    assert_non_null(z);
    for (int i = 0; i < N; i++)
        z[i] = (double)unit[i] / SV_RENDER_NOISE_UNIT;
    free(unit);
    return z;
}

/* Exact distribution of the sum, from the tables: p[MOST + x]. */
static void exact(double p[2 * MOST + 1]) {
    memset(p, 0, (2 * MOST + 1) * sizeof *p);
    p[MOST] = 1;
    for (int k = 0; k < 8; k++) {
        const int8_t *table = k & 1 ? NOISE_HIGH : NOISE_LOW;
        double next[2 * MOST + 1] = {0};
        for (int x = -MOST; x <= MOST; x++) {
            for (int i = 0; i < 16 && p[MOST + x] > 0; i++)
                next[MOST + x + table[i]] += p[MOST + x] / 16;
        }
        memcpy(p, next, sizeof next);
    }
}

static double tail(const double p[2 * MOST + 1], double sigmas) {
    double sum = 0, limit = sigmas * SV_RENDER_NOISE_UNIT;
    for (int x = -MOST; x <= MOST; x++)
        sum += abs(x) > limit ? p[MOST + x] : abs(x) == limit ? 0.5 * p[MOST + x] : 0;
    return sum / erfc(sigmas / sqrt(2));
}

/* Without sampling: what a perfect hash would give. */
static void test_tables_make_a_normal(void **state) {
    (void)state;
    double p[2 * MOST + 1], m2 = 0, m4 = 0, below = 0, apart = 0;
    exact(p);
    for (int x = -MOST; x <= MOST; x++) {
        assert_true(p[MOST + x] == p[MOST - x]);
        m2 += p[MOST + x] * x * x;
        m4 += p[MOST + x] * x * x * x * x;
        double normal = 0.5 * erfc(-x / (SV_RENDER_NOISE_UNIT * sqrt(2)));
        apart = fmax(apart, fabs(below + 0.5 * p[MOST + x] - normal));
        below += p[MOST + x];
    }
    assert_true(fabs(sqrt(m2) / SV_RENDER_NOISE_UNIT - 1) < 1e-9);
    assert_true(fabs(m4 / (m2 * m2) - 3) < 0.002);
    assert_true(apart < 1e-4);
    assert_true(fabs(tail(p, 3) - 1) < 0.005 && fabs(tail(p, 4) - 1) < 0.02 && fabs(tail(p, 4.5) - 1) < 0.02);
    assert_true(fabs(tail(p, 5) - 1) < 0.1);
}

/* Sixteen frames, 8.4 million samples: four standard errors are 0.0014 in mean, 0.001 in sigma, 0.007 in kurtosis. */
static void test_moments_and_tails(void **state) {
    (void)state;
    enum { FRAMES = 16 };
    const double n = (double)FRAMES * N;
    double sum[5] = {0}, beyond_4 = 0, beyond_45 = 0;
    for (uint32_t f = 0; f < FRAMES; f++) {
        double *z = frame_noise(f % 4, f / 4);
        for (int i = 0; i < N; i++) {
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
    assert_true(fabs(sum[1] / n) < 0.0014);
    assert_true(fabs(sqrt(variance) - 1) < 0.001);
    assert_true(fabs(sum[3] / n) < 0.0034);
    assert_true(fabs(sum[4] / n / (variance * variance) - 3) < 0.007);
    /* A normal has 531 beyond 4 sigma and 57 beyond 4.5; four standard errors either way. */
    assert_true(beyond_4 > 439 && beyond_4 < 623);
    assert_true(beyond_45 > 27 && beyond_45 < 87);
}

/* Pearson's sum over n cells and how many standard deviations it lies above its mean of n - 1. */
static double chi_square_excess(const double *count, const double *expected, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (count[i] - expected[i]) * (count[i] - expected[i]) / expected[i];
    return (sum - (n - 1)) / sqrt(2.0 * (n - 1));
}

/* Every value of the sum as often as the tables say: uneven nibbles, or nibbles that know of each other, would show. */
static void test_chi_square_of_sums(void **state) {
    (void)state;
    enum { FRAMES = 8 };
    double p[2 * MOST + 1], count[2 * MOST + 1] = {0}, expected[2 * MOST + 1], seen[2 * MOST + 1];
    exact(p);
    for (uint32_t f = 0; f < FRAMES; f++) {
        int32_t *unit = frame_units(f, 7);
        for (int i = 0; i < N; i++)
            count[MOST + unit[i]]++;
        free(unit);
    }
    int cells = 0;
    double rest[2] = {0};
    for (int x = 0; x <= 2 * MOST; x++) {
        double e = p[x] * FRAMES * N;
        if (e >= 10) {
            seen[cells] = count[x];
            expected[cells++] = e;
        } else {
            rest[0] += count[x];
            rest[1] += e;
        }
    }
    seen[cells] = rest[0];
    expected[cells++] = rest[1];
    assert_true(fabs(chi_square_excess(seen, expected, cells)) < 4);
}

/* Two pixels in a table of 16 x 16 sixteenths; every pair of places that shares something in the hash, and some others. */
static void test_chi_square_of_pairs(void **state) {
    (void)state;
    enum { CELLS = 256 };
    static const int lag[] = {1, 2, 15, 16, 17, 32, 48, 63, 64, 128, WIDTH - 16, WIDTH, WIDTH + 1};
    double p[2 * MOST + 1], below = 0, share[16] = {0}, expected[CELLS];
    int cell_of[2 * MOST + 1];
    exact(p);
    for (int x = 0; x <= 2 * MOST; x++) {
        cell_of[x] = (int)fmin(16 * (below + 0.5 * p[x]), 15);
        share[cell_of[x]] += p[x];
        below += p[x];
    }
    int32_t *unit = frame_units(3, 5), *later = frame_units(3, 6), *beside = frame_units(4, 5);
    for (size_t k = 0; k < sizeof lag / sizeof *lag + 2; k++) {
        bool inside = k < sizeof lag / sizeof *lag;
        const int32_t *other = inside ? unit + lag[k] : k & 1 ? later : beside;
        int n = inside ? N - lag[k] : N;
        double count[CELLS] = {0};
        for (int i = 0; i < n; i++)
            count[16 * cell_of[MOST + unit[i]] + cell_of[MOST + other[i]]]++;
        for (int i = 0; i < CELLS; i++)
            expected[i] = n * share[i / 16] * share[i % 16];
        assert_true(fabs(chi_square_excess(count, expected, CELLS)) < 4.5);
    }
    free(unit);
    free(later);
    free(beside);
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
    for (int lag = 1; lag <= 130; lag++)
        assert_true(fabs(correlation(z, z + lag, N - lag)) < 0.007);
    static const int down[] = {WIDTH - 1, WIDTH, WIDTH + 1, 2 * WIDTH, 64 * WIDTH};
    for (size_t k = 0; k < sizeof down / sizeof *down; k++)
        assert_true(fabs(correlation(z, z + down[k], N - down[k])) < 0.007);
    free(z);
}

/* Frames of one camera and of all cameras at one time are unrelated, shifted or not; 5.5 standard errors are 0.0076. */
static void test_no_correlation_between_frames(void **state) {
    (void)state;
    double *base = frame_noise(0, 100);
    for (uint32_t k = 1; k < 40; k++) {
        double *other = k < 20 ? frame_noise(0, 100 + k) : frame_noise(k - 19, 100);
        for (int shift = -2; shift <= 2; shift++)
            assert_true(fabs(correlation(base + 2, other + 2 + shift, N - 4)) < 0.0076);
        free(other);
    }
    free(base);
}

/* Squares too: the size of the noise in one place tells nothing about another; 5.5 standard errors are 0.015. */
static void test_no_correlation_of_squares(void **state) {
    (void)state;
    double *z[12];
    for (uint32_t k = 0; k < 12; k++) {
        z[k] = k < 6 ? frame_noise(0, k) : frame_noise(k, 0);
        for (int i = 0; i < N; i++)
            z[k][i] = z[k][i] * z[k][i] - 1;
    }
    for (int k = 0; k < 12; k++) {
        for (int j = 0; j < k; j++)
            assert_true(fabs(correlation(z[k], z[j], N)) < 0.015);
    }
    static const int lag[] = {1, 16, 32, 48, 64, WIDTH};
    for (int k = 0; k < 12; k++) {
        for (size_t j = 0; j < sizeof lag / sizeof *lag; j++)
            assert_true(fabs(correlation(z[k], z[k] + lag[j], N - lag[j])) < 0.015);
    }
    for (int k = 0; k < 12; k++)
        free(z[k]);
}

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* No six pixels in a row come twice: by chance that happens to one pair in 10^14, and a frame has 10^12 pairs. */
static void test_no_shifted_copies(void **state) {
    (void)state;
    enum { FRAMES = 3 };
    uint64_t *run = malloc(sizeof *run * FRAMES * N);
    assert_non_null(run);
    for (uint32_t f = 0; f < FRAMES; f++) {
        int32_t *unit = frame_units(f / 2, f % 2);
        for (int i = 0; i < N; i++) {
            run[f * N + (uint32_t)i] = 0;
            for (int j = 0; j < 6; j++)
                run[f * N + (uint32_t)i] = run[f * N + (uint32_t)i] << 10 | (uint64_t)(unit[(i + j) % N] + 512);
        }
        free(unit);
    }
    qsort(run, FRAMES * N, sizeof *run, ascending);
    int n_same = 0;
    for (int i = 1; i < FRAMES * N; i++)
        n_same += run[i] == run[i - 1];
    free(run);
    assert_int_equal(n_same, 0);
}

/* A frame of one level through the whole renderer: mean and sigma in DN, and rounding adds its twelfth. */
static void test_curve_of_the_sensor(void **state) {
    (void)state;
    enum { CELL = 8, NODES = ((WIDTH + 16) >> CELL) + 2, LEVELS = 3 };
    if (!backend)
        skip();
    static int32_t node[NODES * NODES], sigma[SV_RENDER_SIGMA_N];
    static uint16_t pixels[N];
    static const int level_dn[LEVELS] = {300, 1000, 3000};
    for (int i = 0; i < SV_RENDER_SIGMA_N; i++)
        sigma[i] = (int32_t)(256 * sqrt(9 + 0.5 * (32.5 + i % 32) / 32 * ldexp(1, i / 32 - 8)));
    for (int k = 0; k < LEVELS; k++) {
        for (int i = 0; i < NODES * NODES; i++)
            node[i] = level_dn[k] * 256;
        sv_render_image image = {.width = WIDTH,
                                 .height = HEIGHT,
                                 .bit_depth = 12,
                                 .level_bits = 8,
                                 .node = node,
                                 .node_pitch = NODES,
                                 .cell_log2 = CELL,
                                 .key = {5, 6},
                                 .sigma = sigma,
                                 .pixels = pixels,
                                 .pitch = WIDTH * 2};
        backend->render.rows(&image, 0, HEIGHT);
        double sum = 0, squares = 0, want = 9 + 0.5 * level_dn[k] + 1.0 / 12;
        for (int i = 0; i < N; i++) {
            sum += pixels[i] - level_dn[k];
            squares += (pixels[i] - level_dn[k]) * (pixels[i] - level_dn[k]);
        }
        assert_true(fabs(sum / N) < 5 * sqrt(want / N) + 0.01);
        assert_true(fabs(squares / N / want - 1) < 0.02);
    }
}

static void test_same_key_same_noise(void **state) {
    (void)state;
    int32_t *a = frame_units(3, 4), *b = frame_units(3, 4), *c = frame_units(3, 5);
    assert_memory_equal(a, b, sizeof *a * N);
    assert_true(memcmp(a, c, sizeof *a * N) != 0);
    free(a);
    free(b);
    free(c);
}

int main(void) {
    static sv_backend_level level[] = {SV_BACKEND_SCALAR, SV_BACKEND_AVX2, SV_BACKEND_AVX512};
    int failed = 0;
    for (size_t k = 0; k < sizeof level / sizeof *level; k++) {
#define AT_LEVEL(test) cmocka_unit_test_prestate_setup_teardown(test, open_level, close_level, &level[k])
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_tables_make_a_normal), AT_LEVEL(test_moments_and_tails),
            AT_LEVEL(test_chi_square_of_sums),           AT_LEVEL(test_chi_square_of_pairs),
            AT_LEVEL(test_no_correlation_in_space),      AT_LEVEL(test_no_correlation_between_frames),
            AT_LEVEL(test_no_correlation_of_squares),    AT_LEVEL(test_no_shifted_copies),
            AT_LEVEL(test_curve_of_the_sensor),          AT_LEVEL(test_same_key_same_noise),
        };
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return failed;
}
