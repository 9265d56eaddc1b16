#include "compare_rules.h"

#include <formats/csv.h>
#include <formats/nearest.h>
#include <formats/report_read.h>
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
    {"false_per_minute", -1, 0.5, false, false},
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

/* The few numbers that decide between runs of different seeds, and what seeds alone do to a single run:
 * docs/CLI.md says how these were found. */
static const struct {
    const char *key;
    double tolerance;
    bool relative;
} gate[] = {
    {"held_fraction", 0.05, false}, {"false_fraction", 0.12, false}, {"ids_per_target", 0.3, false},
    {"position_rmse_m", 1.0, true}, {"gospa_m.mean", 0.5, true},
};
enum { N_GATES = sizeof gate / sizeof *gate };

const compare_rule *compare_rules_find(const compare_rules *rules, const char *key) {
    for (int i = 0; i < rules->n; i++)
        if (!strcmp(rules->rule[i].key, key))
            return &rules->rule[i];
    return NULL;
}

static void apply_gate(compare_rules *rules, compare_kind kind) {
    for (int i = 0; i < rules->n; i++) {
        compare_rule *rule = &rules->rule[i];
        rule->decides = false;
        for (int k = 0; k < N_GATES; k++) {
            if (strcmp(rule->key, gate[k].key) != 0)
                continue;
            rule->decides = true;
            rule->tolerance = kind == COMPARE_SWEEPS ? 0 : gate[k].tolerance;
            rule->relative = gate[k].relative;
        }
    }
}

/* "KEY=0.01" or "KEY=2%". */
static sv_status apply_tolerance(compare_rules *rules, const char *text) {
    char key[SV_REPORT_KEY_CAP] = "", number[SV_NUMBER_CAP] = "";
    size_t n_key = strcspn(text, "=");
    if (!text[n_key] || n_key >= sizeof key || strlen(text + n_key + 1) >= sizeof number)
        return sv_fail(SV_ERR_INPUT, "compare: --tolerance %s: expected KEY=X or KEY=X%%", text);
    memcpy(key, text, n_key);
    compare_rule *rule = (compare_rule *)compare_rules_find(rules, key);
    if (!rule) {
        sv_nearest nearest = {0};
        for (int i = 0; i < rules->n; i++)
            sv_nearest_offer(&nearest, key, rules->rule[i].key);
        return sv_fail(SV_ERR_INPUT, "compare: --tolerance %s: unknown key, nearest is %s", key, nearest.best);
    }
    if (rule->better == 0)
        return sv_fail(SV_ERR_INPUT, "compare: --tolerance %s: neither more nor less of it is better", key);
    strcpy(number, text + n_key + 1);
    size_t n = strlen(number);
    bool percent = n && number[n - 1] == '%';
    if (percent)
        number[n - 1] = '\0';
    double value;
    if (!sv_number_parse(&value, number) || value < 0)
        return sv_fail(SV_ERR_INPUT, "compare: --tolerance %s: expected a number from 0 on, or X%%", text);
    rule->tolerance = percent ? value / 100 : value;
    rule->relative = percent;
    rule->decides = true;
    return SV_OK;
}

sv_status compare_rules_make(compare_rules *rules, compare_kind kind, const text_list *tolerance) {
    rules->n = N_POLICIES;
    for (int i = 0; i < N_POLICIES; i++)
        rules->rule[i] = (compare_rule){.key = policies[i].key,
                                        .better = policies[i].better,
                                        .tolerance = policies[i].tolerance,
                                        .relative = policies[i].relative,
                                        .cost = policies[i].cost,
                                        .decides = policies[i].better != 0};
    if (kind != COMPARE_SAME_SEED)
        apply_gate(rules, kind);
    sv_status status = SV_OK;
    for (int i = 0; i < tolerance->n && status == SV_OK; i++)
        status = apply_tolerance(rules, tolerance->item[i]);
    return status;
}
