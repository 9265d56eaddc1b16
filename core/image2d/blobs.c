#include <core/image2d/blobs.h>
#include <math.h>
#include <skyvox/math.h>
#include <stdlib.h>

enum {
    REACH = 2, /* pixels this near belong together: a codec tears holes into a target */
    RING = 7,  /* px around a blob's box that it is compared with */
    GUARD = 2, /* px of them next to the box that belong to neither */
    PIXELS_PER_RUN = 4,
    MIN_AREA = 3, /* px; less is a twinkle of the codec */
};

static const double least_texture = 0.5;  /* levels; a codec shows a sky smoother than it was */
static const double least_activity = 0.2; /* levels */
static const double least_spot = 2.5;     /* levels of contrast that a spot needs */

/* Sums of a blob, integer: they do not depend on the order of the runs. */
enum { N_PIXELS, WEIGHT, U, V, SIGNED, PEAK, X0, Y0, X1, Y1, SUMS };

bool sv_blob_finder_create(sv_blob_finder *f, int32_t width, int32_t height) {
    *f = (sv_blob_finder){.run_cap = (size_t)width * (size_t)height / PIXELS_PER_RUN};
    f->run = calloc(f->run_cap, sizeof *f->run);
    f->row_start = calloc((size_t)height + 1, sizeof *f->row_start);
    f->patch = calloc(f->run_cap, sizeof *f->patch);
    f->spare = calloc(f->run_cap, sizeof *f->spare);
    f->sum = calloc(f->run_cap * SUMS, sizeof *f->sum);
    f->table = calloc(((size_t)width + 1) * ((size_t)height + 1), sizeof *f->table);
    f->response = calloc((size_t)width * (size_t)height, sizeof *f->response);
    f->scale = calloc((size_t)width * (size_t)height, sizeof *f->scale);
    return f->run && f->row_start && f->patch && f->spare && f->sum && f->table && f->response && f->scale;
}

void sv_blob_finder_destroy(sv_blob_finder *f) {
    free(f->run);
    free(f->row_start);
    free(f->patch);
    free(f->spare);
    free(f->sum);
    free(f->table);
    free(f->response);
    free(f->scale);
}

/* ---- runs ---- */

static bool over(const sv_field2d *field, size_t k, int32_t low_q4) {
    const int32_t r = field->residual[k] < 0 ? -field->residual[k] : field->residual[k];
    return (int64_t)r * 16 > (int64_t)low_q4 * field->sigma[k];
}

static void find_runs(sv_blob_finder *f, const sv_field2d *field, int32_t low_q4) {
    f->n_runs = 0;
    f->n_pixels = 0;
    for (int32_t y = 0; y < field->height; y++) {
        f->row_start[y] = (int32_t)f->n_runs;
        const size_t row = (size_t)y * (size_t)field->width;
        for (int32_t x = 0; x < field->width; x++) {
            if (!over(field, row + (size_t)x, low_q4))
                continue;
            const int32_t x0 = x;
            while (x < field->width && over(field, row + (size_t)x, low_q4))
                x++;
            f->n_pixels += x - x0;
            if (f->n_runs < f->run_cap) {
                f->run[f->n_runs] = (sv_run2d){y, x0, x, (int32_t)f->n_runs, -1};
                f->n_runs++;
            }
        }
    }
    f->row_start[field->height] = (int32_t)f->n_runs;
}

static int32_t root_of(sv_run2d *run, int32_t i) {
    while (run[i].parent != i) {
        run[i].parent = run[run[i].parent].parent;
        i = run[i].parent;
    }
    return i;
}

static void unite(sv_run2d *run, int32_t a, int32_t b) {
    const int32_t i = root_of(run, a), j = root_of(run, b);
    if (i < j)
        run[j].parent = i;
    else
        run[i].parent = j;
}

/* Joins every run with the runs of its row and of the rows above that are near; both lists rise in x. */
static void join_runs(sv_blob_finder *f, int32_t height) {
    sv_run2d *run = f->run;
    for (int32_t y = 0; y < height; y++)
        for (int32_t dy = 0; dy <= REACH && dy <= y; dy++) {
            int32_t first = f->row_start[y - dy];
            for (int32_t i = f->row_start[y]; i < f->row_start[y + 1]; i++) {
                while (first < f->row_start[y - dy + 1] && run[first].x1 + REACH <= run[i].x0)
                    first++;
                for (int32_t j = first; j < f->row_start[y - dy + 1] && run[j].x0 < run[i].x1 + REACH; j++)
                    if (j < i)
                        unite(run, i, j);
            }
        }
}

/* ---- blobs ---- */

