/** Thermal and mono of a pair brought to common bearings. docs/MATH.md 3. */
#ifndef CORE_FUSE_FUSE_H
#define CORE_FUSE_FUSE_H

#include <core/base/arena.h>
#include <skyvox/config.h>

/**
 * Rays of one frame set.
 *
 * A detection becomes a ray of its camera: direction by sv_camera_unproject, angular covariance = pixel covariance (its own,
 * else sigma_px) plus sigma_pose_px, carried through the Jacobian. A mono and a thermal detection of one pair whose bearings
 * agree within fuse.gate_sigma (times no more than 2 ms apart) become one ray with the combined bearing (inverse covariance weights). At
 * most fuse.max_per_camera detections per camera, by SNR, ties by index.
 *
 *   out        out  [cap] by site, then camera[0], then detection[0]
 *   n_out      out
 *   detection  in   [n] of the set, grouped by camera
 *
 * Errors: SV_ERR_LIMIT (scratch). More than cap rays: the weakest by SNR are dropped.
 */
sv_status sv_fuse_run(sv_ray *out, size_t *n_out, size_t cap, const sv_config *config, const sv_detection *detection,
                      size_t n, sv_arena *scratch);

#endif
