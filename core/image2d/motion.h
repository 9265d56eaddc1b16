/** Shift of the scene as a whole by block matching against the background, in whole pixels. docs/MATH.md 7.5. */
#ifndef CORE_IMAGE2D_MOTION_H
#define CORE_IMAGE2D_MOTION_H

#include <core/image2d/field.h>

/**
 * How far the scene of `now` lies from that of the background.
 *
 *   du, dv  out  px; 0 where the image shows no texture to tell
 *
 * Returns false when most textured blocks agree on no shift: another scene, or many things that move.
 */
bool sv_motion2d_find(int32_t *du, int32_t *dv, const sv_field2d *field);

#endif
