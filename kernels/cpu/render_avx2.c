/* The renderer with AVX2: the vocabulary of render_lanes.h in 8 lanes of 32 bits. */
#include <kernels/kernels.h>

#include <immintrin.h>

enum { LANES = 8 };

typedef __m256i lanes;

static inline lanes every(int32_t value) {
    return _mm256_set1_epi32(value);
}

static inline lanes lane_numbers(void) {
    return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
}

static inline lanes load(const int32_t *p) {
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static inline lanes load_u16(const uint16_t *p) {
    return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
}

static inline lanes load_i8(const int8_t *p) {
    return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p));
}

static inline void store(int32_t *p, lanes a) {
    _mm256_storeu_si256((__m256i *)(void *)p, a);
}

static inline lanes add(lanes a, lanes b) {
    return _mm256_add_epi32(a, b);
}

static inline lanes sub(lanes a, lanes b) {
    return _mm256_sub_epi32(a, b);
}

static inline lanes mul(lanes a, lanes b) {
    return _mm256_mullo_epi32(a, b);
}

static inline lanes bit_and(lanes a, lanes b) {
    return _mm256_and_si256(a, b);
}

static inline lanes bit_or(lanes a, lanes b) {
    return _mm256_or_si256(a, b);
}

static inline lanes bit_xor(lanes a, lanes b) {
    return _mm256_xor_si256(a, b);
}

static inline lanes shift_left_by(lanes a, lanes n) {
    return _mm256_sllv_epi32(a, n);
}

/* By a constant, zeros come in. */
#define SHIFT(a, n) _mm256_srli_epi32(a, n)

/* By a constant, the sign comes in. */
#define SHIFT_SIGNED(a, n) _mm256_srai_epi32(a, n)

static inline lanes shift_by(lanes a, lanes n) {
    return _mm256_srlv_epi32(a, n);
}

static inline lanes shift_signed_by(lanes a, lanes n) {
    return _mm256_srav_epi32(a, n);
}

static inline lanes least(lanes a, lanes b) {
    return _mm256_min_epi32(a, b);
}

static inline lanes most(lanes a, lanes b) {
    return _mm256_max_epi32(a, b);
}

static inline int32_t first_of(lanes a) {
    return _mm_cvtsi128_si32(_mm256_castsi256_si128(a));
}

/* run[i] of every lane, i in 0..LANES - 1. */
static inline lanes pick(lanes run, lanes i) {
    return _mm256_permutevar8x32_epi32(run, i);
}

static inline lanes gather(const int32_t *p, lanes i) {
    return _mm256_i32gather_epi32(p, i, 4);
}

/* Is every lane in 0..LANES - 1? */
static inline bool can_pick(lanes i) {
    return _mm256_testz_si256(i, every(-LANES));
}

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

void sv_kernels_render_avx2(sv_render_ops *ops) {
    ops->noise = noise;
    ops->rows = rows;
}
