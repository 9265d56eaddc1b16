/* What stood still while the background was learned, and what lies on the borders of the detector's blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test_detect_images.h"
#include <core/detect/weak_places.h>

enum { SIDE = 192 };

static size_t count_near(const scene *s, double u, double v, double snr) {
    size_t n = 0;
    for (size_t i = 0; i < s->n_found; i++)
        n += s->found[i].snr >= snr && hypot(s->found[i].u_px - u, s->found[i].v_px - v) < 4;
    return n;
}

/* It stands still for the warm-up's first frames and flies off: a hole is left, where nothing is any more. */
static void check_hole(int bits, double flux) {
    scene *s = scene_create(SIDE, SIDE, bits, 120, 2.5);
    for (int f = 0; f < 40; f++) {
        const double u = f < 12 ? 60.3 : 60.3 + 3 * (f - 11), v = 90.4;
        scene_fill(s, 120);
        scene_add_point(s, u, v, flux, 0.7);
        scene_frame(s);
        if (f < 16)
            continue;
        assert_int_equal(count_near(s, 60.3, v, 4.5), 0);
        assert_int_equal(count_near(s, u, v, 4.5), 1);
    }
    scene_destroy(s);
}

static void what_has_left_is_no_target(void **state) {
    (void)state;
    check_hole(8, -150);
    check_hole(8, 150);
    check_hole(12, -250);
}

/* A dark spot belongs to the scene; what flies before it is a target like any other. */
static void a_target_before_a_spot_of_the_scene_is_found(void **state) {
    (void)state;
    int n_found = 0;
    scene *s = scene_create(SIDE, SIDE, 8, 120, 2.5);
    for (int f = 0; f < 60; f++) {
        const double u = 20 + 2.5 * f;
        scene_fill(s, 120);
        scene_add_point(s, 95, 90, -500, 0.7);
        if (f >= 18)
            scene_add_point(s, u, 90.4, 120, 0.7);
        scene_frame(s);
        n_found += f >= 18 && count_near(s, u, 90.4, 4.5) == 1;
    }
    assert_in_range(n_found, 40, 42);
    scene_destroy(s);
}

/* Each on a border or a corner of the blocks of 256 x 128 px: one candidate, at its place. */
static void a_target_between_blocks_is_one(void **state) {
    (void)state;
    static const double place[][2] = {{255.5, 60},  {256, 128},   {255.4, 127.6}, {511.7, 255.2},
                                      {300, 127.5}, {100.2, 255}, {512, 50.5},    {511.5, 127.5}};
    scene *s = scene_create(600, 300, 8, 120, 2.5);
    scene_frames(s, 20);
    for (size_t i = 0; i < sizeof place / sizeof *place; i++)
        scene_add_disc(s, place[i][0], place[i][1], 3, 500, 0.7);
    scene_frame(s);
    for (size_t i = 0; i < sizeof place / sizeof *place; i++) {
        assert_int_equal(count_near(s, place[i][0], place[i][1], 3.3), 1);
        assert_non_null(scene_nearest(s, place[i][0], place[i][1], 0.5));
    }
    scene_destroy(s);
}

/* The image's last row of blocks is one of a few pixels: its noise is told by the row above. */
static void a_low_last_row_of_blocks_is_searched_too(void **state) {
    (void)state;
    for (int more = 8; more <= 40; more += 16) {
        scene *s = scene_create(300, 128 + more, 8, 120, 2.5);
        scene_frames(s, 20);
        scene_add_point(s, 150, 128 + more - 5, 150, 0.7);
        scene_frame(s);
        assert_int_equal(count_near(s, 150, 128 + more - 5, 4.5), 1);
        scene_destroy(s);
    }
}

static void places_are_found_at_maxima(void **state) {
    (void)state;
    enum { W = 64, H = 32 };
    static uint8_t pixels[W * H];
    static uint8_t high[W * H], low[W * H];
    for (int i = 0; i < W * H; i++) {
        pixels[i] = (uint8_t)(100 + i % 7);
        high[i] = (uint8_t)(100 + i / 256);
        low[i] = (uint8_t)i;
    }
    const sv_detect_view view = {
        .pixels = pixels, .pitch = W, .background = {high, low, 1}, .width = W, .height = H, .bit_depth = 8};
    /* Two neighbours, one of the other sign beside them, one at the border. */
    const sv_detect_hit hit[] = {
        {20, 10, {50, 0}}, {21, 10, {60, 0}}, {22, 11, {-40, -3}}, {40, 12, {0, 30}}, {2, 20, {90, 9}}};
    enum { N = sizeof hit / sizeof *hit };
    sv_backend *backend;
    assert_int_equal(sv_backend_create(&backend, SV_BACKEND_AUTO), SV_OK);
    sv_weak_places p;
    assert_int_equal(sv_weak_places_init(&p, &backend->centroid, 1, N, 100), SV_OK);
    sv_weak_places_take(&p, 0, &view, hit, N, 0, 0);
    assert_int_equal(p.of_hit[0], -1);
    assert_true(p.of_hit[1] >= 0 && p.of_hit[2] >= 0 && p.of_hit[3] >= 0);
    assert_int_equal(p.of_hit[4], -1);
    const sv_weak_place *place = &p.place[p.of_hit[3]];
    sv_weak_place alone;
    sv_weak_places_take_one(&alone, &p, &view,
                            &(sv_weak_target){.x = 40, .y = 12, .width = SV_WEAK_WIDTHS - 1, .sign = 1});
    assert_memory_equal(place, &alone, sizeof alone);
    sv_weak_places_take(&p, 0, &view, hit, N, 0, -1);
    assert_true(p.of_hit[1] == -1 && p.of_hit[2] >= 0);
    sv_weak_places_take(&p, 0, &view, hit, N, 55, 0);
    assert_true(p.of_hit[1] >= 0 && p.of_hit[2] == -1 && p.of_hit[3] >= 0);
    sv_weak_places_fini(&p);
    sv_backend_destroy(backend);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_left_is_no_target),
        cmocka_unit_test(a_target_before_a_spot_of_the_scene_is_found),
        cmocka_unit_test(a_target_between_blocks_is_one),
        cmocka_unit_test(a_low_last_row_of_blocks_is_searched_too),
        cmocka_unit_test(places_are_found_at_maxima),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
