#include <core/detect/candidates.h>
#include <core/detect/centroid.h>
#include <core/detect/centroid_weak.h>
#include <core/detect/chain.h>
#include <core/detect/cluster.h>
#include <core/detect/shake.h>
#include <core/detect/shown.h>
#include <core/detect/weak_places.h>
#include <math.h>
#include <skyvox/camera.h>
#include <stdlib.h>
#include <string.h>

enum {
    PEAKS_PER_BLOCK = 64,
    AHEAD = 4, /* candidates whose memory is on its way into the cache */
};

static const double edge_gain = 16;        /* of c1, what the filters make of an edge's residual at the most */
static const double left_share = 0.3;      /* of what the shake shows, at the most, when it is taken off */
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
    sv_chainer *chainer;          /* NULL: candidates are not linked */
    sv_hit_point *unsorted;       /* [hits] in the order of blocks */
    sv_hit_point *point;          /* [hits] in reading order, every row of blocks from the place of its first hit */
    uint16_t *column;             /* [hits] x of point */
    int32_t *row_begin, *row_end; /* [rows] of point */
    sv_weak_places weak;
    double
        *weakest; /* [n_cameras] SNR of the last frame's weakest candidate where the cap left weaker ones out, else 0 */
    sv_shake shake; /* of this frame */
    sv_shown shown; /* by it */
    bool shakes;
    sv_cluster_work cluster;
    int32_t *peak;         /* [max_per_frame] points, strongest first */
    int32_t *rank;         /* [hits] place of a point among the peaks; -1 none */
    bool *is_target;       /* [max_per_frame] by rank */
    peak_place *place;     /* [max_per_frame] peaks in reading order */
    sv_detection *found;   /* [max_per_frame] by rank, while they are linked */
    uint8_t *band;         /* [max_per_frame] */
    sv_strong_item *order; /* [2 max_per_frame] */
};

typedef struct job {
    const sv_candidates *c;
    const sv_candidates_input *in;
    sv_detection *out;
    size_t n, n_weak; /* peaks, the weak ones first */
} job;

/* ---- creation ---- */

static bool create_parts(sv_candidates *c, const sv_detect_ops *detect, const sv_centroid_ops *centroid,
                         const sv_cluster_ops *cluster, size_t n_blocks, size_t hits_per_block) {
    const size_t cap = (size_t)c->config->detect.max_per_frame, n_hits = n_blocks * hits_per_block;
    const bool links = c->config->detect.link_frames > 0;
    size_t rows = 1;
    for (int32_t i = 0; i < c->config->n_cameras; i++)
        if (c->config->camera[i].height > (int32_t)rows)
            rows = (size_t)c->config->camera[i].height;
    c->weakest = calloc((size_t)c->config->n_cameras + 1, sizeof *c->weakest);
    c->unsorted = calloc(n_hits, sizeof *c->unsorted);
    c->point = calloc(n_hits, sizeof *c->point);
    c->column = calloc(n_hits, sizeof *c->column);
    c->row_begin = calloc(rows, sizeof *c->row_begin);
    c->row_end = calloc(rows, sizeof *c->row_end);
    c->peak = calloc(cap, sizeof *c->peak);
    c->rank = calloc(n_hits, sizeof *c->rank);
    c->place = calloc(cap, sizeof *c->place);
    c->is_target = calloc(cap, sizeof *c->is_target);
    c->found = calloc(links ? cap : 1, sizeof *c->found);
    c->band = calloc(links ? cap : 1, sizeof *c->band);
    c->order = calloc(links ? 2 * cap : 1, sizeof *c->order);
    return c->weakest && c->unsorted && c->point && c->column && c->row_begin && c->row_end && c->peak && c->rank &&
           c->place && c->is_target && c->found && c->band && c->order &&
           sv_cluster_work_init(&c->cluster, cluster, n_hits) == SV_OK &&
           sv_weak_places_init(&c->weak, centroid, n_blocks, hits_per_block, cap) == SV_OK &&
           sv_shaker_create(&c->shaker, c->config, detect) == SV_OK &&
           (!links || sv_chainer_create(&c->chainer, c->config) == SV_OK);
}

