/* One camera before moving clouds, rendered by the generator, with the detector behind it. */
#ifndef TESTS_UNIT_TEST_RENDERED_H
#define TESTS_UNIT_TEST_RENDERED_H

#include <core/detect/detect.h>
#include <kernels/kernels.h>
#include <math.h>
#include <sim/sim.h>
#include <skyvox/math.h>
#include <skyvox/truth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is flown before the camera. */
typedef struct rendered_spec {
    bool thermal; /* bright targets behind a lens of 1 px, else dark ones behind 0.7 px */
    int width, height, bits, seed;
    int n_targets, n_frames;
    double size_px, size_max_px; /* diameters; size_max_px 0: all alike */
    double flux_dn;              /* of the smallest targets */
    double sigma_dn, speed_px;   /* noise; largest speed per frame */
    int counts;                  /* per count of an ordinary thermal camera, which has 40 to the kelvin; 0: 1 */
} rendered_spec;

typedef struct rendered {
    sv_scenario *scenario;
    sv_backend *backend;
    sv_sim *sim;
    sv_source source;
    sv_config config; /* of the detector: change it before the first frame */
    sv_detector *detector;
    sv_detection *found; /* of the newest frame */
    size_t n_found;
    sv_truth_set truth; /* of the newest frame, all of one camera */
    double pixels_per_m;
} rendered;

static inline int rendered_check(sv_status status) {
    if (status != SV_OK) {
        fprintf(stderr, "%s\n", sv_error_text());
        abort();
    }
    return 0;
}

/* The camera looks up by 22 degrees over 2154 m: no terrain, clouds everywhere. */
static inline void rendered_text(char *text, size_t n, const rendered_spec *s, double px_per_m) {
    const double half_u = 0.46 * s->width / px_per_m, half_v = 0.44 * s->height / px_per_m;
    const double size_m = s->size_px / px_per_m,
                 most_m = (s->size_max_px > s->size_px ? s->size_max_px : s->size_px) / px_per_m;
    const int fine = s->counts > 0 ? s->counts : 1, dn_per_k = 40 * fine;
    const double contrast = s->flux_dn / (0.25 * SV_PI * s->size_px * s->size_px),
                 fastest = 30 * s->speed_px / px_per_m;
    snprintf(text, n,
             "{\"name\":\"rendered\",\"seed\":%d,\"duration_s\":%g,\"frame_rate_hz\":30,\"emit\":\"pixels\","
             "\"environment\":{\"visibility_km\":1000,\"cloud\":{\"cover\":0.45,\"mono_dn\":25,\"thermal_k\":1.5,"
             "\"scale_deg\":8,\"speed_deg_s\":0.3}},\"rig\":{\"cameras\":[{\"id\":0,\"modality\":\"%s\",\"width\":%d,"
             "\"height\":%d,\"bit_depth\":%d,\"fx\":9600,\"position_m\":[0,0,0],\"look_at_m\":[0,2000,800],"
             "\"blur_px\":%g,\"read_noise_dn\":%g,\"gain_dn\":0,\"sky_dn\":%d,\"zenith_dn\":%d,"
             "\"dn_per_k\":%d,\"extinction_per_km\":0}]},\"targets\":[{\"class\":\"drone\",\"count\":%d,"
             "\"size_m\":[%.9g,%.9g],\"contrast\":{\"mono_dn\":%.9g,\"thermal_k\":%.9g},\"flight\":{\"model\":"
             "\"waypoint\",\"box_m\":[[%g,1990,%g],[%g,2010,%g]],\"speed_mps\":[%.9g,%.9g],\"accel_mps2\":5}}]}",
             s->seed, (s->n_frames + 0.5) / 30, s->thermal ? "thermal" : "mono", s->width, s->height, s->bits,
             s->thermal ? 1.0 : 0.7, s->sigma_dn, s->thermal ? 600 * fine : 160, s->thermal ? 400 * fine : 130,
             s->thermal ? dn_per_k : 0, s->n_targets, size_m, most_m, s->thermal ? 0 : -contrast,
             s->thermal ? contrast / dn_per_k : 0, -half_u, 800 - half_v, half_u, 800 + half_v, 0.02 * fastest,
             fastest);
}

static inline rendered *rendered_create(const rendered_spec *spec) {
    rendered *r = calloc(1, sizeof *r);
    char text[2048];
    r->pixels_per_m = 9600 / sqrt(2000.0 * 2000 + 800.0 * 800);
    rendered_text(text, sizeof text, spec, r->pixels_per_m);
    rendered_check(sv_scenario_parse(&r->scenario, "rendered", text, strlen(text), NULL, 0));
    rendered_check(sv_backend_create(&r->backend, SV_BACKEND_AUTO));
    rendered_check(sv_sim_create(&r->sim, r->scenario, r->backend, NULL));
    r->source = sv_sim_source(r->sim);
    r->config = sv_config_default();
    r->config.camera = r->scenario->config.camera;
    r->config.n_cameras = 1;
    r->config.detect.polarity[SV_MONO] = -1;
    r->config.detect.polarity[SV_THERMAL] = 1;
    return r;
}

