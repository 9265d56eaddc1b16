#include <core/image2d/blobs.h>
#include <skyvox/math.h>
#include <stdlib.h>

enum {
    REACH = 2, /* pixels this near belong together: a codec tears holes into a target */
    RING = 4,  /* px around a blob's box that it is compared with */
    PIXELS_PER_RUN = 4,
    MIN_AREA = 3, /* px; less is a twinkle of the codec */
};

/* Sums of a blob, integer: they do not depend on the order of the runs. */
enum { N_PIXELS, WEIGHT, U, V, SIGNED, PEAK, X0, Y0, X1, Y1, SUMS };

bool sv_blob_finder_create(sv_blob_finder *f, int32_t width, int32_t height) {
    *f = (sv_blob_finder){.run_cap = (size_t)width * (size_t)height / PIXELS_PER_RUN};
    f->run = calloc(f->run_cap, sizeof *f->run);
    f->row_start = calloc((size_t)height + 1, sizeof *f->row_start);
    f->patch = calloc(f->run_cap, sizeof *f->patch);
    f->spare = calloc(f->run_cap, sizeof *f->spare);
    f->sum = calloc(f->run_cap * SUMS, sizeof *f->sum);
    return f->run && f->row_start && f->patch && f->spare && f->sum;
}

void sv_blob_finder_destroy(sv_blob_finder *f) {
    free(f->run);
    free(f->row_start);
    free(f->patch);
    free(f->spare);
    free(f->sum);
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

/* Mean of a plane inside the box over the low threshold less its mean on the ring around, below the threshold. */
static void compare_rings(sv_patch2d *p, const sv_field2d *field, int32_t low_q4) {
    int64_t in[2] = {0}, out[2] = {0}, n_in = 0, n_out = 0;
    const int32_t x0 = p->x0 < RING ? 0 : p->x0 - RING, y0 = p->y0 < RING ? 0 : p->y0 - RING;
    for (int32_t y = y0; y < p->y1 + RING && y < field->height; y++)
        for (int32_t x = x0; x < p->x1 + RING && x < field->width; x++) {
            const size_t k = (size_t)y * (size_t)field->width + (size_t)x;
            const bool hit = over(field, k, low_q4);
            const bool inside = x >= p->x0 && x < p->x1 && y >= p->y0 && y < p->y1;
            if (hit && inside) {
                in[0] += field->now[k];
                in[1] += field->background[k];
                n_in++;
            } else if (!hit && !inside) {
                out[0] += field->now[k];
                out[1] += field->background[k];
                n_out++;
            }
        }
    if (n_in == 0 || n_out == 0)
        return;
    p->now_contrast = ((double)in[0] / (double)n_in - (double)out[0] / (double)n_out) / 256;
    p->background_contrast = ((double)in[1] / (double)n_in - (double)out[1] / (double)n_out) / 256;
}

static bool stronger(const void *a, const void *b, void *user) {
    const sv_patch2d *p = a, *q = b;
    (void)user;
    return p->blob.snr > q->blob.snr;
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
}
