/* detect.steep: planes and words of exactly the image's size, so that what is read beyond them is found. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

enum { N_CONTENTS = 4, CELLS_MOST = 20, GUARD = 0x5a };

/* A background in memory of its own: one block of words, or two of bytes. */
static bool create(sv_background *b, size_t n, int bits) {
    *b = (sv_background){NULL, malloc(bits > 8 ? 2 * n : n), bits > 8 ? 2 : 1};
    if (bits > 8)
        b->high = b->low + 1;
    else
        b->high = malloc(n);
    return b->low && b->high;
}

static void destroy(const sv_background *b) {
    if (b->step == 1)
        free(b->high);
    free(b->low);
}

/* Anything at all; both ends of the range; a few steps in a sky; slopes that are steep by one unit more or less. */
static int content(int x, int y, int kind) {
    const uint32_t z = check_random((uint32_t)(y * 3001 + x), (uint32_t)kind);
    switch (kind) {
    case 0:
        return (int)(z >> 16);
    case 1:
        return z & 1 ? 65535 : 0;
    case 2:
        return 20000 + (int)(z % 61) + (z % 499 == 0 ? 9000 : 0) + (y > 20 + x / 16 ? 12000 : 0);
    default:
        return 3000 + 128 * x % 8192 + 3 * y + (int)(z % 3);
    }
}

static void fill(const sv_background *b, int width, int height, int kind) {
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const int stored = content(x, y, kind);
            const ptrdiff_t i = ((ptrdiff_t)y * width + x) * b->step;
            b->high[i] = (uint8_t)(stored >> 8);
            b->low[i] = (uint8_t)stored;
        }
}

static void compare_row(check *c, const sv_detect_view *view, int y, int first, int32_t limit) {
    const int n = (view->width + SV_DETECT_CELL - 1) / SV_DETECT_CELL - first;
    uint64_t expected[CELLS_MOST + 1], found[CELLS_MOST + 1];
    memset(expected, GUARD, sizeof expected);
    memset(found, GUARD, sizeof found);
    c->n_cases++;
    c->reference->detect.steep(expected, view, y, first, n, limit);
    c->level->detect.steep(found, view, y, first, n, limit);
    if (memcmp(expected, found, sizeof found))
        check_fail(c, "detect.steep", "a column", view->width, view->height, view->bit_depth);
}

static void compare(check *c, int width, int height, int bits, int kind) {
    static const int32_t limits[] = {0,     1,     255,   256,   257,   511,   512,   769,    4000,  9100,
                                     12000, 65023, 65279, 65280, 65534, 65535, 65536, 131069, 131070};
    sv_background b;
    if (!create(&b, (size_t)width * (size_t)height, bits)) {
        c->n_cases++;
        check_fail(c, "detect.steep", "memory", width, height, bits);
    } else {
        const sv_detect_view view = {.background = b, .width = width, .height = height, .bit_depth = bits};
        fill(&b, width, height, kind);
        for (int y = 1; y < height - 1; y++)
            for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
                compare_row(c, &view, y, width > 300 ? y % 3 : 0, limits[i]);
    }
    destroy(&b);
}

void check_detect_steep(check *c) {
    static const int sizes[][2] = {{1, 3},   {2, 4},   {3, 5},   {7, 130},  {33, 17},  {63, 65},
                                   {64, 64}, {65, 12}, {66, 12}, {129, 30}, {520, 33}, {1100, 40}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int kind = 0; kind < N_CONTENTS; kind++) {
            compare(c, sizes[i][0], sizes[i][1], 8, kind);
            compare(c, sizes[i][0], sizes[i][1], 12, kind);
        }
}

/* ---- speed ---- */

enum { WIDTH = 7680, HEIGHT = 4320 };

typedef struct timed {
    const sv_backend *level;
    sv_detect_view view;
    uint64_t found[WIDTH / SV_DETECT_CELL];
} timed;

static void steep_all(void *user) {
    timed *t = user;
    for (int y = 1; y < HEIGHT - 1; y++)
        t->level->detect.steep(t->found, &t->view, y, 0, WIDTH / SV_DETECT_CELL, 15 * 256);
}

check_timing time_detect_steep(const sv_backend *level, int bit_depth) {
    timed t = {.level = level, .view = {.width = WIDTH, .height = HEIGHT, .bit_depth = bit_depth}};
    check_timing timing = {0};
    if (create(&t.view.background, (size_t)WIDTH * HEIGHT, bit_depth)) {
        fill(&t.view.background, WIDTH, HEIGHT, 2);
        timing = (check_timing){check_time_ms(steep_all, &t), (bit_depth > 8 ? 2.0 : 1.0) * WIDTH * HEIGHT};
    }
    destroy(&t.view.background);
    return timing;
}
