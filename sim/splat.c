#include <math.h>
#include <sim/splat.h>
#include <skyvox/math.h>
#include <string.h>

enum { SIDE_CAP = 160, NORM_STEPS = 50 };

static const double REACH_SIGMA = 5;    /* beyond, less than 1e-6 of the energy */
static const double QUADRATURE_PX = 24; /* larger discs are all edge */
static const double SMALLEST_PX = 0.02; /* a smaller disc is this one, dimmed by its area */
static const double SQRT1_2 = 0.70710678118654752440, SQRT1_2PI = 0.39894228040143267794;

static double phi(double z) {
    return 0.5 * (1 + sv_erf(z * SQRT1_2));
}

/* Integral of phi from minus infinity to z. */
static double phi_integral(double z) {
    return z * phi(z) + SQRT1_2PI * sv_exp(-0.5 * z * z);
}

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
static void profile_by_strips(double *out, const sv_splat_box *box, double u_px, double v_px, double r, double s) {
    double across[SIDE_CAP], down[SIDE_CAP], mirrored[SIDE_CAP];
    int n = 5 + (int)(5 * r / s);
    double u0 = box->u - 0.5 - u_px, v0 = box->v - 0.5 - v_px;
    memset(out, 0, (size_t)box->width * (size_t)box->height * sizeof *out);
    for (int k = 1; 2 * k <= n + 1; k++) {
        double sine, cosine;
        sv_sincos(&sine, &cosine, k * SV_PI / (n + 1));
        double area = 2 * r * r * SV_PI / (n + 1) * sine * sine;
        strip_shares(across, box->width, u0, r * sine, s);
        line_shares(down, box->height, v0, r * cosine, s);
        if (2 * k < n + 1) {
            line_shares(mirrored, box->height, v0, -r * cosine, s);
            for (int32_t j = 0; j < box->height; j++)
                down[j] += mirrored[j];
        }
        for (int32_t j = 0; j < box->height; j++) {
            double *row = out + (size_t)j * (size_t)box->width;
            for (int32_t i = 0; i < box->width; i++)
                row[i] += area * down[j] * across[i];
        }
    }
}

/* Far from its centre a disc's rim is straight: phi of the distance to the rim, blurred by lens and pixel. */
static void profile_by_rim(double *out, const sv_splat_box *box, double u_px, double v_px, double r, double s) {
    double blur2 = s * s + 1.0 / 12, blur = sqrt(blur2), rim = sqrt(r * r - blur2);
    for (int32_t j = 0; j < box->height; j++) {
        double dv = box->v + j - v_px;
        for (int32_t i = 0; i < box->width; i++) {
            double du = box->u + i - u_px;
            out[(size_t)j * (size_t)box->width + (size_t)i] = phi((rim - sqrt(du * du + dv * dv)) / blur);
        }
    }
}

void sv_splat_profile(double *out, const sv_splat_box *box, double u_px, double v_px, double diameter_px,
                      double sigma_px) {
    if (diameter_px > QUADRATURE_PX) {
        profile_by_rim(out, box, u_px, v_px, 0.5 * diameter_px, sigma_px);
        return;
    }
    double drawn = diameter_px > SMALLEST_PX ? diameter_px : SMALLEST_PX;
    profile_by_strips(out, box, u_px, v_px, 0.5 * drawn, sigma_px);
    double dim = diameter_px / drawn;
    for (size_t i = 0; dim < 1 && i < (size_t)box->width * (size_t)box->height; i++)
        out[i] *= dim * dim;
}

void sv_splat_norm_make(sv_splat_norm *out, double sigma_px) {
    double profile[SIDE_CAP * SIDE_CAP];
    out->sigma_px = sigma_px;
    for (int i = 0; i < NORM_STEPS; i++) {
        double diameter = i > 0 ? 0.5 * i : SMALLEST_PX;
        diameter = diameter < QUADRATURE_PX ? diameter : QUADRATURE_PX;
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
    if (diameter_px >= QUADRATURE_PX) {
        /* A blurred rim loses blur / sqrt(pi) of squares per unit of its length. */
        double blur = sqrt(norm->sigma_px * norm->sigma_px + 1.0 / 12);
        return sqrt(area - sqrt(SV_PI) * diameter_px * blur);
    }
    double x = 2 * diameter_px;
    int i = (int)x;
    double f = x - i;
    return area * (norm->per_area[i] * (1 - f) + norm->per_area[i + 1] * f);
}
