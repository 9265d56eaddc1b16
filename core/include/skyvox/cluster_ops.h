/** Operations of the sparse clustering: integer, EXACT, thread-free. docs/MATH.md 2.4. */
#ifndef SKYVOX_CLUSTER_OPS_H
#define SKYVOX_CLUSTER_OPS_H

#include <skyvox/types.h>

SV_BEGIN_DECLS

/** Two points, each by its place in its row. */
typedef struct sv_cluster_pair {
    int32_t upper, lower;
} sv_cluster_pair;

typedef struct sv_cluster_ops {
    /**
     * The pairs of a point of one row and a point of another whose columns differ by at most `reach`, by lower, then upper.
     *
     *   pair   out  room for n_lower x (2 reach + 1)
     *   upper  in   [n_upper] columns below 2^15, each larger than the one before
     *   lower  in   [n_lower] likewise
     *   reach  in   0..255
     *
     * Returns the number of pairs.
     */
    size_t (*neighbours)(sv_cluster_pair *pair, const uint16_t *upper, size_t n_upper, const uint16_t *lower,
                         size_t n_lower, int32_t reach);
} sv_cluster_ops;

SV_END_DECLS
#endif
