/** Detection probability and false alarms by range, size, number of cameras and speed. docs/METRICS.md 4. */
#include <core/score/score_parts.h>

#include <skyvox/math.h>

#include <math.h>

static void init(sv_score_bins *bins, const double *edge, size_t n_edges) {
    bins->n = n_edges;
    for (size_t k = 0; k < n_edges; k++)
        bins->bin[k] = (sv_score_bin){.lo = edge[k], .hi = k + 1 < n_edges ? edge[k + 1] : INFINITY};
}

void sv_score_bins_init(sv_score_bins by[SV_SCORE_N_BY]) {
    static const double range_m[] = {0, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 6000};
    static const double size_px[] = {0, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16};
    static const double sites[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
    static const double speed_mps[] = {0, 1, 2, 5, 10, 15, 20, 25, 30, 40, 50};
    for (int k = 0; k < SV_SCORE_N_BY; k++)
        by[k] = (sv_score_bins){0};
    init(&by[SV_SCORE_BY_RANGE], range_m, sizeof range_m / sizeof *range_m);
    init(&by[SV_SCORE_BY_SIZE], size_px, sizeof size_px / sizeof *size_px);
    init(&by[SV_SCORE_BY_SITES], sites, sizeof sites / sizeof *sites);
    init(&by[SV_SCORE_BY_SPEED], speed_mps, sizeof speed_mps / sizeof *speed_mps);
}

/* NaN, what is not known, falls into none. */
static sv_score_bin *find(sv_score_bins *bins, double value) {
    if (!(value >= 0))
        return NULL;
    size_t k = bins->n - 1;
    while (value < bins->bin[k].lo)
        k--;
    return &bins->bin[k];
}

static double known(double value) {
    return value > 0 ? value : NAN;
}

void sv_score_bins_truth(sv_score_bins by[SV_SCORE_N_BY], const sv_score_truth *s, bool held) {
    const double value[SV_SCORE_N_BY] = {known((double)s->range_m), known((double)s->size_px), known(s->n_sites),
                                         s->has_velocity ? sv_vec3_norm(s->v_w) : NAN};
    for (int k = 0; k < SV_SCORE_N_BY; k++) {
        sv_score_bin *bin = find(&by[k], value[k]);
        if (!bin)
            continue;
        bin->n++;
        bin->n_held += held;
    }
}

void sv_score_bins_track(sv_score_bins by[SV_SCORE_N_BY], const sv_score_state *s, bool is_false) {
    const double value[SV_SCORE_N_BY] = {known((double)s->range_m), NAN, s->has_support ? s->n_sites : NAN,
                                         s->has_velocity ? sv_vec3_norm(s->v_w) : NAN};
    for (int k = 0; k < SV_SCORE_N_BY; k++) {
        sv_score_bin *bin = find(&by[k], value[k]);
        if (!bin)
            continue;
        bin->n_tracks++;
        bin->n_false += is_false;
    }
}

void sv_score_bins_view(sv_score_bins by[SV_SCORE_N_BY], const sv_score_truth *s, double size_px, bool found) {
    const double value[SV_SCORE_N_BY] = {known((double)s->range_m), known(size_px), known(s->n_sites),
                                         s->has_velocity ? sv_vec3_norm(s->v_w) : NAN};
    for (int k = 0; k < SV_SCORE_N_BY; k++) {
        sv_score_bin *bin = find(&by[k], value[k]);
        if (!bin)
            continue;
        bin->n_views++;
        bin->n_detected += found;
    }
}

static bool is_empty(const sv_score_bin *bin) {
    return bin->n == 0 && bin->n_tracks == 0 && bin->n_views == 0;
}

static double ratio(int64_t a, int64_t b) {
    return b > 0 ? (double)a / (double)b : NAN;
}

void sv_score_bins_finish(sv_score_bins by[SV_SCORE_N_BY], size_t n_stamps) {
    for (int k = 0; k < SV_SCORE_N_BY; k++) {
        sv_score_bins *bins = &by[k];
        bins->first = 0;
        bins->end = bins->n;
        while (bins->end > 0 && is_empty(&bins->bin[bins->end - 1]))
            bins->end--;
        while (bins->first < bins->end && is_empty(&bins->bin[bins->first]))
            bins->first++;
        for (size_t i = bins->first; i < bins->end; i++) {
            sv_score_bin *bin = &bins->bin[i];
            bin->held_fraction = ratio(bin->n_held, bin->n);
            bin->false_fraction = ratio(bin->n_false, bin->n_tracks);
            bin->false_per_stamp = bin->n_tracks > 0 ? ratio(bin->n_false, (int64_t)n_stamps) : NAN;
            bin->detected_fraction = ratio(bin->n_detected, bin->n_views);
        }
    }
}

void sv_score_bins_join(sv_score_bins by[SV_SCORE_N_BY], const sv_score_bins views[SV_SCORE_N_BY]) {
    for (int k = 0; k < SV_SCORE_N_BY; k++)
        for (size_t i = 0; i < by[k].n; i++) {
            by[k].bin[i].n_views += views[k].bin[i].n_views;
            by[k].bin[i].n_detected += views[k].bin[i].n_detected;
        }
}
