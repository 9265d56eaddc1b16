/*
 * The renderer in vectors: one algorithm for every width. A file that includes this has given it `lanes`, LANES and the
 * operations on them. The same integers as render_scalar.c, which says what they mean.
 */
#ifndef KERNELS_CPU_RENDER_LANES_H
#define KERNELS_CPU_RENDER_LANES_H

#include <kernels/cpu/render_strip.h>
#include <string.h>

enum { ONE_INDEX = 127 * 32 }; /* octave_and_five(1) */
enum { BLOCK = SV_RENDER_NOISE_BLOCK, BLOCK_LANES = BLOCK / LANES };

/* ---- noise ---- */

/* What stays the same from block to block. */
typedef struct hash {
    lanes step, round, key, last[4];
    tables value;
} hash;

/* Not inline: a compiler that sees constants makes them again for every block. */
__attribute__((noinline)) static hash hash_of(const uint32_t key[2]) {
    hash h = {.step = every((int32_t)(LANES * NOISE_WEYL)),
              .round = every((int32_t)NOISE_ROUND),
              .key = every((int32_t)(key[1] ^ key[1] >> 15)),
              .value = tables_of(NOISE_LOW, NOISE_HIGH)};
    for (int k = 0; k < 4; k++)
        h.last[k] = every((int32_t)NOISE_LAST[k]);
    return h;
}

/* States on their way: a multiplication takes so long that the next two vectors of states are begun beforehand. */
typedef struct pipe {
    lanes weyl, mid, last[4];
} pipe;

/* The key passes through its own fold beforehand. */
static inline lanes next_mid(lanes *weyl, const hash *h) {
    lanes x = mul(bit_xor(*weyl, SHIFT(*weyl, 16)), h->round);
    *weyl = add(*weyl, h->step);
    return bit_xor(bit_xor(x, SHIFT(x, 15)), h->key);
}

static inline lanes last_of(lanes mid, lanes factor) {
    lanes x = mul(mid, factor);
    return bit_xor(x, SHIFT(x, 15));
}

static inline pipe pipe_at(const uint32_t key[2], uint32_t first, const hash *h) {
    pipe p;
    lanes state = add(every((int32_t)(first / BLOCK * 16)), lane_numbers());
    p.weyl = add(mul(state, every((int32_t)NOISE_WEYL)), every((int32_t)key[0]));
    p.mid = next_mid(&p.weyl, h);
    for (int k = 0; k < 4; k++)
        p.last[k] = last_of(p.mid, h->last[k]);
    p.mid = next_mid(&p.weyl, h);
    return p;
}

/* Noise of lanes 16 k + part * LANES on of a block, to be asked for in the order of part, then k. */
static inline lanes next_noise(pipe *p, int k, const hash *h) {
    lanes out = sum_of_nibbles(p->last[k], &h->value);
    p->last[k] = last_of(p->mid, h->last[k]);
    p->mid = k == 3 ? next_mid(&p->weyl, h) : p->mid;
    return out;
}

static inline void noise_block(int32_t *out, pipe *p, const hash *h) {
    for (int part = 0; part < 16; part += LANES) {
        for (int k = 0; k < 4; k++)
            store(out + 16 * k + part, next_noise(p, k, h));
    }
}

static void noise(int32_t *out, const uint32_t key[2], uint32_t first, size_t n) {
    hash h = hash_of(key);
    pipe p = pipe_at(key, first, &h);
    for (; n >= BLOCK; n -= BLOCK, out += BLOCK)
        noise_block(out, &p, &h);
    if (n > 0) {
        int32_t last[BLOCK];
        noise_block(last, &p, &h);
        memcpy(out, last, n * sizeof *out);
    }
}

/* ---- background ---- */

/* Nodes of a row and what is read beyond them; the cells of sky that narrow lenses have; what is written beyond a strip. */
enum { NODES = STRIP + 2 * LANES, CELL = 32, SLACK = CELL };

static inline lanes mix_lanes(lanes a, lanes b, lanes f) {
    return add(a, SHIFT_SIGNED(mul(sub(b, a), f), 8));
}

