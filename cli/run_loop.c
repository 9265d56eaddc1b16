#include "run_loop.h"

#include "interrupt.h"

#include <math.h>
#include <skyvox/math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t clock_now_ns(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

run_stats *run_stats_create(void) {
    return calloc(1, sizeof(run_stats));
}

void run_stats_destroy(run_stats *stats) {
    if (stats)
        free(stats->latency_ms);
    free(stats);
}

static void mark_stage(void *user, sv_stage stage, bool begin) {
    run_stats *stats = user;
    int64_t now = clock_now_ns(CLOCK_PROCESS_CPUTIME_ID);
    if (begin)
        stats->stage_begin_ns = now;
    else
        stats->stage_cpu_ns[stage] += now - stats->stage_begin_ns;
}

sv_probe run_stats_probe(run_stats *stats) {
    return (sv_probe){.mark = mark_stage, .user = stats};
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double run_stats_latency_ms(run_stats *stats, double p) {
    if (stats->n_sets == 0)
        return NAN;
    qsort(stats->latency_ms, (size_t)stats->n_sets, sizeof *stats->latency_ms, by_value);
    int64_t rank = (int64_t)ceil(p * (double)stats->n_sets) - 1; /* nearest rank */
    return stats->latency_ms[rank < 0 ? 0 : rank];
}

/* ---- latency: wall time, the source's own time left out ---- */

static int64_t processing_clock_ns(const run_stats *stats) {
    return clock_now_ns(CLOCK_MONOTONIC) - stats->source_wall_ns;
}

static void push_arrival(run_stats *stats, sv_time t) {
    arrival_queue *queue = &stats->arrivals;
    if (queue->n == ARRIVALS_CAP) { /* the oldest belongs to a set that is long closed */
        queue->i_first = (queue->i_first + 1) % ARRIVALS_CAP;
        queue->n--;
    }
    size_t i = (queue->i_first + queue->n++) % ARRIVALS_CAP;
    queue->t[i] = t;
    queue->clock_ns[i] = processing_clock_ns(stats);
}

/* Arrival of the last frame that is in a set; `now` when it held none. */
static int64_t pop_arrivals(arrival_queue *queue, sv_time t_horizon, int64_t now_ns) {
    int64_t last_ns = now_ns;
    while (queue->n && queue->t[queue->i_first] <= t_horizon) {
        last_ns = queue->clock_ns[queue->i_first];
        queue->i_first = (queue->i_first + 1) % ARRIVALS_CAP;
        queue->n--;
    }
    return last_ns;
}

static sv_status note_set(run_stats *stats, const sv_products *products) {
    if ((size_t)stats->n_sets == stats->latency_cap) {
        size_t cap = stats->latency_cap ? 2 * stats->latency_cap : 1024;
        double *grown = realloc(stats->latency_ms, cap * sizeof *grown);
        if (!grown)
            return sv_fail(SV_ERR_NOMEM, "out of memory for %zu latencies", cap);
        stats->latency_ms = grown;
        stats->latency_cap = cap;
    }
    if (stats->n_sets == 0)
        stats->t_first_set = products->t;
    stats->t_last_set = products->t;
    int64_t now_ns = processing_clock_ns(stats);
    int64_t waited_ns = now_ns - pop_arrivals(&stats->arrivals, products->t_horizon, now_ns);
    stats->latency_ms[stats->n_sets++] = (double)waited_ns * 1e-6;
    return SV_OK;
}

/* ---- the loop ---- */

static void show_progress(const run_loop *loop, const run_stats *stats, int64_t *t_shown_ns) {
    int64_t now_ns = clock_now_ns(CLOCK_MONOTONIC);
    if (!loop->progress || now_ns - *t_shown_ns < 200000000)
        return;
    *t_shown_ns = now_ns;
    double rate = (double)stats->n_sets / ((double)(now_ns - stats->begin_wall_ns) * 1e-9);
    fprintf(stderr, "\rframe set %lld", (long long)stats->n_sets);
    if (loop->n_sets_expected)
        fprintf(stderr, " of %lld", (long long)loop->n_sets_expected);
    fprintf(stderr, ", %.3f s, %.1f sets/s \033[K", sv_time_to_s(stats->t_last_set), rate);
}

static sv_status next_event(const run_loop *loop, run_stats *stats, sv_event *event) {
    int64_t wall_ns = clock_now_ns(CLOCK_MONOTONIC), cpu_ns = clock_now_ns(CLOCK_PROCESS_CPUTIME_ID);
    sv_status status = loop->source->next(loop->source->self, event);
    stats->source_cpu_ns += clock_now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns;
    stats->source_wall_ns += clock_now_ns(CLOCK_MONOTONIC) - wall_ns;
    return status;
}

static sv_status give_truth(const run_loop *loop) {
    if (!loop->source->truth)
        return SV_OK;
    for (;;) {
        sv_truth_set set;
        sv_status status = loop->source->truth(loop->source->self, &set);
        if (status != SV_OK)
            return status > SV_OK ? SV_OK : status;
        for (size_t i = 0; i < loop->n_truth && status == SV_OK; i++)
            status = loop->truth[i].truth(loop->truth[i].self, &set);
        if (status != SV_OK)
            return status;
    }
}

static sv_status tap(const run_loop *loop, const sv_event *event) {
    sv_status status = SV_OK;
    for (size_t i = 0; i < loop->n_sinks && status == SV_OK; i++)
        if (loop->sink[i].event)
            status = loop->sink[i].event(loop->sink[i].self, event);
    return status;
}

static sv_status give_image(const run_loop *loop, const sv_event *event) {
    sv_status status = SV_OK;
    for (size_t i = 0; i < loop->n_sinks && status == SV_OK; i++)
        if (loop->sink[i].image)
            status = loop->sink[i].image(loop->sink[i].self, event, loop->state);
    return status;
}

static sv_status give_products(const run_loop *loop, run_stats *stats) {
    const sv_products *products = sv_state_products(loop->state);
    sv_status status = note_set(stats, products);
    for (size_t i = 0; i < loop->n_sinks && status == SV_OK; i++)
        if (loop->sink[i].set)
            status = loop->sink[i].set(loop->sink[i].self, products);
    return status;
}

static bool is_camera_frame(sv_event_kind kind) {
    return kind == SV_EVENT_FRAME || kind == SV_EVENT_DETECTIONS || kind == SV_EVENT_BEARINGS;
}

/* One event through the core; *closed tells whether it ended a frame set. */
static sv_status feed(const run_loop *loop, run_stats *stats, const sv_event *event, bool *closed) {
    *closed = false;
    if (is_camera_frame(event->kind))
        stats->n_camera_frames++;
    if (is_camera_frame(event->kind) || event->kind == SV_EVENT_POINTS)
        push_arrival(stats, event->t);
    sv_status status = sv_step(loop->config, loop->state, event);
    while (status == SV_AGAIN) {
        *closed = true;
        status = give_products(loop, stats);
        if (status == SV_OK)
            status = sv_step(loop->config, loop->state, NULL);
    }
    return status;
}

sv_status run_loop_all(const run_loop *loop, run_stats *stats) {
    stats->begin_wall_ns = clock_now_ns(CLOCK_MONOTONIC);
    int64_t t_shown_ns = stats->begin_wall_ns;
    sv_status status = SV_OK;
    bool between_sets = true;
    while (status == SV_OK && !(between_sets && interrupt_requested())) {
        sv_event event;
        status = next_event(loop, stats, &event);
        if (status == SV_OK)
            status = give_truth(loop);
        if (status == SV_OK)
            status = tap(loop, &event);
        if (status == SV_OK)
            status = feed(loop, stats, &event, &between_sets);
        if (status == SV_OK && event.kind == SV_EVENT_FRAME)
            status = give_image(loop, &event);
        show_progress(loop, stats, &t_shown_ns);
    }
    stats->interrupted = status == SV_OK;
    stats->wall_ns = clock_now_ns(CLOCK_MONOTONIC) - stats->begin_wall_ns;
    if (loop->progress)
        fprintf(stderr, "\r\033[K");
    return status > SV_OK ? SV_OK : status;
}