static inline void rendered_destroy(rendered *r) {
    sv_detector_destroy(r->detector);
    sv_sim_destroy(r->sim);
    sv_backend_destroy(r->backend);
    sv_scenario_destroy(r->scenario);
    free(r->found);
    free(r);
}

/* Render one frame and detect. */
static inline void rendered_frame(rendered *r) {
    if (!r->detector) {
        r->found = calloc((size_t)r->config.detect.max_per_frame, sizeof *r->found);
        rendered_check(sv_detector_create(&r->detector, &r->config, r->backend, NULL));
    }
    sv_event event;
    rendered_check(r->source.next(r->source.self, &event));
    rendered_check(r->source.truth(r->source.self, &r->truth));
    rendered_check(sv_detector_run(r->detector, r->found, &r->n_found, &event.as.image, false));
}

/* Distance to the nearest other target, px. */
static inline double rendered_clearance(const rendered *r, size_t i) {
    const sv_truth_view *a = &r->truth.view[i];
    double least = 1e9;
    for (size_t k = 0; k < r->truth.n_views; k++) {
        const sv_truth_view *b = &r->truth.view[k];
        const double d = hypot(a->u_px - b->u_px, a->v_px - b->v_px);
        least = k != i && d < least ? d : least;
    }
    return least;
}

/* ---- detection probability ---- */

/* Share of targets that is found where chance finds `fa_per_px` places a pixel. */
typedef struct rendered_pd {
    double pd, snr;      /* and the threshold at which that is so */
    double n, n_false;   /* targets, false places at the threshold */
    double per_8k_frame; /* candidates of a frame, scaled to 8K */
} rendered_pd;

typedef struct rendered_place {
    double u, v, strength;
} rendered_place;

static inline int rendered_stronger(const void *a, const void *b) {
    const rendered_place *x = a, *y = b;
    return (y->strength > x->strength) - (y->strength < x->strength);
}

static inline int rendered_larger(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (y > x) - (y < x);
}

enum { RENDERED_CAP = 400, RENDERED_NEAR = 3, RENDERED_CLEAR = 16, RENDERED_FAR = 20, RENDERED_EDGE = 12 };

/* The window's places by strength, one for each 21 px square: a chain counts once, in whichever frames it is seen. */
static inline size_t rendered_distinct(rendered_place *place, size_t n) {
    qsort(place, n, sizeof *place, rendered_stronger);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool same = false;
        for (size_t k = 0; k < kept && !same; k++)
            same = fabs(place[k].u - place[i].u) <= 10 && fabs(place[k].v - place[i].v) <= 10;
        if (!same)
            place[kept++] = place[i];
    }
    return kept;
}

/*
 * Windows of n_frames frames. A target is found when one of its candidates in the window reaches the threshold, and every
 * distinct place without a target where one does, in any frame of the window, is a false one. Chains never reach back
 * beyond the window. linked: by snr_link alone, else by snr.
 */
