/* Level tiles: what stood out comes back pixel for pixel, the rest of the session is as without pixels. */
#include "test_session_runs.h"

#include <math.h>
#include <skyvox/math.h>

enum { SPOTS_CAP = 4096, KEYS_CAP = 256 };

/* What the core had before it at a pixel that must be kept. */
typedef struct spot {
    int32_t camera, frame, u, v;
    int32_t residual; /* pixel minus background, whole DN; 0 below 3 sigma */
} spot;

typedef struct watched {
    sv_recorder *recorder;
    spot spot[SPOTS_CAP];
    size_t n_spots;
    bool warm[16];
    sv_time t_key[16];
    int n_keys[16]; /* backgrounds that are due */
    sv_time key_ns;
} watched;

static int32_t pixel_of(const sv_frame *f, int32_t u, int32_t v) {
    const uint8_t *row = (const uint8_t *)f->pixels + v * f->pitch;
    return f->bit_depth > 8 ? row[2 * u] | row[2 * u + 1] << 8 : row[u];
}

/* The definition once more, in floating point. */
static int32_t residual_of(const sv_frame *f, const sv_state *state, int32_t u, int32_t v) {
    double unit = 1 << (16 - f->bit_depth);
    double mean = sv_background_at(&sv_state_image_products(state)->background, v * f->width + u) / unit;
    double pixel = pixel_of(f, u, v);
    double most = (1 << f->bit_depth) - 1, whole = floor(mean + 0.5);
    return fabs(pixel - mean) < 3 * sv_state_noise_dn(state, u, v) ? 0 : (int32_t)(pixel - fmin(whole, most));
}

static void watch_image(watched *w, const sv_event *event, const sv_state *state) {
    const sv_image_products *p = sv_state_image_products(state);
    const sv_frame *f = &event->as.image;
    assert_int_equal(p->camera, event->camera);
    int32_t c = event->camera;
    if (w->n_keys[c] == 0 || (p->warm && !w->warm[c]) || f->t >= w->t_key[c]) {
        w->n_keys[c]++;
        w->t_key[c] = f->t + w->key_ns;
    }
    w->warm[c] = p->warm;
    for (size_t i = 0; i < p->n_detections; i++) {
        int32_t u = (int32_t)(p->detection[i].u_px + 0.5), v = (int32_t)(p->detection[i].v_px + 0.5);
        for (int32_t k = 0; k < 9 && w->n_spots < SPOTS_CAP; k++) {
            int32_t x = u + k % 3 - 1, y = v + k / 3 - 1;
            if (x >= 0 && y >= 0 && x < f->width && y < f->height) {
                w->spot[w->n_spots++] = (spot){c, f->number, x, y, residual_of(f, state, x, y)};
            }
        }
    }
}

/* A run that is recorded, with what the recorder should have kept. */
static void watch(watched *w, const sv_scenario *scenario, const char *path, const sv_recorder_options *options) {
    sv_backend *backend;
    sv_sim *sim;
    sv_state *state;
    memset(w, 0, sizeof *w);
    w->key_ns = sv_time_from_s(options->key_s > 0 ? options->key_s : SV_RECORD_KEY_S);
    assert_int_equal(sv_backend_create(&backend, SV_BACKEND_AUTO), SV_OK);
    assert_int_equal(sv_sim_create(&sim, scenario, backend, NULL), SV_OK);
    assert_int_equal(sv_state_create(&state, &scenario->config, backend, NULL, NULL), SV_OK);
    assert_int_equal(sv_state_image_products(state)->camera, -1);
    assert_int_equal(sv_recorder_create(&w->recorder, path, options, NULL), SV_OK);
    sv_source source = sv_sim_source(sim);
    sv_sink sink = sv_recorder_sink(w->recorder);
    sv_event event;
    while (source.next(source.self, &event) == SV_OK) {
        assert_int_equal(sink.event(sink.self, &event), SV_OK);
        sv_status status = sv_step(&scenario->config, state, &event);
        for (; status == SV_AGAIN; status = sv_step(&scenario->config, state, NULL)) {
            assert_int_equal(sink.set(sink.self, sv_state_products(state)), SV_OK);
        }
        assert_int_equal(status, SV_OK);
        if (event.kind == SV_EVENT_FRAME) {
            assert_int_equal(sink.image(sink.self, &event, state), SV_OK);
            watch_image(w, &event, state);
        }
    }
    assert_int_equal(sv_recorder_close(w->recorder), SV_OK);
    sv_state_destroy(state);
    sv_sim_destroy(sim);
    sv_backend_destroy(backend);
}

