/** Places of candidates: weak ones straight from an image, the sums that the fit of strong ones goes by. EXACT, thread-free. docs/MATH.md 2.5, 2.8. */
#ifndef SKYVOX_CENTROID_OPS_H
#define SKYVOX_CENTROID_OPS_H

#include <skyvox/detect_ops.h>

SV_BEGIN_DECLS

enum {
    SV_WEAK_WIDTHS = 6,  /**< windows of different width */
    SV_WEAK_PHASES = 33, /**< places of a window, -1 to 1 px from the middle pixel */
    SV_WEAK_PER_PX = 16, /**< of them in a pixel */
    SV_WEAK_RADIUS = 5,  /**< of the patch around a candidate */
    SV_WEAK_SIDE = 2 * SV_WEAK_RADIUS + 1,
    SV_WEAK_COLUMNS = 16, /**< a row of the patch in sums, those beyond its side without weight */
    SV_WEAK_READ = 12,    /**< columns of the patch that are read */
    SV_FIT_COLUMNS = 24,  /**< a row of the patch of a strong candidate, those beyond its side without weight */
};

/** A Gaussian window along one axis and its sums. */
typedef struct sv_weak_window {
    float g[SV_WEAK_COLUMNS], gd[SV_WEAK_COLUMNS]; /**< g(x - place), times x - place; 0 beyond the side */
    float g_sum, g_slope, gd_sum, gd_slope;        /**< sums of g, g x, gd, gd x: what a plane shows */
    float own;                                     /**< sum g gd / sum g g: what the window itself would show */
    float n, nd;                                   /**< sum g g, sum gd gd */
} sv_weak_window;

/** Constant once made. */
typedef struct sv_weak_windows {
    sv_weak_window at[SV_WEAK_WIDTHS][SV_WEAK_PHASES];
} sv_weak_windows;

/** A candidate whose patch lies inside the image: columns x - SV_WEAK_RADIUS and SV_WEAK_READ - 1 more. */
typedef struct sv_weak_target {
    uint16_t x, y; /**< peak pixel */
    uint8_t width; /**< of the windows, 0..SV_WEAK_WIDTHS - 1 */
    int8_t sign;   /**< +1 brighter, -1 darker than the background */
    uint8_t pad[2];
} sv_weak_target;

/** Where it is. */
typedef struct sv_weak_place {
    float x, y;         /**< from the peak pixel, -1..1 px */
    float sum;          /**< of the residual under the last window, half background units */
    uint8_t at_x, at_y; /**< phases of the last window */
    uint8_t width;      /**< as it was asked for */
    int8_t sign;
} sv_weak_place;

/** A Gaussian window along one axis of a strong candidate's patch: g, times the distance from its place, times that squared. */
typedef struct sv_fit_window {
    double g[SV_FIT_COLUMNS], gd[SV_FIT_COLUMNS], gdd[SV_FIT_COLUMNS]; /**< 0 where the window does not reach */
} sv_fit_window;

/** Sums over the patch of the window times the value, times the distance from the window's place, times that squared. */
typedef struct sv_fit_moments {
    double s, sx, sy, sr;
} sv_fit_moments;

typedef struct sv_centroid_ops {
    /**
     * Two steps of the centroid's fit. The patch is frame minus background in half background units, of an 8 bit background the high byte
     * alone (the other one is not in the cache while a frame is scanned) unless the view is `fine`, times the sign. The plane through its two outermost
     * rows and columns is taken off the sums. All in float, one operation after the other, no product fused: columns are summed from the
     * first row to the last, a row's 16 columns in halves: i and i + 8, i and i + 4, i and i + 2, i and i + 1.
     * A patch without anything of the candidate's sign under the window leaves the place as it is.
     *
     *   place    out  [n]
     *   target   in   [n]
     */
    void (*weak)(sv_weak_place *place, const sv_detect_view *view, const sv_weak_windows *windows,
                 const sv_weak_target *target, size_t n);

    /**
     * Moments of a patch under a window. In double, no product fused: columns are summed from 0 and the first row to the last, with
     * the weights g, gd and gdd of the rows, then multiplied by the columns' weights; the 24 products of a sum are added i, i + 8 and i + 16,
     * then i and i + 4, i + 2, i + 1. sr is the sum for gdd of the columns plus the one for gdd of the rows.
     *
     *   value  in  [n_rows][SV_FIT_COLUMNS] finite; 64 bytes aligned
     *   n_rows in  0..SV_FIT_COLUMNS
     *   wx     in  of the columns
     *   wy     in  of the rows
     */
    void (*moments)(sv_fit_moments *out, const double *value, int32_t n_rows, const sv_fit_window *wx,
                    const sv_fit_window *wy);
} sv_centroid_ops;

SV_END_DECLS
#endif
