/** What a camera's pixels show on average, as the detector has learned it. */
#ifndef SKYVOX_BACKGROUND_H
#define SKYVOX_BACKGROUND_H

#include <skyvox/types.h>

SV_BEGIN_DECLS

/**
 * Mean grey value of every pixel times 2^(16 - bit_depth), pixels in reading order. Borrowed. The two bytes of an 8 bit
 * camera's numbers lie in planes of their own, because the high one is enough to look at an image by and the low one is only
 * moved when a row learns; they are stored with a half DN added, so that the high one is the nearest grey value. Those of
 * deeper cameras are stored as they are and lie together, the low byte first.
 */
typedef struct sv_background {
    uint8_t *high, *low; /**< byte of pixel i at [i * step] */
    ptrdiff_t step;      /**< 1 or 2 */
} sv_background;

/** A background in `memory` of 2 bytes a pixel. */
static inline sv_background sv_background_in(uint8_t *memory, size_t n_pixels, int32_t bit_depth) {
    sv_background b;
    b.high = bit_depth > 8 ? memory + 1 : memory;
    b.low = bit_depth > 8 ? memory : memory + n_pixels;
    b.step = bit_depth > 8 ? 2 : 1;
    return b;
}

/** Where its memory begins. */
static inline uint8_t *sv_background_memory(const sv_background *b) {
    return b->step == 2 ? b->low : b->high;
}

/** What is added to a number where it is stored. */
static inline int32_t sv_background_half(const sv_background *b) {
    return b->step == 2 ? 0 : 1 << 7;
}

/** The number of pixel i. */
static inline int32_t sv_background_at(const sv_background *b, ptrdiff_t i) {
    return (b->high[i * b->step] << 8 | b->low[i * b->step]) - sv_background_half(b);
}

/** Numbers from 0 to that of white. */
static inline void sv_background_set(const sv_background *b, ptrdiff_t i, int32_t mean) {
    const int32_t stored = mean + sv_background_half(b);
    b->high[i * b->step] = (uint8_t)(stored >> 8);
    b->low[i * b->step] = (uint8_t)stored;
}

SV_END_DECLS
#endif
