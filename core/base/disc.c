/* A disc on pixels: docs/MATH.md 6.3. The vectors of kernels/cpu/splat_lanes.h do the same operations in the same order. */
#include <math.h>
#include <skyvox/math.h>
#include <skyvox/render_ops.h>
#include <string.h>

static const double SQRT1_2 = 0.70710678118654752440, SQRT1_2PI = 0.39894228040143267794;

static double phi(double z) {
    return 0.5 * (1 + sv_erf(z * SQRT1_2));
}

/* Integral of phi from minus infinity to z. */
static double phi_integral(double z) {
    return z * phi(z) + SQRT1_2PI * sv_exp(-0.5 * z * z);
}

/* Mean over a strip -w..w of the Gaussian's share in each pixel from edge `first` on: difference of closed forms. */
static void strip_shares(double *share, int32_t n, double first, double w, double s) {
    double before = phi_integral((first + w) / s) - phi_integral((first - w) / s);
    for (int32_t i = 0; i < n; i++) {
        double edge = first + i + 1;
        double after = phi_integral((edge + w) / s) - phi_integral((edge - w) / s);
        share[i] = (after - before) * s / (2 * w);
        before = after;
    }
}

/* Share of a Gaussian at y in each pixel from edge `first` on. */
static void line_shares(double *share, int32_t n, double first, double y, double s) {
    double before = phi((first - y) / s);
    for (int32_t i = 0; i < n; i++) {
        double after = phi((first + i + 1 - y) / s);
        share[i] = after - before;
        before = after;
    }
}

/*
 * Disc = strips at Chebyshev's nodes of the second kind, whose weight sqrt(1 - x^2) is the chord:
 * area-exact, and accurate once the nodes lie closer than the blur. A strip is separable.
 */
static void shares_by_strips(double *out, const sv_render_disc *d, double r) {
    double s = d->sigma_px;
    double across[SV_RENDER_DISC_SIDE_CAP], down[SV_RENDER_DISC_SIDE_CAP], mirrored[SV_RENDER_DISC_SIDE_CAP];
    int n = 5 + (int)(5 * r / s);
    double u0 = d->u - 0.5 - d->u_px, v0 = d->v - 0.5 - d->v_px;
    memset(out, 0, (size_t)d->width * (size_t)d->height * sizeof *out);
    for (int k = 1; 2 * k <= n + 1; k++) {
        double sine, cosine;
        sv_sincos(&sine, &cosine, k * SV_PI / (n + 1));
        double area = 2 * r * r * SV_PI / (n + 1) * sine * sine;
        strip_shares(across, d->width, u0, r * sine, s);
        line_shares(down, d->height, v0, r * cosine, s);
        if (2 * k < n + 1) {
            line_shares(mirrored, d->height, v0, -r * cosine, s);
            for (int32_t j = 0; j < d->height; j++)
                down[j] += mirrored[j];
        }
        for (int32_t j = 0; j < d->height; j++) {
            double *row = out + (size_t)j * (size_t)d->width;
            for (int32_t i = 0; i < d->width; i++)
                row[i] += area * down[j] * across[i];
        }
    }
}

/* Far from its centre a disc's rim is straight: phi of the distance to the rim, blurred by lens and pixel. */
static void shares_by_rim(double *out, const sv_render_disc *d, double r) {
    double s = d->sigma_px;
    double blur2 = s * s + 1.0 / 12, blur = sqrt(blur2), rim = sqrt(r * r - blur2);
    for (int32_t j = 0; j < d->height; j++) {
        double dv = d->v + j - d->v_px;
        for (int32_t i = 0; i < d->width; i++) {
            double du = d->u + i - d->u_px;
            out[(size_t)j * (size_t)d->width + (size_t)i] = phi((rim - sqrt(du * du + dv * dv)) / blur);
        }
    }
}

void sv_render_disc_shares(double *out, const sv_render_disc *disc) {
    double diameter = disc->diameter_px;
    if (diameter > SV_RENDER_DISC_RIM_PX) {
        shares_by_rim(out, disc, 0.5 * diameter);
        return;
    }
    double drawn = diameter > SV_RENDER_DISC_LEAST_PX ? diameter : SV_RENDER_DISC_LEAST_PX;
    shares_by_strips(out, disc, 0.5 * drawn);
    double dim = diameter / drawn;
    for (size_t i = 0; dim < 1 && i < (size_t)disc->width * (size_t)disc->height; i++)
        out[i] *= dim * dim;
}
