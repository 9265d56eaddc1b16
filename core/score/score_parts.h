/** Inside of the scorer: tables at stamps, one stamp's pairs, and what is added up from them. docs/METRICS.md. */
#ifndef CORE_SCORE_SCORE_PARTS_H
#define CORE_SCORE_SCORE_PARTS_H

#include <core/base/assign.h>
#include <skyvox/score.h>

enum {
    SV_SCORE_SAME_TIME_NS = 1000, /* two times this close are one */
    SV_SCORE_BREAK_NS =
        1000 * 1000000, /* samples farther apart belong to different intervals; also what makes a start late */
};

/* ---- tables: score_table.c ---- */

/** A confirmed track's state at one stamp. */
typedef struct sv_score_state {
    sv_vec3 p_w, v_w;
    float bird_prob, range_m;
    float sigma_m[3];
    int32_t track; /* index into track_id */
    bool has_velocity, has_sigma, has_support;
    uint8_t n_sites;
} sv_score_state;

/** Where a track's state at a stamp comes from: rows of the table of tracks, b == a when it is not between two. */
typedef struct sv_score_source {
    int32_t a, b;
    int32_t track; /* index into track_id */
} sv_score_source;

/** Truth and tracks brought to the same stamps. States are made when they are needed: millions of them have no room. */
typedef struct sv_score_table {
    sv_time *stamp; /* [n_stamps] increasing */
    size_t n_stamps;
    const sv_score_truth_row *truth; /* [n_truth] borrowed, or truth_own */
    sv_score_truth_row *truth_own;   /* NULL unless stamps were added */
    size_t n_truth;
    size_t *truth_at;   /* [n_stamps + 1] first truth row of each stamp */
    int32_t *target;    /* [n_truth] index into target_id */
    int64_t *target_id; /* [n_targets] increasing, wanted or not */
    size_t n_targets;
    const sv_score_track_row *rows; /* borrowed */
    bool causal;
    sv_score_source *source; /* [n_states] by stamp, then track */
    size_t n_states;
    size_t *state_at;  /* [n_stamps + 1] */
    int64_t *track_id; /* [n_tracks] increasing */
    size_t n_tracks;
} sv_score_table;

/** Errors: SV_ERR_ARG, SV_ERR_NOMEM; the table must be released all the same. */
sv_status sv_score_table_build(sv_score_table *table, const sv_score_config *config, const sv_score_truth_row *truth,
                               size_t n_truth, const sv_score_track_row *tracks, size_t n_tracks);
void sv_score_table_release(sv_score_table *table);
/** States of stamp i: [state_at[i + 1] - state_at[i]]. */
void sv_score_table_states(sv_score_state *state, const sv_score_table *table, size_t i);

/** Sorted distinct values of id[n], in place; returns how many. scratch is [n]. */
size_t sv_score_unique(int64_t *id, size_t n, int64_t *scratch);
/** Place of a value that is in the sorted id[n]. */
int32_t sv_score_place(const int64_t *id, size_t n, int64_t value);
/** Truth rows of both files' stamps, tracks-only stamps interpolated: score_union.c. */
sv_status sv_score_union_stamps(sv_score_table *table, const sv_score_config *config, const sv_score_track_row *tracks,
                                size_t n_tracks);

/* ---- one stamp: score_match.c ---- */

/** What a track sample is to the score. */
typedef enum sv_score_role {
    SV_ROLE_HOLDS = 0,      /* matched to a wanted object in coverage */
    SV_ROLE_IGNORED = 1,    /* on a wanted object out of coverage */
    SV_ROLE_GHOST = 2,      /* a second track on a wanted object */
    SV_ROLE_FALSE = 3,      /* near nothing */
    SV_ROLE_DISTRACTOR = 4, /* on an unwanted object */
    SV_ROLE_BIRD = 5,       /* on an unwanted object, and it says so */
} sv_score_role;

typedef struct sv_score_near {
    int32_t truth, state; /* indices within the stamp */
    double d2;            /* squared distance, m^2 */
} sv_score_near;