sv_status sv_candidates_create(sv_candidates **out, const sv_config *config, const sv_detect_ops *detect,
                               const sv_centroid_ops *centroid, const sv_cluster_ops *cluster, sv_team *team,
                               size_t n_blocks, size_t hits_per_block) {
    *out = NULL;
    sv_candidates *c = calloc(1, sizeof *c);
    if (!c)
        return sv_fail(SV_ERR_NOMEM, "detector: out of memory");
    c->config = config;
    c->team = team;
    if (!create_parts(c, detect, centroid, cluster, n_blocks, hits_per_block)) {
        sv_candidates_destroy(c);
        return sv_fail(SV_ERR_NOMEM, "detector: out of memory for the candidates of %d cameras", config->n_cameras);
    }
    *out = c;
    return SV_OK;
}

void sv_candidates_destroy(sv_candidates *c) {
    if (!c)
        return;
    sv_shaker_destroy(c->shaker);
    sv_chainer_destroy(c->chainer);
    sv_cluster_work_fini(&c->cluster);
    free(c->weakest);
    free(c->unsorted);
    free(c->point);
    free(c->column);
    free(c->row_begin);
    free(c->row_end);
    sv_weak_places_fini(&c->weak);
    free(c->peak);
    free(c->rank);
    free(c->place);
    free(c->is_target);
    free(c->found);
    free(c->band);
    free(c->order);
    free(c);
}

void sv_candidates_forget(sv_candidates *c, int32_t camera) {
    sv_shaker_forget(c->shaker, camera);
    c->weakest[camera] = 0;
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
    const bool first = fabs(hit->d[0] * noise[1]) >= fabs(hit->d[1] * noise[0]); /* the larger, without dividing both */
    return first ? hit->d[0] / noise[0] : hit->d[1] / noise[1];
}

static double squared(double x) {
    return x * x;
}

/* The SNR of filtered residuals with more noise than the cell's, in units of filter 0. */
static double snr_amid(const double *noise, const double d[SV_DETECT_SCALES], double more2) {
    const double s0 = d[0] / sqrt(squared(noise[0]) + more2), s1 = d[1] / sqrt(squared(noise[1]) + more2);
    return fabs(s0) >= fabs(s1) ? s0 : s1;
}

/* What drowns filtered residuals when it is added to the noise, in units of filter 0. */
static double drowning(const sv_candidates *c, const double *noise, const double d[SV_DETECT_SCALES]) {
    const double snr_low = c->config->detect.snr_low;
    const double left0 = squared(d[0] / snr_low) - squared(noise[0]);
    const double left1 = squared(d[1] / snr_low) - squared(noise[1]);
    const double left = left0 > left1 ? left0 : left1;
    return left > 0 ? sqrt(left) : 0;
}

/*
 * Take off a hit what this frame's shake shows in it at an edge of the scene. Returns what may be left of that, in units of filter 0;
 * looks no further once it drowns the hit.
 */
static double less_shake(double d[SV_DETECT_SCALES], const sv_candidates *c, const sv_candidates_input *in,
                         const sv_detect_hit *hit, double unit) {
    double answer_dn[SV_DETECT_SCALES];
    const bool known = sv_shown_in(answer_dn, &c->shown, &in->view, hit->x, hit->y);
    for (int s = 0; s < SV_DETECT_SCALES; s++)
        d[s] -= unit * answer_dn[s];
    const double enough = drowning(c, noise_at(in, hit->x, hit->y), d), per_dn = unit * (known ? left_share : 1);
    if (enough == 0)
        return 0;
    return per_dn *
           sv_shaker_residual_dn(c->shaker, &in->view, in->frame->camera, c->shake, hit->x, hit->y, enough / per_dn);
}

