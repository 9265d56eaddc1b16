/** Pixels over the threshold become candidates: sparse clustering and one peak per target. docs/MATH.md 2.4. */
#ifndef CORE_DETECT_CLUSTER_H
#define CORE_DETECT_CLUSTER_H

#include <core/detect/strongest.h>
#include <skyvox/cluster_ops.h>
#include <skyvox/detect_ops.h>

/** A pixel over the threshold. */
typedef struct sv_hit_point {
    double snr; /* larger of the filters' |D| / sigma */
    uint16_t x, y;
    int16_t d[SV_DETECT_SCALES]; /* the filters' answers */
    int32_t sign;                /* +1 brighter, -1 darker than the background */
    int32_t weak_place;          /* of sv_weak_places; -1: none */
} sv_hit_point;

/** Points of an image. Rows lie one after the other; there may be room between two of them. */
typedef struct sv_hit_points {
    const sv_hit_point *point;
    const uint16_t *column;             /* x of every point */
    const int32_t *row_begin, *row_end; /* [height] a row's points, by x */
    int32_t height;
} sv_hit_points;

/** A point's place in its cluster. */
typedef struct sv_cluster_link {
    int32_t parent;                /* union-find */
    int32_t first_peak, next_peak; /* chain of a cluster's peaks, from its root */
    int32_t n_peaks;               /* of a cluster, at its root */
} sv_cluster_link;

/** What clustering needs beside the points; made for a number of points. */
typedef struct sv_cluster_work {
    const sv_cluster_ops *ops;
    sv_strong_item *top, *scratch; /* local maxima */
    sv_cluster_link *link;
    uint8_t *beaten; /* has a stronger neighbour */
    uint8_t *ring;   /* is explained by a stronger peak of the other sign */
} sv_cluster_work;

/** `ops` is borrowed. Errors: SV_ERR_NOMEM; `work` can be released all the same. */
sv_status sv_cluster_work_init(sv_cluster_work *work, const sv_cluster_ops *ops, size_t n_points);
void sv_cluster_work_fini(sv_cluster_work *work);

/** Find the neighbours within rows y0 to y1 - 1. Bands of rows may be joined at the same time. */
void sv_cluster_join(sv_cluster_work *work, const sv_hit_points *points, int32_t y0, int32_t y1);

/**
 * One peak per target, by decreasing SNR, ties by pixel index.
 *
 *   peak    out  [cap] indices of points
 *   points  in   no pixel twice
 *   band    in   rows that were joined together: 0 to band - 1, band to 2 band - 1, ...
 *
 * Returns the number of peaks, at most cap.
 */
size_t sv_cluster_peaks(int32_t *peak, size_t cap, sv_cluster_work *work, const sv_hit_points *points, int32_t band,
                        double snr_low);

#endif
