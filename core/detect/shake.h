/** A camera that trembles moves sharp edges of the scene over its background: what that looks like. docs/MATH.md 2.7. */
#ifndef CORE_DETECT_SHAKE_H
#define CORE_DETECT_SHAKE_H

#include <skyvox/detect_ops.h>

/** Shift of a frame's content against its background, px; 0 where the scene has no edges to tell it by. */
typedef struct sv_shake {
    double u_px, v_px;
} sv_shake;

/**
 * Least squares over pixels of a grid whose background is steep: residual = -shift . gradient.
 *
 *   sigma_dn  in  noise of a pixel, DN; an edge is steeper than a few times this per pixel
 */
sv_shake sv_shake_measure(const sv_detect_view *view, double sigma_dn);

/**
 * Largest |shift . gradient| of the background within 2 px of (x, y), DN: what the shift may show there as a residual.
 * Looks no further once it found `enough`.
 */
double sv_shake_residual_dn(const sv_detect_view *view, sv_shake shake, int32_t x, int32_t y, double enough_dn);

#endif
