/** A report.json read back, for comparing two of them. */
#ifndef FORMATS_REPORT_READ_H
#define FORMATS_REPORT_READ_H

#include <skyvox/base.h>

enum { SV_REPORT_KEY_CAP = 64 };

/** One number of the summary. */
typedef struct sv_report_number {
    char key[SV_REPORT_KEY_CAP]; /* path below "summary": "held_fraction", "gospa_m.mean" */
    double value;                /* NaN for null */
} sv_report_number;

typedef struct sv_report_file {
    char scenario[SV_REPORT_KEY_CAP];
    bool interrupted;
    bool has_seed;
    double seed;
    sv_report_number *number; /* [n], in the file's order, owned */
    size_t n;
} sv_report_file;

/**
 * Read scenario, seed, interrupted and every number of "summary"; other keys are ignored.
 *
 *   out   out  release with sv_report_file_destroy
 *   path  in   a report.json of schema 1
 *
 * Errors: SV_ERR_INPUT (missing, no JSON, another schema, no summary, text among its numbers), SV_ERR_NOMEM.
 */
sv_status sv_report_file_read(sv_report_file **out, const char *path);
/** The same from text; `name` stands for the file in messages. */
sv_status sv_report_file_parse(sv_report_file **out, const char *name, const char *text, size_t n_text);
void sv_report_file_destroy(sv_report_file *report);

/** The number of a key, NULL when the report has none. */
const sv_report_number *sv_report_file_find(const sv_report_file *report, const char *key);

#endif
