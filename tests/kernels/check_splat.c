/* render.splat: discs of any size through any lens, whole and cut by their boxes, by both tables; doubles bit for bit. */
#include "check.h"

#include <skyvox/math.h>
#include <string.h>

enum { GUARD = 0x5a, AREA_CAP = SV_RENDER_DISC_SIDE_CAP * SV_RENDER_DISC_SIDE_CAP, SLACK = 8, N_DISCS = 3000 };

/* Share and level of one table, with guards behind. */
typedef struct picture {
    double share[AREA_CAP + SLACK];
    int32_t level[AREA_CAP + SLACK];
} picture;

static double uniform(uint32_t i, uint32_t which, double low, double high) {
    return low + (high - low) * (check_random(i, which) / 4294967296.0);
}

/* Sizes to far beyond the rim's, lenses of 0.05 to 10 px, boxes that hold the disc, cut it or miss it. */
static sv_render_disc disc_of(uint32_t i) {
    sv_render_disc d = {.u_px = uniform(i, 30, -3, 3), .v_px = uniform(i, 31, -3, 3), .sigma_px = 0.7};
    d.diameter_px = 0.001 * sv_exp(uniform(i, 32, 0, 11));
    if (i % 3 == 0)
        d.sigma_px = 0.05 * sv_exp(uniform(i, 33, 0, 5.3));
    if (i % 4 == 0) {
        d.u_px = 0.5 * (int)(check_random(i, 34) % 5);
        d.v_px = d.u_px;
    }
    d.width = (int32_t)(check_random(i, 35) % 40);
    d.height = (int32_t)(check_random(i, 36) % 40);
    if (i % 16 == 1) {
        d.width = SV_RENDER_DISC_SIDE_CAP - (int32_t)(check_random(i, 35) % 20);
        d.height = SV_RENDER_DISC_SIDE_CAP;
    }
    d.u = -d.width / 2 + (int32_t)(check_random(i, 37) % 9) - 4;
    d.v = -d.height / 2 + (int32_t)(check_random(i, 38) % 9) - 4;
    if (i % 16 == 2)
        d.u += 1000;
    d.level = uniform(i, 39, -1, 1) * (i % 5 == 0 ? 0x1p30 : 60000);
    return d;
}

void check_render_splat(check *c) {
    static picture a, b;
    for (uint32_t i = 0; i < N_DISCS; i++) {
        const sv_render_disc d = disc_of(i);
        memset(&a, GUARD, sizeof a);
        memset(&b, GUARD, sizeof b);
        c->reference->render.splat(a.level, a.share, &d);
        c->level->render.splat(b.level, b.share, &d);
        c->n_cases++;
        if (memcmp(a.share, b.share, sizeof a.share))
            check_fail(c, "render.splat", "a share", d.width, d.height, 0);
        if (memcmp(a.level, b.level, sizeof a.level))
            check_fail(c, "render.splat", "a level", d.width, d.height, 0);
    }
}

/* ---- speed ---- */

enum { N_DRONES = 200, DRONE_PX = 12 };

static void splat_all(void *user) {
    static picture p;
    const sv_backend *level = user;
    for (uint32_t i = 0; i < N_DRONES; i++) {
        const sv_render_disc d = {.u = -DRONE_PX / 2,
                                  .v = -DRONE_PX / 2,
                                  .width = DRONE_PX,
                                  .height = DRONE_PX,
                                  .u_px = uniform(i, 30, -0.5, 0.5),
                                  .v_px = uniform(i, 31, -0.5, 0.5),
                                  .diameter_px = uniform(i, 32, 0.7, 2.2),
                                  .sigma_px = 0.7,
                                  .level = -30000};
        level->render.splat(p.level, p.share, &d);
    }
}

/* Two hundred drones of 0.7 to 2.2 px; the depth plays no part. */
check_timing time_render_splat(const sv_backend *level, int bit_depth) {
    check_timing timing = {0};
    if (bit_depth == 8)
        timing = (check_timing){check_time_ms(splat_all, (void *)(uintptr_t)level),
                                (double)N_DRONES * DRONE_PX * DRONE_PX * (sizeof(double) + sizeof(int32_t))};
    return timing;
}
