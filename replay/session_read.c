/* Rows of a session put together again: frame sets, events, frames, truth. */
#include <replay/bitshuffle.h>
#include <replay/session_parts.h>

#include <string.h>

bool sv_session_time_holds(sv_time t) {
    return t > -((sv_time)1 << 61) && t < (sv_time)1 << 61;
}

/* ---- points and their rays ---- */

static sv_status join_point(sv_point *out, const sv_point_row *row, sv_segment *segment) {
    *out = (sv_point){.t = row->t, .p_w = row->p_w, .n_sites = row->n_sites, .n_rays = row->n_rays};
    memcpy(out->cov_m2, row->cov_m2, sizeof out->cov_m2);
    if (row->n_rays < 0 || row->n_rays > SV_POINT_RAYS_CAP || row->first_ray < 0 ||
        row->first_ray > sv_segment_rows(segment, SV_TABLE_POINT_RAYS)) {
        return sv_fail(SV_ERR_INPUT, "%s: a point of %d rays, expected 0 to %d", sv_segment_path(segment),
                       (int)row->n_rays, SV_POINT_RAYS_CAP);
    }
    sv_status status = SV_OK;
    for (int32_t k = 0; k < row->n_rays && status == SV_OK; k++) {
        sv_point_ray_row ray;
        status = sv_segment_row(&ray, segment, SV_TABLE_POINT_RAYS, row->first_ray + k);
        out->ray[k] = status == SV_OK ? ray.ray : -1;
    }
    return status;
}

static sv_status read_points(sv_session_buffer *out, sv_segment *segment, int32_t table, int64_t first, int64_t n) {
    int64_t n_rows = sv_segment_rows(segment, table);
    if (first < 0 || n < 0 || n > n_rows || first > n_rows - n) {
        return sv_fail(SV_ERR_INPUT, "%s: %lld points from row %lld on are not there", sv_segment_path(segment),
                       (long long)n, (long long)first);
    }
    sv_status status = sv_session_reserve(out, (size_t)n * sizeof(sv_point));
    for (int64_t i = 0; i < n && status == SV_OK; i++) {
        sv_point_row row;
        status = sv_segment_row(&row, segment, table, first + i);
        status = status == SV_OK ? join_point((sv_point *)out->data + i, &row, segment) : status;
    }
    return status;
}

/* Points name rays of their set. */
static sv_status check_point_rays(const sv_session_buffer *points, int64_t n_points, int64_t n_rays, sv_segment *in) {
    for (int64_t i = 0; i < n_points; i++) {
        const sv_point *point = (const sv_point *)points->data + i;
        for (int32_t k = 0; k < point->n_rays; k++) {
            if (point->ray[k] < 0 || point->ray[k] >= n_rays) {
                return sv_fail(SV_ERR_INPUT, "%s: a point names ray %d of %lld", sv_segment_path(in),
                               (int)point->ray[k], (long long)n_rays);
            }
        }
    }
    return SV_OK;
}

/* ---- frame sets ---- */

int64_t sv_session_n_sets(const sv_session *s) {
    return sv_session_rows(s, SV_TABLE_SETS);
}

sv_status sv_session_read_ledger(sv_ledger_line *out, sv_session *s, int64_t i) {
    return sv_session_row(out, s, SV_TABLE_LEDGER, i);
}

static sv_status read_alive(sv_session *s) {
    sv_status status = sv_session_reserve(&s->set.alive, (size_t)s->config.n_cameras * sizeof(bool));
    for (int32_t i = 0; i < s->config.n_cameras && status == SV_OK; i++) {
        ((bool *)s->set.alive.data)[i] = s->set_row.alive[i] != 0;
    }
    return status;
}

