#include "compare_rules.h"
#include "options.h"
#include "out_folder.h"

#include <formats/json_table.h>
#include <formats/json_write.h>
#include <formats/report_read.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef enum verdict { VERDICT_NONE, VERDICT_SAME, VERDICT_BETTER, VERDICT_WORSE } verdict;

static const char *const verdict_name[] = {"", "same", "better", "worse"};

typedef struct compare_options {
    text_list tolerance;
    bool json;
} compare_options;

static const option compare_option[] = {
    {"tolerance", 't', "KEY=X",
     "a change of KEY up to X is none, and KEY decides; X in KEY's\nunit, or X% of the old value; may be repeated",
     OPTION_LIST, offsetof(compare_options, tolerance), 0, 0},
    {"json", 0, NULL, "print the table as JSON", OPTION_FLAG, offsetof(compare_options, json), 0, 0},
};

static verdict judge(const compare_rule *rule, const sv_report_number *before, const sv_report_number *after) {
    if (!rule || !rule->decides || !before || isnan(before->value))
        return VERDICT_NONE;
    if (!after || isnan(after->value)) /* a figure that is gone hides what became of it */
        return rule->cost ? VERDICT_NONE : VERDICT_WORSE;
    double gain = rule->better * (after->value - before->value);
    double tolerance = rule->relative ? rule->tolerance * fabs(before->value) : rule->tolerance;
    /* A last digit of rounding in the subtraction is no change. */
    tolerance += 1e-12 * (fabs(before->value) + fabs(after->value));
    if (gain < -tolerance)
        return VERDICT_WORSE;
    return gain > tolerance ? VERDICT_BETTER : VERDICT_SAME;
}

static void print_cell(FILE *file, const sv_report_number *number) {
    if (number && !isnan(number->value))
        fprintf(file, " %14.6g", number->value);
    else
        fprintf(file, " %14s", number ? "null" : "-");
}

static void print_row(const char *key, const sv_report_number *before, const sv_report_number *after, verdict result) {
    printf("%-34s", key);
    print_cell(stdout, before);
    print_cell(stdout, after);
    if (before && after && !isnan(before->value) && !isnan(after->value))
        printf(" %+14.6g", after->value - before->value);
    else
        printf(" %14s", "");
    printf(result == VERDICT_NONE ? "\n" : "  %s\n", verdict_name[result]);
}

static void write_row(sv_json_out *json, const char *key, const sv_report_number *before, const sv_report_number *after,
                      verdict result) {
    sv_json_out_open(json, NULL, '{', true);
    sv_json_out_text(json, "key", key);
    sv_json_out_number(json, "old", before ? before->value : NAN);
    sv_json_out_number(json, "new", after ? after->value : NAN);
    sv_json_out_text(json, "verdict", result == VERDICT_NONE ? "none" : verdict_name[result]);
    sv_json_out_close(json, '}');
}

/* Row i of the table: every key of the old report in its order, then what only the new one has. */
static const char *key_of_row(const sv_report_file *before, const sv_report_file *after, size_t i) {
    if (i < before->n)
        return before->number[i].key;
    const char *key = after->number[i - before->n].key;
    return sv_report_file_find(before, key) ? NULL : key;
}

static int compare(const compare_rules *rules, const sv_report_file *before, const sv_report_file *after,
                   bool as_json) {
    sv_json_out json = {.file = stdout};
    int n_worse = 0;
    if (as_json) {
        sv_json_out_open(&json, NULL, '{', false);
        sv_json_out_open(&json, "rows", '[', false);
    } else {
        printf("%-34s %14s %14s %14s\n", before->scenario, "old", "new", "change");
    }
    for (size_t i = 0; i < before->n + after->n; i++) {
        const char *key = key_of_row(before, after, i);
        if (!key)
            continue;
        const sv_report_number *old_number = sv_report_file_find(before, key);
        const sv_report_number *new_number = sv_report_file_find(after, key);
        verdict result = judge(compare_rules_find(rules, key), old_number, new_number);
        n_worse += result == VERDICT_WORSE;
        if (as_json)
            write_row(&json, key, old_number, new_number, result);
        else
            print_row(key, old_number, new_number, result);
    }
    if (as_json) {
        sv_json_out_close(&json, ']');
        sv_json_out_int(&json, "n_worse", n_worse);
        sv_json_out_close(&json, '}');
    } else {
        printf("%d worse\n", n_worse);
    }
    return n_worse ? EXIT_WORSE : EXIT_DONE;
}

static sv_status check_comparable(const sv_report_file *before, const sv_report_file *after,
                                  const char *const path[INPUTS_CAP]) {
    const sv_report_file *file[] = {before, after};
    for (int i = 0; i < 2; i++)
        if (file[i]->interrupted)
            return sv_fail(SV_ERR_INPUT, "%s: the report of an interrupted run, expected a whole one", path[i]);
    if (strcmp(before->scenario, after->scenario))
        return sv_fail(SV_ERR_INPUT, "%s: report of '%s', but %s is of '%s'", path[1], after->scenario, path[0],
                       before->scenario);
    return SV_OK;
}

