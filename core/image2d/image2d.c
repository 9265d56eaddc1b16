/* One camera's frames through background, motion, blobs and links. docs/MATH.md 7. */
#include <core/image2d/link.h>
#include <core/image2d/motion.h>
#include <core/image2d/still.h>
#include <math.h>
#include <skyvox/math.h>
#include <stdlib.h>

enum {
    SIDE_MIN = 16,
    SIDE_CAP = 32000,
    CHANGED_SHARE = 3, /* more than 1 / this of the pixels differ: another scene */
};
static const double corner_most = 1;    /* px that a turn or a zoom may move a corner before the background follows */
static const double moves_least = 0.5;  /* px from which the scene counts as moving */
static const double step_least = 0.75;  /* px from which the background is moved by whole pixels */
static const double moves_s = 0.5;      /* a scene counts as moving this long after its last shift */
static const double tremble_px = 1;     /* that a moving scene's own things may seem to go */
static const double ghost_ratio = 1.5;  /* the background shows the thing this much better than the frame does */
static const double ghost_saliency = 2; /* what stands out more in the frame is there, whatever stood there before */
static const double hold_margin = 0.3;  /* of a track's size, around it: learns slowly */

struct sv_image2d {
    sv_image2d_config config;
    double rate_hz;
    sv_field2d field;
    sv_blob_finder finder;
    sv_linker linker;
    sv_blob2d *blob; /* [max_blobs] */
    sv_motion2d motion;
    int64_t n_frames;
    int64_t last_shift; /* frame of it, -1 none */
    sv_time t;
};

sv_image2d_config sv_image2d_config_default(void) {
    return (sv_image2d_config){
        .background_tau_s = 8,
        .warmup_s = 0.7,
        .snr_low = 3,
        .snr_high = 6,
        .spot_snr = 4,
        .still_snr = 1.7,
        .activity_high = 5,
        .activity_low = 3.5,
        .noise_floor_dn = 0.6,
        .confirm_s = 0.25,
        .coast_s = 0.25,
        .max_blobs = 64,
        .max_tracks = 64,
    };
}

static sv_status check(const sv_image2d_config *c, int32_t width, int32_t height, int32_t bit_depth, double rate_hz) {
    if (width < SIDE_MIN || height < SIDE_MIN || width > SIDE_CAP || height > SIDE_CAP)
        return sv_fail(SV_ERR_ARG, "image2d: %d x %d px, expected %d to %d each", (int)width, (int)height, SIDE_MIN,
                       SIDE_CAP);
    if (bit_depth < 8 || bit_depth > 16)
        return sv_fail(SV_ERR_ARG, "image2d: bit depth %d, expected 8 to 16", (int)bit_depth);
    if (!(rate_hz > 0 && rate_hz <= 1e6))
        return sv_fail(SV_ERR_ARG, "image2d: frame rate, expected above 0 to 1e6");
    const bool good = c->background_tau_s > 0 && c->warmup_s >= 0 && c->snr_low > 0 && c->snr_high >= c->snr_low &&
                      c->snr_high < 1e6 && c->still_snr > 0 && c->spot_snr > 0 && c->spot_snr < 1e6 &&
                      c->activity_low > 0 && c->activity_high >= c->activity_low && c->activity_high < 1e6 &&
                      c->noise_floor_dn > 0 && c->noise_floor_dn <= 255 && c->confirm_s >= 0 && c->coast_s >= 0 &&
                      c->max_blobs > 0 && c->max_blobs <= 4096 && c->max_tracks > 0 && c->max_tracks <= 4096;
    return good ? SV_OK : sv_fail(SV_ERR_ARG, "image2d: a setting is out of range");
}

