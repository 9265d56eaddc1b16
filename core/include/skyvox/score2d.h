/** Boxes of a tracker against labelled boxes of one video. docs/METRICS.md. */
#ifndef SKYVOX_SCORE2D_H
#define SKYVOX_SCORE2D_H

#include <skyvox/base.h>

SV_BEGIN_DECLS

/** A box in one frame; x, y its top left corner: pixel (0, 0) with w = h = 1 is the top-left pixel. */
typedef struct sv_box2d {
    int32_t frame;
    int64_t id; /**< of its track; labels: any */
    double x_px, y_px, w_px, h_px;
} sv_box2d;

/** Counts of one video or of several added up. */
typedef struct sv_score2d {
    int64_t n_videos;
    int64_t n_labels, n_boxes, n_matched;
    double error_sum_px, error_sum_px2; /**< distance of the centres, over the matched */
} sv_score2d;

/**
 * Match the boxes of every frame one to one, nearest centres first (ties: the earlier label, then the earlier box).
 * A pair may match when the boxes share at least 0.2 of their union, or when the centres are no farther apart than the
 * label's size, the square root of its area.
 *
 *   label, box   in  [n] by frame
 *   first_frame  in  frames before it are not scored
 *
 * Errors: SV_ERR_ARG (not by frame), SV_ERR_NOMEM; out is then unchanged.
 */
SV_API sv_status sv_score2d_video(sv_score2d *out, const sv_box2d *label, size_t n_labels, const sv_box2d *box,
                                  size_t n_boxes, int32_t first_frame);
/** sum += one */
SV_API void sv_score2d_add(sv_score2d *sum, const sv_score2d *one);

/** NaN without samples. */
SV_API double sv_score2d_precision(const sv_score2d *score);
SV_API double sv_score2d_recall(const sv_score2d *score);
SV_API double sv_score2d_f1(const sv_score2d *score);
SV_API double sv_score2d_error_rms_px(const sv_score2d *score);

SV_END_DECLS
#endif
