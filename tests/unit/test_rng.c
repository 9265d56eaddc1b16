/* Random numbers: known answers, then moments, tails and independence of neighbours, each within 4.5 sigma. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <skyvox/ledger.h>
#include <skyvox/math.h>
#include <skyvox/rng.h>

enum { N = 1000000 };

static const uint64_t seed = 20240607;
static const uint64_t stream = (uint64_t)SV_RNG_TEST << 32;

/* The known-answer vectors of Random123, whose block is counter, stream and whose key is the seed. */
static void philox_gives_the_published_vectors(void **state) {
    (void)state;
    assert_true(sv_rng(0, 0, 0) == 0xe169c58d6627e8d5);
    assert_true(sv_rng(UINT64_MAX, UINT64_MAX, UINT64_MAX) == 0x41c83b0e408f276d);
    assert_true(sv_rng(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88) == 0x94fdccebd16cfe09);
}

static void assert_mean(double sum, double n, double mean, double sigma) {
    double deviation = fabs(sum / n - mean) * sqrt(n) / sigma;
    if (!(deviation < 4.5)) {
        fail_msg("mean %.9g of %.0f values lies %.2f sigma from %.9g", sum / n, n, deviation, mean);
    }
}

static void uniform_has_its_moments_and_fills_its_bins(void **state) {
    (void)state;
    enum { N_BINS = 64 };
    double sum = 0.0, square = 0.0;
    double bin[N_BINS] = {0};
    for (uint64_t i = 0; i < N; i++) {
        double u = sv_rng_uniform(seed, stream, i);
        assert_true(u >= 0.0 && u < 1.0);
        sum += u;
        square += u * u;
        bin[(int)(u * N_BINS)]++;
    }
    assert_mean(sum, N, 0.5, sqrt(1.0 / 12.0));
    assert_mean(square, N, 1.0 / 3.0, sqrt(4.0 / 45.0));
    double chi2 = 0.0;
    for (int i = 0; i < N_BINS; i++) {
        double d = bin[i] - (double)N / N_BINS;
        chi2 += d * d * N_BINS / N;
    }
    assert_true(chi2 > sv_chi2_quantile(3.4e-6, N_BINS - 1) && chi2 < sv_chi2_quantile(1.0 - 3.4e-6, N_BINS - 1));
}

static void every_bit_is_set_half_the_time(void **state) {
    (void)state;
    double n_set[64] = {0};
    for (uint64_t i = 0; i < N / 4; i++) {
        uint64_t word = sv_rng(seed, stream, i);
        for (int b = 0; b < 64; b++) {
            n_set[b] += (double)(word >> b & 1);
        }
    }
    for (int b = 0; b < 64; b++) {
        assert_mean(n_set[b], N / 4, 0.5, 0.5);
    }
}

static void normal_has_its_moments(void **state) {
    (void)state;
    double sum[5] = {0};
    for (uint64_t i = 0; i < N; i++) {
        double power = 1.0;
        double z = sv_rng_normal(seed, stream, i);
        for (int k = 1; k <= 4; k++) {
            power *= z;
            sum[k] += power;
        }
    }
    /* Variance of z^k is E z^2k - (E z^k)^2: 1, 3 - 1, 15, 105 - 9. */
    assert_mean(sum[1], N, 0.0, 1.0);
    assert_mean(sum[2], N, 1.0, sqrt(2.0));
    assert_mean(sum[3], N, 0.0, sqrt(15.0));
    assert_mean(sum[4], N, 3.0, sqrt(96.0));
}

static void normal_has_its_tails(void **state) {
    (void)state;
    double n_above[5] = {0}, n_below[5] = {0};
    for (uint64_t i = 0; i < N; i++) {
        double z = sv_rng_normal(seed, stream, i);
        for (int k = 0; k < 5; k++) {
            n_above[k] += z > k;
            n_below[k] += z < -k;
        }
    }
    for (int k = 0; k < 5; k++) {
        double p = 0.5 * erfc(k / sqrt(2.0));
        assert_mean(n_above[k], N, p, sqrt(p * (1.0 - p)));
        assert_mean(n_below[k], N, p, sqrt(p * (1.0 - p)));
    }
}

