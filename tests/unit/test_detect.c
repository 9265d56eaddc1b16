/* The detector's behaviour: warm-up, learning, polarity, clutter, capacities, threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test_detect_images.h"

enum { SIZE = 128 };

static size_t count_above(const scene *s, double snr) {
    size_t n = 0;
    for (size_t i = 0; i < s->n_found; i++)
        n += s->found[i].snr >= snr;
    return n;
}

static void warm_up_emits_nothing_and_then_targets(void **state) {
    (void)state;
    scene *s = scene_create(SIZE, SIZE, 8, 120, 2.5);
    for (int f = 0; f < 15; f++) {
        scene_fill(s, 120);
        scene_add_point(s, 20 + 5 * f, 60, 80, 0.7);
        scene_frame(s);
        assert_int_equal(s->n_found, 0);
    }
    scene_fill(s, 120);
    scene_add_point(s, 101.2, 60.4, 80, 0.7);
    scene_frame(s);
    const sv_detection *d = scene_nearest(s, 101.2, 60.4, 0.5);
    assert_ptr_equal(d, s->found); /* the strongest comes first */
    assert_int_equal(d->frame, 15);
    assert_int_equal(d->camera, 0);
    assert_true(d->flux_dn > 60 && d->flux_dn < 100);
    scene_destroy(s);
}

static void without_warm_up_two_frames_suffice(void **state) {
    (void)state;
    scene *s = scene_create(SIZE, SIZE, 8, 120, 2.5);
    s->config.detect.warmup_frames = 0;
    scene_frames(s, 2);
    scene_add_point(s, 50, 60, 150, 0.7);
    scene_frame(s);
    assert_non_null(scene_nearest(s, 50, 60, 0.5));
    scene_destroy(s);
}

static void a_row_keeps_its_own_time(void **state) {
    (void)state;
    scene *s = scene_create(SIZE, SIZE, 8, 120, 2.5);
    s->camera.row_ns = 10000;
    scene_frames(s, 20);
    scene_add_point(s, 50, 60, 150, 0.7);
    scene_frame(s);
    assert_true(llabs(s->found[0].t - (20 * (sv_time)33333333 + 600000)) < 5000);
    scene_destroy(s);
}

static void polarity_is_kept_apart(void **state) {
    (void)state;
    for (int polarity = -1; polarity <= 1; polarity++) {
        scene *s = scene_create(SIZE, SIZE, 8, 120, 2.5);
        s->config.detect.polarity[SV_MONO] = polarity;
        scene_frames(s, 20);
        scene_add_point(s, 40, 40, 90, 0.7);
        scene_add_point(s, 90, 90, -90, 0.7);
        scene_frame(s);
        const sv_detection *bright = scene_nearest(s, 40, 40, 1), *dark = scene_nearest(s, 90, 90, 1);
        assert_int_equal(bright != NULL, polarity >= 0);
        assert_int_equal(dark != NULL, polarity <= 0);
        for (size_t i = 0; i < s->n_found; i++)
            assert_true(s->found[i].flux_dn * polarity >= 0);
        if (polarity == 0)
            assert_true(bright->flux_dn > 70 && dark->flux_dn < -70);
        scene_destroy(s);
    }
}

static void twelve_bit_equals_eight_bit_in_quality(void **state) {
    (void)state;
    static const int depth[] = {8, 10, 12, 14, 16};
    for (int k = 0; k < 5; k++) {
        const double unit = k < 3 ? 1 : 8; /* sensors of more bits show more noise */
        scene *s = scene_create(SIZE, SIZE, depth[k], 120 * unit, 2.5 * unit);
        scene_frames(s, 30);
        scene_add_point(s, 40.3, 40.2, 80 * unit, 0.7);
        int found = 0;
        double error2 = 0;
        for (int f = 0; f < 30; f++) {
            scene_frame(s);
            const sv_detection *d = scene_nearest(s, 40.3, 40.2, 1.5);
            if (!d)
                continue;
            found++;
            error2 += (d->u_px - 40.3) * (d->u_px - 40.3) + (d->v_px - 40.2) * (d->v_px - 40.2);
        }
        assert_true(found >= 28);
        assert_true(sqrt(error2 / (2 * found)) < 0.15); /* SNR 12.6: the bound is 0.085 */
        scene_destroy(s);
    }
}

static void odd_sizes_and_borders_work(void **state) {
    (void)state;
    static const int size[][2] = {{1, 1}, {2, 9}, {5, 5}, {17, 63}, {257, 129}, {330, 66}, {64, 200}};
    for (size_t k = 0; k < sizeof size / sizeof *size; k++) {
        scene *s = scene_create(size[k][0], size[k][1], 8, 120, 2.5);
        scene_frames(s, 20);
        const double u = size[k][0] - 4, v = size[k][1] - 4;
        scene_add_point(s, u, v, 150, 0.7);
        scene_frame(s);
        if (size[k][0] > 16)
            assert_non_null(scene_nearest(s, u, v, 0.6));
        for (size_t i = 0; i < s->n_found; i++) {
            assert_true(s->found[i].u_px >= 0 && s->found[i].u_px <= size[k][0] - 1);
            assert_true(s->found[i].v_px >= 0 && s->found[i].v_px <= size[k][1] - 1);
        }
        scene_destroy(s);
    }
}

