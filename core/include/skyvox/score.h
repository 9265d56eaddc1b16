/** Tracks against truth, for anyone's tracker. Definitions and sources: docs/METRICS.md. */
#ifndef SKYVOX_SCORE_H
#define SKYVOX_SCORE_H

#include <skyvox/metrics.h>
#include <skyvox/truth.h>

SV_BEGIN_DECLS

/** One confirmed track at one time. */
typedef struct sv_score_track_row {
    sv_time t;
    int64_t track;
    sv_vec3 p_w, v_w;
    bool has_velocity, has_sigma, has_support;
    uint8_t n_sites;  /**< has_support: sites whose measurements it took at that time; 0: it coasts */
    float sigma_m[3]; /**< what the track says of its own error, per axis; for the consistency figures only */
    float existence;  /**< probability or score, for the ROC only */
    float bird_prob;  /**< probability that it is a distractor class; above 0.5 it is no distractor error */
    float range_m;    /**< distance to the third-nearest site (fewer sites: the farthest); 0: unknown */
} sv_score_track_row;

/** What the scorer keeps of a truth sample: of millions of them, so what need not be exact is small. */
typedef struct sv_score_truth {
    int64_t target;
    sv_vec3 p_w, v_w;
    float size_px, range_m; /**< 0: unknown */
    uint8_t n_sites;        /**< 0: unknown */
    uint8_t object_class;   /**< sv_class */
    bool wanted, in_coverage, has_velocity;
} sv_score_truth;

SV_API sv_score_truth sv_score_truth_of(const sv_truth_sample *sample);

/** One truth sample at one stamp. */
typedef struct sv_score_truth_row {
    sv_time t;
    sv_score_truth sample;
} sv_score_truth_row;

/** How the tracks' state at a truth stamp is found. */
typedef enum sv_score_evaluation {
    SV_SCORE_INTERPOLATE = 0, /**< linear between rows at most interpolate_max_s apart: anyone's file */
    SV_SCORE_CAUSAL = 1, /**< newest row not later than the stamp, carried on by its velocity, at most interpolate_max_s
                                   and only while no later row of any track shows that this one was left out */
} sv_score_evaluation;

typedef struct sv_score_config {
    double gate_m;            /**< matching gate, 2 */
    double cutoff_m;          /**< OSPA / GOSPA c, 10 */
    double order;             /**< OSPA / GOSPA p, 2 */
    double hota_zero_m;       /**< distance at which HOTA's similarity is 0, 4 */
    double warmup_s;          /**< first seconds that are not scored, from the first truth stamp */
    double interpolate_max_s; /**< 0.2 */
    sv_score_evaluation evaluation;
    bool
        union_stamps; /**< score at the stamps of both tables (truth interpolated by the same rule); false: the truth's */
} sv_score_config;

SV_API sv_score_config sv_score_config_default(void);

typedef struct sv_score_gospa {
    sv_time t;
    double distance_m;                       /**< GOSPA, alpha = 2 */
    double localisation, missed, false_part; /**< parts in p-th power units */
    double ospa_m;                           /**< OSPA as published */
    int32_t n_truth, n_tracks;               /**< wanted truth in the stamp, confirmed tracks */
} sv_score_gospa;

typedef enum sv_strip {
    SV_STRIP_ABSENT = 0, /**< no truth sample at this stamp */
    SV_STRIP_NONE = 1,   /**< in coverage, tracked by none */
    SV_STRIP_ONE = 2,
    SV_STRIP_SEVERAL = 3,
    SV_STRIP_OUTSIDE = 4, /**< out of coverage and not held */
} sv_strip;

typedef enum sv_error_kind {
    SV_ERROR_MISSED = 0,     /**< interval in which an in-coverage target was not held */
    SV_ERROR_FALSE = 1,      /**< interval of a track near no real object */
    SV_ERROR_GHOST = 2,      /**< interval of a second track on one object */
    SV_ERROR_SWITCH = 3,     /**< identity switch */
    SV_ERROR_LATE = 4,       /**< start of coverage to first hold, beyond 1 s */
    SV_ERROR_DISTRACTOR = 5, /**< interval of a track on an unwanted object */
} sv_error_kind;

typedef struct sv_score_error {
    sv_error_kind kind;
    sv_time t_begin, t_end;
    int64_t target; /**< -1 none */
    int64_t track;  /**< -1 none */
    sv_vec3 p_w;    /**< place at t_begin */
} sv_score_error;

