/** Inside of the video reader: the frame-time table. */
#ifndef REPLAY_VIDEO_PARTS_H
#define REPLAY_VIDEO_PARTS_H

#include <formats/csv.h>

typedef struct sv_frame_times {
    sv_time *t; /* [n], increasing */
    size_t n;
} sv_frame_times;

/** Rows frame,t_s for frames 0, 1, 2, ... Errors: SV_ERR_INPUT with file and line, SV_ERR_NOMEM; `out` is then empty. */
sv_status sv_frame_times_take(sv_frame_times *out, sv_csv *csv);
sv_status sv_frame_times_read(sv_frame_times *out, const char *path);
void sv_frame_times_destroy(sv_frame_times *times);

#endif
