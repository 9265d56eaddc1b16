#include <replay/bitshuffle.h>

#include <lz4.h>
#include <string.h>

enum {
    BLOCK = SV_BITSHUFFLE_BLOCK,
    BLOCK_BOUND = 4 + LZ4_COMPRESSBOUND(BLOCK) + 16, /* a second length of literals is a token more */
    BLOCKS_PER_TASK = 64, /* 512 KiB: short enough to share out, long enough to be worth it */
    ACCELERATION = 4,     /* half-random planes hardly pack: step over them faster */
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

/* ---- packing one block ---- */

enum { CHECKED = 128, REPEATS_PER = 8 };

/* A plane in which fewer than an eighth of the bytes repeat the one before is noise: few matches would be found in it. */
static bool is_noise(const uint8_t *plane, size_t n) {
    size_t n_repeats = 0, n_checked = 0;
    for (; n_checked + CHECKED < n; n_checked += CHECKED) {
        uint8_t n_here = 0; /* narrow: the compiler then counts sixteen at a time */
        for (size_t k = n_checked; k < n_checked + CHECKED; k++) {
            n_here = (uint8_t)(n_here + (plane[k] == plane[k + 1]));
        }
        n_repeats += n_here;
    }
    return n_repeats * REPEATS_PER < n_checked;
}

/* Bytes of the planes before the first that may pack: the lowest bits of a noisy image. */
static size_t count_noise(const uint8_t *planes, size_t n_planes, size_t n_plane) {
    size_t k = 0;
    while (k < n_planes && is_noise(planes + k * n_plane, n_plane)) {
        k++;
    }
    return k * n_plane;
}

/* The first byte of an LZ4 sequence and the rest of its number of literals; bytes used. */
static size_t put_literals(uint8_t *out, size_t n_literals, unsigned match_bits) {
    size_t n = 1;
    out[0] = (uint8_t)((n_literals < 15 ? n_literals : 15) << 4 | match_bits);
    if (n_literals >= 15) {
        for (n_literals -= 15; n_literals >= 255; n_literals -= 255) {
            out[n++] = 255;
        }
        out[n++] = (uint8_t)n_literals;
    }
    return n;
}

static size_t get_literals(size_t *n_literals, const uint8_t *in) {
    size_t n = 1;
    *n_literals = in[0] >> 4;
    if (*n_literals == 15) {
        do {
            *n_literals += in[n];
        } while (in[n++] == 255);
    }
    return n;
}

/*
 * An LZ4 block of n bytes, of which the first n_noise are not searched: they become literals of the first sequence of the
 * rest, whose matches reach back no further than they did. Bytes used.
 */
static size_t pack_block(uint8_t *out, const uint8_t *planes, size_t n, size_t n_noise) {
    uint8_t rest[BLOCK_BOUND];
    int n_rest =
        LZ4_compress_fast((const char *)planes + n_noise, (char *)rest, (int)(n - n_noise), sizeof rest, ACCELERATION);
    size_t n_literals, begin = get_literals(&n_literals, rest);
    size_t at = put_literals(out, n_noise + n_literals, rest[0] & 15);
    memcpy(out + at, planes, n_noise);
    memcpy(out + at + n_noise, rest + begin, (size_t)n_rest - begin);
    return at + n_noise + (size_t)n_rest - begin;
}

/* ---- packing ---- */

/* A frame being packed. Task i writes slot i; the first bytes of a slot say how many it used. */
typedef struct encoding {
    const uint8_t *in;
    uint8_t *out;
    cut c;
    size_t element_size;
    const sv_bit_planes *planes;
} encoding;

enum { SLOT_HEAD = 8, SLOT = SLOT_HEAD + BLOCKS_PER_TASK * BLOCK_BOUND };

size_t sv_bitshuffle_bound(size_t n) {
    size_t n_blocks = n / BLOCK + 1;
    return SV_BITSHUFFLE_HEADER + (n_blocks / BLOCKS_PER_TASK + 1) * (size_t)SLOT + 16;
}

/* The blocks of one task, packed at `out`; bytes used. */
static size_t encode_blocks(uint8_t *out, const encoding *e, size_t i_task) {
    uint8_t planes[BLOCK];
    uint8_t *at = out;
    size_t end = (i_task + 1) * BLOCKS_PER_TASK;
    for (size_t i = i_task * BLOCKS_PER_TASK; i < end && i < e->c.n_blocks; i++) {
        size_t n = block_bytes(&e->c, i), n_planes = 8 * e->element_size;
        sv_bit_planes_split(e->planes, planes, e->in + i * BLOCK, n / e->element_size, e->element_size);
        size_t n_packed = pack_block(at + 4, planes, n, count_noise(planes, n_planes, n / n_planes));
        put_be(at, n_packed, 4);
        at += 4 + n_packed;
    }
    return (size_t)(at - out);
}

static void encode_task(void *user, size_t i_task) {
    const encoding *e = user;
    uint8_t *slot = e->out + SV_BITSHUFFLE_HEADER + i_task * SLOT;
    uint64_t used = encode_blocks(slot + SLOT_HEAD, e, i_task);
    memcpy(slot, &used, sizeof used);
}

/* All tasks in their slots, then moved together. Bytes used. */
static size_t encode_shared(encoding *e, sv_team *team) {
    sv_team_run(team, n_tasks(&e->c), encode_task, e);
    uint8_t *begin = e->out + SV_BITSHUFFLE_HEADER, *at = begin;
    for (size_t i = 0; i < n_tasks(&e->c); i++) {
        uint64_t used;
        memcpy(&used, begin + i * SLOT, sizeof used);
        memmove(at, begin + i * SLOT + SLOT_HEAD, used);
        at += used;
    }
    return (size_t)(at - begin);
}

/* One thread needs no slots: a task begins where the one before ended. */
static size_t encode_alone(const encoding *e) {
    size_t n = 0;
    for (size_t i = 0; i < n_tasks(&e->c); i++) {
        n += encode_blocks(e->out + SV_BITSHUFFLE_HEADER + n, e, i);
    }
    return n;
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
    bool alone = team == NULL || sv_team_size(team) == 1;
    size_t n_packed = SV_BITSHUFFLE_HEADER + (alone ? encode_alone(&e) : encode_shared(&e, team));
    if (e.c.n_rest > 0) {
        memcpy(out + n_packed, e.in + n - e.c.n_rest, e.c.n_rest);
    }
    put_be(out, n, 8);
    put_be(out + 8, BLOCK, 4);
    *n_out = n_packed + e.c.n_rest;
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
    sv_bit_planes_join(sv_bit_planes_fastest(), d->out + i * BLOCK, planes, n / d->element_size, d->element_size);
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
