/* The camera model: forward and back over whole images, Jacobians against differences, and where it must refuse. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <skyvox/camera.h>
#include <skyvox/math.h>
#include <skyvox/rng.h>

enum { N_CAMERAS = 5 };

/* Two pinholes, a barrel-shaped action camera, a telephone and a full rational model, all turned somewhere. */
static sv_camera make_camera(int i) {
    static const struct {
        int32_t width, height;
        double fx, fy, cx, cy;
        double dist[8];
    } model[N_CAMERAS] = {
        {7680, 4320, 14330.0, 14330.0, 3839.5, 2159.5, {0}},
        {640, 512, 800.0, 805.0, 321.7, 250.2, {0}},
        {1920, 1080, 1050.0, 1060.0, 955.0, 545.0, {-0.24, 0.06, -2e-4, 3e-4, -0.007}},
        {1920, 1080, 1700.0, 1690.0, 970.0, 530.0, {0.15, -0.5, -1e-3, 5e-4, 0.45}},
        {1280, 1024, 900.0, 890.0, 650.0, 500.0, {8.4, 3.1, 1e-4, -2e-4, 0.12, 8.8, 5.7, 0.95}},
    };
    sv_camera camera = {
        .id = i,
        .width = model[i].width,
        .height = model[i].height,
        .bit_depth = 12,
        .fx = model[i].fx,
        .fy = model[i].fy,
        .cx = model[i].cx,
        .cy = model[i].cy,
        .c_w = {10.0 * i, -20.0, 3.0},
        .rate_hz = 30.0,
        .sigma_px = 0.3,
    };
    memcpy(camera.dist, model[i].dist, sizeof camera.dist);
    camera.R_cw = sv_mat3_from_rotvec(sv_vec3_make(0.4 + i, -1.1, 0.7));
    return camera;
}

static void unprojected_pixels_project_back_over_whole_images(void **state) {
    (void)state;
    for (int i = 0; i < N_CAMERAS; i++) {
        sv_camera camera = make_camera(i);
        double worst = 0.0;
        for (int iu = 0; iu <= 160; iu++) {
            for (int iv = 0; iv <= 90; iv++) {
                double u = -0.5 + camera.width * (iu / 160.0);
                double v = -0.5 + camera.height * (iv / 90.0);
                sv_vec3 d;
                double uv[2];
                assert_int_equal(sv_camera_unproject(&d, NULL, &camera, u, v), SV_OK);
                assert_true(fabs(sv_vec3_norm(d) - 1.0) < 1e-15);
                assert_int_equal(sv_camera_project(uv, NULL, &camera, sv_vec3_mad(camera.c_w, d, 7.0)), SV_OK);
                double error = fmax(fabs(uv[0] - u), fabs(uv[1] - v));
                worst = fmax(worst, error);
            }
        }
        assert_true(worst < 1e-9);
    }
}

static void projected_points_unproject_to_their_direction(void **state) {
    (void)state;
    for (int i = 0; i < N_CAMERAS; i++) {
        sv_camera camera = make_camera(i);
        int n_seen = 0;
        for (uint64_t k = 0; k < 5000; k++) {
            sv_vec3 p_c = {sv_rng_normal(1, 0, k), sv_rng_normal(1, 1, k), 2.0 + sv_rng_normal(1, 2, k)};
            sv_vec3 d = sv_vec3_unit(sv_mat3_tmul_vec(&camera.R_cw, p_c));
            double uv[2];
            sv_vec3 back;
            if (sv_camera_project(uv, NULL, &camera, sv_vec3_mad(camera.c_w, d, 500.0)) != SV_OK ||
                !sv_camera_contains(&camera, uv[0], uv[1])) {
                continue;
            }
            assert_int_equal(sv_camera_unproject(&back, NULL, &camera, uv[0], uv[1]), SV_OK);
            assert_true(sv_vec3_norm(sv_vec3_sub(back, d)) < 1e-12);
            n_seen++;
        }
        assert_in_range(n_seen, 300, 5000);
    }
}