/* Products of unit normals with a neighbour at some offset: mean 0 and variance 1 when independent. */
static void assert_uncorrelated(uint64_t d_seed, uint64_t d_stream, uint64_t d_counter) {
    enum { N_PAIRS = N / 5 };
    double sum = 0.0, sum_of_squares = 0.0;
    for (uint64_t i = 0; i < N_PAIRS; i++) {
        double a = sv_rng_normal(seed, stream, i);
        double b = sv_rng_normal(seed + d_seed, stream + d_stream, i + d_counter);
        sum += a * b;
        sum_of_squares += (a * a - 1.0) * (b * b - 1.0);
    }
    assert_mean(sum, N_PAIRS, 0.0, 1.0);
    assert_mean(sum_of_squares, N_PAIRS, 0.0, 2.0);
}

static void neighbours_are_uncorrelated(void **state) {
    (void)state;
    assert_uncorrelated(0, 0, 1);
    assert_uncorrelated(0, 0, 2);
    assert_uncorrelated(0, 0, (uint64_t)1 << 32);
    assert_uncorrelated(0, 1, 0);
    assert_uncorrelated(0, (uint64_t)1 << 32, 0);
    assert_uncorrelated(1, 0, 0);
}

static void poisson_has_its_moments_on_both_sides_of_thirty(void **state) {
    (void)state;
    const double means[] = {0.01, 0.7, 4.0, 29.9, 30.1, 100.0, 5000.0, 1e6};
    for (uint64_t k = 0; k < sizeof means / sizeof *means; k++) {
        enum { N_DRAWS = N / 5 };
        double m = means[k];
        double sum = 0.0, square = 0.0;
        for (uint64_t i = 0; i < N_DRAWS; i++) {
            int64_t n = sv_rng_poisson(seed, stream + k, i, m);
            assert_true(n >= 0);
            double d = (double)n - m;
            sum += d;
            square += d * d;
        }
        /* Rounding the normal to integers adds 1/12 to the variance. */
        double variance = m < 30.0 ? m : m + 1.0 / 12.0;
        assert_mean(sum, N_DRAWS, 0.0, sqrt(m));
        assert_mean(square, N_DRAWS, variance, sqrt(m + 2.0 * m * m));
    }
}

static void poisson_follows_its_distribution(void **state) {
    (void)state;
    enum { N_DRAWS = N / 2, N_BINS = 16 };
    double n_drawn[N_BINS] = {0};
    for (uint64_t i = 0; i < N_DRAWS; i++) {
        int64_t n = sv_rng_poisson(seed, stream, i, 4.0);
        n_drawn[n < N_BINS ? n : N_BINS - 1]++;
    }
    double p = exp(-4.0);
    for (int n = 0; n < N_BINS - 1; n++) {
        assert_mean(n_drawn[n], N_DRAWS, p, sqrt(p * (1.0 - p)));
        p *= 4.0 / (n + 1);
    }
}

static void poisson_of_nothing_is_nothing(void **state) {
    (void)state;
    assert_int_equal(sv_rng_poisson(1, 2, 3, 0.0), 0);
    assert_int_equal(sv_rng_poisson(1, 2, 3, -1.0), 0);
    assert_int_equal(sv_rng_poisson(1, 2, 3, NAN), 0);
}

static void bits_are_the_golden_ones(void **state) {
    (void)state;
    sv_hash uniform = sv_hash_begin(), normal = sv_hash_begin(), poisson = sv_hash_begin();
    for (uint64_t i = 0; i < N / 10; i++) {
        sv_hash_double(&uniform, sv_rng_uniform(seed, stream, i));
        sv_hash_double(&normal, sv_rng_normal(seed, stream, i));
        sv_hash_i64(&poisson, sv_rng_poisson(seed, stream, i, (double)(i % 60)));
    }
    const uint64_t found[3] = {sv_hash_end(&uniform), sv_hash_end(&normal), sv_hash_end(&poisson)};
    const uint64_t golden[3] = {0xb0f790612e3ad581, 0x64d7a65c8a5d925a, 0xa79845afafb964d4};
    assert_memory_equal(found, golden, sizeof golden);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_vectors),
        cmocka_unit_test(uniform_has_its_moments_and_fills_its_bins),
        cmocka_unit_test(every_bit_is_set_half_the_time),
        cmocka_unit_test(normal_has_its_moments),
        cmocka_unit_test(normal_has_its_tails),
        cmocka_unit_test(neighbours_are_uncorrelated),
        cmocka_unit_test(poisson_has_its_moments_on_both_sides_of_thirty),
        cmocka_unit_test(poisson_follows_its_distribution),
        cmocka_unit_test(poisson_of_nothing_is_nothing),
        cmocka_unit_test(bits_are_the_golden_ones),
    };
    return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
