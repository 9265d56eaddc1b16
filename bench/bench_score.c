/** The metrics at swarm size, one thread: milliseconds per scan, and the memory of a long run. */
#include "bench_peer.h"

#include <skyvox/math.h>
#include <skyvox/metrics.h>
#include <skyvox/rng.h>
#include <skyvox/score.h>

#include <stdlib.h>

enum { N_FRAMES = 300, N_REPEATS = 5, N_LONG_FRAMES = 10000, N_LONG_TARGETS = 200, RATE_HZ = 30, TARGETS_CAP = 400 };

static double uniform(uint64_t *counter, double lo, double hi) {
    return lo + (hi - lo) * (double)(sv_rng(11, 3, (*counter)++) >> 11) / 9007199254740992.0;
}

/* Straight flights that are turned round at the walls of a box. */
typedef struct swarm {
    int n;
    double half_m;
    sv_vec3 p[TARGETS_CAP], v[TARGETS_CAP];
    int32_t track[TARGETS_CAP]; /* id of the track that follows */
    int32_t n_tracks;
    uint64_t counter;
} swarm;

static void start(swarm *s, int n, double half_m) {
    *s = (swarm){.n = n, .half_m = half_m, .counter = 1};
    for (int i = 0; i < n; i++) {
        s->p[i] = (sv_vec3){uniform(&s->counter, -half_m, half_m), uniform(&s->counter, -half_m, half_m),
                            uniform(&s->counter, -half_m, half_m)};
        s->v[i] = (sv_vec3){uniform(&s->counter, -15, 15), uniform(&s->counter, -15, 15), uniform(&s->counter, -5, 5)};
        s->track[i] = s->n_tracks++;
    }
}

static void turn(double *v, double p, double half_m) {
    *v = (p > half_m && *v > 0) || (p < -half_m && *v < 0) ? -*v : *v;
}

static double error(swarm *s) {
    return uniform(&s->counter, -0.4, 0.4) + uniform(&s->counter, -0.4, 0.4);
}

static bool less_id(const void *a, const void *b, void *user) {
    (void)user;
    return ((const sv_metrics_point *)a)->id < ((const sv_metrics_point *)b)->id;
}

/* One frame: 3 % missed, 2 % false, a track is replaced by a new one every 2000 samples, of which there are few ids. */
static size_t step(swarm *s, sv_metrics_point *truth, sv_metrics_point *track, sv_metrics_point *scratch) {
    size_t n_tracks = 0;
    for (int i = 0; i < s->n; i++) {
        s->p[i] = sv_vec3_mad(s->p[i], s->v[i], 1.0 / RATE_HZ);
        turn(&s->v[i].x, s->p[i].x, s->half_m);
        turn(&s->v[i].y, s->p[i].y, s->half_m);
        turn(&s->v[i].z, s->p[i].z, s->half_m);
        truth[i] = (sv_metrics_point){.id = i, .has_velocity = true, .p_w = s->p[i], .v_w = s->v[i]};
        if (uniform(&s->counter, 0, 2000) < 1)
            s->track[i] = s->n_tracks++;
        sv_vec3 e = {error(s), error(s), error(s)};
        if (uniform(&s->counter, 0, 1) < 0.97)
            track[n_tracks++] = (sv_metrics_point){
                .id = s->track[i], .has_velocity = true, .p_w = sv_vec3_add(s->p[i], e), .v_w = s->v[i]};
        if (uniform(&s->counter, 0, 1) < 0.02)
            track[n_tracks++] = (sv_metrics_point){
                .id = s->n_tracks++, .has_velocity = true, .p_w = {uniform(&s->counter, -s->half_m, s->half_m), 0, 0}};
    }
    sv_sort(track, n_tracks, sizeof *track, less_id, NULL, scratch);
    return n_tracks;
}

/* ---- speed ---- */

typedef struct scans {
    sv_metrics_point *truth, *track; /* [N_FRAMES][cap] */
    size_t n_tracks[N_FRAMES];
    int32_t n_track_ids;
} scans;

static size_t row_cap(int n) {
    return 2 * (size_t)n;
}

static sv_status make_scans(scans *out, int n, double half_m) {
    swarm *s = malloc(sizeof *s);
    size_t cap = row_cap(n);
    *out = (scans){.truth = calloc(N_FRAMES * cap, sizeof *out->truth),
                   .track = calloc(N_FRAMES * cap, sizeof *out->track)};
    sv_metrics_point *scratch = calloc(cap, sizeof *scratch);
    if (!s || !out->truth || !out->track || !scratch) {
        free(s);
        free(scratch);
        return sv_fail(SV_ERR_NOMEM, "no memory for %d targets", n);
    }
    start(s, n, half_m);
    for (int k = 0; k < N_FRAMES; k++)
        out->n_tracks[k] = step(s, out->truth + (size_t)k * cap, out->track + (size_t)k * cap, scratch);
    out->n_track_ids = s->n_tracks;
    free(s);
    free(scratch);
    return SV_OK;
}

/* Everything but T-GOSPA: OSPA, GOSPA, CLEAR in three variants, SIAP, IDF1, HOTA. */
static sv_status time_once(double *ms_per_scan, const scans *in, int n) {
    sv_metrics_config config = sv_metrics_config_default();
    size_t cap = row_cap(n);
    sv_metrics *m;
    double begin = bench_now_s();
    sv_status status = sv_metrics_create(&m, &config, (size_t)n, (size_t)in->n_track_ids);
    for (int k = 0; status == SV_OK && k < N_FRAMES; k++)
        status = sv_metrics_add(m, NULL, in->truth + (size_t)k * cap, (size_t)n, in->track + (size_t)k * cap,
                                in->n_tracks[k]);
    if (status == SV_OK)
        status = sv_metrics_finish(m);
    *ms_per_scan = 1e3 * (bench_now_s() - begin) / N_FRAMES;
    sv_metrics_destroy(m);
    return status;
}

