/* Images for the detector's tests: own noise, own lens, nothing shared with the generator. */
#ifndef TESTS_UNIT_TEST_DETECT_IMAGES_H
#define TESTS_UNIT_TEST_DETECT_IMAGES_H

#include <core/detect/detect.h>
#include <kernels/kernels.h>
#include <math.h>
#include <skyvox/math.h>
#include <stdlib.h>
#include <string.h>

/* ---- random numbers: splitmix64 and the polar method, fast enough for honest tails ---- */

typedef struct dice {
    uint64_t state;
    double spare;
    bool has_spare;
} dice;

static inline double dice_uniform(dice *d) {
    uint64_t z = d->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static inline double dice_normal(dice *d) {
    if (d->has_spare) {
        d->has_spare = false;
        return d->spare;
    }
    double x, y, s;
    do {
        x = 2 * dice_uniform(d) - 1;
        y = 2 * dice_uniform(d) - 1;
        s = x * x + y * y;
    } while (s >= 1 || s == 0);
    const double f = sqrt(-2 * log(s) / s);
    d->spare = y * f;
    d->has_spare = true;
    return x * f;
}

/* ---- one camera and its detector ---- */

typedef struct scene {
    sv_camera camera;
    sv_config config;
    sv_backend backend;
    sv_detector *detector;
    double *level; /* [h][w] noise-free image, DN */
    void *pixels;
    sv_detection *found;
    size_t n_found;
    int32_t n_frames;
    ptrdiff_t pitch;
    double sigma;
    dice dice;
} scene;

static inline sv_detect_config scene_defaults(void) {
    return (sv_detect_config){
        .snr_low = 3.3, .max_per_frame = 2000, .background_tau_s = 1.0, .warmup_frames = 15, .polarity = {0, 0}};
}

/* A flat scene of `grey` DN with noise sigma; the detector is made at the first frame. */
static inline scene *scene_create(int32_t width, int32_t height, int32_t bit_depth, double grey, double sigma) {
    scene *s = calloc(1, sizeof *s);
    s->camera =
        (sv_camera){.width = width, .height = height, .bit_depth = bit_depth, .fx = 1000, .fy = 1000, .rate_hz = 30};
    s->camera.R_cw.m[0] = s->camera.R_cw.m[4] = s->camera.R_cw.m[8] = 1;
    s->config.camera = &s->camera;
    s->config.n_cameras = 1;
    s->config.detect = scene_defaults();
    s->backend.level = SV_BACKEND_SCALAR;
    sv_kernels_detect_scalar(&s->backend.detect);
    sv_kernels_steep_scalar(&s->backend.detect);
    sv_kernels_centroid_scalar(&s->backend.centroid);
    sv_kernels_cluster_scalar(&s->backend.cluster);
    s->pitch = width * (bit_depth > 8 ? 2 : 1) + 6;
    s->level = calloc((size_t)width * (size_t)height, sizeof *s->level);
    s->pixels = calloc((size_t)s->pitch, (size_t)height);
    s->sigma = sigma;
    s->dice.state = 1;
    for (int32_t i = 0; i < width * height; i++)
        s->level[i] = grey;
    return s;
}

static inline void scene_destroy(scene *s) {
    sv_detector_destroy(s->detector);
    free(s->level);
    free(s->pixels);
    free(s->found);
    free(s);
}

static inline void scene_fill(scene *s, double grey) {
    for (int32_t i = 0; i < s->camera.width * s->camera.height; i++)
        s->level[i] = grey;
}

static inline double edge_integral(double a, double sigma) {
    return 0.5 * (1 + erf(a / (sigma * sqrt(2))));
}

/* A point of light through a Gaussian lens, integrated over each pixel. */
static inline void scene_add_point(scene *s, double u, double v, double flux, double sigma) {
    enum { REACH_MAX = 12, ACROSS_MAX = 2 * REACH_MAX + 1 };
    const int32_t wanted = (int32_t)(5 * sigma) + 2, reach = wanted < REACH_MAX ? wanted : REACH_MAX;
    const int32_t x0 = (int32_t)floor(u + 0.5) - reach, y0 = (int32_t)floor(v + 0.5) - reach;
    double gx[ACROSS_MAX], gy[ACROSS_MAX];
    for (int32_t i = 0; i <= 2 * reach; i++) {
        gx[i] = edge_integral(x0 + i + 0.5 - u, sigma) - edge_integral(x0 + i - 0.5 - u, sigma);
        gy[i] = edge_integral(y0 + i + 0.5 - v, sigma) - edge_integral(y0 + i - 0.5 - v, sigma);
    }
    for (int32_t j = 0; j <= 2 * reach; j++)
        for (int32_t i = 0; i <= 2 * reach; i++)
            if (x0 + i >= 0 && y0 + j >= 0 && x0 + i < s->camera.width && y0 + j < s->camera.height)
                s->level[(y0 + j) * s->camera.width + x0 + i] += flux * gx[i] * gy[j];
}

/* A uniform disc through the same lens: points on rings of equal area. */
static inline void scene_add_disc(scene *s, double u, double v, double diameter, double flux, double sigma) {
    enum { RINGS = 4, SPOKES = 10 };
    if (diameter <= 0) {
        scene_add_point(s, u, v, flux, sigma);
        return;
    }
    for (int i = 0; i < RINGS; i++)
        for (int k = 0; k < SPOKES; k++) {
            const double r = 0.5 * diameter * sqrt((i + 0.5) / RINGS), a = 2 * SV_PI * (k + 0.5 * (i & 1)) / SPOKES;
            scene_add_point(s, u + r * cos(a), v + r * sin(a), flux / (RINGS * SPOKES), sigma);
        }
}

/* Round, clip, store. */
static inline void scene_expose(scene *s) {
    const double top = (1 << s->camera.bit_depth) - 1;
    for (int32_t y = 0; y < s->camera.height; y++)
        for (int32_t x = 0; x < s->camera.width; x++) {
            double value = s->level[y * s->camera.width + x] + (s->sigma > 0 ? s->sigma * dice_normal(&s->dice) : 0);
            value = value < 0 ? 0 : value > top ? top : floor(value + 0.5);
            unsigned char *row = (unsigned char *)s->pixels + y * s->pitch;
            if (s->camera.bit_depth == 8)
                row[x] = (uint8_t)value;
            else
                ((uint16_t *)(void *)row)[x] = (uint16_t)value;
        }
}

/* Expose one frame and detect. */
static inline void scene_frame_with(scene *s, sv_team *team, bool late) {
    if (!s->detector) {
        s->found = calloc((size_t)s->config.detect.max_per_frame, sizeof *s->found);
        if (sv_detector_create(&s->detector, &s->config, &s->backend, team) != SV_OK)
            abort();
    }
    scene_expose(s);
    const sv_frame frame = {.number = s->n_frames,
                            .t = (sv_time)s->n_frames * 33333333,
                            .width = s->camera.width,
                            .height = s->camera.height,
                            .bit_depth = s->camera.bit_depth,
                            .pitch = s->pitch,
                            .pixels = s->pixels};
    if (sv_detector_run(s->detector, s->found, &s->n_found, &frame, late) != SV_OK)
        abort();
    s->n_frames++;
}

static inline void scene_frame(scene *s) {
    scene_frame_with(s, NULL, false);
}

static inline void scene_frames(scene *s, int n) {
    for (int i = 0; i < n; i++)
        scene_frame(s);
}

/* Nearest detection within `reach` px, or NULL. */
static inline const sv_detection *scene_nearest(const scene *s, double u, double v, double reach) {
    const sv_detection *best = NULL;
    double least = reach * reach;
    for (size_t i = 0; i < s->n_found; i++) {
        const double du = s->found[i].u_px - u, dv = s->found[i].v_px - v;
        if (du * du + dv * dv <= least) {
            least = du * du + dv * dv;
            best = &s->found[i];
        }
    }
    return best;
}

/* Matched-filter SNR of what stands in `level` above `grey`. */
static inline double scene_matched_snr(const scene *s, double grey) {
    double sum = 0;
    for (int32_t i = 0; i < s->camera.width * s->camera.height; i++)
        sum += (s->level[i] - grey) * (s->level[i] - grey);
    return sqrt(sum) / s->sigma;
}

#endif
