#include <core/image2d/link.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double accel_px = 60;      /* px/s^2, 1-sigma of the acceleration of a thing 10 px wide and below */
static const double speed_px = 60;      /* px/s, 1-sigma of the unknown speed at birth */
static const double gate2 = 16;         /* squared distance in sigmas */
static const double score_memory = 0.1; /* weight of the newest frame */
static const double size_memory = 0.15;
static const double least_score = 0.25; /* of a track that is kept */
static const double report_score = 0.6; /* of a track that becomes reported */
static const double least_reach = 1.5;  /* px that a track must have moved from its birth */
static const double size_reach = 0.15;  /* and as a share of its size */
static const double rest_s = 1.5;       /* a track that rests longer must stand out in space */
static const double rest_saliency = 1.5;
static const double report_saliency = 2; /* of a track that becomes reported: twice the texture around it */
static const double far_reach = 3;       /* or it went so many times its size: something before trees */
static const double scenery_s = 2;       /* a track that rests longer must be new */
static const double scenery_known = 0.5; /* share of its pattern that the background shows, or shows inverted */
static const double inverted_s =
    0.5; /* where the background shows it inverted, something left: it need not rest for long */
static const double moving_reach = 0.75; /* share of its size to move from its birth while the scene moves */
static const double longest = 6;         /* sides of a thing; beyond it is an edge that lies a little off */
static const double thicket_px = 40;     /* tracks this near */
static const int32_t thicket = 4;        /* and as many: links among them arise by chance */
static const double keep_factor = 8;     /* a reported track is kept this much longer than it is shown unseen */
static const double keep_new = 1.4;      /* another one */
static const double flicker_known = 0.8; /* scenery that flickers: the background shows as much */
/* What stands out little in the image must stand out in time, or be new: a drone before trees does, a car among fences and repainted blocks hardly. */
static const double faint_activity = 2; /* of the activity asked of a new track */
static const double faint_known = 0.1;  /* share of its pattern that the background shows */
static const double faint_s = 0.25;     /* a track that is faint for longer is not shown, as long as it is */

bool sv_linker_create(sv_linker *l, const sv_image2d_config *config) {
    *l = (sv_linker){.cap = (size_t)config->max_tracks, .next_id = 1};
    l->track = calloc(l->cap, sizeof *l->track);
    l->report = calloc(l->cap, sizeof *l->report);
    l->blob_track = calloc((size_t)config->max_blobs, sizeof *l->blob_track);
    return l->track && l->report && l->blob_track;
}

void sv_linker_destroy(sv_linker *l) {
    free(l->track);
    free(l->report);
    free(l->blob_track);
}

void sv_linker_clear(sv_linker *l) {
    l->n = l->n_report = 0;
}

static void warp_point(double *u, double *v, const sv_warp2d *w, double cx, double cy) {
    const double x = *u - cx, y = *v - cy;
    *u += w->u + w->zoom * x - w->turn * y;
    *v += w->v + w->turn * x + w->zoom * y;
}

void sv_linker_warp(sv_linker *l, const sv_warp2d *warp, int32_t width, int32_t height) {
    const double cx = (width - 1) / 2.0, cy = (height - 1) / 2.0;
    for (size_t i = 0; i < l->n; i++) {
        sv_linked2d *t = &l->track[i];
        warp_point(&t->u.x, &t->v.x, warp, cx, cy);
        warp_point(&t->u_birth, &t->v_birth, warp, cx, cy);
        warp_point(&t->u_rest, &t->v_rest, warp, cx, cy);
    }
}

/* ---- filter ---- */

/* White acceleration of spectral density a^2 dt. */
static void predict(sv_axis2d *a, double dt, double accel) {
    const double q = accel * accel * dt;
    a->x += a->v * dt;
    a->xx += dt * (2 * a->xv + dt * a->vv) + q * dt * dt * dt / 3;
    a->xv += dt * a->vv + q * dt * dt / 2;
    a->vv += q * dt;
}

static void correct(sv_axis2d *a, double z, double variance) {
    const double s = a->xx + variance, kx = a->xx / s, kv = a->xv / s, e = z - a->x;
    a->x += kx * e;
    a->v += kv * e;
    a->vv -= kv * a->xv;
    a->xv -= kx * a->xv;
    a->xx -= kx * a->xx;
}

static double side(double w, double h) {
    return sqrt(w * h);
}

/* A large thing's centroid wanders with its shape. */
static double measure_variance(const sv_blob2d *blob) {
    const double sigma = 0.7 + 0.1 * side(blob->w_px, blob->h_px);
    return sigma * sigma;
}

