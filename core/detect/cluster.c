#include <core/detect/cluster.h>
#include <stdlib.h>

enum {
    REACH = 2,             /* pixels this near belong together: noise tears small holes into a weak target */
    PEAKS_PER_CLUSTER = 8, /* bounds the work on a flooded image */
    RING_REACH = 9,        /* the filters' negative lobe ends here */
};

/* A second peak must stand this far above the saddle, in sigmas and as a share of itself. */
static const double saddle_sigma = 3.0;
static const double saddle_share = 0.25;
/* The negative lobe of a target up to 8 px wide is below this share of its SNR plus noise; a weak one shows none. */
static const double ring_share = 0.25;
static const double ring_noise = 3.0;
static const double ring_snr = 8.0;

typedef struct field {
    const sv_hit_point *point;
    const int32_t *row_start;
    int32_t height;
    sv_cluster_work *work;
} field;

sv_status sv_cluster_work_init(sv_cluster_work *w, size_t n) {
    w->top = calloc(n, sizeof *w->top);
    w->scratch = calloc(n, sizeof *w->scratch);
    w->parent = calloc(n, sizeof *w->parent);
    w->first_peak = calloc(n, sizeof *w->first_peak);
    w->n_peaks = calloc(n, sizeof *w->n_peaks);
    w->next_peak = calloc(n, sizeof *w->next_peak);
    w->beaten = calloc(n, sizeof *w->beaten);
    w->ring = calloc(n, sizeof *w->ring);
    const bool made =
        w->top && w->scratch && w->parent && w->first_peak && w->n_peaks && w->next_peak && w->beaten && w->ring;
    return made ? SV_OK : sv_fail(SV_ERR_NOMEM, "detector: out of memory for clusters of %zu pixels", n);
}

void sv_cluster_work_fini(sv_cluster_work *w) {
    free(w->top);
    free(w->scratch);
    free(w->parent);
    free(w->first_peak);
    free(w->n_peaks);
    free(w->next_peak);
    free(w->beaten);
    free(w->ring);
}

/* ---- clusters ---- */

