/* centroid.weak: noise, spots, steps and worst-case content at every place of small images, by both tables. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 0x5a, PAD = 3 };

typedef struct fixing {
    uint16_t *pixels; /* [height x pitch], bytes where 8 bit */
    uint8_t *background;
    sv_weak_windows *windows;
    sv_weak_target *target; /* [n] */
    sv_weak_place *place;   /* [n + 1], the last one a guard */
    size_t n;
    sv_detect_view view;
} fixing;

static void make_windows(sv_weak_windows *out) {
    for (int w = 0; w < SV_WEAK_WIDTHS; w++)
        for (int k = 0; k < SV_WEAK_PHASES; k++) {
            sv_weak_window *o = &out->at[w][k];
            double cross = 0;
            for (int i = 0; i < SV_WEAK_SIDE; i++) {
                const double x = i - SV_WEAK_RADIUS, d = x - (double)(k - SV_WEAK_PHASES / 2) / SV_WEAK_PER_PX;
                const double g = exp(-d * d / (1.5 + w));
                o->g[i] = (float)g;
                o->gd[i] = (float)(g * d);
                o->n += (float)(g * g);
                o->nd += (float)(g * d * g * d);
                o->g_sum += (float)g;
                o->g_slope += (float)(g * x);
                o->gd_sum += (float)(g * d);
                o->gd_slope += (float)(g * d * x);
                cross += g * g * d;
            }
            o->own = (float)cross / o->n;
        }
}

/* Of the background's unit: noise, spots on it, black and white, or everything at an end of the range. */
static int32_t grey_at(int variant, int x, int y, int32_t white) {
    const uint32_t i = (uint32_t)(y * 9973 + x);
    const int32_t noise = (int32_t)(check_random(i, 51) % 64) * (white + 1) / 1024;
    switch (variant % 6) {
    case 0:
        return white / 2 + noise;
    case 1:
        return white / 3 + noise + (x % 13 < 3 && y % 11 < 3 ? white / 8 : 0);
    case 2:
        return (x / 3 + y / 2) % 2 ? white : 0;
    case 3:
        return white;
    case 4:
        return (int32_t)(check_random(i, 52) % (uint32_t)(white + 1));
    default:
        return 0;
    }
}

static bool fixing_create(fixing *f, int width, int height, int bit_depth, int variant) {
    const size_t n = (size_t)width * (size_t)height, wide = bit_depth > 8 ? 2 : 1;
    const ptrdiff_t pitch = (width + variant % PAD) * (ptrdiff_t)wide;
    memset(f, 0, sizeof *f);
    f->pixels = malloc((size_t)pitch * (size_t)height); /* no more: what is read beyond an end is found */
    f->background = malloc(2 * n);
    f->windows = calloc(1, sizeof *f->windows);
    f->target = calloc(n + 1, sizeof *f->target);
    f->place = malloc((n + 1) * sizeof *f->place);
    if (!f->pixels || !f->background || !f->windows || !f->target || !f->place)
        return false;
    make_windows(f->windows);
    memset(f->place, GUARD, (n + 1) * sizeof *f->place);
    unsigned char *row0 = (unsigned char *)f->pixels + (variant % 4 == 3 ? pitch * (height - 1) : 0);
    f->view = (sv_detect_view){.pixels = row0,
                               .pitch = variant % 4 == 3 ? -pitch : pitch,
                               .background = sv_background_in(f->background, n, bit_depth),
                               .width = width,
                               .height = height,
                               .bit_depth = bit_depth,
                               .fine = variant % 2 == 1};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const int32_t grey = grey_at(variant, x, y, (1 << bit_depth) - 1);
            unsigned char *row = row0 + y * f->view.pitch;
            if (wide == 1)
                row[x] = (unsigned char)grey;
            else
                ((uint16_t *)(void *)row)[x] = (uint16_t)grey;
            const int32_t mean = variant / 6 % 3 == 0   ? 32768 + (int32_t)(check_random((uint32_t)x, 53) % 512)
                                 : variant / 6 % 3 == 1 ? 0
                                                        : (grey << (16 - bit_depth)) + (variant % 2);
            sv_background_set(&f->view.background, (ptrdiff_t)y * width + x, (uint16_t)mean);
        }
    for (int y = SV_WEAK_RADIUS; y < height - SV_WEAK_RADIUS; y++)
        for (int x = SV_WEAK_RADIUS; x - SV_WEAK_RADIUS + SV_WEAK_READ <= width; x++) {
            f->target[f->n] = (sv_weak_target){.x = (uint16_t)x,
                                               .y = (uint16_t)y,
                                               .width = (uint8_t)(f->n % SV_WEAK_WIDTHS),
                                               .sign = (int8_t)(f->n % 5 < 3 ? 1 : -1)};
            f->n++;
        }
    return true;
}