sv_status sv_session_read_set(const sv_products **out, sv_session *s, int64_t i) {
    int32_t i_segment;
    int64_t i_row;
    sv_set_row *row = &s->set_row;
    if (!sv_session_locate(s, SV_TABLE_SETS, i, &i_segment, &i_row)) {
        return sv_fail(SV_ERR_INPUT, "there is no frame set in place %lld", (long long)i);
    }
    sv_segment *segment = s->segment[i_segment];
    sv_ledger_line ledger;
    sv_status status = sv_segment_row(row, segment, SV_TABLE_SETS, i_row);
    status = status == SV_OK ? sv_segment_row(&ledger, segment, SV_TABLE_LEDGER, i_row) : status;
    if (status == SV_OK && !(sv_session_time_holds(row->t) && sv_session_time_holds(row->t_horizon))) {
        return sv_fail(SV_ERR_INPUT, "%s: frame set %lld: its time is out of range", sv_segment_path(segment),
                       (long long)row->set);
    }
    status = status == SV_OK ? read_alive(s) : status;
    status = status == SV_OK ? sv_session_rows_of(&s->set.detection, segment, SV_TABLE_DETECTIONS, row->first_detection,
                                                  row->n_detections)
                             : status;
    status = status == SV_OK ? sv_session_rows_of(&s->set.ray, segment, SV_TABLE_BEARINGS, row->first_ray, row->n_rays)
                             : status;
    status = status == SV_OK ? read_points(&s->set.point, segment, SV_TABLE_POINTS, row->first_point, row->n_points)
                             : status;
    status = status == SV_OK ? check_point_rays(&s->set.point, row->n_points, row->n_rays, segment) : status;
    status = status == SV_OK
                 ? sv_session_rows_of(&s->set.track, segment, SV_TABLE_TRACKS, row->first_track, row->n_tracks)
                 : status;
    if (status != SV_OK) {
        return status;
    }
    s->products = (sv_products){.set = row->set,
                                .t = row->t,
                                .t_horizon = row->t_horizon,
                                .alive = s->set.alive.data,
                                .detection = s->set.detection.data,
                                .n_detections = (size_t)row->n_detections,
                                .ray = s->set.ray.data,
                                .n_rays = (size_t)row->n_rays,
                                .point = s->set.point.data,
                                .n_points = (size_t)row->n_points,
                                .track = s->set.track.data,
                                .n_tracks = (size_t)row->n_tracks,
                                .ledger = ledger};
    *out = &s->products;
    return SV_OK;
}

/* ---- frames and events ---- */

sv_status sv_session_read_frame_of(sv_frame *out, sv_session *s, sv_segment *segment, int32_t camera, int64_t row,
                                   sv_team *team) {
    const sv_camera *c = &s->camera[camera];
    sv_index_row index;
    sv_status status = sv_segment_row(&index, segment, SV_TABLE_INDEX + camera, row);
    if (status != SV_OK) {
        return status;
    }
    size_t element_size = c->bit_depth > 8 ? 2 : 1;
    size_t n = (size_t)c->width * (size_t)c->height * element_size;
    bool is_video = s->video != NULL;
    uint64_t most = is_video ? sv_segment_video_bytes(segment, camera) : sv_bitshuffle_bound(n);
    if (index.size > most) {
        return sv_fail(SV_ERR_INPUT, "%s: camera %d, frame %d: %llu packed bytes, expected at most %llu",
                       sv_segment_path(segment), (int)c->id, (int)index.number, (unsigned long long)index.size,
                       (unsigned long long)most);
    }
    s->n_packet = (size_t)index.size;
    status = sv_session_reserve(&s->packed, s->n_packet);
    status = status == SV_OK ? sv_segment_packed(s->packed.data, segment, camera, row, &index) : status;
    status = status == SV_OK ? sv_session_reserve(&s->pixels, n) : status;
    if (status == SV_OK && !s->packets_only) {
        status = is_video ? sv_session_decode_video(s->pixels.data, s, camera, s->n_packet, team)
                          : sv_bitshuffle_decode(s->pixels.data, n, s->packed.data, s->n_packet, element_size, team);
    }
    *out = (sv_frame){.camera = camera,
                      .number = index.number,
                      .t = index.t,
                      .width = c->width,
                      .height = c->height,
                      .bit_depth = c->bit_depth,
                      .pitch = (ptrdiff_t)((size_t)c->width * element_size),
                      .pixels = s->pixels.data};
    return status;
}

