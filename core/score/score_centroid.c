/** Centroid errors against projected truth, by true SNR. docs/METRICS.md 7. */
#include <core/score/score_parts.h>

#include <skyvox/math.h>

#include <math.h>
#include <stdlib.h>

enum { N_BINS = 12 };

static const double snr_edge[N_BINS + 1] = {0, 3, 4, 5, 6, 8, 11, 16, 22, 32, 45, 64, INFINITY};
static const double reach_px = 3;

/* Sums of one bin; [2] is u, v. */
typedef struct sums {
    int64_t n, n_views;
    double snr, d[2], d2[2];
} sums;

struct sv_centroid {
    double warmup_s;
    bool begun;
    sv_time begin;
    sums sums[N_BINS];
    sv_centroid_bin bin[N_BINS];
    size_t view_cap;
    size_t *order, *scratch; /* [view_cap] visible views by camera, then u */
    double (*nearest)[3];    /* [view_cap] squared distance and error of the nearest candidate */
    sv_score_bins views[SV_SCORE_N_BY];
    int64_t n_false[N_BINS], n_frames, n_pixels;
    sv_false_bin false_bin[N_BINS];
};

sv_status sv_centroid_create(sv_centroid **out, double warmup_s) {
    *out = NULL;
    if (!(warmup_s >= 0 && warmup_s < 1e9))
        return sv_fail(SV_ERR_ARG, "centroid: warmup_s is %g, expected 0 or more", warmup_s);
    sv_centroid *c = calloc(1, sizeof *c);
    if (!c)
        return sv_fail(SV_ERR_NOMEM, "no memory for centroid errors");
    c->warmup_s = warmup_s;
    sv_score_bins_init(c->views);
    *out = c;
    return SV_OK;
}

void sv_centroid_destroy(sv_centroid *c) {
    if (!c)
        return;
    free(c->order);
    free(c->scratch);
    free(c->nearest);
    free(c);
}

static sv_status reserve(sv_centroid *c, size_t n) {
    if (n <= c->view_cap)
        return SV_OK;
    size_t *order = calloc(n, sizeof *order), *scratch = calloc(n, sizeof *scratch);
    double(*nearest)[3] = calloc(n, sizeof *nearest);
    if (!order || !scratch || !nearest) {
        free(order);
        free(scratch);
        free(nearest);
        return sv_fail(SV_ERR_NOMEM, "no memory for %zu views", n);
    }
    free(c->order);
    free(c->scratch);
    free(c->nearest);
    c->order = order;
    c->scratch = scratch;
    c->nearest = nearest;
    c->view_cap = n;
    return SV_OK;
}

static bool before(const sv_truth_view *v, int32_t camera, double u_px) {
    return v->camera != camera ? v->camera < camera : v->u_px < u_px;
}

static bool less_view(const void *a, const void *b, void *user) {
    const sv_truth_view *view = user;
    const sv_truth_view *va = &view[*(const size_t *)a], *vb = &view[*(const size_t *)b];
    return before(va, vb->camera, vb->u_px);
}

static size_t snr_bin(double snr) {
    size_t k = N_BINS - 1;
    while (k > 0 && !(snr >= snr_edge[k]))
        k--;
    return k;
}

/* Give the candidate to its nearest visible view, if that has no nearer one; without a view it is a false one. */
static void offer(sv_centroid *c, const sv_truth_view *view, size_t n, const sv_detection *d) {
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (before(&view[c->order[mid]], d->camera, d->u_px - reach_px))
            lo = mid + 1;
        else
            hi = mid;
    }
    size_t best = n;
    double best_d2 = reach_px * reach_px, best_du = 0, best_dv = 0;
    for (size_t k = lo; k < n && !before(&(sv_truth_view){.camera = d->camera, .u_px = d->u_px + reach_px},
                                         view[c->order[k]].camera, view[c->order[k]].u_px);
         k++) {
        double du = d->u_px - view[c->order[k]].u_px, dv = d->v_px - view[c->order[k]].v_px;
        if (du * du + dv * dv > best_d2 || (best < n && du * du + dv * dv == best_d2))
            continue;
        best = k;
        best_d2 = du * du + dv * dv;
        best_du = du;
        best_dv = dv;
    }
    if (best == n)
        c->n_false[snr_bin(d->snr)]++;
    if (best == n || best_d2 >= c->nearest[best][0])
        return;
    c->nearest[best][0] = best_d2;
    c->nearest[best][1] = best_du;
    c->nearest[best][2] = best_dv;
}

