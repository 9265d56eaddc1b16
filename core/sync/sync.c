#include <core/sync/sync.h>

#include <skyvox/math.h>

#include <stdlib.h>

struct sv_sync {
    const sv_config *config;
    bool started;
    sv_time t0; /* nominal time of set 0 */
    sv_time now;
    sv_time *newest; /* [n_cameras + 1] newest frame time of each source; the last is the scan source */
    bool *seen;      /* [n_cameras + 1] */
};

sv_status sv_sync_create(sv_sync **out, const sv_config *config) {
    *out = NULL;
    sv_sync *sync = calloc(1, sizeof *sync);
    size_t n = (size_t)config->n_cameras + 1;
    if (sync != NULL) {
        sync->config = config;
        sync->newest = calloc(n, sizeof *sync->newest);
        sync->seen = calloc(n, sizeof *sync->seen);
    }
    if (sync == NULL || sync->newest == NULL || sync->seen == NULL) {
        sv_sync_destroy(sync);
        return sv_fail(SV_ERR_NOMEM, "out of memory for the clocks of %d cameras", (int)config->n_cameras);
    }
    *out = sync;
    return SV_OK;
}

void sv_sync_destroy(sv_sync *sync) {
    if (sync != NULL) {
        free(sync->newest);
        free(sync->seen);
        free(sync);
    }
}

/** A sixteenth of a period: stamps of synchronised cameras scatter by less, and nothing is carried back by more. */
static sv_time guard_ns(const sv_sync *sync) {
    return sv_round_i64(1e9 / sync->config->sync.rate_hz / 16);
}

sv_time sv_sync_time_of(const sv_sync *sync, int64_t set) {
    return sync->t0 + sv_round_i64((double)set * 1e9 / sync->config->sync.rate_hz);
}

sv_time sv_sync_horizon_of(const sv_sync *sync, int64_t set) {
    return sv_sync_time_of(sync, set) + guard_ns(sync);
}

int64_t sv_sync_set_of(sv_sync *sync, sv_time t) {
    if (!sync->started) {
        sync->started = true;
        sync->t0 = t;
        sync->now = t;
    }
    double periods = (double)(t - sync->t0 - guard_ns(sync)) * 1e-9 * sync->config->sync.rate_hz;
    int64_t set = sv_floor_i64(periods);
    // the quotient is rounded: settle on the first set whose horizon is not before t
    while (sv_sync_horizon_of(sync, set) < t) {
        set++;
    }
    while (sv_sync_horizon_of(sync, set - 1) >= t) {
        set--;
    }
    return set;
}

bool sv_sync_advance(sv_sync *sync, int32_t camera, sv_time t) {
    size_t i = camera >= 0 ? (size_t)camera : (size_t)sync->config->n_cameras;
    bool late = sync->seen[i] && t < sync->newest[i];
    sync->newest[i] = late ? sync->newest[i] : t;
    sync->seen[i] = true;
    sync->now = t > sync->now ? t : sync->now;
    return late;
}

sv_time sv_sync_now(const sv_sync *sync) {
    return sync->now;
}

/**
 * A camera may still have a frame for the set when the end of its present frame interval lies inside it. A camera that
 * was never heard of is waited for as well: it may be the one that is late.
 */
static bool is_past(const sv_sync *sync, int32_t camera, int64_t set) {
    sv_time horizon = sv_sync_horizon_of(sync, set);
    if (!sync->seen[camera]) {
        return false;
    }
    sv_time next = sync->newest[camera] + sv_round_i64(0.75e9 / sync->config->camera[camera].rate_hz);
    return sync->newest[camera] > horizon || next > horizon;
}

bool sv_sync_can_close(const sv_sync *sync, int64_t set) {
    if (sync->now > sv_sync_horizon_of(sync, set) + sv_round_i64(sync->config->sync.max_wait_s * 1e9)) {
        return true;
    }
    int32_t n = sync->config->n_cameras;
    bool of_sets = sync->config->from >= SV_STAGE_VOXEL; // recorded sets come whole
    for (int32_t i = 0; i < n && !of_sets; i++) {
        if (!is_past(sync, i, set)) {
            return false;
        }
    }
    // without cameras the scans themselves drive the sets
    return (n > 0 && !of_sets) ||
           (sync->seen[n] &&
            sync->newest[n] + sv_round_i64(0.75e9 / sync->config->sync.rate_hz) > sv_sync_horizon_of(sync, set));
}
