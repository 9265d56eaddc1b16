#include <core/detect/noise.h>
#include <skyvox/camera.h>
#include <stdlib.h>
#include <string.h>

enum {
    MEMORY = 16, /* frames over which a cell's noise is averaged */
    CELLS_ACROSS = SV_DETECT_BLOCK_W / SV_DETECT_CELL,
    CELLS_DOWN = SV_DETECT_BLOCK_H / SV_DETECT_CELL,
};

/* Root sum of squares of the kernels of D0 and D1 over 16, per unit of residual: exact, docs/MATH.md 2.2. */
static const double kernel_norm[SV_DETECT_SCALES] = {0.3477509616040469, 0.11124671502567574};
static const double kernel_gain = 16;
static const double quantisation_sigma =
    0.28867513459481287;            /* 1 / sqrt(12) DN: a sensor that shows no noise has this */
static const double clip_sigma = 2; /* |D| beyond it counts as this much: a target barely raises its cell's noise */
static const double clipped_mean = 0.7809034; /* E min(|x|, 2) of a unit Gaussian */
static const double sudden = 0.7;             /* a cell's noise of this very frame counts from this share on */
static const double scene_change = 1.8;       /* the mean noise grew by this factor between two frames: learn anew */

static int32_t div_up(int32_t a, int32_t b) {
    return (a + b - 1) / b;
}

static int32_t min_i32(int32_t a, int32_t b) {
    return a < b ? a : b;
}

sv_status sv_noise_init(sv_noise *noise, const sv_camera *camera) {
    *noise = (sv_noise){.camera = camera,
                        .cells_x = div_up(camera->width, SV_DETECT_CELL),
                        .cells_y = div_up(camera->height, SV_DETECT_CELL),
                        .blocks_x = div_up(camera->width, SV_DETECT_BLOCK_W)};
    noise->sigma = calloc(sv_noise_n_cells(noise) * SV_DETECT_SCALES + 1, sizeof *noise->sigma);
    return noise->sigma ? SV_OK : sv_fail(SV_ERR_NOMEM, "detector: out of memory for noise");
}

void sv_noise_fini(sv_noise *noise) {
    free(noise->sigma);
}

sv_status sv_noise_frame_init(sv_noise_frame *frame, size_t n_cells) {
    const size_t n = n_cells * SV_DETECT_SCALES + 1;
    frame->now = calloc(n, sizeof *frame->now);
    frame->next = calloc(n, sizeof *frame->next);
    frame->used = calloc(n, sizeof *frame->used);
    const bool made = frame->now && frame->next && frame->used;
    return made ? SV_OK : sv_fail(SV_ERR_NOMEM, "detector: out of memory for noise");
}

void sv_noise_frame_fini(sv_noise_frame *frame) {
    free(frame->now);
    free(frame->next);
    free(frame->used);
}

size_t sv_noise_n_cells(const sv_noise *noise) {
    return (size_t)noise->cells_x * (size_t)noise->cells_y;
}

size_t sv_noise_index(const sv_noise *noise, int32_t cell_x, int32_t cell_y) {
    return ((size_t)cell_y * (size_t)noise->cells_x + (size_t)cell_x) * SV_DETECT_SCALES;
}

double sv_noise_unit(const sv_camera *camera, int scale) {
    return kernel_gain * kernel_norm[scale] * (1 << sv_detect_shift(camera->bit_depth));
}

double sv_noise_mean_dn(const sv_noise *noise) {
    const size_t n = sv_noise_n_cells(noise);
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += noise->sigma[k * SV_DETECT_SCALES];
    return sum / (sv_noise_unit(noise->camera, 0) * (double)n);
}

/* The block's slot of a cell. */
static size_t slot_of(const sv_noise *noise, int32_t cx, int32_t cy) {
    const size_t block = (size_t)(cy / CELLS_DOWN) * (size_t)noise->blocks_x + (size_t)(cx / CELLS_ACROSS);
    return block * SV_DETECT_BLOCK_CELLS + (size_t)(cy % CELLS_DOWN * CELLS_ACROSS + cx % CELLS_ACROSS);
}

static int32_t to_threshold(double x) {
    return x >= SV_DETECT_NEVER ? SV_DETECT_NEVER : (int32_t)x;
}

