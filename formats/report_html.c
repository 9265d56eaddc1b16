/** report.html: one file for people; no script, no network, light and dark, printable. docs/REPORT.md. */
#include <formats/csv.h>
#include <formats/report_parts.h>
#include <formats/svg.h>

#include <skyvox/math.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { ERRORS_SHOWN = 50 };

static const char NONE[] = "–";

static const char *const style[] = {
    ":root{--bg:#f6f7f9;--card:#fff;--ink:#18202b;--soft:#5c6878;--line:#dfe4ea;--blue:#2f6fb0;--red:#cf3f4f;--amber:#"
    "e5a50a;"
    "--grey:#c9d0d8;--green:#1f8a54;--pale:#e9edf2}\n",
    "@media(prefers-color-scheme:dark){:root{--bg:#10151c;--card:#181f29;--ink:#e6ebf1;--soft:#93a1b3;--line:#2b3542;"
    "--blue:#5b9fe3;--red:#ec6673;--amber:#f0be4a;--grey:#475362;--green:#4cc38a;--pale:#232c38}}\n",
    "@media "
    "print{:root{--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#ccc;--blue:#2f6fb0;--red:#cf3f4f;--amber:#e5a50a;"
    "--grey:#c9d0d8;--green:#1f8a54;--pale:#eee}section,.card{break-inside:avoid}}\n",
    "*{box-sizing:border-box;print-color-adjust:exact;-webkit-print-color-adjust:exact}\n",
    "body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.45 system-ui,-apple-system,\"Segoe "
    "UI\",Roboto,\"Noto "
    "Sans\",sans-serif;font-variant-numeric:tabular-nums}\n",
    "main{max-width:1120px;margin:0 auto;padding:28px 20px 60px}\n",
    "h1{font-size:30px;line-height:1.15;margin:0 0 6px;letter-spacing:-.02em}h2{font-size:17px;margin:0 0 2px}\n",
    "p{margin:0 0 10px}.soft,figcaption{color:var(--soft);font-size:13px}\n",
    "code{font:12.5px ui-monospace,\"DejaVu Sans Mono\",Menlo,monospace;background:var(--pale);padding:2px "
    "6px;border-radius:5px;"
    "overflow-wrap:anywhere}\n",
    ".facts{display:flex;flex-wrap:wrap;gap:6px 18px;margin:12px 0 20px;font-size:13px;color:var(--soft)}.facts "
    "b{color:var(--ink);font-weight:600}\n",
    "section,.card{background:var(--card);border:1px solid var(--line);border-radius:12px}section{padding:16px "
    "18px;margin:16px 0}\n",
    ".verdict{border-left:6px solid "
    "var(--grey)}.verdict.good{border-left-color:var(--green)}.verdict.poor{border-left-color:"
    "var(--red)}\n",
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(235px,1fr));gap:12px;margin:16px "
    "0}.card{padding:12px 16px}\n",
    ".card .name{font-size:12.5px;color:var(--soft)}.card "
    ".big{font-size:28px;font-weight:650;letter-spacing:-.02em;line-height:1.2}"
    ".card .unit{font-size:15px;font-weight:500;color:var(--soft)}.card .also{font-size:12.5px;color:var(--soft)}\n",
    "table{border-collapse:collapse;width:100%;font-size:13.5px}th{text-align:left;color:var(--soft);font-weight:500}"
    "th,td{padding:"
    "5px 10px 5px 0;border-bottom:1px solid var(--line)}tr:last-child "
    "td{border-bottom:0}.r{text-align:right}.wide{overflow-x:auto}\n",
    ".pill{display:inline-block;min-width:46px;text-align:center;border-radius:20px;padding:0 "
    "9px;font-size:12px;font-weight:600;"
    "color:#fff;background:var(--green)}.pill.bad{background:var(--red)}@media(prefers-color-scheme:dark){.pill{color:#"
    "10151c}}\n",
    ".key{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:13px;color:var(--soft);margin:4px 0 8px}.key "
    "i{display:inline-block;"
    "width:12px;height:12px;border-radius:3px;margin-right:6px;vertical-align:-1px}\n",
    ".three{display:grid;grid-template-columns:repeat(auto-fit,minmax(290px,1fr));gap:10px}.two{display:grid;grid-"
    "template-columns:"
    "repeat(auto-fit,minmax(380px,1fr));gap:18px;align-items:start}\n",
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:8px 0 "
    "0;font-size:13.5px}dt{font-weight:600}dd{margin:0;"
    "color:var(--soft)}\n",
    "svg{display:block;width:100%;height:auto}svg "
    "text{font-size:11px;fill:var(--ink)}text.tick{fill:var(--soft)}text.label{fill:"
    "var(--soft);font-size:11.5px}text.head{font-size:13px;font-weight:600}text.strong{fill:var(--ink);font-weight:600}"
    "text.bad{fill:"
    "var(--red);font-weight:600}.mid{text-anchor:middle}.end{text-anchor:end}\n",
    ".grid{stroke:var(--line)}.axis{stroke:var(--soft)}.s-one{stroke:var(--blue)}.s-none{stroke:var(--red)}.s-several{"
    "stroke:"
    "var(--amber)}.s-outside{stroke:var(--grey)}\n",
    ".a-loc,.b-held{fill:var(--blue)}.a-missed{fill:var(--red)}.a-false{fill:var(--amber)}.b-rest{fill:var(--pale)}\n",
    ".l-gospa,.l-ospa,.l-crb{fill:none;stroke-width:1.6;stroke-linejoin:round}.l-gospa{stroke:var(--ink)}.l-ospa{"
    "stroke:var(--blue)}"
    ".l-crb{stroke:var(--soft);stroke-dasharray:5 "
    "4}.d-u{fill:var(--blue)}.d-v{fill:none;stroke:var(--red);stroke-width:2}\n",
    ".d-ink{fill:var(--ink);stroke:var(--pale);stroke-width:1.5}.d-false{fill:var(--red);stroke:var(--pale);"
    "stroke-width:1.5}\n",
    ".k-one{background:var(--blue)}.k-none{background:var(--red)}.k-several{background:var(--amber)}.k-outside{"
    "background:"
    "var(--grey)}.k-ink{background:var(--ink)}.k-soft{background:var(--soft)}\n",
};