static int compare_reports(const char *const path[INPUTS_CAP], const compare_options *options) {
    sv_report_file *before = NULL, *after = NULL;
    compare_rules rules;
    sv_status status = sv_report_file_read(&before, path[0]);
    if (status == SV_OK)
        status = sv_report_file_read(&after, path[1]);
    if (status == SV_OK)
        status = check_comparable(before, after, path);
    if (status == SV_OK) {
        bool other = before->has_seed && after->has_seed && before->seed != after->seed;
        status = compare_rules_make(&rules, other ? COMPARE_OTHER_SEEDS : COMPARE_SAME_SEED, &options->tolerance);
    }
    int exit_status = status == SV_OK ? compare(&rules, before, after, options->json) : options_exit_status(status);
    sv_report_file_destroy(before);
    sv_report_file_destroy(after);
    return exit_status;
}

/* ---- which of the two ---- */

/* A folder stands for the sweep or the report in it. */
static void find_file(char out[OUT_PATH_CAP], const char *path) {
    struct stat info;
    snprintf(out, OUT_PATH_CAP, "%s", path);
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return;
    snprintf(out, OUT_PATH_CAP, "%s/sweep.json", path);
    if (stat(out, &info) != 0)
        snprintf(out, OUT_PATH_CAP, "%s/report.json", path);
}

/* A sweep says so; everything else is taken for a report, whose reader says what is wrong with it. */
static sv_status find_kind(bool *is_sweep, const char *path) {
    enum { FILE_CAP = 1 << 28 };
    char *text;
    size_t n;
    sv_json *tree;
    sv_status status = sv_json_read_text(&text, &n, path, FILE_CAP);
    if (status != SV_OK)
        return status;
    status = sv_json_parse(&tree, path, text, n);
    free(text);
    *is_sweep = status == SV_OK && sv_json_get(tree, "kind") != NULL;
    if (status == SV_OK)
        sv_json_destroy(tree);
    return status;
}

static int compare_main(const command *cmd, int argc, char **argv) {
    compare_options options = {0};
    const char *given[INPUTS_CAP];
    char file[INPUTS_CAP][OUT_PATH_CAP];
    bool is_sweep[INPUTS_CAP];
    compare_rules rules;
    sv_status status = options_parse(&options, given, cmd, argc, argv);
    if (status != SV_OK)
        return options_exit_status(status);
    status = compare_rules_make(&rules, COMPARE_SWEEPS, &options.tolerance);
    for (int i = 0; i < INPUTS_CAP && status == SV_OK; i++) {
        find_file(file[i], given[i]);
        status = find_kind(&is_sweep[i], file[i]);
    }
    if (status == SV_OK && is_sweep[0] != is_sweep[1])
        status = sv_fail(SV_ERR_INPUT, "compare: found a sweep and a report, expected two of a kind");
    if (status != SV_OK)
        return options_exit_status(status);
    const char *const path[INPUTS_CAP] = {file[0], file[1]};
    return is_sweep[0] ? compare_sweeps(path, &rules, options.json) : compare_reports(path, &options);
}

const command command_compare = {
    .name = "compare",
    .summary = "compare two reports or two sweeps and say what got worse",
    .inputs = "OLD NEW",
    .n_inputs = 2,
    .description = "Two sweeps (sweep.json, or the folder that holds it): every number at every point,\n"
                   "with the change of its mean and the change's 95 % interval, of pairs where both have\n"
                   "the same seeds. Five numbers decide: held_fraction, false_fraction, ids_per_target,\n"
                   "position_rmse_m and gospa_m.mean. One is worse when its loss is beyond chance; when\n"
                   "nothing changed but chance, any alarm at all has a probability of at most 5 %.\n"
                   "\n"
                   "Two reports (report.json, or its folder): every number of the summaries, with its\n"
                   "change and a verdict. More is better for held_fraction and held_fraction_all, less\n"
                   "for everything else that is judged; counts are only shown. A number that became null\n"
                   "or is gone is worse, but for time and memory. Changes within a tolerance are none:\n"
                   "docs/CLI.md has the table. Reports of two different seeds are held to the five\n"
                   "numbers only, with wide tolerances: sweeps see far more.\n",
    .option = compare_option,
    .n_options = sizeof compare_option / sizeof *compare_option,
    .worse = "something got worse",
    .examples = "  skyvox compare main/report.json out/quick/report.json\n"
                "  skyvox compare out/sweep-main out/sweep-branch --tolerance position_rmse_m=2%\n",
    .run = compare_main,
};
