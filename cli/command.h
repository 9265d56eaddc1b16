/** What a subcommand is made of: main.c lists them, options.c parses their options and prints their --help. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <skyvox/base.h>

/** The build may define it; an archive of the sources has none. */
#ifndef SKYVOX_COMMIT
#define SKYVOX_COMMIT "tarball"
#endif

/** 0 done; the rest as in --help of every command. */
enum { EXIT_DONE = 0, EXIT_WORSE = 1, EXIT_INPUT = 2, EXIT_MACHINE = 3, EXIT_INTERRUPTED = 130 };

enum { TEXT_LIST_CAP = 64, INPUTS_CAP = 2 };

/** Values of an option that may be given several times, in order; borrowed from argv. */
typedef struct text_list {
    const char *item[TEXT_LIST_CAP];
    int n;
} text_list;

/** Type of the member that an option sets. */
typedef enum option_kind {
    OPTION_FLAG = 0,   /* bool, no value */
    OPTION_TEXT = 1,   /* const char *, borrowed from argv */
    OPTION_LIST = 2,   /* text_list, may be repeated */
    OPTION_INT = 3,    /* int64_t in min..max */
    OPTION_NUMBER = 4, /* double in min..max */
} option_kind;

typedef struct option {
    const char *name;  /* without the dashes */
    char letter;       /* one-letter form; 0 none */
    const char *value; /* name of the value in --help; NULL for a flag */
    const char *help;  /* lines after the first are indented by --help */
    option_kind kind;
    size_t offset; /* of the member in the command's values */
    double min, max;
} option;

typedef struct command {
    const char *name;
    const char *summary;
    const char *inputs; /* as in the usage line: "TRUTH TRACKS" */
    int n_inputs;
    const char *description; /* whole lines */
    const option *option;    /* [n_options]; --help and --json are the command's own rows, too */
    int n_options;
    const char *worse;    /* what exit status 1 means; NULL: never given */
    const char *examples; /* whole lines, indented two spaces */
    int (*run)(const struct command *command, int argc, char **argv);
} command;

extern const command command_run;
extern const command command_render;
extern const command command_score;
extern const command command_info;
extern const command command_compare;
extern const command command_sweep;
extern const command command_bench;
extern const command command_verify;
extern const command command_repair;
extern const command command_export;

#endif