/* ---- head ---- */

void sv_report_style(FILE *file) {
    for (size_t i = 0; i < sizeof style / sizeof *style; i++)
        fputs(style[i], file);
}

static void fact(FILE *file, const char *name, const char *value) {
    fprintf(file, "<span>%s <b>", name);
    sv_html_text(file, value);
    fputs("</b></span>\n", file);
}

static void write_host(const sv_report *r, FILE *file) {
    char text[SV_REPORT_HOST_CAP], wall[SV_REPORT_TEXT_CAP];
    sv_report_cpu(text);
    fact(file, "machine", text);
    snprintf(text, sizeof text, "%d of %d", r->n_threads, sv_report_cores());
    fact(file, "threads", text);
    fact(file, "compiler", sv_report_compiler());
    fact(file, "back end", r->backend);
    fact(file, "took", sv_report_quantity(wall, r->wall_s, 1, "s", NONE));
}

static void write_head(const sv_report *r, FILE *file) {
    char text[SV_REPORT_TEXT_CAP];
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
          "content=\"width=device-width,initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\n<title>",
          file);
    sv_html_text(file, r->scenario);
    fputs(" - skyvox</title>\n<style>\n", file);
    sv_report_style(file);
    fputs("</style></head><body><main>\n<h1>", file);
    sv_html_text(file, r->scenario);
    fputs("</h1>\n", file);
    if (r->description && *r->description) {
        fputs("<p>", file);
        sv_html_text(file, r->description);
        fputs("</p>\n", file);
    }
    if (r->command) {
        fputs("<p><code>", file);
        sv_html_text(file, r->command);
        fputs("</code></p>\n", file);
    }

    fputs("<div class=\"facts\">\n", file);
    fact(file, "length", sv_report_quantity(text, r->duration_s, 2, "s", NONE));
    fact(file, "frame sets", sv_report_count(text, r->frame_sets, " "));
    if (r->has_seed) {
        snprintf(text, sizeof text, "%" PRIu64, r->seed);
        fact(file, "seed", text);
    }
    fact(file, "commit", r->commit);
    snprintf(text, sizeof text, "%016" PRIx64, r->ledger_hash);
    fact(file, "ledger", text);
    if (r->smoothed)
        fact(file, "tracks", "smoothed with later data");
    if (r->with_timing)
        write_host(r, file);
    fputs("</div>\n", file);
    if (r->interrupted)
        fputs("<section class=\"verdict poor\"><h2>Interrupted</h2><p>The run was stopped before its end; the figures "
              "hold for "
              "the part that ran.</p></section>\n",
              file);
}

