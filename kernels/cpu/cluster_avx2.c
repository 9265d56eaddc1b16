/* Neighbours of sparse points with AVX2: 16 columns at a time. */
#include <immintrin.h>
#include <kernels/kernels.h>

enum { LANES = 16 };

typedef __m256i lanes;

static inline lanes load_columns(const uint16_t *column, size_t n) {
    uint16_t copy[LANES] = {0};
    if (n == LANES)
        return _mm256_loadu_si256((const __m256i *)(const void *)column);
    for (size_t i = 0; i < n; i++)
        copy[i] = column[i];
    return _mm256_loadu_si256((const __m256i *)(const void *)copy);
}

/* A bit per lane: the pack halves the bytes, within 128 bits each. */
static inline uint32_t near_columns(lanes columns, int32_t least, int32_t width) {
    const __m256i beyond =
        _mm256_subs_epu16(_mm256_sub_epi16(columns, _mm256_set1_epi16((short)least)), _mm256_set1_epi16((short)width));
    const __m256i near = _mm256_cmpeq_epi16(beyond, _mm256_setzero_si256());
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(near), _mm256_extracti128_si256(near, 1));
    return (uint32_t)_mm_movemask_epi8(bytes);
}

#include <kernels/cpu/cluster_lanes.h>

void sv_kernels_cluster_avx2(sv_cluster_ops *ops) {
    ops->neighbours = neighbours;
}