/** Pairs of one stamp; arrays sized for the largest stamp. */
typedef struct sv_score_match {
    const sv_score_truth_row *truth; /* [n_truth] of this stamp, borrowed */
    const int32_t *target;           /* [n_truth] */
    sv_score_state *state;           /* [n_states] */
    int32_t n_truth, n_states;
    sv_score_near *near; /* [n_near] pairs within the gate, by truth, then state */
    size_t n_near, near_cap;
    int32_t *state_of_truth; /* [n_truth] the track matched to a wanted object, -1 none */
    int32_t *n_extra;        /* [n_truth] further tracks on it */
    uint8_t *role;           /* [n_states] sv_score_role */
    int32_t *object;         /* [n_states] truth row it is on, -1 none */

    int32_t *partner;             /* [n_targets] track matched at the target's previous sample, -1 none */
    int32_t *state_of_track;      /* [n_tracks] -1 none */
    int32_t *by_x, *sort_scratch; /* [largest stamp] states by x */
    int32_t *row, *col;           /* [largest stamp] numbers within an assignment */
    int32_t *back;                /* [largest stamp] states of an assignment's columns */
    int32_t *col_of_row;
    double *alone;
    double *nearest2;     /* [largest stamp] squared distance to the object a track is on */
    sv_assign_edge *edge; /* [near_cap] */
    sv_arena arena;
} sv_score_match;

sv_status sv_score_match_init(sv_score_match *match, const sv_score_table *table);
void sv_score_match_release(sv_score_match *match);
/** Pairs and roles of stamp i; stamps must come in order. Errors: SV_ERR_NOMEM. */
sv_status sv_score_match_stamp(sv_score_match *match, const sv_score_table *table, const sv_score_config *config,
                               size_t i);

/* ---- intervals: score_errors.c ---- */

/** An interval that is still open. */
typedef struct sv_score_open {
    bool open;
    sv_score_error error; /* t_end: last sample in it */
} sv_score_open;

typedef struct sv_score_errors {
    sv_score_error *error; /* [n] */
    size_t n, cap;
    sv_score_open *missed; /* [n_missed] by target */
    sv_score_open *bad;    /* [n_bad] by track */
    size_t n_missed, n_bad;
    bool *held_before; /* [n_targets] */
    sv_time *entry;    /* [n_targets] first stamp in coverage; valid once seen */
    bool *seen;
    int32_t *holder; /* [n_targets] track that held it last, -1 none */
    int64_t n_switches;
    sv_time longest_gap;
    double *confirm_s; /* [n_confirm] entry in coverage to first hold, s */
    size_t n_confirm;
} sv_score_errors;

sv_status sv_score_errors_init(sv_score_errors *errors, const sv_score_table *table);
void sv_score_errors_release(sv_score_errors *errors);
/** Add a matched stamp; scored is false during warm-up. Errors: SV_ERR_NOMEM. */
sv_status sv_score_errors_stamp(sv_score_errors *errors, const sv_score_table *table, const sv_score_match *match,
                                sv_time t, bool scored);
/** Close every interval and sort. Errors: SV_ERR_NOMEM. */
sv_status sv_score_errors_finish(sv_score_errors *errors);

/* ---- sums: score_tally.c ---- */

enum { SV_SCORE_BINS_CAP = 24 };

typedef struct sv_score_bins {
    sv_score_bin bin[SV_SCORE_BINS_CAP]; /* [n] */
    size_t n;
    size_t first, end; /* after finishing: the bins that are not empty, and those between them */
} sv_score_bins;

/* ---- score_bins.c ---- */
void sv_score_bins_init(sv_score_bins by[SV_SCORE_N_BY]);
void sv_score_bins_truth(sv_score_bins by[SV_SCORE_N_BY], const sv_score_truth *sample, bool held);
void sv_score_bins_track(sv_score_bins by[SV_SCORE_N_BY], const sv_score_state *state, bool is_false);
/** A visible view of an object, of size_px in its image. */
void sv_score_bins_view(sv_score_bins by[SV_SCORE_N_BY], const sv_score_truth *sample, double size_px, bool found);
/** Add the views of other bins. */
void sv_score_bins_join(sv_score_bins by[SV_SCORE_N_BY], const sv_score_bins views[SV_SCORE_N_BY]);
/** Fractions, and which bins are shown. May be called again after more was added. */
void sv_score_bins_finish(sv_score_bins by[SV_SCORE_N_BY], size_t n_stamps);
/** Views of a sv_centroid. */
const sv_score_bins *sv_centroid_get_views(const sv_centroid *centroid);

