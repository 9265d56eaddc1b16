/** Inline SVG and HTML text: deterministic bytes, coordinates to a tenth of a unit, colours by class only. */
#ifndef FORMATS_SVG_H
#define FORMATS_SVG_H

#include <skyvox/base.h>
#include <stdio.h>

/** Text with & < > " escaped; bytes that are no UTF-8 become U+FFFD. */
void sv_html_text(FILE *file, const char *text);

/** A coordinate: at most one decimal, no trailing zero. */
void sv_svg_number(FILE *file, double value);
/** Open a drawing that scales with the page; title is read out by screen readers. */
void sv_svg_begin(FILE *file, double width, double height, const char *title);
void sv_svg_end(FILE *file);
void sv_svg_text(FILE *file, double x, double y, const char *css_class, const char *text);
void sv_svg_line(FILE *file, double x1, double y1, double x2, double y2, const char *css_class);
/** title: shown on hover; NULL none. */
void sv_svg_rect(FILE *file, double x, double y, double w, double h, const char *css_class, const char *title);
void sv_svg_circle(FILE *file, double x, double y, double r, const char *css_class);
/** A polyline point: 'M' or 'L' and two coordinates. */
void sv_svg_point(FILE *file, char command, double x, double y);

/** Linear or logarithmic map of values to units. */
typedef struct sv_svg_axis {
    double lo, hi;       /* values, lo < hi; logarithmic: lo > 0 */
    double at_lo, at_hi; /* units */
    bool logarithmic;
} sv_svg_axis;

double sv_svg_at(const sv_svg_axis *axis, double value);

enum { SV_SVG_TICKS_CAP = 32 };

/** Round tick values 1, 2, 5 x 10^k within the axis, about n_wanted; *decimals for printing them. Returns how many. */
int sv_svg_ticks(double tick[SV_SVG_TICKS_CAP], int *decimals, const sv_svg_axis *axis, int n_wanted);
/** Smallest 1, 2, 5 x 10^k not below value (1 for 0 and NaN). */
double sv_svg_nice_above(double value);

/** Grid lines, tick labels and axis labels of a plot; x at the bottom, y at the left. */
void sv_svg_frame(FILE *file, const sv_svg_axis *x, const sv_svg_axis *y, const char *x_label, const char *y_label);

#endif
