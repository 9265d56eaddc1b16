/* Centroid errors: who is matched to whom, bins, bound, the headline figure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <skyvox/rng.h>
#include <skyvox/score.h>

#include <math.h>
#include <stdlib.h>

static sv_centroid *create(double warmup_s) {
    sv_centroid *c;
    assert_int_equal(sv_centroid_create(&c, warmup_s), SV_OK);
    return c;
}

static void noise_comes_out_as_rms_and_bias(void **state) {
    (void)state;
    enum { N = 50, STAMPS = 400 };
    sv_centroid *c = create(0);
    for (int f = 0; f < STAMPS; f++) {
        sv_truth_view view[N];
        sv_detection detection[N];
        for (int k = 0; k < N; k++) {
            uint64_t i = ((uint64_t)f * N + (uint64_t)k) * 2;
            view[k] = (sv_truth_view){
                .target = k, .camera = k % 3, .u_px = 20 * k, .v_px = 7 * (k % 11), .snr = 12, .visible = true};
            detection[k] = (sv_detection){.camera = k % 3,
                                          .u_px = view[k].u_px + 0.1 * sv_rng_normal(1, SV_RNG_TEST, i),
                                          .v_px = view[k].v_px + 0.05 + 0.2 * sv_rng_normal(1, SV_RNG_TEST, i + 1)};
        }
        sv_truth_set set = {.t = f, .view = view, .n_views = N};
        assert_int_equal(sv_centroid_add(c, &set, detection, N, 3, 3000000), SV_OK);
    }
    size_t n;
    const sv_centroid_bin *bin = sv_centroid_get_bins(c, &n);
    assert_int_equal(n, 1);
    assert_true(bin->snr_lo == 11 && bin->snr_hi == 16 && bin->n == N * STAMPS && bin->n_views == N * STAMPS);
    assert_float_equal(bin->rms_px[0], 0.1, 0.002);
    assert_float_equal(bin->bias_px[1], 0.05, 0.006);
    assert_float_equal(bin->rms_px[1], sqrt(0.04 + 0.0025), 0.004);
    assert_float_equal(bin->crb_px, 1.07 / 12, 1e-12);
    assert_true(sv_centroid_rms_px(c) == bin->rms_px[1]);
    sv_centroid_destroy(c);
}

static void only_the_nearest_candidate_of_the_nearest_view_counts(void **state) {
    (void)state;
    const sv_truth_view view[] = {
        {.target = 1, .camera = 0, .u_px = 10, .v_px = 10, .snr = 9, .visible = true},
        {.target = 2, .camera = 0, .u_px = 12, .v_px = 10, .snr = 20, .visible = true},
        {.target = 3, .camera = 0, .u_px = 50, .v_px = 10, .snr = 9, .visible = false},
        {.target = 4, .camera = 1, .u_px = 10, .v_px = 10, .snr = 5, .visible = true},
    };
    const sv_detection detection[] = {
        {.camera = 0, .u_px = 12.5, .v_px = 10},   /* of view 2 */
        {.camera = 0, .u_px = 11.8, .v_px = 10},   /* nearer to view 2, though within 3 px of view 1 */
        {.camera = 0, .u_px = 50, .v_px = 10},     /* on an invisible one */
        {.camera = 1, .u_px = 10, .v_px = 13.001}, /* too far */
        {.camera = 2, .u_px = 10, .v_px = 10},     /* nothing in that camera */
    };
    sv_centroid *c = create(0);
    sv_truth_set set = {.view = view, .n_views = 4};
    assert_int_equal(sv_centroid_add(c, &set, detection, 5, 2, 2000000), SV_OK);
    size_t n;
    const sv_centroid_bin *bin = sv_centroid_get_bins(c, &n);
    assert_int_equal(n, 3);
    assert_true(bin[0].snr_lo == 5 && bin[0].n == 0 && bin[0].n_views == 1 && isnan(bin[0].rms_px[0]));
    assert_true(bin[1].snr_lo == 8 && bin[1].n == 0 && bin[1].n_views == 1);
    assert_true(bin[2].snr_lo == 16 && bin[2].n == 1);
    assert_float_equal(bin[2].bias_px[0], -0.2, 1e-12);
    assert_float_equal(sv_centroid_rms_px(c), 0.2, 1e-12);
    sv_centroid_destroy(c);
}

