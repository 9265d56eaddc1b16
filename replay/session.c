/* A session opened: segments, configuration, rows over all segments. */
#include <replay/session_parts.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SEGMENTS_CAP = 4096 };

sv_status sv_session_reserve(sv_session_buffer *buffer, size_t n) {
    if (n <= buffer->size && buffer->data != NULL) {
        return SV_OK;
    }
    void *grown = realloc(buffer->data, n + 1);
    if (grown == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory for %zu bytes", n);
    }
    buffer->data = grown;
    buffer->size = n;
    return SV_OK;
}

/* ---- opening ---- */

/* Row i, or its copy n rows later: the configuration is there twice. */
static sv_status read_twice(void *row, sv_segment *segment, int32_t table, int64_t i, int64_t n) {
    sv_status status = sv_segment_row(row, segment, table, i);
    return status == SV_OK ? SV_OK : sv_segment_row(row, segment, table, i + n);
}

static sv_status read_cameras(sv_session *s, sv_segment *segment) {
    int64_t n = sv_segment_get_state(segment)->n_cameras;
    s->camera = calloc((size_t)n + 1, sizeof *s->camera);
    if (s->camera == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    sv_status status = SV_OK;
    for (int64_t i = 0; i < n && status == SV_OK; i++) {
        status = read_twice(&s->camera[i], segment, SV_TABLE_CAMERAS, i, n);
    }
    s->config.camera = s->camera;
    s->config.n_cameras = (int32_t)n;
    return status;
}

static sv_status read_expect(sv_session *s, sv_segment *segment) {
    int64_t n = sv_segment_rows(segment, SV_TABLE_EXPECT);
    s->expect = calloc((size_t)n + 1, sizeof *s->expect);
    if (s->expect == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    sv_status status = SV_OK;
    for (; s->n_expect < n && status == SV_OK; s->n_expect++) {
        sv_expect_row *row = &s->expect[s->n_expect];
        status = sv_segment_row(row, segment, SV_TABLE_EXPECT, s->n_expect);
        if (status != SV_OK) { /* a threshold that is lost is not held against the run */
            return SV_OK;
        }
        row->name[sizeof row->name - 1] = '\0';
    }
    return status;
}

static void end_texts(sv_session_meta *meta) {
    meta->name[sizeof meta->name - 1] = '\0';
    meta->description[sizeof meta->description - 1] = '\0';
    meta->commit[sizeof meta->commit - 1] = '\0';
    meta->time_scale[sizeof meta->time_scale - 1] = '\0';
}

/* The configuration is the same in every segment, so any of them will do. */
static sv_status read_configuration(sv_session *s, sv_segment *segment) {
    sv_status status = read_twice(&s->meta, segment, SV_TABLE_META, 0, 1);
    status = status == SV_OK ? read_twice(&s->config, segment, SV_TABLE_CONFIG, 0, 1) : status;
    status = status == SV_OK ? read_cameras(s, segment) : status;
    status = status == SV_OK ? read_expect(s, segment) : status;
    end_texts(&s->meta);
    s->config.from = SV_STAGE_SYNC;
    if (status == SV_OK && sv_config_check(&s->config) != SV_OK) {
        char what[200];
        snprintf(what, sizeof what, "%s", sv_error_text());
        status = sv_fail(SV_ERR_INPUT, "%s: %s", sv_segment_path(segment), what);
    }
    return status;
}

static void note_state(sv_session *s, int32_t i) {
    const sv_segment_state *state = sv_segment_get_state(s->segment[i]);
    const char *path = sv_segment_path(s->segment[i]);
    if (s->note[0] != '\0') {
        return;
    }
    if (state->head_damaged || state->n_damaged > 0) {
        snprintf(s->note, sizeof s->note, "%s: its directory is damaged; it was searched for what is whole", path);
    } else if (!state->closed) {
        snprintf(s->note, sizeof s->note, "%s: the recording did not end well; the last moments may be missing", path);
    }
}

static sv_status keep_segment(sv_session *s, sv_segment *segment) {
    sv_segment **grown = realloc(s->segment, ((size_t)s->n_segments + 1) * sizeof *grown);
    if (grown == NULL) {
        sv_segment_close(segment);
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    s->segment = grown;
    s->segment[s->n_segments++] = segment;
    note_state(s, s->n_segments - 1);
    return SV_OK;
}

/* SV_END: there is no such segment. One that belongs to another recording ends the session, too. */
static sv_status open_next(sv_session *s, const char *path) {
    char next[SV_SESSION_PATH_CAP];
    struct stat info;
    if (s->n_segments >= SEGMENTS_CAP || !sv_session_segment_path(next, path, s->n_segments) ||
        stat(next, &info) != 0) {
        return SV_END;
    }
    sv_segment *segment;
    sv_status status = sv_segment_open(&segment, next);
    if (status == SV_ERR_INPUT) { /* a segment that was just begun when the machine stopped holds nothing yet */
        snprintf(s->note, sizeof s->note, "%.200s", sv_error_text());
        return SV_END;
    }
    if (status != SV_OK) {
        return status;
    }
    const sv_segment_state *first = sv_segment_get_state(s->segment[0]), *state = sv_segment_get_state(segment);
    if (state->session != first->session || state->n_cameras != first->n_cameras) {
        snprintf(s->note, sizeof s->note, "%.180s: of another recording, left out", next);
        sv_segment_close(segment);
        return SV_END;
    }
    return keep_segment(s, segment);
}

sv_status sv_session_open(sv_session **out, const char *path) {
    *out = NULL;
    sv_session *s = calloc(1, sizeof *s);
    sv_segment *segment;
    if (s == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    sv_status status = sv_segment_open(&segment, path);
    status = status == SV_OK ? keep_segment(s, segment) : status;
    while (status == SV_OK) {
        status = open_next(s, path);
    }
    status = status == SV_END ? read_configuration(s, s->segment[0]) : status;
    status = status == SV_OK ? sv_session_attach_videos(s) : status;
    if (status != SV_OK) {
        sv_session_close(s);
        return status;
    }
    *out = s;
    return SV_OK;
}

sv_status sv_session_open_image(sv_session **out, const void *image, size_t n) {
    *out = NULL;
    sv_session *s = calloc(1, sizeof *s);
    sv_segment *segment;
    if (s == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    sv_status status = sv_segment_open_image(&segment, image, n);
    status = status == SV_OK ? keep_segment(s, segment) : status;
    status = status == SV_OK ? read_configuration(s, s->segment[0]) : status;
    status = status == SV_OK ? sv_session_attach_videos(s) : status;
    if (status != SV_OK) {
        sv_session_close(s);
        return status;
    }
    *out = s;
    return SV_OK;
}

static void free_arrays(sv_session_arrays *arrays) {
    free(arrays->detection.data);
    free(arrays->ray.data);
    free(arrays->point.data);
    free(arrays->track.data);
    free(arrays->alive.data);
}

void sv_session_close(sv_session *s) {
    if (s == NULL) {
        return;
    }
    for (int32_t i = 0; i < s->n_segments; i++) {
        sv_segment_close(s->segment[i]);
    }
    sv_session_free_videos(s);
    free_arrays(&s->set);
    free_arrays(&s->event);
    free(s->sample.data);
    free(s->view.data);
    free(s->packed.data);
    free(s->pixels.data);
    free(s->key.data);
    free(s->segment);
    free(s->camera);
    free(s->expect);
    free(s);
}

bool sv_session_detect(const char *path) {
    return sv_segment_detect(path);
}

/* ---- what it is ---- */

const sv_session_meta *sv_session_get_meta(const sv_session *s) {
    return &s->meta;
}

const sv_config *sv_session_config(const sv_session *s) {
    return &s->config;
}

sv_config *sv_session_config_edit(sv_session *s) {
    return &s->config;
}

const sv_expect_row *sv_session_expect(const sv_session *s, int32_t *n) {
    *n = s->n_expect;
    return s->expect;
}

int32_t sv_session_n_segments(const sv_session *s) {
    return s->n_segments;
}

uint64_t sv_session_bytes(const sv_session *s) {
    uint64_t sum = 0;
    for (int32_t i = 0; i < s->n_segments; i++) {
        sum += sv_segment_get_state(s->segment[i])->n_bytes;
        for (int32_t c = 0; c < s->config.n_cameras; c++) {
            sum += sv_segment_video_bytes(s->segment[i], c);
        }
    }
    return sum;
}

uint32_t sv_session_version(const sv_session *s) {
    return sv_segment_get_state(s->segment[0])->version;
}

const char *sv_session_note(const sv_session *s) {
    return s->note;
}

/* ---- rows ---- */

int64_t sv_session_rows(const sv_session *s, int32_t table) {
    int64_t sum = 0;
    for (int32_t i = 0; i < s->n_segments; i++) {
        sum += sv_segment_rows(s->segment[i], table);
    }
    return sum;
}

bool sv_session_locate(const sv_session *s, int32_t table, int64_t i_row, int32_t *i_segment, int64_t *row) {
    for (int32_t i = 0; i < s->n_segments; i++) {
        int64_t n = sv_segment_rows(s->segment[i], table);
        if (i_row < n) {
            *i_segment = i;
            *row = i_row;
            return i_row >= 0;
        }
        i_row -= n;
    }
    return false;
}

sv_status sv_session_row(void *row, sv_session *s, int32_t table, int64_t i_row) {
    int32_t i_segment;
    int64_t i;
    if (!sv_session_locate(s, table, i_row, &i_segment, &i)) {
        return sv_fail(SV_ERR_INPUT, "%s: table %d has no row %lld", sv_segment_path(s->segment[0]), (int)table,
                       (long long)i_row);
    }
    return sv_segment_row(row, s->segment[i_segment], table, i);
}

sv_status sv_session_rows_of(sv_session_buffer *out, sv_segment *segment, int32_t table, int64_t first, int64_t n) {
    size_t size = sv_table_layout_of(table, sv_segment_get_state(segment)->n_cameras).memory_size;
    int64_t n_rows = sv_segment_rows(segment, table);
    if (first < 0 || n < 0 || n > n_rows || first > n_rows - n) {
        char name[64];
        sv_segment_table_name(name, segment, table);
        return sv_fail(SV_ERR_INPUT, "%s: %s: %lld rows from row %lld on are not there", sv_segment_path(segment), name,
                       (long long)n, (long long)first);
    }
    sv_status status = sv_session_reserve(out, (size_t)n * size);
    for (int64_t i = 0; i < n && status == SV_OK; i++) {
        status = sv_segment_row((uint8_t *)out->data + (size_t)i * size, segment, table, first + i);
    }
    return status;
}

/* Time of row i; damaged rows take that of the next whole one. */
static sv_time time_of(sv_session *s, int32_t table, int64_t i) {
    union {
        sv_event_row event;
        sv_set_row set;
        sv_truth_stamp_row truth;
    } row;
    for (; i < sv_session_rows(s, table); i++) {
        if (sv_session_row(&row, s, table, i) == SV_OK) {
            return table == SV_TABLE_EVENTS ? row.event.t : table == SV_TABLE_SETS ? row.set.t : row.truth.t;
        }
    }
    return INT64_MAX;
}

int64_t sv_session_seek(sv_session *s, int32_t table, sv_time t) {
    int64_t low = 0, high = sv_session_rows(s, table);
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (time_of(s, table, middle) < t) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}