/* ---- association ---- */

/* Squared distance in sigmas and a price for another size; above the gate: infinity. */
static double pair_cost(const sv_linked2d *t, const sv_blob2d *b) {
    const double r = measure_variance(b);
    const double du = b->u_px - t->u.x, dv = b->v_px - t->v.x;
    const double d2 = du * du / (t->u.xx + r) + dv * dv / (t->v.xx + r);
    const double size = side(b->w_px, b->h_px), own = side(t->w_px, t->h_px);
    const double ratio = size > own ? size / own : own / size;
    if (d2 > gate2 || ratio > 6)
        return INFINITY;
    return d2 + (ratio - 1);
}

/* Cheapest pair first; reported tracks before the others; ties by track, then blob. */
static void associate(sv_linker *l, const sv_patch2d *patch, size_t n) {
    for (size_t i = 0; i < l->n; i++)
        l->track[i].blob = -1;
    for (size_t j = 0; j < n; j++)
        l->blob_track[j] = -1;
    for (int reported = 1; reported >= 0; reported--)
        for (;;) {
            double best = INFINITY;
            size_t track = 0, blob = 0;
            for (size_t i = 0; i < l->n; i++) {
                if (l->track[i].reported != (reported == 1) || l->track[i].blob >= 0)
                    continue;
                for (size_t j = 0; j < n; j++) {
                    if (l->blob_track[j] >= 0)
                        continue;
                    const double cost = pair_cost(&l->track[i], &patch[j].blob);
                    if (cost < best) {
                        best = cost;
                        track = i;
                        blob = j;
                    }
                }
            }
            if (best == INFINITY)
                break;
            l->track[track].blob = (int32_t)blob;
            l->blob_track[blob] = (int32_t)track;
        }
}

/* ---- life ---- */

static void start(sv_linker *l, const sv_patch2d *patch) {
    if (l->n == l->cap)
        return;
    const sv_blob2d *b = &patch->blob;
    const double r = measure_variance(b), s = speed_px * speed_px;
    l->track[l->n++] = (sv_linked2d){.id = l->next_id++,
                                     .u = {.x = b->u_px, .xx = r, .vv = s},
                                     .v = {.x = b->v_px, .xx = r, .vv = s},
                                     .w_px = b->w_px,
                                     .h_px = b->h_px,
                                     .u_birth = b->u_px,
                                     .v_birth = b->v_px,
                                     .u_rest = b->u_px,
                                     .v_rest = b->v_px,
                                     .score = score_memory,
                                     .saliency = patch->saliency,
                                     .activity = patch->activity,
                                     .n_frames = 1,
                                     .n_hits = 1,
                                     .seen = true};
}

static void see(sv_linked2d *t, const sv_patch2d *patch) {
    const sv_blob2d *b = &patch->blob;
    const double r = measure_variance(b);
    correct(&t->u, b->u_px, r);
    correct(&t->v, b->v_px, r);
    t->w_px += size_memory * (b->w_px - t->w_px);
    t->h_px += size_memory * (b->h_px - t->h_px);
    t->saliency += size_memory * (patch->saliency - t->saliency);
    t->activity += size_memory * (patch->activity - t->activity);
    t->known += size_memory * (patch->known - t->known);
    t->score += score_memory * (1 - t->score);
    t->n_hits++;
    t->n_missed = 0;
    t->seen = true;
}

static void miss(sv_linked2d *t) {
    t->score -= score_memory * t->score;
    t->n_missed++;
    t->seen = false;
}

/* Distance from where it was a while ago, and from its birth. */
static void measure_way(sv_linked2d *t, double tremble_px) {
    const double bu = t->u.x - t->u_birth, bv = t->v.x - t->v_birth, away = sqrt(bu * bu + bv * bv) - tremble_px;
    const double du = t->u.x - t->u_rest, dv = t->v.x - t->v_rest, step = sqrt(du * du + dv * dv);
    t->reach_px = away > t->reach_px ? away : t->reach_px;
    t->n_rest++;
    if (step > least_reach + size_reach * side(t->w_px, t->h_px)) {
        t->u_rest = t->u.x;
        t->v_rest = t->v.x;
        t->n_rest = 0;
    }
}

