#include <math.h>
#include <sim/splat.h>
#include <skyvox/math.h>
#include <skyvox/render_ops.h>

enum { SIDE_CAP = SV_RENDER_DISC_SIDE_CAP, NORM_STEPS = 50 };

static const double REACH_SIGMA = 5; /* beyond, less than 1e-6 of the energy */

static double clip(double x, double lo, double hi) {
    return x < lo ? lo : x > hi ? hi : x;
}

sv_splat_box sv_splat_bounds(double u_px, double v_px, double diameter_px, double sigma_px, int32_t width,
                             int32_t height) {
    double reach = 0.5 * diameter_px + REACH_SIGMA * sigma_px + 0.5;
    double u0 = clip(floor(u_px - reach + 0.5), 0, width), u1 = clip(ceil(u_px + reach + 0.5), 0, width);
    double v0 = clip(floor(v_px - reach + 0.5), 0, height), v1 = clip(ceil(v_px + reach + 0.5), 0, height);
    if (u1 <= u0 || v1 <= v0)
        return (sv_splat_box){0};
    return (sv_splat_box){(int32_t)u0, (int32_t)v0, (int32_t)(u1 - u0), (int32_t)(v1 - v0)};
}

void sv_splat_profile(double *out, const sv_splat_box *box, double u_px, double v_px, double diameter_px,
                      double sigma_px) {
    const sv_render_disc disc = {.u = box->u,
                                 .v = box->v,
                                 .width = box->width,
                                 .height = box->height,
                                 .u_px = u_px,
                                 .v_px = v_px,
                                 .diameter_px = diameter_px,
                                 .sigma_px = sigma_px};
    sv_render_disc_shares(out, &disc);
}

void sv_splat_norm_make(sv_splat_norm *out, double sigma_px) {
    double profile[SIDE_CAP * SIDE_CAP];
    out->sigma_px = sigma_px;
    for (int i = 0; i < NORM_STEPS; i++) {
        double diameter = i > 0 ? 0.5 * i : SV_RENDER_DISC_LEAST_PX;
        diameter = diameter < SV_RENDER_DISC_RIM_PX ? diameter : SV_RENDER_DISC_RIM_PX;
        double sum = 0;
        for (int phase = 0; phase < 4; phase++) {
            double u = SIDE_CAP / 2 + 0.125 + 0.25 * (phase & 1), v = SIDE_CAP / 2 + 0.125 + 0.25 * (phase >> 1);
            sv_splat_box box = sv_splat_bounds(u, v, diameter, sigma_px, SIDE_CAP, SIDE_CAP);
            sv_splat_profile(profile, &box, u, v, diameter, sigma_px);
            for (int32_t k = 0; k < box.width * box.height; k++)
                sum += 0.25 * profile[k] * profile[k];
        }
        out->per_area[i] = sqrt(sum) / (0.25 * SV_PI * diameter * diameter);
    }
}

double sv_splat_norm_at(const sv_splat_norm *norm, double diameter_px) {
    double area = 0.25 * SV_PI * diameter_px * diameter_px;
    if (diameter_px >= SV_RENDER_DISC_RIM_PX) {
        /* A blurred rim loses blur / sqrt(pi) of squares per unit of its length. */
        double blur = sqrt(norm->sigma_px * norm->sigma_px + 1.0 / 12);
        return sqrt(area - sqrt(SV_PI) * diameter_px * blur);
    }
    double x = 2 * diameter_px;
    int i = (int)x;
    double f = x - i;
    return area * (norm->per_area[i] * (1 - f) + norm->per_area[i + 1] * f);
}
