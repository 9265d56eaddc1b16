/** Inside of sweep.html: its numbers, and the charts. */
#ifndef FORMATS_SWEEP_PARTS_H
#define FORMATS_SWEEP_PARTS_H

#include <formats/sweep.h>
#include <formats/sweep_stats.h>

enum { SV_SWEEP_N_SHOWN = 6, SV_SWEEP_SERIES_CAP = 6 };

/** A number that the page shows in its tables and charts. */
typedef struct sv_sweep_shown {
    const char *key, *label;
    double scale; /* 100 for per cent */
} sv_sweep_shown;

extern const sv_sweep_shown sv_sweep_shown_keys[SV_SWEEP_N_SHOWN];

typedef struct sv_sweep_page {
    const sv_sweep *sweep;
    int32_t n_points;
    sv_interval *mean; /* [n_points][key.n] owned */
} sv_sweep_page;

/** Interval of a number at a point; NULL when the runs have no such number. */
const sv_interval *sv_sweep_page_mean(const sv_sweep_page *page, int32_t point, const char *key);

/** True when every value of the axis is a number and there are several: it can be drawn. */
bool sv_sweep_axis_is_numeric(const sv_sweep_axis *axis);

/** One shown number against the values of an axis, a line for every combination of the others. */
void sv_sweep_chart_number(FILE *file, const sv_sweep_page *page, int32_t i_axis, const sv_sweep_shown *shown);
/** Held against false tracks per minute along an axis. */
void sv_sweep_chart_roc(FILE *file, const sv_sweep_page *page, int32_t i_axis);
/** Colours and settings of the lines of an axis' charts. */
void sv_sweep_chart_legend(FILE *file, const sv_sweep_page *page, int32_t i_axis);

#endif
