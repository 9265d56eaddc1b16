/** Place of a weak candidate in two steps on a small patch: nearly as good as the fit, at a tenth of the cost. docs/MATH.md 2.5. */
#ifndef CORE_DETECT_CENTROID_WEAK_H
#define CORE_DETECT_CENTROID_WEAK_H

#include <core/detect/centroid.h>

enum {
    SV_WEAK_WIDTHS = 6,  /* windows of different width */
    SV_WEAK_PHASES = 33, /* places of a window, -1 to 1 px from the middle pixel */
    SV_WEAK_RADIUS = 5,  /* of the patch */
    SV_WEAK_SIDE = 2 * SV_WEAK_RADIUS + 1,
    SV_WEAK_COLUMNS = 12, /* of the patch, the last one without weight: a multiple of four */
};

/** A Gaussian window along one axis and its sums. */
typedef struct sv_weak_window {
    float g[SV_WEAK_COLUMNS], gd[SV_WEAK_COLUMNS]; /* g(x - place), times x - place */
    float g_sum, g_slope, gd_sum, gd_slope;        /* sums of g, g x, gd, gd x: what a plane shows */
    double own;                                    /* sum g gd / sum g g: what the window itself would show */
    double n, nd;                                  /* sum g g, sum gd gd */
} sv_weak_window;

/**
 * Pixels around a candidate less their background, in half background units (whole DN of it in 8 bit, unless `fine`): kept when the image
 * is in the cache anyway, because to come back for them takes longer than all the rest.
 */
typedef struct sv_weak_patch {
    int16_t residual[SV_WEAK_SIDE][SV_WEAK_COLUMNS];
} sv_weak_patch;

/** Constant once made. */
typedef struct sv_weak_windows {
    sv_weak_window at[SV_WEAK_WIDTHS][SV_WEAK_PHASES];
} sv_weak_windows;

void sv_weak_windows_init(sv_weak_windows *out);

/** False where the patch leaves the image. */
bool sv_weak_patch_fits(const sv_detect_view *view, int32_t x, int32_t y);
/** The patch around (x, y), where it fits. */
void sv_weak_patch_take(sv_weak_patch *out, const sv_detect_view *view, int32_t x, int32_t y);

/** As sv_detect_measure, from the patch around (x, y) of an image of that depth. */
void sv_detect_measure_weak(sv_detect_centroid *out, const sv_weak_windows *windows, const sv_weak_patch *patch,
                            int bit_depth, int32_t x, int32_t y, int32_t sign, double spread, double sigma_dn);

#endif
