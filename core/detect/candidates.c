#include <core/detect/candidates.h>
#include <core/detect/centroid.h>
#include <core/detect/centroid_weak.h>
#include <core/detect/chain.h>
#include <core/detect/cluster.h>
#include <core/detect/shake.h>
#include <math.h>
#include <skyvox/camera.h>
#include <stdlib.h>
#include <string.h>

enum {
    PEAKS_PER_BLOCK = 64,
    AHEAD = 6, /* candidates whose pixels are on their way into the cache */
};

static const double edge_gain = 16;        /* of c1, what the filters make of an edge's residual at the most */
static const double shake_least_px = 0.01; /* less does no harm at any edge */
static const double weak_snr =
    4.5; /* below it two steps find the place nearly as well as the fit; noise alone has few above */

/* A peak on its way to a place. */
typedef struct peak_place {
    int32_t point, rank;
} peak_place;

struct sv_candidates {
    const sv_config *config;
    sv_team *team;
    sv_shaker *shaker;
    sv_chainer *chainer;      /* NULL: candidates are not linked */
    sv_weak_windows *windows; /* of weak candidates */
    sv_hit_point *unsorted;   /* [hits] in the order of blocks */
    sv_hit_point *point;      /* [hits] in reading order */
    int32_t *row_start;       /* [rows + 2] */
    sv_cluster_work cluster;
    int32_t *peak;         /* [max_per_frame] points, strongest first */
    int32_t *rank;         /* [hits] place of a point among the peaks; -1 none */
    peak_place *place;     /* [max_per_frame] peaks in reading order */
    sv_detection *found;   /* [max_per_frame] by rank, while they are linked */
    uint8_t *band;         /* [max_per_frame] */
    sv_strong_item *order; /* [2 max_per_frame] */
};

typedef struct job {
    const sv_candidates *c;
    const sv_candidates_input *in;
    sv_detection *out;
    size_t n;
} job;

/* ---- creation ---- */

static bool create_parts(sv_candidates *c, size_t n_hits, size_t rows) {
    const size_t cap = (size_t)c->config->detect.max_per_frame;
    const bool links = c->config->detect.link_frames > 0;
    c->windows = calloc(1, sizeof *c->windows);
    c->unsorted = calloc(n_hits, sizeof *c->unsorted);
    c->point = calloc(n_hits, sizeof *c->point);
    c->row_start = calloc(rows + 2, sizeof *c->row_start);
    c->peak = calloc(cap, sizeof *c->peak);
    c->rank = calloc(n_hits, sizeof *c->rank);
    c->place = calloc(cap, sizeof *c->place);
    c->found = calloc(links ? cap : 1, sizeof *c->found);
    c->band = calloc(links ? cap : 1, sizeof *c->band);
    c->order = calloc(links ? 2 * cap : 1, sizeof *c->order);
    return c->windows && c->unsorted && c->point && c->row_start && c->peak && c->rank && c->place && c->found &&
           c->band && c->order && sv_cluster_work_init(&c->cluster, n_hits) == SV_OK &&
           sv_shaker_create(&c->shaker, c->config) == SV_OK &&
           (!links || sv_chainer_create(&c->chainer, c->config) == SV_OK);
}

sv_status sv_candidates_create(sv_candidates **out, const sv_config *config, sv_team *team, size_t n_hits,
                               size_t rows) {
    *out = NULL;
    sv_candidates *c = calloc(1, sizeof *c);
    if (!c)
        return sv_fail(SV_ERR_NOMEM, "detector: out of memory");
    c->config = config;
    c->team = team;
    if (!create_parts(c, n_hits, rows)) {
        sv_candidates_destroy(c);
        return sv_fail(SV_ERR_NOMEM, "detector: out of memory for the candidates of %d cameras", config->n_cameras);
    }
    sv_weak_windows_init(c->windows);
    *out = c;
    return SV_OK;
}

void sv_candidates_destroy(sv_candidates *c) {
    if (!c)
        return;
    sv_shaker_destroy(c->shaker);
    sv_chainer_destroy(c->chainer);
    sv_cluster_work_fini(&c->cluster);
    free(c->windows);
    free(c->unsorted);
    free(c->point);
    free(c->row_start);
    free(c->peak);
    free(c->rank);
    free(c->place);
    free(c->found);
    free(c->band);
    free(c->order);
    free(c);
}

void sv_candidates_forget(sv_candidates *c, int32_t camera) {
    sv_shaker_forget(c->shaker, camera);
    if (c->chainer)
        sv_chainer_reset(c->chainer, camera);
}