/* As many other tracks around it. */
static bool in_thicket(const sv_linker *l, const sv_linked2d *t) {
    const double reach = thicket_px + side(t->w_px, t->h_px);
    int32_t n = 0;
    for (size_t i = 0; i < l->n; i++) {
        const double du = l->track[i].u.x - t->u.x, dv = l->track[i].v.x - t->v.x;
        n += &l->track[i] != t && du * du + dv * dv < reach * reach;
    }
    return n >= thicket;
}

static void judge(const sv_linker *l, sv_linked2d *t, const sv_image2d_config *config, double rate_hz, double width,
                  double height) {
    measure_way(t, l->tremble_px);
    const bool outside = t->u.x < 0 || t->v.x < 0 || t->u.x > width - 1 || t->v.x > height - 1;
    const double share = l->tremble_px > 0 ? moving_reach : size_reach;
    const bool moved = t->reach_px > least_reach + share * side(t->w_px, t->h_px);
    const bool compact = t->w_px < longest * t->h_px && t->h_px < longest * t->w_px;
    const bool scenery = t->n_rest > scenery_s * rate_hz && fabs(t->known) > scenery_known;
    const bool uncovered = t->n_rest > inverted_s * rate_hz && t->known < -scenery_known;
    const bool flickers = t->known > flicker_known && (!t->reported || t->saliency < rest_saliency);
    const bool faint =
        t->saliency < report_saliency && t->known > faint_known && t->activity < faint_activity * config->activity_high;
    t->n_faint = faint ? t->n_faint + 1 : 0;
    const bool rests =
        scenery || uncovered || flickers || (t->n_rest > rest_s * rate_hz && t->saliency < rest_saliency);
    const bool stands_out = t->saliency > report_saliency || t->reach_px > far_reach * side(t->w_px, t->h_px);
    if (!t->reported)
        t->reported = t->n_hits >= config->confirm_s * rate_hz && t->score >= report_score && moved && !rests &&
                      stands_out && compact && t->activity > config->activity_high && !in_thicket(l, t);
    else if (t->activity < config->activity_low || t->score < least_score || rests)
        t->reported = false;
    const double patience = config->coast_s * rate_hz * (t->reported ? keep_factor : keep_new);
    t->dead = outside || t->n_missed > patience || (!t->reported && t->n_frames > 8 && t->score < least_score);
}

static void drop_dead(sv_linker *l) {
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        if (!l->track[i].dead)
            l->track[n++] = l->track[i];
    l->n = n;
}

static void report(sv_linker *l, const sv_image2d_config *config, double rate_hz) {
    l->n_report = 0;
    for (size_t i = 0; i < l->n; i++) {
        const sv_linked2d *t = &l->track[i];
        if (t->reported && t->n_missed <= config->coast_s * rate_hz && t->n_faint <= faint_s * rate_hz)
            l->report[l->n_report++] = (sv_track2d){.id = t->id,
                                                    .u_px = t->u.x,
                                                    .v_px = t->v.x,
                                                    .vu_pxps = t->u.v,
                                                    .vv_pxps = t->v.v,
                                                    .w_px = t->w_px,
                                                    .h_px = t->h_px,
                                                    .score = t->score,
                                                    .n_frames = t->n_frames,
                                                    .seen = t->seen};
    }
}

void sv_linker_step(sv_linker *l, const sv_image2d_config *config, const sv_patch2d *patch, size_t n, double dt_s,
                    double rate_hz, double width, double height) {
    for (size_t i = 0; i < l->n; i++) {
        predict(&l->track[i].u, dt_s, accel_px);
        predict(&l->track[i].v, dt_s, accel_px);
        l->track[i].n_frames++;
    }
    associate(l, patch, n);
    for (size_t i = 0; i < l->n; i++) {
        if (l->track[i].blob >= 0)
            see(&l->track[i], &patch[l->track[i].blob]);
        else
            miss(&l->track[i]);
        judge(l, &l->track[i], config, rate_hz, width, height);
    }
    for (size_t j = 0; j < n; j++)
        if (l->blob_track[j] < 0)
            start(l, &patch[j]);
    drop_dead(l);
    report(l, config, rate_hz);
}

void sv_linker_take_still(sv_linker *l, const sv_blob2d *blob, size_t n) {
    for (l->n_report = 0; l->n_report < n && l->n_report < l->cap; l->n_report++) {
        const sv_blob2d *b = &blob[l->n_report];
        l->report[l->n_report] = (sv_track2d){.id = l->next_id++,
                                              .u_px = b->u_px,
                                              .v_px = b->v_px,
                                              .w_px = b->w_px,
                                              .h_px = b->h_px,
                                              .score = 1,
                                              .n_frames = 1,
                                              .seen = true};
    }
}
