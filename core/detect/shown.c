#include <core/detect/shown.h>

enum { REACH = SV_SHOWN_TAPS / 2 };

static const int spacing[SV_SHOWN_SMOOTHINGS] = {1, 2, 4}; /* px */

/*
 * The smoothings' taps in one axis at places so far apart, on average over both places of a pixel in its block, and those of the
 * derivative, for all the same: c2 is smooth enough to be looked at at every 2nd pixel, c3 at every 4th.
 */
static const double mean[SV_SHOWN_SMOOTHINGS][SV_SHOWN_TAPS] = {
    {0, 1 / 4.0, 1 / 2.0, 1 / 4.0, 0},
    {1 / 32.0, 1 / 4.0, 7 / 16.0, 1 / 4.0, 1 / 32.0},
    {1 / 64.0, 1 / 4.0, 15 / 32.0, 1 / 4.0, 1 / 64.0},
};
static const double slope[SV_SHOWN_TAPS] = {-1 / 8.0, -1 / 4.0, 0, 1 / 4.0, 1 / 8.0};

sv_shown sv_shown_by(sv_shake shake) {
    sv_shown shown;
    for (int s = 0; s < SV_SHOWN_SMOOTHINGS; s++)
        for (int j = 0; j < SV_SHOWN_TAPS; j++)
            for (int i = 0; i < SV_SHOWN_TAPS; i++)
                shown.weight[s][j * SV_SHOWN_TAPS + i] =
                    -(shake.u_px * slope[i] * mean[s][j] + shake.v_px * mean[s][i] * slope[j]) / spacing[s];
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
