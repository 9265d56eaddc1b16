#include <core/detect/centroid_weak.h>
#include <math.h>
#include <skyvox/math.h>
#include <string.h>

enum {
    SIDE = SV_WEAK_SIDE,
    MIDDLE = SV_WEAK_PHASES / 2,
    PER_PX = 16,
    STEPS = 2,
    RIM = 2, /* the patch's outermost pixels give the local background plane */
    RIM_PIXELS = 72,
    RIM_SQUARES = 902, /* sum of x^2 over the rim's two sides */
};

/* Variances per axis of the windows, px^2. */
static const double width[SV_WEAK_WIDTHS] = {0.75, 1.0, 1.4, 2.0, 2.8, 3.8};
static const double reach = 1; /* of a place from the peak pixel, px */

/* Errors beyond the linear ones grow the covariance by 1 + this / SNR^2; found by sampling, SNR 3.3 to 6. */
static const double second_order = 5;

/* Four columns at a time, on every machine: sums of independent lanes, so the same on all. */
typedef float lanes __attribute__((vector_size(16)));
enum { LANES = 4, GROUPS = SV_WEAK_COLUMNS / LANES };

/* Residual times sign, half background units, and the plane through its rim. */
typedef struct patch {
    lanes value[SIDE][GROUPS];
    float mean, slope_x, slope_y;
} patch;

/* Sums over the patch of the window, times the residual and the distance from the window's place. */
typedef struct moments {
    double s, sx, sy;
} moments;

static void make_window(sv_weak_window *out, double variance, double place) {
    sv_weak_window w = {.n = 0};
    double cross = 0, sum[4] = {0};
    for (int i = 0; i < SIDE; i++) {
        const double x = i - SV_WEAK_RADIUS, d = x - place, g = sv_exp(-d * d / (2 * variance)), gd = g * d;
        w.g[i] = (float)g;
        w.gd[i] = (float)gd;
        w.n += g * g;
        w.nd += gd * gd;
        cross += g * gd;
        sum[0] += g;
        sum[1] += g * x;
        sum[2] += gd;
        sum[3] += gd * x;
    }
    w.own = cross / w.n;
    w.g_sum = (float)sum[0];
    w.g_slope = (float)sum[1];
    w.gd_sum = (float)sum[2];
    w.gd_slope = (float)sum[3];
    *out = w;
}

void sv_weak_windows_init(sv_weak_windows *out) {
    for (int w = 0; w < SV_WEAK_WIDTHS; w++)
        for (int k = 0; k < SV_WEAK_PHASES; k++)
            make_window(&out->at[w][k], width[w], (double)(k - MIDDLE) / PER_PX);
}

bool sv_weak_patch_fits(const sv_detect_view *view, int32_t x, int32_t y) {
    return x >= SV_WEAK_RADIUS && y >= SV_WEAK_RADIUS && x - SV_WEAK_RADIUS + SV_WEAK_COLUMNS <= view->width &&
           y < view->height - SV_WEAK_RADIUS;
}

/* Eight columns, then four. */
typedef uint16_t eight __attribute__((vector_size(16)));
typedef uint16_t four __attribute__((vector_size(8)));
typedef uint8_t eight_bytes __attribute__((vector_size(8)));
typedef uint8_t four_bytes __attribute__((vector_size(4)));

static eight eight_of(const uint8_t *bytes) {
    eight_bytes b;
    memcpy(&b, bytes, sizeof b);
    return __builtin_convertvector(b, eight);
}

static four four_of(const uint8_t *bytes) {
    four_bytes b;
    memcpy(&b, bytes, sizeof b);
    return __builtin_convertvector(b, four);
}

/* As the scan has looked: where whole DN do, the other plane is not in the cache. Halves differ by less than 2^15. */
static void take_row_u8(int16_t *out, const uint8_t *f, const uint8_t *high) {
    const eight d8 = (eight_of(f) - eight_of(high)) << 7;
    const four d4 = (four_of(f + 8) - four_of(high + 8)) << 7;
    memcpy(out, &d8, sizeof d8);
    memcpy(out + 8, &d4, sizeof d4);
}

