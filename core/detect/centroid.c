#include <core/detect/centroid.h>
#include <math.h>
#include <skyvox/math.h>
#include <string.h>

enum {
    RADIUS_MAX = 11, /* of the patch */
    RING_WIDTH = 2,  /* the patch's outermost pixels give the local background plane */
    SIDE_MAX = 2 * RADIUS_MAX + 1,
    RING_MAX = SIDE_MAX * SIDE_MAX - (SIDE_MAX - 2 * RING_WIDTH) * (SIDE_MAX - 2 * RING_WIDTH),
    STEPS = 6, /* of the fit, at the most */
    LANES = 4, /* sums over the ring that do not wait for each other */
};

/* Variances of the target's profile per axis, px^2: from the sharpest lens to what the filters still respond to. */
static const double variance_min = 0.35, variance_max = 6.0;

/* A step of the fit that is the last, px and px^2: far below any error that the covariance tells of. */
static const double small_step = 1e-3;

/* Share of the residual that the background alone shows, where the frame itself shows less than the rest of it. */
static const double hole_least = 0.6, hole_most = 1.6;
static const double hole_spread = 1.5; /* second moment of a hole over that of the fitted spot */
static const double hole_noise = 3,
                    hole_rest = 0.4; /* what the frame may show there: pixel variances, share of the peak */

typedef double patch_row[SV_FIT_COLUMNS];

typedef struct patch {
    _Alignas(64) patch_row value[SIDE_MAX]; /* sign * residual, DN, or -sign * background; 0 outside the image */
    patch_row known[SIDE_MAX];              /* 1 inside the image, else 0; only where not all of it is inside */
    int radius, side;
    bool whole; /* inside the image */
} patch;

/* Errors beyond the linear ones grow the covariance by 1 + this / SNR^2; found by sampling, SNR 6 to 30. */
static const double second_order = 12;

static double clamp(double x, double lo, double hi) {
    return x < lo ? lo : x > hi ? hi : x;
}

static int mean_at(const sv_detect_view *view, ptrdiff_t column, ptrdiff_t row) {
    return sv_background_at(&view->background, row * view->width + column);
}

/* n pixels of a row: frame minus background, or the background's part alone (`own`). */
static void load_row(double *out, const sv_detect_view *view, ptrdiff_t column, ptrdiff_t row, int n, double unit,
                     bool own) {
    const int up = 16 - view->bit_depth, shown = own ? 0 : 1, half = sv_background_half(&view->background);
    const unsigned char *pixels = (const unsigned char *)view->pixels + row * view->pitch;
    const ptrdiff_t first = row * view->width + column;
    if (view->bit_depth == 8) {
        const uint8_t *grey = pixels + column, *high = view->background.high + first,
                      *low = view->background.low + first;
        for (int i = 0; i < n; i++)
            out[i] = unit * (shown * (grey[i] << 8) - ((high[i] << 8 | low[i]) - half));
        return;
    }
    const uint16_t *grey = (const uint16_t *)(const void *)pixels + column;
    const uint8_t *mean = view->background.low + 2 * first;
    for (int i = 0; i < n; i++)
        out[i] = unit * (shown * (grey[i] << up) - (mean[2 * i + 1] << 8 | mean[2 * i]));
}

/* The residual, or what of it is the background's (`own`). */
static void load(patch *p, const sv_detect_view *view, int32_t x, int32_t y, int32_t sign, int radius, bool own) {
    const double unit = sign / (double)(1 << (16 - view->bit_depth));
    p->radius = radius;
    p->side = 2 * radius + 1;
    p->whole = x >= radius && y >= radius && x < view->width - radius && y < view->height - radius;
    const int32_t left = x < radius ? radius - x : 0;
    const int32_t end = x + radius < view->width ? p->side : view->width - x + radius;
    for (int j = 0; j < p->side; j++) {
        const int32_t row = y + j - radius;
        const bool inside = row >= 0 && row < view->height;
        memset(p->value[j], 0, sizeof p->value[j]);
        if (inside)
            load_row(p->value[j] + left, view, x - radius + left, row, end - left, unit, own);
        for (int i = 0; !p->whole && i < SV_FIT_COLUMNS; i++)
            p->known[j][i] = inside && i >= left && i < end ? 1 : 0;
    }
}

/* The pixels around the patch that are known. */
typedef struct ring {
    double value[RING_MAX], dx[RING_MAX], dy[RING_MAX];
    int n;
    bool complete;
} ring;