/* Along the row where nodes are near: every lane picks its own two. */
static inline void between_near(int32_t *out, int32_t n, const int32_t *node, const place *p) {
    lanes near = mul(lane_numbers(), every(256)), cell = every(p->k + 8), k = every(p->k), low = every(255);
    for (int32_t u = 0; u < n; u += LANES) {
        int32_t x = p->x + 256 * u, i = x >> (p->k + 8);
        lanes at = add(every(x - (i << (p->k + 8))), near), cells = shift_by(at, cell);
        lanes a = pick(load(node + i), cells), b = pick(load(node + i + 1), cells);
        store(out + u, mix_lanes(a, b, bit_and(shift_by(at, k), low)));
    }
}

enum { FAR_LOG2 = 3, FAR_NODES = (STRIP >> FAR_LOG2) + 2 + LANES };

/* Cells of a strip: their levels in 1/256, at the first pixel and from vector to vector, and from pixel to pixel. */
typedef struct far_cells {
    int32_t first[FAR_NODES], more[FAR_NODES], rise[FAR_NODES];
} far_cells;

/* From a cell's first pixel, or the strip's, to before `end`. */
static inline void fill_cell(int32_t *out, int32_t begin, int32_t end, const far_cells *cells, int32_t i, lanes steps) {
    lanes level = add(every(cells->first[i]), mul(every(cells->rise[i]), steps)), more = every(cells->more[i]);
    for (int32_t j = begin; j < end; j += LANES, level = add(level, more))
        store(out + j, SHIFT_SIGNED(level, 8));
}

/* Along the row where nodes are far apart: cell by cell, the last of a common size to its end. */
static inline void between_far(int32_t *out, int32_t n, const int32_t *node, const place *p) {
    far_cells cells;
    int32_t step = 256 >> p->k, cell = 1 << p->k, u = cell - (p->x >> 8);
    lanes steps = mul(lane_numbers(), every(step)), vector = every(step * LANES), phase = every((p->x & 255) >> p->k);
    int32_t i = 0;
    do {
        lanes level = load(node + i), rise = sub(load(node + i + 1), level);
        store(cells.rise + i, rise);
        store(cells.more + i, mul(rise, vector));
        store(cells.first + i, add(SHIFT_LEFT(level, 8), mul(rise, phase)));
    } while ((i += LANES) < p->n);
    cells.first[0] += cells.rise[0] * (p->x >> 8) * step; /* it has begun before the strip */
    fill_cell(out, 0, min_i32(u, n), &cells, 0, steps);
    if (cell == CELL) {
        for (i = 1; u < n; i++, u += CELL)
            fill_cell(out + u, 0, CELL, &cells, i, steps);
    } else {
        for (i = 1; u < n; i++, u += cell)
            fill_cell(out, u, min_i32(u + cell, n), &cells, i, steps);
    }
}

/* Both write whole vectors or cells: out has room for SLACK more. */
static inline void between(int32_t *out, int32_t n, const int32_t *node, const place *p) {
    if (p->k < FAR_LOG2)
        between_near(out, n, node, p);
    else
        between_far(out, n, node, p);
}

static inline void sky_strip(int32_t *line, const sv_render_image *image, int32_t v, int32_t u, int32_t n) {
    place p = place_of(image, v, u, n, image->cell_log2);
    const int32_t *top = image->node + (ptrdiff_t)p.row * image->node_pitch + p.i, *bottom = top + image->node_pitch;
    int32_t node[NODES], i = 0;
    lanes down = every(p.down);
    for (; i + LANES <= p.n; i += LANES)
        store(node + i, mix_lanes(load(top + i), load(bottom + i), down));
    for (; i < p.n; i++)
        node[i] = mix(top[i], bottom[i], p.down);
    memset(node + p.n, 0, (LANES + 1) * sizeof *node);
    between(line, n, node, &p);
}