sv_status sv_image2d_create(sv_image2d **out, const sv_image2d_config *config, const sv_backend *backend, int32_t width,
                            int32_t height, int32_t bit_depth, double rate_hz) {
    *out = NULL;
    sv_status status = check(config, width, height, bit_depth, rate_hz);
    if (status != SV_OK)
        return status;
    sv_image2d *s = calloc(1, sizeof *s);
    if (!s)
        return sv_fail(SV_ERR_NOMEM, "image2d: out of memory");
    s->config = *config;
    s->rate_hz = rate_hz;
    s->last_shift = -1;
    s->blob = calloc((size_t)config->max_blobs, sizeof *s->blob);
    const bool made = sv_field2d_create(&s->field, &backend->warp, width, height, bit_depth) && s->blob;
    if (!made || !sv_blob_finder_create(&s->finder, width, height) || !sv_linker_create(&s->linker, config)) {
        sv_image2d_destroy(s);
        return sv_fail(SV_ERR_NOMEM, "image2d: out of memory for %d x %d px", (int)width, (int)height);
    }
    *out = s;
    return SV_OK;
}

void sv_image2d_destroy(sv_image2d *s) {
    if (!s)
        return;
    sv_field2d_destroy(&s->field);
    sv_blob_finder_destroy(&s->finder);
    sv_linker_destroy(&s->linker);
    free(s->blob);
    free(s);
}

/* ---- one frame ---- */

static int32_t warmup_frames(const sv_image2d *s) {
    const double n = s->config.warmup_s * s->rate_hz;
    return n < 2 ? 2 : n > 1000 ? 1000 : (int32_t)n;
}

static int32_t learn_gain(const sv_image2d *s) {
    const double gain = 65536 / (s->config.background_tau_s * s->rate_hz);
    return gain > 65536 ? 65536 : gain < 1 ? 1 : (int32_t)gain;
}

static void restart(sv_image2d *s) {
    s->field.n_learned = 0;
    sv_linker_clear(&s->linker);
    s->finder.n = 0;
    s->motion.restarted = true;
}

/* How far a turn and a zoom move a corner. */
static double corner_way(const sv_warp2d *w, const sv_field2d *f) {
    return 0.5 * (fabs(w->zoom) + fabs(w->turn)) * (f->width + f->height);
}

/* Up to three quarters of a pixel are left to the alignment: a camera that trembles by half a pixel must not toss the background about. */
static int32_t whole_step(double way) {
    return fabs(way) > step_least ? (int32_t)sv_round_i64(way) : 0;
}

/* Whole pixels move background and tracks without loss; a turn or a zoom resamples them once it shows. */
static void take_motion(sv_image2d *s, sv_warp2d *w) {
    sv_field2d *f = &s->field;
    const int32_t du = whole_step(w->u), dv = whole_step(w->v);
    if (fabs(w->u) > moves_least || fabs(w->v) > moves_least)
        s->last_shift = s->n_frames;
    if (du || dv) {
        sv_field2d_shift(f, du, dv);
        s->motion.du_px += du;
        s->motion.dv_px += dv;
        s->motion.path_px += abs(du) > abs(dv) ? abs(du) : abs(dv);
    }
    const sv_warp2d whole = {.u = du, .v = dv};
    w->u -= du;
    w->v -= dv;
    if (corner_way(w, f) < corner_most) {
        sv_linker_warp(&s->linker, &whole, f->width, f->height);
        return;
    }
    sv_field2d_warp(f, w);
    const sv_warp2d all = {.u = w->u + du, .v = w->v + dv, .zoom = w->zoom, .turn = w->turn};
    sv_linker_warp(&s->linker, &all, f->width, f->height);
    s->last_shift = s->n_frames;
    *w = (sv_warp2d){0};
}

/* Brings the background under the frame. */
static void follow_motion(sv_image2d *s) {
    sv_warp2d w;
    if (sv_motion2d_find(&w, &s->field))
        take_motion(s, &w);
    s->motion.moves = s->last_shift >= 0 && (double)(s->n_frames - s->last_shift) < moves_s * s->rate_hz;
    if (!s->motion.moves)
        w = (sv_warp2d){0};
    sv_field2d_align(&s->field, &w);
}

