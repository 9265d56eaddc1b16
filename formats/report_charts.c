/** The pictures of report.html. docs/REPORT.md. */
#include <formats/csv.h>
#include <formats/report_parts.h>
#include <formats/svg.h>

#include <skyvox/math.h>

#include <math.h>

static const double WIDTH = 1000, LEFT = 56, RIGHT = 950;

/* Time axis over the scored stamps; the last stamp lasts as long as the one before. */
static sv_svg_axis time_axis(const sv_score_gospa *gospa, size_t n) {
    sv_time last = n > 1 ? gospa[n - 1].t - gospa[n - 2].t : 1000000000;
    return (sv_svg_axis){
        .lo = sv_time_to_s(gospa[0].t), .hi = sv_time_to_s(gospa[n - 1].t + last), .at_lo = LEFT, .at_hi = RIGHT};
}

/* ---- one strip per drone ---- */

/* Stamps are gathered into columns; a column shows the worst of its stamps. */
typedef struct columns {
    size_t n_stamps, n;
} columns;

static size_t column_begin(const columns *c, size_t i) {
    return i * c->n_stamps / c->n;
}

static sv_strip worst_of(const uint8_t *strip, size_t begin, size_t end) {
    static const int rank[] = {
        [SV_STRIP_ABSENT] = 0, [SV_STRIP_OUTSIDE] = 1, [SV_STRIP_ONE] = 2, [SV_STRIP_SEVERAL] = 3, [SV_STRIP_NONE] = 4};
    sv_strip worst = SV_STRIP_ABSENT;
    for (size_t i = begin; i < end; i++)
        if (rank[strip[i]] > rank[worst])
            worst = (sv_strip)strip[i];
    return worst;
}

static double column_x(const sv_svg_axis *x, const sv_score_gospa *gospa, const columns *c, size_t i) {
    return i < c->n ? sv_svg_at(x, sv_time_to_s(gospa[column_begin(c, i)].t)) : x->at_hi;
}

/* One path per state: runs of equal columns as strokes. */
static void strip_path(FILE *file, const uint8_t *strip, const sv_score_gospa *gospa, const columns *c,
                       const sv_svg_axis *x, double y, sv_strip state) {
    static const char *const css[] = {"", "s-none", "s-one", "s-several", "s-outside"};
    bool open = false;
    for (size_t i = 0; i < c->n;) {
        size_t end = i;
        while (end < c->n && worst_of(strip, column_begin(c, end), column_begin(c, end + 1)) == state)
            end++;
        if (end == i) {
            i++;
            continue;
        }
        if (!open)
            fprintf(file, "<path class=\"%s\" d=\"", css[state]);
        open = true;
        double begin_x = column_x(x, gospa, c, i);
        sv_svg_point(file, 'M', begin_x, y);
        fputc('h', file);
        sv_svg_number(file, column_x(x, gospa, c, end) - begin_x);
        i = end;
    }
    if (open)
        fputs("\"/>\n", file);
}

/* Share of the samples in coverage that are held, NaN without any. */
static double held_share(const uint8_t *strip, size_t n) {
    int64_t n_held = 0, n_all = 0;
    for (size_t i = 0; i < n; i++) {
        bool held = strip[i] == SV_STRIP_ONE || strip[i] == SV_STRIP_SEVERAL;
        n_held += held;
        n_all += held || strip[i] == SV_STRIP_NONE;
    }
    return n_all > 0 ? (double)n_held / (double)n_all : NAN;
}

static void strip_labels(FILE *file, const sv_names *names, int64_t id, const uint8_t *strip, size_t n, double y) {
    char text[SV_REPORT_TEXT_CAP], name[SV_ID_TEXT_CAP];
    sv_svg_text(file, LEFT - 6, y + 3.5, "tick end", sv_names_text(name, names, id));
    double share = held_share(strip, n);
    sv_report_quantity(text, 100 * share, share < 0.9995 ? 1 : 0, "%", "");
    sv_svg_text(file, RIGHT + 6, y + 3.5, share < 0.9 ? "tick bad" : "tick", text);
}

