#include <core/base/arena.h>
#include <core/base/float_mode.h>
#include <core/base/sites.h>
#include <core/detect/detect.h>
#include <core/fuse/fuse.h>
#include <core/pipeline/event_check.h>
#include <core/pipeline/pending.h>
#include <core/pipeline/products_hash.h>
#include <core/track/tracker.h>
#include <core/voxel/consensus.h>
#include <skyvox/math.h>
#include <skyvox/pipeline.h>

#include <stdlib.h>
#include <string.h>

struct sv_state {
    const sv_config *config;
    sv_probe probe;
    sv_sites sites;
    sv_sync *sync;
    sv_detector *detector; /* NULL without backend */
    sv_tracker *tracker;
    sv_waiting waiting;
    sv_arena scratch;
    bool *alive;             /* [n_cameras] of the set being closed */
    sv_detection *detection; /* [caps.detections_per_set] products of the last set */
    sv_ray *ray;
    sv_point *point;
    sv_products products;
    sv_detection *seen; /* [detect.max_per_frame] in the newest image */
    sv_image_products image;
    int64_t next_set;
    uint64_t last_seq;
    bool any_event;
    bool holding; /* `held` was given but had no room yet */
    sv_event held;
    bool ended;
};

sv_status sv_state_create(sv_state **out, const sv_config *config, const sv_backend *backend, sv_team *team,
                          const sv_probe *probe) {
    *out = NULL;
    sv_status status = sv_config_check(config);
    if (status != SV_OK) {
        return status;
    }
    sv_state *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory for the state");
    }
    const sv_caps_config *caps = &config->caps;
    s->config = config;
    s->probe = probe != NULL ? *probe : (sv_probe){0};
    s->alive = calloc((size_t)config->n_cameras + 1, sizeof *s->alive);
    s->detection = malloc((size_t)caps->detections_per_set * sizeof *s->detection);
    s->ray = malloc((size_t)caps->rays_per_set * sizeof *s->ray);
    s->point = malloc((size_t)caps->points_per_set * sizeof *s->point);
    s->image.camera = -1;
    if (backend != NULL) {
        s->seen = malloc((size_t)config->detect.max_per_frame * sizeof *s->seen);
    }
    if (s->alive == NULL || s->detection == NULL || s->ray == NULL || s->point == NULL ||
        (backend != NULL && s->seen == NULL)) {
        status = sv_fail(SV_ERR_NOMEM, "out of memory for the products of a frame set");
    }
    status = status != SV_OK ? status : sv_sites_init(&s->sites, config);
    status = status != SV_OK ? status : sv_sync_create(&s->sync, config);
    status = status != SV_OK ? status : sv_waiting_init(&s->waiting, config);
    status = status != SV_OK ? status : sv_tracker_create(&s->tracker, config, &s->sites);
    if (status == SV_OK && backend != NULL) {
        status = sv_detector_create(&s->detector, config, backend, team);
    }
    // untouched pages cost nothing: room for the worst set, used by what comes
    size_t scratch =
        ((size_t)64 << 20) + 4096 * ((size_t)caps->rays_per_set + (size_t)caps->tracks + (size_t)caps->points_per_set);
    status = status != SV_OK ? status : sv_arena_create(&s->scratch, scratch);
    if (status != SV_OK) {
        sv_state_destroy(s);
        return status;
    }
    *out = s;
    return SV_OK;
}

void sv_state_destroy(sv_state *s) {
    if (s == NULL) {
        return;
    }
    sv_arena_destroy(&s->scratch);
    sv_detector_destroy(s->detector);
    sv_tracker_destroy(s->tracker);
    sv_waiting_fini(&s->waiting);
    sv_sync_destroy(s->sync);
    sv_sites_fini(&s->sites);
    free(s->alive);
    free(s->detection);
    free(s->seen);
    free(s->ray);
    free(s->point);
    free(s);
}

const sv_products *sv_state_products(const sv_state *state) {
    return &state->products;
}

const sv_image_products *sv_state_image_products(const sv_state *state) {
    return &state->image;
}

double sv_state_noise_dn(const sv_state *state, int32_t u, int32_t v) {
    return sv_detector_noise_dn(state->detector, state->image.camera, u, v);
}

/* ---- the stages ---- */

