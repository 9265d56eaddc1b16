/* Candidates linked over four frames: how rare a chain is by chance, and what makes one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <core/detect/chain.h>
#include <math.h>
#include <skyvox/rng.h>
#include <stdlib.h>
#include <string.h>

#include "test_detect_images.h"

enum { CAP = 20000, PERIOD = 33333333 };

typedef struct fixture {
    sv_camera camera;
    sv_config config;
    sv_chainer *chainer;
    sv_detection candidate[CAP];
    uint8_t band[CAP];
    size_t n;
} fixture;

static fixture *open_fixture(int32_t width, int32_t height) {
    fixture *f = calloc(1, sizeof *f);
    f->camera = (sv_camera){.width = width, .height = height, .rate_hz = 30};
    f->config = sv_config_default();
    f->config.camera = &f->camera;
    f->config.n_cameras = 1;
    f->config.detect.link_frames = 4;
    f->config.detect.max_per_frame = CAP;
    assert_int_equal(sv_chainer_create(&f->chainer, &f->config), SV_OK);
    return f;
}

static void close_fixture(fixture *f) {
    sv_chainer_destroy(f->chainer);
    free(f);
}

static double tail(double z) {
    return 0.5 * erfc(z / sqrt(2));
}

/* SNR above 3.3 of a unit Gaussian, by bisection of its tail. */
static double snr_of(double u) {
    double lo = 3.3, hi = 9;
    for (int k = 0; k < 40; k++) {
        const double middle = 0.5 * (lo + hi);
        if (tail(middle) > u * tail(3.3))
            lo = middle;
        else
            hi = middle;
    }
    return lo;
}

/* A frame of chance candidates, `mean` of them. */
static void scatter(fixture *f, int frame, double mean) {
    const uint64_t stream = sv_rng_stream(SV_RNG_TEST, (uint32_t)frame);
    f->n = (size_t)sv_rng_poisson(1, stream, 0, mean);
    for (size_t i = 0; i < f->n; i++) {
        f->candidate[i] = (sv_detection){.u_px = sv_rng_uniform(1, stream, 3 * i + 1) * (f->camera.width - 1),
                                         .v_px = sv_rng_uniform(1, stream, 3 * i + 2) * (f->camera.height - 1),
                                         .snr = snr_of(sv_rng_uniform(1, stream, 3 * i + 3))};
        f->band[i] = 0;
    }
}

/* Chance chains per pixel and frame reach an SNR as often as single pixels of a Gaussian field do, at any density. */
static void chance_chains_are_as_rare_as_their_snr(void **state) {
    (void)state;
    static const double per_8k[] = {5000, 12500, 20000, 80000};
    for (int k = 0; k < 4; k++) {
        fixture *f = open_fixture(1600, 1000);
        const double mean = per_8k[k] * 1600 * 1000 / (7680.0 * 4320);
        enum { FRAMES = 120 };
        double low = 0, high = 0;
        for (int i = 0; i < FRAMES; i++) {
            scatter(f, 1000 * k + i, mean);
            sv_chainer_run(f->chainer, f->candidate, f->band, f->n, 0, (sv_time)i * PERIOD);
            for (size_t j = 0; i >= 3 && j < f->n; j++) {
                low += f->candidate[j].snr_link >= 3.5;
                high += f->candidate[j].snr_link >= 4.265;
            }
        }
        const double area = (FRAMES - 3) * 1600.0 * 1000;
        print_message(
            "%6.0f candidates per 8K frame: chains beyond 3.5: %.2f of a Gaussian's, beyond 4.265: %.2f (%.0f)\n",
            per_8k[k], low / area / tail(3.5), high / area / tail(4.265), high);
        assert_true(high < 1.1 * area * tail(4.265) + 3 * sqrt(area * tail(4.265)));
        if (per_8k[k] >= 12500) /* thinner ones have too few chains to be as frequent */
            assert_true(high > 0.6 * area * tail(4.265));
        close_fixture(f);
    }
}