void sv_report_chart_strips(const sv_report *report, FILE *file) {
    size_t n, n_targets;
    const sv_score_gospa *gospa = sv_score_get_gospa(report->score, &n);
    const int64_t *target = sv_score_get_targets(report->score, &n_targets);
    if (n == 0 || n_targets == 0)
        return;

    // The number of strokes is bounded whatever the tracks do.
    size_t n_columns = 160000 / n_targets < 900 ? 160000 / n_targets : 900;
    columns c = {.n_stamps = n, .n = n < n_columns ? n : n_columns < 60 ? 60 : n_columns};
    c.n = c.n < n ? c.n : n;
    double row = n_targets <= 40 ? 16 : n_targets <= 100 ? 9 : 4.5;
    size_t label_every = row >= 12 ? 1 : row >= 9 ? 2 : 5;
    double bottom = 22 + row * (double)n_targets;
    sv_svg_axis x = time_axis(gospa, n);
    sv_svg_axis y = {.lo = 0, .hi = 1, .at_lo = bottom, .at_hi = 18};

    sv_svg_begin(file, WIDTH, bottom + 40, "Each drone over time: held by none, one or several tracks");
    double tick[SV_SVG_TICKS_CAP];
    int decimals, n_ticks = sv_svg_ticks(tick, &decimals, &x, 10);
    char text[SV_NUMBER_CAP];
    for (int i = 0; i < n_ticks; i++) {
        sv_svg_line(file, sv_svg_at(&x, tick[i]), y.at_hi, sv_svg_at(&x, tick[i]), bottom + 4, "grid");
        sv_svg_text(file, sv_svg_at(&x, tick[i]), bottom + 16, "tick mid", sv_number_fixed(text, tick[i], decimals));
    }
    fputs("<g fill=\"none\" stroke-width=\"", file);
    sv_svg_number(file, row >= 9 ? row * 0.72 : row * 0.9);
    fputs("\">\n", file);
    for (size_t k = 0; k < n_targets; k++)
        for (int state = SV_STRIP_NONE; state <= SV_STRIP_OUTSIDE; state++)
            strip_path(file, sv_score_get_strip(report->score, k), gospa, &c, &x, 22 + row * ((double)k + 0.5),
                       (sv_strip)state);
    fputs("</g>\n", file);
    for (size_t k = 0; k < n_targets; k += label_every)
        strip_labels(file, report->target_names, target[k], sv_score_get_strip(report->score, k), n,
                     22 + row * ((double)k + 0.5));
    sv_svg_text(file, LEFT - 6, 12, "label end", "drone");
    sv_svg_text(file, RIGHT + 6, 12, "label", "held");
    sv_svg_text(file, (LEFT + RIGHT) / 2, bottom + 32, "label mid", "time, s");
    sv_svg_end(file);
}

/* ---- set distances over time ---- */

enum { POINTS_CAP = 500 };

/* Mean over the stamps of one column. */
typedef struct mean_point {
    double t_s, part[3], gospa_m, ospa_m;
} mean_point;

static mean_point mean_of(const sv_score_gospa *gospa, size_t begin, size_t end) {
    mean_point m = {0};
    double f = 1 / (double)(end - begin);
    for (size_t i = begin; i < end; i++) {
        m.t_s += f * sv_time_to_s(gospa[i].t);
        m.part[0] += f * gospa[i].localisation;
        m.part[1] += f * gospa[i].missed;
        m.part[2] += f * gospa[i].false_part;
        m.gospa_m += f * gospa[i].distance_m;
        m.ospa_m += f * gospa[i].ospa_m;
    }
    return m;
}

static size_t mean_points(mean_point out[POINTS_CAP], const sv_score_gospa *gospa, size_t n) {
    columns c = {.n_stamps = n, .n = n < POINTS_CAP ? n : POINTS_CAP};
    for (size_t i = 0; i < c.n; i++)
        out[i] = mean_of(gospa, column_begin(&c, i), column_begin(&c, i + 1));
    return c.n;
}

/* Sum of the first n_parts parts of a point. */
static double stacked(const mean_point *m, int n_parts) {
    double sum = 0;
    for (int k = 0; k < n_parts; k++)
        sum += m->part[k];
    return sum;
}

static void area(FILE *file, const mean_point *m, size_t n, int part, const sv_svg_axis *x, const sv_svg_axis *y) {
    static const char *const css[3] = {"a-loc", "a-missed", "a-false"};
    fprintf(file, "<path class=\"%s\" d=\"", css[part]);
    for (size_t i = 0; i < n; i++)
        sv_svg_point(file, i == 0 ? 'M' : 'L', sv_svg_at(x, m[i].t_s), sv_svg_at(y, stacked(&m[i], part + 1)));
    for (size_t i = n; i-- > 0;)
        sv_svg_point(file, 'L', sv_svg_at(x, m[i].t_s), sv_svg_at(y, stacked(&m[i], part)));
    fputs("z\"/>\n", file);
}

