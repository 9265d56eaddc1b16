/** report.json, schema 1. Keys: docs/REPORT.md. */
#include <formats/json_write.h>
#include <formats/report_parts.h>

#include <skyvox/math.h>

#include <inttypes.h>
#include <string.h>

static void write_host(sv_json_out *json, const sv_report *report) {
    char cpu[SV_REPORT_HOST_CAP];
    sv_report_cpu(cpu);
    sv_json_out_open(json, "host", '{', false);
    sv_json_out_text(json, "cpu", cpu);
    sv_json_out_int(json, "cores", sv_report_cores());
    sv_json_out_int(json, "threads", report->n_threads);
    sv_json_out_text(json, "compiler", sv_report_compiler());
    sv_json_out_text(json, "backend", report->backend);
    sv_json_out_number(json, "wall_s", report->wall_s);
    sv_json_out_close(json, '}');
}

static void write_run(sv_json_out *json, const sv_report *report) {
    char hash[24];
    snprintf(hash, sizeof hash, "%016" PRIx64, report->ledger_hash);
    sv_json_out_int(json, "schema", 1);
    sv_json_out_text(json, "scenario", report->scenario);
    if (report->has_seed)
        sv_json_out_uint(json, "seed", report->seed);
    else
        sv_json_out_text(json, "seed", NULL);
    sv_json_out_text(json, "commit", report->commit);
    if (report->with_timing)
        write_host(json, report);
    sv_json_out_int(json, "frame_sets", report->frame_sets);
    sv_json_out_number(json, "duration_s", report->duration_s);
    sv_json_out_int(json, "epoch_ns", report->epoch_ns);
    sv_json_out_text(json, "time_scale", report->time_scale);
    sv_json_out_text(json, "ledger_hash", hash);
    sv_json_out_bool(json, "interrupted", report->interrupted);
    sv_json_out_bool(json, "smoothed", report->smoothed);
}

/* Keys with a common prefix before the point share an object; the table keeps them together. */
static void write_summary(sv_json_out *json, const sv_report *report) {
    size_t n, n_prefix = 0;
    const sv_report_key *key = sv_report_keys(&n);
    sv_json_out_open(json, "summary", '{', false);
    for (size_t i = 0; i < n; i++) {
        if (key[i].is_timing && !report->with_timing)
            continue;
        const char *point = strchr(key[i].name, '.');
        size_t length = point ? (size_t)(point - key[i].name) : 0;
        bool same = i > 0 && length == n_prefix && strncmp(key[i].name, key[i - 1].name, length) == 0;
        if (n_prefix > 0 && !same)
            sv_json_out_close(json, '}');
        if (length > 0 && !same) {
            char prefix[SV_REPORT_TEXT_CAP];
            snprintf(prefix, sizeof prefix, "%.*s", (int)length, key[i].name);
            sv_json_out_open(json, prefix, '{', true);
        }
        n_prefix = length;
        const char *name = point ? point + 1 : key[i].name;
        double value = sv_report_key_value(report, &key[i]);
        if (key[i].is_count && value - value == 0)
            sv_json_out_int(json, name, (int64_t)value);
        else
            sv_json_out_number(json, name, value);
    }
    if (n_prefix > 0)
        sv_json_out_close(json, '}');
    sv_json_out_close(json, '}');
}

static void write_bins(sv_json_out *json, const char *key, const sv_score *score, sv_score_by by) {
    size_t n;
    const sv_score_bin *bin = sv_score_get_bins(score, by, &n);
    sv_json_out_open(json, key, '[', false);
    for (size_t i = 0; i < n; i++) {
        sv_json_out_open(json, NULL, '{', true);
        sv_json_out_number(json, "lo", bin[i].lo);
        sv_json_out_number(json, "hi", bin[i].hi);
        sv_json_out_int(json, "n", bin[i].n);
        sv_json_out_number(json, "held_fraction", bin[i].held_fraction);
        sv_json_out_int(json, "n_tracks", bin[i].n_tracks);
        sv_json_out_number(json, "false_fraction", bin[i].false_fraction);
        sv_json_out_number(json, "false_per_stamp", bin[i].false_per_stamp);
        sv_json_out_int(json, "n_views", bin[i].n_views);
        sv_json_out_number(json, "detected_fraction", bin[i].detected_fraction);
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, ']');
}

