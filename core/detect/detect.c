#include <core/detect/candidates.h>
#include <core/detect/detect.h>
#include <core/detect/noise.h>
#include <math.h>
#include <skyvox/camera.h>
#include <skyvox/math.h>
#include <skyvox/pages.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    HITS_PER_BLOCK = 512, /* ten times what noise alone gives at 3 sigma */
    RAISES_MAX = 24,      /* of a flooded block's thresholds by a half: beyond any SNR a residual can have */
    YOUNG_LEAST = 7,      /* frames of the warm-up, beside the first, that every row learns */
    NOISE_FIRST = 4,      /* the warm-up's last frames, by which noise is known well enough */
    SCAN_BLOCKS = 3, /* blocks scanned before the background behind them is learned, still in the second-level cache */
};

static const double fine_below_dn = 2;  /* cameras this quiet are looked at by the parts of a DN, docs/MATH.md 2.2 */
static const double learn_limit = 0.15; /* clip of the background's step, in pixel sigmas: what hides a target slowly */

typedef struct camera_state {
    const sv_camera *camera;
    sv_background background;
    sv_noise noise;
    int32_t n_seen; /* frames learned since the last start, stops at the warm-up's end */
    int32_t phase;  /* rows whose turn it is to learn */
    int32_t blocks_x, blocks_y;
} camera_state;

struct sv_detector {
    const sv_config *config;
    sv_detect_ops ops;
    sv_centroid_ops centroid_ops;
    sv_cluster_ops cluster_ops;
    sv_team *team;
    camera_state *state; /* [n_cameras] */

    /* Scratch, sized for the largest camera. */
    sv_detect_hit *hit;   /* [blocks][HITS_PER_BLOCK] */
    size_t *n_hits;       /* [blocks] */
    sv_detect_cell *cell; /* [blocks][SV_DETECT_BLOCK_CELLS] */
    int32_t *limit;       /* [cells] of the background's step */
    sv_noise_frame noise;
    atomic_int *met; /* [rows of blocks] of a row and the next, how many are scanned */
    sv_candidates *candidates;
};

/* One frame's work, what the team's blocks share. */
typedef struct job {
    sv_detector *detector;
    camera_state *state;
    sv_detect_view view;
    const sv_frame *frame;
    int32_t period, phase, gain; /* of learning; period 0: none */
    double excess;               /* of this frame's noise over that with the background at the warm-up's end */
    sv_candidates_input input;
    bool candidates; /* are looked for */
    bool begun;      /* the blocks are handed over, for candidates or for edges */
    bool late;
} job;

static int32_t div_up(int32_t a, int32_t b) {
    return (a + b - 1) / b;
}

static int32_t min_i32(int32_t a, int32_t b) {
    return a < b ? a : b;
}

/* ---- creation ---- */

static bool has_images(const sv_camera *camera) {
    return camera->width > 0 && camera->height > 0;
}

static size_t n_blocks(const camera_state *state) {
    return (size_t)state->blocks_x * (size_t)state->blocks_y;
}

static bool create_camera(camera_state *state, const sv_camera *camera) {
    state->camera = camera;
    if (!has_images(camera))
        return true;
    state->blocks_x = div_up(camera->width, SV_DETECT_BLOCK_W);
    state->blocks_y = div_up(camera->height, SV_DETECT_BLOCK_H);
    const size_t n = (size_t)camera->width * (size_t)camera->height;
    uint8_t *memory = sv_pages_alloc(2 * n);
    if (memory)
        state->background = sv_background_in(memory, n, camera->bit_depth);
    return sv_noise_init(&state->noise, camera) == SV_OK && memory;
}