static void add_to_ring(ring *r, const patch *p, int j, int first, int end) {
    for (int i = first; i < end; i++) {
        r->value[r->n] = p->value[j][i];
        r->dx[r->n] = i - p->radius;
        r->dy[r->n] = j - p->radius;
        r->n += p->whole || p->known[j][i] != 0;
    }
}

static void ring_of(ring *r, const patch *p) {
    const int side = p->side, inner = side - 2 * RING_WIDTH;
    r->n = 0;
    for (int j = 0; j < side; j++) {
        const bool through = j < RING_WIDTH || j >= side - RING_WIDTH;
        add_to_ring(r, p, j, 0, through ? side : RING_WIDTH);
        if (!through)
            add_to_ring(r, p, j, side - RING_WIDTH, side);
    }
    r->complete = r->n == side * side - inner * inner;
}

/* Mean of the ring, its pixels clipped to within `reach` of `centre`, and the slopes where the ring is complete. */
static void ring_plane(double plane[3], const ring *r, double centre, double reach) {
    double s[LANES] = {0}, sx[LANES] = {0}, sy[LANES] = {0}, sxx = 0;
    for (int i = 0; i < r->n; i++) {
        const double value = clamp(r->value[i], centre - reach, centre + reach);
        s[i % LANES] += value;
        sx[i % LANES] += value * r->dx[i];
        sy[i % LANES] += value * r->dy[i];
        sxx += r->dx[i] * r->dx[i];
    }
    plane[0] = r->n > 0 ? (s[0] + s[1] + (s[2] + s[3])) / r->n : 0;
    plane[1] = r->complete ? (sx[0] + sx[1] + (sx[2] + sx[3])) / sxx : 0;
    plane[2] = r->complete ? (sy[0] + sy[1] + (sy[2] + sy[3])) / sxx : 0;
}

/* A drifting cloud or a neighbour's light: take the plane through the surrounding ring away. */
static void flatten(patch *p, double sigma_dn) {
    double plane[3];
    ring r;
    ring_of(&r, p);
    ring_plane(plane, &r, 0, 1e9);
    ring_plane(plane, &r, plane[0], 4 * sigma_dn);
    ring_plane(plane, &r, plane[0], 3 * sigma_dn);
    for (int j = 0; j < p->side; j++) {
        const double level = plane[0] + plane[2] * (j - p->radius);
        for (int i = 0; i < p->side; i++)
            p->value[j][i] -= level + plane[1] * (i - p->radius);
        for (int i = 0; !p->whole && i < p->side; i++)
            p->value[j][i] *= p->known[j][i];
    }
}

/* g[i] = exp(-(i - radius - at)^2 / (2 variance)) by recurrence from the middle; ratio2 = exp(-1 / variance). */
static void gaussian_row(double *g, int radius, double at, double variance, double ratio2) {
    const double ratio = sqrt(ratio2), tilt = sv_exp(at / variance);
    g[radius] = sv_exp(-at * at / (2 * variance));
    double up = ratio * tilt, down = ratio / tilt;
    for (int i = 1; i <= radius; i++) {
        g[radius + i] = g[radius + i - 1] * up;
        g[radius - i] = g[radius - i + 1] * down;
        up *= ratio2;
        down *= ratio2;
    }
}

typedef struct moments {
    double s, sx, sy, sr; /* sum g I (1, dx, dy, dx^2 + dy^2) */
    double n, nx, ny, nr; /* the same sums of g g: what the window itself would show */
    double nxx, nxy, nyy; /* sum g^2 dx dx ...: the noise of sx, sy per unit pixel variance */
} moments;

enum { MARGIN = RING_WIDTH - 1 }; /* of the patch, where the window is as good as nought */

/* Sums of g^2 times 1, d, d^2. */
typedef struct window_sums {
    double n, nd, ndd;
} window_sums;

static window_sums window(sv_fit_window *w, int radius, double at, double variance, double ratio2) {
    double g[SIDE_MAX];
    window_sums sum = {0, 0, 0};
    memset(w, 0, sizeof *w);
    gaussian_row(g, radius, at, variance, ratio2);
    for (int i = MARGIN; i <= 2 * radius - MARGIN; i++) {
        const double d = i - radius - at;
        w->g[i] = g[i];
        w->gd[i] = g[i] * d;
        w->gdd[i] = w->gd[i] * d;
        sum.n += g[i] * g[i];
        sum.nd += g[i] * w->gd[i];
        sum.ndd += w->gd[i] * w->gd[i];
    }
    return sum;
}

