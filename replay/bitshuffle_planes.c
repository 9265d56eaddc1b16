/* Bits of elements gathered into planes and back, in C. */
#include <replay/bitshuffle.h>

#include <string.h>

/* Transpose of 8 x 8 bits: byte k of the result holds bit k of every byte of x. Source: Hacker's Delight 7-3. */
static uint64_t transposed(uint64_t x) {
    uint64_t t = (x ^ x >> 7) & 0x00AA00AA00AA00AA;
    x ^= t ^ t << 7;
    t = (x ^ x >> 14) & 0x0000CCCC0000CCCC;
    x ^= t ^ t << 14;
    t = (x ^ x >> 28) & 0x00000000F0F0F0F0;
    return x ^ t ^ t << 28;
}

static void split(uint8_t *out, const uint8_t *in, size_t n, size_t element_size) {
    size_t stride = n / 8;
    for (size_t b = 0; b < element_size; b++) {
        for (size_t j = 0; j < stride; j++) {
            uint64_t x = 0;
            for (size_t i = 0; i < 8; i++) {
                x |= (uint64_t)in[(8 * j + i) * element_size + b] << 8 * i;
            }
            x = transposed(x);
            for (size_t k = 0; k < 8; k++) {
                out[(8 * b + k) * stride + j] = (uint8_t)(x >> 8 * k);
            }
        }
    }
}

static void join(uint8_t *out, const uint8_t *in, size_t n, size_t element_size) {
    size_t stride = n / 8;
    for (size_t b = 0; b < element_size; b++) {
        for (size_t j = 0; j < stride; j++) {
            uint64_t x = 0;
            for (size_t k = 0; k < 8; k++) {
                x |= (uint64_t)in[(8 * b + k) * stride + j] << 8 * k;
            }
            x = transposed(x);
            for (size_t i = 0; i < 8; i++) {
                out[(8 * j + i) * element_size + b] = (uint8_t)(x >> 8 * i);
            }
        }
    }
}

static void split_8(uint8_t *out, const uint8_t *in, size_t n) {
    split(out, in, n, 1);
}

static void split_16(uint8_t *out, const uint8_t *in, size_t n) {
    split(out, in, n, 2);
}

static void join_8(uint8_t *out, const uint8_t *in, size_t n) {
    join(out, in, n, 1);
}

static void join_16(uint8_t *out, const uint8_t *in, size_t n) {
    join(out, in, n, 2);
}

const sv_bit_planes *sv_bit_planes_scalar(void) {
    static const sv_bit_planes planes = {.step = 8, .split = {split_8, split_16}, .join = {join_8, join_16}};
    return &planes;
}

/* The level itself, or the reference where n is no multiple of its step. */
static const sv_bit_planes *level_for(const sv_bit_planes *level, size_t n) {
    return n % level->step == 0 ? level : sv_bit_planes_scalar();
}

void sv_bit_planes_split(const sv_bit_planes *level, void *planes, const void *elements, size_t n,
                         size_t element_size) {
    level_for(level, n)->split[element_size - 1](planes, elements, n);
}

void sv_bit_planes_join(const sv_bit_planes *level, void *elements, const void *planes, size_t n, size_t element_size) {
    level_for(level, n)->join[element_size - 1](elements, planes, n);
}

const sv_bit_planes *sv_bit_planes_fastest(void) {
    const sv_bit_planes *avx512 = sv_bit_planes_avx512(), *avx2 = sv_bit_planes_avx2();
    return avx512 != NULL ? avx512 : avx2 != NULL ? avx2 : sv_bit_planes_scalar();
}