static bool create_scratch(sv_detector *d) {
    size_t blocks = 1, rows = 1;
    for (int32_t i = 0; i < d->config->n_cameras; i++) {
        const camera_state *state = &d->state[i];
        if (n_blocks(state) > blocks)
            blocks = n_blocks(state);
        if ((size_t)state->blocks_y > rows)
            rows = (size_t)state->blocks_y;
    }
    d->hit = calloc(blocks * HITS_PER_BLOCK, sizeof *d->hit);
    d->n_hits = calloc(blocks, sizeof *d->n_hits);
    d->cell = calloc(blocks * SV_DETECT_BLOCK_CELLS, sizeof *d->cell);
    d->limit = calloc(blocks * SV_DETECT_BLOCK_CELLS, sizeof *d->limit);
    d->met = calloc(rows, sizeof *d->met);
    return d->hit && d->n_hits && d->cell && d->limit && d->met &&
           sv_noise_frame_init(&d->noise, blocks * SV_DETECT_BLOCK_CELLS) == SV_OK &&
           sv_candidates_create(&d->candidates, d->config, &d->ops, &d->centroid_ops, &d->cluster_ops, d->team, blocks,
                                HITS_PER_BLOCK) == SV_OK;
}

static bool create_parts(sv_detector *d) {
    d->state = calloc((size_t)d->config->n_cameras + 1, sizeof *d->state);
    if (!d->state)
        return false;
    for (int32_t i = 0; i < d->config->n_cameras; i++)
        if (!create_camera(&d->state[i], &d->config->camera[i]))
            return false;
    return create_scratch(d);
}

sv_status sv_detector_create(sv_detector **out, const sv_config *config, const sv_backend *backend, sv_team *team) {
    *out = NULL;
    sv_detector *d = calloc(1, sizeof *d);
    if (!d)
        return sv_fail(SV_ERR_NOMEM, "detector: out of memory");
    d->config = config;
    d->ops = backend->detect;
    d->centroid_ops = backend->centroid;
    d->cluster_ops = backend->cluster;
    d->team = team;
    if (!create_parts(d)) {
        sv_detector_destroy(d);
        return sv_fail(SV_ERR_NOMEM, "detector: out of memory for the backgrounds of %d cameras", config->n_cameras);
    }
    *out = d;
    return SV_OK;
}

void sv_detector_destroy(sv_detector *d) {
    if (!d)
        return;
    for (int32_t i = 0; d->state && i < d->config->n_cameras; i++) {
        free(sv_background_memory(&d->state[i].background));
        sv_noise_fini(&d->state[i].noise);
    }
    free(d->state);
    free(d->hit);
    free(d->n_hits);
    free(d->cell);
    free(d->limit);
    sv_noise_frame_fini(&d->noise);
    free(d->met);
    sv_candidates_destroy(d->candidates);
    free(d);
}

/* ---- units and blocks ---- */

static sv_detect_rect block_rect(const camera_state *state, size_t i_block) {
    const int32_t x = (int32_t)(i_block % (size_t)state->blocks_x) * SV_DETECT_BLOCK_W;
    const int32_t y = (int32_t)(i_block / (size_t)state->blocks_x) * SV_DETECT_BLOCK_H;
    return (sv_detect_rect){x, y, min_i32(x + SV_DETECT_BLOCK_W, state->camera->width),
                            min_i32(y + SV_DETECT_BLOCK_H, state->camera->height)};
}

/* ---- the warm-up ---- */

static int32_t warmup_frames(const sv_detector *d) {
    return d->config->detect.warmup_frames > 2 ? d->config->detect.warmup_frames : 2;
}

/* Every which row learns in a frame: fewer where the background has fewer fraction bits, so that slow steps count. */
static int32_t learn_period(int32_t bit_depth) {
    return bit_depth <= 8 ? 4 : bit_depth <= 12 ? 8 : 32;
}

/* The same of a young background: it need not be smoother than the steps that follow will leave it. */
static int32_t young_period(const job *j) {
    const int32_t enough = warmup_frames(j->detector) / YOUNG_LEAST;
    const int32_t period = min_i32(learn_period(j->state->camera->bit_depth) / learn_period(8), enough);
    return period > 1 ? period : 1;
}

/* Frames that a pixel of a young background is the mean of, on average. */
static double frames_in_mean(const job *j, int32_t n_seen) {
    return 1 + (double)(n_seen - 1) / young_period(j);
}

/* A mean of n frames adds 1/n to the residual's variance: what counts is the end of the warm-up. */
static double excess_noise(const job *j) {
    const double now = frames_in_mean(j, j->state->n_seen), then = frames_in_mean(j, warmup_frames(j->detector));
    return sqrt((1 + 1 / now) / (1 + 1 / then));
}

