/* Where the pixels of a block of a warped row come from: shared by all levels. */
#ifndef KERNELS_CPU_WARP_BLOCK_H
#define KERNELS_CPU_WARP_BLOCK_H

#include <skyvox/warp_ops.h>

enum {
    PLACE_BITS = 15,         /* fraction of a place in a block */
    PLACE_MOST = 1 << 30,    /* 32768 px: a block farther away shows the border anyhow */
    TO_256 = PLACE_BITS - 8, /* from a place to 1/256 px */
    HALF_256 = 1 << (TO_256 - 1)
};

/* Pixel i of a block, i in 0..SV_WARP_BLOCK - 1, comes from (u + i du, v + i dv), in 2^-15 px, half of 1/256 px added. */
typedef struct warp_block {
    int32_t u, v, du, dv;
} warp_block;

static inline int32_t place_in_block(int64_t q32) {
    const int64_t place = q32 >> (32 - PLACE_BITS);
    return (int32_t)(place < -PLACE_MOST ? -PLACE_MOST : place > PLACE_MOST ? PLACE_MOST : place) + HALF_256;
}

static inline int32_t step_in_block(int64_t q32) {
    return (int32_t)((q32 + ((int64_t)1 << (31 - PLACE_BITS))) >> (32 - PLACE_BITS));
}

static inline warp_block block_at(const sv_warp_map *m, int32_t x, int32_t y) {
    return (warp_block){place_in_block(m->u0 + x * m->ux + y * m->uy), place_in_block(m->v0 + x * m->vx + y * m->vy),
                        step_in_block(m->ux), step_in_block(m->vx)};
}

#endif
