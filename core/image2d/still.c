#include <core/image2d/still.h>
#include <math.h>
#include <skyvox/math.h>
#include <stdlib.h>

enum {
    SCALES = 4,
    SIDES = 8,
    GAP = 1,           /* px between a square and its neighbours */
    RING = 8,          /* px, width of the frame whose texture counts */
    SPACING = 3,       /* px: the best response this near is the candidate */
    CLUTTER_RANK = 12, /* so many things in one image are clutter */
    FLOOR = 256,       /* one level: what rounding to 8 bit hides */
};
static const int32_t half_of[SCALES] = {1, 2, 3, 5}; /* px; a square of 2 half + 1 */

typedef struct candidate {
    int32_t x, y, half;
    int32_t response; /* 1/256 level */
    double ratio;     /* over the clutter */
    int32_t x0, y0, x1, y1;
    sv_blob2d blob;
} candidate;

typedef struct still {
    const sv_field2d *field;
    int64_t *sum;      /* [(width + 1) * (height + 1)] of `now` */
    int32_t *response; /* [width * height] of the best scale */
    uint8_t *scale;    /* [width * height] */
    candidate *found;  /* [n] */
    candidate *spare;
    size_t n;
} still;

static void fill_sums(still *s) {
    const sv_field2d *f = s->field;
    const size_t stride = (size_t)f->width + 1;
    for (int32_t y = 0; y < f->height; y++) {
        const uint16_t *row = f->now + (size_t)y * (size_t)f->width;
        int64_t *above = s->sum + (size_t)y * stride, line = 0;
        for (int32_t x = 0; x < f->width; x++) {
            line += row[x];
            above[stride + (size_t)x + 1] = above[(size_t)x + 1] + line;
        }
    }
}

static int64_t square_sum(const still *s, int32_t x, int32_t y, int32_t half) {
    const size_t stride = (size_t)s->field->width + 1;
    const int64_t *top = s->sum + (size_t)(y - half) * stride, *bottom = s->sum + (size_t)(y + half + 1) * stride;
    return bottom[x + half + 1] - bottom[x - half] - top[x + half + 1] + top[x - half];
}

static bool fits(const sv_field2d *f, int32_t x, int32_t y, int32_t half) {
    return x >= half && y >= half && x + half < f->width && y + half < f->height;
}

/* Contrast to the brightest of the eight squares around: an edge or a line has one as bright as itself. */
static int32_t contrast_at(const still *s, int32_t x, int32_t y, int32_t half) {
    static const int32_t dx[SIDES] = {-1, 0, 1, -1, 1, -1, 0, 1}, dy[SIDES] = {-1, -1, -1, 0, 0, 1, 1, 1};
    const int32_t side = 2 * half + 1;
    const int64_t own = square_sum(s, x, y, half);
    int64_t brightest = 0;
    for (int i = 0; i < SIDES; i++) {
        const int32_t u = x + dx[i] * (side + GAP), v = y + dy[i] * (side + GAP);
        if (!fits(s->field, u, v, half))
            continue;
        const int64_t sum = square_sum(s, u, v, half);
        brightest = sum > brightest ? sum : brightest;
        if (brightest >= own)
            return 0;
    }
    return (int32_t)((own - brightest) / (side * side));
}

static void fill_responses(still *s) {
    const sv_field2d *f = s->field;
    for (int k = 0; k < SCALES; k++)
        for (int32_t y = half_of[k]; y < f->height - half_of[k]; y++)
            for (int32_t x = half_of[k]; x < f->width - half_of[k]; x++) {
                const size_t at = (size_t)y * (size_t)f->width + (size_t)x;
                const int32_t r = contrast_at(s, x, y, half_of[k]);
                if (r > s->response[at]) {
                    s->response[at] = r;
                    s->scale[at] = (uint8_t)k;
                }
            }
}

static bool is_top(const still *s, int32_t x, int32_t y) {
    const sv_field2d *f = s->field;
    const size_t at = (size_t)y * (size_t)f->width + (size_t)x;
    for (int32_t v = y < SPACING ? 0 : y - SPACING; v <= y + SPACING && v < f->height; v++)
        for (int32_t u = x < SPACING ? 0 : x - SPACING; u <= x + SPACING && u < f->width; u++) {
            const size_t k = (size_t)v * (size_t)f->width + (size_t)u;
            if (s->response[k] > s->response[at] || (s->response[k] == s->response[at] && k < at))
                return false;
        }
    return true;
}

