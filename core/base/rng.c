#include <skyvox/rng.h>

#include <skyvox/math.h>

#include <math.h>

/* Philox 4x32-10: ten rounds of two 32 x 32 -> 64 bit products. Source: Salmon, Moraes, Dror, Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3", SC 2011. The seed is the key; counter and stream are the block. */
static void philox(uint64_t out[2], uint64_t seed, uint64_t stream, uint64_t counter) {
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    uint32_t c0 = (uint32_t)counter, c1 = (uint32_t)(counter >> 32);
    uint32_t c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
    for (int i = 0; i < 10; i++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0;
        uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = (uint64_t)c1 << 32 | c0;
    out[1] = (uint64_t)c3 << 32 | c2;
}

/* The upper 53 bits as a multiple of 2^-53 in [0, 1). */
static double unit_interval(uint64_t bits) {
    return (double)(bits >> 11) * 0x1p-53;
}

uint64_t sv_rng(uint64_t seed, uint64_t stream, uint64_t counter) {
    uint64_t word[2];
    philox(word, seed, stream, counter);
    return word[0];
}

double sv_rng_uniform(uint64_t seed, uint64_t stream, uint64_t counter) {
    return unit_interval(sv_rng(seed, stream, counter));
}

double sv_rng_normal(uint64_t seed, uint64_t stream, uint64_t counter) {
    uint64_t word[2];
    philox(word, seed, stream, counter);
    /* Box-Muller: radius from (0, 1], so that the logarithm is finite; angle from the second word. */
    double radius = sqrt(-2.0 * sv_log(unit_interval(word[0]) + 0x1p-53));
    double sine, cosine;
    sv_sincos(&sine, &cosine, 2.0 * SV_PI * unit_interval(word[1]));
    return radius * cosine;
}

int64_t sv_rng_poisson(uint64_t seed, uint64_t stream, uint64_t counter, double mean) {
    if (!(mean > 0.0)) {
        return 0;
    }
    if (mean >= 30.0) {
        int64_t n = sv_floor_i64(mean + sqrt(mean) * sv_rng_normal(seed, stream, counter) + 0.5);
        return n > 0 ? n : 0;
    }
    /* Inversion: the smallest n whose distribution function exceeds u; 200 is out of reach of 53 bits at mean 30. */
    double u = sv_rng_uniform(seed, stream, counter);
    double p = sv_exp(-mean);
    double sum = p;
    int64_t n = 0;
    while (u >= sum && n < 200) {
        n++;
        p *= mean / (double)n;
        sum += p;
    }
    return n;
}
