/** The folder of a sweep: one small file per finished run in DIR/runs, and the tables when all are there. */
#ifndef CLI_SWEEP_STORE_H
#define CLI_SWEEP_STORE_H

#include "out_folder.h"
#include "sweep_plan.h"

enum { SWEEP_PROGRAMS_CAP = 8 };

/** A program that rows were written by, and the first run of the plan that it made. */
typedef struct sweep_maker {
    char program[SV_SWEEP_NAME_CAP];
    size_t i_run;
} sweep_maker;

typedef struct sweep_store {
    char folder[OUT_PATH_CAP], runs[OUT_PATH_CAP];
    sweep_maker maker[SWEEP_PROGRAMS_CAP];
    int n_makers;
} sweep_store;

/**
 * Make the folder and take every finished run that the plan asks for.
 *
 * Errors: SV_ERR_INPUT (a row that is damaged, or of another scenario or --set), SV_ERR_IO, SV_ERR_NOMEM.
 */
sv_status sweep_store_open(sweep_store *store, sweep_plan *plan, const char *folder);

/** Keep a finished run: it is on the disk when this returns. Errors: SV_ERR_INPUT, SV_ERR_IO, SV_ERR_NOMEM. */
sv_status sweep_store_keep(const sweep_store *store, const sweep_plan *plan, const sv_sweep_run *run);

/** Write sweep.csv, sweep.json and sweep.html, and clear what killed programs left. Errors: as above. */
sv_status sweep_store_write_tables(const sweep_store *store, const sv_sweep *sweep);

/** "DIR/runs/NAME" of a run. */
void sweep_store_path(char path[OUT_PATH_CAP + 64], const sweep_store *store, const sweep_plan *plan,
                      const sv_sweep_run *run);

#endif
