/* Flights: limits of speed, acceleration and space, spacing of swarms, the same answer in any order of asking. */
#include <math.h>
#include <setjmp.h>
#include <sim/flight.h>
#include <skyvox/math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const sv_time S = 1000000000;

static sv_object_group group_of(sv_flight_model model, int32_t count) {
    return (sv_object_group){.count = count,
                             .flight = {.model = model,
                                        .box_min_m = {-150, -200, 50},
                                        .box_max_m = {150, 200, 250},
                                        .speed_min_mps = 5,
                                        .speed_max_mps = 25,
                                        .accel_mps2 = 8,
                                        .spacing_m = 10}};
}

static sv_flights *make(const sv_object_group *group, int32_t n_groups, uint64_t seed) {
    sv_scenario scenario = {.seed = seed, .group = (sv_object_group *)group, .n_groups = n_groups};
    sv_flights *flights;
    assert_int_equal(sv_flights_create(&flights, &scenario), SV_OK);
    return flights;
}

static void at(sv_vec3 *p, sv_vec3 *v, sv_flights *flights, int32_t i, sv_time t) {
    assert_int_equal(sv_flights_prepare(flights, t, t), SV_OK);
    sv_flights_at(p, v, flights, i, t);
}

/* Every limit at 7 ms steps, which straddle the integration's own, over 100 s. */
static void check_limits(sv_flight_model model, double speed_min, double speed_used) {
    enum { N = 12 };
    sv_object_group group = group_of(model, N);
    const sv_flight *f = &group.flight;
    sv_flights *flights = make(&group, 1, 7);
    const double dt = 0.007;
    double fastest = 0;
    for (int32_t i = 0; i < N; i++) {
        sv_vec3 p0, v0, p1, v1;
        at(&p0, &v0, flights, i, 0);
        for (sv_time t = 7000000; t < 100 * S; t += 7000000) {
            at(&p1, &v1, flights, i, t);
            double speed = sv_vec3_norm(v1), change = sv_vec3_norm(sv_vec3_sub(v1, v0));
            assert_true(speed <= f->speed_max_mps + 1e-9 && speed >= speed_min - 1e-9);
            assert_true(change <= f->accel_mps2 * dt + 1e-9);
            assert_true(p1.x >= f->box_min_m.x - 1e-9 && p1.x <= f->box_max_m.x + 1e-9);
            assert_true(p1.y >= f->box_min_m.y - 1e-9 && p1.y <= f->box_max_m.y + 1e-9);
            assert_true(p1.z >= f->box_min_m.z - 1e-9 && p1.z <= f->box_max_m.z + 1e-9);
            /* Position is the integral of velocity: the trapezium's error is at most accel dt^2. */
            sv_vec3 mean = sv_vec3_scale(sv_vec3_add(v0, v1), 0.5 * dt);
            double gap = sv_vec3_norm(sv_vec3_sub(sv_vec3_sub(p1, p0), mean));
            assert_true(gap <= 0.5 * f->accel_mps2 * dt * dt + 1e-9);
            fastest = speed > fastest ? speed : fastest;
            p0 = p1;
            v0 = v1;
        }
    }
    assert_true(fastest > speed_used); /* the limits are used, not avoided */
    sv_flights_destroy(flights);
}

static void test_waypoint_limits(void **state) {
    (void)state;
    check_limits(SV_FLIGHT_WAYPOINT, 5, 15);
}

static void test_boids_limits(void **state) {
    (void)state;
    check_limits(SV_FLIGHT_BOIDS, 5, 11);
}

/* A shuttle stands still where it turns round. */
static void test_crossing_limits(void **state) {
    (void)state;
    check_limits(SV_FLIGHT_CROSSING, 0, 15);
}

static void test_crossing_lines_share_a_point(void **state) {
    (void)state;
    enum { N = 9 };
    sv_object_group group = group_of(SV_FLIGHT_CROSSING, N);
    sv_flights *flights = make(&group, 1, 3);
    sv_time before = 0;
    for (int32_t i = 0; i < N; i++) {
        sv_time passed = -1;
        for (sv_time t = 0; t < 20 * S && passed < 0; t += 2000000) {
            sv_vec3 p, v;
            at(&p, &v, flights, i, t);
            if (sv_vec3_norm(sv_vec3_sub(p, sv_vec3_make(0, 0, 150))) < 0.06)
                passed = t;
        }
        assert_true(passed >= 0);
        before = passed;
    }
    assert_true(before > 0);
    sv_flights_destroy(flights);
}