/** What the bins of a table are made of. */
typedef enum sv_score_by {
    SV_SCORE_BY_RANGE = 0, /**< m */
    SV_SCORE_BY_SIZE = 1,  /**< px */
    SV_SCORE_BY_SITES = 2,
    SV_SCORE_BY_SPEED = 3, /**< m/s */
    SV_SCORE_N_BY = 4,
} sv_score_by;

/** One bin: lo <= value < hi. Counts of what has the value in it; fractions are NaN where they would be divided by 0. */
typedef struct sv_score_bin {
    double lo, hi;
    int64_t n, n_held; /**< in-coverage wanted samples */
    double held_fraction;
    int64_t n_tracks,
        n_false; /**< track samples, ignored ones not counted; ghosts, false ones and distractors of them */
    double false_fraction, false_per_stamp;
    int64_t n_views, n_detected; /**< visible views of objects; those with a candidate */
    double detected_fraction;    /**< detection probability of a frame */
} sv_score_bin;

/** A figure that has no samples is NaN (null in JSON), never 0. */
typedef struct sv_score_summary {
    int64_t n_truth, n_held; /**< in-coverage wanted samples; those held */
    int64_t n_track_samples; /**< confirmed track samples at truth stamps, ignored ones not counted */
    double held_fraction, held_fraction_all;
    double ghost_fraction, distractor_fraction, false_fraction;
    int64_t id_switches;
    double ids_per_target; /**< mean over targets ever held of the number of distinct tracks that held it */
    double switches_per_target_hour;
    int64_t n_tracks, n_targets;
    double position_rmse_m, position_median_m, position_rmse_all_m, velocity_rmse_mps;
    double time_to_confirm_median_s, time_to_confirm_p95_s;
    double longest_gap_s;
    double gospa_mean_m, gospa_rms_m, gospa_mean_second_half_m;
    double gospa_localisation, gospa_missed, gospa_false_part; /**< means of the parts, p-th power units */
    double ospa_mean_m, ospa_mean_second_half_m;
} sv_score_summary;

typedef struct sv_score sv_score;

/**
 * Score a whole run.
 *
 *   truth   in  [n_truth] by time, then target
 *   tracks  in  [n_tracks] confirmed rows by time, then track
 *
 * Errors: SV_ERR_ARG (not sorted, twice the same id at a stamp, not finite), SV_ERR_NOMEM. Destroy with sv_score_destroy.
 */
SV_API sv_status sv_score_create(sv_score **out, const sv_score_config *config, const sv_score_truth_row *truth,
                                 size_t n_truth, const sv_score_track_row *tracks, size_t n_tracks);
SV_API void sv_score_destroy(sv_score *score);

/** As given to sv_score_create. */
SV_API const sv_score_config *sv_score_get_config(const sv_score *score);
SV_API const sv_score_summary *sv_score_get_summary(const sv_score *score);
/** [*n] per scored stamp. */
SV_API const sv_score_gospa *sv_score_get_gospa(const sv_score *score, size_t *n);
/** [*n] by time, kind, target, track. */
SV_API const sv_score_error *sv_score_get_errors(const sv_score *score, size_t *n);
/** [*n] bins by value, from the first that is not empty to the last. */
SV_API const sv_score_bin *sv_score_get_bins(const sv_score *score, sv_score_by by, size_t *n);
/** The published metric families over the scored stamps; frames are the stamps of sv_score_get_frames. */
SV_API const sv_metrics *sv_score_get_metrics(const sv_score *score);
/** [*n] per scored stamp. */
SV_API const sv_metrics_frame *sv_score_get_frames(const sv_score *score, size_t *n);
/** Wanted targets in the order of their ids: [*n]. */
SV_API const int64_t *sv_score_get_targets(const sv_score *score, size_t *n);
/** Strip of the i-th target: [n stamps of sv_score_get_gospa] values of sv_strip. */
SV_API const uint8_t *sv_score_get_strip(const sv_score *score, size_t i_target);

/** One point of a ROC: tracks whose existence (or score) is at least the threshold. */
typedef struct sv_score_roc_point {
    double threshold, held_fraction, false_per_stamp;
} sv_score_roc_point;

enum { SV_SCORE_ROC_CAP = 16, SV_SANITY_CAP = 6, SV_SANITY_TEXT_CAP = 160 };

/**
 * Held fraction and false tracks per stamp over thresholds on `existence`, from the lowest up, on at most 200 stamps.
 *
 *   point   out  [SV_SCORE_ROC_CAP]
 *   n       out  points filled; 0 when all tracks say the same
 *   truth, tracks  in  as for sv_score_create
 *
 * Errors: as sv_score_create.
 */
