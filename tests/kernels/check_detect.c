/* detect.scan and detect.learn: the same image and background for both tables, results and everything around them compared. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

enum { GUARD = 0x5a, GUARD_BYTES = 256, CAP = 40, N_CONTENTS = 5 };

/* Pixels and background between guards. */
typedef struct scene {
    sv_detect_view view;
    unsigned char *pixels;
    unsigned char *background; /* [guard][high][guard][low][guard], [guard][words][guard][guard] */
    size_t pixel_bytes, background_bytes;
} scene;

/* Residuals at both ends of their range in stripes: no sum may leave 16 bits. */
static void extreme(int *pixel, int *background, int x, int y, int period, int top) {
    const bool white = (x / period + y / period) % 2 == 0;
    *pixel = white ? top : 0;
    *background = white ? 0 : 65535;
}

static void content(int *pixel, int *background, int x, int y, const scene *s, int kind) {
    const int top = (1 << s->view.bit_depth) - 1, up = 16 - s->view.bit_depth;
    const uint32_t z = check_random((uint32_t)(y * s->view.width + x), (uint32_t)kind);
    *pixel = (int)(z & (uint32_t)top);
    *background = (int)(z >> 16);
    switch (kind) {
    case 0:
        break; /* anything at all */
    case 1:    /* noise, now and then a target */
        *pixel = z % 4999 == 0 ? top : top / 2 + (int)(z >> 8) % 7;
        *background = ((top / 2 + 3) << up) + (int)(z >> 20) % 16;
        break;
    case 2:
        extreme(pixel, background, x, y, 1, top);
        break;
    case 3:
        extreme(pixel, background, x, y, 8, top);
        break;
    default: /* nothing, at the top of the range */
        *pixel = top;
        *background = top << up;
    }
}

/* Garbage above the bit depth (kind 0 of deep images) must not divide the levels either. */
static void fill(scene *s, int kind) {
    for (int y = 0; y < s->view.height; y++)
        for (int x = 0; x < s->view.width; x++) {
            int pixel, background;
            content(&pixel, &background, x, y, s, kind);
            unsigned char *row = (unsigned char *)s->view.pixels + y * s->view.pitch;
            const bool garbage = kind == 0 && x % 5 == 0;
            if (s->view.bit_depth == 8)
                row[x] = (uint8_t)pixel;
            else
                ((uint16_t *)(void *)row)[x] = (uint16_t)(garbage ? background : pixel);
            const sv_background *b = &s->view.background;
            const ptrdiff_t i = (y * s->view.width + x) * b->step;
            b->high[i] = (uint8_t)(background >> 8);
            b->low[i] = (uint8_t)background;
        }
}

/* 8 bit: planes with a guard between them. */
static sv_background background_of(scene *s, size_t n, int bits) {
    uint8_t *first = s->background + GUARD_BYTES;
    return bits > 8 ? sv_background_in(first, n, bits) : (sv_background){first, first + n + GUARD_BYTES, 1};
}

static bool scene_create(scene *s, int width, int height, int bits, int kind, bool upside_down) {
    const ptrdiff_t pitch = (width + 5) * (bits > 8 ? 2 : 1);
    *s = (scene){.pixel_bytes = (size_t)pitch * (size_t)height,
                 .background_bytes = 2 * (size_t)width * (size_t)height + 3 * GUARD_BYTES};
    s->pixels = malloc(s->pixel_bytes);
    s->background = malloc(s->background_bytes);
    if (!s->pixels || !s->background)
        return false;
    memset(s->pixels, GUARD, s->pixel_bytes);
    memset(s->background, GUARD, s->background_bytes);
    s->view = (sv_detect_view){.pixels = upside_down ? s->pixels + pitch * (height - 1) : s->pixels,
                               .pitch = upside_down ? -pitch : pitch,
                               .background = background_of(s, (size_t)width * (size_t)height, bits),
                               .width = width,
                               .height = height,
                               .bit_depth = bits};
    fill(s, kind);
    return true;
}

static void scene_destroy(scene *s) {
    free(s->pixels);
    free(s->background);
}

static const int sizes[][2] = {{1, 1},   {1, 300}, {300, 1},   {3, 5},     {7, 130},  {33, 17},
                               {63, 65}, {64, 64}, {256, 128}, {257, 129}, {520, 33}, {1100, 140}};
static const int depths[] = {8, 9, 12, 14, 15, 16};
enum { N_SIZES = sizeof sizes / sizeof *sizes, N_DEPTHS = sizeof depths / sizeof *depths };

