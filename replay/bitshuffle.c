#include <replay/bitshuffle.h>

#include <lz4.h>
#include <string.h>

enum {
    BLOCK = SV_BITSHUFFLE_BLOCK,
    BLOCK_BOUND = 4 + LZ4_COMPRESSBOUND(BLOCK),
    BLOCKS_PER_TASK = 64, /* 512 KiB: short enough to share out, long enough to be worth it */
    ACCELERATION = 8,     /* planes of noise do not pack: step over them faster */
};

static void put_be(uint8_t *p, uint64_t value, int n) {
    for (int i = n - 1; i >= 0; i--) {
        p[i] = (uint8_t)value;
        value >>= 8;
    }
}

static uint64_t get_be(const uint8_t *p, int n) {
    uint64_t value = 0;
    for (int i = 0; i < n; i++) {
        value = value << 8 | p[i];
    }
    return value;
}

/* ---- how n bytes are cut: whole blocks, one shorter block of a multiple of 8 elements, the rest as it is ---- */

typedef struct cut {
    size_t n_blocks; /* the shorter one counted */
    size_t n_last;   /* bytes of the last block */
    size_t n_rest;   /* bytes that no block holds */
} cut;

static cut cut_of(size_t n, size_t element_size) {
    size_t n_rest = n % (8 * element_size);
    size_t n_packed = n - n_rest;
    size_t n_short = n_packed % BLOCK;
    return (cut){.n_blocks = n_packed / BLOCK + (n_short > 0 ? 1 : 0),
                 .n_last = n_short > 0 ? n_short : BLOCK,
                 .n_rest = n_rest};
}

static size_t block_bytes(const cut *c, size_t i) {
    return i + 1 == c->n_blocks ? c->n_last : BLOCK;
}

static size_t n_tasks(const cut *c) {
    return (c->n_blocks + BLOCKS_PER_TASK - 1) / BLOCKS_PER_TASK;
}

/* ---- packing ---- */

/* A frame being packed. Task i writes slot i; the first bytes of a slot say how many it used. */
typedef struct encoding {
    const uint8_t *in;
    uint8_t *out;
    cut c;
    size_t element_size;
    sv_bit_planes planes;
} encoding;

enum { SLOT_HEAD = 8, SLOT = SLOT_HEAD + BLOCKS_PER_TASK * BLOCK_BOUND };

size_t sv_bitshuffle_bound(size_t n) {
    size_t n_blocks = n / BLOCK + 1;
    return SV_BITSHUFFLE_HEADER + (n_blocks / BLOCKS_PER_TASK + 1) * (size_t)SLOT + 16;
}

static void encode_task(void *user, size_t i_task) {
    const encoding *e = user;
    uint8_t planes[BLOCK];
    uint8_t *slot = e->out + SV_BITSHUFFLE_HEADER + i_task * SLOT;
    uint8_t *at = slot + SLOT_HEAD;
    size_t end = (i_task + 1) * BLOCKS_PER_TASK;
    for (size_t i = i_task * BLOCKS_PER_TASK; i < end && i < e->c.n_blocks; i++) {
        size_t n = block_bytes(&e->c, i);
        e->planes(planes, e->in + i * BLOCK, n / e->element_size, e->element_size);
        int n_packed =
            LZ4_compress_fast((const char *)planes, (char *)at + 4, (int)n, LZ4_COMPRESSBOUND(BLOCK), ACCELERATION);
        put_be(at, (uint64_t)n_packed, 4);
        at += 4 + n_packed;
    }
    uint64_t used = (uint64_t)(at - slot) - SLOT_HEAD;
    memcpy(slot, &used, sizeof used);
}

sv_status sv_bitshuffle_encode(uint8_t *out, size_t *n_out, const void *elements, size_t n, size_t element_size,
                               sv_team *team) {
    if (element_size < 1 || element_size > 2 || n % element_size != 0) {
        return sv_fail(SV_ERR_ARG, "bitshuffle: %zu bytes in elements of %zu, expected 1 or 2", n, element_size);
    }
    encoding e = {.in = elements,
                  .out = out,
                  .c = cut_of(n, element_size),
                  .element_size = element_size,
                  .planes = sv_bit_planes_fastest()};
    sv_team_run(team, n_tasks(&e.c), encode_task, &e);
    uint8_t *at = out + SV_BITSHUFFLE_HEADER;
    for (size_t i = 0; i < n_tasks(&e.c); i++) {
        const uint8_t *slot = out + SV_BITSHUFFLE_HEADER + i * SLOT;
        uint64_t used;
        memcpy(&used, slot, sizeof used);
        memmove(at, slot + SLOT_HEAD, used);
        at += used;
    }
    if (e.c.n_rest > 0) {
        memcpy(at, e.in + n - e.c.n_rest, e.c.n_rest);
    }
    put_be(out, n, 8);
    put_be(out + 8, BLOCK, 4);
    *n_out = (size_t)(at - out) + e.c.n_rest;
    return SV_OK;
}

