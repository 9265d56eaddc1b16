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
    const double contrast = s->flux_dn / (0.25 * SV_PI * s->size_px * s->size_px), fastest = 30 * s->speed_px / px_per_m;
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
             s->thermal ? 1.0 : 0.7, s->sigma_dn, s->thermal ? 600 : 160, s->thermal ? 400 : 130, s->thermal ? 40 : 0,
             s->n_targets, size_m, most_m, s->thermal ? 0 : -contrast, s->thermal ? contrast / 40 : 0, -half_u,
             800 - half_v, half_u, 800 + half_v, 0.02 * fastest, fastest);
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

#endif
