/** What a sweep is to run: seeds times grid, and this program's share of it. */
#ifndef CLI_SWEEP_PLAN_H
#define CLI_SWEEP_PLAN_H

#include "input.h"

#include <formats/sweep.h>

enum { SWEEP_AXES_CAP = 8, SWEEP_SETTING_CAP = 512 };

/** As given on the command line. */
typedef struct sweep_request {
    const char *scenario_path;
    const char *seeds; /* "A:B" */
    const char *shard; /* "i/n"; NULL: everything */
    text_list grid;    /* "path=a,b,c" */
    text_list set;
} sweep_request;

typedef struct sweep_plan {
    const sweep_request *request; /* borrowed */
    sv_sweep *sweep;              /* every run of the table, in order, none done */
    int64_t i_shard, n_shards;
} sweep_plan;

/**
 * Read the request and check that every grid point is a good scenario.
 * Errors: SV_ERR_INPUT, SV_ERR_NOMEM. Release with sweep_plan_free in any case.
 */
sv_status sweep_plan_make(sweep_plan *plan, const sweep_request *request);
void sweep_plan_free(sweep_plan *plan);

/** True for the runs of this shard. */
bool sweep_plan_is_mine(const sweep_plan *plan, size_t i_run);

/** Texts of one run's assignments; input_options borrow from it. */
typedef struct sweep_settings {
    char text[SWEEP_AXES_CAP][SWEEP_SETTING_CAP];
    char seed[24];
    input_options input;
} sweep_settings;

/** What input_load needs for a run. */
void sweep_plan_settings(sweep_settings *out, const sweep_plan *plan, int32_t point, uint64_t seed);

/** Error text with the grid point in front: which of the runs it was. */
sv_status sweep_plan_blame(const sweep_plan *plan, const sv_sweep_run *run, sv_status status, const char *text);

#endif
