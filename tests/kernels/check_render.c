/* render.sky, render.noise and render.rows: a scene of random sky, clouds, ground and splats, rendered by both tables. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

enum { GUARD = 0x5a, CLOUD_BITS = 8, N_SPLATS = 6, SPLAT = 9, SLACK = 2 * SV_RENDER_MARGIN_PX };

/* ---- sky ---- */

enum { N_ANGLES = 1000, SKY_BITS = 14 };

/* Densities at their limits, columns where the map wraps, rows beyond its last. */
static void fill_sky(uint16_t *density, uint32_t n_density, int32_t *clear, uint32_t *azimuth, uint32_t *elevation,
                     uint32_t n, int variant) {
    for (uint32_t i = 0; i < n_density; i++)
        density[i] = variant == 0 ? (uint16_t)check_random(i, 1) : (check_random(i, 1) & 1) ? UINT16_MAX : 0;
    for (uint32_t i = 0; i < n; i++) {
        clear[i] = (int32_t)(check_random(i, 2) >> 13);
        azimuth[i] = i % 7 == 0 ? UINT32_MAX - i : check_random(i, 3);
        elevation[i] = i % 5 == 0 ? (1u << 30) - i / 5 : check_random(i, 4) >> 2;
        if (variant == 3) { /* neighbours, round the whole turn and from row to row */
            azimuth[i] = i * (UINT32_MAX / N_ANGLES) + check_random(i, 3) % (1u << 20);
            elevation[i] = (1u << 30) / N_ANGLES * (i / 30 * 30) + check_random(i / 5, 4) % (1u << 18);
        }
    }
}

static void compare_sky(check *c, int bits, int n, int level, int variant) {
    const uint32_t n_density = 1u << (2 * bits - 2);
    uint16_t *density = malloc(n_density * sizeof *density); /* to the byte: a sanitizer sees what is read beyond */
    static int32_t clear[N_ANGLES], a[N_ANGLES + 8], b[N_ANGLES + 8];
    static uint32_t azimuth[N_ANGLES], elevation[N_ANGLES];
    c->n_cases++;
    if (!density) {
        check_fail(c, "render.sky", "memory", n, 1, 0);
        return;
    }
    fill_sky(density, n_density, clear, azimuth, elevation, (uint32_t)n, variant);
    const sv_render_clouds clouds = {.density = density,
                                     .bits = bits,
                                     .drift = variant == 2 ? 0 : check_random((uint32_t)(n + level), 5),
                                     .level = level};
    memset(a, GUARD, sizeof a);
    memset(b, GUARD, sizeof b);
    c->reference->render.sky(a, clear, azimuth, elevation, (size_t)n, &clouds);
    c->level->render.sky(b, clear, azimuth, elevation, (size_t)n, &clouds);
    if (memcmp(a, b, sizeof a))
        check_fail(c, "render.sky", "a level", n, 1, 0);
    free(density);
}

void check_render_sky(check *c) {
    static const int n[] = {0, 1, 3, 8, 15, 16, 17, 33, 100, N_ANGLES};
    static const int levels[] = {-(1 << 30), -250000, -65537, -1, 0, 1, 125000, 250001, 1 << 30};
    for (size_t i = 0; i < sizeof n / sizeof *n; i++)
        for (size_t k = 0; k < sizeof levels / sizeof *levels; k++)
            for (int variant = 0; variant < 4; variant++)
                compare_sky(c, CLOUD_BITS + (int)(i + k) % 4, n[i], levels[k], variant);
    compare_sky(c, SKY_BITS, N_ANGLES, 250000, 1);
    compare_sky(c, SKY_BITS, N_ANGLES, 250000, 3);
    for (int i = 0; i < 64; i++) /* vectors that end in the map's last column */
        compare_sky(c, CLOUD_BITS, N_ANGLES, 250000 + i, 3);
}

/* ---- noise ---- */

enum { N_NOISE = 8192 };

void check_render_noise(check *c) {
    static int32_t a[N_NOISE], b[N_NOISE];
    for (uint32_t i = 0; i < 200; i++) {
        const uint32_t key[2] = {check_random(i, 6), check_random(i, 7)};
        const uint32_t first = check_random(i, 8) / 2 / SV_RENDER_NOISE_BLOCK * SV_RENDER_NOISE_BLOCK;
        const uint32_t n = i < 150 ? i : check_random(i, 9) % (N_NOISE - SV_RENDER_NOISE_BLOCK);
        memset(a, GUARD, sizeof a);
        memset(b, GUARD, sizeof b);
        c->reference->render.noise(a, key, first, n);
        c->level->render.noise(b, key, first, n);
        c->n_cases++;
        if (memcmp(a, b, sizeof a))
            check_fail(c, "render.noise", "a value", (int)n, 1, 0);
    }
}