/* ---- points ---- */

static const double *noise_at(const sv_candidates_input *in, int32_t x, int32_t y) {
    return &in->noise[((y / SV_DETECT_CELL) * in->cells_x + x / SV_DETECT_CELL) * SV_DETECT_SCALES];
}

static double mean_noise_dn(const sv_candidates_input *in) {
    const size_t n = (size_t)in->cells_x * (size_t)((in->camera->height + SV_DETECT_CELL - 1) / SV_DETECT_CELL);
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += in->noise[k * SV_DETECT_SCALES];
    return sum / ((double)n * in->noise_unit);
}

static double snr_of(const sv_candidates_input *in, const sv_detect_hit *hit) {
    const double *noise = noise_at(in, hit->x, hit->y);
    const double s0 = hit->d[0] / noise[0], s1 = hit->d[1] / noise[1];
    return fabs(s0) >= fabs(s1) ? s0 : s1;
}

static double squared(double x) {
    return x * x;
}

/* At an edge of the scene, what this frame's shake shows there is noise as well. Below snr_low no more than that is known. */
static double snr_beside(const sv_candidates *c, const sv_candidates_input *in, const sv_detect_hit *hit,
                         sv_shake shake) {
    const double snr_low = c->config->detect.snr_low;
    const double *noise = noise_at(in, hit->x, hit->y);
    const double unit = edge_gain * (1 << sv_detect_shift(in->camera->bit_depth));
    const double left0 = squared(hit->d[0] / snr_low) - squared(noise[0]);
    const double left1 = squared(hit->d[1] / snr_low) - squared(noise[1]);
    const double left = left0 > left1 ? left0 : left1; /* noise that may be added before the hit is none */
    const double enough_dn = left > 0 ? sqrt(left) / unit : 0;
    const double edge =
        unit * sv_shaker_residual_dn(c->shaker, &in->view, in->frame->camera, shake, hit->x, hit->y, enough_dn);
    const double s0 = hit->d[0] / sqrt(squared(noise[0]) + squared(edge));
    const double s1 = hit->d[1] / sqrt(squared(noise[1]) + squared(edge));
    return fabs(s0) >= fabs(s1) ? s0 : s1;
}

/* Hits of all blocks, those below the noise of this very frame left out; rows are counted in row_start[y + 2]. */
static size_t judge(sv_candidates *c, const sv_candidates_input *in) {
    const double snr_low = c->config->detect.snr_low;
    const int32_t polarity = c->config->detect.polarity[in->camera->modality];
    const sv_shake shake = sv_shaker_measure(c->shaker, &in->view, in->frame->camera, mean_noise_dn(in));
    const bool shakes = fabs(shake.u_px) + fabs(shake.v_px) > shake_least_px;
    size_t n = 0;
    for (size_t b = 0; b < in->n_blocks; b++)
        for (size_t i = 0; i < in->n_hits[b]; i++) {
            const sv_detect_hit *hit = &in->hit[b * in->hits_per_block + i];
            double s = snr_of(in, hit);
            if (shakes && fabs(s) >= snr_low)
                s = snr_beside(c, in, hit, shake);
            if (fabs(s) < snr_low || polarity * s < 0)
                continue;
            c->row_start[hit->y + 2]++;
            c->unsorted[n++] = (sv_hit_point){
                .snr = fabs(s), .x = hit->x, .y = hit->y, .d = {hit->d[0], hit->d[1]}, .sign = s > 0 ? 1 : -1};
        }
    return n;
}

/* The points of a row come from its blocks from left to right: a counting sort by row gives reading order. */
static void gather(sv_candidates *c, const sv_candidates_input *in) {
    const int32_t height = in->camera->height;
    memset(c->row_start, 0, ((size_t)height + 2) * sizeof *c->row_start);
    const size_t n = judge(c, in);
    for (int32_t y = 0; y < height; y++)
        c->row_start[y + 2] += c->row_start[y + 1];
    /* row_start[y + 1] is the place of row y's next point, and in the end where row y + 1 begins. */
    for (size_t i = 0; i < n; i++)
        c->point[c->row_start[c->unsorted[i].y + 1]++] = c->unsorted[i];
}

/* ---- places ---- */

