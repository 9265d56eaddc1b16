/**
 * Operations of the detector: integer, EXACT, on pieces of one image, thread-free. docs/MATH.md 2.
 *
 * The background of a pixel is a 16 bit number: its mean grey value times 2^(16 - bit_depth).
 * The residual is frame minus background in units of 2^-sv_detect_shift(bit_depth) DN, rounded up to these and clipped to
 * +-1023 of them. Of an 8 bit image that is not `fine` it is rounded to whole DN, halves down, and clipped to -128..127 DN; beyond the image it repeats its border. Smoothings of it by
 * the taps 1 2 1 in both axes:
 *     c1  of every pixel, 16 x the 3x3 binomial, exact;
 *     e   the mean of c1 over each 2 x 2 block with even first column and row: halves of the sums of its two rows rounded down,
 *         then half of their sum rounded up;
 *     c2  e by the taps at a distance of 1 block, c3 c2 by the taps at a distance of 2 blocks: vertically, then horizontally,
 *         each time a quarter, a half rounded up.
 * The slope of c3 within a block is taken from its taps: across = 1/16 of the difference of the outer taps of c3's horizontal
 * step, down = 1/16 of the difference of the outer taps c2 of its vertical step, halves rounded up. The two filtered images are
 *     D0 = c1 - (c3 -+ across -+ down), - in the block's first column and row, + in its second; clipped to +-SV_DETECT_NEVER:
 *          point-like targets, each pixel;
 *     D1 = c2 - c3: targets of 3 to 8 px, each block.
 * docs/MATH.md 2.2.
 */
#ifndef SKYVOX_DETECT_OPS_H
#define SKYVOX_DETECT_OPS_H

#include <skyvox/background.h>

SV_BEGIN_DECLS

enum {
    SV_DETECT_SCALES = 2,
    SV_DETECT_HALO = 8,      /**< pixels around a block that its filters read */
    SV_DETECT_CELL = 64,     /**< noise is estimated per square of this many pixels */
    SV_DETECT_BLOCK_W = 256, /**< hits are listed per block; blocks start at multiples of this */
    SV_DETECT_BLOCK_H = 128,
    SV_DETECT_BLOCK_CELLS = (SV_DETECT_BLOCK_W / SV_DETECT_CELL) * (SV_DETECT_BLOCK_H / SV_DETECT_CELL),
    SV_DETECT_NEVER = 32767,    /**< a threshold that nothing exceeds */
    SV_DETECT_CLIP_MAX = 16383, /**< |D| counts at most this much in a noise sum */
    SV_DETECT_BORDER = 2, /**< hits this close to the image border are not reported: c1 sees the repeated rows there */
};

/** Fraction bits of the residual's unit: that of the filtered images. */
static inline int sv_detect_shift(int bit_depth) {
    return bit_depth <= 8 ? 2 : bit_depth <= 12 ? 1 : 0;
}

/** An image and its background; both borrowed. */
typedef struct sv_detect_view {
    const void *pixels; /**< as in sv_frame */
    ptrdiff_t pitch;    /**< bytes, may be negative */
    sv_background background;
    int32_t width, height; /**< px, 1..16384 */
    int32_t bit_depth;     /**< 8..16 */
    bool fine;             /**< 8 bit: look at both planes of the background, for quiet cameras */
} sv_detect_view;

/** Half-open range of pixels. */
typedef struct sv_detect_rect {
    int32_t x0, y0, x1, y1;
} sv_detect_rect;

/** One noise cell of a block, row by row of cells. */
typedef struct sv_detect_cell {
    int32_t above
        [SV_DETECT_SCALES]; /**< in   a pixel is a hit when D > above or -D > below at any scale, 0..SV_DETECT_NEVER */
    int32_t below[SV_DETECT_SCALES];
    int32_t clip[SV_DETECT_SCALES]; /**< in   0..SV_DETECT_NEVER */
    int64_t sum
        [SV_DETECT_SCALES]; /**< out  of min(|D|, clip, SV_DETECT_CLIP_MAX): [0] over the pixels of the cell's even rows, [1] over its 2 x 2 blocks */
} sv_detect_cell;

/** A pixel over its threshold. */
typedef struct sv_detect_hit {
    uint16_t x, y;
    int16_t d[SV_DETECT_SCALES];
} sv_detect_hit;

/** Results of blocks, row by row; all borrowed. Block b of the first row has hit[b * cap], n_hits[b] and cell[b * SV_DETECT_BLOCK_CELLS]. */
typedef struct sv_detect_blocks {
    sv_detect_hit *hit; /**< out     [blocks][cap] the first hits of each block in reading order */
    size_t cap;         /**< in      hits a block has room for */
    size_t *n_hits;     /**< out     [blocks] may exceed cap */
    sv_detect_cell
        *cell; /**< in/out  [blocks][SV_DETECT_BLOCK_CELLS] 4 to a row; those outside the image only get sum = 0 */
    int32_t per_row; /**< in      blocks from one row of blocks to the next */
} sv_detect_blocks;

typedef struct sv_detect_ops {
    /**
     * Filter a rectangle, sum the noise of its cells and list the hits of its blocks. Reads pixels up to
     * SV_DETECT_HALO outside.
     *
     *   blocks  in/out  the rectangle's first block is blocks' first
     *   rect    in      starts at multiples of the block size and ends there or at the image's border, not empty
     */
    void (*scan)(const sv_detect_blocks *blocks, const sv_detect_view *view, sv_detect_rect rect);

    /**
     * Move the background towards the frame: m += (clip(d, limit) * gain + 2^13) >> 14 with d = frame - m in background
     * units and limit raised to |d| / 16, for the rows of the rectangle with y % period == phase. Pixels beyond their bit
     * depth count as white.
     *
     *   limit  in  [cells that the rectangle's width begins] one for every SV_DETECT_CELL columns, 0..65535 background units
     *   gain   in  0..2^14 (1.0)
     */
    void (*learn)(const sv_detect_view *view, sv_detect_rect rect, int32_t period, int32_t phase, const int32_t *limit,
                  int32_t gain);

    /**
     * Where the background m is steep: |m(x + 1, y) - m(x - 1, y)| + |m(x, y + 1) - m(x, y - 1)| > limit, in the cells of one row.
     *
     *   out    out  [n_cells] bit k: the cell's column k; 0 in the image's first and last column and beyond
     *   y      in   1..height - 2
     *   limit  in   0..131070 background units
     */
    void (*steep)(uint64_t *out, const sv_detect_view *view, int32_t y, int32_t cell, int32_t n_cells, int32_t limit);
} sv_detect_ops;

SV_END_DECLS
#endif
