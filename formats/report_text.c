/** The short table of a terminal. */
#include <formats/report_parts.h>

static const char BOLD[] = "\033[1m", GREEN[] = "\033[32m", RED[] = "\033[31m", DIM[] = "\033[2m", PLAIN[] = "\033[0m";

/* One line: label, the figure, what stands beside it. */
typedef struct line {
    FILE *file;
    bool colour;
} line;

static const char *paint(const line *l, const char *code) {
    return l->colour ? code : "";
}

static void put(const line *l, const char *label, const char *figure, const char *beside) {
    fprintf(l->file, "  %s%-12s%s %s%12s%s   %s\n", paint(l, DIM), label, paint(l, PLAIN), paint(l, BOLD), figure,
            paint(l, PLAIN), beside);
}

static char *percent(char text[SV_REPORT_TEXT_CAP], double fraction) {
    return sv_report_quantity(text, 100 * fraction, 2, "%", "-");
}

static char *quantity(char text[SV_REPORT_TEXT_CAP], double value, int decimals, const char *unit) {
    return sv_report_quantity(text, value, decimals, unit, "-");
}

static void put_score(const line *l, const sv_score_summary *s) {
    char a[SV_REPORT_TEXT_CAP], b[SV_REPORT_TEXT_CAP], c[SV_REPORT_TEXT_CAP], beside[4 * SV_REPORT_TEXT_CAP];
    snprintf(beside, sizeof beside, "of %s samples in coverage, %lld target%s", sv_report_count(b, s->n_truth, " "),
             (long long)s->n_targets, s->n_targets == 1 ? "" : "s");
    put(l, "held", percent(a, s->held_fraction), beside);
    snprintf(beside, sizeof beside, "ghosts %s, distractors %s", percent(b, s->ghost_fraction),
             percent(c, s->distractor_fraction));
    put(l, "false", percent(a, s->false_fraction), beside);
    snprintf(beside, sizeof beside, "per target; %lld switch%s, %lld track%s", (long long)s->id_switches,
             s->id_switches == 1 ? "" : "es", (long long)s->n_tracks, s->n_tracks == 1 ? "" : "s");
    put(l, "ids", quantity(a, s->ids_per_target, 3, ""), beside);
    snprintf(beside, sizeof beside, "rms; median %s, velocity %s", quantity(b, s->position_median_m, 3, "m"),
             quantity(c, s->velocity_rmse_mps, 2, "m/s"));
    put(l, "position", quantity(a, s->position_rmse_m, 3, "m"), beside);
    snprintf(beside, sizeof beside, "median; 95 %% within %s, longest gap %s",
             quantity(b, s->time_to_confirm_p95_s, 2, "s"), quantity(c, s->longest_gap_s, 2, "s"));
    put(l, "confirmed in", quantity(a, s->time_to_confirm_median_s, 2, "s"), beside);
    snprintf(beside, sizeof beside, "mean; second half %s, OSPA %s", quantity(b, s->gospa_mean_second_half_m, 3, "m"),
             quantity(c, s->ospa_mean_m, 3, "m"));
    put(l, "GOSPA", quantity(a, s->gospa_mean_m, 3, "m"), beside);
}

static void put_timing(const line *l, const sv_report *r) {
    char a[SV_REPORT_TEXT_CAP], b[SV_REPORT_TEXT_CAP], beside[2 * SV_REPORT_TEXT_CAP];
    snprintf(beside, sizeof beside, "median; 99 %% within %s", quantity(b, r->latency_p99_ms, 1, "ms"));
    put(l, "latency", quantity(a, r->latency_p50_ms, 1, "ms"), beside);
    snprintf(beside, sizeof beside, "at most, in %s", quantity(b, r->wall_s, 1, "s"));
    put(l, "memory", quantity(a, (double)r->peak_rss_bytes / 1048576, 0, "MiB"), beside);
}

static void put_expect(const line *l, const sv_report *r) {
    for (int32_t i = 0; i < r->n_expect; i++) {
        const sv_report_expect *row = &r->expect[i];
        char a[SV_REPORT_TEXT_CAP], b[SV_REPORT_TEXT_CAP];
        fprintf(l->file, "  %s%s%s  %-28s %10s  at %s %s\n", paint(l, row->pass ? GREEN : RED),
                row->pass ? "pass" : "FAIL", paint(l, PLAIN), row->expect.name,
                quantity(a, sv_report_shown_value(r, row), 4, ""), row->expect.op == SV_EXPECT_MIN ? "least" : "most",
                quantity(b, row->expect.limit, 4, ""));
    }
}

sv_status sv_report_write_text(const sv_report *report, FILE *file, bool colour) {
    line l = {.file = file, .colour = colour};
    char a[SV_REPORT_TEXT_CAP], b[SV_REPORT_TEXT_CAP];
    fprintf(file, "\n%s%s%s", paint(&l, BOLD), report->scenario, paint(&l, PLAIN));
    if (report->has_seed)
        fprintf(file, ", seed %llu", (unsigned long long)report->seed);
    fprintf(file, ": %s frame set%s, %s%s\n\n", sv_report_count(a, report->frame_sets, " "),
            report->frame_sets == 1 ? "" : "s", quantity(b, report->duration_s, 1, "s"),
            report->interrupted ? ", interrupted" : "");
    if (report->score)
        put_score(&l, sv_score_get_summary(report->score));
    else if (report->video2d)
        sv_report_video2d_text(report->video2d, file);
    else
        fputs("  no truth, no score\n", file);
    for (size_t i = 0; i < report->n_sanity; i++)
        fprintf(file, "  %s%s%s\n", paint(&l, RED), report->sanity[i].text, paint(&l, PLAIN));
    if (report->centroid)
        put(&l, "centroid", quantity(a, report->centroid_rms_px, 3, "px"), "rms per axis, true SNR above 8");
    if (report->with_timing)
        put_timing(&l, report);
    if (report->n_expect > 0)
        fputc('\n', file);
    put_expect(&l, report);
    fputc('\n', file);
    return sv_report_flush(file, "standard output");
}