static void write_pair(sv_json_out *json, const char *key, const double value[2]) {
    sv_json_out_open(json, key, '[', true);
    sv_json_out_number(json, NULL, value[0]);
    sv_json_out_number(json, NULL, value[1]);
    sv_json_out_close(json, ']');
}

static void write_centroid(sv_json_out *json, const sv_report *report) {
    sv_json_out_open(json, "centroid_px", '[', false);
    for (size_t i = 0; i < report->n_centroid; i++) {
        const sv_centroid_bin *bin = &report->centroid[i];
        sv_json_out_open(json, NULL, '{', true);
        sv_json_out_number(json, "snr_lo", bin->snr_lo);
        sv_json_out_number(json, "snr_hi", bin->snr_hi);
        sv_json_out_int(json, "n", bin->n);
        sv_json_out_int(json, "n_views", bin->n_views);
        write_pair(json, "rms", bin->rms_px);
        write_pair(json, "bias", bin->bias_px);
        sv_json_out_number(json, "crb", bin->crb_px);
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, ']');
}

static void write_false_candidates(sv_json_out *json, const sv_report *report) {
    sv_json_out_open(json, "false_candidates", '[', false);
    for (size_t i = 0; i < report->n_false_candidates; i++) {
        const sv_false_bin *bin = &report->false_candidate[i];
        sv_json_out_open(json, NULL, '{', true);
        sv_json_out_number(json, "snr_lo", bin->snr_lo);
        sv_json_out_number(json, "snr_hi", bin->snr_hi);
        sv_json_out_int(json, "n", bin->n);
        sv_json_out_number(json, "per_frame", bin->per_frame);
        sv_json_out_number(json, "per_megapixel", bin->per_megapixel);
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, ']');
}

static void write_expect(sv_json_out *json, const sv_report *report) {
    sv_json_out_open(json, "expect", '[', false);
    for (int32_t i = 0; i < report->n_expect; i++) {
        const sv_report_expect *row = &report->expect[i];
        sv_json_out_open(json, NULL, '{', true);
        sv_json_out_text(json, "name", row->expect.name);
        sv_json_out_text(json, "op", row->expect.op == SV_EXPECT_MIN ? "min" : "max");
        sv_json_out_number(json, "limit", row->expect.limit);
        sv_json_out_number(json, "value", sv_report_shown_value(report, row));
        sv_json_out_bool(json, "pass", row->pass);
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, ']');
}

sv_status sv_report_write_json(const sv_report *report, FILE *file) {
    sv_json_out json = {.file = file};
    sv_json_out_open(&json, NULL, '{', false);
    write_run(&json, report);
    write_summary(&json, report);
    if (report->score) {
        sv_report_write_sanity(&json, report);
        sv_report_write_metrics(&json, report);
        write_bins(&json, "by_range", report->score, SV_SCORE_BY_RANGE);
        write_bins(&json, "by_size_px", report->score, SV_SCORE_BY_SIZE);
        write_bins(&json, "by_cameras", report->score, SV_SCORE_BY_SITES);
        write_bins(&json, "by_speed", report->score, SV_SCORE_BY_SPEED);
    }
    if (report->centroid)
        write_centroid(&json, report);
    if (report->false_candidate)
        write_false_candidates(&json, report);
    if (report->video2d)
        sv_report_video2d_json(&json, report->video2d);
    write_expect(&json, report);
    sv_json_out_close(&json, '}');
    return sv_report_flush(file, "report.json");
}
