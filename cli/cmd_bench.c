#include "command.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char PROGRAM[] = "skyvox-bench";

/* Beside this program, there where a build puts it, or on the path. */
static void replace_by_bench(char **argv) {
    static const char *const places[] = {"", "../bench/"};
    char path[4096];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        ssize_t n = readlink("/proc/self/exe", path, sizeof path - 64);
        if (n <= 0)
            break;
        path[n] = '\0';
        char *name = strrchr(path, '/');
        snprintf(name + 1, sizeof path - (size_t)(name + 1 - path), "%s%s", places[i], PROGRAM);
        execv(path, argv);
    }
    execvp(PROGRAM, argv);
}

static int bench_main(const command *cmd, int argc, char **argv) {
    // Names and --json go on as they are; --help is ours.
    for (int i = 0; i < argc; i++) {
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
            options_print_help(cmd, stdout);
            return EXIT_DONE;
        }
    }
    char **passed = calloc((size_t)argc + 2, sizeof *passed);
    if (!passed)
        return options_exit_status(sv_fail(SV_ERR_NOMEM, "out of memory"));
    passed[0] = (char *)PROGRAM;
    for (int i = 0; i < argc; i++)
        passed[i + 1] = argv[i];
    replace_by_bench(passed);
    free(passed);
    return options_exit_status(sv_fail(SV_ERR_INPUT, "%s cannot be started: %s", PROGRAM, strerror(errno)));
}

static const option bench_option[] = {
    {"json", 0, NULL, "print {bench, host, rows, ratios, limits} and nothing else", OPTION_FLAG, 0, 0, 0},
};

const command command_bench = {
    .name = "bench",
    .summary = "measure speed and memory on this machine",
    .inputs = "[NAME ...]",
    .n_inputs = 0,
    .description = "Runs skyvox-bench: all benchmarks, or those named. score: the metrics at 200 targets; session:\n"
                   "recording and reading; motion: what the detector does to every pixel of an 8K frame, beside\n"
                   "OpenCV where it was found; noise, render: the generator at 8K; frameset: whole sets of 20 8K\n"
                   "frames, some minutes. docs/BENCHMARKS.md\n",
    .option = bench_option,
    .n_options = sizeof bench_option / sizeof *bench_option,
    .examples = "  skyvox bench score\n"
                "  skyvox bench score --json | jq .ratios.ms_per_scan_200_1t\n",
    .run = bench_main,
};
