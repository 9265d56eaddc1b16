/** Pixels over the threshold become candidates: sparse clustering and one peak per target. docs/MATH.md 2.4. */
#ifndef CORE_DETECT_CLUSTER_H
#define CORE_DETECT_CLUSTER_H

#include <skyvox/base.h>

/** A pixel over the threshold. */
typedef struct sv_hit_point {
    int32_t x, y;
    int32_t sign;    /* +1 brighter, -1 darker than the background */
    int32_t parent;  /* union-find; work of sv_cluster_peaks from here on */
    int32_t n_peaks; /* of its cluster, at the root */
    int32_t first_peak, next_peak;
    double snr;    /* larger of the filters' |D| / sigma */
    double spread; /* D1 / D0, what the centroid takes its first width from */
} sv_hit_point;

/**
 * One peak per target, by decreasing SNR, ties by pixel index.
 *
 *   peak       out     [cap] indices of points
 *   point      in/out  [n] by (y, x), no pixel twice
 *   row_start  in      [height + 1] first point of every image row
 *   scratch    in      [2 n] work
 *
 * Returns the number of peaks, at most cap.
 */
size_t sv_cluster_peaks(int32_t *peak, size_t cap, sv_hit_point *point, const int32_t *row_start, int32_t height,
                        double snr_low, int32_t *scratch);

#endif
