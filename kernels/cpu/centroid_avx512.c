/* Places of weak candidates with AVX-512: a row of the patch in one vector. */
#include <immintrin.h>
#include <kernels/kernels.h>

typedef __m512 row;

static inline row row_every(float x) {
    return _mm512_set1_ps(x);
}

static inline row row_load(const float *p) {
    return _mm512_loadu_ps(p);
}

static inline row row_add(row a, row b) {
    return _mm512_add_ps(a, b);
}

static inline row row_sub(row a, row b) {
    return _mm512_sub_ps(a, b);
}

static inline row row_mul(row a, row b) {
    return _mm512_mul_ps(a, b);
}

/* Twelve columns, the others 0. */
static inline row row_u8(const void *frame, const void *background) {
    const __m512i f = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(0xfff, frame));
    const __m512i m = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(0xfff, background));
    return _mm512_cvtepi32_ps(_mm512_sub_epi32(f, m));
}

/* Half background units; half a DN is added to what is stored. */
static inline row row_fine(const void *frame, const void *high, const void *low) {
    const __m256i f = _mm256_cvtepu8_epi16(_mm_maskz_loadu_epi8(0xfff, frame));
    const __m256i h = _mm256_cvtepu8_epi16(_mm_maskz_loadu_epi8(0xfff, high));
    const __m256i m = _mm256_or_si256(_mm256_slli_epi16(h, 8), _mm256_cvtepu8_epi16(_mm_maskz_loadu_epi8(0xfff, low)));
    const __m256i d = _mm256_sub_epi16(_mm256_slli_epi16(f, 7), _mm256_srli_epi16(m, 1));
    return _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(_mm256_maskz_add_epi16(0xfff, d, _mm256_set1_epi16(64))));
}

static inline row row_u16(const void *frame, const void *background, int up) {
    const __m256i f = _mm256_sll_epi16(_mm256_maskz_loadu_epi16(0xfff, frame), _mm_cvtsi32_si128(up));
    const __m256i m = _mm256_maskz_loadu_epi16(0xfff, background);
    const __m256i halves = _mm256_sub_epi16(_mm256_srli_epi16(f, 1), _mm256_srli_epi16(m, 1));
    return _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(halves));
}

static inline __m128 row_fold(row a) {
    const __m256 high = _mm512_extractf32x8_ps(a, 1);
    const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a), high);
    return _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
}

#include <kernels/cpu/centroid_lanes.h>

void sv_kernels_centroid_avx512(sv_centroid_ops *ops) {
    ops->weak = weak;
}
