/** What a command works on: a scenario file, a data-set folder or a recorded session, opened the same way. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "command.h"

#include <formats/scenario.h>
#include <kernels/kernels.h>
#include <replay/dataset.h>
#include <replay/session.h>
#include <sim/sim.h>

typedef struct input {
    sv_scenario *scenario; /* one of these three, owned */
    sv_dataset *dataset;
    sv_session *session;
    sv_backend *backend; /* owned, after input_start */
    sv_team *team;
    sv_sim *sim;
    sv_replay *replay; /* of a session */
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
    const char *from;    /* sessions: where the replay starts; NULL: the earliest */
    double seek_s;       /* sessions: seconds after the first event */
} input_options;

/**
 * Read the scenario, the data set's description or the session's configuration.
 *
 *   in    out  empty after an error; release with input_close
 *   path  in   a JSON file, a folder with cameras.json or dataset.json, or a session
 *
 * Errors: SV_ERR_INPUT with the place, SV_ERR_NOMEM.
 */
sv_status input_load(input *in, const char *path, const input_options *options);

/** Make back end, team of threads and source. Errors: SV_ERR_UNSUPPORTED, SV_ERR_ARG (back end), SV_ERR_INPUT, SV_ERR_NOMEM. */
sv_status input_start(input *in, const input_options *options);

void input_close(input *in);

#endif
