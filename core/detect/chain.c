#include <core/detect/chain.h>
#include <core/detect/chain_rate.h>
#include <math.h>
#include <skyvox/math.h>
#include <stdlib.h>

enum {
    SLOTS = SV_CHAIN_AGES + 1,
    CELL_LOG2 = 5, /* a cell of 32 px holds less than one candidate of a usual frame */
    NEAR_CAP = 8,  /* links between two ends that are tried */
};

typedef struct item {
    float u, v;
    float snr;
    int32_t index; /* of the candidate, times BANDS, plus its band */
} item;

/* One frame's candidates, cell by cell. */
typedef struct frame {
    sv_time t;
    bool filled;
    double density[SV_CHAIN_BANDS]; /* candidates per pixel */
    int32_t *start;                 /* [cells + 1] */
    item *item;                     /* [max_per_frame] */
} frame;

typedef struct camera_links {
    int32_t cells_x, cells_y;
    double n_pixels, rate_hz;
    frame frame[SLOTS];
    int newest;
} camera_links;

struct sv_chainer {
    int32_t n_cameras;
    double speed_px;
    sv_chain_rate rate;
    camera_links *camera; /* [n_cameras] */
    int32_t *cell;        /* [max_per_frame] */
};

/* A candidate and the frames before it. */
typedef struct search {
    const sv_chain_rate *rate;
    const camera_links *camera;
    const frame *past[SLOTS]; /* by age; NULL: none */
    double speed_px;
} search;

/* ---- creation ---- */

static bool create_camera(camera_links *c, const sv_camera *camera, size_t cap) {
    if (camera->width <= 0 || camera->height <= 0)
        return true;
    c->cells_x = (camera->width + (1 << CELL_LOG2) - 1) >> CELL_LOG2;
    c->cells_y = (camera->height + (1 << CELL_LOG2) - 1) >> CELL_LOG2;
    c->n_pixels = (double)camera->width * camera->height;
    c->rate_hz = camera->rate_hz;
    for (int k = 0; k < SLOTS; k++) {
        c->frame[k].start = calloc((size_t)c->cells_x * (size_t)c->cells_y + 1, sizeof *c->frame[k].start);
        c->frame[k].item = calloc(cap, sizeof *c->frame[k].item);
        if (!c->frame[k].start || !c->frame[k].item)
            return false;
    }
    return true;
}

sv_status sv_chainer_create(sv_chainer **out, const sv_config *config) {
    *out = NULL;
    const size_t cap = (size_t)config->detect.max_per_frame;
    sv_chainer *l = calloc(1, sizeof *l);
    bool made = l != NULL;
    if (made) {
        l->n_cameras = config->n_cameras;
        l->speed_px = config->detect.link_speed_px;
        l->camera = calloc((size_t)config->n_cameras + 1, sizeof *l->camera);
        l->cell = calloc(cap, sizeof *l->cell);
        made = l->camera && l->cell;
        sv_chain_rate_init(&l->rate, config->detect.snr_low, l->speed_px);
    }
    for (int32_t i = 0; made && i < config->n_cameras; i++)
        made = create_camera(&l->camera[i], &config->camera[i], cap);
    if (!made) {
        sv_chainer_destroy(l);
        return sv_fail(SV_ERR_NOMEM, "detector: out of memory for the links of %d cameras", (int)config->n_cameras);
    }
    *out = l;
    return SV_OK;
}

void sv_chainer_destroy(sv_chainer *l) {
    if (!l)
        return;
    for (int32_t i = 0; l->camera && i < l->n_cameras; i++)
        for (int k = 0; k < SLOTS; k++) {
            free(l->camera[i].frame[k].start);
            free(l->camera[i].frame[k].item);
        }
    free(l->camera);
    free(l->cell);
    free(l);
}

void sv_chainer_reset(sv_chainer *l, int32_t camera) {
    for (int k = 0; k < SLOTS; k++)
        l->camera[camera].frame[k].filled = false;
}

/* ---- the grid ---- */

static int32_t cell_of(double x, int32_t n) {
    const int32_t i = (int32_t)(x < 0 ? 0 : x) >> CELL_LOG2;
    return i < n ? i : n - 1;
}

/* Counting sort by cell. */
static void remember(frame *f, const camera_links *c, const sv_detection *candidate, const uint8_t *band, size_t n,
                     sv_time t, int32_t *cell) {
    const int32_t n_cells = c->cells_x * c->cells_y;
    for (int32_t k = 0; k <= n_cells; k++)
        f->start[k] = 0;
    int32_t n_band[SV_CHAIN_BANDS] = {0};
    for (size_t i = 0; i < n; i++) {
        const sv_detection *d = &candidate[i];
        cell[i] = cell_of(d->v_px, c->cells_y) * c->cells_x + cell_of(d->u_px, c->cells_x);
        f->start[cell[i]]++;
        n_band[band[i]]++;
    }
    int32_t before = 0;
    for (int32_t k = 0; k <= n_cells; k++) {
        const int32_t here = f->start[k];
        f->start[k] = before;
        before += here;
    }
    for (size_t i = 0; i < n; i++) {
        const sv_detection *d = &candidate[i];
        f->item[f->start[cell[i]]++] =
            (item){(float)d->u_px, (float)d->v_px, (float)d->snr, (int32_t)i * SV_CHAIN_BANDS + band[i]};
    }
    /* Every start went to its cell's end, which is the next cell's start. */
    for (int32_t k = n_cells; k > 0; k--)
        f->start[k] = f->start[k - 1];
    f->start[0] = 0;
    for (int b = 0; b < SV_CHAIN_BANDS; b++)
        f->density[b] = n_band[b] / c->n_pixels;
    f->t = t;
    f->filled = true;
}

