/* Level hevc: lossless is bit for bit, lossy says what it costs, and damage beside the session is found like damage in it. */
#include "test_session_runs.h"

#include <math.h>
#include <replay/contrast.h>
#include <replay/hevc.h>
#include <replay/recorder_video.h>
#include <skyvox/rng.h>

enum { WIDTH = 320, HEIGHT = 192 };

/* libx265 3.5 keeps some kilobytes of every encoder that was opened. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libx265\n";
}

/* Gaussian noise (sum of twelve uniforms) of sigma around a level, rows `pitch` bytes apart. */
static void *noise(int32_t width, int32_t height, int32_t depth, size_t pitch, double level, double sigma,
                   uint64_t seed) {
    uint8_t *image = calloc((size_t)height, pitch);
    for (int32_t v = 0; v < height; v++) {
        for (int32_t u = 0; u < width; u++) {
            double sum = -6;
            for (uint64_t k = 0; k < 12; k++) {
                uint64_t i = (uint64_t)v * (uint64_t)width + (uint64_t)u;
                sum += (double)(sv_rng(seed, k, i) >> 11) * 0x1p-53;
            }
            double x = fmin(fmax(level + sigma * sum + 0.5, 0), (1 << depth) - 1);
            uint16_t dn = (uint16_t)x;
            memcpy(image + (size_t)v * pitch + (size_t)u * (depth > 8 ? 2 : 1), &dn, depth > 8 ? 2 : 1);
        }
    }
    return image;
}

static sv_camera camera_of(int32_t width, int32_t height, int32_t depth) {
    return (sv_camera){.id = 7, .width = width, .height = height, .bit_depth = depth, .rate_hz = 30};
}

static void lossless_is_bit_for_bit(void **state) {
    (void)state;
    static const int32_t size[][3] = {{64, 48, 8}, {97, 33, 8}, {64, 64, 9}, {33, 45, 10}, {64, 48, 11}, {130, 70, 12}};
    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        int32_t width = size[i][0], height = size[i][1], depth = size[i][2];
        size_t row_bytes = (size_t)width * (depth > 8 ? 2 : 1), pitch = row_bytes + 22;
        sv_camera camera = camera_of(width, height, depth);
        sv_hevc_encoder *encoder;
        sv_hevc_decoder *decoder;
        assert_int_equal(sv_hevc_encoder_create(&encoder, &camera, SV_HEVC_LOSSLESS, 2), SV_OK);
        assert_int_equal(sv_hevc_decoder_create(&decoder, &camera, 2), SV_OK);
        uint8_t *out = malloc(row_bytes * (size_t)height);
        for (uint64_t k = 0; k < 3; k++) { /* of the whole range, so that every bit is worked */
            uint8_t *image = noise(width, height, depth, pitch, 1 << (depth - 1), 1 << (depth - 2), 10 * i + k);
            sv_frame frame = {
                .width = width, .height = height, .bit_depth = depth, .pitch = (ptrdiff_t)pitch, .pixels = image};
            const uint8_t *packet;
            size_t n;
            assert_int_equal(sv_hevc_encode(&packet, &n, encoder, &frame), SV_OK);
            memset(out, 0, row_bytes * (size_t)height);
            assert_int_equal(sv_hevc_decode(out, decoder, packet, n), SV_OK);
            for (int32_t v = 0; v < height; v++) {
                assert_memory_equal(out + (size_t)v * row_bytes, image + (size_t)v * pitch, row_bytes);
            }
            free(image);
        }
        free(out);
        sv_hevc_encoder_destroy(encoder);
        sv_hevc_decoder_destroy(decoder);
    }
}

