#include "compare_rules.h"
#include "options.h"

#include <formats/json_write.h>
#include <formats/sweep_compare.h>
#include <math.h>

enum { POINT_NAME_CAP = 1024 };

static const char *const verdict_name[] = {"", "same", "better", "worse"};

static void print_number(double value) {
    if (isnan(value))
        printf(" %11s", "-");
    else
        printf(" %11.5g", value);
}

static void print_change(const sv_sweep_change *c, const char *key) {
    printf("%-26s", key);
    print_number(c->before);
    print_number(c->after);
    print_number(c->change.mean);
    print_number(c->change.lo);
    print_number(c->change.hi);
    if (c->verdict != SV_SWEEP_SHOWN)
        printf("  %-6s %.4f", verdict_name[c->verdict], c->p);
    printf("\n");
}

static void print_table(const sv_sweep_comparison *result, const sv_sweep *before, const sv_sweep *after) {
    char name[POINT_NAME_CAP];
    printf("%s: %zu and %zu runs, %s\n", before->scenario, before->n_runs, after->n_runs,
           result->paired ? "paired by seed" : "of different seeds");
    if (sv_sweep_config_hash(before) != sv_sweep_config_hash(after))
        printf("the scenario or its --set assignments differ\n");
    printf("%-26s %11s %11s %11s %11s %11s  %-6s %s\n", "", "old", "new", "change", "95 % from", "to", "", "p");
    for (size_t i = 0; i < result->n; i++) {
        const sv_sweep_change *c = &result->change[i];
        if (before->n_axes && (i == 0 || c->point != result->change[i - 1].point))
            printf("%s\n", sv_sweep_point_name(name, sizeof name, before, c->point));
        print_change(c, before->key.item[c->i_key]);
    }
    printf("%zu worse\n", result->n_worse);
}

static void write_interval(sv_json_out *json, const char *key, const sv_interval *interval) {
    sv_json_out_open(json, key, '{', true);
    sv_json_out_uint(json, "n", interval->n);
    sv_json_out_number(json, "mean", interval->mean);
    sv_json_out_number(json, "lo", interval->lo);
    sv_json_out_number(json, "hi", interval->hi);
    sv_json_out_close(json, '}');
}

static void write_json(const sv_sweep_comparison *result, const sv_sweep *before, const sv_sweep *after) {
    sv_json_out json = {.file = stdout};
    sv_json_out_open(&json, NULL, '{', false);
    sv_json_out_bool(&json, "paired", result->paired);
    sv_json_out_bool(&json, "same_configuration", sv_sweep_config_hash(before) == sv_sweep_config_hash(after));
    sv_json_out_open(&json, "rows", '[', false);
    for (size_t i = 0; i < result->n; i++) {
        const sv_sweep_change *c = &result->change[i];
        sv_json_out_open(&json, NULL, '{', true);
        sv_json_out_int(&json, "point", c->point);
        sv_json_out_text(&json, "key", before->key.item[c->i_key]);
        sv_json_out_number(&json, "old", c->before);
        sv_json_out_number(&json, "new", c->after);
        write_interval(&json, "change", &c->change);
        sv_json_out_number(&json, "p", c->p);
        sv_json_out_text(&json, "verdict", c->verdict == SV_SWEEP_SHOWN ? "none" : verdict_name[c->verdict]);
        sv_json_out_close(&json, '}');
    }
    sv_json_out_close(&json, ']');
    sv_json_out_uint(&json, "n_worse", result->n_worse);
    sv_json_out_close(&json, '}');
}

int compare_sweeps(const char *const path[2], const compare_rules *rules, bool as_json) {
    sv_sweep *before = NULL, *after = NULL;
    sv_sweep_comparison result = {0};
    sv_sweep_rule decides[COMPARE_RULES_CAP];
    size_t n = 0;
    for (int i = 0; i < rules->n; i++) {
        const compare_rule *rule = &rules->rule[i];
        if (rule->decides)
            decides[n++] = (sv_sweep_rule){rule->key, rule->better, rule->tolerance, rule->relative};
    }
    sv_status status = sv_sweep_read(&before, path[0]);
    if (status == SV_OK)
        status = sv_sweep_read(&after, path[1]);
    if (status == SV_OK)
        status = sv_sweep_compare(&result, before, after, decides, n);
    int exit_status = options_exit_status(status);
    if (status == SV_OK) {
        if (as_json)
            write_json(&result, before, after);
        else
            print_table(&result, before, after);
        exit_status = result.n_worse ? EXIT_WORSE : EXIT_DONE;
    }
    sv_sweep_comparison_free(&result);
    sv_sweep_destroy(before);
    sv_sweep_destroy(after);
    return exit_status;
}
