/* The 2D tracker on drawn images: what it reports, what it leaves out, and that it is the same every time. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <core/image2d/motion.h>
#include <kernels/kernels.h>
#include <skyvox/image2d.h>
#include <skyvox/rng.h>

static sv_backend *backend; /* the fastest, but where a test takes another */

enum { W = 160, H = 120, N_FRAMES = 120, RATE = 30 };

/* One thing on a noisy image. */
typedef struct drawing {
    double u0, v0, du, dv; /* px, px per frame */
    int32_t half;          /* a square of 2 half + 1 */
    int32_t contrast;      /* DN of 8 bit */
    int32_t bit_depth;
    bool texture;     /* a background of steep random blocks */
    int32_t pan;      /* px per frame that the whole scene moves */
    int32_t gradient; /* DN per four rows */
    int32_t pan_q8;   /* 1/256 px per frame, besides */
    int32_t pattern;  /* DN of noise from pixel to pixel that stays */
    int32_t wide;     /* half the width where it is not half the height */
    bool two_sided;   /* two columns lighter, two darker, and so on */
    int32_t jump;     /* frame from which the whole scene is another; 0 never */
} drawing;

static uint32_t noise_of(uint32_t a, uint32_t b) {
    uint64_t z = ((uint64_t)a << 32 | b) * 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (uint32_t)(z >> 33);
}

/* Blocks of 4 px, sampled between two pixels where x is no whole one. */
static int32_t texture_at(int32_t x_q8, int32_t y) {
    const uint32_t x = (uint32_t)x_q8 >> 8, part = (uint32_t)x_q8 & 255;
    const uint32_t a = noise_of(x / 4, (uint32_t)(y / 4) + 7) % 60,
                   b = noise_of((x + 1) / 4, (uint32_t)(y / 4) + 7) % 60;
    return (int32_t)((a * (256 - part) + b * part) >> 8);
}

static void draw(uint16_t *out, const drawing *d, int32_t k) {
    const int32_t u = (int32_t)floor(d->u0 + d->du * k + 0.5), v = (int32_t)floor(d->v0 + d->dv * k + 0.5);
    for (int32_t y = 0; y < H; y++)
        for (int32_t x = 0; x < W; x++) {
            int32_t value = 100 + (int32_t)(noise_of((uint32_t)(k * W * H + y * W + x), 1) % 3);
            value += d->gradient * y / 4;
            if (d->texture)
                value += texture_at(256 * (x + 10000 - d->pan * k) - d->pan_q8 * k, y);
            if (d->jump && k >= d->jump)
                value += 60 + x / 3;
            if (d->pattern)
                value += (int32_t)(noise_of((uint32_t)(y * W + x), 5) % (uint32_t)d->pattern);
            const int32_t half_w = d->wide ? d->wide : d->half;
            if (x >= u - half_w && x <= u + half_w && y >= v - d->half && y <= v + d->half)
                value += d->two_sided && ((x - u + 64) / 2) % 2 ? -d->contrast : d->contrast;
            out[y * W + x] = (uint16_t)(value << (d->bit_depth - 8));
        }
}

typedef struct outcome {
    int32_t n_reported, n_right; /* track samples; those within 3 px of the thing */
    int32_t n_ids;
    int32_t first_right; /* frame, -1 never */
    double error_max_px;
    sv_motion2d motion;
    uint64_t sum; /* of every reported number's bits */
} outcome;

static void add_bits(uint64_t *sum, double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    *sum = *sum * 31 + bits;
}

static outcome run(const drawing *d) {
    uint16_t *image = malloc(W * H * sizeof *image);
    uint8_t *narrow = malloc(W * H);
    const sv_image2d_config config = sv_image2d_config_default();
    sv_image2d *tracker;
    assert_int_equal(sv_image2d_create(&tracker, &config, backend, W, H, d->bit_depth, RATE), SV_OK);
    outcome out = {.first_right = -1};
    int64_t last_id = 0;
    for (int32_t k = 0; k < N_FRAMES; k++) {
        draw(image, d, k);
        for (int32_t i = 0; i < W * H; i++)
            narrow[i] = (uint8_t)image[i];
        const bool wide = d->bit_depth > 8;
        const sv_frame frame = {.number = k,
                                .t = (sv_time)k * 1000000000 / RATE,
                                .width = W,
                                .height = H,
                                .bit_depth = d->bit_depth,
                                .pitch = wide ? 2 * W : W,
                                .pixels = wide ? (const void *)image : narrow};
        assert_int_equal(sv_image2d_step(tracker, &frame), SV_OK);
        size_t n;
        const sv_track2d *track = sv_image2d_tracks(tracker, &n);
        for (size_t i = 0; i < n; i++) {
            const double e = hypot(track[i].u_px - d->u0 - d->du * k, track[i].v_px - d->v0 - d->dv * k);
            out.n_reported++;
            add_bits(&out.sum, track[i].u_px);
            add_bits(&out.sum, track[i].v_px);
            if (e > 3)
                continue;
            out.n_right++;
            out.error_max_px = fmax(out.error_max_px, e);
            out.n_ids += track[i].id != last_id;
            last_id = track[i].id;
            if (out.first_right < 0)
                out.first_right = k;
        }
    }
    out.motion = sv_image2d_motion(tracker);
    sv_image2d_destroy(tracker);
    free(narrow);
    free(image);
    return out;
}

