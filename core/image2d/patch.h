/** One candidate of a frame and its surroundings. docs/MATH.md 7.3. */
#ifndef CORE_IMAGE2D_PATCH_H
#define CORE_IMAGE2D_PATCH_H

#include <core/image2d/field.h>

enum {
    SV_PATCH_GUARD = 2, /* px around a box that belong neither to the thing nor to its surroundings */
};

/** Levels that a texture counts at least: a codec shows a sky smoother than it was. */
#define SV_LEAST_TEXTURE 0.5

/** A blob with what the tracker needs besides. */
typedef struct sv_patch2d {
    sv_blob2d blob;
    int32_t x0, y0, x1, y1;                   /* box, [x0, x1) */
    double now_contrast, background_contrast; /* to the ring around the box, of 256 levels */
    bool is_spot;                             /* stands out in the frame alone, not in the residual */
    double known;    /* share of its pattern that the background shows, too: 0 new, 1 scenery */
    double saliency; /* contrast in the frame to a plane through the ring, over the ring's texture */
    double activity; /* mean |residual| in the box over that on the ring */
} sv_patch2d;

/** Moments of pixels with values v at places (x, y): enough to fit a plane. Sums of whole and half numbers, exact. */
typedef struct sv_plane_sums {
    double n, x, y, xx, xy, yy, v, vv, xv, yv;
} sv_plane_sums;

/**
 * Plane v = level + gx x + gy y through the pixels and their rms distance to it: a sky's gradient is no texture.
 * Along a line of pixels, or of a single one, the plane is level.
 */
void sv_plane_fit(double *level, double *gx, double *gy, double *rms, const sv_plane_sums *sums);

/** Is the pixel k of the field over the low threshold, in sixteenths of a sigma? */
static inline bool sv_over(const sv_field2d *field, size_t k, int32_t low_q4) {
    const int32_t r = field->residual[k] < 0 ? -field->residual[k] : field->residual[k];
    return (int64_t)r * 16 > (int64_t)low_q4 * field->sigma[k];
}

/** Fills contrasts, saliency and activity of a patch whose box is set: what it shows beside the ring around it. */
void sv_patch_compare(sv_patch2d *patch, const sv_field2d *field, int32_t low_q4);

#endif
