/** The camera model: pinhole with OpenCV's rational distortion and rolling-shutter row time. docs/MATH.md 1. */
#ifndef SKYVOX_CAMERA_H
#define SKYVOX_CAMERA_H

#include <skyvox/types.h>

SV_BEGIN_DECLS

/**
 * Pixel of a world point.
 *
 *   uv_px  out  [2] pixel, not clipped to the image
 *   J_p    out  [2 x 3] row-major d uv / d p_w, px/m; NULL to skip
 *
 * Errors: SV_ERR_DEGENERATE (behind the camera, or beyond the angle where the distortion folds back).
 */
SV_API sv_status sv_camera_project(double uv_px[2], double J_p[6], const sv_camera *camera, sv_vec3 p_w);

/**
 * Unit world direction of a pixel, by a fixed number of Newton steps on the distortion.
 *
 *   d_w   out  unit direction, world
 *   J_uv  out  [3 x 2] row-major d d_w / d uv, 1/px; NULL to skip
 *
 * Errors: SV_ERR_DEGENERATE (no undistorted point within 1e-9 in normalised coordinates).
 */
SV_API sv_status sv_camera_unproject(sv_vec3 *d_w, double J_uv[6], const sv_camera *camera, double u_px, double v_px);

/** Exposure time of image row v_px (clamped to the image) of a frame started at t. */
SV_API sv_time sv_camera_row_time(const sv_camera *camera, sv_time t, double v_px);

/** True when the pixel lies inside the image. */
SV_API bool sv_camera_contains(const sv_camera *camera, double u_px, double v_px);

/** Check every field: finite, sizes 1..16384, focal lengths > 0, a rotation, rate > 0, sigmas >= 0. Errors: SV_ERR_ARG naming the field. */
SV_API sv_status sv_camera_check(const sv_camera *camera);

/** Rotation world-to-camera of a camera at c_w whose optical axis points at p_w with the image's x axis horizontal. Errors: SV_ERR_DEGENERATE (same place, or straight up or down). */
SV_API sv_status sv_camera_look_at(sv_mat3 *R_cw, sv_vec3 c_w, sv_vec3 p_w);

SV_END_DECLS
#endif
