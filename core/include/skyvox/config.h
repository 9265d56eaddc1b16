/** Everything that decides a result besides the events: constant after creation. */
#ifndef SKYVOX_CONFIG_H
#define SKYVOX_CONFIG_H

#include <skyvox/types.h>

SV_BEGIN_DECLS

/** Frame sets: docs/LIFE_OF_A_FRAME.md 2. */
typedef struct sv_sync_config {
    double rate_hz;    /**< frame sets per second, > 0; unsynchronised input: the fastest camera's rate */
    double max_wait_s; /**< event time after which a set closes without its missing frames */
} sv_sync_config;

/** Detector: docs/MATH.md 2. */
typedef struct sv_detect_config {
    double snr_low;          /**< every candidate above it is emitted */
    int32_t max_per_frame;   /**< candidates per frame by SNR, ties by pixel index */
    double background_tau_s; /**< time constant of the running background */
    int32_t warmup_frames;   /**< frames that only teach the background */
    int32_t polarity[2];     /**< per sv_modality: 0 both, +1 only brighter, -1 only darker than the background */
    int32_t link_frames;     /**< 4: candidates are linked over so many frames; 0: they are not */
    double link_speed_px;    /**< fastest target that is linked, px per frame */
} sv_detect_config;

/** Thermal + mono of a pair: docs/MATH.md 3. */
typedef struct sv_fuse_config {
    double gate_sigma;      /**< largest distance of the two bearings, in standard deviations */
    int32_t max_per_camera; /**< rays per camera by SNR, ties by detection index */
} sv_fuse_config;

/** Ray consensus: docs/MATH.md 4. */
typedef struct sv_voxel_config {
    double snr_birth;    /**< rays whose SNR is known and, linked or not, below it take no part */
    int32_t min_sites;   /**< K; 0: smallest K >= 2 with fewer expected chance crossings than chance_limit */
    double chance_limit; /**< expected chance crossings per frame set that are acceptable */
    double gate_p;       /**< probability content of the residual test */
    double range_min_m, range_max_m;   /**< of a point from each site that sees it */
    double height_min_m, height_max_m; /**< world z of a point */
    double speed_max_mps; /**< rays of different times may miss each other by this times their time difference */
} sv_voxel_config;

/** Tracker: docs/MATH.md 5. */
typedef struct sv_track_config {
    double accel_psd;         /**< white-acceleration power spectral density per axis, m^2/s^3 */
    double speed_sigma_mps;   /**< 1-sigma of the unknown speed per axis at birth */
    double gate_p;            /**< probability content of an association gate */
    double snr_gate;          /**< rays of known SNR below it are ignored even inside a gate */
    double gate_m;            /**< a track is not reported once its position sigma is larger */
    double dormant_sigma_m;   /**< a dormant track is deleted once its position sigma is larger */
    double dormant_max_s;     /**< or when nothing was associated for this long */
    double confirm_existence; /**< reported from this existence probability on */
    double delete_existence;  /**< deleted below it */
    double survival_per_s;    /**< probability to live through one second */
    double birth_existence;   /**< existence of a fresh track */
    double pd_initial;        /**< detection probability per camera frame before it was learned */
    double pd_min, pd_max;    /**< bounds of the learned detection probability */
    double clutter_per_sr;    /**< false rays per steradian and camera frame; 0: estimated from unused rays */
    double clutter_per_m3;    /**< false points per cubic metre and scan (imported points); 0: estimated */
    double robust_sigma;      /**< innovations beyond this many sigmas are down-weighted; 0: off */
} sv_track_config;

/** Capacities: everything is allocated once. Beyond a capacity the weakest are dropped, deterministically. */
typedef struct sv_caps_config {
    int32_t detections_per_set;
    int32_t rays_per_set;
    int32_t points_per_set;
    int32_t tracks;
    int32_t pending_frames; /**< frames that wait for their set to close */
} sv_caps_config;

/** How a whole run is worked in. */
typedef struct sv_config {
    const sv_camera *camera; /**< [n_cameras], borrowed for the life of every state made from it */
    int32_t n_cameras;       /**< 0 only for sources of points */
    /**
     * First stage that is computed: SYNC, DETECT, FUSE: all that the events ask for; VOXEL: BEARINGS events bring the rays of
     * whole frame sets; TRACK: POINTS events bring their points as well.
     */
    sv_stage from;
    sv_sync_config sync;
    sv_detect_config detect;
    sv_fuse_config fuse;
    sv_voxel_config voxel;
    sv_track_config track;
    sv_caps_config caps;
} sv_config;

/** Defaults for a rig of 30 Hz cameras and small drones. */
SV_API sv_config sv_config_default(void);

/** Check every field and every camera. Errors: SV_ERR_ARG naming the field as in the scenario ("pipeline.track.gate_p"). */
SV_API sv_status sv_config_check(const sv_config *config);

SV_END_DECLS
#endif