sv_status sv_session_read_frame(sv_frame *out, sv_session *s, int32_t camera, int64_t row, sv_team *team) {
    int32_t i_segment;
    int64_t i;
    if (camera < 0 || camera >= s->config.n_cameras ||
        !sv_session_locate(s, SV_TABLE_INDEX + camera, row, &i_segment, &i)) {
        return sv_fail(SV_ERR_INPUT, "there is no frame %lld of camera index %d", (long long)row, (int)camera);
    }
    return sv_session_read_frame_of(out, s, s->segment[i_segment], camera, i, team);
}

static sv_status read_payload(sv_event *out, sv_session *s, sv_segment *segment, const sv_event_row *row,
                              sv_team *team) {
    sv_status status = SV_OK;
    switch (row->kind) {
    case SV_EVENT_FRAME:
        out->kind = SV_EVENT_FRAME;
        out->as.image = (sv_frame){0};
        return row->first >= 0 ? sv_session_read_frame_of(&out->as.image, s, segment, row->camera, row->first, team)
                               : SV_OK;
    case SV_EVENT_DETECTIONS:
        status = sv_session_rows_of(&s->event.detection, segment, SV_TABLE_EVENT_DETECTIONS, row->first, row->n);
        out->kind = SV_EVENT_DETECTIONS;
        out->as.detections.item = s->event.detection.data;
        out->as.detections.n = (size_t)row->n;
        return status;
    case SV_EVENT_POINTS:
        status = read_points(&s->event.point, segment, SV_TABLE_EVENT_POINTS, row->first, row->n);
        out->kind = SV_EVENT_POINTS;
        out->as.points.item = s->event.point.data;
        out->as.points.n = (size_t)row->n;
        return status;
    case SV_EVENT_GAP:
    case SV_EVENT_END:
        out->kind = (sv_event_kind)row->kind;
        return SV_OK;
    default:
        return sv_fail(SV_ERR_INPUT, "%s: event %llu of unknown kind %d", sv_segment_path(segment),
                       (unsigned long long)row->seq, (int)row->kind);
    }
}

sv_status sv_session_read_event(sv_event *out, sv_session *s, int64_t i, sv_team *team) {
    int32_t i_segment = 0;
    int64_t i_row = 0;
    sv_event_row row;
    *out = (sv_event){.kind = SV_EVENT_GAP, .camera = -1};
    sv_status status = sv_session_locate(s, SV_TABLE_EVENTS, i, &i_segment, &i_row)
                           ? sv_segment_row(&row, s->segment[i_segment], SV_TABLE_EVENTS, i_row)
                           : sv_fail(SV_ERR_INPUT, "there is no event in place %lld", (long long)i);
    if (status != SV_OK) {
        return status;
    }
    bool of_camera = row.kind == SV_EVENT_FRAME || row.kind == SV_EVENT_DETECTIONS || row.kind == SV_EVENT_GAP;
    if (of_camera && (row.camera < 0 || row.camera >= s->config.n_cameras)) {
        return sv_fail(SV_ERR_INPUT, "%s: event %llu of camera index %d", sv_segment_path(s->segment[i_segment]),
                       (unsigned long long)row.seq, (int)row.camera);
    }
    if (!sv_session_time_holds(row.t) || row.seq == UINT64_MAX) {
        return sv_fail(SV_ERR_INPUT, "%s: event %llu: its time or number is out of range",
                       sv_segment_path(s->segment[i_segment]), (unsigned long long)row.seq);
    }
    out->seq = row.seq;
    out->t = row.t;
    out->camera = row.camera;
    out->frame = row.frame;
    status = read_payload(out, s, s->segment[i_segment], &row, team);
    if (status != SV_OK) {
        out->kind = SV_EVENT_GAP; /* what is known of it */
    }
    return status;
}

