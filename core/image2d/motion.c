#include <core/image2d/motion.h>

enum {
    BLOCK = 16,      /* px */
    BLOCKS_CAP = 48, /* the most textured ones of a grid */
    GRID = 12,       /* blocks across and down at most */
    SEARCH = 12,     /* px */
    ONE = 16,        /* a pixel in the unit of a block's way */
    LEAST_BLOCKS = 4,
    ROUNDS = 3,      /* of fitting to the blocks that agree */
    NEAR = 24,       /* sixteenths of a pixel: votes this near agree */
    SPREAD_CAP = 16, /* px per 1024 px that a turn or a zoom may move; more is a mismatch */
};
static const int32_t least_texture = 3 * 256; /* mean step between neighbours that a block needs, per pixel */

typedef struct block {
    int32_t x, y;
    int32_t texture;
    int32_t du, dv; /* ONE per px */
    bool agrees;
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

/* Lowest point of the parabola through three neighbours, in ONE, -ONE/2 .. ONE/2; staying may have won against a lower neighbour. */
static int32_t vertex(int64_t before, int64_t at, int64_t after) {
    const int64_t bend = before - 2 * at + after, way = before - after;
    if (bend <= 0)
        return 0;
    if (way >= bend || way <= -bend)
        return way > 0 ? ONE / 2 : -ONE / 2;
    return (int32_t)(way * ONE / (2 * bend));
}

/* Staying must be beaten by a tenth: a flicker is no motion. */
static void match(block *b, const sv_field2d *f) {
    int32_t u = 0, v = 0;
    int64_t best = difference(f, b, 0, 0, INT64_MAX) * 9 / 10;
    for (int32_t dv = -SEARCH; dv <= SEARCH; dv++)
        for (int32_t du = -SEARCH; du <= SEARCH; du++) {
            const int64_t d = difference(f, b, du, dv, best);
            if (d < best) {
                best = d;
                u = du;
                v = dv;
            }
        }
    b->du = u * ONE;
    b->dv = v * ONE;
    if (u <= -SEARCH || u >= SEARCH || v <= -SEARCH || v >= SEARCH)
        return;
    const int64_t at = difference(f, b, u, v, INT64_MAX);
    b->du += vertex(difference(f, b, u - 1, v, INT64_MAX), at, difference(f, b, u + 1, v, INT64_MAX));
    b->dv += vertex(difference(f, b, u, v - 1, INT64_MAX), at, difference(f, b, u, v + 1, INT64_MAX));
}

/* Median of values in -(SEARCH + 1) ONE .. (SEARCH + 1) ONE, by counting. */
static int32_t median(const block *b, int32_t n, bool vertical) {
    enum { OFFSET = (SEARCH + 1) * ONE };
    int32_t count[2 * OFFSET + 1] = {0};
    for (int32_t i = 0; i < n; i++)
        count[(vertical ? b[i].dv : b[i].du) + OFFSET]++;
    int32_t k = 0;
    for (int32_t sum = count[0]; 2 * sum < n; sum += count[k])
        k++;
    return k - OFFSET;
}

/* ---- fit ---- */

/* Where the block's centre lies from the image's. */
static double from_centre(int32_t at, int32_t side) {
    return at + (BLOCK - 1) / 2.0 - (side - 1) / 2.0;
}

/* Least squares over the blocks that agree: du = t_u + zoom x - turn y, dv = t_v + turn x + zoom y. */
static sv_warp2d fit(const block *b, int32_t n, const sv_field2d *f) {
    double m = 0, x = 0, y = 0, u = 0, v = 0, rr = 0, along = 0, across = 0;
    for (int32_t i = 0; i < n; i++)
        if (b[i].agrees) {
            m++;
            x += from_centre(b[i].x, f->width);
            y += from_centre(b[i].y, f->height);
            u += b[i].du;
            v += b[i].dv;
        }
    x /= m;
    y /= m;
    u /= m;
    v /= m;
    for (int32_t i = 0; i < n; i++)
        if (b[i].agrees) {
            const double dx = from_centre(b[i].x, f->width) - x, dy = from_centre(b[i].y, f->height) - y;
            rr += dx * dx + dy * dy;
            along += dx * (b[i].du - u) + dy * (b[i].dv - v);
            across += dx * (b[i].dv - v) - dy * (b[i].du - u);
        }
    /* Blocks in one corner tell nothing of the others. */
    const bool wide = rr > m * 0.01 * ((double)f->width * f->width + (double)f->height * f->height);
    const double zoom = wide ? along / rr : 0, turn = wide ? across / rr : 0;
    return (sv_warp2d){.u = (u - zoom * x + turn * y) / ONE,
                       .v = (v - turn * x - zoom * y) / ONE,
                       .zoom = zoom / ONE,
                       .turn = turn / ONE};
}

static double away(const block *b, const sv_warp2d *w, const sv_field2d *f) {
    const double x = from_centre(b->x, f->width), y = from_centre(b->y, f->height);
    const double du = b->du - ONE * (w->u + w->zoom * x - w->turn * y);
    const double dv = b->dv - ONE * (w->v + w->turn * x + w->zoom * y);
    return du * du + dv * dv;
}

/* Which blocks the motion explains. */
static int32_t vote(block *b, int32_t n, const sv_warp2d *w, const sv_field2d *f, double near) {
    int32_t agree = 0;
    for (int32_t i = 0; i < n; i++) {
        b[i].agrees = away(&b[i], w, f) <= near * near;
        agree += b[i].agrees;
    }
    return agree;
}

bool sv_motion2d_find(sv_warp2d *warp, const sv_field2d *f) {
    block b[BLOCKS_CAP];
    const int32_t n = choose_blocks(b, f);
    *warp = (sv_warp2d){0};
    if (n < LEAST_BLOCKS)
        return true;
    for (int32_t i = 0; i < n; i++)
        match(&b[i], f);
    sv_warp2d w = {.u = (double)median(b, n, false) / ONE, .v = (double)median(b, n, true) / ONE};
    if (2 * vote(b, n, &w, f, NEAR) < n)
        return false;
    for (int round = 0; round < ROUNDS; round++) {
        const sv_warp2d better = fit(b, n, f);
        if (2 * vote(b, n, &better, f, NEAR) < n)
            break;
        w = better;
    }
    const double most = SPREAD_CAP / 1024.0;
    if (w.zoom > most || w.zoom < -most || w.turn > most || w.turn < -most)
        return false;
    *warp = w;
    return true;
}
