/** sweep.html: one file for people; no script, no network. docs/SWEEPS.md. */
#include <formats/csv.h>
#include <formats/report_parts.h>
#include <formats/svg.h>
#include <formats/sweep_parts.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_SHOWN = 100, NAME_CAP = 1024 };

const sv_sweep_shown sv_sweep_shown_keys[SV_SWEEP_N_SHOWN] = {
    {"held_fraction", "held, %", 100},       {"false_fraction", "false, %", 100},
    {"ids_per_target", "ids per target", 1}, {"position_rmse_m", "position RMS, m", 1},
    {"gospa_m.mean", "GOSPA, m", 1},         {"time_to_confirm_s.median", "time to confirm, s", 1},
};

static const char colours[] =
    ".l0,.l1,.l2,.l3,.l4,.l5{fill:none;stroke-width:1.6}.l0{stroke:var(--blue)}.l1{stroke:var(--red)}.l2{stroke:var(--"
    "green)}"
    ".l3{stroke:var(--amber)}.l4{stroke:var(--ink)}.l5{stroke:var(--soft)}\n"
    ".d0{fill:var(--blue)}.d1{fill:var(--red)}.d2{fill:var(--green)}.d3{fill:var(--amber)}.d4{fill:var(--ink)}.d5{fill:"
    "var(--"
    "soft)}\n"
    ".k0{background:var(--blue)}.k1{background:var(--red)}.k2{background:var(--green)}.k3{background:var(--amber)}"
    ".k4{background:var(--ink)}.k5{background:var(--soft)}\n"
    "summary{cursor:pointer;font-weight:600}td "
    ".soft{font-size:12px;display:block;white-space:nowrap}.narrow{max-width:640px}\n";

const sv_interval *sv_sweep_page_mean(const sv_sweep_page *page, int32_t point, const char *key) {
    int32_t i_key = sv_texts_find(&page->sweep->key, key);
    return i_key < 0 ? NULL : &page->mean[(size_t)point * (size_t)page->sweep->key.n + (size_t)i_key];
}

static sv_status fill_page(sv_sweep_page *page, const sv_sweep *sweep) {
    *page = (sv_sweep_page){.sweep = sweep, .n_points = sv_sweep_n_points(sweep)};
    size_t n_keys = (size_t)sweep->key.n;
    page->mean = calloc((size_t)page->n_points * n_keys + 1, sizeof *page->mean);
    double *column = calloc(sweep->n_runs + 1, sizeof *column);
    if (!page->mean || !column) {
        free(page->mean);
        free(column);
        return sv_fail(SV_ERR_NOMEM, "out of memory for %zu runs", sweep->n_runs);
    }
    for (int32_t point = 0; point < page->n_points; point++)
        for (size_t k = 0; k < n_keys; k++)
            page->mean[(size_t)point * n_keys + k] =
                sv_interval_of_mean(column, sv_sweep_column(column, sweep, point, (int32_t)k));
    free(column);
    return SV_OK;
}

/* ---- head ---- */

static void fact(FILE *file, const char *name, const char *value) {
    fprintf(file, "<span>%s <b>", name);
    sv_html_text(file, value);
    fputs("</b></span>\n", file);
}

static void write_head(const sv_sweep_page *page, FILE *file) {
    const sv_sweep *sweep = page->sweep;
    char text[SV_REPORT_TEXT_CAP];
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
          "content=\"width=device-width,initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\n<title>",
          file);
    sv_html_text(file, sweep->scenario);
    fputs(", sweep - skyvox</title>\n<style>\n", file);
    sv_report_style(file);
    fputs(colours, file);
    fputs("</style></head><body><main>\n<h1>", file);
    sv_html_text(file, sweep->scenario);
    fputs(", sweep</h1>\n<div class=\"facts\">\n", file);
    fact(file, "runs", sv_report_count(text, (int64_t)sweep->n_runs, " "));
    fact(file, "grid points", sv_report_count(text, page->n_points, " "));
    if (sweep->n_runs > 0) {
        snprintf(text, sizeof text, "%" PRIu64 " to %" PRIu64, sweep->run[0].seed, sweep->run[sweep->n_runs - 1].seed);
        fact(file, "seeds", text);
    }
    snprintf(text, sizeof text, "%016" PRIx64, sv_sweep_config_hash(sweep));
    fact(file, "configuration", text);
    for (int32_t i = 0; i < sweep->set.n; i++)
        fact(file, "set", sweep->set.item[i]);
    fputs("</div>\n<p class=\"soft\">Means over the seeds with their 95 % bootstrap intervals.</p>\n", file);
}

/* ---- tables ---- */

/* About four digits. */
static void put_value(FILE *file, double value) {
    char text[SV_REPORT_TEXT_CAP];
    double size = fabs(value);
    int decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
    fputs(sv_report_quantity(text, value, decimals, "", "–"), file);
}

