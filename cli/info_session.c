#include "info_session.h"

#include "info_pixels.h"

#include <math.h>
#include <skyvox/math.h>
#include <stdlib.h>

/* A session of a later version may have a level that this one does not know. */
static const char *level_name(const sv_session_meta *meta) {
    bool known = meta->level >= 0 && meta->level < SV_N_RECORD_LEVELS;
    return known ? sv_record_level_name((sv_record_level)meta->level) : "unknown";
}

static const struct {
    sv_table_id table;
    const char *name;
} STREAMS[] = {
    {SV_TABLE_EVENTS, "events"},
    {SV_TABLE_EVENT_DETECTIONS, "events/detections"},
    {SV_TABLE_EVENT_POINTS, "events/points"},
    {SV_TABLE_SETS, "sets"},
    {SV_TABLE_DETECTIONS, "detections"},
    {SV_TABLE_BEARINGS, "bearings"},
    {SV_TABLE_POINTS, "points"},
    {SV_TABLE_TRACKS, "tracks"},
    {SV_TABLE_LEDGER, "ledger"},
    {SV_TABLE_TRUTH_SAMPLES, "truth/samples"},
    {SV_TABLE_TRUTH_VIEWS, "truth/views"},
    {SV_TABLE_MATCHES, "matches"},
};
enum { N_STREAMS = sizeof STREAMS / sizeof *STREAMS };

/* One camera's events: how many, how regular. */
typedef struct camera_clock {
    int64_t n_frames, n_missing; /* events; frame numbers that were skipped */
    sv_time t_first, t_last;
    int32_t last_number;
    double sum_ms2; /* of interval errors, ms^2 */
    double worst_ms;
    pixel_sizes pixels;
} camera_clock;

static void take_event(camera_clock *clock, const sv_event_row *row, double period_ms) {
    if (clock->n_frames == 0)
        clock->t_first = row->t;
    int64_t step = clock->n_frames ? (int64_t)row->frame - clock->last_number : 1;
    if (clock->n_frames && step > 0) {
        double error_ms = (double)(row->t - clock->t_last) * 1e-6 / (double)step - period_ms;
        clock->sum_ms2 += error_ms * error_ms;
        clock->worst_ms = fabs(error_ms) > clock->worst_ms ? fabs(error_ms) : clock->worst_ms;
        clock->n_missing += step - 1;
    }
    clock->n_frames++;
    clock->t_last = row->t;
    clock->last_number = row->frame;
}

static camera_clock *read_clocks(sv_session *session) {
    const sv_config *config = sv_session_config(session);
    camera_clock *clock = calloc((size_t)config->n_cameras + 1, sizeof *clock);
    int64_t n = clock ? sv_session_rows(session, SV_TABLE_EVENTS) : 0;
    for (int64_t i = 0; i < n; i++) {
        sv_event_row row;
        bool readable = sv_session_row(&row, session, SV_TABLE_EVENTS, i) == SV_OK;
        bool of_camera = readable && (row.kind == SV_EVENT_FRAME || row.kind == SV_EVENT_DETECTIONS);
        if (of_camera && row.camera >= 0 && row.camera < config->n_cameras)
            take_event(&clock[row.camera], &row, 1e3 / config->camera[row.camera].rate_hz);
    }
    for (int32_t c = 0; clock && c < config->n_cameras; c++) {
        clock[c].pixels = pixel_sizes_read(session, c, clock[c].n_frames);
    }
    return clock;
}

static double jitter_ms(const camera_clock *clock) {
    return clock->n_frames > 1 ? sqrt(clock->sum_ms2 / (double)(clock->n_frames - 1)) : NAN;
}

static double measured_hz(const camera_clock *clock) {
    double span_s = (double)(clock->t_last - clock->t_first) * 1e-9;
    return span_s > 0 ? (double)(clock->n_frames - 1) / span_s : NAN;
}

/* Times of the first and last readable event; false: none. */
static bool span(sv_session *session, sv_time *t_first, sv_time *t_last) {
    sv_event_row row;
    int64_t n = sv_session_rows(session, SV_TABLE_EVENTS), i = 0;
    while (i < n && sv_session_row(&row, session, SV_TABLE_EVENTS, i) != SV_OK)
        i++;
    if (i == n)
        return false;
    *t_first = *t_last = row.t;
    for (i = n - 1; i >= 0; i--) {
        if (sv_session_row(&row, session, SV_TABLE_EVENTS, i) == SV_OK) {
            *t_last = row.t;
            break;
        }
    }
    return true;
}

static pixel_sizes sum_of(const camera_clock *clock, int32_t n_cameras) {
    pixel_sizes sum = {0};
    for (int32_t c = 0; c < n_cameras; c++)
        pixel_sizes_add(&sum, &clock[c].pixels);
    return sum;
}

