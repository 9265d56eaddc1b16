/**
 * Moving things in the images of one camera, as 2D tracks in pixels: for video without geometry.
 * Causal, knows no truth; integer per pixel. docs/MATH.md 7.
 */
#ifndef SKYVOX_IMAGE2D_H
#define SKYVOX_IMAGE2D_H

#include <skyvox/backend.h>
#include <skyvox/types.h>

SV_BEGIN_DECLS

typedef struct sv_image2d_config {
    double background_tau_s; /**< time constant of the background */
    double warmup_s;         /**< that only teaches the background */
    double snr_low;          /**< pixels above it belong to a blob */
    double snr_high;         /**< a blob needs one pixel above it */
    double spot_snr;         /**< contrast over the texture around it from which a spot counts without a residual */
    double still_snr;        /**< response over clutter from which something in a single frame counts */
    double activity_high;    /**< a track is reported from this residual over that of its surroundings on */
    double activity_low;     /**< and until it sinks below this */
    double noise_floor_dn;   /**< least noise of a pixel, of 256 levels: what a codec hides */
    double confirm_s;        /**< age and hits from which a track is reported */
    double coast_s;          /**< a reported track without a blob is reported this long, and kept eight times as long */
    int32_t max_blobs;       /**< per frame, strongest first */
    int32_t max_tracks;
} sv_image2d_config;

/** Something that differs from the background in one frame. */
typedef struct sv_blob2d {
    double u_px, v_px; /**< centroid, weighted by contrast */
    double w_px, h_px; /**< extent */
    double snr;        /**< of its strongest pixel */
    double contrast;   /**< mean signed difference to the background, of 256 levels */
    int32_t area_px;
} sv_blob2d;

typedef struct sv_track2d {
    int64_t id;        /**< from 1, never used again */
    double u_px, v_px; /**< centre */
    double vu_pxps, vv_pxps;
    double w_px, h_px; /**< smoothed extent */
    double score;      /**< 0..1: share of its recent frames in which it was seen */
    int32_t n_frames;  /**< since its first blob */
    bool seen;         /**< in this very frame */
} sv_track2d;

/** What the camera did since its first frame. */
typedef struct sv_motion2d {
    int32_t du_px, dv_px; /**< shift of the scene, summed up */
    int32_t path_px;      /**< length of the way, every step counted */
    bool moves;           /**< the scene moved as a whole in this frame or shortly before */
    bool restarted;       /**< this frame had nothing in common with the background: learned anew */
} sv_motion2d;

typedef struct sv_image2d sv_image2d;

SV_API sv_image2d_config sv_image2d_config_default(void);

/**
 * A tracker for one camera; all memory is taken here. The backend (its warp) is borrowed and must live as long as the tracker.
 * Errors: SV_ERR_ARG (size below 16 or above 32000 px, bit depth, a setting out of range), SV_ERR_NOMEM.
 */
SV_API sv_status sv_image2d_create(sv_image2d **out, const sv_image2d_config *config, const sv_backend *backend,
                                   int32_t width, int32_t height, int32_t bit_depth, double rate_hz);
SV_API void sv_image2d_destroy(sv_image2d *tracker);

/** Take the next frame. Errors: SV_ERR_ARG (size, bit depth, time not later than the frame before); the tracker is then unchanged. */
SV_API sv_status sv_image2d_step(sv_image2d *tracker, const sv_frame *frame);

/**
 * The source has ended. Where it had one frame only, blobs and tracks become the bright things that stand out in it;
 * otherwise nothing changes. Errors: SV_ERR_NOMEM.
 */
SV_API sv_status sv_image2d_end(sv_image2d *tracker);

/** Blobs of the last frame, [*n] strongest first; borrowed until the next step. */
SV_API const sv_blob2d *sv_image2d_blobs(const sv_image2d *tracker, size_t *n);
/** Reported tracks after the last frame, [*n] by id; borrowed until the next step. */
SV_API const sv_track2d *sv_image2d_tracks(const sv_image2d *tracker, size_t *n);
SV_API sv_motion2d sv_image2d_motion(const sv_image2d *tracker);

SV_END_DECLS
#endif