/* What the window shows of itself where a part of the patch lies outside the image. */
static void weigh_known(moments *m, const patch *p, const sv_fit_window *wx, const sv_fit_window *wy) {
    m->n = m->nx = m->ny = m->nxx = m->nxy = m->nyy = 0;
    for (int j = 0; j < p->side; j++)
        for (int i = 0; i < p->side; i++) {
            const double g = wx->g[i] * wy->g[j] * p->known[j][i];
            const double gx = wx->gd[i] * wy->g[j], gy = wx->g[i] * wy->gd[j];
            m->n += g * g;
            m->nx += g * gx;
            m->ny += g * gy;
            m->nxx += p->known[j][i] * gx * gx;
            m->nxy += p->known[j][i] * gx * gy;
            m->nyy += p->known[j][i] * gy * gy;
        }
}

static moments weigh(const patch *p, const sv_centroid_ops *ops, double x, double y, double variance) {
    _Alignas(64) sv_fit_window wx, wy;
    const double ratio2 = sv_exp(-1 / variance);
    const window_sums kx = window(&wx, p->radius, x, variance, ratio2);
    const window_sums ky = window(&wy, p->radius, y, variance, ratio2);
    sv_fit_moments sum;
    ops->moments(&sum, p->value[0], p->side, &wx, &wy);
    moments m = {.s = sum.s, .sx = sum.sx, .sy = sum.sy, .sr = sum.sr};
    m.n = kx.n * ky.n;
    m.nx = kx.nd * ky.n;
    m.ny = kx.n * ky.nd;
    m.nxx = kx.ndd * ky.n;
    m.nxy = kx.nd * ky.nd;
    m.nyy = kx.n * ky.ndd;
    if (!p->whole)
        weigh_known(&m, p, &wx, &wy);
    m.nr = m.nxx + m.nyy;
    return m;
}

/* A Gaussian profile a g: place relative to the peak pixel and variance per axis. */
typedef struct profile {
    double x, y, variance;
} profile;

/*
 * Least squares, Gauss-Newton: at the optimum the moments of the image under the window equal those of the window under
 * itself; the factors 2 are the exact Hessian of a well sampled Gaussian.
 */
static void fit(profile *f, const patch *p, const sv_centroid_ops *ops) {
    const double guess = f->variance, reach = 1 + sqrt(guess);
    for (int k = 0; k < STEPS; k++) {
        const moments m = weigh(p, ops, f->x, f->y, f->variance);
        if (!(m.s > 0))
            return;
        const profile before = *f;
        f->x = clamp(f->x + 2 * (m.sx / m.s - m.nx / m.n), -reach, reach);
        f->y = clamp(f->y + 2 * (m.sy / m.s - m.ny / m.n), -reach, reach);
        const double wider = f->variance + 2 * (m.sr / m.s - m.nr / m.n);
        f->variance = clamp(clamp(wider, guess / 2, 1.3 * guess), variance_min, variance_max);
        if (fabs(f->x - before.x) + fabs(f->y - before.y) + fabs(f->variance - before.variance) < small_step)
            return;
    }
}

/* Background at the peak against four places around it, in the residual's sign: a glance before the second patch. */
static double own_peak_dn(const sv_detect_view *view, int32_t x, int32_t y, int32_t sign, int radius) {
    const int d = radius - 1;
    const int sum =
        mean_at(view, x - d, y) + mean_at(view, x + d, y) + mean_at(view, x, y - d) + mean_at(view, x, y + d);
    return sign * (sum / 4.0 - mean_at(view, x, y)) / (1 << (16 - view->bit_depth));
}

/* Mean square under the squared window of what the frame alone shows: the residual without the background's part. */
static double frame_power(const patch *residual, const patch *own, const profile *f) {
    _Alignas(64) sv_fit_window wx, wy;
    const double ratio2 = sv_exp(-1 / f->variance);
    window(&wx, residual->radius, f->x, f->variance, ratio2);
    window(&wy, residual->radius, f->y, f->variance, ratio2);
    double sum = 0, n = 0;
    for (int j = 0; j < residual->side; j++)
        for (int i = 0; i < residual->side; i++) {
            const double known = residual->whole ? 1 : residual->known[j][i], g = wx.g[i] * wy.g[j] * known;
            const double d = residual->value[j][i] - own->value[j][i];
            sum += g * g * d * d;
            n += g * g;
        }
    return sum / n;
}