/* ---- rows ---- */

typedef struct scene {
    sv_render_image image;
    int32_t *node, *sigma;
    uint16_t *ground;
    int8_t *depth;
    sv_render_splat splat[N_SPLATS];
    int32_t splat_level[N_SPLATS][SPLAT * SPLAT];
    unsigned char *pixels;
    size_t pixel_bytes;
} scene;

static void fill_maps(scene *s, size_t n_nodes, size_t n_ground) {
    const int bits = s->image.bit_depth + s->image.level_bits;
    for (uint32_t i = 0; i < n_nodes; i++)
        s->node[i] = (int32_t)(check_random(i, 11) >> (33 - bits)); /* the lower half of the range */
    for (uint32_t i = 0; i < n_ground; i++) {
        s->ground[i] = (uint16_t)check_random(i, 12);
        s->depth[i] = (int8_t)(i % 3 ? (int)(i / 7 % 256) - 128 : (int)(check_random(i, 13) % 256) - 128);
    }
    for (uint32_t i = 0; i < SV_RENDER_SIGMA_N; i++)
        s->sigma[i] = (int32_t)(check_random(i, 14) % (1u << (s->image.cell_log2 % 2 ? 17 : 15)));
    s->sigma[SV_RENDER_SIGMA_N - 1 - 32] = s->image.cell_log2 % 4 == 2 ? 1 << 15 : (1 << 15) - 1;
    for (uint32_t k = 0; k < N_SPLATS; k++) { /* by v */
        for (uint32_t i = 0; i < SPLAT * SPLAT; i++)
            s->splat_level[k][i] = (int32_t)(check_random(i, 20 + k) >> (32 - bits)) - (1 << (bits - 1));
        s->splat[k] = (sv_render_splat){.u = (int)(check_random(k, 15) % (uint32_t)(s->image.width + 8)) - 5,
                                        .v = (int)k * (s->image.height + 8) / N_SPLATS - 5,
                                        .width = SPLAT,
                                        .height = SPLAT,
                                        .level = s->splat_level[k]};
    }
}

static bool scene_create(scene *s, int width, int height, int bit_depth, int variant) {
    const ptrdiff_t pitch = (width + 3) * (bit_depth > 8 ? 2 : 1);
    const int cell_log2 = variant % 9, nodes = ((width + SLACK) >> cell_log2) + 2;
    const size_t n_nodes = (size_t)nodes * (size_t)(((height + SLACK) >> cell_log2) + 2);
    const int ground_log2 = variant % 4, ground_nodes = ((width + SLACK) >> ground_log2) + 2;
    const int ground_rows = ((height + SLACK) >> ground_log2) + 2, ground_row = ground_rows / 3;
    const size_t n_ground = (size_t)ground_nodes * (size_t)(ground_rows - ground_row);
    memset(s, 0, sizeof *s);
    s->pixel_bytes = (size_t)pitch * (size_t)height;
    s->node = malloc(n_nodes * sizeof *s->node);
    s->sigma = malloc(sizeof *s->sigma * SV_RENDER_SIGMA_N);
    s->ground = malloc(n_ground * sizeof *s->ground);
    s->depth = malloc(n_ground);
    s->pixels = malloc(s->pixel_bytes);
    if (!s->node || !s->sigma || !s->ground || !s->depth || !s->pixels)
        return false;
    memset(s->pixels, GUARD, s->pixel_bytes);
    const bool ground = variant % 2, upside_down = variant % 3 == 2;
    s->image = (sv_render_image){.width = width,
                                 .height = height,
                                 .bit_depth = bit_depth,
                                 .level_bits = bit_depth <= 12 ? 8 : 20 - bit_depth,
                                 .shift_u = 7 * 256 - 491 * variant % 3584,
                                 .shift_v = 313 * variant % 3584 - 7 * 256,
                                 .node = s->node,
                                 .node_pitch = nodes,
                                 .cell_log2 = cell_log2,
                                 .ground = ground ? s->ground : NULL,
                                 .depth = ground ? s->depth : NULL,
                                 .ground_row = ground_row,
                                 .ground_pitch = ground_nodes,
                                 .ground_cell_log2 = ground_log2,
                                 .line_slope = variant * 4096,
                                 .splat = s->splat,
                                 .n_splats = N_SPLATS,
                                 .key = {check_random((uint32_t)variant, 18), check_random((uint32_t)variant, 19)},
                                 .sigma = s->sigma,
                                 .pixels = upside_down ? s->pixels + pitch * (height - 1) : s->pixels,
                                 .pitch = upside_down ? -pitch : pitch};
    fill_maps(s, n_nodes, n_ground);
    return true;
}