/* ---- unpacking ---- */

typedef struct decoding {
    uint8_t *out;
    cut c;
    size_t element_size;
    const uint8_t *packed;
    size_t n_packed;
    bool *failed;        /* [n_tasks] */
    const size_t *first; /* [n_tasks] where the task's blocks begin */
} decoding;

/* Offset after the block at `at`, or 0. */
static size_t next_block(const uint8_t *packed, size_t n_packed, size_t at) {
    if (n_packed - at < 4) {
        return 0;
    }
    uint64_t n = get_be(packed + at, 4);
    return n > n_packed - at - 4 ? 0 : at + 4 + (size_t)n;
}

static bool decode_block(const decoding *d, size_t i, size_t at, size_t end) {
    uint8_t planes[BLOCK];
    size_t n = block_bytes(&d->c, i);
    int got = LZ4_decompress_safe((const char *)d->packed + at + 4, (char *)planes, (int)(end - at - 4), (int)n);
    if (got != (int)n) {
        return false;
    }
    sv_bit_planes_join(d->out + i * BLOCK, planes, n / d->element_size, d->element_size);
    return true;
}

/* Blocks have no directory, so one walk over their lengths finds where every task begins. */
static void decode_task(void *user, size_t i_task) {
    const decoding *d = user;
    size_t at = d->first[i_task];
    size_t end = (i_task + 1) * BLOCKS_PER_TASK;
    for (size_t i = i_task * BLOCKS_PER_TASK; i < end && i < d->c.n_blocks; i++) {
        size_t after = next_block(d->packed, d->n_packed, at);
        if (after == 0 || !decode_block(d, i, at, after)) {
            d->failed[i_task] = true;
            return;
        }
        at = after;
    }
}

enum { TASKS_CAP = 1024 }; /* 512 MiB of pixels; beyond it one task does the rest */

/* SV_OK when the lengths fit; first[i] for every task. */
static bool find_tasks(size_t first[TASKS_CAP], const decoding *d) {
    size_t at = SV_BITSHUFFLE_HEADER;
    for (size_t i = 0; i < d->c.n_blocks; i++) {
        if (i % BLOCKS_PER_TASK == 0) {
            first[i / BLOCKS_PER_TASK] = at;
        }
        at = next_block(d->packed, d->n_packed, at);
        if (at == 0) {
            return false;
        }
    }
    return d->n_packed - at == d->c.n_rest;
}

sv_status sv_bitshuffle_decode(void *out, size_t n, const uint8_t *packed, size_t n_packed, size_t element_size,
                               sv_team *team) {
    size_t first[TASKS_CAP];
    bool failed[TASKS_CAP] = {false};
    decoding d = {.out = out,
                  .c = cut_of(n, element_size),
                  .element_size = element_size,
                  .packed = packed,
                  .n_packed = n_packed,
                  .failed = failed,
                  .first = first};
    if (n_packed < SV_BITSHUFFLE_HEADER || get_be(packed, 8) != n || get_be(packed + 8, 4) != BLOCK ||
        n_tasks(&d.c) > TASKS_CAP || !find_tasks(first, &d)) {
        return sv_fail(SV_ERR_INPUT, "packed pixels: the header or a length does not fit an image of %zu bytes", n);
    }
    sv_team_run(team, n_tasks(&d.c), decode_task, &d);
    for (size_t i = 0; i < n_tasks(&d.c); i++) {
        if (failed[i]) {
            return sv_fail(SV_ERR_INPUT, "packed pixels: a block does not unpack");
        }
    }
    memcpy(d.out + n - d.c.n_rest, packed + n_packed - d.c.n_rest, d.c.n_rest);
    return SV_OK;
}
