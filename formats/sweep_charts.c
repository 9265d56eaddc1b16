/** Charts of sweep.html: numbers against a setting, and operating curves. */
#include <formats/csv.h>
#include <formats/svg.h>
#include <formats/sweep_parts.h>

#include <math.h>
#include <string.h>

enum { VALUES_CAP = 64, NAME_CAP = 512, CSS_CAP = 16 };

bool sv_sweep_axis_is_numeric(const sv_sweep_axis *axis) {
    double value;
    bool numeric = axis->value.n >= 2 && axis->value.n <= VALUES_CAP;
    for (int32_t i = 0; i < axis->value.n && numeric; i++)
        numeric = sv_number_parse(&value, axis->value.item[i]);
    return numeric;
}

/* Values of an axis in rising order. */
typedef struct ladder {
    int32_t n, i_value[VALUES_CAP];
    double value[VALUES_CAP];
} ladder;

static ladder ladder_of(const sv_sweep_axis *axis) {
    ladder l = {.n = axis->value.n};
    for (int32_t i = 0; i < l.n; i++) {
        double value = 0;
        (void)sv_number_parse(&value, axis->value.item[i]);
        int32_t j = i;
        for (; j > 0 && l.value[j - 1] > value; j--) {
            l.value[j] = l.value[j - 1];
            l.i_value[j] = l.i_value[j - 1];
        }
        l.value[j] = value;
        l.i_value[j] = i;
    }
    return l;
}

/* ---- the grid as lines along one axis ---- */

static int32_t stride_of(const sv_sweep *sweep, int32_t i_axis) {
    int32_t stride = 1;
    for (int32_t i = i_axis + 1; i < sweep->n_axes; i++)
        stride *= sweep->axis[i].value.n;
    return stride;
}

/* How many lines: combinations of the other axes, at most SV_SWEEP_SERIES_CAP are drawn. */
static int32_t n_series(const sv_sweep_page *page, int32_t i_axis) {
    int32_t n = page->n_points / page->sweep->axis[i_axis].value.n;
    return n < SV_SWEEP_SERIES_CAP ? n : SV_SWEEP_SERIES_CAP;
}

/* Point of the grid: value i_value of the axis on line i_series. */
static int32_t point_of(const sv_sweep *sweep, int32_t i_axis, int32_t i_series, int32_t i_value) {
    int32_t stride = stride_of(sweep, i_axis), n = sweep->axis[i_axis].value.n;
    return i_series / stride * stride * n + i_value * stride + i_series % stride;
}

/* ---- frames ---- */

static void widen(double *lo, double *hi, double a, double b, double scale) {
    if (!isnan(a) && a * scale < *lo)
        *lo = a * scale;
    if (!isnan(b) && b * scale > *hi)
        *hi = b * scale;
}

static void widen_by(double *lo, double *hi, const sv_interval *m, double scale) {
    if (m) {
        widen(lo, hi, m->mean, m->mean, scale);
        widen(lo, hi, m->lo, m->hi, scale);
    }
}

/* Some room around, none of it below zero where no value is; no number at all gives 0 to 1. */
static sv_svg_axis axis_over(double lo, double hi, double at_lo, double at_hi) {
    if (!(lo <= hi))
        lo = 0, hi = 1;
    double room = hi > lo ? 0.06 * (hi - lo) : lo != 0 ? 0.1 * fabs(lo) : 1;
    double below = lo >= 0 && lo < room ? lo : room;
    return (sv_svg_axis){.lo = lo - below, .hi = hi + room, .at_lo = at_lo, .at_hi = at_hi};
}

/* Settings over more than a decade or two are drawn on a logarithmic axis. */
static sv_svg_axis axis_of_settings(const ladder *l, double at_lo, double at_hi) {
    double lo = l->value[0], hi = l->value[l->n - 1];
    if (!(lo > 0 && hi / lo >= 30))
        return axis_over(lo, hi, at_lo, at_hi);
    return (sv_svg_axis){.lo = lo / 1.2, .hi = 1.2 * hi, .at_lo = at_lo, .at_hi = at_hi, .logarithmic = true};
}

static void class_of(char text[CSS_CAP], char kind, int32_t i_series) {
    snprintf(text, CSS_CAP, "%c%d", kind, (int)i_series);
}

/* One mean with the bar of its interval. */
static void put_mean(FILE *file, const sv_interval *m, double scale, double x, const sv_svg_axis *y, int32_t i_series) {
    char css[CSS_CAP];
    class_of(css, 'l', i_series);
    if (!isnan(m->lo))
        sv_svg_line(file, x, sv_svg_at(y, m->lo * scale), x, sv_svg_at(y, m->hi * scale), css);
    class_of(css, 'd', i_series);
    sv_svg_circle(file, x, sv_svg_at(y, m->mean * scale), 3, css);
}

