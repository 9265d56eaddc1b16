/* What the detector finds and how well it measures it, by sampling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test_detect_images.h"

static double tail(double z) {
    return 0.5 * erfc(z / sqrt(2));
}

/* Clean noise: candidates per pixel and polarity against the one-sided tail, within a factor of 2. */
static void check_false_alarms(int bits) {
    enum { SIZE = 384, FRAMES = 90 };
    scene *s = scene_create(SIZE, SIZE, bits, 120, 3);
    scene_frames(s, 50);
    size_t low = 0, high = 0;
    for (int f = 0; f < FRAMES; f++) {
        scene_frame(s);
        low += s->n_found;
        for (size_t i = 0; i < s->n_found; i++)
            high += s->found[i].snr >= 4.75;
    }
    const double n = 2.0 * SIZE * SIZE * FRAMES; /* both polarities */
    assert_in_range((int)(100 * (double)low / (n * tail(3.3))), 50, 200);
    assert_in_range((int)(100 * (double)high / (n * tail(4.75))), 50, 200);
    scene_destroy(s);
}

static void false_alarms_follow_the_gaussian_tail(void **state) {
    (void)state;
    check_false_alarms(8);
}

static void false_alarms_follow_it_at_12_bit_too(void **state) {
    (void)state;
    check_false_alarms(12);
}

/* Targets at random places, one per noise cell, on a background that was learned from 30 noisy frames. */
enum { ACROSS = 5, TARGETS = ACROSS * ACROSS, SIDE = 64 * ACROSS };

typedef struct tally {
    double n, found, error2, nees, flux, snr;
} tally;

/* One frame of targets of the given matched-filter SNR. */
static void sample(tally *t, scene *s, double grey, double diameter, double snr, double lens) {
    double u[TARGETS], v[TARGETS];
    scene_fill(s, grey);
    scene_add_disc(s, 100.3, 100.2, diameter, 1, lens);
    const double flux = snr / scene_matched_snr(s, grey);
    scene_fill(s, grey);
    for (int i = 0; i < TARGETS; i++) {
        u[i] = 64 * (i % ACROSS) + 26 + 12 * dice_uniform(&s->dice);
        v[i] = 64 * (i / ACROSS) + 26 + 12 * dice_uniform(&s->dice);
        scene_add_disc(s, u[i], v[i], diameter, flux, lens);
    }
    scene_frame(s);
    for (int i = 0; i < TARGETS; i++) {
        t->n++;
        const sv_detection *d = scene_nearest(s, u[i], v[i], 3);
        if (!d)
            continue;
        const double du = d->u_px - u[i], dv = d->v_px - v[i];
        const double *c = d->cov_px2;
        t->found++;
        t->error2 += 0.5 * (du * du + dv * dv);
        t->nees += 0.5 * (c[2] * du * du - 2 * c[1] * du * dv + c[0] * dv * dv) / (c[0] * c[2] - c[1] * c[1]);
        t->flux += d->flux_dn / flux;
        t->snr += d->snr / snr;
    }
}

static void flux_50_is_found_nine_times_of_ten(void **state) {
    (void)state;
    /* Sigma 3 DN, lens 0.7 px, threshold 4.265 sigma: 1e-5 false alarms per pixel. */
    scene *s = scene_create(SIDE, SIDE, 8, 120, 3);
    s->config.detect.snr_low = 4.265;
    s->config.detect.polarity[SV_MONO] = 1;
    scene_frames(s, 30);
    int n = 0, found = 0;
    for (int f = 0; f < 60; f++) {
        double u[TARGETS], v[TARGETS];
        scene_fill(s, 120);
        for (int i = 0; i < TARGETS; i++) {
            u[i] = 64 * (i % ACROSS) + 26 + 12 * dice_uniform(&s->dice);
            v[i] = 64 * (i / ACROSS) + 26 + 12 * dice_uniform(&s->dice);
            scene_add_point(s, u[i], v[i], 50, 0.7);
        }
        scene_frame(s);
        for (int i = 0; i < TARGETS; i++) {
            n++;
            found += scene_nearest(s, u[i], v[i], 2) != NULL;
        }
    }
    assert_true(found >= 0.90 * n);
    scene_destroy(s);
}

