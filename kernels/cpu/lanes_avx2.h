/* The vector vocabulary of the detector's operations: 16 lanes of 16 bits. Only for files compiled with AVX2. */
#ifndef KERNELS_CPU_LANES_AVX2_H
#define KERNELS_CPU_LANES_AVX2_H

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>

enum { LANES = 16, MASK_BITS_PER_LANE = 2 };

typedef __m256i lanes;

static inline lanes splat(int value) {
    return _mm256_set1_epi16((short)value);
}

static inline void prefetch(const void *p) {
    _mm_prefetch(p, _MM_HINT_T0);
}

static inline lanes load(const void *aligned) {
    return _mm256_load_si256(aligned);
}

static inline lanes load_any(const void *p) {
    return _mm256_loadu_si256(p);
}

/* Bytes as 16 bit numbers. */
static inline lanes load_bytes(const void *p) {
    return _mm256_cvtepu8_epi16(_mm_loadu_si128(p));
}

static inline void store(void *aligned, lanes a) {
    _mm256_store_si256(aligned, a);
}

static inline void store_any(void *p, lanes a) {
    _mm256_storeu_si256(p, a);
}

static inline lanes add(lanes a, lanes b) {
    return _mm256_add_epi16(a, b);
}

static inline lanes sub(lanes a, lanes b) {
    return _mm256_sub_epi16(a, b);
}

/* Sum that stops at 65535 and difference that stops at 0. */
static inline lanes add_to_top(lanes a, lanes b) {
    return _mm256_adds_epu16(a, b);
}

static inline lanes sub_to_zero(lanes a, lanes b) {
    return _mm256_subs_epu16(a, b);
}

/* (a + b + 1) / 2 */
static inline lanes mean_up(lanes a, lanes b) {
    return _mm256_avg_epu16(a, b);
}

static inline lanes least(lanes a, lanes b) {
    return _mm256_min_epu16(a, b);
}

static inline lanes most(lanes a, lanes b) {
    return _mm256_max_epu16(a, b);
}

static inline lanes either(lanes a, lanes b) {
    return _mm256_or_si256(a, b);
}

static inline lanes magnitude(lanes a) {
    return _mm256_abs_epi16(a);
}

/* (a * b + 2^14) >> 15, signed. */
static inline lanes scaled(lanes a, lanes b) {
    return _mm256_mulhrs_epi16(a, b);
}

#define SHIFT_RIGHT(a, n) _mm256_srli_epi16(a, n)
#define SHIFT_LEFT(a, n) _mm256_slli_epi16(a, n)

static inline lanes shift_right_by(lanes a, int n) {
    return _mm256_srl_epi16(a, _mm_cvtsi32_si128(n));
}

static inline lanes shift_left_by(lanes a, int n) {
    return _mm256_sll_epi16(a, _mm_cvtsi32_si128(n));
}

/* Is a > p or b > q in any lane, signed? */
static inline bool is_any_over(lanes a, lanes p, lanes b, lanes q) {
    const __m256i over = _mm256_or_si256(_mm256_cmpgt_epi16(a, p), _mm256_cmpgt_epi16(b, q));
    return !_mm256_testz_si256(over, over);
}

/* The lanes where it is, MASK_BITS_PER_LANE equal bits each. */
static inline uint32_t lanes_over(lanes a, lanes p, lanes b, lanes q) {
    const __m256i over = _mm256_or_si256(_mm256_cmpgt_epi16(a, p), _mm256_cmpgt_epi16(b, q));
    return (uint32_t)_mm256_movemask_epi8(over);
}

/*
 * Sums of the two neighbours at a distance of 1, 2 and 4 lanes; `left` and `right` are the vectors beside. In registers: a load
 * that crosses a cache line costs more than a shuffle.
 */
#define AROUND(left, a, right, bytes)                                                                                  \
    add(_mm256_alignr_epi8(a, _mm256_permute2x128_si256(left, a, 0x21), 16 - (bytes)),                                 \
        _mm256_alignr_epi8(_mm256_permute2x128_si256(a, right, 0x21), a, bytes))

static inline lanes turn(lanes a) {
    return a;
}

static inline lanes around_1(lanes left, lanes a, lanes right) {
    return AROUND(left, a, right, 2);
}

static inline lanes around_2(lanes left, lanes a, lanes right) {
    return AROUND(left, a, right, 4);
}

static inline lanes around_4(lanes left, lanes a, lanes right) {
    return AROUND(left, a, right, 8);
}

static inline uint32_t sum_of(lanes a) {
    const __m256i pair = _mm256_add_epi32(_mm256_and_si256(a, _mm256_set1_epi32(0xffff)), _mm256_srli_epi32(a, 16));
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(pair), _mm256_extracti128_si256(pair, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
    return (uint32_t)_mm_cvtsi128_si32(sum);
}

#endif
