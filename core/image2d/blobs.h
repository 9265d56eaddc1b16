/** Pixels that differ from the background become blobs: sparse clustering. docs/MATH.md 7.3. */
#ifndef CORE_IMAGE2D_BLOBS_H
#define CORE_IMAGE2D_BLOBS_H

#include <core/image2d/field.h>

/** Some pixels of a row side by side, over the low threshold. */
typedef struct sv_run2d {
    int32_t y, x0, x1; /* [x0, x1) */
    int32_t parent;    /* union-find; the lowest index is the root */
    int32_t blob;      /* of a root; -1 none */
} sv_run2d;

/** A blob with what the tracker needs besides. */
typedef struct sv_patch2d {
    sv_blob2d blob;
    int32_t x0, y0, x1, y1;                   /* box, [x0, x1) */
    double now_contrast, background_contrast; /* to the ring around the box, of 256 levels */
    bool is_spot;                             /* stands out in the frame alone, not in the residual */
    double saliency; /* contrast in the frame to a plane through the ring, over the ring's texture */
    double activity; /* mean |residual| in the box over that on the ring */
} sv_patch2d;

typedef struct sv_blob_finder {
    sv_run2d *run; /* [run_cap] */
    size_t run_cap, n_runs;
    int32_t *row_start; /* [height + 1] */
    sv_patch2d *patch;  /* [run_cap] found, then the strongest */
    sv_patch2d *spare;  /* [run_cap] */
    int64_t *sum;       /* [run_cap][SUMS] */
    size_t n;
    int64_t n_pixels;   /* over the low threshold */
    int64_t *table;     /* [(width + 1) * (height + 1)] sums of `now` */
    uint16_t *response; /* [width * height] of the best scale */
    uint8_t *scale;     /* [width * height] */
} sv_blob_finder;

bool sv_blob_finder_create(sv_blob_finder *finder, int32_t width, int32_t height);
void sv_blob_finder_destroy(sv_blob_finder *finder);

/** Blobs of the residual, strongest first (ties: reading order), at most config->max_blobs. */
void sv_blob_finder_run(sv_blob_finder *finder, const sv_field2d *field, const sv_image2d_config *config);

#endif
