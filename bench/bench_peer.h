/** Other people's scorers on our tables. */
#ifndef BENCH_BENCH_PEER_H
#define BENCH_BENCH_PEER_H

#include "bench.h"

#include <skyvox/types.h>

/** An object or a track in one scan. */
typedef struct bench_peer_row {
    int scan;
    int32_t id;
    sv_vec3 p;
} bench_peer_row;

/**
 * Stone Soup's OSPA, GOSPA and CLEAR: a row and the ratio stonesoup_ms_per_scan_200_1t, or a note that it is not installed.
 * Errors: SV_ERR_IO (no room for the tables).
 */
sv_status bench_peer_stonesoup(bench_result *out, const bench_peer_row *truth, size_t n_truth,
                               const bench_peer_row *track, size_t n_tracks);

#endif
