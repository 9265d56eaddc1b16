/* Detections to rays, pairs to common bearings: covariance, gating, order, capacities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <core/fuse/fuse.h>
#include <math.h>
#include <skyvox/camera.h>
#include <skyvox/math.h>
#include <skyvox/rng.h>
#include <string.h>

enum { N_CAMERAS = 4, MANY = 600 };

/* Two sites, each a mono (even index) and a thermal camera that look the same way. */
typedef struct rig {
    sv_camera camera[N_CAMERAS];
    sv_config config;
    sv_arena scratch;
} rig;

static rig *rig_create(void) {
    static rig r;
    memset(&r, 0, sizeof r);
    for (int i = 0; i < N_CAMERAS; i++) {
        const bool thermal = i % 2 == 1;
        sv_camera *c = &r.camera[i];
        *c = (sv_camera){.id = i,
                         .pair = i / 2,
                         .site = i / 2,
                         .modality = thermal ? SV_THERMAL : SV_MONO,
                         .width = thermal ? 640 : 1920,
                         .height = thermal ? 512 : 1080,
                         .bit_depth = 8,
                         .fx = thermal ? 1100 : 3300,
                         .fy = thermal ? 1100 : 3300,
                         .cx = thermal ? 319.5 : 959.5,
                         .cy = thermal ? 255.5 : 539.5,
                         .dist = {-0.1, 0.02, 1e-3, -5e-4},
                         .c_w = {i / 2 * 800.0, 0, 5},
                         .rate_hz = 30,
                         .sigma_px = 0.2,
                         .sigma_pose_px = 0.1};
        assert_int_equal(sv_camera_look_at(&c->R_cw, c->c_w, (sv_vec3){400, 1000, 300}), SV_OK);
    }
    r.config.camera = r.camera;
    r.config.n_cameras = N_CAMERAS;
    r.config.fuse = (sv_fuse_config){.gate_sigma = 4, .max_per_camera = 1000};
    r.config.voxel.snr_birth = 4.75;
    assert_int_equal(sv_arena_create(&r.scratch, 4u << 20), SV_OK);
    return &r;
}

static int setup(void **state) {
    *state = rig_create();
    return 0;
}

static int teardown(void **state) {
    sv_arena_destroy(&((rig *)*state)->scratch);
    return 0;
}

static sv_detection seen(const rig *r, int camera, sv_vec3 p_w, double snr) {
    double uv[2];
    assert_int_equal(sv_camera_project(uv, NULL, &r->camera[camera], p_w), SV_OK);
    return (sv_detection){.u_px = uv[0], .v_px = uv[1], .snr = snr, .camera = camera};
}

static size_t fuse(rig *r, sv_ray *out, size_t cap, const sv_detection *d, size_t n) {
    size_t n_out = 999999;
    assert_int_equal(sv_fuse_run(out, &n_out, cap, &r->config, d, n, &r->scratch), SV_OK);
    assert_int_equal(r->scratch.used, 0);
    return n_out;
}

static double normal(uint32_t stream, uint64_t counter) {
    return sv_rng_normal(7, sv_rng_stream(SV_RNG_TEST, stream), counter);
}

/* Error of a direction in the basis of the true one. */
static void angular_error(double e[2], sv_vec3 d_w, sv_vec3 truth) {
    sv_vec3 e1, e2;
    sv_ray_basis(&e1, &e2, truth);
    e[0] = sv_vec3_dot(e1, d_w);
    e[1] = sv_vec3_dot(e2, d_w);
}

static double squared_distance(const double e[2], const double c[3]) {
    return (c[2] * e[0] * e[0] - 2 * c[1] * e[0] * e[1] + c[0] * e[1] * e[1]) / (c[0] * c[2] - c[1] * c[1]);
}

/* Mean normalised squared error over N draws of a chi-square with 2 degrees: 2 +- 4 standard errors. */
static void check_nees(double sum, int n) {
    assert_true(fabs(sum / n - 2) < 4 * 2 / sqrt(n));
}

