/** Blobs over time: a Kalman filter in pixels for every thing, reported once it lasted. docs/MATH.md 7.4. */
#ifndef CORE_IMAGE2D_LINK_H
#define CORE_IMAGE2D_LINK_H

#include <core/image2d/blobs.h>

/** Position and velocity along one axis. */
typedef struct sv_axis2d {
    double x, v;
    double xx, xv, vv;
} sv_axis2d;

typedef struct sv_linked2d {
    int64_t id;
    sv_axis2d u, v;
    double w_px, h_px;
    double u_birth, v_birth;
    double u_rest, v_rest;     /* where it was last seen to move away from */
    double score;              /* smoothed share of frames with a blob */
    double saliency, activity; /* smoothed */
    double known;              /* smoothed share of its contrast that the background shows, too */
    double reach_px;           /* farthest from its birth */
    int32_t n_frames, n_hits, n_missed, n_rest;
    int32_t n_faint; /* frames on end in which it hardly stood out */
    int32_t blob;    /* of this frame, -1 none */
    bool reported, seen, dead;
} sv_linked2d;

typedef struct sv_linker {
    sv_linked2d *track; /* [cap], by id */
    size_t n, cap;
    int64_t next_id;
    int32_t *blob_track; /* [max_blobs], -1 free */
    sv_track2d *report;  /* [cap] */
    size_t n_report;
    double tremble_px; /* that a thing at rest may seem to go, because the camera moves; set before a step */
} sv_linker;

bool sv_linker_create(sv_linker *linker, const sv_image2d_config *config);
void sv_linker_destroy(sv_linker *linker);
/** Forget every track; ids go on. */
void sv_linker_clear(sv_linker *linker);
/** Move every track with the scene. */
void sv_linker_warp(sv_linker *linker, const sv_warp2d *warp, int32_t width, int32_t height);
/** The blobs of the only frame there is, as tracks. */
void sv_linker_take_still(sv_linker *linker, const sv_blob2d *blob, size_t n);
/** One frame, dt_s after the one before. */
void sv_linker_step(sv_linker *linker, const sv_image2d_config *config, const sv_patch2d *patch, size_t n, double dt_s,
                    double rate_hz, double width, double height);

#endif
