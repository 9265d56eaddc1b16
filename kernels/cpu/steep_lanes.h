/*
 * Where the background is steep, a cell at a time. A file that includes this has defined BYTES and WORDS, lanes of a vector, and
 *     may_exceed   of BYTES whole numbers: a bit where |l - r| + |a - b| > most
 *     exceed       of WORDS 16 bit numbers: the same, for most below 65535
 *     load_words, join_words   16 bit numbers that lie together or in two planes
 */
#ifndef KERNELS_CPU_STEEP_LANES_H
#define KERNELS_CPU_STEEP_LANES_H

#include <kernels/cpu/steep_pixel.h>

static inline words words_at(const sv_background *m, ptrdiff_t i) {
    return m->step == 2 ? load_words(m->low + 2 * i) : join_words(m->high + i, m->low + i);
}

static uint64_t steep_by_words(const sv_background *m, ptrdiff_t i, ptrdiff_t row, int32_t limit) {
    uint64_t out = 0;
    for (int k = 0; k < SV_DETECT_CELL; k += WORDS) {
        const ptrdiff_t at = i + k;
        out |= exceed(words_at(m, at + 1), words_at(m, at - 1), words_at(m, at + row), words_at(m, at - row), limit)
               << k;
    }
    return out;
}

/*
 * Most cells show sky, and the whole DN of an 8 bit background tell it: |u| + |v| differ from those of the whole numbers by less
 * than two DN.
 */
static bool may_be_steep(const sv_background *m, ptrdiff_t i, ptrdiff_t row, int32_t limit) {
    const int32_t whole = limit / 256 - 2; /* limit > 256 (u + v) + 510 where u + v <= whole */
    if (m->step != 1 || whole < 0)
        return true;
    const uint8_t most = (uint8_t)(whole < 255 ? whole : 255);
    uint64_t any = 0;
    for (int k = 0; k < SV_DETECT_CELL; k += BYTES)
        any |= may_exceed(m->high + i + k, row, most);
    return any != 0;
}

static void steep(uint64_t *out, const sv_detect_view *view, int32_t y, int32_t cell, int32_t n_cells, int32_t limit) {
    const ptrdiff_t row = view->width, end = row * view->height;
    for (int32_t k = 0; k < n_cells; k++) {
        const int32_t x0 = (cell + k) * SV_DETECT_CELL;
        const ptrdiff_t i = y * row + x0;
        if (i + row + SV_DETECT_CELL > end || limit >= UINT16_MAX)
            out[k] = steep_cell(view, x0, y, limit);
        else if (may_be_steep(&view->background, i, row, limit))
            out[k] = steep_by_words(&view->background, i, row, limit) & steep_columns(x0, view->width);
        else
            out[k] = 0;
    }
}

#endif
