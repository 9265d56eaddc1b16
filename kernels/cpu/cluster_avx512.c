/* Neighbours of sparse points with AVX-512: 32 columns at a time. */
#include <immintrin.h>
#include <kernels/kernels.h>

enum { LANES = 32 };

typedef __m512i lanes;

static inline lanes load_columns(const uint16_t *column, size_t n) {
    return _mm512_maskz_loadu_epi16(n < LANES ? ((__mmask32)1 << n) - 1 : UINT32_MAX, column);
}

static inline uint32_t near_columns(lanes columns, int32_t least, int32_t width) {
    return _mm512_cmple_epu16_mask(_mm512_sub_epi16(columns, _mm512_set1_epi16((short)least)),
                                   _mm512_set1_epi16((short)width));
}

#include <kernels/cpu/cluster_lanes.h>

void sv_kernels_cluster_avx512(sv_cluster_ops *ops) {
    ops->neighbours = neighbours;
}
