#include <core/detect/cluster.h>
#include <skyvox/math.h>

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
    sv_hit_point *point;
    const int32_t *row_start;
    int32_t height;
} field;

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

static int32_t root_of(sv_hit_point *point, int32_t i) {
    while (point[i].parent != i) {
        point[i].parent = point[point[i].parent].parent;
        i = point[i].parent;
    }
    return i;
}

/* The lower index becomes the root, so the root never depends on the order of the unions. */
static void unite(sv_hit_point *point, int32_t a, int32_t b) {
    const int32_t i = root_of(point, a), j = root_of(point, b);
    if (i < j)
        point[j].parent = i;
    else
        point[i].parent = j;
}

/* Joins point i with its neighbours; true when none of them is stronger (ties: the lower index is). */
static bool join(const field *f, int32_t i) {
    sv_hit_point *point = f->point;
    const int32_t x = point[i].x, y = point[i].y;
    bool top = true;
    for (int32_t row = y < REACH ? 0 : y - REACH; row <= y + REACH && row < f->height; row++) {
        int32_t end;
        for (int32_t j = find_from(f, x - REACH, row, &end); j < end && point[j].x <= x + REACH; j++) {
            if (j == i || point[j].sign != point[i].sign)
                continue;
            if (j < i)
                unite(point, i, j);
            if (point[j].snr > point[i].snr || (point[j].snr == point[i].snr && j < i))
                top = false;
        }
    }
    return top;
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

/* Takes p as a peak of its cluster unless a stronger one already stands for it. */
static bool accept_in_cluster(const field *f, int32_t i, double snr_low) {
    sv_hit_point *p = &f->point[i], *root = &f->point[root_of(f->point, i)];
    if (root->n_peaks >= PEAKS_PER_CLUSTER)
        return false;
    for (int32_t j = root->first_peak; j >= 0; j = f->point[j].next_peak)
        if (!separate(f, p, &f->point[j], snr_low))
            return false;
    p->next_peak = root->first_peak;
    root->first_peak = i;
    root->n_peaks++;
    return true;
}

/* True when p is only the opposite-signed ring that the filters draw around a much stronger target. */
static bool is_ring(const field *f, const int32_t *peak, size_t n, const sv_hit_point *p) {
    for (size_t k = 0; k < n; k++) {
        const sv_hit_point *q = &f->point[peak[k]];
        if (q->snr < ring_snr || p->snr > ring_share * q->snr + ring_noise)
            return false; /* peaks come by decreasing SNR: the rest is weaker still */
        const int32_t dx = q->x - p->x, dy = q->y - p->y;
        if (p->sign != q->sign && dx <= RING_REACH && dx >= -RING_REACH && dy <= RING_REACH && dy >= -RING_REACH)
            return true;
    }
    return false;
}

static bool stronger(const void *a, const void *b, void *user) {
    const sv_hit_point *point = user, *p = &point[*(const int32_t *)a], *q = &point[*(const int32_t *)b];
    return p->snr > q->snr;
}

size_t sv_cluster_peaks(int32_t *peak, size_t cap, sv_hit_point *point, const int32_t *row_start, int32_t height,
                        double snr_low, int32_t *scratch) {
    const field f = {point, row_start, height};
    const int32_t n = row_start[height];
    for (int32_t i = 0; i < n; i++) {
        point[i].parent = i;
        point[i].n_peaks = 0;
        point[i].first_peak = point[i].next_peak = -1;
    }

    /* Local maxima, strongest first; the stable sort keeps equal ones in pixel order. */
    int32_t *top = scratch;
    size_t n_tops = 0;
    for (int32_t i = 0; i < n; i++)
        if (join(&f, i))
            top[n_tops++] = i;
    sv_sort(top, n_tops, sizeof *top, stronger, point, scratch + n);

    size_t n_peaks = 0;
    for (size_t k = 0; k < n_tops && n_peaks < cap; k++)
        if (!is_ring(&f, peak, n_peaks, &point[top[k]]) && accept_in_cluster(&f, top[k], snr_low))
            peak[n_peaks++] = top[k];
    return n_peaks;
}
