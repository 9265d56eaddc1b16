/*
 * sv_detect_ops.scan over a vector vocabulary (lanes_avx2.h or lanes_avx512.h, included before).
 *
 * Strips of SWEEP columns run down the image two rows at a time, so that everything between the pixels and the hits stays in
 * the first-level cache. A chunk of columns is two vectors, its even and its odd pixels: a lane is a 2 x 2 block, the grid of c2
 * and c3. The taps 1 2 1 of an even pixel are the pair that it begins and the pair before it, those of an odd one that pair and
 * the one after it; of 8 bit images both sums come from the bytes of the residual by one multiplication each. What is averaged is
 * kept unsigned by a bias; then (a + 2b + c + 2) >> 2 is the mean_up of (a + c) >> 1 and b, three instructions.
 *
 * With the residual rows (k, k + 1), k odd, come the rows (k - 1, k) of c1 and block row h = (k - 1) / 2 of e, h - 1 of c2 and
 * h - 3 of c3. So the taps of c2 are those of e 0, 1 and 2 steps ago, those of c3 are c2's 0, 2 and 4 steps ago, and D is formed
 * from c3, c1 of 3 steps ago and c2 of 2 steps ago.
 */
#ifndef KERNELS_CPU_SCAN_LANES_H
#define KERNELS_CPU_SCAN_LANES_H

#include <kernels/cpu/detect_pixel.h>
#include <skyvox/detect_ops.h>
#include <string.h>

enum {
    CHUNK = 2 * LANES,          /* columns */
    SWEEP = 768,                /* columns: their rings fit the first-level cache */
    CHUNKS = SWEEP / CHUNK + 2, /* one more on either side for the halo */
    COLUMNS = CHUNKS * CHUNK,
    BLOCKS = (CHUNKS + 1) * LANES, /* lanes of a row of 2 x 2 blocks; the last chunk is read, and nothing uses it */
    RING = 4,                      /* steps */
    ROWS_AHEAD = 6,                /* prefetched into the second-level cache */
    AHEAD = 7,                     /* residual rows before the first row of the strip */
    BIAS = 16 * RESIDUAL_MAX,      /* of c1 and its means */
};

/* Sums of neighbouring columns of a row: of each even column and the odd one behind it, of that odd one and the next even one. */
typedef struct pair_row {
    _Alignas(64) int16_t pair[CHUNKS * LANES];
    _Alignas(64) int16_t across[CHUNKS * LANES];
} pair_row;

/* Even and odd columns of a row of pixels. */
typedef struct split_row {
    _Alignas(64) int16_t even[CHUNKS * LANES];
    _Alignas(64) int16_t odd[CHUNKS * LANES];
} split_row;

typedef struct block_row {
    _Alignas(64) uint16_t v[BLOCKS];
} block_row;

/* Chunks of a row at the image's left and right border, repeated beyond. */
typedef struct edge_row {
    _Alignas(64) uint16_t pixels[COLUMNS];
    _Alignas(64) uint16_t background[COLUMNS];
    _Alignas(64) uint8_t low[COLUMNS];
} edge_row;

/* What one chunk of columns is judged by, and its noise sums. */
typedef struct column {
    lanes clip_even, clip_odd, clip_block;
    lanes limit[SV_DETECT_SCALES], sum[SV_DETECT_SCALES];
} column;

/* A chunk with something over a limit; the exact thresholds are looked at later, row by row. */
typedef struct suspect {
    _Alignas(64) int16_t d0[2][2][LANES]; /* [row][even, odd] */
    _Alignas(64) int16_t d1[LANES];
    int32_t i_chunk;
} suspect;

/* What the thresholds ask for: hits of one sign need no look at the other. */
typedef enum wanted {
    WANT_BOTH,
    WANT_ABOVE,
    WANT_BELOW,
} wanted;

