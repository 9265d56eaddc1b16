/* sv_detect_ops.learn over a vector vocabulary (lanes_avx2.h or lanes_avx512.h, included before). */
#ifndef KERNELS_CPU_LEARN_LANES_H
#define KERNELS_CPU_LEARN_LANES_H

#include <kernels/cpu/detect_pixel.h>
#include <skyvox/detect_ops.h>

enum { TURNS_AHEAD = 8 }; /* rows that learn later in this frame */

/* A vector of an 8 bit image holds twice as many pixels: even and odd columns. Of a deeper one it is `even` alone. */
typedef struct columns {
    lanes even, odd;
} columns;

/* Pixels' values in background units and as stored, from byte i of their row on. */
static inline columns values_at(const unsigned char *pixels, ptrdiff_t i, int bit_depth) {
    const lanes f = load_any(pixels + i);
    if (bit_depth == 8)
        return (columns){even_words(f, splat(0x8080)), odd_words(f, splat(0x8080))};
    return (columns){shift_left_by(least(f, splat((1 << bit_depth) - 1)), 16 - bit_depth), splat(0)};
}

/* Signed 16 bit steps: limit below 2^15, else the last few per cent of each range would not fit. */
static inline lanes clipped_step(lanes value, lanes m, lanes limit) {
    const lanes up = sub_to_zero(value, m), down = sub_to_zero(m, value);
    const lanes furthest = most(limit, SHIFT_RIGHT(either(up, down), 4));
    return sub(least(up, furthest), least(down, furthest));
}

/* An unclipped step of d gain / 2^14, rounded like learned(): halves towards +infinity. gain_4: 4 x gain, up to 2^15. */
static inline lanes averaged_lanes(lanes value, lanes m, lanes gain_4) {
    const lanes up = sub_to_zero(value, m), down = sub_to_zero(m, value);
    const lanes half_up = SHIFT_RIGHT(low_product(up, gain_4), 15);
    const lanes half_down = SHIFT_RIGHT(sub_to_zero(low_product(down, gain_4), splat(1)), 15);
    const lanes rise = add(high_product(up, gain_4), half_up), fall = add(high_product(down, gain_4), half_down);
    return sub(add(m, rise), fall);
}

static inline int value_at(const unsigned char *pixels, int j, int bit_depth) {
    if (bit_depth == 8)
        return pixels[j] << 8 | 1 << 7;
    const int value = ((const uint16_t *)(const void *)pixels)[j];
    return min_int(value, (1 << bit_depth) - 1) << (16 - bit_depth);
}

/* Rows from their first column to be learned on. */
typedef struct rows {
    const unsigned char *pixels;
    uint8_t *high, *low;
} rows;

static inline columns means_at(rows r, ptrdiff_t i, int bit_depth) {
    const lanes low = load_any(r.low + i);
    if (bit_depth > 8)
        return (columns){low, splat(0)};
    const lanes high = load_any(r.high + i);
    return (columns){even_words(high, low), odd_words(high, low)};
}

static inline void store_means(rows r, ptrdiff_t i, int bit_depth, columns m) {
    if (bit_depth > 8) {
        store_any(r.low + i, m.even);
    } else {
        store_any(r.high + i, high_bytes(m.even, m.odd));
        store_any(r.low + i, low_bytes(m.even, m.odd));
    }
}

/* Columns j to end - 1. Clipped steps, the mean of a young background and its first frame have their own vectors; anything else takes the loop at the end. */
static inline void learn_run(rows r, ptrdiff_t j, ptrdiff_t end, int bit_depth, int limit, int gain) {
    const int size = bit_depth > 8 ? 2 : 1, step = 2 * LANES / size;
    if (limit < 1 << 15 && gain < 1 << 14) {
        const lanes most_step = splat(limit), gain_twice = splat(2 * gain);
        for (; j + step <= end; j += step) {
            const columns f = values_at(r.pixels, j * size, bit_depth), m = means_at(r, j * size, bit_depth);
            const lanes even = add(m.even, scaled(clipped_step(f.even, m.even, most_step), gain_twice));
            const lanes odd = size == 1 ? add(m.odd, scaled(clipped_step(f.odd, m.odd, most_step), gain_twice)) : even;
            store_means(r, j * size, bit_depth, (columns){even, odd});
        }
    } else if (limit < 1 << 15 && gain == 1 << 14) {
        const lanes most_step = splat(limit);
        for (; j + step <= end; j += step) {
            const columns f = values_at(r.pixels, j * size, bit_depth), m = means_at(r, j * size, bit_depth);
            const lanes even = add(m.even, clipped_step(f.even, m.even, most_step));
            const lanes odd = size == 1 ? add(m.odd, clipped_step(f.odd, m.odd, most_step)) : even;
            store_means(r, j * size, bit_depth, (columns){even, odd});
        }
    } else if (limit == 65535 && gain <= 1 << 13) {
        const lanes gain_4 = splat(4 * gain);
        for (; j + step <= end; j += step) {
            const columns f = values_at(r.pixels, j * size, bit_depth), m = means_at(r, j * size, bit_depth);
            const lanes even = averaged_lanes(f.even, m.even, gain_4);
            const lanes odd = size == 1 ? averaged_lanes(f.odd, m.odd, gain_4) : even;
            store_means(r, j * size, bit_depth, (columns){even, odd});
        }
    } else if (limit == 65535 && gain == 1 << 14) {
        for (; j + step <= end; j += step)
            store_means(r, j * size, bit_depth, values_at(r.pixels, j * size, bit_depth));
    }
    for (; j < end; j++) {
        uint8_t *high = r.high + j * size, *low = r.low + j * size;
        const int m = learned(value_at(r.pixels, (int)j, bit_depth), *high << 8 | *low, limit, gain);
        *high = (uint8_t)(m >> 8);
        *low = (uint8_t)m;
    }
}

static bool is_unclipped(const int32_t *limit, int n_cells) {
    for (int i = 0; i < n_cells; i++)
        if (limit[i] != 65535)
            return false;
    return true;
}

static inline void learn_row(rows r, int n, int cell, int bit_depth, const int32_t *limit, int gain) {
    for (int x = 0, i = 0; x < n; x += cell, i++)
        learn_run(r, x, min_int(n, x + cell), bit_depth, limit[i], gain);
}

/* The plane that the scan before has not brought along. */
static inline void fetch_low(const uint8_t *row, int n) {
    for (int x = 0; x < n; x += 64)
        PREFETCH(row + x);
}

static void learn(const sv_detect_view *view, sv_detect_rect rect, int32_t period, int32_t phase, const int32_t *limit,
                  int32_t gain) {
    const int bits = view->bit_depth, n = rect.x1 - rect.x0;
    const bool whole = is_unclipped(limit, (n + SV_DETECT_CELL - 1) / SV_DETECT_CELL);
    const int cell = whole ? n : SV_DETECT_CELL;
    for (int y = rect.y0; y < rect.y1; y++) {
        if (y % period != phase)
            continue;
        const ptrdiff_t first = ((ptrdiff_t)y * view->width + rect.x0) * view->background.step;
        const rows r = {(const unsigned char *)view->pixels + y * view->pitch + (bits == 8 ? rect.x0 : 2 * rect.x0),
                        view->background.high + first, view->background.low + first};
        if (y + TURNS_AHEAD * period < view->height)
            fetch_low(r.low + (ptrdiff_t)TURNS_AHEAD * period * view->width * view->background.step, bits == 8 ? n : 0);
        if (bits == 8)
            learn_row(r, n, cell, 8, limit, gain);
        else
            learn_row(r, n, cell, bits, limit, gain);
    }
}

#endif