static void a_packet_decodes_alone_and_garbage_does_not(void **state) {
    (void)state;
    sv_camera camera = camera_of(64, 48, 8), other = camera_of(64, 64, 8);
    sv_hevc_encoder *encoder;
    sv_hevc_decoder *decoder, *elsewhere;
    assert_int_equal(sv_hevc_encoder_create(&encoder, &camera, SV_HEVC_LOSSLESS, 1), SV_OK);
    uint8_t *image = NULL, out[64 * 64], *copy = NULL;
    size_t n = 0;
    for (uint64_t k = 0; k < 3; k++) {
        const uint8_t *packet;
        free(image);
        image = noise(64, 48, 8, 64, 100, 20, k);
        sv_frame frame = {.width = 64, .height = 48, .bit_depth = 8, .pitch = 64, .pixels = image};
        assert_int_equal(sv_hevc_encode(&packet, &n, encoder, &frame), SV_OK);
        copy = realloc(copy, n);
        memcpy(copy, packet, n);
    }
    assert_int_equal(sv_hevc_decoder_create(&decoder, &camera, 1), SV_OK);
    assert_int_equal(sv_hevc_decode(out, decoder, copy, n), SV_OK); /* the third, and nothing before it */
    assert_memory_equal(out, image, 64 * 48);
    assert_int_equal(sv_hevc_decode(out, decoder, copy, 40), SV_ERR_INPUT);
    assert_int_equal(sv_hevc_decode(out, decoder, image, 64 * 48), SV_ERR_INPUT);
    assert_int_equal(sv_hevc_decode(out, decoder, copy, n), SV_OK); /* and goes on */
    assert_memory_equal(out, image, 64 * 48);
    assert_int_equal(sv_hevc_decoder_create(&elsewhere, &other, 1), SV_OK);
    assert_int_equal(sv_hevc_decode(out, elsewhere, copy, n), SV_ERR_INPUT);
    sv_hevc_decoder_destroy(elsewhere);
    sv_hevc_decoder_destroy(decoder);
    sv_hevc_encoder_destroy(encoder);
    free(image);
    free(copy);
}

static void refused(int32_t width, int32_t height, int32_t depth, const char *words) {
    sv_camera camera = camera_of(width, height, depth);
    sv_hevc_encoder *encoder;
    assert_int_equal(sv_hevc_encoder_create(&encoder, &camera, SV_HEVC_LOSSLESS, 1), SV_ERR_INPUT);
    assert_null(encoder);
    assert_non_null(strstr(sv_error_text(), words));
}

static void what_hevc_cannot_hold_is_refused(void **state) {
    (void)state;
    refused(64, 48, 14, "camera 7 has 14 bit, HEVC takes at most 12");
    refused(16, 48, 8, "camera 7 has 16 x 48 px");
}

/* ---- contrast ---- */

static sv_video_row contrast(int crf, double sigma) {
    sv_camera camera = camera_of(WIDTH, HEIGHT, 8);
    uint8_t *image = noise(WIDTH, HEIGHT, 8, WIDTH, 120, sigma, 5);
    sv_frame frame = {.width = WIDTH, .height = HEIGHT, .bit_depth = 8, .pitch = WIDTH, .pixels = image};
    sv_video_row row = {0};
    assert_int_equal(sv_contrast_measure(&row, &camera, &frame, crf, 1), SV_OK);
    free(image);
    return row;
}

static void targets_are_in_the_image_s_own_sigma(void **state) {
    (void)state;
    for (double sigma = 1; sigma < 9; sigma *= 2) {
        sv_video_row row = contrast(SV_HEVC_LOSSLESS, sigma);
        double whole = sqrt(sigma * sigma + 1.0 / 12); /* rounding to whole DN is noise, too */
        assert_true(fabs(row.target_dn[0] / (5 * whole) - 1) < 0.04);
        assert_true(row.target_dn[1] == 2 * row.target_dn[0]);
    }
}

static void contrast_falls_with_the_rate_factor(void **state) {
    (void)state;
    sv_video_row row = contrast(SV_HEVC_LOSSLESS, 3);
    for (int k = 0; k < SV_VIDEO_CONTRASTS; k++) {
        assert_true(row.contrast[k] == 1 && row.contrast_p10[k] == 1);
    }
    double last = 1;
    int64_t bytes = INT64_MAX; /* the first may be larger than lossless */
    for (int crf = 6; crf <= 27; crf += 7) {
        row = contrast(crf, 3);
        assert_true(row.contrast[0] < last && row.contrast_p10[0] < row.contrast[0]);
        assert_true(row.frame_bytes < bytes);
        last = row.contrast[0];
        bytes = row.frame_bytes;
    }
    assert_true(last < 0.2); /* next to nothing of 5 sigma */
}

/* What the first frame loses, every frame loses: its size tells. */
static void every_frame_is_quantised_alike(void **state) {
    (void)state;
    sv_camera camera = camera_of(WIDTH, HEIGHT, 8);
    sv_hevc_encoder *encoder;
    assert_int_equal(sv_hevc_encoder_create(&encoder, &camera, 18, 1), SV_OK);
    size_t first = 0;
    for (uint64_t k = 0; k < 6; k++) {
        uint8_t *image = noise(WIDTH, HEIGHT, 8, WIDTH, 120, 3, 20 + k);
        sv_frame frame = {.width = WIDTH, .height = HEIGHT, .bit_depth = 8, .pitch = WIDTH, .pixels = image};
        const uint8_t *packet;
        size_t n;
        assert_int_equal(sv_hevc_encode(&packet, &n, encoder, &frame), SV_OK);
        first = k == 0 ? n : first;
        assert_true(n > first * 95 / 100 && n < first * 105 / 100);
        free(image);
    }
    sv_hevc_encoder_destroy(encoder);
}