static sv_recorder_options tile_options(const sv_scenario *scenario) {
    sv_recorder_options options = run_options(scenario);
    options.level = SV_RECORD_TILES;
    return options;
}

static void every_stage_but_pixels_gives_the_same_ledger(void **unused) {
    (void)unused;
    char path[RUN_PATH_CAP];
    run_path(path, "tiles");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = tile_options(scenario);
    run_ledger whole, again;
    assert_int_equal(run_and_record(&whole, scenario, path, &options, NULL, NULL, NULL), SV_OK);
    sv_session *session;
    sv_replay *replay;
    for (int from = SV_FROM_AUTO; from <= SV_FROM_POINTS; from++) {
        assert_int_equal(sv_session_open(&session, path), SV_OK);
        sv_status status = sv_replay_create(&replay, session, (sv_replay_from)from, 0, NULL);
        assert_int_equal(status, from == SV_FROM_PIXELS ? SV_ERR_INPUT : SV_OK);
        if (status == SV_OK) {
            sv_stage first = from >= SV_FROM_BEARINGS ? SV_STAGE_FUSE : SV_STAGE_SYNC;
            assert_int_equal(
                run_source(&again, sv_session_config(session), sv_replay_source(replay), NULL, 1, NULL, NULL), SV_OK);
            assert_int_equal(again.n, whole.n);
            for (int i = 0; i < whole.n; i++) {
                assert_int_equal(sv_ledger_difference(&whole.line[i], &again.line[i], first), SV_N_STAGES);
            }
        } else {
            assert_non_null(strstr(sv_error_text(), "replay from detections, bearings or points"));
        }
        sv_replay_destroy(replay);
        sv_session_close(session);
    }
    sv_scenario_destroy(scenario);
    remove(path);
}

/* Newest background of a camera at or before the frame's time, and how many there are. */
static uint8_t *key_before(sv_session *session, int32_t camera, sv_time t) {
    int64_t row = -1;
    for (int64_t i = 0; i < sv_session_rows(session, SV_TABLE_INDEX + camera); i++) {
        sv_index_row index;
        assert_int_equal(sv_session_row(&index, session, SV_TABLE_INDEX + camera, i), SV_OK);
        row = index.t <= t ? i : row;
    }
    sv_frame key;
    assert_int_equal(sv_session_read_frame(&key, session, camera, row, NULL), SV_OK);
    uint8_t *copy = malloc((size_t)key.pitch * (size_t)key.height);
    memcpy(copy, key.pixels, (size_t)key.pitch * (size_t)key.height);
    return copy;
}

/* Every spot of a composed frame is background plus residual. Returns how many there were. */
static size_t compare_frame(const watched *w, const sv_frame *composed, const sv_frame *key, size_t *n_kept) {
    size_t n = 0;
    for (size_t i = 0; i < w->n_spots; i++) {
        const spot *s = &w->spot[i];
        if (s->camera == composed->camera && s->frame == composed->number) {
            int32_t expected = pixel_of(key, s->u, s->v) + s->residual, most = (1 << key->bit_depth) - 1;
            expected = expected < 0 ? 0 : expected > most ? most : expected;
            assert_int_equal(pixel_of(composed, s->u, s->v), expected);
            *n_kept += s->residual != 0 ? 1 : 0;
            n++;
        }
    }
    return n;
}