/* One target of SNR `snr` at (100, 100) + v frame, among a few far-off candidates; its snr_link in the newest frame. */
static double follow(fixture *f, const int *frames, int n_frames, double snr, double speed, double bend, int band) {
    double link = 0;
    for (int k = 0; k < n_frames; k++) {
        for (int i = 0; i < 40; i++) {
            f->candidate[i] = (sv_detection){.u_px = 300 + 30 * i + 11 * k, .v_px = 900 - 20 * i, .snr = 3.5};
            f->band[i] = 0;
        }
        f->candidate[40] = (sv_detection){.u_px = 100 + speed * frames[k], .v_px = 100, .snr = snr};
        f->candidate[40].v_px += frames[k] == 1 ? bend : 0;
        f->band[40] = (uint8_t)(band < 0 ? k % 2 : band);
        sv_chainer_run(f->chainer, f->candidate, f->band, 41, 0, (sv_time)frames[k] * PERIOD);
        link = f->candidate[40].snr_link;
    }
    return link;
}

static double follow_afresh(const int *frames, int n_frames, double snr, double speed, double bend, int band) {
    fixture *f = open_fixture(1600, 1000);
    const double link = follow(f, frames, n_frames, snr, speed, bend, band);
    close_fixture(f);
    return link;
}

static void a_straight_line_of_weak_candidates_is_strong(void **state) {
    (void)state;
    static const int all[] = {0, 1, 2, 3}, gap[] = {0, 1, 3}, two[] = {2, 3}, old[] = {0, 4};
    const double four = follow_afresh(all, 4, 3.6, 2, 0, 0);
    const double three = follow_afresh(gap, 3, 3.6, 2, 0, 0);
    assert_true(four > 6);
    assert_true(three > 4.75 && three < four); /* one of the four frames may miss it */
    assert_true(follow_afresh(two, 2, 3.6, 2, 0, 0) < three);
    assert_true(follow_afresh(all, 4, 4.0, 2, 0, 0) > four);
    assert_true(follow_afresh(all, 4, 3.6, 2, 0.4, 0) < four); /* a crooked line is less likely */
    assert_true(follow_afresh(old, 2, 6, 1, 0, 0) == 0);       /* four frames ago is too long */
    assert_true(follow_afresh(all, 1, 9, 0, 0, 0) == 0);       /* alone: no chain */
}

static void too_fast_or_of_two_signs_is_no_chain(void **state) {
    (void)state;
    static const int all[] = {0, 1, 2, 3};
    assert_true(follow_afresh(all, 4, 3.6, 3, 0, 0) > 5);
    assert_true(follow_afresh(all, 4, 5, 4.2, 0, 0) == 0);
    assert_true(follow_afresh(all, 4, 3.6, 2, 0, SV_CHAIN_DARK) > 6);
    assert_true(follow_afresh(all, 2, 3.6, 2, 0, -1) == 0);
}

static void a_reset_forgets(void **state) {
    (void)state;
    static const int before[] = {0, 1, 2}, after[] = {3};
    fixture *f = open_fixture(1600, 1000);
    follow(f, before, 3, 3.6, 2, 0, 0);
    sv_chainer_reset(f->chainer, 0);
    assert_true(follow(f, after, 1, 3.6, 2, 0, 0) == 0);
    close_fixture(f);
}

/* The answer does not depend on the order in which candidates are given. */
static void order_does_not_matter(void **state) {
    (void)state;
    fixture *f = open_fixture(400, 300), *g = open_fixture(400, 300);
    for (int i = 0; i < 12; i++) {
        scatter(f, 77 + i, 120);
        g->n = f->n;
        for (size_t k = 0; k < f->n; k++)
            g->candidate[f->n - 1 - k] = f->candidate[k];
        sv_chainer_run(f->chainer, f->candidate, f->band, f->n, 0, (sv_time)i * PERIOD);
        sv_chainer_run(g->chainer, g->candidate, g->band, g->n, 0, (sv_time)i * PERIOD);
        for (size_t k = 0; k < f->n; k++)
            assert_true(g->candidate[f->n - 1 - k].snr_link == f->candidate[k].snr_link);
    }
    close_fixture(f);
    close_fixture(g);
}