static void a_detection_becomes_a_ray_through_its_object(void **state) {
    rig *r = *state;
    const sv_vec3 p = {380, 900, 250};
    const sv_detection d = seen(r, 2, p, 7);
    sv_ray ray[4];
    assert_int_equal(fuse(r, ray, 4, &d, 1), 1);
    const sv_vec3 truth = sv_vec3_unit(sv_vec3_sub(p, r->camera[2].c_w));
    assert_true(sv_vec3_norm(sv_vec3_sub(ray[0].d_w, truth)) < 1e-9);
    assert_int_equal(ray[0].camera[0], 2);
    assert_int_equal(ray[0].camera[1], -1);
    assert_int_equal(ray[0].detection[0], 0);
    assert_int_equal(ray[0].detection[1], -1);
    assert_int_equal(ray[0].site, 1);
    assert_true(ray[0].snr == 7);
}

static void single_covariance_matches_sampling(void **state) {
    rig *r = *state;
    const sv_vec3 p = {300, 950, 330};
    const sv_vec3 truth = sv_vec3_unit(sv_vec3_sub(p, r->camera[0].c_w));
    /* Correlated pixel noise of its own: u = 0.4 a, v = 0.3 a + 0.2 b; the pose adds 0.1 px to each. */
    enum { N = 4000 };
    double sum = 0;
    for (int i = 0; i < N; i++) {
        sv_detection d = seen(r, 0, p, 9);
        const double a = normal(1, (uint64_t)i), b = normal(2, (uint64_t)i);
        d.u_px += 0.4 * a + 0.1 * normal(3, (uint64_t)i);
        d.v_px += 0.3 * a + 0.2 * b + 0.1 * normal(4, (uint64_t)i);
        d.cov_px2[0] = 0.16;
        d.cov_px2[1] = 0.12;
        d.cov_px2[2] = 0.13;
        sv_ray ray;
        assert_int_equal(fuse(r, &ray, 1, &d, 1), 1);
        double e[2];
        angular_error(e, ray.d_w, truth);
        sum += squared_distance(e, ray.cov_rad2);
    }
    check_nees(sum, N);
}

static void combined_bearing_and_covariance_match_sampling(void **state) {
    rig *r = *state;
    const sv_vec3 p = {420, 980, 280};
    const sv_vec3 truth = sv_vec3_unit(sv_vec3_sub(p, r->camera[0].c_w));
    enum { N = 4000 };
    double sum = 0, single = 0, combined = 0;
    r->config.fuse.gate_sigma = 6; /* so that the gate cuts no tail */
    for (int i = 0; i < N; i++) {
        sv_detection d[2] = {seen(r, 0, p, 6), seen(r, 1, p, 8)};
        const double s = sqrt(0.05);
        for (uint32_t k = 0; k < 2; k++) {
            d[k].u_px += s * normal(10 + k, (uint64_t)i);
            d[k].v_px += s * normal(20 + k, (uint64_t)i);
        }
        sv_ray ray[2];
        assert_int_equal(fuse(r, ray, 2, d, 2), 1);
        double e[2];
        angular_error(e, ray[0].d_w, truth);
        sum += squared_distance(e, ray[0].cov_rad2);
        combined += e[0] * e[0] + e[1] * e[1];
        assert_int_equal(fuse(r, ray, 2, d, 1), 1);
        angular_error(e, ray[0].d_w, truth);
        single += e[0] * e[0] + e[1] * e[1];
    }
    check_nees(sum, N);
    assert_true(combined < single);
}

