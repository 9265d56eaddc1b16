#include <replay/checksum64.h>
#include <replay/contrast.h>
#include <replay/hevc.h>
#include <replay/recorder_video.h>

#include <errno.h>
#include <fcntl.h>
#include <formats/csv.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_CAP = 64 };

/* One file being written. */
typedef struct side_file {
    char path[SV_SESSION_PATH_CAP];
    int fd; /* -1: not open */
    uint64_t n_bytes;
} side_file;

typedef struct camera_video {
    sv_hevc_encoder *encoder;
    side_file packets, times;
    int64_t n_frames; /* in the files */
    sv_video_row row; /* what is known of it */
    bool known, told; /* measured; in the session's /meta/video */
} camera_video;

struct sv_video_recorder {
    const sv_config *config;
    bool encodes;
    int crf;
    int n_threads;
    sv_video_measured measured;
    void *user;
    camera_video *camera; /* [n_cameras] */
};

bool sv_video_file_path(char out[SV_SESSION_PATH_CAP], const char *path, int32_t id, const char *ending) {
    size_t n = strlen(path);
    size_t n_stem = n > 3 && strcmp(path + n - 3, ".h5") == 0 ? n - 3 : n;
    int n_out = snprintf(out, SV_SESSION_PATH_CAP, "%.*s.cam%d.%s", (int)n_stem, path, (int)id, ending);
    return n_out > 0 && n_out < SV_SESSION_PATH_CAP;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* ---- files ---- */

static sv_status open_side(side_file *side) {
    side->n_bytes = 0;
    side->fd = open(side->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return side->fd >= 0 ? SV_OK : sv_fail(SV_ERR_IO, "%s: cannot create: %s", side->path, strerror(errno));
}

static void close_side(side_file *side) {
    if (side->fd >= 0) {
        close(side->fd);
    }
    side->fd = -1;
}

static sv_status write_side(side_file *side, const void *data, size_t n) {
    const uint8_t *from = data;
    while (n > 0) {
        ssize_t put = write(side->fd, from, n);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return sv_fail(SV_ERR_IO, "%s: cannot write: %s", side->path, strerror(put < 0 ? errno : EIO));
        }
        from += put;
        n -= (size_t)put;
        side->n_bytes += (uint64_t)put;
    }
    return SV_OK;
}

static sv_status name_files(char packets[SV_SESSION_PATH_CAP], char times[SV_SESSION_PATH_CAP], const char *path,
                            int32_t id) {
    if (!sv_video_file_path(packets, path, id, "hevc") || !sv_video_file_path(times, path, id, "csv") ||
        strlen(base_name(packets)) >= sizeof((sv_video_row *)NULL)->file) {
        return sv_fail(SV_ERR_INPUT, "%.64s...: the name is too long for the videos beside it", base_name(path));
    }
    return SV_OK;
}

sv_status sv_video_recorder_check(const sv_video_recorder *v, const char *path) {
    char packets[SV_SESSION_PATH_CAP], times[SV_SESSION_PATH_CAP];
    for (int32_t i = 0; i < v->config->n_cameras; i++) {
        sv_status status = name_files(packets, times, path, v->config->camera[i].id);
        if (status != SV_OK) {
            return status;
        }
        const char *there = access(packets, F_OK) == 0 ? packets : access(times, F_OK) == 0 ? times : NULL;
        if (there != NULL) {
            return sv_fail(SV_ERR_INPUT, "%s: cannot create: it exists, and a recording is never overwritten", there);
        }
    }
    return SV_OK;
}

sv_status sv_video_recorder_begin(sv_video_recorder *v, const char *path) {
    sv_status status = SV_OK;
    for (int32_t i = 0; i < v->config->n_cameras && status == SV_OK; i++) {
        camera_video *camera = &v->camera[i];
        close_side(&camera->packets);
        close_side(&camera->times);
        camera->n_frames = 0;
        camera->told = false;
        status = name_files(camera->packets.path, camera->times.path, path, v->config->camera[i].id);
        status = status == SV_OK ? open_side(&camera->packets) : status;
        status = status == SV_OK ? open_side(&camera->times) : status;
        status = status == SV_OK ? write_side(&camera->times, "frame,t_s\n", 10) : status;
    }
    return status;
}

sv_status sv_video_recorder_sync(sv_video_recorder *v) {
    for (int32_t i = 0; i < v->config->n_cameras; i++) {
        const side_file *side = &v->camera[i].packets;
        if (side->fd >= 0 && fdatasync(side->fd) != 0) {
            return sv_fail(SV_ERR_IO, "%s: cannot write: %s", side->path, strerror(errno));
        }
    }
    return SV_OK;
}

uint64_t sv_video_recorder_bytes(const sv_video_recorder *v) {
    uint64_t sum = 0;
    for (int32_t i = 0; i < v->config->n_cameras; i++) {
        sum += v->camera[i].packets.n_bytes;
    }
    return sum;
}

/* ---- creation ---- */

sv_status sv_video_recorder_create(sv_video_recorder **out, const sv_recorder_options *options, int n_threads) {
    *out = NULL;
    sv_video_recorder *v = calloc(1, sizeof *v);
    camera_video *camera = calloc((size_t)options->config->n_cameras + 1, sizeof *camera);
    if (v == NULL || camera == NULL) {
        free(v);
        free(camera);
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    *v = (sv_video_recorder){.config = options->config,
                             .encodes = options->video == NULL,
                             .crf = options->lossy ? options->crf : SV_HEVC_LOSSLESS,
                             .n_threads = n_threads,
                             .measured = options->measured,
                             .user = options->user,
                             .camera = camera};
    sv_status status = SV_OK;
    for (int32_t i = 0; i < v->config->n_cameras; i++) {
        camera[i].packets.fd = camera[i].times.fd = -1;
    }
    for (int32_t i = 0; i < v->config->n_cameras && status == SV_OK; i++) {
        camera[i].row.camera = i;
        if (v->encodes) {
            status = sv_hevc_encoder_create(&camera[i].encoder, &v->config->camera[i], v->crf, n_threads);
        } else {
            camera[i].row = options->video[i];
            camera[i].known = true;
        }
    }
    if (status != SV_OK) {
        sv_video_recorder_destroy(v);
        return status;
    }
    *out = v;
    return SV_OK;
}

void sv_video_recorder_destroy(sv_video_recorder *v) {
    if (v == NULL) {
        return;
    }
    for (int32_t i = 0; i < v->config->n_cameras; i++) {
        sv_hevc_encoder_destroy(v->camera[i].encoder);
        close_side(&v->camera[i].packets);
        close_side(&v->camera[i].times);
    }
    free(v->camera);
    free(v);
}

/* ---- images ---- */

/* Before a camera's first image is written: what of a faint target will be left. */
static sv_status measure(sv_video_recorder *v, const sv_frame *image) {
    camera_video *camera = &v->camera[image->camera];
    camera->row.crf = v->crf;
    for (int k = 0; k < SV_VIDEO_CONTRASTS; k++) {
        camera->row.contrast[k] = camera->row.contrast_p10[k] = 1;
    }
    sv_status status = SV_OK;
    if (v->crf != SV_HEVC_LOSSLESS) {
        status = sv_contrast_measure(&camera->row, &v->config->camera[image->camera], image, v->crf, v->n_threads);
    }
    if (status == SV_OK && v->crf != SV_HEVC_LOSSLESS && v->measured != NULL) {
        v->measured(v->user, &v->config->camera[image->camera], &camera->row);
    }
    camera->known = status == SV_OK;
    return status;
}

/* The session names the file, twice, before it refers to it. */
static sv_status tell(const sv_video_recorder *v, sv_session_file *file, camera_video *camera) {
    int32_t table = sv_table_video(v->config->n_cameras);
    memset(camera->row.file, 0, sizeof camera->row.file);
    strcpy(camera->row.file, base_name(camera->packets.path));
    sv_status status = sv_session_file_append(file, table, &camera->row, NULL);
    status = status == SV_OK ? sv_session_file_append(file, table, &camera->row, NULL) : status;
    camera->told = status == SV_OK;
    return status;
}

static sv_status write_time(camera_video *camera, sv_time t) {
    char line[LINE_CAP], seconds[SV_NUMBER_CAP];
    int n = snprintf(line, sizeof line, "%lld,%s\n", (long long)camera->n_frames, sv_number_time(seconds, t));
    return write_side(&camera->times, line, (size_t)n);
}

sv_status sv_video_recorder_packet(sv_video_recorder *v, sv_session_file *file, const sv_frame *image,
                                   const void *packet, size_t n) {
    camera_video *camera = &v->camera[image->camera];
    sv_status status = camera->told ? SV_OK : tell(v, file, camera);
    int64_t i_row = sv_session_file_rows(file, SV_TABLE_INDEX + image->camera);
    sv_index_row row = {.number = image->number,
                        .t = image->t,
                        .offset = camera->packets.n_bytes,
                        .size = n,
                        .checksum = sv_checksum64(packet, n, (uint64_t)i_row)};
    status = status == SV_OK ? write_side(&camera->packets, packet, n) : status;
    status = status == SV_OK ? write_time(camera, image->t) : status;
    camera->n_frames++;
    return status == SV_OK ? sv_session_file_append(file, SV_TABLE_INDEX + image->camera, &row, NULL) : status;
}

sv_status sv_video_recorder_image(sv_video_recorder *v, sv_session_file *file, const sv_frame *image) {
    camera_video *camera = &v->camera[image->camera];
    const uint8_t *packet;
    size_t n;
    sv_status status = camera->known ? SV_OK : measure(v, image);
    status = status == SV_OK ? sv_hevc_encode(&packet, &n, camera->encoder, image) : status;
    return status == SV_OK ? sv_video_recorder_packet(v, file, image, packet, n) : status;
}