/* ---- scan: filters, noise, hits ---- */

static int32_t raise(int32_t threshold) {
    const double raised = 1.5 * threshold + 1;
    return raised >= SV_DETECT_NEVER ? SV_DETECT_NEVER : (int32_t)raised;
}

static sv_detect_blocks blocks_from(const job *j, size_t i_block) {
    sv_detector *d = j->detector;
    return (sv_detect_blocks){.hit = d->hit + i_block * HITS_PER_BLOCK,
                              .cap = HITS_PER_BLOCK,
                              .n_hits = d->n_hits + i_block,
                              .cell = d->cell + i_block * SV_DETECT_BLOCK_CELLS,
                              .per_row = j->state->blocks_x};
}

/* A block with more hits than slots keeps its strongest: raise its thresholds and look again. */
static void scan_flooded(const job *j, size_t i_block) {
    const sv_detect_blocks block = blocks_from(j, i_block);
    for (int k = 0; *block.n_hits > HITS_PER_BLOCK && k < RAISES_MAX; k++) {
        for (int c = 0; c < SV_DETECT_BLOCK_CELLS; c++)
            for (int s = 0; s < SV_DETECT_SCALES; s++) {
                block.cell[c].above[s] = raise(block.cell[c].above[s]);
                block.cell[c].below[s] = raise(block.cell[c].below[s]);
            }
        j->detector->ops.scan(&block, &j->view, block_rect(j->state, i_block));
    }
}

/* Columns x0 up to x1 of the rows that learn this time; x0 begins a cell. */
static void learn_rect(const job *j, sv_detect_rect rect) {
    for (int32_t y = rect.y0; y < rect.y1;) {
        const int32_t cy = y / SV_DETECT_CELL, end = min_i32((cy + 1) * SV_DETECT_CELL, rect.y1);
        const int32_t *limit =
            j->detector->limit + (size_t)cy * (size_t)j->state->noise.cells_x + rect.x0 / SV_DETECT_CELL;
        j->detector->ops.learn(&j->view, (sv_detect_rect){rect.x0, y, rect.x1, end}, j->period, j->phase, limit,
                               j->gain);
        y = end;
    }
}

/* The rows around the lower border of a row of blocks. */
static void learn_seam(const job *j, size_t i_row) {
    const int32_t y = ((int32_t)i_row + 1) * SV_DETECT_BLOCK_H, height = j->state->camera->height;
    learn_rect(j,
               (sv_detect_rect){0, y - SV_DETECT_HALO, j->state->camera->width, min_i32(y + SV_DETECT_HALO, height)});
}

static void finish_row(const job *j, size_t i_row) {
    const sv_detector *d = j->detector;
    sv_noise_find(&d->noise, &j->state->noise, d->cell, i_row, j->excess, j->late);
    if (j->candidates)
        sv_candidates_take_row(d->candidates, &j->input, (int32_t)i_row);
}

/* A row of blocks or the next is scanned: the border between them is left to the second of the two. */
static void meet(const job *j, size_t i_row) {
    if (atomic_fetch_add(&j->detector->met[i_row], 1) == 0)
        return;
    if (sv_noise_needs_row_above(&j->state->noise, i_row + 1))
        finish_row(j, i_row + 1);
    if (j->period > 0)
        learn_seam(j, i_row);
}

/*
 * One row of blocks, the background learned closely behind. The rows that the blocks above and below may still have to read
 * are left until those have met, the last cell's columns to the next turn.
 */
