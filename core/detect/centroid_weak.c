#include <core/detect/centroid_weak.h>
#include <math.h>
#include <skyvox/math.h>

enum { MIDDLE = SV_WEAK_PHASES / 2 };

/* Variances per axis of the windows, px^2. */
static const double width[SV_WEAK_WIDTHS] = {0.75, 1.0, 1.4, 2.0, 2.8, 3.8};

/* Errors beyond the linear ones grow the covariance by 1 + this / SNR^2; found by sampling, SNR 3.3 to 6. */
static const double second_order = 5;

static void make_window(sv_weak_window *out, double variance, double place) {
    sv_weak_window w = {.n = 0};
    double cross = 0, n = 0, nd = 0, sum[4] = {0};
    for (int i = 0; i < SV_WEAK_SIDE; i++) {
        const double x = i - SV_WEAK_RADIUS, d = x - place, g = sv_exp(-d * d / (2 * variance)), gd = g * d;
        w.g[i] = (float)g;
        w.gd[i] = (float)gd;
        n += g * g;
        nd += gd * gd;
        cross += g * gd;
        sum[0] += g;
        sum[1] += g * x;
        sum[2] += gd;
        sum[3] += gd * x;
    }
    w.own = (float)(cross / n);
    w.n = (float)n;
    w.nd = (float)nd;
    w.g_sum = (float)sum[0];
    w.g_slope = (float)sum[1];
    w.gd_sum = (float)sum[2];
    w.gd_slope = (float)sum[3];
    *out = w;
}

void sv_weak_windows_init(sv_weak_windows *out) {
    for (int w = 0; w < SV_WEAK_WIDTHS; w++)
        for (int k = 0; k < SV_WEAK_PHASES; k++)
            make_window(&out->at[w][k], width[w], (double)(k - MIDDLE) / SV_WEAK_PER_PX);
}

/* A Gaussian of variance v answers the filters with D1 / D0 = 0.72 (v + 0.5) / (v + 2.75). */
uint8_t sv_weak_width_of(const int16_t d[SV_DETECT_SCALES]) {
    const double spread = d[0] != 0 ? (double)d[1] / d[0] : 1;
    uint8_t w = 0;
    for (int k = 0; k < SV_WEAK_WIDTHS - 1; k++) {
        const double between = 0.5 * (width[k] + width[k + 1]);
        w = (uint8_t)(w + (spread * (between + 2.75) >= 0.72 * (between + 0.5)));
    }
    return w;
}

bool sv_weak_fits(const sv_detect_view *view, int32_t x, int32_t y) {
    return x >= SV_WEAK_RADIUS && y >= SV_WEAK_RADIUS && x - SV_WEAK_RADIUS + SV_WEAK_READ <= view->width &&
           y < view->height - SV_WEAK_RADIUS;
}

void sv_detect_measure_weak(sv_detect_centroid *out, const sv_weak_windows *windows, const sv_weak_place *place,
                            int bit_depth, int32_t x, int32_t y, double sigma_dn) {
    const sv_weak_window *wx = &windows->at[place->width][place->at_x], *wy = &windows->at[place->width][place->at_y];
    const double v = width[place->width], unit = 0.5 * (1 << (16 - bit_depth)), noise = sigma_dn * unit;
    const double n = (double)wx->n * wy->n, least2 = noise * noise * n; /* SNR 1 at the least */
    const double sum2 = (double)place->sum * place->sum;
    const bool shows = place->sum > 0 && sum2 > least2;
    const double a = (shows ? (double)place->sum : sqrt(least2)) / n, scale = noise * v / a;
    const double variance = scale * scale * (1 + second_order * least2 / (shows ? sum2 : least2));
    *out =
        (sv_detect_centroid){.u_px = x + (double)place->x,
                             .v_px = y + (double)place->y,
                             .cov_px2 = {variance / ((double)wx->nd * wy->n), 0, variance / ((double)wx->n * wy->nd)},
                             .flux_dn = place->sign * 2 * SV_PI * v * a / unit};
}
