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

/* Into the second-level cache. A macro: compilers drop calls of functions that do nothing else. */
#define PREFETCH(p) _mm_prefetch((const void *)(p), _MM_HINT_T1)

static inline lanes load(const void *aligned) {
    return _mm256_load_si256(aligned);
}

static inline lanes load_any(const void *p) {
    return _mm256_loadu_si256(p);
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

/* Signed difference that stops at -32768 and 32767. */
static inline lanes sub_clipped(lanes a, lanes b) {
    return _mm256_subs_epi16(a, b);
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

static inline lanes least_signed(lanes a, lanes b) {
    return _mm256_min_epi16(a, b);
}

static inline lanes most_signed(lanes a, lanes b) {
    return _mm256_max_epi16(a, b);
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

/* The two halves of an unsigned product. */
static inline lanes high_product(lanes a, lanes b) {
    return _mm256_mulhi_epu16(a, b);
}

static inline lanes low_product(lanes a, lanes b) {
    return _mm256_mullo_epi16(a, b);
}

#define SHIFT_RIGHT(a, n) _mm256_srli_epi16(a, n)
#define SHIFT_LEFT(a, n) _mm256_slli_epi16(a, n)

static inline lanes shift_right_by(lanes a, int n) {
    return _mm256_srl_epi16(a, _mm_cvtsi32_si128(n));
}

static inline lanes shift_left_by(lanes a, int n) {
    return _mm256_sll_epi16(a, _mm_cvtsi32_si128(n));
}

/* What a has more than p or b more than q, unsigned: 0 where neither. */
static inline lanes excess(lanes a, lanes p, lanes b, lanes q) {
    return either(sub_to_zero(a, p), sub_to_zero(b, q));
}

/* Is a > p or b > q in any lane, unsigned? */
static inline bool is_any_over(lanes a, lanes p, lanes b, lanes q) {
    const lanes over = excess(a, p, b, q);
    return !_mm256_testz_si256(over, over);
}

/* The lanes where it is, MASK_BITS_PER_LANE equal bits each. */
static inline uint32_t lanes_over(lanes a, lanes p, lanes b, lanes q) {
    const __m256i none = _mm256_cmpeq_epi16(excess(a, p, b, q), _mm256_setzero_si256());
    return ~(uint32_t)_mm256_movemask_epi8(none);
}

/* Differences of unsigned bytes, from -128 to 127. */
static inline lanes sub_bytes_clipped(lanes a, lanes b) {
    const lanes half = _mm256_set1_epi8(-128);
    return _mm256_subs_epi8(_mm256_xor_si256(a, half), _mm256_xor_si256(b, half));
}

/* 4 x the sums of bytes 0 and 1, 2 and 3, ..., signed. */
static inline lanes byte_pairs_4(lanes a) {
    return _mm256_maddubs_epi16(_mm256_set1_epi16(0x0404), a);
}

/* The 16 bit numbers of even or odd bytes, and back. */
static inline lanes even_words(lanes high, lanes low) {
    return either(_mm256_slli_epi16(high, 8), _mm256_and_si256(low, _mm256_set1_epi16(0x00ff)));
}

static inline lanes odd_words(lanes high, lanes low) {
    return either(_mm256_srli_epi16(low, 8), _mm256_and_si256(high, _mm256_set1_epi16(-256)));
}

static inline lanes high_bytes(lanes even, lanes odd) {
    return either(_mm256_srli_epi16(even, 8), _mm256_and_si256(odd, _mm256_set1_epi16(-256)));
}

static inline lanes low_bytes(lanes even, lanes odd) {
    return either(_mm256_slli_epi16(odd, 8), _mm256_and_si256(even, _mm256_set1_epi16(0x00ff)));
}

/* The pack of two vectors of 32 bit numbers below 2^16 works within 128 bits; here the results are in order. */
static inline lanes packed(lanes a, lanes b) {
    return _mm256_permute4x64_epi64(_mm256_packus_epi32(a, b), 0xd8);
}

/* Even or odd lanes of a, then of b. */
static inline lanes even_of(lanes a, lanes b) {
    const lanes none = _mm256_setzero_si256();
    return packed(_mm256_blend_epi16(a, none, 0xaa), _mm256_blend_epi16(b, none, 0xaa));
}

static inline lanes odd_of(lanes a, lanes b) {
    return packed(_mm256_srli_epi32(a, 16), _mm256_srli_epi32(b, 16));
}

/* `a` moved by a lane towards the first or the last, filled from the vector beside it. In registers: a load that crosses a cache
   line costs more than two shuffles. */
static inline lanes next_lane(lanes a, lanes right) {
    return _mm256_alignr_epi8(_mm256_permute2x128_si256(a, right, 0x21), a, 2);
}

static inline lanes next_byte(lanes a, lanes right) {
    return _mm256_alignr_epi8(_mm256_permute2x128_si256(a, right, 0x21), a, 1);
}

static inline lanes previous_lane(lanes left, lanes a) {
    return _mm256_alignr_epi8(a, _mm256_permute2x128_si256(left, a, 0x21), 14);
}

static inline lanes two_after(lanes a, lanes right) {
    return _mm256_alignr_epi8(_mm256_permute2x128_si256(a, right, 0x21), a, 4);
}

static inline lanes two_before(lanes left, lanes a) {
    return _mm256_alignr_epi8(a, _mm256_permute2x128_si256(left, a, 0x21), 12);
}

static inline uint32_t sum_of(lanes a) {
    const __m256i pair = _mm256_add_epi32(_mm256_and_si256(a, _mm256_set1_epi32(0xffff)), _mm256_srli_epi32(a, 16));
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(pair), _mm256_extracti128_si256(pair, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
    return (uint32_t)_mm_cvtsi128_si32(sum);
}

#endif