static void a_target_is_one_detection(void **state) {
    (void)state;
    static const double diameter[] = {0, 2, 4, 6, 8};
    for (int k = 0; k < 5; k++)
        for (int strong = 0; strong < 3; strong++) {
            scene *s = scene_create(SIZE, SIZE, 8, 120, 2.5);
            scene_frames(s, 30);
            scene_add_disc(s, 60.4, 61.3, diameter[k], -(120.0 + 40 * diameter[k]) * (1 + strong), 0.7);
            scene_frame(s);
            size_t near = 0;
            for (size_t i = 0; i < s->n_found; i++)
                near += hypot(s->found[i].u_px - 60.4, s->found[i].v_px - 61.3) < 10 && s->found[i].snr > 4.75;
            assert_int_equal(near, 1);
            scene_destroy(s);
        }
}

static void two_near_targets_are_two(void **state) {
    (void)state;
    int two = 0;
    scene *s = scene_create(SIZE, SIZE, 8, 120, 2.5);
    scene_frames(s, 30);
    for (int f = 0; f < 20; f++) {
        scene_fill(s, 120);
        scene_add_point(s, 60.1, 60.2, 90, 0.7);
        scene_add_point(s, 65.1, 62.0, 90, 0.7);
        scene_frame(s);
        two += scene_nearest(s, 60.1, 60.2, 1) && scene_nearest(s, 65.1, 62.0, 1);
    }
    assert_true(two >= 18);
    scene_destroy(s);
}

static void flat_and_saturated_images_stay_quiet(void **state) {
    (void)state;
    static const double grey[] = {0, 100, 255};
    for (int k = 0; k < 3; k++) {
        scene *s = scene_create(SIZE, SIZE, 8, grey[k], 0);
        for (int f = 0; f < 40; f++) {
            scene_frame(s);
            assert_int_equal(s->n_found, 0);
        }
        scene_add_point(s, 50, 50, grey[k] > 200 ? -60 : 60, 0.7);
        scene_frame(s);
        assert_int_equal(s->n_found, 1);
        assert_true(isfinite(s->found[0].snr) && s->found[0].snr > 5);
        assert_true(isfinite(s->found[0].cov_px2[0]) && s->found[0].cov_px2[0] > 0);
        scene_destroy(s);
    }
}

static void a_brightness_step_does_not_flood(void **state) {
    (void)state;
    scene *s = scene_create(256, 256, 8, 120, 2.5);
    scene_frames(s, 40);
    scene_fill(s, 180);
    for (int f = 0; f < 10; f++) {
        scene_frame(s);
        assert_true(count_above(s, 4.75) <= 2); /* 0.13 expected */
    }
    scene_destroy(s);
}

static void another_scene_is_learned_anew(void **state) {
    (void)state;
    scene *s = scene_create(256, 256, 8, 120, 2.5);
    scene_frames(s, 40);
    for (int i = 0; i < 256 * 256; i++)
        s->level[i] = 120 + 40 * ((i % 256 / 16 + i / 4096) & 1);
    size_t flooded = 0;
    for (int f = 0; f < 40; f++) {
        scene_frame(s);
        flooded += f < 15 ? s->n_found : count_above(s, 5.2);
    }
    assert_true(flooded <= 3);
    scene_add_point(s, 100.5, 100.5, 90, 0.7);
    scene_frame(s);
    assert_non_null(scene_nearest(s, 100.5, 100.5, 1));
    scene_destroy(s);
}

static void a_slow_target_stays_visible(void **state) {
    (void)state;
    scene *s = scene_create(SIZE, 64, 8, 120, 2.5);
    scene_frames(s, 30);
    int found = 0;
    enum { N = 600 }; /* 20 s at 0.1 px per frame */
    for (int f = 0; f < N; f++) {
        const double u = 20.2 + 0.1 * f;
        scene_fill(s, 120);
        scene_add_point(s, u, 30.3, -60, 0.7);
        scene_frame(s);
        found += scene_nearest(s, u, 30.3, 1.5) != NULL;
    }
    assert_true(found >= 0.98 * N);
    scene_destroy(s);
}

