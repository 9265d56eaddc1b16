#include <core/detect/shake.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    REACH = 2,                    /* px that the matched filter spreads an edge by */
    SAMPLES_MIN = SV_DETECT_CELL, /* steep pixels of a cell that tells the shift */
    SQUARE = 2,                   /* px on either side of the middle */
    SIDE_MAX = 16384,             /* px of an image */
};

/* What a cell has: nothing steep, something, at least a line across. */
enum { NO_EDGE, SOME_EDGE, A_LINE };

static const double edge_sigma = 3;         /* an edge: the background changes by so many sigmas per pixel */
static const double explained_least = 0.05; /* share of the residual's squares at edges */
static const double step_noise = 1.1;       /* range of the means of eight squares of noise, sigmas, seldom exceeded */
static const double shift_max = 2;          /* px; beyond it the residual is no longer gradient times shift */

typedef struct camera_edges {
    uint64_t *rows; /* [cells] a bit for every row of the cell that is steep somewhere, as it was last looked at */
    uint8_t *
        edges; /* [cells] whether any row was when this frame was measured: what looks at the frame meanwhile change nothing */
    int32_t cells_x, cells_y;
    int32_t unit;          /* background units in 1 DN */
    int32_t steep;         /* of this frame: twice the gradient of an edge, background units */
    int32_t period, phase; /* rows looked at in this frame: y % period == phase */
    int32_t n_frames;      /* looked at since the scene began */
    bool known;            /* every row was looked at */
} camera_edges;

struct sv_shaker {
    sv_detect_ops ops;
    int32_t n_cameras;
    camera_edges *edges; /* [n_cameras] */
};

/* ---- creation ---- */

sv_status sv_shaker_create(sv_shaker **out, const sv_config *config, const sv_detect_ops *ops) {
    *out = NULL;
    sv_shaker *s = calloc(1, sizeof *s);
    if (s)
        s->edges = calloc((size_t)config->n_cameras + 1, sizeof *s->edges);
    bool good = s && s->edges;
    if (good)
        s->ops = *ops;
    for (int32_t i = 0; good && i < config->n_cameras; i++) {
        camera_edges *e = &s->edges[i];
        s->n_cameras++;
        e->cells_x = (config->camera[i].width + SV_DETECT_CELL - 1) / SV_DETECT_CELL;
        e->cells_y = (config->camera[i].height + SV_DETECT_CELL - 1) / SV_DETECT_CELL;
        e->unit = 1 << (16 - config->camera[i].bit_depth);
        e->rows = calloc((size_t)e->cells_x * (size_t)e->cells_y + 1, sizeof *e->rows);
        e->edges = calloc((size_t)e->cells_x * (size_t)e->cells_y + 1, sizeof *e->edges);
        good = e->rows && e->edges;
    }
    if (!good) {
        sv_shaker_destroy(s);
        return sv_fail(SV_ERR_NOMEM, "detector: out of memory");
    }
    *out = s;
    return SV_OK;
}

void sv_shaker_destroy(sv_shaker *s) {
    if (!s)
        return;
    for (int32_t i = 0; i < s->n_cameras; i++) {
        free(s->edges[i].rows);
        free(s->edges[i].edges);
    }
    free(s->edges);
    free(s);
}

void sv_shaker_forget(sv_shaker *s, int32_t camera) {
    camera_edges *e = &s->edges[camera];
    memset(e->rows, 0, (size_t)e->cells_x * (size_t)e->cells_y * sizeof *e->rows);
    e->n_frames = 0;
    e->known = false;
}

/* ---- the shift ---- */

/* Twice the gradient, background units per pixel. */
typedef struct slope {
    int32_t u, v;
} slope;

static slope slope_at(const sv_detect_view *view, int32_t x, int32_t y) {
    const sv_background *m = &view->background;
    const ptrdiff_t i = (ptrdiff_t)y * view->width + x, row = view->width;
    return (slope){sv_background_at(m, i + 1) - sv_background_at(m, i - 1),
                   sv_background_at(m, i + row) - sv_background_at(m, i - row)};
}

static int32_t residual_at(const sv_detect_view *view, int32_t x, int32_t y) {
    const unsigned char *row = (const unsigned char *)view->pixels + y * view->pitch;
    const int32_t grey = view->bit_depth == 8 ? row[x] : ((const uint16_t *)(const void *)row)[x];
    return (grey << (16 - view->bit_depth)) - sv_background_at(&view->background, (ptrdiff_t)y * view->width + x);
}

/* Normal equations of residual = -(shift . gradient). */
typedef struct normal {
    double uu, uv, vv, ur, vr, rr;
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
    sum->rr += r * r;
    sum->n++;
}

