/** One run of a sweep, in this process and on one thread. */
#ifndef CLI_SWEEP_RUN_H
#define CLI_SWEEP_RUN_H

#include "sweep_plan.h"

#include <pthread.h>

/**
 * Run a scenario and keep its numbers.
 *
 *   run   in/out  point and seed; value and ledger_hash are filled, value is the caller's to free
 *   lock  in      held while files are read: the JSON library keeps a global
 *
 * Returns SV_END, with nothing filled, when interrupted. Errors: anyone's.
 */
sv_status sweep_run_one(sv_sweep_run *run, const sweep_plan *plan, pthread_mutex_t *lock);

#endif
