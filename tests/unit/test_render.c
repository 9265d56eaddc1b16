/* Rendering kernels: interpolation, clouds, terrain, splats, clamping, and rows that do not depend on each other. */
#include <kernels/kernels.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum {
    WIDTH = 70,
    HEIGHT = 50,
    CELL_LOG2 = 3,
    COLUMNS = ((WIDTH + 16) >> CELL_LOG2) + 2,
    ROWS = ((HEIGHT + 16) >> CELL_LOG2) + 2
};

static int32_t node[ROWS * COLUMNS], sigma[SV_RENDER_SIGMA_N];
static uint16_t pixels[HEIGHT][WIDTH];

static sv_render_ops ops(void) {
    sv_render_ops table;
    sv_kernels_render_scalar(&table);
    return table;
}

/* A noiseless 12 bit image of the plane 1000 + 4 u + 2 v DN. */
static sv_render_image plane(void) {
    for (int j = 0; j < ROWS; j++) {
        for (int i = 0; i < COLUMNS; i++)
            node[j * COLUMNS + i] = 256 * (1000 + 4 * (8 * i - 8) + 2 * (8 * j - 8));
    }
    memset(sigma, 0, sizeof sigma);
    return (sv_render_image){.width = WIDTH,
                             .height = HEIGHT,
                             .bit_depth = 12,
                             .level_bits = 8,
                             .node = node,
                             .node_pitch = COLUMNS,
                             .cell_log2 = CELL_LOG2,
                             .key = {1, 2},
                             .sigma = sigma,
                             .pixels = pixels,
                             .pitch = sizeof *pixels};
}

static void test_plane_is_exact(void **state) {
    (void)state;
    sv_render_image image = plane();
    ops().rows(&image, 0, HEIGHT);
    for (int v = 0; v < HEIGHT; v++) {
        for (int u = 0; u < WIDTH; u++)
            assert_int_equal(pixels[v][u], 1000 + 4 * u + 2 * v);
    }
}

/* Content that moves right by 2.25 px and up by 1.5 px. */
static void test_shift_moves_content(void **state) {
    (void)state;
    sv_render_image image = plane();
    image.shift_u = 576;
    image.shift_v = -384;
    ops().rows(&image, 0, HEIGHT);
    for (int v = 0; v < HEIGHT; v++) {
        for (int u = 0; u < WIDTH; u++)
            assert_int_equal(pixels[v][u], 1000 + 4 * u - 9 + 2 * v + 3);
    }
}

static void test_rows_are_independent(void **state) {
    (void)state;
    static uint16_t whole[HEIGHT][WIDTH];
    sv_render_image image = plane();
    for (int i = 0; i < SV_RENDER_SIGMA_N; i++)
        sigma[i] = 5000;
    ops().rows(&image, 0, HEIGHT);
    memcpy(whole, pixels, sizeof whole);
    memset(pixels, 0, sizeof pixels);
    for (int v = HEIGHT - 1; v >= 0; v--)
        ops().rows(&image, v, v + 1);
    assert_memory_equal(whole, pixels, sizeof whole);
}

static void test_splats_add_and_clip(void **state) {
    (void)state;
    static const int32_t level[6] = {256, 512, 768, -256, -512, -768};
    sv_render_splat splat[2] = {{.u = -1, .v = -1, .width = 3, .height = 2, .level = level},
                                {.u = WIDTH - 1, .v = 10, .width = 3, .height = 2, .level = level}};
    sv_render_image image = plane();
    image.splat = splat;
    image.n_splats = 2;
    ops().rows(&image, 0, HEIGHT);
    assert_int_equal(pixels[0][0], 1000 - 2);
    assert_int_equal(pixels[0][1], 1004 - 3);
    assert_int_equal(pixels[0][2], 1008);
    assert_int_equal(pixels[1][0], 1002);
    assert_int_equal(pixels[10][WIDTH - 1], 1000 + 4 * (WIDTH - 1) + 20 + 1);
    assert_int_equal(pixels[11][WIDTH - 1], 1000 + 4 * (WIDTH - 1) + 22 - 1);
    assert_int_equal(pixels[11][0], 1022);
}

static void test_levels_are_clamped(void **state) {
    (void)state;
    static const int32_t level[2] = {-2000 * 256, 5000 * 256};
    sv_render_splat splat = {.u = 0, .v = 0, .width = 2, .height = 1, .level = level};
    sv_render_image image = plane();
    image.splat = &splat;
    image.n_splats = 1;
    ops().rows(&image, 0, 1);
    assert_int_equal(pixels[0][0], 0);
    assert_int_equal(pixels[0][1], 4095);
}

