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

/* Bilinear between nodes: down first, then along the row in runs of one cell. */
static void sky_row(int32_t *line, const sv_render_image *image, int32_t v) {
    int32_t k = image->cell_log2, cell = 1 << k, step = 256 >> k;
    int32_t y = (v + SV_RENDER_MARGIN_PX) * 256 - image->shift_v, x = SV_RENDER_MARGIN_PX * 256 - image->shift_u;
    int32_t fy = (y >> k) & 255;
    const int32_t *top = image->node + (size_t)(y >> (k + 8)) * (size_t)image->node_pitch,
                  *low = top + image->node_pitch;

    int32_t i = x >> (k + 8), inside = (x >> 8) & (cell - 1), phase = (x & 255) >> k;
    int32_t left = mix(top[i], low[i], fy);
    for (int32_t u = 0; u < image->width; i++) {
        int32_t right = mix(top[i + 1], low[i + 1], fy), rise = right - left;
        int32_t run = min_i32(cell - inside, image->width - u), f = inside * step + phase;
        for (int32_t j = 0; j < run; j++) {
            line[u + j] = left + ((rise * (f + j * step)) >> 8);
        }
        u += run;
        inside = 0;
        left = right;
    }
}

static void terrain_row(int32_t *line, const sv_render_image *image, int32_t v) {
    int32_t y = (v + SV_RENDER_MARGIN_PX) * 256 - image->shift_v, x = SV_RENDER_MARGIN_PX * 256 - image->shift_u;
    int32_t r = (y >> 8) - image->terrain_row, fy = y & 255, fx = x & 255;
    if (!image->terrain_level || r < 0) {
        return;
    }
    size_t at = (size_t)r * (size_t)image->terrain_pitch + (size_t)(x >> 8);
    const uint16_t *l0 = image->terrain_level + at, *l1 = l0 + image->terrain_pitch;
    const uint8_t *c0 = image->terrain_cover + at, *c1 = c0 + image->terrain_pitch;
    int32_t up = max_i32(image->level_bits + image->bit_depth - 16, 0),
            down = max_i32(16 - image->level_bits - image->bit_depth, 0);
    for (int32_t u = 0; u < image->width; u++) {
        int32_t level = mix(mix(l0[u], l0[u + 1], fx), mix(l1[u], l1[u + 1], fx), fy) << up >> down;
        int32_t cover = mix(mix(c0[u], c0[u + 1], fx), mix(c1[u], c1[u + 1], fx), fy);
        line[u] += (level - line[u]) * (cover + (cover >> 7)) >> 8;
    }
}

static void splat_row(int32_t *line, const sv_render_image *image, int32_t v) {
    for (size_t i = 0; i < image->n_splats; i++) {
        const sv_render_splat *s = &image->splat[i];
        if (v < s->v || v >= s->v + s->height) {
            continue;
        }
        const int32_t *level = s->level + (size_t)(v - s->v) * (size_t)s->width;
        int32_t begin = max_i32(0, -s->u), end = min_i32(s->width, image->width - s->u);
        for (int32_t j = begin; j < end; j++) {
            line[s->u + j] += level[j];
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
static void noise_row(const sv_render_image *image, const int32_t *line, int32_t v, const int16_t table[256]) {
    int32_t bits = image->level_bits, half = bits > 0 ? 1 << (bits - 1) : 0;
    int32_t top = (1 << image->bit_depth) - 1, most = (1 << (image->bit_depth + bits)) - 1;
    int32_t shift = image->bit_depth + bits - SV_RENDER_SIGMA_BITS;
    unsigned char *row = (unsigned char *)image->pixels + v * image->pitch;
    uint16_t *wide = (uint16_t *)(void *)row;
    uint32_t h[RUN];
    int32_t dn[RUN];
    for (int32_t u = 0; u < image->width; u += RUN) {
        int32_t n = min_i32(RUN, image->width - u);
        hash_run(h, (uint32_t)v * (uint32_t)image->width + (uint32_t)u, image->key);
        for (int32_t j = 0; j < n; j++) {
            int32_t unit = table[h[j] & 255] + table[h[j] >> 8 & 255] + table[h[j] >> 16 & 255] + table[h[j] >> 24];
            int32_t level = line[u + j], bounded = min_i32(max_i32(level, 0), most);
            dn[j] = (level + (unit * image->sigma[bounded >> shift] >> 10) + half) >> bits;
        }
        if (image->bit_depth == 8) {
            for (int32_t j = 0; j < n; j++) {
                row[u + j] = (uint8_t)min_i32(max_i32(dn[j], 0), top);
            }
        } else {
            for (int32_t j = 0; j < n; j++) {
                wide[u + j] = (uint16_t)min_i32(max_i32(dn[j], 0), top);
            }
        }
    }
}

static void rows(const sv_render_image *image, int32_t v_begin, int32_t v_end, int32_t *line) {
    int16_t table[256];
    byte_table(table);
    for (int32_t v = v_begin; v < v_end; v++) {
        sky_row(line, image, v);
        terrain_row(line, image, v);
        splat_row(line, image, v);
        noise_row(image, line, v, table);
    }
}

void sv_kernels_render_scalar(sv_render_ops *ops) {
    ops->sky = sky;
    ops->rows = rows;
}
