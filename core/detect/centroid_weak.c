#include <core/detect/centroid_weak.h>
#include <math.h>
#include <skyvox/math.h>

enum {
    SIDE = 2 * SV_WEAK_RADIUS + 1,
    PER_PX = 16,
    MIDDLE = SV_WEAK_PHASES / 2,
    STEPS = 2,
    RIM = 2, /* the patch's outermost pixels give the local background plane */
    RIM_PIXELS = 72,
    RIM_SQUARES = 1014, /* sum of x^2 over them */
};

/* Variances per axis of the windows, px^2. */
static const double width[SV_WEAK_WIDTHS] = {0.75, 1.0, 1.4, 2.0, 2.8, 3.8};

/* Errors beyond the linear ones grow the covariance by 1 + this / SNR^2; found by sampling, SNR 3.3 to 6. */
static const double second_order = 5;
static const double reach = 1; /* of the place from the peak pixel, px */

typedef struct patch {
    float value[SIDE][SV_WEAK_COLUMNS]; /* sign * residual, background units */
} patch;

/* Sums over the patch of the window, times the residual and the distance from the window's place. */
typedef struct moments {
    double s, sx, sy;
} moments;

void sv_weak_windows_init(sv_weak_windows *out) {
    for (int w = 0; w < SV_WEAK_WIDTHS; w++)
        for (int k = 0; k < SV_WEAK_PHASES; k++) {
            sv_weak_window *window = &out->at[w][k];
            double cross = 0;
            *window = (sv_weak_window){.n = 0};
            for (int i = 0; i < SIDE; i++) {
                const double d = i - SV_WEAK_RADIUS - (double)(k - MIDDLE) / PER_PX;
                const double g = sv_exp(-d * d / (2 * width[w])), gd = g * d;
                window->g[i] = (float)g;
                window->gd[i] = (float)gd;
                window->n += g * g;
                window->nd += gd * gd;
                cross += g * gd;
            }
            window->own = cross / window->n;
        }
}

static void load(patch *p, const sv_detect_view *view, int32_t x, int32_t y, int32_t sign) {
    const int up = 16 - view->bit_depth;
    for (int j = 0; j < SIDE; j++) {
        const ptrdiff_t row = y + j - SV_WEAK_RADIUS, first = x - SV_WEAK_RADIUS;
        const unsigned char *pixels = (const unsigned char *)view->pixels + row * view->pitch;
        const uint16_t *background = view->background + row * view->width + first;
        if (view->bit_depth == 8) {
            const uint8_t *grey = pixels + first;
            for (int i = 0; i < SIDE; i++)
                p->value[j][i] = (float)(sign * ((grey[i] << up) - background[i]));
        } else {
            const uint16_t *grey = (const uint16_t *)(const void *)pixels + first;
            for (int i = 0; i < SIDE; i++)
                p->value[j][i] = (float)(sign * ((grey[i] << up) - background[i]));
        }
        p->value[j][SIDE] = 0;
    }
}

static bool on_rim(int i) {
    return i < RIM || i >= SIDE - RIM;
}

/* A drifting cloud or a neighbour's light: take the plane through the rim away. */
static void flatten(patch *p) {
    float rim[SV_WEAK_COLUMNS] = {0}, rest[SV_WEAK_COLUMNS] = {0}, rim_y[SV_WEAK_COLUMNS] = {0},
          rest_y[SV_WEAK_COLUMNS] = {0};
    for (int j = 0; j < SIDE; j++) {
        float *sum = on_rim(j) ? rim : rest, *sum_y = on_rim(j) ? rim_y : rest_y;
        for (int i = 0; i < SV_WEAK_COLUMNS; i++) {
            sum[i] += p->value[j][i];
            sum_y[i] += (float)(j - SV_WEAK_RADIUS) * p->value[j][i];
        }
    }
    float s = 0, sx = 0, sy = 0;
    for (int i = 0; i < SIDE; i++) {
        const float here = on_rim(i) ? rim[i] + rest[i] : rim[i];
        s += here;
        sx += (float)(i - SV_WEAK_RADIUS) * here;
        sy += on_rim(i) ? rim_y[i] + rest_y[i] : rim_y[i];
    }
    const float mean = s / RIM_PIXELS, slope_x = sx / RIM_SQUARES, slope_y = sy / RIM_SQUARES;
    for (int j = 0; j < SIDE; j++) {
        const float row = mean + slope_y * (float)(j - SV_WEAK_RADIUS);
        for (int i = 0; i < SIDE; i++)
            p->value[j][i] -= row + slope_x * (float)(i - SV_WEAK_RADIUS);
    }
}