static void compare_session(const watched *w, const char *path) {
    sv_session *session;
    size_t n = 0, n_kept = 0;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    int32_t n_cameras = sv_session_config(session)->n_cameras;
    for (int32_t c = 0; c < n_cameras; c++) {
        sv_frame frame;
        sv_status status;
        int32_t last = -1;
        for (int64_t i = 0; (status = sv_session_compose_frame(&frame, session, c, &i, NULL)) != SV_END;) {
            if (status != SV_OK)
                fail_msg("%s", sv_error_text());
            assert_true(frame.number > last);
            last = frame.number;
            size_t n_bytes = (size_t)frame.pitch * (size_t)frame.height;
            sv_frame composed = frame;
            composed.pixels = memcpy(malloc(n_bytes), frame.pixels, n_bytes);
            sv_frame key = frame;
            key.pixels = key_before(session, c, frame.t);
            n += compare_frame(w, &composed, &key, &n_kept);
            free((void *)composed.pixels);
            free((void *)key.pixels);
        }
    }
    assert_int_equal(n, w->n_spots);
    assert_true(n_kept > 20 && w->n_spots < SPOTS_CAP);
    sv_session_close(session);
}

static void composed_frames_hold_what_stood_out(void **unused) {
    (void)unused;
    char path[RUN_PATH_CAP];
    run_path(path, "spots");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = tile_options(scenario);
    watched *w = malloc(sizeof *w);
    watch(w, scenario, path, &options);
    compare_session(w, path);
    sv_scenario_destroy(scenario);
    free(w);
    remove(path);
}

static void backgrounds_come_when_they_are_due(void **unused) {
    (void)unused;
    char path[RUN_PATH_CAP];
    run_path(path, "keys");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = tile_options(scenario);
    options.key_s = 0.1;
    watched *w = malloc(sizeof *w);
    watch(w, scenario, path, &options);
    sv_session *session;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    for (int32_t c = 0; c < scenario->config.n_cameras; c++) {
        assert_true(w->n_keys[c] >= 4); /* the first frame, the end of the warm-up, and every 0.1 of 0.33 s */
        assert_int_equal(sv_session_rows(session, SV_TABLE_INDEX + c), w->n_keys[c]);
    }
    sv_session_close(session);
    sv_scenario_destroy(scenario);
    free(w);
    remove(path);
}

static void every_segment_composes_alone(void **unused) {
    (void)unused;
    char path[RUN_PATH_CAP], next[SV_SESSION_PATH_CAP];
    run_path(path, "tile-segments");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = tile_options(scenario);
    options.segment_bytes = 100000;
    watched *w = malloc(sizeof *w);
    watch(w, scenario, path, &options);
    compare_session(w, path);
    assert_true(sv_session_segment_path(next, path, 1));
    sv_session *session;
    sv_frame frame;
    int64_t row = 0;
    if (sv_session_open(&session, next) != SV_OK) /* on its own */
        fail_msg("%s", sv_error_text());
    assert_int_equal(sv_session_compose_frame(&frame, session, 0, &row, NULL), SV_OK);
    assert_true(frame.number > 0);
    sv_session_close(session);
    for (int32_t i = 0; sv_session_segment_path(next, path, i) && remove(next) == 0; i++) {
    }
    sv_scenario_destroy(scenario);
    free(w);
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

static void write_file(const char *path, const uint8_t *data, size_t n) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, n, file), n);
    fclose(file);
}

