/** A disc seen through a Gaussian lens, integrated over pixels. docs/MATH.md 6.3. */
#ifndef SIM_SPLAT_H
#define SIM_SPLAT_H

#include <skyvox/base.h>

/** Pixels that a disc touches: [v, v + height) x [u, u + width). */
typedef struct sv_splat_box {
    int32_t u, v, width, height;
} sv_splat_box;

/** Box of a disc of diameter_px centred at (u_px, v_px), clipped to an image; width and height 0 outside. */
sv_splat_box sv_splat_bounds(double u_px, double v_px, double diameter_px, double sigma_px, int32_t width,
                             int32_t height);

/**
 * Share of each pixel of the box that the blurred disc fills.
 *
 *   out       out  [box->height x box->width] 0..1; the sum over an unclipped box is the disc's area to 1e-3
 *   sigma_px  in   0.05 .. 10
 */
void sv_splat_profile(double *out, const sv_splat_box *box, double u_px, double v_px, double diameter_px,
                      double sigma_px);

/** Root of the sum of squares of the profile, averaged over sub-pixel phases, by diameter. */
typedef struct sv_splat_norm {
    double sigma_px;
    double per_area[50]; /* of diameters 0, 0.5, ... 24.5 px, divided by the area */
} sv_splat_norm;

void sv_splat_norm_make(sv_splat_norm *out, double sigma_px);
double sv_splat_norm_at(const sv_splat_norm *norm, double diameter_px);

#endif
