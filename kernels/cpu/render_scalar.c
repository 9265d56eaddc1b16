/* The C reference of the renderer: a strip at a time, from the sky over terrain and objects to noisy integers. */
#include <kernels/cpu/render_strip.h>
#include <kernels/kernels.h>
#include <skyvox/math.h>

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

static void splat(int32_t *level, double *share, const sv_render_disc *disc) {
    sv_render_disc_shares(share, disc);
    for (size_t i = 0; i < (size_t)disc->width * (size_t)disc->height; i++)
        level[i] = (int32_t)sv_round_i64(disc->level * share[i]);
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
    for (int32_t i = 0; i < p.n; i++)
        node[i] = mix(top[i], low[i], p.down);
    between(line, n, node, &p);
}

/* Ground covers the sky below the terrain line, softly as far as the lens blurs it. */
static void ground_strip(int32_t *line, const sv_render_image *image, int32_t v, int32_t u, int32_t n) {
    place p = place_of(image, v, u, n, image->ground_cell_log2);
    if (!image->ground || p.row < image->ground_row)
        return;
    ptrdiff_t at = (ptrdiff_t)(p.row - image->ground_row) * image->ground_pitch + p.i;
    const uint16_t *g0 = image->ground + at, *g1 = g0 + image->ground_pitch;
    const int8_t *d0 = image->depth + at, *d1 = d0 + image->ground_pitch;
    int32_t up = image->level_bits + image->bit_depth - 16;
    int32_t node[STRIP + 2], ground[STRIP], depth[STRIP];
    for (int32_t i = 0; i < p.n; i++)
        node[i] = mix(g0[i], g1[i], p.down) << up;
    between(ground, n, node, &p);
    for (int32_t i = 0; i < p.n; i++)
        node[i] = mix(256 * d0[i], 256 * d1[i], p.down);
    between(depth, n, node, &p);
    for (int32_t j = 0; j < n; j++) {
        int32_t cover = min_i32(max_i32(128 + (depth[j] * image->line_slope >> 16), 0), 256);
        line[j] += (ground[j] - line[j]) * cover >> 8;
    }
}

static int32_t noise_at(const uint32_t key[2], uint32_t i) {
    uint32_t x = (i / SV_RENDER_NOISE_BLOCK * 16 + i % 16) * NOISE_WEYL + key[0];
    x = (x ^ x >> 16) * NOISE_ROUND;
    x ^= key[1];
    x = (x ^ x >> 15) * NOISE_LAST[i / 16 % 4];
    x ^= x >> 15;
    int32_t sum = 0;
    for (int32_t k = 0; k < 32; k += 8)
        sum += NOISE_LOW[x >> k & 15] + NOISE_HIGH[x >> (k + 4) & 15];
    return sum;
}

static void noise(int32_t *out, const uint32_t key[2], uint32_t first, size_t n) {
    for (size_t i = 0; i < n; i++)
        out[i] = noise_at(key, first + (uint32_t)i);
}

/* Entry of the noise curve: the octave of the level and the five bits below its first. */
static int32_t sigma_index(int32_t level) {
    int32_t x = min_i32(max_i32(level, 1), SV_RENDER_LEVEL_END - 1), octave = 0;
    while (x >> octave > 1)
        octave++;
    int32_t five = octave >= 5 ? x >> (octave - 5) : x << (5 - octave);
    return 32 * octave + five - 32;
}

/* Level plus noise of that level, rounded to DN and clamped. */
static void noise_strip(const sv_render_image *image, const int32_t *line, int32_t v, int32_t u, int32_t n) {
    int32_t bits = image->level_bits, half = bits > 0 ? 1 << (bits - 1) : 0;
    int32_t white = (1 << image->bit_depth) - 1;
    uint32_t first = noise_index(image, v, u);
    unsigned char *row = (unsigned char *)image->pixels + v * image->pitch;
    uint16_t *wide = (uint16_t *)(void *)row;
    for (int32_t j = 0; j < n; j++) {
        int32_t sigma = image->sigma[sigma_index(line[j])];
        int32_t level = line[j] + (noise_at(image->key, first + (uint32_t)j) * sigma >> NOISE_BITS);
        int32_t dn = min_i32(max_i32((level + half) >> bits, 0), white);
        if (image->bit_depth == 8)
            row[u + j] = (uint8_t)dn;
        else
            wide[u + j] = (uint16_t)dn;
    }
}

static void rows(const sv_render_image *image, int32_t v_begin, int32_t v_end) {
    int32_t line[STRIP];
    splat_range near = splats_near(image, v_begin, v_end);
    for (int32_t v = v_begin; v < v_end; v++) {
        for (int32_t u = 0; u < image->width; u += STRIP) {
            int32_t n = min_i32(STRIP, image->width - u);
            sky_strip(line, image, v, u, n);
            ground_strip(line, image, v, u, n);
            splat_strip(line, near, v, u, n);
            noise_strip(image, line, v, u, n);
        }
    }
}

void sv_kernels_render_scalar(sv_render_ops *ops) {
    ops->sky = sky;
    ops->noise = noise;
    ops->splat = splat;
    ops->rows = rows;
}