void sv_sweep_chart_number(FILE *file, const sv_sweep_page *page, int32_t i_axis, const sv_sweep_shown *shown) {
    const sv_sweep_axis *axis = &page->sweep->axis[i_axis];
    const ladder l = ladder_of(axis);
    int32_t n = n_series(page, i_axis);
    double lo = INFINITY, hi = -INFINITY;
    for (int32_t s = 0; s < n; s++)
        for (int32_t i = 0; i < l.n; i++)
            widen_by(&lo, &hi, sv_sweep_page_mean(page, point_of(page->sweep, i_axis, s, i), shown->key), shown->scale);
    const sv_svg_axis x = axis_of_settings(&l, 48, 318), y = axis_over(lo, hi, 170, 30);
    sv_svg_begin(file, 330, 214, shown->label);
    sv_svg_frame(file, &x, &y, axis->path, shown->label);
    for (int32_t s = 0; s < n; s++) {
        char command = 'M';
        fprintf(file, "<path class=\"l%d\" d=\"", (int)s);
        for (int32_t i = 0; i < l.n; i++) {
            const sv_interval *m = sv_sweep_page_mean(page, point_of(page->sweep, i_axis, s, l.i_value[i]), shown->key);
            if (!m || isnan(m->mean))
                continue;
            sv_svg_point(file, command, sv_svg_at(&x, l.value[i]), sv_svg_at(&y, m->mean * shown->scale));
            command = 'L';
        }
        fputs("\"/>\n", file);
        for (int32_t i = 0; i < l.n; i++) {
            const sv_interval *m = sv_sweep_page_mean(page, point_of(page->sweep, i_axis, s, l.i_value[i]), shown->key);
            if (m && !isnan(m->mean))
                put_mean(file, m, shown->scale, sv_svg_at(&x, l.value[i]), &y, s);
        }
    }
    sv_svg_end(file);
}

/* ---- operating curve ---- */

/* Both numbers of a point; false when one is missing. */
static bool operating_point(const sv_interval **held, const sv_interval **wrong, const sv_sweep_page *page,
                            int32_t point) {
    *held = sv_sweep_page_mean(page, point, "held_fraction");
    *wrong = sv_sweep_page_mean(page, point, "false_per_minute");
    return *held && *wrong && !isnan((*held)->mean) && !isnan((*wrong)->mean);
}

static void roc_line(FILE *file, const sv_sweep_page *page, int32_t i_axis, int32_t s, const sv_svg_axis *x,
                     const sv_svg_axis *y) {
    const sv_sweep_axis *axis = &page->sweep->axis[i_axis];
    const ladder l = ladder_of(axis);
    const sv_interval *held, *wrong;
    char command = 'M', css[CSS_CAP];
    fprintf(file, "<path class=\"l%d\" d=\"", (int)s);
    for (int32_t i = 0; i < l.n; i++) {
        if (!operating_point(&held, &wrong, page, point_of(page->sweep, i_axis, s, l.i_value[i])))
            continue;
        sv_svg_point(file, command, sv_svg_at(x, wrong->mean), sv_svg_at(y, 100 * held->mean));
        command = 'L';
    }
    fputs("\"/>\n", file);
    for (int32_t i = 0; i < l.n; i++) {
        if (!operating_point(&held, &wrong, page, point_of(page->sweep, i_axis, s, l.i_value[i])))
            continue;
        double at_x = sv_svg_at(x, wrong->mean), at_y = sv_svg_at(y, 100 * held->mean);
        class_of(css, 'l', s);
        if (!isnan(wrong->lo))
            sv_svg_line(file, sv_svg_at(x, wrong->lo), at_y, sv_svg_at(x, wrong->hi), at_y, css);
        put_mean(file, held, 100, at_x, y, s);
        sv_svg_text(file, at_x + 6, at_y - 6, "tick", axis->value.item[l.i_value[i]]);
    }
}

void sv_sweep_chart_roc(FILE *file, const sv_sweep_page *page, int32_t i_axis) {
    const sv_interval *held, *wrong;
    int32_t n = n_series(page, i_axis);
    double x_lo = 0, x_hi = 0, y_lo = INFINITY, y_hi = -INFINITY;
    for (int32_t s = 0; s < n; s++)
        for (int32_t i = 0; i < page->sweep->axis[i_axis].value.n; i++)
            if (operating_point(&held, &wrong, page, point_of(page->sweep, i_axis, s, i))) {
                widen_by(&x_lo, &x_hi, wrong, 1);
                widen_by(&y_lo, &y_hi, held, 100);
            }
    const sv_svg_axis x = axis_over(x_lo, x_hi, 48, 540), y = axis_over(y_lo, y_hi, 250, 30);
    sv_svg_begin(file, 560, 294, "Held against false tracks per minute");
    sv_svg_frame(file, &x, &y, "false tracks that begin per minute", "held in coverage, %");
    for (int32_t s = 0; s < n; s++)
        roc_line(file, page, i_axis, s, &x, &y);
    sv_svg_end(file);
}

void sv_sweep_chart_legend(FILE *file, const sv_sweep_page *page, int32_t i_axis) {
    const sv_sweep *sweep = page->sweep;
    int32_t n = n_series(page, i_axis), n_all = page->n_points / sweep->axis[i_axis].value.n;
    if (n_all < 2)
        return;
    fputs("<div class=\"key\">", file);
    for (int32_t s = 0; s < n; s++) {
        char name[NAME_CAP];
        size_t used = 0;
        int32_t point = point_of(sweep, i_axis, s, 0);
        name[0] = '\0';
        for (int32_t i = 0; i < sweep->n_axes && used < sizeof name; i++)
            if (i != i_axis)
                used += (size_t)snprintf(name + used, sizeof name - used, "%s%s=%s", used ? ", " : "",
                                         sweep->axis[i].path, sv_sweep_setting(sweep, point, i));
        fprintf(file, "<span><i class=\"k%d\"></i>", (int)s);
        sv_html_text(file, name);
        fputs("</span>", file);
    }
    if (n_all > n)
        fprintf(file, "<span>and %d more, in sweep.csv</span>", (int)(n_all - n));
    fputs("</div>\n", file);
}
