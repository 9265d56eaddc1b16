/** The one place that owns threads. Kernels take ranges and start none. */
#ifndef SKYVOX_TEAM_H
#define SKYVOX_TEAM_H

#include <skyvox/base.h>

SV_BEGIN_DECLS

typedef struct sv_team sv_team;

/** Work on block i_block; blocks are cut by the data, never by the number of threads. */
typedef void (*sv_team_work)(void *user, size_t i_block);

/**
 * A team of n_threads (1..256) threads, the caller's own counted.
 * Errors: SV_ERR_ARG, SV_ERR_NOMEM. Destroy with sv_team_destroy.
 */
SV_API sv_status sv_team_create(sv_team **out, int n_threads);
SV_API void sv_team_destroy(sv_team *team);
SV_API int sv_team_size(const sv_team *team);

/**
 * Run work(user, i) once for every i in 0..n_blocks-1 and return when all are done. Blocks may run in any order and on
 * any thread, so block i must write only slot i. A NULL team runs them here, in order. Not reentrant.
 */
SV_API void sv_team_run(sv_team *team, size_t n_blocks, sv_team_work work, void *user);

SV_END_DECLS
#endif