/* Columns x0..x1 - 1 of a row; x0 begins a cell. */
static void mark_row(const sv_shaker *s, const sv_detect_view *view, int32_t camera, int32_t y, int32_t x0,
                     int32_t x1) {
    uint64_t steep[SIDE_MAX / SV_DETECT_CELL];
    const camera_edges *edges = &s->edges[camera];
    const int32_t first = x0 / SV_DETECT_CELL, n = (x1 + SV_DETECT_CELL - 1) / SV_DETECT_CELL - first;
    uint64_t *rows = edges->rows + (size_t)(y / SV_DETECT_CELL) * (size_t)edges->cells_x + first;
    const int bit = y % SV_DETECT_CELL;
    s->ops.steep(steep, view, y, first, n, edges->steep);
    for (int32_t k = 0; k < n; k++)
        rows[k] = (rows[k] & ~((uint64_t)1 << bit)) | (uint64_t)(steep[k] != 0) << bit;
}

/* A line across a cell is steep on twice its width; a few steep pixels are the trace of a target that stood still: false. */
static bool add_cell(normal *sum, const sv_shaker *s, const sv_detect_view *view, int32_t camera, int32_t cx,
                     int32_t cy) {
    const camera_edges *edges = &s->edges[camera];
    normal own = {0};
    for (uint64_t rows = edges->rows[(size_t)cy * (size_t)edges->cells_x + (size_t)cx]; rows != 0; rows &= rows - 1) {
        const int32_t y = cy * SV_DETECT_CELL + __builtin_ctzll(rows);
        uint64_t steep;
        for (s->ops.steep(&steep, view, y, cx, 1, edges->steep); steep != 0; steep &= steep - 1)
            add_sample(&own, view, cx * SV_DETECT_CELL + __builtin_ctzll(steep), y);
    }
    if (own.n < SAMPLES_MIN)
        return false;
    sum->uu += own.uu;
    sum->uv += own.uv;
    sum->vv += own.vv;
    sum->ur += own.ur;
    sum->vr += own.vr;
    sum->rr += own.rr;
    sum->n += own.n;
    return true;
}

/*
 * A ridge along one direction tells nothing of a shift along itself: the second eigenvalue is lifted a little. A shift that
 * explains little of the residual is none: it is lost in the noise.
 */
static sv_shake solve(const normal *sum) {
    if (sum->n == 0)
        return (sv_shake){0, 0};
    const double ridge = 1e-3 * (sum->uu + sum->vv);
    const double uu = sum->uu + ridge, vv = sum->vv + ridge, det = uu * vv - sum->uv * sum->uv;
    const sv_shake shake = {(sum->ur * vv - sum->vr * sum->uv) / det, (sum->vr * uu - sum->ur * sum->uv) / det};
    if (shake.u_px * sum->ur + shake.v_px * sum->vr < explained_least * sum->rr)
        return (sv_shake){0, 0};
    const double size = sqrt(shake.u_px * shake.u_px + shake.v_px * shake.v_px);
    const double keep = size > shift_max ? shift_max / size : 1;
    return (sv_shake){keep * shake.u_px, keep * shake.v_px};
}

void sv_shaker_begin(sv_shaker *s, int32_t camera, double sigma_dn, int32_t period) {
    camera_edges *e = &s->edges[camera];
    const double limit = 2 * edge_sigma * sigma_dn * e->unit;
    e->steep = limit < 131070 ? (int32_t)limit : 131070;
    e->period = period;
    e->phase = e->n_frames++ % period;
    e->known = e->known || e->n_frames >= period;
}

void sv_shaker_look(sv_shaker *s, const sv_detect_view *view, int32_t camera, sv_detect_rect rect) {
    camera_edges *e = &s->edges[camera];
    const int32_t y1 = rect.y1 < view->height - 1 ? rect.y1 : view->height - 1;
    for (int32_t y = rect.y0 + (e->phase + e->period - rect.y0 % e->period) % e->period; y < y1; y += e->period)
        if (y > 0)
            mark_row(s, view, camera, y, rect.x0, rect.x1);
}

sv_shake sv_shaker_measure(sv_shaker *s, const sv_detect_view *view, int32_t camera, double sigma_dn) {
    camera_edges *e = &s->edges[camera];
    if (!e->known) {
        e->n_frames = 0;
        sv_shaker_begin(s, camera, sigma_dn, 1);
        sv_shaker_look(s, view, camera, (sv_detect_rect){0, 0, view->width, view->height});
        e->known = true;
    }
    normal sum = {0};
    for (int32_t cy = 0; cy < e->cells_y; cy++)
        for (int32_t cx = 0; cx < e->cells_x; cx++) {
            const size_t k = (size_t)cy * (size_t)e->cells_x + (size_t)cx;
            const bool line = add_cell(&sum, s, view, camera, cx, cy);
            e->edges[k] = e->rows[k] == 0 ? NO_EDGE : line ? A_LINE : SOME_EDGE;
        }
    return solve(&sum);
}