/* ---- sessions ---- */

static void remove_session(const char *path) {
    char side[SV_SESSION_PATH_CAP];
    remove(path);
    for (int32_t id = 0; id < 8; id++) {
        assert_true(sv_video_file_path(side, path, id, "hevc"));
        remove(side);
        assert_true(sv_video_file_path(side, path, id, "csv"));
        remove(side);
    }
}

static sv_recorder_options video_options(const sv_scenario *scenario) {
    sv_recorder_options options = run_options(scenario);
    options.level = SV_RECORD_HEVC;
    return options;
}

static run_ledger replayed(const char *path, sv_replay_from from, sv_team *team) {
    sv_session *session;
    sv_replay *replay;
    run_ledger ledger;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    assert_string_equal(sv_session_note(session), "");
    assert_int_equal(sv_replay_create(&replay, session, from, 0, team), SV_OK);
    assert_int_equal(run_source(&ledger, sv_session_config(session), sv_replay_source(replay), NULL, 1, NULL, NULL),
                     SV_OK);
    assert_int_equal(sv_replay_n_damaged(replay), 0);
    sv_replay_destroy(replay);
    sv_session_close(session);
    return ledger;
}

static void every_stage_gives_the_same_ledger(void **state) {
    (void)state;
    char path[RUN_PATH_CAP];
    run_path(path, "hevc");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = video_options(scenario);
    run_ledger whole;
    sv_team *team;
    assert_int_equal(sv_team_create(&team, 2), SV_OK);
    assert_int_equal(run_and_record(&whole, scenario, path, &options, NULL, NULL, NULL), SV_OK);
    for (int from = SV_FROM_AUTO; from <= SV_FROM_POINTS; from++) {
        for (int n_threads = 1; n_threads <= 2; n_threads++) {
            run_ledger again = replayed(path, (sv_replay_from)from, n_threads == 2 ? team : NULL);
            sv_stage first = from >= SV_FROM_BEARINGS ? SV_STAGE_FUSE : SV_STAGE_SYNC;
            assert_int_equal(again.n, whole.n);
            for (int i = 0; i < whole.n; i++) {
                assert_int_equal(sv_ledger_difference(&whole.line[i], &again.line[i], first), SV_N_STAGES);
            }
        }
    }
    sv_team_destroy(team);
    sv_scenario_destroy(scenario);
    remove_session(path);
}

static void segments_have_videos_of_their_own(void **state) {
    (void)state;
    char path[RUN_PATH_CAP], next[SV_SESSION_PATH_CAP];
    run_path(path, "hevc-segments");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = video_options(scenario);
    options.segment_bytes = 250000;
    run_ledger whole;
    assert_int_equal(run_and_record(&whole, scenario, path, &options, NULL, NULL, NULL), SV_OK);
    run_ledger again = replayed(path, SV_FROM_PIXELS, NULL);
    assert_int_equal(again.n, whole.n);
    for (int i = 0; i < whole.n; i++) {
        assert_int_equal(sv_ledger_difference(&whole.line[i], &again.line[i], SV_STAGE_SYNC), SV_N_STAGES);
    }
    sv_session *session;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    int32_t n = sv_session_n_segments(session);
    assert_true(n > 1);
    sv_session_close(session);
    for (int32_t i = 0; i < n; i++) {
        assert_true(sv_session_segment_path(next, path, i));
        remove_session(next);
    }
    sv_scenario_destroy(scenario);
}

static void nothing_is_overwritten(void **state) {
    (void)state;
    char path[RUN_PATH_CAP], side[SV_SESSION_PATH_CAP];
    run_path(path, "hevc-there");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = video_options(scenario);
    sv_recorder *recorder;
    assert_true(sv_video_file_path(side, path, 3, "hevc"));
    fclose(fopen(side, "wb"));
    assert_int_equal(sv_recorder_create(&recorder, path, &options, NULL), SV_ERR_INPUT);
    assert_non_null(strstr(sv_error_text(), "cam3.hevc: cannot create: it exists"));
    assert_int_not_equal(access(path, F_OK), 0); /* nor was the session begun */
    sv_scenario_destroy(scenario);
    remove_session(path);
}

