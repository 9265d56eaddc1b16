/** A benchmark fills a result: rows for people, ratios and limits for scripts. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <formats/json_write.h>
#include <skyvox/team.h>

enum { BENCH_ROWS_CAP = 64, BENCH_NAME_CAP = 64, BENCH_NOTES_CAP = 4, BENCH_NOTE_CAP = 160 };

/** One thing measured: median and spread over repetitions. */
typedef struct bench_row {
    char name[BENCH_NAME_CAP];
    const char *unit; /* "ms per scan", "MiB" */
    double median, lowest, highest;
    int n; /* repetitions */
} bench_row;

typedef struct bench_value {
    char name[BENCH_NAME_CAP];
    double value;
} bench_value;

typedef struct bench_result {
    bench_row row[BENCH_ROWS_CAP];
    int n_rows;
    bench_value ratio[BENCH_ROWS_CAP]; /* figures that scripts rely on */
    int n_ratios;
    bench_value limit[BENCH_ROWS_CAP]; /* of the machine, measured in the same run */
    int n_limits;
    char note[BENCH_NOTES_CAP][BENCH_NOTE_CAP]; /* for people: what could not be measured */
    int n_notes;
} bench_result;

typedef struct bench {
    const char *name;
    const char *summary;
    sv_status (*run)(bench_result *out);
} bench;

extern const bench bench_motion;
extern const bench bench_score;
extern const bench bench_session;
extern const bench bench_frameset;
extern const bench bench_noise;
extern const bench bench_render;

/** Seconds of a clock that only goes forward. */
double bench_now_s(void);
/** Peak resident memory of this process so far, bytes; 0 where the system does not say. */
double bench_peak_bytes(void);

/** Median and spread of sample[n], which is sorted. Full results drop what is too much. */
void bench_add_row(bench_result *result, const char *name, const char *unit, double *sample, int n);
void bench_add_ratio(bench_result *result, const char *name, double value);
void bench_add_limit(bench_result *result, const char *name, double value);
void bench_add_note(bench_result *result, const char *text);
/** Copy bandwidth of one thread, GB/s, bytes read and written: the better of memcpy runs over 256 MiB. */
sv_status bench_copy_gb_per_s(double *out);
/** Copy bandwidth of a team, GB/s, bytes read and written: the best of memcpy and non-temporal stores over 512 MiB. */
sv_status bench_copy_best_gb_per_s(double *out, sv_team *team);

#endif
