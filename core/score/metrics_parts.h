/** Inside of the metrics: pairs of every frame, and one solver for all assignments among them. */
#ifndef CORE_SCORE_METRICS_PARTS_H
#define CORE_SCORE_METRICS_PARTS_H

#include <core/base/assign.h>
#include <skyvox/metrics.h>

/** A truth id and a track id that were within reach of each other in some frame. */
typedef struct sv_metrics_slot {
    int32_t truth, track;
} sv_metrics_slot;

/** Both within reach of each other in one frame. */
typedef struct sv_metrics_pair {
    double d; /* m */
    int32_t slot;
    int32_t i_truth, i_track; /* places in the frame */
} sv_metrics_pair;

/** A sparse assignment being put together; rows and columns are places in the frame, or ids. */
typedef struct sv_metrics_solver {
    int32_t *row_of, *col_of; /* [n_truth_ids], [n_track_ids] -1, or the number in this problem */
    int32_t *truth_of_row, *track_of_col;
    int32_t n_rows, n_cols;
    sv_assign_edge *edge; /* [n_edges] */
    size_t *label;        /* [n_edges] the caller's number of an edge */
    size_t n_edges, edge_cap, label_cap;
    double *alone;       /* [n_truth_ids] */
    int32_t *col_of_row; /* [n_truth_ids] */
    size_t *chosen;      /* [n_chosen] labels, in the order they were added */
    size_t n_chosen, chosen_cap;
    sv_arena arena;
} sv_metrics_solver;

struct sv_metrics {
    sv_metrics_config config;
    double reach_m;
    size_t n_truth_ids, n_track_ids;
    sv_metrics_solver solver;

    /* every pair of every frame */
    double *pair_d; /* [n_pairs] */
    int32_t *pair_slot;
    size_t n_pairs, pair_d_cap, pair_slot_cap;
    size_t *pair_at;            /* [n_frames + 1] */
    int32_t *n_truth, *n_track; /* [n_frames] */
    size_t n_frames, pair_at_cap, n_truth_cap, n_track_cap;
    sv_metrics_slot *slot; /* [n_slots] in the order of first meeting */
    size_t n_slots, slot_cap;
    int32_t *bucket; /* [bucket_cap] open addressing: slot or -1 */
    size_t bucket_cap;
    int64_t *truth_count, *track_count; /* [ids] frames in which it exists */
    int64_t n_truth_all, n_track_all;

    /* the frame being added */
    sv_metrics_pair *near; /* [n_near] by truth, then track */
    size_t n_near, near_cap;
    int32_t *by_x, *sort_scratch; /* tracks by x */
    size_t by_x_cap, sort_cap;

    /* what continues from frame to frame, by truth id; -1 none */
    int32_t *last_ever, *last_frame; /* py-motmetrics; Stone Soup */
    int32_t *switch_partner;         /* GOSPA: -1 never had one, -2 lost it */
    int32_t *te_last, *te_previous;  /* TrackEval: ever; in the last frame that counted */
    int64_t *te_matched, *te_frag;   /* [n_truth_ids] */
    bool *taken_truth, *taken_track; /* [ids] within a frame */

    int64_t ss_misses, ss_false, ss_switches, ss_matches;
    double ss_distance, ss_speed;
    int64_t near_truths, near_tracks;
    double near_distance, near_speed;
    bool speed_missing, near_speed_missing;
    double mot_distance;
    double nees_sum;
    int64_t nees_n, nees_inside;

    sv_metrics_clear clear;
    sv_metrics_identity identity;
    sv_metrics_hota hota;
    sv_metrics_motmetrics mot;
    sv_metrics_stonesoup stonesoup;
    sv_metrics_consistency consistency;
    sv_metrics_tgospa tgospa;
};

/* ---- metrics.c ---- */

/** Grow *array to hold n elements of `size` bytes. Errors: SV_ERR_NOMEM. */
sv_status sv_metrics_grow(void **array, size_t *cap, size_t n, size_t size);
/** Slot of two ids, made when it is new. Errors: SV_ERR_NOMEM. */
sv_status sv_metrics_find_slot(int32_t *slot, sv_metrics *m, int32_t truth, int32_t track);

