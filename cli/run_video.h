/** `skyvox run` on a video or a folder of videos: 2D tracks per clip, scored per camera. */
#ifndef CLI_RUN_VIDEO_H
#define CLI_RUN_VIDEO_H

#include "input.h"

typedef struct video_options {
    const char *output, *check_ledger, *labels, *times;
    const input_options *input;
    bool no_timing, json, quiet;
} video_options;

/** True when the path is a folder with clips/ in it, or named like a video. */
bool run_video_detect(const char *path);

/** The whole command; its exit status. */
int run_video(const video_options *options, const char *path);

#endif
