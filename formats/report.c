/** The summary by key, the verdict of expectations, and names. */
#include <formats/csv.h>
#include <formats/nearest.h>
#include <formats/report_parts.h>

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define OF_SCORE(name, field)                                                                                          \
    { name, true, false, false, offsetof(sv_score_summary, field) }
#define COUNT_OF_SCORE(name, field)                                                                                    \
    { name, true, true, false, offsetof(sv_score_summary, field) }
#define OF_RUN(name, field)                                                                                            \
    { name, false, false, true, offsetof(sv_report, field) }

static const sv_report_key key_table[] = {
    OF_SCORE("held_fraction", held_fraction),
    OF_SCORE("held_fraction_all", held_fraction_all),
    OF_SCORE("ghost_fraction", ghost_fraction),
    OF_SCORE("distractor_fraction", distractor_fraction),
    OF_SCORE("false_fraction", false_fraction),
    COUNT_OF_SCORE("id_switches", id_switches),
    OF_SCORE("switches_per_target_hour", switches_per_target_hour),
    OF_SCORE("ids_per_target", ids_per_target),
    COUNT_OF_SCORE("n_tracks", n_tracks),
    COUNT_OF_SCORE("n_targets", n_targets),
    COUNT_OF_SCORE("n_truth", n_truth),
    COUNT_OF_SCORE("n_held", n_held),
    COUNT_OF_SCORE("n_track_samples", n_track_samples),
    OF_SCORE("position_rmse_m", position_rmse_m),
    OF_SCORE("position_median_m", position_median_m),
    OF_SCORE("position_rmse_all_m", position_rmse_all_m),
    OF_SCORE("velocity_rmse_mps", velocity_rmse_mps),
    {"centroid_rms_px", false, false, false, offsetof(sv_report, centroid_rms_px)},
    OF_SCORE("time_to_confirm_s.median", time_to_confirm_median_s),
    OF_SCORE("time_to_confirm_s.p95", time_to_confirm_p95_s),
    OF_SCORE("longest_gap_s", longest_gap_s),
    OF_SCORE("gospa_m.mean", gospa_mean_m),
    OF_SCORE("gospa_m.rms", gospa_rms_m),
    OF_SCORE("gospa_m.mean_second_half", gospa_mean_second_half_m),
    OF_SCORE("gospa_m.localisation", gospa_localisation),
    OF_SCORE("gospa_m.missed", gospa_missed),
    OF_SCORE("gospa_m.false", gospa_false_part),
    OF_SCORE("ospa_m.mean", ospa_mean_m),
    OF_SCORE("ospa_m.mean_second_half", ospa_mean_second_half_m),
    OF_RUN("latency_ms.p50", latency_p50_ms),
    OF_RUN("latency_ms.p99", latency_p99_ms),
    OF_RUN("core_ms_per_camera_frame.render", cost.render),
    OF_RUN("core_ms_per_camera_frame.decode", cost.decode),
    OF_RUN("core_ms_per_camera_frame.detect", cost.detect),
    OF_RUN("core_ms_per_camera_frame.fuse", cost.fuse),
    OF_RUN("core_ms_per_camera_frame.voxel", cost.voxel),
    OF_RUN("core_ms_per_camera_frame.track", cost.track),
    {"peak_rss_bytes", false, true, true, offsetof(sv_report, peak_rss_bytes)},
};

const sv_report_key *sv_report_keys(size_t *n) {
    *n = sizeof key_table / sizeof *key_table;
    return key_table;
}

double sv_report_key_value(const sv_report *report, const sv_report_key *key) {
    const unsigned char *base = (const unsigned char *)report;
    if (key->from_score) {
        if (!report->score)
            return NAN;
        base = (const unsigned char *)sv_score_get_summary(report->score);
    }
    if (key->is_count) {
        int64_t count;
        memcpy(&count, base + key->offset, sizeof count);
        return (double)count;
    }
    double value;
    memcpy(&value, base + key->offset, sizeof value);
    return value;
}

static const sv_report_key *find_key(const char *name) {
    for (size_t i = 0; i < sizeof key_table / sizeof *key_table; i++)
        if (strcmp(key_table[i].name, name) == 0)
            return &key_table[i];
    return NULL;
}

