/* centroid.moments: noise, spots and the ends of the range under windows of every size, by both tables. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 0x5a, N_VARIANTS = 5 };

typedef struct moments_case {
    _Alignas(64) double value[SV_FIT_COLUMNS][SV_FIT_COLUMNS];
    sv_fit_window wx, wy;
    int32_t n_rows;
} moments_case;

static double uniform(uint32_t i, uint32_t which) {
    return (double)check_random(i, which) / 2147483648.0 - 1;
}

/* As the fit makes it: nothing beyond the side, nor on its rim. */
static void make_window(sv_fit_window *w, int side, double at, double variance) {
    memset(w, 0, sizeof *w);
    for (int i = 1; i < side - 1; i++) {
        const double d = i - side / 2 - at;
        w->g[i] = exp(-d * d / (2 * variance));
        w->gd[i] = w->g[i] * d;
        w->gdd[i] = w->gd[i] * d;
    }
}

static double value_of(int variant, int i, int j, int side, uint32_t seed) {
    const double noise = uniform(seed + (uint32_t)(j * SV_FIT_COLUMNS + i), 71);
    switch (variant) {
    case 0:
        return 3 * noise;
    case 1:
        return 3 * noise + 200 * exp(-(pow(i - side / 2, 2) + pow(j - side / 2, 2)) / 3);
    case 2:
        return (i + j) % 2 ? 65535 : -65535;
    case 3:
        return i > side / 2 ? -65535 : 0; /* noughts of either sign */
    default:
        return ldexp(noise, (int)(check_random(seed + (uint32_t)i, 72) % 80) - 40);
    }
}

static void make_case(moments_case *m, int side, int variant, uint32_t seed) {
    m->n_rows = side;
    for (int j = 0; j < SV_FIT_COLUMNS; j++)
        for (int i = 0; i < SV_FIT_COLUMNS; i++)
            m->value[j][i] = value_of(variant, i, j, side, seed);
    make_window(&m->wx, side, 1.5 * uniform(seed, 73), 0.4 + 5 * fabs(uniform(seed, 74)));
    make_window(&m->wy, side, 1.5 * uniform(seed, 75), 0.4 + 5 * fabs(uniform(seed, 76)));
}

static void compare(check *c, int side, int variant, uint32_t seed) {
    moments_case m;
    sv_fit_moments a[2], b[2];
    make_case(&m, side, variant, seed);
    memset(a, GUARD, sizeof a);
    memset(b, GUARD, sizeof b);
    c->reference->centroid.moments(a, m.value[0], m.n_rows, &m.wx, &m.wy);
    c->level->centroid.moments(b, m.value[0], m.n_rows, &m.wx, &m.wy);
    c->n_cases++;
    if (memcmp(a, b, sizeof a) != 0)
        check_fail(c, "centroid.moments", "a sum or the memory behind", side, side, 64);
}

/* The sums as they are written down, to rounding: both tables could be wrong alike. */
static void compare_with_definition(check *c, int side, uint32_t seed) {
    moments_case m;
    sv_fit_moments got, sum = {0, 0, 0, 0};
    make_case(&m, side, 1, seed);
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++) {
            const double v = m.value[j][i];
            sum.s += m.wx.g[i] * m.wy.g[j] * v;
            sum.sx += m.wx.gd[i] * m.wy.g[j] * v;
            sum.sy += m.wx.g[i] * m.wy.gd[j] * v;
            sum.sr += (m.wx.gdd[i] * m.wy.g[j] + m.wx.g[i] * m.wy.gdd[j]) * v;
        }
    c->level->centroid.moments(&got, m.value[0], m.n_rows, &m.wx, &m.wy);
    c->n_cases++;
    const double apart = fabs(got.s - sum.s) + fabs(got.sx - sum.sx) + fabs(got.sy - sum.sy) + fabs(got.sr - sum.sr);
    if (!(apart < 1e-8))
        check_fail(c, "centroid.moments", "a sum from its definition", side, side, 64);
}

void check_centroid_moments(check *c) {
    for (int side = 0; side <= SV_FIT_COLUMNS; side++)
        for (uint32_t seed = 0; seed < 4; seed++) {
            for (int variant = 0; variant < N_VARIANTS; variant++)
                compare(c, side, variant, 1000 * seed);
            compare_with_definition(c, side, 1000 * seed);
        }
}

/* ---- speed ---- */

enum { N_PATCHES = 64, N_ROUNDS = 28 };

typedef struct job {
    const sv_backend *level;
    moments_case *patch;
} job;

static void weigh_all(void *user) {
    const job *j = user;
    sv_fit_moments sum;
    for (int round = 0; round < N_ROUNDS; round++)
        for (int k = 0; k < N_PATCHES; k++) {
            const moments_case *m = &j->patch[k];
            j->level->centroid.moments(&sum, m->value[0], m->n_rows, &m->wx, &m->wy);
        }
}

check_timing time_centroid_moments(const sv_backend *level, int bit_depth) {
    (void)bit_depth; /* patches are of doubles whatever the image */
    job j = {level, aligned_alloc(64, N_PATCHES * sizeof *j.patch)};
    if (!j.patch)
        return (check_timing){0, 0};
    for (int k = 0; k < N_PATCHES; k++)
        make_case(&j.patch[k], 23, 1, (uint32_t)k);
    const double bytes = (double)N_ROUNDS * N_PATCHES * 23 * SV_FIT_COLUMNS * sizeof(double);
    const check_timing timing = {check_time_ms(weigh_all, &j), bytes};
    free(j.patch);
    return timing;
}
