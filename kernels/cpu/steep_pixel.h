/* The definition of detect.steep for a cell, for every level: what vectors cannot take is left to it. */
#ifndef KERNELS_CPU_STEEP_PIXEL_H
#define KERNELS_CPU_STEEP_PIXEL_H

#include <skyvox/detect_ops.h>
#include <stdlib.h>

/* Columns of a cell that have neighbours on both sides, bit by bit. */
static inline uint64_t steep_columns(int32_t x0, int32_t width) {
    const uint64_t all = UINT64_MAX;
    const int32_t n = width - 1 - x0;
    const uint64_t left = x0 == 0 ? all << 1 : all;
    return n >= SV_DETECT_CELL ? left : n > 0 ? left & ~(all << n) : 0;
}

static inline uint64_t steep_cell(const sv_detect_view *view, int32_t x0, int32_t y, int32_t limit) {
    const sv_background *m = &view->background;
    const ptrdiff_t row = view->width;
    uint64_t out = 0;
    for (uint64_t left = steep_columns(x0, view->width); left != 0; left &= left - 1) {
        const int32_t k = __builtin_ctzll(left);
        const ptrdiff_t i = y * row + x0 + k;
        const int32_t u = sv_background_at(m, i + 1) - sv_background_at(m, i - 1);
        const int32_t v = sv_background_at(m, i + row) - sv_background_at(m, i - row);
        out |= (uint64_t)(abs(u) + abs(v) > limit) << k;
    }
    return out;
}

#endif
