/*
 * Places of weak candidates, a row of the patch at a time. A file that includes this has defined `row`, 16 columns of float, and
 * the vocabulary: row_every, row_load, row_u8, row_fine, row_u16, row_add, row_sub, row_mul, row_fold (to columns i + (i + 8) and so on down to four).
 */
#ifndef KERNELS_CPU_CENTROID_LANES_H
#define KERNELS_CPU_CENTROID_LANES_H

#include <kernels/cpu/centroid_step.h>

/* Three rows, each summed. */
static inline void totals(float out[4], row a, row b, row c) {
    const __m128 x = row_fold(a), y = row_fold(b), z = row_fold(c);
    const __m128 xy = _mm_add_ps(_mm_unpacklo_ps(x, y), _mm_unpackhi_ps(x, y));
    const __m128 zz = _mm_add_ps(z, _mm_movehl_ps(z, z));
    const __m128 last = _mm_movelh_ps(xy, _mm_unpacklo_ps(zz, zz));       /* x0 y0 z0 z0 */
    const __m128 other = _mm_shuffle_ps(xy, zz, _MM_SHUFFLE(1, 1, 3, 2)); /* x1 y1 z1 z1 */
    _mm_storeu_ps(out, _mm_add_ps(last, other));
}

static inline void load_patch(row value[SV_WEAK_SIDE], const sv_detect_view *view, const sv_weak_target *t) {
    const ptrdiff_t x = t->x - SV_WEAK_RADIUS, y = t->y - SV_WEAK_RADIUS;
    const unsigned char *pixels = (const unsigned char *)view->pixels + y * view->pitch;
    const ptrdiff_t first = y * view->width + x;
    const row unit = row_every((float)(view->bit_depth == 8 && !view->fine ? 128 * t->sign : t->sign));
    if (view->bit_depth == 8 && view->fine) {
        const uint8_t *high = view->background.high + first, *low = view->background.low + first;
        for (int j = 0; j < SV_WEAK_SIDE; j++)
            value[j] = row_mul(unit, row_fine(pixels + j * view->pitch + x, high + j * (ptrdiff_t)view->width,
                                              low + j * (ptrdiff_t)view->width));
    } else if (view->bit_depth == 8) {
        const uint8_t *high = view->background.high + first;
        for (int j = 0; j < SV_WEAK_SIDE; j++)
            value[j] = row_mul(unit, row_u8(pixels + j * view->pitch + x, high + j * (ptrdiff_t)view->width));
    } else {
        const uint8_t *words = view->background.low + 2 * first;
        for (int j = 0; j < SV_WEAK_SIDE; j++)
            value[j] = row_mul(unit, row_u16(pixels + j * view->pitch + 2 * x, words + 2 * j * (ptrdiff_t)view->width,
                                             16 - view->bit_depth));
    }
}

static inline weak_plane find_plane(const row value[SV_WEAK_SIDE]) {
    const row a = value[0], b = value[1], c = value[SV_WEAK_SIDE - 2], d = value[SV_WEAK_SIDE - 1];
    const row ends = row_add(row_add(a, b), row_add(c, d));
    const row turn = row_add(row_mul(row_every(5), row_sub(d, a)), row_mul(row_every(4), row_sub(c, b)));
    row middle = value[WEAK_RIM];
    for (int j = WEAK_RIM + 1; j < SV_WEAK_SIDE - WEAK_RIM; j++)
        middle = row_add(middle, value[j]);
    const row inside = row_load(weak_inside);
    float sum[4];
    totals(sum, row_add(row_mul(inside, ends), row_mul(row_load(weak_sides), middle)),
           row_mul(row_load(weak_across), row_add(ends, middle)), row_mul(inside, turn));
    return weak_plane_of(sum[0], sum[1], sum[2]);
}

static inline weak_moments weigh(const row value[SV_WEAK_SIDE], const sv_weak_window *wx, const sv_weak_window *wy) {
    row c = row_mul(row_every(wy->g[0]), value[0]), t = row_mul(row_every(wy->gd[0]), value[0]);
    for (int j = 1; j < SV_WEAK_SIDE; j++) {
        c = row_add(c, row_mul(row_every(wy->g[j]), value[j]));
        t = row_add(t, row_mul(row_every(wy->gd[j]), value[j]));
    }
    const row g = row_load(wx->g);
    float sum[4];
    totals(sum, row_mul(g, c), row_mul(row_load(wx->gd), c), row_mul(g, t));
    return (weak_moments){sum[0], sum[1], sum[2]};
}

/* Candidates that go through each stage together: one's steps wait for each other, those of several do not. */
enum { WEAK_BATCH = 16 };

typedef struct weak_patch {
    row value[SV_WEAK_SIDE];
    weak_plane plane;
} weak_patch;

static inline void step_one(sv_weak_place *at, const weak_patch *p, const sv_weak_window *window) {
    at->at_x = (uint8_t)weak_phase(at->x);
    at->at_y = (uint8_t)weak_phase(at->y);
    const sv_weak_window *wx = &window[at->at_x], *wy = &window[at->at_y];
    weak_step(at, weak_less_plane(weigh(p->value, wx, wy), p->plane, wx, wy), wx, wy);
}

static void weak(sv_weak_place *place, const sv_detect_view *view, const sv_weak_windows *windows,
                 const sv_weak_target *target, size_t n) {
    weak_patch patch[WEAK_BATCH];
    for (size_t first = 0; first < n; first += WEAK_BATCH) {
        const size_t end = first + WEAK_BATCH < n ? first + WEAK_BATCH : n;
        for (size_t k = first; k < end; k++) {
            load_patch(patch[k - first].value, view, &target[k]);
            patch[k - first].plane = find_plane(patch[k - first].value);
            place[k] = weak_begin(&target[k]);
        }
        for (int step = 0; step < WEAK_STEPS; step++)
            for (size_t k = first; k < end; k++)
                step_one(&place[k], &patch[k - first], windows->at[target[k].width]);
    }
}

#endif
