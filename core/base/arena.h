/** A bump allocator: taken once, reset per frame, so that nothing is allocated after warm-up. */
#ifndef CORE_BASE_ARENA_H
#define CORE_BASE_ARENA_H

#include <skyvox/base.h>

typedef struct sv_arena {
    unsigned char *base;
    size_t used, cap;
} sv_arena;

/** Errors: SV_ERR_NOMEM. */
sv_status sv_arena_create(sv_arena *out, size_t cap_bytes);
void sv_arena_destroy(sv_arena *arena);
/** n elements of `size` bytes, 64-byte aligned, not cleared; NULL when the arena is full (the caller returns SV_ERR_LIMIT). */
void *sv_arena_take(sv_arena *arena, size_t n, size_t size);
/** Forget everything taken since `mark` (an earlier value of `used`). */
void sv_arena_reset(sv_arena *arena, size_t mark);

#endif
