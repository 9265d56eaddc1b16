/* Frame sets: which time belongs to which set, and when a set may close. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <core/sync/sync.h>
#include <skyvox/math.h>
#include <skyvox/rng.h>
#include <string.h>

enum { N_CAMERAS = 4 };
static const sv_time t_start = INT64_C(1700000000000000000);

typedef struct clocks {
    sv_camera camera[N_CAMERAS];
    sv_config config;
    sv_sync *sync;
} clocks;

static void setup(clocks *c, double rate_hz, const double camera_hz[N_CAMERAS], int32_t n) {
    memset(c, 0, sizeof *c);
    for (int32_t i = 0; i < n; i++) {
        c->camera[i].rate_hz = camera_hz[i];
    }
    c->config = (sv_config){.camera = c->camera, .n_cameras = n, .sync = {.rate_hz = rate_hz, .max_wait_s = 0.2}};
    assert_int_equal(sv_sync_create(&c->sync, &c->config), SV_OK);
    assert_int_equal(sv_sync_set_of(c->sync, t_start), 0);
}

static const double thirty[N_CAMERAS] = {30, 30, 30, 30};

static sv_time ideal(double rate_hz, int64_t k) {
    return t_start + sv_round_i64((double)k * 1e9 / rate_hz);
}

static void the_first_time_is_the_middle_of_set_0(void **state) {
    (void)state;
    clocks c;
    setup(&c, 30, thirty, 1);
    assert_int_equal(sv_sync_time_of(c.sync, 0), t_start);
    assert_int_equal(sv_sync_time_of(c.sync, 3), t_start + 100000000);
    assert_int_equal(sv_sync_set_of(c.sync, t_start - 1), 0);
    assert_int_equal(sv_sync_set_of(c.sync, t_start - 40000000), -1);
    sv_sync_destroy(c.sync);
}

static void boundaries_are_exact(void **state) {
    (void)state;
    const double rate[] = {7, 25, 29.97, 30, 60, 90, 1000};
    for (size_t r = 0; r < sizeof rate / sizeof rate[0]; r++) {
        clocks c;
        setup(&c, rate[r], thirty, 1);
        for (int64_t k = -3; k < 100000; k = k < 20 ? k + 1 : k * 3) {
            const sv_time horizon = sv_sync_horizon_of(c.sync, k);
            assert_int_equal(horizon, sv_sync_time_of(c.sync, k) + sv_round_i64(1e9 / rate[r] / 16));
            assert_int_equal(sv_sync_set_of(c.sync, horizon), k);
            assert_int_equal(sv_sync_set_of(c.sync, horizon + 1), k + 1);
            assert_int_equal(sv_sync_set_of(c.sync, sv_sync_time_of(c.sync, k)), k);
        }
        sv_sync_destroy(c.sync);
    }
}

static void synchronised_cameras_with_jitter_stay_in_their_set(void **state) {
    (void)state;
    clocks c;
    setup(&c, 30, thirty, 4);
    const double guard = 1e9 / 30 / 16;
    for (uint64_t k = 0; k < 20000; k++) {
        const double jitter = guard * (2 * sv_rng_uniform(1, sv_rng_stream(SV_RNG_TEST, 1), k) - 1);
        assert_int_equal(sv_sync_set_of(c.sync, ideal(30, (int64_t)k) + sv_round_i64(0.999 * jitter)), k);
    }
    sv_sync_destroy(c.sync);
}

/* Windows of 1/60 s: a camera of a lower rate, at any phase and with jitter, gives at most one frame to each, and all of them in order. */
static void mixed_rates_fall_into_windows_in_order(void **state) {
    (void)state;
    const double rate[N_CAMERAS] = {25, 30, 50, 60};
    clocks c;
    setup(&c, 60, rate, N_CAMERAS);
    for (int i = 0; i < N_CAMERAS; i++) {
        const sv_time phase = i == 3 ? 0 : 3700000 * i;
        int64_t last = -1;
        for (int64_t k = 0; k < 20000; k++) {
            const double u = sv_rng_uniform(2, sv_rng_stream(SV_RNG_TEST, (uint32_t)i), (uint64_t)k);
            const sv_time t = ideal(rate[i], k) + phase + sv_round_i64(1e6 * (2 * u - 1));
            const int64_t set = sv_sync_set_of(c.sync, t);
            assert_true(set > last);
            assert_true(i != 3 || set == k);
            assert_true(t <= sv_sync_horizon_of(c.sync, set) && t > sv_sync_horizon_of(c.sync, set - 1));
            last = set;
        }
    }
    sv_sync_destroy(c.sync);
}