/* Motionless: at SNR 8 seen in most frames up to 10 s, and forgotten in the end even if strong. */
static void a_motionless_target_fades_slowly_but_fades(void **state) {
    (void)state;
    static const double flux[] = {51, 200};
    for (int k = 0; k < 2; k++) {
        scene *s = scene_create(64, 64, 8, 120, 2.5);
        scene_frames(s, 30);
        scene_add_point(s, 30.3, 30.3, flux[k], 0.7);
        int found = 0, left = 0;
        for (int f = 0; f < 1800; f++) {
            scene_frame(s);
            const bool hit = scene_nearest(s, 30.3, 30.3, 1.5) != NULL;
            found += f >= 150 && f < 300 && hit;
            left += f >= 1650 && hit;
        }
        assert_true(found > 75);
        assert_true(left < 10);
        scene_destroy(s);
    }
}

static double soft_step(double x) {
    const double t = x < 0 ? 0 : x > 1 ? 1 : x;
    return t * t * (3 - 2 * t);
}

/* Clouds of 25 DN with edges about 30 px wide that drift by 1 px a frame. */
static void soft_clouds_give_few_false_alarms(void **state) {
    (void)state;
    scene *s = scene_create(256, 256, 8, 150, 2.5);
    size_t strong = 0, all = 0;
    for (int f = 0; f < 100; f++) {
        for (int y = 0; y < 256; y++)
            for (int x = 0; x < 256; x++) {
                const double wave = sin((x + f) * 0.05) + sin(y * 0.04 + (x + f) * 0.017);
                s->level[y * 256 + x] = 150 + 25 * soft_step(0.5 + 0.8 * wave);
            }
        scene_frame(s);
        strong += f >= 40 ? count_above(s, 4.75) : 0;
        all += f >= 40 ? s->n_found : 0;
    }
    print_message("%zu above 4.75, %zu in all\n", strong, all);
    assert_true(strong < 30);           /* 8 from noise alone */
    assert_true(all < 60 * 63.4 * 1.5); /* 63.4 a frame from noise alone */
    scene_destroy(s);
}

/* Share of targets with a true SNR of about 5.6 that are found beyond 4.75 while they fly over a slope. */
static double found_by_noise(double sigma) {
    scene *s = scene_create(256, 256, 8, 120, sigma);
    const double flux = 16.7 * sqrt(sigma * sigma + 1 / 12.0);
    int n = 0, found = 0;
    for (int f = 0; f < 120; f++) {
        for (int i = 0; i < 256 * 256; i++)
            s->level[i] = 100 + 0.05 * (i % 256) + 0.02 * (i / 256);
        for (int k = 0; f >= 30 && k < 16; k++)
            scene_add_point(s, 22 + 60 * (k % 4) + 0.3 * (f - 30), 20 + 60 * (k / 4) + 0.2 * k, flux, 0.7);
        scene_frame(s);
        for (int k = 0; f >= 40 && k < 16; k++, n++) {
            const sv_detection *d =
                scene_nearest(s, 22 + 60 * (k % 4) + 0.3 * (f - 30), 20 + 60 * (k / 4) + 0.2 * k, 1.5);
            found += d && d->snr > 4.75;
        }
    }
    scene_destroy(s);
    return (double)found / n;
}

/* The noise of theirs counts, not that of a background rounded to whole DN. */
static void quiet_cameras_find_as_much(void **state) {
    (void)state;
    const double loud = found_by_noise(2.5), quiet = found_by_noise(0.6);
    print_message("found %.3f at 2.5 DN, %.3f at 0.6 DN\n", loud, quiet);
    assert_true(loud > 0.6 && loud < 0.9);
    assert_true(fabs(quiet - loud) < 0.05); /* 0.17 less with whole DN; standard error 0.015 */
}

static void a_late_frame_is_detected_but_not_learned(void **state) {
    (void)state;
    scene *a = scene_create(SIZE, SIZE, 8, 120, 2.5), *b = scene_create(SIZE, SIZE, 8, 120, 2.5);
    scene_frames(a, 30);
    scene_frames(b, 30);
    scene_add_point(b, 50, 60, 150, 0.7);
    const dice before = b->dice;
    scene_frame_with(b, NULL, true);
    assert_non_null(scene_nearest(b, 50, 60, 0.5));
    b->dice = before;
    scene_fill(b, 120);
    b->n_frames--;
    for (int f = 0; f < 10; f++) {
        scene_frame(a);
        scene_frame(b);
        assert_int_equal(a->n_found, b->n_found);
        assert_memory_equal(a->found, b->found, a->n_found * sizeof *a->found);
    }
    scene_destroy(a);
    scene_destroy(b);
}

static void candidates_come_strongest_first_up_to_the_cap(void **state) {
    (void)state;
    scene *all = scene_create(256, 256, 8, 120, 2.5), *few = scene_create(256, 256, 8, 120, 2.5);
    few->config.detect.max_per_frame = 7;
    for (int f = 0; f < 25; f++) {
        scene_frame(all);
        scene_frame(few);
    }
    assert_true(all->n_found > 7);
    assert_int_equal(few->n_found, 7);
    assert_memory_equal(all->found, few->found, 7 * sizeof *few->found);
    for (size_t i = 1; i < all->n_found; i++)
        assert_true(all->found[i - 1].snr >= all->found[i].snr);
    scene_destroy(all);
    scene_destroy(few);
}

