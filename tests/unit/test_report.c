/* Report writers: keys, verdicts, bytes, escaping, lost writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <formats/json_write.h>
#include <formats/report.h>

#include <cjson/cJSON.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A report of a small run: two drones, one of them lost for a while. */
typedef struct fixture {
    sv_report report;
    sv_report_expect expect[3];
    sv_centroid_bin bin[2];
    sv_score *score;
} fixture;

/* n_targets drones at n_stamps stamps; `toggle` loses and finds every drone every three stamps. */
static sv_score *make_score(int n_targets, int n_stamps, bool toggle) {
    size_t n_rows = (size_t)n_targets * (size_t)n_stamps, n_tracks = 0;
    sv_score_truth_row *truth = calloc(n_rows, sizeof *truth);
    sv_score_track_row *track = calloc(n_rows, sizeof *track);
    assert_true(truth && track);
    for (size_t i = 0; i < n_rows; i++) {
        int f = (int)(i / (size_t)n_targets), k = (int)(i % (size_t)n_targets);
        /* a second apart: nothing is interpolated */
        truth[i] = (sv_score_truth_row){.t = f * (sv_time)1000000000,
                                        .sample = {.target = k,
                                                   .object_class = SV_CLASS_DRONE,
                                                   .wanted = true,
                                                   .in_coverage = true,
                                                   .p_w = {50.0 * k, f, 100},
                                                   .range_m = 800,
                                                   .size_px = 2,
                                                   .n_sites = 4}};
        bool seen = toggle ? (f / 3 + k) % 2 == 0 : k != 1 || f < 3 || f > 6;
        if (seen)
            track[n_tracks++] = (sv_score_track_row){.t = truth[i].t, .track = k + 1, .p_w = {50.0 * k + 0.25, f, 100}};
    }
    sv_score_config config = sv_score_config_default();
    sv_score *score;
    assert_int_equal(sv_score_create(&score, &config, truth, n_rows, track, n_tracks), SV_OK);
    free(truth);
    free(track);
    return score;
}

static int set_up(void **state) {
    fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    f->score = make_score(2, 12, false);
    f->bin[0] = (sv_centroid_bin){.snr_lo = 3, .snr_hi = 4, .n = 0, .n_views = 5, .rms_px = {NAN, NAN}, .crb_px = NAN};
    f->bin[1] = (sv_centroid_bin){
        .snr_lo = 64, .snr_hi = INFINITY, .n = 9, .n_views = 9, .rms_px = {0.1, 0.2}, .crb_px = 0.015};
    f->report = (sv_report){.scenario = "small",
                            .description = "Two drones.",
                            .seed = UINT64_MAX,
                            .has_seed = true,
                            .commit = "abc",
                            .backend = "scalar",
                            .n_threads = 1,
                            .frame_sets = 12,
                            .duration_s = 12,
                            .time_scale = "simulation",
                            .ledger_hash = 0x1f,
                            .score = f->score,
                            .centroid = f->bin,
                            .n_centroid = 2,
                            .centroid_rms_px = 0.2,
                            .expect = f->expect,
                            .with_timing = true,
                            .cost = {1, NAN, 2, 3, 4, 5},
                            .latency_p50_ms = 10,
                            .latency_p99_ms = NAN,
                            .peak_rss_bytes = 1 << 20,
                            .wall_s = 2};
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    fixture *f = *state;
    sv_score_destroy(f->score);
    free(f);
    return 0;
}

typedef sv_status (*writer)(const sv_report *report, FILE *file);

static sv_status write_text(const sv_report *report, FILE *file) {
    return sv_report_write_text(report, file, true);
}

/* What a writer wrote, as text; free() it. */
static char *text_of(writer write, const sv_report *report) {
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(write(report, file), SV_OK);
    long n = ftell(file);
    rewind(file);
    char *text = calloc((size_t)n + 1, 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)n, file), n);
    fclose(file);
    return text;
}

static const cJSON *at(const cJSON *root, const char *a, const char *b) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, a);
    return b ? cJSON_GetObjectItemCaseSensitive(item, b) : item;
}

