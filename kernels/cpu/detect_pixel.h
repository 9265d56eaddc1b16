/* What the detector's operations do to one pixel: the definition, shared by every level. */
#ifndef KERNELS_CPU_DETECT_PIXEL_H
#define KERNELS_CPU_DETECT_PIXEL_H

#include <stdint.h>

enum { RESIDUAL_MAX = 1023 };

static inline int min_int(int a, int b) {
    return a < b ? a : b;
}

static inline int max_int(int a, int b) {
    return a > b ? a : b;
}

/* Of an 8 bit image, in quarters of a DN: the nearest whole DN of the background do, in a byte. */
static inline int16_t residual_u8(int value, int background_high) {
    return (int16_t)(4 * max_int(min_int(value - background_high, INT8_MAX), INT8_MIN));
}

/* In units of 2^-shift DN, rounded up, clipped: the filters take away what is the same everywhere, so no half is added. */
static inline int16_t residual(int value, int background, int shift, int down) {
    const int d = (value << shift) - (background >> down);
    return (int16_t)max_int(min_int(d, RESIDUAL_MAX), -RESIDUAL_MAX);
}

static inline int learned(int value, int m, int limit, int gain) {
    const int d = value - m;
    const int size = d < 0 ? -d : d;
    const int furthest = max_int(limit, size >> 4);
    const int step = max_int(min_int(d, furthest), -furthest);
    return m + ((step * gain + (1 << 13)) >> 14);
}

#endif