/* Places at the very border, outside of it, a frame without candidates and one full of them. */
static void odd_frames_are_taken(void **state) {
    (void)state;
    fixture *f = open_fixture(33, 31);
    for (int i = 0; i < 3; i++) {
        f->n = 4;
        f->candidate[0] = (sv_detection){.u_px = 0, .v_px = 0, .snr = 4};
        f->candidate[1] = (sv_detection){.u_px = 32, .v_px = 30, .snr = 4};
        f->candidate[2] = (sv_detection){.u_px = -0.5, .v_px = 30.5, .snr = 4};
        f->candidate[3] = (sv_detection){.u_px = 16, .v_px = 15, .snr = 1e9};
        sv_chainer_run(f->chainer, f->candidate, f->band, f->n, 0, (sv_time)i * PERIOD);
    }
    assert_true(f->candidate[3].snr_link > 5);
    sv_chainer_run(f->chainer, f->candidate, f->band, 0, 0, 3 * (sv_time)PERIOD);
    for (int i = 4; i < 10; i++) {
        for (int k = 0; k < 1000; k++)
            f->candidate[k] = (sv_detection){.u_px = k % 32, .v_px = k / 33, .snr = 3.4};
        sv_chainer_run(f->chainer, f->candidate, f->band, 1000, 0, (sv_time)i * PERIOD);
    }
    for (int k = 0; k < 1000; k++)
        assert_true(f->candidate[k].snr_link == 0);
    close_fixture(f);
}

/* A bright point of 38 DN that moves 1.5 px per frame; the frames that are not late come out as if there were no other. */
static void show(scene *s, int i, bool late) {
    scene_fill(s, 120);
    scene_add_point(s, 40 + 1.5 * i, 60.3, 38, 0.7);
    scene_frame_with(s, NULL, late);
}

static void a_late_frame_leaves_the_chains_alone(void **state) {
    (void)state;
    scene *s[2];
    for (int k = 0; k < 2; k++) {
        s[k] = scene_create(256, 192, 8, 120, 3);
        s[k]->config.detect.link_frames = 4;
        s[k]->config.detect.link_speed_px = 3;
        scene_frames(s[k], 40);
    }
    size_t n_chains = 0;
    for (int i = 0; i < 24; i++) {
        if (i % 3 == 2) { /* the second scene sees an old frame once more, with noise of its own */
            const dice before = s[1]->dice;
            s[1]->n_frames -= 2;
            show(s[1], i - 2, true);
            for (size_t k = 0; k < s[1]->n_found; k++)
                assert_true(s[1]->found[k].snr_link == 0);
            s[1]->n_frames++;
            s[1]->dice = before;
        }
        for (int k = 0; k < 2; k++)
            show(s[k], i, false);
        assert_int_equal(s[0]->n_found, s[1]->n_found);
        assert_memory_equal(s[0]->found, s[1]->found, s[0]->n_found * sizeof *s[0]->found);
        for (size_t k = 0; k < s[0]->n_found; k++) {
            const sv_detection *d = &s[0]->found[k];
            n_chains += d->snr_link > 4.75;
            if (k > 0) { /* by decreasing strength */
                const sv_detection *p = d - 1;
                assert_true(fmax(p->snr, p->snr_link) >= fmax(d->snr, d->snr_link));
            }
        }
    }
    assert_true(n_chains > 8);
    scene_destroy(s[0]);
    scene_destroy(s[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chance_chains_are_as_rare_as_their_snr),
        cmocka_unit_test(a_straight_line_of_weak_candidates_is_strong),
        cmocka_unit_test(too_fast_or_of_two_signs_is_no_chain),
        cmocka_unit_test(a_reset_forgets),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(odd_frames_are_taken),
        cmocka_unit_test(a_late_frame_leaves_the_chains_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
