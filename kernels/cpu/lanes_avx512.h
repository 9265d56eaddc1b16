/* The vector vocabulary of the detector's operations: 32 lanes of 16 bits. Only for files compiled with AVX-512. */
#ifndef KERNELS_CPU_LANES_AVX512_H
#define KERNELS_CPU_LANES_AVX512_H

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>

enum { LANES = 32, MASK_BITS_PER_LANE = 1 };

typedef __m512i lanes;

static inline lanes splat(int value) {
    return _mm512_set1_epi16((short)value);
}

/* Into the second-level cache. A macro: compilers drop calls of functions that do nothing else. */
#define PREFETCH(p) _mm_prefetch((const void *)(p), _MM_HINT_T1)

static inline lanes load(const void *aligned) {
    return _mm512_load_si512(aligned);
}

static inline lanes load_any(const void *p) {
    return _mm512_loadu_si512(p);
}

static inline void store(void *aligned, lanes a) {
    _mm512_store_si512(aligned, a);
}

static inline void store_any(void *p, lanes a) {
    _mm512_storeu_si512(p, a);
}

static inline lanes add(lanes a, lanes b) {
    return _mm512_add_epi16(a, b);
}

static inline lanes sub(lanes a, lanes b) {
    return _mm512_sub_epi16(a, b);
}

/* Sum that stops at 65535 and difference that stops at 0. */
static inline lanes add_to_top(lanes a, lanes b) {
    return _mm512_adds_epu16(a, b);
}

static inline lanes sub_to_zero(lanes a, lanes b) {
    return _mm512_subs_epu16(a, b);
}

/* Signed difference that stops at -32768 and 32767. */
static inline lanes sub_clipped(lanes a, lanes b) {
    return _mm512_subs_epi16(a, b);
}

/* (a + b + 1) / 2 */
static inline lanes mean_up(lanes a, lanes b) {
    return _mm512_avg_epu16(a, b);
}

static inline lanes least(lanes a, lanes b) {
    return _mm512_min_epu16(a, b);
}

static inline lanes most(lanes a, lanes b) {
    return _mm512_max_epu16(a, b);
}

static inline lanes least_signed(lanes a, lanes b) {
    return _mm512_min_epi16(a, b);
}

static inline lanes most_signed(lanes a, lanes b) {
    return _mm512_max_epi16(a, b);
}

static inline lanes either(lanes a, lanes b) {
    return _mm512_or_si512(a, b);
}

static inline lanes magnitude(lanes a) {
    return _mm512_abs_epi16(a);
}

/* (a * b + 2^14) >> 15, signed. */
static inline lanes scaled(lanes a, lanes b) {
    return _mm512_mulhrs_epi16(a, b);
}

/* The two halves of an unsigned product. */
static inline lanes high_product(lanes a, lanes b) {
    return _mm512_mulhi_epu16(a, b);
}

static inline lanes low_product(lanes a, lanes b) {
    return _mm512_mullo_epi16(a, b);
}

#define SHIFT_RIGHT(a, n) _mm512_srli_epi16(a, n)
#define SHIFT_LEFT(a, n) _mm512_slli_epi16(a, n)

static inline lanes shift_right_by(lanes a, int n) {
    return _mm512_srl_epi16(a, _mm_cvtsi32_si128(n));
}

static inline lanes shift_left_by(lanes a, int n) {
    return _mm512_sll_epi16(a, _mm_cvtsi32_si128(n));
}

/* Is a > p or b > q in any lane, unsigned? */
static inline bool is_any_over(lanes a, lanes p, lanes b, lanes q) {
    return !_kortestz_mask32_u8(_mm512_cmpgt_epu16_mask(a, p), _mm512_cmpgt_epu16_mask(b, q));
}

/* The lanes where it is, MASK_BITS_PER_LANE equal bits each. */
static inline uint32_t lanes_over(lanes a, lanes p, lanes b, lanes q) {
    return _mm512_cmpgt_epu16_mask(a, p) | _mm512_cmpgt_epu16_mask(b, q);
}

/* Differences of unsigned bytes, from -128 to 127. */
static inline lanes sub_bytes_clipped(lanes a, lanes b) {
    const lanes half = _mm512_set1_epi8(-128);
    return _mm512_subs_epi8(_mm512_xor_si512(a, half), _mm512_xor_si512(b, half));
}

/* 4 x the sums of bytes 0 and 1, 2 and 3, ..., signed. */
static inline lanes byte_pairs_4(lanes a) {
    return _mm512_maddubs_epi16(_mm512_set1_epi16(0x0404), a);
}

/* The 16 bit numbers of even or odd bytes, and back. */
static inline lanes even_words(lanes high, lanes low) {
    return _mm512_ternarylogic_epi32(_mm512_slli_epi16(high, 8), low, _mm512_set1_epi16(0x00ff), 0xf8); /* a | b & c */
}

static inline lanes odd_words(lanes high, lanes low) {
    return _mm512_ternarylogic_epi32(_mm512_srli_epi16(low, 8), high, _mm512_set1_epi16(-256), 0xf8);
}

static inline lanes high_bytes(lanes even, lanes odd) {
    return _mm512_ternarylogic_epi32(_mm512_srli_epi16(even, 8), odd, _mm512_set1_epi16(-256), 0xf8);
}

static inline lanes low_bytes(lanes even, lanes odd) {
    return _mm512_ternarylogic_epi32(_mm512_slli_epi16(odd, 8), even, _mm512_set1_epi16(0x00ff), 0xf8);
}

/* The pack of two vectors of 32 bit numbers below 2^16 works within 128 bits; here the results are in order. */
static inline lanes packed(lanes a, lanes b) {
    return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), _mm512_packus_epi32(a, b));
}

/* Even or odd lanes of a, then of b. */
static inline lanes even_of(lanes a, lanes b) {
    const lanes low = _mm512_set1_epi32(0xffff);
    return packed(_mm512_and_si512(a, low), _mm512_and_si512(b, low));
}

static inline lanes odd_of(lanes a, lanes b) {
    return packed(_mm512_srli_epi32(a, 16), _mm512_srli_epi32(b, 16));
}

/* `a` moved by a lane towards the first or the last, filled from the vector beside it. In registers: a load that crosses a cache
   line costs more than two shuffles. */
static inline lanes next_lane(lanes a, lanes right) {
    return _mm512_alignr_epi8(_mm512_alignr_epi64(right, a, 2), a, 2);
}

static inline lanes next_byte(lanes a, lanes right) {
    return _mm512_alignr_epi8(_mm512_alignr_epi64(right, a, 2), a, 1);
}

static inline lanes previous_lane(lanes left, lanes a) {
    return _mm512_alignr_epi8(a, _mm512_alignr_epi64(a, left, 6), 14);
}

static inline lanes two_after(lanes a, lanes right) {
    return _mm512_alignr_epi32(right, a, 1);
}

static inline lanes two_before(lanes left, lanes a) {
    return _mm512_alignr_epi32(a, left, 15);
}

static inline uint32_t sum_of(lanes a) {
    const __m512i low = _mm512_and_si512(a, _mm512_set1_epi32(0xffff)), high = _mm512_srli_epi32(a, 16);
    return (uint32_t)_mm512_reduce_add_epi32(_mm512_add_epi32(low, high));
}

#endif