typedef struct strip {
    const sv_detect_view *view;
    const sv_detect_blocks *blocks;
    sv_detect_rect rect;            /* of the call */
    int32_t x0, x1;                 /* of the strip */
    int32_t n;                      /* chunks, halo included: the window */
    int32_t x_window;               /* column of chunk 0 */
    int32_t first_whole, end_whole; /* chunks inside the image are read where they lie, the others from a copy */

    pair_row last;     /* newest residual row */
    pair_row last_two; /* its sum with the row before */
    split_row c1[RING][2];
    block_row e[RING], c2[RING];
    block_row tap2; /* the vertical part of the newest c2 */
    column column[SWEEP / CHUNK];
    suspect suspect[SWEEP / CHUNK];
    int32_t n_suspects;
    wanted wanted;                   /* in the row of cells */
    int32_t pairs_summed, pairs_max; /* in column.sum, before a lane could overflow */

    edge_row edge[2];
} strip;

/* ---- rows of pixels and background ---- */

/* A row of the image and what is looked at of its background, from the first column on. */
typedef struct source {
    const unsigned char *pixels;
    const unsigned char *background; /* as pixels: high bytes of 8 bit images, words of others */
    const unsigned char *low;        /* bytes */
} source;

/* Columns x up to x + CHUNK of a row, those before the first and after the last of `width` repeat it. */
static void repeat_border_u8(uint8_t *out, const uint8_t *row, int x, int width) {
    const int left = min_int(max_int(0, -x), CHUNK), end = max_int(left, min_int(CHUNK, width - x));
    memset(out, row[0], (size_t)left);
    if (end > left)
        memcpy(out + left, row + x + left, (size_t)(end - left));
    memset(out + end, row[width - 1], (size_t)(CHUNK - end));
}

static void repeat_border_u16(uint16_t *out, const uint16_t *row, int x, int width) {
    const int left = min_int(max_int(0, -x), CHUNK), end = max_int(left, min_int(CHUNK, width - x));
    for (int j = 0; j < left; j++)
        out[j] = row[0];
    if (end > left)
        memcpy(out + left, row + x + left, (size_t)(end - left) * sizeof *out);
    for (int j = end; j < CHUNK; j++)
        out[j] = row[width - 1];
}

static inline source row_at(const sv_detect_view *view, int y) {
    const int row = max_int(0, min_int(y, view->height - 1));
    const unsigned char *background = view->bit_depth == 8 ? view->background.high : view->background.low;
    const ptrdiff_t first = row * view->width * view->background.step;
    return (source){(const unsigned char *)view->pixels + row * view->pitch, background + first,
                    view->background.low + first};
}

/* A chunk beyond the border, as strips have one at either end of the image, is a single value. */
static void fill_chunk(const strip *s, edge_row *edge, source from, int v, int x) {
    enum { EVERY_BYTE = 0x0101 };
    if (s->view->bit_depth == 8) {
        store((uint8_t *)edge->pixels + v * CHUNK, splat(from.pixels[x] * EVERY_BYTE));
        store((uint8_t *)edge->background + v * CHUNK, splat(from.background[x] * EVERY_BYTE));
        store(edge->low + v * CHUNK, splat(from.low[x] * EVERY_BYTE));
        return;
    }
    const lanes f = splat(((const uint16_t *)(const void *)from.pixels)[x]);
    const lanes m = splat(((const uint16_t *)(const void *)from.background)[x]);
    for (int j = v * CHUNK; j < (v + 1) * CHUNK; j += LANES) {
        store(edge->pixels + j, f);
        store(edge->background + j, m);
    }
}

static void copy_chunk(const strip *s, edge_row *edge, source from, int v) {
    const int width = s->view->width, j = v * CHUNK, x = s->x_window + j;
    if (x + CHUNK <= 0 || x >= width) {
        fill_chunk(s, edge, from, v, x < 0 ? 0 : width - 1);
    } else if (s->view->bit_depth == 8) {
        repeat_border_u8((uint8_t *)edge->pixels + j, from.pixels, x, width);
        repeat_border_u8((uint8_t *)edge->background + j, from.background, x, width);
        repeat_border_u8(edge->low + j, from.low, x, width);
    } else {
        repeat_border_u16(edge->pixels + j, (const uint16_t *)(const void *)from.pixels, x, width);
        repeat_border_u16(edge->background + j, (const uint16_t *)(const void *)from.background, x, width);
    }
}

