/* The program `skyvox`: finds the subcommand and hands the rest over. */
#include "command.h"
#include "options.h"

#include <formats/nearest.h>
#include <kernels/kernels.h>
#include <replay/video.h>
#include <string.h>

static const command *const commands[] = {&command_run,     &command_render, &command_score,  &command_info,
                                          &command_compare, &command_sweep,  &command_verify, &command_repair,
                                          &command_export,  &command_bench};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static const command *find_command(const char *name) {
    for (int i = 0; i < N_COMMANDS; i++)
        if (!strcmp(commands[i]->name, name))
            return commands[i];
    return NULL;
}

static int unknown_command(const char *name) {
    sv_nearest nearest = {0};
    for (int i = 0; i < N_COMMANDS; i++)
        sv_nearest_offer(&nearest, name, commands[i]->name);
    fprintf(stderr, "skyvox: unknown command '%s', nearest is '%s' (see skyvox --help)\n", name, nearest.best);
    return EXIT_INPUT;
}

static void print_help(FILE *file) {
    fprintf(file, "skyvox - detect and track small drones in 3D with networks of cameras, and score it\n\n");
    fprintf(file, "Usage: skyvox COMMAND [ARGUMENT ...]\n       skyvox help COMMAND\n\nCommands:\n");
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(file, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(file, "\nOptions:\n"
                  "  -h, --help                print this and exit\n"
                  "      --version             print version, commit, back ends and optional parts, and exit\n"
                  "\nExamples:\n"
                  "  skyvox run scenarios/quick.json\n"
                  "  skyvox help run\n");
}

static void print_version(FILE *file) {
    fprintf(file, "skyvox %s\ncommit: %s\nback ends:", sv_version(), SKYVOX_COMMIT);
    for (sv_backend_level level = SV_BACKEND_SCALAR; level <= SV_BACKEND_CUDA; level++) {
        sv_backend *backend;
        if (sv_backend_create(&backend, level) != SV_OK)
            continue;
        fprintf(file, " %s", backend->name);
        sv_backend_destroy(backend);
    }
    fprintf(file, "\noptional parts: %s\n", sv_video_is_supported() ? "video" : "none in this build");
}

static int help_command(int argc, char **argv) {
    if (argc == 0) {
        print_help(stdout);
        return EXIT_DONE;
    }
    const command *cmd = find_command(argv[0]);
    if (!cmd)
        return unknown_command(argv[0]);
    options_print_help(cmd, stdout);
    return EXIT_DONE;
}

/* For the shell's completion: the commands, or the options of one, one a line. */
static int print_completions(int argc, char **argv) {
    if (argc == 0) {
        for (int i = 0; i < N_COMMANDS; i++)
            printf("%s\n", commands[i]->name);
        printf("help\n--help\n--version\n");
        return EXIT_DONE;
    }
    const command *cmd = find_command(argv[0]);
    for (int i = 0; cmd && i < cmd->n_options; i++)
        printf("--%s\n", cmd->option[i].name);
    if (cmd)
        printf("--help\n");
    return EXIT_DONE;
}

static int dispatch(int argc, char **argv) {
    if (argc < 2) {
        print_help(stderr);
        return EXIT_INPUT;
    }
    const char *name = argv[1];
    if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
        print_help(stdout);
        return EXIT_DONE;
    }
    if (!strcmp(name, "--version")) {
        print_version(stdout);
        return EXIT_DONE;
    }
    if (!strcmp(name, "help"))
        return help_command(argc - 2, argv + 2);
    if (!strcmp(name, "__complete"))
        return print_completions(argc - 2, argv + 2);
    const command *cmd = find_command(name);
    return cmd ? cmd->run(cmd, argc - 2, argv + 2) : unknown_command(name);
}

int main(int argc, char **argv) {
    int exit_status = dispatch(argc, argv);
    /* What was printed counts only when it arrived: a full disk shows here. */
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "skyvox: cannot write to standard output\n");
        return EXIT_MACHINE;
    }
    return exit_status;
}