typedef struct sv_score_tally {
    int64_t n_truth, n_held, n_truth_all, n_held_all;
    int64_t n_role[SV_ROLE_BIRD + 1];
    double sum_d2, sum_d2_all, sum_dv2;
    int64_t n_velocity;
    double *distance; /* [n_held] m */
    size_t distance_cap;
    sv_time covered_ns;         /* target time in coverage */
    sv_time *last_covered;      /* [n_targets] */
    bool *was_covered, *wanted; /* [n_targets] */
    bool *track_seen;           /* [n_tracks] */
    uint64_t *holding; /* [n_holding] target << 32 | track, of every hold that differs from the target's last */
    size_t n_holding, holding_cap;
    uint64_t *last_holding; /* [n_targets] */
    sv_score_bins by[SV_SCORE_N_BY];
} sv_score_tally;

sv_status sv_score_tally_init(sv_score_tally *tally, const sv_score_table *table);
void sv_score_tally_release(sv_score_tally *tally);
/** Add a scored stamp. Errors: SV_ERR_NOMEM. */
sv_status sv_score_tally_stamp(sv_score_tally *tally, const sv_score_match *match, sv_time t);
/** Summary of everything added; sorts in place. Errors: SV_ERR_NOMEM. */
sv_status sv_score_tally_finish(sv_score_summary *summary, sv_score_tally *tally, sv_score_errors *errors,
                                const sv_score_table *table, const sv_score_gospa *gospa, size_t n_gospa);

/* ---- a quick score of a changed table: score_trial.c ---- */

typedef struct sv_score_trial {
    double held_fraction, false_per_stamp, gospa_mean_m;
    double rmse_m; /* of the held samples, 0 without */
    int64_t n_held;
} sv_score_trial;

/** Held, false and GOSPA of two tables as for sv_score_create. */
sv_status sv_score_try(sv_score_trial *out, const sv_score_config *config, const sv_score_truth_row *truth,
                       size_t n_truth, const sv_score_track_row *tracks, size_t n_tracks);

/** A part of both tables that is quick to score, copied; free() the arrays. */
typedef struct sv_score_sample {
    sv_score_truth_row *truth; /* [n_truth] of some stamps */
    size_t n_truth;
    sv_score_track_row *track; /* [n_tracks] every row of the time around */
    size_t n_tracks;
} sv_score_sample;

/** At most max_stamps stamps, evenly, of a piece in the middle with about max_rows rows, warm-up left out. Errors: SV_ERR_NOMEM. */
sv_status sv_score_sample_take(sv_score_sample *sample, const sv_score_config *config, const sv_score_truth_row *truth,
                               size_t n_truth, const sv_score_track_row *tracks, size_t n_tracks, size_t max_stamps,
                               size_t max_rows);
/** Wanted objects in coverage and the tracks that are not ignored, of a matched stamp; [n] as found. */
void sv_score_points(sv_metrics_point *truth, size_t *n_truth, sv_metrics_point *track, size_t *n_tracks,
                     const sv_score_match *match);

/* ---- sanity_ids.c ---- */

/** Median step between the stamps of truth, 0 with fewer than two; scratch is [2 n]. */
sv_time sv_sanity_truth_step(const sv_score_truth_row *truth, size_t n, sv_time *scratch);
/** Ids that were renumbered once, of truth and of tracks. Errors: SV_ERR_NOMEM. */
sv_status sv_sanity_look_at_ids(sv_sanity *finding, size_t *n, const sv_score_config *config,
                                const sv_score_truth_row *truth, size_t n_truth, const sv_score_track_row *tracks,
                                size_t n_tracks);

/** Grow *array to hold n elements, doubling; cap is updated. Errors: SV_ERR_NOMEM. */
sv_status sv_score_reserve(void **array, size_t *cap, size_t n, size_t size);

#endif
