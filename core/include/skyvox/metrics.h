/** Set distances, CLEAR, identity, HOTA, SIAP, T-GOSPA and consistency, each as its own source defines it. docs/METRICS.md 8. */
#ifndef SKYVOX_METRICS_H
#define SKYVOX_METRICS_H

#include <skyvox/types.h>

SV_BEGIN_DECLS

enum { SV_HOTA_N_ALPHAS = 19 };

typedef struct sv_metrics_config {
    double gate_m;         /**< CLEAR, SIAP, consistency: 2 */
    double cutoff_m;       /**< OSPA, GOSPA, T-GOSPA: c, 10 */
    double order;          /**< OSPA, GOSPA, T-GOSPA: p, 2 */
    double switch_penalty; /**< GOSPA with switching: 1 */
    double tgospa_gamma;   /**< T-GOSPA: price of a change of partner, gamma, 2 */
    double hota_zero_m;    /**< HOTA, TrackEval's CLEAR and IDF1: distance of similarity 0, 4 */
    size_t tgospa_cap; /**< most assignment variables of one linear program, 200000; beyond it T-GOSPA is not given */
} sv_metrics_config;

SV_API sv_metrics_config sv_metrics_config_default(void);

/** An object or a track in one frame. */
typedef struct sv_metrics_point {
    int32_t id; /**< 0 .. n_ids - 1 */
    bool has_velocity, has_sigma;
    sv_vec3 p_w, v_w;
    sv_vec3 sigma_m; /**< what the track says of its own error, per axis; tracks only */
} sv_metrics_point;

/** Set distances of one frame; the parts are in p-th power units. */
typedef struct sv_metrics_frame {
    double ospa_published;
    double ospa_stonesoup; /**< pairs on d instead of d^p; NaN when both sets are empty */
    double gospa, localisation, missed, false_part;
    double gospa_switch, switching; /**< the same with Stone Soup's switching penalty */
    int32_t n_truth, n_tracks;
} sv_metrics_frame;

typedef struct sv_metrics_tgospa {
    bool available; /**< false: a linear program would exceed tgospa_cap */
    bool integral;  /**< the optimum is an assignment */
    double distance, total_p, localisation, missed, false_part, switching;
} sv_metrics_tgospa;

/** CLEAR as in TrackEval. */
typedef struct sv_metrics_clear {
    double mota, motp, moda, re, pr, mtr, ptr, mlr, smota, f1, fp_per_frame, motal, motp_sum;
    int64_t tp, fn, fp, idsw, mt, pt, ml, frag, frames;
} sv_metrics_clear;

typedef struct sv_metrics_identity {
    double idf1, idr, idp;
    int64_t idtp, idfn, idfp;
} sv_metrics_identity;

typedef struct sv_metrics_hota {
    double hota[SV_HOTA_N_ALPHAS], det_a[SV_HOTA_N_ALPHAS], ass_a[SV_HOTA_N_ALPHAS];
    double det_re[SV_HOTA_N_ALPHAS], det_pr[SV_HOTA_N_ALPHAS], ass_re[SV_HOTA_N_ALPHAS], ass_pr[SV_HOTA_N_ALPHAS];
    double loc_a[SV_HOTA_N_ALPHAS], owta[SV_HOTA_N_ALPHAS];
    double tp[SV_HOTA_N_ALPHAS], fn[SV_HOTA_N_ALPHAS], fp[SV_HOTA_N_ALPHAS];
} sv_metrics_hota;

/** CLEAR by the rules of py-motmetrics. */
typedef struct sv_metrics_motmetrics {
    int64_t n_detections, n_misses, n_false_positives, n_switches;
    double mota;   /**< NaN without truth */
    double motp_m; /**< NaN without a match */
} sv_metrics_motmetrics;

typedef struct sv_metrics_siap {
    double completeness, ambiguity, spuriousness, position_accuracy, velocity_accuracy;
} sv_metrics_siap;

/** CLEAR and SIAP as in Stone Soup. */
typedef struct sv_metrics_stonesoup {
    double motp; /**< infinite without a match */
    double mota; /**< NaN without truth */
    sv_metrics_siap siap;
    sv_metrics_siap siap_nearest; /**< associations "track to truth": each track to its nearest truth */
} sv_metrics_stonesoup;

/** Normalised squares of errors (NEES) or innovations (NIS), which are chi-square when the filter is honest. NaN without samples. */
typedef struct sv_metrics_consistency {
    int64_t n;
    double mean;   /**< the degrees of freedom when honest */
    double lo, hi; /**< where the mean of n independent samples lies in 95 of 100 cases */
    double inside; /**< share of single samples below the 95 % point, 0.95 when honest */
} sv_metrics_consistency;

typedef struct sv_metrics sv_metrics;

/**
 * Start.
 *
 *   n_truth_ids, n_track_ids  in  ids lie below these
 *
 * Errors: SV_ERR_ARG, SV_ERR_NOMEM. Destroy with sv_metrics_destroy.
 */
SV_API sv_status sv_metrics_create(sv_metrics **out, const sv_metrics_config *config, size_t n_truth_ids,
                                   size_t n_track_ids);
SV_API void sv_metrics_destroy(sv_metrics *metrics);

/**
 * Add the next frame. Nothing is borrowed; pairs within reach are kept for the figures of the whole.
 *
 *   frame  out  its set distances; NULL to skip
 *   truth  in   [n_truth] by id, no id twice
 *   track  in   [n_tracks] by id, no id twice
 *
 * Errors: SV_ERR_ARG, SV_ERR_NOMEM.
 */
SV_API sv_status sv_metrics_add(sv_metrics *metrics, sv_metrics_frame *frame, const sv_metrics_point *truth,
                                size_t n_truth, const sv_metrics_point *track, size_t n_tracks);

/** Figures over all frames added. Errors: SV_ERR_NOMEM. */
SV_API sv_status sv_metrics_finish(sv_metrics *metrics);
/** T-GOSPA over all frames added, after sv_metrics_finish. Errors: SV_ERR_NOMEM. */
SV_API sv_status sv_metrics_finish_tgospa(sv_metrics *metrics);

SV_API const sv_metrics_config *sv_metrics_get_config(const sv_metrics *metrics);
SV_API const sv_metrics_clear *sv_metrics_get_clear(const sv_metrics *metrics);
SV_API const sv_metrics_identity *sv_metrics_get_identity(const sv_metrics *metrics);
SV_API const sv_metrics_hota *sv_metrics_get_hota(const sv_metrics *metrics);
SV_API const sv_metrics_motmetrics *sv_metrics_get_motmetrics(const sv_metrics *metrics);
SV_API const sv_metrics_stonesoup *sv_metrics_get_stonesoup(const sv_metrics *metrics);
/** NEES of the matched samples whose track has a sigma; 3 degrees of freedom. */
SV_API const sv_metrics_consistency *sv_metrics_get_consistency(const sv_metrics *metrics);
SV_API const sv_metrics_tgospa *sv_metrics_get_tgospa(const sv_metrics *metrics);

SV_END_DECLS
#endif
