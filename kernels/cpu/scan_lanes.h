/*
 * sv_detect_ops.scan over a vector vocabulary (lanes_avx2.h or lanes_avx512.h, included before).
 *
 * Strips of SWEEP columns run down the image two rows at a time, so that everything between the pixels and the hits stays in
 * the first-level cache. All numbers are kept unsigned by a bias of 511 on the residual, 16 x 511 after the first smoothing:
 * then (a + 2b + c + 2) >> 2 is the mean_up of (a + c) >> 1 and b, three instructions.
 *
 * With the pair of residual rows (k, k + 1) come the pairs (k - 1, k) of c1, (k - 3, k - 2) of c2 and (k - 7, k - 6) of c3.
 * So the taps of c2 are c1's pairs 0, 1 and 2 steps ago, those of c3 are c2's pairs 0, 2 and 4 steps ago, and D is formed from
 * c3, c1's pair 3 steps ago and c2's pair 2 steps ago.
 */
#ifndef KERNELS_CPU_SCAN_LANES_H
#define KERNELS_CPU_SCAN_LANES_H

#include <kernels/cpu/detect_pixel.h>
#include <skyvox/detect_ops.h>
#include <string.h>

enum {
    SWEEP = 512,               /* columns: 35 kB of rings */
    VECTORS = SWEEP / LANES + 2, /* one more on either side for the halo of 7 */
    COLUMNS = VECTORS * LANES,
    C1_PAIRS = 4,
    C2_PAIRS = 5,
    AHEAD = SV_DETECT_HALO, /* residual rows before the first row of the strip */
};

/* Two rows that horizontal taps are read from: a vector of slack on either side. */
typedef struct tap_pair {
    _Alignas(64) uint16_t row[2][COLUMNS + 2 * LANES];
} tap_pair;

typedef struct ring_pair {
    _Alignas(64) uint16_t row[2][COLUMNS];
} ring_pair;

/* What one vector of columns is judged by, and its noise sums. */
typedef struct column {
    lanes clip[SV_DETECT_SCALES], limit[SV_DETECT_SCALES], sum[SV_DETECT_SCALES];
} column;

/* A vector with something over a limit; the exact thresholds are looked at later, row by row. */
typedef struct suspect {
    _Alignas(64) int16_t d[SV_DETECT_SCALES][LANES];
    int32_t i_vector;
    uint32_t mask;
} suspect;

typedef struct strip {
    const sv_detect_view *view;
    const sv_detect_blocks *blocks;
    sv_detect_rect rect; /* of the call */
    int32_t x0, x1;      /* of the strip */
    int32_t n;           /* vectors, halo included */

    _Alignas(64) uint16_t last[COLUMNS]; /* newest residual row, and its sum with the row before */
    _Alignas(64) uint16_t last_two[COLUMNS];
    ring_pair c1[C1_PAIRS], c2[C2_PAIRS];
    tap_pair tap1, tap2, tap3; /* vertical part of c1, c2, c3 */
    column column[SWEEP / LANES];
    suspect suspect[2][SWEEP / LANES];
    int32_t n_suspects[2];
    int32_t rows_summed, rows_max; /* in column.sum, before a lane could overflow */

    _Alignas(64) uint16_t pixels[2][COLUMNS]; /* rows at the image's left and right border, repeated beyond */
    _Alignas(64) uint16_t background[2][COLUMNS];
} strip;

/* ---- rows of pixels and background ---- */

typedef struct source {
    const unsigned char *pixels;
    const uint16_t *background;
} source;

/* Columns x.. of a row, those before the first and after the last of `width` repeat it. */
static void repeat_border_u8(uint8_t *out, const uint8_t *row, int x, int width) {
    const int left = max_int(0, -x), end = min_int(COLUMNS, width - x);
    memset(out, row[0], (size_t)left);
    memcpy(out + left, row + x + left, (size_t)(end - left));
    memset(out + end, row[width - 1], (size_t)(COLUMNS - end));
}

static void repeat_border_u16(uint16_t *out, const uint16_t *row, int x, int width) {
    const int left = max_int(0, -x), end = min_int(COLUMNS, width - x);
    for (int j = 0; j < left; j++)
        out[j] = row[0];
    memcpy(out + left, row + x + left, (size_t)(end - left) * sizeof *out);
    for (int j = end; j < COLUMNS; j++)
        out[j] = row[width - 1];
}

