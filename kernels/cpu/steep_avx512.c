/* Where the background is steep with AVX-512: a row of a cell in one vector of bytes or two of words. */
#include <immintrin.h>
#include <kernels/kernels.h>

enum { BYTES = 64, WORDS = 32 };

typedef __m512i words;

static inline __m512i difference_of_bytes(__m512i a, __m512i b) {
    return _mm512_or_si512(_mm512_subs_epu8(a, b), _mm512_subs_epu8(b, a));
}

static inline uint64_t may_exceed(const uint8_t *at, ptrdiff_t row, uint8_t most) {
    const __m512i u = difference_of_bytes(_mm512_loadu_si512(at + 1), _mm512_loadu_si512(at - 1));
    const __m512i v = difference_of_bytes(_mm512_loadu_si512(at + row), _mm512_loadu_si512(at - row));
    const uint8_t least = most == UINT8_MAX ? UINT8_MAX : most + 1; /* a sum of 255 may be any larger one */
    return _mm512_cmpge_epu8_mask(_mm512_adds_epu8(u, v), _mm512_set1_epi8((char)least));
}

static inline words load_words(const uint8_t *low) {
    return _mm512_loadu_si512(low);
}

static inline __m512i widened(const uint8_t *byte) {
    return _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)(const void *)byte));
}

static inline words join_words(const uint8_t *high, const uint8_t *low) {
    return _mm512_or_si512(_mm512_slli_epi16(widened(high), 8), widened(low));
}

static inline __m512i difference(words a, words b) {
    return _mm512_or_si512(_mm512_subs_epu16(a, b), _mm512_subs_epu16(b, a));
}

static inline uint64_t exceed(words l, words r, words a, words b, int32_t most) {
    return _mm512_cmpgt_epu16_mask(_mm512_adds_epu16(difference(l, r), difference(a, b)),
                                   _mm512_set1_epi16((short)most));
}

#include <kernels/cpu/steep_lanes.h>

void sv_kernels_steep_avx512(sv_detect_ops *ops) {
    ops->steep = steep;
}
