/** `skyvox info` for one video and for a folder of videos or images. */
#ifndef CLI_INFO_VIDEO_H
#define CLI_INFO_VIDEO_H

#include <skyvox/base.h>

/** Prints a screenful, or one JSON object. Errors: SV_ERR_INPUT, SV_ERR_NOMEM. */
sv_status info_video(const char *path, bool json);

#endif
