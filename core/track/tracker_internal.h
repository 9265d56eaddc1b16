/** Shared by the files of the tracker. */
#ifndef CORE_TRACK_TRACKER_INTERNAL_H
#define CORE_TRACK_TRACKER_INTERNAL_H

#include <core/base/assign.h>
#include <core/track/kalman.h>
#include <core/track/tracker.h>

/** One hypothesis of an object. */
typedef struct sv_target {
    int64_t id;
    sv_kalman kalman;
    double existence;
    double log_gain; /* evidence gathered in the set being worked in, log of the likelihood ratio */
    sv_time t_updated;
    sv_time t_existence; /* existence was carried to */
    double hit_rate;     /* running mean over expected looks */
    double nis;     /* running mean of the normalised innovation per degree of freedom: 1 when the filter is honest */
    bool confirmed; /* once reported, a track stays so until it sleeps or dies */
    int32_t slot;   /* row of sv_tracker.pd */
} sv_target;

struct sv_tracker {
    const sv_config *config;
    const sv_sites *sites;
    sv_target *target; /* [n] by increasing id */
    size_t n, cap;
    double *pd;         /* [cap x n_sites] learned detection probability */
    int32_t *free_slot; /* [n_free] */
    size_t n_free;
    double *clutter;     /* [n_sites] running mean of unused rays per set */
    double scan_clutter; /* the same for imported points */
    double scan_box[6];  /* smallest and largest coordinates of imported points so far */
    bool box_known;
    sv_track *out;             /* [cap] what is published */
    sv_innovation *innovation; /* [n_innovations] of this set: each ray and point at most once */
    size_t n_innovations;
    int64_t next_id;
    sv_time t; /* of the last set */
    bool started;
    double gate2, gate3; /* chi-square limits of 2 and 3 degrees of freedom */
};

/** Keep how surprising the measurement was that the target takes. */
void sv_tracker_note(sv_tracker *tracker, const sv_target *target, const sv_measurement *q, sv_time t, int32_t site);

/** Associate the rays of one site and correct the targets. used[i] is set for every ray that a target took. */
sv_status sv_tracker_site(sv_tracker *tracker, const sv_track_input *input, int32_t site, const int32_t *ray,
                          int32_t n_rays, int64_t *used_by, sv_arena *scratch);

/** Associate one imported scan and correct the targets. */
sv_status sv_tracker_scan(sv_tracker *tracker, const sv_track_input *input, int64_t *used_by, sv_arena *scratch);

/** Carry existence to the set's end, apply its evidence, let targets sleep or die. */
void sv_tracker_prune(sv_tracker *tracker, sv_time t);

/** New targets from points that no target explains. */
void sv_tracker_births(sv_tracker *tracker, const sv_track_input *input, const int64_t *ray_used_by,
                       const int64_t *point_used_by);

/** Likelihood that a look that should see the target missed it. */
void sv_target_missed(sv_target *target, double *pd, const sv_track_config *config);
/** Likelihood of the chosen measurement against clutter. */
void sv_target_hit(sv_target *target, double *pd, const sv_track_config *config, const sv_measurement *q,
                   double clutter_density);

#endif