static sv_status time_scans(bench_result *out, int n, double half_m, const char *name, const char *ratio) {
    scans in;
    double sample[N_REPEATS];
    sv_status status = make_scans(&in, n, half_m);
    for (int k = 0; status == SV_OK && k < N_REPEATS; k++)
        status = time_once(&sample[k], &in, n);
    free(in.truth);
    free(in.track);
    if (status != SV_OK)
        return status;
    bench_add_row(out, name, "ms per scan", sample, N_REPEATS);
    if (ratio)
        bench_add_ratio(out, ratio, sample[N_REPEATS / 2]);
    return SV_OK;
}

/* ---- a peer ---- */

/* The first scans of the same swarm, as many as Stone Soup does in some ten seconds. */
static sv_status ask_peer(bench_result *out) {
    enum { N = 200, SCANS = 10 };
    scans in;
    size_t cap = row_cap(N), n_truth = 0, n_tracks = 0;
    sv_status status = make_scans(&in, N, 400);
    bench_peer_row *row = calloc(2 * SCANS * cap, sizeof *row), *track_row = row ? row + SCANS * cap : NULL;
    for (size_t k = 0; status == SV_OK && row && k < SCANS; k++) {
        for (size_t i = k * cap; i < k * cap + N; i++)
            row[n_truth++] = (bench_peer_row){(int)k, in.truth[i].id, in.truth[i].p_w};
        for (size_t j = k * cap; j < k * cap + in.n_tracks[k]; j++)
            track_row[n_tracks++] = (bench_peer_row){(int)k, in.track[j].id, in.track[j].p_w};
    }
    if (status == SV_OK)
        status = row ? bench_peer_stonesoup(out, row, n_truth, track_row, n_tracks)
                     : sv_fail(SV_ERR_NOMEM, "no memory for a peer's tables");
    free(row);
    free(in.truth);
    free(in.track);
    return status;
}

/* ---- memory ---- */

/* The whole scorer on tables of 10,000 frames by 200 targets, as `skyvox score` holds them. */
static sv_status score_long_run(bench_result *out) {
    size_t cap = row_cap(N_LONG_TARGETS), n_truth = 0, n_tracks = 0;
    swarm *s = malloc(sizeof *s);
    sv_score_truth_row *truth = malloc((size_t)N_LONG_FRAMES * N_LONG_TARGETS * sizeof *truth);
    sv_score_track_row *track = malloc((size_t)N_LONG_FRAMES * N_LONG_TARGETS * sizeof *track);
    sv_metrics_point *point = calloc(3 * cap, sizeof *point);
    sv_score *score = NULL;
    sv_status status = s && truth && track && point ? SV_OK : sv_fail(SV_ERR_NOMEM, "no memory for the long run");
    if (status == SV_OK)
        start(s, N_LONG_TARGETS, 400);
    for (int k = 0; status == SV_OK && k < N_LONG_FRAMES; k++) {
        sv_time t = (sv_time)k * 1000000000 / RATE_HZ;
        size_t n = step(s, point, point + cap, point + 2 * cap);
        for (size_t i = 0; i < N_LONG_TARGETS; i++)
            truth[n_truth++] = (sv_score_truth_row){.t = t,
                                                    .sample = {.target = point[i].id,
                                                               .wanted = true,
                                                               .in_coverage = true,
                                                               .has_velocity = true,
                                                               .p_w = point[i].p_w,
                                                               .v_w = point[i].v_w}};
        for (size_t j = 0; j < n && n_tracks < (size_t)N_LONG_FRAMES * N_LONG_TARGETS; j++)
            track[n_tracks++] = (sv_score_track_row){.t = t,
                                                     .track = point[cap + j].id,
                                                     .has_velocity = true,
                                                     .p_w = point[cap + j].p_w,
                                                     .v_w = point[cap + j].v_w};
    }
    sv_score_config config = sv_score_config_default();
    double made = bench_now_s();
    if (status == SV_OK)
        status = sv_score_create(&score, &config, truth, n_truth, track, n_tracks);
    double s_per_run = bench_now_s() - made, mib = bench_peak_bytes() / 1048576;
    sv_score_destroy(score);
    free(s);
    free(truth);
    free(track);
    free(point);
    if (status != SV_OK)
        return status;
    bench_add_row(out, "10,000 frames x 200, whole scorer", "s", &s_per_run, 1);
    bench_add_row(out, "10,000 frames x 200, peak memory", "MiB", &mib, 1);
    bench_add_ratio(out, "peak_mib_10000_frames_200", mib);
    return SV_OK;
}

static sv_status run(bench_result *out) {
    // Memory first: the peak of a process only grows.
    sv_status status = score_long_run(out);
    if (status == SV_OK)
        status = time_scans(out, 50, 200, "50 targets", "ms_per_scan_50_1t");
    if (status == SV_OK)
        status = time_scans(out, 200, 400, "200 targets", "ms_per_scan_200_1t");
    if (status == SV_OK)
        status = time_scans(out, 200, 25, "200 targets, crowded", "ms_per_scan_200_crowded_1t");
    if (status == SV_OK)
        status = ask_peer(out);
    double copy = 0;
    if (status == SV_OK)
        status = bench_copy_gb_per_s(&copy);
    bench_add_limit(out, "copy_gb_per_s_1t", copy);
    return status;
}

const bench bench_score = {
    .name = "score",
    .summary = "OSPA, GOSPA, CLEAR in three variants, SIAP, IDF1 and HOTA, one thread",
    .run = run,
};