static void write_expect(const sv_report *r, FILE *file) {
    if (r->n_expect == 0)
        return;
    int n_pass = 0;
    for (int32_t i = 0; i < r->n_expect; i++)
        n_pass += r->expect[i].pass;
    bool all = n_pass == r->n_expect;
    fprintf(
        file,
        "<section class=\"verdict %s\"><h2>%s</h2><p class=\"soft\">%d of %d expectations of the scenario hold.</p>\n",
        all ? "good" : "poor", all ? "Passed" : "Failed", n_pass, (int)r->n_expect);
    fputs("<table><tr><th></th><th>number</th><th class=\"r\">value</th><th class=\"r\">limit</th></tr>\n", file);
    for (int32_t i = 0; i < r->n_expect; i++) {
        const sv_report_expect *row = &r->expect[i];
        char value[SV_REPORT_TEXT_CAP], limit[SV_NUMBER_CAP];
        fprintf(file, "<tr><td><span class=\"pill%s\">%s</span></td><td><code>", row->pass ? "" : " bad",
                row->pass ? "pass" : "fail");
        sv_html_text(file, row->expect.name);
        fprintf(file, "</code></td><td class=\"r\">%s</td><td class=\"r\">at %s %s</td></tr>\n",
                sv_report_quantity(value, sv_report_shown_value(r, row), 4, "", NONE),
                row->expect.op == SV_EXPECT_MIN ? "least" : "most", sv_number_shortest(limit, row->expect.limit));
    }
    fputs("</table></section>\n", file);
}

/* ---- cards ---- */

/* also: what stands beside the figure; our own words, no escaping needed. */
static void card(FILE *file, const char *name, double value, int decimals, const char *unit, const char *also) {
    char text[SV_REPORT_TEXT_CAP];
    fprintf(file,
            "<div class=\"card\"><div class=\"name\">%s</div><div class=\"big\">%s <span class=\"unit\">%s</span></div>"
            "<div class=\"also\">%s</div></div>\n",
            name, sv_report_quantity(text, value, decimals, "", NONE), unit, also);
}