static void scene_destroy(scene *s) {
    free(s->node);
    free(s->sigma);
    free(s->ground);
    free(s->depth);
    free(s->pixels);
}

static void compare_rows(check *c, int width, int height, int bit_depth, int variant) {
    scene a, b;
    c->n_cases++;
    const bool made = scene_create(&a, width, height, bit_depth, variant);
    if (!scene_create(&b, width, height, bit_depth, variant) || !made) {
        check_fail(c, "render.rows", "memory", width, height, bit_depth);
    } else {
        const int begin = height / 5; /* the rows before stay as they are */
        c->reference->render.rows(&a.image, begin, height);
        c->level->render.rows(&b.image, begin, height);
        if (memcmp(a.pixels, b.pixels, a.pixel_bytes))
            check_fail(c, "render.rows", "a pixel", width, height, bit_depth);
    }
    scene_destroy(&a);
    scene_destroy(&b);
}

void check_render_rows(check *c) {
    static const int sizes[][2] = {{1, 1}, {2, 3}, {15, 4}, {33, 17}, {63, 9}, {257, 21}, {1000, 12}, {2101, 3}};
    static const int depths[] = {8, 10, 12, 14, 16};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t k = 0; k < sizeof depths / sizeof *depths; k++)
            for (int variant = 0; variant < 9; variant++)
                compare_rows(c, sizes[i][0], sizes[i][1], depths[k], variant);
}

/* ---- speed ---- */

static void render_all(void *user) {
    void *const *both = user;
    const sv_backend *level = both[0];
    scene *s = both[1];
    level->render.rows(&s->image, 0, s->image.height);
}

typedef struct sky_job {
    const sv_backend *level;
    const sv_render_clouds *clouds;
    int32_t *out, *clear;
    uint32_t *azimuth, *elevation;
    size_t n;
} sky_job;

static void compose_all(void *user) {
    const sky_job *job = user;
    job->level->render.sky(job->out, job->clear, job->azimuth, job->elevation, job->n, job->clouds);
}

/* Nodes every 16 px of an 8K image of 30 degrees; the depth plays no part. */
check_timing time_render_sky(const sv_backend *level, int bit_depth) {
    enum { COLUMNS = 482, ROWS = 272, N_NODES = COLUMNS * ROWS, BITS = 11, N_DENSITY = 1 << (2 * BITS - 2) };
    check_timing timing = {0};
    uint16_t *density = malloc(N_DENSITY * sizeof *density);
    uint32_t *nodes = malloc(4 * (size_t)N_NODES * sizeof *nodes);
    if (density && nodes && bit_depth == 8) {
        sky_job job = {.level = level,
                       .clouds = &(sv_render_clouds){.density = density, .bits = BITS, .level = 6400},
                       .out = (int32_t *)nodes,
                       .clear = (int32_t *)nodes + N_NODES,
                       .azimuth = nodes + 2 * (size_t)N_NODES,
                       .elevation = nodes + 3 * (size_t)N_NODES,
                       .n = N_NODES};
        fill_sky(density, N_DENSITY, job.clear, job.azimuth, job.elevation, N_NODES, 0);
        for (uint32_t i = 0; i < N_NODES; i++) {
            job.azimuth[i] = i % COLUMNS * (UINT32_MAX / 12 / COLUMNS);
            job.elevation[i] = (ROWS - i / COLUMNS) * (UINT32_MAX / 21 / ROWS);
        }
        timing = (check_timing){check_time_ms(compose_all, &job), 16.0 * N_NODES};
    }
    free(density);
    free(nodes);
    return timing;
}

check_timing time_render_rows(const sv_backend *level, int bit_depth) {
    scene s;
    check_timing timing = {0};
    if (scene_create(&s, 7680, 4320, bit_depth, 7))
        timing =
            (check_timing){check_time_ms(render_all, (void *[]){(void *)(uintptr_t)level, &s}), (double)s.pixel_bytes};
    scene_destroy(&s);
    return timing;
}
