#include <formats/csv.h>
#include <formats/json_write.h>
#include <formats/svg.h>

#include <skyvox/math.h>

#include <string.h>

void sv_html_text(FILE *file, const char *text) {
    while (*text != '\0') {
        size_t n = sv_utf8_length(text);
        switch (*text) {
        case '&':
            fputs("&amp;", file);
            break;
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '"':
            fputs("&quot;", file);
            break;
        default:
            if (n == 0 || (n == 1 && (unsigned char)*text < 0x20))
                fputs("\xEF\xBF\xBD", file);
            else
                fwrite(text, 1, n, file);
        }
        text += n > 0 ? n : 1;
    }
}

void sv_svg_number(FILE *file, double value) {
    char text[SV_NUMBER_CAP];
    sv_number_fixed(text, value, 1);
    char *point = strchr(text, '.');
    if (point && point[1] == '0')
        *point = '\0';
    fputs(strcmp(text, "-0") == 0 ? "0" : text, file);
}

static void attribute(FILE *file, const char *name, double value) {
    fprintf(file, " %s=\"", name);
    sv_svg_number(file, value);
    fputc('"', file);
}

void sv_svg_begin(FILE *file, double width, double height, const char *title) {
    fputs("<svg role=\"img\" viewBox=\"0 0 ", file);
    sv_svg_number(file, width);
    fputc(' ', file);
    sv_svg_number(file, height);
    fputs("\"><title>", file);
    sv_html_text(file, title);
    fputs("</title>\n", file);
}

void sv_svg_end(FILE *file) {
    fputs("</svg>\n", file);
}

void sv_svg_text(FILE *file, double x, double y, const char *css_class, const char *text) {
    fputs("<text", file);
    attribute(file, "x", x);
    attribute(file, "y", y);
    fprintf(file, " class=\"%s\">", css_class);
    sv_html_text(file, text);
    fputs("</text>\n", file);
}

void sv_svg_line(FILE *file, double x1, double y1, double x2, double y2, const char *css_class) {
    fputs("<line", file);
    attribute(file, "x1", x1);
    attribute(file, "y1", y1);
    attribute(file, "x2", x2);
    attribute(file, "y2", y2);
    fprintf(file, " class=\"%s\"/>\n", css_class);
}

void sv_svg_rect(FILE *file, double x, double y, double w, double h, const char *css_class, const char *title) {
    fputs("<rect", file);
    attribute(file, "x", x);
    attribute(file, "y", y);
    attribute(file, "width", w);
    attribute(file, "height", h);
    fprintf(file, " class=\"%s\"", css_class);
    if (!title) {
        fputs("/>\n", file);
        return;
    }
    fputs("><title>", file);
    sv_html_text(file, title);
    fputs("</title></rect>\n", file);
}

void sv_svg_circle(FILE *file, double x, double y, double r, const char *css_class) {
    fputs("<circle", file);
    attribute(file, "cx", x);
    attribute(file, "cy", y);
    attribute(file, "r", r);
    fprintf(file, " class=\"%s\"/>\n", css_class);
}

void sv_svg_point(FILE *file, char command, double x, double y) {
    fputc(command, file);
    sv_svg_number(file, x);
    fputc(' ', file);
    sv_svg_number(file, y);
}

/* ---- axes ---- */

double sv_svg_at(const sv_svg_axis *a, double value) {
    double f = (value - a->lo) / (a->hi - a->lo);
    if (a->logarithmic)
        f = sv_log(value / a->lo) / sv_log(a->hi / a->lo);
    return a->at_lo + f * (a->at_hi - a->at_lo);
}

/* m x 10^k without rounding beyond the last operation. */
static double decimal(int m, int k) {
    double power = 1;
    for (int i = 0; i < (k < 0 ? -k : k); i++)
        power *= 10;
    return k < 0 ? m / power : m * power;
}

static const int mantissa[3] = {1, 2, 5};

/* Smallest 1, 2, 5 x 10^k not below value, as its two parts. */
static void nice_above(int *m, int *k, double value) {
    for (*k = -9; *k < 15; ++*k) {
        for (int i = 0; i < 3; i++) {
            *m = mantissa[i];
            if (decimal(*m, *k) >= value)
                return;
        }
    }
}

double sv_svg_nice_above(double value) {
    int m, k;
    if (!(value > 0))
        return 1;
    nice_above(&m, &k, value);
    return decimal(m, k);
}

static int log_ticks(double tick[SV_SVG_TICKS_CAP], int *decimals, const sv_svg_axis *axis) {
    int n = 0;
    *decimals = 0;
    for (int k = -9; k < 15; k++) {
        for (int i = 0; i < 3; i++) {
            double value = decimal(mantissa[i], k);
            if (value < axis->lo * (1 - 1e-9) || value > axis->hi * (1 + 1e-9) || n == SV_SVG_TICKS_CAP)
                continue;
            tick[n++] = value;
            *decimals = -k > *decimals ? -k : *decimals;
        }
    }
    return n;
}

int sv_svg_ticks(double tick[SV_SVG_TICKS_CAP], int *decimals, const sv_svg_axis *axis, int n_wanted) {
    if (axis->logarithmic)
        return log_ticks(tick, decimals, axis);
    int m, k, n = 0;
    nice_above(&m, &k, (axis->hi - axis->lo) / n_wanted);
    *decimals = k < 0 ? -k : 0;
    double step = decimal(m, k);
    int64_t first = -sv_floor_i64(-axis->lo / step);
    for (int64_t i = first; n < SV_SVG_TICKS_CAP && (double)i * step <= axis->hi + step * 1e-9; i++)
        tick[n++] = (double)i * step;
    return n;
}

void sv_svg_frame(FILE *file, const sv_svg_axis *x, const sv_svg_axis *y, const char *x_label, const char *y_label) {
    double tick[SV_SVG_TICKS_CAP];
    char text[SV_NUMBER_CAP];
    int decimals;
    int n = sv_svg_ticks(tick, &decimals, y, 4);
    for (int i = 0; i < n; i++) {
        double at = sv_svg_at(y, tick[i]);
        sv_svg_line(file, x->at_lo, at, x->at_hi, at, "grid");
        // A logarithmic axis needs no more digits than each value has.
        char *label = y->logarithmic ? sv_number_shortest(text, tick[i]) : sv_number_fixed(text, tick[i], decimals);
        sv_svg_text(file, x->at_lo - 6, at + 3.5, "tick end", label);
    }
    n = sv_svg_ticks(tick, &decimals, x, x->at_hi - x->at_lo > 500 ? 10 : 5);
    for (int i = 0; i < n; i++) {
        double at = sv_svg_at(x, tick[i]);
        sv_svg_line(file, at, y->at_lo, at, y->at_lo + 4, "axis");
        sv_svg_text(file, at, y->at_lo + 16, "tick mid",
                    x->logarithmic ? sv_number_shortest(text, tick[i]) : sv_number_fixed(text, tick[i], decimals));
    }
    sv_svg_line(file, x->at_lo, y->at_lo, x->at_hi, y->at_lo, "axis");
    sv_svg_text(file, (x->at_lo + x->at_hi) / 2, y->at_lo + 32, "label mid", x_label);
    sv_svg_text(file, x->at_lo, y->at_hi - 8, "label", y_label);
}
