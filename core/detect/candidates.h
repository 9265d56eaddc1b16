/** From pixels over the threshold to candidates: clusters, places, links. docs/MATH.md 2.4 to 2.6. */
#ifndef CORE_DETECT_CANDIDATES_H
#define CORE_DETECT_CANDIDATES_H

#include <skyvox/centroid_ops.h>
#include <skyvox/cluster_ops.h>
#include <skyvox/config.h>
#include <skyvox/detect_ops.h>
#include <skyvox/team.h>

/** Scratch for the largest camera, and every camera's last candidates where they are linked. */
typedef struct sv_candidates sv_candidates;

/** What was found in one frame; all borrowed. */
typedef struct sv_candidates_input {
    const sv_frame *frame;
    const sv_camera *camera;
    sv_detect_view view;
    const sv_detect_hit *hit; /* [n_blocks][hits_per_block], blocks row by row, hits of a block in reading order */
    const size_t *n_hits;     /* [n_blocks] */
    size_t hits_per_block;
    int32_t blocks_x, blocks_y;
    const double *noise; /* [cells][SV_DETECT_SCALES] of the filtered residual */
    int32_t cells_x;     /* cells in a row */
    double noise_unit;   /* noise of filter 0 over the noise of a pixel in DN */
    int32_t young;       /* > 0: one of so many frames in which a young background is looked at for edges, no more */
    bool late;           /* older than the camera's newest frame: not linked */
} sv_candidates_input;

/** Errors: SV_ERR_NOMEM. All memory is taken here, for frames of so many blocks and hits in each; the operations are borrowed. */
sv_status sv_candidates_create(sv_candidates **out, const sv_config *config, const sv_detect_ops *detect,
                               const sv_centroid_ops *centroid, const sv_cluster_ops *cluster, sv_team *team,
                               size_t n_blocks, size_t hits_per_block);
void sv_candidates_destroy(sv_candidates *candidates);

/** Forget a camera's last frames: its scene is another one. */
void sv_candidates_forget(sv_candidates *candidates, int32_t camera);

/*
 * A frame goes through four functions. The first comes before its scan, with the noise of the frames before; the next two
 * right behind the scan, by any thread, while the pixels are still in the cache; the last when all is scanned.
 */

/** How far the camera has shaken. */
void sv_candidates_begin(sv_candidates *candidates, const sv_candidates_input *input);

/** A block whose hits are listed and whose pixels are not learned yet. */
void sv_candidates_take_block(sv_candidates *candidates, const sv_candidates_input *input, size_t i_block);

/** A row of blocks that are all taken and whose noise is known. */
void sv_candidates_take_row(sv_candidates *candidates, const sv_candidates_input *input, int32_t i_row);

/**
 * Candidates of one frame into out [max_per_frame], by decreasing max(snr, snr_link), then snr, then pixel index.
 * Returns how many.
 */
size_t sv_candidates_find(sv_candidates *candidates, sv_detection *out, const sv_candidates_input *input);

#endif
