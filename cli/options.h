/** One table-driven option parser for every subcommand. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "command.h"

#include <stdio.h>

/**
 * Parse a subcommand's arguments: --name value, --name=value, -o value, "--" ends the options.
 *
 *   values  in/out  the command's struct, defaults filled in; members are set by offset
 *   inputs  out     [command->n_inputs] arguments that are no options
 *   argv    in      [argc] arguments after the subcommand's name; borrowed by what was set
 *
 * Returns SV_END when --help was asked for and printed.
 * Errors: SV_ERR_INPUT (unknown option with the nearest known one, bad value, wrong number of inputs).
 */
sv_status options_parse(void *values, const char *inputs[INPUTS_CAP], const command *cmd, int argc, char **argv);

/** Print --help; the format is described in docs/CLI.md. */
void options_print_help(const command *cmd, FILE *file);

/** Print the error text as one line on standard error when status is an error; the exit status that belongs to it. */
int options_exit_status(sv_status status);

#endif
