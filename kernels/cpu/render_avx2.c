/* The renderer with AVX2: the vocabulary of render_lanes.h in 8 lanes of 32 bits. */
#include <kernels/cpu/words_avx2.h>
#include <kernels/kernels.h>

/* Sign, exponent and five bits of a number as a float: (127 + octave) * 32 + what follows its first bit, if positive. */
static inline lanes octave_and_five(lanes a) {
    return SHIFT_SIGNED(_mm256_castps_si256(_mm256_cvtepi32_ps(a)), 18);
}

/* Tables of sixteen bytes, and the constants that go with them. */
typedef struct tables {
    lanes low, high, nibble, one, one_word;
} tables;

static inline lanes sixteen(const int8_t value[16]) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)value));
}

static inline tables tables_of(const int8_t low[16], const int8_t high[16]) {
    return (tables){sixteen(low), sixteen(high), every(0x0f0f0f0f), every(0x01010101), every(0x00010001)};
}

/* Sum of low[nibble] over the even nibbles and high[nibble] over the odd ones; a pair of values fits a byte. */
static inline lanes sum_of_nibbles(lanes x, const tables *t) {
    lanes even = _mm256_shuffle_epi8(t->low, bit_and(x, t->nibble));
    lanes odd = _mm256_shuffle_epi8(t->high, bit_and(SHIFT(x, 4), t->nibble));
    return _mm256_madd_epi16(_mm256_maddubs_epi16(t->one, _mm256_add_epi8(even, odd)), t->one_word);
}

/* sum + a b of numbers that fit signed words, b not below 0: the upper words of its lanes are 0. */
static inline lanes add_product(lanes sum, lanes a, lanes b) {
    return add(sum, _mm256_madd_epi16(a, b));
}

/* 64 pixels, saturated to bytes, or to words no greater than white. */
static inline void store_bytes(void *to, const lanes a[8]) {
    lanes order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    for (int k = 0; k < 2; k++, a += 4) {
        lanes packed = _mm256_packus_epi16(_mm256_packs_epi32(a[0], a[1]), _mm256_packs_epi32(a[2], a[3]));
        store((int32_t *)to + LANES * k, _mm256_permutevar8x32_epi32(packed, order));
    }
}

static inline void store_words(void *to, const lanes a[8], lanes white) {
    for (int k = 0; k < 4; k++, a += 2) {
        lanes packed = _mm256_packus_epi32(least(a[0], white), least(a[1], white));
        store((int32_t *)to + LANES * k, _mm256_permute4x64_epi64(packed, 0xd8));
    }
}

#include <kernels/cpu/render_lanes.h>
#include <kernels/cpu/sky_lanes.h>

void sv_kernels_render_avx2(sv_render_ops *ops) {
    ops->sky = sky;
    ops->noise = noise;
    ops->rows = rows;
}