/* OpenCV's formula written out once more, for one point computed by hand. */
static void distortion_is_the_rational_model(void **state) {
    (void)state;
    sv_camera camera = make_camera(4);
    camera.R_cw = (sv_mat3){{1, 0, 0, 0, 1, 0, 0, 0, 1}};
    camera.c_w = sv_vec3_make(0.0, 0.0, 0.0);
    double x = 0.3, y = -0.2, r2 = x * x + y * y;
    const double *k = camera.dist;
    double radial =
        (1 + k[0] * r2 + k[1] * r2 * r2 + k[4] * r2 * r2 * r2) / (1 + k[5] * r2 + k[6] * r2 * r2 + k[7] * r2 * r2 * r2);
    double xd = x * radial + 2 * k[2] * x * y + k[3] * (r2 + 2 * x * x);
    double yd = y * radial + k[2] * (r2 + 2 * y * y) + 2 * k[3] * x * y;
    double uv[2];
    assert_int_equal(sv_camera_project(uv, NULL, &camera, sv_vec3_make(3.0, -2.0, 10.0)), SV_OK);
    assert_true(fabs(uv[0] - (camera.fx * xd + camera.cx)) < 1e-10);
    assert_true(fabs(uv[1] - (camera.fy * yd + camera.cy)) < 1e-10);
}

static void assert_close_matrices(const double *a, const double *b, int n, double relative) {
    double difference = 0.0, size = 0.0;
    for (int i = 0; i < n; i++) {
        difference = fmax(difference, fabs(a[i] - b[i]));
        size = fmax(size, fabs(b[i]));
    }
    assert_true(size > 0.0 && difference < relative * size);
}

static void projection_jacobians_match_differences(void **state) {
    (void)state;
    for (int i = 0; i < N_CAMERAS; i++) {
        sv_camera camera = make_camera(i);
        for (uint64_t k = 0; k < 300; k++) {
            double range = 50.0 + 5000.0 * sv_rng_uniform(2, 0, k);
            sv_vec3 d;
            assert_int_equal(sv_camera_unproject(&d, NULL, &camera, camera.width * sv_rng_uniform(2, 1, k),
                                                 camera.height * sv_rng_uniform(2, 2, k)),
                             SV_OK);
            sv_vec3 p = sv_vec3_mad(camera.c_w, d, range);
            double uv[2], J[6], differences[6];
            assert_int_equal(sv_camera_project(uv, J, &camera, p), SV_OK);
            double h = 1e-5 * range;
            for (int j = 0; j < 3; j++) {
                sv_vec3 step = sv_vec3_make(j == 0 ? h : 0.0, j == 1 ? h : 0.0, j == 2 ? h : 0.0);
                double plus[2], minus[2];
                assert_int_equal(sv_camera_project(plus, NULL, &camera, sv_vec3_add(p, step)), SV_OK);
                assert_int_equal(sv_camera_project(minus, NULL, &camera, sv_vec3_sub(p, step)), SV_OK);
                differences[j] = (plus[0] - minus[0]) / (2.0 * h);
                differences[3 + j] = (plus[1] - minus[1]) / (2.0 * h);
            }
            assert_close_matrices(J, differences, 6, 1e-6);
        }
    }
}

static void unprojection_jacobians_match_differences(void **state) {
    (void)state;
    for (int i = 0; i < N_CAMERAS; i++) {
        sv_camera camera = make_camera(i);
        for (uint64_t k = 0; k < 300; k++) {
            double pixel[2] = {camera.width * sv_rng_uniform(3, 1, k), camera.height * sv_rng_uniform(3, 2, k)};
            double J[6], differences[6];
            sv_vec3 d;
            assert_int_equal(sv_camera_unproject(&d, J, &camera, pixel[0], pixel[1]), SV_OK);
            double h = 0.02;
            for (int j = 0; j < 2; j++) {
                sv_vec3 plus, minus;
                double hu = j == 0 ? h : 0.0, hv = j == 1 ? h : 0.0;
                assert_int_equal(sv_camera_unproject(&plus, NULL, &camera, pixel[0] + hu, pixel[1] + hv), SV_OK);
                assert_int_equal(sv_camera_unproject(&minus, NULL, &camera, pixel[0] - hu, pixel[1] - hv), SV_OK);
                sv_vec3 slope = sv_vec3_scale(sv_vec3_sub(plus, minus), 1.0 / (2.0 * h));
                differences[j] = slope.x;
                differences[2 + j] = slope.y;
                differences[4 + j] = slope.z;
            }
            assert_close_matrices(J, differences, 6, 1e-6);
        }
    }
}

