/** One clip from pixels to 2D tracks, labels untouched. */
#ifndef CLI_VIDEO_CLIP_H
#define CLI_VIDEO_CLIP_H

#include <replay/video_set.h>
#include <skyvox/image2d.h>
#include <skyvox/ledger.h>

enum { CLIP_ERROR_CAP = 512 };

typedef struct clip_row {
    int32_t frame;
    sv_time t;
    sv_track2d track;
} clip_row;

typedef struct clip_result {
    sv_status status;
    char error[CLIP_ERROR_CAP];
    clip_row *row; /* [n_rows] by frame, then track id; owned */
    size_t n_rows, row_cap;
    sv_ledger_line *ledger; /* [n_frames], set = frame; owned */
    size_t n_frames, ledger_cap;
    sv_motion2d motion; /* after the last frame */
    bool moved;
    int32_t n_restarts;
    int64_t n_tracks;
    double duration_s;
    bool interrupted;
} clip_result;

/** Runs clip i_clip to its end or until a signal; never reads a label. Errors stay in the result. */
void clip_run(clip_result *out, const sv_clip *clip, int32_t i_clip, const sv_backend *backend, int n_decoder_threads);
void clip_result_free(clip_result *result);

#endif