/* At an edge of the scene, what is left of the shake and what the background lags behind by on one side are noise as well. */
static double snr_beside(const sv_candidates *c, const sv_candidates_input *in, const sv_detect_hit *hit) {
    const double *noise = noise_at(in, hit->x, hit->y);
    const double unit = edge_gain * (1 << sv_detect_shift(in->camera->bit_depth));
    double d[SV_DETECT_SCALES] = {hit->d[0], hit->d[1]};
    const double left2 = c->shakes ? squared(less_shake(d, c, in, hit, unit)) : 0;
    const double s = snr_amid(noise, d, left2);
    if (fabs(s) < c->config->detect.snr_low)
        return s;
    const double step =
        sv_shaker_step_dn(c->shaker, &in->view, in->frame->camera, c->shake, hit->x, hit->y, noise[0] / in->noise_unit);
    return step > 0 ? snr_amid(noise, d, left2 + squared(unit * step)) : s;
}

void sv_candidates_begin(sv_candidates *c, const sv_candidates_input *in) {
    const double noise_dn = mean_noise_dn(in);
    const int32_t camera = in->frame->camera;
    if (in->young) {
        sv_shaker_begin(c->shaker, camera, noise_dn, in->young);
        return;
    }
    c->shake = sv_shaker_measure(c->shaker, &in->view, camera, noise_dn);
    c->shown = sv_shown_by(c->shake);
    c->shakes = fabs(c->shake.u_px) + fabs(c->shake.v_px) > shake_least_px;
    if (!in->late)
        sv_shaker_begin(c->shaker, camera, noise_dn, SV_SHAKE_PERIOD);
}

/* Rows of a row of blocks. */
static int32_t first_row(int32_t i_row) {
    return i_row * SV_DETECT_BLOCK_H;
}

static int32_t end_row(const sv_candidates_input *in, int32_t i_row) {
    const int32_t end = first_row(i_row + 1);
    return end < in->view.height ? end : in->view.height;
}

/* Hits of a row of blocks, those below the noise of this very frame left out; n_of counts them by row. */
static size_t judge(const sv_candidates *c, const sv_candidates_input *in, int32_t i_row, size_t first,
                    int32_t n_of[SV_DETECT_BLOCK_H]) {
    const double snr_low = c->config->detect.snr_low;
    const int32_t polarity = c->config->detect.polarity[in->camera->modality];
    const size_t b0 = (size_t)i_row * (size_t)in->blocks_x, b1 = b0 + (size_t)in->blocks_x;
    sv_hit_point *out = c->unsorted + first;
    size_t n = 0;
    for (size_t b = b0; b < b1; b++)
        for (size_t i = 0; i < in->n_hits[b]; i++) {
            const sv_detect_hit *hit = &in->hit[b * in->hits_per_block + i];
            double s = snr_of(in, hit);
            if (fabs(s) >= snr_low && sv_shaker_is_near(c->shaker, &in->view, in->frame->camera, hit->x, hit->y))
                s = snr_beside(c, in, hit);
            if (fabs(s) < snr_low || polarity * s < 0)
                continue;
            n_of[hit->y - first_row(i_row)]++;
            out[n++] = (sv_hit_point){.snr = fabs(s),
                                      .x = hit->x,
                                      .y = hit->y,
                                      .d = {hit->d[0], hit->d[1]},
                                      .sign = s > 0 ? 1 : -1,
                                      .weak_place = c->weak.of_hit[b * in->hits_per_block + i]};
        }
    return n;
}

/* The points of a row come from its blocks from left to right: a counting sort by row gives reading order. */
static void sort_row(sv_candidates *c, const sv_candidates_input *in, int32_t i_row) {
    const size_t first = (size_t)i_row * (size_t)in->blocks_x * in->hits_per_block;
    int32_t n_of[SV_DETECT_BLOCK_H] = {0};
    const size_t n = judge(c, in, i_row, first, n_of);
    int32_t at = (int32_t)first;
    for (int32_t y = first_row(i_row); y < end_row(in, i_row); y++) {
        c->row_begin[y] = c->row_end[y] = at;
        at += n_of[y - first_row(i_row)];
    }
    for (size_t i = first; i < first + n; i++) {
        const int32_t k = c->row_end[c->unsorted[i].y]++;
        c->point[k] = c->unsorted[i];
        c->column[k] = c->unsorted[i].x;
    }
}

