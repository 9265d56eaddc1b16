/* Recorded sessions: what is read is what was recorded, and a replay from any stage gives the same ledger. */
#include "test_session_runs.h"

static void same_from(const run_ledger *a, const run_ledger *b, sv_stage from) {
    assert_int_equal(a->n, b->n);
    for (int i = 0; i < a->n; i++) {
        assert_int_equal(a->line[i].set, b->line[i].set);
        assert_int_equal(sv_ledger_difference(&a->line[i], &b->line[i], from), SV_N_STAGES);
    }
}

static run_ledger replayed(const char *path, sv_replay_from from, int n_threads) {
    sv_session *session;
    sv_replay *replay;
    sv_team *team;
    run_ledger ledger;
    assert_int_equal(sv_team_create(&team, n_threads), SV_OK);
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    assert_string_equal(sv_session_note(session), "");
    assert_int_equal(sv_replay_create(&replay, session, from, 0, team), SV_OK);
    assert_int_equal(
        run_source(&ledger, sv_session_config(session), sv_replay_source(replay), NULL, n_threads, NULL, NULL), SV_OK);
    assert_int_equal(sv_replay_n_damaged(replay), 0);
    sv_replay_destroy(replay);
    sv_session_close(session);
    sv_team_destroy(team);
    return ledger;
}

static void every_stage_gives_the_same_ledger(void **state) {
    (void)state;
    char path[RUN_PATH_CAP];
    run_path(path, "stages");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = run_options(scenario);
    run_ledger whole;
    assert_int_equal(run_and_record(&whole, scenario, path, &options, NULL, NULL, NULL), SV_OK);
    assert_true(whole.n >= 10 && whole.n_rays > 0);
    for (int from = SV_FROM_AUTO; from <= SV_FROM_POINTS; from++) {
        for (int n_threads = 1; n_threads <= 2; n_threads++) {
            run_ledger again = replayed(path, (sv_replay_from)from, n_threads);
            same_from(&whole, &again, from >= SV_FROM_BEARINGS ? SV_STAGE_FUSE : SV_STAGE_SYNC);
        }
    }
    sv_scenario_destroy(scenario);
    remove(path);
}

/* Linked candidates come back with their chains; without links the file has no room for them, as in the first version. */
static void chains_are_recorded(void **state) {
    (void)state;
    char path[RUN_PATH_CAP];
    run_path(path, "chains");
    sv_scenario *scenario = run_scenario();
    scenario->config.detect.link_frames = 4;
    sv_recorder_options options = run_options(scenario);
    run_ledger whole;
    assert_int_equal(run_and_record(&whole, scenario, path, &options, NULL, NULL, NULL), SV_OK);
    for (int from = SV_FROM_AUTO; from <= SV_FROM_POINTS; from++) {
        run_ledger again = replayed(path, (sv_replay_from)from, 1);
        same_from(&whole, &again, from >= SV_FROM_BEARINGS ? SV_STAGE_FUSE : SV_STAGE_SYNC);
    }
    sv_session *session;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    assert_int_equal(sv_session_config(session)->detect.link_frames, 4);
    assert_true(sv_session_config(session)->detect.link_speed_px == 3);
    size_t n_chains = 0, n_ray_chains = 0;
    for (int64_t i = 0; i < sv_session_n_sets(session); i++) {
        const sv_products *set;
        assert_int_equal(sv_session_read_set(&set, session, i), SV_OK);
        for (size_t k = 0; k < set->n_detections; k++)
            n_chains += set->detection[k].snr_link > 0;
        for (size_t k = 0; k < set->n_rays; k++)
            n_ray_chains += set->ray[k].snr_link > 0;
    }
    assert_true(n_chains > 0 && n_ray_chains > 0);
    sv_session_close(session);
    sv_scenario_destroy(scenario);
    remove(path);
}

static void detections_alone_replay_without_pixels(void **state) {
    (void)state;
    char path[RUN_PATH_CAP];
    run_path(path, "level");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = run_options(scenario);
    options.level = SV_RECORD_DETECTIONS;
    run_ledger whole;
    assert_int_equal(run_and_record(&whole, scenario, path, &options, NULL, NULL, NULL), SV_OK);
    run_ledger again = replayed(path, SV_FROM_AUTO, 1);
    same_from(&whole, &again, SV_STAGE_SYNC);
    sv_session *session;
    sv_replay *replay;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    assert_int_equal(sv_replay_create(&replay, session, SV_FROM_PIXELS, 0, NULL), SV_ERR_INPUT);
    sv_session_close(session);
    sv_scenario_destroy(scenario);
    remove(path);
}

