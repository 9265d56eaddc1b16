/** CSV tables: header in any order, numbers independent of the locale, every error with file and line. */
#ifndef FORMATS_CSV_H
#define FORMATS_CSV_H

#include <formats/names.h>
#include <skyvox/score.h>
#include <stdio.h>

/* ---- reading: a header, then one row a line; unknown columns are ignored ---- */

typedef struct sv_csv sv_csv;

/**
 * Open a table and read its header.
 * Errors: SV_ERR_INPUT (missing file, no header, duplicate column), SV_ERR_NOMEM. Close with sv_csv_close.
 */
sv_status sv_csv_open(sv_csv **out, const char *path);
/** The same on text in memory (borrowed); `name` stands for the file in messages. */
sv_status sv_csv_open_text(sv_csv **out, const char *name, const char *text, size_t n);
void sv_csv_close(sv_csv *csv);
/** Index of a column, -1 when absent. */
int sv_csv_column(const sv_csv *csv, const char *name);
/** The same, but absence is SV_ERR_INPUT naming file and column. */
sv_status sv_csv_require(int *i_column, const sv_csv *csv, const char *name);
/** Next row: SV_OK, SV_END, or SV_ERR_INPUT (wrong number of fields, torn last line: no newline at the end and fields missing). */
sv_status sv_csv_next(sv_csv *csv);
/** Field of the current row as text, borrowed until the next row. */
const char *sv_csv_text(const sv_csv *csv, int i_column);
/** Field as a finite number, integer, or time in seconds with nine decimals. Errors: SV_ERR_INPUT with file, line, column, text. */
sv_status sv_csv_double(double *out, const sv_csv *csv, int i_column);
sv_status sv_csv_int(int64_t *out, const sv_csv *csv, int i_column);
sv_status sv_csv_time(sv_time *out, const sv_csv *csv, int i_column);
/** SV_ERR_INPUT with file, line, column, the field's text and what was expected. */
sv_status sv_csv_fail_field(const sv_csv *csv, int i_column, const char *expected);
/** Line number of the current row, from 1. */
int64_t sv_csv_line(const sv_csv *csv);
const char *sv_csv_name(const sv_csv *csv);

/* ---- whole tables ---- */

/** truth.csv, sorted by time and target; rows with free(). Optional columns: target_id (0), class (drone), vx_mps vy_mps vz_mps. */
sv_status sv_csv_read_truth(sv_score_truth_row **rows, size_t *n, const char *path);
/** The same from an open table, which stays open. */
sv_status sv_csv_take_truth(sv_score_truth_row **rows, size_t *n, sv_csv *csv);
/** tracks.csv, sorted by time and track; rows with free(). Optional: velocity, class, class_prob. */
sv_status sv_csv_read_tracks(sv_score_track_row **rows, size_t *n, const char *path);

/**
 * The same for anyone's files: ids may be text, and t, time or timestamp stands for t_s, id for target_id and track_id,
 * x y z vx vy vz sx sy sz for the columns with units. An empty velocity or deviation is not known, and times within a
 * microsecond of each other are one.
 *
 *   names      out  filled when an id is no integer from 0 on: ids are then places in it; release with sv_names_release
 *   has_score  out  tracks have a column existence, score, confidence or conf
 */
sv_status sv_csv_read_any_truth(sv_score_truth_row **rows, size_t *n, sv_names *names, const char *path);
sv_status sv_csv_read_any_tracks(sv_score_track_row **rows, size_t *n, sv_names *names, bool *has_score,
                                 const char *path);
/** From an open table; SV_AGAIN: an id is text, so the table must be opened again and read with text_ids. */
sv_status sv_csv_take_any_truth(sv_score_truth_row **rows, size_t *n, sv_names *names, bool text_ids, sv_csv *csv);
sv_status sv_csv_take_any_tracks(sv_score_track_row **rows, size_t *n, sv_names *names, bool text_ids, bool *has_score,
                                 sv_csv *csv);

/* ---- numbers as text, independent of the locale ---- */

/** Parse a whole decimal number (optional sign, digits, fraction, exponent; no hex, no inf, no nan). Correctly rounded. */
bool sv_number_parse(double *out, const char *text);
bool sv_number_parse_int(int64_t *out, const char *text);
/** Seconds text to nanoseconds, exact decimal arithmetic, at most nine decimals used (the rest rounded). */
bool sv_number_parse_time(sv_time *out, const char *text);

enum { SV_NUMBER_CAP = 40 };

/** value with `decimals` (0..17) digits after the point; "nan" for NaN. Returns text. */
char *sv_number_fixed(char text[SV_NUMBER_CAP], double value, int decimals);
/** Shortest text that reads back as the same double. */
char *sv_number_shortest(char text[SV_NUMBER_CAP], double value);
/** Seconds with nine decimals. */
char *sv_number_time(char text[SV_NUMBER_CAP], sv_time t);

/** The same and whole numbers for rows of a table: each returns the place of its closing 0, where the next text goes on. */
char *sv_number_put_fixed(char to[SV_NUMBER_CAP], double value, int decimals);
char *sv_number_put_time(char to[SV_NUMBER_CAP], sv_time t);
char *sv_number_put_int(char to[SV_NUMBER_CAP], int64_t value);

#endif
