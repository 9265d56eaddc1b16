/**
 * Counter-based random numbers: a pure function of (seed, stream, counter), so any pixel can be made alone, in any
 * order, on any device.
 */
#ifndef SKYVOX_RNG_H
#define SKYVOX_RNG_H

#include <skyvox/base.h>

SV_BEGIN_DECLS

/** What a stream is for; together with a camera or object index it makes the stream number. */
typedef enum sv_rng_purpose {
    SV_RNG_PIXEL_NOISE = 1,
    SV_RNG_FLIGHT = 2,
    SV_RNG_OBJECT = 3,
    SV_RNG_POSE = 4,
    SV_RNG_CLOCK = 5,
    SV_RNG_CLOUD = 6,
    SV_RNG_TERRAIN = 7,
    SV_RNG_DETECTION = 8,
    SV_RNG_CLUTTER = 9,
    SV_RNG_SHAKE = 10,
    SV_RNG_TEST = 11,
    SV_RNG_BOOTSTRAP = 12,
} sv_rng_purpose;

/** Stream number of (purpose, index). */
static inline uint64_t sv_rng_stream(sv_rng_purpose purpose, uint32_t index) {
    return ((uint64_t)purpose << 32) | index;
}

/** 64 random bits. Source: Philox 4x32-10 (Salmon et al., SC 2011), first two words; docs/DETERMINISM.md. */
SV_API uint64_t sv_rng(uint64_t seed, uint64_t stream, uint64_t counter);
/** Uniform in [0, 1), 53 bits. */
SV_API double sv_rng_uniform(uint64_t seed, uint64_t stream, uint64_t counter);
/** Standard normal (Box-Muller on one counter, own log and sincos). */
SV_API double sv_rng_normal(uint64_t seed, uint64_t stream, uint64_t counter);
/** Poisson count of mean 0..1e6 (inversion below 30, normal with continuity correction above, never negative). */
SV_API int64_t sv_rng_poisson(uint64_t seed, uint64_t stream, uint64_t counter, double mean);

SV_END_DECLS
#endif