static inline rendered_pd rendered_detection(const rendered_spec *spec, int warmup, int n_windows, int n_frames,
                                             bool linked, double fa_per_px) {
    rendered_spec s = *spec;
    s.n_frames = warmup + n_windows * (n_frames + 4);
    rendered *r = rendered_create(&s);
    r->config.detect.link_frames = linked ? 4 : 0;
    r->config.detect.max_per_frame = 20000;
    for (int i = 0; i < warmup; i++)
        rendered_frame(r);
    const size_t cap = (size_t)n_windows * 4000;
    double *found = calloc((size_t)n_windows * RENDERED_CAP, sizeof *found), *wrong = calloc(cap, sizeof *wrong);
    rendered_place *place = calloc(80000, sizeof *place);
    size_t n_found = 0, n_wrong = 0, n_candidates = 0, n_seen = 0;
    double area = 0;
    for (int w = 0; w < n_windows; w++) {
        double best[RENDERED_CAP] = {0};
        bool counts[RENDERED_CAP];
        memset(counts, true, sizeof counts);
        size_t n_places = 0;
        for (int i = 0; i < n_frames; i++) {
            rendered_frame(r);
            n_candidates += r->n_found;
            n_seen++;
            bool *near = calloc(r->n_found + 1, sizeof *near);
            for (size_t k = 0; k < r->truth.n_views; k++) {
                const sv_truth_view *t = &r->truth.view[k];
                const bool inside = t->u_px > RENDERED_EDGE && t->v_px > RENDERED_EDGE &&
                                    t->u_px < s.width - RENDERED_EDGE && t->v_px < s.height - RENDERED_EDGE;
                if (!inside || rendered_clearance(r, k) < RENDERED_CLEAR)
                    counts[t->target] = false;
                for (size_t j = 0; j < r->n_found; j++) {
                    const sv_detection *d = &r->found[j];
                    const double away = hypot(d->u_px - t->u_px, d->v_px - t->v_px);
                    const double strength = linked ? d->snr_link : d->snr;
                    near[j] = near[j] || away < RENDERED_FAR;
                    if (away < RENDERED_NEAR && strength > best[t->target])
                        best[t->target] = strength;
                }
            }
            for (size_t j = 0; j < r->n_found; j++) {
                const sv_detection *d = &r->found[j];
                const double strength = linked ? d->snr_link : d->snr;
                if (!near[j] && strength > 0)
                    place[n_places++] = (rendered_place){d->u_px, d->v_px, strength};
            }
            free(near);
        }
        const size_t n_distinct = rendered_distinct(place, n_places);
        for (size_t j = 0; j < n_distinct && n_wrong < cap; j++)
            wrong[n_wrong++] = place[j].strength;
        for (int k = 0; k < s.n_targets; k++)
            if (counts[k])
                found[n_found++] = best[k];
        /* Four frames without links between: the next window's chains begin in it. */
        for (int i = 0; linked && i < 4; i++) {
            sv_event event;
            rendered_check(r->source.next(r->source.self, &event));
            rendered_check(r->source.truth(r->source.self, &r->truth));
        }
        area += (double)s.width * s.height *
                exp(-s.n_targets * SV_PI * RENDERED_FAR * RENDERED_FAR / ((double)s.width * s.height));
    }
    qsort(wrong, n_wrong, sizeof *wrong, rendered_larger);
    const size_t at = (size_t)(fa_per_px * area);
    rendered_pd out = {.n = (double)n_found, .n_false = (double)at, .snr = at < n_wrong ? wrong[at] : 0};
    out.per_8k_frame = (double)n_candidates / (double)n_seen * 7680 * 4320 / ((double)s.width * s.height);
    for (size_t i = 0; i < n_found; i++)
        out.pd += found[i] > out.snr;
    out.pd /= out.n;
    free(found);
    free(wrong);
    free(place);
    rendered_destroy(r);
    return out;
}

/* ---- centroids ---- */

typedef struct rendered_errors {
    double snr, n;     /* mean true SNR, targets that count */
    double found, rms; /* share found within 3 px, their error per axis */
    double bound;      /* Cramer-Rao, unknown flux and place */
    double bias[2], nees;
} rendered_errors;

/* Cramer-Rao bound of a place per axis times SNR: root of sum p^2 / sum (dp/dx)^2, for a point of a Gaussian lens and pixel. */
static inline double rendered_bound(double lens_px, double size_px) {
    return sqrt(2 * (lens_px * lens_px + 1.0 / 12 + size_px * size_px / 16));
}

/* Targets of one SNR. */
static inline rendered_errors rendered_centroids(const rendered_spec *spec, double snr, int warmup, int n_frames) {
    rendered_spec s = *spec;
    const double lens = s.thermal ? 1.0 : 0.7, spread2 = lens * lens + 1.0 / 12 + s.size_px * s.size_px / 16;
    s.flux_dn = snr * s.sigma_dn * sqrt(4 * SV_PI * spread2);
    s.n_frames = warmup + n_frames;
    rendered *r = rendered_create(&s);
    for (int i = 0; i < warmup; i++)
        rendered_frame(r);
    rendered_errors e = {.bound = 0};
    double m = 0, d2 = 0;
    for (int i = 0; i < n_frames; i++) {
        rendered_frame(r);
        for (size_t k = 0; k < r->truth.n_views; k++) {
            const sv_truth_view *t = &r->truth.view[k];
            const bool inside = t->u_px > RENDERED_EDGE && t->v_px > RENDERED_EDGE &&
                                t->u_px < s.width - RENDERED_EDGE && t->v_px < s.height - RENDERED_EDGE;
            if (!inside || rendered_clearance(r, k) < RENDERED_CLEAR)
                continue;
            const sv_detection *best = NULL;
            double least = RENDERED_NEAR;
            for (size_t j = 0; j < r->n_found; j++) {
                const double away = hypot(r->found[j].u_px - t->u_px, r->found[j].v_px - t->v_px);
                if (away < least) {
                    least = away;
                    best = &r->found[j];
                }
            }
            e.n++;
            e.snr += t->snr;
            if (!best)
                continue;
            const double du = best->u_px - t->u_px, dv = best->v_px - t->v_px, *c = best->cov_px2;
            m++;
            d2 += 0.5 * (du * du + dv * dv);
            e.bias[0] += du;
            e.bias[1] += dv;
            e.nees += 0.5 * (c[2] * du * du - 2 * c[1] * du * dv + c[0] * dv * dv) / (c[0] * c[2] - c[1] * c[1]);
        }
    }
    rendered_destroy(r);
    e.snr /= e.n;
    e.found = m / e.n;
    e.rms = sqrt(d2 / m);
    e.bias[0] /= m;
    e.bias[1] /= m;
    e.nees /= m;
    e.bound = rendered_bound(lens, s.size_px) / e.snr;
    return e;
}

#endif