/* The half DN that is added to what is stored: 64 of these units. */
static void take_row_fine(int16_t *out, const uint8_t *f, const uint8_t *high, const uint8_t *low) {
    const eight m8 = eight_of(high) << 8 | eight_of(low);
    const four m4 = four_of(high + 8) << 8 | four_of(low + 8);
    const eight d8 = (eight_of(f) << 7) - (m8 >> 1) + 64;
    const four d4 = (four_of(f + 8) << 7) - (m4 >> 1) + 64;
    memcpy(out, &d8, sizeof d8);
    memcpy(out + 8, &d4, sizeof d4);
}

static void take_row_u16(int16_t *out, const uint16_t *f, const uint8_t *words, int up) {
    eight f8, m8;
    four f4, m4;
    memcpy(&f8, f, sizeof f8);
    memcpy(&f4, f + 8, sizeof f4);
    memcpy(&m8, words, sizeof m8);
    memcpy(&m4, words + sizeof m8, sizeof m4);
    const eight d8 = ((f8 << up) >> 1) - (m8 >> 1);
    const four d4 = ((f4 << up) >> 1) - (m4 >> 1);
    memcpy(out, &d8, sizeof d8);
    memcpy(out + 8, &d4, sizeof d4);
}

void sv_weak_patch_take(sv_weak_patch *out, const sv_detect_view *view, int32_t x, int32_t y) {
    const ptrdiff_t first = x - SV_WEAK_RADIUS;
    for (int j = 0; j < SIDE; j++) {
        const ptrdiff_t row = y + j - SV_WEAK_RADIUS, at = row * view->width + first;
        const unsigned char *pixels = (const unsigned char *)view->pixels + row * view->pitch;
        if (view->bit_depth == 8 && view->fine)
            take_row_fine(out->residual[j], pixels + first, view->background.high + at, view->background.low + at);
        else if (view->bit_depth == 8)
            take_row_u8(out->residual[j], pixels + first, view->background.high + at);
        else
            take_row_u16(out->residual[j], (const uint16_t *)(const void *)pixels + first,
                         view->background.low + 2 * at, 16 - view->bit_depth);
    }
}

/* Widened in one step of eight and one of four. */
static void load(patch *p, const sv_weak_patch *kept, int32_t sign) {
    typedef int16_t short8 __attribute__((vector_size(16)));
    typedef int16_t short4 __attribute__((vector_size(8)));
    typedef int32_t whole8 __attribute__((vector_size(32)));
    typedef int32_t whole4 __attribute__((vector_size(16)));
    typedef float lanes8 __attribute__((vector_size(32)));
    const float to = (float)sign;
    for (int j = 0; j < SIDE; j++) {
        short8 a;
        short4 b;
        memcpy(&a, kept->residual[j], sizeof a);
        memcpy(&b, kept->residual[j] + 8, sizeof b);
        const lanes8 left = to * __builtin_convertvector(__builtin_convertvector(a, whole8), lanes8);
        memcpy(&p->value[j][0], &left, sizeof left);
        p->value[j][2] = to * __builtin_convertvector(__builtin_convertvector(b, whole4), lanes);
    }
}

/* A drifting cloud or a neighbour's light: the plane through the rim; the slopes from two opposite sides each. */
static void find_plane(patch *p) {
    float ends[SV_WEAK_COLUMNS], tilt[SV_WEAK_COLUMNS], inner[SV_WEAK_COLUMNS];
    for (int g = 0; g < GROUPS; g++) {
        const lanes a = p->value[0][g], b = p->value[1][g], c = p->value[SIDE - 2][g], d = p->value[SIDE - 1][g];
        const lanes end = (a + b) + (c + d), turn = 5.0f * (d - a) + 4.0f * (c - b);
        lanes middle = p->value[RIM][g];
        for (int j = RIM + 1; j < SIDE - RIM; j++)
            middle += p->value[j][g];
        memcpy(&ends[LANES * g], &end, sizeof end);
        memcpy(&tilt[LANES * g], &turn, sizeof turn);
        memcpy(&inner[LANES * g], &middle, sizeof middle);
    }
    float sum = 0, sum_x = 0, sum_y = 0;
    for (int i = 0; i < SIDE; i++) {
        sum += ends[i];
        sum_y += tilt[i];
    }
    for (int i = 0; i < RIM; i++) {
        const int k = SIDE - 1 - i;
        sum += inner[i] + inner[k];
        sum_x += (float)(SV_WEAK_RADIUS - i) * ((inner[k] + ends[k]) - (inner[i] + ends[i]));
    }
    p->mean = sum / RIM_PIXELS;
    p->slope_x = sum_x / RIM_SQUARES;
    p->slope_y = sum_y / RIM_SQUARES;
}