/* Neighbours keep between half and three times the stated spacing, and the swarm stays together. */
static void test_boids_keep_spacing(void **state) {
    (void)state;
    enum { N = 20 };
    sv_object_group group = group_of(SV_FLIGHT_BOIDS, N);
    group.flight.speed_max_mps = 15;
    sv_flights *flights = make(&group, 1, 11);
    for (sv_time t = 0; t < 120 * S; t += S / 5) {
        sv_vec3 p[N], v, mean = {0};
        for (int32_t i = 0; i < N; i++) {
            at(&p[i], &v, flights, i, t);
            mean = sv_vec3_mad(mean, p[i], 1.0 / N);
        }
        for (int32_t i = 0; i < N; i++) {
            double nearest = 1e9;
            for (int32_t k = 0; k < N; k++) {
                double d = k == i ? 1e9 : sv_vec3_norm(sv_vec3_sub(p[i], p[k]));
                nearest = d < nearest ? d : nearest;
            }
            assert_true(nearest > 0.5 * 10 && nearest < 3 * 10);
            assert_true(sv_vec3_norm(sv_vec3_sub(p[i], mean)) < 70);
        }
    }
    sv_flights_destroy(flights);
}

static void test_random_access_is_exact(void **state) {
    (void)state;
    sv_object_group group[2] = {group_of(SV_FLIGHT_WAYPOINT, 5), group_of(SV_FLIGHT_BOIDS, 5)};
    sv_flights *forward = make(group, 2, 5), *backward = make(group, 2, 5);
    enum { N = 300 };
    static sv_vec3 seen[N][10];
    sv_vec3 v;
    for (int k = 0; k < N; k++) {
        for (int32_t i = 0; i < 10; i++)
            at(&seen[k][i], &v, forward, i, k * (S / 10) + 12345);
    }
    for (int k = N - 1; k >= 0; k--) {
        for (int32_t i = 0; i < 10; i++) {
            sv_vec3 p;
            at(&p, &v, backward, i, k * (S / 10) + 12345);
            assert_memory_equal(&p, &seen[k][i], sizeof p);
        }
    }
    sv_flights_destroy(forward);
    sv_flights_destroy(backward);
}

/* An object's flight depends on its group and number, not on what else there is. */
static void test_flights_are_independent(void **state) {
    (void)state;
    sv_object_group few = group_of(SV_FLIGHT_WAYPOINT, 2), many = group_of(SV_FLIGHT_WAYPOINT, 9);
    sv_flights *a = make(&few, 1, 5), *b = make(&many, 1, 5), *other = make(&few, 1, 6);
    sv_vec3 pa, pb, po, v;
    at(&pa, &v, a, 1, 9 * S);
    at(&pb, &v, b, 1, 9 * S);
    at(&po, &v, other, 1, 9 * S);
    assert_memory_equal(&pa, &pb, sizeof pa);
    assert_true(sv_vec3_norm(sv_vec3_sub(pa, po)) > 1);
    sv_flights_destroy(a);
    sv_flights_destroy(b);
    sv_flights_destroy(other);
}

static void test_box_without_room_is_refused(void **state) {
    (void)state;
    sv_object_group group = group_of(SV_FLIGHT_WAYPOINT, 1);
    group.flight.box_max_m = sv_vec3_make(-148, -198, 51);
    sv_scenario scenario = {.seed = 1, .group = &group, .n_groups = 1};
    sv_flights *flights;
    assert_int_equal(sv_flights_create(&flights, &scenario), SV_ERR_ARG);
    assert_null(flights);
    assert_string_not_equal(sv_error_text(), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waypoint_limits),         cmocka_unit_test(test_boids_limits),
        cmocka_unit_test(test_crossing_limits),         cmocka_unit_test(test_crossing_lines_share_a_point),
        cmocka_unit_test(test_boids_keep_spacing),      cmocka_unit_test(test_random_access_is_exact),
        cmocka_unit_test(test_flights_are_independent), cmocka_unit_test(test_box_without_room_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
