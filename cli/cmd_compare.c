#include "options.h"

#include <formats/csv.h>
#include <formats/json_write.h>
#include <formats/nearest.h>
#include <formats/report_read.h>
#include <math.h>
#include <string.h>

/* What counts as worse. A change within the tolerance is none; docs/CLI.md has this table in words. */
typedef struct policy {
    const char *key;
    int better;       /* +1 more, -1 less, 0 neither: only shown */
    double tolerance; /* of the key's unit, or a share of the old value */
    bool relative;
    bool cost; /* time or memory: absent with --no-timing */
} policy;

static const policy policies[] = {
    {"held_fraction", +1, 0.005, false, false},
    {"held_fraction_all", +1, 0.005, false, false},
    {"ghost_fraction", -1, 0.005, false, false},
    {"distractor_fraction", -1, 0.005, false, false},
    {"false_fraction", -1, 0.005, false, false},
    {"id_switches", -1, 0, false, false},
    {"ids_per_target", -1, 0.02, false, false},
    {"switches_per_target_hour", -1, 0.1, false, false},
    {"n_tracks", 0, 0, false, false},
    {"n_targets", 0, 0, false, false},
    {"n_truth", 0, 0, false, false},
    {"n_held", 0, 0, false, false},
    {"n_track_samples", 0, 0, false, false},
    {"position_rmse_m", -1, 0.03, true, false},
    {"position_median_m", -1, 0.03, true, false},
    {"position_rmse_all_m", -1, 0.03, true, false},
    {"velocity_rmse_mps", -1, 0.03, true, false},
    {"centroid_rms_px", -1, 0.03, true, false},
    {"time_to_confirm_s.median", -1, 0.05, false, false},
    {"time_to_confirm_s.p95", -1, 0.1, false, false},
    {"longest_gap_s", -1, 0.1, false, false},
    {"gospa_m.mean", -1, 0.02, true, false},
    {"gospa_m.rms", -1, 0.02, true, false},
    {"gospa_m.mean_second_half", -1, 0.02, true, false},
    {"gospa_m.localisation", -1, 0.05, true, false},
    {"gospa_m.missed", -1, 0.05, true, false},
    {"gospa_m.false", -1, 0.05, true, false},
    {"ospa_m.mean", -1, 0.02, true, false},
    {"ospa_m.mean_second_half", -1, 0.02, true, false},
    {"latency_ms.p50", -1, 0.25, true, true},
    {"latency_ms.p99", -1, 0.5, true, true},
    {"core_ms_per_camera_frame.render", -1, 0.15, true, true},
    {"core_ms_per_camera_frame.decode", -1, 0.15, true, true},
    {"core_ms_per_camera_frame.detect", -1, 0.15, true, true},
    {"core_ms_per_camera_frame.fuse", -1, 0.25, true, true},
    {"core_ms_per_camera_frame.voxel", -1, 0.25, true, true},
    {"core_ms_per_camera_frame.track", -1, 0.25, true, true},
    {"peak_rss_bytes", -1, 0.05, true, true},
};
enum { N_POLICIES = sizeof policies / sizeof *policies };

typedef enum verdict { VERDICT_NONE, VERDICT_SAME, VERDICT_BETTER, VERDICT_WORSE } verdict;

static const char *const verdict_name[] = {"", "same", "better", "worse"};

typedef struct compare_options {
    text_list tolerance;
    bool json;
} compare_options;

static const option compare_option[] = {
    {"tolerance", 't', "KEY=X",
     "a change of KEY up to X is none; X in KEY's unit, or X% of the\nold value; may be repeated", OPTION_LIST,
     offsetof(compare_options, tolerance), 0, 0},
    {"json", 0, NULL, "print the table as JSON", OPTION_FLAG, offsetof(compare_options, json), 0, 0},
};

static int find_policy(const char *key) {
    for (int i = 0; i < N_POLICIES; i++)
        if (!strcmp(policies[i].key, key))
            return i;
    return -1;
}