static void copy_chunks(const strip *s, edge_row *edge, source from) {
    for (int v = 0; v < s->first_whole; v++)
        copy_chunk(s, edge, from, v);
    for (int v = s->end_whole; v < s->n; v++)
        copy_chunk(s, edge, from, v);
}

/* Row y of the strip; what leaves the image sideways is copied to `edge`. */
static inline source source_row(const strip *s, edge_row *edge, int y) {
    const source from = row_at(s->view, y);
    if (s->first_whole > 0 || s->end_whole < s->n)
        copy_chunks(s, edge, from);
    return from;
}

/* ---- residual ---- */

/* The ways to a residual of frame and background; see residual() for what they equal. */
typedef enum pixel_kind {
    KIND_8,      /* 8 bit, by whole DN */
    KIND_8_FINE, /* 8 bit, by both planes */
    KIND_12,     /* 9 to 12 bit: doubled */
    KIND_15,     /* 13 to 15 bit */
    KIND_16,     /* 16 bit: no room for a bias */
} pixel_kind;

static pixel_kind kind_of(const sv_detect_view *view) {
    const int bit_depth = view->bit_depth;
    return bit_depth == 8    ? view->fine ? KIND_8_FINE : KIND_8
           : bit_depth <= 12 ? KIND_12
           : bit_depth <= 15 ? KIND_15
                             : KIND_16;
}

/* Residual + RESIDUAL_MAX of a vector of more than 8 bits. */
static inline lanes biased_residual(const unsigned char *pixels, const unsigned char *background, pixel_kind kind,
                                    int down) {
    const lanes top = splat(RESIDUAL_MAX);
    const lanes m = load_any(background), f = load_any(pixels);
    if (kind == KIND_16)
        return sub(add(top, least(sub_to_zero(f, m), top)), least(sub_to_zero(m, f), top));
    const lanes q = shift_right_by(m, down);
    return least(sub_to_zero(add_to_top(kind == KIND_12 ? add_to_top(f, f) : f, top), q), add(top, top));
}

/* Residual of 8 bit pixels and their background as stored: with half a DN added. */
static inline lanes fine_residual(lanes f, lanes m) {
    return sub(add(SHIFT_LEFT(f, 2), splat(2)), SHIFT_RIGHT(m, 6));
}

/* A run of chunks of a row, all in the image or all in the copy: column j of it is chunk j / CHUNK of the window. */
typedef struct run {
    source row;
    int x; /* of chunk 0 in it */
} run;

static inline run run_of(const strip *s, source row, const edge_row *edge, bool whole) {
    return whole ? (run){row, s->x_window}
                 : (run){{(const unsigned char *)edge->pixels, (const unsigned char *)edge->background, edge->low}, 0};
}

/* The residual of a chunk: of an 8 bit image its whole DN as bytes in `even`, else even and odd columns. */
typedef struct chunk {
    lanes even, odd;
} chunk;

static inline chunk residual_of(run from, int v, pixel_kind kind, int down) {
    enum { BYTES = 2 * LANES }; /* of a vector */
    const int j = from.x + v * CHUNK;
    if (kind == KIND_8)
        return (chunk){sub_bytes_clipped(load_any(from.row.pixels + j), load_any(from.row.background + j)), splat(0)};
    if (kind == KIND_8_FINE) {
        const lanes f = load_any(from.row.pixels + j), none = splat(0);
        const lanes high = load_any(from.row.background + j), low = load_any(from.row.low + j);
        return (chunk){fine_residual(even_words(none, f), even_words(high, low)),
                       fine_residual(odd_words(none, f), odd_words(high, low))};
    }
    const unsigned char *f = from.row.pixels + 2 * j, *m = from.row.background + 2 * j;
    const lanes a = biased_residual(f, m, kind, down), b = biased_residual(f + BYTES, m + BYTES, kind, down);
    const lanes top = splat(RESIDUAL_MAX);
    return (chunk){sub(even_of(a, b), top), sub(odd_of(a, b), top)};
}