void sv_noise_set_thresholds(sv_detect_cell *cell, const sv_noise *noise, const sv_detect_config *config, bool emit) {
    const int32_t polarity = config->polarity[noise->camera->modality];
    for (int32_t cy = 0; cy < noise->cells_y; cy++)
        for (int32_t cx = 0; cx < noise->cells_x; cx++) {
            sv_detect_cell *c = &cell[slot_of(noise, cx, cy)];
            const double *sigma = &noise->sigma[sv_noise_index(noise, cx, cy)];
            for (int s = 0; s < SV_DETECT_SCALES; s++) {
                const int32_t threshold = emit ? to_threshold(config->snr_low * sigma[s]) : SV_DETECT_NEVER;
                c->above[s] = polarity >= 0 ? threshold : SV_DETECT_NEVER;
                c->below[s] = polarity <= 0 ? threshold : SV_DETECT_NEVER;
                c->clip[s] = noise->n_frames > 0 ? to_threshold(clip_sigma * sigma[s] + 0.5) : SV_DETECT_NEVER;
            }
        }
}

static sv_detect_rect cell_rect(const sv_noise *noise, int32_t cx, int32_t cy) {
    const int32_t x = cx * SV_DETECT_CELL, y = cy * SV_DETECT_CELL;
    return (sv_detect_rect){x, y, min_i32(x + SV_DETECT_CELL, noise->camera->width),
                            min_i32(y + SV_DETECT_CELL, noise->camera->height)};
}

/* Terms in a cell's noise sum: the pixels of every other row, or the 2 x 2 blocks they begin. */
static double n_summed(sv_detect_rect r, int scale) {
    const int32_t width = r.x1 - r.x0;
    return (double)(scale == 0 ? width : div_up(width, 2)) * div_up(r.y1 - r.y0, 2);
}

/* Noise of a cell in this frame; a cell cut short by the image border borrows its neighbour's pixels. */
static double cell_noise(const sv_noise *noise, const sv_detect_cell *cell, int32_t cx, int32_t cy, int scale) {
    const sv_detect_rect r = cell_rect(noise, cx, cy);
    double sum = (double)cell[slot_of(noise, cx, cy)].sum[scale], n = n_summed(r, scale);
    const bool narrow = cx > 0 && r.x1 - r.x0 < SV_DETECT_CELL / 2;
    const bool flat = cy > 0 && r.y1 - r.y0 < SV_DETECT_CELL / 2;
    if (narrow || flat) {
        const int32_t nx = cx - narrow, ny = cy - flat;
        sum += (double)cell[slot_of(noise, nx, ny)].sum[scale];
        n += n_summed(cell_rect(noise, nx, ny), scale);
    }
    const double sigma = sum / (n * clipped_mean), least = quantisation_sigma * sv_noise_unit(noise->camera, scale);
    return sigma > least ? sigma : least;
}

/* Candidates are judged by the smoothed noise, or by this frame's where it grew all of a sudden. */
void sv_noise_find(const sv_noise_frame *frame, const sv_noise *noise, const sv_detect_cell *cell, size_t i_row,
                   double excess, bool late) {
    const int32_t first = (int32_t)i_row * CELLS_DOWN, end = min_i32(first + CELLS_DOWN, noise->cells_y);
    const int32_t n = min_i32(noise->n_frames + 1, MEMORY);
    for (int32_t cy = first; cy < end; cy++)
        for (int32_t cx = 0; cx < noise->cells_x; cx++)
            for (int s = 0; s < SV_DETECT_SCALES; s++) {
                const size_t k = sv_noise_index(noise, cx, cy) + (size_t)s;
                const double now = cell_noise(noise, cell, cx, cy, s), before = noise->sigma[k];
                const double usual = late ? before : before + (now / excess - before) / n;
                frame->now[k] = now;
                frame->next[k] = usual;
                frame->used[k] = sudden * now > usual ? sudden * now : usual;
            }
}

bool sv_noise_needs_row_above(const sv_noise *noise, size_t i_row) {
    return i_row > 0 && noise->camera->height - (int32_t)i_row * SV_DETECT_BLOCK_H < SV_DETECT_CELL / 2;
}

bool sv_noise_has_changed(const sv_noise *noise, const sv_noise_frame *frame) {
    const size_t n = sv_noise_n_cells(noise) * SV_DETECT_SCALES;
    double now = 0, before = 0;
    for (size_t k = 0; k < n; k += SV_DETECT_SCALES) {
        now += frame->now[k];
        before += noise->sigma[k];
    }
    return noise->n_frames > 0 && now > scene_change * before;
}

void sv_noise_learn(sv_noise *noise, const sv_noise_frame *frame) {
    memcpy(noise->sigma, frame->next, sv_noise_n_cells(noise) * SV_DETECT_SCALES * sizeof *noise->sigma);
    noise->n_frames = min_i32(noise->n_frames + 1, MEMORY);
}
