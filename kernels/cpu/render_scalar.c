/* The C reference of the renderer: one row at a time, from the sky over terrain and objects to noisy integers. */
#include <kernels/kernels.h>

static int32_t min_i32(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static int32_t max_i32(int32_t a, int32_t b) {
    return a > b ? a : b;
}

/* a at f = 0 to b at f = 256. */
static int32_t mix(int32_t a, int32_t b, int32_t f) {
    return (a * (256 - f) + b * f) >> 8;
}

static void sky(int32_t *out, const int32_t *clear, const uint32_t *azimuth, const uint32_t *elevation, size_t n,
                const sv_render_clouds *clouds) {
    int32_t shift = 32 - clouds->bits;
    uint32_t columns = 1u << clouds->bits, last_row = (columns >> 2) - 1;
    for (size_t i = 0; i < n; i++) {
        uint32_t a = azimuth[i] + clouds->drift, e = elevation[i];
        uint32_t c0 = a >> shift, c1 = (c0 + 1) & (columns - 1), fc = (a >> (shift - 8)) & 255;
        uint32_t r0 = e >> shift, fr = (e >> (shift - 8)) & 255;
        r0 = r0 < last_row ? r0 : last_row;
        const uint16_t *row0 = clouds->density + (size_t)r0 * columns;
        const uint16_t *row1 = r0 < last_row ? row0 + columns : row0;
        uint32_t low = (row0[c0] * (256 - fc) + row0[c1] * fc) >> 8,
                 high = (row1[c0] * (256 - fc) + row1[c1] * fc) >> 8;
        uint32_t density = (low * (256 - fr) + high * fr) >> 8;
        out[i] = clear[i] + (int32_t)(((int64_t)density * clouds->level) >> 16);
    }
}

/* A row is made in pieces of this many pixels. */
enum { STRIP = 1024 };

/* Nodes round one strip of one row: where they begin and how far between two of them the strip begins. */
typedef struct place {
    int32_t x, k;      /* 1/256 px from node (0, 0) to the strip's first pixel; a node every 2^k px */
    int32_t i, n;      /* first node, number of nodes */
    int32_t row, down; /* row of nodes above, and 1/256 of the way to the next */
} place;

static place place_of(const sv_render_image *image, int32_t v, int32_t u, int32_t n, int32_t k) {
    int32_t y = (v + SV_RENDER_MARGIN_PX) * 256 - image->shift_v, x = (u + SV_RENDER_MARGIN_PX) * 256 - image->shift_u;
    int32_t first = x >> (k + 8), last = ((x + (n - 1) * 256) >> (k + 8)) + 1;
    return (place){x - (first << (k + 8)), k, first, last - first + 1, y >> (k + 8), (y >> k) & 255};
}

/* Along the row: out[u] between the nodes of a row. */
static void between(int32_t *out, int32_t n, const int32_t *node, const place *p) {
    for (int32_t u = 0; u < n; u++) {
        int32_t x = p->x + 256 * u, i = x >> (p->k + 8);
        out[u] = mix(node[i], node[i + 1], (x >> p->k) & 255);
    }
}

/* Sky: bilinear between nodes, down first. */
static void sky_strip(int32_t *line, const sv_render_image *image, int32_t v, int32_t u, int32_t n) {
    place p = place_of(image, v, u, n, image->cell_log2);
    const int32_t *top = image->node + (ptrdiff_t)p.row * image->node_pitch + p.i, *low = top + image->node_pitch;
    int32_t node[STRIP + 2];
    for (int32_t i = 0; i < p.n; i++) {
        node[i] = mix(top[i], low[i], p.down);
    }
    between(line, n, node, &p);
}

/* Ground covers the sky below the terrain line, softly as far as the lens blurs it. */
static void ground_strip(int32_t *line, const sv_render_image *image, int32_t v, int32_t u, int32_t n) {
    place p = place_of(image, v, u, n, image->ground_cell_log2);
    if (!image->ground || p.row < image->ground_row) {
        return;
    }
    ptrdiff_t at = (ptrdiff_t)(p.row - image->ground_row) * image->ground_pitch + p.i;
    const uint16_t *g0 = image->ground + at, *g1 = g0 + image->ground_pitch;
    const int8_t *d0 = image->depth + at, *d1 = d0 + image->ground_pitch;
    int32_t up = image->level_bits + image->bit_depth - 16;
    int32_t node[STRIP + 2], ground[STRIP], depth[STRIP];
    for (int32_t i = 0; i < p.n; i++) {
        node[i] = mix(g0[i], g1[i], p.down) << up;
    }
    between(ground, n, node, &p);
    for (int32_t i = 0; i < p.n; i++) {
        node[i] = d0[i] * (256 - p.down) + d1[i] * p.down;
    }
    between(depth, n, node, &p);
    for (int32_t j = 0; j < n; j++) {
        int32_t cover = min_i32(max_i32(128 + (depth[j] * image->line_slope >> 16), 0), 256);
        line[j] += (ground[j] - line[j]) * cover >> 8;
    }
}

static void splat_strip(int32_t *line, const sv_render_image *image, int32_t v, int32_t u, int32_t n) {
    for (size_t i = 0; i < image->n_splats && image->splat[i].v <= v; i++) {
        const sv_render_splat *s = &image->splat[i];
        if (v >= s->v + s->height) {
            continue;
        }
        const int32_t *level = s->level + (ptrdiff_t)(v - s->v) * s->width;
        int32_t begin = max_i32(s->u, u), end = min_i32(s->u + s->width, u + n);
        for (int32_t j = begin; j < end; j++) {
            line[j - u] += level[j - s->u];
        }
    }
}

/*
 * A normal from 32 random bits: eight tables of sixteen values, a table per nibble, all the same here. The values are the
 * normal's quantiles at the middles of sixteenths with the outermost stretched, so that the sum has kurtosis 3.01 and
 * its tails beyond 4 and 4.5 sigma 0.97 and 0.88 of a normal's weight (docs/MATH.md 6.4).
 */
static const int16_t NIBBLE[16] = {-780, -442, -338, -260, -194, -134, -79, -26, 26, 79, 134, 194, 260, 338, 442, 780};

/* Sums of the nibble tables of a byte: the same noise with half the look-ups. */
static void byte_table(int16_t table[256]) {
    for (int i = 0; i < 256; i++) {
        table[i] = (int16_t)(NIBBLE[i & 15] + NIBBLE[i >> 4]);
    }
}

enum { RUN = 128 };

/* Counter hash: a Weyl sequence over the pixel index, keyed at its start and again between the two multiplies. */
static void hash_run(uint32_t h[RUN], uint32_t first, const uint32_t key[2]) {
    for (uint32_t j = 0; j < RUN; j++) {
        uint32_t x = (first + j) * 0x9e3779b9u + key[0];
        x = (x ^ x >> 16) * 0x21f0aaadu;
        x ^= key[1];
        x = (x ^ x >> 15) * 0x735a2d97u;
        h[j] = x ^ x >> 15;
    }
}

/* Level plus noise of that level, rounded to DN and clamped. */
static void noise_strip(const sv_render_image *image, const int32_t *line, int32_t v, int32_t u_begin, int32_t n_strip,
                        const int16_t table[256]) {
    int32_t bits = image->level_bits, half = bits > 0 ? 1 << (bits - 1) : 0;
    int32_t top = (1 << image->bit_depth) - 1, most = (1 << (image->bit_depth + bits)) - 1;
    int32_t shift = image->bit_depth + bits - SV_RENDER_SIGMA_BITS;
    unsigned char *row = (unsigned char *)image->pixels + v * image->pitch;
    uint16_t *wide = (uint16_t *)(void *)row;
    uint32_t h[RUN];
    int32_t dn[RUN];
    for (int32_t u = 0; u < n_strip; u += RUN) {
        int32_t n = min_i32(RUN, n_strip - u), to = u_begin + u;
        hash_run(h, (uint32_t)v * (uint32_t)image->width + (uint32_t)to, image->key);
        for (int32_t j = 0; j < n; j++) {
            int32_t unit = table[h[j] & 255] + table[h[j] >> 8 & 255] + table[h[j] >> 16 & 255] + table[h[j] >> 24];
            int32_t level = line[u + j], bounded = min_i32(max_i32(level, 0), most);
            dn[j] = (level + (unit * image->sigma[bounded >> shift] >> 10) + half) >> bits;
        }
        if (image->bit_depth == 8) {
            for (int32_t j = 0; j < n; j++) {
                row[to + j] = (uint8_t)min_i32(max_i32(dn[j], 0), top);
            }
        } else {
            for (int32_t j = 0; j < n; j++) {
                wide[to + j] = (uint16_t)min_i32(max_i32(dn[j], 0), top);
            }
        }
    }
}

static void rows(const sv_render_image *image, int32_t v_begin, int32_t v_end) {
    int16_t table[256];
    byte_table(table);
    for (int32_t v = v_begin; v < v_end; v++) {
        for (int32_t u = 0; u < image->width; u += STRIP) {
            int32_t n = min_i32(STRIP, image->width - u), line[STRIP];
            sky_strip(line, image, v, u, n);
            ground_strip(line, image, v, u, n);
            splat_strip(line, image, v, u, n);
            noise_strip(image, line, v, u, n, table);
        }
    }
}

void sv_kernels_render_scalar(sv_render_ops *ops) {
    ops->sky = sky;
    ops->rows = rows;
}
