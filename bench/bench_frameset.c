/* The whole line at full size: the sets of scenarios/swarm200.json rendered and tracked, cost by stage. */
#include "bench.h"

#include <kernels/kernels.h>
#include <sim/sim.h>
#include <skyvox/pipeline.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Made from scenarios/swarm200.json when building. */
extern const unsigned char bench_swarm200_json[];
extern const size_t bench_swarm200_json_size;

enum { N_SETS = 5, N_PARTS = SV_N_STAGES + 2 }; /* sets measured, after the detector's warm-up */

/* CPU time of the whole process, so that the work of every thread counts. */
static double cpu_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

/* What one frame set cost: RENDER and WALL, the stages in between. */
enum { RENDER = SV_N_STAGES, WALL = SV_N_STAGES + 1 };
static const char *const PART_NAME[N_PARTS] = {"sync", "detect", "fuse", "voxel", "track", "render", "wall"};

typedef struct meter {
    double part[N_PARTS]; /* ms since the set began */
    double begin_ms;
} meter;

static void mark(void *user, sv_stage stage, bool begin) {
    meter *m = user;
    if (begin)
        m->begin_ms = cpu_now_ms();
    else
        m->part[stage] += cpu_now_ms() - m->begin_ms;
}

typedef struct line {
    sv_scenario *scenario;
    sv_backend *backend;
    sv_team *team;
    sv_sim *sim;
    sv_state *state;
    meter meter;
} line;

static void line_close(line *l) {
    sv_state_destroy(l->state);
    sv_sim_destroy(l->sim);
    sv_team_destroy(l->team);
    sv_backend_destroy(l->backend);
    sv_scenario_destroy(l->scenario);
}

static sv_status line_open(line *l, int n_threads) {
    *l = (line){0};
    sv_status status = sv_scenario_parse(&l->scenario, "swarm200.json", (const char *)bench_swarm200_json,
                                         bench_swarm200_json_size, NULL, 0);
    const sv_probe probe = {.mark = mark, .user = &l->meter};
    if (status == SV_OK)
        status = sv_backend_create(&l->backend, SV_BACKEND_AUTO);
    if (status == SV_OK)
        status = sv_team_create(&l->team, n_threads);
    if (status == SV_OK)
        status = sv_sim_create(&l->sim, l->scenario, l->backend, l->team);
    if (status == SV_OK)
        status = sv_state_create(&l->state, &l->scenario->config, l->backend, l->team, &probe);
    return status;
}

/* Events until a set was closed; *closed stays false at the end of the scenario. */
static sv_status run_set(line *l, bool *closed) {
    const sv_source source = sv_sim_source(l->sim);
    memset(&l->meter, 0, sizeof l->meter);
    *closed = false;
    double wall_s = bench_now_s();
    sv_status status = SV_OK;
    while (status == SV_OK && !*closed) {
        sv_event event;
        double begin_ms = cpu_now_ms();
        status = source.next(source.self, &event);
        l->meter.part[RENDER] += cpu_now_ms() - begin_ms;
        if (status == SV_OK)
            status = sv_step(&l->scenario->config, l->state, &event);
        while (status == SV_AGAIN) {
            *closed = true;
            status = sv_step(&l->scenario->config, l->state, NULL);
        }
    }
    l->meter.part[WALL] = 1e3 * (bench_now_s() - wall_s);
    return status > SV_OK ? SV_OK : status;
}

static sv_status measure(bench_result *out, int n_threads) {
    line l;
    double sample[N_PARTS][N_SETS], tracking[N_SETS];
    sv_status status = line_open(&l, n_threads);
    const double per_frame = l.scenario ? 1.0 / l.scenario->config.n_cameras : 0;
    const int32_t n_warm = l.scenario ? l.scenario->config.detect.warmup_frames + 1 : 0;
    bool closed = true;
    for (int32_t i = 0; i < n_warm + N_SETS && status == SV_OK && closed; i++) {
        status = run_set(&l, &closed);
        if (i < n_warm)
            continue;
        tracking[i - n_warm] = 0;
        for (int p = 0; p < N_PARTS; p++) {
            sample[p][i - n_warm] = l.meter.part[p] * per_frame;
            tracking[i - n_warm] += p < SV_N_STAGES ? sample[p][i - n_warm] : 0;
        }
    }
    line_close(&l);
    if (status == SV_OK && !closed)
        status = sv_fail(SV_ERR_INPUT, "swarm200: too short for the benchmark");
    if (status != SV_OK)
        return status;
    char name[BENCH_NAME_CAP];
    for (int p = 0; p < N_PARTS; p++) {
        snprintf(name, sizeof name, "%s_%dt", PART_NAME[p], n_threads);
        bench_add_row(out, name, p == WALL ? "ms/frame" : "core ms/frame", sample[p], N_SETS);
    }
    snprintf(name, sizeof name, "tracking_%dt", n_threads);
    bench_add_row(out, name, "core ms/frame", tracking, N_SETS);
    snprintf(name, sizeof name, "tracking_ms_per_camera_frame_%dt", n_threads);
    bench_add_ratio(out, name, tracking[N_SETS / 2]);
    snprintf(name, sizeof name, "render_ms_per_camera_frame_%dt", n_threads);
    bench_add_ratio(out, name, sample[RENDER][N_SETS / 2]);
    return SV_OK;
}

static sv_status run(bench_result *out) {
    sv_status status = measure(out, 1);
    if (status == SV_OK)
        status = measure(out, 2);
    bench_add_limit(out, "peak_rss_bytes", bench_peak_bytes());
    return status;
}

const bench bench_frameset = {
    .name = "frameset",
    .summary = "whole 8K frame sets of swarm200 from pixels to tracks, milliseconds per camera frame by stage",
    .run = run,
};
