/**
 * Operations of the renderer: EXACT, thread-free. Integers, but for `splat`: doubles by + - * / sqrt in one order.
 * docs/MATH.md 6.3.
 */
#ifndef SKYVOX_RENDER_OPS_H
#define SKYVOX_RENDER_OPS_H

#include <skyvox/types.h>

SV_BEGIN_DECLS

/**
 * The static parts of an image (sky nodes, terrain) begin this many pixels outside of it, so that the camera may shake.
 * A map's row r and column c belong to pixel (c - margin, r - margin).
 */
enum { SV_RENDER_MARGIN_PX = 8 };

/** Fraction bits of a shift of the image. */
enum { SV_RENDER_SHIFT_BITS = 8 };

/** Noise is an integer of this standard deviation, at most 6.2 of them. */
enum { SV_RENDER_NOISE_UNIT = 64 };

/** Noise comes in blocks of this many pixels; each row of an image begins one. */
enum { SV_RENDER_NOISE_BLOCK = 64 };

/** Levels of an image end here; objects may go beyond. */
enum { SV_RENDER_LEVEL_END = 1 << 20 };

/**
 * A noise curve has 32 entries for each doubling of the level: entry i is for levels from (32 + i % 32) 2^(i / 32 - 5) up
 * to the next, level units. The first is also for all below, the last for all above.
 */
enum { SV_RENDER_SIGMA_N = 20 * 32 };

/** Cloud density over a full turn and a quarter of elevation; azimuth wraps, elevation is clamped. */
typedef struct sv_render_clouds {
    const uint16_t *density; /**< [2^(bits - 2) x 2^bits] row by elevation */
    int32_t bits;            /**< columns = 2^bits, 8..14 */
    uint32_t drift;          /**< added to the azimuth, 2^32 = a full turn */
    int32_t level;           /**< of density 65535, level units, signed */
} sv_render_clouds;

/** A small object, already blurred and integrated over pixels. */
typedef struct sv_render_splat {
    int32_t u, v; /**< pixel of its first column and row, may lie outside the image */
    int32_t width, height;
    const int32_t *level; /**< [height x width] added to the scene, level units */
} sv_render_splat;

/** Longest side of a disc's box, px: enough for discs of strips with a lens of 10 px. */
enum { SV_RENDER_DISC_SIDE_CAP = 160 };

/** Diameters from which on a disc is all rim, and below which it is this disc, dimmed by its area; px. */
#define SV_RENDER_DISC_RIM_PX 24.0
#define SV_RENDER_DISC_LEAST_PX 0.02

/** A disc seen through a Gaussian lens, and the box of pixels that is asked for. */
typedef struct sv_render_disc {
    int32_t u, v;          /**< pixel of the first column and row */
    int32_t width, height; /**< up to SV_RENDER_DISC_SIDE_CAP, any for diameters above SV_RENDER_DISC_RIM_PX */
    double u_px, v_px;     /**< centre */
    double diameter_px;
    double sigma_px; /**< of the lens, 0.05..10 */
    double level;    /**< of a pixel that it fills, level units, within +-2^30 */
} sv_render_disc;

/**
 * Share of each pixel of the box that a blurred disc fills.
 *   out  out  [height x width] 0..1; the sum over a box that holds it all is its area to 1e-3
 * Source: docs/MATH.md 6.3.
 */
SV_API void sv_render_disc_shares(double *out, const sv_render_disc *disc);

/** One image to be made. Levels are integers of 2^-level_bits DN. */
typedef struct sv_render_image {
    int32_t width, height;
    int32_t bit_depth;        /**< 8..16 */
    int32_t level_bits;       /**< bit_depth + level_bits 16..20 */
    int32_t shift_u, shift_v; /**< content moves by this, 1/256 px, at most 7 px either way */
    const int32_t *node;      /**< sky levels every 2^cell_log2 px from the margin's corner */
    int32_t node_pitch;       /**< nodes in a row */
    int32_t cell_log2;        /**< 0..8 */
    const uint16_t *ground;   /**< [rows x ground_pitch] levels of the terrain, 2^(bit_depth - 16) DN; NULL none */
    const int8_t *depth;      /**< the same shape: how far below the terrain line, 1/8 px, clipped */
    int32_t ground_row;       /**< the nodes begin this many rows of nodes below the margin's corner, all sky there */
    int32_t ground_pitch;     /**< nodes in a row */
    int32_t ground_cell_log2; /**< a node every 2^ground_cell_log2 px, 0..8 */
    int32_t line_slope; /**< cover = 128 + depth * slope / 2^16, depth in 1/2048 px; 256 hides the sky; up to 2^15 */
    const sv_render_splat *splat; /**< [n_splats] by v */
    size_t n_splats;
    uint32_t key[2];      /**< of this camera's and frame's noise */
    const int32_t *sigma; /**< [SV_RENDER_SIGMA_N] noise by level, level units, below 2^17 */
    void *pixels;         /**< out: row 0; one byte a pixel for 8 bit, else two */
    ptrdiff_t pitch;      /**< bytes from a row to the next */
} sv_render_image;

typedef struct sv_render_ops {
    /**
     * Clear sky plus clouds at n nodes.
     *   out  out  [n] level units
     *   clear, azimuth, elevation  in  [n]; angles in 2^-32 turns, elevation 0..2^30
     */
    void (*sky)(int32_t *out, const int32_t *clear, const uint32_t *azimuth, const uint32_t *elevation, size_t n,
                const sv_render_clouds *clouds);
    /**
     * Normal noise of standard deviation SV_RENDER_NOISE_UNIT: a pure function of key and index.
     *   out    out  [n]
     *   key    in   of one camera and frame, random
     *   first  in   index of the first, a multiple of SV_RENDER_NOISE_BLOCK; first + n at most 2^32
     * Source: docs/MATH.md 6.4.
     */
    void (*noise)(int32_t *out, const uint32_t key[2], uint32_t first, size_t n);
    /**
     * A disc's pixels: sv_render_disc_shares, and levels rounded to nearest, ties to even.
     *   level  out  [height x width]
     *   share  out  [height x width]
     */
    void (*splat)(int32_t *level, double *share, const sv_render_disc *disc);
    /** Rows v_begin..v_end - 1 of an image; no row depends on another. */
    void (*rows)(const sv_render_image *image, int32_t v_begin, int32_t v_end);
} sv_render_ops;

SV_END_DECLS
#endif
