/*
 * The warp in lanes of 32 bits. A file that includes this has defined `lanes`, LANES and the vocabulary: every, lane_numbers,
 * add, sub, mul, bit_and, choose, least, most, SHIFT, SHIFT_LEFT, SHIFT_SIGNED, shift_by, load_u16, store_u16, gather_bytes.
 */
#ifndef KERNELS_CPU_WARP_LANES_H
#define KERNELS_CPU_WARP_LANES_H

#include <kernels/cpu/warp_block.h>

/* An image with what every block asks of it. */
typedef struct warp_source {
    const char *pixels;
    ptrdiff_t pitch;
    int32_t width, height;
} warp_source;

/* The four pixels of every lane. */
typedef struct warp_corners {
    lanes p00, p01, p10, p11;
} warp_corners;

/* Pairs of pixels side by side, as 32 bits at a distance in bytes; little endian. */
static inline void split_pair(lanes *left, lanes *right, lanes pair) {
    *left = bit_and(pair, every(0xffff));
    *right = SHIFT(pair, 16);
}

/* Any places. The last column has no right neighbour: its pair is read one pixel before and moved. */
static inline warp_corners corners_by_gather(const warp_source *s, lanes x, lanes y) {
    const lanes inner = least(x, every(s->width - 2)), below = least(add(y, every(1)), every(s->height - 1));
    const lanes at_end = sub(x, inner); /* 0, or 1 in the last column */
    const lanes pitch = every((int32_t)s->pitch), across = add(inner, inner);
    const lanes top = gather_bytes(s->pixels, add(mul(y, pitch), across));
    const lanes bottom = gather_bytes(s->pixels, add(mul(below, pitch), across));
    const lanes half = mul(at_end, every(16));
    warp_corners c;
    split_pair(&c.p00, &c.p01, shift_by(top, half));
    split_pair(&c.p10, &c.p11, shift_by(bottom, half));
    return c;
}

/* (256 - weight) near + weight far; sums below 2^32 wrap to themselves. */
static inline lanes blend(lanes near, lanes far, lanes weight) {
    return add(SHIFT_LEFT(near, 8), mul(sub(far, near), weight));
}

static inline lanes mix_corners(const warp_corners *c, lanes a, lanes b) {
    const lanes sum = blend(blend(c->p00, c->p01, a), blend(c->p10, c->p11, a), b);
    return SHIFT(add(sum, every(1 << 15)), 16);
}

/* Any places. */
static inline lanes anywhere(const warp_source *s, lanes u, lanes v) {
    const lanes zero = every(0), low_byte = every(255);
    const lanes x = most(least(SHIFT_SIGNED(u, TO_256), every((s->width - 1) * 256)), zero);
    const lanes y = most(least(SHIFT_SIGNED(v, TO_256), every((s->height - 1) * 256)), zero);
    const warp_corners c = corners_by_gather(s, SHIFT(x, 8), SHIFT(y, 8));
    return mix_corners(&c, bit_and(x, low_byte), bit_and(y, low_byte));
}

/* A block whose pixels come from one row, one after the other but for a step of none or of two somewhere. */
static bool is_calm(const warp_source *s, const warp_block *b) {
    const int32_t away = b->du - (1 << PLACE_BITS), last = SV_WARP_BLOCK - 1;
    const int32_t y = b->v >> PLACE_BITS, x_first = b->u >> PLACE_BITS, x_last = (b->u + last * b->du) >> PLACE_BITS;
    return away * SV_WARP_BLOCK < 1 << PLACE_BITS && -away * SV_WARP_BLOCK < 1 << PLACE_BITS &&
           (b->v + last * b->dv) >> PLACE_BITS == y && y >= 0 && y + 1 < s->height && x_first >= 1 &&
           x_last + LANES + 3 <= s->width;
}

/* In a calm block: loads instead of gathers. `late`: 0, or 1 for lanes that lie one pixel farther than their number says. */
static inline lanes in_calm(const uint16_t *top, const uint16_t *bottom, lanes late, lanes a, lanes b) {
    const lanes t0 = load_u16(top), t1 = load_u16(top + 1), t2 = load_u16(top + 2);
    const lanes b0 = load_u16(bottom), b1 = load_u16(bottom + 1), b2 = load_u16(bottom + 2);
    const warp_corners c = {choose(late, t1, t0), choose(late, t2, t1), choose(late, b1, b0), choose(late, b2, b1)};
    return mix_corners(&c, a, b);
}

