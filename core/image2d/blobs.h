/** Pixels that differ from the background become blobs: sparse clustering. docs/MATH.md 7.3. */
#ifndef CORE_IMAGE2D_BLOBS_H
#define CORE_IMAGE2D_BLOBS_H

#include <core/image2d/spots.h>

/** Some pixels of a row side by side, over the low threshold. */
typedef struct sv_run2d {
    int32_t y, x0, x1; /* [x0, x1) */
    int32_t parent;    /* union-find; the lowest index is the root */
    int32_t blob;      /* of a root; -1 none */
} sv_run2d;

typedef struct sv_blob_finder {
    sv_run2d *run; /* [run_cap] */
    size_t run_cap, n_runs;
    int32_t *row_start; /* [height + 1] */
    sv_patch2d *patch;  /* [run_cap] found, then the strongest */
    sv_patch2d *spare;  /* [run_cap] */
    int64_t *sum;       /* [run_cap][SUMS] */
    size_t n;
    int64_t n_pixels; /* over the low threshold */
    sv_spot_finder spots;
} sv_blob_finder;

bool sv_blob_finder_create(sv_blob_finder *finder, int32_t width, int32_t height);
void sv_blob_finder_destroy(sv_blob_finder *finder);

/** Blobs of the residual, strongest first (ties: reading order), at most config->max_blobs. */
void sv_blob_finder_run(sv_blob_finder *finder, const sv_field2d *field, const sv_image2d_config *config);

#endif
