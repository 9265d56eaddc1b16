/* The generator as a source: events and truth in order, pixels that agree with truth, the same for any team. */
#include <kernels/kernels.h>
#include <math.h>
#include <setjmp.h>
#include <sim/sim.h>
#include <skyvox/math.h>
#include <skyvox/truth.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct fixture {
    sv_scenario *scenario;
    sv_backend *backend;
    sv_team *team;
    sv_sim *sim;
} fixture;

static fixture open_tiny(const char *const *override, int n_override, int n_threads) {
    fixture f;
    assert_int_equal(sv_scenario_load(&f.scenario, "scenarios/tiny.json", override, n_override), SV_OK);
    assert_int_equal(sv_backend_create(&f.backend, SV_BACKEND_AUTO), SV_OK);
    assert_int_equal(sv_team_create(&f.team, n_threads), SV_OK);
    assert_int_equal(sv_sim_create(&f.sim, f.scenario, f.backend, f.team), SV_OK);
    return f;
}

static void close_tiny(fixture *f) {
    sv_sim_destroy(f->sim);
    sv_team_destroy(f->team);
    sv_backend_destroy(f->backend);
    sv_scenario_destroy(f->scenario);
}

static uint64_t hash_bytes(uint64_t h, const void *data, size_t n) {
    const unsigned char *p = data;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 1099511628211u;
    return h;
}

static uint64_t hash_frame(const sv_frame *frame) {
    return hash_bytes(1469598103934665603u, frame->pixels, (size_t)frame->pitch * (size_t)frame->height);
}

enum { SETS = 10, CAMERAS = 6 };

static void test_events_come_in_order(void **state) {
    (void)state;
    fixture f = open_tiny(NULL, 0, 1);
    sv_source source = sv_sim_source(f.sim);
    sv_event event;
    sv_truth_set truth;
    assert_int_equal(sv_sim_n_sets(f.sim), SETS);
    assert_int_equal(source.truth(source.self, &truth), SV_AGAIN);
    for (int k = 0; k < SETS * CAMERAS; k++) {
        assert_int_equal(source.next(source.self, &event), SV_OK);
        assert_int_equal(event.kind, SV_EVENT_FRAME);
        assert_int_equal(event.seq, k);
        assert_int_equal(event.camera, k % CAMERAS);
        assert_int_equal(event.frame, k / CAMERAS);
        assert_int_equal(event.t, event.as.image.t);
        if (k % CAMERAS == 0) {
            assert_int_equal(source.truth(source.self, &truth), SV_OK);
            assert_int_equal(truth.t, event.t);
            assert_int_equal(truth.n_samples, 3);
        }
        assert_int_equal(source.truth(source.self, &truth), SV_AGAIN);
    }
    assert_int_equal(source.next(source.self, &event), SV_OK);
    assert_int_equal(event.kind, SV_EVENT_END);
    assert_int_equal(source.truth(source.self, &truth), SV_END);
    assert_int_equal(source.next(source.self, &event), SV_END);
    close_tiny(&f);
}

/* One thread in order, five threads in order, one frame at a time backwards: the same pixels. */
static void test_same_pixels_any_way(void **state) {
    (void)state;
    static uint64_t seen[2][SETS * CAMERAS];
    const char *const shake[] = {"rig.defaults.mono.shake_px=0.4"};
    for (int run = 0; run < 2; run++) {
        fixture f = open_tiny(shake, 1, run == 0 ? 1 : 5);
        sv_source source = sv_sim_source(f.sim);
        sv_event event;
        for (int k = 0; k < SETS * CAMERAS; k++) {
            assert_int_equal(source.next(source.self, &event), SV_OK);
            seen[run][k] = hash_frame(&event.as.image);
        }
        close_tiny(&f);
    }
    assert_memory_equal(seen[0], seen[1], sizeof seen[0]);
    assert_true(seen[0][0] != seen[0][CAMERAS]);
    fixture f = open_tiny(shake, 1, 2);
    for (int k = SETS * CAMERAS - 1; k >= 0; k--) {
        sv_frame frame;
        assert_int_equal(sv_sim_render(f.sim, &frame, k % CAMERAS, k / CAMERAS), SV_OK);
        assert_int_equal(hash_frame(&frame), seen[0][k]);
    }
    close_tiny(&f);
}

static void read_dn(double *out, const sv_frame *frame) {
    for (int32_t v = 0; v < frame->height; v++) {
        const unsigned char *row = (const unsigned char *)frame->pixels + v * frame->pitch;
        for (int32_t u = 0; u < frame->width; u++)
            out[v * frame->width + u] = frame->bit_depth == 8 ? row[u] : ((const uint16_t *)(const void *)row)[u];
    }
}

/*
 * Frame with objects minus the same frame without, in 12 bits with no noise: flux, place and SNR of every object must be
 * what truth says. Shake, pose error, clocks and rolling shutter are on.
 */