static void score_cards(FILE *file, const sv_score_summary *s) {
    char a[SV_REPORT_TEXT_CAP], b[SV_REPORT_TEXT_CAP], c[SV_REPORT_TEXT_CAP], d[SV_REPORT_TEXT_CAP];
    char also[5 * SV_REPORT_TEXT_CAP];
    snprintf(also, sizeof also, "%s of %s samples; %s of all truth", sv_report_count(a, s->n_held, " "),
             sv_report_count(b, s->n_truth, " "), sv_report_quantity(c, 100 * s->held_fraction_all, 1, "%", NONE));
    card(file, "Held in coverage", 100 * s->held_fraction, 2, "%", also);
    snprintf(also, sizeof also, "ghosts %s, distractors %s",
             sv_report_quantity(a, 100 * s->ghost_fraction, 2, "%", NONE),
             sv_report_quantity(b, 100 * s->distractor_fraction, 2, "%", NONE));
    card(file, "False track samples", 100 * s->false_fraction, 2, "%", also);
    snprintf(also, sizeof also, "%s switches, %s per target and hour; %s tracks for %s targets",
             sv_report_count(a, s->id_switches, " "), sv_report_quantity(b, s->switches_per_target_hour, 1, "", NONE),
             sv_report_count(c, s->n_tracks, " "), sv_report_count(d, s->n_targets, " "));
    card(file, "Ids per target", s->ids_per_target, 3, "", also);
    snprintf(also, sizeof also, "median %s; over all truth %s",
             sv_report_quantity(a, s->position_median_m, 3, "m", NONE),
             sv_report_quantity(b, s->position_rmse_all_m, 3, "m", NONE));
    card(file, "Position RMS, held samples", s->position_rmse_m, 3, "m", also);
    card(file, "Velocity RMS", s->velocity_rmse_mps, 2, "m/s", "of held samples, all axes together");
    snprintf(also, sizeof also, "second half %s, RMS %s",
             sv_report_quantity(a, s->gospa_mean_second_half_m, 2, "m", NONE),
             sv_report_quantity(b, s->gospa_rms_m, 2, "m", NONE));
    card(file, "GOSPA, mean", s->gospa_mean_m, 2, "m", also);
    snprintf(also, sizeof also, "second half %s", sv_report_quantity(a, s->ospa_mean_second_half_m, 3, "m", NONE));
    card(file, "OSPA, mean", s->ospa_mean_m, 3, "m", also);
    snprintf(also, sizeof also, "median; 95 %% within %s",
             sv_report_quantity(a, s->time_to_confirm_p95_s, 2, "s", NONE));
    card(file, "Time to confirm", s->time_to_confirm_median_s, 2, "s", also);
    card(file, "Longest gap", s->longest_gap_s, 2, "s", "in coverage and held by none");
}

static void write_cards(const sv_report *r, FILE *file) {
    char a[SV_REPORT_TEXT_CAP], also[2 * SV_REPORT_TEXT_CAP];
    fputs("<div class=\"cards\">\n", file);
    if (r->score)
        score_cards(file, sv_score_get_summary(r->score));
    if (r->centroid)
        card(file, "Centroid RMS per axis", r->centroid_rms_px, 3, "px", "true SNR above 8");
    if (r->with_timing) {
        snprintf(also, sizeof also, "median; 99 %% within %s", sv_report_quantity(a, r->latency_p99_ms, 1, "ms", NONE));
        card(file, "Latency", r->latency_p50_ms, 1, "ms", also);
        card(file, "Peak memory", (double)r->peak_rss_bytes / 1048576, 0, "MiB", "resident, whole process");
    }
    fputs("</div>\n", file);
}

/* ---- pictures ---- */

static void write_pictures(const sv_report *r, FILE *file) {
    fputs("<section><h2>Who was held, and when</h2><div class=\"key\"><span><i class=\"k-one\"></i>one "
          "track</span><span><i "
          "class=\"k-several\"></i>several tracks</span><span><i class=\"k-none\"></i>none</span><span><i "
          "class=\"k-outside\"></i>out of coverage and not held</span><span>blank: absent</span><span>a pixel shows "
          "the worst of its stamps</span></div>\n",
          file);
    sv_report_chart_strips(r, file);
    fputs("</section>\n<section><h2>GOSPA over time</h2><div class=\"key\"><span><i "
          "class=\"k-one\"></i>localisation</span>"
          "<span><i class=\"k-none\"></i>missed</span><span><i class=\"k-several\"></i>false</span></div>\n",
          file);
    sv_report_chart_gospa(r, file);
    fputs(
        "<div class=\"key\"><span><i class=\"k-ink\"></i>GOSPA</span><span><i class=\"k-one\"></i>OSPA</span></div>\n",
        file);
    sv_report_chart_distances(r, file);
    fputs(
        "</section>\n<section><h2>Held, detected and false, by range, size, sites and speed</h2><p class=\"soft\">Bars "
        "and the upper figures: share of the samples in coverage that are held, percent, and their number.</p><div "
        "class=\"key\"><span><i class=\"k-one\"></i>held</span><span><i class=\"k-ink\"></i>candidate found in a "
        "frame</span><span><i class=\"k-none\"></i>share of the track samples that are false; there, sites are those "
        "that saw the track</span></div><div class=\"two\">\n",
        file);
    sv_report_chart_held(file, r->score, SV_SCORE_BY_RANGE, false, "By range", "range, m");
    sv_report_chart_held(file, r->score, SV_SCORE_BY_SIZE, false, "By size in the image", "diameter, px");
    sv_report_chart_held(file, r->score, SV_SCORE_BY_SITES, true, "By sites in view", "sites");
    sv_report_chart_held(file, r->score, SV_SCORE_BY_SPEED, false, "By speed", "speed, m/s");
    fputs("</div></section>\n", file);
}

