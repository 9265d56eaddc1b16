#include <core/image2d/spots.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int32_t spot_half[] = {1, 2, 4}; /* px; a square of 2 half + 1 */
enum {
    SCALES = sizeof spot_half / sizeof *spot_half,
    GUARD = 1,
    RING = 5,
    REACH_MOST = 4 + RING, /* px from the centre of the largest square to the edge of its frame */
    ROWS = 32,             /* of sums kept: a power of two above 2 REACH_MOST + 1 */
};

static const double least_spot = 2.5; /* levels of contrast that a spot needs */

bool sv_spot_finder_create(sv_spot_finder *f, int32_t width, int32_t height) {
    const size_t n = (size_t)width * (size_t)height;
    f->moments = calloc(ROWS * ((size_t)width + 1), sizeof *f->moments);
    f->peak = calloc((size_t)width, sizeof *f->peak);
    f->response = calloc(n, sizeof *f->response);
    f->scale = calloc(n, sizeof *f->scale);
    return f->moments && f->peak && f->response && f->scale;
}

void sv_spot_finder_destroy(sv_spot_finder *f) {
    free(f->moments);
    free(f->peak);
    free(f->response);
    free(f->scale);
}

/* ---- sums ---- */

/* Sums of the rows above y. */
static sv_moments2d *moments_row(const sv_spot_finder *f, const sv_field2d *field, int32_t y) {
    return f->moments + (size_t)(y % ROWS) * ((size_t)field->width + 1);
}

static void add_row(sv_spot_finder *f, const sv_field2d *field, int32_t y) {
    const uint16_t *row = field->now + (size_t)y * (size_t)field->width;
    const sv_moments2d *above = moments_row(f, field, y);
    sv_moments2d *out = moments_row(f, field, y + 1);
    sv_moments2d sum = {0};
    out[0] = sum;
    for (int32_t x = 0; x < field->width; x++) {
        const uint64_t v = row[x];
        sum.v += v;
        sum.vv += v * v;
        sum.xv += v * (uint64_t)x;
        sum.yv += v * (uint64_t)y;
        out[x + 1].v = above[x + 1].v + sum.v;
        out[x + 1].vv = above[x + 1].vv + sum.vv;
        out[x + 1].xv = above[x + 1].xv + sum.xv;
        out[x + 1].yv = above[x + 1].yv + sum.yv;
    }
}

/* Four corners of a square of 2 half + 1 around (x, y). */
typedef struct corners {
    const sv_moments2d *top, *bottom;
    int32_t left, right;
} corners;

static corners corners_of(const sv_spot_finder *f, const sv_field2d *field, int32_t x, int32_t y, int32_t half) {
    return (corners){moments_row(f, field, y - half), moments_row(f, field, y + half + 1), x - half, x + half + 1};
}

/* All sums of the square, the places counted from (x, y). */
static sv_moments2d sum_all(const corners *c, int32_t x, int32_t y) {
    const sv_moments2d *a = &c->top[c->left], *b = &c->top[c->right], *d = &c->bottom[c->left],
                       *e = &c->bottom[c->right];
    sv_moments2d s = {e->v - d->v - b->v + a->v, e->vv - d->vv - b->vv + a->vv, e->xv - d->xv - b->xv + a->xv,
                      e->yv - d->yv - b->yv + a->yv};
    s.xv -= (uint64_t)x * s.v;
    s.yv -= (uint64_t)y * s.v;
    return s;
}

/* Pixels of a square of 2 half + 1, and their sum of x^2. */
static double count_of(int32_t half) {
    return (2 * half + 1) * (2 * half + 1);
}

static double xx_of(int32_t half) {
    return (double)((2 * half + 1) * (half * (half + 1) * (2 * half + 1) / 3));
}

/* The frame between two squares around the same centre. */
static sv_plane_sums frame_sums(const corners *outer, const corners *inner, int32_t x, int32_t y, int32_t out,
                                int32_t guard) {
    const sv_moments2d all = sum_all(outer, x, y), in = sum_all(inner, x, y);
    const double xx = xx_of(out) - xx_of(guard);
    return (sv_plane_sums){.n = count_of(out) - count_of(guard),
                           .xx = xx,
                           .yy = xx,
                           .v = (double)(int64_t)(all.v - in.v),
                           .vv = (double)(int64_t)(all.vv - in.vv),
                           .xv = (double)(int64_t)(all.xv - in.xv),
                           .yv = (double)(int64_t)(all.yv - in.yv)};
}

/* ---- responses ---- */

/* Quick look at a row: the centre is above or below the pixels on all four sides of the frame. */
static void find_peaks(sv_spot_finder *f, const sv_field2d *field, int32_t y, int32_t half) {
    const int32_t out = half + RING, reach = half + GUARD + 2, least = (int32_t)(256 * least_spot / 2);
    const uint16_t *restrict centre = field->now + (size_t)y * (size_t)field->width;
    const uint16_t *restrict up = centre - (ptrdiff_t)reach * field->width;
    const uint16_t *restrict down = centre + (ptrdiff_t)reach * field->width;
    uint8_t *restrict peak = f->peak;
    for (int32_t x = out; x < field->width - out; x++) {
        const int32_t a = centre[x - reach], b = centre[x + reach], d = up[x], e = down[x];
        const int32_t low = centre[x] - least, high = centre[x] + least;
        peak[x] = (uint8_t)(((low > a) & (low > b) & (low > d) & (low > e)) |
                            ((high < a) & (high < b) & (high < d) & (high < e)));
    }
}

/*
 * Contrast of a square to the plane through the frame around it over that frame's texture, in sixteenths; 0 below the least
 * contrast. A thing with a light and a dark side has none on the mean: what its pixels differ more than the frame's counts, too.
 */
