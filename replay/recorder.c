#include <replay/bitshuffle.h>
#include <replay/checksum64.h>
#include <replay/recorder.h>
#include <replay/recorder_config.h>
#include <replay/recorder_matches.h>
#include <replay/recorder_tiles.h>
#include <replay/recorder_video.h>
#include <replay/session_file.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Half of the second that a crash may cost. */
static const int64_t default_flush_ns = 500000000;

struct sv_recorder {
    sv_recorder_options options;
    char path[SV_SESSION_PATH_CAP];
    uint64_t session;
    sv_session_file *file;
    int32_t segment;
    int64_t n_writes_before; /* of closed segments */
    sv_team *team;
    sv_matches matches;
    sv_tile_recorder *tiles;  /* NULL: another level */
    sv_video_recorder *video; /* NULL: another level */
    const void *packet;       /* of the next image, instead of its pixels: a copy */
    size_t n_packet;
    uint8_t *pixels, *packed; /* one image, contiguous and packed; the largest of the rig */
    sv_time t;
    int64_t flushed_ns;
};

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- configuration ---- */

/* Written twice: nothing can be read without it. */
static sv_status write_configuration(sv_recorder *r) {
    const sv_config *config = r->options.config;
    sv_status status = SV_OK;
    for (int copy = 0; copy < 2 && status == SV_OK; copy++) {
        status = sv_session_file_append(r->file, SV_TABLE_META, &r->options.meta, NULL);
        status = status == SV_OK ? sv_session_file_append(r->file, SV_TABLE_CONFIG, config, NULL) : status;
        for (int32_t i = 0; i < config->n_cameras && status == SV_OK; i++) {
            status = sv_session_file_append(r->file, SV_TABLE_CAMERAS, &config->camera[i], NULL);
        }
    }
    for (int32_t i = 0; i < r->options.n_expect && status == SV_OK; i++) {
        status = sv_session_file_append(r->file, SV_TABLE_EXPECT, &r->options.expect[i], NULL);
    }
    return status == SV_OK ? sv_session_file_flush(r->file, r->t, true) : status;
}

/* Frames and detections are written as version 1, for readers of any age. */
static bool has_side_tables(const sv_recorder_options *options) {
    return options->level == SV_RECORD_TILES || options->level == SV_RECORD_HEVC;
}

