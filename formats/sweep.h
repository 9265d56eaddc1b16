/** A sweep: many runs of one scenario over seeds and a grid of settings, in memory and as text. docs/SWEEPS.md. */
#ifndef FORMATS_SWEEP_H
#define FORMATS_SWEEP_H

#include <skyvox/base.h>
#include <stdio.h>

/** Texts, owned. */
typedef struct sv_texts {
    char **item; /* [n] */
    int32_t n;
} sv_texts;

/** Append a copy of n_text bytes. Errors: SV_ERR_NOMEM. */
sv_status sv_texts_add(sv_texts *texts, const char *text, size_t n_text);
void sv_texts_free(sv_texts *texts);
bool sv_texts_equal(const sv_texts *a, const sv_texts *b);
/** Index of a text, -1 when absent. */
int32_t sv_texts_find(const sv_texts *texts, const char *text);

/** One setting that the grid varies. */
typedef struct sv_sweep_axis {
    char *path;     /* "detection_model.snr_threshold", owned */
    sv_texts value; /* as behind --set PATH= */
} sv_sweep_axis;

typedef struct sv_sweep_run {
    int32_t point; /* of the grid */
    uint64_t seed;
    uint64_t ledger_hash;
    double *value; /* [key.n] owned; NaN: the run has no such number; NULL: not run yet */
} sv_sweep_run;

enum { SV_SWEEP_NAME_CAP = 64, SV_SWEEP_POINTS_CAP = 10000, SV_SWEEP_RUNS_CAP = 1000000 };

/** The first axis varies slowest; without axes there is one point. */
typedef struct sv_sweep {
    char scenario[SV_SWEEP_NAME_CAP];
    uint64_t scenario_hash;          /* of the scenario's and its rig file's text */
    char program[SV_SWEEP_NAME_CAP]; /* version and commit that made it; "" when not said */
    sv_texts set;                    /* assignments of every run */
    sv_sweep_axis *axis;             /* [n_axes] owned */
    int32_t n_axes;
    sv_texts key;      /* names of the numbers of a run */
    sv_sweep_run *run; /* [n_runs] by point, then seed; owned */
    size_t n_runs;
} sv_sweep;

void sv_sweep_destroy(sv_sweep *sweep);

/** Number of grid points, 1 without axes; above SV_SWEEP_POINTS_CAP it is that plus one. */
int32_t sv_sweep_n_points(const sv_sweep *sweep);
/** Value of an axis at a point, borrowed. */
const char *sv_sweep_setting(const sv_sweep *sweep, int32_t point, int32_t i_axis);
/** "path=value, path=value" of a point in text[cap], cut at the end; "" without axes. Returns text. */
char *sv_sweep_point_name(char *text, size_t cap, const sv_sweep *sweep, int32_t point);
/** Hash of scenario text and assignments: equal sweeps ask the same. */
uint64_t sv_sweep_config_hash(const sv_sweep *sweep);

/** Sort by point, then seed. Errors: SV_ERR_NOMEM. */
sv_status sv_sweep_sort(sv_sweep *sweep);
/** First run of a point and how many there are; the runs are sorted. */
size_t sv_sweep_runs_of(size_t *i_first, const sv_sweep *sweep, int32_t point);
/** Values of one number at a point without NaN: out [runs of the point], returns how many. */
size_t sv_sweep_column(double *out, const sv_sweep *sweep, int32_t point, int32_t i_key);

/**
 * Read a sweep.json, or a row of one run in runs/.
 *
 *   out  out  sorted; release with sv_sweep_destroy
 *
 * Errors: SV_ERR_INPUT with the place (no sweep, a point beyond the grid, one run twice, wrong number of values), SV_ERR_NOMEM.
 */
sv_status sv_sweep_read(sv_sweep **out, const char *path);
/** The same from text; `name` stands for the file in messages. */
sv_status sv_sweep_parse(sv_sweep **out, const char *name, const char *text, size_t n_text);

/** Runs only, with the program: a row. Errors: SV_ERR_IO. */
sv_status sv_sweep_write_row(const sv_sweep *sweep, FILE *file);
/** Settings, mean and interval of every number at every point, and all runs. Errors: SV_ERR_IO, SV_ERR_NOMEM. */
sv_status sv_sweep_write_json(const sv_sweep *sweep, FILE *file);
/** One line per run: seed, settings, ledger hash, numbers; NaN is an empty field. Errors: SV_ERR_IO. */
sv_status sv_sweep_write_csv(const sv_sweep *sweep, FILE *file);
/** The same for people: one file, no script, no network. Errors: SV_ERR_IO, SV_ERR_NOMEM. */
sv_status sv_sweep_write_html(const sv_sweep *sweep, FILE *file);

#endif