static void scan_row(void *user, size_t i_row) {
    const job *j = user;
    const camera_state *state = j->state;
    const int32_t width = state->camera->width, height = state->camera->height;
    const size_t first = i_row * (size_t)state->blocks_x;
    sv_detect_rect rect = block_rect(state, first);
    const int32_t y0 = rect.y0 > 0 ? rect.y0 + SV_DETECT_HALO : 0;
    const int32_t y1 = rect.y1 < height ? rect.y1 - SV_DETECT_HALO : height;
    int32_t learned = 0;
    for (int32_t bx = 0; bx < state->blocks_x; bx += SCAN_BLOCKS) {
        const int32_t end = min_i32(bx + SCAN_BLOCKS, state->blocks_x);
        const sv_detect_blocks blocks = blocks_from(j, first + (size_t)bx);
        rect.x0 = bx * SV_DETECT_BLOCK_W;
        rect.x1 = min_i32(end * SV_DETECT_BLOCK_W, width);
        j->detector->ops.scan(&blocks, &j->view, rect);
        for (int32_t b = bx; b < end; b++) {
            scan_flooded(j, first + (size_t)b);
            if (j->begun)
                sv_candidates_take_block(j->detector->candidates, &j->input, first + (size_t)b);
        }
        const int32_t free_to = rect.x1 < width ? rect.x1 - SV_DETECT_CELL : width;
        if (j->period > 0)
            learn_rect(j, (sv_detect_rect){learned, y0, free_to, y1});
        learned = free_to;
    }
    if (!sv_noise_needs_row_above(&state->noise, i_row))
        finish_row(j, i_row);
    if (i_row > 0)
        meet(j, i_row - 1);
    if (i_row + 1 < (size_t)state->blocks_y)
        meet(j, i_row);
}

static void scan(job *j) {
    for (int32_t k = 0; k < j->state->blocks_y; k++)
        atomic_store(&j->detector->met[k], 0);
    sv_team_run(j->detector->team, (size_t)j->state->blocks_y, scan_row, j);
}

/* ---- background ---- */

static void learn_row(void *user, size_t i_row) {
    const job *j = user;
    const int32_t y = (int32_t)i_row * SV_DETECT_BLOCK_H;
    learn_rect(
        j, (sv_detect_rect){0, y, j->state->camera->width, min_i32(y + SV_DETECT_BLOCK_H, j->state->camera->height)});
}

/* The plain mean that a young background is: of the first frame, and of the later ones whose turn a row's was. */
static void set_mean(job *j) {
    const size_t n_cells = sv_noise_n_cells(&j->state->noise);
    const int32_t n = j->state->n_seen;
    j->period = n == 0 ? 1 : young_period(j);
    j->phase = n % j->period;
    j->gain = n == 0 ? 16384 : 16384 / (2 + (n - 1) / j->period);
    for (size_t k = 0; k < n_cells; k++)
        j->detector->limit[k] = 65535;
}

/* Clipped steps, by the noise of the frames before. */
static void set_steps(job *j) {
    const camera_state *state = j->state;
    const size_t n_cells = sv_noise_n_cells(&state->noise);
    j->period = learn_period(state->camera->bit_depth);
    j->phase = state->phase % j->period;
    const double gain = 16384.0 * j->period / (j->detector->config->detect.background_tau_s * state->camera->rate_hz);
    j->gain = gain < 1 ? 1 : gain > 16384 ? 16384 : (int32_t)gain;
    const double background_unit = 1 << (16 - state->camera->bit_depth);
    const double least = 16384.0 / j->gain; /* a full step must move the background by at least one unit */
    for (size_t k = 0; k < n_cells; k++) {
        const double sigma_dn = state->noise.sigma[k * SV_DETECT_SCALES] / sv_noise_unit(state->camera, 0);
        const double limit = learn_limit * sigma_dn * background_unit;
        j->detector->limit[k] = min_i32(65535, (int32_t)(limit > least ? limit : least) + 1);
    }
}

/* One more frame of the mean, without a look at its noise. */
static void add_to_mean(job *j) {
    set_mean(j);
    sv_team_run(j->detector->team, (size_t)j->state->blocks_y, learn_row, j);
    j->state->n_seen++;
}

/* The first frame of a scene is its background. */
static void start_scene(job *j) {
    j->state->n_seen = 0;
    j->state->noise.n_frames = 0;
    add_to_mean(j);
}

/* ---- candidates ---- */