SV_API sv_status sv_score_roc(sv_score_roc_point *point, size_t *n, const sv_score_config *config,
                              const sv_score_truth_row *truth, size_t n_truth, const sv_score_track_row *tracks,
                              size_t n_tracks);

/** A way in which the truth, changed, fits clearly better. */
typedef struct sv_sanity {
    const char *kind; /**< "delay", "axes", "sign", "scale", "offset", "renumbered"; static */
    char text[SV_SANITY_TEXT_CAP];
    int64_t from_id, to_id; /**< "renumbered": the two ids; of tracks, or of targets */
    bool of_targets;
    double
        better_by; /**< share of the GOSPA, or of the error of the held samples, that goes away; "renumbered": share of the object's samples with the rarer id */
} sv_sanity;

/**
 * Is the truth what the tracks were made from? Tries delays, swapped and negated axes, feet for metres, a constant offset
 * and ids renumbered on the way. docs/METRICS.md 9.
 *
 *   finding  out  [SV_SANITY_CAP]
 *   n        out  findings; 0 when nothing fits clearly better
 *   truth, tracks  in  as for sv_score_create
 *
 * Errors: as sv_score_create.
 */
SV_API sv_status sv_score_sanity(sv_sanity *finding, size_t *n, const sv_score_config *config,
                                 const sv_score_truth_row *truth, size_t n_truth, const sv_score_track_row *tracks,
                                 size_t n_tracks);

/** Centroid errors by true SNR, collected while a run goes on. */
typedef struct sv_centroid_bin {
    double snr_lo, snr_hi;
    int64_t n;                    /**< matched candidates */
    int64_t n_views;              /**< visible truth views in the bin */
    double rms_px[2], bias_px[2]; /**< u, v */
    double crb_px;                /**< Cramer-Rao bound at the bin's mean SNR for a small target: 1.07 / SNR */
} sv_centroid_bin;

/** Candidates that belong to no object, by the SNR that the detector gave them. */
typedef struct sv_false_bin {
    double snr_lo, snr_hi;
    int64_t n;
    double per_frame, per_megapixel; /**< of all frames */
} sv_false_bin;

typedef struct sv_centroid sv_centroid;

SV_API sv_status sv_centroid_create(sv_centroid **out, double warmup_s);
SV_API void sv_centroid_destroy(sv_centroid *centroid);
/**
 * Add one stamp: every candidate within 3 px of exactly its nearest visible view counts, the nearest candidate per view.
 *   detection  in  [n] of that frame set, any order
 *   n_frames, n_pixels  in  frames in the set and their pixels, for the rates of false candidates; 0: not known
 */
SV_API sv_status sv_centroid_add(sv_centroid *centroid, const sv_truth_set *truth, const sv_detection *detection,
                                 size_t n, int64_t n_frames, int64_t n_pixels);
/** [*n] bins by SNR. */
SV_API const sv_centroid_bin *sv_centroid_get_bins(sv_centroid *centroid, size_t *n);
/** [*n] bins by the candidates' own SNR. */
SV_API const sv_false_bin *sv_centroid_get_false(sv_centroid *centroid, size_t *n);
/** Put the views that were found, and those that were not, into the bins of a score. */
SV_API void sv_score_join_views(sv_score *score, const sv_centroid *centroid);
/** RMS per axis (the larger of u and v) over true SNR above 8; NaN without samples. */
SV_API double sv_centroid_rms_px(const sv_centroid *centroid);

/* ---- innovations ---- */

enum { SV_NIS_DOF_MAX = 3 };

typedef struct sv_nis_sum {
    int64_t n, n_inside; /**< inside: below the 95 % point of chi-square */
    double sum;
} sv_nis_sum;

/** Normalised innovations squared, added up by degrees of freedom. Start with {0}. */
typedef struct sv_nis {
    sv_nis_sum of_dof[SV_NIS_DOF_MAX + 1];
} sv_nis;

/** Errors: SV_ERR_ARG (degrees of freedom other than 1 to 3, not a number). */
SV_API sv_status sv_nis_add(sv_nis *nis, const sv_innovation *innovation);
SV_API sv_metrics_consistency sv_nis_of_dof(const sv_nis *nis, int32_t dof);
/** All together, mean and its bounds per degree of freedom: 1 when the filter is honest. */
SV_API sv_metrics_consistency sv_nis_of_all(const sv_nis *nis);

SV_END_DECLS
#endif