static void print_cameras(sv_session *session, const camera_clock *clock) {
    const sv_config *config = sv_session_config(session);
    if (config->n_cameras == 0)
        return;
    printf("\n  id modality      size bits   frames missing     Hz measured jitter ms worst ms       MB ratio\n");
    for (int32_t i = 0; i < config->n_cameras; i++) {
        const sv_camera *camera = &config->camera[i];
        printf("%4d %-8s %4d x %4d  %2d %8lld %7lld %6.2f %8.3f %9.4f %8.4f %8.2f %5.2f\n", camera->id,
               camera->modality == SV_MONO ? "mono" : "thermal", camera->width, camera->height, camera->bit_depth,
               (long long)clock[i].n_frames, (long long)clock[i].n_missing, camera->rate_hz, measured_hz(&clock[i]),
               jitter_ms(&clock[i]), clock[i].worst_ms,
               (double)(clock[i].pixels.frame_bytes + clock[i].pixels.tile_bytes) * 1e-6,
               pixel_sizes_ratio(&clock[i].pixels));
    }
}

static void print_streams(const sv_session *session, double span_s) {
    printf("\n  %-18s %12s %12s\n", "stream", "rows", "rows/s");
    for (int i = 0; i < N_STREAMS; i++) {
        int64_t n = sv_session_rows(session, STREAMS[i].table);
        if (n > 0)
            printf("  %-18s %12lld %12.1f\n", STREAMS[i].name, (long long)n, span_s > 0 ? (double)n / span_s : 0.0);
    }
}

static void print_from(sv_session *session) {
    printf("  replays from");
    for (int i = SV_FROM_PIXELS; i <= SV_FROM_POINTS; i++) {
        sv_replay *replay;
        if (sv_replay_create(&replay, session, (sv_replay_from)i, 0, NULL) == SV_OK)
            printf(" %s", sv_replay_from_name((sv_replay_from)i));
        sv_replay_destroy(replay);
    }
    printf("\n");
}

sv_status info_session_print(sv_session *session) {
    const sv_session_meta *meta = sv_session_get_meta(session);
    sv_time t_first = 0, t_last = 0;
    bool any = span(session, &t_first, &t_last);
    double span_s = (double)(t_last - t_first) * 1e-9;
    camera_clock *clock = read_clocks(session);
    if (!clock)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    printf("%s (session of %d segment%s, level %s, version %d)\n%s%s", meta->name, sv_session_n_segments(session),
           sv_session_n_segments(session) == 1 ? "" : "s", level_name(meta), (int)sv_session_version(session),
           meta->description, *meta->description ? "\n" : "");
    printf("  %s\n", *sv_session_note(session) ? sv_session_note(session) : "ended well");
    if (any)
        printf("  %.3f to %.3f s (%s time), %.1f MB, %.2f MB/s\n", sv_time_to_s(t_first), sv_time_to_s(t_last),
               meta->time_scale, (double)sv_session_bytes(session) * 1e-6,
               span_s > 0 ? (double)sv_session_bytes(session) * 1e-6 / span_s : 0.0);
    printf("  recorded by %s, gate %.3f m, scored after %.3f s, %s\n", meta->commit, meta->gate_m, meta->warmup_s,
           sv_session_rows(session, SV_TABLE_TRUTH_STAMPS) > 0 ? "with truth" : "without truth");
    print_from(session);
    pixel_sizes sum = sum_of(clock, sv_session_config(session)->n_cameras);
    info_pixels_print(session, &sum);
    print_streams(session, span_s);
    print_cameras(session, clock);
    free(clock);
    return SV_OK;
}

sv_status info_session_write(sv_json_out *json, sv_session *session) {
    const sv_session_meta *meta = sv_session_get_meta(session);
    const sv_config *config = sv_session_config(session);
    sv_time t_first = 0, t_last = 0;
    bool any = span(session, &t_first, &t_last);
    camera_clock *clock = read_clocks(session);
    if (!clock)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    sv_json_out_text(json, "kind", "session");
    sv_json_out_int(json, "version", sv_session_version(session));
    sv_json_out_text(json, "level", level_name(meta));
    sv_json_out_text(json, "note", sv_session_note(session));
    sv_json_out_int(json, "segments", sv_session_n_segments(session));
    sv_json_out_uint(json, "bytes", sv_session_bytes(session));
    sv_json_out_number(json, "t_first_s", any ? sv_time_to_s(t_first) : NAN);
    sv_json_out_number(json, "t_last_s", any ? sv_time_to_s(t_last) : NAN);
    pixel_sizes sum = sum_of(clock, config->n_cameras);
    info_pixels_write(json, session, &sum);
    sv_json_out_open(json, "streams", '{', false);
    for (int i = 0; i < N_STREAMS; i++)
        sv_json_out_int(json, STREAMS[i].name, sv_session_rows(session, STREAMS[i].table));
    sv_json_out_close(json, '}');
    sv_json_out_open(json, "clocks", '[', false);
    for (int32_t i = 0; i < config->n_cameras; i++) {
        sv_json_out_open(json, NULL, '{', true);
        sv_json_out_int(json, "id", config->camera[i].id);
        sv_json_out_int(json, "frames", clock[i].n_frames);
        sv_json_out_int(json, "missing", clock[i].n_missing);
        sv_json_out_number(json, "measured_hz", measured_hz(&clock[i]));
        sv_json_out_number(json, "jitter_ms", jitter_ms(&clock[i]));
        sv_json_out_number(json, "worst_ms", clock[i].worst_ms);
        sv_json_out_uint(json, "bytes", clock[i].pixels.frame_bytes + clock[i].pixels.tile_bytes);
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, ']');
    free(clock);
    return SV_OK;
}
