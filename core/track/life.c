/** Birth, existence, sleep and death of targets. */
#include <core/track/tracker_internal.h>
#include <skyvox/math.h>

#include <math.h>

/**
 * Evidence of one set is bounded: what is wrong in one set (a crossing of rays of three drones) is likely wrong in the
 * next, so a track needs several sets to be believed however sharp its measurements are.
 */
static const double gain_per_set = 2.302585092994046; /* log 10 */

/** Existence stays below this, so that a lost object is given up after finitely many misses. */
static const double existence_max = 0.9999;

static void apply_evidence(sv_tracker *tracker, sv_target *target, sv_time t) {
    const sv_track_config *config = &tracker->config->track;
    double dt = sv_time_to_s(t - target->t_existence);
    double r = target->existence * (dt > 0 ? sv_pow(config->survival_per_s, dt) : 1);
    double gain = target->log_gain < gain_per_set ? target->log_gain : gain_per_set;
    double odds = sv_exp(gain);
    r = r * odds / (1 - r + r * odds);
    target->existence = r < existence_max ? r : existence_max;
    target->t_existence = t;
    target->log_gain = 0;
}

/** True when the target is to be forgotten. */
static bool is_dead(const sv_tracker *tracker, const sv_target *target, sv_time t) {
    const sv_track_config *config = &tracker->config->track;
    sv_kalman k = target->kalman;
    sv_kalman_predict(&k, t, config->accel_psd);
    double sigma = sv_kalman_position_sigma(&k);
    if (!(sigma <= config->dormant_sigma_m) && sigma > config->gate_m) {
        return true;
    }
    return target->existence < config->delete_existence || sv_time_to_s(t - target->t_updated) > config->dormant_max_s;
}

/** Younger of two tracks on one object: same place and speed, and it gets hardly any measurement. */
static bool is_shadow(const sv_tracker *tracker, size_t i) {
    const sv_target *young = &tracker->target[i];
    if (young->hit_rate > 0.35) {
        return false;
    }
    for (size_t j = 0; j < tracker->n; j++) {
        const sv_target *other = &tracker->target[j];
        sv_vec3 p;
        sv_vec3 q;
        double cov_p[9];
        double cov_q[9];
        if (j == i || other->hit_rate <= young->hit_rate) {
            continue;
        }
        sv_kalman_peek(&p, cov_p, &young->kalman, tracker->t, tracker->config->track.accel_psd);
        sv_kalman_peek(&q, cov_q, &other->kalman, tracker->t, tracker->config->track.accel_psd);
        sv_vec3 d = sv_vec3_sub(p, q);
        double var = cov_p[0] + cov_p[4] + cov_p[8] + cov_q[0] + cov_q[4] + cov_q[8];
        if (sv_vec3_dot(d, d) < 3 * var) {
            return true;
        }
    }
    return false;
}

void sv_tracker_prune(sv_tracker *tracker, sv_time t) {
    const sv_track_config *config = &tracker->config->track;
    tracker->t = t;
    for (size_t i = 0; i < tracker->n; i++) {
        sv_target *target = &tracker->target[i];
        apply_evidence(tracker, target, t);
        if (target->existence >= config->confirm_existence && sv_kalman_position_sigma(&target->kalman) <= config->gate_m) {
            target->confirmed = true;
        }
    }
    size_t n = 0;
    for (size_t i = 0; i < tracker->n; i++) {
        sv_target *target = &tracker->target[i];
        if (is_dead(tracker, target, t) || is_shadow(tracker, i)) {
            tracker->free_slot[tracker->n_free++] = target->slot;
            target->existence = -1; // marked; shadows of later targets still see its place
        }
    }
    for (size_t i = 0; i < tracker->n; i++) {
        if (tracker->target[i].existence >= 0) {
            tracker->target[n++] = tracker->target[i];
        }
    }
    tracker->n = n;
}

static void add_target(sv_tracker *tracker, const sv_point *point) {
    if (tracker->n == tracker->cap) {
        return; // full: the oldest stay, new ones must wait
    }
    const sv_track_config *config = &tracker->config->track;
    size_t n_sites = tracker->sites->n > 0 ? (size_t)tracker->sites->n : 1;
    sv_target *target = &tracker->target[tracker->n++];
    *target = (sv_target){
        .id = tracker->next_id++,
        .existence = config->birth_existence,
        .t_updated = point->t,
        .t_existence = tracker->t,
        .hit_rate = 0.7,
        .slot = tracker->free_slot[--tracker->n_free],
    };
    sv_kalman_init(&target->kalman, point->t, point->p_w, point->cov_m2, config->speed_sigma_mps);
    for (size_t s = 0; s < n_sites; s++) {
        tracker->pd[(size_t)target->slot * n_sites + s] = config->pd_initial;
    }
}

/** Enough rays of the point are free: every one of a narrow majority, three sites at least of a broad one. */
static bool rays_are_free(const sv_track_input *input, const sv_point *point, const int64_t *used_by) {
    int32_t n_free = 0;
    int32_t free_sites = 0;
    for (int32_t i = 0; i < point->n_rays; i++) {
        const int32_t ray = point->ray[i];
        if (used_by[ray] != 0) {
            continue;
        }
        n_free++;
        bool first = true;
        for (int32_t j = 0; j < i; j++) {
            first = first && (used_by[point->ray[j]] != 0 || input->ray[point->ray[j]].site != input->ray[ray].site);
        }
        free_sites += first ? 1 : 0;
    }
    return n_free == point->n_rays || (free_sites >= 3 && 5 * n_free >= 3 * point->n_rays);
}

/** A reported track already stands where the point is. */
static bool is_explained(const sv_tracker *tracker, const sv_point *point) {
    const sv_track_config *config = &tracker->config->track;
    for (size_t i = 0; i < tracker->n; i++) {
        sv_vec3 at;
        double cov[9];
        sv_measurement q;
        sv_kalman_peek(&at, cov, &tracker->target[i].kalman, point->t, config->accel_psd);
        sv_vec3 miss = sv_vec3_sub(point->p_w, at);
        if (sv_vec3_dot(miss, miss) > config->gate_m * config->gate_m) {
            continue;
        }
        sv_kalman_point(&q, point, at);
        if (sv_kalman_innovation(&q, cov) == SV_OK && q.d2 <= tracker->gate3) {
            return true;
        }
    }
    return false;
}

void sv_tracker_births(sv_tracker *tracker, const sv_track_input *input, const int64_t *ray_used_by,
                       const int64_t *point_used_by) {
    size_t n_before = tracker->n;
    for (size_t i = 0; i < input->n_points; i++) {
        const sv_point *point = &input->point[i];
        if (point->n_sites == 0) {
            if (point_used_by[i] == 0) {
                add_target(tracker, point);
            }
            continue;
        }
        size_t n_now = tracker->n;
        tracker->n = n_before; // births of one set do not hinder each other
        bool wanted = rays_are_free(input, point, ray_used_by) && !is_explained(tracker, point);
        tracker->n = n_now;
        if (wanted) {
            add_target(tracker, point);
        }
    }
}