static void points_behind_are_refused_and_outputs_stay(void **state) {
    (void)state;
    for (int i = 0; i < N_CAMERAS; i++) {
        sv_camera camera = make_camera(i);
        sv_vec3 axis = sv_mat3_tmul_vec(&camera.R_cw, sv_vec3_make(0.0, 0.0, 1.0));
        double uv[2] = {-7.0, -8.0}, J[6] = {1, 2, 3, 4, 5, 6};
        const double untouched[6] = {1, 2, 3, 4, 5, 6};
        const sv_vec3 bad[] = {
            camera.c_w,
            sv_vec3_mad(camera.c_w, axis, -10.0),
            sv_vec3_make(NAN, 0.0, 0.0),
            sv_vec3_make(INFINITY, INFINITY, INFINITY),
        };
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
            assert_int_equal(sv_camera_project(uv, J, &camera, bad[k]), SV_ERR_DEGENERATE);
            assert_true(uv[0] == -7.0 && uv[1] == -8.0);
            assert_memory_equal(J, untouched, sizeof J);
        }
    }
}

/* Smallest value of D and of D^2 d(r N/D)/dr from the axis to r, by sampling: positive where the map grows. */
static double smallest_growth(const double k[8], double r_max) {
    enum { N_SAMPLES = 1000 };
    double smallest = 1.0;
    for (int i = 0; i <= N_SAMPLES; i++) {
        double s = pow(r_max * i / N_SAMPLES, 2.0);
        double n = 1 + s * (k[0] + s * (k[1] + s * k[4]));
        double d = 1 + s * (k[5] + s * (k[6] + s * k[7]));
        double dn = k[0] + s * (2 * k[1] + s * 3 * k[4]);
        double dd = k[5] + s * (2 * k[6] + s * 3 * k[7]);
        smallest = fmin(smallest, fmin(d, n * d + 2 * s * (dn * d - n * dd)));
    }
    return smallest;
}

static void points_beyond_the_fold_are_refused_and_no_others(void **state) {
    (void)state;
    int n_refused = 0, n_accepted = 0;
    for (uint64_t i = 0; i < 4000; i++) {
        sv_camera camera = make_camera(2);
        camera.R_cw = (sv_mat3){{1, 0, 0, 0, 1, 0, 0, 0, 1}};
        camera.c_w = sv_vec3_make(0.0, 0.0, 0.0);
        memset(camera.dist, 0, sizeof camera.dist);
        for (int k = 0; k < (i % 2 == 0 ? 5 : 8); k++) {
            camera.dist[k] = k == 2 || k == 3 ? 0.0 : 0.7 * sv_rng_normal(4, (uint64_t)k, i);
        }
        double r = 2.5 * sv_rng_uniform(4, 9, i);
        double growth = smallest_growth(camera.dist, r);
        if (fabs(growth) < 1e-4) {
            continue;
        }
        double uv[2];
        sv_status expected = growth > 0.0 ? SV_OK : SV_ERR_DEGENERATE;
        assert_int_equal(sv_camera_project(uv, NULL, &camera, sv_vec3_make(0.6 * r, 0.8 * r, 1.0)), expected);
        n_refused += expected != SV_OK;
        n_accepted += expected == SV_OK;
    }
    assert_true(n_refused > 1000 && n_accepted > 1000);
}

static void pixels_that_no_direction_reaches_are_refused(void **state) {
    (void)state;
    /* The action camera's image of the fold is a circle of radius 1.114 in normalised coordinates. */
    sv_camera camera = make_camera(2);
    sv_vec3 d = sv_vec3_make(5.0, 6.0, 7.0);
    assert_int_equal(sv_camera_unproject(&d, NULL, &camera, camera.cx + 1.10 * camera.fx, camera.cy), SV_OK);
    d = sv_vec3_make(5.0, 6.0, 7.0);
    assert_int_equal(sv_camera_unproject(&d, NULL, &camera, camera.cx + 1.13 * camera.fx, camera.cy),
                     SV_ERR_DEGENERATE);
    assert_int_equal(sv_camera_unproject(&d, NULL, &camera, camera.cx + 3.0 * camera.fx, camera.cy), SV_ERR_DEGENERATE);
    assert_int_equal(sv_camera_unproject(&d, NULL, &camera, NAN, 0.0), SV_ERR_DEGENERATE);
    assert_int_equal(sv_camera_unproject(&d, NULL, &camera, 0.0, INFINITY), SV_ERR_DEGENERATE);
    assert_true(d.x == 5.0 && d.y == 6.0 && d.z == 7.0);
}