static void a_pair_is_joined_within_the_gate_only(void **state) {
    rig *r = *state;
    const sv_vec3 p = {400, 1000, 300};
    sv_ray ray[2];
    /* Both at the optical axis: sigma along u is (0.05 / 3300^2 + 0.05 / 1100^2)^(1/2) rad, in thermal pixels: */
    const double sigma_px = sqrt(0.05 * (1 + 1.0 / 9));
    for (int outside = 0; outside < 2; outside++) {
        sv_detection d[2] = {seen(r, 0, p, 6), seen(r, 1, p, 8)};
        d[1].u_px += (outside ? 4.05 : 3.95) * sigma_px;
        assert_int_equal(fuse(r, ray, 2, d, 2), outside ? 2 : 1);
        assert_int_equal(ray[0].camera[0], 0);
        assert_int_equal(ray[0].camera[1], outside ? -1 : 1);
        assert_int_equal(ray[0].detection[1], outside ? -1 : 1);
        assert_true(fabs(ray[0].snr - (outside ? 6 : 10)) < 1e-12);
    }
}

static void times_more_than_2_ms_apart_do_not_join(void **state) {
    rig *r = *state;
    const sv_vec3 p = {400, 1000, 300};
    sv_ray ray[2];
    sv_detection d[2] = {seen(r, 0, p, 6), seen(r, 1, p, 8)};
    d[1].t = 2000000;
    assert_int_equal(fuse(r, ray, 2, d, 2), 1);
    assert_true(ray[0].t > 0 && ray[0].t < 1000000); /* nearer the sharper mono camera's */
    d[1].t = 2000001;
    assert_int_equal(fuse(r, ray, 2, d, 2), 2);
    d[1].t = -2000001;
    assert_int_equal(fuse(r, ray, 2, d, 2), 2);
}

static void cameras_of_other_pairs_never_join(void **state) {
    rig *r = *state;
    sv_ray ray[2];
    r->camera[3].c_w = r->camera[0].c_w;
    r->camera[3].R_cw = r->camera[0].R_cw;
    const sv_detection d[2] = {seen(r, 0, (sv_vec3){400, 1000, 300}, 6), seen(r, 3, (sv_vec3){400, 1000, 300}, 8)};
    assert_int_equal(fuse(r, ray, 2, d, 2), 2);
}

static void pairing_is_one_to_one_and_cheapest(void **state) {
    rig *r = *state;
    const sv_vec3 p = {400, 1000, 300};
    /* In thermal pixels of 0.24 px noise: a at 0, b at 0.5, the monos at 0.1 and -0.6. Alone the first would take a;
       the cheapest matching gives it b, because the second reaches only a. */
    sv_detection d[4] = {seen(r, 0, p, 6), seen(r, 0, p, 6), seen(r, 1, p, 8), seen(r, 1, p, 8)};
    d[0].u_px += 3 * 0.1;
    d[1].u_px -= 3 * 0.6;
    d[3].u_px += 0.5;
    sv_ray ray[4];
    assert_int_equal(fuse(r, ray, 4, d, 4), 2);
    assert_int_equal(ray[0].detection[0], 0);
    assert_int_equal(ray[0].detection[1], 3);
    assert_int_equal(ray[1].detection[0], 1);
    assert_int_equal(ray[1].detection[1], 2);
}

static void rays_come_by_site_camera_detection(void **state) {
    rig *r = *state;
    static sv_detection d[40];
    /* Groups in the order 3, 1, 2, 0: far from each other, so that nothing joins. */
    const int order[N_CAMERAS] = {3, 1, 2, 0};
    for (int i = 0; i < 40; i++) {
        const int c = order[i / 10];
        d[i] = seen(r, c, (sv_vec3){c % 2 ? 300.0 : 450.0, 950, 230 + 10.0 * (i % 10)}, 5 + i % 7);
    }
    sv_ray ray[40];
    assert_int_equal(fuse(r, ray, 40, d, 40), 40);
    for (int i = 1; i < 40; i++) {
        const sv_ray *a = &ray[i - 1], *b = &ray[i];
        assert_true(a->site < b->site || (a->site == b->site && a->camera[0] < b->camera[0]) ||
                    (a->camera[0] == b->camera[0] && a->detection[0] < b->detection[0]));
    }
}

