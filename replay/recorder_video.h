/** Recording level `hevc`: a video file per camera beside the session, with a table of frame times. docs/SESSION_FORMAT.md 7. */
#ifndef REPLAY_RECORDER_VIDEO_H
#define REPLAY_RECORDER_VIDEO_H

#include <replay/recorder.h>
#include <replay/session_file.h>

typedef struct sv_video_recorder sv_video_recorder;

/**
 * Encoders for every camera of options->config; none where packets are copied (options->video).
 * Errors: of sv_hevc_check, SV_ERR_NOMEM. Destroy with sv_video_recorder_destroy.
 */
sv_status sv_video_recorder_create(sv_video_recorder **out, const sv_recorder_options *options, int n_threads);
void sv_video_recorder_destroy(sv_video_recorder *video);

/** None of the files of a segment at `path` is there yet. Errors: SV_ERR_INPUT naming the one that is, or a name too long. */
sv_status sv_video_recorder_check(const sv_video_recorder *video, const char *path);
/** End the files so far and begin those of the segment at `path`. Errors: SV_ERR_INPUT, SV_ERR_IO. */
sv_status sv_video_recorder_begin(sv_video_recorder *video, const char *path);

/**
 * Write an image with its row of the index in `file`; before the first of a lossy camera, measure what will survive.
 * Errors: SV_ERR_IO, SV_ERR_NOMEM.
 */
sv_status sv_video_recorder_image(sv_video_recorder *video, sv_session_file *file, const sv_frame *image);
/** The same of an image that is a packet already. */
sv_status sv_video_recorder_packet(sv_video_recorder *video, sv_session_file *file, const sv_frame *image,
                                   const void *packet, size_t n);

/** Everything written is on the disk. Errors: SV_ERR_IO. */
sv_status sv_video_recorder_sync(sv_video_recorder *video);
/** Bytes written to the files of this segment. */
uint64_t sv_video_recorder_bytes(const sv_video_recorder *video);

/** Name of a camera's video beside the session at `path`: SESSION.camID.hevc, or .csv. False: too long. */
bool sv_video_file_path(char out[SV_SESSION_PATH_CAP], const char *path, int32_t id, const char *ending);

#endif
