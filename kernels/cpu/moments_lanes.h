/*
 * Moments of a patch under a window, all columns of a row at a time. A file that includes this has defined `lanes`, PARTS of which
 * make a row, and the vocabulary: lanes_load, lanes_every, lanes_add, lanes_mul, lanes_fold (eight columns, in so many lanes as they need).
 */
#ifndef KERNELS_CPU_MOMENTS_LANES_H
#define KERNELS_CPU_MOMENTS_LANES_H

#include <skyvox/centroid_ops.h>

enum { WIDTH = SV_FIT_COLUMNS / PARTS, PARTS_OF_8 = PARTS / 3 };

typedef struct column_sums {
    lanes v[PARTS];
} column_sums;

static inline void add_row(column_sums *sum, const double *value, double weight) {
    const lanes w = lanes_every(weight);
    for (int k = 0; k < PARTS; k++)
        sum->v[k] = lanes_add(sum->v[k], lanes_mul(w, lanes_load(value + k * WIDTH)));
}

static inline double weighted_sum(const double weight[SV_FIT_COLUMNS], const column_sums *column) {
    lanes q[PARTS_OF_8];
    for (int k = 0; k < PARTS_OF_8; k++) {
        const int second = k + PARTS_OF_8, third = k + 2 * PARTS_OF_8;
        const lanes a = lanes_mul(lanes_load(weight + k * WIDTH), column->v[k]);
        const lanes b = lanes_mul(lanes_load(weight + second * WIDTH), column->v[second]);
        const lanes c = lanes_mul(lanes_load(weight + third * WIDTH), column->v[third]);
        q[k] = lanes_add(lanes_add(a, b), c);
    }
    return lanes_fold(q);
}

static void moments(sv_fit_moments *out, const double *value, int32_t n_rows, const sv_fit_window *wx,
                    const sv_fit_window *wy) {
    column_sums plain = {0}, tilted = {0}, squared = {0};
    for (int j = 0; j < n_rows; j++) {
        add_row(&plain, value + j * SV_FIT_COLUMNS, wy->g[j]);
        add_row(&tilted, value + j * SV_FIT_COLUMNS, wy->gd[j]);
        add_row(&squared, value + j * SV_FIT_COLUMNS, wy->gdd[j]);
    }
    out->s = weighted_sum(wx->g, &plain);
    out->sx = weighted_sum(wx->gd, &plain);
    out->sy = weighted_sum(wx->g, &tilted);
    out->sr = weighted_sum(wx->gdd, &plain) + weighted_sum(wx->g, &squared);
}

#endif
