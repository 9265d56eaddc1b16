/* Detections without pixels: probability of detection, false alarms, centroid noise, an order that tells nothing; coverage. */
#include <math.h>
#include <setjmp.h>
#include <sim/emit.h>
#include <skyvox/camera.h>
#include <skyvox/math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct fixture {
    sv_scenario *scenario;
    sv_scene *scene;
    sv_emitter *emitter;
} fixture;

static fixture open_tiny(const char *const *override, int n_override) {
    fixture f;
    assert_int_equal(sv_scenario_load(&f.scenario, "scenarios/tiny.json", override, n_override), SV_OK);
    assert_int_equal(sv_scene_create(&f.scene, f.scenario, NULL), SV_OK);
    assert_int_equal(sv_emitter_create(&f.emitter, f.scene), SV_OK);
    return f;
}

static void close_tiny(fixture *f) {
    sv_emitter_destroy(f->emitter);
    sv_scene_destroy(f->scene);
    sv_scenario_destroy(f->scenario);
}

static double phi(double z) {
    return 0.5 * erfc(-z / sqrt(2.0));
}

/* No clutter: every detection is the nearest view's, so found / expected and the residuals can be counted. */
static void test_detection_probability_and_noise(void **state) {
    (void)state;
    static const char *const quiet[] = {
        "detection_model.false_alarms_per_px=0", "targets.0.count=20",
        "targets.0.contrast.mono_dn=-80",        "targets.0.contrast.thermal_k=5",
        "targets.0.size_m=[0.4, 0.8]",           "detection_model.centroid_sigma_px=0.3"};
    fixture f = open_tiny(quiet, 6);
    double expected = 0, variance = 0, found = 0, square[2] = {0}, excess = 0;
    for (int64_t set = 0; set < 300; set++) {
        assert_int_equal(sv_scene_update(f.scene, set), SV_OK);
        for (int32_t c = 0; c < f.scene->n_cameras; c++) {
            const sv_scene_view *view = f.scene->view + (size_t)c * (size_t)f.scene->n_objects;
            const sv_detection *item;
            size_t n;
            sv_emitter_run(f.emitter, &item, &n, c);
            found += (double)n;
            for (int32_t k = 0; k < f.scene->n_views[c]; k++) {
                double p = view[k].truth.visible ? phi(view[k].truth.snr - 4.75) : 0;
                expected += p;
                variance += p * (1 - p);
            }
            for (size_t i = 0; i < n; i++) {
                double best = 1e9, du = 0, dv = 0;
                for (int32_t k = 0; k < f.scene->n_views[c]; k++) {
                    double u = item[i].u_px - view[k].truth.u_px, v = item[i].v_px - view[k].truth.v_px;
                    if (u * u + v * v < best) {
                        best = u * u + v * v;
                        du = u;
                        dv = v;
                    }
                }
                square[0] += du * du;
                square[1] += dv * dv;
                excess += item[i].snr <= 4.75;
                assert_true(fabs(item[i].cov_px2[0] - 0.09) < 1e-12 && item[i].cov_px2[1] == 0);
                assert_int_equal(item[i].camera, c);
                assert_int_equal(item[i].frame, set);
            }
        }
    }
    assert_true(variance > 300 && found > 3000); /* neither all nor none */
    assert_true(fabs(found - expected) < 4.5 * sqrt(variance));
    assert_true(excess == 0);
    for (int axis = 0; axis < 2; axis++)
        assert_true(fabs(square[axis] / found / 0.09 - 1) < 4.5 * sqrt(2 / found));
    close_tiny(&f);
}

/* Nothing is drawn: what remains are uniform and gathered false alarms, sorted by place, just above the threshold. */
static void test_false_alarms(void **state) {
    (void)state;
    static const char *const noisy[] = {"detection_model.false_alarms_per_px=2e-4", "detection_model.cloud_clutter=0.5",
                                        "targets.0.render=false", "distractors.0.render=false"};
    enum { SETS = 400, W = 320, H = 240, BINS = 8 };
    fixture f = open_tiny(noisy, 4);
    double found = 0, snr = 0, left = 0;
    int count[BINS][BINS] = {{0}};
    for (int64_t set = 0; set < SETS; set++) {
        assert_int_equal(sv_scene_update(f.scene, set), SV_OK);
        const sv_detection *item;
        size_t n;
        sv_emitter_run(f.emitter, &item, &n, 0);
        found += (double)n;
        for (size_t i = 0; i < n; i++) {
            assert_true(item[i].snr >= 4.75);
            assert_true(i == 0 || item[i].v_px > item[i - 1].v_px ||
                        (item[i].v_px == item[i - 1].v_px && item[i].u_px >= item[i - 1].u_px));
            snr += item[i].snr - 4.75;
            left += item[i].u_px < W / 2.0;
            count[(int)((item[i].v_px + 0.5) / H * BINS)][(int)((item[i].u_px + 0.5) / W * BINS)]++;
        }
    }
    /* Gathered ones that fall off the image are lost: between the uniform share alone and everything. */
    double uniform = SETS * 2e-4 * W * H;
    assert_true(found > 1.3 * uniform && found < 1.52 * uniform);
    assert_true(fabs(snr / found * 4.75 - 1) < 0.08);
    int most = 0, least = 1 << 30;
    for (int i = 0; i < BINS * BINS; i++) {
        most = count[i / BINS][i % BINS] > most ? count[i / BINS][i % BINS] : most;
        least = count[i / BINS][i % BINS] < least ? count[i / BINS][i % BINS] : least;
    }
    double mean = uniform / (BINS * BINS);
    assert_true(least > mean - 5 * sqrt(mean) && most > 2 * mean);
    close_tiny(&f);
}

