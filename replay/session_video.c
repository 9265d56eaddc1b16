/* Level hevc: frames out of the videos beside the session. */
#include <replay/session_parts.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- finding the files ---- */

/* The file lies beside the segment; a name that would lead elsewhere is no name. */
static bool path_of(char out[SV_SESSION_PATH_CAP], const sv_segment *segment, const char *file) {
    const char *path = sv_segment_path(segment), *slash = strrchr(path, '/');
    int n_folder = slash != NULL ? (int)(slash - path) + 1 : 0;
    int n = snprintf(out, SV_SESSION_PATH_CAP, "%.*s%s", n_folder, path, file);
    return n < SV_SESSION_PATH_CAP && file[0] != '\0' && strchr(file, '/') == NULL;
}

/* Rows come in pairs, one a copy of the other. */
static sv_status attach_segment(sv_session *s, sv_segment *segment) {
    int32_t table = sv_table_video(s->config.n_cameras), last = -1;
    sv_status status = sv_segment_expect_video(segment);
    for (int64_t i = 0; i < sv_segment_rows(segment, table) && status == SV_OK; i++) {
        char path[SV_SESSION_PATH_CAP];
        sv_video_row row;
        if (sv_segment_row(&row, segment, table, i) != SV_OK || row.camera < 0 || row.camera >= s->config.n_cameras ||
            row.camera == last) {
            continue;
        }
        row.file[sizeof row.file - 1] = '\0';
        last = row.camera;
        s->video[row.camera] = row;
        status = path_of(path, segment, row.file) ? sv_segment_attach_video(segment, row.camera, path)
                                                  : sv_fail(SV_ERR_INPUT, "\"%s\": not a file's name", row.file);
        if (status == SV_ERR_INPUT) {
            snprintf(s->note, sizeof s->note, "%.200s: the pixels of camera %d are missing", sv_error_text(),
                     (int)s->camera[row.camera].id);
            status = SV_OK;
        }
    }
    return status;
}

sv_status sv_session_attach_videos(sv_session *s) {
    if (s->meta.level != SV_RECORD_HEVC) {
        return SV_OK;
    }
    s->video = calloc((size_t)s->config.n_cameras + 1, sizeof *s->video);
    s->decoder = calloc((size_t)s->config.n_cameras + 1, sizeof(sv_hevc_decoder *));
    sv_status status = s->video != NULL && s->decoder != NULL ? SV_OK : sv_fail(SV_ERR_NOMEM, "out of memory");
    for (int32_t i = 0; i < s->n_segments && status == SV_OK; i++) {
        status = attach_segment(s, s->segment[i]);
    }
    return status;
}

void sv_session_free_videos(sv_session *s) {
    for (int32_t i = 0; s->decoder != NULL && i < s->config.n_cameras; i++) {
        sv_hevc_decoder_destroy(s->decoder[i]);
    }
    free(s->decoder);
    free(s->video);
}

const sv_video_row *sv_session_video(const sv_session *s, int32_t camera) {
    return s->video != NULL && s->video[camera].file[0] != '\0' ? &s->video[camera] : NULL;
}

bool sv_session_is_lossy(const sv_session *s) {
    for (int32_t i = 0; i < s->config.n_cameras; i++) {
        const sv_video_row *video = sv_session_video(s, i);
        if (video != NULL && video->crf != SV_HEVC_LOSSLESS) {
            return true;
        }
    }
    return false;
}

/* ---- frames ---- */

sv_status sv_session_decode_video(void *pixels, sv_session *s, int32_t camera, size_t n_packet, sv_team *team) {
    sv_status status = SV_OK;
    if (s->decoder[camera] == NULL) {
        status = sv_hevc_decoder_create(&s->decoder[camera], &s->camera[camera], team != NULL ? sv_team_size(team) : 1);
    }
    return status == SV_OK ? sv_hevc_decode(pixels, s->decoder[camera], s->packed.data, n_packet) : status;
}

/* ---- copies ---- */

void sv_session_copy_packets(sv_recorder_options *options, sv_session *s) {
    s->packets_only = s->meta.level == SV_RECORD_HEVC;
    options->video = s->video;
}

void sv_session_hand_packet(sv_session *s, sv_recorder *recorder, const sv_event *event) {
    if (s->packets_only && event->kind == SV_EVENT_FRAME && event->as.image.width > 0) {
        sv_recorder_put_packet(recorder, s->packed.data, s->n_packet);
    }
}
