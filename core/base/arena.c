#include <core/base/arena.h>

#include <stdlib.h>

/* A cache line, and the widest vector register. */
enum { ALIGNMENT = 64 };

/* n rounded up to the alignment; SIZE_MAX when that overflows. */
static size_t round_up(size_t n) {
    if (n > SIZE_MAX - ALIGNMENT) {
        return SIZE_MAX;
    }
    return (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

sv_status sv_arena_create(sv_arena *out, size_t cap_bytes) {
    *out = (sv_arena){0};
    size_t cap = round_up(cap_bytes > 0 ? cap_bytes : 1);
    if (cap != SIZE_MAX) {
        out->base = aligned_alloc(ALIGNMENT, cap);
    }
    if (out->base == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory: an arena of %zu bytes", cap_bytes);
    }
    out->cap = cap;
    return SV_OK;
}

void sv_arena_destroy(sv_arena *arena) {
    if (arena == NULL) {
        return;
    }
    free(arena->base);
    *arena = (sv_arena){0};
}

void *sv_arena_take(sv_arena *arena, size_t n, size_t size) {
    size_t start = round_up(arena->used);
    if (start > arena->cap || (size > 0 && n > (arena->cap - start) / size)) {
        return NULL;
    }
    arena->used = start + n * size;
    return arena->base + start;
}

void sv_arena_reset(sv_arena *arena, size_t mark) {
    arena->used = mark;
}
