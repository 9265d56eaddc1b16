/* The vector vocabulary of splats: 4 doubles. Only for files compiled with AVX2. */
#ifndef KERNELS_CPU_REALS_AVX2_H
#define KERNELS_CPU_REALS_AVX2_H

#include <immintrin.h>
#include <stdint.h>

enum { REALS = 4 };

typedef __m256d reals;
typedef __m256d choices; /* of each real, all bits or none */

static inline reals every(double value) {
    return _mm256_set1_pd(value);
}

static inline reals load(const double *p) {
    return _mm256_loadu_pd(p);
}

static inline void store(double *p, reals a) {
    _mm256_storeu_pd(p, a);
}

static inline __m256i first_lanes(int32_t n) {
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x(n), _mm256_setr_epi64x(0, 1, 2, 3));
}

/* The first n, 1..REALS: nothing beyond is touched. */
static inline reals load_first(const double *p, int32_t n) {
    return _mm256_maskload_pd(p, first_lanes(n));
}

static inline void store_first(double *p, reals a, int32_t n) {
    _mm256_maskstore_pd(p, first_lanes(n), a);
}

/* Rounded to nearest, ties to even; below 2^31. */
static inline void store_rounded(int32_t *p, reals a, int32_t n) {
    static const int32_t FIRST[REALS + 1][4] = {{0}, {-1}, {-1, -1}, {-1, -1, -1}, {-1, -1, -1, -1}};
    __m128i whole = _mm256_cvttpd_epi32(_mm256_round_pd(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
    _mm_maskstore_epi32(p, _mm_loadu_si128((const __m128i *)(const void *)FIRST[n]), whole);
}

static inline reals add(reals a, reals b) {
    return _mm256_add_pd(a, b);
}

static inline reals sub(reals a, reals b) {
    return _mm256_sub_pd(a, b);
}

static inline reals mul(reals a, reals b) {
    return _mm256_mul_pd(a, b);
}

static inline reals quotient(reals a, reals b) {
    return _mm256_div_pd(a, b);
}

static inline reals root(reals a) {
    return _mm256_sqrt_pd(a);
}

static inline reals magnitude(reals a) {
    return _mm256_andnot_pd(every(-0.0), a);
}

static inline reals towards_zero(reals a) {
    return _mm256_round_pd(a, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
}

static inline choices less(reals a, reals b) {
    return _mm256_cmp_pd(a, b, _CMP_LT_OQ);
}

static inline reals choose(choices c, reals yes, reals no) {
    return _mm256_blendv_pd(no, yes, c);
}

static inline reals negate_where(choices c, reals a) {
    return _mm256_xor_pd(a, _mm256_and_pd(c, every(-0.0)));
}

/* 2^k of whole numbers k, -1022..1023. */
static inline reals power_of_two(reals k) {
    __m256i whole = _mm256_cvtepi32_epi64(_mm256_cvttpd_epi32(k));
    return _mm256_castsi256_pd(_mm256_slli_epi64(_mm256_add_epi64(whole, _mm256_set1_epi64x(1023)), 52));
}

/* table[i] of whole numbers i, 0..31. Four loads: they are faster than a gather where that is made safe by microcode. */
static inline reals look_up(const double table[32], reals i) {
    _Alignas(16) int32_t at[REALS];
    _mm_store_si128((__m128i *)(void *)at, _mm256_cvttpd_epi32(i));
    return _mm256_setr_pd(table[at[0]], table[at[1]], table[at[2]], table[at[3]]);
}

#endif