/* Two frames of a megapixel a stamp, one candidate on the target and three on nothing. */
static void candidates_of_no_object_and_found_views_are_counted(void **state) {
    (void)state;
    sv_truth_sample sample[] = {
        {.target = 5, .wanted = true, .has_velocity = true, .v_w = {0, 12, 0}, .range_m = 800, .n_sites = 3},
        {.target = 7, .wanted = false, .range_m = 800}};
    sv_truth_view view[] = {
        {.target = 5, .camera = 0, .u_px = 10, .v_px = 10, .size_px = 1.2, .snr = 9, .visible = true},
        {.target = 7, .camera = 0, .u_px = 60, .v_px = 10, .size_px = 3, .snr = 9, .visible = true},
        {.target = 5, .camera = 1, .u_px = 10, .v_px = 10, .size_px = 2.2, .snr = 4, .visible = true},
    };
    const sv_detection detection[] = {
        {.camera = 0, .u_px = 10.5, .v_px = 10, .snr = 8.5}, /* the target */
        {.camera = 0, .u_px = 60.5, .v_px = 10, .snr = 7},   /* the bird: of an object, but not wanted */
        {.camera = 0, .u_px = 90, .v_px = 10, .snr = 4.5},   {.camera = 1, .u_px = 10, .v_px = 14, .snr = 4.5},
        {.camera = 1, .u_px = 10, .v_px = 50, .snr = 100},
    };
    sv_truth_set set = {.sample = sample, .n_samples = 2, .view = view, .n_views = 3};
    sv_centroid *c = create(0);
    for (int k = 0; k < 4; k++) {
        set.t = k;
        assert_int_equal(sv_centroid_add(c, &set, detection, 5, 2, 2000000), SV_OK);
    }
    size_t n;
    const sv_false_bin *bin = sv_centroid_get_false(c, &n);
    assert_int_equal(n, 12);
    assert_true(bin[2].snr_lo == 4 && bin[2].n == 8 && bin[2].per_frame == 1 && bin[2].per_megapixel == 1);
    assert_true(bin[11].snr_lo == 64 && bin[11].n == 4 && bin[11].per_frame == 0.5);
    assert_true(bin[4].n == 0 && bin[4].per_frame == 0);

    // Into a score of the same target, which nobody held.
    sv_score_truth_row row = {.sample = sv_score_truth_of(&sample[0])};
    sv_score_config config = sv_score_config_default();
    sv_score *s;
    row.sample.in_coverage = true;
    assert_int_equal(sv_score_create(&s, &config, &row, 1, NULL, 0), SV_OK);
    sv_score_join_views(s, c);
    const sv_score_bin *by = sv_score_get_bins(s, SV_SCORE_BY_SPEED, &n);
    assert_true(n == 1 && by->lo == 10 && by->n == 1 && by->held_fraction == 0);
    assert_true(by->n_views == 8 && by->detected_fraction == 0.5);
    by = sv_score_get_bins(s, SV_SCORE_BY_SIZE, &n); /* a view counts by its own size */
    assert_true(n == 3 && by[0].lo == 1 && by[0].detected_fraction == 1 && by[2].detected_fraction == 0);
    assert_true(by[1].n_views == 0 && isnan(by[1].detected_fraction) && isnan(by[1].held_fraction));
    sv_score_destroy(s);
    sv_centroid_destroy(c);
}

static void low_snr_and_warm_up_stay_out_of_the_headline(void **state) {
    (void)state;
    sv_truth_view view = {.camera = 0, .snr = 7.9, .visible = true};
    sv_detection detection = {.camera = 0, .u_px = 1};
    sv_truth_set set = {.t = 0, .view = &view, .n_views = 1};
    sv_centroid *c = create(1);
    assert_int_equal(sv_centroid_add(c, &set, &detection, 1, 1, 1000000), SV_OK);
    size_t n;
    sv_centroid_get_bins(c, &n);
    assert_int_equal(n, 0);
    set.t = 1000000000;
    assert_int_equal(sv_centroid_add(c, &set, &detection, 1, 1, 1000000), SV_OK);
    sv_centroid_get_bins(c, &n);
    assert_int_equal(n, 1);
    assert_true(isnan(sv_centroid_rms_px(c)));
    sv_centroid_destroy(c);
    sv_centroid_destroy(NULL);
}

static void a_negative_warm_up_is_refused(void **state) {
    (void)state;
    sv_centroid *c;
    assert_int_equal(sv_centroid_create(&c, -1), SV_ERR_ARG);
    assert_null(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_comes_out_as_rms_and_bias),
        cmocka_unit_test(only_the_nearest_candidate_of_the_nearest_view_counts),
        cmocka_unit_test(candidates_of_no_object_and_found_views_are_counted),
        cmocka_unit_test(low_snr_and_warm_up_stay_out_of_the_headline),
        cmocka_unit_test(a_negative_warm_up_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