/* Down the columns first: sums of independent lanes, the same in any order of instructions. */
static moments weigh(const patch *p, const sv_weak_window *wx, const sv_weak_window *wy) {
    float column[SV_WEAK_COLUMNS] = {0}, tilted[SV_WEAK_COLUMNS] = {0};
    for (int j = 0; j < SIDE; j++)
        for (int i = 0; i < SV_WEAK_COLUMNS; i++) {
            column[i] += wy->g[j] * p->value[j][i];
            tilted[i] += wy->gd[j] * p->value[j][i];
        }
    float s[4] = {0}, sx[4] = {0}, sy[4] = {0};
    for (int i = 0; i < SV_WEAK_COLUMNS; i += 4)
        for (int k = 0; k < 4; k++) {
            s[k] += wx->g[i + k] * column[i + k];
            sx[k] += wx->gd[i + k] * column[i + k];
            sy[k] += wx->g[i + k] * tilted[i + k];
        }
    return (moments){(s[0] + s[1]) + (s[2] + s[3]), (sx[0] + sx[1]) + (sx[2] + sx[3]),
                     (sy[0] + sy[1]) + (sy[2] + sy[3])};
}

static double clamp(double x, double lo, double hi) {
    return x < lo ? lo : x > hi ? hi : x;
}

static int phase_of(double place) {
    return (int)(place * PER_PX + MIDDLE + 0.5);
}

/* A Gaussian of variance v answers the filters with D1 / D0 = 0.8 (v + 0.5) / (v + 2.5). */
static int width_of(double spread) {
    int w = 0;
    while (w < SV_WEAK_WIDTHS - 1) {
        const double between = sqrt(width[w] * width[w + 1]);
        if (spread < 0.8 * (between + 0.5) / (between + 2.5))
            break;
        w++;
    }
    return w;
}

bool sv_detect_measure_weak(sv_detect_centroid *out, const sv_weak_windows *windows, const sv_detect_view *view,
                            int32_t x, int32_t y, int32_t sign, double spread, double sigma_dn) {
    if (x < SV_WEAK_RADIUS || y < SV_WEAK_RADIUS || x >= view->width - SV_WEAK_RADIUS ||
        y >= view->height - SV_WEAK_RADIUS)
        return false;
    const int w = width_of(spread);
    const double v = width[w], noise = sigma_dn * (1 << (16 - view->bit_depth));
    patch p;
    load(&p, view, x, y, sign);
    flatten(&p);

    /* A Gaussian under a window of its own width: the mean distance is half of its own. */
    double px = 0, py = 0;
    const sv_weak_window *wx = &windows->at[w][MIDDLE], *wy = wx;
    moments m = weigh(&p, wx, wy);
    for (int step = 0;; step++) {
        const double least = noise * sqrt(wx->n * wy->n), sum = m.s > least ? m.s : least;
        const double cx = (double)(wx - &windows->at[w][MIDDLE]) / PER_PX,
                     cy = (double)(wy - &windows->at[w][MIDDLE]) / PER_PX;
        px = clamp(cx + 2 * (m.sx / sum - wx->own), -reach, reach);
        py = clamp(cy + 2 * (m.sy / sum - wy->own), -reach, reach);
        if (step == STEPS - 1)
            break;
        wx = &windows->at[w][phase_of(px)];
        wy = &windows->at[w][phase_of(py)];
        m = weigh(&p, wx, wy);
    }
    const double n = wx->n * wy->n, least = noise * sqrt(n), sum = m.s > least ? m.s : least;
    const double a = sum / n, snr2 = sum * sum / (least * least);
    const double scale = noise * v / a, grown = scale * scale * (1 + second_order / snr2);
    *out = (sv_detect_centroid){.u_px = x + px,
                                .v_px = y + py,
                                .cov_px2 = {grown / (wx->nd * wy->n), 0, grown / (wx->n * wy->nd)},
                                .flux_dn = sign * 2 * SV_PI * v * a / (1 << (16 - view->bit_depth))};
    return true;
}