typedef struct told {
    int n;
    sv_video_row row[8];
} told;

static void take_measured(void *user, const sv_camera *camera, const sv_video_row *row) {
    told *t = user;
    (void)camera;
    t->row[t->n++ % 8] = *row;
}

static void a_lossy_recording_says_what_it_costs(void **state) {
    (void)state;
    char path[RUN_PATH_CAP], clean[RUN_PATH_CAP];
    run_path(path, "lossy");
    run_path(clean, "lossy-copy");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = video_options(scenario);
    told t = {0};
    options.lossy = true;
    options.crf = 20;
    options.measured = take_measured;
    options.user = &t;
    run_ledger whole;
    assert_int_equal(run_and_record(&whole, scenario, path, &options, NULL, NULL, NULL), SV_OK);
    assert_int_equal(t.n, scenario->config.n_cameras);
    sv_session *session;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    assert_true(sv_session_is_lossy(session));
    for (int i = 0; i < t.n; i++) {
        const sv_video_row *row = sv_session_video(session, t.row[i].camera);
        assert_non_null(row);
        assert_int_equal(row->crf, 20);
        assert_true(row->contrast[0] < 1 && row->contrast_p10[0] <= row->contrast[0]);
        assert_memory_equal(row->contrast, t.row[i].contrast, sizeof row->contrast);
        assert_memory_equal(row->target_dn, t.row[i].target_dn, sizeof row->target_dn);
    }
    /* A repaired copy is not encoded again. */
    sv_session_repair kept;
    assert_int_equal(sv_session_copy(&kept, session, clean, NULL), SV_OK);
    assert_int_equal(kept.n_bad_events, 0);
    sv_session_close(session);
    for (int32_t i = 0; i < scenario->config.n_cameras; i++) {
        char a[SV_SESSION_PATH_CAP], b[SV_SESSION_PATH_CAP];
        size_t n_a, n_b;
        sv_video_file_path(a, path, scenario->config.camera[i].id, "hevc");
        sv_video_file_path(b, clean, scenario->config.camera[i].id, "hevc");
        uint8_t *of_a = run_read_file(a, &n_a), *of_b = run_read_file(b, &n_b);
        assert_true(n_a == n_b && n_a > 0);
        assert_memory_equal(of_a, of_b, n_a);
        free(of_a);
        free(of_b);
    }
    assert_int_equal(sv_session_open(&session, clean), SV_OK);
    assert_int_equal(sv_session_video(session, 0)->crf, 20);
    assert_true(sv_session_video(session, 0)->contrast[0] == t.row[0].contrast[0]);
    sv_session_close(session);
    sv_scenario_destroy(scenario);
    remove_session(path);
    remove_session(clean);
}

/* Decoders of every age give the same pixels. */
static void videos_stay_readable(void **state) {
    (void)state;
    run_stays_readable("tests/data/sessions/v2-hevc.h5", "tests/data/sessions/v2-hevc.ledger", 0x779e264187b7a547);
}

/* ---- damage ---- */

typedef struct complaints {
    int n;
    char last[512];
} complaints;

static void take_complaint(void *user, const char *line) {
    complaints *c = user;
    c->n++;
    snprintf(c->last, sizeof c->last, "%s", line);
}

static void count(complaints *said, sv_session_check *check, const char *path) {
    sv_session *session;
    *said = (complaints){0};
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    assert_int_equal(sv_session_verify(check, session, take_complaint, said), SV_OK);
    sv_session_close(session);
}