/* Sums of neighbours of a chunk, in residual units. */
typedef struct pairs {
    lanes pair, across;
} pairs;

static inline pairs pairs_of(chunk now, chunk next, pixel_kind kind) {
    if (kind == KIND_8)
        return (pairs){byte_pairs_4(now.even), byte_pairs_4(next_byte(now.even, next.even))};
    return (pairs){add(now.even, now.odd), add(now.odd, next_lane(now.even, next.even))};
}

/* A macro, as PREFETCH is. */
#define PREFETCH_CHUNK(from, v, kind)                                                                                  \
    do {                                                                                                               \
        const int bytes = (kind) <= KIND_8_FINE ? CHUNK : 2 * CHUNK, first = ((from).x + (v)*CHUNK) * (bytes / CHUNK); \
        PREFETCH((from).row.background + first);                                                                       \
        PREFETCH((from).row.pixels + first);                                                                           \
        if ((kind) == KIND_8_FINE)                                                                                     \
            PREFETCH((from).row.low + first);                                                                          \
        if (bytes > 64) {                                                                                              \
            PREFETCH((from).row.background + first + bytes - 1);                                                       \
            PREFETCH((from).row.pixels + first + bytes - 1);                                                           \
        }                                                                                                              \
    } while (0)

/* ---- one pair of rows ---- */

static inline pairs load_pairs(const pair_row *row, int v) {
    return (pairs){load(row->pair + v * LANES), load(row->across + v * LANES)};
}

static inline void store_pairs(pair_row *row, int v, pairs a) {
    store(row->pair + v * LANES, a.pair);
    store(row->across + v * LANES, a.across);
}

static inline pairs add_pairs(pairs a, pairs b) {
    return (pairs){add(a.pair, b.pair), add(a.across, b.across)};
}

/* Even and odd columns of a chunk. */
typedef struct split {
    lanes even, odd;
} split;

static inline split load_split(const split_row *row, int v) {
    return (split){load(row->even + v * LANES), load(row->odd + v * LANES)};
}

static inline void store_split(split_row *row, int v, split a) {
    store(row->even + v * LANES, a.even);
    store(row->odd + v * LANES, a.odd);
}

static inline lanes quarter(lanes sum_of_outer, lanes inner) {
    return mean_up(SHIFT_RIGHT(sum_of_outer, 1), inner);
}

/* The taps 1 2 1 across; `before` is the sum `across` of the chunk to the left. */
static inline split taps_across(pairs a, lanes before) {
    return (split){add(a.pair, previous_lane(before, a.across)), add(a.pair, a.across)};
}

/* Half of the sum of a row of 2 x 2 blocks, with the bias. */
static inline lanes half_sum(split a) {
    return SHIFT_RIGHT(add(add(a.even, a.odd), splat(2 * BIAS)), 1);
}

/* The mean of 2 x 2 blocks, with the bias. Of 8 bit images all four are multiples of 4 of half the size: nothing is rounded. */
static inline lanes mean_of_blocks(split upper, split lower, pixel_kind kind) {
    if (kind == KIND_8) {
        const lanes sum = add(add(upper.even, upper.odd), add(lower.even, lower.odd));
        return add(SHIFT_RIGHT(add(sum, splat(1 << 15)), 2), splat(BIAS - (1 << 13)));
    }
    return mean_up(half_sum(upper), half_sum(lower));
}

static inline void finish_first(strip *s, int i_step, int v, split row0, split row1, pixel_kind kind) {
    const block_row *ago1 = &s->e[(i_step - 1) % RING], *ago2 = &s->e[(i_step - 2) % RING];
    const int j = v * LANES;
    const lanes e = mean_of_blocks(row0, row1, kind);
    store_split(&s->c1[i_step % RING][0], v, row0);
    store_split(&s->c1[i_step % RING][1], v, row1);
    store(s->tap2.v + j, quarter(add(e, load(ago2->v + j)), load(ago1->v + j)));
    store(s->e[i_step % RING].v + j, e);
}

