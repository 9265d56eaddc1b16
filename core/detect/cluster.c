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
    const uint16_t *column;
    const int32_t *row_begin, *row_end;
    int32_t height;
    sv_cluster_work *work;
} field;

static field field_of(sv_cluster_work *work, const sv_hit_points *p) {
    return (field){p->point, p->column, p->row_begin, p->row_end, p->height, work};
}

sv_status sv_cluster_work_init(sv_cluster_work *w, const sv_cluster_ops *ops, size_t n) {
    w->ops = ops;
    w->top = calloc(n, sizeof *w->top);
    w->scratch = calloc(n, sizeof *w->scratch);
    w->link = calloc(n, sizeof *w->link);
    w->beaten = calloc(n, sizeof *w->beaten);
    w->ring = calloc(n, sizeof *w->ring);
    const bool made = w->top && w->scratch && w->link && w->beaten && w->ring;
    return made ? SV_OK : sv_fail(SV_ERR_NOMEM, "detector: out of memory for clusters of %zu pixels", n);
}

void sv_cluster_work_fini(sv_cluster_work *w) {
    free(w->top);
    free(w->scratch);
    free(w->link);
    free(w->beaten);
    free(w->ring);
}

/* ---- clusters ---- */

static int32_t root_of(sv_cluster_link *link, int32_t i) {
    while (link[i].parent != i) {
        link[i].parent = link[link[i].parent].parent;
        i = link[i].parent;
    }
    return i;
}

/* The lower index becomes the root, so the root never depends on the order of the unions. */
static void unite(sv_cluster_link *link, int32_t a, int32_t b) {
    const int32_t i = root_of(link, a), j = root_of(link, b);
    if (i < j)
        link[j].parent = i;
    else
        link[i].parent = j;
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
    unite(f->work->link, earlier, later);
    f->work->beaten[is_stronger(b, a) ? earlier : later] = 1;
}

static void join_beside(const field *f, int32_t y) {
    for (int32_t i = f->row_begin[y] + 1; i < f->row_end[y]; i++)
        for (int32_t j = i - 1; j >= f->row_begin[y] && f->column[j] >= f->column[i] - REACH; j--)
            join(f, j, i);
}

/* A row and another one above it, so many points at a time. */
static void join_above(const field *f, int32_t y, int32_t above) {
    enum { PIECE = 64, ROOM = PIECE * (2 * REACH + 1) };
    sv_cluster_pair pair[ROOM];
    const int32_t first = f->row_begin[above];
    const size_t n_upper = (size_t)(f->row_end[above] - first);
    for (int32_t i = f->row_begin[y]; i < f->row_end[y] && n_upper > 0; i += PIECE) {
        const int32_t n_lower = f->row_end[y] - i < PIECE ? f->row_end[y] - i : PIECE;
        const size_t n =
            f->work->ops->neighbours(pair, f->column + first, n_upper, f->column + i, (size_t)n_lower, REACH);
        for (size_t k = 0; k < n; k++)
            join(f, first + pair[k].upper, i + pair[k].lower);
    }
}

/* Every pair of neighbours once. */
void sv_cluster_join(sv_cluster_work *work, const sv_hit_points *points, int32_t y0, int32_t y1) {
    const field f = field_of(work, points);
    for (int32_t y = y0; y < y1; y++) {
        for (int32_t i = f.row_begin[y]; i < f.row_end[y]; i++) {
            work->link[i] = (sv_cluster_link){.parent = i, .first_peak = -1};
            work->beaten[i] = work->ring[i] = 0;
        }
        join_beside(&f, y);
        for (int32_t above = y > y0 + REACH ? y - REACH : y0; above < y; above++)
            join_above(&f, y, above);
    }
}

/* The pairs that lie on both sides of the border above row y0. */
static void join_bands(const field *f, int32_t y0) {
    for (int32_t y = y0; y < y0 + REACH && y < f->height; y++)
        for (int32_t above = y > REACH ? y - REACH : 0; above < y0; above++)
            join_above(f, y, above);
}

/* ---- peaks ---- */

/* First point of row y at or right of x, and the row's end in *end. */
static int32_t find_from(const field *f, int32_t x, int32_t y, int32_t *end) {
    int32_t lo = f->row_begin[y], hi = f->row_end[y];
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
    sv_cluster_link *root = &w->link[root_of(w->link, i)];
    if (root->n_peaks >= PEAKS_PER_CLUSTER)
        return false;
    for (int32_t j = root->first_peak; j >= 0; j = w->link[j].next_peak)
        if (!separate(f, &f->point[i], &f->point[j], snr_low))
            return false;
    w->link[i].next_peak = root->first_peak;
    root->first_peak = i;
    root->n_peaks++;
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

/* Local maxima, in pixel order. */
static size_t list_tops(const field *f) {
    sv_cluster_work *w = f->work;
    size_t n = 0;
    for (int32_t y = 0; y < f->height; y++)
        for (int32_t i = f->row_begin[y]; i < f->row_end[y]; i++) {
            w->top[n] = sv_strong_item_of(f->point[i].snr, i);
            n += !w->beaten[i];
        }
    return n;
}

size_t sv_cluster_peaks(int32_t *peak, size_t cap, sv_cluster_work *work, const sv_hit_points *points, int32_t band,
                        double snr_low) {
    const field f = field_of(work, points);
    for (int32_t y = band; y < f.height; y += band)
        join_bands(&f, y);
    const size_t n_tops = list_tops(&f);
    sv_strongest_first(work->top, n_tops, work->scratch); /* stable: equal ones stay in pixel order */

    size_t n_peaks = 0;
    for (size_t k = 0; k < n_tops && n_peaks < cap; k++) {
        const int32_t i = work->top[k].index;
        if (work->ring[i] || !accept_in_cluster(&f, i, snr_low))
            continue;
        peak[n_peaks++] = i;
        if (f.point[i].snr >= ring_snr)
            mark_ring(&f, &f.point[i]);
    }
    return n_peaks;
}