/* ---- scan ---- */

typedef struct results {
    sv_detect_hit *hit;
    sv_detect_cell *cell;
    size_t *n_hits;
    size_t hit_bytes, cell_bytes, count_bytes;
    int across, down;
} results;

/* Thresholds from everything to nothing, of both signs or of one; clips from 0 to beyond any sum. */
static sv_detect_cell limits(int i, int kind) {
    const int32_t never = SV_DETECT_NEVER;
    const bool only_above = kind % 3 == 1, only_below = kind % 3 == 2;
    static const int32_t clip[] = {60, 120, 511, 1024, 9000, SV_DETECT_NEVER, 0};
    const int32_t low = kind % 2 ? 0 : 90 + 3 * (i % 50);
    return (sv_detect_cell){.above = {only_below ? never : low, i % 3 && !only_below ? 40 + i % 7 : never},
                            .below = {i % 2 || only_above ? never : low, only_above ? never : 50},
                            .clip = {clip[i % 7], clip[(i + 3) % 7]}};
}

static bool results_create(results *r, const scene *s, int kind) {
    r->across = (s->view.width + SV_DETECT_BLOCK_W - 1) / SV_DETECT_BLOCK_W;
    r->down = (s->view.height + SV_DETECT_BLOCK_H - 1) / SV_DETECT_BLOCK_H;
    const size_t n = (size_t)(r->across * r->down);
    r->hit_bytes = (n * CAP + 4) * sizeof *r->hit;
    r->cell_bytes = n * SV_DETECT_BLOCK_CELLS * sizeof *r->cell;
    r->count_bytes = n * sizeof *r->n_hits;
    r->hit = malloc(r->hit_bytes);
    r->cell = calloc(1, r->cell_bytes);
    r->n_hits = malloc(r->count_bytes);
    if (!r->hit || !r->cell || !r->n_hits)
        return false;
    memset(r->hit, GUARD, r->hit_bytes);
    memset(r->n_hits, GUARD, r->count_bytes);
    for (size_t i = 0; i < n * SV_DETECT_BLOCK_CELLS; i++)
        r->cell[i] = limits((int)i, kind + s->view.width);
    return true;
}

static void results_destroy(results *r) {
    free(r->hit);
    free(r->cell);
    free(r->n_hits);
}

static sv_detect_blocks blocks_of(const results *r) {
    return (sv_detect_blocks){.hit = r->hit, .cap = CAP, .n_hits = r->n_hits, .cell = r->cell, .per_row = r->across};
}

static void compare_scan(check *c, int width, int height, int bits, int kind, bool fine) {
    scene s;
    results a = {0}, b = {0};
    c->n_cases++;
    if (!scene_create(&s, width, height, bits, kind, (width + kind) % 2) || !results_create(&a, &s, kind) ||
        !results_create(&b, &s, kind)) {
        check_fail(c, "detect.scan", "memory", width, height, bits);
    } else {
        const sv_detect_rect all = {0, 0, width, height};
        const sv_detect_blocks to_a = blocks_of(&a), to_b = blocks_of(&b);
        s.view.fine = fine;
        c->reference->detect.scan(&to_a, &s.view, all);
        c->level->detect.scan(&to_b, &s.view, all);
        if (memcmp(a.n_hits, b.n_hits, a.count_bytes))
            check_fail(c, "detect.scan", "a number of hits", width, height, bits);
        else if (memcmp(a.hit, b.hit, a.hit_bytes))
            check_fail(c, "detect.scan", "a hit", width, height, bits);
        else if (memcmp(a.cell, b.cell, a.cell_bytes))
            check_fail(c, "detect.scan", "a noise sum", width, height, bits);
    }
    results_destroy(&a);
    results_destroy(&b);
    scene_destroy(&s);
}

void check_detect_scan(check *c) {
    for (int i = 0; i < N_SIZES; i++)
        for (int k = 0; k < N_DEPTHS; k++)
            for (int kind = 0; kind < N_CONTENTS; kind++)
                for (int fine = 0; fine <= (depths[k] == 8); fine++)
                    compare_scan(c, sizes[i][0], sizes[i][1], depths[k], kind, fine);
}

/* ---- learn ---- */

