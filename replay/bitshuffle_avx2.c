/* The same planes with AVX2, compiled for it alone: the top bits of 32 bytes are one instruction. */
#include <replay/bitshuffle.h>

#ifdef __AVX2__
#include <immintrin.h>
#include <string.h>

enum { STEP = 32 }; /* elements at a time */

static __m256i load(const uint8_t *from) {
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

static void store(uint8_t *to, __m256i x) {
    _mm256_storeu_si256((__m256i *)(void *)to, x);
}

static void put_planes(uint8_t *out, size_t stride, __m256i x) {
    for (int k = 7; k >= 0; k--) {
        uint32_t bits = (uint32_t)_mm256_movemask_epi8(x);
        memcpy(out + (size_t)k * stride, &bits, sizeof bits);
        x = _mm256_add_epi8(x, x);
    }
}

static void split_8(uint8_t *out, const uint8_t *in, size_t n) {
    for (size_t i = 0; i < n; i += STEP) {
        put_planes(out + i / 8, n / 8, load(in + i));
    }
}

static void split_16(uint8_t *out, const uint8_t *in, size_t n) {
    const __m256i low = _mm256_set1_epi16(0xFF);
    for (size_t i = 0; i < n; i += STEP) {
        __m256i a = load(in + 2 * i), b = load(in + 2 * i + 32);
        /* packing works within halves; the permutation puts the quarters in order */
        __m256i lo = _mm256_packus_epi16(_mm256_and_si256(a, low), _mm256_and_si256(b, low));
        __m256i hi = _mm256_packus_epi16(_mm256_srli_epi16(a, 8), _mm256_srli_epi16(b, 8));
        put_planes(out + i / 8, n / 8, _mm256_permute4x64_epi64(lo, 0xD8));
        put_planes(out + n + i / 8, n / 8, _mm256_permute4x64_epi64(hi, 0xD8));
    }
}

/* Byte i becomes 0xFF where bit i of the four bytes is set. */
static __m256i spread(const uint8_t *bits) {
    const __m256i byte = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit = _mm256_set1_epi64x((int64_t)0x8040201008040201);
    int32_t four;
    memcpy(&four, bits, sizeof four);
    return _mm256_cmpeq_epi8(_mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32(four), byte), bit), bit);
}

static __m256i take_planes(const uint8_t *in, size_t stride) {
    __m256i x = _mm256_setzero_si256();
    for (int k = 7; k >= 0; k--) {
        x = _mm256_sub_epi8(_mm256_add_epi8(x, x), spread(in + (size_t)k * stride));
    }
    return x;
}

static void join_8(uint8_t *out, const uint8_t *in, size_t n) {
    for (size_t i = 0; i < n; i += STEP) {
        store(out + i, take_planes(in + i / 8, n / 8));
    }
}

static void join_16(uint8_t *out, const uint8_t *in, size_t n) {
    for (size_t i = 0; i < n; i += STEP) {
        __m256i lo = _mm256_permute4x64_epi64(take_planes(in + i / 8, n / 8), 0xD8);
        __m256i hi = _mm256_permute4x64_epi64(take_planes(in + n + i / 8, n / 8), 0xD8);
        store(out + 2 * i, _mm256_unpacklo_epi8(lo, hi));
        store(out + 2 * i + 32, _mm256_unpackhi_epi8(lo, hi));
    }
}

const sv_bit_planes *sv_bit_planes_avx2(void) {
    static const sv_bit_planes planes = {.step = STEP, .split = {split_8, split_16}, .join = {join_8, join_16}};
    return __builtin_cpu_supports("avx2") ? &planes : NULL;
}
#else
const sv_bit_planes *sv_bit_planes_avx2(void) {
    return NULL;
}
#endif