static int band_of(const item *p) {
    return p->index % SV_CHAIN_BANDS;
}

/* A walk over the items of one band within reach of a place. */
typedef struct walk {
    const frame *frame;
    double u, v, reach;
    int band;
    int32_t cells_x, x0, x1, y, y1;
    int32_t i, end;
} walk;

static walk walk_begin(const search *s, int age, double u, double v, double reach, int band) {
    const camera_links *c = s->camera;
    walk w = {.frame = s->past[age], .u = u, .v = v, .reach = reach, .band = band, .cells_x = c->cells_x};
    w.x0 = cell_of(u - reach, c->cells_x);
    w.x1 = cell_of(u + reach, c->cells_x);
    w.y = cell_of(v - reach, c->cells_y) - 1;
    w.y1 = cell_of(v + reach, c->cells_y);
    return w;
}

static const item *walk_next(walk *w) {
    for (;;) {
        while (w->i == w->end) {
            if (++w->y > w->y1)
                return NULL;
            w->i = w->frame->start[w->y * w->cells_x + w->x0];
            w->end = w->frame->start[w->y * w->cells_x + w->x1 + 1];
        }
        const item *p = &w->frame->item[w->i++];
        const double du = p->u - w->u, dv = p->v - w->v;
        if (band_of(p) == w->band && du * du + dv * dv <= w->reach * w->reach)
            return p;
    }
}

/* ---- chains ---- */

/* A possible link between two ends: its SNR and its distance from the line. */
typedef struct middle {
    double snr, du, dv;
} middle;

static int find_middles(middle *out, const search *s, int age, const item *head, const item *tail, int span) {
    if (!s->past[age])
        return 0;
    const double share = (double)age / span;
    const double u = head->u + share * (tail->u - head->u), v = head->v + share * (tail->v - head->v);
    walk w = walk_begin(s, age, u, v, 1.3 * sqrt(sv_chain_misfit_max()), band_of(head));
    int n = 0;
    for (const item *p; n < NEAR_CAP && (p = walk_next(&w));)
        out[n++] = (middle){p->snr, p->u - u, p->v - v};
    return n;
}

static void try_chain(double *best, const search *s, int kind, double sum_snr, const middle *a, const middle *b) {
    const double du[2] = {a->du, b ? b->du : 0}, dv[2] = {a->dv, b ? b->dv : 0};
    const double misfit = sv_chain_misfit(kind, du, dv);
    if (misfit > sv_chain_misfit_max())
        return;
    const double score = sv_chain_score(s->rate, kind, sum_snr + a->snr + (b ? b->snr : 0), misfit);
    *best = score > *best ? score : *best;
}

/* The best chain from head to tail, `span` frames before it. */
static void try_ends(double *best, const search *s, const item *head, const item *tail, int span) {
    const double ends = head->snr + tail->snr;
    const int last = 1 << (span - 1);
    const double score = sv_chain_score(s->rate, last, ends, 0);
    *best = score > *best ? score : *best;
    middle a[NEAR_CAP], b[NEAR_CAP];
    const int n_a = span > 1 ? find_middles(a, s, 1, head, tail, span) : 0;
    const int n_b = span > 2 ? find_middles(b, s, 2, head, tail, span) : 0;
    for (int i = 0; i < n_a; i++)
        try_chain(best, s, last | 1, ends, &a[i], NULL);
    for (int i = 0; i < n_b; i++)
        try_chain(best, s, last | 2, ends, &b[i], NULL);
    for (int i = 0; i < n_a; i++)
        for (int k = 0; k < n_b; k++)
            try_chain(best, s, last | 3, ends, &a[i], &b[k]);
}

static double link_one(const search *s, const item *head, const double density[SLOTS]) {
    const double none = -1e300;
    double best = none;
    for (int age = 1; age <= SV_CHAIN_AGES; age++) {
        if (!s->past[age])
            continue;
        walk w = walk_begin(s, age, head->u, head->v, sv_chain_reach(s->speed_px, age), band_of(head));
        for (const item *tail; (tail = walk_next(&w));)
            try_ends(&best, s, head, tail, age);
    }
    return best > none ? sv_chain_snr(s->rate, best, density) : 0;
}

/* The frames before, each at its age in frame periods. */
static void find_past(search *s, sv_time t) {
    for (int k = 0; k < SLOTS; k++) {
        const frame *f = &s->camera->frame[k];
        if (!f->filled)
            continue;
        const int64_t age = sv_round_i64((double)(t - f->t) * 1e-9 * s->camera->rate_hz);
        if (age >= 1 && age <= SV_CHAIN_AGES)
            s->past[age] = f;
    }
}

void sv_chainer_run(sv_chainer *l, sv_detection *candidate, const uint8_t *band, size_t n, int32_t camera, sv_time t) {
    camera_links *c = &l->camera[camera];
    search s = {.rate = &l->rate, .camera = c, .speed_px = l->speed_px};
    c->newest = (c->newest + 1) % SLOTS;
    frame *f = &c->frame[c->newest];
    remember(f, c, candidate, band, n, t, l->cell);
    find_past(&s, t);
    double density[SV_CHAIN_BANDS][SLOTS];
    for (int b = 0; b < SV_CHAIN_BANDS; b++)
        for (int age = 0; age < SLOTS; age++)
            density[b][age] = age == 0 ? f->density[b] : s.past[age] ? s.past[age]->density[b] : 0;
    for (size_t i = 0; i < n; i++)
        candidate[f->item[i].index / SV_CHAIN_BANDS].snr_link =
            link_one(&s, &f->item[i], density[band_of(&f->item[i])]);
}