static void write_false_candidates(const sv_report *r, FILE *file) {
    if (r->n_false_candidates == 0)
        return;
    fputs("<h2>Candidates that belong to no object</h2><div class=\"wide\"><table><tr><th>their SNR</th><th "
          "class=\"r\">candidates</th><th class=\"r\">per frame</th><th class=\"r\">per million pixels</th></tr>\n",
          file);
    for (size_t i = 0; i < r->n_false_candidates; i++) {
        const sv_false_bin *bin = &r->false_candidate[i];
        char a[SV_REPORT_TEXT_CAP], lo[SV_NUMBER_CAP], hi[SV_NUMBER_CAP];
        bool open = !(bin->snr_hi < 1e9);
        fprintf(file, "<tr><td>%s%s%s</td><td class=\"r\">%s</td>", sv_number_shortest(lo, bin->snr_lo),
                open ? " up" : " – ", open ? "" : sv_number_shortest(hi, bin->snr_hi), sv_report_count(a, bin->n, " "));
        fprintf(file, "<td class=\"r\">%s</td>", sv_report_quantity(a, bin->per_frame, 3, "", NONE));
        fprintf(file, "<td class=\"r\">%s</td></tr>\n", sv_report_quantity(a, bin->per_megapixel, 3, "", NONE));
    }
    fputs("</table></div>\n", file);
}

static void write_centroid(const sv_report *r, FILE *file) {
    if (r->n_centroid == 0)
        return;
    fputs("<section><h2>Centroids against projected truth</h2><div class=\"key\"><span><i "
          "class=\"k-one\"></i>u</span><span><i "
          "class=\"k-none\"></i>v (ring)</span><span><i class=\"k-soft\"></i>Cramér-Rao bound, 1.07 / "
          "SNR</span></div><div "
          "class=\"two\"><div>\n",
          file);
    sv_report_chart_centroid(r, file);
    fputs("</div><div class=\"wide\"><table><tr><th>SNR</th><th class=\"r\">views</th><th class=\"r\">found</th><th "
          "class=\"r\">RMS u, v, px</th><th class=\"r\">bias u, v, px</th><th class=\"r\">bound</th></tr>\n",
          file);
    for (size_t i = 0; i < r->n_centroid; i++) {
        const sv_centroid_bin *bin = &r->centroid[i];
        char a[SV_REPORT_TEXT_CAP], b[SV_REPORT_TEXT_CAP], lo[SV_NUMBER_CAP], hi[SV_NUMBER_CAP];
        bool open = !(bin->snr_hi < 1e9);
        fprintf(file, "<tr><td>%s%s%s</td><td class=\"r\">%s</td>", sv_number_shortest(lo, bin->snr_lo),
                open ? " up" : " – ", open ? "" : sv_number_shortest(hi, bin->snr_hi),
                sv_report_count(a, bin->n_views, " "));
        fprintf(
            file, "<td class=\"r\">%s</td>",
            sv_report_quantity(a, bin->n_views > 0 ? 100 * (double)bin->n / (double)bin->n_views : NAN, 1, "%", NONE));
        fprintf(file, "<td class=\"r\">%s, %s</td>", sv_report_quantity(a, bin->rms_px[0], 3, "", NONE),
                sv_report_quantity(b, bin->rms_px[1], 3, "", NONE));
        fprintf(file, "<td class=\"r\">%s, %s</td>", sv_report_quantity(a, bin->bias_px[0], 3, "", NONE),
                sv_report_quantity(b, bin->bias_px[1], 3, "", NONE));
        fprintf(file, "<td class=\"r\">%s</td></tr>\n", sv_report_quantity(a, bin->crb_px, 3, "", NONE));
    }
    fputs("</table></div></div>\n", file);
    write_false_candidates(r, file);
    fputs("</section>\n", file);
}

