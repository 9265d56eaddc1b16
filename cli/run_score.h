/** Collects what the scorer needs while a run goes on: truth, confirmed tracks, centroid errors. */
#ifndef CLI_RUN_SCORE_H
#define CLI_RUN_SCORE_H

#include "input.h"
#include "run_loop.h"

#include <skyvox/score.h>

typedef struct run_score run_score;

/** How the tracks of this input are scored: its gate, its warm-up, its stamps. */
sv_score_config run_score_config(const input *in);

/** pipeline is borrowed. Errors: SV_ERR_NOMEM. Destroy with run_score_destroy. */
sv_status run_score_create(run_score **out, const sv_score_config *config, const sv_config *pipeline);
void run_score_destroy(run_score *score);

sv_sink run_score_sink(run_score *score);
truth_sink run_score_truth_sink(run_score *score);

/** Score everything that came, truth no later than t_last; NULL without truth. The result belongs to `score`. */
sv_status run_score_finish(const sv_score **out, run_score *score, sv_time t_last);

/** After run_score_finish: [*n]. */
const sv_score_roc_point *run_score_roc(const run_score *score, size_t *n);
const sv_sanity *run_score_sanity(const run_score *score, size_t *n);

/** Centroid errors; bins NULL and n 0 when no candidate met a visible view. */
const sv_centroid_bin *run_score_centroid(run_score *score, size_t *n, double *rms_px);

/** Candidates that belong to no object; n 0 where there are no views. */
const sv_false_bin *run_score_false(run_score *score, size_t *n);
/** Innovations of confirmed tracks. */
const sv_nis *run_score_nis(const run_score *score);

#endif