/*
 * Ground of 2000 DN, nodes every 2 px from the node row of image row 18 on, its line at image row 22 and two pixels soft:
 * a quarter of the ground half a pixel above the line, half of it on the line.
 */
static void test_ground_covers(void **state) {
    (void)state;
    enum { PITCH = (WIDTH + 16) / 2 + 2, FIRST = 13, N = (HEIGHT + 16) / 2 + 2 - FIRST };
    static uint16_t ground[N * PITCH];
    static int8_t depth[N * PITCH];
    for (int i = 0; i < N * PITCH; i++) {
        int below_px = 2 * (i / PITCH + FIRST) - SV_RENDER_MARGIN_PX - 22;
        ground[i] = 2000 * 16;
        depth[i] = (int8_t)(below_px > 15 ? 127 : below_px * 8);
    }
    sv_render_image image = plane();
    image.ground = ground;
    image.depth = depth;
    image.ground_row = FIRST;
    image.ground_pitch = PITCH;
    image.ground_cell_log2 = 1;
    image.line_slope = 256 * 32 / 2;
    ops().rows(&image, 0, HEIGHT);
    assert_int_equal(pixels[17][5], 1054);
    assert_int_equal(pixels[20][5], 1060);
    assert_int_equal(pixels[21][5], 1062);
    assert_int_equal(pixels[22][5], (1064 + 2000) / 2);
    assert_int_equal(pixels[23][5], 2000);
    assert_int_equal(pixels[HEIGHT - 1][WIDTH - 1], 2000);
    image.shift_v = 128;
    ops().rows(&image, 0, HEIGHT);
    assert_in_range(pixels[22][5], 1063 + 937 / 4 - 1, 1063 + 937 / 4 + 1);
}

/* Bilinear in a map of one bright texel, across the turn's seam. */
static void test_clouds(void **state) {
    (void)state;
    enum { BITS = 8, N = 1 << BITS };
    static uint16_t density[N / 4 * N];
    memset(density, 0, sizeof density);
    density[3 * N] = 65535;
    sv_render_clouds clouds = {.density = density, .bits = BITS, .level = -1000};
    const uint32_t texel = 1u << (32 - BITS), half = texel / 2;
    const uint32_t azimuth[5] = {0, half, 0u - half, 2 * texel, half},
                   elevation[5] = {3 * texel, 3 * texel, 3 * texel, 3 * texel, 2 * texel + half};
    const int32_t clear[5] = {5000, 5000, 5000, 5000, 5000};
    int32_t out[5];
    ops().sky(out, clear, azimuth, elevation, 5, &clouds);
    const int32_t want[5] = {4000, 4500, 4500, 5000, 4750};
    for (int i = 0; i < 5; i++)
        assert_in_range(out[i], want[i] - 2, want[i] + 2);
    clouds.drift = 0u - 2 * texel;
    ops().sky(out, clear, azimuth, elevation, 5, &clouds);
    assert_in_range(out[3], 3998, 4002);
    assert_int_equal(out[0], 5000);
}

static void test_backend_levels(void **state) {
    (void)state;
    sv_backend *backend;
    sv_backend_level level;
    assert_int_equal(sv_backend_create(&backend, SV_BACKEND_CUDA), SV_ERR_UNSUPPORTED);
    assert_null(backend);
    assert_non_null(strstr(sv_error_text(), "cuda"));
    assert_int_equal(sv_backend_create(&backend, SV_BACKEND_SCALAR), SV_OK);
    assert_string_equal(backend->name, "scalar");
    sv_backend_destroy(backend);
    assert_int_equal(sv_backend_create(&backend, SV_BACKEND_AUTO), SV_OK);
    assert_in_range(backend->level, SV_BACKEND_SCALAR, SV_BACKEND_AVX512);
    assert_int_equal(sv_backend_level_parse(&level, backend->name), SV_OK);
    assert_int_equal(level, backend->level);
    sv_backend_destroy(backend);
    assert_int_equal(sv_backend_level_parse(&level, "sse"), SV_ERR_ARG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plane_is_exact),
        cmocka_unit_test(test_shift_moves_content),
        cmocka_unit_test(test_rows_are_independent),
        cmocka_unit_test(test_splats_add_and_clip),
        cmocka_unit_test(test_levels_are_clamped),
        cmocka_unit_test(test_ground_covers),
        cmocka_unit_test(test_clouds),
        cmocka_unit_test(test_backend_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
