/* Places of weak candidates in plain C: the specification of the faster levels. */
#include <kernels/cpu/centroid_step.h>
#include <kernels/kernels.h>

typedef struct patch {
    float value[SV_WEAK_SIDE][SV_WEAK_COLUMNS];
} patch;

static int32_t residual_at(const sv_detect_view *view, ptrdiff_t x, ptrdiff_t y) {
    const unsigned char *row = (const unsigned char *)view->pixels + y * view->pitch;
    const ptrdiff_t i = y * view->width + x;
    if (view->bit_depth == 8 && view->fine) /* half a DN is added to what is stored */
        return 128 * row[x] - ((view->background.high[i] << 8 | view->background.low[i]) >> 1) + 64;
    if (view->bit_depth == 8)
        return (row[x] - view->background.high[i]) * 128; /* the whole DN of the background do */
    const int32_t grey = (uint16_t)(((const uint16_t *)(const void *)row)[x] << (16 - view->bit_depth));
    return grey / 2 - sv_background_at(&view->background, i) / 2;
}

static void load(patch *p, const sv_detect_view *view, const sv_weak_target *t) {
    for (int j = 0; j < SV_WEAK_SIDE; j++)
        for (int i = 0; i < SV_WEAK_COLUMNS; i++)
            p->value[j][i] =
                i < SV_WEAK_READ
                    ? (float)(t->sign * residual_at(view, t->x + i - SV_WEAK_RADIUS, t->y + j - SV_WEAK_RADIUS))
                    : 0;
}

static float total(float row[SV_WEAK_COLUMNS]) {
    for (int half = SV_WEAK_COLUMNS / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            row[i] += row[i + half];
    return row[0];
}

static weak_plane find_plane(const patch *p) {
    float sum[SV_WEAK_COLUMNS], sum_x[SV_WEAK_COLUMNS], sum_y[SV_WEAK_COLUMNS];
    for (int i = 0; i < SV_WEAK_COLUMNS; i++) {
        const float a = p->value[0][i], b = p->value[1][i];
        const float c = p->value[SV_WEAK_SIDE - 2][i], d = p->value[SV_WEAK_SIDE - 1][i];
        const float ends = (a + b) + (c + d), turn = 5 * (d - a) + 4 * (c - b);
        float middle = p->value[WEAK_RIM][i];
        for (int j = WEAK_RIM + 1; j < SV_WEAK_SIDE - WEAK_RIM; j++)
            middle += p->value[j][i];
        sum[i] = weak_inside[i] * ends + weak_sides[i] * middle;
        sum_x[i] = weak_across[i] * (ends + middle);
        sum_y[i] = weak_inside[i] * turn;
    }
    return weak_plane_of(total(sum), total(sum_x), total(sum_y));
}

/* Down the columns first, then across. */
static weak_moments weigh(const patch *p, const sv_weak_window *wx, const sv_weak_window *wy) {
    float s[SV_WEAK_COLUMNS], sx[SV_WEAK_COLUMNS], sy[SV_WEAK_COLUMNS];
    for (int i = 0; i < SV_WEAK_COLUMNS; i++) {
        float c = wy->g[0] * p->value[0][i], t = wy->gd[0] * p->value[0][i];
        for (int j = 1; j < SV_WEAK_SIDE; j++) {
            c += wy->g[j] * p->value[j][i];
            t += wy->gd[j] * p->value[j][i];
        }
        s[i] = wx->g[i] * c;
        sx[i] = wx->gd[i] * c;
        sy[i] = wx->g[i] * t;
    }
    return (weak_moments){total(s), total(sx), total(sy)};
}

static void weak(sv_weak_place *place, const sv_detect_view *view, const sv_weak_windows *windows,
                 const sv_weak_target *target, size_t n) {
    for (size_t k = 0; k < n; k++) {
        patch p;
        load(&p, view, &target[k]);
        const weak_plane plane = find_plane(&p);
        const sv_weak_window *window = windows->at[target[k].width];
        sv_weak_place at = weak_begin(&target[k]);
        for (int step = 0; step < WEAK_STEPS; step++) {
            at.at_x = (uint8_t)weak_phase(at.x);
            at.at_y = (uint8_t)weak_phase(at.y);
            const sv_weak_window *wx = &window[at.at_x], *wy = &window[at.at_y];
            weak_step(&at, weak_less_plane(weigh(&p, wx, wy), plane, wx, wy), wx, wy);
        }
        place[k] = at;
    }
}

/* ---- strong candidates ---- */

static double sum_of(const double weight[SV_FIT_COLUMNS], const double column[SV_FIT_COLUMNS]) {
    double q[8];
    for (int i = 0; i < 8; i++)
        q[i] = weight[i] * column[i] + weight[i + 8] * column[i + 8] + weight[i + 16] * column[i + 16];
    for (int half = 4; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            q[i] += q[i + half];
    return q[0];
}

static void moments(sv_fit_moments *out, const double *value, int32_t n_rows, const sv_fit_window *wx,
                    const sv_fit_window *wy) {
    double plain[SV_FIT_COLUMNS] = {0}, tilted[SV_FIT_COLUMNS] = {0}, squared[SV_FIT_COLUMNS] = {0};
    for (int j = 0; j < n_rows; j++)
        for (int i = 0; i < SV_FIT_COLUMNS; i++) {
            const double v = value[j * SV_FIT_COLUMNS + i];
            plain[i] += wy->g[j] * v;
            tilted[i] += wy->gd[j] * v;
            squared[i] += wy->gdd[j] * v;
        }
    out->s = sum_of(wx->g, plain);
    out->sx = sum_of(wx->gd, plain);
    out->sy = sum_of(wx->g, tilted);
    out->sr = sum_of(wx->gdd, plain) + sum_of(wx->g, squared);
}

void sv_kernels_centroid_scalar(sv_centroid_ops *ops) {
    ops->weak = weak;
    ops->moments = moments;
}
