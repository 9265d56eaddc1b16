/** A camera that trembles moves sharp edges of the scene over its background: what that looks like. docs/MATH.md 2.7. */
#ifndef CORE_DETECT_SHAKE_H
#define CORE_DETECT_SHAKE_H

#include <skyvox/config.h>
#include <skyvox/detect_ops.h>

/** Shift of a frame's content against its background, px; 0 where the scene has no edges to tell it by. */
typedef struct sv_shake {
    double u_px, v_px;
} sv_shake;

/** Where the scenes of all cameras have edges. */
typedef struct sv_shaker sv_shaker;

/** Errors: SV_ERR_NOMEM. All memory is taken here. */
sv_status sv_shaker_create(sv_shaker **out, const sv_config *config);
void sv_shaker_destroy(sv_shaker *shaker);

/** Forget a camera's edges: its scene is another one. */
void sv_shaker_forget(sv_shaker *shaker, int32_t camera);

/**
 * Shift of a frame, and the edges that this frame's turn of rows shows; the camera's first frame looks at every row.
 *
 *   sigma_dn  in  noise of a pixel, DN; an edge is steeper than a few times this per pixel
 */
sv_shake sv_shaker_measure(sv_shaker *shaker, const sv_detect_view *view, int32_t camera, double sigma_dn);

/**
 * Largest |shift . gradient| of the background within 2 px of (x, y), DN: what the shift may show there as a residual.
 * Looks no further once it found `enough_dn`; 0 far from edges.
 */
double sv_shaker_residual_dn(const sv_shaker *shaker, const sv_detect_view *view, int32_t camera, sv_shake shake,
                             int32_t x, int32_t y, double enough_dn);

#endif