static int32_t response_at(const sv_spot_finder *f, const sv_field2d *field, int32_t x, int32_t y, int32_t half) {
    const int32_t guard = half + GUARD, out = half + RING;
    const corners square = corners_of(f, field, x, y, half), near = corners_of(f, field, x, y, guard),
                  far = corners_of(f, field, x, y, out);
    const sv_plane_sums ring = frame_sums(&far, &near, x, y, out, guard);
    double level, gx, gy, texture;
    sv_plane_fit(&level, &gx, &gy, &texture, &ring);
    const sv_moments2d in = sum_all(&square, x, y);
    const double n = count_of(half), v = (double)(int64_t)in.v, xv = (double)(int64_t)in.xv,
                 yv = (double)(int64_t)in.yv, vv = (double)(int64_t)in.vv;
    const double mean = fabs(v / n - level);
    const double own2 =
        vv - 2 * (level * v + gx * xv + gy * yv) + n * level * level + (gx * gx + gy * gy) * xx_of(half);
    const double excess2 = own2 / n - texture * texture;
    const double contrast = excess2 > mean * mean ? sqrt(excess2) : mean;
    if (contrast < 256 * least_spot)
        return 0;
    const double response = 16 * contrast / (texture + 256 * SV_LEAST_TEXTURE);
    return response > 65535 ? 65535 : (int32_t)response;
}

static void fill_row(sv_spot_finder *f, const sv_field2d *field, int32_t y, int32_t s) {
    const int32_t half = spot_half[s], out = half + RING;
    if (y < out || y >= field->height - out || field->width <= 2 * out)
        return;
    find_peaks(f, field, y, half);
    const size_t row = (size_t)y * (size_t)field->width;
    const uint8_t *end = f->peak + field->width - out;
    for (const uint8_t *p = f->peak + out; p < end && (p = memchr(p, 1, (size_t)(end - p))); p++) {
        const int32_t x = (int32_t)(p - f->peak), r = response_at(f, field, x, y, half);
        if (r > f->response[row + (size_t)x]) {
            f->response[row + (size_t)x] = (uint16_t)r;
            f->scale[row + (size_t)x] = (uint8_t)s;
        }
    }
}

static void fill_responses(sv_spot_finder *f, const sv_field2d *field) {
    memset(f->response, 0, (size_t)field->width * (size_t)field->height * sizeof *f->response);
    memset(f->moments, 0, ((size_t)field->width + 1) * sizeof *f->moments);
    int32_t n_rows = 0;
    for (int32_t y = 0; y < field->height; y++) {
        for (; n_rows < field->height && n_rows <= y + REACH_MOST; n_rows++)
            add_row(f, field, n_rows);
        for (int32_t s = 0; s < SCALES; s++)
            fill_row(f, field, y, s);
    }
}

/* ---- tops ---- */

static bool is_top(const sv_spot_finder *f, const sv_field2d *field, int32_t x, int32_t y) {
    const size_t k = (size_t)y * (size_t)field->width + (size_t)x;
    const int32_t reach = spot_half[f->scale[k]] + 1;
    for (int32_t j = y < reach ? 0 : y - reach; j <= y + reach && j < field->height; j++)
        for (int32_t i = x < reach ? 0 : x - reach; i <= x + reach && i < field->width; i++) {
            const size_t m = (size_t)j * (size_t)field->width + (size_t)i;
            if (f->response[m] > f->response[k] || (f->response[m] == f->response[k] && m < k))
                return false;
        }
    return true;
}

/* Centroid of what differs from the ring's level, inside the square and a little around. */
static void measure_spot(sv_patch2d *p, const sv_spot_finder *f, const sv_field2d *field, int32_t x, int32_t y) {
    const size_t k = (size_t)y * (size_t)field->width + (size_t)x;
    const int32_t half = spot_half[f->scale[k]];
    *p = (sv_patch2d){.x0 = x - half, .y0 = y - half, .x1 = x + half + 1, .y1 = y + half + 1, .is_spot = true};
    sv_patch_compare(p, field, 0);
    double level = 0, weight = 0, u = 0, v = 0;
    int32_t n = 0;
    const int32_t g = half + 2;
    for (int32_t j = y - g; j <= y + g; j++)
        for (int32_t i = x - g; i <= x + g; i++)
            if (j == y - g || j == y + g || i == x - g || i == x + g) {
                level += field->now[(size_t)j * (size_t)field->width + (size_t)i];
                n++;
            }
    level /= n;
    for (int32_t j = y - half; j <= y + half; j++)
        for (int32_t i = x - half; i <= x + half; i++) {
            const double d = fabs(field->now[(size_t)j * (size_t)field->width + (size_t)i] - level);
            weight += d;
            u += d * i;
            v += d * j;
        }
    p->blob = (sv_blob2d){.u_px = weight > 0 ? u / weight : x,
                          .v_px = weight > 0 ? v / weight : y,
                          .w_px = 2 * half + 1,
                          .h_px = 2 * half + 1,
                          .snr = f->response[k] / 16.0,
                          .contrast = p->now_contrast,
                          .area_px = (2 * half + 1) * (2 * half + 1)};
}

size_t sv_spots_find(sv_patch2d *out, size_t cap, sv_spot_finder *f, const sv_field2d *field,
                     const sv_image2d_config *config) {
    size_t n = 0;
    fill_responses(f, field);
    for (int32_t y = 0; y < field->height; y++)
        for (int32_t x = 0; x < field->width; x++)
            if (f->response[(size_t)y * (size_t)field->width + (size_t)x] >= 16 * config->spot_snr && n < cap &&
                is_top(f, field, x, y))
                measure_spot(&out[n++], f, field, x, y);
    return n;
}
