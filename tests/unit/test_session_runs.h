/** A few frame sets of small cameras, run and recorded: for the tests of sessions. */
#ifndef TESTS_TEST_SESSION_RUNS_H
#define TESTS_TEST_SESSION_RUNS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test_folder.h"

#include <formats/scenario.h>
#include <kernels/kernels.h>
#include <replay/checksum64.h>
#include <replay/session.h>
#include <sim/sim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUN_LINES_CAP = 256 };

/** Six cameras of a few thousand pixels under a clear sky, which takes no time to make, with up to 8 further assignments. */
static inline sv_scenario *run_scenario_with(const char *const *more, int n_more) {
    static const char *const small[] = {"rig.defaults.mono.width=96",       "rig.defaults.mono.height=72",
                                        "rig.defaults.thermal.width=64",    "rig.defaults.thermal.height=48",
                                        "targets.0.contrast.mono_dn=-90",   "targets.0.size_m=[3, 4]",
                                        "pipeline.detect.max_per_frame=40", "environment={\"visibility_km\": 30}"};
    enum { N_SMALL = sizeof small / sizeof *small };
    const char *all[N_SMALL + 8];
    assert_true(n_more <= 8);
    memcpy(all, small, sizeof small);
    for (int i = 0; i < n_more; i++) {
        all[N_SMALL + i] = more[i];
    }
    sv_scenario *scenario;
    sv_status status = sv_scenario_load(&scenario, "scenarios/tiny.json", all, N_SMALL + n_more);
    if (status != SV_OK) {
        print_message("%s\n", sv_error_text());
    }
    assert_int_equal(status, SV_OK);
    return scenario;
}

static inline sv_scenario *run_scenario(void) {
    return run_scenario_with(NULL, 0);
}

/** Ledger of a run. */
typedef struct run_ledger {
    sv_ledger_line line[RUN_LINES_CAP];
    int n;
    size_t n_rays, n_points;
} run_ledger;

/** Called after every event that was taken in. */
typedef void (*run_visit)(void *user, int64_t n_events);

/** Feed a source to the core and, where there is one, a recorder. The first error, or SV_OK at the end. */
static inline sv_status run_source(run_ledger *out, const sv_config *config, sv_source source, sv_recorder *recorder,
                                   int n_threads, run_visit visit, void *user) {
    sv_backend *backend;
    sv_state *state;
    sv_team *team;
    assert_int_equal(sv_backend_create(&backend, SV_BACKEND_AUTO), SV_OK);
    assert_int_equal(sv_team_create(&team, n_threads), SV_OK);
    assert_int_equal(sv_state_create(&state, config, backend, team, NULL), SV_OK);
    sv_sink sink = recorder != NULL ? sv_recorder_sink(recorder) : (sv_sink){0};
    memset(out, 0, sizeof *out);
    sv_event event;
    sv_truth_set truth;
    sv_status status;
    int64_t n_events = 0;
    while ((status = source.next(source.self, &event)) == SV_OK) {
        while (status == SV_OK && source.truth != NULL && source.truth(source.self, &truth) == SV_OK) {
            status = recorder != NULL ? sv_recorder_truth(recorder, &truth) : SV_OK;
        }
        status = status == SV_OK && sink.event != NULL ? sink.event(sink.self, &event) : status;
        status = status == SV_OK ? sv_step(config, state, &event) : status;
        while (status == SV_AGAIN) {
            const sv_products *p = sv_state_products(state);
            out->line[out->n++ % RUN_LINES_CAP] = p->ledger;
            out->n_rays += p->n_rays;
            out->n_points += p->n_points;
            status = sink.set != NULL ? sink.set(sink.self, p) : SV_OK;
            status = status == SV_OK ? sv_step(config, state, NULL) : status;
        }
        if (status == SV_OK && event.kind == SV_EVENT_FRAME && sink.image != NULL) {
            status = sink.image(sink.self, &event, state);
        }
        if (status != SV_OK) {
            break;
        }
        n_events++;
        if (visit != NULL) {
            visit(user, n_events);
        }
    }
    sv_state_destroy(state);
    sv_team_destroy(team);
    sv_backend_destroy(backend);
    return status == SV_END ? SV_OK : status;
}

/** Options of a recording of the scenario. */
static inline sv_recorder_options run_options(const sv_scenario *scenario) {
    sv_recorder_options options = {.config = &scenario->config};
    options.meta.gate_m = scenario->gate_m;
    options.meta.has_seed = 1;
    options.meta.seed = scenario->seed;
    strcpy(options.meta.name, scenario->name);
    strcpy(options.meta.time_scale, "simulation");
    return options;
}