static void add_run(int64_t *sum, const sv_field2d *field, const sv_run2d *run) {
    for (int32_t x = run->x0; x < run->x1; x++) {
        const size_t k = (size_t)run->y * (size_t)field->width + (size_t)x;
        const int64_t r = field->residual[k], weight = r < 0 ? -r : r;
        const int64_t snr = weight * 16 / field->sigma[k];
        sum[N_PIXELS]++;
        sum[WEIGHT] += weight;
        sum[U] += weight * x;
        sum[V] += weight * run->y;
        sum[SIGNED] += r;
        sum[PEAK] = snr > sum[PEAK] ? snr : sum[PEAK];
    }
    sum[X0] = run->x0 < sum[X0] ? run->x0 : sum[X0];
    sum[X1] = run->x1 > sum[X1] ? run->x1 : sum[X1];
    sum[Y0] = run->y < sum[Y0] ? run->y : sum[Y0];
    sum[Y1] = run->y + 1 > sum[Y1] ? run->y + 1 : sum[Y1];
}

static void take_sums(sv_patch2d *out, const int64_t *sum) {
    const double weight = (double)sum[WEIGHT];
    *out = (sv_patch2d){
        .blob = {.u_px = (double)sum[U] / weight,
                 .v_px = (double)sum[V] / weight,
                 .w_px = (double)(sum[X1] - sum[X0]),
                 .h_px = (double)(sum[Y1] - sum[Y0]),
                 .snr = (double)sum[PEAK] / 16,
                 .contrast = (double)sum[SIGNED] / (256.0 * (double)sum[N_PIXELS]),
                 .area_px = (int32_t)sum[N_PIXELS]},
        .x0 = (int32_t)sum[X0],
        .y0 = (int32_t)sum[Y0],
        .x1 = (int32_t)sum[X1],
        .y1 = (int32_t)sum[Y1],
    };
}

static void sum_blobs(sv_blob_finder *f, const sv_field2d *field, int32_t high_q4) {
    size_t n = 0;
    for (size_t i = 0; i < f->n_runs; i++) {
        sv_run2d *root = &f->run[root_of(f->run, (int32_t)i)];
        if (root->blob < 0) {
            root->blob = (int32_t)n++;
            int64_t *sum = &f->sum[(size_t)root->blob * SUMS];
            for (int k = 0; k < SUMS; k++)
                sum[k] = k == X0 || k == Y0 ? INT32_MAX : 0;
        }
        add_run(&f->sum[(size_t)root->blob * SUMS], field, &f->run[i]);
    }
    f->n = 0;
    for (size_t i = 0; i < n; i++) {
        const int64_t *sum = &f->sum[i * SUMS];
        if (sum[PEAK] > high_q4 && sum[N_PIXELS] >= MIN_AREA)
            take_sums(&f->patch[f->n++], sum);
    }
}

/* ---- surroundings ---- */

/* Moments of the pixels around something, relative to its centre: enough to fit a plane. */
typedef struct plane_sums {
    double n, x, y, xx, xy, yy, v, vv, xv, yv;
} plane_sums;

static void add_to_plane(plane_sums *s, double x, double y, double v) {
    s->n++;
    s->x += x;
    s->y += y;
    s->xx += x * x;
    s->xy += x * y;
    s->yy += y * y;
    s->v += v;
    s->vv += v * v;
    s->xv += x * v;
    s->yv += y * v;
}

/* Plane v = level + gx x + gy y through the pixels and their rms distance to it: a sky's gradient is no texture. */
static void fit_plane(double *level, double *gx, double *gy, double *rms, const plane_sums *s) {
    const double mx = s->x / s->n, my = s->y / s->n, mv = s->v / s->n;
    const double xx = s->xx - s->n * mx * mx, xy = s->xy - s->n * mx * my, yy = s->yy - s->n * my * my;
    const double xv = s->xv - s->n * mx * mv, yv = s->yv - s->n * my * mv, vv = s->vv - s->n * mv * mv;
    const double det = xx * yy - xy * xy;
    *gx = det > 0 ? (xv * yy - yv * xy) / det : 0;
    *gy = det > 0 ? (yv * xx - xv * xy) / det : 0;
    *level = mv - *gx * mx - *gy * my;
    const double rest = (vv - *gx * xv - *gy * yv) / s->n;
    *rms = sqrt(rest > 0 ? rest : 0);
}

