/* The same planes with AVX-512, compiled for it alone: a mask register is eight bytes of a plane. */
#include <replay/bitshuffle.h>

#ifdef __AVX512BW__
#include <immintrin.h>
#include <string.h>

enum { STEP = 64 }; /* elements at a time */

static void put_planes(uint8_t *out, size_t stride, __m512i x) {
    for (int k = 0; k < 8; k++) {
        uint64_t bits = _mm512_test_epi8_mask(x, _mm512_set1_epi8((char)(1 << k)));
        memcpy(out + (size_t)k * stride, &bits, sizeof bits);
    }
}

static void split_8(uint8_t *out, const uint8_t *in, size_t n) {
    for (size_t i = 0; i < n; i += STEP) {
        put_planes(out + i / 8, n / 8, _mm512_loadu_si512(in + i));
    }
}

/* Packing and unpacking work within lanes of 16 bytes; these put eighths in order for them, and back. */
static __m512i ordered(__m512i x) {
    return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), x);
}

static __m512i dealt(__m512i x) {
    return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7), x);
}

static void split_16(uint8_t *out, const uint8_t *in, size_t n) {
    const __m512i low = _mm512_set1_epi16(0xFF);
    for (size_t i = 0; i < n; i += STEP) {
        __m512i a = _mm512_loadu_si512(in + 2 * i), b = _mm512_loadu_si512(in + 2 * i + 64);
        __m512i lo = _mm512_packus_epi16(_mm512_and_si512(a, low), _mm512_and_si512(b, low));
        __m512i hi = _mm512_packus_epi16(_mm512_srli_epi16(a, 8), _mm512_srli_epi16(b, 8));
        put_planes(out + i / 8, n / 8, ordered(lo));
        put_planes(out + n + i / 8, n / 8, ordered(hi));
    }
}

static __m512i take_planes(const uint8_t *in, size_t stride) {
    __m512i x = _mm512_setzero_si512();
    for (int k = 0; k < 8; k++) {
        uint64_t bits;
        memcpy(&bits, in + (size_t)k * stride, sizeof bits);
        x = _mm512_mask_add_epi8(x, bits, x, _mm512_set1_epi8((char)(1 << k)));
    }
    return x;
}

static void join_8(uint8_t *out, const uint8_t *in, size_t n) {
    for (size_t i = 0; i < n; i += STEP) {
        _mm512_storeu_si512(out + i, take_planes(in + i / 8, n / 8));
    }
}

static void join_16(uint8_t *out, const uint8_t *in, size_t n) {
    for (size_t i = 0; i < n; i += STEP) {
        __m512i lo = dealt(take_planes(in + i / 8, n / 8)), hi = dealt(take_planes(in + n + i / 8, n / 8));
        _mm512_storeu_si512(out + 2 * i, _mm512_unpacklo_epi8(lo, hi));
        _mm512_storeu_si512(out + 2 * i + 64, _mm512_unpackhi_epi8(lo, hi));
    }
}

const sv_bit_planes *sv_bit_planes_avx512(void) {
    static const sv_bit_planes planes = {.step = STEP, .split = {split_8, split_16}, .join = {join_8, join_16}};
    return __builtin_cpu_supports("avx512bw") ? &planes : NULL;
}
#else
const sv_bit_planes *sv_bit_planes_avx512(void) {
    return NULL;
}
#endif
