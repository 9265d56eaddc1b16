/** The loop of a run: source -> taps -> sv_step -> products, with the time of every part measured from outside. */
#ifndef CLI_RUN_LOOP_H
#define CLI_RUN_LOOP_H

#include <skyvox/pipeline.h>
#include <skyvox/truth.h>

/** Who takes truth: the scorer and truth.csv, never the core. */
typedef struct truth_sink {
    void *self;
    sv_status (*truth)(void *self, const sv_truth_set *set);
} truth_sink;

enum { ARRIVALS_CAP = 4096 };

/** Frames that wait for their set, by arrival: when they came, on a clock that stands while the source works. */
typedef struct arrival_queue {
    sv_time t[ARRIVALS_CAP];
    int64_t clock_ns[ARRIVALS_CAP];
    size_t i_first, n;
} arrival_queue;

/** Filled while the loop runs. */
typedef struct run_stats {
    int64_t n_sets, n_camera_frames;
    sv_time t_first_set, t_last_set;
    int64_t source_cpu_ns;             /* process CPU time inside the source: rendering or reading */
    int64_t stage_cpu_ns[SV_N_STAGES]; /* process CPU time, all threads */
    int64_t stage_begin_ns;
    int64_t source_wall_ns, begin_wall_ns, wall_ns;
    double *latency_ms; /* [n_sets] last frame's arrival to products, without waiting for the source; owned */
    size_t latency_cap;
    arrival_queue arrivals;
    bool interrupted;
} run_stats;

typedef struct run_loop {
    const sv_config *config;
    sv_state *state;
    const sv_source *source;
    const sv_sink *sink; /* [n_sinks] before the core and after every set */
    size_t n_sinks;
    const truth_sink *truth; /* [n_truth] */
    size_t n_truth;
    bool progress;           /* a line on standard error */
    int64_t n_sets_expected; /* 0: unknown */
} run_loop;

run_stats *run_stats_create(void);
void run_stats_destroy(run_stats *stats);

/** For sv_state_create: adds every stage's process CPU time to stats->stage_cpu_ns. */
sv_probe run_stats_probe(run_stats *stats);

/** Latency that the share p (0..1) of the sets stayed within, ms; NaN without sets. Sorts the latencies. */
double run_stats_latency_ms(run_stats *stats, double p);

/** Run to the end of the source, or to the end of the frame set under way when interrupted. Errors: anyone's. */
sv_status run_loop_all(const run_loop *loop, run_stats *stats);

#endif