/* Beyond the fold other roots exist, as far as the other side of the axis; none of them may be returned. */
static void no_root_beyond_the_fold_is_taken_for_a_direction(void **state) {
    (void)state;
    sv_camera camera = make_camera(1);
    memset(camera.dist, 0, sizeof camera.dist);
    camera.dist[0] = -0.3;
    /* r - 0.3 r^3 is largest at r = 1 / sqrt(0.9), where it is 2/3 r = 0.70273. */
    for (int i = 0; i < 500; i++) {
        double r = 0.01 * i + 0.0001;
        sv_vec3 d;
        sv_status expected = r < 0.70273 ? SV_OK : SV_ERR_DEGENERATE;
        assert_int_equal(sv_camera_unproject(&d, NULL, &camera, camera.cx + r * camera.fx, camera.cy), expected);
    }
}

static void rows_are_exposed_one_after_the_other(void **state) {
    (void)state;
    sv_camera camera = make_camera(3);
    assert_int_equal(sv_camera_row_time(&camera, 1000, 500.0), 1000);
    camera.row_ns = 20000.0;
    assert_int_equal(sv_camera_row_time(&camera, 1000, 0.0), 1000);
    assert_int_equal(sv_camera_row_time(&camera, 1000, 10.5), 1000 + 210000);
    assert_int_equal(sv_camera_row_time(&camera, 1000, -3.0), 1000);
    assert_int_equal(sv_camera_row_time(&camera, 1000, 1e9), 1000 + 1079 * 20000);
}

static void pixels_belong_to_the_image_by_their_centres(void **state) {
    (void)state;
    sv_camera camera = make_camera(1);
    assert_true(sv_camera_contains(&camera, 0.0, 0.0) && sv_camera_contains(&camera, -0.5, -0.5));
    assert_true(sv_camera_contains(&camera, 639.49, 511.49));
    assert_false(sv_camera_contains(&camera, 639.5, 0.0) || sv_camera_contains(&camera, 0.0, 511.5));
    assert_false(sv_camera_contains(&camera, -0.51, 0.0) || sv_camera_contains(&camera, 0.0, -0.51));
    assert_false(sv_camera_contains(&camera, NAN, 0.0) || sv_camera_contains(&camera, 0.0, NAN));
}

/* `field` of an otherwise good camera was spoilt: the check must name it. */
static void assert_refused(const sv_camera *camera, const char *field) {
    assert_int_equal(sv_camera_check(camera), SV_ERR_ARG);
    assert_non_null(strstr(sv_error_text(), field));
}

#define ASSERT_SPOILT(member, bad, field)                                                                              \
    do {                                                                                                               \
        sv_camera camera = make_camera(2);                                                                             \
        camera.member = bad;                                                                                           \
        assert_refused(&camera, field);                                                                                \
    } while (0)

