/** Video files as FRAME events: luma straight from the decoder, one file per camera. docs/DATASETS.md. */
#ifndef REPLAY_VIDEO_H
#define REPLAY_VIDEO_H

#include <skyvox/event.h>

typedef struct sv_video sv_video;

/** What the file says before its first frame is asked for. */
typedef struct sv_video_info {
    int32_t width, height;
    int32_t bit_depth; /* 8..16 of the luma */
    double rate_hz;    /* nominal; 25 where the file says nothing */
    char codec[32];
} sv_video_info;

/**
 * Open a video file, or an image sequence ("img_%04d.png").
 *
 *   times      in  CSV table frame,t_s with the time of every frame; NULL: the file's own time stamps
 *   n_threads  in  of the decoder, 1..64; changes no bit
 *
 * Errors: SV_ERR_INPUT (missing, broken, no video in it, pixel format without luma of 8 to 16 bit), SV_ERR_NOMEM,
 * SV_ERR_UNSUPPORTED (a build without FFmpeg). Close with sv_video_close.
 */
sv_status sv_video_open(sv_video **out, const char *path, const char *times, int n_threads);
void sv_video_close(sv_video *video);

const sv_video_info *sv_video_get_info(const sv_video *video);

/**
 * Next frame in order of presentation; camera is 0, pixels are borrowed until the next call. SV_END after the last.
 * Errors: SV_ERR_INPUT (a frame that is broken, changes its size, has no time or one not after its predecessor's).
 */
sv_status sv_video_next(sv_video *video, sv_frame *frame);

/** False in a build without FFmpeg. */
bool sv_video_is_supported(void);

/** True when the name ends like a video file's or is an image sequence; such a file may still not be one. */
bool sv_video_detect(const char *path);

/** True when the name ends like an image's. */
bool sv_video_is_image(const char *path);

/* ---- several files as one source ---- */

typedef struct sv_video_rig sv_video_rig;

/**
 * FRAME events of n files in order of time, ties by camera; camera i is file i.
 *
 *   path   in  [n]
 *   times  in  [n] tables or NULL; NULL: none at all
 *
 * Errors: as sv_video_open; SV_ERR_ARG (n < 1). Destroy with sv_video_rig_destroy.
 */
sv_status sv_video_rig_open(sv_video_rig **out, const char *const *path, const char *const *times, int32_t n,
                            int n_threads);
void sv_video_rig_destroy(sv_video_rig *rig);
const sv_video_info *sv_video_rig_info(const sv_video_rig *rig, int32_t camera);
/** The files as a source without truth; `close` does nothing. */
sv_source sv_video_rig_source(sv_video_rig *rig);

#endif
