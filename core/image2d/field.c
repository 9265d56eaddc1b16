#include <core/image2d/field.h>
#include <skyvox/math.h>
#include <stdlib.h>
#include <string.h>

enum {
    NOISE_SHIFT = 5,   /* noise is averaged over about 32 frames */
    NOISE_CELL = 8,    /* px; a pixel is judged by its surroundings */
    OWN_NOISE = 11,    /* sixteenths; and by this share of its own past, which may be the target itself */
    HELD_SLOWER = 32,  /* a pixel under a track learns this much slower */
    FIRST_NOISE = 256, /* one level before anything is known */
};

static int32_t abs_i32(int32_t a) {
    return a < 0 ? -a : a;
}

static int32_t min_i32(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static int32_t max_i32(int32_t a, int32_t b) {
    return a > b ? a : b;
}

bool sv_field2d_create(sv_field2d *f, const sv_warp_ops *ops, int32_t width, int32_t height, int32_t bit_depth) {
    const size_t n = (size_t)width * (size_t)height;
    *f = (sv_field2d){.width = width, .height = height, .bit_depth = bit_depth, .ops = ops};
    f->now = calloc(n, sizeof *f->now);
    f->background = calloc(n, sizeof *f->background);
    f->aligned = calloc(n, sizeof *f->aligned);
    f->noise = calloc(n, sizeof *f->noise);
    f->residual = calloc(n, sizeof *f->residual);
    f->sigma = calloc(n, sizeof *f->sigma);
    f->held = calloc(n, sizeof *f->held);
    f->spare = calloc(n, sizeof *f->spare);
    return f->now && f->background && f->aligned && f->noise && f->residual && f->sigma && f->held && f->spare;
}

void sv_field2d_destroy(sv_field2d *f) {
    free(f->now);
    free(f->background);
    free(f->aligned);
    free(f->noise);
    free(f->residual);
    free(f->sigma);
    free(f->held);
    free(f->spare);
}

void sv_field2d_load(sv_field2d *f, const sv_frame *frame) {
    const int shift = 16 - f->bit_depth;
    uint16_t *out = f->now;
    for (int32_t y = 0; y < f->height; y++, out += f->width) {
        const unsigned char *row = (const unsigned char *)frame->pixels + frame->pitch * y;
        const uint16_t *wide = (const uint16_t *)(const void *)row;
        for (int32_t x = 0; x < f->width; x++)
            out[x] = (uint16_t)((f->bit_depth > 8 ? wide[x] : row[x]) << shift);
    }
}

/* ---- residual ---- */

/* 3 x 3 binomial of frame - aligned background; the border repeats. */
static void smooth_row(sv_field2d *f, int32_t y) {
    const size_t w = (size_t)f->width;
    const size_t r[3] = {(size_t)max_i32(y - 1, 0) * w, (size_t)y * w, (size_t)min_i32(y + 1, f->height - 1) * w};
    int32_t left = 0, centre = 0;
    for (int32_t x = 0; x <= f->width; x++) {
        const size_t k = (size_t)min_i32(x, f->width - 1);
        int32_t right = 0;
        for (int i = 0; i < 3; i++)
            right += (i == 1 ? 2 : 1) * ((int32_t)f->now[r[i] + k] - f->aligned[r[i] + k]);
        if (x == 0)
            centre = right;
        else
            f->residual[r[1] + (size_t)x - 1] =
                (int16_t)max_i32(-32767, min_i32(32767, (left + 2 * centre + right) / 16));
        left = centre;
        centre = right;
    }
}

/* Mean noise of every cell, spread over its pixels: `spare`. */
static void noise_cells(sv_field2d *f) {
    for (int32_t cy = 0; cy < f->height; cy += NOISE_CELL)
        for (int32_t cx = 0; cx < f->width; cx += NOISE_CELL) {
            const int32_t x1 = min_i32(cx + NOISE_CELL, f->width), y1 = min_i32(cy + NOISE_CELL, f->height);
            int32_t sum = 0;
            for (int32_t y = cy; y < y1; y++)
                for (int32_t x = cx; x < x1; x++)
                    sum += f->noise[(size_t)y * (size_t)f->width + (size_t)x];
            const uint16_t mean = (uint16_t)(sum / ((x1 - cx) * (y1 - cy)));
            for (int32_t y = cy; y < y1; y++)
                for (int32_t x = cx; x < x1; x++)
                    f->spare[(size_t)y * (size_t)f->width + (size_t)x] = mean;
        }
}

/* Steepness of the background: what half a pixel of misfit changes. */
static int32_t misfit(const sv_field2d *f, int32_t x, int32_t y) {
    const size_t w = (size_t)f->width, k = (size_t)y * w + (size_t)x;
    const int32_t dx = x > 0 && x < f->width - 1 ? abs_i32((int32_t)f->background[k + 1] - f->background[k - 1]) : 0;
    const int32_t dy = y > 0 && y < f->height - 1 ? abs_i32((int32_t)f->background[k + w] - f->background[k - w]) : 0;
    return max_i32(dx, dy) / 4;
}

void sv_field2d_compare(sv_field2d *f, const sv_image2d_config *config, bool moves) {
    const int32_t least = (int32_t)(config->noise_floor_dn * 256);
    noise_cells(f);
    for (int32_t y = 0; y < f->height; y++) {
        smooth_row(f, y);
        for (int32_t x = 0; x < f->width; x++) {
            const size_t k = (size_t)y * (size_t)f->width + (size_t)x;
            /* Mean |x| of a Gaussian is 0.8 sigma. */
            int32_t sigma = max_i32(f->noise[k] * OWN_NOISE / 16, f->spare[k]) * 5 / 4;
            if (moves)
                sigma += misfit(f, x, y);
            f->sigma[k] = (uint16_t)min_i32(65535, max_i32(sigma, least));
        }
    }
}

/* ---- learning ---- */

void sv_field2d_learn(sv_field2d *f, int32_t warmup, int32_t gain) {
    const size_t n = (size_t)f->width * (size_t)f->height;
    if (f->n_learned == 0) {
        memcpy(f->background, f->now, n * sizeof *f->now);
        for (size_t k = 0; k < n; k++)
            f->noise[k] = FIRST_NOISE;
        f->n_learned = 1;
        return;
    }
    const bool young = f->n_learned < warmup;
    if (young) {
        f->n_learned++;
        gain = max_i32(gain, 65536 / f->n_learned);
    }
    for (size_t k = 0; k < n; k++) {
        const int32_t seen = abs_i32(f->residual[k]), noise = f->noise[k];
        const int32_t g = f->held[k] ? gain / HELD_SLOWER : gain;
        /* A step is clipped at a few sigmas, so a passing target leaves no trail; rounding to nearest. */
        const int32_t limit = young ? 65535 : 3 * f->sigma[k];
        const int32_t d = (int32_t)f->now[k] - f->aligned[k];
        const int64_t step = (int64_t)max_i32(-limit, min_i32(limit, d)) * g;
        f->background[k] = (uint16_t)(f->background[k] + (int32_t)((step + (step < 0 ? -32768 : 32768)) / 65536));
        if (!f->held[k])
            f->noise[k] = (uint16_t)(noise + (min_i32(seen, 4 * noise + 32) - noise) / (1 << NOISE_SHIFT));
    }
}

/* ---- motion ---- */

static void shift_plane(uint16_t *out, const uint16_t *in, const uint16_t *fresh, int32_t constant, const sv_field2d *f,
                        int32_t du, int32_t dv) {
    for (int32_t y = 0; y < f->height; y++)
        for (int32_t x = 0; x < f->width; x++) {
            const int32_t sx = x - du, sy = y - dv;
            const size_t k = (size_t)y * (size_t)f->width + (size_t)x;
            if (sx >= 0 && sy >= 0 && sx < f->width && sy < f->height)
                out[k] = in[(size_t)sy * (size_t)f->width + (size_t)sx];
            else
                out[k] = fresh ? fresh[k] : (uint16_t)constant;
        }
}

void sv_field2d_shift(sv_field2d *f, int32_t du, int32_t dv) {
    uint16_t *old = f->background;
    shift_plane(f->spare, old, f->now, 0, f, du, dv);
    f->background = f->spare;
    f->spare = old;
    old = f->noise;
    shift_plane(f->spare, old, NULL, 2 * FIRST_NOISE, f, du, dv);
    f->noise = f->spare;
    f->spare = old;
}

/* ---- sub-pixel motion ---- */

/* In 2^-32 px. */
static int64_t fine(double px) {
    return sv_round_i64(px * 4294967296.0);
}

/* out(p) = in(p - way(p)); the way of a small warp back is minus the way forth. */
static void warp_plane(uint16_t *out, const uint16_t *in, const sv_field2d *f, const sv_warp2d *w) {
    const double cx = (f->width - 1) / 2.0, cy = (f->height - 1) / 2.0;
    const ptrdiff_t pitch = f->width * (ptrdiff_t)sizeof *in;
    const sv_warp_image image = {.pixels = in, .pitch = pitch, .width = f->width, .height = f->height};
    const sv_warp_map map = {.u0 = fine(-w->u + w->zoom * cx - w->turn * cy),
                             .v0 = fine(-w->v + w->turn * cx + w->zoom * cy),
                             .ux = fine(1 - w->zoom),
                             .uy = fine(w->turn),
                             .vx = fine(-w->turn),
                             .vy = fine(1 - w->zoom)};
    f->ops->affine(out, pitch, f->width, &image, &map, 0, f->height);
}

void sv_field2d_align(sv_field2d *f, const sv_warp2d *warp) {
    if (warp->u != 0 || warp->v != 0 || warp->zoom != 0 || warp->turn != 0)
        warp_plane(f->aligned, f->background, f, warp);
    else
        memcpy(f->aligned, f->background, (size_t)f->width * (size_t)f->height * sizeof *f->aligned);
}

void sv_field2d_warp(sv_field2d *f, const sv_warp2d *warp) {
    uint16_t *old = f->background;
    warp_plane(f->spare, old, f, warp);
    f->background = f->spare;
    f->spare = old;
    old = f->noise;
    warp_plane(f->spare, old, f, warp);
    f->noise = f->spare;
    f->spare = old;
}

void sv_field2d_forget(sv_field2d *f, int32_t x0, int32_t y0, int32_t x1, int32_t y1) {
    for (int32_t y = max_i32(y0, 0); y < min_i32(y1, f->height); y++)
        for (int32_t x = max_i32(x0, 0); x < min_i32(x1, f->width); x++) {
            const size_t k = (size_t)y * (size_t)f->width + (size_t)x;
            f->background[k] = f->now[k];
        }
}
