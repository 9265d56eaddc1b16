/** Products of frames that wait for their set to close, in one pool per kind. */
#ifndef CORE_PIPELINE_PENDING_H
#define CORE_PIPELINE_PENDING_H

#include <core/sync/sync.h>

/** Everything that waits, in order of arrival. */
typedef struct sv_waiting {
    sv_pending *item; /* [n] */
    size_t n, cap;
    sv_detection *detection; /* [n_detections] */
    size_t n_detections, detections_cap;
    sv_ray *ray;
    size_t n_rays, rays_cap;
    sv_point *point;
    size_t n_points, points_cap;
    bool *alive; /* [cap x n_cameras] flags of BEARINGS items, in their order */
    size_t n_alive, n_cameras;
} sv_waiting;

/** Errors: SV_ERR_NOMEM. */
sv_status sv_waiting_init(sv_waiting *out, const sv_config *config);
void sv_waiting_fini(sv_waiting *waiting);
/** True when an item with n products of the kind fits while nothing else waits. */
bool sv_waiting_can_hold(const sv_waiting *waiting, sv_event_kind kind, size_t n);
/** True when one more item with n products of the kind fits. */
bool sv_waiting_has_room(const sv_waiting *waiting, sv_event_kind kind, size_t n);
/** Copy an event's products in; FRAME events bring their candidates as n detections already written at the pool's end. */
void sv_waiting_put(sv_waiting *waiting, const sv_event *event, int64_t set, size_t n);
/** Smallest set number that waits, or -1 when nothing does. */
int64_t sv_waiting_first_set(const sv_waiting *waiting);
/** Forget everything of sets up to `set` but detections later than the horizon. */
void sv_waiting_drop(sv_waiting *waiting, int64_t set, sv_time horizon);

#endif