/* The object of a view, NULL: none. Samples nearly always come by target: a guess, then a search. */
static const sv_truth_sample *sample_of(const sv_truth_set *truth, int64_t target) {
    size_t lo = 0, hi = truth->n_samples;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (truth->sample[mid].target < target)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo < truth->n_samples && truth->sample[lo].target == target)
        return &truth->sample[lo];
    for (size_t i = 0; i < truth->n_samples; i++)
        if (truth->sample[i].target == target)
            return &truth->sample[i];
    return NULL;
}

static void add_view(sv_centroid *c, const sv_truth_view *view, const double nearest[3]) {
    sums *s = &c->sums[snr_bin(view->snr)];
    s->n_views++;
    if (nearest[0] > reach_px * reach_px)
        return;
    s->n++;
    s->snr += view->snr;
    for (int axis = 0; axis < 2; axis++) {
        s->d[axis] += nearest[1 + axis];
        s->d2[axis] += nearest[1 + axis] * nearest[1 + axis];
    }
}

sv_status sv_centroid_add(sv_centroid *c, const sv_truth_set *truth, const sv_detection *detection, size_t n,
                          int64_t n_frames, int64_t n_pixels) {
    if (!c->begun) {
        c->begun = true;
        c->begin = truth->t + sv_time_from_s(c->warmup_s);
    }
    if (truth->t < c->begin)
        return SV_OK;
    sv_status status = reserve(c, truth->n_views);
    if (status != SV_OK)
        return status;

    c->n_frames += n_frames;
    c->n_pixels += n_pixels;
    size_t n_visible = 0;
    for (size_t i = 0; i < truth->n_views; i++)
        if (truth->view[i].visible)
            c->order[n_visible++] = i;
    sv_sort(c->order, n_visible, sizeof *c->order, less_view, (void *)truth->view, c->scratch);
    for (size_t k = 0; k < n_visible; k++)
        c->nearest[k][0] = INFINITY;
    for (size_t i = 0; i < n; i++)
        offer(c, truth->view, n_visible, &detection[i]);
    for (size_t k = 0; k < n_visible; k++) {
        const sv_truth_view *view = &truth->view[c->order[k]];
        const sv_truth_sample *sample = sample_of(truth, view->target);
        add_view(c, view, c->nearest[k]);
        if (!sample || !sample->wanted)
            continue;
        sv_score_truth object = sv_score_truth_of(sample);
        sv_score_bins_view(c->views, &object, view->size_px, c->nearest[k][0] <= reach_px * reach_px);
    }
    return SV_OK;
}

const sv_score_bins *sv_centroid_get_views(const sv_centroid *c) {
    return c->views;
}

const sv_false_bin *sv_centroid_get_false(sv_centroid *c, size_t *n) {
    double frames = c->n_frames > 0 ? (double)c->n_frames : NAN;
    double megapixels = c->n_pixels > 0 ? (double)c->n_pixels * 1e-6 : NAN;
    *n = N_BINS;
    while (*n > 0 && c->n_false[*n - 1] == 0)
        --*n;
    for (size_t k = 0; k < *n; k++) {
        double count = (double)c->n_false[k];
        c->false_bin[k] = (sv_false_bin){.snr_lo = snr_edge[k],
                                         .snr_hi = snr_edge[k + 1],
                                         .n = c->n_false[k],
                                         .per_frame = count / frames,
                                         .per_megapixel = count / megapixels};
    }
    return c->false_bin;
}

const sv_centroid_bin *sv_centroid_get_bins(sv_centroid *c, size_t *n) {
    size_t n_bins = 0;
    for (size_t k = 0; k < N_BINS; k++) {
        const sums *s = &c->sums[k];
        if (s->n_views == 0)
            continue;
        double count = s->n > 0 ? (double)s->n : NAN;
        sv_centroid_bin *bin = &c->bin[n_bins++];
        *bin = (sv_centroid_bin){.snr_lo = snr_edge[k], .snr_hi = snr_edge[k + 1], .n = s->n, .n_views = s->n_views};
        // sqrt(2) sigma / SNR with the blur and the pixel in sigma: docs/METRICS.md 7.
        bin->crb_px = 1.07 / (s->snr / count);
        for (int axis = 0; axis < 2; axis++) {
            bin->bias_px[axis] = s->d[axis] / count;
            bin->rms_px[axis] = sqrt(s->d2[axis] / count);
        }
    }
    *n = n_bins;
    return c->bin;
}

double sv_centroid_rms_px(const sv_centroid *c) {
    double n = 0, d2[2] = {0, 0};
    for (size_t k = 0; k < N_BINS; k++) {
        if (snr_edge[k] < 8)
            continue;
        n += (double)c->sums[k].n;
        d2[0] += c->sums[k].d2[0];
        d2[1] += c->sums[k].d2[1];
    }
    return n > 0 ? sqrt((d2[0] > d2[1] ? d2[0] : d2[1]) / n) : NAN;
}
