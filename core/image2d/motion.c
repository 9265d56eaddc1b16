#include <core/image2d/motion.h>

enum {
    BLOCK = 16,      /* px */
    BLOCKS_CAP = 48, /* the most textured ones of a grid */
    GRID = 12,       /* blocks across and down at most */
    SEARCH = 12,     /* px */
    NEAR = 1,        /* votes this near the median agree */
};
static const int32_t least_texture = 3 * 256; /* mean step between neighbours that a block needs, per pixel */

typedef struct block {
    int32_t x, y;
    int32_t texture;
    int32_t du, dv;
} block;

static int32_t abs_i32(int32_t a) {
    return a < 0 ? -a : a;
}

/* The weaker of the mean steps across and down: an edge alone tells one direction only. */
static int32_t texture_at(const sv_field2d *f, int32_t x0, int32_t y0) {
    int32_t across = 0, down = 0;
    for (int32_t y = y0; y < y0 + BLOCK; y++)
        for (int32_t x = x0; x < x0 + BLOCK; x++) {
            const uint16_t *p = f->background + (size_t)y * (size_t)f->width + (size_t)x;
            across += abs_i32((int32_t)p[1] - p[0]) >> 4;
            down += abs_i32((int32_t)p[f->width] - p[0]) >> 4;
        }
    const int32_t weaker = across < down ? across : down;
    return weaker / (BLOCK * BLOCK / 16);
}

/* The grid's blocks by texture, strongest first, ties in reading order. */
static int32_t choose_blocks(block *out, const sv_field2d *f) {
    int32_t n = 0;
    const int32_t span_x = f->width - BLOCK - 2 * SEARCH - 1, span_y = f->height - BLOCK - 2 * SEARCH - 1;
    if (span_x <= 0 || span_y <= 0)
        return 0;
    for (int32_t j = 0; j < GRID; j++)
        for (int32_t i = 0; i < GRID; i++) {
            block b = {.x = SEARCH + span_x * i / (GRID - 1), .y = SEARCH + span_y * j / (GRID - 1)};
            b.texture = texture_at(f, b.x, b.y);
            if (b.texture < least_texture || (n == BLOCKS_CAP && b.texture <= out[n - 1].texture))
                continue;
            int32_t k = n < BLOCKS_CAP ? n++ : n - 1;
            for (; k > 0 && out[k - 1].texture < b.texture; k--)
                out[k] = out[k - 1];
            out[k] = b;
        }
    return n;
}

/* Sum of absolute differences of a background block and the frame du, dv away, given up beyond `most`. */
static int64_t difference(const sv_field2d *f, const block *b, int32_t du, int32_t dv, int64_t most) {
    int64_t sum = 0;
    for (int32_t y = 0; y < BLOCK && sum < most; y++) {
        const uint16_t *m = f->background + (size_t)(b->y + y) * (size_t)f->width + (size_t)b->x;
        const uint16_t *q = f->now + (size_t)(b->y + y + dv) * (size_t)f->width + (size_t)(b->x + du);
        for (int32_t x = 0; x < BLOCK; x++)
            sum += abs_i32((int32_t)m[x] - q[x]);
    }
    return sum;
}

/* Staying must be beaten by a tenth: a flicker is no motion. */
static void match(block *b, const sv_field2d *f) {
    int64_t best = difference(f, b, 0, 0, INT64_MAX) * 9 / 10;
    for (int32_t dv = -SEARCH; dv <= SEARCH; dv++)
        for (int32_t du = -SEARCH; du <= SEARCH; du++) {
            const int64_t d = difference(f, b, du, dv, best);
            if (d < best) {
                best = d;
                b->du = du;
                b->dv = dv;
            }
        }
}

/* Median of values in -SEARCH..SEARCH, by counting. */
static int32_t median(const block *b, int32_t n, bool vertical) {
    int32_t count[2 * SEARCH + 1] = {0};
    for (int32_t i = 0; i < n; i++)
        count[(vertical ? b[i].dv : b[i].du) + SEARCH]++;
    int32_t k = 0;
    for (int32_t sum = count[0]; 2 * sum < n; sum += count[k])
        k++;
    return k - SEARCH;
}

bool sv_motion2d_find(int32_t *du, int32_t *dv, const sv_field2d *f) {
    block b[BLOCKS_CAP];
    const int32_t n = choose_blocks(b, f);
    *du = *dv = 0;
    if (n < 4)
        return true;
    for (int32_t i = 0; i < n; i++)
        match(&b[i], f);
    const int32_t mu = median(b, n, false), mv = median(b, n, true);
    int32_t agree = 0;
    for (int32_t i = 0; i < n; i++)
        agree += abs_i32(b[i].du - mu) <= NEAR && abs_i32(b[i].dv - mv) <= NEAR;
    if (2 * agree < n)
        return false;
    *du = mu;
    *dv = mv;
    return true;
}