/* Nodes of the ground between two rows, and the range of its depth. */
typedef struct ground_nodes {
    int32_t level[NODES], depth[NODES];
    int32_t least_cover, most_cover;
} ground_nodes;

static inline int32_t cover_of(int32_t depth, int32_t slope) {
    return min_i32(max_i32(128 + (depth * slope >> 16), 0), 256);
}

static inline void mix_ground(ground_nodes *out, const sv_render_image *image, const place *p) {
    ptrdiff_t at = (ptrdiff_t)(p->row - image->ground_row) * image->ground_pitch + p->i;
    const uint16_t *g0 = image->ground + at, *g1 = g0 + image->ground_pitch;
    const int8_t *d0 = image->depth + at, *d1 = d0 + image->ground_pitch;
    int32_t up = image->level_bits + image->bit_depth - 16, i = 0, low = INT16_MAX, high = INT16_MIN;
    lanes down = every(p->down), lows = every(low), highs = every(high);
    for (; i + LANES <= p->n; i += LANES) {
        store(out->level + i, shift_left_by(mix_lanes(load_u16(g0 + i), load_u16(g1 + i), down), every(up)));
        lanes top = load_i8(d0 + i), depth = add(mul(top, every(256)), mul(sub(load_i8(d1 + i), top), down));
        store(out->depth + i, depth);
        lows = least(lows, depth);
        highs = most(highs, depth);
    }
    for (; i < p->n; i++) {
        out->level[i] = mix(g0[i], g1[i], p->down) << up;
        out->depth[i] = mix(256 * d0[i], 256 * d1[i], p->down);
        low = min_i32(low, out->depth[i]);
        high = max_i32(high, out->depth[i]);
    }
    memset(out->level + p->n, 0, (LANES + 1) * sizeof *out->level);
    memset(out->depth + p->n, 0, (LANES + 1) * sizeof *out->depth);
    int32_t each[2][LANES];
    store(each[0], lows);
    store(each[1], highs);
    for (int k = 0; k < LANES; k++) {
        low = min_i32(low, each[0][k]);
        high = max_i32(high, each[1][k]);
    }
    out->least_cover = cover_of(low, image->line_slope);
    out->most_cover = cover_of(high, image->line_slope);
}

/* Between its nodes depth stays in their range, so a strip far from the terrain line is all sky or all ground. */
static inline void background_strip(int32_t *line, const sv_render_image *image, int32_t v, int32_t u, int32_t n) {
    place p = place_of(image, v, u, n, image->ground_cell_log2);
    if (!image->ground || p.row < image->ground_row) {
        sky_strip(line, image, v, u, n);
        return;
    }
    ground_nodes nodes;
    mix_ground(&nodes, image, &p);
    if (nodes.least_cover == 256) {
        between(line, n, nodes.level, &p);
        return;
    }
    sky_strip(line, image, v, u, n);
    if (nodes.most_cover == 0)
        return;
    int32_t ground[STRIP + SLACK], depth[STRIP + SLACK];
    between(ground, n, nodes.level, &p);
    between(depth, n, nodes.depth, &p);
    lanes slope = every(image->line_slope), half = every(128), none = every(0), full = every(256);
    for (int32_t j = 0; j < n; j += LANES) {
        lanes cover = add(half, SHIFT_SIGNED(mul(load(depth + j), slope), 16));
        cover = least(most(cover, none), full);
        store(line + j, mix_lanes(load(line + j), load(ground + j), cover));
    }
}

/* ---- sensor ---- */

typedef struct sensor {
    lanes bits, white;
    lanes half;  /* of a DN, in the unit of noise products */
    bool narrow; /* every sigma fits a signed word */
} sensor;

__attribute__((noinline)) static sensor sensor_of(const sv_render_image *image) {
    int32_t bits = image->level_bits;
    lanes all = every(0);
    for (int i = 0; i < SV_RENDER_SIGMA_N; i += LANES)
        all = bit_or(all, load(image->sigma + i));
    return (sensor){.bits = every(bits),
                    .half = every(bits > 0 ? 1 << (bits - 1 + NOISE_BITS) : 0),
                    .white = every((1 << image->bit_depth) - 1),
                    .narrow = !any(SHIFT(all, 15))};
}