static void test_pixels_agree_with_truth(void **state) {
    (void)state;
    static const char *const with[] = {
        "rig.defaults.mono.bit_depth=12", "rig.defaults.mono.sky_dn=2000",         "rig.defaults.mono.zenith_dn=2000",
        "rig.defaults.mono.gain_dn=0",    "rig.defaults.mono.read_noise_dn=0.001", "rig.defaults.mono.shake_px=0.5",
        "rig.defaults.mono.row_ns=20000", "targets.0.contrast.mono_dn=-1500",      "distractors.0.count=0",
        "targets.0.render=true"};
    static const char *without[sizeof with / sizeof *with];
    enum { N = sizeof with / sizeof *with, W = 320, H = 240 };
    memcpy(without, with, sizeof with);
    without[N - 1] = "targets.0.render=false";
    fixture a = open_tiny(with, N, 1), b = open_tiny(without, N, 1);
    sv_source source = sv_sim_source(a.sim);
    static double seen[W * H], empty[W * H];
    int n_checked = 0;
    double bias[2] = {0};
    for (int k = 0; k < SETS; k++) {
        sv_event event;
        sv_truth_set truth;
        for (int c = 0; c < CAMERAS; c++)
            assert_int_equal(source.next(source.self, &event), SV_OK);
        assert_int_equal(source.truth(source.self, &truth), SV_OK);
        for (size_t i = 0; i < truth.n_views; i++) {
            sv_truth_view view = truth.view[i];
            if (view.camera % 2 != 0 || !view.visible || view.u_px < 14 || view.u_px > W - 15 || view.v_px < 14 ||
                view.v_px > H - 15)
                continue;
            bool alone = true;
            for (size_t j = 0; j < truth.n_views; j++) {
                double du = truth.view[j].u_px - view.u_px, dv = truth.view[j].v_px - view.v_px;
                alone = alone && (j == i || truth.view[j].camera != view.camera || du * du + dv * dv > 900);
            }
            if (!alone)
                continue;
            sv_frame frame;
            assert_int_equal(sv_sim_render(a.sim, &frame, view.camera, k), SV_OK);
            read_dn(seen, &frame);
            assert_int_equal(sv_sim_render(b.sim, &frame, view.camera, k), SV_OK);
            read_dn(empty, &frame);
            double sum = 0, u = 0, v = 0, squares = 0;
            for (int y = (int)view.v_px - 7; y <= (int)view.v_px + 7; y++) {
                for (int x = (int)view.u_px - 7; x <= (int)view.u_px + 7; x++) {
                    double d = seen[y * W + x] - empty[y * W + x];
                    sum += d;
                    u += d * x;
                    v += d * y;
                    squares += d * d;
                }
            }
            const sv_truth_sample *sample = &truth.sample[view.target];
            double range = sv_vec3_norm(sv_vec3_sub(sample->p_w, a.scenario->config.camera[view.camera].c_w));
            double flux = -1500 * exp(-3.912 * range / 30000) * 0.25 * SV_PI * view.size_px * view.size_px;
            assert_true(fabs(sum / flux - 1) < 0.01);
            /* Rounding to DN leaves about 0.01 px per axis and image, and nothing in the mean. */
            assert_true(fabs(u / sum - view.u_px) < 0.05 && fabs(v / sum - view.v_px) < 0.05);
            bias[0] += u / sum - view.u_px;
            bias[1] += v / sum - view.v_px;
            assert_true(fabs(sqrt(squares) / 0.001 / view.snr - 1) < 0.01);
            n_checked++;
            /* Rendering other frames must not disturb the source. */
            assert_int_equal(sv_sim_render(a.sim, &frame, 0, k), SV_OK);
        }
    }
    assert_true(n_checked > 20);
    assert_true(fabs(bias[0] / n_checked) < 0.005 && fabs(bias[1] / n_checked) < 0.005);
    close_tiny(&a);
    close_tiny(&b);
}

/* Noise of a flat sky follows read^2 + gain * level. */
static void test_photon_transfer(void **state) {
    (void)state;
    static const char *const flat[] = {
        "environment.cloud.cover=0",     "environment.terrain.elevation_deg=-90", "targets.0.count=0",
        "distractors.0.count=0",         "rig.defaults.mono.zenith_dn=160",       "rig.defaults.mono.read_noise_dn=2",
        "rig.defaults.mono.gain_dn=0.05"};
    fixture f = open_tiny(flat, sizeof flat / sizeof *flat, 1);
    static double dn[320 * 240];
    double sum = 0, squares = 0, n = 0;
    for (int32_t k = 0; k < SETS; k++) {
        sv_frame frame;
        assert_int_equal(sv_sim_render(f.sim, &frame, 0, k), SV_OK);
        read_dn(dn, &frame);
        for (int i = 0; i < 320 * 240; i++) {
            sum += dn[i] - 160;
            squares += (dn[i] - 160) * (dn[i] - 160);
            n++;
        }
    }
    assert_true(fabs(sum / n) < 0.02);
    assert_true(fabs(squares / n / (4 + 0.05 * 160 + 1.0 / 12) - 1) < 0.01);
    close_tiny(&f);
}

static void test_bad_calls(void **state) {
    (void)state;
    fixture f = open_tiny(NULL, 0, 1);
    sv_frame frame;
    sv_sim *none;
    assert_int_equal(sv_sim_render(f.sim, &frame, CAMERAS, 0), SV_ERR_ARG);
    assert_int_equal(sv_sim_render(f.sim, &frame, 0, SETS), SV_ERR_ARG);
    assert_int_equal(sv_sim_create(&none, f.scenario, NULL, NULL), SV_ERR_ARG);
    assert_null(none);
    close_tiny(&f);
    const char *const slow[] = {"rig.cameras.2.rate_hz=15"};
    assert_int_equal(sv_scenario_load(&f.scenario, "scenarios/tiny.json", slow, 1), SV_OK);
    assert_int_equal(sv_backend_create(&f.backend, SV_BACKEND_AUTO), SV_OK);
    assert_int_equal(sv_sim_create(&none, f.scenario, f.backend, NULL), SV_ERR_ARG);
    assert_non_null(strstr(sv_error_text(), "rig.cameras.2.rate_hz"));
    sv_backend_destroy(f.backend);
    sv_scenario_destroy(f.scenario);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_come_in_order),
        cmocka_unit_test(test_same_pixels_any_way),
        cmocka_unit_test(test_pixels_agree_with_truth),
        cmocka_unit_test(test_photon_transfer),
        cmocka_unit_test(test_bad_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
