/** Luma of a decoded picture in fixed integer formulas: the same bits whatever the decoder's machine. */
#ifndef REPLAY_VIDEO_LUMA_H
#define REPLAY_VIDEO_LUMA_H

#include <libavutil/frame.h>
#include <skyvox/types.h>

/** Bits of the luma of a pixel format, 8..16; 0: a format this reader has no formula for. */
int sv_luma_depth(enum AVPixelFormat format);

/**
 * Rows of luma in *pixels and *pitch: the decoder's own plane where it can be read as it is, else `buffer`.
 *
 *   buffer  out  [width * height] 16-bit slots, used as bytes at 8 bit
 */
void sv_luma_take(const void **pixels, ptrdiff_t *pitch, uint16_t *buffer, const AVFrame *picture);

#endif
