/** Frame sets: which frame belongs to which set, and when a set may close. docs/LIFE_OF_A_FRAME.md 2. */
#ifndef CORE_SYNC_SYNC_H
#define CORE_SYNC_SYNC_H

#include <skyvox/config.h>
#include <skyvox/event.h>

/** One frame, scan or bearing list that waits for its set to close. */
typedef struct sv_pending {
    uint64_t seq;
    sv_time t;
    int64_t set;
    int32_t camera; /* -1: a scan of points */
    int32_t frame;
    sv_event_kind kind;
    bool announced;  /* it was counted into a closed set already; only late rows of it are left */
    size_t begin, n; /* products waiting in the pool of its kind */
    size_t alive;    /* BEARINGS: first of its camera flags */
} sv_pending;

typedef struct sv_sync sv_sync;

/** Errors: SV_ERR_NOMEM. */
sv_status sv_sync_create(sv_sync **out, const sv_config *config);
void sv_sync_destroy(sv_sync *sync);

/** Set number of a time; the first time asked fixes set 0. Negative for times before it. */
int64_t sv_sync_set_of(sv_sync *sync, sv_time t);
/** Nominal time of a set. */
sv_time sv_sync_time_of(const sv_sync *sync, int64_t set);
/** No measurement later than this belongs to the set. */
sv_time sv_sync_horizon_of(const sv_sync *sync, int64_t set);

/** Note that a camera (-1: the scan source) has come as far as time t. Returns true when t is before its newest: a late frame. */
bool sv_sync_advance(sv_sync *sync, int32_t camera, sv_time t);
/** True when set may close: every source is at or past it, or event time has passed it by max_wait_s. */
bool sv_sync_can_close(const sv_sync *sync, int64_t set);
/** Newest event time. */
sv_time sv_sync_now(const sv_sync *sync);

#endif
