/* Every recorded byte checked, and everything whole copied to a clean session. */
#include <replay/session_parts.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One check under way. */
typedef struct checking {
    sv_session_check *out;
    sv_session *session;
    sv_segment *segment;
    sv_session_complain complain;
    void *user;
    union {
        sv_set_row set; /* the largest */
        sv_config config;
        sv_session_meta meta;
        sv_index_row index;
    } row;
} checking;

static void complain(const checking *c, const char *line) {
    if (c->complain != NULL) {
        c->complain(c->user, line);
    }
}

static sv_status check_frame(checking *c, int32_t camera, int64_t i_row) {
    const sv_index_row *index = &c->row.index;
    const sv_camera *of = &c->session->camera[camera];
    size_t most = (size_t)of->width * (size_t)of->height * 3 + 65536; /* more than any image packs to */
    sv_status status = index->size <= most ? sv_session_reserve(&c->session->packed, (size_t)index->size)
                                           : sv_fail(SV_ERR_INPUT, "too large");
    if (status == SV_ERR_NOMEM) {
        return status;
    }
    c->out->n_frames++;
    c->out->n_bytes += index->size;
    if (status == SV_OK && sv_segment_packed(c->session->packed.data, c->segment, camera, i_row, index) == SV_OK) {
        return SV_OK;
    }
    char line[512];
    c->out->n_bad_frames++;
    snprintf(line, sizeof line, "%.300s: camera %d, frame %d: pixels damaged or cut off", sv_segment_path(c->segment),
             (int)of->id, (int)index->number);
    complain(c, line);
    return SV_OK;
}

static sv_status check_table(checking *c, int32_t table) {
    int64_t n = sv_segment_rows(c->segment, table);
    int32_t n_cameras = c->session->config.n_cameras;
    int32_t camera = table < sv_table_tiles(n_cameras, 0) ? table - SV_TABLE_INDEX : -1; /* of an index */
    size_t row_size = sv_table_layout_of(table, n_cameras).row_size;
    for (int64_t i = 0; i < n; i++) {
        c->out->n_rows++;
        c->out->n_bytes += row_size;
        if (sv_segment_row(&c->row, c->segment, table, i) != SV_OK) {
            char line[512];
            c->out->n_bad_rows++;
            if (camera >= 0) {
                snprintf(line, sizeof line, "%.300s (camera %d)", sv_error_text(), (int)c->session->camera[camera].id);
            } else {
                snprintf(line, sizeof line, "%.400s", sv_error_text());
            }
            complain(c, line);
        } else if (camera >= 0) {
            sv_status status = check_frame(c, camera, i);
            if (status != SV_OK) {
                return status;
            }
        }
    }
    return SV_OK;
}

static void check_journal(checking *c) {
    const sv_segment_state *state = sv_segment_get_state(c->segment);
    char line[512];
    if (state->head_damaged) {
        c->out->n_bad_journal++;
        snprintf(line, sizeof line, "%.300s: /head is damaged", sv_segment_path(c->segment));
        complain(c, line);
    }
    if (state->n_damaged > 0) {
        c->out->n_bad_journal += state->n_damaged;
        snprintf(line, sizeof line, "%.300s: /journal: %lld lines are damaged", sv_segment_path(c->segment),
                 (long long)state->n_damaged);
        complain(c, line);
    }
}

sv_status sv_session_verify(sv_session_check *out, sv_session *session, sv_session_complain complain_to, void *user) {
    memset(out, 0, sizeof *out);
    checking c = {.out = out, .session = session, .complain = complain_to, .user = user};
    sv_status status = SV_OK;
    for (int32_t i = 0; i < session->n_segments && status == SV_OK; i++) {
        c.segment = session->segment[i];
        check_journal(&c);
        int32_t n_tables = sv_table_count(session->config.n_cameras);
        for (int32_t table = SV_TABLE_META; table < n_tables && status == SV_OK; table++) {
            status = check_table(&c, table);
        }
        const sv_segment_state *state = sv_segment_get_state(c.segment);
        if (status == SV_OK && state->version > SV_SESSION_VERSION_PLAIN) {
            status = check_table(&c, sv_table_video(session->config.n_cameras));
        }
        if (status == SV_OK && state->sealed && state->is_file) {
            out->n_bad_hdf5 += sv_session_compare_hdf5(session, c.segment, complain_to, user);
        }
    }
    return status == SV_OK ? sv_session_verify_tiles(out, session, complain_to, user) : status;
}