static void only_the_strongest_fit_the_caps(void **state) {
    rig *r = *state;
    sv_detection d[6];
    const double snr[6] = {5, 9, 7, 7, 7, 4};
    for (int i = 0; i < 6; i++)
        d[i] = seen(r, 0, (sv_vec3){400, 1000, 250 + 15.0 * i}, snr[i]);
    sv_ray ray[6];
    r->config.fuse.max_per_camera = 3;
    assert_int_equal(fuse(r, ray, 6, d, 6), 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ray[i].detection[0], i + 1); /* 9 and the first two of the sevens, in order */
    r->config.fuse.max_per_camera = 1000;
    assert_int_equal(fuse(r, ray, 2, d, 6), 2);
    assert_int_equal(ray[0].detection[0], 1);
    assert_int_equal(ray[1].detection[0], 2);
}

static void confidence_grows_with_snr(void **state) {
    rig *r = *state;
    double before = 0;
    for (double snr = 3.3; snr < 8.5; snr += 0.7) {
        const sv_detection d = seen(r, 0, (sv_vec3){400, 1000, 300}, snr);
        sv_ray ray;
        fuse(r, &ray, 1, &d, 1);
        assert_true(ray.confidence > before && ray.confidence <= 1);
        before = ray.confidence;
    }
    const sv_detection d = seen(r, 0, (sv_vec3){400, 1000, 300}, 4.75);
    sv_ray ray;
    fuse(r, &ray, 1, &d, 1);
    assert_true(fabs(ray.confidence - 0.5) < 1e-12);
}

static void a_crowd_pairs_up_completely(void **state) {
    rig *r = *state;
    static sv_detection d[2 * MANY];
    static sv_ray ray[2 * MANY];
    for (int i = 0; i < MANY; i++) {
        const sv_vec3 p = {320 + 160 * sv_rng_uniform(3, 1, (uint64_t)i), 1000,
                           250 + 100 * sv_rng_uniform(3, 2, (uint64_t)i)};
        d[i] = seen(r, 0, p, 6);
        d[MANY + i] = seen(r, 1, p, 6);
    }
    assert_int_equal(fuse(r, ray, 2 * MANY, d, 2 * MANY), MANY);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(ray[i].detection[1], MANY + ray[i].detection[0]);
}

static void a_small_scratch_is_an_error(void **state) {
    rig *r = *state;
    sv_arena small;
    assert_int_equal(sv_arena_create(&small, 1024), SV_OK);
    static sv_detection d[MANY];
    static sv_ray ray[MANY];
    for (int i = 0; i < MANY; i++)
        d[i] = seen(r, 0, (sv_vec3){400, 1000, 300}, 6);
    size_t n = 77;
    assert_int_equal(sv_fuse_run(ray, &n, MANY, &r->config, d, MANY, &small), SV_ERR_LIMIT);
    assert_int_equal(n, 77);
    assert_int_equal(small.used, 0);
    sv_arena_destroy(&small);
}

static void nothing_gives_nothing(void **state) {
    rig *r = *state;
    sv_ray ray;
    assert_int_equal(fuse(r, &ray, 1, NULL, 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_detection_becomes_a_ray_through_its_object, setup, teardown),
        cmocka_unit_test_setup_teardown(single_covariance_matches_sampling, setup, teardown),
        cmocka_unit_test_setup_teardown(combined_bearing_and_covariance_match_sampling, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pair_is_joined_within_the_gate_only, setup, teardown),
        cmocka_unit_test_setup_teardown(times_more_than_2_ms_apart_do_not_join, setup, teardown),
        cmocka_unit_test_setup_teardown(cameras_of_other_pairs_never_join, setup, teardown),
        cmocka_unit_test_setup_teardown(pairing_is_one_to_one_and_cheapest, setup, teardown),
        cmocka_unit_test_setup_teardown(rays_come_by_site_camera_detection, setup, teardown),
        cmocka_unit_test_setup_teardown(only_the_strongest_fit_the_caps, setup, teardown),
        cmocka_unit_test_setup_teardown(confidence_grows_with_snr, setup, teardown),
        cmocka_unit_test_setup_teardown(a_crowd_pairs_up_completely, setup, teardown),
        cmocka_unit_test_setup_teardown(a_small_scratch_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_gives_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
