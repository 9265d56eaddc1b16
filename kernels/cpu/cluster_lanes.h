/*
 * Neighbours of sparse points: most rows have a few points and fit one vector. A file that includes this has defined `lanes`, LANES
 * columns of 16 bits, load_columns (those beyond the row are not read) and near_columns (a bit for every column from `least` to
 * `least` + `width`).
 */
#ifndef KERNELS_CPU_CLUSTER_LANES_H
#define KERNELS_CPU_CLUSTER_LANES_H

#include <skyvox/cluster_ops.h>

typedef struct upper_window {
    lanes columns;
    size_t first, n; /* in the row; columns in the window */
} upper_window;

static inline upper_window window_at(const uint16_t *upper, size_t n_upper, size_t first) {
    const size_t left = n_upper - first, n = left < LANES ? left : LANES;
    return (upper_window){load_columns(upper + first, n), first, n};
}

static inline size_t list_pairs(sv_cluster_pair *pair, const upper_window *w, int32_t column, int32_t reach,
                                size_t lower) {
    const int32_t least = column > reach ? column - reach : 0;
    const uint32_t within = w->n < 32 ? ((uint32_t)1 << w->n) - 1 : UINT32_MAX;
    size_t n = 0;
    for (uint32_t near = near_columns(w->columns, least, column + reach - least) & within; near != 0; near &= near - 1)
        pair[n++] = (sv_cluster_pair){(int32_t)(w->first + (size_t)__builtin_ctz(near)), (int32_t)lower};
    return n;
}

static size_t neighbours(sv_cluster_pair *pair, const uint16_t *upper, size_t n_upper, const uint16_t *lower,
                         size_t n_lower, int32_t reach) {
    size_t n = 0;
    if (n_upper == 0)
        return 0;
    upper_window w = window_at(upper, n_upper, 0);
    for (size_t i = 0; i < n_lower; i++) {
        while (w.first + w.n < n_upper && upper[w.first + w.n - 1] + reach < lower[i])
            w = window_at(upper, n_upper, w.first + w.n);
        n += list_pairs(pair + n, &w, lower[i], reach, i);
        for (size_t next = w.first + w.n; next < n_upper && upper[next] <= lower[i] + reach; next += LANES) {
            const upper_window beyond = window_at(upper, n_upper, next);
            n += list_pairs(pair + n, &beyond, lower[i], reach, i);
        }
    }
    return n;
}

#endif
