/** Ground truth: for sources and scorers only; no stage of the core may include this header (a test checks). */
#ifndef SKYVOX_TRUTH_H
#define SKYVOX_TRUTH_H

#include <skyvox/types.h>

SV_BEGIN_DECLS

/** One object at one stamp. */
typedef struct sv_truth_sample {
    int64_t target; /**< id, unique in a run */
    sv_class object_class;
    bool wanted;      /**< a target; false: a distractor (a track on it is a distractor error) */
    bool in_coverage; /**< geometry only, see docs/METRICS.md: never conditioned on detection */
    bool has_velocity;
    sv_vec3 p_w, v_w; /**< m, m/s */
    double size_m;    /**< diameter; 0: unknown */
    double size_px;   /**< largest over its views; 0: unknown */
    double range_m;   /**< distance to the third-nearest covering site (fewer sites: the farthest); 0: unknown */
    int32_t n_sites;  /**< sites that have it in view and range */
} sv_truth_sample;

/** One object in one camera at one stamp. */
typedef struct sv_truth_view {
    int64_t target;
    int32_t camera;    /**< index into the rig */
    double u_px, v_px; /**< exact centre as imaged at the frame's exposure, pose error included */
    double size_px;    /**< diameter of the disc in px */
    double snr;        /**< matched-filter SNR: flux * sqrt(sum psf^2) / sigma */
    bool visible;      /**< inside the image and not occluded */
    bool occluded;     /**< behind the terrain line */
} sv_truth_view;

/** Everything about one stamp; arrays borrowed from the source. */
typedef struct sv_truth_set {
    sv_time t;
    const sv_truth_sample *sample;
    size_t n_samples;
    const sv_truth_view *view; /**< by camera, then target */
    size_t n_views;
} sv_truth_set;

SV_END_DECLS
#endif
