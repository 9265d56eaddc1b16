/* skyvox-bench [NAME ...]: JSON of every named benchmark, or of all. */
#include "bench.h"

#include <stdio.h>
#include <string.h>

static const bench *const benches[] = {&bench_session};
enum { N_BENCHES = sizeof benches / sizeof *benches };

static int run(const bench *b) {
    sv_json_out json = {.file = stdout};
    sv_json_out_open(&json, NULL, '{', false);
    sv_json_out_text(&json, "bench", b->name);
    int exit_status = b->run(&json);
    sv_json_out_close(&json, '}');
    return exit_status;
}

int main(int argc, char **argv) {
    int exit_status = 0;
    for (int i = 0; i < N_BENCHES; i++) {
        int wanted = argc < 2;
        for (int k = 1; k < argc; k++)
            wanted |= strcmp(argv[k], benches[i]->name) == 0;
        if (wanted && run(benches[i]) != 0)
            exit_status = 3;
    }
    return exit_status;
}
