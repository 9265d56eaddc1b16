/**
 * Grey images as HEVC, every frame for itself, through FFmpeg and libx265: what level `hevc` writes beside a session.
 * A frame is one packet that begins with all its parameter sets, so any of them decodes alone and a file of them plays.
 */
#ifndef REPLAY_HEVC_H
#define REPLAY_HEVC_H

#include <skyvox/types.h>

enum {
    SV_HEVC_LOSSLESS = -1, /* in place of a rate factor */
    SV_HEVC_CRF_MAX = 51,
    SV_HEVC_DEPTH_MAX = 12,
    SV_HEVC_SIDE_MIN = 32,
};

typedef struct sv_hevc_encoder sv_hevc_encoder;
typedef struct sv_hevc_decoder sv_hevc_decoder;

/**
 * Whether images of this camera can be written. Errors: SV_ERR_INPUT (more than 12 bit, a side under 32 px),
 * SV_ERR_UNSUPPORTED (a build without FFmpeg, an FFmpeg without libx265).
 */
sv_status sv_hevc_check(const sv_camera *camera);

/**
 * An encoder for images of this camera.
 *
 *   crf        in  SV_HEVC_LOSSLESS, or constant rate factor 0 (nearly faithful) to 51
 *   n_threads  in  1 or more
 *
 * Errors: as sv_hevc_check; SV_ERR_NOMEM. Destroy with sv_hevc_encoder_destroy.
 */
sv_status sv_hevc_encoder_create(sv_hevc_encoder **out, const sv_camera *camera, int crf, int n_threads);
void sv_hevc_encoder_destroy(sv_hevc_encoder *encoder);
/** One image as one packet of *n bytes, borrowed until the next call. Errors: SV_ERR_NOMEM, SV_ERR_IO (the encoder failed). */
sv_status sv_hevc_encode(const uint8_t **packet, size_t *n, sv_hevc_encoder *encoder, const sv_frame *image);

/** A decoder for images of this camera. Errors: SV_ERR_UNSUPPORTED, SV_ERR_NOMEM. Destroy with sv_hevc_decoder_destroy. */
sv_status sv_hevc_decoder_create(sv_hevc_decoder **out, const sv_camera *camera, int n_threads);
void sv_hevc_decoder_destroy(sv_hevc_decoder *decoder);
/**
 * One packet back to pixels, [height x width] without gaps, one or two bytes each.
 * Errors: SV_ERR_INPUT (no image of this camera); the pixels are then garbage. A packet that was cut may still give an image:
 * its checksum tells.
 */
sv_status sv_hevc_decode(void *pixels, sv_hevc_decoder *decoder, const void *packet, size_t n);

#endif
