/** Small things that stand out in the frame alone, without a residual. docs/MATH.md 7.3. */
#ifndef CORE_IMAGE2D_SPOTS_H
#define CORE_IMAGE2D_SPOTS_H

#include <core/image2d/patch.h>

/** Sums over all pixels above and to the left of a place; wrapping, differences are exact. */
typedef struct sv_moments2d {
    uint64_t v, vv, xv, yv;
} sv_moments2d;

typedef struct sv_spot_finder {
    sv_moments2d *moments; /* [rows in work][width + 1] of `now` */
    uint8_t *peak;         /* [width] a quick look says so */
    uint16_t *response;    /* [width * height] of the best scale */
    uint8_t *scale;        /* [width * height] */
} sv_spot_finder;

bool sv_spot_finder_create(sv_spot_finder *finder, int32_t width, int32_t height);
void sv_spot_finder_destroy(sv_spot_finder *finder);

/** Fills at most `cap` spots in reading order; returns how many. */
size_t sv_spots_find(sv_patch2d *out, size_t cap, sv_spot_finder *finder, const sv_field2d *field,
                     const sv_image2d_config *config);

#endif
