/* The rig seen as sites: order, membership, mean place, field of view. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <core/base/sites.h>
#include <math.h>

enum { N = 5 };

static sv_camera camera_at(int32_t site, double x, double fx) {
    return (sv_camera){.site = site, .width = 1000, .height = 500, .fx = fx, .fy = fx, .c_w = {x, 2 * x, 3}};
}

/* Sites 7 (three cameras), 2 and 40, not in order. */
static sv_sites make(sv_camera camera[N], sv_config *config) {
    const sv_camera all[N] = {camera_at(7, 0, 4000), camera_at(40, 100, 500), camera_at(7, 3, 2000),
                              camera_at(2, -50, 1000), camera_at(7, 6, 3000)};
    for (int i = 0; i < N; i++) {
        camera[i] = all[i];
    }
    *config = (sv_config){.camera = camera, .n_cameras = N};
    sv_sites sites;
    assert_int_equal(sv_sites_init(&sites, config), SV_OK);
    return sites;
}

static void sites_are_in_order_of_their_ids_each_once(void **state) {
    (void)state;
    sv_camera camera[N];
    sv_config config;
    sv_sites sites = make(camera, &config);
    const int32_t of_camera[N] = {1, 2, 1, 0, 1};
    assert_int_equal(sites.n, 3);
    assert_int_equal(sites.site[0].id, 2);
    assert_int_equal(sites.site[1].id, 7);
    assert_int_equal(sites.site[2].id, 40);
    assert_memory_equal(sites.of_camera, of_camera, sizeof of_camera);
    sv_sites_fini(&sites);
    assert_null(sites.site);
}

static void find_knows_every_id_and_no_other(void **state) {
    (void)state;
    sv_camera camera[N];
    sv_config config;
    sv_sites sites = make(camera, &config);
    for (int32_t id = -1; id < 50; id++) {
        const int32_t expected = id == 2 ? 0 : id == 7 ? 1 : id == 40 ? 2 : -1;
        assert_int_equal(sv_sites_find(&sites, id), expected);
    }
    sv_sites_fini(&sites);
}

static void a_site_stands_at_the_mean_of_its_cameras(void **state) {
    (void)state;
    sv_camera camera[N];
    sv_config config;
    sv_sites sites = make(camera, &config);
    assert_true(fabs(sites.site[1].c_w.x - 3) < 1e-12 && fabs(sites.site[1].c_w.y - 6) < 1e-12);
    assert_true(fabs(sites.site[1].c_w.z - 3) < 1e-12);
    assert_true(sites.site[2].c_w.x == 100);
    sv_sites_fini(&sites);
}

static void the_widest_camera_gives_the_field_of_view(void **state) {
    (void)state;
    sv_camera camera[N];
    sv_config config;
    sv_sites sites = make(camera, &config);
    /* a rectangular pyramid of half angles a, b: 4 asin(sin a sin b), which the patch 4 a b meets to some percent */
    const double a = atan(500.0 / 2000), b = atan(250.0 / 2000);
    const double exact = 4 * asin(sin(a) * sin(b));
    assert_true(fabs(sites.site[1].solid_angle_sr / exact - 1) < 0.05);
    sv_sites_fini(&sites);
}

static void no_camera_is_no_site(void **state) {
    (void)state;
    const sv_config config = {0};
    sv_sites sites;
    assert_int_equal(sv_sites_init(&sites, &config), SV_OK);
    assert_int_equal(sites.n, 0);
    assert_int_equal(sv_sites_find(&sites, 0), -1);
    sv_sites_fini(&sites);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sites_are_in_order_of_their_ids_each_once),
        cmocka_unit_test(find_knows_every_id_and_no_other),
        cmocka_unit_test(a_site_stands_at_the_mean_of_its_cameras),
        cmocka_unit_test(the_widest_camera_gives_the_field_of_view),
        cmocka_unit_test(no_camera_is_no_site),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
