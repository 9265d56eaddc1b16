/* A replay of ten times as many frames takes no more memory, and places that are no longer in memory are found again. */
#include "test_session_runs.h"

#include <malloc.h>

enum { SHORT = 2000, LONG = 20000, PER_SET = 20 };

/* A recording of n frame sets: a tiny image and PER_SET detections each. Detection k of set i has SNR 1000 i + k. */
static void record(const char *path, int n) {
    const sv_camera camera = {.width = 16,
                              .height = 8,
                              .bit_depth = 8,
                              .fx = 70,
                              .fy = 70,
                              .rate_hz = 30,
                              .sigma_px = 0.3,
                              .R_cw = {{1, 0, 0, 0, 1, 0, 0, 0, 1}}};
    sv_config config = sv_config_default();
    config.camera = &camera;
    config.n_cameras = 1;
    sv_recorder_options options = {.config = &config, .flush_ns = 1000000000};
    sv_recorder *recorder;
    assert_int_equal(sv_recorder_create(&recorder, path, &options, NULL), SV_OK);
    sv_sink sink = sv_recorder_sink(recorder);
    const uint8_t pixels[16 * 8] = {0};
    const bool alive = true;
    sv_detection detection[PER_SET] = {0};
    for (int i = 0; i < n; i++) {
        sv_event event = {.seq = (uint64_t)i + 1, .t = (sv_time)i * 33333333, .kind = SV_EVENT_FRAME, .frame = i};
        event.as.image = (sv_frame){
            .number = i, .t = event.t, .width = 16, .height = 8, .bit_depth = 8, .pitch = 16, .pixels = pixels};
        for (int k = 0; k < PER_SET; k++) {
            detection[k].snr = 1000.0 * i + k;
        }
        sv_products products = {.set = i,
                                .t = event.t,
                                .t_horizon = event.t,
                                .alive = &alive,
                                .detection = detection,
                                .n_detections = PER_SET};
        assert_int_equal(sink.event(sink.self, &event), SV_OK);
        assert_int_equal(sink.set(sink.self, &products), SV_OK);
    }
    assert_int_equal(sv_recorder_close(recorder), SV_OK);
}

/* Most heap in use from before the session was opened to the last event of its replay. */
static size_t peak_of_replay(const char *path, sv_replay_from from) {
    sv_session *session;
    sv_replay *replay;
    sv_event event;
    size_t before = mallinfo2().uordblks, peak = before;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    assert_int_equal(sv_replay_create(&replay, session, from, 0, NULL), SV_OK);
    sv_source source = sv_replay_source(replay);
    while (source.next(source.self, &event) == SV_OK) {
        size_t now = mallinfo2().uordblks;
        peak = now > peak ? now : peak;
    }
    sv_replay_destroy(replay);
    sv_session_close(session);
    return peak - before;
}

static void memory_does_not_grow_with_the_recording(void **state) {
    (void)state;
    char few[RUN_PATH_CAP], many[RUN_PATH_CAP];
    run_path(few, "few");
    run_path(many, "many");
    record(few, SHORT);
    record(many, LONG);
    for (int from = SV_FROM_PIXELS; from <= SV_FROM_DETECTIONS; from++) {
        size_t n_few = peak_of_replay(few, (sv_replay_from)from), n_many = peak_of_replay(many, (sv_replay_from)from);
        if (n_few == 0) { /* the heap of a sanitizer is not counted */
            remove(few);
            remove(many);
            skip();
        }
        assert_true(n_many < n_few + (LONG - SHORT) / 4); /* the places of all chunks took four bytes a frame */
    }
    remove(few);
    remove(many);
}

static void every_place_is_found_again(void **state) {
    (void)state;
    char path[RUN_PATH_CAP];
    run_path(path, "far");
    record(path, LONG);
    sv_session *session;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    for (int64_t i = 0; i < 200; i++) {
        int64_t i_set = i * 7919 % LONG; /* here and there */
        const sv_products *products;
        assert_int_equal(sv_session_read_set(&products, session, i_set), SV_OK);
        assert_int_equal(products->set, i_set);
        assert_int_equal(products->n_detections, PER_SET);
        assert_true(products->detection[PER_SET - 1].snr == 1000.0 * (double)i_set + PER_SET - 1);
    }
    assert_int_equal(sv_session_seek(session, SV_TABLE_EVENTS, (sv_time)12345 * 33333333), 12345);
    sv_session_close(session);
    remove(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_does_not_grow_with_the_recording),
        cmocka_unit_test(every_place_is_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
