/** Noise of the filtered residual, estimated from the images themselves, and the thresholds that follow. docs/MATH.md 2.3. */
#ifndef CORE_DETECT_NOISE_H
#define CORE_DETECT_NOISE_H

#include <skyvox/config.h>
#include <skyvox/detect_ops.h>

/** One camera's noise, cell by cell. */
typedef struct sv_noise {
    const sv_camera *camera; /**< borrowed */
    double *sigma;           /**< [cells_y][cells_x][SV_DETECT_SCALES] averaged over frames, in units of the filters */
    int32_t n_frames;        /**< in sigma, stops at the memory's length; 0: nothing is known */
    int32_t cells_x, cells_y;
    int32_t blocks_x; /**< blocks in a row of the scan's cells */
} sv_noise;

/** Scratch for one frame of any camera; arrays as sv_noise.sigma. */
typedef struct sv_noise_frame {
    double *now;  /**< noise of this frame */
    double *next; /**< smoothed noise with this frame in it */
    double *used; /**< noise this frame's candidates are judged by */
} sv_noise_frame;

/** Errors: SV_ERR_NOMEM; may be released all the same. */
sv_status sv_noise_init(sv_noise *noise, const sv_camera *camera);
void sv_noise_fini(sv_noise *noise);

/** For cameras of up to so many cells. Errors as above. */
sv_status sv_noise_frame_init(sv_noise_frame *frame, size_t n_cells);
void sv_noise_frame_fini(sv_noise_frame *frame);

size_t sv_noise_n_cells(const sv_noise *noise);
/** Where a cell's SV_DETECT_SCALES numbers begin. */
size_t sv_noise_index(const sv_noise *noise, int32_t cell_x, int32_t cell_y);
/** Noise of a filtered residual over the noise of a pixel in DN. */
double sv_noise_unit(const sv_camera *camera, int scale);
/** Noise of a pixel, DN, averaged over the image; 0 where nothing is known. */
double sv_noise_mean_dn(const sv_noise *noise);

/** Thresholds and clips of a scan's cells from the noise of the frames before; nothing is a hit unless `emit`. */
void sv_noise_set_thresholds(sv_detect_cell *cell, const sv_noise *noise, const sv_detect_config *config, bool emit);

/**
 * Noise of a row of blocks from the sums of its cells, into `frame`.
 *
 *   cell    in  of the whole image; the last row of blocks reads the one above where its cells are flat
 *   excess  in  of this frame's noise over that behind a background that is warm
 *   late    in  the frame came after a newer one: nothing is smoothed
 */
void sv_noise_find(const sv_noise_frame *frame, const sv_noise *noise, const sv_detect_cell *cell, size_t i_row,
                   double excess, bool late);
/** Whether the image's last row of blocks is so flat that its noise hangs on the row above. */
bool sv_noise_needs_row_above(const sv_noise *noise, size_t i_row);

/** Whether the noise of the whole image says that the scene is another one. */
bool sv_noise_has_changed(const sv_noise *noise, const sv_noise_frame *frame);
/** What was found becomes the noise of the frames before. */
void sv_noise_learn(sv_noise *noise, const sv_noise_frame *frame);

#endif
