/** The detector: one image in, candidates with centroid and SNR out. Knows no track and no truth. docs/MATH.md 2. */
#ifndef CORE_DETECT_DETECT_H
#define CORE_DETECT_DETECT_H

#include <core/base/arena.h>
#include <skyvox/backend.h>
#include <skyvox/config.h>
#include <skyvox/team.h>

/** Background and scratch of every camera. */
typedef struct sv_detector sv_detector;

/** Errors: SV_ERR_NOMEM. All memory is taken here. Frame buffers are only for cameras with width and height > 0. */
sv_status sv_detector_create(sv_detector **out, const sv_config *config, const sv_backend *backend, sv_team *team);
void sv_detector_destroy(sv_detector *detector);

/**
 * Candidates of one frame; the camera's background learns it unless `late` (it came after a newer frame of its camera).
 *
 *   out    out  [config->detect.max_per_frame], by decreasing max(snr, snr_link), ties by snr, then pixel index (v, then u)
 *   n_out  out
 *   frame  in   must fit its camera's width, height and bit_depth (checked by the pipeline)
 *
 * Errors: none after creation but SV_ERR_LIMIT for internal capacities, which must be dropped deterministically instead where possible.
 */
sv_status sv_detector_run(sv_detector *detector, sv_detection *out, size_t *n_out, const sv_frame *frame, bool late);

/**
 * sv_detector_run without its candidates: filters, noise, hits and the background, which is all that touches every pixel.
 * Returns the number of pixels over their threshold. For benchmarks.
 */
size_t sv_detector_extract(sv_detector *detector, const sv_frame *frame);

/** Background of a camera, borrowed, to be read only; no planes for a camera without images. */
sv_background sv_detector_background(const sv_detector *detector, int32_t camera);
/** True when the camera's background has learned enough for candidates. */
bool sv_detector_is_warm(const sv_detector *detector, int32_t camera);
/** Noise of the pixels around (u, v), which lies in the camera's image, DN; 0 before any was measured. */
double sv_detector_noise_dn(const sv_detector *detector, int32_t camera, int32_t u, int32_t v);

#endif