/* Two rows on their way through the taps: the newest chunk of their residual, and `across` of their c1's chunk to the left. */
typedef struct rows_now {
    chunk r0, r1;
    lanes before0, before1;
} rows_now;

/* c1, e and the vertical part of c2 of chunk v, whose right neighbours are r0 and r1. */
static inline void smooth_chunk(strip *s, int i_step, int v, rows_now *t, chunk r0, chunk r1, pixel_kind kind) {
    const pairs p0 = pairs_of(t->r0, r0, kind), p1 = pairs_of(t->r1, r1, kind);
    const pairs upper = add_pairs(load_pairs(&s->last, v), p0), lower = add_pairs(p0, p1);
    const pairs down0 = add_pairs(load_pairs(&s->last_two, v), upper), down1 = add_pairs(upper, lower);
    finish_first(s, i_step, v, taps_across(down0, t->before0), taps_across(down1, t->before1), kind);
    store_pairs(&s->last, v, p1);
    store_pairs(&s->last_two, v, lower);
    *t = (rows_now){r0, r1, down0.across, down1.across};
}

/* The residual of two rows, then c1, e and the vertical part of c2, a chunk behind. Inlined for the sake of its kind. */
__attribute__((always_inline)) static inline void smooth_first(strip *s, int i_step, const source row[2], run next,
                                                               pixel_kind kind, int down) {
    const chunk none = {splat(0), splat(0)};
    const int end[3] = {s->first_whole, s->end_whole, s->n};
    rows_now t = {none, none, splat(0), splat(0)};
    for (int part = 0, v = 0; part < 3; part++) {
        const run a = run_of(s, row[0], &s->edge[0], part == 1), b = run_of(s, row[1], &s->edge[1], part == 1);
        for (; v < end[part]; v++) {
            PREFETCH_CHUNK(next, v, kind);
            const chunk r0 = residual_of(a, v, kind, down), r1 = residual_of(b, v, kind, down);
            if (v > 0)
                smooth_chunk(s, i_step, v - 1, &t, r0, r1, kind);
            else
                t = (rows_now){r0, r1, splat(0), splat(0)};
        }
    }
    smooth_chunk(s, i_step, s->n - 1, &t, none, none, kind);
}

/* Three neighbouring vectors of one row of blocks: the horizontal taps at the middle one read all of them. */
typedef struct window {
    lanes left, middle, right;
} window;

static inline void slide(window *w, lanes next) {
    w->left = w->middle;
    w->middle = w->right;
    w->right = next;
}

/* What is taken off c1: c3 and a plane through it, without the bias. */
static inline void levels_of(split level[2], lanes c3, lanes across, lanes down) {
    const lanes sixteenth = splat(1 << 11);
    const lanes middle = sub(c3, splat(BIAS)), dx = scaled(across, sixteenth), dy = scaled(down, sixteenth);
    const lanes upper = sub(middle, dy), lower = add(middle, dy);
    level[0] = (split){sub(upper, dx), add(upper, dx)};
    level[1] = (split){sub(lower, dx), add(lower, dx)};
}

/* D0. Bytes of residual leave room for any difference; stopping at the ends of the range would keep a busy port busier. */
static inline split difference(split c1, split level, pixel_kind kind) {
    if (kind == KIND_8)
        return (split){sub(c1.even, level.even), sub(c1.odd, level.odd)};
    return (split){sub_clipped(c1.even, level.even), sub_clipped(c1.odd, level.odd)};
}

/* How far D goes in the direction that is wanted, nowhere below 0. */
static inline lanes height(lanes d, wanted want) {
    const lanes none = splat(0);
    return want == WANT_BOTH    ? magnitude(d)
           : want == WANT_ABOVE ? most_signed(d, none)
                                : most_signed(sub_clipped(none, d), none);
}