/* ---- copying what is whole ---- */

static sv_status copy_events(sv_session_repair *out, sv_session *session, sv_sink *sink, sv_team *team) {
    int64_t n = sv_session_rows(session, SV_TABLE_EVENTS);
    for (int64_t i = 0; i < n; i++) {
        sv_event event;
        sv_status status = sv_session_read_event(&event, session, i, team);
        if (status == SV_ERR_NOMEM) {
            return status;
        }
        out->n_bad_events += status != SV_OK ? 1 : 0;
        if (status != SV_OK && event.camera < 0) {
            continue;
        }
        out->n_events += status == SV_OK ? 1 : 0;
        if (status == SV_OK) {
            sv_session_hand_packet(session, sink->self, &event);
        }
        status = sink->event(sink->self, &event);
        if (status != SV_OK) {
            return status;
        }
    }
    return SV_OK;
}

/* Truth up to time t, from stamp *i on. */
static sv_status copy_truth(sv_session_repair *out, sv_session *session, sv_recorder *recorder, int64_t *i, sv_time t) {
    int64_t n = sv_session_rows(session, SV_TABLE_TRUTH_STAMPS);
    for (; *i < n; ++*i) {
        sv_truth_set set;
        sv_status status = sv_session_read_truth(&set, session, *i);
        if (status == SV_ERR_NOMEM) {
            return status;
        }
        if (status == SV_OK && set.t > t) {
            return SV_OK;
        }
        out->n_bad_stamps += status != SV_OK ? 1 : 0;
        out->n_stamps += status == SV_OK ? 1 : 0;
        status = status == SV_OK ? sv_recorder_truth(recorder, &set) : SV_OK;
        if (status != SV_OK) {
            return status;
        }
    }
    return SV_OK;
}

/* Frame sets, each with the truth up to its time before it. */
static sv_status copy_sets(sv_session_repair *out, sv_session *session, sv_recorder *recorder) {
    sv_sink sink = sv_recorder_sink(recorder);
    int64_t n = sv_session_n_sets(session), i_truth = 0;
    for (int64_t i = 0; i < n; i++) {
        const sv_products *products;
        sv_status status = sv_session_read_set(&products, session, i);
        if (status == SV_ERR_NOMEM) {
            return status;
        }
        bool whole = status == SV_OK;
        out->n_bad_sets += whole ? 0 : 1;
        out->n_sets += whole ? 1 : 0;
        status = whole ? copy_truth(out, session, recorder, &i_truth, products->t) : SV_OK;
        status = status == SV_OK && whole ? sink.set(sink.self, products) : status;
        if (status != SV_OK) {
            return status;
        }
    }
    return copy_truth(out, session, recorder, &i_truth, INT64_MAX);
}

sv_status sv_session_copy(sv_session_repair *out, sv_session *session, const char *path, sv_team *team) {
    memset(out, 0, sizeof *out);
    sv_recorder_options options = {.meta = session->meta,
                                   .level = (sv_record_level)session->meta.level,
                                   .config = &session->config,
                                   .expect = session->expect,
                                   .n_expect = session->n_expect};
    sv_recorder *recorder;
    sv_session_copy_packets(&options, session);
    sv_status status = sv_recorder_create(&recorder, path, &options, team);
    if (status != SV_OK) {
        return status;
    }
    sv_sink sink = sv_recorder_sink(recorder);
    status = copy_events(out, session, &sink, team);
    status = status == SV_OK ? copy_sets(out, session, recorder) : status;
    status = status == SV_OK ? sv_session_copy_tiles(session, recorder) : status;
    if (status != SV_OK) {
        sv_recorder_abandon(recorder);
        return status;
    }
    return sv_recorder_close(recorder);
}
