#include <core/track/tracker_internal.h>
#include <skyvox/math.h>

#include <stdlib.h>
#include <string.h>

sv_status sv_tracker_create(sv_tracker **out, const sv_config *config, const sv_sites *sites) {
    *out = NULL;
    sv_tracker *tracker = calloc(1, sizeof *tracker);
    if (tracker == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory for the tracker");
    }
    size_t cap = (size_t)config->caps.tracks;
    size_t n_sites = sites->n > 0 ? (size_t)sites->n : 1;
    tracker->config = config;
    tracker->sites = sites;
    tracker->cap = cap;
    tracker->next_id = 1;
    tracker->target = calloc(cap, sizeof *tracker->target);
    tracker->pd = calloc(cap * n_sites, sizeof *tracker->pd);
    tracker->free_slot = calloc(cap, sizeof *tracker->free_slot);
    tracker->clutter = calloc(n_sites, sizeof *tracker->clutter);
    tracker->out = calloc(cap, sizeof *tracker->out);
    tracker->innovation =
        calloc((size_t)config->caps.rays_per_set + (size_t)config->caps.points_per_set, sizeof *tracker->innovation);
    tracker->gate2 = sv_chi2_quantile(config->track.gate_p, 2);
    tracker->gate3 = sv_chi2_quantile(config->track.gate_p, 3);
    if (tracker->target == NULL || tracker->pd == NULL || tracker->free_slot == NULL || tracker->clutter == NULL ||
        tracker->out == NULL || tracker->innovation == NULL) {
        sv_tracker_destroy(tracker);
        return sv_fail(SV_ERR_NOMEM, "out of memory for %zu tracks", cap);
    }
    for (size_t i = 0; i < cap; i++) {
        tracker->free_slot[i] = (int32_t)(cap - 1 - i);
    }
    tracker->n_free = cap;
    *out = tracker;
    return SV_OK;
}

void sv_tracker_destroy(sv_tracker *tracker) {
    if (tracker == NULL) {
        return;
    }
    free(tracker->target);
    free(tracker->pd);
    free(tracker->free_slot);
    free(tracker->clutter);
    free(tracker->out);
    free(tracker->innovation);
    free(tracker);
}

const sv_track *sv_tracker_get(const sv_tracker *tracker, size_t *n) {
    *n = tracker->n;
    return tracker->out;
}

const sv_innovation *sv_tracker_get_innovations(const sv_tracker *tracker, size_t *n) {
    *n = tracker->n_innovations;
    return tracker->innovation;
}

void sv_tracker_note(sv_tracker *tracker, const sv_target *target, const sv_measurement *q, sv_time t, int32_t site) {
    tracker->innovation[tracker->n_innovations++] =
        (sv_innovation){.track = target->id, .t = t, .nis = q->d2, .dof = q->m, .site = site};
}

/** Rays of one site, to be worked in at the time of the earliest. */
typedef struct group {
    sv_time t;
    int32_t site;
    int32_t begin, n;
} group;

static bool group_less(const void *a, const void *b, void *user) {
    (void)user;
    const group *x = a;
    const group *y = b;
    return x->t < y->t;
}

static bool site_alive(const sv_tracker *tracker, const sv_track_input *input, int32_t site) {
    for (int32_t i = 0; i < tracker->config->n_cameras; i++) {
        if (tracker->sites->of_camera[i] == site && input->alive[i]) {
            return true;
        }
    }
    return false;
}

/** Cut the rays into sites and order the sites by time: each is a look of its own. */
static sv_status run_sites(sv_tracker *tracker, const sv_track_input *input, int64_t *used_by, sv_arena *scratch) {
    int32_t n_sites = tracker->sites->n;
    group *groups = sv_arena_take(scratch, (size_t)n_sites + 1, sizeof *groups);
    group *spare = sv_arena_take(scratch, (size_t)n_sites + 1, sizeof *spare);
    int32_t *order = sv_arena_take(scratch, input->n_rays + 1, sizeof *order);
    if (groups == NULL || spare == NULL || order == NULL) {
        return sv_fail(SV_ERR_LIMIT, "track: scratch too small for %zu rays", input->n_rays);
    }
    size_t n_groups = 0;
    int32_t at = 0;
    for (int32_t s = 0; s < n_sites; s++) {
        group g = {.t = input->t, .site = s, .begin = at};
        for (size_t i = 0; i < input->n_rays; i++) {
            if (input->ray[i].site == tracker->sites->site[s].id) {
                g.t = g.n == 0 || input->ray[i].t < g.t ? input->ray[i].t : g.t;
                order[at++] = (int32_t)i;
                g.n++;
            }
        }
        if (g.n > 0 || site_alive(tracker, input, s)) {
            groups[n_groups++] = g;
        }
    }
    sv_sort(groups, n_groups, sizeof *groups, group_less, NULL, spare);
    for (size_t i = 0; i < n_groups; i++) {
        const group *g = &groups[i];
        sv_status status = sv_tracker_site(tracker, input, g->site, &order[g->begin], g->n, used_by, scratch);
        if (status != SV_OK) {
            return status;
        }
    }
    return SV_OK;
}

/** A track is reported from its confirmation on, while it more likely exists than not and knows its place. */
static sv_track_state state_of(const sv_tracker *tracker, const sv_target *target, const sv_kalman *k) {
    if (!target->confirmed || target->existence < 0.5) {
        return SV_TRACK_TENTATIVE;
    }
    return sv_kalman_position_sigma(k) > tracker->config->track.gate_m ? SV_TRACK_DORMANT : SV_TRACK_CONFIRMED;
}

/** What the world sees: states carried to the set's time. */
static void publish(sv_tracker *tracker, sv_time t) {
    const sv_track_config *config = &tracker->config->track;
    for (size_t i = 0; i < tracker->n; i++) {
        const sv_target *target = &tracker->target[i];
        sv_kalman k = target->kalman;
        sv_kalman_predict(&k, t, config->accel_psd);
        sv_track *out = &tracker->out[i];
        *out = (sv_track){
            .id = target->id,
            .state = state_of(tracker, target, &k),
            .t = t,
            .p_w = {k.x[0], k.x[1], k.x[2]},
            .v_w = {k.x[3], k.x[4], k.x[5]},
            .existence = target->existence,
            .class_prob = {[SV_CLASS_UNKNOWN] = 1},
            .t_updated = target->t_updated,
        };
        memcpy(out->cov, k.P, sizeof out->cov);
    }
}

sv_status sv_tracker_run(sv_tracker *tracker, const sv_track_input *input, sv_arena *scratch) {
    size_t mark = scratch->used;
    int64_t *ray_used_by = sv_arena_take(scratch, input->n_rays + 1, sizeof *ray_used_by);
    int64_t *point_used_by = sv_arena_take(scratch, input->n_points + 1, sizeof *point_used_by);
    if (ray_used_by == NULL || point_used_by == NULL) {
        return sv_fail(SV_ERR_LIMIT, "track: scratch too small");
    }
    tracker->n_innovations = 0;
    memset(ray_used_by, 0, input->n_rays * sizeof *ray_used_by);
    memset(point_used_by, 0, input->n_points * sizeof *point_used_by);
    sv_status status = run_sites(tracker, input, ray_used_by, scratch);
    if (status == SV_OK && input->n_scans > 0) {
        status = sv_tracker_scan(tracker, input, point_used_by, scratch);
    }
    if (status == SV_OK) {
        sv_tracker_prune(tracker, input->t);
        sv_tracker_births(tracker, input, ray_used_by, point_used_by);
        publish(tracker, input->t);
    }
    sv_arena_reset(scratch, mark);
    return status;
}
