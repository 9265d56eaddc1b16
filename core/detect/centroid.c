#include <core/detect/centroid.h>
#include <math.h>
#include <skyvox/math.h>

enum {
    RADIUS_MAX = 11, /* of the patch */
    RING_WIDTH = 2,  /* the patch's outermost pixels give the local background plane */
    SIDE_MAX = 2 * RADIUS_MAX + 1,
    STEPS = 6, /* of the fit, at the most */
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

typedef struct patch {
    double value[SIDE_MAX * SIDE_MAX]; /* sign * residual, DN, or -sign * background; 0 outside the image */
    double known[SIDE_MAX * SIDE_MAX]; /* 1 inside the image, else 0 */
    int radius, side;
    bool whole; /* inside the image */
} patch;

/* Errors beyond the linear ones grow the covariance by 1 + this / SNR^2; found by sampling, SNR 6 to 30. */
static const double second_order = 12;

static double clamp(double x, double lo, double hi) {
    return x < lo ? lo : x > hi ? hi : x;
}

static int grey_at(const sv_detect_view *view, ptrdiff_t column, ptrdiff_t row) {
    const unsigned char *pixels = (const unsigned char *)view->pixels + row * view->pitch;
    return view->bit_depth == 8 ? pixels[column] : ((const uint16_t *)(const void *)pixels)[column];
}

static int mean_at(const sv_detect_view *view, ptrdiff_t column, ptrdiff_t row) {
    return sv_background_at(&view->background, row * view->width + column);
}

/* The residual, or what of it is the background's (`own`). */
static void load(patch *p, const sv_detect_view *view, int32_t x, int32_t y, int32_t sign, int radius, bool own) {
    const int up = 16 - view->bit_depth;
    const double unit = sign / (double)(1 << up);
    p->radius = radius;
    p->side = 2 * radius + 1;
    p->whole = x >= radius && y >= radius && x < view->width - radius && y < view->height - radius;
    for (int j = 0; j < p->side; j++) {
        const int32_t row = y + j - radius;
        double *value = &p->value[j * p->side], *known = &p->known[j * p->side];
        for (int i = 0; i < p->side; i++) {
            const int32_t column = x + i - radius;
            known[i] = p->whole || (row >= 0 && row < view->height && column >= 0 && column < view->width) ? 1 : 0;
            if (known[i] == 0) {
                value[i] = 0;
                continue;
            }
            const int grey = own ? 0 : grey_at(view, column, row) << up;
            value[i] = unit * (grey - mean_at(view, column, row));
        }
    }
}

/* Mean of the ring, its pixels clipped to within `reach` of `centre`, and the slopes where the ring is complete. */
static void ring_plane(double plane[3], const patch *p, double centre, double reach) {
    double n = 0, s = 0, sx = 0, sy = 0, sxx = 0;
    for (int j = 0; j < p->side; j++) {
        const int dy = j - p->radius;
        const bool edge_row = j < RING_WIDTH || j >= p->side - RING_WIDTH;
        for (int i = 0; i < p->side; i++) {
            if (!edge_row && i == RING_WIDTH)
                i = p->side - RING_WIDTH; /* over the inside */
            const int dx = i - p->radius;
            const double known = p->known[j * p->side + i];
            const double value = known * clamp(p->value[j * p->side + i], centre - reach, centre + reach);
            n += known;
            s += value;
            sx += value * dx;
            sy += value * dy;
            sxx += known * dx * dx;
        }
    }
    const int inner = p->side - 2 * RING_WIDTH;
    const bool complete = n == p->side * p->side - inner * inner;
    plane[0] = n > 0 ? s / n : 0;
    plane[1] = complete ? sx / sxx : 0;
    plane[2] = complete ? sy / sxx : 0;
}

/* A drifting cloud or a neighbour's light: take the plane through the surrounding ring away. */
static void flatten(patch *p, double sigma_dn) {
    double plane[3];
    ring_plane(plane, p, 0, 1e9);
    ring_plane(plane, p, plane[0], 4 * sigma_dn);
    ring_plane(plane, p, plane[0], 3 * sigma_dn);
    for (int j = 0; j < p->side; j++)
        for (int i = 0; i < p->side; i++) {
            const int k = j * p->side + i;
            p->value[k] -= p->known[k] * (plane[0] + plane[1] * (i - p->radius) + plane[2] * (j - p->radius));
        }
}

/* g[i] = exp(-(i - radius - at)^2 / (2 variance)) by recurrence from the middle: three exponentials a row. */
static void gaussian_row(double *g, int radius, double at, double variance) {
    const double ratio2 = sv_exp(-1 / variance), ratio = sqrt(ratio2), tilt = sv_exp(at / variance);
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

/* A row of the window as tables: g, g dx, g dx^2. */
typedef struct window_row {
    double g0[SIDE_MAX], g1[SIDE_MAX], g2[SIDE_MAX];
} window_row;

static void window(window_row *w, int radius, double at, double variance) {
    gaussian_row(w->g0, radius, at, variance);
    for (int i = 0; i <= 2 * radius; i++) {
        const double d = i - radius - at;
        w->g1[i] = w->g0[i] * d;
        w->g2[i] = w->g1[i] * d;
    }
}

/* out = sums over one row of (g, g dx, g dx^2) times value. */
static void row_sums(double out[3], const window_row *w, const double *value, int side) {
    out[0] = out[1] = out[2] = 0;
    for (int i = MARGIN; i < side - MARGIN; i++) {
        out[0] += w->g0[i] * value[i];
        out[1] += w->g1[i] * value[i];
        out[2] += w->g2[i] * value[i];
    }
}

static moments weigh(const patch *p, double x, double y, double variance) {
    window_row wx, wy;
    window(&wx, p->radius, x, variance);
    window(&wy, p->radius, y, variance);
    double own[SIDE_MAX], r[3], k[3] = {0};
    moments m = {0};
    for (int j = MARGIN; j < p->side - MARGIN; j++) {
        /* The window's own sums are the same in every row of a patch that lies inside the image. */
        if (j == MARGIN || !p->whole) {
            for (int i = 0; i < p->side; i++)
                own[i] = wx.g0[i] * p->known[j * p->side + i];
            row_sums(k, &wx, own, p->side);
        }
        row_sums(r, &wx, &p->value[j * p->side], p->side);
        const double g = wy.g0[j], dy = wy.g1[j], dyy = wy.g2[j];
        m.s += g * r[0];
        m.sx += g * r[1];
        m.sy += dy * r[0];
        m.sr += g * r[2] + dyy * r[0];
        m.n += g * g * k[0];
        m.nx += g * g * k[1];
        m.ny += g * dy * k[0];
        m.nxx += g * g * k[2];
        m.nxy += g * dy * k[1];
        m.nyy += g * dyy * k[0];
    }
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
static void fit(profile *f, const patch *p) {
    const double guess = f->variance, reach = 1 + sqrt(guess);
    for (int k = 0; k < STEPS; k++) {
        const moments m = weigh(p, f->x, f->y, f->variance);
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
    window_row wx, wy;
    window(&wx, residual->radius, f->x, f->variance);
    window(&wy, residual->radius, f->y, f->variance);
    double sum = 0, n = 0;
    for (int j = 0; j < residual->side; j++)
        for (int i = 0; i < residual->side; i++) {
            const int k = j * residual->side + i;
            const double g = wx.g0[i] * wy.g0[j] * residual->known[k], d = residual->value[k] - own->value[k];
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
static bool is_hole(const patch *p, const sv_detect_view *view, int32_t x, int32_t y, int32_t sign, const profile *f,
                    const moments *m, double sigma_dn) {
    const double peak = m->s / m->n, rest = hole_rest * peak;
    if (p->whole && own_peak_dn(view, x, y, sign, p->radius) < 0.5 * hole_least * peak)
        return false;
    patch own;
    load(&own, view, x, y, sign, p->radius, true);
    flatten(&own, sigma_dn);
    const moments o = weigh(&own, f->x, f->y, f->variance);
    if (o.s <= hole_least * m->s || o.s >= hole_most * m->s || o.sr * o.n >= hole_spread * o.nr * o.s)
        return false;
    return frame_power(p, &own, f) < hole_noise * sigma_dn * sigma_dn + rest * rest;
}

void sv_detect_measure(sv_detect_centroid *out, const sv_detect_view *view, int32_t x, int32_t y, int32_t sign,
                       double spread, double sigma_dn) {
    /* A Gaussian of variance v answers the filters with D1 / D0 = 0.72 (v + 0.5) / (v + 2.75). */
    const double q = clamp(spread / 0.72, 0, 0.9);
    profile f = {0, 0, clamp((2.75 * q - 0.5) / (1 - q), 0.5, variance_max)};
    const int radius = (int)(3.2 * sqrt(f.variance)) + 1 + RING_WIDTH;
    patch p;
    load(&p, view, x, y, sign, radius < RADIUS_MAX ? radius : RADIUS_MAX, false);
    flatten(&p, sigma_dn);
    fit(&f, &p);

    /* Gaussian errors: amplitude a = s / n; d place = noise of sum(g I dx) over a sum(g^2 dx^2) / variance. */
    const moments m = weigh(&p, f.x, f.y, f.variance);
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
    out->hole = is_hole(&p, view, x, y, sign, &f, &m, sigma_dn);
}
