/* The vector vocabulary of renderer and warp: 8 lanes of 32 bits. Only for files compiled with AVX2. */
#ifndef KERNELS_CPU_WORDS_AVX2_H
#define KERNELS_CPU_WORDS_AVX2_H

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>

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

#define SHIFT_LEFT(a, n) _mm256_slli_epi32(a, n)

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

/* Is any lane not 0? */
static inline bool any(lanes a) {
    return !_mm256_testz_si256(a, a);
}

/* Where late is 1 the first, where it is 0 the second. */
static inline lanes choose(lanes late, lanes one, lanes zero) {
    return _mm256_blendv_epi8(zero, one, _mm256_cmpeq_epi32(late, every(1)));
}

/* 32 bits at p + i bytes, i signed. */
static inline lanes gather_bytes(const void *p, lanes i) {
    return _mm256_i32gather_epi32((const int *)p, i, 1);
}

/* Numbers of 0..65535 as 16 bits. */
static inline void store_u16(uint16_t *p, lanes a) {
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(a, a), 0x08);
    _mm_storeu_si128((__m128i *)(void *)p, _mm256_castsi256_si128(packed));
}

#endif