void sv_report_chart_gospa(const sv_report *report, FILE *file) {
    size_t n;
    const sv_score_gospa *gospa = sv_score_get_gospa(report->score, &n);
    if (n < 2)
        return;
    mean_point m[POINTS_CAP];
    size_t n_points = mean_points(m, gospa, n);
    double most = 0;
    for (size_t i = 0; i < n_points; i++)
        most = stacked(&m[i], 3) > most ? stacked(&m[i], 3) : most;
    sv_svg_axis x = time_axis(gospa, n);
    sv_svg_axis y = {.lo = 0, .hi = most > 0 ? 1.05 * most : 1, .at_lo = 210, .at_hi = 24};
    double order = sv_score_get_config(report->score)->order;
    sv_svg_begin(file, WIDTH, 250, "GOSPA over time, split in localisation, missed and false");
    sv_svg_frame(file, &x, &y, "time, s",
                 order == 2   ? "GOSPA², m²"
                 : order == 1 ? "GOSPA, m"
                              : "GOSPA to the power of its order");
    for (int part = 2; part >= 0; part--)
        area(file, m, n_points, part, &x, &y);
    sv_svg_end(file);
}

static void curve(FILE *file, const mean_point *m, size_t n, bool ospa, const sv_svg_axis *x, const sv_svg_axis *y) {
    fprintf(file, "<path class=\"%s\" d=\"", ospa ? "l-ospa" : "l-gospa");
    for (size_t i = 0; i < n; i++)
        sv_svg_point(file, i == 0 ? 'M' : 'L', sv_svg_at(x, m[i].t_s), sv_svg_at(y, ospa ? m[i].ospa_m : m[i].gospa_m));
    fputs("\"/>\n", file);
}

void sv_report_chart_distances(const sv_report *report, FILE *file) {
    size_t n;
    const sv_score_gospa *gospa = sv_score_get_gospa(report->score, &n);
    if (n < 2)
        return;
    mean_point m[POINTS_CAP];
    size_t n_points = mean_points(m, gospa, n);
    double most = 0;
    for (size_t i = 0; i < n_points; i++)
        most = m[i].gospa_m > most ? m[i].gospa_m : most;
    sv_svg_axis x = time_axis(gospa, n);
    sv_svg_axis y = {.lo = 0, .hi = most > 0 ? 1.05 * most : 1, .at_lo = 150, .at_hi = 24};
    sv_svg_begin(file, WIDTH, 190, "GOSPA and OSPA over time");
    sv_svg_frame(file, &x, &y, "time, s", "distance, m");
    curve(file, m, n_points, false, &x, &y);
    curve(file, m, n_points, true, &x, &y);
    sv_svg_end(file);
}

/* ---- held by something ---- */

/* is_count: the bin is a whole number of things and named in its middle; else it is named by its edges. */
static void bar(FILE *file, const sv_score_bin *bin, bool is_count, double x, double w, const sv_svg_axis *y) {
    char text[SV_REPORT_TEXT_CAP], count[SV_REPORT_TEXT_CAP], lo[SV_NUMBER_CAP];
    sv_svg_text(file, is_count ? x + w / 2 : x, y->at_lo + 16, "tick mid", sv_number_shortest(lo, bin->lo));
    if (bin->n == 0)
        return;
    double top = sv_svg_at(y, bin->held_fraction);
    snprintf(text, sizeof text, "%s samples", sv_report_count(count, bin->n, " "));
    sv_svg_rect(file, x + 0.08 * w, y->at_hi, 0.84 * w, y->at_lo - y->at_hi, "b-rest", NULL);
    sv_svg_rect(file, x + 0.08 * w, top, 0.84 * w, y->at_lo - top, "b-held", text);
    double share = 100 * bin->held_fraction;
    sv_svg_text(file, x + w / 2, y->at_hi - 16, "tick mid strong",
                sv_report_quantity(text, share, share < 99.95 ? 1 : 0, "", ""));
    bool thousands = bin->n >= 10000;
    sv_report_quantity(text, thousands ? (double)bin->n / 1000 : (double)bin->n, 0, thousands ? "k" : "", "");
    sv_svg_text(file, x + w / 2, y->at_hi - 4, "tick mid", text);
}