static void put_mean(FILE *file, const sv_interval *m, double scale) {
    fputs("<td class=\"r\">", file);
    put_value(file, m ? m->mean * scale : NAN);
    if (m && !isnan(m->lo)) {
        fputs(" <span class=\"soft\">", file);
        put_value(file, m->lo * scale);
        fputs(" to ", file);
        put_value(file, m->hi * scale);
        fputs("</span>", file);
    }
    fputs("</td>", file);
}

static void write_overview(const sv_sweep_page *page, FILE *file) {
    const sv_sweep *sweep = page->sweep;
    fputs("<section><h2>Every point of the grid</h2><div class=\"wide\"><table><tr>", file);
    for (int32_t i = 0; i < sweep->n_axes; i++) {
        fputs("<th>", file);
        sv_html_text(file, sweep->axis[i].path);
        fputs("</th>", file);
    }
    fputs("<th class=\"r\">runs</th>", file);
    for (int k = 0; k < SV_SWEEP_N_SHOWN; k++)
        fprintf(file, "<th class=\"r\">%s</th>", sv_sweep_shown_keys[k].label);
    fputs("</tr>\n", file);
    for (int32_t point = 0; point < page->n_points; point++) {
        size_t i_first;
        fputs("<tr>", file);
        for (int32_t i = 0; i < sweep->n_axes; i++) {
            fputs("<td>", file);
            sv_html_text(file, sv_sweep_setting(sweep, point, i));
            fputs("</td>", file);
        }
        fprintf(file, "<td class=\"r\">%zu</td>", sv_sweep_runs_of(&i_first, sweep, point));
        for (int k = 0; k < SV_SWEEP_N_SHOWN; k++)
            put_mean(file, sv_sweep_page_mean(page, point, sv_sweep_shown_keys[k].key), sv_sweep_shown_keys[k].scale);
        fputs("</tr>\n", file);
    }
    fputs("</table></div></section>\n", file);
}

static void write_charts(const sv_sweep_page *page, FILE *file) {
    for (int32_t i = 0; i < page->sweep->n_axes; i++) {
        if (!sv_sweep_axis_is_numeric(&page->sweep->axis[i]))
            continue;
        fputs("<section><h2>Along ", file);
        sv_html_text(file, page->sweep->axis[i].path);
        fputs("</h2>\n", file);
        sv_sweep_chart_legend(file, page, i);
        fputs("<div class=\"three\">\n", file);
        for (int k = 0; k < SV_SWEEP_N_SHOWN; k++)
            sv_sweep_chart_number(file, page, i, &sv_sweep_shown_keys[k]);
        fputs("</div></section>\n<section><h2>Operating curve (ROC) of ", file);
        sv_html_text(file, page->sweep->axis[i].path);
        fputs(
            "</h2><p class=\"soft\">Share held in coverage against false tracks, ghosts and distractors that begin per "
            "minute; every point is labelled with its setting.</p>\n",
            file);
        sv_sweep_chart_legend(file, page, i);
        fputs("<div class=\"narrow\">\n", file);
        sv_sweep_chart_roc(file, page, i);
        fputs("</div></section>\n", file);
    }
}

static void write_point(const sv_sweep_page *page, int32_t point, FILE *file) {
    const sv_sweep *sweep = page->sweep;
    char name[NAME_CAP];
    fprintf(file, "<details%s><summary>", page->n_points == 1 ? " open" : "");
    sv_html_text(file, sweep->n_axes ? sv_sweep_point_name(name, sizeof name, sweep, point) : "all runs");
    fputs(
        "</summary><table><tr><th>number</th><th class=\"r\">runs</th><th class=\"r\">mean, 95 % interval</th></tr>\n",
        file);
    for (int32_t k = 0; k < sweep->key.n; k++) {
        const sv_interval *m = &page->mean[(size_t)point * (size_t)sweep->key.n + (size_t)k];
        fputs("<tr><td><code>", file);
        sv_html_text(file, sweep->key.item[k]);
        fprintf(file, "</code></td><td class=\"r\">%zu</td>", m->n);
        put_mean(file, m, 1);
        fputs("</tr>\n", file);
    }
    fputs("</table></details>\n", file);
}

static void write_points(const sv_sweep_page *page, FILE *file) {
    fputs("<section><h2>All numbers</h2>\n", file);
    for (int32_t point = 0; point < page->n_points && point < POINTS_SHOWN; point++)
        write_point(page, point, file);
    if (page->n_points > POINTS_SHOWN)
        fprintf(file, "<p class=\"soft\">and %d points more, in sweep.json</p>\n",
                (int)(page->n_points - POINTS_SHOWN));
    fputs("</section>\n", file);
}

sv_status sv_sweep_write_html(const sv_sweep *sweep, FILE *file) {
    sv_sweep_page page;
    sv_status status = fill_page(&page, sweep);
    if (status != SV_OK)
        return status;
    write_head(&page, file);
    write_overview(&page, file);
    write_charts(&page, file);
    write_points(&page, file);
    fprintf(file, "<p class=\"soft\">skyvox %s</p>\n</main></body></html>\n", sv_version());
    free(page.mean);
    return sv_report_flush(file, "sweep.html");
}