static void compare_learn(check *c, int width, int height, int bits, int kind) {
    static const int setting[][4] = {
        {1, 0, 65535, 16384}, {4, 3, 160, 2184},   {8, 1, 7, 4000},     {1, 0, 0, 16383},    {2, 1, 32767, 1},
        {1, 0, 40000, 16000}, {1, 0, 65535, 8192}, {1, 0, 65535, 5461}, {1, 0, 65535, 1024}, {1, 0, 65535, 1},
        {1, 0, 65535, 0},     {1, 0, 65535, 8193}, {1, 0, 300, 16384}};
    for (size_t i = 0; i < sizeof setting / sizeof *setting; i++) {
        scene a, b;
        c->n_cases++;
        const bool made = scene_create(&a, width, height, bits, kind, kind % 2);
        if (!scene_create(&b, width, height, bits, kind, kind % 2) || !made) {
            check_fail(c, "detect.learn", "memory", width, height, bits);
        } else {
            int32_t limit[32];
            for (int k = 0; k < 32; k++)
                limit[k] = k % 5 == 4 || setting[i][2] == 65535 ? 65535 : setting[i][2] / (1 + k % 3);
            const sv_detect_rect part = {width > 70 ? 64 : 0, height / 3, width - width / 9, height};
            c->reference->detect.learn(&a.view, part, setting[i][0], setting[i][1], limit, setting[i][3]);
            c->level->detect.learn(&b.view, part, setting[i][0], setting[i][1], limit, setting[i][3]);
            if (memcmp(a.background, b.background, a.background_bytes))
                check_fail(c, "detect.learn", "the background", width, height, bits);
        }
        scene_destroy(&a);
        scene_destroy(&b);
    }
}

void check_detect_learn(check *c) {
    for (int i = 0; i < N_SIZES; i++)
        for (int k = 0; k < N_DEPTHS; k++)
            for (int kind = 0; kind < N_CONTENTS; kind++)
                compare_learn(c, sizes[i][0], sizes[i][1], depths[k], kind);
}

/* ---- speed ---- */

enum { WIDTH = 7680, HEIGHT = 4320, BAND = SV_DETECT_BLOCK_H };

typedef struct timed {
    const sv_backend *level;
    scene scene;
    results results;
    int32_t limit[WIDTH / SV_DETECT_CELL];
} timed;

static bool timed_create(timed *t, const sv_backend *level, int bits) {
    memset(t, 0, sizeof *t);
    t->level = level;
    for (int i = 0; i < WIDTH / SV_DETECT_CELL; i++)
        t->limit[i] = 200;
    if (!scene_create(&t->scene, WIDTH, HEIGHT, bits, 1, false) || !results_create(&t->results, &t->scene, 0))
        return false;
    /* Some 4 sigma of this content: hits are few, as they are in use. */
    for (int i = 0; i < t->results.across * t->results.down * SV_DETECT_BLOCK_CELLS; i++)
        t->results.cell[i] = (sv_detect_cell){.above = {200, 70}, .below = {200, 70}, .clip = {100, 35}};
    return true;
}

/* Band by band, as the detector does. */
static void scan_all(void *user) {
    const timed *t = user;
    for (int y = 0; y < HEIGHT; y += BAND) {
        const size_t first = (size_t)(y / BAND) * (size_t)t->results.across;
        sv_detect_blocks to = blocks_of(&t->results);
        to.hit += first * CAP;
        to.n_hits += first;
        to.cell += first * SV_DETECT_BLOCK_CELLS;
        t->level->detect.scan(&to, &t->scene.view,
                              (sv_detect_rect){0, y, WIDTH, y + BAND < HEIGHT ? y + BAND : HEIGHT});
    }
}

static void learn_all(void *user) {
    const timed *t = user;
    for (int y = 0; y < HEIGHT; y += SV_DETECT_CELL)
        t->level->detect.learn(&t->scene.view,
                               (sv_detect_rect){0, y, WIDTH, y + SV_DETECT_CELL < HEIGHT ? y + SV_DETECT_CELL : HEIGHT},
                               4, 1, t->limit, 2184);
}

static check_timing time_it(const sv_backend *level, int bits, void (*work)(void *), double bytes_per_px) {
    timed t;
    check_timing timing = {0};
    if (timed_create(&t, level, bits))
        timing = (check_timing){check_time_ms(work, &t), bytes_per_px * WIDTH * HEIGHT};
    results_destroy(&t.results);
    scene_destroy(&t.scene);
    return timing;
}

check_timing time_detect_scan(const sv_backend *level, int bits) {
    return time_it(level, bits, scan_all, bits > 8 ? 4 : 2);
}

check_timing time_detect_learn(const sv_backend *level, int bits) {
    return time_it(level, bits, learn_all, bits > 8 ? 1.5 : 1.25);
}