static size_t event_size(const sv_state *s, const sv_event *e) {
    return sv_event_size(s->config, e);
}

static sv_status check_event(const sv_state *s, const sv_event *e) {
    if (s->ended || (s->any_event && e->seq <= s->last_seq)) {
        return sv_fail(SV_ERR_ARG, "event %llu: after the end or out of order", (unsigned long long)e->seq);
    }
    sv_status status = sv_event_check(s->config, e, s->detector != NULL);
    if (status == SV_OK && !sv_waiting_can_hold(&s->waiting, e->kind, event_size(s, e))) {
        return sv_fail(SV_ERR_LIMIT, "event %llu: larger than pipeline.caps", (unsigned long long)e->seq);
    }
    return status;
}

static void mark(const sv_state *s, sv_stage stage, bool begin) {
    if (s->probe.mark != NULL) {
        s->probe.mark(s->probe.user, stage, begin);
    }
}

/** The image's candidates, kept beyond the closing of its set. */
static void note_image(sv_state *s, int32_t camera, const sv_detection *detection, size_t n) {
    memcpy(s->seen, detection, n * sizeof *detection);
    s->image = (sv_image_products){.camera = camera,
                                   .detection = s->seen,
                                   .n_detections = n,
                                   .background = sv_detector_background(s->detector, camera),
                                   .warm = sv_detector_is_warm(s->detector, camera)};
}

/** Take the held event in: detect on arrival, then let it wait for its set. A set that has closed gets nothing more. */
static sv_status consume(sv_state *s) {
    const sv_event *e = &s->held;
    s->holding = false;
    if (e->kind == SV_EVENT_END) {
        s->ended = true;
        return SV_OK;
    }
    int64_t set = sv_sync_set_of(s->sync, e->t);
    // a set that starts from recorded points has its bearings first: only the points complete it
    bool completes = e->kind != SV_EVENT_BEARINGS || s->config->from == SV_STAGE_VOXEL;
    bool late = completes && sv_sync_advance(s->sync, e->camera, e->t);
    size_t n = event_size(s, e);
    if (e->kind == SV_EVENT_FRAME) {
        mark(s, SV_STAGE_DETECT, true);
        sv_detection *out = &s->waiting.detection[s->waiting.n_detections];
        sv_status status = sv_detector_run(s->detector, out, &n, &e->as.image, late);
        mark(s, SV_STAGE_DETECT, false);
        if (status != SV_OK) {
            return status;
        }
        note_image(s, e->camera, out, n);
    }
    if (set >= s->next_set && e->kind != SV_EVENT_GAP) {
        sv_waiting_put(&s->waiting, e, set, n);
    }
    return SV_OK;
}

static bool pending_less(const void *a, const void *b, void *user) {
    const sv_waiting *w = user;
    const sv_pending *x = &w->item[*(const size_t *)a];
    const sv_pending *y = &w->item[*(const size_t *)b];
    return x->camera < y->camera;
}

/** Detections of one waiting frame that belong to the set, `limit` at most. */
static void gather_detections(sv_state *s, const sv_pending *p, sv_time horizon, size_t limit) {
    size_t cap = (size_t)s->config->caps.detections_per_set;
    size_t n_taken = 0;
    for (size_t i = p->begin; i < p->begin + p->n && s->products.n_detections < cap && n_taken < limit; i++) {
        if (s->waiting.detection[i].t <= horizon) {
            s->detection[s->products.n_detections++] = s->waiting.detection[i];
            n_taken++;
        }
    }
}

static void gather_rays(sv_state *s, const sv_pending *p) {
    size_t cap = (size_t)s->config->caps.rays_per_set;
    for (size_t i = 0; i < p->n && s->products.n_rays < cap; i++) {
        s->ray[s->products.n_rays++] = s->waiting.ray[p->begin + i];
    }
}

static void gather_points(sv_state *s, const sv_pending *p) {
    size_t cap = (size_t)s->config->caps.points_per_set;
    for (size_t i = 0; i < p->n && s->products.n_points < cap; i++) {
        s->point[s->products.n_points++] = s->waiting.point[p->begin + i];
    }
}

