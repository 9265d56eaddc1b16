/* The C reference of the warp: four pixels by their distance, in 1/256 px. */
#include <kernels/cpu/warp_block.h>
#include <kernels/kernels.h>

static int32_t clamp(int32_t a, int32_t most) {
    return a < 0 ? 0 : a > most ? most : a;
}

static uint16_t sample(const sv_warp_image *image, int32_t u, int32_t v) {
    const int32_t x = clamp(u >> TO_256, (image->width - 1) * 256), y = clamp(v >> TO_256, (image->height - 1) * 256);
    const uint32_t a = (uint32_t)x & 255, b = (uint32_t)y & 255;
    const uint16_t *p =
        (const uint16_t *)(const void *)((const char *)image->pixels + (y >> 8) * image->pitch) + (x >> 8);
    /* The last pixel has no right neighbour and the last row none below; there the weight is 0. */
    const uint16_t *q = b ? (const uint16_t *)(const void *)((const char *)p + image->pitch) : p;
    const ptrdiff_t right = a ? 1 : 0;
    const uint32_t top = p[0] * (256 - a) + p[right] * a, bottom = q[0] * (256 - a) + q[right] * a;
    return (uint16_t)((top * (256 - b) + bottom * b + (1u << 15)) >> 16);
}

static void affine(uint16_t *out, ptrdiff_t out_pitch, int32_t out_width, const sv_warp_image *image,
                   const sv_warp_map *map, int32_t y_begin, int32_t y_end) {
    for (int32_t y = y_begin; y < y_end; y++) {
        uint16_t *row = (uint16_t *)(void *)((char *)out + y * out_pitch);
        for (int32_t x = 0; x < out_width; x += SV_WARP_BLOCK) {
            const warp_block block = block_at(map, x, y);
            for (int32_t i = 0; i < SV_WARP_BLOCK && x + i < out_width; i++)
                row[x + i] = sample(image, block.u + i * block.du, block.v + i * block.dv);
        }
    }
}

void sv_kernels_warp_scalar(sv_warp_ops *ops) {
    ops->affine = affine;
}