static void fixing_destroy(fixing *f) {
    free(f->pixels);
    free(f->background);
    free(f->windows);
    free(f->target);
    free(f->place);
}

static void fix(const sv_backend *level, fixing *f) {
    level->centroid.weak(f->place, &f->view, f->windows, f->target, f->n);
}

static void compare(check *c, int width, int height, int bit_depth, int variant) {
    fixing a, b;
    c->n_cases++;
    const bool made = fixing_create(&a, width, height, bit_depth, variant);
    if (!fixing_create(&b, width, height, bit_depth, variant) || !made) {
        check_fail(c, "centroid.weak", "memory", width, height, bit_depth);
    } else {
        fix(c->reference, &a);
        fix(c->level, &b);
        if (memcmp(a.place, b.place, (a.n + 1) * sizeof *a.place))
            check_fail(c, "centroid.weak", "a place", width, height, bit_depth);
    }
    fixing_destroy(&a);
    fixing_destroy(&b);
}

/* The reference on a spot without noise: its place to within what two steps leave. */
static void compare_with_truth(check *c) {
    enum { W = 40, H = 30 };
    for (int phase = 0; phase < 9; phase++) {
        const double u = 20 + (phase % 3 - 1) * 0.3, v = 15 + (phase / 3 - 1) * 0.3;
        fixing f;
        c->n_cases++;
        if (!fixing_create(&f, W, H, 16, 5)) {
            check_fail(c, "centroid.weak", "memory", W, H, 16);
        } else {
            for (int i = 0; i < W * H; i++) {
                const double dx = i % W - u, dy = i / W - v;
                uint16_t *row = (void *)((unsigned char *)(uintptr_t)f.view.pixels + i / W * f.view.pitch);
                row[i % W] = (uint16_t)(1000 + 20 * dx + 9 * dy + 20000 * exp(-(dx * dx + dy * dy) / 1.5));
                sv_background_set(&f.view.background, i, 300);
            }
            f.target[0] = (sv_weak_target){.x = 20, .y = 15, .width = 0, .sign = 1};
            f.n = 1;
            fix(c->level, &f);
            if (!(fabs(20 + f.place->x - u) < 0.02 && fabs(15 + f.place->y - v) < 0.02))
                check_fail(c, "centroid.weak", "the place of a spot from its truth", W, H, 16);
        }
        fixing_destroy(&f);
    }
}

void check_centroid_weak(check *c) {
    static const int sizes[][2] = {{12, 11}, {13, 12}, {16, 11}, {17, 31}, {40, 19}, {67, 23}};
    static const int depths[] = {8, 10, 12, 14, 16};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t k = 0; k < sizeof depths / sizeof *depths; k++)
            for (int variant = 0; variant < 36; variant++)
                compare(c, sizes[i][0], sizes[i][1], depths[k], variant);
    compare_with_truth(c);
}

/* ---- speed ---- */

static void fix_all(void *user) {
    void *const *both = user;
    fix(both[0], both[1]);
}

/* 20,000 candidates in reading order, as many as a frame has, on pixels that the second-level cache holds, as it does behind a scan. */
check_timing time_centroid_weak(const sv_backend *level, int bit_depth) {
    enum { SIDE = 512, N = 20000 };
    fixing f;
    check_timing timing = {0};
    if (fixing_create(&f, SIDE, SIDE, bit_depth, 0)) {
        const size_t step = f.n / N;
        for (size_t i = 0; i < N; i++)
            f.target[i] = f.target[i * step];
        f.n = N;
        timing = (check_timing){check_time_ms(fix_all, (void *[]){(void *)(uintptr_t)level, &f}),
                                (double)N * SV_WEAK_SIDE * SV_WEAK_SIDE * (bit_depth > 8 ? 4 : 2)};
    }
    fixing_destroy(&f);
    return timing;
}