/* What the box shows beside the ring around it, in the frame, in the background and in the residual. */
static void compare_rings(sv_patch2d *p, const sv_field2d *field, int32_t low_q4) {
    plane_sums in[2] = {{0}}, out[2] = {{0}}; /* of the frame, of the background */
    int64_t residual_in = 0, residual_out = 0;
    const double cx = (p->x0 + p->x1 - 1) / 2.0, cy = (p->y0 + p->y1 - 1) / 2.0;
    const int32_t x0 = p->x0 < RING ? 0 : p->x0 - RING, y0 = p->y0 < RING ? 0 : p->y0 - RING;
    for (int32_t y = y0; y < p->y1 + RING && y < field->height; y++)
        for (int32_t x = x0; x < p->x1 + RING && x < field->width; x++) {
            const size_t k = (size_t)y * (size_t)field->width + (size_t)x;
            const bool inside = x >= p->x0 && x < p->x1 && y >= p->y0 && y < p->y1;
            const bool near = x >= p->x0 - GUARD && x < p->x1 + GUARD && y >= p->y0 - GUARD && y < p->y1 + GUARD;
            const bool of_thing = inside && (p->is_spot || over(field, k, low_q4));
            if (near && !of_thing)
                continue;
            plane_sums *sums = of_thing ? in : out;
            add_to_plane(&sums[0], x - cx, y - cy, field->now[k]);
            add_to_plane(&sums[1], x - cx, y - cy, field->aligned[k]);
            *(of_thing ? &residual_in : &residual_out) +=
                field->residual[k] < 0 ? -field->residual[k] : field->residual[k];
        }
    if (in[0].n == 0 || out[0].n == 0)
        return;
    double above[2], texture[2];
    for (int i = 0; i < 2; i++) {
        double level, gx, gy;
        fit_plane(&level, &gx, &gy, &texture[i], &out[i]);
        above[i] = (in[i].v - in[i].x * gx - in[i].y * gy) / in[i].n - level;
    }
    p->now_contrast = above[0] / 256;
    p->background_contrast = above[1] / 256;
    p->saliency = fabs(above[0]) / (texture[0] + 256 * least_texture);
    p->activity = (double)residual_in / in[0].n / ((double)residual_out / out[0].n + 256 * least_activity);
}

/* ---- spots ---- */

static int64_t box_sum(const int64_t *table, size_t stride, int32_t x0, int32_t y0, int32_t x1, int32_t y1) {
    const int64_t *top = table + (size_t)y0 * stride, *bottom = table + (size_t)y1 * stride;
    return bottom[x1] - bottom[x0] - top[x1] + top[x0];
}

static void fill_table(sv_blob_finder *f, const sv_field2d *field) {
    const size_t stride = (size_t)field->width + 1;
    for (int32_t y = 0; y < field->height; y++) {
        const uint16_t *row = field->now + (size_t)y * (size_t)field->width;
        int64_t *sum = f->table + (size_t)y * stride;
        int64_t s = 0;
        for (int32_t x = 0; x < field->width; x++) {
            s += row[x] >> 4;
            sum[stride + (size_t)x + 1] = sum[(size_t)x + 1] + s;
        }
    }
}

static const int32_t spot_half[] = {1, 2, 4}; /* px; a square of 2 half + 1 */
enum { SPOT_SCALES = sizeof spot_half / sizeof *spot_half, SPOT_GUARD = 1, SPOT_RING = 5 };

/* Quick look: the centre is above or below the pixels on all four sides of the frame. */
static bool stands_out(const uint16_t *centre, ptrdiff_t width, int32_t reach) {
    const int32_t c = centre[0], least = (int32_t)(256 * least_spot / 2);
    const int32_t a = centre[-reach], b = centre[reach], d = centre[-reach * width], e = centre[reach * width];
    return (c > a + least && c > b + least && c > d + least && c > e + least) ||
           (c < a - least && c < b - least && c < d - least && c < e - least);
}

/* Contrast of a square to the frame around it over that frame's texture, in sixteenths; 0 below the least contrast. */
static int32_t spot_response(const sv_blob_finder *f, const sv_field2d *field, int32_t x, int32_t y, int32_t half) {
    const size_t stride = (size_t)field->width + 1;
    const int32_t guard = half + SPOT_GUARD, out = half + SPOT_RING;
    const int64_t *t = f->table;
    const int64_t in = box_sum(t, stride, x - half, y - half, x + half + 1, y + half + 1);
    const int64_t near = box_sum(t, stride, x - guard, y - guard, x + guard + 1, y + guard + 1);
    const int64_t sum = box_sum(t, stride, x - out, y - out, x + out + 1, y + out + 1) - near;
    const int64_t n_in = (2 * half + 1) * (2 * half + 1);
    const int64_t n = (2 * out + 1) * (2 * out + 1) - (2 * guard + 1) * (2 * guard + 1);
    const int64_t d = in * n - sum * n_in; /* contrast times n n_in, in sixteenths of a level */
    const double contrast = (double)(d < 0 ? -d : d) / ((double)n * (double)n_in);
    if (contrast < 16 * least_spot)
        return 0;
    plane_sums ring = {0};
    for (int32_t v = -out; v <= out; v++)
        for (int32_t u = -out; u <= out; u++)
            if (u < -guard || u > guard || v < -guard || v > guard)
                add_to_plane(&ring, u, v, field->now[(size_t)(y + v) * (size_t)field->width + (size_t)(x + u)]);
    double level, gx, gy, texture;
    fit_plane(&level, &gx, &gy, &texture, &ring);
    const double response = 16 * contrast / (texture / 16 + 16 * least_texture);
    return response > 65535 ? 65535 : (int32_t)response;
}