/* In coverage: in the field of view of enough sites, in range, above the line; computed here a second time. */
static void check_coverage(const char *const *override, int n_override, double *covered, double *total) {
    fixture f = open_tiny(override, n_override);
    for (int64_t set = 0; set < 10; set++) {
        assert_int_equal(sv_scene_update(f.scene, set), SV_OK);
        sv_truth_set truth = sv_scene_truth(f.scene);
        for (size_t i = 0; i < truth.n_samples; i++) {
            int sites = 0;
            for (int32_t s = 0; s < 3; s++) {
                bool has = false;
                for (int32_t c = 2 * s; c < 2 * s + 2; c++) {
                    const sv_camera *camera = &f.scenario->config.camera[c];
                    double uv[2], range = sv_vec3_norm(sv_vec3_sub(truth.sample[i].p_w, camera->c_w));
                    has = has || (range <= f.scenario->sensor[c].range_max_m &&
                                  sv_camera_project(uv, NULL, camera, truth.sample[i].p_w) == SV_OK &&
                                  sv_camera_contains(camera, uv[0], uv[1]));
                }
                sites += has;
            }
            bool low = f.scenario->environment.terrain_deg > 80;
            assert_int_equal(truth.sample[i].n_sites, low ? 0 : sites);
            assert_int_equal(truth.sample[i].in_coverage, !low && sites >= f.scenario->coverage_sites);
            *covered += truth.sample[i].in_coverage;
            *total += 1;
        }
    }
    close_tiny(&f);
}

static void test_coverage(void **state) {
    (void)state;
    static const char *const wide[] = {"targets.0.count=30", "targets.0.flight.box_m.0.0=-300",
                                       "targets.0.flight.box_m.1.0=300", "environment.terrain.elevation_deg=-90"};
    static const char *const near[] = {"targets.0.count=30", "environment.terrain.elevation_deg=-90",
                                       "rig.defaults.mono.range_max_m=720", "rig.defaults.thermal.range_max_m=720"};
    static const char *const valley[] = {"environment.terrain.elevation_deg=85"};
    double covered = 0, total = 0;
    check_coverage(wide, 4, &covered, &total);
    assert_true(covered > 0.2 * total && covered < 0.98 * total);
    covered = total = 0;
    check_coverage(near, 4, &covered, &total);
    assert_true(covered > 0.02 * total && covered < 0.98 * total);
    covered = 0;
    check_coverage(valley, 1, &covered, &total);
    assert_true(covered == 0);
}

/* Third-nearest covering site, views by camera then target, one sample per object. */
static void test_truth_figures(void **state) {
    (void)state;
    fixture f = open_tiny(NULL, 0);
    assert_int_equal(sv_scene_update(f.scene, 5), SV_OK);
    sv_truth_set truth = sv_scene_truth(f.scene);
    assert_int_equal(truth.n_samples, 3);
    assert_true(truth.sample[0].wanted && truth.sample[1].wanted && !truth.sample[2].wanted);
    assert_int_equal(truth.sample[2].object_class, SV_CLASS_BIRD);
    for (size_t i = 0; i < truth.n_samples; i++) {
        double farthest = 0;
        for (int32_t c = 0; c < 6; c++) {
            double range = sv_vec3_norm(sv_vec3_sub(truth.sample[i].p_w, f.scenario->config.camera[c].c_w));
            farthest = range > farthest ? range : farthest;
        }
        assert_int_equal(truth.sample[i].target, i);
        assert_true(truth.sample[i].in_coverage && fabs(truth.sample[i].range_m - farthest) < 1e-9);
        assert_true(truth.sample[i].size_px > 0);
    }
    for (size_t k = 1; k < truth.n_views; k++)
        assert_true(
            truth.view[k].camera > truth.view[k - 1].camera ||
            (truth.view[k].camera == truth.view[k - 1].camera && truth.view[k].target > truth.view[k - 1].target));
    close_tiny(&f);
}

/* A far object below the line is hidden, a near one is seen in front of the terrain. */
static void test_terrain_hides_what_is_farther(void **state) {
    (void)state;
    for (int near = 0; near < 2; near++) {
        const char *const high[] = {"environment.terrain.elevation_deg=60", near
                                                                                ? "environment.terrain.distance_m=3000"
                                                                                : "environment.terrain.distance_m=100"};
        fixture f = open_tiny(high, 2);
        assert_int_equal(sv_scene_update(f.scene, 3), SV_OK);
        sv_truth_set truth = sv_scene_truth(f.scene);
        assert_true(truth.n_views > 6);
        for (size_t k = 0; k < truth.n_views; k++) {
            assert_int_equal(truth.view[k].occluded, !near);
            assert_true(near || !truth.view[k].visible);
        }
        close_tiny(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_detection_probability_and_noise),
        cmocka_unit_test(test_false_alarms),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_truth_figures),
        cmocka_unit_test(test_terrain_hides_what_is_farther),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