static bool stronger(const void *a, const void *b, void *user) {
    (void)user;
    return ((const candidate *)a)->response > ((const candidate *)b)->response;
}

static bool clearer(const void *a, const void *b, void *user) {
    (void)user;
    return ((const candidate *)a)->ratio > ((const candidate *)b)->ratio;
}

/* Tops by strength; a weaker one inside the surroundings of a stronger is part of it. */
static sv_status find_tops(still *s) {
    const sv_field2d *f = s->field;
    const size_t cap = ((size_t)f->width / SPACING + 1) * ((size_t)f->height / SPACING + 1);
    s->found = calloc(cap, sizeof *s->found);
    s->spare = calloc(cap, sizeof *s->spare);
    if (!s->found || !s->spare)
        return sv_fail(SV_ERR_NOMEM, "image2d: out of memory");
    for (int32_t y = 0; y < f->height; y++)
        for (int32_t x = 0; x < f->width && s->n < cap; x++) {
            const size_t at = (size_t)y * (size_t)f->width + (size_t)x;
            if (s->response[at] > FLOOR && is_top(s, x, y))
                s->found[s->n++] =
                    (candidate){.x = x, .y = y, .half = half_of[s->scale[at]], .response = s->response[at]};
        }
    sv_sort(s->found, s->n, sizeof *s->found, stronger, NULL, s->spare);
    return SV_OK;
}

/* ---- extent ---- */

static int32_t min_i32(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static int32_t max_i32(int32_t a, int32_t b) {
    return a > b ? a : b;
}

enum { REACH_CAP = 3 * 5 + 4, WINDOW = 2 * REACH_CAP + 1 };

static int32_t reach_of(int32_t half) {
    return 3 * half + 4;
}

/* Brightest pixel of the candidate's own square. */
static void find_peak(int32_t *x, int32_t *y, const sv_field2d *f, const candidate *c) {
    *x = c->x;
    *y = c->y;
    for (int32_t v = c->y - c->half; v <= c->y + c->half; v++)
        for (int32_t u = c->x - c->half; u <= c->x + c->half; u++)
            if (f->now[(size_t)v * (size_t)f->width + (size_t)u] > f->now[(size_t)*y * (size_t)f->width + (size_t)*x]) {
                *x = u;
                *y = v;
            }
}

/* Marks what is above `least` and connected with (x, y), inside the window around the candidate. */
static void flood(uint8_t mark[WINDOW][WINDOW], const sv_field2d *f, const candidate *c, int32_t x, int32_t y,
                  int32_t least) {
    const int32_t reach = reach_of(c->half), u0 = max_i32(c->x - reach, 0), v0 = max_i32(c->y - reach, 0);
    const int32_t n_u = min_i32(c->x + reach + 1, f->width) - u0, n_v = min_i32(c->y + reach + 1, f->height) - v0;
    mark[y - v0][x - u0] = 1;
    for (bool grows = true; grows;) {
        grows = false;
        for (int32_t v = 0; v < n_v; v++)
            for (int32_t u = 0; u < n_u; u++) {
                if (mark[v][u] || f->now[(size_t)(v + v0) * (size_t)f->width + (size_t)(u + u0)] <= least)
                    continue;
                const bool near = (u > 0 && mark[v][u - 1]) || (u + 1 < n_u && mark[v][u + 1]) ||
                                  (v > 0 && mark[v - 1][u]) || (v + 1 < n_v && mark[v + 1][u]);
                if (near)
                    mark[v][u] = grows = true;
            }
    }
}

/* What is brighter than halfway from the surroundings to the peak, as one thing. */
static void measure(candidate *c, const still *s) {
    const sv_field2d *f = s->field;
    uint8_t mark[WINDOW][WINDOW] = {{0}};
    int32_t x, y;
    find_peak(&x, &y, f, c);
    const int32_t side = 2 * c->half + 1;
    const int32_t level = (int32_t)(square_sum(s, c->x, c->y, c->half) / (side * side)) - c->response;
    const int32_t least = (f->now[(size_t)y * (size_t)f->width + (size_t)x] + level) / 2;
    flood(mark, f, c, x, y, least);
    const int32_t reach = reach_of(c->half), u0 = max_i32(c->x - reach, 0), v0 = max_i32(c->y - reach, 0);
    int64_t weight = 0, u_sum = 0, v_sum = 0, area = 0;
    c->x0 = c->y0 = INT32_MAX;
    for (int32_t v = 0; v < WINDOW; v++)
        for (int32_t u = 0; u < WINDOW; u++) {
            if (!mark[v][u])
                continue;
            const int64_t w = f->now[(size_t)(v + v0) * (size_t)f->width + (size_t)(u + u0)] - level;
            weight += w;
            u_sum += w * (u + u0);
            v_sum += w * (v + v0);
            area++;
            c->x0 = min_i32(c->x0, u + u0);
            c->x1 = max_i32(c->x1, u + u0 + 1);
            c->y0 = min_i32(c->y0, v + v0);
            c->y1 = max_i32(c->y1, v + v0 + 1);
        }
    c->blob = (sv_blob2d){.u_px = (double)u_sum / (double)weight,
                          .v_px = (double)v_sum / (double)weight,
                          .w_px = c->x1 - c->x0,
                          .h_px = c->y1 - c->y0,
                          .contrast = (double)weight / (256.0 * (double)area),
                          .area_px = (int32_t)area};
}

/* Standard deviation of the frame around a candidate, in 1/256 level. */
static double texture_around(const sv_field2d *f, const candidate *c) {
    const int32_t guard = 3 * c->half + 1, out = guard + RING;
    int64_t sum = 0, squares = 0, n = 0;
    for (int32_t y = max_i32(c->y - out, 0); y <= min_i32(c->y + out, f->height - 1); y++)
        for (int32_t x = max_i32(c->x - out, 0); x <= min_i32(c->x + out, f->width - 1); x++) {
            if (x >= c->x - guard && x <= c->x + guard && y >= c->y - guard && y <= c->y + guard)
                continue;
            const int64_t v = f->now[(size_t)y * (size_t)f->width + (size_t)x];
            sum += v;
            squares += v * v;
            n++;
        }
    if (n == 0)
        return 0;
    const double mean = (double)sum / (double)n, variance = (double)squares / (double)n - mean * mean;
    return sqrt(variance > 0 ? variance : 0);
}

/* A weaker candidate on a stronger one is part of it. */
static void join_parts(still *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        const candidate *c = &s->found[i];
        bool part = false;
        for (size_t j = 0; j < n && !part; j++) {
            const candidate *p = &s->found[j];
            const int32_t margin = 2 * p->half + 1;
            part = c->x >= p->x0 - margin && c->x < p->x1 + margin && c->y >= p->y0 - margin && c->y < p->y1 + margin;
        }
        if (part)
            continue;
        s->found[n] = *c;
        measure(&s->found[n], s);
        n++;
    }
    s->n = n;
}

