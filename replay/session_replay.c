/* A session as a source of events, from any stage that was recorded. */
#include <replay/session_parts.h>
#include <replay/video.h>

#include <math.h>
#include <skyvox/math.h>
#include <stdlib.h>
#include <string.h>

enum { SETS_CACHED = 8 };

/* Detections of a recorded set, kept while frames near it are replayed. */
typedef struct cached_set {
    int64_t i; /* place in the recording; -1 none */
    sv_time t_horizon;
    sv_detection *detection;
    size_t n;
} cached_set;

struct sv_replay {
    sv_session *session;
    sv_replay_from from;
    sv_team *team;
    bool has_pixels; /* the log holds FRAME events */
    int64_t i_event, n_events;
    int64_t i_set, n_sets;
    int64_t i_truth, n_truth;
    bool any; /* an event of the log was given */
    uint64_t seq;
    sv_time t;
    bool ended;
    bool points_due;               /* the bearings of set i_set were given */
    cached_set cache[SETS_CACHED]; /* set i in place i % SETS_CACHED */
    int64_t i_near;                /* first set that may hold what the newest frame gave */
    sv_session_buffer gathered;
    int64_t n_damaged;
};

static const char *const from_names[] = {"auto", "pixels", "detections", "bearings", "points"};

sv_status sv_replay_from_parse(sv_replay_from *out, const char *name) {
    for (int i = 0; i < 5; i++) {
        if (strcmp(name, from_names[i]) == 0) {
            *out = (sv_replay_from)i;
            return SV_OK;
        }
    }
    return sv_fail(SV_ERR_ARG, "\"%s\": expected auto, pixels, detections, bearings or points", name);
}

const char *sv_replay_from_name(sv_replay_from from) {
    return from_names[from];
}

/* ---- what was recorded ---- */

/* First readable event of a kind that brings measurements; -1 none. */
static int measured_kind(sv_session *s) {
    int64_t n = sv_session_rows(s, SV_TABLE_EVENTS);
    for (int64_t i = 0; i < n; i++) {
        sv_event_row row;
        if (sv_session_row(&row, s, SV_TABLE_EVENTS, i) == SV_OK && row.kind <= SV_EVENT_POINTS) {
            return row.kind;
        }
    }
    return -1;
}

static bool has_recorded(const sv_session *s, int kind, sv_replay_from from) {
    bool sets = sv_session_n_sets(s) > 0;
    switch (from) {
    case SV_FROM_PIXELS:
        return kind == SV_EVENT_FRAME && (s->meta.level == SV_RECORD_FRAMES || s->meta.level == SV_RECORD_HEVC);
    case SV_FROM_DETECTIONS:
        return kind == SV_EVENT_DETECTIONS || (kind == SV_EVENT_FRAME && sets);
    case SV_FROM_BEARINGS:
        return s->config.n_cameras > 0 && sets;
    case SV_FROM_POINTS:
        return kind == SV_EVENT_POINTS || (s->config.n_cameras > 0 && sets);
    case SV_FROM_AUTO:
        break;
    }
    return false;
}

static sv_status choose(sv_replay *r, sv_replay_from from, int kind) {
    for (int i = SV_FROM_PIXELS; from == SV_FROM_AUTO && i <= SV_FROM_POINTS; i++) {
        if (has_recorded(r->session, kind, (sv_replay_from)i)) {
            from = (sv_replay_from)i;
        }
    }
    if (from == SV_FROM_PIXELS && r->session->meta.level == SV_RECORD_TILES) {
        return sv_fail(
            SV_ERR_INPUT,
            "%s: level tiles keeps what stands out, not the pixels: replay from detections, bearings or points",
            sv_segment_path(r->session->segment[0]));
    }
    if (!has_recorded(r->session, kind, from)) {
        return sv_fail(SV_ERR_INPUT, "%s: no %s were recorded to replay from", sv_segment_path(r->session->segment[0]),
                       from == SV_FROM_AUTO ? "events" : from_names[from]);
    }
    if (from == SV_FROM_PIXELS && r->session->meta.level == SV_RECORD_HEVC && !sv_video_is_supported()) {
        return sv_fail(SV_ERR_UNSUPPORTED,
                       "%s: its pixels are videos, and this build has no video support: replay from detections, or "
                       "install libavformat-dev, libavcodec-dev and libavutil-dev and build again",
                       sv_segment_path(r->session->segment[0]));
    }
    r->from = from;
    r->has_pixels = kind == SV_EVENT_FRAME;
    bool imported = kind == SV_EVENT_POINTS; /* points that no rays made enter as events */
    sv_stage stage = from == SV_FROM_BEARINGS              ? SV_STAGE_VOXEL
                     : from == SV_FROM_POINTS && !imported ? SV_STAGE_TRACK
                                                           : SV_STAGE_SYNC;
    r->session->config.from = stage;
    return SV_OK;
}

