/* The figures of docs/MATH.md 2.5 and 2.6 with tight limits: minutes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test_rendered.h"

static const rendered_spec points = {.width = 1920,
                                     .height = 1080,
                                     .bits = 8,
                                     .seed = 31,
                                     .n_targets = 320,
                                     .size_px = 0.3,
                                     .sigma_dn = 3,
                                     .speed_px = 3};

/* The share that is found, known to 0.02 or better. */
static double found(double flux_dn, bool linked) {
    rendered_spec s = points;
    s.flux_dn = flux_dn;
    const rendered_pd p = rendered_detection(&s, 200, linked ? 50 : 60, linked ? 4 : 1, linked, 1e-5);
    const double error = 1.96 * sqrt(p.pd * (1 - p.pd) / p.n);
    print_message(
        "flux %.0f DN, %s: found %.3f +- %.3f of %.0f at 1e-5 per pixel (SNR %.2f, %.0f false, %.0f candidates "
        "per 8K frame)\n",
        flux_dn, linked ? "4 frames" : "1 frame", p.pd, error, p.n, p.snr, p.n_false, p.per_8k_frame);
    assert_true(error < 0.02);
    return p.pd;
}

static void one_frame_finds_flux_50(void **state) {
    (void)state;
    assert_true(found(50, false) >= 0.90);
}

static void four_frames_find_flux_35(void **state) {
    (void)state;
    assert_true(found(35, true) >= 0.90);
}

static void four_frames_find_most_of_flux_30(void **state) {
    (void)state;
    assert_true(found(30, true) >= 0.75);
}

static void four_frames_find_some_of_flux_25(void **state) {
    (void)state;
    assert_true(found(25, true) >= 0.38);
}

/* Every SNR alone, mono and thermal, points and discs of up to 3 px. */
static void check_places(bool thermal, double size_px, double snr) {
    rendered_spec s = points;
    s.width = 1024;
    s.height = 800;
    s.n_targets = 150;
    s.size_px = size_px;
    s.thermal = thermal;
    s.bits = thermal ? 14 : 8;
    s.sigma_dn = thermal ? 2.4 : 3;
    const rendered_errors e = rendered_centroids(&s, snr, 60, 30);
    print_message(
        "%s %.1f px SNR %5.2f: rms %.3f px, bound %.3f, ratio %.2f, bias %+.3f %+.3f, nees %.2f, found %.3f of "
        "%.0f\n",
        thermal ? "thermal" : "mono   ", size_px, e.snr, e.rms, e.bound, e.rms / e.bound, e.bias[0], e.bias[1], e.nees,
        e.found, e.n);
    if (snr > 6.5) /* SNR 6 alone is for information: its bin is held to the limit by test_rendered */
        assert_true(e.rms <= 1.3 * e.bound);
    assert_true(fabs(e.bias[0]) < 0.02 && fabs(e.bias[1]) < 0.02);
}

static void places_are_near_the_bound(void **state) {
    (void)state;
    static const double snr[] = {6.1, 7, 8.2, 10, 14.5, 20, 30};
    for (int k = 0; k < 7; k++)
        for (int thermal = 0; thermal < 2; thermal++) {
            check_places(thermal, 0.3, snr[k]);
            check_places(thermal, 2, snr[k]);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_frame_finds_flux_50),          cmocka_unit_test(four_frames_find_flux_35),
        cmocka_unit_test(four_frames_find_most_of_flux_30), cmocka_unit_test(four_frames_find_some_of_flux_25),
        cmocka_unit_test(places_are_near_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
