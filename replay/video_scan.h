/** What a video file holds, told from its packets without decoding a picture. */
#ifndef REPLAY_VIDEO_SCAN_H
#define REPLAY_VIDEO_SCAN_H

#include <skyvox/base.h>

typedef struct sv_video_scan {
    int32_t n_video, n_audio, n_other; /* streams */
    int64_t n_frames;                  /* of the stream that is used; of the table where there is one */
    sv_time t_first, t_last;
    sv_time step_median, step_min, step_max; /* between frames; 0 for fewer than two */
    int64_t n_gaps;                          /* steps above 1.5 times the median */
    bool is_variable;                        /* steps differ by more than the file's clock explains */
} sv_video_scan;

/**
 * Read every packet's time.
 *
 *   times  in  table frame,t_s that stands in for the file's time stamps; NULL none
 *
 * Errors: SV_ERR_INPUT (missing, broken, no video in it), SV_ERR_NOMEM, SV_ERR_UNSUPPORTED (a build without FFmpeg).
 */
sv_status sv_video_scan_file(sv_video_scan *out, const char *path, const char *times);

#endif