/* Recorded and replayed from every stage with too little room; sets in which every place was taken. */
static int64_t replay_overloaded(const char *const *tight, int n_tight) {
    char path[RUN_PATH_CAP];
    run_path(path, "overload");
    sv_scenario *scenario = run_scenario_with(tight, n_tight);
    sv_recorder_options options = run_options(scenario);
    run_ledger whole;
    assert_int_equal(run_and_record(&whole, scenario, path, &options, NULL, NULL, NULL), SV_OK);
    for (int from = SV_FROM_PIXELS; from <= SV_FROM_POINTS; from++) {
        for (int n_threads = 1; n_threads <= 2; n_threads++) {
            run_ledger again = replayed(path, (sv_replay_from)from, n_threads);
            same_from(&whole, &again, from >= SV_FROM_BEARINGS ? SV_STAGE_FUSE : SV_STAGE_SYNC);
        }
    }
    sv_session *session;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    int64_t n_full = 0;
    for (int64_t i = 0; i < sv_session_n_sets(session); i++) {
        const sv_products *p;
        assert_int_equal(sv_session_read_set(&p, session, i), SV_OK);
        n_full += ((int32_t)p->n_detections == scenario->config.caps.detections_per_set &&
                   (int32_t)p->n_rays == scenario->config.caps.rays_per_set) ||
                  (int32_t)p->n_points == scenario->config.caps.points_per_set;
    }
    sv_session_close(session);
    sv_scenario_destroy(scenario);
    remove(path);
    return n_full;
}

/* More candidates, rays, points and tracks than there is room for: what was left out is left out again. */
static void overloaded_pools_replay_the_same(void **state) {
    (void)state;
    static const char *const noise[] = {"pipeline.detect.snr_low=1.5",         "pipeline.detect.max_per_frame=60",
                                        "pipeline.caps.detections_per_set=90", "pipeline.caps.rays_per_set=70",
                                        "pipeline.caps.points_per_set=9",      "pipeline.caps.pending_frames=8"};
    static const char *const points[] = {"pipeline.voxel.min_sites=2", "pipeline.caps.points_per_set=1",
                                         "pipeline.caps.tracks=1"};
    assert_true(replay_overloaded(noise, sizeof noise / sizeof *noise) > 4);
    assert_true(replay_overloaded(points, sizeof points / sizeof *points) > 1);
}

static void segments_are_one_session(void **state) {
    (void)state;
    char path[RUN_PATH_CAP], next[SV_SESSION_PATH_CAP];
    run_path(path, "segments");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = run_options(scenario);
    options.segment_bytes = 150000;
    run_ledger whole;
    assert_int_equal(run_and_record(&whole, scenario, path, &options, NULL, NULL, NULL), SV_OK);
    for (int from = SV_FROM_PIXELS; from <= SV_FROM_POINTS; from++) {
        run_ledger again = replayed(path, (sv_replay_from)from, 1);
        same_from(&whole, &again, from >= SV_FROM_BEARINGS ? SV_STAGE_FUSE : SV_STAGE_SYNC);
    }
    sv_session *session;
    sv_session_check check;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    int32_t n = sv_session_n_segments(session);
    assert_true(n > 1);
    assert_int_equal(sv_session_verify(&check, session, NULL, NULL), SV_OK);
    assert_int_equal(check.n_bad_rows + check.n_bad_frames + check.n_bad_journal, 0);
    assert_int_equal(check.n_frames, 60);
    sv_session_close(session);
    for (int32_t i = 0; i < n; i++) {
        assert_true(sv_session_segment_path(next, path, i));
        assert_int_equal(remove(next), 0);
    }
    sv_scenario_destroy(scenario);
}

static void a_recording_is_never_overwritten(void **state) {
    (void)state;
    char path[RUN_PATH_CAP];
    run_path(path, "twice");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = run_options(scenario);
    sv_recorder *recorder;
    assert_int_equal(sv_recorder_create(&recorder, path, &options, NULL), SV_OK);
    assert_int_equal(sv_recorder_close(recorder), SV_OK);
    assert_int_equal(sv_recorder_create(&recorder, path, &options, NULL), SV_ERR_INPUT);
    assert_null(recorder);
    assert_non_null(strstr(sv_error_text(), "never overwritten"));
    sv_scenario_destroy(scenario);
    remove(path);
}

