/** Resampling of an image by an affine map, for registration: integer, EXACT, on row ranges, thread-free. docs/MATH.md 7.5. */
#ifndef SKYVOX_WARP_OPS_H
#define SKYVOX_WARP_OPS_H

#include <skyvox/types.h>

SV_BEGIN_DECLS

/** Where pixel (x, y) of the output comes from: (u, v) = (u0 + x ux + y uy, v0 + x vx + y vy). All in 2^-32 px. */
typedef struct sv_warp_map {
    int64_t u0, v0;
    int64_t ux, uy, vx, vy; /**< at most 4 px each, either way */
} sv_warp_map;

/** A 16-bit image, borrowed. */
typedef struct sv_warp_image {
    const uint16_t *pixels; /**< row 0 */
    ptrdiff_t pitch;        /**< bytes from a row to the next, a multiple of 2; may be negative */
    int32_t width, height;  /**< 1..32000 */
} sv_warp_image;

typedef struct sv_warp_ops {
    /**
     * Rows y_begin..y_end - 1 of the resampled image; no row depends on another.
     *   out        out  row 0 of the output, [.. x out_width]
     *   out_pitch  in   bytes from a row to the next, a multiple of 2; may be negative
     *   image      in   what is resampled; does not overlap the output
     *
     * Bilinear. In every block of SV_WARP_BLOCK pixels of a row the first place is rounded down to 2^-15 px and the steps
     * along the row to the nearest 2^-15 px; places are then rounded to 1/256 px, and beyond the border it repeats:
     *   out = (((256 - b) ((256 - a) p00 + a p01) + b ((256 - a) p10 + a p11)) + 2^15) / 2^16
     */
    void (*affine)(uint16_t *out, ptrdiff_t out_pitch, int32_t out_width, const sv_warp_image *image,
                   const sv_warp_map *map, int32_t y_begin, int32_t y_end);
} sv_warp_ops;

/** Pixels of a row whose places are stepped from one exact place. */
enum { SV_WARP_BLOCK = 64 };

SV_END_DECLS
#endif