/* "KEY=0.01" or "KEY=2%". */
static sv_status apply_tolerance(policy table[N_POLICIES], const char *text) {
    char key[SV_REPORT_KEY_CAP] = "", number[SV_NUMBER_CAP] = "";
    size_t n_key = strcspn(text, "=");
    if (!text[n_key] || n_key >= sizeof key || strlen(text + n_key + 1) >= sizeof number)
        return sv_fail(SV_ERR_INPUT, "compare: --tolerance %s: expected KEY=X or KEY=X%%", text);
    memcpy(key, text, n_key);
    int i = find_policy(key);
    if (i < 0) {
        sv_nearest nearest = {0};
        for (int j = 0; j < N_POLICIES; j++)
            sv_nearest_offer(&nearest, key, policies[j].key);
        return sv_fail(SV_ERR_INPUT, "compare: --tolerance %s: unknown key, nearest is %s", key, nearest.best);
    }
    strcpy(number, text + n_key + 1);
    size_t n = strlen(number);
    bool percent = n && number[n - 1] == '%';
    if (percent)
        number[n - 1] = '\0';
    double value;
    if (!sv_number_parse(&value, number) || value < 0)
        return sv_fail(SV_ERR_INPUT, "compare: --tolerance %s: expected a number from 0 on, or X%%", text);
    table[i].tolerance = percent ? value / 100 : value;
    table[i].relative = percent;
    return SV_OK;
}

static verdict judge(const policy *rule, const sv_report_number *before, const sv_report_number *after) {
    if (rule->better == 0 || !before || isnan(before->value))
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

static int compare(const policy table[N_POLICIES], const sv_report_file *before, const sv_report_file *after,
                   bool as_json) {
    static const policy only_shown = {0};
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
        int i_policy = find_policy(key);
        verdict result = judge(i_policy < 0 ? &only_shown : &table[i_policy], old_number, new_number);
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

static int compare_main(const command *cmd, int argc, char **argv) {
    compare_options options = {0};
    const char *path[INPUTS_CAP];
    policy table[N_POLICIES];
    memcpy(table, policies, sizeof table);
    sv_status status = options_parse(&options, path, cmd, argc, argv);
    if (status != SV_OK)
        return options_exit_status(status);
    for (int i = 0; i < options.tolerance.n && status == SV_OK; i++)
        status = apply_tolerance(table, options.tolerance.item[i]);
    sv_report_file *before = NULL, *after = NULL;
    if (status == SV_OK)
        status = sv_report_file_read(&before, path[0]);
    if (status == SV_OK)
        status = sv_report_file_read(&after, path[1]);
    if (status == SV_OK)
        status = check_comparable(before, after, path);
    int exit_status = status == SV_OK ? compare(table, before, after, options.json) : options_exit_status(status);
    sv_report_file_destroy(before);
    sv_report_file_destroy(after);
    return exit_status;
}

const command command_compare = {
    .name = "compare",
    .summary = "compare two reports and say what got worse",
    .inputs = "OLD.json NEW.json",
    .n_inputs = 2,
    .description = "Every number of the two summaries, with its change and a verdict. More is better for\n"
                   "held_fraction and held_fraction_all, less for everything that is judged; counts of\n"
                   "tracks, targets and samples are only shown. A number that became null or is gone is\n"
                   "worse, but for time and memory. Changes within a tolerance are none: 0.005 for\n"
                   "fractions, 0 for id_switches, 0.02 for ids_per_target, 3% for position, velocity and\n"
                   "centroid errors, 2% for GOSPA and OSPA (5% for the parts), 0.05 s to 0.1 s for times to\n"
                   "confirm and gaps, 25% and 50% for the latencies, 15% to 25% for core time, 5% for memory.\n",
    .option = compare_option,
    .n_options = sizeof compare_option / sizeof *compare_option,
    .worse = "something got worse",
    .examples = "  skyvox compare main/report.json out/quick/report.json\n"
                "  skyvox compare old.json new.json --tolerance held_fraction=0.01 --tolerance peak_rss_bytes=10%\n",
    .run = compare_main,
};