static const drawing plain = {.u0 = 20, .v0 = 60, .du = 1, .dv = -0.2, .half = 2, .contrast = 30, .bit_depth = 8};

static void a_moving_spot_is_one_track(void **state) {
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        drawing d = plain;
        d.contrast *= sign;
        const outcome out = run(&d);
        assert_in_range(out.first_right, 21, 40); /* 0.7 s of warm-up, then a quarter of a second */
        assert_int_equal(out.n_right, N_FRAMES - out.first_right);
        assert_int_equal(out.n_reported, out.n_right);
        assert_int_equal(out.n_ids, 1);
        assert_true(out.error_max_px < 1.5);
    }
}

static void a_large_thing_is_one_track(void **state) {
    (void)state;
    drawing d = plain;
    d.half = 12;
    const outcome out = run(&d);
    assert_true(out.n_right > 70 && out.n_reported - out.n_right < 15);
}

static void ten_bits_give_the_same_tracks(void **state) {
    (void)state;
    drawing d = plain;
    const outcome narrow = run(&d);
    d.bit_depth = 10;
    assert_true(run(&d).sum == narrow.sum);
}

static void nothing_moves_nothing_is_reported(void **state) {
    (void)state;
    drawing d = plain;
    d.contrast = 0;
    assert_int_equal(run(&d).n_reported, 0);
    d.contrast = 40; /* there all the time, and still */
    d.du = d.dv = 0;
    assert_int_equal(run(&d).n_reported, 0);
    d.texture = true;
    assert_int_equal(run(&d).n_reported, 0);
}

static void a_moving_camera_is_followed(void **state) {
    (void)state;
    drawing d = plain;
    d.texture = true;
    d.contrast = 90;
    d.pan = 2;
    d.du = 0.5;
    const outcome out = run(&d);
    assert_true(out.motion.moves);
    assert_in_range(out.motion.du_px, 2 * (N_FRAMES - 3), 2 * N_FRAMES);
    assert_int_equal(out.motion.dv_px, 0);
    assert_true(out.n_right > 50);
    assert_true(out.n_reported - out.n_right < 20);
}

static void another_scene_is_learned_anew(void **state) {
    (void)state;
    drawing d = plain;
    d.jump = 60;
    const outcome out = run(&d);
    assert_int_equal(out.n_reported, out.n_right);
    assert_true(out.n_right > 40);
    assert_false(out.motion.moves);
}

/* One frame alone: five spots and an edge; the spots are found, the edge is not. */
static void a_single_frame_shows_its_spots(void **state) {
    (void)state;
    static const int32_t at[5][2] = {{30, 20}, {80, 30}, {130, 25}, {40, 70}, {6, 40}};
    static uint8_t image[W * H];
    for (int32_t y = 0; y < H; y++)
        for (int32_t x = 0; x < W; x++)
            image[y * W + x] = (uint8_t)(60 + x / 8 + noise_of((uint32_t)(y * W + x), 3) % 3 + (y > 95 ? 80 : 0));
    for (int i = 0; i < 5; i++)
        for (int32_t v = -1; v <= 1; v++)
            for (int32_t u = -1; u <= 1; u++)
                image[(at[i][1] + v) * W + at[i][0] + u] = (uint8_t)(image[(at[i][1] + v) * W + at[i][0] + u] + 40);
    const sv_image2d_config config = sv_image2d_config_default();
    sv_image2d *tracker;
    assert_int_equal(sv_image2d_create(&tracker, &config, backend, W, H, 8, RATE), SV_OK);
    sv_frame frame = {.width = W, .height = H, .bit_depth = 8, .pitch = W, .pixels = image};
    assert_int_equal(sv_image2d_step(tracker, &frame), SV_OK);
    size_t n, n_blobs;
    sv_image2d_tracks(tracker, &n);
    assert_int_equal(n, 0); /* more frames may follow */
    assert_int_equal(sv_image2d_end(tracker), SV_OK);
    const sv_track2d *track = sv_image2d_tracks(tracker, &n);
    sv_image2d_blobs(tracker, &n_blobs);
    assert_int_equal(n, 5);
    assert_int_equal(n_blobs, 5);
    for (int i = 0; i < 5; i++) {
        bool found = false;
        for (size_t k = 0; k < n; k++)
            found = found || hypot(track[k].u_px - at[i][0], track[k].v_px - at[i][1]) < 0.5;
        assert_true(found);
    }
    sv_image2d_destroy(tracker);
}

