/** Which measurement belongs to which target: gates, sparse assignment, update, evidence. */
#include <core/track/tracker_internal.h>
#include <skyvox/camera.h>
#include <skyvox/math.h>

#include <math.h>

/* Rays of the site being worked in, sorted by direction z so that a gate is a short range. */
typedef struct sorted_ray {
    double z;
    int32_t ray;
} sorted_ray;

static bool sorted_ray_less(const void *a, const void *b, void *user) {
    (void)user;
    return ((const sorted_ray *)a)->z < ((const sorted_ray *)b)->z;
}

/** Edges of one assignment problem with the innovation behind each. */
typedef struct problem {
    sv_assign_edge *edge;
    sv_measurement *innovation; /* of the same index as edge */
    size_t n, cap;
    size_t *first;   /* [n_targets] its first edge: edges are added row by row */
    double *alone;   /* [n_targets] */
    int32_t *chosen; /* [n_targets] column or -1 */
} problem;

static sv_status problem_take(problem *out, size_t n_targets, size_t n_columns, sv_arena *scratch) {
    // a gate holds a few measurements; past the cap the later ones of a target are not looked at
    *out = (problem){.cap = 8 * n_targets + 2 * n_columns};
    out->edge = sv_arena_take(scratch, out->cap, sizeof *out->edge);
    out->innovation = sv_arena_take(scratch, out->cap, sizeof *out->innovation);
    out->first = sv_arena_take(scratch, n_targets, sizeof *out->first);
    out->alone = sv_arena_take(scratch, n_targets, sizeof *out->alone);
    out->chosen = sv_arena_take(scratch, n_targets, sizeof *out->chosen);
    if (out->edge == NULL || out->innovation == NULL || out->first == NULL || out->alone == NULL ||
        out->chosen == NULL) {
        return sv_fail(SV_ERR_LIMIT, "track: scratch too small for %zu tracks and %zu measurements", n_targets,
                       n_columns);
    }
    return SV_OK;
}

/** Log density of the innovation. */
static double log_likelihood(const sv_measurement *q) {
    return -0.5 * (q->d2 + q->log_det + q->m * 1.8378770664093453 /* log 2 pi */);
}

/** Add an edge whose cost is the negative log odds of "this target made it" against "clutter made it". */
static void add_edge(problem *p, int32_t row, int32_t column, const sv_measurement *q, double pd,
                     double clutter_density) {
    if (p->n == p->cap) {
        return;
    }
    double cost = sv_log(clutter_density) - sv_log(pd) - log_likelihood(q);
    p->edge[p->n] = (sv_assign_edge){row, column, cost};
    p->innovation[p->n++] = *q;
}

/** Down-weight a surprising measurement instead of trusting or refusing it (Huber). */
static void robustify(sv_measurement *q, const double cov[9], double robust_sigma) {
    double limit = robust_sigma * robust_sigma * q->m / 2;
    if (robust_sigma <= 0 || q->d2 <= limit) {
        return;
    }
    double scale = q->d2 / limit;
    for (int i = 0; i < q->m * q->m; i++) {
        q->R[i] *= scale;
    }
    sv_kalman_innovation(q, cov);
}

/**
 * A filter that keeps being surprised follows a wrong velocity, mostly one that a swap of two neighbours left behind:
 * it is made as unsure as it is wrong, and learns again.
 */
static void stay_honest(sv_target *target, const sv_measurement *q) {
    const double memory = 0.3;
    const double limit = 2.2; // 3.5 sigma of the running mean of an honest filter
    target->nis += memory * (q->d2 / q->m - target->nis);
    if (target->nis > limit) {
        for (int i = 0; i < 36; i++) {
            target->kalman.P[i] *= target->nis;
        }
        target->nis = 1;
    }
}

void sv_target_missed(sv_target *target, double *pd, const sv_track_config *config) {
    enum { LEARN = 20 };
    target->log_gain += sv_log(1 - *pd);
    *pd -= *pd / LEARN;
    *pd = *pd < config->pd_min ? config->pd_min : *pd;
    target->hit_rate -= target->hit_rate / LEARN;
}

void sv_target_hit(sv_target *target, double *pd, const sv_track_config *config, const sv_measurement *q,
                   double clutter_density) {
    enum { LEARN = 20 };
    target->log_gain += sv_log(1 - *pd + *pd * sv_exp(log_likelihood(q) - sv_log(clutter_density)));
    *pd += (1 - *pd) / LEARN;
    *pd = *pd > config->pd_max ? config->pd_max : *pd;
    target->hit_rate += (1 - target->hit_rate) / LEARN;
}

