/* Where the background is steep with AVX2: a row of a cell in two vectors of bytes or four of words. */
#include <immintrin.h>
#include <kernels/kernels.h>

enum { BYTES = 32, WORDS = 16 };

typedef __m256i words;

static inline __m256i load_bytes(const uint8_t *p) {
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static inline __m256i difference_of_bytes(__m256i a, __m256i b) {
    return _mm256_or_si256(_mm256_subs_epu8(a, b), _mm256_subs_epu8(b, a));
}

static inline uint64_t may_exceed(const uint8_t *at, ptrdiff_t row, uint8_t most) {
    const __m256i u = difference_of_bytes(load_bytes(at + 1), load_bytes(at - 1));
    const __m256i v = difference_of_bytes(load_bytes(at + row), load_bytes(at - row));
    const uint8_t least = most == UINT8_MAX ? UINT8_MAX : most + 1; /* a sum of 255 may be any larger one */
    const __m256i sum = _mm256_adds_epu8(u, v), limit = _mm256_set1_epi8((char)least);
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(sum, limit), sum));
}

static inline words load_words(const uint8_t *low) {
    return load_bytes(low);
}

static inline __m256i widened(const uint8_t *byte) {
    return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)byte));
}

static inline words join_words(const uint8_t *high, const uint8_t *low) {
    return _mm256_or_si256(_mm256_slli_epi16(widened(high), 8), widened(low));
}

static inline __m256i difference(words a, words b) {
    return _mm256_or_si256(_mm256_subs_epu16(a, b), _mm256_subs_epu16(b, a));
}

/* A bit per lane: the pack halves the bytes, within 128 bits each. */
static inline uint64_t exceed(words l, words r, words a, words b, int32_t most) {
    const __m256i sum = _mm256_adds_epu16(difference(l, r), difference(a, b));
    const __m256i beyond = _mm256_subs_epu16(sum, _mm256_set1_epi16((short)most));
    const __m256i within = _mm256_cmpeq_epi16(beyond, _mm256_setzero_si256());
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(within), _mm256_extracti128_si256(within, 1));
    return (uint16_t)~_mm_movemask_epi8(bytes);
}

#include <kernels/cpu/steep_lanes.h>

void sv_kernels_steep_avx2(sv_detect_ops *ops) {
    ops->steep = steep;
}