/** Fill m->near with the pairs of a frame within reach. Errors: SV_ERR_NOMEM. */
sv_status sv_metrics_find_pairs(sv_metrics *m, const sv_metrics_point *truth, size_t n_truth,
                                const sv_metrics_point *track, size_t n_tracks);

/* ---- metrics_solver.c ---- */

sv_status sv_metrics_solver_init(sv_metrics_solver *solver, size_t n_truth_ids, size_t n_track_ids);
void sv_metrics_solver_release(sv_metrics_solver *solver);
/** Allow one pair of ids at a cost; every pair at most once. Errors: SV_ERR_NOMEM. */
sv_status sv_metrics_solver_allow(sv_metrics_solver *solver, int32_t truth, int32_t track, double cost, size_t label);
/**
 * Smallest sum of costs where every row that stays alone costs `alone`; labels of the choice are in solver->chosen, the
 * problem is empty again. Errors: SV_ERR_NOMEM.
 */
sv_status sv_metrics_solver_solve(sv_metrics_solver *solver, double alone);

/* ---- one family a file; each takes the frame whose pairs are m->near ---- */

sv_status sv_metrics_set_distances(sv_metrics_frame *out, sv_metrics *m, const sv_metrics_point *truth, size_t n_truth,
                                   size_t n_tracks);
sv_status sv_metrics_add_mot(sv_metrics *m, const sv_metrics_point *truth, size_t n_truth,
                             const sv_metrics_point *track, size_t n_tracks);
sv_status sv_metrics_add_stonesoup(sv_metrics *m, const sv_metrics_point *truth, size_t n_truth,
                                   const sv_metrics_point *track, size_t n_tracks);
sv_status sv_metrics_add_trackeval(sv_metrics *m, const sv_metrics_point *truth, size_t n_truth, size_t n_tracks);
void sv_metrics_finish_mot(sv_metrics *m);
void sv_metrics_finish_stonesoup(sv_metrics *m);
void sv_metrics_finish_trackeval(sv_metrics *m);
sv_status sv_metrics_finish_identity(sv_metrics *m);
sv_status sv_metrics_finish_hota(sv_metrics *m);

/** TrackEval's similarity of two points d apart. */
double sv_metrics_similarity(const sv_metrics *m, double d);

/* ---- consistency.c ---- */

/** 95 % point of chi-square with 1 to 3 degrees of freedom. */
double sv_consistency_limit(int32_t dof);
/** Figures of n samples that are chi-square with dof degrees of freedom each when the filter is honest. */
sv_metrics_consistency sv_consistency_of(int64_t n, double dof, double sum, int64_t n_inside);

/* ---- T-GOSPA ---- */

/** One pair of ids of a group: its saving against being alone, per frame of the group in which something is near. */
typedef struct sv_tgospa_arc {
    int32_t truth, track; /* numbers within the group */
} sv_tgospa_arc;

/** Pairs that can only be decided together. */
typedef struct sv_tgospa_group {
    const sv_tgospa_arc *arc; /* [n_arcs] */
    size_t n_arcs;
    int32_t n_truths, n_tracks;
    size_t n_frames;
    const double *cost_p; /* [n_frames][n_arcs] d^p, c^p where the two are not both there and near */
    double cutoff_p;      /* c^p */
    double switch_p;      /* gamma^p / 2 */
} sv_tgospa_group;

/** Sums over the optimum. */
typedef struct sv_tgospa_sums {
    double localisation, n_pairs, n_changes;
    bool integral;
} sv_tgospa_sums;

/** A group with one truth or one track: shortest path, exact. Errors: SV_ERR_NOMEM. */
sv_status sv_tgospa_path(sv_tgospa_sums *out, const sv_tgospa_group *group);
/** Any group: the linear program. Errors: SV_ERR_NOMEM, SV_ERR_DEGENERATE (the solver gave up). */
sv_status sv_tgospa_program(sv_tgospa_sums *out, const sv_tgospa_group *group);

#endif
