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
    SWEEP = 512,                 /* columns: their rings and the rows to come fit the first-level cache */
    VECTORS = SWEEP / LANES + 2, /* one more on either side for the halo of 7 */
    SLACK = 2, /* vectors beside a row, for what the first and last rounds read and store and nothing uses */
    COLUMNS = (VECTORS + SLACK) * LANES,
    RING_PAIRS = 4,
    ROWS_AHEAD = 4,         /* prefetched */
    AHEAD = SV_DETECT_HALO, /* residual rows before the first row of the strip */
};

typedef struct ring_pair {
    _Alignas(64) uint16_t row[2][COLUMNS + SLACK * LANES];
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
    ring_pair c1[RING_PAIRS], c2[RING_PAIRS], tap2; /* tap2: the vertical part of the newest c2 */
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

/* Row y of image and background, repeated beyond the image, from column x on. */
static source row_at(const sv_detect_view *view, int x, int y) {
    const int row = max_int(0, min_int(y, view->height - 1));
    const unsigned char *pixels = (const unsigned char *)view->pixels + row * view->pitch;
    const uint16_t *background = view->background + (size_t)row * (size_t)view->width;
    return (source){pixels + (view->bit_depth == 8 ? x : 2 * x), background + x};
}

/* The strip's part of a row; `i` chooses the copy that stands for it where the strip leaves the image sideways. */
static source source_row(strip *s, int y, int i) {
    const sv_detect_view *view = s->view;
    const int x = s->x0 - LANES;
    if (x >= 0 && x + (s->n + SLACK) * LANES <= view->width)
        return row_at(view, x, y);
    const source whole = row_at(view, 0, y);
    if (view->bit_depth == 8)
        repeat_border_u8((uint8_t *)s->pixels[i], whole.pixels, x, view->width);
    else
        repeat_border_u16(s->pixels[i], (const uint16_t *)(const void *)whole.pixels, x, view->width);
    repeat_border_u16(s->background[i], whole.background, x, view->width);
    return (source){(const unsigned char *)s->pixels[i], s->background[i]};
}

/* ---- residual ---- */

/* The ways to a residual of frame and background; see residual() for what they equal. */
typedef enum pixel_kind {
    KIND_8,  /* 8 bit */
    KIND_12, /* 9 to 12 bit: doubled */
    KIND_15, /* 13 to 15 bit */
    KIND_16, /* 16 bit: no room for a bias */
} pixel_kind;

static pixel_kind kind_of(int bit_depth) {
    return bit_depth == 8 ? KIND_8 : bit_depth <= 12 ? KIND_12 : bit_depth <= 15 ? KIND_15 : KIND_16;
}

/* Residual + 511 of a vector. */
static inline lanes biased_residual(source from, int j, pixel_kind kind, int down) {
    const lanes top = splat(RESIDUAL_MAX);
    const lanes m = load_any(from.background + j);
    if (kind == KIND_8)
        return least(sub_to_zero(add(SHIFT_LEFT(load_bytes(from.pixels + j), 2), top), SHIFT_RIGHT(m, 6)),
                     add(top, top));
    const lanes f = load_any(from.pixels + 2 * j);
    if (kind == KIND_16)
        return sub(add(top, least(sub_to_zero(f, m), top)), least(sub_to_zero(m, f), top));
    const lanes q = shift_right_by(m, down);
    return least(sub_to_zero(add_to_top(kind == KIND_12 ? add_to_top(f, f) : f, top), q), add(top, top));
}

/* ---- one pair of rows ---- */

static inline lanes quarter(lanes sum_of_outer, lanes inner) {
    return mean_up(SHIFT_RIGHT(sum_of_outer, 1), inner);
}

/* Three neighbouring vectors of one row: the horizontal taps at the middle one read all of them. */
typedef struct window {
    lanes left, middle, right;
} window;

static inline void slide(window *w, lanes next) {
    w->left = w->middle;
    w->middle = w->right;
    w->right = next;
}

/* The same for taps at a distance of 1, which want their neighbours turned as well. */
typedef struct turned_window {
    window turned;
    lanes middle, right;
} turned_window;

static inline void slide_turned(turned_window *w, lanes next) {
    slide(&w->turned, turn(next));
    w->middle = w->right;
    w->right = next;
}

/* Noise sums of a vector of D, and whether it has something over a limit. */
static inline void judge(strip *s, int i, int k, lanes d0, lanes d1, lanes sum[SV_DETECT_SCALES]) {
    const column *c = &s->column[k];
    const lanes a0 = magnitude(d0), a1 = magnitude(d1);
    sum[0] = add(sum[0], least(a0, c->clip[0]));
    sum[1] = add(sum[1], least(a1, c->clip[1]));
    if (is_any_over(a0, c->limit[0], a1, c->limit[1])) {
        suspect *found = &s->suspect[i][s->n_suspects[i]++];
        found->i_vector = k;
        found->mask = lanes_over(a0, c->limit[0], a1, c->limit[1]);
        store(found->d[0], d0);
        store(found->d[1], d1);
    }
}

/*
 * The residual of two rows, then c1 and the vertical part of c2. A horizontal tap needs the vector to the right first; it
 * takes what the round before has left it, so that the parts of a round do not wait for each other and c1 is two vectors behind.
 */
static inline void smooth_first(strip *s, int i_step, source a, source b, const source next[2], pixel_kind kind,
                                int down) {
    ring_pair *c1 = &s->c1[i_step % RING_PAIRS];
    const ring_pair *ago1 = &s->c1[(i_step - 1) % RING_PAIRS], *ago2 = &s->c1[(i_step - 2) % RING_PAIRS];
    turned_window w1[2] = {{{splat(0), splat(0), splat(0)}, splat(0), splat(0)},
                           {{splat(0), splat(0), splat(0)}, splat(0), splat(0)}};
    const int n = s->n;
    for (int v = 0; v < n + 2; v++) {
        const int j = v * LANES, slot = (v - 2 + SLACK) * LANES;
        for (int i = 0; i < 2; i++) {
            const turned_window *w = &w1[i];
            const lanes now =
                add(add(w->middle, w->middle), around_1(w->turned.left, w->turned.middle, w->turned.right));
            store(s->tap2.row[i] + slot, quarter(add(now, load(ago2->row[i] + slot)), load(ago1->row[i] + slot)));
            store(c1->row[i] + slot, now);
        }
        for (int i = 0; i < 2; i++) {
            prefetch(next[i].pixels + (kind == KIND_8 ? j : 2 * j));
            prefetch(next[i].background + j);
        }
        const lanes r0 = biased_residual(a, j, kind, down), r1 = biased_residual(b, j, kind, down);
        const lanes across = add(load(s->last + j), r0), both = add(r0, r1);
        slide_turned(&w1[0], add(load(s->last_two + j), across));
        slide_turned(&w1[1], add(across, both));
        store(s->last + j, r1);
        store(s->last_two + j, both);
    }
}

/* c2, then c3 and from it noise and hits of n_rows rows further up; n_rows is 0 while the rings fill. */
static inline void smooth_second(strip *s, int i_step, int n_rows) {
    ring_pair *c2 = &s->c2[i_step % RING_PAIRS]; /* still holds what was made 4 steps ago */
    const ring_pair *c1_ago3 = &s->c1[(i_step - 3) % RING_PAIRS], *c2_ago2 = &s->c2[(i_step - 2) % RING_PAIRS];
    window w2[2] = {{splat(0), splat(0), splat(0)}, {splat(0), splat(0), splat(0)}};
    window w3[2] = {{splat(0), splat(0), splat(0)}, {splat(0), splat(0), splat(0)}};
    const int n = s->n;
    for (int v = 0; v < n + 2; v++) {
        const int slot = (v - 1 + SLACK) * LANES, slot3 = slot - 2 * LANES;
        if (n_rows > 0 && v >= 4) {
            column *c = &s->column[v - 4];
            lanes sum[SV_DETECT_SCALES] = {c->sum[0], c->sum[1]};
            for (int i = 0; i < n_rows; i++) {
                const lanes c3 = quarter(around_4(w3[i].left, w3[i].middle, w3[i].right), w3[i].middle);
                const lanes d0 = sub(load(c1_ago3->row[i] + slot3), c3), d1 = sub(load(c2_ago2->row[i] + slot3), c3);
                judge(s, i, v - 4, d0, d1, sum);
            }
            c->sum[0] = sum[0];
            c->sum[1] = sum[1];
        }
        for (int i = 0; i < 2; i++) {
            slide(&w2[i], load(s->tap2.row[i] + slot + LANES));
            const lanes now = quarter(around_2(w2[i].left, w2[i].middle, w2[i].right), w2[i].middle);
            slide(&w3[i], quarter(add(now, load(c2->row[i] + slot)), load(c2_ago2->row[i] + slot)));
            store(c2->row[i] + slot, now);
        }
    }
}

static void work(strip *s, int i_step, int y, int n_rows) {
    const source a = source_row(s, y, 0), b = source_row(s, y + 1, 1);
    const int x = max_int(0, min_int(s->x0 - LANES, s->view->width - (s->n + SLACK) * LANES));
    const source next[2] = {row_at(s->view, x, y + ROWS_AHEAD), row_at(s->view, x, y + 1 + ROWS_AHEAD)};
    const int bits = s->view->bit_depth, down = 16 - bits - sv_detect_shift(bits);
    switch (kind_of(bits)) {
    case KIND_8:
        smooth_first(s, i_step, a, b, next, KIND_8, 6);
        break;
    case KIND_12:
        smooth_first(s, i_step, a, b, next, KIND_12, down);
        break;
    case KIND_15:
        smooth_first(s, i_step, a, b, next, KIND_15, down);
        break;
    case KIND_16:
        smooth_first(s, i_step, a, b, next, KIND_16, down);
        break;
    }
    switch (n_rows) {
    case 2:
        smooth_second(s, i_step, 2);
        break;
    case 1:
        smooth_second(s, i_step, 1);
        break;
    default:
        smooth_second(s, i_step, 0);
        break;
    }
}

/* ---- hits ---- */

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

static lanes first_lanes(int first, int others, int n) {
    _Alignas(64) int16_t value[LANES];
    for (int lane = 0; lane < LANES; lane++)
        value[lane] = (int16_t)(lane < n ? first : others);
    return load(value);
}

/* Columns of the row of cells at y: lanes beyond the strip count nothing and exceed nothing. */
static void enter_cells(strip *s, int y) {
    int clip_max = 1;
    for (int k = 0; k < s->n - 2; k++) {
        const int x = s->x0 + k * LANES;
        const sv_detect_cell *cell = cell_of(s, x, y);
        for (int i = 0; i < SV_DETECT_SCALES; i++) {
            const int limit = min_int(cell->above[i], cell->below[i]), n_inside = s->x1 - x;
            s->column[k].clip[i] = n_inside < LANES ? first_lanes(cell->clip[i], 0, n_inside) : splat(cell->clip[i]);
            s->column[k].limit[i] = n_inside < LANES ? first_lanes(limit, SV_DETECT_NEVER, n_inside) : splat(limit);
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

/* The step whose pair of c3 are rows y and, if inside the rectangle, y + 1. */
static void judge_pair(strip *s, int i_step, int y) {
    const int n_rows = min_int(2, s->rect.y1 - y), end = y + n_rows;
    if ((y - s->rect.y0) % SV_DETECT_CELL == 0)
        enter_cells(s, y);
    work(s, i_step, y + AHEAD, n_rows);
    for (int i = 0; i < n_rows; i++)
        if (s->n_suspects[i])
            list_hits(s, y + i, i);
    s->rows_summed += n_rows;
    if (s->rows_summed + 2 > s->rows_max || end == s->rect.y1 || (end - s->rect.y0) % SV_DETECT_CELL == 0)
        add_up_cells(s, y);
}

static void sweep(strip *s) {
    enum { N_FILL = 7 }; /* steps until the rings hold what the first rows need */
    for (int i = 0; i < N_FILL; i++)
        work(s, i + RING_PAIRS, s->rect.y0 - AHEAD + 2 * i, 0);
    for (int y = s->rect.y0; y < s->rect.y1; y += 2)
        judge_pair(s, N_FILL + RING_PAIRS + (y - s->rect.y0) / 2, y);
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
    memset(s.last, 0, sizeof s.last); /* the first steps of a strip work on whatever is there, but not on nothing */
    memset(s.last_two, 0, sizeof s.last_two);
    memset(s.c1, 0, sizeof s.c1);
    memset(s.c2, 0, sizeof s.c2);
    memset(&s.tap2, 0, sizeof s.tap2);
    clear_results(blocks, rect);
    for (s.x0 = rect.x0; s.x0 < rect.x1; s.x0 += SWEEP) {
        s.x1 = min_int(s.x0 + SWEEP, rect.x1);
        s.n = (s.x1 - s.x0 + LANES - 1) / LANES + 2;
        sweep(&s);
    }
}

#endif