/* What the background shows and the frame does not is where a thing once stood: forgotten, and no blob. */
static void drop_ghosts(sv_image2d *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->finder.n; i++) {
        const sv_patch2d *p = &s->finder.patch[i];
        const bool ghost = fabs(p->background_contrast) > ghost_ratio * fabs(p->now_contrast);
        if (!p->is_spot && ghost && p->saliency < ghost_saliency)
            sv_field2d_forget(&s->field, p->x0 - 1, p->y0 - 1, p->x1 + 1, p->y1 + 1);
        else
            s->finder.patch[n++] = *p;
    }
    s->finder.n = n;
    for (size_t i = 0; i < n; i++)
        s->blob[i] = s->finder.patch[i].blob;
}

static int32_t clamp_to(double x, int32_t limit) {
    return x < 0 ? 0 : x > limit ? limit : (int32_t)x;
}

/* Reported tracks are kept out of the background. */
static void hold_tracks(sv_image2d *s) {
    sv_field2d *f = &s->field;
    for (size_t k = 0; k < (size_t)f->width * (size_t)f->height; k++)
        f->held[k] = 0;
    for (size_t i = 0; i < s->linker.n; i++) {
        const sv_linked2d *t = &s->linker.track[i];
        if (!t->reported)
            continue;
        const double half_w = t->w_px * (0.5 + hold_margin) + 1, half_h = t->h_px * (0.5 + hold_margin) + 1;
        const int32_t x1 = clamp_to(t->u.x + half_w + 1, f->width), y1 = clamp_to(t->v.x + half_h + 1, f->height);
        for (int32_t y = clamp_to(t->v.x - half_h, f->height); y < y1; y++)
            for (int32_t x = clamp_to(t->u.x - half_w, f->width); x < x1; x++)
                f->held[(size_t)y * (size_t)f->width + (size_t)x] = 1;
    }
}

static void look(sv_image2d *s, double dt_s) {
    sv_field2d *f = &s->field;
    follow_motion(s);
    sv_field2d_compare(f, &s->config, s->motion.moves);
    if (f->n_learned < warmup_frames(s)) {
        s->finder.n = 0;
        return;
    }
    sv_blob_finder_run(&s->finder, f, &s->config);
    if (s->finder.n_pixels * CHANGED_SHARE > (int64_t)f->width * f->height) {
        restart(s);
        return;
    }
    drop_ghosts(s);
    s->linker.tremble_px = s->motion.moves ? tremble_px : 0;
    sv_linker_step(&s->linker, &s->config, s->finder.patch, s->finder.n, dt_s, s->rate_hz, f->width, f->height);
}

sv_status sv_image2d_step(sv_image2d *s, const sv_frame *frame) {
    if (frame->width != s->field.width || frame->height != s->field.height || frame->bit_depth != s->field.bit_depth)
        return sv_fail(SV_ERR_ARG, "image2d: frame %d is %d x %d, %d bit, not as announced", (int)frame->number,
                       (int)frame->width, (int)frame->height, (int)frame->bit_depth);
    if (s->n_frames > 0 && frame->t <= s->t)
        return sv_fail(SV_ERR_ARG, "image2d: frame %d is not later than the one before", (int)frame->number);
    const double dt_s = s->n_frames > 0 ? (double)(frame->t - s->t) * 1e-9 : 0;
    s->t = frame->t;
    s->motion.restarted = false;
    sv_field2d_load(&s->field, frame);
    if (s->field.n_learned > 0)
        look(s, dt_s);
    hold_tracks(s);
    sv_field2d_learn(&s->field, warmup_frames(s), learn_gain(s));
    s->n_frames++;
    return SV_OK;
}

sv_status sv_image2d_end(sv_image2d *s) {
    if (s->n_frames != 1)
        return SV_OK;
    sv_status status =
        sv_still2d_find(s->blob, &s->finder.n, (size_t)s->config.max_blobs, &s->field, s->config.still_snr);
    sv_linker_take_still(&s->linker, s->blob, s->finder.n);
    return status;
}

const sv_blob2d *sv_image2d_blobs(const sv_image2d *s, size_t *n) {
    *n = s->finder.n;
    return s->blob;
}

const sv_track2d *sv_image2d_tracks(const sv_image2d *s, size_t *n) {
    *n = s->linker.n_report;
    return s->linker.report;
}

sv_motion2d sv_image2d_motion(const sv_image2d *s) {
    return s->motion;
}
