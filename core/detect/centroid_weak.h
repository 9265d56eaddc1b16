/** A weak candidate's windows, and what its place is worth. docs/MATH.md 2.8; the place itself is `sv_centroid_ops.weak`. */
#ifndef CORE_DETECT_CENTROID_WEAK_H
#define CORE_DETECT_CENTROID_WEAK_H

#include <core/detect/centroid.h>
#include <skyvox/centroid_ops.h>

void sv_weak_windows_init(sv_weak_windows *out);

/** The window for a candidate with filters d: the nearest in width. */
uint8_t sv_weak_width_of(const int16_t d[SV_DETECT_SCALES]);

/** False where the patch leaves the image. */
bool sv_weak_fits(const sv_detect_view *view, int32_t x, int32_t y);

/** As sv_detect_measure, from the place that was found around (x, y) in an image of that depth. */
void sv_detect_measure_weak(sv_detect_centroid *out, const sv_weak_windows *windows, const sv_weak_place *place,
                            int bit_depth, int32_t x, int32_t y, double sigma_dn);

#endif