/* What the scan hands over while it goes on; the noise is that of the frames before until a row's own is known. */
static void begin_candidates(job *j, int32_t young) {
    sv_detector *d = j->detector;
    const sv_noise *noise = &j->state->noise;
    memcpy(d->noise.used, noise->sigma, sv_noise_n_cells(noise) * SV_DETECT_SCALES * sizeof *noise->sigma);
    j->input = (sv_candidates_input){.frame = j->frame,
                                     .camera = j->state->camera,
                                     .view = j->view,
                                     .hit = d->hit,
                                     .n_hits = d->n_hits,
                                     .hits_per_block = HITS_PER_BLOCK,
                                     .blocks_x = j->state->blocks_x,
                                     .blocks_y = j->state->blocks_y,
                                     .noise = d->noise.used,
                                     .cells_x = noise->cells_x,
                                     .noise_unit = sv_noise_unit(j->state->camera, 0),
                                     .young = young,
                                     .late = j->late};
    j->begun = true;
    sv_candidates_begin(d->candidates, &j->input);
}

/* Filters, noise, hits and the background; false when there is nothing to look for yet. */
static bool extract(job *j) {
    camera_state *state = j->state;
    const int32_t n_warmup = warmup_frames(j->detector);
    const bool warm = state->n_seen >= n_warmup;
    const bool wanted = j->candidates;
    j->candidates = wanted && warm;
    if (j->late && !warm)
        return false;
    if (state->n_seen == 0) {
        start_scene(j);
        return false;
    }
    if (state->n_seen < n_warmup - NOISE_FIRST) {
        add_to_mean(j);
        return false;
    }
    j->view.fine = sv_noise_mean_dn(&state->noise) < fine_below_dn; /* what is not known yet may be quiet */
    if (j->candidates)
        begin_candidates(j, 0);
    else if (wanted && state->noise.n_frames > 0)
        begin_candidates(j, NOISE_FIRST - 1); /* its first frame knows no noise to tell edges by */
    sv_noise_set_thresholds(j->detector->cell, &state->noise, &j->detector->config->detect, warm);
    j->excess = excess_noise(j);
    if (!j->late && warm)
        set_steps(j);
    else if (!j->late)
        set_mean(j);
    scan(j);
    if (j->late)
        return warm;
    if (warm && sv_noise_has_changed(&state->noise, &j->detector->noise)) {
        start_scene(j); /* another scene: nothing learned holds */
        sv_candidates_forget(j->detector->candidates, j->frame->camera);
        return false;
    }
    sv_noise_learn(&state->noise, &j->detector->noise);
    if (warm)
        state->phase = (state->phase + 1) % j->period;
    else
        state->n_seen++;
    return warm;
}

static job job_of(sv_detector *d, const sv_frame *frame, bool candidates, bool late) {
    camera_state *state = &d->state[frame->camera];
    return (job){.detector = d,
                 .state = state,
                 .candidates = candidates,
                 .late = late,
                 .view = {.pixels = frame->pixels,
                          .pitch = frame->pitch,
                          .background = state->background,
                          .width = frame->width,
                          .height = frame->height,
                          .bit_depth = frame->bit_depth},
                 .frame = frame};
}

sv_status sv_detector_run(sv_detector *d, sv_detection *out, size_t *n_out, const sv_frame *frame, bool late) {
    job j = job_of(d, frame, true, late);
    *n_out = extract(&j) ? sv_candidates_find(d->candidates, out, &j.input) : 0;
    return SV_OK;
}

size_t sv_detector_extract(sv_detector *d, const sv_frame *frame) {
    job j = job_of(d, frame, false, false);
    size_t n = 0;
    const size_t end = extract(&j) ? n_blocks(j.state) : 0;
    for (size_t b = 0; b < end; b++)
        n += d->n_hits[b];
    return n;
}

/* ---- what it has learned ---- */

sv_background sv_detector_background(const sv_detector *d, int32_t camera) {
    return d->state[camera].background;
}

bool sv_detector_is_warm(const sv_detector *d, int32_t camera) {
    return d->state[camera].n_seen >= warmup_frames(d);
}

double sv_detector_noise_dn(const sv_detector *d, int32_t camera, int32_t u, int32_t v) {
    const camera_state *state = &d->state[camera];
    const size_t k = sv_noise_index(&state->noise, u / SV_DETECT_CELL, v / SV_DETECT_CELL);
    return state->noise.sigma[k] / sv_noise_unit(state->camera, 0);
}
