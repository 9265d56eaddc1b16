/** How much of a faint target a lossy video leaves: planted into a real image, encoded, decoded, measured. */
#ifndef REPLAY_CONTRAST_H
#define REPLAY_CONTRAST_H

#include <replay/session_tables.h>

/**
 * Contrast that survives encoding an image of this camera.
 *
 * Point targets (a Gaussian of 0.7 px around a pixel) with peaks of +-5 and +-10 sigma are planted 32 px apart, sigma being
 * the image's own noise: the median of |p(u-1) - 2 p(u) + p(u+1)| over 0.6745 sqrt 6. At 3 DN they are +-15 and +-30 DN.
 * With q the planted profile, and D and D0 the decoded images with and without targets, sum q (D - D0) / sum q^2 over the
 * 5 x 5 px of a target survives: 1 when the codec changes nothing. Done in the middle 2048 x 1152 px of a larger image.
 *
 *   out        out  target_dn, contrast (median), contrast_p10, frame_bytes (without targets, of a whole image); the rest stays
 *   crf        in   as of sv_hevc_encoder_create
 *
 * Errors: as of sv_hevc_encoder_create, sv_hevc_encode.
 */
sv_status sv_contrast_measure(sv_video_row *out, const sv_camera *camera, const sv_frame *image, int crf,
                              int n_threads);

#endif
