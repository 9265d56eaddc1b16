#include "video_clip.h"

#include "interrupt.h"

#include <replay/video.h>
#include <stdio.h>
#include <stdlib.h>

/* Room for one more, doubled when full; NULL: out of memory, the old items stay. */
static void *grown(void *items, size_t *cap, size_t n, size_t size) {
    if (n < *cap)
        return items;
    const size_t wanted = *cap ? 2 * *cap : 512;
    void *more = realloc(items, wanted * size);
    if (more)
        *cap = wanted;
    return more;
}

static uint64_t hash_frame(int32_t i_clip, const sv_frame *frame) {
    sv_hash hash = sv_hash_begin();
    sv_hash_i64(&hash, i_clip);
    sv_hash_i64(&hash, frame->number);
    sv_hash_i64(&hash, frame->t);
    return sv_hash_end(&hash);
}

static uint64_t hash_blobs(const sv_blob2d *blob, size_t n) {
    sv_hash hash = sv_hash_begin();
    for (size_t i = 0; i < n; i++) {
        sv_hash_double(&hash, blob[i].u_px);
        sv_hash_double(&hash, blob[i].v_px);
        sv_hash_double(&hash, blob[i].snr);
        sv_hash_i64(&hash, blob[i].area_px);
    }
    return sv_hash_end(&hash);
}

static uint64_t hash_tracks(const sv_track2d *track, size_t n) {
    sv_hash hash = sv_hash_begin();
    for (size_t i = 0; i < n; i++) {
        sv_hash_i64(&hash, track[i].id);
        sv_hash_double(&hash, track[i].u_px);
        sv_hash_double(&hash, track[i].v_px);
        sv_hash_double(&hash, track[i].w_px);
        sv_hash_double(&hash, track[i].h_px);
        sv_hash_double(&hash, track[i].score);
    }
    return sv_hash_end(&hash);
}

/* A frame's products; fusion and voxels have none: their hashes are of nothing. */
static sv_status keep(clip_result *out, const sv_image2d *tracker, int32_t i_clip, const sv_frame *frame) {
    size_t n_blobs, n_tracks;
    const sv_blob2d *blob = sv_image2d_blobs(tracker, &n_blobs);
    const sv_track2d *track = sv_image2d_tracks(tracker, &n_tracks);
    const sv_hash nothing = sv_hash_begin();
    sv_ledger_line *line = grown(out->ledger, &out->ledger_cap, out->n_frames, sizeof *line);
    if (!line)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    out->ledger = line;
    out->ledger[out->n_frames++] = (sv_ledger_line){
        .set = frame->number,
        .hash = {[SV_STAGE_SYNC] = hash_frame(i_clip, frame),
                 [SV_STAGE_DETECT] = hash_blobs(blob, n_blobs),
                 [SV_STAGE_FUSE] = sv_hash_end(&nothing),
                 [SV_STAGE_VOXEL] = sv_hash_end(&nothing),
                 [SV_STAGE_TRACK] = hash_tracks(track, n_tracks)},
    };
    for (size_t i = 0; i < n_tracks; i++) {
        clip_row *row = grown(out->row, &out->row_cap, out->n_rows, sizeof *row);
        if (!row)
            return sv_fail(SV_ERR_NOMEM, "out of memory");
        out->row = row;
        out->row[out->n_rows++] = (clip_row){frame->number, frame->t, track[i]};
    }
    out->motion = sv_image2d_motion(tracker);
    out->moved = out->moved || out->motion.moves;
    out->n_restarts += out->motion.restarted;
    return SV_OK;
}

static sv_status run_frames(clip_result *out, sv_video_rig *rig, int32_t i_clip, const sv_backend *backend) {
    const sv_video_info *info = sv_video_rig_info(rig, 0);
    const sv_image2d_config config = sv_image2d_config_default();
    sv_source source = sv_video_rig_source(rig);
    sv_image2d *tracker;
    sv_status status =
        sv_image2d_create(&tracker, &config, backend, info->width, info->height, info->bit_depth, info->rate_hz);
    sv_event event = {0};
    sv_frame frame = {0};
    sv_time t_first = 0;
    while (status == SV_OK) {
        status = source.next(source.self, &event);
        const bool more = status == SV_OK && event.kind == SV_EVENT_FRAME;
        /* A frame is kept once it is known whether another follows: a single one is looked at in another way. */
        if (status == SV_OK && !more)
            status = sv_image2d_end(tracker);
        if (status == SV_OK && frame.pixels)
            status = keep(out, tracker, i_clip, &frame);
        out->interrupted = more && interrupt_requested();
        if (status != SV_OK || !more || out->interrupted)
            break;
        frame = event.as.image;
        if (frame.number == 0)
            t_first = frame.t;
        out->duration_s = (double)(frame.t - t_first) * 1e-9 + 1 / info->rate_hz;
        status = sv_image2d_step(tracker, &frame);
    }
    sv_image2d_destroy(tracker);
    return status;
}

/* Rows are by frame; a track's first row is where its id first appears. */
static int64_t count_tracks(const clip_result *out) {
    int64_t n = 0, newest = 0;
    for (size_t i = 0; i < out->n_rows; i++) {
        bool fresh = true;
        if (out->row[i].track.id <= newest)
            for (size_t j = 0; j < i && fresh; j++)
                fresh = out->row[j].track.id != out->row[i].track.id;
        n += fresh;
        newest = out->row[i].track.id > newest ? out->row[i].track.id : newest;
    }
    return n;
}

void clip_run(clip_result *out, const sv_clip *clip, int32_t i_clip, const sv_backend *backend, int n_decoder_threads) {
    *out = (clip_result){0};
    const char *video = clip->video, *times = *clip->times ? clip->times : NULL;
    sv_video_rig *rig;
    out->status = sv_video_rig_open(&rig, &video, &times, 1, n_decoder_threads);
    if (out->status == SV_OK)
        out->status = run_frames(out, rig, i_clip, backend);
    /* The text is this thread's. The tracker's own errors know no file. */
    if (out->status == SV_ERR_ARG)
        snprintf(out->error, sizeof out->error, "%s: %s", video, sv_error_text());
    else if (out->status != SV_OK)
        snprintf(out->error, sizeof out->error, "%s", sv_error_text());
    sv_video_rig_destroy(rig);
    out->n_tracks = count_tracks(out);
}

void clip_result_free(clip_result *result) {
    free(result->row);
    free(result->ledger);
    *result = (clip_result){0};
}
