/** Two sweeps of the same scenario: which numbers changed beyond chance. docs/SWEEPS.md. */
#ifndef FORMATS_SWEEP_COMPARE_H
#define FORMATS_SWEEP_COMPARE_H

#include <formats/sweep.h>
#include <formats/sweep_stats.h>

/** A number that decides. */
typedef struct sv_sweep_rule {
    const char *key;  /* borrowed */
    int better;       /* +1: more is, -1: less is */
    double tolerance; /* a loss of this much is none: of the number's unit, or a share of the old mean */
    bool relative;
} sv_sweep_rule;

typedef enum sv_sweep_verdict {
    SV_SWEEP_SHOWN = 0, /* decides nothing */
    SV_SWEEP_SAME,
    SV_SWEEP_BETTER,
    SV_SWEEP_WORSE,
} sv_sweep_verdict;

typedef struct sv_sweep_change {
    int32_t point, i_key; /* of the old sweep */
    double before, after; /* means */
    sv_interval change;   /* new minus old, of pairs with the same seed where both sweeps have the same seeds */
    double p;             /* adjusted for all numbers that decide; NaN: decides nothing */
    sv_sweep_verdict verdict;
} sv_sweep_change;

typedef struct sv_sweep_comparison {
    bool paired;
    sv_sweep_change *change; /* [n] by point, then key; owned */
    size_t n, n_worse;
} sv_sweep_comparison;

#define SV_SWEEP_ALPHA 0.05

/**
 * Compare every number at every point.
 *
 *   rule  in  [n_rules] numbers that decide; those that the old sweep lacks are left out
 *
 * When nothing has changed but chance, any SV_SWEEP_WORSE at all has a probability of at most SV_SWEEP_ALPHA.
 *
 * Errors: SV_ERR_INPUT (another scenario, another grid, a number that the new one lacks, too few seeds to show
 * anything), SV_ERR_NOMEM. Release with sv_sweep_comparison_free.
 */
sv_status sv_sweep_compare(sv_sweep_comparison *out, const sv_sweep *before, const sv_sweep *after,
                           const sv_sweep_rule *rule, size_t n_rules);
void sv_sweep_comparison_free(sv_sweep_comparison *comparison);

#endif
