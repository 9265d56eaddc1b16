/* A weak candidate's step from its sums: shared by all levels, so that only the sums are theirs. */
#ifndef KERNELS_CPU_CENTROID_STEP_H
#define KERNELS_CPU_CENTROID_STEP_H

#include <skyvox/centroid_ops.h>

enum {
    WEAK_STEPS = 2,
    WEAK_MIDDLE = SV_WEAK_PHASES / 2,
    WEAK_RIM = 2,          /* the patch's outermost pixels give the local background plane */
    WEAK_RIM_PIXELS = 72,  /* of 121 */
    WEAK_RIM_SQUARES = 902 /* sum of x^2 over the rim's two sides */
};

/* One on the patch's columns, and on those of them that belong to the rim in every row; the latter's distance. */
static const float weak_inside[SV_WEAK_COLUMNS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static const float weak_sides[SV_WEAK_COLUMNS] = {1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1};
static const float weak_across[SV_WEAK_COLUMNS] = {-5, -4, 0, 0, 0, 0, 0, 0, 0, 4, 5};

/* Sums over the patch of the window, times the residual and the distance from the window's place. */
typedef struct weak_moments {
    float s, sx, sy;
} weak_moments;

typedef struct weak_plane {
    float mean, slope_x, slope_y;
} weak_plane;

static inline weak_plane weak_plane_of(float sum, float sum_x, float sum_y) {
    return (weak_plane){sum * (1.0f / WEAK_RIM_PIXELS), sum_x * (1.0f / WEAK_RIM_SQUARES),
                        sum_y * (1.0f / WEAK_RIM_SQUARES)};
}

static inline weak_moments weak_less_plane(weak_moments m, weak_plane p, const sv_weak_window *wx,
                                           const sv_weak_window *wy) {
    const float across = p.mean * wx->g_sum + p.slope_x * wx->g_slope;
    const float across_d = p.mean * wx->gd_sum + p.slope_x * wx->gd_slope;
    return (weak_moments){.s = m.s - across * wy->g_sum - p.slope_y * wx->g_sum * wy->g_slope,
                          .sx = m.sx - across_d * wy->g_sum - p.slope_y * wx->gd_sum * wy->g_slope,
                          .sy = m.sy - across * wy->gd_sum - p.slope_y * wx->g_sum * wy->gd_slope};
}

static inline float weak_clamp(float x) {
    return x < -1 ? -1 : x > 1 ? 1 : x;
}

static inline int weak_phase(float x) {
    return (int)(x * SV_WEAK_PER_PX + (WEAK_MIDDLE + 0.5f));
}

/* A Gaussian under a window of its own width: the mean distance is half of its own. */
static inline float weak_moved(int phase, float share, float own) {
    return weak_clamp((float)(phase - WEAK_MIDDLE) * (1.0f / SV_WEAK_PER_PX) + 2 * (share - own));
}

static inline sv_weak_place weak_begin(const sv_weak_target *t) {
    return (sv_weak_place){.width = t->width, .sign = t->sign};
}

static inline void weak_step(sv_weak_place *p, weak_moments m, const sv_weak_window *wx, const sv_weak_window *wy) {
    p->sum = m.s + 0.0f; /* one nought, not two */
    if (!(m.s > 0))
        return;
    p->x = weak_moved(p->at_x, m.sx / m.s, wx->own);
    p->y = weak_moved(p->at_y, m.sy / m.s, wy->own);
}

#endif
