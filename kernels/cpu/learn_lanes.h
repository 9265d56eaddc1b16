/* sv_detect_ops.learn over a vector vocabulary (lanes_avx2.h or lanes_avx512.h, included before). */
#ifndef KERNELS_CPU_LEARN_LANES_H
#define KERNELS_CPU_LEARN_LANES_H

#include <kernels/cpu/detect_pixel.h>
#include <skyvox/detect_ops.h>

/* A pixel's value in background units. */
static inline lanes value_of(const unsigned char *pixels, int j, int bit_depth) {
    if (bit_depth == 8)
        return SHIFT_LEFT(load_bytes(pixels + j), 8);
    return shift_left_by(least(load_any(pixels + 2 * j), splat((1 << bit_depth) - 1)), 16 - bit_depth);
}

/* Signed 16 bit steps: limit below 2^15 and gain below 2^14, else the last few per cent of each range would not fit. */
static inline lanes learned_lanes(lanes value, lanes m, lanes limit, lanes gain_twice) {
    const lanes up = sub_to_zero(value, m), down = sub_to_zero(m, value);
    const lanes furthest = most(limit, SHIFT_RIGHT(either(up, down), 4));
    return add(m, scaled(sub(least(up, furthest), least(down, furthest)), gain_twice));
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
        return pixels[j] << 8;
    const int value = ((const uint16_t *)(const void *)pixels)[j];
    return min_int(value, (1 << bit_depth) - 1) << (16 - bit_depth);
}

/* Clipped steps, the mean of a young background and its first frame have their own vectors; anything else takes the loop at the end. */
static inline void learn_run(uint16_t *m, const unsigned char *pixels, int n, int bit_depth, int limit, int gain) {
    int j = 0;
    if (limit < 1 << 15 && gain < 1 << 14) {
        const lanes most_step = splat(limit), gain_twice = splat(2 * gain);
        for (; j + LANES <= n; j += LANES)
            store_any(m + j, learned_lanes(value_of(pixels, j, bit_depth), load_any(m + j), most_step, gain_twice));
    } else if (limit == 65535 && gain <= 1 << 13) {
        const lanes gain_4 = splat(4 * gain);
        for (; j + LANES <= n; j += LANES)
            store_any(m + j, averaged_lanes(value_of(pixels, j, bit_depth), load_any(m + j), gain_4));
    } else if (limit == 65535 && gain == 1 << 14) {
        for (; j + LANES <= n; j += LANES)
            store_any(m + j, value_of(pixels, j, bit_depth));
    }
    for (; j < n; j++)
        m[j] = learned(value_at(pixels, j, bit_depth), m[j], limit, gain);
}

static bool is_unclipped(const int32_t *limit, int n_cells) {
    for (int i = 0; i < n_cells; i++)
        if (limit[i] != 65535)
            return false;
    return true;
}

static inline void learn_row(uint16_t *m, const unsigned char *pixels, int n, int cell, int bit_depth,
                             const int32_t *limit, int gain) {
    for (int x = 0, i = 0; x < n; x += cell, i++)
        learn_run(m + x, pixels + (bit_depth == 8 ? x : 2 * x), min_int(cell, n - x), bit_depth, limit[i], gain);
}

static void learn(const sv_detect_view *view, sv_detect_rect rect, int32_t period, int32_t phase, const int32_t *limit,
                  int32_t gain) {
    const int bits = view->bit_depth, n = rect.x1 - rect.x0;
    const bool whole = is_unclipped(limit, (n + SV_DETECT_CELL - 1) / SV_DETECT_CELL);
    const int cell = whole ? n : SV_DETECT_CELL;
    for (int y = rect.y0; y < rect.y1; y++) {
        if (y % period != phase)
            continue;
        const unsigned char *pixels =
            (const unsigned char *)view->pixels + y * view->pitch + (bits == 8 ? rect.x0 : 2 * rect.x0);
        uint16_t *m = view->background + (size_t)y * (size_t)view->width + rect.x0;
        if (bits == 8)
            learn_row(m, pixels, n, cell, 8, limit, gain);
        else
            learn_row(m, pixels, n, cell, bits, limit, gain);
    }
}

#endif