/*
 * Where a target stood while the background was learned, the residual shows it in the other sign when it is gone: the background
 * has the whole of it, as a spot, and the frame is flat. An edge of the scene can have the sum of a spot, but it stands in
 * the frame, too; or it spoils the ring's plane, and then the background's sum is an even one: twice the second moment.
 */
static bool is_hole(const patch *p, const sv_centroid_ops *ops, const sv_detect_view *view, int32_t x, int32_t y,
                    int32_t sign, const profile *f, const moments *m, double sigma_dn) {
    const double peak = m->s / m->n, rest = hole_rest * peak;
    if (p->whole && own_peak_dn(view, x, y, sign, p->radius) < 0.5 * hole_least * peak)
        return false;
    patch own;
    load(&own, view, x, y, sign, p->radius, true);
    flatten(&own, sigma_dn);
    const moments o = weigh(&own, ops, f->x, f->y, f->variance);
    if (o.s <= hole_least * m->s || o.s >= hole_most * m->s || o.sr * o.n >= hole_spread * o.nr * o.s)
        return false;
    return frame_power(p, &own, f) < hole_noise * sigma_dn * sigma_dn + rest * rest;
}

/* A Gaussian of variance v answers the filters with D1 / D0 = 0.72 (v + 0.5) / (v + 2.75). */
static double variance_of(double spread) {
    const double q = clamp(spread / 0.72, 0, 0.9);
    return clamp((2.75 * q - 0.5) / (1 - q), 0.5, variance_max);
}

static int radius_of(double variance) {
    const int radius = (int)(3.2 * sqrt(variance)) + 1 + RING_WIDTH;
    return radius < RADIUS_MAX ? radius : RADIUS_MAX;
}

static void prefetch_row(const unsigned char *row, ptrdiff_t first, ptrdiff_t last) {
    __builtin_prefetch(row + first);
    __builtin_prefetch(row + last);
}

void sv_detect_measure_soon(const sv_detect_view *view, int32_t x, int32_t y, double spread) {
    const int radius = radius_of(variance_of(spread));
    const ptrdiff_t size = view->background.step, x0 = size * (x > radius ? x - radius : 0);
    const ptrdiff_t x1 = size * (x + radius < view->width ? x + radius + 1 : view->width) - 1;
    for (int32_t v = y > radius ? y - radius : 0; v <= y + radius && v < view->height; v++) {
        const ptrdiff_t first = size * v * view->width;
        prefetch_row((const unsigned char *)view->pixels + v * view->pitch, x0, x1);
        prefetch_row(view->background.low + first, x0, x1);
        if (size == 1)
            prefetch_row(view->background.high + first, x0, x1);
    }
}

void sv_detect_measure(sv_detect_centroid *out, const sv_centroid_ops *ops, const sv_detect_view *view, int32_t x,
                       int32_t y, int32_t sign, double spread, double sigma_dn) {
    profile f = {0, 0, variance_of(spread)};
    patch p;
    load(&p, view, x, y, sign, radius_of(f.variance), false);
    flatten(&p, sigma_dn);
    fit(&f, &p, ops);

    /* Gaussian errors: amplitude a = s / n; d place = noise of sum(g I dx) over a sum(g^2 dx^2) / variance. */
    const moments m = weigh(&p, ops, f.x, f.y, f.variance);
    const double least = sigma_dn * sqrt(m.n), sum = m.s > least ? m.s : least; /* SNR 1 at the least */
    const double a = sum / (m.n * f.variance), snr2 = sum * sum / (least * least);
    const double noise = sigma_dn * sigma_dn / (a * a) * (1 + second_order / snr2);
    const double det = m.nxx * m.nyy - m.nxy * m.nxy;
    out->u_px = clamp(x + f.x, 0, view->width - 1);
    out->v_px = clamp(y + f.y, 0, view->height - 1);
    out->cov_px2[0] = noise * m.nyy / det;
    out->cov_px2[1] = -noise * m.nxy / det;
    out->cov_px2[2] = noise * m.nxx / det;
    out->flux_dn = sign * 2 * SV_PI * f.variance * sum / m.n;
    out->hole = is_hole(&p, ops, view, x, y, sign, &f, &m, sigma_dn);
}
