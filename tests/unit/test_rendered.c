/* What is found in rendered frames, before moving clouds, and how well its place is measured. The long version is nightly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test_rendered.h"

/* Dark points of sigma 3 DN noise behind a lens of 0.7 px; both the targets and the false alarms are dark ones. */
static const rendered_spec points = {
    .width = 960, .height = 600, .bits = 8, .seed = 11, .n_targets = 90, .size_px = 0.3, .sigma_dn = 3, .speed_px = 3};

/* The share must not lie significantly (two sigmas) below; the nightly test has the figure itself. */
static void detect(double flux_dn, bool linked, double least) {
    rendered_spec s = points;
    s.flux_dn = flux_dn;
    const rendered_pd p = rendered_detection(&s, 120, linked ? 16 : 40, linked ? 4 : 1, linked, 1e-5);
    const double error = sqrt(p.pd * (1 - p.pd) / p.n);
    print_message("flux %.0f DN, %s: found %.3f +- %.3f of %.0f at 1e-5 per pixel (SNR %.2f, %.0f false)\n", flux_dn,
                  linked ? "4 frames" : "1 frame", p.pd, error, p.n, p.snr, p.n_false);
    assert_true(p.n > 1000);
    assert_true(p.pd + 2 * error >= least);
}

static void one_frame_finds_flux_50(void **state) {
    (void)state;
    detect(50, false, 0.90);
}

static void four_frames_find_flux_35(void **state) {
    (void)state;
    detect(35, true, 0.90);
}

static void four_frames_find_most_of_flux_30(void **state) {
    (void)state;
    detect(30, true, 0.75);
}

/* Errors over a bin of true SNR against the bound, both over all its targets. */
static void check_bin(const rendered_spec *spec, const double snr[3], int n_frames) {
    double d2 = 0, bound2 = 0, n = 0, nees = 0, all = 0;
    for (int k = 0; k < 3; k++) {
        const rendered_errors e = rendered_centroids(spec, snr[k], 40, n_frames);
        d2 += e.n * e.found * e.rms * e.rms;
        bound2 += e.n * e.found * e.bound * e.bound;
        nees += e.n * e.found * e.nees;
        n += e.n * e.found;
        all += e.n;
    }
    const double rms = sqrt(d2 / n), bound = sqrt(bound2 / n);
    print_message("%s SNR %4.1f to %4.1f: rms %.3f px, bound %.3f, ratio %.2f, nees %.2f, found %.3f of %.0f\n",
                  spec->thermal ? "thermal" : "mono   ", snr[0], snr[2], rms, bound, rms / bound, nees / n, n / all,
                  all);
    assert_true(n > 0.95 * all);
    assert_true(rms <= 1.3 * bound);
    /* Beyond SNR 28 the errors are a few hundredths of a pixel, and what is not noise begins to show. */
    assert_true(nees / n > 0.8 && nees / n < (snr[0] > 28 ? 1.4 : 1.25));
}

enum { N_BINS = 4 };
static const double bins[N_BINS][3] = {{6.1, 6.9, 7.8}, {8.5, 10, 12}, {16, 20, 28}, {29, 34, 39.5}};

static void places_of_mono_points_are_near_the_bound(void **state) {
    (void)state;
    for (int k = 0; k < N_BINS; k++)
        check_bin(&points, bins[k], 8);
}

static void places_of_thermal_points_are_near_the_bound(void **state) {
    (void)state;
    rendered_spec s = points;
    s.thermal = true;
    s.bits = 14;
    s.sigma_dn = 2.4;
    for (int k = 0; k < N_BINS; k++)
        check_bin(&s, bins[k], 8);
}

/*
 * Two more bits of the same picture. The background of 16-bit images is kept in whole counts: a camera whose noise is below
 * some 4 of them does not come near the bound (docs/MATH.md).
 */
static void places_of_thermal_points_of_16_bit_are_near_the_bound(void **state) {
    (void)state;
    rendered_spec s = points;
    s.thermal = true;
    s.bits = 16;
    s.counts = 4;
    s.sigma_dn = 9.6;
    for (int k = 0; k < N_BINS; k++)
        check_bin(&s, bins[k], 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_frame_finds_flux_50),
        cmocka_unit_test(four_frames_find_flux_35),
        cmocka_unit_test(four_frames_find_most_of_flux_30),
        cmocka_unit_test(places_of_mono_points_are_near_the_bound),
        cmocka_unit_test(places_of_thermal_points_are_near_the_bound),
        cmocka_unit_test(places_of_thermal_points_of_16_bit_are_near_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
