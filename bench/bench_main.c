/** skyvox-bench [NAME ...] [--json]: every benchmark, or those named. Layout of --json: docs/BENCHMARKS.md. */
#include "bench.h"

#include <formats/nearest.h>
#include <formats/report.h>
#include <formats/report_parts.h>

#include <stdio.h>
#include <string.h>

static const bench *const benches[] = {&bench_motion,   &bench_score, &bench_session,
                                       &bench_frameset, &bench_noise, &bench_render};
enum { N_BENCHES = sizeof benches / sizeof *benches };

static void write_host(sv_json_out *json) {
    char cpu[SV_REPORT_HOST_CAP];
    sv_report_cpu(cpu);
    sv_json_out_open(json, "host", '{', true);
    sv_json_out_text(json, "cpu", cpu);
    sv_json_out_int(json, "cores", sv_report_cores());
    sv_json_out_text(json, "compiler", sv_report_compiler());
    sv_json_out_text(json, "build", SKYVOX_BUILD_TYPE);
    sv_json_out_close(json, '}');
}

static void write_values(sv_json_out *json, const char *key, const bench_value *value, int n) {
    sv_json_out_open(json, key, '{', false);
    for (int i = 0; i < n; i++)
        sv_json_out_number(json, value[i].name, value[i].value);
    sv_json_out_close(json, '}');
}

static void write_json(sv_json_out *json, const bench *b, const bench_result *r) {
    sv_json_out_open(json, NULL, '{', false);
    sv_json_out_text(json, "bench", b->name);
    write_host(json);
    sv_json_out_open(json, "rows", '[', false);
    for (int i = 0; i < r->n_rows; i++) {
        sv_json_out_open(json, NULL, '{', true);
        sv_json_out_text(json, "name", r->row[i].name);
        sv_json_out_text(json, "unit", r->row[i].unit);
        sv_json_out_number(json, "median", r->row[i].median);
        sv_json_out_number(json, "lowest", r->row[i].lowest);
        sv_json_out_number(json, "highest", r->row[i].highest);
        sv_json_out_int(json, "n", r->row[i].n);
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, ']');
    write_values(json, "ratios", r->ratio, r->n_ratios);
    write_values(json, "limits", r->limit, r->n_limits);
    sv_json_out_open(json, "notes", '[', false);
    for (int i = 0; i < r->n_notes; i++)
        sv_json_out_text(json, NULL, r->note[i]);
    sv_json_out_close(json, ']');
    sv_json_out_close(json, '}');
}

static void write_text(const bench *b, const bench_result *r) {
    printf("%s: %s\n", b->name, b->summary);
    for (int i = 0; i < r->n_rows; i++)
        printf("  %-36s %10.4g %-12s (%.4g to %.4g, %d runs)\n", r->row[i].name, r->row[i].median, r->row[i].unit,
               r->row[i].lowest, r->row[i].highest, r->row[i].n);
    for (int i = 0; i < r->n_ratios; i++)
        printf("  %-36s %10.4g\n", r->ratio[i].name, r->ratio[i].value);
    for (int i = 0; i < r->n_limits; i++)
        printf("  %-36s %10.4g\n", r->limit[i].name, r->limit[i].value);
    for (int i = 0; i < r->n_notes; i++)
        printf("  %s\n", r->note[i]);
}

static const bench *find(const char *name) {
    for (int i = 0; i < N_BENCHES; i++)
        if (!strcmp(benches[i]->name, name))
            return benches[i];
    return NULL;
}

static int unknown(const char *name) {
    sv_nearest nearest = {0};
    for (int i = 0; i < N_BENCHES; i++)
        sv_nearest_offer(&nearest, name, benches[i]->name);
    fprintf(stderr, "skyvox-bench: unknown benchmark '%s', nearest is '%s'\n", name, nearest.best);
    return 2;
}

/* One object for one benchmark, an array for several. */
static int run_all(const bench *const *chosen, int n, bool as_json) {
    sv_json_out json = {.file = stdout};
    if (as_json && n != 1)
        sv_json_out_open(&json, NULL, '[', false);
    for (int i = 0; i < n; i++) {
        bench_result result = {0};
        if (chosen[i]->run(&result) != SV_OK) {
            fprintf(stderr, "skyvox-bench: %s: %s\n", chosen[i]->name, sv_error_text());
            return 3;
        }
        if (as_json)
            write_json(&json, chosen[i], &result);
        else
            write_text(chosen[i], &result);
    }
    if (as_json && n != 1)
        sv_json_out_close(&json, ']');
    return fflush(stdout) == 0 ? 0 : 3;
}

int main(int argc, char **argv) {
    const bench *chosen[N_BENCHES];
    int n = 0;
    bool as_json = false;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--json")) {
            as_json = true;
            continue;
        }
        const bench *b = find(argv[i]);
        if (!b)
            return unknown(argv[i]);
        if (n < N_BENCHES)
            chosen[n++] = b;
    }
    return n > 0 ? run_all(chosen, n, as_json) : run_all(benches, N_BENCHES, as_json);
}