static float total(lanes v) {
    return (v[0] + v[1]) + (v[2] + v[3]);
}

/* Down the columns first, then across. */
static moments weigh(const patch *p, const sv_weak_window *wx, const sv_weak_window *wy) {
    lanes c0 = {0}, c1 = {0}, c2 = {0}, t0 = {0}, t1 = {0}, t2 = {0}, g[GROUPS], gd[GROUPS];
    for (int j = 0; j < SIDE; j++) {
        const lanes *value = p->value[j];
        c0 += wy->g[j] * value[0];
        c1 += wy->g[j] * value[1];
        c2 += wy->g[j] * value[2];
        t0 += wy->gd[j] * value[0];
        t1 += wy->gd[j] * value[1];
        t2 += wy->gd[j] * value[2];
    }
    memcpy(g, wx->g, sizeof g);
    memcpy(gd, wx->gd, sizeof gd);
    const lanes s = g[0] * c0 + g[1] * c1 + g[2] * c2, sx = gd[0] * c0 + gd[1] * c1 + gd[2] * c2;
    const lanes sy = g[0] * t0 + g[1] * t1 + g[2] * t2;
    const float m = p->mean, a = p->slope_x, b = p->slope_y;
    const float across = m * wx->g_sum + a * wx->g_slope, across_d = m * wx->gd_sum + a * wx->gd_slope;
    return (moments){.s = total(s) - across * wy->g_sum - b * wx->g_sum * wy->g_slope,
                     .sx = total(sx) - across_d * wy->g_sum - b * wx->gd_sum * wy->g_slope,
                     .sy = total(sy) - across * wy->gd_sum - b * wx->g_sum * wy->gd_slope};
}

static double clamp(double x, double lo, double hi) {
    return x < lo ? lo : x > hi ? hi : x;
}

/* A Gaussian of variance v answers the filters with D1 / D0 = 0.72 (v + 0.5) / (v + 2.75). */
static int width_of(double spread) {
    int w = 0;
    while (w < SV_WEAK_WIDTHS - 1) {
        const double between = 0.5 * (width[w] + width[w + 1]);
        if (spread * (between + 2.75) < 0.72 * (between + 0.5))
            break;
        w++;
    }
    return w;
}

void sv_detect_measure_weak(sv_detect_centroid *out, const sv_weak_windows *windows, const sv_weak_patch *kept,
                            int bit_depth, int32_t x, int32_t y, int32_t sign, double spread, double sigma_dn) {
    const int w = width_of(spread);
    const sv_weak_window *window = windows->at[w], *wx = &window[MIDDLE], *wy = wx;
    const double v = width[w], unit = 0.5 * (1 << (16 - bit_depth)), noise = sigma_dn * unit;
    patch p;
    load(&p, kept, sign);
    find_plane(&p);

    /* A Gaussian under a window of its own width: the mean distance is half of its own. */
    double px = 0, py = 0, sum = 0, least = 0;
    for (int step = 0; step < STEPS; step++) {
        const int kx = (int)(px * PER_PX + MIDDLE + 0.5), ky = (int)(py * PER_PX + MIDDLE + 0.5);
        wx = &window[kx];
        wy = &window[ky];
        const moments m = weigh(&p, wx, wy);
        least = noise * sqrt(wx->n * wy->n); /* SNR 1 at the least */
        sum = m.s > least ? m.s : least;
        px = clamp((double)(kx - MIDDLE) / PER_PX + 2 * (m.sx / sum - wx->own), -reach, reach);
        py = clamp((double)(ky - MIDDLE) / PER_PX + 2 * (m.sy / sum - wy->own), -reach, reach);
    }
    const double n = wx->n * wy->n, a = sum / n, scale = noise * v / a;
    const double variance = scale * scale * (1 + second_order * least * least / (sum * sum));
    *out = (sv_detect_centroid){.u_px = x + px,
                                .v_px = y + py,
                                .cov_px2 = {variance / (wx->nd * wy->n), 0, variance / (wx->n * wy->nd)},
                                .flux_dn = sign * 2 * SV_PI * v * a / unit};
}
