#include "bench.h"

#include <skyvox/math.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

double bench_now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double bench_peak_bytes(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? 1024.0 * (double)usage.ru_maxrss : 0;
}

/* Insertion: repetitions are few. */
static void sort(double *sample, int n) {
    for (int i = 1; i < n; i++) {
        double value = sample[i];
        int k = i;
        for (; k > 0 && sample[k - 1] > value; k--)
            sample[k] = sample[k - 1];
        sample[k] = value;
    }
}

void bench_add_row(bench_result *r, const char *name, const char *unit, double *sample, int n) {
    if (r->n_rows == BENCH_ROWS_CAP || n < 1)
        return;
    sort(sample, n);
    bench_row *row = &r->row[r->n_rows++];
    *row = (bench_row){.unit = unit, .median = sample[n / 2], .lowest = sample[0], .highest = sample[n - 1], .n = n};
    snprintf(row->name, sizeof row->name, "%s", name);
}

static void add_value(bench_value *to, int *n, const char *name, double value) {
    if (*n == BENCH_ROWS_CAP)
        return;
    to[*n].value = value;
    snprintf(to[(*n)++].name, BENCH_NAME_CAP, "%s", name);
}

void bench_add_note(bench_result *r, const char *text) {
    if (r->n_notes < BENCH_NOTES_CAP)
        snprintf(r->note[r->n_notes++], BENCH_NOTE_CAP, "%s", text);
}

void bench_add_ratio(bench_result *r, const char *name, double value) {
    add_value(r->ratio, &r->n_ratios, name, value);
}

void bench_add_limit(bench_result *r, const char *name, double value) {
    add_value(r->limit, &r->n_limits, name, value);
}

sv_status bench_copy_gb_per_s(double *out) {
    size_t n = (size_t)256 << 20;
    char *from = malloc(n), *to = malloc(n);
    if (!from || !to) {
        free(from);
        free(to);
        return sv_fail(SV_ERR_NOMEM, "no memory for the copy");
    }
    memset(from, 1, n);
    memset(to, 2, n);
    double best = 0;
    for (int k = 0; k < 5; k++) {
        from[k] = (char)k;
        double begin = bench_now_s();
        memcpy(to, from, n);
        double s = bench_now_s() - begin;
        best = s > 0 && 2e-9 * (double)n / s > best ? 2e-9 * (double)n / s : best;
    }
    *out = to[n - 1] == 1 ? best : 0;
    free(from);
    free(to);
    return SV_OK;
}
