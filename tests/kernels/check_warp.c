/* warp.affine: random and worst-case images, resampled by shifts, turns, zooms and far-off maps by both tables. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 0x5a, PAD = 5 };

static const double one = 4294967296.0; /* a pixel in 2^-32 px */

typedef struct warping {
    uint16_t *in, *out; /* [height x pitch] */
    size_t n_in, n_out;
    sv_warp_image image;
    uint16_t *out_row; /* row 0 */
    ptrdiff_t out_pitch;
    int32_t out_width, out_height;
    sv_warp_map map;
} warping;

/* About the centre: by a shift, a turn and a zoom; some of them nothing, some far off. */
static sv_warp_map map_of(int variant, int width, int height) {
    static const struct {
        double u, v, zoom, turn;
    } way[] = {{0, 0, 0, 0},          {0.5, -0.25, 0, 0},        {-3.37, 2.61, 0, 0},  {0.2, 0.1, 0.004, 0},
               {0.2, 0.1, -0.004, 0}, {1.5, -2.5, 0, 0.016},     {-1, 1, 0.01, -0.02}, {5, -7, -0.4, 0.6},
               {1e4, -3e4, 0, 0},     {-2e4, 1e4, 1.5, -1.5},    {0.999, 0.998, 0, 0}, {0, 0, -1, 0},
               {0, 0, -1.9, 0.00001}, {0.3, 0.7, 0.0001, 0.0001}};
    const int k = variant % (int)(sizeof way / sizeof *way);
    const double cx = (width - 1) / 2.0, cy = (height - 1) / 2.0, zoom = way[k].zoom, turn = way[k].turn;
    return (sv_warp_map){.u0 = (int64_t)((way[k].u - zoom * cx + turn * cy) * one),
                         .v0 = (int64_t)((way[k].v - turn * cx - zoom * cy) * one),
                         .ux = (int64_t)((1 + zoom) * one),
                         .uy = (int64_t)(-turn * one),
                         .vx = (int64_t)(turn * one),
                         .vy = (int64_t)((1 + zoom) * one)};
}

static bool warping_create(warping *w, int width, int height, int out_width, int out_height, int variant) {
    const ptrdiff_t in_pitch = width + variant % PAD, out_pitch = out_width + variant / 2 % PAD;
    memset(w, 0, sizeof *w);
    w->n_in = (size_t)in_pitch * (size_t)height;
    w->n_out = (size_t)out_pitch * (size_t)out_height + 64;
    w->in = malloc(w->n_in * sizeof *w->in);
    w->out = malloc(w->n_out * sizeof *w->out);
    if (!w->in || !w->out)
        return false;
    for (size_t i = 0; i < w->n_in; i++) /* noise, black and white, or white: the largest sums */
        w->in[i] = (uint16_t)(variant % 3 == 0   ? check_random((uint32_t)i, 31)
                              : variant % 3 == 1 ? (i % 2) * 65535
                                                 : 65535);
    memset(w->out, GUARD, w->n_out * sizeof *w->out);
    const bool in_down = variant % 4 == 3, out_down = variant % 5 == 4;
    w->image = (sv_warp_image){.pixels = in_down ? w->in + in_pitch * (height - 1) : w->in,
                               .pitch = (in_down ? -in_pitch : in_pitch) * (ptrdiff_t)sizeof *w->in,
                               .width = width,
                               .height = height};
    w->out_row = w->out + 32 + (out_down ? out_pitch * (out_height - 1) : 0);
    w->out_pitch = (out_down ? -out_pitch : out_pitch) * (ptrdiff_t)sizeof *w->out;
    w->out_width = out_width;
    w->out_height = out_height;
    w->map = map_of(variant, width, height);
    return true;
}

static void warping_destroy(warping *w) {
    free(w->in);
    free(w->out);
}

static void warp(const sv_backend *level, warping *w, int begin) {
    level->warp.affine(w->out_row, w->out_pitch, w->out_width, &w->image, &w->map, begin, w->out_height);
}

/* The reference against the formula in double: at most the rounding of places (1/256 px) and of the sum apart. */
static bool reference_is_right(const warping *w, int begin) {
    if (w->image.width > 40 || w->image.height > 40)
        return true;
    for (int y = begin; y < w->out_height; y++)
        for (int x = 0; x < w->out_width; x++) {
            const sv_warp_map *m = &w->map;
            const double u = ((double)m->u0 + x * (double)m->ux + y * (double)m->uy) / one;
            const double v = ((double)m->v0 + x * (double)m->vx + y * (double)m->vy) / one;
            const double cu = fmin(fmax(u, 0), w->image.width - 1), cv = fmin(fmax(v, 0), w->image.height - 1);
            const int i = (int)cu, j = (int)cv;
            double p[2][2];
            for (int k = 0; k < 4; k++) {
                const int row = j + k / 2 < w->image.height ? j + k / 2 : j,
                          at = i + k % 2 < w->image.width ? i + k % 2 : i;
                p[k / 2][k % 2] = w->image.pixels[row * (w->image.pitch / 2) + at];
            }
            const double a = cu - i, b = cv - j;
            const double wanted = (1 - b) * ((1 - a) * p[0][0] + a * p[0][1]) + b * ((1 - a) * p[1][0] + a * p[1][1]);
            const double got = w->out_row[y * (w->out_pitch / 2) + x];
            if (fabs(got - wanted) > 65535 * 2 * (0.5 / 256 + 0.002) + 0.5)
                return false;
        }
    return true;
}

static void compare(check *c, int width, int height, int out_width, int out_height, int variant) {
    warping a, b;
    c->n_cases++;
    const bool made = warping_create(&a, width, height, out_width, out_height, variant);
    if (!warping_create(&b, width, height, out_width, out_height, variant) || !made) {
        check_fail(c, "warp.affine", "memory", width, height, 16);
    } else {
        const int begin = out_height / 4; /* the rows before stay as they are */
        warp(c->reference, &a, begin);
        warp(c->level, &b, begin);
        if (memcmp(a.out, b.out, a.n_out * sizeof *a.out))
            check_fail(c, "warp.affine", "a pixel", width, height, 16);
        if (!reference_is_right(&a, begin))
            check_fail(c, "warp.affine", "the reference from its formula", width, height, 16);
    }
    warping_destroy(&a);
    warping_destroy(&b);
}

void check_warp_affine(check *c) {
    static const int sizes[][2] = {{1, 1},  {1, 7},   {7, 1},   {2, 2},  {3, 5},    {9, 4},   {17, 16},
                                   {19, 3}, {33, 33}, {34, 20}, {65, 9}, {129, 31}, {257, 5}, {1000, 13}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int variant = 0; variant < 60; variant++) {
            compare(c, sizes[i][0], sizes[i][1], sizes[i][0], sizes[i][1], variant);
            compare(c, sizes[i][0], sizes[i][1], 64 + variant, 3, variant);
        }
}

/* ---- speed ---- */

static void warp_all(void *user) {
    void *const *both = user;
    warp(both[0], both[1], 0);
}

/* A shift, a turn and a zoom as a shaking camera has them; the state is 16 bit whatever the depth, so 12 bit stands for all. */
check_timing time_warp_affine(const sv_backend *level, int bit_depth) {
    warping w;
    check_timing timing = {0};
    if (bit_depth == 12 && warping_create(&w, 7680, 4320, 7680, 4320, 13)) {
        timing = (check_timing){check_time_ms(warp_all, (void *[]){(void *)(uintptr_t)level, &w}),
                                (double)(w.n_in + w.n_out) * sizeof *w.in};
        warping_destroy(&w);
    }
    return timing;
}
