/** What a run leaves behind: CSV tables and ledger while it goes on, and the check against another run's ledger. */
#ifndef CLI_RUN_OUTPUT_H
#define CLI_RUN_OUTPUT_H

#include "out_folder.h"
#include "run_loop.h"

#include <formats/scenario.h>

/** Tables of the output folder; streams belong to the folder. */
typedef struct run_tables {
    const sv_config *config;
    sv_tables wanted;
    FILE *tracks, *ledger;
    FILE *detections;    /* NULL: not wanted */
    FILE *truth;         /* NULL: the source has none */
    sv_hash ledger_hash; /* of all ledger lines */
} run_tables;

/** Add a frame set to the hash of all ledger lines. */
void run_ledger_hash(sv_hash *hash, const sv_ledger_line *line);

/** --detections: "all", "none" or the SNR from which rows are written; NULL changes nothing. Errors: SV_ERR_INPUT. */
sv_status run_tables_choose(sv_tables *wanted, const char *text);

/** Start the tables with their headers; what is not wanted is removed when the folder is published. Errors: SV_ERR_IO, SV_ERR_INPUT. */
sv_status run_tables_open(run_tables *tables, out_folder *folder, const sv_config *config, const sv_tables *wanted,
                          bool has_truth);
sv_sink run_tables_sink(run_tables *tables);
truth_sink run_tables_truth_sink(run_tables *tables);

enum { LEDGER_DIFFERENCE_CAP = 1200 };

/** Another run's ledger, read along. */
typedef struct ledger_check {
    const char *path;
    FILE *file;    /* NULL: nothing to check */
    sv_stage from; /* stages before it are not compared */
    int64_t n_lines;
    bool differs;
    char difference[LEDGER_DIFFERENCE_CAP]; /* the first one, in words */
} ledger_check;

/** path NULL: every run agrees. Errors: SV_ERR_INPUT. Close with ledger_check_close. */
sv_status ledger_check_open(ledger_check *check, const char *path);
void ledger_check_close(ledger_check *check);
sv_sink ledger_check_sink(ledger_check *check);
/** After the last set: notes lines that the run did not reach. Errors: SV_ERR_INPUT. */
sv_status ledger_check_end(ledger_check *check);

#endif