/* What a hit of the block needs, in units of filter 0, to come under the cap as far as the frame before tells. */
static double worth_a_place(const sv_candidates *c, const sv_candidates_input *in, sv_detect_rect block) {
    const double share = 0.9; /* of the weakest candidate: frames differ */
    double least = SV_DETECT_NEVER;
    for (int32_t y = block.y0; y < block.y1; y += SV_DETECT_CELL)
        for (int32_t x = block.x0; x < block.x1; x += SV_DETECT_CELL)
            least = noise_at(in, x, y)[0] < least ? noise_at(in, x, y)[0] : least;
    return share * c->weakest[in->frame->camera] * least;
}

void sv_candidates_take_block(sv_candidates *c, const sv_candidates_input *in, size_t i_block) {
    const int32_t i_row = (int32_t)(i_block / (size_t)in->blocks_x);
    const int32_t x = (int32_t)(i_block % (size_t)in->blocks_x) * SV_DETECT_BLOCK_W;
    const int32_t end = x + SV_DETECT_BLOCK_W < in->view.width ? x + SV_DETECT_BLOCK_W : in->view.width;
    const sv_detect_rect block = {x, first_row(i_row), end, end_row(in, i_row)};
    if (!in->late)
        sv_shaker_look(c->shaker, &in->view, in->frame->camera, block);
    if (in->young)
        return;
    sv_weak_places_take(&c->weak, i_block, &in->view, &in->hit[i_block * in->hits_per_block], in->n_hits[i_block],
                        worth_a_place(c, in, block), c->config->detect.polarity[in->camera->modality]);
}

void sv_candidates_take_row(sv_candidates *c, const sv_candidates_input *in, int32_t i_row) {
    const sv_hit_points points = {c->point, c->column, c->row_begin, c->row_end, in->view.height};
    sort_row(c, in, i_row);
    sv_cluster_join(&c->cluster, &points, first_row(i_row), end_row(in, i_row));
}

/* ---- places ---- */

/* The place found in time, where there is one for this sign. */
static void measure_weak(sv_detect_centroid *out, const sv_candidates *c, const sv_candidates_input *in,
                         const sv_hit_point *p, double sigma_dn) {
    const sv_weak_place *place = &c->weak.place[p->weak_place >= 0 ? p->weak_place : 0];
    sv_weak_place own;
    if (p->weak_place < 0 || place->sign != p->sign) {
        const sv_weak_target target = {.x = p->x, .y = p->y, .width = sv_weak_width_of(p->d), .sign = (int8_t)p->sign};
        sv_weak_places_take_one(&own, &c->weak, &in->view, &target);
        place = &own;
    }
    sv_detect_measure_weak(out, c->weak.windows, place, in->view.bit_depth, p->x, p->y, sigma_dn);
}

static bool is_weak(const sv_candidates_input *in, const sv_hit_point *p) {
    return p->snr < weak_snr && sv_weak_fits(&in->view, p->x, p->y);
}

static double spread_of(const sv_hit_point *p) {
    return p->d[0] != 0 ? (double)p->d[1] / p->d[0] : 1;
}