/* The most of it of two rows. */
static inline lanes height_of(split upper, split lower, wanted want) {
    if (want == WANT_BOTH)
        return most(most(magnitude(upper.even), magnitude(upper.odd)),
                    most(magnitude(lower.even), magnitude(lower.odd)));
    if (want == WANT_ABOVE)
        return height(most_signed(most_signed(upper.even, upper.odd), most_signed(lower.even, lower.odd)), want);
    return height(least_signed(least_signed(upper.even, upper.odd), least_signed(lower.even, lower.odd)), want);
}

/* Noise sums of a chunk of D, and whether it has something over a limit. */
static inline void judge(strip *s, int k, const split d0[2], int n_rows, lanes d1, wanted want) {
    column *c = &s->column[k];
    const lanes even = magnitude(d0[0].even), odd = magnitude(d0[0].odd), block = magnitude(d1);
    const lanes top = height_of(d0[0], d0[n_rows - 1], want);
    c->sum[0] = add(c->sum[0], add(least(even, c->clip_even), least(odd, c->clip_odd)));
    c->sum[1] = add(c->sum[1], least(block, c->clip_block));
    if (is_any_over(top, c->limit[0], height(d1, want), c->limit[1])) {
        suspect *found = &s->suspect[s->n_suspects++];
        found->i_chunk = k;
        for (int i = 0; i < n_rows; i++) {
            store(found->d0[i][0], d0[i].even);
            store(found->d0[i][1], d0[i].odd);
        }
        store(found->d1, d1);
    }
}

/* c2, then c3 and from it noise and hits of n_rows rows further up; n_rows is 0 while the rings fill. */
__attribute__((always_inline)) static inline void smooth_second(strip *s, int i_step, int n_rows, wanted want, run next,
                                                                pixel_kind kind) {
    block_row *c2 = &s->c2[i_step % RING]; /* still holds what was made 4 steps ago */
    const block_row *c2_ago2 = &s->c2[(i_step - 2) % RING];
    const split_row *c1_ago3 = s->c1[(i_step - 3) % RING];
    window w2 = {splat(0), splat(0), splat(0)}, w3 = w2;
    lanes down = splat(0); /* c2 of 2 blocks below minus 2 above, of the chunk whose c3 comes next */
    const int n = s->n;
    for (int v = 0; v <= n; v++) {
        PREFETCH_CHUNK(next, v, kind);
        slide(&w2, load(s->tap2.v + v * LANES));
        if (v == 0)
            continue;
        const int j = (v - 1) * LANES;
        const lanes now = quarter(add(previous_lane(w2.left, w2.middle), next_lane(w2.middle, w2.right)), w2.middle);
        const lanes ago4 = load(c2->v + j);
        slide(&w3, quarter(add(now, ago4), load(c2_ago2->v + j)));
        store(c2->v + j, now);
        if (n_rows > 0 && v >= 3) {
            const lanes before = two_before(w3.left, w3.middle), after = two_after(w3.middle, w3.right);
            const lanes c3 = quarter(add(before, after), w3.middle);
            split d0[2], level[2];
            levels_of(level, c3, sub(after, before), down);
            for (int i = 0; i < n_rows; i++) {
                const split c1 = load_split(&c1_ago3[i], v - 2);
                d0[i] = difference(c1, level[i], kind);
            }
            judge(s, v - 3, d0, n_rows, sub(load(c2_ago2->v + j - LANES), c3), want);
        }
        down = sub(now, ago4);
    }
}

/* Inlined for the sake of what is wanted. */
__attribute__((always_inline)) static inline void finish_of_kind(strip *s, int i_step, int n_rows, run next,
                                                                 pixel_kind kind) {
    if (n_rows == 0)
        smooth_second(s, i_step, 0, WANT_BOTH, next, kind);
    else if (n_rows == 1) /* the image's last */
        smooth_second(s, i_step, 1, WANT_BOTH, next, kind);
    else if (s->wanted == WANT_ABOVE)
        smooth_second(s, i_step, 2, WANT_ABOVE, next, kind);
    else if (s->wanted == WANT_BELOW)
        smooth_second(s, i_step, 2, WANT_BELOW, next, kind);
    else
        smooth_second(s, i_step, 2, WANT_BOTH, next, kind);
}