/* Errors of points against the Cramer-Rao bound, 1.07 / SNR px at this lens. */
static void points_reach_the_cramer_rao_bound(void **state) {
    (void)state;
    scene *s = scene_create(SIDE, SIDE, 8, 120, 2.5);
    scene_frames(s, 40);
    static const double snr[] = {8, 12, 20};
    for (int k = 0; k < 3; k++) {
        tally t = {0};
        for (int f = 0; f < 16; f++)
            sample(&t, s, 120, 0, snr[k], 0.7);
        assert_true(t.found >= 0.99 * t.n);
        assert_true(sqrt(t.error2 / t.found) < 1.25 * 1.07 / snr[k]);
    }
    scene_destroy(s);
}

/* SNR 8 to 30, 1 to 6 px: rms at most 0.15 px, covariance, flux and SNR honest. */
static void the_usual_mix_is_measured_honestly(void **state) {
    (void)state;
    static const double lens[] = {0.6, 0.7, 1.0};
    double error2 = 0, found = 0;
    for (int k = 0; k < 3; k++) {
        tally t = {0};
        scene *s = scene_create(SIDE, SIDE, 8, 120, 2.5);
        s->dice.state = 77 + (uint64_t)k;
        scene_frames(s, 40);
        for (int f = 0; f < 30; f++)
            sample(&t, s, 120, 1 + 5 * dice_uniform(&s->dice), 8 + 22 * dice_uniform(&s->dice), lens[k]);
        assert_true(t.found >= 0.99 * t.n);
        assert_true(t.nees / t.found > 0.8 && t.nees / t.found < 1.2);
        assert_true(fabs(t.flux / t.found - 1) < 0.1);
        assert_true(t.snr / t.found > 0.75 && t.snr / t.found < 1.05);
        error2 += t.error2;
        found += t.found;
        scene_destroy(s);
    }
    assert_true(sqrt(error2 / found) <= 0.15);
}

/* Mean error at 25 sub-pixel phases, four lenses, noise averaged out. */
static void no_phase_is_biased(void **state) {
    (void)state;
    static const double lens[] = {0.6, 0.7, 1.0, 1.6};
    for (int k = 0; k < 4; k++) {
        scene *s = scene_create(SIDE, SIDE, 8, 60, 0.6);
        scene_frames(s, 60);
        scene_fill(s, 60);
        for (int i = 0; i < TARGETS; i++)
            scene_add_point(s, 64 * (i % ACROSS) + 32 + 0.2 * (i % 5) - 0.4,
                            64 * (i / ACROSS) + 32 + 0.2 * (i / 5) - 0.4, 400, lens[k]);
        double du[TARGETS] = {0}, dv[TARGETS] = {0};
        enum { N = 40 };
        for (int f = 0; f < N; f++) {
            scene_frame(s);
            for (int i = 0; i < TARGETS; i++) {
                const double u = 64 * (i % ACROSS) + 32 + 0.2 * (i % 5) - 0.4,
                             v = 64 * (i / ACROSS) + 32 + 0.2 * (i / 5) - 0.4;
                const sv_detection *d = scene_nearest(s, u, v, 1);
                assert_non_null(d);
                du[i] += (d->u_px - u) / N;
                dv[i] += (d->v_px - v) / N;
            }
        }
        for (int i = 0; i < TARGETS; i++)
            assert_true(fabs(du[i]) < 0.02 && fabs(dv[i]) < 0.02);
        scene_destroy(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(false_alarms_follow_the_gaussian_tail), cmocka_unit_test(false_alarms_follow_it_at_12_bit_too),
        cmocka_unit_test(flux_50_is_found_nine_times_of_ten),    cmocka_unit_test(points_reach_the_cramer_rao_bound),
        cmocka_unit_test(the_usual_mix_is_measured_honestly),    cmocka_unit_test(no_phase_is_biased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
