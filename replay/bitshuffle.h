/**
 * Pixels as HDF5 filter 32008 stores them: bit planes of 8 KiB blocks, each packed with LZ4.
 * Source: the registered filter's layout, restated in docs/SESSION_FORMAT.md 5.
 */
#ifndef REPLAY_BITSHUFFLE_H
#define REPLAY_BITSHUFFLE_H

#include <skyvox/team.h>

enum { SV_BITSHUFFLE_BLOCK = 8192, SV_BITSHUFFLE_HEADER = 12 };

/** One level: n elements to bit planes and back, n a multiple of its step; [0] elements of 1 byte, [1] of 2. */
typedef struct sv_bit_planes {
    size_t step;
    void (*split[2])(uint8_t *planes, const uint8_t *elements, size_t n);
    void (*join[2])(uint8_t *elements, const uint8_t *planes, size_t n);
} sv_bit_planes;

/**
 * Elements to bit planes and back, n elements of 1 or 2 bytes: plane 8 b + k holds bit k of byte b of every element, eight
 * elements a byte. n is a multiple of 8. Every level gives the same bytes.
 */
void sv_bit_planes_split(const sv_bit_planes *level, void *planes, const void *elements, size_t n, size_t element_size);
void sv_bit_planes_join(const sv_bit_planes *level, void *elements, const void *planes, size_t n, size_t element_size);

/** The fastest of this machine. */
const sv_bit_planes *sv_bit_planes_fastest(void);
/** The reference in C. */
const sv_bit_planes *sv_bit_planes_scalar(void);
/** NULL when the build or the machine has it not. */
const sv_bit_planes *sv_bit_planes_avx2(void);
const sv_bit_planes *sv_bit_planes_avx512(void);

/** Bytes that the packed form of n bytes never exceeds, scratch of the encoder included. */
size_t sv_bitshuffle_bound(size_t n);

/**
 * Pack n bytes of elements of 1 or 2 bytes.
 *
 *   out      out  [sv_bitshuffle_bound(n)]
 *   n_out    out  bytes used; they do not depend on the team or the machine
 *   team     in   borrowed; NULL: this thread alone
 *
 * Errors: SV_ERR_ARG (element size, n no multiple of it).
 */
sv_status sv_bitshuffle_encode(uint8_t *out, size_t *n_out, const void *elements, size_t n, size_t element_size,
                               sv_team *team);

/** Unpack exactly n bytes. Errors: SV_ERR_INPUT (any damage; out is then garbage). */
sv_status sv_bitshuffle_decode(void *out, size_t n, const uint8_t *packed, size_t n_packed, size_t element_size,
                               sv_team *team);

#endif
