/** A camera that trembles moves sharp edges of the scene over its background: what that looks like. docs/MATH.md 2.7. */
#ifndef CORE_DETECT_SHAKE_H
#define CORE_DETECT_SHAKE_H

#include <skyvox/config.h>
#include <skyvox/detect_ops.h>

enum { SV_SHAKE_PERIOD = 32 }; /**< frames in which all rows are looked at, as a rule */

/** Shift of a frame's content against its background, px; 0 where the scene has no edges to tell it by. */
typedef struct sv_shake {
    double u_px, v_px;
} sv_shake;

/** Where the scenes of all cameras have edges. */
typedef struct sv_shaker sv_shaker;

/** Errors: SV_ERR_NOMEM. All memory is taken here; the table of operations is copied. */
sv_status sv_shaker_create(sv_shaker **out, const sv_config *config, const sv_detect_ops *ops);
void sv_shaker_destroy(sv_shaker *shaker);

/** Forget a camera's edges: its scene is another one. */
void sv_shaker_forget(sv_shaker *shaker, int32_t camera);

/**
 * The next frame of a camera, one that is looked at for edges: some rows of it, all of them in `period` frames.
 *
 *   sigma_dn  in  noise of a pixel, DN; an edge is steeper than a few times this per pixel
 */
void sv_shaker_begin(sv_shaker *shaker, int32_t camera, double sigma_dn, int32_t period);

/** Look at the frame's rows of one block (or more; x0 and y0 begin cells). Several threads may look at blocks apart. */
void sv_shaker_look(sv_shaker *shaker, const sv_detect_view *view, int32_t camera, sv_detect_rect rect);

/** Shift of a frame by the edges known. Where not all rows were looked at yet, they are now. */
sv_shake sv_shaker_measure(sv_shaker *shaker, const sv_detect_view *view, int32_t camera, double sigma_dn);

/** False where the scene has no edges near (x, y): the shift shows nothing there. */
bool sv_shaker_is_near(const sv_shaker *shaker, const sv_detect_view *view, int32_t camera, int32_t x, int32_t y);

/**
 * Largest |shift . gradient| of the background within 2 px of (x, y), DN: what the shift may show there as a residual.
 * Looks no further once it found `enough_dn`; 0 far from edges.
 */
double sv_shaker_residual_dn(const sv_shaker *shaker, const sv_detect_view *view, int32_t camera, sv_shake shake,
                             int32_t x, int32_t y, double enough_dn);

/**
 * Difference between the brightest and the darkest residual 6 px around (x, y), less what the shift shows there, beyond what noise
 * makes of it, DN. The background lags behind a cloud, and that ends where the sky does: a step that the filters answer to.
 * 0 where the scene has no line across a cell near.
 */
double sv_shaker_step_dn(const sv_shaker *shaker, const sv_detect_view *view, int32_t camera, sv_shake shake, int32_t x,
                         int32_t y, double sigma_dn);

#endif
