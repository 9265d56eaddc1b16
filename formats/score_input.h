/** Anyone's truth and tracks: CSV or MOTChallenge text, told apart by what is in the files. docs/METRICS.md 10. */
#ifndef FORMATS_SCORE_INPUT_H
#define FORMATS_SCORE_INPUT_H

#include <formats/csv.h>

/** Two tables for sv_score_create. Start with {0}, release with sv_score_input_release. */
typedef struct sv_score_input {
    sv_score_truth_row *truth; /* [n_truth] */
    size_t n_truth;
    sv_score_track_row *tracks; /* [n_tracks] */
    size_t n_tracks;
    sv_names truth_names, track_names; /* empty: ids are numbers */
    bool has_score;                    /* tracks carry an existence or a score */
    bool in_pixels;                    /* MOTChallenge without world coordinates: box centres, z = 0 */
} sv_score_input;

/**
 * Read both files.
 * Errors: SV_ERR_INPUT with file and line; SV_ERR_NOMEM.
 */
sv_status sv_score_input_read(sv_score_input *input, const char *truth_path, const char *tracks_path);
void sv_score_input_release(sv_score_input *input);

/**
 * Take out the truth and the tracks that lie in a region of a table.
 *
 *   path  in  CSV; a row is a region: t_begin_s t_end_s x_min_m x_max_m y_min_m y_max_m z_min_m z_max_m, bounds included,
 *             an absent column or an empty field is no bound
 *
 * Errors: SV_ERR_INPUT with file and line; SV_ERR_NOMEM.
 */
sv_status sv_score_input_ignore(sv_score_input *input, const char *path);
/** The same from an open table. */
sv_status sv_score_input_ignore_table(sv_score_input *input, sv_csv *csv);

/* ---- MOTChallenge text: frame,id,left,top,width,height,conf,x,y,z ---- */

/** Does the text begin with a number? A table with a header begins with a name. */
bool sv_mot_is_text(const char *text, size_t n);
/** Is it nothing but blanks? A tracker without results leaves such a file. */
bool sv_mot_is_empty(const char *text, size_t n);

/** One row. */
typedef struct sv_mot_row {
    int64_t frame, id;
    double left, top, width, height, conf;
    sv_vec3 p_w;
    bool has_world; /* x, y, z are there and not all -1 */
} sv_mot_row;

/**
 * All rows of a text in the file's order; free() them.
 * Errors: SV_ERR_INPUT "name: line 3: ..."; SV_ERR_NOMEM.
 */
sv_status sv_mot_parse(sv_mot_row **rows, size_t *n, const char *name, const char *text, size_t n_text);

#endif
