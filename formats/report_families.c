/** The parts of report.html about the tables as such: does the truth fit, and what the published families say. */
#include <formats/csv.h>
#include <formats/report_parts.h>
#include <formats/svg.h>

#include <math.h>

static const char NONE[] = "–";

void sv_report_html_sanity(const sv_report *r, FILE *file) {
    if (r->n_sanity == 0)
        return;
    fputs("<section class=\"verdict poor\"><h2>Look at the truth first</h2>\n<p class=\"soft\">Read another way it "
          "fits clearly better; the figures below are for the files as they are.</p><ul>\n",
          file);
    for (size_t i = 0; i < r->n_sanity; i++) {
        char share[SV_REPORT_TEXT_CAP];
        fputs("<li>", file);
        sv_html_text(file, r->sanity[i].text);
        fprintf(file, " <span class=\"soft\">(%s %s)</span></li>\n",
                sv_report_quantity(share, 100 * r->sanity[i].better_by, 0, "%", NONE),
                r->sanity[i].from_id != r->sanity[i].to_id ? "of its samples" : "less error");
    }
    fputs("</ul></section>\n", file);
}

/* One row of the table of families. */
static void row(FILE *file, const char *name, double value, int decimals, const char *unit, const char *variant) {
    char text[SV_REPORT_TEXT_CAP];
    fprintf(file, "<tr><td>%s</td><td class=\"r\">%s</td><td class=\"soft\">%s</td></tr>\n", name,
            sv_report_quantity(text, value, decimals, unit, NONE), variant);
}

static double mean(const double value[SV_HOTA_N_ALPHAS]) {
    double sum = 0;
    for (int a = 0; a < SV_HOTA_N_ALPHAS; a++)
        sum += value[a];
    return sum / SV_HOTA_N_ALPHAS;
}

static void rows_of_nis(const sv_nis *nis, FILE *file) {
    for (int32_t dof = 1; nis && dof <= SV_NIS_DOF_MAX; dof++) {
        sv_metrics_consistency c = sv_nis_of_dof(nis, dof);
        char variant[2 * SV_REPORT_TEXT_CAP], inside[SV_REPORT_TEXT_CAP];
        if (c.n == 0)
            continue;
        snprintf(variant, sizeof variant, "innovations of %s, %d when the filter is honest; %s below the 95 %% point",
                 dof == 2 ? "rays" : "points", (int)dof, sv_report_quantity(inside, 100 * c.inside, 1, "%", NONE));
        row(file, "NIS", c.mean, 3, "", variant);
    }
}

static void rows_of_families(const sv_metrics *m, FILE *file) {
    const sv_metrics_config *c = sv_metrics_get_config(m);
    const sv_metrics_clear *te = sv_metrics_get_clear(m);
    const sv_metrics_stonesoup *ss = sv_metrics_get_stonesoup(m);
    const sv_metrics_tgospa *t = sv_metrics_get_tgospa(m);
    char gate[2 * SV_REPORT_TEXT_CAP], zero[SV_NUMBER_CAP];
    sv_number_shortest(zero, c->hota_zero_m);
    snprintf(gate, sizeof gate, "TrackEval, similarity 1 - d / %s m", zero);
    row(file, "HOTA", mean(sv_metrics_get_hota(m)->hota), 4, "", gate);
    row(file, "DetA", mean(sv_metrics_get_hota(m)->det_a), 4, "", gate);
    row(file, "AssA", mean(sv_metrics_get_hota(m)->ass_a), 4, "", gate);
    row(file, "IDF1", sv_metrics_get_identity(m)->idf1, 4, "", gate);
    row(file, "MOTA", te->mota, 4, "", gate);
    row(file, "MOTA", sv_metrics_get_motmetrics(m)->mota, 4, "", "rules of py-motmetrics, gate before assignment");
    row(file, "MOTA", ss->mota, 4, "", "Stone Soup, assignment before gate");
    row(file, "MOTP", sv_metrics_get_motmetrics(m)->motp_m, 3, "m", "rules of py-motmetrics, mean distance");
    row(file, "SIAP completeness", ss->siap.completeness, 4, "", "Stone Soup, one-to-one");
    row(file, "SIAP ambiguity", ss->siap_nearest.ambiguity, 4, "", "Stone Soup, each track to its nearest truth");
    row(file, "SIAP spuriousness", ss->siap.spuriousness, 4, "", "Stone Soup, one-to-one");
    row(file, "T-GOSPA", t->available ? t->distance : NAN, 3, "m",
        t->available ? "linear program, whole run" : "not given: too large a linear program");
    const sv_metrics_consistency *nees = sv_metrics_get_consistency(m);
    if (nees->n > 0)
        row(file, "NEES", nees->mean, 3, "", "mean over matches, 3 when the tracks' sigmas are honest");
}

void sv_report_html_families(const sv_report *r, FILE *file) {
    fputs("<section><h2>Published metrics</h2><p class=\"soft\">Each by the rules of its source: the same tables give "
          "three different MOTAs.</p><div class=\"two\"><div class=\"wide\"><table>"
          "<tr><th>metric</th><th class=\"r\">value</th><th>variant</th></tr>\n",
          file);
    rows_of_families(sv_score_get_metrics(r->score), file);
    rows_of_nis(r->nis, file);
    fputs("</table></div>\n", file);
    if (r->n_roc > 0) {
        fputs("<div>\n", file);
        sv_report_chart_roc(r, file);
        fputs("</div>\n", file);
    }
    fputs("</div></section>\n", file);
}