/* ---- what it shows ---- */

static int edges_at(const camera_edges *e, int32_t x, int32_t y) {
    return e->edges[(size_t)(y / SV_DETECT_CELL) * (size_t)e->cells_x + (size_t)(x / SV_DETECT_CELL)];
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

/* The filters reach SV_DETECT_HALO far; the cells within that are those of the four corners. */
static int edges_near(const sv_shaker *s, const sv_detect_view *view, int32_t camera, int32_t x, int32_t y) {
    const camera_edges *e = &s->edges[camera];
    const int32_t x0 = x > SV_DETECT_HALO ? x - SV_DETECT_HALO : 0, y0 = y > SV_DETECT_HALO ? y - SV_DETECT_HALO : 0;
    const int32_t x1 = x + SV_DETECT_HALO < view->width ? x + SV_DETECT_HALO : view->width - 1;
    const int32_t y1 = y + SV_DETECT_HALO < view->height ? y + SV_DETECT_HALO : view->height - 1;
    return larger(larger(edges_at(e, x0, y0), edges_at(e, x1, y0)), larger(edges_at(e, x0, y1), edges_at(e, x1, y1)));
}

bool sv_shaker_is_near(const sv_shaker *s, const sv_detect_view *view, int32_t camera, int32_t x, int32_t y) {
    return edges_near(s, view, camera, x, y) != NO_EDGE;
}

static double shown_at(const sv_detect_view *view, sv_shake shake, int32_t x, int32_t y) {
    if (x < 1 || y < 1 || x >= view->width - 1 || y >= view->height - 1)
        return 0;
    const slope s = slope_at(view, x, y);
    return 0.5 * fabs(shake.u_px * s.u + shake.v_px * s.v) / (1 << (16 - view->bit_depth));
}

/* The pixel itself first: at most edges it is enough. */
double sv_shaker_residual_dn(const sv_shaker *s, const sv_detect_view *view, int32_t camera, sv_shake shake, int32_t x,
                             int32_t y, double enough_dn) {
    if (!sv_shaker_is_near(s, view, camera, x, y))
        return 0;
    double most = shown_at(view, shake, x, y);
    for (int32_t v = y - REACH; v <= y + REACH && most < enough_dn; v++) {
        for (int32_t u = x - REACH; u <= x + REACH; u++) {
            const double shown = shown_at(view, shake, u, v);
            most = shown > most ? shown : most;
        }
    }
    return most;
}

/*
 * Mean residual of a square around (x, y), moved into the image where it would leave it, less what the shift shows in it: its
 * mean gradient is told by the rim.
 */
static double square_mean(const sv_detect_view *view, sv_shake shake, int32_t x, int32_t y) {
    enum { SIDE = 2 * SQUARE + 1 };
    const sv_background *m = &view->background;
    const ptrdiff_t row = view->width;
    const int32_t x1 = view->width - 1 - SQUARE, y1 = view->height - 1 - SQUARE;
    const int32_t u = x < SQUARE ? SQUARE : x > x1 ? x1 : x, v = y < SQUARE ? SQUARE : y > y1 ? y1 : y;
    int32_t sum = 0, across = 0, down = 0;
    for (int32_t j = -SQUARE; j <= SQUARE; j++) {
        const ptrdiff_t left = (v + j) * row + u - SQUARE, top = (v - SQUARE) * row + u + j;
        for (int32_t i = -SQUARE; i <= SQUARE; i++)
            sum += residual_at(view, u + i, v + j);
        across += sv_background_at(m, left + 2 * SQUARE) - sv_background_at(m, left);
        down += sv_background_at(m, top + 2 * SQUARE * row) - sv_background_at(m, top);
    }
    const double shown = -(shake.u_px * across + shake.v_px * down) / (2 * SQUARE * SIDE);
    return (double)sum / (SIDE * SIDE) - shown;
}

double sv_shaker_step_dn(const sv_shaker *s, const sv_detect_view *view, int32_t camera, sv_shake shake, int32_t x,
                         int32_t y, double sigma_dn) {
    /* With the squares' own reach no farther than SV_DETECT_HALO: beyond it other threads learn the background meanwhile. */
    static const int8_t place[][2] = {{6, 0}, {4, 4}, {0, 6}, {-4, 4}, {-6, 0}, {-4, -4}, {0, -6}, {4, -4}};
    if (edges_near(s, view, camera, x, y) != A_LINE || view->width <= 2 * SQUARE || view->height <= 2 * SQUARE)
        return 0;
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < sizeof place / sizeof *place; i++) {
        const double mean = square_mean(view, shake, x + place[i][0], y + place[i][1]);
        least = mean < least ? mean : least;
        most = mean > most ? mean : most;
    }
    const double step = (most - least) / (1 << (16 - view->bit_depth)) - step_noise * sigma_dn;
    return step > 0 ? step : 0;
}
