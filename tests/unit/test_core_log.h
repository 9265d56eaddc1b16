/** Logs of events made by hand, and a player that feeds them to sv_step: for the tests of tracker and pipeline. */
#ifndef TESTS_TEST_CORE_LOG_H
#define TESTS_TEST_CORE_LOG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <skyvox/camera.h>
#include <skyvox/math.h>
#include <skyvox/pipeline.h>
#include <skyvox/rng.h>
#include <stdlib.h>
#include <string.h>

enum { LOG_RIG_CAP = 8, LOG_LINES_CAP = 20000 };

/** Cameras on a ring of 800 m that look at (0, 0, 150), each a site of its own. */
typedef struct log_rig {
    sv_camera camera[LOG_RIG_CAP];
    sv_config config;
} log_rig;

/** Events with copies of what they point at. */
typedef struct core_log {
    sv_event *event;
    size_t n, cap;
} core_log;

/** What a run of a log left behind. */
typedef struct core_run {
    sv_ledger_line line[LOG_LINES_CAP];
    size_t n_sets;
    size_t n_detections, n_rays, n_points;
    size_t n_errors;
} core_run;

typedef void (*log_visit)(void *user, const sv_products *products);

static inline void log_rig_init(log_rig *rig, int32_t n_cameras) {
    memset(rig, 0, sizeof *rig);
    for (int32_t i = 0; i < n_cameras; i++) {
        double sine, cosine;
        sv_sincos(&sine, &cosine, 2 * SV_PI * i / n_cameras + 0.2);
        rig->camera[i] = (sv_camera){.id = 100 + i,
                                     .pair = i,
                                     .site = i,
                                     .width = 4000,
                                     .height = 3000,
                                     .bit_depth = 8,
                                     .fx = 4000,
                                     .fy = 4000,
                                     .cx = 1999.5,
                                     .cy = 1499.5,
                                     .c_w = {800 * cosine, 800 * sine, 2.0 + i},
                                     .rate_hz = 30,
                                     .sigma_px = 0.3};
        assert_int_equal(sv_camera_look_at(&rig->camera[i].R_cw, rig->camera[i].c_w, (sv_vec3){0, 0, 150}), SV_OK);
    }
    rig->config = sv_config_default();
    rig->config.camera = rig->camera;
    rig->config.n_cameras = n_cameras;
}

static inline void *log_copy(const void *item, size_t bytes) {
    void *copy = malloc(bytes + 1);
    assert_non_null(copy);
    if (bytes > 0) {
        memcpy(copy, item, bytes);
    }
    return copy;
}

static inline sv_event *log_add(core_log *log, sv_event_kind kind, sv_time t, int32_t camera, int32_t frame) {
    if (log->n == log->cap) {
        log->cap = 2 * log->cap + 64;
        log->event = realloc(log->event, log->cap * sizeof *log->event);
        assert_non_null(log->event);
    }
    sv_event *e = &log->event[log->n++];
    memset(e, 0, sizeof *e);
    *e = (sv_event){.seq = log->n, .t = t, .kind = kind, .camera = camera, .frame = frame};
    return e;
}

static inline void log_detections(core_log *log, sv_time t, int32_t camera, int32_t frame, const sv_detection *d,
                                  size_t n) {
    sv_event *e = log_add(log, SV_EVENT_DETECTIONS, t, camera, frame);
    e->as.detections.item = log_copy(d, n * sizeof *d);
    e->as.detections.n = n;
}

static inline void log_points(core_log *log, sv_time t, int32_t scan, const sv_point *p, size_t n) {
    sv_event *e = log_add(log, SV_EVENT_POINTS, t, -1, scan);
    e->as.points.item = log_copy(p, n * sizeof *p);
    e->as.points.n = n;
}

static inline void log_end(core_log *log) {
    log_add(log, SV_EVENT_END, log->n > 0 ? log->event[log->n - 1].t : 0, -1, 0);
}

static inline void log_free(core_log *log) {
    for (size_t i = 0; i < log->n; i++) {
        const sv_event *e = &log->event[i];
        free((void *)(uintptr_t)(e->kind == SV_EVENT_DETECTIONS ? (const void *)e->as.detections.item
                                 : e->kind == SV_EVENT_POINTS   ? (const void *)e->as.points.item
                                                                : NULL));
    }
    free(log->event);
    *log = (core_log){0};
}

/** Feed one event and close what it lets close. Returns the status of the event itself. */
static inline sv_status log_feed(core_run *run, const sv_config *config, sv_state *state, const sv_event *event,
                                 log_visit visit, void *user) {
    sv_status status = sv_step(config, state, event);
    while (status == SV_AGAIN) {
        const sv_products *p = sv_state_products(state);
        assert_true(run->n_sets < LOG_LINES_CAP);
        run->line[run->n_sets++] = p->ledger;
        run->n_detections += p->n_detections;
        run->n_rays += p->n_rays;
        run->n_points += p->n_points;
        if (visit != NULL) {
            visit(user, p);
        }
        status = sv_step(config, state, NULL);
    }
    run->n_errors += status != SV_OK ? 1 : 0;
    return status;
}

/** Run a whole log; release the result with free. */
static inline core_run *log_play(const sv_config *config, const core_log *log, log_visit visit, void *user) {
    core_run *run = calloc(1, sizeof *run);
    sv_state *state;
    assert_non_null(run);
    assert_int_equal(sv_state_create(&state, config, NULL, NULL, NULL), SV_OK);
    for (size_t i = 0; i < log->n; i++) {
        log_feed(run, config, state, &log->event[i], visit, user);
    }
    sv_state_destroy(state);
    return run;
}

static inline void log_assert_equal(const core_run *a, const core_run *b) {
    assert_int_equal(a->n_sets, b->n_sets);
    assert_memory_equal(a->line, b->line, a->n_sets * sizeof a->line[0]);
}

static inline double log_normal(uint32_t stream, uint64_t counter) {
    return sv_rng_normal(3, sv_rng_stream(SV_RNG_TEST, stream), counter);
}

static inline double log_uniform(uint32_t stream, uint64_t counter) {
    return sv_rng_uniform(3, sv_rng_stream(SV_RNG_TEST, stream), counter);
}

/** The detection that a camera makes of a place, with pixel noise; false when it is out of the image. */
static inline bool log_see(sv_detection *out, const log_rig *rig, int32_t camera, int32_t frame, sv_time t, sv_vec3 p_w,
                           double noise_u, double noise_v) {
    double uv[2];
    const sv_camera *c = &rig->camera[camera];
    if (sv_camera_project(uv, NULL, c, p_w) != SV_OK || !sv_camera_contains(c, uv[0], uv[1])) {
        return false;
    }
    *out = (sv_detection){
        .t = t, .u_px = uv[0] + noise_u, .v_px = uv[1] + noise_v, .snr = 10, .camera = camera, .frame = frame};
    return true;
}

#endif
