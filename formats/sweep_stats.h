/** Means with intervals, and tests of a change between two samples of runs. docs/SWEEPS.md says why these. */
#ifndef FORMATS_SWEEP_STATS_H
#define FORMATS_SWEEP_STATS_H

#include <skyvox/base.h>

/** A mean or a difference of means with its 95 % interval; lo and hi are NaN below two values, mean below one. */
typedef struct sv_interval {
    size_t n;
    double mean, lo, hi;
} sv_interval;

/** Mean; NaN of none. */
double sv_mean(const double *value, size_t n);

/**
 * Mean of independent values, interval by the bootstrap.
 *
 *   value  in  [n] finite
 *
 * Source: Hesterberg, "What Teachers Should Know About the Bootstrap", The American Statistician 69 (2015), expanded
 * percentile interval: plain percentiles are too narrow for few values.
 */
sv_interval sv_interval_of_mean(const double *value, size_t n);

/** Mean of b minus mean of a, both resampled; n is the smaller number. */
sv_interval sv_interval_of_difference(const double *a, size_t n_a, const double *b, size_t n_b);

/**
 * Probability that signs thrown at random give a sum of d as large as found: small when d lies above zero.
 *
 *   d  in  [n] paired differences
 *
 * Exact for differences that are symmetric about zero. Source: Fisher's sign-flip test, with the sequential stopping of
 * Besag and Clifford, "Sequential Monte Carlo p-values", Biometrika 78 (1991).
 */
double sv_p_paired(const double *d, size_t n);

/**
 * Probability that a random split gives a mean of b as far above that of a as found; exact for exchangeable values.
 *
 *   scratch  [n_a + n_b]
 */
double sv_p_unpaired(const double *a, size_t n_a, const double *b, size_t n_b, double *scratch);

/** The smallest probability that a paired (n_b = 0) or unpaired test can give. */
double sv_p_smallest(size_t n_a, size_t n_b);

/**
 * Holm's adjustment in place: p[i] <= alpha afterwards, for all i together, wrong with probability at most alpha.
 *   scratch  [n]
 * Source: Holm, Scand. J. Statist. 6 (1979). NaN stays and does not count.
 */
void sv_p_adjust(double *p, size_t n, size_t *scratch);

#endif