/*
 * Sigmas of a block. Its levels differ little, but at sharp edges: then all lie in one run of LANES entries of the curve,
 * a register, and need no memory.
 */
static inline void sigma_of_block(lanes sigma[BLOCK_LANES], const int32_t *line, const int32_t *curve) {
    const int32_t last = SV_RENDER_SIGMA_N - 1;
    for (int k = 0; k < BLOCK_LANES; k++)
        sigma[k] = octave_and_five(load(line + LANES * k));
    int32_t first = min_i32(max_i32(first_of(sigma[0]) - ONE_INDEX - LANES / 2, 0), last + 1 - LANES);
    lanes base = every(ONE_INDEX + first), all = every(0), run = load(curve + first);
    for (int k = 0; k < BLOCK_LANES; k++) {
        sigma[k] = sub(sigma[k], base);
        all = bit_or(all, sigma[k]);
    }
    if (can_pick(all)) {
        for (int k = 0; k < BLOCK_LANES; k++)
            sigma[k] = pick(run, sigma[k]);
        return;
    }
    for (int k = 0; k < BLOCK_LANES; k++)
        sigma[k] = gather(curve, least(most(add(sigma[k], every(first)), every(0)), every(last)));
}

/* What makes the noise of a row, strip by strip: the blocks of a row follow one another. */
typedef struct row_noise {
    hash hash;
    sensor sensor;
    pipe pipe;
} row_noise;

/* narrow is a constant, so that each kind of product has its own loop. */
static inline __attribute__((always_inline)) void noise_strip(const sv_render_image *image, row_noise *row,
                                                              const int32_t *line, int32_t v, int32_t u, int32_t n,
                                                              bool narrow) {
    const sensor s = row->sensor;
    pipe p = row->pipe;
    lanes dn[BLOCK_LANES], sigma[BLOCK_LANES];
    size_t bytes = image->bit_depth == 8 ? 1 : 2;
    unsigned char *to = (unsigned char *)image->pixels + v * image->pitch + (ptrdiff_t)bytes * u;
    for (; n > 0; n -= BLOCK, line += BLOCK, to += bytes * BLOCK) {
        unsigned char last[2 * BLOCK], *here = n >= BLOCK ? to : last;
        sigma_of_block(sigma, line, image->sigma);
        for (int part = 0; part < 16; part += LANES) {
            for (int k = 0; k < 4; k++) {
                int i = (16 * k + part) / LANES;
                lanes value = next_noise(&p, k, &row->hash);
                value = narrow ? add_product(s.half, value, sigma[i]) : add(s.half, mul(value, sigma[i]));
                lanes noise_dn = SHIFT_SIGNED(value, NOISE_BITS);
                dn[i] = shift_signed_by(add(load(line + LANES * i), noise_dn), s.bits);
            }
        }
        if (bytes == 1)
            store_bytes(here, dn);
        else
            store_words(here, dn, s.white);
        if (n < BLOCK)
            memcpy(to, last, bytes * (size_t)n);
    }
    row->pipe = p;
}

static void rows(const sv_render_image *image, int32_t v_begin, int32_t v_end) {
    _Alignas(64) int32_t line[STRIP + SLACK] = {0};
    row_noise row = {.hash = hash_of(image->key), .sensor = sensor_of(image)};
    splat_range near = splats_near(image, v_begin, v_end);
    for (int32_t v = v_begin; v < v_end; v++) {
        row.pipe = pipe_at(image->key, noise_index(image, v, 0), &row.hash);
        for (int32_t u = 0; u < image->width; u += STRIP) {
            int32_t n = min_i32(STRIP, image->width - u);
            background_strip(line, image, v, u, n);
            splat_strip(line, near, v, u, n);
            if (row.sensor.narrow)
                noise_strip(image, &row, line, v, u, n, true);
            else
                noise_strip(image, &row, line, v, u, n, false);
        }
    }
}

#endif
