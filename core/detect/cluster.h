/** Pixels over the threshold become candidates: sparse clustering and one peak per target. docs/MATH.md 2.4. */
#ifndef CORE_DETECT_CLUSTER_H
#define CORE_DETECT_CLUSTER_H

#include <core/detect/strongest.h>
#include <skyvox/detect_ops.h>

/** A pixel over the threshold. */
typedef struct sv_hit_point {
    double snr; /* larger of the filters' |D| / sigma */
    uint16_t x, y;
    int16_t d[SV_DETECT_SCALES]; /* the filters' answers */
    int32_t sign;                /* +1 brighter, -1 darker than the background */
} sv_hit_point;

/** What clustering needs beside the points; made for a number of points. */
typedef struct sv_cluster_work {
    sv_strong_item *top, *scratch; /* local maxima */
    int32_t *parent;               /* union-find */
    int32_t *first_peak, *n_peaks; /* of a cluster, at its root */
    int32_t *next_peak;
    uint8_t *beaten; /* has a stronger neighbour */
    uint8_t *ring;   /* is explained by a stronger peak of the other sign */
} sv_cluster_work;

/** Errors: SV_ERR_NOMEM; `work` can be released all the same. */
sv_status sv_cluster_work_init(sv_cluster_work *work, size_t n_points);
void sv_cluster_work_fini(sv_cluster_work *work);

/**
 * One peak per target, by decreasing SNR, ties by pixel index.
 *
 *   peak       out  [cap] indices of points
 *   point      in   [row_start[height]] by (y, x), no pixel twice
 *   row_start  in   [height + 1] first point of every image row
 *
 * Returns the number of peaks, at most cap.
 */
size_t sv_cluster_peaks(int32_t *peak, size_t cap, sv_cluster_work *work, const sv_hit_point *point,
                        const int32_t *row_start, int32_t height, double snr_low);

#endif