/* The other kinds differ in what they prefetch only. */
static void finish_second(strip *s, int i_step, int n_rows, run next) {
    const pixel_kind kind = kind_of(s->view);
    if (kind == KIND_8)
        finish_of_kind(s, i_step, n_rows, next, KIND_8);
    else
        finish_of_kind(s, i_step, n_rows, next, kind);
}

static void work(strip *s, int i_step, int y, int n_rows) {
    const source row[2] = {source_row(s, &s->edge[0], y), source_row(s, &s->edge[1], y + 1)};
    const int x_next = max_int(0, min_int(s->x0 - CHUNK, s->view->width - s->n * CHUNK));
    const source ahead[2] = {row_at(s->view, y + ROWS_AHEAD), row_at(s->view, y + 1 + ROWS_AHEAD)};
    const run next[2] = {{ahead[0], x_next}, {ahead[1], x_next}};
    const int bits = s->view->bit_depth, down = 16 - bits - sv_detect_shift(bits);
    switch (kind_of(s->view)) {
    case KIND_8:
        smooth_first(s, i_step, row, next[0], KIND_8, 6);
        break;
    case KIND_8_FINE:
        smooth_first(s, i_step, row, next[0], KIND_8_FINE, 6);
        break;
    case KIND_12:
        smooth_first(s, i_step, row, next[0], KIND_12, down);
        break;
    case KIND_15:
        smooth_first(s, i_step, row, next[0], KIND_15, down);
        break;
    case KIND_16:
        smooth_first(s, i_step, row, next[0], KIND_16, down);
        break;
    }
    finish_second(s, i_step, n_rows, next[1]);
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

/* The list of a block, and what its pixels in one cell are judged by. */
typedef struct hit_list {
    sv_detect_hit *hit;
    size_t n, cap; /* n may exceed cap */
    const sv_detect_cell *cell;
    int x_first, x_end; /* inside the image's border */
} hit_list;

static inline void list_hit(hit_list *list, int x, int y, int d0_lane, int d1) {
    const sv_detect_cell *cell = list->cell;
    const int d0 = max_int(d0_lane, -SV_DETECT_NEVER);
    if (d0 <= cell->above[0] && d1 <= cell->above[1] && -d0 <= cell->below[0] && -d1 <= cell->below[1])
        return;
    if (x < list->x_first || x >= list->x_end)
        return;
    if (list->n < list->cap)
        list->hit[list->n] = (sv_detect_hit){(uint16_t)x, (uint16_t)y, {(int16_t)d0, (int16_t)d1}};
    list->n++;
}

/* Row i of a suspect, image row y: what its columns are judged by is the same in all of them. */
static void list_hits_of(strip *s, const suspect *found, int y, int i) {
    const lanes *limit = s->column[found->i_chunk].limit;
    const split d0 = {load(found->d0[i][0]), load(found->d0[i][1])};
    const lanes top = height_of(d0, d0, s->wanted), block = height(load(found->d1), s->wanted);
    uint32_t mask = lanes_over(top, limit[0], block, limit[1]);
    if (!mask)
        return;
    const int x = s->x0 + found->i_chunk * CHUNK;
    const size_t b = block_index(s, x, y), cap = s->blocks->cap;
    hit_list list = {s->blocks->hit + b * cap, s->blocks->n_hits[b], cap,
                     cell_of(s, x, y),         SV_DETECT_BORDER,     s->view->width - SV_DETECT_BORDER};
    for (; mask; mask &= mask - 1) {
        const int bit = __builtin_ctz(mask), lane = bit / MASK_BITS_PER_LANE;
        if (bit % MASK_BITS_PER_LANE)
            continue;
        list_hit(&list, x + 2 * lane, y, found->d0[i][0][lane], found->d1[lane]);
        list_hit(&list, x + 2 * lane + 1, y, found->d0[i][1][lane], found->d1[lane]);
    }
    s->blocks->n_hits[b] = list.n;
}

/* Row i of the suspects' pair, image row y. */
static void list_hits(strip *s, int y, int i) {
    if (y < SV_DETECT_BORDER || y >= s->view->height - SV_DETECT_BORDER)
        return;
    for (int k = 0; k < s->n_suspects; k++)
        list_hits_of(s, &s->suspect[k], y, i);
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
    bool above = false, below = false;
    for (int k = 0; k < s->n - 2; k++) {
        const int x = s->x0 + k * CHUNK, n_inside = s->x1 - x;
        const sv_detect_cell *cell = cell_of(s, x, y);
        column *c = &s->column[k];
        const int clip[SV_DETECT_SCALES] = {min_int(cell->clip[0], SV_DETECT_CLIP_MAX),
                                            min_int(cell->clip[1], SV_DETECT_CLIP_MAX)};
        c->clip_even = first_lanes(clip[0], 0, (n_inside + 1) / 2);
        c->clip_odd = first_lanes(clip[0], 0, n_inside / 2);
        c->clip_block = first_lanes(clip[1], 0, (n_inside + 1) / 2);
        for (int i = 0; i < SV_DETECT_SCALES; i++) {
            const int limit = min_int(cell->above[i], cell->below[i]);
            c->limit[i] = first_lanes(limit, SV_DETECT_NEVER, (n_inside + 1) / 2);
            c->sum[i] = splat(0);
            clip_max = max_int(clip_max, clip[i]);
            above = above || cell->above[i] < SV_DETECT_NEVER;
            below = below || cell->below[i] < SV_DETECT_NEVER;
        }
    }
    s->wanted = above == below ? WANT_BOTH : above ? WANT_ABOVE : WANT_BELOW;
    s->pairs_max = 65535 / (2 * clip_max);
    s->pairs_summed = 0;
}

static void add_up_cells(strip *s, int y) {
    for (int k = 0; k < s->n - 2; k++) {
        sv_detect_cell *cell = cell_of(s, s->x0 + k * CHUNK, y);
        for (int i = 0; i < SV_DETECT_SCALES; i++) {
            cell->sum[i] += sum_of(s->column[k].sum[i]);
            s->column[k].sum[i] = splat(0);
        }
    }
    s->pairs_summed = 0;
}

/* The step whose pair of D are rows y and, if inside the rectangle, y + 1. */
static void judge_pair(strip *s, int i_step, int y) {
    const int n_rows = min_int(2, s->rect.y1 - y), end = y + n_rows;
    if ((y - s->rect.y0) % SV_DETECT_CELL == 0)
        enter_cells(s, y);
    work(s, i_step, y + AHEAD, n_rows);
    for (int i = 0; s->n_suspects && i < n_rows; i++)
        list_hits(s, y + i, i);
    s->n_suspects = 0;
    s->pairs_summed++;
    if (s->pairs_summed == s->pairs_max || end == s->rect.y1 || (end - s->rect.y0) % SV_DETECT_CELL == 0)
        add_up_cells(s, y);
}

static void sweep(strip *s) {
    enum { N_FILL = 7 }; /* steps until the rings hold what the first rows need, on whatever is in them */
    for (int i = 0; i < N_FILL; i++)
        work(s, i + RING, s->rect.y0 - AHEAD + 2 * i, 0);
    for (int y = s->rect.y0; y < s->rect.y1; y += 2)
        judge_pair(s, N_FILL + RING + (y - s->rect.y0) / 2, y);
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
    s.n_suspects = 0;
    clear_results(blocks, rect);
    for (s.x0 = rect.x0; s.x0 < rect.x1; s.x0 += SWEEP) {
        s.x1 = min_int(s.x0 + SWEEP, rect.x1);
        s.n = (s.x1 - s.x0 + CHUNK - 1) / CHUNK + 2;
        s.x_window = s.x0 - CHUNK;
        s.first_whole = s.x_window < 0;
        s.end_whole = max_int(s.first_whole, min_int(s.n, (view->width - s.x_window) / CHUNK));
        sweep(&s);
    }
}

#endif
