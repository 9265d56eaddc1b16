#include <core/image2d/blobs.h>
#include <math.h>
#include <skyvox/math.h>
#include <stdlib.h>

enum {
    REACH = 2, /* pixels this near belong together: a codec tears holes into a target */
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
    const bool spots = sv_spot_finder_create(&f->spots, width, height);
    return f->run && f->row_start && f->patch && f->spare && f->sum && spots;
}

void sv_blob_finder_destroy(sv_blob_finder *f) {
    free(f->run);
    free(f->row_start);
    free(f->patch);
    free(f->spare);
    free(f->sum);
    sv_spot_finder_destroy(&f->spots);
}

/* ---- runs ---- */

static void find_runs(sv_blob_finder *f, const sv_field2d *field, int32_t low_q4) {
    f->n_runs = 0;
    f->n_pixels = 0;
    for (int32_t y = 0; y < field->height; y++) {
        f->row_start[y] = (int32_t)f->n_runs;
        const size_t row = (size_t)y * (size_t)field->width;
        for (int32_t x = 0; x < field->width; x++) {
            if (!sv_over(field, row + (size_t)x, low_q4))
                continue;
            const int32_t x0 = x;
            while (x < field->width && sv_over(field, row + (size_t)x, low_q4))
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

/* ---- spots ---- */

/* A spot on a blob is the blob. */
static bool on_blob(const sv_blob_finder *f, size_t n_blobs, const sv_patch2d *spot) {
    for (size_t i = 0; i < n_blobs; i++) {
        const sv_patch2d *p = &f->patch[i];
        if (spot->blob.u_px >= p->x0 - SV_PATCH_GUARD && spot->blob.u_px < p->x1 + SV_PATCH_GUARD &&
            spot->blob.v_px >= p->y0 - SV_PATCH_GUARD && spot->blob.v_px < p->y1 + SV_PATCH_GUARD)
            return true;
    }
    return false;
}

static void add_spots(sv_blob_finder *f, const sv_field2d *field, const sv_image2d_config *config) {
    const size_t n_blobs = f->n, n_spots = sv_spots_find(f->patch + f->n, f->run_cap - f->n, &f->spots, field, config);
    for (size_t i = 0; i < n_spots; i++)
        if (!on_blob(f, n_blobs, &f->patch[n_blobs + i]))
            f->patch[f->n++] = f->patch[n_blobs + i];
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
        sv_patch_compare(&f->patch[i], field, low_q4);
    add_spots(f, field, config);
    sv_sort(f->patch, f->n, sizeof *f->patch, more_salient, NULL, f->spare);
    if (f->n > (size_t)config->max_blobs)
        f->n = (size_t)config->max_blobs;
}
