/** A folder of videos or of single images with labels: clips/NAME.mp4, labels/NAME.csv, index.csv; images/NAME.png, labels.csv. docs/DATASETS.md. */
#ifndef REPLAY_VIDEO_SET_H
#define REPLAY_VIDEO_SET_H

#include <formats/csv.h>
#include <skyvox/score2d.h>

enum { SV_CLIP_TEXT_CAP = 64, SV_CLIP_PATH_CAP = 1024 };

typedef struct sv_clip {
    char name[SV_CLIP_TEXT_CAP];
    char video[SV_CLIP_PATH_CAP];
    char times[SV_CLIP_PATH_CAP];  /* "" none */
    char labels[SV_CLIP_PATH_CAP]; /* "" none */
    /* For the report's tables only; "" where index.csv says nothing. */
    char modality[SV_CLIP_TEXT_CAP], object_class[SV_CLIP_TEXT_CAP], distance[SV_CLIP_TEXT_CAP],
        motion[SV_CLIP_TEXT_CAP];
} sv_clip;

typedef struct sv_video_set {
    char name[SV_CLIP_TEXT_CAP];
    sv_clip *clip; /* [n] by name */
    size_t n;
    bool stills; /* single images: every clip's labels are its rows of the one labels.csv */
} sv_video_set;

/** True when `folder` has a folder clips/ or images/ in it. */
bool sv_video_set_detect(const char *folder);

/**
 * Names and paths of a folder's clips; no video and no label is read.
 * Errors: SV_ERR_INPUT (no clip, a row of index.csv or labels.csv without its clip), SV_ERR_NOMEM. Release with sv_video_set_free in any case.
 */
sv_status sv_video_set_open(sv_video_set *out, const char *folder);
/** One video alone; labels and times may be NULL. */
sv_status sv_video_set_single(sv_video_set *out, const char *video, const char *times, const char *labels);
void sv_video_set_free(sv_video_set *set);

/**
 * Rows frame,x,y,w,h[,class] of a table as boxes by frame; free() them.
 *
 *   image  in  only rows whose column `image` says so, as boxes of frame 0, empty fields for no target; NULL: all rows
 *
 * Errors: SV_ERR_INPUT with file and line, SV_ERR_NOMEM.
 */
sv_status sv_labels2d_take(sv_box2d **out, size_t *n, sv_csv *csv, const char *image);
sv_status sv_labels2d_read(sv_box2d **out, size_t *n, const char *path, const char *image);

/** Fill the attributes of the clips from index.csv. Errors: SV_ERR_INPUT with file and line. */
sv_status sv_video_set_take_index(sv_video_set *set, sv_csv *csv);

#endif