static void seek(sv_replay *r, double seek_s) {
    sv_event_row row = {0};
    for (int64_t i = 0; i < r->n_events && sv_session_row(&row, r->session, SV_TABLE_EVENTS, i) != SV_OK; i++) {
    }
    if (seek_s <= 0) {
        return;
    }
    sv_time t = (sv_session_time_holds(row.t) ? row.t : 0) + sv_time_from_s(seek_s < 1e9 ? seek_s : 1e9);
    r->i_event = sv_session_seek(r->session, SV_TABLE_EVENTS, t);
    r->i_set = sv_session_seek(r->session, SV_TABLE_SETS, t);
    r->i_truth = sv_session_seek(r->session, SV_TABLE_TRUTH_STAMPS, t);
    r->i_near = r->i_set;
}

sv_status sv_replay_create(sv_replay **out, sv_session *session, sv_replay_from from, double seek_s, sv_team *team) {
    *out = NULL;
    sv_replay *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    r->session = session;
    r->team = team;
    r->n_events = sv_session_rows(session, SV_TABLE_EVENTS);
    r->n_sets = sv_session_n_sets(session);
    r->n_truth = sv_session_rows(session, SV_TABLE_TRUTH_STAMPS);
    for (int i = 0; i < SETS_CACHED; i++) {
        r->cache[i].i = -1;
    }
    sv_status status = choose(r, from, measured_kind(session));
    if (status != SV_OK) {
        sv_replay_destroy(r);
        return status;
    }
    seek(r, seek_s);
    *out = r;
    return SV_OK;
}

void sv_replay_destroy(sv_replay *r) {
    if (r == NULL) {
        return;
    }
    for (int i = 0; i < SETS_CACHED; i++) {
        free(r->cache[i].detection);
    }
    free(r->gathered.data);
    free(r);
}

sv_stage sv_replay_first_stage(const sv_replay *r) {
    return r->session->config.from >= SV_STAGE_VOXEL ? SV_STAGE_FUSE : SV_STAGE_SYNC;
}

bool sv_replay_gives_pixels(const sv_replay *r) {
    return r->from == SV_FROM_PIXELS;
}

int64_t sv_replay_n_damaged(const sv_replay *r) {
    return r->n_damaged;
}

/* ---- detections of a frame out of the sets they went to ---- */

/* NULL: unreadable. */
static const cached_set *set_at(sv_replay *r, int64_t i) {
    cached_set *set = &r->cache[i % SETS_CACHED];
    if (set->i == i) {
        return set;
    }
    const sv_products *products;
    set->i = -1;
    if (sv_session_read_set(&products, r->session, i) != SV_OK) {
        return NULL;
    }
    sv_detection *copy = realloc(set->detection, (products->n_detections + 1) * sizeof *copy);
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, products->detection, products->n_detections * sizeof *copy);
    *set = (cached_set){.i = i, .t_horizon = products->t_horizon, .detection = copy, .n = products->n_detections};
    return set;
}

/* Sets before i_near end before t; a damaged set is passed over. */
static void go_near(sv_replay *r, sv_time t) {
    const cached_set *set;
    while (r->i_near > 0 && (set = set_at(r, r->i_near - 1)) != NULL && set->t_horizon >= t) {
        r->i_near--;
    }
    while (r->i_near < r->n_sets && ((set = set_at(r, r->i_near)) == NULL || set->t_horizon < t)) {
        r->i_near++;
    }
}

/* Rows of a frame are exposed within one frame interval and the readout of its time, so few sets can hold them. */
static sv_status gather(sv_replay *r, sv_event *event) {
    const sv_camera *camera = &r->session->camera[event->camera];
    double most_ns = fmin(1e9 / camera->rate_hz + fabs(camera->row_ns) * camera->height, 1e15);
    sv_time t_last = event->t + sv_round_i64(most_ns);
    int64_t period_ns = sv_round_i64(fmin(1e9 / r->session->config.sync.rate_hz, 1e15));
    size_t n = 0;
    go_near(r, event->t - sv_round_i64(most_ns));
    for (int64_t i = r->i_near; i < r->n_sets; i++) {
        const cached_set *set = set_at(r, i);
        if (set != NULL && set->t_horizon - period_ns > t_last) {
            break;
        }
        sv_status status = sv_session_reserve(&r->gathered, (n + (set != NULL ? set->n : 0)) * sizeof(sv_detection));
        if (status != SV_OK) {
            return status;
        }
        for (size_t k = 0; set != NULL && k < set->n; k++) {
            if (set->detection[k].camera == event->camera && set->detection[k].frame == event->frame) {
                ((sv_detection *)r->gathered.data)[n++] = set->detection[k];
            }
        }
    }
    event->kind = SV_EVENT_DETECTIONS;
    event->as.detections.item = r->gathered.data;
    event->as.detections.n = n;
    return SV_OK;
}