/* Nothing but a shift: every lane lies at its number. */
static inline lanes in_shift(const uint16_t *top, const uint16_t *bottom, lanes a, lanes b) {
    const warp_corners c = {load_u16(top), load_u16(top + 1), load_u16(bottom), load_u16(bottom + 1)};
    return mix_corners(&c, a, b);
}

static inline const uint16_t *row_of(const warp_source *s, int32_t y) {
    return (const uint16_t *)(const void *)(s->pixels + y * s->pitch);
}

static inline void warp_calm(lanes *out, int32_t n, const warp_source *s, const warp_block *block) {
    const uint16_t *top = row_of(s, block->v >> PLACE_BITS), *bottom = row_of(s, (block->v >> PLACE_BITS) + 1);
    const bool shift = block->du == 1 << PLACE_BITS;
    const int32_t before = block->du < 1 << PLACE_BITS; /* lanes fall back then: begin a pixel before */
    const lanes low_byte = every(255);
    for (int32_t i = 0; i < n; i++) {
        const int32_t first = block->u + i * LANES * block->du, at = (first >> PLACE_BITS) - before;
        const lanes u = add(every(first), mul(lane_numbers(), every(block->du)));
        const lanes v = add(every(block->v + i * LANES * block->dv), mul(lane_numbers(), every(block->dv)));
        const lanes a = bit_and(SHIFT(u, TO_256), low_byte), b = bit_and(SHIFT(v, TO_256), low_byte);
        const lanes late = sub(SHIFT(u, PLACE_BITS), add(lane_numbers(), every(at)));
        out[i] = shift ? in_shift(top + at, bottom + at, a, b) : in_calm(top + at, bottom + at, late, a, b);
    }
}

static inline void warp_wild(lanes *out, int32_t n, const warp_source *s, const warp_block *block) {
    for (int32_t i = 0; i < n; i++) {
        const lanes number = add(lane_numbers(), every(i * LANES));
        out[i] = anywhere(s, add(every(block->u), mul(number, every(block->du))),
                          add(every(block->v), mul(number, every(block->dv))));
    }
}

static void warp_row(uint16_t *out, int32_t n, const warp_source *s, const sv_warp_map *map, int32_t y) {
    enum { LANES_CAP = SV_WARP_BLOCK / LANES };
    for (int32_t x = 0; x < n; x += SV_WARP_BLOCK) {
        const warp_block block = block_at(map, x, y);
        const int32_t end = n - x < SV_WARP_BLOCK ? n - x : SV_WARP_BLOCK, n_lanes = (end + LANES - 1) / LANES;
        lanes result[LANES_CAP];
        if (is_calm(s, &block))
            warp_calm(result, n_lanes, s, &block);
        else
            warp_wild(result, n_lanes, s, &block);
        uint16_t last[SV_WARP_BLOCK];
        uint16_t *to = end == SV_WARP_BLOCK ? out + x : last;
        for (int32_t i = 0; i < n_lanes; i++)
            store_u16(to + i * LANES, result[i]);
        if (to == last)
            memcpy(out + x, last, (size_t)end * sizeof *last);
    }
}

/* Images that the lanes' offsets of 32 bits do not reach, or without a pair of pixels, are the C reference's. */
static void affine(uint16_t *out, ptrdiff_t out_pitch, int32_t out_width, const sv_warp_image *image,
                   const sv_warp_map *map, int32_t y_begin, int32_t y_end) {
    const int64_t reach = (int64_t)image->height * (image->pitch < 0 ? -image->pitch : image->pitch);
    if (image->width < 2 || reach >= (int64_t)1 << 31) {
        sv_warp_ops reference;
        sv_kernels_warp_scalar(&reference);
        reference.affine(out, out_pitch, out_width, image, map, y_begin, y_end);
        return;
    }
    const warp_source source = {(const char *)image->pixels, image->pitch, image->width, image->height};
    for (int32_t y = y_begin; y < y_end; y++)
        warp_row((uint16_t *)(void *)((char *)out + y * out_pitch), out_width, &source, map, y);
}

#endif