static void write_cost(const sv_report *r, FILE *file) {
    if (!r->with_timing)
        return;
    const struct {
        const char *name;
        double ms;
    } row[] = {{"render", r->cost.render}, {"decode", r->cost.decode}, {"detect", r->cost.detect},
               {"fuse", r->cost.fuse},     {"voxel", r->cost.voxel},   {"track", r->cost.track}};
    double most = 0;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        most = row[i].ms > most ? row[i].ms : most;
    fputs("<section><h2>Cost per stage</h2><p class=\"soft\">Milliseconds of one core per camera frame.</p><table>\n",
          file);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char text[SV_REPORT_TEXT_CAP];
        if (row[i].ms - row[i].ms != 0)
            continue;
        fprintf(file, "<tr><td style=\"width:90px\">%s</td><td class=\"r\" style=\"width:90px\">%s</td><td>",
                row[i].name, sv_report_quantity(text, row[i].ms, 3, "ms", NONE));
        fputs("<svg viewBox=\"0 0 700 12\">", file);
        sv_svg_rect(file, 0, 1, most > 0 ? 700 * row[i].ms / most : 0, 10, "b-held", NULL);
        fputs("</svg></td></tr>\n", file);
    }
    fputs("</table></section>\n", file);
}

/* ---- errors ---- */

static bool longer(const void *a, const void *b, void *user) {
    const sv_score_error *error = user;
    const sv_score_error *ea = &error[*(const size_t *)a], *eb = &error[*(const size_t *)b];
    return ea->t_end - ea->t_begin > eb->t_end - eb->t_begin;
}

static void write_id(FILE *file, const sv_names *names, int64_t id) {
    char text[SV_ID_TEXT_CAP];
    fputs("<td class=\"r\">", file);
    sv_html_text(file, id >= 0 ? sv_names_text(text, names, id) : NONE);
    fputs("</td>", file);
}

static void write_error(FILE *file, const sv_report *r, const sv_score_error *e) {
    static const char *const css[] = {"k-none", "k-several", "k-several", "k-soft", "k-none", "k-several"};
    char a[SV_REPORT_TEXT_CAP], b[SV_REPORT_TEXT_CAP], c[SV_REPORT_TEXT_CAP];
    fprintf(file, "<tr><td><span class=\"key\" style=\"margin:0\"><span><i class=\"%s\"></i>%s</span></span></td>",
            css[e->kind], sv_report_error_name(e->kind));
    fprintf(file, "<td class=\"r\">%s</td><td class=\"r\">%s</td>",
            sv_report_quantity(a, sv_time_to_s(e->t_begin), 3, "", NONE),
            sv_report_quantity(b, sv_time_to_s(e->t_end - e->t_begin), 3, "", NONE));
    write_id(file, r->target_names, e->target);
    write_id(file, r->track_names, e->track);
    fprintf(file, "<td class=\"r\">%s, %s, %s</td></tr>\n", sv_report_quantity(a, e->p_w.x, 1, "", NONE),
            sv_report_quantity(b, e->p_w.y, 1, "", NONE), sv_report_quantity(c, e->p_w.z, 1, "", NONE));
}

static void count_errors(FILE *file, const sv_score_error *error, size_t n) {
    int64_t n_kind[SV_ERROR_DISTRACTOR + 1] = {0};
    char text[SV_REPORT_TEXT_CAP];
    for (size_t i = 0; i < n; i++)
        n_kind[error[i].kind]++;
    fputs("<p class=\"soft\">", file);
    for (int k = 0; k <= SV_ERROR_DISTRACTOR; k++)
        fprintf(file, "%s%s %s", k > 0 ? " · " : "", sv_report_count(text, n_kind[k], " "),
                sv_report_error_name((sv_error_kind)k));
    fputs(". The longest come first; all of them are in errors.csv.</p>\n", file);
}