static int32_t root_of(int32_t *parent, int32_t i) {
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

/* The lower index becomes the root, so the root never depends on the order of the unions. */
static void unite(int32_t *parent, int32_t a, int32_t b) {
    const int32_t i = root_of(parent, a), j = root_of(parent, b);
    if (i < j)
        parent[j] = i;
    else
        parent[i] = j;
}

/* D1 is the same all over a block of 2 x 2: there D0 tells which pixel is nearest. */
static bool is_stronger(const sv_hit_point *a, const sv_hit_point *b) {
    return a->snr > b->snr || (a->snr == b->snr && a->sign * a->d[0] > b->sign * b->d[0]);
}

/* Neighbours: one cluster, and only the stronger may be a peak (of equals the earlier). */
static void join(const field *f, int32_t earlier, int32_t later) {
    const sv_hit_point *a = &f->point[earlier], *b = &f->point[later];
    if (a->sign != b->sign)
        return;
    unite(f->work->parent, earlier, later);
    f->work->beaten[is_stronger(b, a) ? earlier : later] = 1;
}

/* Every pair of neighbours once: the rows above are swept along with the row. */
static void join_row(const field *f, int32_t y) {
    int32_t from[REACH + 1], end[REACH + 1];
    const int32_t above = y < REACH ? y : REACH;
    for (int32_t k = 1; k <= above; k++) {
        from[k] = f->row_start[y - k];
        end[k] = f->row_start[y - k + 1];
    }
    for (int32_t i = f->row_start[y]; i < f->row_start[y + 1]; i++) {
        const int32_t x = f->point[i].x;
        for (int32_t j = i - 1; j >= f->row_start[y] && f->point[j].x >= x - REACH; j--)
            join(f, j, i);
        for (int32_t k = 1; k <= above; k++) {
            while (from[k] < end[k] && f->point[from[k]].x < x - REACH)
                from[k]++;
            for (int32_t j = from[k]; j < end[k] && f->point[j].x <= x + REACH; j++)
                join(f, j, i);
        }
    }
}

/* ---- peaks ---- */

/* First point of row y at or right of x, and the row's end in *end. */
static int32_t find_from(const field *f, int32_t x, int32_t y, int32_t *end) {
    int32_t lo = f->row_start[y], hi = f->row_start[y + 1];
    *end = hi;
    while (lo < hi) {
        const int32_t mid = lo + (hi - lo) / 2;
        if (f->point[mid].x < x)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* SNR at a pixel; `none` where no point of that sign is. */
static double snr_at(const field *f, int32_t x, int32_t y, int32_t sign, double none) {
    int32_t end;
    const int32_t i = find_from(f, x, y, &end);
    return i < end && f->point[i].x == x && f->point[i].sign == sign ? f->point[i].snr : none;
}

static int32_t round_div(int32_t a, int32_t b) {
    return a >= 0 ? (2 * a + b) / (2 * b) : -((-2 * a + b) / (2 * b));
}

/* Two peaks are two targets when the lowest SNR on the line between them lies far enough below the weaker, p. */
static bool separate(const field *f, const sv_hit_point *p, const sv_hit_point *q, double snr_low) {
    const int32_t dx = q->x - p->x, dy = q->y - p->y;
    const int32_t ax = dx < 0 ? -dx : dx, ay = dy < 0 ? -dy : dy;
    const int32_t n = ax > ay ? ax : ay;
    const double share = saddle_share * p->snr;
    const double saddle = p->snr - (share > saddle_sigma ? share : saddle_sigma);
    for (int32_t k = 1; k < n; k++)
        if (snr_at(f, p->x + round_div(dx * k, n), p->y + round_div(dy * k, n), p->sign, snr_low) < saddle)
            return true;
    return false;
}

/* Takes a local maximum as a peak of its cluster unless a stronger one already stands for it. */
static bool accept_in_cluster(const field *f, int32_t i, double snr_low) {
    sv_cluster_work *w = f->work;
    const int32_t root = root_of(w->parent, i);
    if (w->n_peaks[root] >= PEAKS_PER_CLUSTER)
        return false;
    for (int32_t j = w->first_peak[root]; j >= 0; j = w->next_peak[j])
        if (!separate(f, &f->point[i], &f->point[j], snr_low))
            return false;
    w->next_peak[i] = w->first_peak[root];
    w->first_peak[root] = i;
    w->n_peaks[root]++;
    return true;
}

/* The opposite-signed ring that the filters draw around a much stronger target is no candidate. */
static void mark_ring(const field *f, const sv_hit_point *q) {
    const int32_t y0 = q->y < RING_REACH ? 0 : q->y - RING_REACH;
    const double most = ring_share * q->snr + ring_noise;
    for (int32_t y = y0; y <= q->y + RING_REACH && y < f->height; y++) {
        int32_t end;
        for (int32_t i = find_from(f, q->x - RING_REACH, y, &end); i < end && f->point[i].x <= q->x + RING_REACH; i++)
            if (f->point[i].sign != q->sign && f->point[i].snr <= most)
                f->work->ring[i] = 1;
    }
}

size_t sv_cluster_peaks(int32_t *peak, size_t cap, sv_cluster_work *work, const sv_hit_point *point,
                        const int32_t *row_start, int32_t height, double snr_low) {
    const field f = {point, row_start, height, work};
    const int32_t n = row_start[height];
    for (int32_t i = 0; i < n; i++) {
        work->parent[i] = i;
        work->n_peaks[i] = 0;
        work->first_peak[i] = -1;
        work->beaten[i] = work->ring[i] = 0;
    }
    for (int32_t y = 0; y < height; y++)
        join_row(&f, y);

    /* Local maxima, strongest first; the stable sort keeps equal ones in pixel order. */
    size_t n_tops = 0;
    for (int32_t i = 0; i < n; i++)
        if (!work->beaten[i])
            work->top[n_tops++] = sv_strong_item_of(point[i].snr, i);
    sv_strongest_first(work->top, n_tops, work->scratch);

    size_t n_peaks = 0;
    for (size_t k = 0; k < n_tops && n_peaks < cap; k++) {
        const int32_t i = work->top[k].index;
        if (work->ring[i] || !accept_in_cluster(&f, i, snr_low))
            continue;
        peak[n_peaks++] = i;
        if (point[i].snr >= ring_snr)
            mark_ring(&f, &point[i]);
    }
    return n_peaks;
}
