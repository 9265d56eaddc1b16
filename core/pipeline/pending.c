#include <core/pipeline/pending.h>

#include <stdlib.h>
#include <string.h>

sv_status sv_waiting_init(sv_waiting *out, const sv_config *config) {
    enum { SETS = 4 }; // a set, its late rows, and what came since
    const sv_caps_config *caps = &config->caps;
    size_t image = (size_t)config->detect.max_per_frame; // one image must always find room
    size_t sets = SETS * (size_t)caps->detections_per_set;
    sv_waiting w = {
        .cap = (size_t)caps->pending_frames,
        .detections_cap = sets > image ? sets : image,
        .rays_cap = SETS * (size_t)caps->rays_per_set,
        .points_cap = SETS * (size_t)caps->points_per_set,
    };
    w.item = malloc(w.cap * sizeof *w.item);
    w.detection = malloc(w.detections_cap * sizeof *w.detection);
    w.ray = malloc(w.rays_cap * sizeof *w.ray);
    w.point = malloc(w.points_cap * sizeof *w.point);
    w.n_cameras = (size_t)config->n_cameras;
    w.alive = malloc(w.cap * (w.n_cameras + 1) * sizeof *w.alive);
    *out = w;
    if (w.item == NULL || w.detection == NULL || w.ray == NULL || w.point == NULL || w.alive == NULL) {
        sv_waiting_fini(out);
        return sv_fail(SV_ERR_NOMEM, "out of memory for waiting frames");
    }
    return SV_OK;
}

void sv_waiting_fini(sv_waiting *w) {
    free(w->item);
    free(w->detection);
    free(w->ray);
    free(w->point);
    free(w->alive);
    *w = (sv_waiting){0};
}

bool sv_waiting_can_hold(const sv_waiting *w, sv_event_kind kind, size_t n) {
    const sv_waiting empty = {
        .cap = w->cap,
        .detections_cap = w->detections_cap,
        .rays_cap = w->rays_cap,
        .points_cap = w->points_cap,
    };
    return sv_waiting_has_room(&empty, kind, n);
}

bool sv_waiting_has_room(const sv_waiting *w, sv_event_kind kind, size_t n) {
    if (w->n == w->cap) {
        return false;
    }
    switch (kind) {
    case SV_EVENT_FRAME:
    case SV_EVENT_DETECTIONS:
        return n <= w->detections_cap - w->n_detections;
    case SV_EVENT_BEARINGS:
        return n <= w->rays_cap - w->n_rays;
    case SV_EVENT_POINTS:
        return n <= w->points_cap - w->n_points;
    default:
        return true;
    }
}

void sv_waiting_put(sv_waiting *w, const sv_event *event, int64_t set, size_t n) {
    sv_pending *p = &w->item[w->n++];
    *p = (sv_pending){
        .seq = event->seq,
        .t = event->t,
        .set = set,
        .camera = event->camera,
        .frame = event->frame,
        .kind = event->kind,
        .n = n,
    };
    switch (event->kind) {
    case SV_EVENT_FRAME: // its candidates are in place already
        p->begin = w->n_detections;
        w->n_detections += n;
        break;
    case SV_EVENT_DETECTIONS:
        p->begin = w->n_detections;
        memcpy(&w->detection[w->n_detections], event->as.detections.item, n * sizeof *w->detection);
        w->n_detections += n;
        break;
    case SV_EVENT_BEARINGS:
        p->begin = w->n_rays;
        memcpy(&w->ray[w->n_rays], event->as.bearings.item, n * sizeof *w->ray);
        w->n_rays += n;
        p->alive = w->n_alive;
        for (size_t i = 0; i < w->n_cameras; i++) {
            w->alive[w->n_alive++] = event->as.bearings.alive == NULL || event->as.bearings.alive[i];
        }
        break;
    case SV_EVENT_POINTS:
        p->begin = w->n_points;
        memcpy(&w->point[w->n_points], event->as.points.item, n * sizeof *w->point);
        w->n_points += n;
        break;
    default:
        break;
    }
}

int64_t sv_waiting_first_set(const sv_waiting *w) {
    int64_t first = -1;
    for (size_t i = 0; i < w->n; i++) {
        first = first < 0 || w->item[i].set < first ? w->item[i].set : first;
    }
    return first;
}

/** Keep an item's detections from `horizon` on (all when it belongs to a later set) at the pool's new end. */
static void keep_detections(sv_waiting *w, sv_pending *p, bool all, sv_time horizon) {
    size_t begin = w->n_detections;
    for (size_t i = p->begin; i < p->begin + p->n; i++) {
        if (all || w->detection[i].t > horizon) {
            w->detection[w->n_detections++] = w->detection[i];
        }
    }
    p->n = w->n_detections - begin;
    p->begin = begin;
}

void sv_waiting_drop(sv_waiting *w, int64_t set, sv_time horizon) {
    size_t n = 0;
    w->n_detections = 0;
    w->n_rays = 0;
    w->n_points = 0;
    w->n_alive = 0;
    // items are in order of arrival, so every copy goes to the front of where it came from
    for (size_t i = 0; i < w->n; i++) {
        sv_pending p = w->item[i];
        bool later = p.set > set;
        if (p.kind == SV_EVENT_FRAME || p.kind == SV_EVENT_DETECTIONS) {
            keep_detections(w, &p, later, horizon);
        } else if (later && p.kind == SV_EVENT_BEARINGS) {
            memmove(&w->ray[w->n_rays], &w->ray[p.begin], p.n * sizeof *w->ray);
            p.begin = w->n_rays;
            w->n_rays += p.n;
            memmove(&w->alive[w->n_alive], &w->alive[p.alive], w->n_cameras * sizeof *w->alive);
            p.alive = w->n_alive;
            w->n_alive += w->n_cameras;
        } else if (later && p.kind == SV_EVENT_POINTS) {
            memmove(&w->point[w->n_points], &w->point[p.begin], p.n * sizeof *w->point);
            p.begin = w->n_points;
            w->n_points += p.n;
        }
        if (!later) {
            p.set = set + 1; // what is left of it are rows of the next set
            p.announced = true;
        }
        if (later || ((p.kind == SV_EVENT_FRAME || p.kind == SV_EVENT_DETECTIONS) && p.n > 0)) {
            w->item[n++] = p;
        }
    }
    w->n = n;
}
