/* Any text as a sweep: an error, or a sweep that prints the same when it is read back, and that all writers take. */
#include <formats/sweep.h>
#include <formats/sweep_compare.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { POINTS_TRIED = 4, RUNS_TRIED = 40 };

static char *text_of(sv_status (*write)(const sv_sweep *sweep, FILE *file), const sv_sweep *sweep) {
    char *text = NULL;
    size_t n;
    FILE *file = open_memstream(&text, &n);
    if (file != NULL) {
        write(sweep, file);
        fclose(file);
    }
    return text;
}

static void check_round_trip(const sv_sweep *sweep) {
    char *text = text_of(sv_sweep_write_row, sweep);
    sv_sweep *back = NULL;
    if (text == NULL || sv_sweep_parse(&back, "fuzz", text, strlen(text)) != SV_OK) {
        abort();
    }
    char *again = text_of(sv_sweep_write_row, back);
    if (again == NULL || strcmp(text, again) != 0) {
        abort();
    }
    free(text);
    free(again);
    sv_sweep_destroy(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    sv_sweep *sweep;
    if (sv_sweep_parse(&sweep, "fuzz", (const char *)data, size) != SV_OK) {
        return 0;
    }
    check_round_trip(sweep);
    if (sv_sweep_n_points(sweep) <= POINTS_TRIED && sweep->n_runs <= RUNS_TRIED) {
        free(text_of(sv_sweep_write_csv, sweep));
        free(text_of(sv_sweep_write_html, sweep));
        const sv_sweep_rule rule = {.key = sweep->key.n > 0 ? sweep->key.item[0] : "", .better = 1};
        sv_sweep_comparison result;
        sv_sweep_compare(&result, sweep, sweep, &rule, 1);
        sv_sweep_comparison_free(&result);
    }
    sv_sweep_destroy(sweep);
    return 0;
}
