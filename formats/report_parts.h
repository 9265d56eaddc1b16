/** Inside of the report writers: the one table of summary numbers, and what they share. */
#ifndef FORMATS_REPORT_PARTS_H
#define FORMATS_REPORT_PARTS_H

#include <formats/json_write.h>
#include <formats/report.h>

/** A number of the summary: its key path and where it comes from. */
typedef struct sv_report_key {
    const char *name; /* "gospa_m.mean" */
    bool from_score;  /* in sv_score_summary, else in sv_report */
    bool is_count;    /* int64_t, else double */
    bool is_timing;   /* left out without timing */
    size_t offset;
} sv_report_key;

/** All of them, [*n], in the order of report.json. */
const sv_report_key *sv_report_keys(size_t *n);
/** NaN where the report has no such number. */
double sv_report_key_value(const sv_report *report, const sv_report_key *key);
/** An expectation's value, NaN for timing that is left out. */
double sv_report_shown_value(const sv_report *report, const sv_report_expect *expect);

/** "missed", "false", "ghost", "switch", "late", "distractor". */
const char *sv_report_error_name(sv_error_kind kind);

enum { SV_REPORT_TEXT_CAP = 64, SV_REPORT_HOST_CAP = 128 };

/** Name of the processor, "unknown" where the system does not say. */
void sv_report_cpu(char text[SV_REPORT_HOST_CAP]);
/** Processors in use by the system. */
int sv_report_cores(void);
/** "gcc 12.2.0", static. */
const char *sv_report_compiler(void);

/** value with `decimals` digits and a unit, `none` for NaN; returns text. */
char *sv_report_quantity(char text[SV_REPORT_TEXT_CAP], double value, int decimals, const char *unit, const char *none);
/** Count with thin groups of three: "12 345"; returns text. */
char *sv_report_count(char text[SV_REPORT_TEXT_CAP], int64_t value, const char *separator);

/** "metrics" of report.json: report_metrics.c. */
void sv_report_write_metrics(sv_json_out *json, const sv_report *report);
/** "sanity" of report.json. */
void sv_report_write_sanity(sv_json_out *json, const sv_report *report);

/** Style sheet of the pages, between <style> and </style>. */
void sv_report_style(FILE *file);

/** SV_OK, or SV_ERR_IO naming the file when anything written so far was lost. */
sv_status sv_report_flush(FILE *file, const char *name);

/* ---- parts of report.html: report_families.c ---- */
void sv_report_html_sanity(const sv_report *report, FILE *file);
void sv_report_html_families(const sv_report *report, FILE *file);

/* ---- parts of report.html: report_charts.c ---- */
void sv_report_chart_strips(const sv_report *report, FILE *file);
void sv_report_chart_gospa(const sv_report *report, FILE *file);
void sv_report_chart_distances(const sv_report *report, FILE *file);
/** Bars of held_fraction with the detected and the false share; is_count: bins are whole numbers; unit is the axis label. */
void sv_report_chart_held(FILE *file, const sv_score *score, sv_score_by by, bool is_count, const char *title,
                          const char *unit);
/** Held fraction over false tracks per stamp. */
void sv_report_chart_roc(const sv_report *report, FILE *file);
void sv_report_chart_centroid(const sv_report *report, FILE *file);

#endif