static const char *nearest_key(const char *name) {
    sv_nearest nearest = {0};
    for (size_t i = 0; i < sizeof key_table / sizeof *key_table; i++)
        sv_nearest_offer(&nearest, name, key_table[i].name);
    return nearest.best;
}

sv_status sv_report_value(double *out, const sv_report *report, const char *key) {
    const sv_report_key *found = find_key(key);
    if (!found)
        return sv_fail(SV_ERR_INPUT, "unknown number \"%s\" (did you mean \"%s\"?)", key, nearest_key(key));
    *out = sv_report_key_value(report, found);
    return SV_OK;
}

double sv_report_shown_value(const sv_report *report, const sv_report_expect *expect) {
    const sv_report_key *key = find_key(expect->expect.name);
    return key && key->is_timing && !report->with_timing ? NAN : expect->value;
}

sv_status sv_report_check_expect(sv_report *report, bool *all_pass) {
    for (int32_t i = 0; i < report->n_expect; i++) {
        const char *name = report->expect[i].expect.name;
        if (!find_key(name))
            return sv_fail(SV_ERR_INPUT, "expect[%d].name: unknown number \"%s\" (did you mean \"%s\"?)", (int)i, name,
                           nearest_key(name));
    }

    // NaN compares false: a number that the run does not have fails.
    *all_pass = true;
    for (int32_t i = 0; i < report->n_expect; i++) {
        sv_report_expect *row = &report->expect[i];
        row->value = sv_report_key_value(report, find_key(row->expect.name));
        row->pass = row->expect.op == SV_EXPECT_MIN ? row->value >= row->expect.limit : row->value <= row->expect.limit;
        *all_pass = *all_pass && row->pass;
    }
    return SV_OK;
}

/* ---- names ---- */

static const char *const class_name[SV_N_CLASSES] = {"unknown", "drone", "bird", "aircraft", "other"};

const char *sv_class_name(sv_class object_class) {
    return (int)object_class >= 0 && object_class < SV_N_CLASSES ? class_name[object_class] : "other";
}

sv_class sv_class_parse(const char *name) {
    for (int k = 0; k < SV_N_CLASSES; k++)
        if (strcmp(class_name[k], name) == 0)
            return (sv_class)k;
    return SV_CLASS_OTHER;
}

const char *sv_report_error_name(sv_error_kind kind) {
    static const char *const name[] = {"missed", "false", "ghost", "switch", "late", "distractor"};
    return name[kind];
}

/* ---- the machine ---- */

void sv_report_cpu(char text[SV_REPORT_HOST_CAP]) {
    strcpy(text, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "r");
    if (!file)
        return;
    char line[256];
    while (fgets(line, sizeof line, file)) {
        const char *value = strchr(line, ':');
        if (!value || strncmp(line, "model name", 10) != 0)
            continue;
        value += 1 + strspn(value + 1, " \t");
        snprintf(text, SV_REPORT_HOST_CAP, "%.*s", (int)strcspn(value, "\n"), value);
        break;
    }
    fclose(file);
}

int sv_report_cores(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}

const char *sv_report_compiler(void) {
#if defined(__clang__)
    return "clang " __clang_version__;
#else
    return "gcc " __VERSION__;
#endif
}

/* ---- text ---- */

char *sv_report_quantity(char text[SV_REPORT_TEXT_CAP], double value, int decimals, const char *unit,
                         const char *none) {
    char number[SV_NUMBER_CAP];
    if (value - value == 0)
        snprintf(text, SV_REPORT_TEXT_CAP, "%s%s%s", sv_number_fixed(number, value, decimals), *unit ? " " : "", unit);
    else
        snprintf(text, SV_REPORT_TEXT_CAP, "%s", none);
    return text;
}

char *sv_report_count(char text[SV_REPORT_TEXT_CAP], int64_t value, const char *separator) {
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%lld", (long long)value), k = 0;
    for (int i = 0; i < n; i++) {
        bool gap = i > 0 && (n - i) % 3 == 0 && digits[i - 1] != '-';
        k += snprintf(text + k, (size_t)(SV_REPORT_TEXT_CAP - k), "%s%c", gap ? separator : "", digits[i]);
    }
    return text;
}

sv_status sv_report_flush(FILE *file, const char *name) {
    if (fflush(file) == 0 && !ferror(file))
        return SV_OK;
    return sv_fail(SV_ERR_IO, "%s: cannot write: %s", name, errno ? strerror(errno) : "output error");
}