static void a_damaged_chunk_is_named_and_left_out(void **unused) {
    (void)unused;
    char path[RUN_PATH_CAP], clean[RUN_PATH_CAP], expected[64];
    run_path(path, "tile-damage");
    run_path(clean, "tile-clean");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = tile_options(scenario);
    run_ledger whole;
    assert_int_equal(run_and_record(&whole, scenario, path, &options, NULL, NULL, NULL), SV_OK);
    sv_session *session;
    sv_session_check check;
    sv_tiles_row row;
    int32_t table = sv_table_tiles(scenario->config.n_cameras, 2);
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    int64_t n_rows = sv_session_rows(session, table);
    assert_true(n_rows > 5);
    assert_int_equal(sv_session_row(&row, session, table, 3), SV_OK);
    assert_int_equal(sv_session_verify(&check, session, NULL, NULL), SV_OK);
    int64_t n_chunks = check.n_tiles;
    assert_true(n_chunks >= n_rows && check.n_bad_tiles == 0 && check.n_bad_rows == 0);
    sv_session_close(session);

    size_t n;
    uint8_t *bytes = run_read_file(path, &n);
    bytes[row.offset + row.size / 2] ^= 4;
    write_file(path, bytes, n);
    complaints said = {0};
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    assert_int_equal(sv_session_verify(&check, session, take_complaint, &said), SV_OK);
    assert_int_equal(check.n_bad_tiles, 1);
    assert_int_equal(said.n, 1);
    snprintf(expected, sizeof expected, "camera %d, frame %d: tiles damaged", (int)scenario->config.camera[2].id,
             (int)row.number);
    assert_non_null(strstr(said.last, expected));
    sv_frame frame;
    int n_bad = 0;
    for (int64_t i = 0; i < n_rows;) {
        int64_t before = i;
        n_bad += sv_session_compose_frame(&frame, session, 2, &i, NULL) != SV_OK ? 1 : 0;
        assert_true(i > before);
    }
    assert_int_equal(n_bad, 1);

    sv_session_repair kept;
    assert_int_equal(sv_session_copy(&kept, session, clean, NULL), SV_OK);
    sv_session_close(session);
    assert_int_equal(sv_session_open(&session, clean), SV_OK);
    assert_int_equal(sv_session_verify(&check, session, NULL, NULL), SV_OK);
    assert_int_equal(check.n_tiles, n_chunks - 1);
    assert_int_equal(check.n_bad_tiles + check.n_bad_rows + check.n_bad_frames, 0);
    assert_string_equal(sv_session_note(session), "");
    sv_session_close(session);
    free(bytes);
    sv_scenario_destroy(scenario);
    remove(path);
    remove(clean);
}

/* Cut anywhere: it opens, and whatever composes is what was recorded. */
static void a_file_cut_off_composes_what_is_left(void **unused) {
    (void)unused;
    char path[RUN_PATH_CAP];
    run_path(path, "tile-cut");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = tile_options(scenario);
    options.flush_ns = 1;
    watched *w = malloc(sizeof *w);
    watch(w, scenario, path, &options);
    size_t n;
    uint8_t *bytes = run_read_file(path, &n);
    int n_composed = 0;
    for (size_t k = 1; k <= 20; k++) {
        sv_session *session;
        assert_int_equal(truncate(path, 0), 0);
        write_file(path, bytes, n / 3 + (n - n / 3) / 20 * k - 1);
        assert_int_equal(sv_session_open(&session, path), SV_OK);
        for (int32_t c = 0; c < scenario->config.n_cameras; c++) {
            sv_frame frame;
            sv_status status;
            for (int64_t i = 0; (status = sv_session_compose_frame(&frame, session, c, &i, NULL)) != SV_END;) {
                n_composed += status == SV_OK ? 1 : 0;
            }
        }
        sv_session_close(session);
    }
    assert_true(n_composed > 50);
    free(bytes);
    free(w);
    sv_scenario_destroy(scenario);
    remove(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stage_but_pixels_gives_the_same_ledger),
        cmocka_unit_test(composed_frames_hold_what_stood_out),
        cmocka_unit_test(backgrounds_come_when_they_are_due),
        cmocka_unit_test(every_segment_composes_alone),
        cmocka_unit_test(a_damaged_chunk_is_named_and_left_out),
        cmocka_unit_test(a_file_cut_off_composes_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