static sv_status open_segment(sv_recorder *r) {
    char path[SV_SESSION_PATH_CAP];
    if (!sv_session_segment_path(path, r->path, r->segment)) {
        return sv_fail(SV_ERR_INPUT, "%.64s...: the path is too long", r->path);
    }
    sv_status status = r->video != NULL ? sv_video_recorder_check(r->video, path) : SV_OK;
    if (status != SV_OK) {
        return status;
    }
    r->options.meta.segment = r->segment;
    char *json = sv_recorder_make_json(&r->options);
    if (json == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    int64_t fail_write = r->options.fail_write > r->n_writes_before ? r->options.fail_write - r->n_writes_before : 0;
    sv_session_file_options options = {.camera = r->options.config->camera,
                                       .n_cameras = r->options.config->n_cameras,
                                       .session = r->session,
                                       .segment = r->segment,
                                       .extended = has_side_tables(&r->options),
                                       .linked = r->options.config->detect.link_frames > 0,
                                       .json = json,
                                       .fail_write = fail_write};
    status = sv_session_file_create(&r->file, path, &options);
    free(json);
    status = status == SV_OK && r->video != NULL ? sv_video_recorder_begin(r->video, path) : status;
    r->flushed_ns = now_ns();
    if (r->tiles != NULL) {
        sv_tile_recorder_restart(r->tiles);
    }
    return status == SV_OK ? write_configuration(r) : status;
}

static size_t largest_image(const sv_config *config) {
    size_t most = 0;
    for (int32_t i = 0; i < config->n_cameras; i++) {
        const sv_camera *camera = &config->camera[i];
        size_t n = (size_t)camera->width * (size_t)camera->height * (camera->bit_depth > 8 ? 2 : 1);
        most = n > most ? n : most;
    }
    return most;
}

sv_status sv_recorder_create(sv_recorder **out, const char *path, const sv_recorder_options *options, sv_team *team) {
    *out = NULL;
    if (options->config->n_cameras > SV_SESSION_CAMERAS_CAP) {
        return sv_fail(SV_ERR_LIMIT, "%s: %d cameras, a session holds at most %d", path,
                       (int)options->config->n_cameras, SV_SESSION_CAMERAS_CAP);
    }
    sv_recorder *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    r->options = *options;
    r->options.meta.level = (int32_t)options->level;
    r->options.flush_ns = options->flush_ns > 0 ? options->flush_ns : default_flush_ns;
    r->team = team;
    r->session = sv_recorder_session_id(&r->options);
    size_t n = options->level == SV_RECORD_FRAMES ? largest_image(options->config) : 0;
    r->pixels = malloc(n + 1);
    r->packed = malloc(sv_bitshuffle_bound(n));
    sv_status status = r->pixels != NULL && r->packed != NULL ? SV_OK : sv_fail(SV_ERR_NOMEM, "out of memory");
    if (status == SV_OK && options->level == SV_RECORD_TILES) {
        status =
            sv_tile_recorder_create(&r->tiles, options->config, options->key_s > 0 ? options->key_s : SV_RECORD_KEY_S);
    }
    if (status == SV_OK && options->level == SV_RECORD_HEVC) {
        status = sv_video_recorder_create(&r->video, options, team != NULL ? sv_team_size(team) : 1);
    }
    if (status == SV_OK && strlen(path) >= SV_SESSION_PATH_CAP) {
        status = sv_fail(SV_ERR_INPUT, "%.64s...: the path is too long", path);
    }
    if (status == SV_OK) {
        strcpy(r->path, path);
        status = open_segment(r);
    }
    if (status != SV_OK) {
        sv_recorder_abandon(r);
        return status;
    }
    *out = r;
    return SV_OK;
}

/* ---- events ---- */

static sv_status rotate(sv_recorder *r) {
    r->n_writes_before += sv_session_file_writes(r->file);
    sv_session_file *full = r->file;
    r->file = NULL;
    sv_status synced = r->video != NULL ? sv_video_recorder_sync(r->video) : SV_OK;
    sv_status status = sv_session_file_close(full);
    status = status == SV_OK ? synced : status;
    r->segment++;
    return status == SV_OK ? open_segment(r) : status;
}

/* The image without gaps between its rows. */
static const void *contiguous(sv_recorder *r, const sv_frame *image, size_t row_bytes) {
    if (image->pitch == (ptrdiff_t)row_bytes) {
        return image->pixels;
    }
    for (int32_t v = 0; v < image->height; v++) {
        memcpy(r->pixels + (size_t)v * row_bytes, (const uint8_t *)image->pixels + v * image->pitch, row_bytes);
    }
    return r->pixels;
}

static bool fits(const sv_camera *camera, const sv_frame *image) {
    return image->width == camera->width && image->height == camera->height && image->bit_depth == camera->bit_depth &&
           image->pixels != NULL;
}

/* The packet that came before the event. */
static sv_status record_packet(sv_recorder *r, sv_event_row *row, const sv_frame *image) {
    const void *packet = r->packet;
    r->packet = NULL;
    row->first = sv_session_file_rows(r->file, SV_TABLE_INDEX + image->camera);
    row->n = 1;
    return sv_video_recorder_packet(r->video, r->file, image, packet, r->n_packet);
}

static sv_status record_image(sv_recorder *r, sv_event_row *row, const sv_event *event) {
    row->first = -1;
    if (r->options.level != SV_RECORD_FRAMES && r->options.level != SV_RECORD_HEVC) {
        return SV_OK;
    }
    const sv_frame *image = &event->as.image;
    if (r->packet != NULL) {
        return record_packet(r, row, image);
    }
    if (!fits(&r->options.config->camera[event->camera], image)) {
        return SV_OK; /* the core refuses it with a reason, and the log shows that it came */
    }
    row->first = sv_session_file_rows(r->file, SV_TABLE_INDEX + event->camera);
    row->n = 1;
    if (r->video != NULL) {
        return sv_video_recorder_image(r->video, r->file, image);
    }
    size_t element_size = image->bit_depth > 8 ? 2 : 1;
    size_t row_bytes = (size_t)image->width * element_size;
    const void *pixels = contiguous(r, image, row_bytes);
    size_t n;
    sv_status status =
        sv_bitshuffle_encode(r->packed, &n, pixels, row_bytes * (size_t)image->height, element_size, r->team);
    sv_index_row index = {.number = image->number, .t = image->t};
    index.checksum = status == SV_OK ? sv_checksum64(r->packed, n, (uint64_t)row->first) : 0;
    return status == SV_OK ? sv_session_file_frame(r->file, event->camera, r->packed, n, &index) : status;
}

static sv_status append_all(sv_session_file *file, int32_t table, const void *rows, size_t n, size_t size) {
    sv_status status = SV_OK;
    for (size_t i = 0; i < n && status == SV_OK; i++) {
        status = sv_session_file_append(file, table, (const uint8_t *)rows + i * size, NULL);
    }
    return status;
}

static sv_point_row point_row(const sv_point *point) {
    sv_point_row row = {.t = point->t, .p_w = point->p_w, .n_sites = point->n_sites, .n_rays = point->n_rays};
    memcpy(row.cov_m2, point->cov_m2, sizeof row.cov_m2);
    return row;
}

static sv_status record_points(sv_recorder *r, sv_event_row *row, const sv_event *event) {
    row->first = sv_session_file_rows(r->file, SV_TABLE_EVENT_POINTS);
    row->n = (int64_t)event->as.points.n;
    sv_status status = SV_OK;
    for (size_t i = 0; i < event->as.points.n && status == SV_OK; i++) {
        sv_point_row point = point_row(&event->as.points.item[i]);
        if (point.n_rays != 0) {
            return sv_fail(SV_ERR_ARG, "%s: points made of rays come from a recording and are not recorded again",
                           r->path);
        }
        status = sv_session_file_append(r->file, SV_TABLE_EVENT_POINTS, &point, NULL);
    }
    return status;
}

static sv_status record_payload(sv_recorder *r, sv_event_row *row, const sv_event *event) {
    switch (event->kind) {
    case SV_EVENT_FRAME:
        return record_image(r, row, event);
    case SV_EVENT_DETECTIONS:
        row->first = sv_session_file_rows(r->file, SV_TABLE_EVENT_DETECTIONS);
        row->n = (int64_t)event->as.detections.n;
        return append_all(r->file, SV_TABLE_EVENT_DETECTIONS, event->as.detections.item, event->as.detections.n,
                          sizeof(sv_detection));
    case SV_EVENT_POINTS:
        return record_points(r, row, event);
    case SV_EVENT_BEARINGS:
        return sv_fail(SV_ERR_ARG, "%s: bearings come from a recording and are not recorded again", r->path);
    case SV_EVENT_GAP:
    case SV_EVENT_END:
        row->first = -1;
        return SV_OK;
    }
    return sv_fail(SV_ERR_ARG, "%s: event of unknown kind %d", r->path, (int)event->kind);
}

static bool is_of_known_camera(const sv_recorder *r, const sv_event *event) {
    bool of_camera = event->kind == SV_EVENT_FRAME || event->kind == SV_EVENT_DETECTIONS || event->kind == SV_EVENT_GAP;
    return !of_camera || (event->camera >= 0 && event->camera < r->options.config->n_cameras);
}

static sv_status flush_now_and_then(sv_recorder *r) {
    int64_t now = now_ns();
    if (now - r->flushed_ns < r->options.flush_ns) {
        return SV_OK;
    }
    r->flushed_ns = now;
    sv_status status = r->video != NULL ? sv_video_recorder_sync(r->video) : SV_OK; /* before what refers to it */
    return status == SV_OK ? sv_session_file_flush(r->file, r->t, true) : status;
}

/* A recording whose next segment could not be made takes nothing more. */
static sv_status check_open(const sv_recorder *r) {
    return r->file != NULL ? SV_OK : sv_fail(SV_ERR_IO, "%s: the recording has failed", r->path);
}

static uint64_t bytes_so_far(const sv_recorder *r) {
    return sv_session_file_bytes(r->file) + (r->video != NULL ? sv_video_recorder_bytes(r->video) : 0);
}

static sv_status record_event(void *self, const sv_event *event) {
    sv_recorder *r = self;
    if (check_open(r) != SV_OK) {
        return SV_ERR_IO;
    }
    if (!is_of_known_camera(r, event)) {
        return sv_fail(SV_ERR_ARG, "%s: event %llu of camera index %d, which the rig has not", r->path,
                       (unsigned long long)event->seq, (int)event->camera);
    }
    sv_status status = SV_OK;
    if (r->options.segment_bytes > 0 && bytes_so_far(r) >= (uint64_t)r->options.segment_bytes) {
        status = rotate(r);
    }
    sv_event_row row = {
        .seq = event->seq, .t = event->t, .kind = (int32_t)event->kind, .camera = event->camera, .frame = event->frame};
    status = status == SV_OK ? record_payload(r, &row, event) : status;
    status = status == SV_OK ? sv_session_file_append(r->file, SV_TABLE_EVENTS, &row, NULL) : status;
    r->t = event->t;
    return status == SV_OK ? flush_now_and_then(r) : status;
}

static sv_status record_image_products(void *self, const sv_event *event, const sv_state *state) {
    sv_recorder *r = self;
    if (check_open(r) != SV_OK) {
        return SV_ERR_IO;
    }
    return r->tiles != NULL ? sv_tile_recorder_image(r->tiles, r->file, &event->as.image, state, r->team) : SV_OK;
}

/* ---- products ---- */

static sv_status record_set_points(sv_recorder *r, const sv_products *p) {
    sv_status status = SV_OK;
    for (size_t i = 0; i < p->n_points && status == SV_OK; i++) {
        sv_point_row row = point_row(&p->point[i]);
        row.first_ray = sv_session_file_rows(r->file, SV_TABLE_POINT_RAYS);
        for (int32_t k = 0; k < row.n_rays && status == SV_OK; k++) {
            int32_t ray = p->point[i].ray[k];
            sv_point_ray_row of = {.ray = ray, .detection = {p->ray[ray].detection[0], p->ray[ray].detection[1]}};
            status = sv_session_file_append(r->file, SV_TABLE_POINT_RAYS, &of, NULL);
        }
        status = status == SV_OK ? sv_session_file_append(r->file, SV_TABLE_POINTS, &row, NULL) : status;
    }
    return status;
}

static sv_status record_matches(sv_recorder *r, const sv_products *p) {
    sv_status status = SV_OK;
    for (size_t i = 0; i < p->n_tracks && status == SV_OK; i++) {
        sv_match_row row;
        if (p->track[i].state == SV_TRACK_CONFIRMED &&
            sv_matches_find(&row, &r->matches, &p->track[i], r->options.meta.gate_m)) {
            status = sv_session_file_append(r->file, SV_TABLE_MATCHES, &row, NULL);
        }
    }
    return status;
}

/* Everything a set row points at comes before it, so that a set whose row is there is whole. */
static sv_status record_set(void *self, const sv_products *p) {
    sv_recorder *r = self;
    sv_session_file *file = r->file;
    if (check_open(r) != SV_OK) {
        return SV_ERR_IO;
    }
    sv_set_row row = {.set = p->set,
                      .t = p->t,
                      .t_horizon = p->t_horizon,
                      .first_detection = sv_session_file_rows(file, SV_TABLE_DETECTIONS),
                      .n_detections = (int64_t)p->n_detections,
                      .first_ray = sv_session_file_rows(file, SV_TABLE_BEARINGS),
                      .n_rays = (int64_t)p->n_rays,
                      .first_point = sv_session_file_rows(file, SV_TABLE_POINTS),
                      .n_points = (int64_t)p->n_points,
                      .first_track = sv_session_file_rows(file, SV_TABLE_TRACKS),
                      .n_tracks = (int64_t)p->n_tracks};
    for (int32_t i = 0; i < r->options.config->n_cameras; i++) {
        row.alive[i] = p->alive[i];
    }
    sv_status status = append_all(file, SV_TABLE_DETECTIONS, p->detection, p->n_detections, sizeof *p->detection);
    status = status == SV_OK ? append_all(file, SV_TABLE_BEARINGS, p->ray, p->n_rays, sizeof *p->ray) : status;
    status = status == SV_OK ? record_set_points(r, p) : status;
    status = status == SV_OK ? append_all(file, SV_TABLE_TRACKS, p->track, p->n_tracks, sizeof *p->track) : status;
    status = status == SV_OK ? record_matches(r, p) : status;
    status = status == SV_OK ? sv_session_file_append(file, SV_TABLE_LEDGER, &p->ledger, NULL) : status;
    return status == SV_OK ? sv_session_file_append(file, SV_TABLE_SETS, &row, NULL) : status;
}

sv_sink sv_recorder_sink(sv_recorder *recorder) {
    return (sv_sink){.self = recorder, .event = record_event, .image = record_image_products, .set = record_set};
}

/* ---- truth ---- */

static sv_truth_sample_row sample_row(const sv_truth_sample *s) {
    return (sv_truth_sample_row){.target = s->target,
                                 .object_class = (int32_t)s->object_class,
                                 .wanted = s->wanted,
                                 .in_coverage = s->in_coverage,
                                 .has_velocity = s->has_velocity,
                                 .p_w = s->p_w,
                                 .v_w = s->v_w,
                                 .size_m = s->size_m,
                                 .size_px = s->size_px,
                                 .range_m = s->range_m,
                                 .n_sites = s->n_sites};
}

static sv_truth_view_row view_row(const sv_truth_view *v) {
    return (sv_truth_view_row){.target = v->target,
                               .camera = v->camera,
                               .u_px = v->u_px,
                               .v_px = v->v_px,
                               .size_px = v->size_px,
                               .snr = v->snr,
                               .visible = v->visible,
                               .occluded = v->occluded};
}

sv_status sv_recorder_truth(sv_recorder *r, const sv_truth_set *set) {
    if (check_open(r) != SV_OK) {
        return SV_ERR_IO;
    }
    sv_truth_stamp_row stamp = {.t = set->t,
                                .first_sample = sv_session_file_rows(r->file, SV_TABLE_TRUTH_SAMPLES),
                                .n_samples = (int64_t)set->n_samples,
                                .first_view = sv_session_file_rows(r->file, SV_TABLE_TRUTH_VIEWS),
                                .n_views = (int64_t)set->n_views};
    sv_status status = sv_matches_add(&r->matches, set);
    for (size_t i = 0; i < set->n_samples && status == SV_OK; i++) {
        sv_truth_sample_row row = sample_row(&set->sample[i]);
        status = sv_session_file_append(r->file, SV_TABLE_TRUTH_SAMPLES, &row, NULL);
    }
    for (size_t i = 0; i < set->n_views && status == SV_OK; i++) {
        sv_truth_view_row row = view_row(&set->view[i]);
        status = sv_session_file_append(r->file, SV_TABLE_TRUTH_VIEWS, &row, NULL);
    }
    return status == SV_OK ? sv_session_file_append(r->file, SV_TABLE_TRUTH_STAMPS, &stamp, NULL) : status;
}

/* ---- copies ---- */

sv_status sv_recorder_put_key(sv_recorder *r, int32_t camera, const void *packed, const sv_index_row *row) {
    sv_index_row index = *row;
    int64_t i_row = sv_session_file_rows(r->file, SV_TABLE_INDEX + camera);
    index.checksum = sv_checksum64(packed, (size_t)row->size, (uint64_t)i_row);
    return sv_session_file_frame(r->file, camera, packed, (size_t)row->size, &index);
}

sv_status sv_recorder_put_tiles(sv_recorder *r, int32_t camera, const void *packed, const sv_tiles_row *row) {
    sv_tiles_row tiles = *row;
    int64_t i_row = sv_session_file_rows(r->file, sv_table_tiles(r->options.config->n_cameras, camera));
    tiles.checksum = sv_checksum64(packed, (size_t)row->size, (uint64_t)i_row);
    return sv_session_file_tiles(r->file, camera, packed, (size_t)row->size, &tiles);
}

void sv_recorder_put_packet(sv_recorder *r, const void *packet, size_t n) {
    r->packet = packet;
    r->n_packet = n;
}

/* ---- the end ---- */

int64_t sv_recorder_writes(const sv_recorder *recorder) {
    return recorder->n_writes_before + (recorder->file != NULL ? sv_session_file_writes(recorder->file) : 0);
}

static void release(sv_recorder *r) {
    sv_matches_free(&r->matches);
    sv_tile_recorder_destroy(r->tiles);
    sv_video_recorder_destroy(r->video);
    free(r->pixels);
    free(r->packed);
    free(r);
}

sv_status sv_recorder_close(sv_recorder *recorder) {
    if (recorder == NULL) {
        return SV_OK;
    }
    sv_status synced =
        recorder->video != NULL && recorder->file != NULL ? sv_video_recorder_sync(recorder->video) : SV_OK;
    sv_status status = sv_session_file_close(recorder->file);
    status = status == SV_OK ? synced : status;
    release(recorder);
    return status;
}

void sv_recorder_abandon(sv_recorder *recorder) {
    if (recorder != NULL) {
        sv_session_file_abandon(recorder->file);
        release(recorder);
    }
}