static void the_end_of_a_video_changes_nothing(void **state) {
    (void)state;
    static uint8_t image[W * H];
    for (int32_t i = 0; i < W * H; i++)
        image[i] = (uint8_t)(60 + noise_of((uint32_t)i, 3) % 3);
    image[60 * W + 60] = 200;
    const sv_image2d_config config = sv_image2d_config_default();
    sv_image2d *tracker;
    assert_int_equal(sv_image2d_create(&tracker, &config, backend, W, H, 8, RATE), SV_OK);
    sv_frame frame = {.width = W, .height = H, .bit_depth = 8, .pitch = W, .pixels = image};
    for (frame.t = 0; frame.t < 2; frame.t++)
        assert_int_equal(sv_image2d_step(tracker, &frame), SV_OK);
    size_t n;
    assert_int_equal(sv_image2d_end(tracker), SV_OK);
    sv_image2d_tracks(tracker, &n);
    assert_int_equal(n, 0);
    sv_image2d_destroy(tracker);
}

/* A sky that brightens steeply towards the horizon hides nothing. */
static void a_gradient_hides_nothing(void **state) {
    (void)state;
    drawing d = plain;
    d.contrast = 12;
    d.gradient = 3;
    const outcome out = run(&d);
    assert_true(out.n_right > 70);
    assert_int_equal(out.n_reported, out.n_right);
}

/* Pans by a third of a pixel a frame: no whole pixel, but a way all the same. */
static void a_slow_pan_is_followed(void **state) {
    (void)state;
    drawing d = plain;
    d.texture = true;
    d.contrast = 0;
    d.pan_q8 = 85;
    const outcome out = run(&d);
    assert_true(out.motion.moves);
    assert_in_range(out.motion.du_px, 36, 40); /* 119 x 85 / 256 = 39.5, the last step still to come */
    assert_int_equal(out.n_reported, 0);
}

/* Its mean is that of the sky: an airplane with the sun on one side. */
static void a_light_and_dark_thing_is_found(void **state) {
    (void)state;
    drawing d = plain;
    d.two_sided = true;
    d.contrast = 12;
    d.wide = 3;
    d.du = 0.1;
    d.dv = 0;
    const outcome out = run(&d);
    assert_true(out.n_right > 20);
    assert_int_equal(out.n_reported, out.n_right);
}

/* Noise from pixel to pixel hides a pixel, not a mean over eighty. */
static void a_pattern_hides_no_large_thing(void **state) {
    (void)state;
    drawing d = plain;
    d.pattern = 110;
    d.contrast = 50;
    d.half = 4;
    d.du = 0.15;
    d.dv = 0;
    const outcome out = run(&d);
    assert_true(out.n_right > 40);
    assert_int_equal(out.n_reported, out.n_right);
}

/* An edge that lies a little off leaves a long thin residual. */
static void a_long_thin_thing_is_an_edge(void **state) {
    (void)state;
    drawing d = plain;
    d.half = 1;
    d.u0 = 60;
    d.wide = 30;
    d.du = 0;
    d.dv = 0.3;
    assert_int_equal(run(&d).n_reported, 0);
    d.wide = 5;
    assert_true(run(&d).n_right > 60);
}

/* Nothing matches: the differences of all ways are alike, and their parabolas have their lowest points anywhere. */
static void noise_is_no_motion(void **state) {
    (void)state;
    sv_field2d f;
    assert_true(sv_field2d_create(&f, &backend->warp, W, H, 8));
    for (uint32_t seed = 0; seed < 200; seed++) {
        for (uint32_t i = 0; i < W * H; i++) {
            f.background[i] = (uint16_t)noise_of(i, 2 * seed);
            f.now[i] = (uint16_t)noise_of(i, 2 * seed + 1);
        }
        sv_warp2d w;
        sv_motion2d_find(&w, &f);
        assert_true(fabs(w.u) <= 13 && fabs(w.v) <= 13);
    }
    sv_field2d_destroy(&f);
}

