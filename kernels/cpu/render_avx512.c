/* The renderer with AVX-512 (and VNNI): the vocabulary of render_lanes.h in 16 lanes of 32 bits. */
#include <kernels/kernels.h>

#include <immintrin.h>

enum { LANES = 16 };

typedef __m512i lanes;

static inline lanes every(int32_t value) {
    return _mm512_set1_epi32(value);
}

static inline lanes lane_numbers(void) {
    return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

static inline lanes load(const int32_t *p) {
    return _mm512_loadu_si512(p);
}

static inline lanes load_u16(const uint16_t *p) {
    return _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)p));
}

static inline lanes load_i8(const int8_t *p) {
    return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
}

static inline void store(int32_t *p, lanes a) {
    _mm512_storeu_si512(p, a);
}

static inline lanes add(lanes a, lanes b) {
    return _mm512_add_epi32(a, b);
}

static inline lanes sub(lanes a, lanes b) {
    return _mm512_sub_epi32(a, b);
}

static inline lanes mul(lanes a, lanes b) {
    return _mm512_mullo_epi32(a, b);
}

static inline lanes bit_and(lanes a, lanes b) {
    return _mm512_and_si512(a, b);
}

static inline lanes bit_or(lanes a, lanes b) {
    return _mm512_or_si512(a, b);
}

static inline lanes bit_xor(lanes a, lanes b) {
    return _mm512_xor_si512(a, b);
}

static inline lanes shift_left_by(lanes a, lanes n) {
    return _mm512_sllv_epi32(a, n);
}

/* By a constant, zeros come in. */
#define SHIFT(a, n) _mm512_srli_epi32(a, n)

/* By a constant, the sign comes in. */
#define SHIFT_SIGNED(a, n) _mm512_srai_epi32(a, n)

static inline lanes shift_by(lanes a, lanes n) {
    return _mm512_srlv_epi32(a, n);
}

static inline lanes shift_signed_by(lanes a, lanes n) {
    return _mm512_srav_epi32(a, n);
}

static inline lanes least(lanes a, lanes b) {
    return _mm512_min_epi32(a, b);
}

static inline lanes most(lanes a, lanes b) {
    return _mm512_max_epi32(a, b);
}

static inline int32_t first_of(lanes a) {
    return _mm_cvtsi128_si32(_mm512_castsi512_si128(a));
}

/* run[i] of every lane, i in 0..LANES - 1. */
static inline lanes pick(lanes run, lanes i) {
    return _mm512_permutexvar_epi32(i, run);
}

static inline lanes gather(const int32_t *p, lanes i) {
    return _mm512_i32gather_epi32(i, p, 4);
}

/* Is every lane in 0..LANES - 1? */
static inline bool can_pick(lanes i) {
    return _mm512_test_epi32_mask(i, every(-LANES)) == 0;
}

/* Sign, exponent and five bits of a number as a float: (127 + octave) * 32 + what follows its first bit, if positive. */
static inline lanes octave_and_five(lanes a) {
    return SHIFT_SIGNED(_mm512_castps_si512(_mm512_cvtepi32_ps(a)), 18);
}

/* Tables of sixteen bytes, and the constants that go with them. */
typedef struct tables {
    lanes low, high, nibble, one;
} tables;

static inline lanes sixteen(const int8_t value[16]) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)value));
}

static inline tables tables_of(const int8_t low[16], const int8_t high[16]) {
    return (tables){sixteen(low), sixteen(high), every(0x0f0f0f0f), every(0x01010101)};
}

/* Sum of low[nibble] over the even nibbles and high[nibble] over the odd ones; a pair of values fits a byte. */
static inline lanes sum_of_nibbles(lanes x, const tables *t) {
    lanes even = _mm512_shuffle_epi8(t->low, bit_and(x, t->nibble));
    lanes odd = _mm512_shuffle_epi8(t->high, bit_and(SHIFT(x, 4), t->nibble));
    return _mm512_dpbusd_epi32(_mm512_setzero_si512(), t->one, _mm512_add_epi8(even, odd));
}

/* 64 pixels, saturated to bytes, or to words no greater than white. */
static inline void store_bytes(void *to, const lanes a[4]) {
    lanes packed = _mm512_packus_epi16(_mm512_packs_epi32(a[0], a[1]), _mm512_packs_epi32(a[2], a[3]));
    lanes order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    _mm512_storeu_si512(to, _mm512_permutexvar_epi32(order, packed));
}

static inline void store_words(void *to, const lanes a[4], lanes white) {
    lanes order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    for (int k = 0; k < 4; k += 2) {
        lanes packed = _mm512_packus_epi32(least(a[k], white), least(a[k + 1], white));
        _mm512_storeu_si512((char *)to + 32 * k, _mm512_permutexvar_epi64(order, packed));
    }
}

#include <kernels/cpu/render_lanes.h>

/* The first machines with AVX-512 have no VNNI: they keep AVX2. */
void sv_kernels_render_avx512(sv_render_ops *ops) {
    if (!__builtin_cpu_supports("avx512vnni"))
        return;
    ops->noise = noise;
    ops->rows = rows;
}
