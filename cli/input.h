/** What a command works on: a scenario file or a data-set folder, opened the same way. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "command.h"

#include <formats/scenario.h>
#include <kernels/kernels.h>
#include <replay/dataset.h>
#include <sim/sim.h>

typedef struct input {
    sv_scenario *scenario; /* one of these two, owned */
    sv_dataset *dataset;
    sv_backend *backend; /* owned, after input_start */
    sv_team *team;
    sv_sim *sim;
    const char *name;
    const sv_config *config;
    sv_source source; /* after input_start */
} input;

/** How a command line wants its input. */
typedef struct input_options {
    text_list set;       /* --set */
    const char *seed;    /* --seed as text, NULL none */
    const char *backend; /* name */
    int64_t n_threads;   /* 0: one per processor */
} input_options;

/**
 * Read the scenario or the data set's description.
 *
 *   in    out  empty after an error; release with input_close
 *   path  in   a JSON file, or a folder with cameras.json or dataset.json
 *
 * Errors: SV_ERR_INPUT with the place, SV_ERR_NOMEM.
 */
sv_status input_load(input *in, const char *path, const input_options *options);

/** Make back end, team of threads and source. Errors: SV_ERR_UNSUPPORTED, SV_ERR_ARG (back end), SV_ERR_INPUT, SV_ERR_NOMEM. */
sv_status input_start(input *in, const input_options *options);

void input_close(input *in);

#endif