static void two_runs_agree_bit_for_bit(void **state) {
    (void)state;
    const outcome a = run(&plain), b = run(&plain);
    assert_true(a.sum == b.sum && a.n_reported > 0);
}

/* A scene that pans by parts of a pixel is resampled in every frame. */
static void all_levels_agree_bit_for_bit(void **state) {
    (void)state;
    drawing d = plain;
    d.texture = true;
    d.contrast = 90;
    d.pan_q8 = 85;
    sv_backend *best = backend;
    const outcome a = run(&d);
    assert_int_equal(sv_backend_create(&backend, SV_BACKEND_SCALAR), SV_OK);
    const outcome b = run(&d);
    sv_backend_destroy(backend);
    backend = best;
    assert_true(a.motion.moves && a.sum == b.sum && a.n_reported > 0);
}

static void bad_input_is_refused(void **state) {
    (void)state;
    sv_image2d_config config = sv_image2d_config_default();
    sv_image2d *tracker = (sv_image2d *)&config;
    assert_int_equal(sv_image2d_create(&tracker, &config, backend, 15, 100, 8, 30), SV_ERR_ARG);
    assert_null(tracker);
    assert_int_equal(sv_image2d_create(&tracker, &config, backend, 100, 100, 7, 30), SV_ERR_ARG);
    assert_int_equal(sv_image2d_create(&tracker, &config, backend, 100, 100, 8, NAN), SV_ERR_ARG);
    config.snr_low = NAN;
    assert_int_equal(sv_image2d_create(&tracker, &config, backend, 100, 100, 8, 30), SV_ERR_ARG);
    config = sv_image2d_config_default();
    config.spot_snr = 0;
    assert_int_equal(sv_image2d_create(&tracker, &config, backend, 100, 100, 8, 30), SV_ERR_ARG);
    config = sv_image2d_config_default();
    config.activity_low = NAN;
    assert_int_equal(sv_image2d_create(&tracker, &config, backend, 100, 100, 8, 30), SV_ERR_ARG);
    config = sv_image2d_config_default();
    config.activity_high = 0.5 * config.activity_low;
    assert_int_equal(sv_image2d_create(&tracker, &config, backend, 100, 100, 8, 30), SV_ERR_ARG);
    config = sv_image2d_config_default();
    assert_int_equal(sv_image2d_create(&tracker, &config, backend, 16, 16, 8, 30), SV_OK);
    static const uint8_t black[16 * 16];
    sv_frame frame = {.width = 16, .height = 16, .bit_depth = 8, .pitch = 16, .pixels = black};
    assert_int_equal(sv_image2d_step(tracker, &frame), SV_OK);
    assert_int_equal(sv_image2d_step(tracker, &frame), SV_ERR_ARG); /* the same time again */
    frame.t = 1;
    frame.width = 15;
    assert_int_equal(sv_image2d_step(tracker, &frame), SV_ERR_ARG);
    sv_image2d_destroy(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_moving_spot_is_one_track),      cmocka_unit_test(a_large_thing_is_one_track),
        cmocka_unit_test(ten_bits_give_the_same_tracks),   cmocka_unit_test(nothing_moves_nothing_is_reported),
        cmocka_unit_test(a_moving_camera_is_followed),     cmocka_unit_test(another_scene_is_learned_anew),
        cmocka_unit_test(a_single_frame_shows_its_spots),  cmocka_unit_test(the_end_of_a_video_changes_nothing),
        cmocka_unit_test(a_gradient_hides_nothing),        cmocka_unit_test(a_slow_pan_is_followed),
        cmocka_unit_test(a_light_and_dark_thing_is_found), cmocka_unit_test(a_pattern_hides_no_large_thing),
        cmocka_unit_test(a_long_thin_thing_is_an_edge),    cmocka_unit_test(noise_is_no_motion),
        cmocka_unit_test(two_runs_agree_bit_for_bit),      cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(all_levels_agree_bit_for_bit),
    };
    if (sv_backend_create(&backend, SV_BACKEND_AUTO) != SV_OK)
        return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sv_backend_destroy(backend);
    return failed;
}
