/* The vector vocabulary of renderer and warp: 16 lanes of 32 bits. Only for files compiled with AVX-512. */
#ifndef KERNELS_CPU_WORDS_AVX512_H
#define KERNELS_CPU_WORDS_AVX512_H

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>

enum { LANES = 16 };

typedef __m512i lanes;

static inline lanes every(int32_t value) {
    return _mm512_set1_epi32(value);
}

static inline lanes lane_numbers(void) {
    return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

static inline lanes load(const int32_t *p) {
    return _mm512_loadu_si512(p);
}

static inline lanes load_u16(const uint16_t *p) {
    return _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)p));
}

static inline lanes load_i8(const int8_t *p) {
    return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
}

static inline void store(int32_t *p, lanes a) {
    _mm512_storeu_si512(p, a);
}

static inline lanes add(lanes a, lanes b) {
    return _mm512_add_epi32(a, b);
}

static inline lanes sub(lanes a, lanes b) {
    return _mm512_sub_epi32(a, b);
}

static inline lanes mul(lanes a, lanes b) {
    return _mm512_mullo_epi32(a, b);
}

static inline lanes bit_and(lanes a, lanes b) {
    return _mm512_and_si512(a, b);
}

static inline lanes bit_or(lanes a, lanes b) {
    return _mm512_or_si512(a, b);
}

static inline lanes bit_xor(lanes a, lanes b) {
    return _mm512_xor_si512(a, b);
}

static inline lanes shift_left_by(lanes a, lanes n) {
    return _mm512_sllv_epi32(a, n);
}

/* By a constant, zeros come in. */
#define SHIFT(a, n) _mm512_srli_epi32(a, n)

#define SHIFT_LEFT(a, n) _mm512_slli_epi32(a, n)

/* By a constant, the sign comes in. */
#define SHIFT_SIGNED(a, n) _mm512_srai_epi32(a, n)

static inline lanes shift_by(lanes a, lanes n) {
    return _mm512_srlv_epi32(a, n);
}

static inline lanes shift_signed_by(lanes a, lanes n) {
    return _mm512_srav_epi32(a, n);
}

static inline lanes least(lanes a, lanes b) {
    return _mm512_min_epi32(a, b);
}

static inline lanes most(lanes a, lanes b) {
    return _mm512_max_epi32(a, b);
}

static inline int32_t first_of(lanes a) {
    return _mm_cvtsi128_si32(_mm512_castsi512_si128(a));
}

/* run[i] of every lane, i in 0..LANES - 1. */
static inline lanes pick(lanes run, lanes i) {
    return _mm512_permutexvar_epi32(i, run);
}

static inline lanes gather(const int32_t *p, lanes i) {
    return _mm512_i32gather_epi32(i, p, 4);
}

/* Is every lane in 0..LANES - 1? */
static inline bool can_pick(lanes i) {
    return _mm512_test_epi32_mask(i, every(-LANES)) == 0;
}

/* Is any lane not 0? */
static inline bool any(lanes a) {
    return _mm512_test_epi32_mask(a, a) != 0;
}

/* Where late is 1 the first, where it is 0 the second. */
static inline lanes choose(lanes late, lanes one, lanes zero) {
    return _mm512_mask_blend_epi32(_mm512_test_epi32_mask(late, late), zero, one);
}

/* 32 bits at p + i bytes, i signed. */
static inline lanes gather_bytes(const void *p, lanes i) {
    return _mm512_i32gather_epi32(i, p, 1);
}

/* Numbers of 0..65535 as 16 bits. */
static inline void store_u16(uint16_t *p, lanes a) {
    _mm256_storeu_si256((__m256i *)(void *)p, _mm512_cvtepi32_epi16(a));
}

#endif