static void spot_map(sv_blob_finder *f, const sv_field2d *field) {
    const size_t n = (size_t)field->width * (size_t)field->height;
    for (size_t k = 0; k < n; k++)
        f->response[k] = 0;
    for (int s = 0; s < SPOT_SCALES; s++) {
        const int32_t half = spot_half[s], out = half + SPOT_RING;
        for (int32_t y = out; y < field->height - out; y++)
            for (int32_t x = out; x < field->width - out; x++) {
                const size_t k = (size_t)y * (size_t)field->width + (size_t)x;
                if (!stands_out(field->now + k, field->width, half + SPOT_GUARD + 2))
                    continue;
                const int32_t r = spot_response(f, field, x, y, half);
                if (r > f->response[k]) {
                    f->response[k] = (uint16_t)r;
                    f->scale[k] = (uint8_t)s;
                }
            }
    }
}

static bool is_top(const sv_blob_finder *f, const sv_field2d *field, int32_t x, int32_t y) {
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
static void measure_spot(sv_patch2d *p, const sv_blob_finder *f, const sv_field2d *field, int32_t x, int32_t y) {
    const size_t k = (size_t)y * (size_t)field->width + (size_t)x;
    const int32_t half = spot_half[f->scale[k]];
    *p = (sv_patch2d){.x0 = x - half, .y0 = y - half, .x1 = x + half + 1, .y1 = y + half + 1, .is_spot = true};
    compare_rings(p, field, 0);
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

/* A spot on a blob is the blob. */
static bool on_blob(const sv_blob_finder *f, size_t n_blobs, const sv_patch2d *spot) {
    for (size_t i = 0; i < n_blobs; i++) {
        const sv_patch2d *p = &f->patch[i];
        if (spot->blob.u_px >= p->x0 - GUARD && spot->blob.u_px < p->x1 + GUARD && spot->blob.v_px >= p->y0 - GUARD &&
            spot->blob.v_px < p->y1 + GUARD)
            return true;
    }
    return false;
}

static void add_spots(sv_blob_finder *f, const sv_field2d *field, const sv_image2d_config *config) {
    const size_t n_blobs = f->n;
    fill_table(f, field);
    spot_map(f, field);
    for (int32_t y = 0; y < field->height; y++)
        for (int32_t x = 0; x < field->width; x++) {
            const size_t k = (size_t)y * (size_t)field->width + (size_t)x;
            if (f->response[k] < 16 * config->spot_snr || f->n == f->run_cap || !is_top(f, field, x, y))
                continue;
            measure_spot(&f->patch[f->n], f, field, x, y);
            if (!on_blob(f, n_blobs, &f->patch[f->n]))
                f->n++;
        }
}

static bool stronger(const void *a, const void *b, void *user) {
    const sv_patch2d *p = a, *q = b;
    (void)user;
    return p->blob.snr > q->blob.snr;
}

static bool more_salient(const void *a, const void *b, void *user) {
    const sv_patch2d *p = a, *q = b;
    (void)user;
    return p->saliency > q->saliency;
}

void sv_blob_finder_run(sv_blob_finder *f, const sv_field2d *field, const sv_image2d_config *config) {
    const int32_t low_q4 = (int32_t)(config->snr_low * 16), high_q4 = (int32_t)(config->snr_high * 16);
    find_runs(f, field, low_q4);
    join_runs(f, field->height);
    sum_blobs(f, field, high_q4);
    sv_sort(f->patch, f->n, sizeof *f->patch, stronger, NULL, f->spare);
    if (f->n > (size_t)config->max_blobs)
        f->n = (size_t)config->max_blobs;
    for (size_t i = 0; i < f->n; i++)
        compare_rings(&f->patch[i], field, low_q4);
    add_spots(f, field, config);
    sv_sort(f->patch, f->n, sizeof *f->patch, more_salient, NULL, f->spare);
    if (f->n > (size_t)config->max_blobs)
        f->n = (size_t)config->max_blobs;
}