static void a_set_closes_when_every_camera_is_there(void **state) {
    (void)state;
    clocks c;
    setup(&c, 30, thirty, 3);
    for (int64_t k = 0; k < 5; k++) {
        for (int32_t i = 0; i < 3; i++) {
            assert_false(sv_sync_can_close(c.sync, k));
            assert_false(sv_sync_advance(c.sync, i, ideal(30, k)));
        }
        assert_true(sv_sync_can_close(c.sync, k));
        assert_false(sv_sync_can_close(c.sync, k + 1));
    }
    sv_sync_destroy(c.sync);
}

static void a_slow_camera_is_waited_for_until_it_has_come_past(void **state) {
    (void)state;
    const double rate[N_CAMERAS] = {60, 25};
    clocks c;
    setup(&c, 60, rate, 2);
    /* the 25 Hz camera's frame at 0 lasts to 40 ms: it can have none in sets 0 and 1 (horizon 17.7 ms), but one in set 2 */
    sv_sync_advance(c.sync, 1, t_start);
    for (int64_t k = 0; k < 3; k++) {
        sv_sync_advance(c.sync, 0, ideal(60, k));
        assert_int_equal(sv_sync_can_close(c.sync, k), k < 2);
    }
    sv_sync_advance(c.sync, 1, t_start + 40000000);
    assert_true(sv_sync_can_close(c.sync, 2));
    sv_sync_destroy(c.sync);
}

static void a_silent_camera_delays_by_max_wait_only(void **state) {
    (void)state;
    clocks c;
    setup(&c, 30, thirty, 3);
    const sv_time limit = sv_sync_horizon_of(c.sync, 0) + 200000000;
    sv_sync_advance(c.sync, 0, t_start);
    sv_sync_advance(c.sync, 1, t_start);
    assert_false(sv_sync_can_close(c.sync, 0));
    sv_sync_advance(c.sync, 1, limit);
    assert_false(sv_sync_can_close(c.sync, 0));
    sv_sync_advance(c.sync, 0, limit + 1);
    assert_true(sv_sync_can_close(c.sync, 0));
    assert_false(sv_sync_can_close(c.sync, 1));
    assert_int_equal(sv_sync_now(c.sync), limit + 1);
    sv_sync_destroy(c.sync);
}

static void a_camera_that_falls_silent_delays_by_max_wait_only(void **state) {
    (void)state;
    clocks c;
    setup(&c, 30, thirty, 2);
    int64_t next = 0;
    for (int64_t k = 0; k < 300; k++) {
        sv_sync_advance(c.sync, 0, ideal(30, k));
        if (k < 100) {
            sv_sync_advance(c.sync, 1, ideal(30, k));
        }
        while (sv_sync_can_close(c.sync, next)) {
            next++;
        }
        const int64_t behind =
            k < 100 ? k + 1 : k + 1 - 7; /* the 7th frame after the horizon is more than 0.2 s later */
        assert_true(next >= behind && next <= k + 1);
        assert_true(k < 120 || next == behind);
    }
    sv_sync_destroy(c.sync);
}

static void a_late_frame_is_told_and_turns_no_clock_back(void **state) {
    (void)state;
    clocks c;
    setup(&c, 30, thirty, 1);
    assert_false(sv_sync_advance(c.sync, 0, ideal(30, 4)));
    assert_true(sv_sync_advance(c.sync, 0, ideal(30, 2)));
    assert_int_equal(sv_sync_now(c.sync), ideal(30, 4));
    assert_true(sv_sync_can_close(c.sync, 4));
    assert_false(sv_sync_advance(c.sync, 0, ideal(30, 4)));
    sv_sync_destroy(c.sync);
}

static void scans_alone_drive_their_sets(void **state) {
    (void)state;
    clocks c;
    setup(&c, 10, thirty, 0);
    assert_false(sv_sync_can_close(c.sync, 0));
    for (int64_t k = 0; k < 5; k++) {
        sv_sync_advance(c.sync, -1, ideal(10, k));
        assert_true(sv_sync_can_close(c.sync, k));
        assert_false(sv_sync_can_close(c.sync, k + 1));
    }
    sv_sync_destroy(c.sync);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_time_is_the_middle_of_set_0),
        cmocka_unit_test(boundaries_are_exact),
        cmocka_unit_test(synchronised_cameras_with_jitter_stay_in_their_set),
        cmocka_unit_test(mixed_rates_fall_into_windows_in_order),
        cmocka_unit_test(a_set_closes_when_every_camera_is_there),
        cmocka_unit_test(a_slow_camera_is_waited_for_until_it_has_come_past),
        cmocka_unit_test(a_silent_camera_delays_by_max_wait_only),
        cmocka_unit_test(a_camera_that_falls_silent_delays_by_max_wait_only),
        cmocka_unit_test(a_late_frame_is_told_and_turns_no_clock_back),
        cmocka_unit_test(scans_alone_drive_their_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