static sv_status write_errors(const sv_report *r, FILE *file) {
    size_t n;
    const sv_score_error *error = sv_score_get_errors(r->score, &n);
    size_t *order = calloc(2 * n + 1, sizeof *order);
    if (!order)
        return sv_fail(SV_ERR_NOMEM, "no memory for %zu errors", n);
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    sv_sort(order, n, sizeof *order, longer, (void *)error, order + n);

    fputs("<section><h2>What went wrong</h2>\n", file);
    if (n == 0)
        fputs("<p class=\"soft\">Nothing: no missed interval, no false track, no switch.</p>\n", file);
    else
        count_errors(file, error, n);
    if (n > 0)
        fputs("<div class=\"wide\"><table><tr><th>kind</th><th class=\"r\">from, s</th><th class=\"r\">for, s</th><th "
              "class=\"r\">drone</th><th class=\"r\">track</th><th class=\"r\">at x, y, z, m</th></tr>\n",
              file);
    for (size_t i = 0; i < n && i < ERRORS_SHOWN; i++)
        write_error(file, r, &error[order[i]]);
    if (n > 0)
        fputs("</table></div>\n", file);
    char text[SV_REPORT_TEXT_CAP];
    if (n > ERRORS_SHOWN)
        fprintf(file, "<p class=\"soft\">and %s more</p>\n", sv_report_count(text, (int64_t)(n - ERRORS_SHOWN), " "));
    fputs("</section>\n", file);
    free(order);
    return SV_OK;
}

static void write_words(const sv_report *r, FILE *file) {
    const sv_score_config *c = sv_score_get_config(r->score);
    char gate[SV_NUMBER_CAP], cutoff[SV_NUMBER_CAP], order[SV_NUMBER_CAP], warmup[SV_NUMBER_CAP];
    fprintf(
        file,
        "<section><h2>What the words mean</h2><dl>\n"
        "<dt>in coverage</dt><dd>geometry only: seen by enough sites, within range, above the terrain; never depends "
        "on detection</dd>\n"
        "<dt>held</dt><dd>matched one-to-one to a confirmed track within %s m, the previous pair first</dd>\n"
        "<dt>ghost</dt><dd>a track sample near no real object, or a second track on one drone</dd>\n"
        "<dt>distractor</dt><dd>a track sample on a bird or another unwanted object that does not call it one</dd>\n"
        "<dt>false</dt><dd>ghosts and distractors as a share of all confirmed track samples, coasting included</dd>\n"
        "<dt>switch</dt><dd>a drone is held by another track than the one that held it last</dd>\n"
        "<dt>time to confirm</dt><dd>from a drone's first stamp in coverage to the first at which it is held</dd>\n"
        "<dt>late</dt><dd>held for the first time more than 1 s after entering coverage</dd>\n"
        "<dt>GOSPA, OSPA</dt><dd>set distances with cutoff %s m, order %s; GOSPA with alpha 2, its parts add up to its "
        "power</dd>\n"
        "<dt>centroid RMS</dt><dd>nearest candidate within 3 px of projected truth, per axis</dd>\n"
        "<dt>warm-up</dt><dd>the first %s s are not scored</dd>\n"
        "</dl></section>\n",
        sv_number_shortest(gate, c->gate_m), sv_number_shortest(cutoff, c->cutoff_m),
        sv_number_shortest(order, c->order), sv_number_shortest(warmup, c->warmup_s));
}

sv_status sv_report_write_html(const sv_report *report, FILE *file) {
    write_head(report, file);
    write_expect(report, file);
    sv_report_html_sanity(report, file);
    if (!report->video2d)
        write_cards(report, file);
    if (report->score)
        write_pictures(report, file);
    else if (report->video2d)
        sv_report_video2d_html(report->video2d, file);
    else
        fputs("<section><h2>No truth, no score</h2><p class=\"soft\">This input has no truth to compare the tracks "
              "with.</p>"
              "</section>\n",
              file);
    if (report->score)
        sv_report_html_families(report, file);
    write_centroid(report, file);
    write_cost(report, file);
    sv_status status = report->score ? write_errors(report, file) : SV_OK;
    if (status != SV_OK)
        return status;
    if (report->score)
        write_words(report, file);
    fprintf(file, "<p class=\"soft\">skyvox %s</p>\n</main></body></html>\n", sv_version());
    return sv_report_flush(file, "report.html");
}
