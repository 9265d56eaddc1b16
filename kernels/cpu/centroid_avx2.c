/* Places of weak candidates with AVX2: a row of the patch in eight columns and four; the last four have no weight. */
#include <immintrin.h>
#include <kernels/kernels.h>
#include <string.h>

typedef struct row {
    __m256 a;
    __m128 b;
} row;

static inline row row_every(float x) {
    return (row){_mm256_set1_ps(x), _mm_set1_ps(x)};
}

static inline row row_load(const float *p) {
    return (row){_mm256_loadu_ps(p), _mm_loadu_ps(p + 8)};
}

static inline row row_add(row a, row b) {
    return (row){_mm256_add_ps(a.a, b.a), _mm_add_ps(a.b, b.b)};
}

static inline row row_sub(row a, row b) {
    return (row){_mm256_sub_ps(a.a, b.a), _mm_sub_ps(a.b, b.b)};
}

static inline row row_mul(row a, row b) {
    return (row){_mm256_mul_ps(a.a, b.a), _mm_mul_ps(a.b, b.b)};
}

static inline __m128i eight_bytes(const void *p) {
    return _mm_loadl_epi64(p);
}

static inline __m128i four_bytes(const void *p) {
    int32_t word;
    memcpy(&word, p, sizeof word);
    return _mm_cvtsi32_si128(word);
}

static inline row row_of(__m128i eight, __m128i four) {
    return (row){_mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(eight)), _mm_cvtepi32_ps(_mm_cvtepi16_epi32(four))};
}

static inline row row_u8(const unsigned char *frame, const uint8_t *background) {
    const __m128i eight =
        _mm_sub_epi16(_mm_cvtepu8_epi16(eight_bytes(frame)), _mm_cvtepu8_epi16(eight_bytes(background)));
    const __m128i four =
        _mm_sub_epi16(_mm_cvtepu8_epi16(four_bytes(frame + 8)), _mm_cvtepu8_epi16(four_bytes(background + 8)));
    return row_of(eight, four);
}

/* Half background units; half a DN is added to what is stored. */
static inline __m128i fine_halves(__m128i frame, __m128i high, __m128i low) {
    const __m128i m = _mm_unpacklo_epi8(low, high);
    const __m128i d = _mm_sub_epi16(_mm_slli_epi16(_mm_cvtepu8_epi16(frame), 7), _mm_srli_epi16(m, 1));
    return _mm_add_epi16(d, _mm_set1_epi16(64));
}

static inline row row_fine(const unsigned char *frame, const uint8_t *high, const uint8_t *low) {
    return row_of(fine_halves(eight_bytes(frame), eight_bytes(high), eight_bytes(low)),
                  fine_halves(four_bytes(frame + 8), four_bytes(high + 8), four_bytes(low + 8)));
}

static inline __m128i halves(__m128i frame, __m128i background, int up) {
    const __m128i f = _mm_sll_epi16(frame, _mm_cvtsi32_si128(up));
    return _mm_sub_epi16(_mm_srli_epi16(f, 1), _mm_srli_epi16(background, 1));
}

static inline row row_u16(const unsigned char *frame, const uint8_t *background, int up) {
    const __m128i f = _mm_loadu_si128((const __m128i *)(const void *)frame);
    const __m128i m = _mm_loadu_si128((const __m128i *)(const void *)background);
    return row_of(halves(f, m, up), halves(eight_bytes(frame + 16), eight_bytes(background + 16), up));
}

static inline __m128 row_fold(row a) {
    return _mm_add_ps(_mm_add_ps(_mm256_castps256_ps128(a.a), a.b), _mm256_extractf128_ps(a.a, 1));
}

#include <kernels/cpu/centroid_lanes.h>

void sv_kernels_centroid_avx2(sv_centroid_ops *ops) {
    ops->weak = weak;
}
