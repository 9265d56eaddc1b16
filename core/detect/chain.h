/** Candidates of a camera's last frames on a straight line: what four frames say together. docs/MATH.md 2.6. */
#ifndef CORE_DETECT_CHAIN_H
#define CORE_DETECT_CHAIN_H

#include <skyvox/config.h>

enum {
    SV_CHAIN_DARK = 1,  /* bit of a band: darker than the background */
    SV_CHAIN_BANDS = 2, /* candidates are linked within a band */
};

/** The last frames' candidates of every camera that has images. */
typedef struct sv_chainer sv_chainer;

/** Errors: SV_ERR_NOMEM. All memory is taken here. */
sv_status sv_chainer_create(sv_chainer **out, const sv_config *config);
void sv_chainer_destroy(sv_chainer *chainer);

/** Forget a camera's frames: its scene is another one. */
void sv_chainer_reset(sv_chainer *chainer, int32_t camera);

/**
 * Set snr_link of every candidate of a camera's newest frame, and remember the frame.
 *
 *   candidate  in/out  [n] in any order, n <= config->detect.max_per_frame; places inside the image
 *   band       in      [n] below SV_CHAIN_BANDS
 *   t          in      time of the frame, not before the camera's last one
 */
void sv_chainer_run(sv_chainer *chainer, sv_detection *candidate, const uint8_t *band, size_t n, int32_t camera,
                    sv_time t);

#endif