/* ---- truth ---- */

static void join_sample(sv_truth_sample *out, const sv_truth_sample_row *row) {
    *out = (sv_truth_sample){.target = row->target,
                             .object_class = row->object_class >= 0 && row->object_class < SV_N_CLASSES
                                                 ? (sv_class)row->object_class
                                                 : SV_CLASS_UNKNOWN,
                             .wanted = row->wanted != 0,
                             .in_coverage = row->in_coverage != 0,
                             .has_velocity = row->has_velocity != 0,
                             .p_w = row->p_w,
                             .v_w = row->v_w,
                             .size_m = row->size_m,
                             .size_px = row->size_px,
                             .range_m = row->range_m,
                             .n_sites = row->n_sites};
}

static void join_view(sv_truth_view *out, const sv_truth_view_row *row) {
    *out = (sv_truth_view){.target = row->target,
                           .camera = row->camera,
                           .u_px = row->u_px,
                           .v_px = row->v_px,
                           .size_px = row->size_px,
                           .snr = row->snr,
                           .visible = row->visible != 0,
                           .occluded = row->occluded != 0};
}

/* n rows from `first` on fit the table and n structs of `size` fit the buffer. */
static sv_status prepare(sv_session_buffer *out, sv_segment *segment, int32_t table, int64_t first, int64_t n,
                         size_t size) {
    int64_t n_rows = sv_segment_rows(segment, table);
    if (first < 0 || n < 0 || n > n_rows || first > n_rows - n) {
        return sv_fail(SV_ERR_INPUT, "%s: %lld rows of truth from row %lld on are not there", sv_segment_path(segment),
                       (long long)n, (long long)first);
    }
    return sv_session_reserve(out, (size_t)n * size);
}

sv_status sv_session_read_truth(sv_truth_set *out, sv_session *s, int64_t i) {
    int32_t i_segment;
    int64_t i_row;
    sv_truth_stamp_row stamp;
    if (!sv_session_locate(s, SV_TABLE_TRUTH_STAMPS, i, &i_segment, &i_row)) {
        return SV_END;
    }
    sv_segment *segment = s->segment[i_segment];
    sv_status status = sv_segment_row(&stamp, segment, SV_TABLE_TRUTH_STAMPS, i_row);
    if (status == SV_OK) {
        status = prepare(&s->sample, segment, SV_TABLE_TRUTH_SAMPLES, stamp.first_sample, stamp.n_samples,
                         sizeof(sv_truth_sample));
    }
    if (status == SV_OK) {
        status =
            prepare(&s->view, segment, SV_TABLE_TRUTH_VIEWS, stamp.first_view, stamp.n_views, sizeof(sv_truth_view));
    }
    for (int64_t k = 0; status == SV_OK && k < stamp.n_samples; k++) {
        sv_truth_sample_row row;
        status = sv_segment_row(&row, segment, SV_TABLE_TRUTH_SAMPLES, stamp.first_sample + k);
        if (status != SV_OK) {
            return status;
        }
        join_sample((sv_truth_sample *)s->sample.data + k, &row);
    }
    for (int64_t k = 0; status == SV_OK && k < stamp.n_views; k++) {
        sv_truth_view_row row;
        status = sv_segment_row(&row, segment, SV_TABLE_TRUTH_VIEWS, stamp.first_view + k);
        if (status != SV_OK) {
            return status;
        }
        join_view((sv_truth_view *)s->view.data + k, &row);
    }
    if (status == SV_OK) {
        *out = (sv_truth_set){.t = stamp.t,
                              .sample = s->sample.data,
                              .n_samples = (size_t)stamp.n_samples,
                              .view = s->view.data,
                              .n_views = (size_t)stamp.n_views};
    }
    return status;
}