static void damage_in_a_video_is_named(void **state) {
    (void)state;
    char path[RUN_PATH_CAP], side[SV_SESSION_PATH_CAP], expected[64];
    run_path(path, "hevc-damage");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = video_options(scenario);
    run_ledger whole;
    assert_int_equal(run_and_record(&whole, scenario, path, &options, NULL, NULL, NULL), SV_OK);
    int32_t id = scenario->config.camera[1].id;
    assert_true(sv_video_file_path(side, path, id, "hevc"));
    sv_session_check check;
    complaints said;
    count(&said, &check, path);
    assert_int_equal(check.n_frames, 60);
    assert_int_equal(check.n_bad_frames + check.n_bad_rows, 0);

    sv_session *session;
    sv_index_row row;
    sv_frame frame;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    assert_int_equal(sv_session_row(&row, session, SV_TABLE_INDEX + 1, 4), SV_OK);
    sv_session_close(session);
    size_t n;
    uint8_t *bytes = run_read_file(side, &n);
    bytes[row.offset + row.size / 2] ^= 16;
    FILE *file = fopen(side, "wb");
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
    count(&said, &check, path);
    assert_int_equal(check.n_bad_frames, 1);
    snprintf(expected, sizeof expected, "camera %d, frame 4: pixels damaged", (int)id);
    assert_non_null(strstr(said.last, expected));
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    assert_int_equal(sv_session_read_frame(&frame, session, 1, 4, NULL), SV_ERR_INPUT);
    assert_int_equal(sv_session_read_frame(&frame, session, 1, 5, NULL), SV_OK); /* the next does without it */
    sv_session_close(session);

    assert_int_equal(truncate(side, (off_t)row.offset + 1), 0);
    count(&said, &check, path);
    assert_int_equal(check.n_bad_frames, 6);

    assert_int_equal(remove(side), 0);
    count(&said, &check, path);
    assert_int_equal(check.n_bad_frames, 10);
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    assert_non_null(strstr(sv_session_note(session), "the pixels of camera"));
    sv_session_close(session);
    free(bytes);
    sv_scenario_destroy(scenario);
    remove_session(path);
}

/* Killed at any event: what the session tells of is in the videos. */
typedef struct killing {
    const char *path, *copy;
    int n_checked;
} killing;

static void copy_file(const char *from, const char *to) {
    size_t n;
    uint8_t *bytes = run_read_file(from, &n);
    FILE *file = fopen(to, "wb");
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
    free(bytes);
}

static void check_copy(void *user, int64_t n_events) {
    killing *k = user;
    if (n_events % 10 != 5) {
        return;
    }
    char side[SV_SESSION_PATH_CAP], beside[SV_SESSION_PATH_CAP];
    copy_file(k->path, k->copy);
    sv_session_check check;
    sv_session *session;
    for (int32_t id = 0; id < 6; id++) { /* under the name that the session knows */
        sv_video_file_path(side, k->path, id, "hevc");
        snprintf(beside, sizeof beside, "%s.d/%s", k->path, strrchr(side, '/') + 1);
        copy_file(side, beside);
    }
    assert_int_equal(sv_session_open(&session, k->copy), SV_OK);
    assert_int_equal(sv_session_verify(&check, session, NULL, NULL), SV_OK);
    assert_int_equal(check.n_bad_frames + check.n_bad_rows, 0);
    assert_true(check.n_frames >= n_events - 1);
    sv_session_close(session);
    k->n_checked++;
}

static void what_was_told_survives_a_kill(void **state) {
    (void)state;
    char path[RUN_PATH_CAP], folder[RUN_PATH_CAP + 8], copy[2 * RUN_PATH_CAP];
    run_path(path, "hevc-kill");
    snprintf(folder, sizeof folder, "%s.d", path);
    snprintf(copy, sizeof copy, "%s%s", folder, strrchr(path, '/'));
    assert_int_equal(mkdir(folder, 0700), 0);
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = video_options(scenario);
    options.flush_ns = 1;
    killing k = {.path = path, .copy = copy};
    run_ledger whole;
    assert_int_equal(run_and_record(&whole, scenario, path, &options, NULL, check_copy, &k), SV_OK);
    assert_true(k.n_checked >= 5);
    test_folder_empty(folder);
    assert_int_equal(rmdir(folder), 0);
    sv_scenario_destroy(scenario);
    remove_session(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lossless_is_bit_for_bit),
        cmocka_unit_test(a_packet_decodes_alone_and_garbage_does_not),
        cmocka_unit_test(what_hevc_cannot_hold_is_refused),
        cmocka_unit_test(targets_are_in_the_image_s_own_sigma),
        cmocka_unit_test(contrast_falls_with_the_rate_factor),
        cmocka_unit_test(every_frame_is_quantised_alike),
        cmocka_unit_test(every_stage_gives_the_same_ledger),
        cmocka_unit_test(segments_have_videos_of_their_own),
        cmocka_unit_test(nothing_is_overwritten),
        cmocka_unit_test(a_lossy_recording_says_what_it_costs),
        cmocka_unit_test(videos_stay_readable),
        cmocka_unit_test(damage_in_a_video_is_named),
        cmocka_unit_test(what_was_told_survives_a_kill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
