/** sweep.json, its rows, and sweep.csv. */
#include <formats/csv.h>
#include <formats/json_write.h>
#include <formats/report_parts.h>
#include <formats/sweep.h>
#include <formats/sweep_stats.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void write_hash(sv_json_out *json, const char *key, uint64_t hash) {
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    sv_json_out_text(json, key, text);
}

static void write_texts(sv_json_out *json, const char *key, const sv_texts *texts) {
    sv_json_out_open(json, key, '[', true);
    for (int32_t i = 0; i < texts->n; i++)
        sv_json_out_text(json, NULL, texts->item[i]);
    sv_json_out_close(json, ']');
}

static void write_settings(sv_json_out *json, const sv_sweep *sweep) {
    sv_json_out_int(json, "schema", 1);
    sv_json_out_text(json, "kind", "sweep");
    sv_json_out_text(json, "scenario", sweep->scenario);
    write_hash(json, "scenario_hash", sweep->scenario_hash);
    write_hash(json, "config_hash", sv_sweep_config_hash(sweep));
    write_texts(json, "set", &sweep->set);
    sv_json_out_open(json, "grid", '[', false);
    for (int32_t i = 0; i < sweep->n_axes; i++) {
        sv_json_out_open(json, NULL, '{', true);
        sv_json_out_text(json, "path", sweep->axis[i].path);
        write_texts(json, "values", &sweep->axis[i].value);
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, ']');
}

static void write_runs(sv_json_out *json, const sv_sweep *sweep) {
    write_texts(json, "keys", &sweep->key);
    sv_json_out_open(json, "runs", '[', false);
    for (size_t i = 0; i < sweep->n_runs; i++) {
        const sv_sweep_run *run = &sweep->run[i];
        sv_json_out_open(json, NULL, '{', true);
        sv_json_out_int(json, "point", run->point);
        sv_json_out_uint(json, "seed", run->seed);
        write_hash(json, "ledger_hash", run->ledger_hash);
        sv_json_out_open(json, "values", '[', true);
        for (int32_t k = 0; k < sweep->key.n; k++)
            sv_json_out_number(json, NULL, run->value[k]);
        sv_json_out_close(json, ']');
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, ']');
}

static void write_interval(sv_json_out *json, const char *key, const sv_interval *interval) {
    sv_json_out_open(json, key, '{', true);
    sv_json_out_uint(json, "n", interval->n);
    sv_json_out_number(json, "mean", interval->mean);
    sv_json_out_number(json, "lo", interval->lo);
    sv_json_out_number(json, "hi", interval->hi);
    sv_json_out_close(json, '}');
}

/* column: [n_runs] scratch. */
static void write_point(sv_json_out *json, const sv_sweep *sweep, int32_t point, double *column) {
    size_t i_first;
    sv_json_out_open(json, NULL, '{', false);
    sv_json_out_int(json, "point", point);
    sv_json_out_open(json, "settings", '{', true);
    for (int32_t i = 0; i < sweep->n_axes; i++)
        sv_json_out_text(json, sweep->axis[i].path, sv_sweep_setting(sweep, point, i));
    sv_json_out_close(json, '}');
    sv_json_out_uint(json, "n_runs", sv_sweep_runs_of(&i_first, sweep, point));
    sv_json_out_open(json, "numbers", '{', false);
    for (int32_t k = 0; k < sweep->key.n; k++) {
        sv_interval interval = sv_interval_of_mean(column, sv_sweep_column(column, sweep, point, k));
        write_interval(json, sweep->key.item[k], &interval);
    }
    sv_json_out_close(json, '}');
    sv_json_out_close(json, '}');
}

sv_status sv_sweep_write_row(const sv_sweep *sweep, FILE *file) {
    sv_json_out json = {.file = file};
    sv_json_out_open(&json, NULL, '{', false);
    write_settings(&json, sweep);
    sv_json_out_text(&json, "program", sweep->program);
    write_runs(&json, sweep);
    sv_json_out_close(&json, '}');
    return sv_report_flush(file, "row");
}

sv_status sv_sweep_write_json(const sv_sweep *sweep, FILE *file) {
    double *column = calloc(sweep->n_runs + 1, sizeof *column);
    if (!column)
        return sv_fail(SV_ERR_NOMEM, "out of memory for %zu runs", sweep->n_runs);
    sv_json_out json = {.file = file};
    sv_json_out_open(&json, NULL, '{', false);
    write_settings(&json, sweep);
    sv_json_out_open(&json, "points", '[', false);
    int32_t n_points = sv_sweep_n_points(sweep);
    for (int32_t point = 0; point < n_points; point++)
        write_point(&json, sweep, point, column);
    sv_json_out_close(&json, ']');
    write_runs(&json, sweep);
    sv_json_out_close(&json, '}');
    free(column);
    return sv_report_flush(file, "sweep.json");
}

/* ---- CSV ---- */

/* Quoted where a comma or a quote makes it necessary. */
static void put_field(FILE *file, const char *text) {
    if (!strpbrk(text, ",\"\n\r")) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', file);
        fputc(*text, file);
    }
    fputc('"', file);
}

sv_status sv_sweep_write_csv(const sv_sweep *sweep, FILE *file) {
    char text[SV_NUMBER_CAP];
    fputs("seed", file);
    for (int32_t i = 0; i < sweep->n_axes; i++) {
        fputc(',', file);
        put_field(file, sweep->axis[i].path);
    }
    fputs(",ledger_hash", file);
    for (int32_t k = 0; k < sweep->key.n; k++)
        fprintf(file, ",%s", sweep->key.item[k]);
    fputc('\n', file);
    for (size_t i = 0; i < sweep->n_runs; i++) {
        const sv_sweep_run *run = &sweep->run[i];
        fprintf(file, "%" PRIu64, run->seed);
        for (int32_t k = 0; k < sweep->n_axes; k++) {
            fputc(',', file);
            put_field(file, sv_sweep_setting(sweep, run->point, k));
        }
        fprintf(file, ",%016" PRIx64, run->ledger_hash);
        for (int32_t k = 0; k < sweep->key.n; k++)
            fprintf(file, ",%s", isnan(run->value[k]) ? "" : sv_number_shortest(text, run->value[k]));
        fputc('\n', file);
    }
    return sv_report_flush(file, "sweep.csv");
}
