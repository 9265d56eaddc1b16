#include <core/detect/shake.h>
#include <math.h>

enum {
    ROW_STEP = 8, /* one row in so many is looked at */
    RUN = 64,     /* pixels of a row that are tested for edges at once */
    REACH = 2,    /* px that the matched filter spreads an edge by */
    SAMPLES_MIN = 64,
};

static const double edge_sigma = 3; /* an edge: the background changes by so many sigmas per pixel */
static const double shift_max = 2;  /* px; beyond it the residual is no longer gradient times shift */

/* Twice the gradient, background units per pixel. */
typedef struct slope {
    int32_t u, v;
} slope;

static slope slope_at(const sv_detect_view *view, int32_t x, int32_t y) {
    const uint16_t *m = view->background + (size_t)y * (size_t)view->width + x;
    return (slope){m[1] - m[-1], m[view->width] - m[-view->width]};
}

static int32_t residual_at(const sv_detect_view *view, int32_t x, int32_t y) {
    const unsigned char *row = (const unsigned char *)view->pixels + y * view->pitch;
    const int32_t grey = view->bit_depth == 8 ? row[x] : ((const uint16_t *)(const void *)row)[x];
    return (grey << (16 - view->bit_depth)) - view->background[(size_t)y * (size_t)view->width + (size_t)x];
}

/* Normal equations of residual = -(shift . gradient). */
typedef struct normal {
    double uu, uv, vv, ur, vr;
    int64_t n;
} normal;

static void add_sample(normal *sum, const sv_detect_view *view, int32_t x, int32_t y) {
    const slope s = slope_at(view, x, y);
    const double gu = 0.5 * s.u, gv = 0.5 * s.v, r = residual_at(view, x, y);
    sum->uu += gu * gu;
    sum->uv += gu * gv;
    sum->vv += gv * gv;
    sum->ur -= gu * r;
    sum->vr -= gv * r;
    sum->n++;
}

/* Whether any pixel of a run is steep: most runs show sky and are left at once. */
static bool any_steep(const uint16_t *m, ptrdiff_t pitch, int n, int32_t steep) {
    int32_t most = 0;
    for (int i = 0; i < n; i++) {
        const int32_t du = m[i + 1] - m[i - 1], dv = m[i + pitch] - m[i - pitch];
        const int32_t size = (du < 0 ? -du : du) + (dv < 0 ? -dv : dv);
        most = size > most ? size : most;
    }
    return most > steep;
}

static void add_row(normal *sum, const sv_detect_view *view, int32_t y, int32_t steep) {
    const uint16_t *m = view->background + (size_t)y * (size_t)view->width;
    for (int32_t x = 1; x < view->width - 1; x += RUN) {
        const int32_t n = x + RUN < view->width - 1 ? RUN : view->width - 1 - x;
        if (!any_steep(m + x, view->width, n, steep))
            continue;
        for (int32_t i = x; i < x + n; i++) {
            const slope s = slope_at(view, i, y);
            if ((s.u < 0 ? -s.u : s.u) + (s.v < 0 ? -s.v : s.v) > steep)
                add_sample(sum, view, i, y);
        }
    }
}

/* A ridge along one direction tells nothing of a shift along itself: the second eigenvalue is lifted a little. */
sv_shake sv_shake_measure(const sv_detect_view *view, double sigma_dn) {
    const double unit = 1 << (16 - view->bit_depth), steep = 2 * edge_sigma * sigma_dn * unit;
    normal sum = {0};
    for (int32_t y = ROW_STEP / 2; y < view->height - 1; y += ROW_STEP)
        add_row(&sum, view, y, steep < 131070 ? (int32_t)steep : 131070);
    if (sum.n < SAMPLES_MIN)
        return (sv_shake){0, 0};
    const double ridge = 1e-3 * (sum.uu + sum.vv);
    const double uu = sum.uu + ridge, vv = sum.vv + ridge, det = uu * vv - sum.uv * sum.uv;
    const sv_shake shake = {(sum.ur * vv - sum.vr * sum.uv) / det, (sum.vr * uu - sum.ur * sum.uv) / det};
    const double size = sqrt(shake.u_px * shake.u_px + shake.v_px * shake.v_px);
    const double keep = size > shift_max ? shift_max / size : 1;
    return (sv_shake){keep * shake.u_px, keep * shake.v_px};
}

static double shown_at(const sv_detect_view *view, sv_shake shake, int32_t x, int32_t y) {
    if (x < 1 || y < 1 || x >= view->width - 1 || y >= view->height - 1)
        return 0;
    const slope s = slope_at(view, x, y);
    return 0.5 * fabs(shake.u_px * s.u + shake.v_px * s.v) / (1 << (16 - view->bit_depth));
}

/* The pixel itself first: at most edges it is enough. */
double sv_shake_residual_dn(const sv_detect_view *view, sv_shake shake, int32_t x, int32_t y, double enough_dn) {
    double most = shown_at(view, shake, x, y);
    for (int32_t v = y - REACH; v <= y + REACH && most < enough_dn; v++) {
        for (int32_t u = x - REACH; u <= x + REACH; u++) {
            const double shown = shown_at(view, shake, u, v);
            most = shown > most ? shown : most;
        }
    }
    return most;
}
