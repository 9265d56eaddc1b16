/** What stands out in one frame alone, when there is no second to compare with. docs/MATH.md 7.6. */
#ifndef CORE_IMAGE2D_STILL_H
#define CORE_IMAGE2D_STILL_H

#include <core/image2d/field.h>

/**
 * Small bright things in field->now, strongest first, ties in reading order.
 *
 *   out    out  [cap]; snr is the response over the clutter
 *   least  in   response over clutter that counts
 *
 * Errors: SV_ERR_NOMEM; `n` is then 0.
 */
sv_status sv_still2d_find(sv_blob2d *out, size_t *n, size_t cap, const sv_field2d *field, double least);

#endif
