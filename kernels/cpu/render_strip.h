/* What every level of the renderer shares: strips, their place among nodes, objects, and the noise's constants. */
#ifndef KERNELS_CPU_RENDER_STRIP_H
#define KERNELS_CPU_RENDER_STRIP_H

#include <skyvox/render_ops.h>

/* A row is made in strips of this many pixels: all that is made on the way stays in the nearest cache. */
enum { STRIP = 1024 };

static inline int32_t min_i32(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static inline int32_t max_i32(int32_t a, int32_t b) {
    return a > b ? a : b;
}

/* a at f = 0 to b at f = 256. */
static inline int32_t mix(int32_t a, int32_t b, int32_t f) {
    return a + ((b - a) * f >> 8);
}

/* Where a strip of one row lies among nodes. */
typedef struct place {
    int32_t x, k;      /* 1/256 px from the first node to the first pixel; a node every 2^k px */
    int32_t i, n;      /* first node and number of nodes */
    int32_t row, down; /* row of nodes above, and 1/256 of the way to the next */
} place;

static inline place place_of(const sv_render_image *image, int32_t v, int32_t u, int32_t n, int32_t k) {
    int32_t y = (v + SV_RENDER_MARGIN_PX) * 256 - image->shift_v, x = (u + SV_RENDER_MARGIN_PX) * 256 - image->shift_u;
    int32_t first = x >> (k + 8), last = ((x + (n - 1) * 256) >> (k + 8)) + 1;
    return (place){x - (first << (k + 8)), k, first, last - first + 1, y >> (k + 8), (y >> k) & 255};
}

/* Objects that may touch some rows: in the list from above to below, those before are over, those behind begin later. */
typedef struct splat_range {
    const sv_render_splat *begin, *end;
} splat_range;

static inline splat_range splats_near(const sv_render_image *image, int32_t v_begin, int32_t v_end) {
    splat_range near = {image->splat, image->splat + image->n_splats};
    while (near.begin < near.end && near.begin->v + near.begin->height <= v_begin)
        near.begin++;
    while (near.begin < near.end && near.end[-1].v >= v_end)
        near.end--;
    return near;
}

/* Objects add to what is there. */
static inline void splat_strip(int32_t *line, splat_range near, int32_t v, int32_t u, int32_t n) {
    for (const sv_render_splat *s = near.begin; s < near.end; s++) {
        if (v < s->v || v >= s->v + s->height)
            continue;
        const int32_t *level = s->level + (ptrdiff_t)(v - s->v) * s->width;
        int32_t begin = max_i32(s->u, u), end = min_i32(s->u + s->width, u + n);
        for (int32_t j = begin; j < end; j++)
            line[j - u] += level[j - s->u];
    }
}

/*
 * Noise, docs/MATH.md 6.4. Of 64 pixels, the four with the same index modulo 16 share a state: a Weyl sequence through one
 * round of a hash, keyed before and within. A multiplier for each of the four finishes the hash.
 */
static const uint32_t NOISE_WEYL = 0x9e3779b9, NOISE_ROUND = 0x21f0aaad;
static const uint32_t NOISE_LAST[4] = {0xe794ee15, 0x26b563b1, 0x1333bc1d, 0x1a6e72b9};

/* The sum of eight values, one for each nibble, is the noise: LOW for the four even nibbles, HIGH for the odd ones. */
static const int8_t NOISE_LOW[16] = {-47, -16, -12, -11, -11, -9, -7, -1, 1, 7, 9, 11, 11, 12, 16, 47};
static const int8_t NOISE_HIGH[16] = {-52, -26, -22, -21, -21, -16, -12, -8, 8, 12, 16, 21, 21, 22, 26, 52};

enum { NOISE_BITS = 6 }; /* SV_RENDER_NOISE_UNIT = 2^NOISE_BITS */

/* Index of a pixel in its frame's noise: rows begin with a block. */
static inline uint32_t noise_index(const sv_render_image *image, int32_t v, int32_t u) {
    uint32_t width =
        (uint32_t)(image->width + SV_RENDER_NOISE_BLOCK - 1) / SV_RENDER_NOISE_BLOCK * SV_RENDER_NOISE_BLOCK;
    return (uint32_t)v * width + (uint32_t)u;
}

#endif
