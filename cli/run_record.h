/** --record: the recorder of a run, and what it says before it starts. */
#ifndef CLI_RUN_RECORD_H
#define CLI_RUN_RECORD_H

#include "input.h"
#include "run_loop.h"

typedef struct run_record {
    sv_recorder *recorder; /* NULL: nothing is recorded */
    sv_expect_row *expect;
} run_record;

/** How a command line wants its recording. */
typedef struct record_options {
    const char *path;  /* NULL: none */
    const char *level; /* NULL: frames */
    int64_t segment_bytes;
    double key_s;    /* 0: the recorder's own */
    const char *crf; /* NULL: lossless */
} record_options;

/**
 * Start the recording and, with `say`, print its rate and how long the disk lasts on standard error.
 * Errors: SV_ERR_INPUT, SV_ERR_IO, SV_ERR_NOMEM.
 */
sv_status run_record_open(run_record *record, const record_options *options, const input *in,
                          const sv_session_meta *meta, bool say);
sv_sink run_record_sink(run_record *record);
truth_sink run_record_truth_sink(run_record *record);
/** End it well. Errors: SV_ERR_IO. */
sv_status run_record_close(run_record *record);
/** Release what is left after an error. */
void run_record_abandon(run_record *record);

#endif