/* Image row y, repeated beyond the image; `i` chooses the copy where the strip leaves the image sideways. */
static source source_row(strip *s, int y, int i) {
    const sv_detect_view *view = s->view;
    const int row = max_int(0, min_int(y, view->height - 1)), x = s->x0 - LANES, size = view->bit_depth == 8 ? 1 : 2;
    const unsigned char *pixels = (const unsigned char *)view->pixels + row * view->pitch;
    const uint16_t *background = view->background + (size_t)row * (size_t)view->width;
    if (x >= 0 && x + s->n * LANES <= view->width)
        return (source){pixels + x * size, background + x};
    if (size == 1)
        repeat_border_u8((uint8_t *)s->pixels[i], pixels, x, view->width);
    else
        repeat_border_u16(s->pixels[i], (const uint16_t *)(const void *)pixels, x, view->width);
    repeat_border_u16(s->background[i], background, x, view->width);
    return (source){(const unsigned char *)s->pixels[i], s->background[i]};
}

/* ---- residual and the first vertical taps ---- */

/* The three ways to a residual of frame and background; see residual() for what they equal. */
typedef enum pixel_kind {
    KIND_8,  /* 8 bit */
    KIND_12, /* 9 to 12 bit: doubled */
    KIND_14, /* 13 and 14 bit */
    KIND_16, /* 15 and 16 bit: background without rounding */
} pixel_kind;

static pixel_kind kind_of(int bit_depth) {
    return bit_depth == 8 ? KIND_8 : bit_depth <= 12 ? KIND_12 : bit_depth <= 14 ? KIND_14 : KIND_16;
}

/* Residual + 511. Half the divisor minus 2 makes mean_up round as residual() does: (m + half - 1) >> down. */
static inline lanes biased_residual(source from, int j, pixel_kind kind, int down, lanes half_less_2) {
    const lanes top = splat(RESIDUAL_MAX);
    const lanes m = load_any(from.background + j);
    if (kind == KIND_16) {
        const lanes f = load_any(from.pixels + 2 * j), q = shift_right_by(m, down);
        return sub(add(top, least(sub_to_zero(f, q), top)), least(sub_to_zero(q, f), top));
    }
    lanes f, q = mean_up(m, half_less_2);
    if (kind == KIND_8) {
        f = load_bytes(from.pixels + j);
        f = add(f, f);
        f = add(top, add(f, f));
        q = SHIFT_RIGHT(q, 5);
    } else {
        f = load_any(from.pixels + 2 * j);
        if (kind == KIND_12)
            f = add_to_top(f, f);
        f = add_to_top(f, top);
        q = shift_right_by(q, down - 1);
    }
    return least(sub_to_zero(f, q), add(top, top));
}

static inline void residual_rows(strip *s, source a, source b, pixel_kind kind, int down) {
    const lanes half_less_2 = splat((1 << down >> 1) - 2);
    for (int j = 0; j < s->n * LANES; j += LANES) {
        const lanes r0 = biased_residual(a, j, kind, down, half_less_2);
        const lanes r1 = biased_residual(b, j, kind, down, half_less_2);
        const lanes across = add(load(s->last + j), r0), both = add(r0, r1);
        store(s->tap1.row[0] + LANES + j, add(load(s->last_two + j), across));
        store(s->tap1.row[1] + LANES + j, add(across, both));
        store(s->last + j, r1);
        store(s->last_two + j, both);
    }
}

static void residual_pair(strip *s, int y) {
    const source a = source_row(s, y, 0), b = source_row(s, y + 1, 1);
    const int bits = s->view->bit_depth, down = 16 - bits - sv_detect_shift(bits);
    switch (kind_of(bits)) {
    case KIND_8: residual_rows(s, a, b, KIND_8, 6); break;
    case KIND_12: residual_rows(s, a, b, KIND_12, down); break;
    case KIND_14: residual_rows(s, a, b, KIND_14, down); break;
    case KIND_16: residual_rows(s, a, b, KIND_16, down); break;
    }
}

/* ---- smoothings ---- */

static inline lanes quarter(lanes a, lanes b, lanes c) {
    return mean_up(SHIFT_RIGHT(add(a, c), 1), b);
}

static inline lanes taps_1(const uint16_t *p) {
    const lanes b = load(p);
    return add(add(load_any(p - 1), load_any(p + 1)), add(b, b));
}

static inline lanes taps(const uint16_t *p, int distance) {
    return quarter(load_any(p - distance), load(p), load_any(p + distance));
}

/* c1, and the vertical part of c2. */
static void smooth_first(strip *s, int i_step) {
    ring_pair *c1 = &s->c1[i_step % C1_PAIRS];
    const ring_pair *ago1 = &s->c1[(i_step - 1) % C1_PAIRS], *ago2 = &s->c1[(i_step - 2) % C1_PAIRS];
    for (int j = 0; j < s->n * LANES; j += LANES)
        for (int i = 0; i < 2; i++) {
            const lanes now = taps_1(s->tap1.row[i] + LANES + j);
            store(c1->row[i] + j, now);
            store(s->tap2.row[i] + LANES + j, quarter(now, load(ago1->row[i] + j), load(ago2->row[i] + j)));
        }
}