void sv_report_chart_held(FILE *file, const sv_score *score, sv_score_by by, bool is_count, const char *title,
                          const char *unit) {
    size_t n;
    const sv_score_bin *bin = sv_score_get_bins(score, by, &n);
    double width = 500, left = 30, right = 476;
    sv_svg_begin(file, width, 230, title);
    sv_svg_text(file, left, 14, "head", title);
    if (n == 0) {
        sv_svg_text(file, width / 2, 120, "tick mid", "not known in this data");
        sv_svg_end(file);
        return;
    }
    sv_svg_axis y = {.lo = 0, .hi = 1, .at_lo = 190, .at_hi = 54};
    for (int i = 0; i <= 2; i++) {
        static const char *const label[3] = {"0", "50", "100"};
        sv_svg_line(file, left, sv_svg_at(&y, 0.5 * i), right, sv_svg_at(&y, 0.5 * i), "grid");
        sv_svg_text(file, left - 5, sv_svg_at(&y, 0.5 * i) + 3.5, "tick end", label[i]);
    }
    double w = (right - left) / (double)(n < 4 ? 4 : n);
    for (size_t i = 0; i < n; i++)
        bar(file, &bin[i], is_count, left + w * (double)i, w, &y);
    for (size_t i = 0; i < n; i++) {
        double x = left + w * ((double)i + 0.5);
        if (bin[i].n_views > 0)
            sv_svg_circle(file, x, sv_svg_at(&y, bin[i].detected_fraction), 3.5, "d-ink");
        if (bin[i].n_tracks > 0)
            sv_svg_circle(file, x, sv_svg_at(&y, bin[i].false_fraction), 3.5, "d-false");
    }
    char hi[SV_NUMBER_CAP];
    bool closed = bin[n - 1].hi < 1e9;
    if (!is_count)
        sv_svg_text(file, left + w * (double)n, y.at_lo + 16, "tick mid",
                    closed ? sv_number_shortest(hi, bin[n - 1].hi) : "∞");
    sv_svg_line(file, left, y.at_lo, right, y.at_lo, "axis");
    sv_svg_text(file, (left + right) / 2, y.at_lo + 34, "label mid", unit);
    sv_svg_end(file);
}

/* ---- ROC ---- */

void sv_report_chart_roc(const sv_report *report, FILE *file) {
    double most = 0;
    for (size_t i = 0; i < report->n_roc; i++)
        most = report->roc[i].false_per_stamp > most ? report->roc[i].false_per_stamp : most;
    sv_svg_axis x = {.lo = 0, .hi = sv_svg_nice_above(most), .at_lo = LEFT, .at_hi = 560};
    sv_svg_axis y = {.lo = 0, .hi = 1, .at_lo = 250, .at_hi = 24};
    sv_svg_begin(file, 580, 290, "Held over false, by the tracks' own score");
    sv_svg_frame(file, &x, &y, "false tracks per stamp", "held in coverage");
    fputs("<path class=\"l-ospa\" d=\"", file);
    for (size_t i = 0; i < report->n_roc; i++)
        sv_svg_point(file, i == 0 ? 'M' : 'L', sv_svg_at(&x, report->roc[i].false_per_stamp),
                     sv_svg_at(&y, report->roc[i].held_fraction));
    fputs("\"/>\n", file);
    for (size_t i = 0; i < report->n_roc; i++)
        sv_svg_circle(file, sv_svg_at(&x, report->roc[i].false_per_stamp), sv_svg_at(&y, report->roc[i].held_fraction),
                      4, "d-u");
    sv_svg_end(file);
}

/* ---- centroids ---- */

void sv_report_chart_centroid(const sv_report *report, FILE *file) {
    sv_svg_axis x = {.lo = 2, .hi = 100, .at_lo = LEFT, .at_hi = 560, .logarithmic = true};
    sv_svg_axis y = {.lo = 0.01, .hi = 2, .at_lo = 250, .at_hi = 24, .logarithmic = true};
    sv_svg_begin(file, 580, 290, "Centroid error by SNR, beside the Cramér-Rao bound");
    sv_svg_frame(file, &x, &y, "true matched-filter SNR", "centroid RMS, px");
    sv_svg_line(file, sv_svg_at(&x, 2), sv_svg_at(&y, 1.07 / 2), sv_svg_at(&x, 100), sv_svg_at(&y, 1.07 / 100),
                "l-crb");
    for (size_t i = 0; i < report->n_centroid; i++) {
        const sv_centroid_bin *bin = &report->centroid[i];
        double snr = 1.07 / bin->crb_px;
        for (int axis = 0; axis < 2 && bin->n > 0; axis++) {
            double rms = bin->rms_px[axis];
            bool inside = snr >= x.lo && snr <= x.hi && rms >= y.lo && rms <= y.hi;
            if (inside)
                sv_svg_circle(file, sv_svg_at(&x, snr), sv_svg_at(&y, rms), 4, axis == 0 ? "d-u" : "d-v");
        }
    }
    sv_svg_end(file);
}