/** Bring together what waits for the set, camera by camera, and write the first line of the ledger. */
static sv_status gather(sv_state *s, int64_t set, int32_t *n_scans) {
    sv_products *out = &s->products;
    *out = (sv_products){.set = set, .t = sv_sync_time_of(s->sync, set), .t_horizon = sv_sync_horizon_of(s->sync, set)};
    out->ledger.set = set;
    size_t *order = sv_arena_take(&s->scratch, s->waiting.n + 1, sizeof *order);
    size_t *spare = sv_arena_take(&s->scratch, s->waiting.n + 1, sizeof *spare);
    if (order == NULL || spare == NULL) {
        return sv_fail(SV_ERR_LIMIT, "pipeline: scratch too small for %zu waiting frames", s->waiting.n);
    }
    size_t total = 0;
    for (size_t i = 0; i < s->waiting.n; i++) {
        order[i] = i;
        total += s->waiting.item[i].set <= set ? s->waiting.item[i].n : 0;
    }
    sv_sort(order, s->waiting.n, sizeof *order, pending_less, &s->waiting, spare);
    size_t n_cameras = s->config->n_cameras > 0 ? (size_t)s->config->n_cameras : 1;
    size_t cap = (size_t)s->config->caps.detections_per_set;
    size_t share = cap / n_cameras > 0 ? cap / n_cameras : 1;
    size_t limit = total <= cap ? total : share; // too many: every camera gets its share, strongest first
    memset(s->alive, 0, n_cameras * sizeof *s->alive);
    bool recorded = s->config->from == SV_STAGE_TRACK && s->config->n_cameras > 0; // points of rays, not measurements
    sv_hash hash = sv_hash_begin();
    sv_hash_i64(&hash, set);
    sv_hash_i64(&hash, out->t);
    for (size_t i = 0; i < s->waiting.n; i++) {
        const sv_pending *p = &s->waiting.item[order[i]];
        if (p->set > set) {
            continue;
        }
        if (!p->announced) {
            sv_hash_i64(&hash, p->camera);
            sv_hash_i64(&hash, p->frame);
            sv_hash_i64(&hash, p->t);
            *n_scans += p->kind == SV_EVENT_POINTS && !recorded ? 1 : 0;
            if (p->camera >= 0) {
                s->alive[p->camera] = true;
            }
        }
        if (p->kind == SV_EVENT_BEARINGS) {
            gather_rays(s, p);
            memcpy(s->alive, &s->waiting.alive[p->alive], (size_t)s->config->n_cameras * sizeof *s->alive);
        } else if (p->kind == SV_EVENT_POINTS) {
            gather_points(s, p);
        } else {
            gather_detections(s, p, out->t_horizon, limit);
        }
    }
    out->ledger.hash[SV_STAGE_SYNC] = sv_hash_end(&hash);
    return SV_OK;
}

static sv_status run_fuse(sv_state *s) {
    size_t n_imported = s->products.n_rays;
    size_t n = 0;
    sv_status status = sv_fuse_run(&s->ray[n_imported], &n, (size_t)s->config->caps.rays_per_set - n_imported,
                                   s->config, s->detection, s->products.n_detections, &s->scratch);
    s->products.n_rays += n;
    return status;
}

/** Recorded points name rays of their set. */
static sv_status check_point_rays(const sv_state *s) {
    for (size_t i = 0; i < s->products.n_points; i++) {
        for (int32_t k = 0; k < s->point[i].n_rays; k++) {
            if (s->point[i].ray[k] < 0 || (size_t)s->point[i].ray[k] >= s->products.n_rays) {
                return sv_fail(SV_ERR_INPUT, "frame set %lld: point %zu names ray %d of %zu",
                               (long long)s->products.set, i, (int)s->point[i].ray[k], s->products.n_rays);
            }
        }
    }
    return SV_OK;
}

static sv_status run_voxel(sv_state *s) {
    if (s->config->from == SV_STAGE_TRACK) {
        return check_point_rays(s);
    }
    size_t n_imported = s->products.n_points;
    size_t n = 0;
    sv_status status = sv_consensus_run(&s->point[n_imported], &n, (size_t)s->config->caps.points_per_set - n_imported,
                                        s->config, &s->sites, s->ray, s->products.n_rays, &s->scratch);
    s->products.n_points += n;
    return status;
}

