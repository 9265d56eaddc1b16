#include <core/detect/shown.h>
#include <skyvox/math.h>

enum { REACH = SV_SHOWN_TAPS / 2 };

static const int spacing[SV_SHOWN_SMOOTHINGS] = {1, 2, 4};              /* px */
static const double variance[SV_SHOWN_SMOOTHINGS] = {0.5, 2.75, 10.75}; /* px^2 per axis */

/* Weights in one axis: of a smoothing, and of the derivative of what is smoothed. */
typedef struct taps {
    double mean[SV_SHOWN_TAPS], slope[SV_SHOWN_TAPS];
} taps;

/* The narrow one is the 3x3 binomial itself, its derivative that by central differences. */
static taps narrow_taps(void) {
    return (taps){{0, 0.25, 0.5, 0.25, 0}, {-0.125, -0.25, 0, 0.25, 0.125}};
}

/* The wide ones are smooth enough to be sampled; a constant and a line have exactly their values. */
static taps wide_taps(int smoothing) {
    taps t;
    double sum = 0, sum2 = 0;
    for (int i = 0; i < SV_SHOWN_TAPS; i++) {
        const double r = (i - REACH) * spacing[smoothing];
        t.mean[i] = sv_exp(-0.5 * r * r / variance[smoothing]);
        sum += t.mean[i];
        sum2 += t.mean[i] * r * r;
    }
    for (int i = 0; i < SV_SHOWN_TAPS; i++) {
        const double r = (i - REACH) * spacing[smoothing];
        t.slope[i] = t.mean[i] * r / sum2;
        t.mean[i] /= sum;
    }
    return t;
}

sv_shown sv_shown_by(sv_shake shake) {
    sv_shown shown;
    for (int s = 0; s < SV_SHOWN_SMOOTHINGS; s++) {
        const taps t = s == 0 ? narrow_taps() : wide_taps(s);
        for (int j = 0; j < SV_SHOWN_TAPS; j++)
            for (int i = 0; i < SV_SHOWN_TAPS; i++)
                shown.weight[s][j * SV_SHOWN_TAPS + i] =
                    -(shake.u_px * t.slope[i] * t.mean[j] + shake.v_px * t.mean[i] * t.slope[j]);
    }
    return shown;
}

/* Column by column, so that no sum waits for the one before. */
static double total(const double sum[SV_SHOWN_TAPS]) {
    return sum[0] + sum[1] + sum[2] + sum[3] + sum[4];
}

static double weigh_words(const double *weight, const uint8_t *at, ptrdiff_t row, int apart) {
    double sum[SV_SHOWN_TAPS] = {0};
    for (int j = -REACH; j <= REACH; j++) {
        const uint16_t *line = (const uint16_t *)(const void *)(at + 2 * j * apart * row);
        for (int i = 0; i < SV_SHOWN_TAPS; i++)
            sum[i] += *weight++ * line[(i - REACH) * apart];
    }
    return total(sum);
}

/* The whole DN of an 8 bit background will do: the weights are fractions of a pixel. */
static double weigh_bytes(const double *weight, const uint8_t *at, ptrdiff_t row, int apart) {
    double sum[SV_SHOWN_TAPS] = {0};
    for (int j = -REACH; j <= REACH; j++) {
        const uint8_t *line = at + j * apart * row;
        for (int i = 0; i < SV_SHOWN_TAPS; i++)
            sum[i] += *weight++ * line[(i - REACH) * apart];
    }
    return total(sum);
}

static double smoothed_dn(const sv_shown *shown, int smoothing, const sv_detect_view *view, ptrdiff_t i) {
    const sv_background *m = &view->background;
    const double *weight = shown->weight[smoothing];
    if (m->step == 1)
        return weigh_bytes(weight, m->high + i, view->width, spacing[smoothing]);
    return weigh_words(weight, m->low + 2 * i, view->width, spacing[smoothing]) / (1 << (16 - view->bit_depth));
}

bool sv_shown_in(double answer_dn[SV_DETECT_SCALES], const sv_shown *shown, const sv_detect_view *view, int32_t x,
                 int32_t y) {
    answer_dn[0] = answer_dn[1] = 0;
    if (x < SV_DETECT_HALO || y < SV_DETECT_HALO || x >= view->width - SV_DETECT_HALO ||
        y >= view->height - SV_DETECT_HALO)
        return false;
    const ptrdiff_t i = (ptrdiff_t)y * view->width + x;
    const double c3 = smoothed_dn(shown, 2, view, i);
    answer_dn[0] = smoothed_dn(shown, 0, view, i) - c3;
    answer_dn[1] = smoothed_dn(shown, 1, view, i) - c3;
    return true;
}
