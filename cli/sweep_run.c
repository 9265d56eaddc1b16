#include "sweep_run.h"

#include "run_output.h"
#include "run_score.h"

#include <formats/report_parts.h>
#include <math.h>
#include <stdlib.h>

/* What one run holds; released in one place. */
typedef struct one_run {
    input in;
    sv_state *state;
    run_stats *stats;
    run_score *scores;
    sv_hash ledger_hash;
} one_run;

static sv_status hash_set(void *self, const sv_products *products) {
    one_run *one = self;
    run_ledger_hash(&one->ledger_hash, &products->ledger);
    return SV_OK;
}

static sv_status open_run(one_run *one, const sweep_plan *plan, const sv_sweep_run *run, pthread_mutex_t *lock) {
    sweep_settings settings;
    sweep_plan_settings(&settings, plan, run->point, run->seed);
    pthread_mutex_lock(lock);
    sv_status status = input_load(&one->in, plan->request->scenario_path, &settings.input);
    pthread_mutex_unlock(lock);
    if (status == SV_OK)
        status = input_start(&one->in, &settings.input);
    if (status != SV_OK)
        return status;
    one->stats = run_stats_create();
    if (!one->stats)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    one->ledger_hash = sv_hash_begin();
    sv_score_config config = run_score_config(&one->in);
    status = sv_state_create(&one->state, one->in.config, one->in.backend, one->in.team, NULL);
    return status == SV_OK ? run_score_create(&one->scores, &config, one->in.config) : status;
}

static sv_status play(one_run *one) {
    const sv_sink sink[] = {run_score_sink(one->scores), {.self = one, .set = hash_set}};
    const truth_sink truth = run_score_truth_sink(one->scores);
    const run_loop loop = {
        .config = one->in.config,
        .state = one->state,
        .source = &one->in.source,
        .sink = sink,
        .n_sinks = sizeof sink / sizeof *sink,
        .truth = &truth,
        .n_truth = 1,
    };
    sv_status status = run_loop_all(&loop, one->stats);
    return status == SV_OK && one->stats->interrupted ? SV_END : status;
}

/* False tracks, ghosts and distractors that began, per minute of scored time. */
static double false_per_minute(const sv_score *score) {
    size_t n_stamps, n_errors, n = 0;
    const sv_score_gospa *stamp = sv_score_get_gospa(score, &n_stamps);
    const sv_score_error *error = sv_score_get_errors(score, &n_errors);
    if (n_stamps < 2)
        return NAN;
    for (size_t i = 0; i < n_errors; i++)
        n += error[i].kind == SV_ERROR_FALSE || error[i].kind == SV_ERROR_GHOST || error[i].kind == SV_ERROR_DISTRACTOR;
    double scored_s = (double)(stamp[n_stamps - 1].t - stamp[0].t) * 1e-9;
    return 60 * (double)n / (scored_s * (double)n_stamps / (double)(n_stamps - 1));
}

static sv_status take_values(sv_sweep_run *run, one_run *one, int32_t n_values) {
    sv_report report = {0};
    sv_status status = run_score_finish(&report.score, one->scores, INT64_MAX);
    if (status != SV_OK)
        return status;
    report.centroid = run_score_centroid(one->scores, &report.n_centroid, &report.centroid_rms_px);
    double *value = calloc((size_t)n_values, sizeof *value);
    if (!value)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    size_t n_keys, n = 0;
    const sv_report_key *key = sv_report_keys(&n_keys);
    for (size_t i = 0; i < n_keys; i++)
        if (!key[i].is_timing)
            value[n++] = sv_report_key_value(&report, &key[i]);
    value[n] = report.score ? false_per_minute(report.score) : NAN;
    run->value = value;
    run->ledger_hash = sv_hash_end(&one->ledger_hash);
    return SV_OK;
}

sv_status sweep_run_one(sv_sweep_run *run, const sweep_plan *plan, pthread_mutex_t *lock) {
    one_run one = {0};
    sv_status status = open_run(&one, plan, run, lock);
    if (status == SV_OK)
        status = play(&one);
    if (status == SV_OK)
        status = take_values(run, &one, plan->sweep->key.n);
    run_score_destroy(one.scores);
    sv_state_destroy(one.state);
    run_stats_destroy(one.stats);
    input_close(&one.in);
    return status;
}