/** Run the scenario and record it; *n_writes (NULL to skip) is how often the file was written. */
static inline sv_status run_and_record(run_ledger *out, const sv_scenario *scenario, const char *path,
                                       const sv_recorder_options *options, int64_t *n_writes, run_visit visit,
                                       void *user) {
    sv_backend *backend;
    sv_sim *sim;
    sv_recorder *recorder;
    sv_status status = sv_recorder_create(&recorder, path, options, NULL);
    if (status != SV_OK) {
        return status;
    }
    assert_int_equal(sv_backend_create(&backend, SV_BACKEND_AUTO), SV_OK);
    assert_int_equal(sv_sim_create(&sim, scenario, backend, NULL), SV_OK);
    status = run_source(out, &scenario->config, sv_sim_source(sim), recorder, 1, visit, user);
    if (n_writes != NULL) {
        *n_writes = sv_recorder_writes(recorder);
    }
    if (status == SV_OK) {
        status = sv_recorder_close(recorder);
    } else {
        sv_recorder_abandon(recorder);
    }
    sv_sim_destroy(sim);
    sv_backend_destroy(backend);
    return status;
}

enum { RUN_PATH_CAP = TEST_PATH_CAP };

/** A path that no file has, in out. */
static inline void run_path(char out[RUN_PATH_CAP], const char *name) {
    snprintf(out, RUN_PATH_CAP, "%s/%s.h5", test_folder(), name);
    remove(out);
}

/** A whole file; free the result. */
static inline uint8_t *run_read_file(const char *path, size_t *n) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *n = (size_t)ftell(file);
    rewind(file);
    uint8_t *data = malloc(*n + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, *n, file), *n);
    fclose(file);
    return data;
}

/** Checksum of all pixels, composed ones at level tiles. */
static inline uint64_t run_pixels_of(sv_session *session) {
    uint64_t sum = 0;
    bool tiles = sv_session_get_meta(session)->level == SV_RECORD_TILES;
    for (int32_t c = 0; c < sv_session_config(session)->n_cameras; c++) {
        sv_frame frame;
        for (int64_t i = 0; tiles || i < sv_session_rows(session, SV_TABLE_INDEX + c);) {
            sv_status status = tiles ? sv_session_compose_frame(&frame, session, c, &i, NULL)
                                     : sv_session_read_frame(&frame, session, c, i++, NULL);
            if (status == SV_END) {
                break;
            }
            assert_int_equal(status, SV_OK);
            sum = sv_checksum64(frame.pixels, (size_t)frame.pitch * (size_t)frame.height, sum);
        }
    }
    return sum;
}

/** A session made once: its pixels, and the stages that a replay takes from it, are what they were. Later stages may change. */
static inline void run_stays_readable(const char *path, const char *ledger, uint64_t pixels) {
    sv_session *session;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    assert_true(run_pixels_of(session) == pixels);
    sv_session_close(session);
    for (int from = SV_FROM_DETECTIONS; from <= SV_FROM_POINTS; from++) {
        run_ledger again;
        sv_replay *replay;
        assert_int_equal(sv_session_open(&session, path), SV_OK);
        assert_int_equal(sv_replay_create(&replay, session, (sv_replay_from)from, 0, NULL), SV_OK);
        assert_int_equal(run_source(&again, sv_session_config(session), sv_replay_source(replay), NULL, 1, NULL, NULL),
                         SV_OK);
        sv_replay_destroy(replay);
        sv_session_close(session);
        FILE *file = fopen(ledger, "r");
        assert_non_null(file);
        char text[SV_LEDGER_LINE_CAP + 2];
        int n = 0;
        while (fgets(text, sizeof text, file) != NULL) {
            sv_ledger_line line;
            text[strcspn(text, "\n")] = '\0';
            assert_int_equal(sv_ledger_parse(&line, text), SV_OK);
            /* from detections on the stages sync and detect are as recorded, from bearings fuse, from points voxel */
            sv_stage first = from >= SV_FROM_BEARINGS ? SV_STAGE_FUSE : SV_STAGE_SYNC;
            assert_true((int)sv_ledger_difference(&line, &again.line[n++], first) >= from);
        }
        fclose(file);
        assert_int_equal(n, again.n);
    }
}

#endif