/* An image full of things just as bright has none that stands out: the response of the twelfth is its clutter. */
static void judge(still *s) {
    const double clutter = s->n >= CLUTTER_RANK ? s->found[CLUTTER_RANK - 1].response : 0;
    for (size_t i = 0; i < s->n; i++) {
        candidate *c = &s->found[i];
        c->ratio = c->response / (texture_around(s->field, c) + clutter + FLOOR);
        c->blob.snr = c->ratio;
    }
    sv_sort(s->found, s->n, sizeof *s->found, clearer, NULL, s->spare);
}

sv_status sv_still2d_find(sv_blob2d *out, size_t *n, size_t cap, const sv_field2d *f, double least) {
    const size_t n_px = (size_t)f->width * (size_t)f->height;
    still s = {.field = f,
               .sum = calloc(((size_t)f->width + 1) * ((size_t)f->height + 1), sizeof *s.sum),
               .response = calloc(n_px, sizeof *s.response),
               .scale = calloc(n_px, sizeof *s.scale)};
    *n = 0;
    sv_status status = SV_OK;
    if (!s.sum || !s.response || !s.scale)
        status = sv_fail(SV_ERR_NOMEM, "image2d: out of memory");
    if (status == SV_OK) {
        fill_sums(&s);
        fill_responses(&s);
        status = find_tops(&s);
    }
    if (status == SV_OK) {
        join_parts(&s);
        judge(&s);
        for (size_t i = 0; i < s.n && *n < cap && s.found[i].ratio >= least; i++)
            out[(*n)++] = s.found[i].blob;
    }
    free(s.sum);
    free(s.response);
    free(s.scale);
    free(s.found);
    free(s.spare);
    return status;
}
