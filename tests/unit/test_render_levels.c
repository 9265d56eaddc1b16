/* Every level of the renderer gives the bits of the scalar reference and writes nothing else. */
#include <kernels/kernels.h>
#include <setjmp.h>
#include <skyvox/rng.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N_IMAGES = 160, GUARD = 64, N_LEVELS = 2 };

static const sv_backend_level FAST[N_LEVELS] = {SV_BACKEND_AVX2, SV_BACKEND_AVX512};

static uint64_t counter;

static int32_t between(int32_t lo, int32_t hi) {
    return lo + (int32_t)(sv_rng(3, 3, counter++) % (uint64_t)(hi - lo + 1));
}

static void *filled(size_t bytes) {
    void *p = malloc(bytes + 1);
    assert_non_null(p);
    memset(p, 0xa5, bytes);
    return p;
}

/* An image of random size, depth and content; every array exactly as long as it must be. */
typedef struct scene {
    sv_render_image image;
    int32_t *node, *sigma, *level;
    uint16_t *ground;
    int8_t *depth;
    sv_render_splat splat[8];
} scene;

static int32_t nodes_over(int32_t n, int32_t log2) {
    return ((n + 2 * SV_RENDER_MARGIN_PX) >> log2) + 2;
}

static void make_sky(scene *s, int32_t brightest) {
    sv_render_image *image = &s->image;
    image->cell_log2 = between(0, 8);
    image->node_pitch = nodes_over(image->width, image->cell_log2);
    size_t n = (size_t)image->node_pitch * (size_t)nodes_over(image->height, image->cell_log2);
    s->node = filled(n * sizeof *s->node);
    int32_t kind = between(0, 2), middle = between(0, brightest);
    for (size_t i = 0; i < n; i++)
        s->node[i] = kind == 0 ? middle : kind == 1 ? middle + between(-40, 40) : between(-brightest / 8, brightest);
    image->node = s->node;
}

static void make_ground(scene *s) {
    sv_render_image *image = &s->image;
    image->ground_cell_log2 = between(0, 4);
    image->ground_row = between(0, nodes_over(image->height, image->ground_cell_log2) - 2);
    image->ground_pitch = nodes_over(image->width, image->ground_cell_log2);
    int32_t n_rows = nodes_over(image->height, image->ground_cell_log2) - image->ground_row;
    size_t n = (size_t)image->ground_pitch * (size_t)n_rows;
    s->ground = filled(n * sizeof *s->ground);
    s->depth = filled(n);
    int32_t slope = between(1, 40), line = between(0, n_rows);
    for (size_t i = 0; i < n; i++) {
        int32_t below = ((int32_t)(i / (size_t)image->ground_pitch) - line) * slope + between(-8, 8);
        s->ground[i] = (uint16_t)between(0, UINT16_MAX);
        s->depth[i] = (int8_t)(below < INT8_MIN ? INT8_MIN : below > INT8_MAX ? INT8_MAX : below);
    }
    image->line_slope = between(1, 1 << 15);
    image->ground = s->ground;
    image->depth = s->depth;
}

static void make_splats(scene *s, int32_t brightest) {
    sv_render_image *image = &s->image;
    s->level = filled(64 * sizeof *s->level);
    for (int i = 0; i < 64; i++)
        s->level[i] = between(-brightest, brightest);
    image->n_splats = (size_t)between(0, 8);
    for (size_t i = 0; i < image->n_splats; i++) {
        int32_t v = i > 0 ? s->splat[i - 1].v + between(0, 6) : between(-4, 6);
        s->splat[i] = (sv_render_splat){between(-9, image->width + 2), v, between(1, 8), between(1, 8), s->level};
    }
    image->splat = s->splat;
}

static void make_scene(scene *s) {
    *s = (scene){.image = {.width = between(0, 3) ? between(1, 200) : between(900, 2200),
                           .height = between(1, 40),
                           .bit_depth = between(8, 16),
                           .shift_u = between(-7 * 256, 7 * 256),
                           .shift_v = between(-7 * 256, 7 * 256),
                           .key = {(uint32_t)sv_rng(3, 4, counter), (uint32_t)sv_rng(3, 5, counter)}}};
    s->image.level_bits = s->image.bit_depth <= 12 ? 8 : 20 - s->image.bit_depth;
    int32_t brightest = (1 << (s->image.bit_depth + s->image.level_bits)) - 1;
    make_sky(s, brightest);
    make_splats(s, brightest);
    if (between(0, 2))
        make_ground(s);
    int32_t most = between(0, 3) ? between(0, 2000) : (1 << 17) - 1;
    s->sigma = filled(SV_RENDER_SIGMA_N * sizeof *s->sigma);
    for (int i = 0; i < SV_RENDER_SIGMA_N; i++)
        s->sigma[i] = between(0, most);
    s->image.sigma = s->sigma;
}

static void free_scene(scene *s) {
    free(s->node);
    free(s->sigma);
    free(s->level);
    free(s->ground);
    free(s->depth);
}

/* Rows of a scene, top down or bottom up, with a guard round every row. */
static void *draw(const scene *s, const sv_render_ops *ops, size_t *n_bytes) {
    sv_render_image image = s->image;
    size_t row = (size_t)image.width * (image.bit_depth > 8 ? 2 : 1), pitch = (row + 1) / 2 * 2 + GUARD;
    *n_bytes = pitch * (size_t)image.height + GUARD;
    unsigned char *bytes = filled(*n_bytes);
    bool upwards = image.shift_u & 1;
    image.pitch = upwards ? -(ptrdiff_t)pitch : (ptrdiff_t)pitch;
    image.pixels = bytes + GUARD + (upwards ? pitch * (size_t)(image.height - 1) : 0);
    int32_t middle = image.height / 3;
    ops->rows(&image, middle, image.height);
    ops->rows(&image, 0, middle);
    return bytes;
}

static void test_rows_agree(void **state) {
    (void)state;
    sv_render_ops reference;
    sv_kernels_render_scalar(&reference);
    for (int k = 0; k < N_LEVELS; k++) {
        sv_backend *backend;
        if (sv_backend_create(&backend, FAST[k]) != SV_OK) {
            print_message("left out: %s\n", sv_error_text());
            continue;
        }
        counter = 0;
        for (int i = 0; i < N_IMAGES; i++) {
            scene s;
            size_t n;
            make_scene(&s);
            void *want = draw(&s, &reference, &n), *got = draw(&s, &backend->render, &n);
            assert_memory_equal(got, want, n);
            free(want);
            free(got);
            free_scene(&s);
        }
        sv_backend_destroy(backend);
    }
}

static void test_noise_agrees(void **state) {
    (void)state;
    enum { MOST = 300 };
    sv_render_ops reference;
    sv_kernels_render_scalar(&reference);
    for (int k = 0; k < N_LEVELS; k++) {
        sv_backend *backend;
        if (sv_backend_create(&backend, FAST[k]) != SV_OK)
            continue;
        for (size_t n = 0; n < MOST; n++) {
            int32_t want[MOST + GUARD], got[MOST + GUARD];
            memset(want, 0xa5, sizeof want);
            memset(got, 0xa5, sizeof got);
            const uint32_t key[2] = {0x9abcdef0u * (uint32_t)n, ~(uint32_t)n};
            uint32_t first = n & 1 ? 0u - 512 : (uint32_t)n * 64;
            reference.noise(want, key, first, n);
            backend->render.noise(got, key, first, n);
            assert_memory_equal(got, want, sizeof got);
        }
        sv_backend_destroy(backend);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_agree),
        cmocka_unit_test(test_noise_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
