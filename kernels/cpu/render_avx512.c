/* The renderer with AVX-512 (and VNNI): the vocabulary of render_lanes.h in 16 lanes of 32 bits. */
#include <kernels/cpu/words_avx512.h>
#include <kernels/kernels.h>

/* Sign, exponent and five bits of a number as a float: (127 + octave) * 32 + what follows its first bit, if positive. */
static inline lanes octave_and_five(lanes a) {
    return SHIFT_SIGNED(_mm512_castps_si512(_mm512_cvtepi32_ps(a)), 18);
}

/* Tables of sixteen bytes, and the constants that go with them. */
typedef struct tables {
    lanes low, high, nibble, one;
} tables;

static inline lanes sixteen(const int8_t value[16]) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)value));
}

static inline tables tables_of(const int8_t low[16], const int8_t high[16]) {
    return (tables){sixteen(low), sixteen(high), every(0x0f0f0f0f), every(0x01010101)};
}

/* Sum of low[nibble] over the even nibbles and high[nibble] over the odd ones; a pair of values fits a byte. */
static inline lanes sum_of_nibbles(lanes x, const tables *t) {
    lanes even = _mm512_shuffle_epi8(t->low, bit_and(x, t->nibble));
    lanes odd = _mm512_shuffle_epi8(t->high, bit_and(SHIFT(x, 4), t->nibble));
    return _mm512_dpbusd_epi32(_mm512_setzero_si512(), t->one, _mm512_add_epi8(even, odd));
}

/* sum + a b of numbers that fit signed words, b not below 0: the upper words of its lanes are 0. */
static inline lanes add_product(lanes sum, lanes a, lanes b) {
    return _mm512_dpwssd_epi32(sum, a, b);
}

/* 64 pixels, saturated to bytes, or to words no greater than white. */
static inline void store_bytes(void *to, const lanes a[4]) {
    lanes packed = _mm512_packus_epi16(_mm512_packs_epi32(a[0], a[1]), _mm512_packs_epi32(a[2], a[3]));
    lanes order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    _mm512_storeu_si512(to, _mm512_permutexvar_epi32(order, packed));
}

static inline void store_words(void *to, const lanes a[4], lanes white) {
    lanes order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    for (int k = 0; k < 4; k += 2) {
        lanes packed = _mm512_packus_epi32(least(a[k], white), least(a[k + 1], white));
        _mm512_storeu_si512((char *)to + 32 * k, _mm512_permutexvar_epi64(order, packed));
    }
}

#include <kernels/cpu/render_lanes.h>
#include <kernels/cpu/sky_lanes.h>

/* The first machines with AVX-512 have no VNNI: they keep AVX2. */
void sv_kernels_render_avx512(sv_render_ops *ops) {
    if (!__builtin_cpu_supports("avx512vnni"))
        return;
    ops->sky = sky;
    ops->noise = noise;
    ops->rows = rows;
}