static void check_names_the_bad_field(void **state) {
    (void)state;
    for (int i = 0; i < N_CAMERAS; i++) {
        sv_camera good = make_camera(i);
        assert_int_equal(sv_camera_check(&good), SV_OK);
    }
    ASSERT_SPOILT(id, -1, "id");
    ASSERT_SPOILT(pair, -1, "pair");
    ASSERT_SPOILT(site, -2, "site");
    ASSERT_SPOILT(modality, (sv_modality)2, "modality");
    ASSERT_SPOILT(width, 0, "width");
    ASSERT_SPOILT(width, 16385, "width");
    ASSERT_SPOILT(height, -5, "height");
    ASSERT_SPOILT(bit_depth, 7, "bit_depth");
    ASSERT_SPOILT(bit_depth, 17, "bit_depth");
    ASSERT_SPOILT(fx, 0.0, "fx");
    ASSERT_SPOILT(fy, -1.0, "fy");
    ASSERT_SPOILT(cx, NAN, "cx");
    ASSERT_SPOILT(cy, INFINITY, "cy");
    ASSERT_SPOILT(dist[0], NAN, "k1");
    ASSERT_SPOILT(dist[2], NAN, "p1");
    ASSERT_SPOILT(dist[4], NAN, "k3");
    ASSERT_SPOILT(dist[7], INFINITY, "k6");
    ASSERT_SPOILT(c_w.x, NAN, "position x");
    ASSERT_SPOILT(c_w.z, INFINITY, "position z");
    ASSERT_SPOILT(rate_hz, 0.0, "rate_hz");
    ASSERT_SPOILT(row_ns, NAN, "row_ns");
    ASSERT_SPOILT(sigma_px, -0.1, "sigma_px");
    ASSERT_SPOILT(sigma_pose_px, NAN, "sigma_pose_px");
    ASSERT_SPOILT(sigma_time_s, -1e-9, "sigma_time_s");
    ASSERT_SPOILT(R_cw.m[4], 2.0, "R_cw");
    ASSERT_SPOILT(R_cw.m[0], NAN, "R_cw");
}

static void a_mirror_is_no_rotation(void **state) {
    (void)state;
    sv_camera camera = make_camera(0);
    camera.R_cw = (sv_mat3){{1, 0, 0, 0, 1, 0, 0, 0, -1}};
    assert_refused(&camera, "R_cw");
}

static void look_at_centres_its_target_and_keeps_the_horizon(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        sv_camera camera = make_camera(0);
        sv_vec3 target = {sv_rng_normal(5, 0, i), sv_rng_normal(5, 1, i), sv_rng_normal(5, 2, i)};
        assert_int_equal(sv_camera_look_at(&camera.R_cw, camera.c_w, target), SV_OK);
        assert_int_equal(sv_camera_check(&camera), SV_OK);
        double uv[2];
        assert_int_equal(sv_camera_project(uv, NULL, &camera, target), SV_OK);
        assert_true(fabs(uv[0] - camera.cx) < 1e-9 && fabs(uv[1] - camera.cy) < 1e-9);
        assert_true(camera.R_cw.m[2] == 0.0);
        /* A higher point lies further up in the image, where v is smaller. */
        target.z += 0.01;
        assert_int_equal(sv_camera_project(uv, NULL, &camera, target), SV_OK);
        assert_true(uv[1] < camera.cy);
    }
}

static void look_at_refuses_its_own_place_and_the_vertical(void **state) {
    (void)state;
    sv_mat3 R = {{9}};
    sv_vec3 c = sv_vec3_make(1.0, 2.0, 3.0);
    const sv_vec3 bad[] = {c, {1.0, 2.0, 10.0}, {1.0, 2.0, -10.0}, {NAN, 0.0, 0.0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(sv_camera_look_at(&R, c, bad[i]), SV_ERR_DEGENERATE);
        assert_true(R.m[0] == 9.0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unprojected_pixels_project_back_over_whole_images),
        cmocka_unit_test(projected_points_unproject_to_their_direction),
        cmocka_unit_test(distortion_is_the_rational_model),
        cmocka_unit_test(projection_jacobians_match_differences),
        cmocka_unit_test(unprojection_jacobians_match_differences),
        cmocka_unit_test(points_behind_are_refused_and_outputs_stay),
        cmocka_unit_test(points_beyond_the_fold_are_refused_and_no_others),
        cmocka_unit_test(pixels_that_no_direction_reaches_are_refused),
        cmocka_unit_test(no_root_beyond_the_fold_is_taken_for_a_direction),
        cmocka_unit_test(rows_are_exposed_one_after_the_other),
        cmocka_unit_test(pixels_belong_to_the_image_by_their_centres),
        cmocka_unit_test(check_names_the_bad_field),
        cmocka_unit_test(a_mirror_is_no_rotation),
        cmocka_unit_test(look_at_centres_its_target_and_keeps_the_horizon),
        cmocka_unit_test(look_at_refuses_its_own_place_and_the_vertical),
    };
    return cmocka_run_group_tests_name("camera", tests, NULL, NULL);
}