/* Ask for the pixels of a weak candidate's patch, from its first column to its last. */
static void fetch(const sv_candidates_input *in, const sv_hit_point *p) {
    const ptrdiff_t bytes = in->view.bit_depth > 8 ? 2 : 1;
    const int32_t x = p->x - SV_WEAK_RADIUS;
    for (int32_t y = p->y - SV_WEAK_RADIUS; y <= p->y + SV_WEAK_RADIUS; y++) {
        if (x < 0 || y < 0 || y >= in->view.height)
            continue;
        const unsigned char *pixels = (const unsigned char *)in->view.pixels + y * in->view.pitch + x * bytes;
        const uint16_t *background = in->view.background + (size_t)y * (size_t)in->view.width + x;
        __builtin_prefetch(pixels);
        __builtin_prefetch(pixels + (SV_WEAK_COLUMNS - 1) * bytes);
        __builtin_prefetch(background);
        __builtin_prefetch(background + SV_WEAK_COLUMNS - 1);
    }
}

static sv_detection measure(const sv_candidates *c, const sv_candidates_input *in, const sv_hit_point *p) {
    const double sigma_dn = noise_at(in, p->x, p->y)[0] / in->noise_unit;
    const double spread = p->d[0] != 0 ? (double)p->d[1] / p->d[0] : 1;
    sv_detect_centroid at;
    if (p->snr >= weak_snr ||
        !sv_detect_measure_weak(&at, c->windows, &in->view, p->x, p->y, p->sign, spread, sigma_dn))
        sv_detect_measure(&at, &in->view, p->x, p->y, p->sign, spread, sigma_dn);
    return (sv_detection){.t = sv_camera_row_time(in->camera, in->frame->t, at.v_px),
                          .u_px = at.u_px,
                          .v_px = at.v_px,
                          .cov_px2 = {at.cov_px2[0], at.cov_px2[1], at.cov_px2[2]},
                          .snr = p->snr,
                          .flux_dn = at.flux_dn,
                          .camera = in->frame->camera,
                          .frame = in->frame->number};
}

static void measure_block(void *user, size_t i_block) {
    const job *j = user;
    const sv_candidates *c = j->c;
    const size_t first = i_block * PEAKS_PER_BLOCK;
    const size_t end = first + PEAKS_PER_BLOCK < j->n ? first + PEAKS_PER_BLOCK : j->n;
    for (size_t i = first; i < end; i++) {
        if (i + AHEAD < end)
            fetch(j->in, &c->point[c->place[i + AHEAD].point]);
        j->out[c->place[i].rank] = measure(c, j->in, &c->point[c->place[i].point]);
    }
}

/* In reading order, because neighbours share pages and cache lines. */
static void measure_all(sv_candidates *c, sv_detection *out, const sv_candidates_input *in, size_t n) {
    const int32_t n_points = c->row_start[in->camera->height];
    memset(c->rank, 0xff, (size_t)n_points * sizeof *c->rank);
    for (size_t i = 0; i < n; i++)
        c->rank[c->peak[i]] = (int32_t)i;
    size_t k = 0;
    for (int32_t i = 0; i < n_points; i++)
        if (c->rank[i] >= 0)
            c->place[k++] = (peak_place){i, c->rank[i]};
    job j = {c, in, out, n};
    sv_team_run(c->team, (n + PEAKS_PER_BLOCK - 1) / PEAKS_PER_BLOCK, measure_block, &j);
}

/* ---- links ---- */

static void link_all(sv_candidates *c, sv_detection *out, const sv_candidates_input *in, size_t n) {
    for (size_t i = 0; i < n; i++)
        c->band[i] = c->point[c->peak[i]].sign < 0;
    sv_chainer_run(c->chainer, c->found, c->band, n, in->frame->camera, in->frame->t);
    for (size_t i = 0; i < n; i++) {
        const sv_detection *d = &c->found[i];
        c->order[i] = sv_strong_item_of(d->snr_link > d->snr ? d->snr_link : d->snr, (int32_t)i);
    }
    sv_strongest_first(c->order, n, c->order + n);
    for (size_t i = 0; i < n; i++)
        out[i] = c->found[c->order[i].index];
}

size_t sv_candidates_find(sv_candidates *c, sv_detection *out, const sv_candidates_input *in) {
    gather(c, in);
    const size_t n = sv_cluster_peaks(c->peak, (size_t)c->config->detect.max_per_frame, &c->cluster, c->point,
                                      c->row_start, in->camera->height, c->config->detect.snr_low);
    const bool links = c->chainer && !in->late;
    measure_all(c, links ? c->found : out, in, n);
    if (links)
        link_all(c, out, in, n);
    return n;
}
