/* Moments of a patch with AVX2: four doubles at a time. */
#include <immintrin.h>
#include <kernels/kernels.h>

enum { PARTS = 6 }; /* of a row */

typedef __m256d lanes;

static inline lanes lanes_load(const double *p) {
    return _mm256_loadu_pd(p);
}

static inline lanes lanes_every(double x) {
    return _mm256_set1_pd(x);
}

static inline lanes lanes_add(lanes a, lanes b) {
    return _mm256_add_pd(a, b);
}

static inline lanes lanes_mul(lanes a, lanes b) {
    return _mm256_mul_pd(a, b);
}

static inline double lanes_fold(const lanes q[2]) {
    const __m256d four = _mm256_add_pd(q[0], q[1]);
    const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

#include <kernels/cpu/moments_lanes.h>

void sv_kernels_moments_avx2(sv_centroid_ops *ops) {
    ops->moments = moments;
}
