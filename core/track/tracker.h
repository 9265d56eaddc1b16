/** From rays and points to tracks: association, filtering, life cycle. Knows no truth. docs/MATH.md 5. */
#ifndef CORE_TRACK_TRACKER_H
#define CORE_TRACK_TRACKER_H

#include <core/base/arena.h>
#include <core/base/sites.h>
#include <skyvox/config.h>

typedef struct sv_tracker sv_tracker;

/** What one closed frame set brings; all borrowed. */
typedef struct sv_track_input {
    sv_time t;         /* time that the states are carried to */
    const sv_ray *ray; /* [n_rays] */
    size_t n_rays;
    const sv_point *point; /* [n_points] of rays (n_sites > 0: births) or imported (n_sites = 0: measurements) */
    size_t n_points;
    const bool *alive; /* [n_cameras] a frame of the camera is in the set, so that a missing ray means something */
    int32_t n_scans;   /* imported scans of points in the set */
} sv_track_input;

/** Errors: SV_ERR_NOMEM. config and sites are borrowed. */
sv_status sv_tracker_create(sv_tracker **out, const sv_config *config, const sv_sites *sites);
void sv_tracker_destroy(sv_tracker *tracker);

/** Work in one frame set. Errors: SV_ERR_LIMIT (scratch too small). */
sv_status sv_tracker_run(sv_tracker *tracker, const sv_track_input *input, sv_arena *scratch);

/** Every live track by increasing id, states at the set's time; borrowed until the next run. */
const sv_track *sv_tracker_get(const sv_tracker *tracker, size_t *n);
/** Every measurement that a track took in the last run; borrowed until the next. */
const sv_innovation *sv_tracker_get_innovations(const sv_tracker *tracker, size_t *n);

#endif