static void json_has_the_keys_that_scripts_rely_on(void **state) {
    fixture *f = *state;
    char *text = text_of(sv_report_write_json, &f->report);
    cJSON *root = cJSON_Parse(text);
    assert_non_null(root);
    static const char *const top[] = {"schema",      "scenario",   "seed",        "commit",     "host",
                                      "frame_sets",  "duration_s", "epoch_ns",    "time_scale", "ledger_hash",
                                      "interrupted", "summary",    "metrics",     "by_range",   "by_size_px",
                                      "by_cameras",  "by_speed",   "centroid_px", "expect"};
    static const char *const summary[] = {"held_fraction",
                                          "held_fraction_all",
                                          "ghost_fraction",
                                          "distractor_fraction",
                                          "false_fraction",
                                          "id_switches",
                                          "ids_per_target",
                                          "n_tracks",
                                          "position_rmse_m",
                                          "position_median_m",
                                          "position_rmse_all_m",
                                          "velocity_rmse_mps",
                                          "centroid_rms_px",
                                          "time_to_confirm_s",
                                          "longest_gap_s",
                                          "gospa_m",
                                          "ospa_m",
                                          "latency_ms",
                                          "core_ms_per_camera_frame",
                                          "peak_rss_bytes"};
    for (size_t i = 0; i < sizeof top / sizeof *top; i++)
        assert_non_null(at(root, top[i], NULL));
    for (size_t i = 0; i < sizeof summary / sizeof *summary; i++)
        assert_non_null(at(root, "summary", summary[i]));
    assert_int_equal(cJSON_GetObjectItem(root, "schema")->valueint, 1);
    assert_string_equal(at(root, "ledger_hash", NULL)->valuestring, "000000000000001f");
    assert_non_null(strstr(text, "\"seed\": 18446744073709551615"));
    assert_true(at(root, "summary", "held_fraction")->valuedouble == 20.0 / 24);
    assert_true(cJSON_GetObjectItem(at(root, "summary", "gospa_m"), "mean")->valuedouble > 0);
    assert_int_equal(cJSON_GetArraySize(at(at(root, "metrics", NULL), "ospa", "published")), 12);
    assert_int_equal(cJSON_GetArraySize(at(root, "metrics", "gospa")), 12);
    cJSON_Delete(root);
    free(text);
}

static void no_number_is_null_and_no_timing_is_absent(void **state) {
    fixture *f = *state;
    char *text = text_of(sv_report_write_json, &f->report);
    cJSON *root = cJSON_Parse(text);
    assert_true(cJSON_IsNull(at(root, "summary", "velocity_rmse_mps")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(at(root, "summary", "latency_ms"), "p99")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetArrayItem(at(root, "centroid_px", NULL), 1), "snr_hi")));
    assert_null(strstr(text, "nan"));
    cJSON_Delete(root);
    free(text);

    f->report.with_timing = false;
    text = text_of(sv_report_write_json, &f->report);
    root = cJSON_Parse(text);
    assert_null(at(root, "host", NULL));
    assert_null(at(root, "summary", "latency_ms"));
    assert_null(at(root, "summary", "peak_rss_bytes"));
    cJSON_Delete(root);
    free(text);

    f->report.score = NULL;
    f->report.centroid = NULL;
    f->report.n_centroid = 0;
    text = text_of(sv_report_write_json, &f->report);
    root = cJSON_Parse(text);
    assert_true(cJSON_IsNull(at(root, "summary", "held_fraction")));
    assert_null(at(root, "metrics", NULL));
    cJSON_Delete(root);
    free(text);
    free(text_of(sv_report_write_html, &f->report));
    free(text_of(write_text, &f->report));
}

static void the_same_report_is_the_same_bytes(void **state) {
    fixture *f = *state;
    static const writer write[] = {sv_report_write_json, sv_report_write_html, write_text, sv_report_write_errors_csv};
    for (size_t i = 0; i < sizeof write / sizeof *write; i++) {
        char *a = text_of(write[i], &f->report), *b = text_of(write[i], &f->report);
        assert_string_equal(a, b);
        free(a);
        free(b);
    }
    f->report.with_timing = false;
    char *a = text_of(sv_report_write_html, &f->report);
    f->report.wall_s = 99;
    f->report.latency_p50_ms = 98;
    f->report.peak_rss_bytes = 97;
    f->report.n_threads = 96;
    f->report.backend = "avx2";
    char *b = text_of(sv_report_write_html, &f->report);
    assert_string_equal(a, b);
    free(a);
    free(b);
}