/* Structs may differ between their members, so they are compared as they are recorded. */
static void same_row(const void *a, const void *b, int32_t table) {
    uint8_t packed_a[2048], packed_b[2048];
    sv_table_layout layout = sv_table_layout_of(table, 0);
    sv_table_layout_unlink(&layout, table); /* these scenarios link nothing */
    assert_true(layout.row_size <= sizeof packed_a);
    sv_row_pack(packed_a, &layout, a, table, 0);
    sv_row_pack(packed_b, &layout, b, table, 0);
    assert_memory_equal(packed_a, packed_b, layout.row_size);
}

static void the_configuration_comes_back_bit_for_bit(void **state) {
    (void)state;
    char path[RUN_PATH_CAP];
    run_path(path, "config");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = run_options(scenario);
    sv_expect_row expect = {.name = "held_fraction", .op = 1, .limit = 0.1};
    options.expect = &expect;
    options.n_expect = 1;
    sv_recorder *recorder;
    assert_int_equal(sv_recorder_create(&recorder, path, &options, NULL), SV_OK);
    assert_int_equal(sv_recorder_close(recorder), SV_OK);
    sv_session *session;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    const sv_config *a = &scenario->config, *b = sv_session_config(session);
    sv_config again = *b;
    again.detect.link_speed_px = a->detect.link_speed_px; /* not recorded where nothing is linked */
    same_row(a, &again, SV_TABLE_CONFIG);
    assert_int_equal(a->n_cameras, b->n_cameras);
    for (int32_t i = 0; i < a->n_cameras; i++) {
        same_row(&a->camera[i], &b->camera[i], SV_TABLE_CAMERAS);
    }
    int32_t n;
    assert_string_equal(sv_session_expect(session, &n)[0].name, "held_fraction");
    assert_true(n == 1 && sv_session_expect(session, &n)[0].limit == 0.1);
    assert_int_equal(sv_session_get_meta(session)->seed, scenario->seed);
    sv_session_close(session);
    sv_scenario_destroy(scenario);
    remove(path);
}

static void a_seek_starts_at_the_time(void **state) {
    (void)state;
    char path[RUN_PATH_CAP];
    run_path(path, "seek");
    sv_scenario *scenario = run_scenario();
    sv_recorder_options options = run_options(scenario);
    run_ledger whole;
    assert_int_equal(run_and_record(&whole, scenario, path, &options, NULL, NULL, NULL), SV_OK);
    for (int from = SV_FROM_PIXELS; from <= SV_FROM_POINTS; from++) {
        sv_session *session;
        sv_replay *replay;
        sv_event event;
        assert_int_equal(sv_session_open(&session, path), SV_OK);
        assert_int_equal(sv_replay_create(&replay, session, (sv_replay_from)from, 0.15, NULL), SV_OK);
        sv_source source = sv_replay_source(replay);
        assert_int_equal(source.next(source.self, &event), SV_OK);
        assert_true(event.t >= 150000000 && event.t < 150000000 + 40000000);
        sv_replay_destroy(replay);
        sv_session_close(session);
    }
    sv_scenario_destroy(scenario);
    remove(path);
}

static void sessions_of_every_version_stay_readable(void **state) {
    (void)state;
    run_stays_readable("tests/data/sessions/v1.h5", "tests/data/sessions/v1.ledger", 0x0ff299827a0cbde5);
    run_stays_readable("tests/data/sessions/v2-tiles.h5", "tests/data/sessions/v2-tiles.ledger", 0x8f85e8f33cbd9c5c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stage_gives_the_same_ledger),
        cmocka_unit_test(chains_are_recorded),
        cmocka_unit_test(detections_alone_replay_without_pixels),
        cmocka_unit_test(overloaded_pools_replay_the_same),
        cmocka_unit_test(segments_are_one_session),
        cmocka_unit_test(a_recording_is_never_overwritten),
        cmocka_unit_test(the_configuration_comes_back_bit_for_bit),
        cmocka_unit_test(a_seek_starts_at_the_time),
        cmocka_unit_test(sessions_of_every_version_stay_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