/* c2, and the vertical part of c3. */
static void smooth_second(strip *s, int i_step) {
    ring_pair *c2 = &s->c2[i_step % C2_PAIRS];
    const ring_pair *ago2 = &s->c2[(i_step - 2) % C2_PAIRS], *ago4 = &s->c2[(i_step - 4) % C2_PAIRS];
    for (int j = 0; j < s->n * LANES; j += LANES)
        for (int i = 0; i < 2; i++) {
            const lanes now = taps(s->tap2.row[i] + LANES + j, 2);
            store(c2->row[i] + j, now);
            store(s->tap3.row[i] + LANES + j, quarter(now, load(ago2->row[i] + j), load(ago4->row[i] + j)));
        }
}

/* ---- noise and hits ---- */

/* D of n_rows rows of the pair: noise sums, and vectors with something over a limit set aside. */
static inline void judge_rows(strip *s, int i_step, int n_rows) {
    const ring_pair *c1 = &s->c1[(i_step - 3) % C1_PAIRS], *c2 = &s->c2[(i_step - 2) % C2_PAIRS];
    for (int k = 0; k < s->n - 2; k++) {
        column *c = &s->column[k];
        const lanes clip0 = c->clip[0], clip1 = c->clip[1], limit0 = c->limit[0], limit1 = c->limit[1];
        lanes sum0 = c->sum[0], sum1 = c->sum[1];
        const int j = (k + 1) * LANES;
        for (int i = 0; i < n_rows; i++) {
            const lanes c3 = taps(s->tap3.row[i] + LANES + j, 4);
            const lanes d0 = sub(load(c1->row[i] + j), c3), d1 = sub(load(c2->row[i] + j), c3);
            const lanes a0 = magnitude(d0), a1 = magnitude(d1);
            sum0 = add(sum0, least(a0, clip0));
            sum1 = add(sum1, least(a1, clip1));
            const uint32_t mask = any_over(a0, limit0, a1, limit1);
            if (mask) {
                suspect *found = &s->suspect[i][s->n_suspects[i]++];
                found->i_vector = k;
                found->mask = mask;
                store(found->d[0], d0);
                store(found->d[1], d1);
            }
        }
        c->sum[0] = sum0;
        c->sum[1] = sum1;
    }
}

static size_t block_index(const strip *s, int x, int y) {
    return (size_t)(y - s->rect.y0) / SV_DETECT_BLOCK_H * (size_t)s->blocks->per_row +
           (size_t)(x - s->rect.x0) / SV_DETECT_BLOCK_W;
}

static sv_detect_cell *cell_of(const strip *s, int x, int y) {
    enum { ACROSS = SV_DETECT_BLOCK_W / SV_DETECT_CELL };
    const int row = (y - s->rect.y0) % SV_DETECT_BLOCK_H / SV_DETECT_CELL;
    const int across = (x - s->rect.x0) % SV_DETECT_BLOCK_W / SV_DETECT_CELL;
    return &s->blocks->cell[block_index(s, x, y) * SV_DETECT_BLOCK_CELLS + (size_t)(row * ACROSS + across)];
}

static void list_hit(const strip *s, int x, int y, int d0, int d1) {
    const sv_detect_cell *cell = cell_of(s, x, y);
    if (d0 <= cell->above[0] && d1 <= cell->above[1] && -d0 <= cell->below[0] && -d1 <= cell->below[1])
        return;
    if (x < SV_DETECT_BORDER || x >= s->view->width - SV_DETECT_BORDER)
        return;
    const size_t block = block_index(s, x, y), n = s->blocks->n_hits[block]++;
    if (n < s->blocks->cap)
        s->blocks->hit[block * s->blocks->cap + n] =
            (sv_detect_hit){(uint16_t)x, (uint16_t)y, {(int16_t)d0, (int16_t)d1}};
}

static void list_hits(strip *s, int y, int i) {
    const bool inside = y >= SV_DETECT_BORDER && y < s->view->height - SV_DETECT_BORDER;
    for (int k = 0; inside && k < s->n_suspects[i]; k++) {
        const suspect *found = &s->suspect[i][k];
        const int x = s->x0 + found->i_vector * LANES;
        for (uint32_t mask = found->mask; mask; mask &= mask - 1) {
            const int bit = __builtin_ctz(mask), lane = bit / MASK_BITS_PER_LANE;
            if (bit % MASK_BITS_PER_LANE == 0)
                list_hit(s, x + lane, y, found->d[0][lane], found->d[1][lane]);
        }
    }
    s->n_suspects[i] = 0;
}

