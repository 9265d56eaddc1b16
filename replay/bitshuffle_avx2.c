/* The same planes with AVX2, compiled for it alone: the top bits of 32 bytes are one instruction. */
#include <replay/bitshuffle.h>

#ifdef __AVX2__
#include <immintrin.h>
#include <string.h>

static void put_planes(uint8_t *out, size_t stride, __m256i x) {
    for (int k = 7; k >= 0; k--) {
        uint32_t bits = (uint32_t)_mm256_movemask_epi8(x);
        memcpy(out + (size_t)k * stride, &bits, sizeof bits);
        x = _mm256_add_epi8(x, x);
    }
}

static void planes_8(uint8_t *out, const uint8_t *in, size_t n) {
    for (size_t i = 0; i < n; i += 32) {
        put_planes(out + i / 8, n / 8, _mm256_loadu_si256((const __m256i *)(const void *)(in + i)));
    }
}

static void planes_16(uint8_t *out, const uint8_t *in, size_t n) {
    const __m256i low = _mm256_set1_epi16(0xFF);
    for (size_t i = 0; i < n; i += 32) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(in + 2 * i));
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(in + 2 * i + 32));
        /* packing works within halves; the permutation puts the quarters in order */
        __m256i lo = _mm256_packus_epi16(_mm256_and_si256(a, low), _mm256_and_si256(b, low));
        __m256i hi = _mm256_packus_epi16(_mm256_srli_epi16(a, 8), _mm256_srli_epi16(b, 8));
        put_planes(out + i / 8, n / 8, _mm256_permute4x64_epi64(lo, 0xD8));
        put_planes(out + n + i / 8, n / 8, _mm256_permute4x64_epi64(hi, 0xD8));
    }
}

static void planes_avx2(void *planes, const void *elements, size_t n, size_t element_size) {
    if (n % 32 != 0) {
        sv_bit_planes_scalar(planes, elements, n, element_size);
    } else if (element_size == 1) {
        planes_8(planes, elements, n);
    } else {
        planes_16(planes, elements, n);
    }
}

sv_bit_planes sv_bit_planes_avx2(void) {
    return __builtin_cpu_supports("avx2") ? planes_avx2 : NULL;
}
#else
sv_bit_planes sv_bit_planes_avx2(void) {
    return NULL;
}
#endif
