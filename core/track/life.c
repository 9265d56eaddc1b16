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
        if (target->existence >= config->confirm_existence &&
            sv_kalman_position_sigma(&target->kalman) <= config->gate_m) {
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
        .nis = 1,
        .slot = tracker->free_slot[--tracker->n_free],
    };
    sv_kalman_init(&target->kalman, point->t, point->p_w, point->cov_m2, config->speed_sigma_mps);
    for (size_t s = 0; s < n_sites; s++) {
        tracker->pd[(size_t)target->slot * n_sites + s] = config->pd_initial;
    }
}

/** The target's position is lost: it may have claimed rays along a line it knows, but not where on it the object is. */
static bool is_loose(const sv_tracker *tracker, const sv_target *target) {
    sv_kalman k = target->kalman;
    sv_kalman_predict(&k, tracker->t, tracker->config->track.accel_psd);
    return sv_kalman_position_sigma(&k) > tracker->config->track.gate_m;
}

static sv_target *find_target(sv_tracker *tracker, int64_t id) {
    size_t lo = 0;
    size_t hi = tracker->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (tracker->target[mid].id < id) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo < tracker->n && tracker->target[lo].id == id ? &tracker->target[lo] : NULL;
}

/** A ray that no target, or only a loose one, has used; *owner is that loose one. */
static bool ray_is_free(sv_tracker *tracker, int64_t used_by, sv_target **owner) {
    if (used_by == 0) {
        return true;
    }
    sv_target *target = find_target(tracker, used_by);
    if (target != NULL && !is_loose(tracker, target)) {
        return false;
    }
    *owner = target != NULL ? target : *owner;
    return true;
}

/** Enough rays of the point are free: every one of a narrow majority, three sites at least of a broad one. */
static bool rays_are_free(sv_tracker *tracker, const sv_track_input *input, const sv_point *point,
                          const int64_t *used_by, sv_target **owner) {
    int32_t n_free = 0;
    int32_t free_site[SV_POINT_RAYS_CAP];
    int32_t n_free_sites = 0;
    for (int32_t i = 0; i < point->n_rays; i++) {
        if (!ray_is_free(tracker, used_by[point->ray[i]], owner)) {
            continue;
        }
        n_free++;
        int32_t site = input->ray[point->ray[i]].site;
        bool first = true;
        for (int32_t j = 0; j < n_free_sites; j++) {
            first = first && free_site[j] != site;
        }
        if (first) {
            free_site[n_free_sites++] = site;
        }
    }
    return n_free == point->n_rays || (n_free_sites >= 3 && 5 * n_free >= 3 * point->n_rays);
}

/** The loose target that the point most likely is: one of its rays is claimed already, or it lies in the 3D gate. */
static sv_target *loose_target_of(sv_tracker *tracker, const sv_point *point, sv_target *owner) {
    sv_target *best = owner;
    double best_d2 = tracker->gate3;
    for (size_t i = 0; i < tracker->n && owner == NULL; i++) {
        sv_target *target = &tracker->target[i];
        sv_vec3 at;
        double cov[9];
        sv_measurement q;
        if (!target->confirmed || !is_loose(tracker, target)) {
            continue;
        }
        sv_kalman_peek(&at, cov, &target->kalman, point->t, tracker->config->track.accel_psd);
        sv_kalman_point(&q, point, at);
        if (sv_kalman_innovation(&q, cov) == SV_OK && q.d2 < best_d2) {
            best = target;
            best_d2 = q.d2;
        }
    }
    return best;
}

/** Put a loose target where its rays meet now, under its old id: far along its line of sight a bearing update is not linear. */
static void wake(const sv_tracker *tracker, sv_target *target, const sv_point *point) {
    double v[3] = {target->kalman.x[3], target->kalman.x[4], target->kalman.x[5]};
    double speed_sigma = tracker->config->track.speed_sigma_mps;
    double speed = sv_vec3_norm(sv_vec3_make(v[0], v[1], v[2]));
    sv_kalman_init(&target->kalman, point->t, point->p_w, point->cov_m2, speed_sigma);
    for (int i = 0; i < 3 && speed < speed_sigma; i++) {
        target->kalman.x[3 + i] = v[i];
    }
    target->t_updated = point->t > target->t_updated ? point->t : target->t_updated;
}

/** A track that knows its place already stands where the point is. */
static bool is_explained(const sv_tracker *tracker, const sv_point *point) {
    const sv_track_config *config = &tracker->config->track;
    for (size_t i = 0; i < tracker->n; i++) {
        sv_vec3 at;
        double cov[9];
        sv_measurement q;
        if (is_loose(tracker, &tracker->target[i])) {
            continue;
        }
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
        sv_target *owner = NULL;
        size_t n_now = tracker->n;
        tracker->n = n_before; // births of one set do not hinder each other
        bool wanted = rays_are_free(tracker, input, point, ray_used_by, &owner) && !is_explained(tracker, point);
        sv_target *loose = wanted ? loose_target_of(tracker, point, owner) : NULL;
        tracker->n = n_now;
        if (loose != NULL) {
            wake(tracker, loose, point);
        } else if (wanted) {
            add_target(tracker, point);
        }
    }
}