/* ---- cells ---- */

/* Columns of the row of cells at y: lanes beyond the strip count nothing and exceed nothing. */
static void enter_cells(strip *s, int y) {
    int clip_max = 1;
    for (int k = 0; k < s->n - 2; k++) {
        const int x = s->x0 + k * LANES;
        const sv_detect_cell *cell = cell_of(s, x, y);
        for (int i = 0; i < SV_DETECT_SCALES; i++) {
            _Alignas(64) int16_t clip[LANES], limit[LANES];
            for (int lane = 0; lane < LANES; lane++) {
                const bool inside = x + lane < s->x1;
                clip[lane] = (int16_t)(inside ? cell->clip[i] : 0);
                limit[lane] = (int16_t)(inside ? min_int(cell->above[i], cell->below[i]) : SV_DETECT_NEVER);
            }
            s->column[k].clip[i] = load(clip);
            s->column[k].limit[i] = load(limit);
            s->column[k].sum[i] = splat(0);
            clip_max = max_int(clip_max, cell->clip[i]);
        }
    }
    /* |D| is at most 32 x 511. */
    s->rows_max = 65535 / min_int(clip_max, 32 * RESIDUAL_MAX);
    s->rows_summed = 0;
}

static void add_up_cells(strip *s, int y) {
    for (int k = 0; k < s->n - 2; k++) {
        sv_detect_cell *cell = cell_of(s, s->x0 + k * LANES, y);
        for (int i = 0; i < SV_DETECT_SCALES; i++) {
            cell->sum[i] += sum_of(s->column[k].sum[i]);
            s->column[k].sum[i] = splat(0);
        }
    }
    s->rows_summed = 0;
}

/* Rows y and, if inside the rectangle, y + 1. */
static void judge_pair(strip *s, int i_step, int y) {
    const int n_rows = min_int(2, s->rect.y1 - y);
    if ((y - s->rect.y0) % SV_DETECT_CELL == 0)
        enter_cells(s, y);
    if (n_rows == 2)
        judge_rows(s, i_step, 2);
    else
        judge_rows(s, i_step, 1);
    for (int i = 0; i < n_rows; i++)
        if (s->n_suspects[i])
            list_hits(s, y + i, i);
    s->rows_summed += n_rows;
    const int end = y + n_rows;
    if (s->rows_summed + 2 > s->rows_max || end == s->rect.y1 || (end - s->rect.y0) % SV_DETECT_CELL == 0)
        add_up_cells(s, y);
}

/* ---- the sweep ---- */

static void sweep(strip *s) {
    enum { FIRST_C1 = 1, FIRST_C2 = 3, FIRST_C3 = 7, ORIGIN = 4 * 5 };
    const int n_steps = FIRST_C3 + (s->rect.y1 - s->rect.y0 + 1) / 2;
    for (int i = 0; i < n_steps; i++) {
        const int y = s->rect.y0 - AHEAD + 2 * i;
        residual_pair(s, y);
        if (i >= FIRST_C1)
            smooth_first(s, i + ORIGIN);
        if (i >= FIRST_C2)
            smooth_second(s, i + ORIGIN);
        if (i >= FIRST_C3)
            judge_pair(s, i + ORIGIN, y - AHEAD);
    }
}

static void clear_results(const sv_detect_blocks *blocks, sv_detect_rect rect) {
    for (int y = rect.y0; y < rect.y1; y += SV_DETECT_BLOCK_H)
        for (int x = rect.x0; x < rect.x1; x += SV_DETECT_BLOCK_W) {
            const size_t b = (size_t)((y - rect.y0) / SV_DETECT_BLOCK_H) * (size_t)blocks->per_row +
                             (size_t)((x - rect.x0) / SV_DETECT_BLOCK_W);
            blocks->n_hits[b] = 0;
            for (int i = 0; i < SV_DETECT_BLOCK_CELLS; i++)
                memset(blocks->cell[b * SV_DETECT_BLOCK_CELLS + (size_t)i].sum, 0, sizeof blocks->cell->sum);
        }
}

static void scan(const sv_detect_blocks *blocks, const sv_detect_view *view, sv_detect_rect rect) {
    strip s;
    s.view = view;
    s.blocks = blocks;
    s.rect = rect;
    memset(s.n_suspects, 0, sizeof s.n_suspects);
    clear_results(blocks, rect);
    for (s.x0 = rect.x0; s.x0 < rect.x1; s.x0 += SWEEP) {
        s.x1 = min_int(s.x0 + SWEEP, rect.x1);
        s.n = (s.x1 - s.x0 + LANES - 1) / LANES + 2;
        sweep(&s);
    }
}

#endif
