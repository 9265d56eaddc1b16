/** Motion of the scene as a whole by block matching against the background. docs/MATH.md 7.5. */
#ifndef CORE_IMAGE2D_MOTION_H
#define CORE_IMAGE2D_MOTION_H

#include <core/image2d/field.h>

/**
 * How the scene of `now` lies to that of the background: a shift, a turn and a zoom about the centre.
 *
 *   warp  out  at rest where the image shows no texture to tell
 *
 * Returns false when most textured blocks agree on no motion: another scene, or many things that move.
 */
bool sv_motion2d_find(sv_warp2d *warp, const sv_field2d *field);

#endif