static sv_status run_track(sv_state *s, int32_t n_scans) {
    const sv_track_input input = {
        .t = s->products.t,
        .ray = s->ray,
        .n_rays = s->products.n_rays,
        .point = s->point,
        .n_points = s->products.n_points,
        .alive = s->alive,
        .n_scans = n_scans,
    };
    sv_status status = sv_tracker_run(s->tracker, &input, &s->scratch);
    s->products.track = sv_tracker_get(s->tracker, &s->products.n_tracks);
    s->products.innovation = sv_tracker_get_innovations(s->tracker, &s->products.n_innovations);
    return status;
}

/** Close the next set: every stage in order, one hash each. */
static sv_status close_set(sv_state *s) {
    int32_t n_scans = 0;
    sv_products *out = &s->products;
    sv_arena_reset(&s->scratch, 0);
    mark(s, SV_STAGE_SYNC, true);
    sv_status status = gather(s, s->next_set, &n_scans);
    mark(s, SV_STAGE_SYNC, false);
    if (status != SV_OK) {
        return status;
    }
    mark(s, SV_STAGE_FUSE, true);
    status = run_fuse(s);
    mark(s, SV_STAGE_FUSE, false);
    if (status != SV_OK) {
        return status;
    }
    mark(s, SV_STAGE_VOXEL, true);
    status = run_voxel(s);
    mark(s, SV_STAGE_VOXEL, false);
    if (status != SV_OK) {
        return status;
    }
    mark(s, SV_STAGE_TRACK, true);
    status = run_track(s, n_scans);
    mark(s, SV_STAGE_TRACK, false);
    if (status != SV_OK) {
        return status;
    }
    out->alive = s->alive;
    out->detection = s->detection;
    out->ray = s->ray;
    out->point = s->point;
    out->ledger.hash[SV_STAGE_DETECT] = sv_products_hash_detections(s->detection, out->n_detections);
    out->ledger.hash[SV_STAGE_FUSE] = sv_products_hash_rays(s->ray, out->n_rays);
    out->ledger.hash[SV_STAGE_VOXEL] = sv_products_hash_points(s->point, out->n_points);
    out->ledger.hash[SV_STAGE_TRACK] = sv_products_hash_tracks(out->track, out->n_tracks);
    sv_waiting_drop(&s->waiting, s->next_set, out->t_horizon);
    s->next_set++;
    return SV_AGAIN;
}

/**
 * A long silence is skipped up to its last empty set, in which every track dies: a torn time stamp must not cost a million
 * empty sets.
 */
static void skip_silence(sv_state *s) {
    double silent_s = s->config->track.dormant_max_s + 10;
    int64_t first = sv_waiting_first_set(&s->waiting);
    if (first >= 0 && (double)(first - s->next_set) > silent_s * s->config->sync.rate_hz) {
        s->next_set = first - 1;
    }
}

static sv_status step(const sv_config *config, sv_state *s, const sv_event *event) {
    if (config != s->config) {
        return sv_fail(SV_ERR_ARG, "sv_step: not the configuration of this state");
    }
    if (event != NULL) {
        if (s->holding) {
            return sv_fail(SV_ERR_ARG, "sv_step: an event came before the last one was worked in");
        }
        sv_status status = check_event(s, event);
        if (status != SV_OK) {
            return status;
        }
        s->held = *event;
        s->holding = true;
        s->last_seq = event->seq;
        s->any_event = true;
    }
    if (s->holding) {
        if (!sv_waiting_has_room(&s->waiting, s->held.kind, event_size(s, &s->held))) {
            // make room by closing the oldest set before its time
            return s->waiting.n > 0 ? close_set(s)
                                    : sv_fail(SV_ERR_LIMIT, "event %llu: larger than pipeline.caps",
                                              (unsigned long long)s->held.seq);
        }
        sv_status status = consume(s);
        if (status != SV_OK) {
            return status;
        }
    }
    skip_silence(s);
    bool due =
        s->ended ? s->waiting.n > 0 : (s->any_event && s->waiting.n > 0 && sv_sync_can_close(s->sync, s->next_set));
    return due ? close_set(s) : SV_OK;
}

sv_status sv_step(const sv_config *config, sv_state *s, const sv_event *event) {
    unsigned mode = sv_float_mode_enter();
    sv_status status = step(config, s, event);
    sv_float_mode_leave(mode);
    return status;
}
