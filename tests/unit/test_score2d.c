/* Boxes against labels, cases worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <skyvox/score2d.h>

static sv_score2d scored(const sv_box2d *label, size_t n_labels, const sv_box2d *box, size_t n_boxes, int32_t first) {
    sv_score2d score;
    assert_int_equal(sv_score2d_video(&score, label, n_labels, box, n_boxes, first), SV_OK);
    return score;
}

/* 10 x 10 label: a small box 10 px away counts, one 10.1 px away does not. */
static void distance_up_to_the_labels_size(void **state) {
    (void)state;
    const sv_box2d label = {.frame = 0, .x_px = 0, .y_px = 0, .w_px = 10, .h_px = 10};
    sv_box2d box = {.frame = 0, .x_px = 14, .y_px = 4, .w_px = 2, .h_px = 2};
    assert_int_equal(scored(&label, 1, &box, 1, 0).n_matched, 1);
    box.x_px = 14.1;
    assert_int_equal(scored(&label, 1, &box, 1, 0).n_matched, 0);
}

/* A long thin label of size 4: the centre is 5 away, but the boxes share more than a fifth. */
static void overlap_counts_where_the_distance_does_not(void **state) {
    (void)state;
    const sv_box2d label = {.x_px = 0, .y_px = 0, .w_px = 16, .h_px = 1};
    sv_box2d box = {.x_px = 5, .y_px = 0, .w_px = 16, .h_px = 1};
    assert_int_equal(scored(&label, 1, &box, 1, 0).n_matched, 1);
    box.x_px = 11; /* 5 of 27 */
    assert_int_equal(scored(&label, 1, &box, 1, 0).n_matched, 0);
}

static void one_box_serves_one_label_and_the_nearest_goes_first(void **state) {
    (void)state;
    const sv_box2d label[] = {{.x_px = 0, .w_px = 10, .h_px = 10}, {.x_px = 6, .w_px = 10, .h_px = 10}};
    const sv_box2d box[] = {{.x_px = 5, .w_px = 10, .h_px = 10}};
    const sv_score2d score = scored(label, 2, box, 1, 0);
    assert_int_equal(score.n_matched, 1);
    assert_float_equal(score.error_sum_px, 1, 1e-12);
    assert_float_equal(sv_score2d_recall(&score), 0.5, 1e-12);
    assert_float_equal(sv_score2d_precision(&score), 1, 1e-12);
    assert_float_equal(sv_score2d_f1(&score), 2.0 / 3, 1e-12);
}

/* Frames 1, 2, 2, 4 against 0, 2, 3, 4; frame 4 misses; before frame 2 nothing counts. */
static void frames_are_kept_apart(void **state) {
    (void)state;
    const sv_box2d label[] = {{.frame = 1, .w_px = 2, .h_px = 2},
                              {.frame = 2, .w_px = 2, .h_px = 2},
                              {.frame = 2, .x_px = 50, .w_px = 2, .h_px = 2},
                              {.frame = 4, .w_px = 2, .h_px = 2}};
    const sv_box2d box[] = {{.frame = 0, .w_px = 2, .h_px = 2},
                            {.frame = 2, .w_px = 2, .h_px = 2},
                            {.frame = 3, .w_px = 2, .h_px = 2},
                            {.frame = 4, .x_px = 90, .w_px = 2, .h_px = 2}};
    sv_score2d score = scored(label, 4, box, 4, 2);
    assert_int_equal(score.n_labels, 3);
    assert_int_equal(score.n_boxes, 3);
    assert_int_equal(score.n_matched, 1);
    sv_score2d_add(&score, &score);
    assert_int_equal(score.n_videos, 2);
    assert_int_equal(score.n_matched, 2);
}

static void nothing_to_score_is_no_number(void **state) {
    (void)state;
    const sv_score2d score = scored(NULL, 0, NULL, 0, 0);
    assert_true(isnan(sv_score2d_precision(&score)) && isnan(sv_score2d_recall(&score)));
    assert_true(isnan(sv_score2d_f1(&score)) && isnan(sv_score2d_error_rms_px(&score)));
}

static void boxes_out_of_order_are_refused(void **state) {
    (void)state;
    const sv_box2d box[] = {{.frame = 3}, {.frame = 2}};
    sv_score2d score = {.n_labels = 77};
    assert_int_equal(sv_score2d_video(&score, NULL, 0, box, 2, 0), SV_ERR_ARG);
    assert_int_equal(score.n_labels, 77);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance_up_to_the_labels_size),
        cmocka_unit_test(overlap_counts_where_the_distance_does_not),
        cmocka_unit_test(one_box_serves_one_label_and_the_nearest_goes_first),
        cmocka_unit_test(frames_are_kept_apart),
        cmocka_unit_test(nothing_to_score_is_no_number),
        cmocka_unit_test(boxes_out_of_order_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