/* False for no candidate: a hole in the background. */
static bool measure(sv_detection *out, const sv_candidates *c, const sv_candidates_input *in, const sv_hit_point *p) {
    const double sigma_dn = noise_at(in, p->x, p->y)[0] / in->noise_unit;
    sv_detect_centroid at;
    if (is_weak(in, p)) {
        measure_weak(&at, c, in, p, sigma_dn);
    } else {
        sv_detect_measure(&at, c->weak.ops, &in->view, p->x, p->y, p->sign, spread_of(p), sigma_dn);
    }
    *out = (sv_detection){.t = sv_camera_row_time(in->camera, in->frame->t, at.v_px),
                          .u_px = at.u_px,
                          .v_px = at.v_px,
                          .cov_px2 = {at.cov_px2[0], at.cov_px2[1], at.cov_px2[2]},
                          .snr = p->snr,
                          .flux_dn = at.flux_dn,
                          .camera = in->frame->camera,
                          .frame = in->frame->number};
    return !at.hole;
}

/* Memory of a peak that comes later: its weak place and where its detection goes, or the pixels of a strong one. */
static void prefetch(const job *j, const peak_place *soon) {
    const sv_candidates *c = j->c;
    const sv_hit_point *p = &c->point[soon->point];
    __builtin_prefetch(&j->out[soon->rank], 1);
    __builtin_prefetch(&j->out[soon->rank].camera, 1);
    if (is_weak(j->in, p))
        __builtin_prefetch(&c->weak.place[p->weak_place >= 0 ? p->weak_place : 0]);
    else
        sv_detect_measure_soon(&j->in->view, p->x, p->y, spread_of(p));
}

static void measure_block(void *user, size_t i_block) {
    const job *j = user;
    const sv_candidates *c = j->c;
    const size_t first = i_block * PEAKS_PER_BLOCK;
    const size_t end = first + PEAKS_PER_BLOCK < j->n ? first + PEAKS_PER_BLOCK : j->n;
    for (size_t i = first; i < end; i++) {
        const size_t soon = i + (i < j->n_weak ? AHEAD : 1);
        if (soon < end)
            prefetch(j, &c->place[soon]);
        const int32_t rank = c->place[i].rank;
        c->is_target[rank] = measure(&j->out[rank], c, j->in, &c->point[c->place[i].point]);
    }
}

/*
 * In reading order, because neighbours share pages and cache lines; the strong ones after the weak and backwards, so that the pixels
 * of one come while another is measured. Returns how many are left.
 */
static size_t measure_all(sv_candidates *c, sv_detection *out, const sv_candidates_input *in, size_t n) {
    for (int32_t y = 0; y < in->view.height; y++)
        for (int32_t i = c->row_begin[y]; i < c->row_end[y]; i++)
            c->rank[i] = -1;
    for (size_t i = 0; i < n; i++)
        c->rank[c->peak[i]] = (int32_t)i;
    size_t n_weak = 0, strong = n;
    for (int32_t y = 0; y < in->view.height; y++)
        for (int32_t i = c->row_begin[y]; i < c->row_end[y]; i++)
            if (c->rank[i] >= 0)
                c->place[is_weak(in, &c->point[i]) ? n_weak++ : --strong] = (peak_place){i, c->rank[i]};
    job j = {c, in, out, n, n_weak};
    sv_team_run(c->team, (n + PEAKS_PER_BLOCK - 1) / PEAKS_PER_BLOCK, measure_block, &j);
    size_t left = 0;
    for (size_t i = 0; i < n; i++) {
        if (!c->is_target[i])
            continue;
        if (left < i) {
            out[left] = out[i];
            c->peak[left] = c->peak[i];
        }
        left++;
    }
    return left;
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
    const sv_hit_points points = {c->point, c->column, c->row_begin, c->row_end, in->view.height};
    size_t n = sv_cluster_peaks(c->peak, (size_t)c->config->detect.max_per_frame, &c->cluster, &points,
                                SV_DETECT_BLOCK_H, c->config->detect.snr_low);
    c->weakest[in->frame->camera] = n == (size_t)c->config->detect.max_per_frame ? c->point[c->peak[n - 1]].snr : 0;
    const bool links = c->chainer && !in->late;
    n = measure_all(c, links ? c->found : out, in, n);
    if (links)
        link_all(c, out, in, n);
    return n;
}