/* ---- events ---- */

static sv_status end(sv_replay *r, sv_event *event) {
    r->ended = true;
    *event = (sv_event){.seq = r->seq + 1, .t = r->t, .kind = SV_EVENT_END, .camera = -1};
    return SV_OK;
}

static bool is_of_log(const sv_replay *r) {
    return r->session->config.from < SV_STAGE_VOXEL;
}

/* The row of an event without its pixels. */
static sv_status event_row_only(sv_event *event, sv_session *s, int64_t i) {
    sv_event_row row;
    sv_status status = sv_session_row(&row, s, SV_TABLE_EVENTS, i);
    if (status == SV_OK && row.kind == SV_EVENT_FRAME && row.camera >= 0 && row.camera < s->config.n_cameras &&
        sv_session_time_holds(row.t) && row.seq < UINT64_MAX) {
        *event =
            (sv_event){.seq = row.seq, .t = row.t, .kind = SV_EVENT_FRAME, .camera = row.camera, .frame = row.frame};
        return SV_OK;
    }
    return sv_session_read_event(event, s, i, NULL);
}

static sv_status next_of_log(sv_replay *r, sv_event *event) {
    while (r->i_event < r->n_events) {
        int64_t i = r->i_event++;
        bool without_pixels = r->has_pixels && r->from == SV_FROM_DETECTIONS;
        sv_status status = without_pixels ? event_row_only(event, r->session, i)
                                          : sv_session_read_event(event, r->session, i, r->team);
        if (status == SV_OK && without_pixels && event->kind == SV_EVENT_FRAME) {
            status = gather(r, event);
        }
        if (status == SV_ERR_NOMEM) {
            return status;
        }
        bool hollow = status == SV_OK && event->kind == SV_EVENT_FRAME && event->as.image.pixels == NULL;
        r->n_damaged += status != SV_OK ? 1 : 0;
        if ((status != SV_OK && event->camera < 0) || hollow || (r->any && event->seq <= r->seq)) {
            continue; /* the row itself is gone: nothing is known but that something was there */
        }
        event->kind = status != SV_OK ? SV_EVENT_GAP : event->kind;
        r->any = true;
        r->seq = event->seq;
        r->t = event->t;
        r->ended = event->kind == SV_EVENT_END;
        return SV_OK;
    }
    return end(r, event);
}

static sv_status next_of_sets(sv_replay *r, sv_event *event) {
    const sv_products *p;
    for (; r->i_set < r->n_sets; r->i_set++) {
        sv_status status = sv_session_read_set(&p, r->session, r->i_set);
        if (status == SV_OK) {
            break;
        }
        if (status == SV_ERR_NOMEM) {
            return status;
        }
        r->points_due = false;
        r->n_damaged++;
    }
    if (r->i_set >= r->n_sets) {
        return end(r, event);
    }
    *event = (sv_event){.seq = ++r->seq, .t = p->t, .camera = -1, .frame = (int32_t)p->set};
    r->t = p->t;
    if (!r->points_due) {
        event->kind = SV_EVENT_BEARINGS;
        event->as.bearings.item = p->ray;
        event->as.bearings.n = p->n_rays;
        event->as.bearings.alive = p->alive;
        r->points_due = r->from == SV_FROM_POINTS;
        r->i_set += r->points_due ? 0 : 1;
        return SV_OK;
    }
    event->kind = SV_EVENT_POINTS;
    event->as.points.item = p->point;
    event->as.points.n = p->n_points;
    r->points_due = false;
    r->i_set++;
    return SV_OK;
}

static sv_status next(void *self, sv_event *event) {
    sv_replay *r = self;
    if (r->ended) {
        return SV_END;
    }
    return is_of_log(r) ? next_of_log(r, event) : next_of_sets(r, event);
}

static sv_status next_truth(void *self, sv_truth_set *set) {
    sv_replay *r = self;
    while (r->i_truth < r->n_truth) {
        sv_truth_stamp_row stamp;
        sv_status status = sv_session_row(&stamp, r->session, SV_TABLE_TRUTH_STAMPS, r->i_truth);
        if (status == SV_OK && !r->ended && stamp.t > r->t) {
            return SV_AGAIN;
        }
        status = status == SV_OK ? sv_session_read_truth(set, r->session, r->i_truth) : status;
        r->i_truth++;
        if (status == SV_OK || status == SV_ERR_NOMEM) {
            return status;
        }
        r->n_damaged++;
    }
    return r->ended ? SV_END : SV_AGAIN;
}

sv_source sv_replay_source(sv_replay *r) {
    return (sv_source){.self = r, .next = next, .truth = r->n_truth > 0 ? next_truth : NULL};
}
