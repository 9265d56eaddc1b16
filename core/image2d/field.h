/** Background, noise and residual of one camera's images, in fixed point. docs/MATH.md 7.1, 7.2. */
#ifndef CORE_IMAGE2D_FIELD_H
#define CORE_IMAGE2D_FIELD_H

#include <skyvox/image2d.h>
#include <skyvox/warp_ops.h>

/** A point at (x, y) from the image's centre comes to lie (u + zoom x - turn y, v + turn x + zoom y) further, px. */
typedef struct sv_warp2d {
    double u, v, zoom, turn;
} sv_warp2d;

/** All planes [width * height], row-major, in 1/256 of one of 256 levels. */
typedef struct sv_field2d {
    int32_t width, height, bit_depth;
    uint16_t *now;          /* this frame */
    uint16_t *background;   /* lies within half a pixel of `now` */
    uint16_t *aligned;      /* the background moved by the rest onto `now` */
    uint16_t *noise;        /* mean |residual| */
    int16_t *residual;      /* smoothed frame - background */
    uint16_t *sigma;        /* what the residual is judged by */
    uint8_t *held;          /* 1: under a reported track, learns slowly */
    uint16_t *spare;        /* work */
    const sv_warp_ops *ops; /* borrowed */
    int32_t n_learned;      /* frames in the background, stops at the warm-up's end */
} sv_field2d;

bool sv_field2d_create(sv_field2d *field, const sv_warp_ops *ops, int32_t width, int32_t height, int32_t bit_depth);
void sv_field2d_destroy(sv_field2d *field);

/** Brings the frame into `now`. */
void sv_field2d_load(sv_field2d *field, const sv_frame *frame);

/** residual and sigma from now, background and noise; `moves`: misfit of half a pixel counts as noise. */
void sv_field2d_compare(sv_field2d *field, const sv_image2d_config *config, bool moves);

/** Background and noise learn the frame. gain: share of a step, in 1/65536. */
void sv_field2d_learn(sv_field2d *field, int32_t warmup, int32_t gain);

/** Background and noise move by whole pixels; what comes in at the border is taken from the frame. */
void sv_field2d_shift(sv_field2d *field, int32_t du, int32_t dv);

/** Fills `aligned` from the background. */
void sv_field2d_align(sv_field2d *field, const sv_warp2d *warp);

/** Background and noise move by a warp, bilinear: they lose some sharpness. */
void sv_field2d_warp(sv_field2d *field, const sv_warp2d *warp);

/** The background becomes the frame inside a rectangle (clipped to the image). */
void sv_field2d_forget(sv_field2d *field, int32_t x0, int32_t y0, int32_t x1, int32_t y1);

#endif
