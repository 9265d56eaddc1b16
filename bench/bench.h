/** The benchmarks of skyvox-bench: main.c lists them, each is a file. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <formats/json_write.h>

typedef struct bench {
    const char *name;
    const char *summary;
    /** Write "rows" and "ratios" into an open object. 0 done, 3 the machine failed. */
    int (*run)(sv_json_out *json);
} bench;

extern const bench bench_session;

#endif