/* A flood of targets overflows the blocks' lists: the strong ones must survive. */
static void a_flood_keeps_the_strong(void **state) {
    (void)state;
    scene *s = scene_create(256, 128, 8, 120, 2.5);
    scene_frames(s, 30);
    for (int y = 8; y < 128; y += 8)
        for (int x = 8; x < 256; x += 8)
            scene_add_point(s, x, y, 90, 0.7);
    scene_add_point(s, 200.2, 100.3, 500, 0.7);
    scene_frame(s);
    assert_non_null(scene_nearest(s, 200.2, 100.3, 1));
    scene_destroy(s);
}

/* A wall with a wavy border that trembles, so that shake and edges take part. */
static void draw_wall(scene *s, double shift) {
    scene_fill(s, 120);
    for (int y = 0; y < s->camera.height; y++)
        for (int x = 0; x < s->camera.width; x++) {
            const double f = (x - shift - 300 - 30 * sin(y / 23.0)) / 1.5;
            s->level[y * s->camera.width + x] += f > 1 ? 90 : f < -1 ? 0 : 45 + 45 * f;
        }
}

static void threads_do_not_change_a_bit(void **state) {
    (void)state;
    scene *one = scene_create(600, 400, 8, 120, 2.5);
    scene *many[3];
    sv_team *team[3];
    for (int k = 0; k < 3; k++) {
        assert_int_equal(sv_team_create(&team[k], k + 1 + k / 2 * 5), SV_OK); /* 1, 2, 8 */
        many[k] = scene_create(600, 400, 8, 120, 2.5);
    }
    for (int f = 0; f < 24; f++) {
        draw_wall(one, f % 3 * 0.2);
        for (int i = 0; i < 20; i++)
            scene_add_disc(one, 30 * i + f, 15 * i + 40, i % 7, -200, 0.7);
        scene_frame(one);
        for (int k = 0; k < 3; k++) {
            memcpy(many[k]->level, one->level, 600 * 400 * sizeof *one->level);
            scene_frame_with(many[k], team[k], false);
            assert_int_equal(many[k]->n_found, one->n_found);
            assert_memory_equal(many[k]->found, one->found, one->n_found * sizeof *one->found);
        }
    }
    assert_true(one->n_found > 15);
    scene_destroy(one);
    for (int k = 0; k < 3; k++) {
        scene_destroy(many[k]);
        sv_team_destroy(team[k]);
    }
}

static void cameras_without_images_are_allowed(void **state) {
    (void)state;
    sv_camera camera[2] = {{.width = 0, .height = 0, .bit_depth = 8}, {.width = 0, .height = 0, .bit_depth = 8}};
    sv_config config = {.camera = camera, .n_cameras = 2, .detect = scene_defaults()};
    sv_backend backend = {.level = SV_BACKEND_SCALAR};
    sv_kernels_detect_scalar(&backend.detect);
    sv_kernels_steep_scalar(&backend.detect);
    sv_kernels_centroid_scalar(&backend.centroid);
    sv_kernels_cluster_scalar(&backend.cluster);
    sv_detector *detector;
    assert_int_equal(sv_detector_create(&detector, &config, &backend, NULL), SV_OK);
    sv_detector_destroy(detector);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warm_up_emits_nothing_and_then_targets),
        cmocka_unit_test(without_warm_up_two_frames_suffice),
        cmocka_unit_test(a_row_keeps_its_own_time),
        cmocka_unit_test(polarity_is_kept_apart),
        cmocka_unit_test(twelve_bit_equals_eight_bit_in_quality),
        cmocka_unit_test(odd_sizes_and_borders_work),
        cmocka_unit_test(a_target_is_one_detection),
        cmocka_unit_test(two_near_targets_are_two),
        cmocka_unit_test(flat_and_saturated_images_stay_quiet),
        cmocka_unit_test(a_brightness_step_does_not_flood),
        cmocka_unit_test(another_scene_is_learned_anew),
        cmocka_unit_test(a_slow_target_stays_visible),
        cmocka_unit_test(a_motionless_target_fades_slowly_but_fades),
        cmocka_unit_test(soft_clouds_give_few_false_alarms),
        cmocka_unit_test(quiet_cameras_find_as_much),
        cmocka_unit_test(a_late_frame_is_detected_but_not_learned),
        cmocka_unit_test(candidates_come_strongest_first_up_to_the_cap),
        cmocka_unit_test(a_flood_keeps_the_strong),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(cameras_without_images_are_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
