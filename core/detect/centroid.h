/** Sub-pixel place, covariance and flux of one candidate. docs/MATH.md 2.5. */
#ifndef CORE_DETECT_CENTROID_H
#define CORE_DETECT_CENTROID_H

#include <skyvox/centroid_ops.h>

typedef struct sv_detect_centroid {
    double u_px, v_px;
    double cov_px2[3]; /* uu, uv, vv */
    double flux_dn;    /* signed */
    bool hole;         /* the background has the target and the frame has none: something has left this place */
} sv_detect_centroid;

/**
 * Gaussian-weighted centroid of the residual around a peak pixel, the window as wide as the target.
 *
 *   view      in  frame and the background it was detected against
 *   x, y      in  peak pixel, inside the image
 *   sign      in  +1 brighter, -1 darker
 *   spread    in  D1 / D0 of the filters at the peak
 *   sigma_dn  in  noise of a residual pixel, > 0
 */
void sv_detect_measure(sv_detect_centroid *out, const sv_centroid_ops *ops, const sv_detect_view *view, int32_t x,
                       int32_t y, int32_t sign, double spread, double sigma_dn);

/** Bring what sv_detect_measure reads into the cache: at the end of a frame its pixels are far away. */
void sv_detect_measure_soon(const sv_detect_view *view, int32_t x, int32_t y, double spread);

#endif
