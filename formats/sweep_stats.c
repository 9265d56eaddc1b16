#include <formats/sweep_stats.h>

#include <skyvox/math.h>
#include <skyvox/rng.h>

#include <math.h>
#include <stdlib.h>

enum { REPLICATES = 1000, PERMUTATIONS = 20000, ENOUGH_HITS = 100, SEED = 1 };

/* Streams of the bootstrap. */
enum { STREAM_FIRST = 0, STREAM_SECOND = 1, STREAM_SIGN = 2, STREAM_SPLIT = 3 };

double sv_mean(const double *value, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += value[i];
    return n ? sum / (double)n : NAN;
}

/* Mean of n values drawn with replacement; two draws from every random word. */
static double resampled_mean(const double *value, size_t n, uint32_t i_stream, size_t replicate) {
    uint64_t stream = sv_rng_stream(SV_RNG_BOOTSTRAP, i_stream), counter = (uint64_t)replicate * ((n + 1) / 2);
    double sum = 0;
    for (size_t i = 0; i < n; i += 2) {
        uint64_t word = sv_rng(SEED, stream, counter++);
        sum += value[(word >> 32) * n >> 32];
        if (i + 1 < n)
            sum += value[(word & 0xFFFFFFFFu) * n >> 32];
    }
    return sum / (double)n;
}

/* Share below the interval: normal tail at the t quantile widened by sqrt(n / (n - 1)). The quantile by its series in
 * 1 / degrees of freedom (Abramowitz and Stegun 26.7.5); for two or three values it says "all the way out" anyhow. */
static double tail_share(size_t n) {
    const double z = 1.959963984540054, z2 = z * z, dof = (double)(n - 1);
    double t = z + z * (z2 + 1) / (4 * dof) + z * ((5 * z2 + 16) * z2 + 3) / (96 * dof * dof) +
               z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * dof * dof * dof);
    return 0.5 * (1 - sv_erf(t * sqrt((double)n / dof) / sqrt(2.0)));
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void set_limits(sv_interval *out, double replicate[REPLICATES]) {
    qsort(replicate, REPLICATES, sizeof *replicate, by_value);
    int64_t rank = sv_floor_i64(tail_share(out->n) * REPLICATES);
    out->lo = replicate[rank];
    out->hi = replicate[REPLICATES - 1 - rank];
}

sv_interval sv_interval_of_mean(const double *value, size_t n) {
    sv_interval out = {n, sv_mean(value, n), NAN, NAN};
    if (n < 2)
        return out;
    double replicate[REPLICATES];
    for (size_t k = 0; k < REPLICATES; k++)
        replicate[k] = resampled_mean(value, n, STREAM_FIRST, k);
    set_limits(&out, replicate);
    return out;
}

sv_interval sv_interval_of_difference(const double *a, size_t n_a, const double *b, size_t n_b) {
    sv_interval out = {n_a < n_b ? n_a : n_b, sv_mean(b, n_b) - sv_mean(a, n_a), NAN, NAN};
    if (out.n < 2)
        return out;
    double replicate[REPLICATES];
    for (size_t k = 0; k < REPLICATES; k++)
        replicate[k] = resampled_mean(b, n_b, STREAM_SECOND, k) - resampled_mean(a, n_a, STREAM_FIRST, k);
    set_limits(&out, replicate);
    return out;
}

/* ---- tests ---- */

/* Sums that differ by rounding only are equal. */
static double rounding_of(const double *value, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += fabs(value[i]);
    return 1e-12 * sum;
}

/* Running count of permutations at least as extreme as what was found; valid to stop at ENOUGH_HITS. */
typedef struct tally {
    int n, n_hits;
} tally;

static bool add_hit(tally *t, bool hit) {
    t->n++;
    t->n_hits += hit;
    return t->n_hits < ENOUGH_HITS && t->n < PERMUTATIONS;
}

static double p_of(const tally *t) {
    return t->n_hits == ENOUGH_HITS ? (double)t->n_hits / t->n : (t->n_hits + 1.0) / (t->n + 1.0);
}

static double signed_sum(const double *d, size_t n, uint64_t counter) {
    double sum = 0;
    for (size_t i = 0; i < n; i += 64) {
        uint64_t sign = sv_rng(SEED, sv_rng_stream(SV_RNG_BOOTSTRAP, STREAM_SIGN), counter++);
        for (size_t j = i; j < n && j < i + 64; j++, sign >>= 1)
            sum += sign & 1 ? d[j] : -d[j];
    }
    return sum;
}

double sv_p_paired(const double *d, size_t n) {
    if (n == 0)
        return 1;
    tally t = {0};
    double found = sv_mean(d, n) * (double)n - rounding_of(d, n);
    while (add_hit(&t, signed_sum(d, n, (uint64_t)t.n * ((n + 63) / 64)) >= found))
        ;
    return p_of(&t);
}

double sv_p_unpaired(const double *a, size_t n_a, const double *b, size_t n_b, double *scratch) {
    size_t n = n_a + n_b;
    if (n_a == 0 || n_b == 0)
        return 1;
    for (size_t i = 0; i < n; i++)
        scratch[i] = i < n_b ? b[i] : a[i - n_b];
    tally t = {0};
    double sum, found = sv_mean(b, n_b) * (double)n_b - rounding_of(scratch, n);
    do {
        /* The first n_b of a random order are the new b: all other sums follow from theirs. */
        sum = 0;
        for (size_t i = 0; i < n_b; i++) {
            uint64_t stream = sv_rng_stream(SV_RNG_BOOTSTRAP, STREAM_SPLIT), counter = (uint64_t)t.n * n_b + i;
            size_t j = i + (size_t)((sv_rng(SEED, stream, counter) >> 32) * (n - i) >> 32);
            double chosen = scratch[j];
            scratch[j] = scratch[i];
            scratch[i] = chosen;
            sum += chosen;
        }
    } while (add_hit(&t, sum >= found));
    return p_of(&t);
}

double sv_p_smallest(size_t n_a, size_t n_b) {
    double p = 1, floor_p = 1.0 / (PERMUTATIONS + 1);
    if (n_b == 0)
        for (size_t i = 0; i < n_a && p > floor_p; i++)
            p /= 2;
    else /* one of (n_a + n_b choose n_b) splits */
        for (size_t i = 1; i <= n_b && p > floor_p; i++)
            p *= (double)i / (double)(n_a + i);
    return p > floor_p ? p : floor_p;
}

void sv_p_adjust(double *p, size_t n, size_t *scratch) {
    size_t n_tests = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(p[i]))
            scratch[n_tests++] = i;
    /* Few tests: insertion. */
    for (size_t i = 1; i < n_tests; i++)
        for (size_t j = i; j > 0 && p[scratch[j]] < p[scratch[j - 1]]; j--) {
            size_t swap = scratch[j];
            scratch[j] = scratch[j - 1];
            scratch[j - 1] = swap;
        }
    double most = 0;
    for (size_t i = 0; i < n_tests; i++) {
        double adjusted = fmin(1, p[scratch[i]] * (double)(n_tests - i));
        most = fmax(most, adjusted);
        p[scratch[i]] = most;
    }
}
