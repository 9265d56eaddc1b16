/* The vector vocabulary of splats: 8 doubles. Only for files compiled with AVX-512. */
#ifndef KERNELS_CPU_REALS_AVX512_H
#define KERNELS_CPU_REALS_AVX512_H

#include <immintrin.h>
#include <stdint.h>

enum { REALS = 8 };

typedef __m512d reals;
typedef __mmask8 choices; /* of each real */

static inline reals every(double value) {
    return _mm512_set1_pd(value);
}

static inline reals load(const double *p) {
    return _mm512_loadu_pd(p);
}

static inline void store(double *p, reals a) {
    _mm512_storeu_pd(p, a);
}

static inline __mmask8 first_lanes(int32_t n) {
    return (__mmask8)((1 << n) - 1);
}

/* The first n, 1..REALS: nothing beyond is touched. */
static inline reals load_first(const double *p, int32_t n) {
    return _mm512_maskz_loadu_pd(first_lanes(n), p);
}

static inline void store_first(double *p, reals a, int32_t n) {
    _mm512_mask_storeu_pd(p, first_lanes(n), a);
}

/* Rounded to nearest, ties to even; below 2^31. */
static inline void store_rounded(int32_t *p, reals a, int32_t n) {
    __m256i whole = _mm512_cvt_roundpd_epi32(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    _mm256_mask_storeu_epi32(p, first_lanes(n), whole);
}

static inline reals add(reals a, reals b) {
    return _mm512_add_pd(a, b);
}

static inline reals sub(reals a, reals b) {
    return _mm512_sub_pd(a, b);
}

static inline reals mul(reals a, reals b) {
    return _mm512_mul_pd(a, b);
}

static inline reals quotient(reals a, reals b) {
    return _mm512_div_pd(a, b);
}

static inline reals root(reals a) {
    return _mm512_sqrt_pd(a);
}

static inline reals magnitude(reals a) {
    return _mm512_andnot_pd(every(-0.0), a);
}

static inline reals towards_zero(reals a) {
    return _mm512_roundscale_pd(a, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
}

static inline choices less(reals a, reals b) {
    return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ);
}

static inline reals choose(choices c, reals yes, reals no) {
    return _mm512_mask_blend_pd(c, no, yes);
}

static inline reals negate_where(choices c, reals a) {
    return _mm512_mask_xor_pd(a, c, a, every(-0.0));
}

/* 2^k of whole numbers k, -1022..1023. */
static inline reals power_of_two(reals k) {
    __m512i whole = _mm512_cvttpd_epi64(k);
    return _mm512_castsi512_pd(_mm512_slli_epi64(_mm512_add_epi64(whole, _mm512_set1_epi64(1023)), 52));
}

/* table[i] of whole numbers i, 0..31. */
static inline reals look_up(const double table[32], reals i) {
    __m512i at = _mm512_cvttpd_epi64(i);
    reals low = _mm512_permutex2var_pd(load(table), at, load(table + 8));
    reals high = _mm512_permutex2var_pd(load(table + 16), at, load(table + 24));
    return choose(_mm512_test_epi64_mask(at, _mm512_set1_epi64(16)), high, low);
}

#endif