static void text_is_escaped(void **state) {
    fixture *f = *state;
    f->report.scenario = "<b>&\"x\"\xff\n</b>";
    f->report.command = "a<script>";
    char *html = text_of(sv_report_write_html, &f->report);
    assert_non_null(strstr(html, "&lt;b&gt;&amp;&quot;x&quot;\xEF\xBF\xBD\xEF\xBF\xBD&lt;/b&gt;"));
    assert_null(strstr(html, "<b>&\"x"));
    assert_null(strstr(html, "<script"));
    free(html);
    char *json = text_of(sv_report_write_json, &f->report);
    assert_non_null(strstr(json, "\"<b>&\\\"x\\\"\\ufffd\\u000a</b>\""));
    cJSON *root = cJSON_Parse(json);
    assert_non_null(root);
    cJSON_Delete(root);
    free(json);
}

static void broken_utf8_is_told_from_good(void **state) {
    (void)state;
    assert_int_equal(sv_utf8_length("a"), 1);
    assert_int_equal(sv_utf8_length("\xC3\xA9"), 2);
    assert_int_equal(sv_utf8_length("\xE2\x82\xAC"), 3);
    assert_int_equal(sv_utf8_length("\xF0\x9F\x98\x80"), 4);
    static const char *const bad[] = {"\x80",         "\xC0\x80",         "\xC3",    "\xE0\x80\x80",
                                      "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(sv_utf8_length(bad[i]), 0);
}

static void the_page_needs_nothing_else(void **state) {
    fixture *f = *state;
    char *html = text_of(sv_report_write_html, &f->report);
    static const char *const never[] = {"<script", "http:", "https:", "<img", "<link",
                                        "@import", "url(",  "nan",    "inf<"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        assert_null(strstr(html, never[i]));
    static const char *const ever[] = {"prefers-color-scheme",
                                       "<svg",
                                       "Who was held",
                                       "GOSPA over time",
                                       "By range",
                                       "By size",
                                       "By sites",
                                       "Cramér-Rao",
                                       "Cost per stage",
                                       "What went wrong",
                                       "What the words mean",
                                       "</html>"};
    for (size_t i = 0; i < sizeof ever / sizeof *ever; i++)
        assert_non_null(strstr(html, ever[i]));
    free(html);
}

/* Lost and found from one column of the picture to the next: as many runs as can be. */
static void a_page_of_200_bad_strips_stays_small(void **state) {
    fixture *f = *state;
    sv_score *score = make_score(200, 1800, true);
    f->report.score = score;
    char *html = text_of(sv_report_write_html, &f->report);
    assert_in_range(strlen(html), 500000, 3000000);
    assert_non_null(strstr(html, " more</p>"));
    free(html);
    sv_score_destroy(score);
}

static void one_stamp_and_no_stamp_make_a_page(void **state) {
    fixture *f = *state;
    sv_score *score = make_score(1, 1, false);
    f->report.score = score;
    free(text_of(sv_report_write_html, &f->report));
    sv_score_destroy(score);
    sv_score_config config = sv_score_config_default();
    assert_int_equal(sv_score_create(&score, &config, NULL, 0, NULL, 0), SV_OK);
    f->report.score = score;
    char *html = text_of(sv_report_write_html, &f->report);
    assert_null(strstr(html, "nan"));
    free(html);
    sv_score_destroy(score);
}

static void expectations_are_judged(void **state) {
    fixture *f = *state;
    f->expect[0].expect = (sv_expect){"held_fraction", SV_EXPECT_MIN, 0.8};
    f->expect[1].expect = (sv_expect){"gospa_m.missed", SV_EXPECT_MAX, 1};
    f->expect[2].expect = (sv_expect){"latency_ms.p99", SV_EXPECT_MAX, 1e9};
    f->report.n_expect = 3;
    bool all_pass = true;
    assert_int_equal(sv_report_check_expect(&f->report, &all_pass), SV_OK);
    assert_false(all_pass);
    assert_true(f->expect[0].pass && f->expect[0].value == 20.0 / 24);
    assert_false(f->expect[1].pass);
    assert_false(f->expect[2].pass); /* no such number */
    f->report.n_expect = 1;
    assert_int_equal(sv_report_check_expect(&f->report, &all_pass), SV_OK);
    assert_true(all_pass);

    f->report.n_expect = 2;
    strcpy(f->expect[1].expect.name, "gospa_m.misses");
    assert_int_equal(sv_report_check_expect(&f->report, &all_pass), SV_ERR_INPUT);
    assert_non_null(strstr(sv_error_text(),
                           "expect[1].name: unknown number \"gospa_m.misses\" (did you mean \"gospa_m.missed\"?)"));
    assert_true(all_pass); /* unchanged */
}

static void every_number_is_found_by_its_key(void **state) {
    fixture *f = *state;
    double value = 0;
    static const struct {
        const char *key;
        double value;
    } want[] = {{"latency_ms.p50", 10},
                {"core_ms_per_camera_frame.track", 5},
                {"peak_rss_bytes", 1 << 20},
                {"ids_per_target", 1},
                {"time_to_confirm_s.median", 0},
                {"longest_gap_s", 4},
                {"n_held", 20},
                {"centroid_rms_px", 0.2}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_int_equal(sv_report_value(&value, &f->report, want[i].key), SV_OK);
        assert_true(value == want[i].value);
    }
    assert_int_equal(sv_report_value(&value, &f->report, "held_fractoin"), SV_ERR_INPUT);
    assert_non_null(strstr(sv_error_text(), "\"held_fraction\""));
    assert_true(value == 0.2);
}

static void a_full_disk_is_an_error(void **state) {
    fixture *f = *state;
    static const writer write[] = {sv_report_write_json, sv_report_write_html, write_text, sv_report_write_errors_csv};
    for (size_t i = 0; i < sizeof write / sizeof *write; i++) {
        FILE *full = fopen("/dev/full", "w");
        if (!full)
            skip();
        assert_int_equal(write[i](&f->report, full), SV_ERR_IO);
        fclose(full);
    }
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(sv_report_tracks_header(full), SV_ERR_IO);
    fclose(full);
}

static void rows_are_as_documented(void **state) {
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    sv_track track[2] = {{.id = 7,
                          .state = SV_TRACK_CONFIRMED,
                          .t = 1500000000,
                          .p_w = {1, -2.5, 3},
                          .v_w = {0.5, 0, 0},
                          .existence = 0.75,
                          .class_prob = {0.25, 0, 0.75, 0, 0}},
                         {.id = 8, .state = SV_TRACK_TENTATIVE}};
    track[0].cov[0] = 4;
    track[0].cov[7] = 9;
    track[0].cov[14] = 16;
    sv_truth_sample sample = {.target = 3, .object_class = SV_CLASS_DRONE, .p_w = {1, 2, 3}, .v_w = {4, 5, 6}};
    sv_truth_set set = {.t = 1, .sample = &sample, .n_samples = 1};
    sv_camera camera = {.id = 42, .modality = SV_THERMAL};
    sv_config config = {.camera = &camera, .n_cameras = 1};
    sv_detection detection = {.t = -500000000, .u_px = 10.25, .v_px = 20, .snr = 5.5, .frame = 9};
    assert_int_equal(sv_report_tracks_header(file), SV_OK);
    assert_int_equal(sv_report_tracks_rows(file, track, 2), SV_OK);
    assert_int_equal(sv_report_truth_header(file), SV_OK);
    assert_int_equal(sv_report_truth_rows(file, &set), SV_OK);
    assert_int_equal(sv_report_detections_header(file), SV_OK);
    assert_int_equal(sv_report_detections_rows(file, &config, &detection, 1, 0), SV_OK);
    rewind(file);
    char text[1024] = {0};
    fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_string_equal(text,
                        "t_s,track_id,x_m,y_m,z_m,vx_mps,vy_mps,vz_mps,sx_m,sy_m,sz_m,existence,class,class_prob\n"
                        "1.500000000,7,1.000000,-2.500000,3.000000,0.500000,0.000000,0.000000,2.000000,3.000000,4."
                        "000000,0.750000,bird,0.750000\n"
                        "t_s,target_id,class,x_m,y_m,z_m,vx_mps,vy_mps,vz_mps\n"
                        "0.000000001,3,drone,1.000000,2.000000,3.000000,4.000000,5.000000,6.000000\n"
                        "t_s,camera,frame,u_px,v_px,snr,modality\n"
                        "-0.500000000,42,9,10.2500,20.0000,5.500,thermal\n");
}

/* From an SNR on: a chain counts as the SNR it stands for, and a label without one is never weak. */
static void weak_rows_can_be_left_out(void **state) {
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    sv_camera camera = {.id = 1, .modality = SV_MONO};
    sv_config config = {.camera = &camera, .n_cameras = 1};
    sv_detection detection[] = {{.u_px = 1, .snr = 4.999},
                                {.u_px = 2, .snr = 5},
                                {.u_px = 3, .snr = 4, .snr_link = 5},
                                {.u_px = 4, .snr = 4, .snr_link = 4.999},
                                {.u_px = 5, .snr = 0}};
    assert_int_equal(sv_report_detections_rows(file, &config, detection, 5, 5), SV_OK);
    rewind(file);
    char text[1024] = {0};
    fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_string_equal(text, "0.000000000,1,0,2.0000,0.0000,5.000,mono\n"
                              "0.000000000,1,0,3.0000,0.0000,4.000,mono\n"
                              "0.000000000,1,0,5.0000,0.0000,0.000,mono\n");
}

/* More rows than are gathered at a time, the longest that there are: nothing is lost between two pieces. */
static void many_long_rows_are_whole(void **state) {
    (void)state;
    enum { N = 2000, ROW_CAP = 1024 };
    FILE *file = tmpfile();
    sv_track *track = calloc(N, sizeof *track);
    assert_true(file && track);
    for (int i = 0; i < N; i++) {
        track[i] =
            (sv_track){.id = INT64_MAX - i, .state = SV_TRACK_CONFIRMED, .t = INT64_MIN + i, .existence = -1e300};
        track[i].p_w = track[i].v_w = (sv_vec3){-1e300, 1e22, -DBL_TRUE_MIN};
        track[i].cov[0] = track[i].cov[7] = track[i].cov[14] = 1e300;
    }
    assert_int_equal(sv_report_tracks_rows(file, track, N), SV_OK);
    rewind(file);
    char line[ROW_CAP], expected[ROW_CAP];
    for (int i = 0; i < N; i++) {
        assert_non_null(fgets(line, sizeof line, file));
        uint64_t ns = UINT64_C(9223372036854775808) - (uint64_t)i;
        snprintf(expected, sizeof expected,
                 "-%llu.%09llu,%lld,-1e+300,%.6f,-0.000000,-1e+300,%.6f,-0.000000,1e+150,1e+150,1e+150,-1e+300,unknown,"
                 "0.000000\n",
                 (unsigned long long)(ns / 1000000000), (unsigned long long)(ns % 1000000000),
                 (long long)(INT64_MAX - i), 1e22, 1e22);
        assert_string_equal(line, expected);
    }
    assert_null(fgets(line, sizeof line, file));
    fclose(file);
    free(track);
}

static void errors_csv_names_the_missed_interval(void **state) {
    fixture *f = *state;
    char *text = text_of(sv_report_write_errors_csv, &f->report);
    assert_string_equal(text, "kind,t_begin_s,t_end_s,target_id,track_id,x_m,y_m,z_m\n"
                              "missed,3.000000000,7.000000000,1,,50.000000,3.000000,100.000000\n");
    free(text);
}

static void classes_have_names_both_ways(void **state) {
    (void)state;
    for (int k = 0; k < SV_N_CLASSES; k++)
        assert_int_equal(sv_class_parse(sv_class_name((sv_class)k)), k);
    assert_int_equal(sv_class_parse("zeppelin"), SV_CLASS_OTHER);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(json_has_the_keys_that_scripts_rely_on),
        TEST(no_number_is_null_and_no_timing_is_absent),
        TEST(the_same_report_is_the_same_bytes),
        TEST(text_is_escaped),
        TEST(broken_utf8_is_told_from_good),
        TEST(the_page_needs_nothing_else),
        TEST(a_page_of_200_bad_strips_stays_small),
        TEST(one_stamp_and_no_stamp_make_a_page),
        TEST(expectations_are_judged),
        TEST(every_number_is_found_by_its_key),
        TEST(a_full_disk_is_an_error),
        TEST(rows_are_as_documented),
        TEST(weak_rows_can_be_left_out),
        TEST(many_long_rows_are_whole),
        TEST(errors_csv_names_the_missed_interval),
        TEST(classes_have_names_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