/** True when a living camera of the site has the point in view. */
static bool site_sees(const sv_tracker *tracker, const sv_track_input *input, int32_t site, sv_vec3 p_w) {
    const sv_config *config = tracker->config;
    double uv[2];
    for (int32_t i = 0; i < config->n_cameras; i++) {
        if (tracker->sites->of_camera[i] == site && input->alive[i] &&
            sv_camera_project(uv, NULL, &config->camera[i], p_w) == SV_OK &&
            sv_camera_contains(&config->camera[i], uv[0], uv[1])) {
            return true;
        }
    }
    return false;
}

static double ray_sigma_time(const sv_config *config, const sv_ray *ray) {
    return ray->camera[0] >= 0 ? config->camera[ray->camera[0]].sigma_time_s : 0;
}

/** First sorted ray whose z is not below z. */
static int32_t first_from(const sorted_ray *r, int32_t n, double z) {
    int32_t lo = 0;
    int32_t hi = n;
    while (lo < hi) {
        int32_t mid = lo + (hi - lo) / 2;
        if (r[mid].z < z) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

/** Probability that a look at a target gives a measurement, its existence counted. */
static double look_pd(const sv_target *target, double pd) {
    return pd * target->existence;
}

/** Edges of one target to the rays inside its gate. */
static void gate_target(const sv_tracker *tracker, const sv_track_input *input, problem *p, int32_t row,
                        const sorted_ray *sorted, int32_t n_rays, double sigma_max, sv_vec3 c_w, double pd,
                        double clutter_density) {
    const sv_target *target = &tracker->target[row];
    const sv_kalman *k = &target->kalman;
    sv_vec3 v_w = sv_vec3_make(k->x[3], k->x[4], k->x[5]);
    sv_vec3 p_w;
    double cov[9];
    sv_kalman_peek(&p_w, cov, k, input->ray[sorted[0].ray].t, tracker->config->track.accel_psd);
    sv_vec3 r = sv_vec3_sub(p_w, c_w);
    double range = sv_vec3_norm(r);
    if (!(range > 1e-3)) {
        return;
    }
    // trace bounds the largest eigenvalue, so that no ray inside the gate is passed over; rolling shutters spread times
    double spread = sqrt(cov[0] + cov[4] + cov[8]) / range;
    double speed = sv_vec3_norm(v_w);
    double reach = sqrt(tracker->gate2) * (sigma_max + spread) + speed * 0.05 / range;
    for (int32_t i = first_from(sorted, n_rays, r.z / range - reach); i < n_rays && sorted[i].z <= r.z / range + reach;
         i++) {
        const sv_ray *ray = &input->ray[sorted[i].ray];
        sv_measurement q;
        sv_vec3 at;
        if (sv_vec3_norm(sv_vec3_sub(sv_vec3_scale(ray->d_w, range), r)) > 1.5 * reach * range) {
            continue;
        }
        sv_kalman_peek(&at, cov, k, ray->t, tracker->config->track.accel_psd);
        if (sv_kalman_bearing(&q, ray, at, v_w, ray_sigma_time(tracker->config, ray)) == SV_OK &&
            sv_kalman_innovation(&q, cov) == SV_OK && q.d2 <= tracker->gate2) {
            add_edge(p, row, i, &q, look_pd(target, pd), clutter_density);
        }
    }
}

/** The innovation of the edge that assignment chose for a row. */
static sv_measurement *chosen_innovation(problem *p, int32_t row) {
    size_t e = p->first[row];
    while (p->edge[e].col != p->chosen[row]) {
        e++;
    }
    return &p->innovation[e];
}

/** Sort the site's rays, leaving out those too weak even for a gate. */
static int32_t sort_rays(sorted_ray *sorted, sorted_ray *spare, double *sigma_max, const sv_track_input *input,
                         const int32_t *ray, int32_t n_rays, double snr_gate) {
    int32_t n = 0;
    *sigma_max = 0;
    for (int32_t i = 0; i < n_rays; i++) {
        const sv_ray *r = &input->ray[ray[i]];
        if (r->snr != 0 && r->snr < snr_gate) {
            continue;
        }
        double var = r->cov_rad2[0] + r->cov_rad2[2];
        *sigma_max = sqrt(var) > *sigma_max ? sqrt(var) : *sigma_max;
        sorted[n++] = (sorted_ray){r->d_w.z, ray[i]};
    }
    sv_sort(sorted, (size_t)n, sizeof *sorted, sorted_ray_less, NULL, spare);
    return n;
}

/** Density of false rays of a site, per steradian: stated, or the running mean of what no track used. */
static double site_clutter(const sv_tracker *tracker, int32_t site) {
    double stated = tracker->config->track.clutter_per_sr;
    if (stated > 0) {
        return stated;
    }
    double mean = tracker->clutter[site] > 0.5 ? tracker->clutter[site] : 0.5;
    double omega = tracker->sites->site[site].solid_angle_sr;
    return mean / (omega > 1e-6 ? omega : 1e-6);
}

sv_status sv_tracker_site(sv_tracker *tracker, const sv_track_input *input, int32_t site, const int32_t *ray,
                          int32_t n_rays, int64_t *used_by, sv_arena *scratch) {
    const sv_track_config *config = &tracker->config->track;
    size_t mark = scratch->used;
    problem p;
    sv_status status = problem_take(&p, tracker->n, (size_t)n_rays, scratch);
    sorted_ray *sorted = sv_arena_take(scratch, (size_t)n_rays + 1, sizeof *sorted);
    sorted_ray *spare = sv_arena_take(scratch, (size_t)n_rays + 1, sizeof *spare);
    if (status == SV_OK && (sorted == NULL || spare == NULL)) {
        status = sv_fail(SV_ERR_LIMIT, "track: scratch too small for %d rays", (int)n_rays);
    }
    if (status != SV_OK) {
        return status;
    }
    double sigma_max;
    int32_t n = sort_rays(sorted, spare, &sigma_max, input, ray, n_rays, config->snr_gate);
    double clutter = site_clutter(tracker, site);
    sv_vec3 c_w = tracker->sites->site[site].c_w;
    for (size_t j = 0; j < tracker->n; j++) {
        double pd = tracker->pd[(size_t)tracker->target[j].slot * (size_t)tracker->sites->n + (size_t)site];
        p.first[j] = p.n;
        p.alone[j] = -sv_log(1 - look_pd(&tracker->target[j], pd));
        if (n > 0) {
            gate_target(tracker, input, &p, (int32_t)j, sorted, n, sigma_max, c_w, pd, clutter);
        }
    }
    status = sv_assign_sparse(p.chosen, (int32_t)tracker->n, n, p.edge, p.n, p.alone, scratch);
    if (status != SV_OK) {
        return status;
    }
    int32_t n_used = 0;
    for (size_t j = 0; j < tracker->n; j++) {
        sv_target *target = &tracker->target[j];
        double *pd = &tracker->pd[(size_t)target->slot * (size_t)tracker->sites->n + (size_t)site];
        if (p.chosen[j] < 0) {
            sv_vec3 at;
            double cov[9];
            sv_kalman_peek(&at, cov, &target->kalman, input->t, config->accel_psd);
            if (site_sees(tracker, input, site, at)) {
                sv_target_missed(target, pd, config);
            }
            continue;
        }
        const int32_t i_ray = sorted[p.chosen[j]].ray;
        sv_measurement *q = chosen_innovation(&p, (int32_t)j);
        double cov[9];
        sv_vec3 at;
        sv_kalman_predict(&target->kalman, input->ray[i_ray].t, config->accel_psd);
        sv_kalman_peek(&at, cov, &target->kalman, target->kalman.t, config->accel_psd);
        sv_target_hit(target, pd, config, q, clutter);
        sv_tracker_note(tracker, target, q, input->ray[i_ray].t, input->ray[i_ray].site);
        robustify(q, cov, config->robust_sigma);
        sv_kalman_update(&target->kalman, q);
        target->t_updated = target->kalman.t > target->t_updated ? target->kalman.t : target->t_updated;
        used_by[i_ray] = target->id;
        n_used += target->existence > 0.5 ? 1 : 0;
    }
    double unused = n - n_used;
    tracker->clutter[site] += (unused - tracker->clutter[site]) * 0.1;
    sv_arena_reset(scratch, mark);
    return SV_OK;
}

/** Density of false points per cubic metre: stated, or the running mean over the box of all points seen. */
static double scan_clutter(const sv_tracker *tracker) {
    double stated = tracker->config->track.clutter_per_m3;
    if (stated > 0) {
        return stated;
    }
    double volume = 1;
    for (int i = 0; i < 3; i++) {
        double side = tracker->scan_box[3 + i] - tracker->scan_box[i];
        volume *= side > 10 ? side : 10;
    }
    return (tracker->scan_clutter > 0.5 ? tracker->scan_clutter : 0.5) / volume;
}

static void grow_box(sv_tracker *tracker, const sv_track_input *input) {
    for (size_t i = 0; i < input->n_points; i++) {
        const double p[3] = {input->point[i].p_w.x, input->point[i].p_w.y, input->point[i].p_w.z};
        for (int a = 0; a < 3; a++) {
            double *lo = &tracker->scan_box[a];
            double *hi = &tracker->scan_box[3 + a];
            *lo = !tracker->box_known || p[a] < *lo ? p[a] : *lo;
            *hi = !tracker->box_known || p[a] > *hi ? p[a] : *hi;
        }
        tracker->box_known = true;
    }
}

/** Edges of one target to the points inside its gate. */
static void gate_points(const sv_tracker *tracker, const sv_track_input *input, problem *p, int32_t row, double pd,
                        double clutter_density) {
    const sv_target *target = &tracker->target[row];
    sv_vec3 at = {0, 0, 0};
    double cov[9] = {0};
    sv_time t_at = 0;
    for (size_t i = 0; i < input->n_points; i++) {
        const sv_point *point = &input->point[i];
        if (i == 0 || point->t != t_at) { // points of one scan mostly share their time
            sv_kalman_peek(&at, cov, &target->kalman, point->t, tracker->config->track.accel_psd);
            t_at = point->t;
        }
        // the traces bound the largest eigenvalue of S, so nothing inside the gate is passed over
        double trace = cov[0] + cov[4] + cov[8] + point->cov_m2[0] + point->cov_m2[3] + point->cov_m2[5];
        sv_vec3 miss = sv_vec3_sub(point->p_w, at);
        if (sv_vec3_dot(miss, miss) > tracker->gate3 * trace) {
            continue;
        }
        sv_measurement q;
        sv_kalman_point(&q, point, at);
        if (sv_kalman_innovation(&q, cov) == SV_OK && q.d2 <= tracker->gate3) {
            add_edge(p, row, (int32_t)i, &q, look_pd(target, pd), clutter_density);
        }
    }
}

sv_status sv_tracker_scan(sv_tracker *tracker, const sv_track_input *input, int64_t *used_by, sv_arena *scratch) {
    const sv_track_config *config = &tracker->config->track;
    size_t mark = scratch->used;
    problem p;
    sv_status status = problem_take(&p, tracker->n, input->n_points, scratch);
    if (status != SV_OK) {
        return status;
    }
    grow_box(tracker, input);
    double clutter = scan_clutter(tracker);
    size_t n_sites = (size_t)tracker->sites->n;
    for (size_t j = 0; j < tracker->n; j++) {
        sv_target *target = &tracker->target[j];
        double pd = tracker->pd[(size_t)target->slot * n_sites];
        p.first[j] = p.n;
        p.alone[j] = -sv_log(1 - look_pd(target, pd));
        gate_points(tracker, input, &p, (int32_t)j, pd, clutter);
    }
    status = sv_assign_sparse(p.chosen, (int32_t)tracker->n, (int32_t)input->n_points, p.edge, p.n, p.alone, scratch);
    if (status != SV_OK) {
        return status;
    }
    size_t n_used = 0;
    for (size_t j = 0; j < tracker->n; j++) {
        sv_target *target = &tracker->target[j];
        double *pd = &tracker->pd[(size_t)target->slot * n_sites];
        if (p.chosen[j] < 0) {
            sv_target_missed(target, pd, config);
            continue;
        }
        sv_measurement *q = chosen_innovation(&p, (int32_t)j);
        sv_kalman_predict(&target->kalman, input->point[p.chosen[j]].t, config->accel_psd);
        sv_target_hit(target, pd, config, q, clutter);
        sv_tracker_note(tracker, target, q, input->point[p.chosen[j]].t, -1);
        sv_kalman_update(&target->kalman, q);
        stay_honest(target, q);
        target->t_updated = target->kalman.t;
        used_by[p.chosen[j]] = target->id;
        n_used += target->existence > 0.5 ? 1 : 0;
    }
    tracker->scan_clutter += ((double)(input->n_points - n_used) - tracker->scan_clutter) * 0.1;
    sv_arena_reset(scratch, mark);
    return SV_OK;
}
