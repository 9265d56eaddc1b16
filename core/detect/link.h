/** Candidates of a camera's last frames on a straight line: what four frames say together. docs/MATH.md 2.6. */
#ifndef CORE_DETECT_LINK_H
#define CORE_DETECT_LINK_H

#include <skyvox/config.h>

enum {
    SV_LINK_DARK = 1,  /* bit of a band: darker than the background */
    SV_LINK_WIDE = 2,  /* found by the wider filter */
    SV_LINK_BANDS = 4, /* candidates are linked within a band */
};

/** The last frames' candidates of every camera that has images. */
typedef struct sv_linker sv_linker;

/** Errors: SV_ERR_NOMEM. All memory is taken here. */
sv_status sv_linker_create(sv_linker **out, const sv_config *config);
void sv_linker_destroy(sv_linker *linker);

/** Forget a camera's frames: its scene is another one. */
void sv_linker_reset(sv_linker *linker, int32_t camera);

/**
 * Set snr_link of every candidate of a camera's newest frame, and remember the frame.
 *
 *   candidate  in/out  [n] in any order, n <= config->detect.max_per_frame; places inside the image
 *   band       in      [n] below SV_LINK_BANDS
 *   t          in      time of the frame, not before the camera's last one
 */
void sv_linker_run(sv_linker *linker, sv_detection *candidate, const uint8_t *band, size_t n, int32_t camera, sv_time t);

#endif
