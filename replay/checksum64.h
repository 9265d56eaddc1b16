/** XXH64, the public 64-bit checksum of chunks and rows in a session. */
#ifndef REPLAY_CHECKSUM64_H
#define REPLAY_CHECKSUM64_H

#include <stddef.h>
#include <stdint.h>

/** XXH64 of n bytes with a seed. Source: the xxHash specification 0.1.1. */
uint64_t sv_checksum64(const void *data, size_t n, uint64_t seed);

#endif
