/* The filter: prediction against direct integration, Jacobians against differences, honesty by sampling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <core/base/mat.h>
#include <core/track/kalman.h>
#include <math.h>
#include <skyvox/math.h>
#include <skyvox/rng.h>

static double normal(uint64_t stream, uint64_t counter) {
    return sv_rng_normal(11, sv_rng_stream(SV_RNG_TEST, (uint32_t)stream), counter);
}

/* P = A A^T + small diagonal of a random A: symmetric positive definite, all entries at work. */
static sv_kalman random_state(uint64_t stream) {
    sv_kalman k = {.t = 1000};
    double a[36];
    for (int i = 0; i < 36; i++) {
        a[i] = normal(stream, (uint64_t)i);
    }
    sv_mat_mul_t(k.P, a, a, 6, 6, 6);
    for (int i = 0; i < 6; i++) {
        k.P[7 * i] += 0.1;
        k.x[i] = 10 * normal(stream, 100 + (uint64_t)i);
    }
    return k;
}

static void transition(double F[36], double dt) {
    for (int i = 0; i < 36; i++) {
        F[i] = i % 7 == 0 ? 1 : 0;
    }
    for (int i = 0; i < 3; i++) {
        F[6 * i + 3 + i] = dt;
    }
}

/* Q = integral of F(s) G G^T F(s)^T q ds by Simpson's rule, exact for these polynomials of degree 2. */
static void process_noise(double Q[36], double dt, double psd) {
    const double node[3] = {0, dt / 2, dt}, weight[3] = {dt / 6, 4 * dt / 6, dt / 6};
    for (int i = 0; i < 36; i++) {
        Q[i] = 0;
    }
    for (int n = 0; n < 3; n++) {
        double F[36], FG[18], term[36];
        double G[18] = {[9] = 1, [13] = 1, [17] = 1};
        transition(F, node[n]);
        sv_mat_mul(FG, F, G, 6, 6, 3);
        sv_mat_mul_t(term, FG, FG, 6, 3, 6);
        for (int i = 0; i < 36; i++) {
            Q[i] += psd * weight[n] * term[i];
        }
    }
}

static void assert_near(const double *a, const double *b, int n, double tolerance) {
    for (int i = 0; i < n; i++) {
        assert_true(fabs(a[i] - b[i]) <= tolerance * (1 + fabs(b[i])));
    }
}

static void prediction_is_the_direct_integral(void **state) {
    (void)state;
    const double step_s[] = {0.001, 1.0 / 30, 0.5, 3.0};
    for (size_t s = 0; s < 4; s++) {
        sv_kalman k = random_state(s);
        double F[36], Q[36], x[6], FP[36], P[36];
        const sv_time t = k.t + sv_time_from_s(step_s[s]);
        transition(F, sv_time_to_s(t - k.t));
        process_noise(Q, sv_time_to_s(t - k.t), 7);
        sv_mat_mul(x, F, k.x, 6, 6, 1);
        sv_mat_mul(FP, F, k.P, 6, 6, 6);
        sv_mat_mul_t(P, FP, F, 6, 6, 6);
        for (int i = 0; i < 36; i++) {
            P[i] += Q[i];
        }
        sv_kalman_predict(&k, t, 7);
        assert_int_equal(k.t, t);
        assert_near(k.x, x, 6, 1e-12);
        assert_near(k.P, P, 36, 1e-12);
    }
}

static void two_steps_are_one(void **state) {
    (void)state;
    sv_kalman a = random_state(9);
    sv_kalman b = a;
    sv_kalman_predict(&a, a.t + 800000000, 5);
    sv_kalman_predict(&b, b.t + 300000000, 5);
    sv_kalman_predict(&b, b.t + 500000000, 5);
    assert_near(a.x, b.x, 6, 1e-12);
    assert_near(a.P, b.P, 36, 1e-12);
}

static void peek_is_prediction_that_leaves_the_state(void **state) {
    (void)state;
    const int64_t step_ns[] = {-40000000, 0, 70000000};
    for (int s = 0; s < 3; s++) {
        const sv_kalman before = random_state(20);
        sv_kalman k = before;
        sv_vec3 p;
        double cov[9];
        sv_kalman_peek(&p, cov, &before, before.t + step_ns[s], 12);
        sv_kalman_predict(&k, before.t + step_ns[s], 12);
        const double position[3] = {p.x, p.y, p.z};
        assert_near(position, k.x, 3, 1e-12);
        for (int i = 0; i < 3; i++) {
            assert_near(&cov[3 * i], &k.P[6 * i], 3, 1e-12);
        }
    }
}

static void backward_then_forward_without_noise_returns(void **state) {
    (void)state;
    const sv_kalman before = random_state(30);
    sv_kalman k = before;
    sv_kalman_predict(&k, before.t - 2000000000, 100);
    assert_true(fabs(k.x[0] - (before.x[0] - 2 * before.x[3])) < 1e-12);
    sv_kalman_predict(&k, before.t, 0);
    assert_near(k.x, before.x, 6, 1e-12);
    assert_near(k.P, before.P, 36, 1e-11);
}

static sv_ray ray_to(sv_vec3 c_w, sv_vec3 p_w, double sigma_rad) {
    return (sv_ray){.c_w = c_w,
                    .d_w = sv_vec3_unit(sv_vec3_sub(p_w, c_w)),
                    .cov_rad2 = {sigma_rad * sigma_rad, 0, sigma_rad * sigma_rad}};
}

/* The direction turned by two small angles along its basis. */
static sv_ray turned(sv_ray ray, double a, double b) {
    sv_vec3 e1, e2;
    sv_ray_basis(&e1, &e2, ray.d_w);
    ray.d_w = sv_vec3_unit(sv_vec3_mad(sv_vec3_mad(ray.d_w, e1, a), e2, b));
    return ray;
}

static void bearing_jacobian_matches_differences(void **state) {
    (void)state;
    for (uint64_t n = 0; n < 50; n++) {
        const sv_vec3 c = {100 * normal(40, n), 100 * normal(41, n), 5};
        const sv_vec3 p = {100 * normal(42, n), 2000 + 100 * normal(43, n), 300 + 100 * normal(44, n)};
        const sv_vec3 aim = sv_vec3_add(p, (sv_vec3){20 * normal(45, n), 20 * normal(46, n), 20 * normal(47, n)});
        const sv_ray ray = ray_to(c, aim, 1e-4);
        sv_measurement at;
        assert_int_equal(sv_kalman_bearing(&at, &ray, p, (sv_vec3){0, 0, 0}, 0), SV_OK);
        for (int axis = 0; axis < 3; axis++) {
            const double h = 0.05;
            const sv_vec3 step = {axis == 0 ? h : 0, axis == 1 ? h : 0, axis == 2 ? h : 0};
            sv_measurement hi, lo;
            assert_int_equal(sv_kalman_bearing(&hi, &ray, sv_vec3_add(p, step), step, 0), SV_OK);
            assert_int_equal(sv_kalman_bearing(&lo, &ray, sv_vec3_sub(p, step), step, 0), SV_OK);
            for (int i = 0; i < 2; i++) {
                /* z is measured minus predicted, so it falls where the prediction rises */
                assert_true(fabs((lo.z[i] - hi.z[i]) / (2 * h) - at.H[3 * i + axis]) < 1e-6 / 2000);
            }
        }
    }
}

static void a_bearing_points_away_from_its_target(void **state) {
    (void)state;
    const sv_ray ray = ray_to((sv_vec3){0, 0, 0}, (sv_vec3){0, 100, 0}, 1e-3);
    sv_measurement q;
    assert_int_equal(sv_kalman_bearing(&q, &ray, (sv_vec3){0, -100, 0}, (sv_vec3){0, 0, 0}, 0), SV_ERR_DEGENERATE);
    assert_int_equal(sv_kalman_bearing(&q, &ray, (sv_vec3){0, 0, 0}, (sv_vec3){0, 0, 0}, 0), SV_ERR_DEGENERATE);
}

/* The place is known, only the stamp is wrong by 2 ms at 40 m/s: the innovation must be as large as R says. */
static void time_stamp_error_is_in_the_noise(void **state) {
    (void)state;
    enum { N = 4000 };
    const sv_vec3 c = {0, 0, 0}, p = {300, 800, 200}, v = {30, -20, 17};
    const double zero[9] = {0};
    double sum = 0;
    for (uint64_t n = 0; n < N; n++) {
        const sv_vec3 moved = sv_vec3_mad(p, v, 0.002 * normal(50, n));
        const sv_ray ray = turned(ray_to(c, moved, 2e-5), 2e-5 * normal(51, n), 2e-5 * normal(52, n));
        sv_measurement q;
        assert_int_equal(sv_kalman_bearing(&q, &ray, p, v, 0.002), SV_OK);
        assert_int_equal(sv_kalman_innovation(&q, zero), SV_OK);
        sum += q.d2;
    }
    assert_true(fabs(sum / N - 2) < 4 * 2 / sqrt(N));
}

static void innovation_is_the_closed_formula(void **state) {
    (void)state;
    const double cov[9] = {4, 1, 0.5, 1, 3, -0.2, 0.5, -0.2, 2};
    sv_measurement q = {.m = 2, .z = {1, -2}, .H = {0.5, 0, 1, 0, 2, -1}, .R = {0.3, 0.1, 0.1, 0.7}};
    /* S = H cov H^T + R by hand */
    const double s11 = 0.25 * 4 + 2 * 0.5 * 0.5 + 2 + 0.3;
    const double s12 = 0.5 * (2 * 1 - 0.5) + (2 * -0.2 - 2) + 0.1;
    const double s22 = 4 * 3 - 4 * -0.2 + 2 + 0.7;
    const double det = s11 * s22 - s12 * s12;
    assert_int_equal(sv_kalman_innovation(&q, cov), SV_OK);
    assert_true(fabs(q.S[0] - s11) + fabs(q.S[1] - s12) + fabs(q.S[2] - s12) + fabs(q.S[3] - s22) < 1e-13);
    assert_true(fabs(q.d2 - (s22 - 2 * s12 * 1 * -2 + 4 * s11) / det) < 1e-13);
    assert_true(fabs(q.log_det - log(det)) < 1e-13);
    q.R[0] = -1000;
    assert_int_equal(sv_kalman_innovation(&q, cov), SV_ERR_DEGENERATE);
}

/* ---- honesty: a target with white acceleration, the filter told the truth about everything ---- */

typedef struct truth {
    double x[6];
    uint64_t counter;
    uint64_t stream;
} truth;

/* Exact draw of the integrated white acceleration: v gets sqrt(q dt) a, p gets its mean share and an independent rest. */
static void fly(truth *w, double dt, double psd) {
    for (int i = 0; i < 3; i++) {
        const double dv = sqrt(psd * dt) * normal(w->stream, w->counter++);
        const double rest = sqrt(psd * dt * dt * dt / 12) * normal(w->stream, w->counter++);
        w->x[i] += dt * w->x[3 + i] + dt / 2 * dv + rest;
        w->x[3 + i] += dv;
    }
}

static double nees(const sv_kalman *k, const truth *w) {
    double L[36], e[6], y[6], sum = 0;
    for (int i = 0; i < 6; i++) {
        e[i] = k->x[i] - w->x[i];
    }
    assert_int_equal(sv_mat_cholesky(L, k->P, 6), SV_OK);
    sv_mat_cholesky_solve(y, L, e, 6, 1);
    for (int i = 0; i < 6; i++) {
        sum += e[i] * y[i];
    }
    return sum;
}

/* Mean of n chi-squares of 6 degrees: inside 6 +- 4 standard errors. */
static void assert_honest(double sum, int n) {
    assert_true(fabs(sum / n - 6) < 4 * sqrt(12.0 / n));
}

enum { N_RUNS = 600, N_STEPS = 40 };
static const double psd = 8, speed_sigma = 15;

static sv_point noisy_point(truth *w, const double sigma[3]) {
    sv_point p = {.cov_m2 = {sigma[0] * sigma[0], 0, 0, sigma[1] * sigma[1], 0, sigma[2] * sigma[2]}};
    p.p_w = sv_vec3_make(w->x[0] + sigma[0] * normal(w->stream, w->counter),
                         w->x[1] + sigma[1] * normal(w->stream, w->counter + 1),
                         w->x[2] + sigma[2] * normal(w->stream, w->counter + 2));
    w->counter += 3;
    return p;
}

static truth born(sv_kalman *k, uint64_t stream, const double sigma[3]) {
    truth w = {.x = {50, 900, 200}, .stream = stream};
    for (int i = 0; i < 3; i++) {
        w.x[3 + i] = speed_sigma * normal(stream, w.counter++);
    }
    const sv_point first = noisy_point(&w, sigma);
    sv_kalman_init(k, 0, first.p_w, first.cov_m2, speed_sigma);
    return w;
}

static void point_updates_are_honest(void **state) {
    (void)state;
    const double sigma[3] = {0.3, 0.6, 1.5};
    double first = 0, last = 0;
    for (uint64_t run = 0; run < N_RUNS; run++) {
        sv_kalman k;
        truth w = born(&k, 1000 + run, sigma);
        for (int step = 1; step <= N_STEPS; step++) {
            const sv_time t = k.t + (step % 3 == 0 ? 90000000 : 33000000);
            fly(&w, sv_time_to_s(t - k.t), psd);
            sv_kalman_predict(&k, t, psd);
            const sv_point p = noisy_point(&w, sigma);
            const double cov[9] = {k.P[0], k.P[1], k.P[2], k.P[6], k.P[7], k.P[8], k.P[12], k.P[13], k.P[14]};
            sv_measurement q;
            sv_kalman_point(&q, &p, sv_vec3_make(k.x[0], k.x[1], k.x[2]));
            assert_int_equal(sv_kalman_innovation(&q, cov), SV_OK);
            sv_kalman_update(&k, &q);
            first += step == 1 ? nees(&k, &w) : 0;
        }
        last += nees(&k, &w);
    }
    assert_honest(first, N_RUNS);
    assert_honest(last, N_RUNS);
}

/* One bearing of the true place from c_w, worked in at the state's time. */
static void update_by_bearing(sv_kalman *k, truth *w, sv_vec3 c_w, double sigma_rad) {
    const sv_vec3 p = sv_vec3_make(w->x[0], w->x[1], w->x[2]);
    const double a = sigma_rad * normal(w->stream, w->counter++), b = sigma_rad * normal(w->stream, w->counter++);
    const sv_ray ray = turned(ray_to(c_w, p, sigma_rad), a, b);
    sv_vec3 at;
    double cov[9];
    sv_measurement q;
    sv_kalman_peek(&at, cov, k, k->t, psd);
    assert_int_equal(sv_kalman_bearing(&q, &ray, at, sv_vec3_make(k->x[3], k->x[4], k->x[5]), 0), SV_OK);
    assert_int_equal(sv_kalman_innovation(&q, cov), SV_OK);
    sv_kalman_update(k, &q);
}

static void bearing_updates_of_three_sites_are_honest(void **state) {
    (void)state;
    const double sigma[3] = {0.5, 0.5, 0.5};
    const sv_vec3 site[3] = {{-600, 0, 5}, {700, -50, 10}, {0, 1800, 0}};
    double last = 0;
    for (uint64_t run = 0; run < N_RUNS; run++) {
        sv_kalman k;
        truth w = born(&k, 2000 + run, sigma);
        for (int step = 1; step <= N_STEPS; step++) {
            for (int s = 0; s < 3; s++) {
                const sv_time t = k.t + 11000000; /* every site has its own time */
                fly(&w, sv_time_to_s(t - k.t), psd);
                sv_kalman_predict(&k, t, psd);
                update_by_bearing(&k, &w, site[s], 2e-4);
            }
        }
        last += nees(&k, &w);
        assert_true(sv_kalman_position_sigma(&k) < 0.5);
    }
    assert_honest(last, N_RUNS);
}

static void covariance_stays_symmetric_positive_definite(void **state) {
    (void)state;
    const double sigma[3] = {50, 50, 50}, sharp = 1e-6;
    const sv_vec3 site[3] = {{-600, 0, 5}, {700, -50, 10}, {0, 1800, 0}};
    sv_kalman k;
    truth w = born(&k, 3000, sigma);
    double L[36];
    for (int n = 0; n < 10000; n++) {
        if (n % 2 == 0) {
            const sv_time t = k.t + 1000000;
            fly(&w, sv_time_to_s(t - k.t), psd);
            sv_kalman_predict(&k, t, psd);
        }
        update_by_bearing(&k, &w, site[n % 3], sharp);
        for (int i = 0; i < 36; i++) {
            assert_true(k.P[i] == k.P[6 * (i % 6) + i / 6]);
        }
        assert_int_equal(sv_mat_cholesky(L, k.P, 6), SV_OK);
    }
}

static void sigma_is_that_of_the_worst_direction(void **state) {
    (void)state;
    /* 9 along (1, 1, 0) / sqrt 2, 1 across it, 4 upwards */
    const double cov[6] = {5, 4, 0, 5, 0, 4};
    sv_kalman k;
    sv_kalman_init(&k, 5, (sv_vec3){1, 2, 3}, cov, 7);
    assert_true(fabs(sv_kalman_position_sigma(&k) - 3) < 1e-12);
    assert_true(k.P[21] == 49 && k.P[28] == 49 && k.P[35] == 49 && k.x[2] == 3 && k.t == 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prediction_is_the_direct_integral),
        cmocka_unit_test(two_steps_are_one),
        cmocka_unit_test(peek_is_prediction_that_leaves_the_state),
        cmocka_unit_test(backward_then_forward_without_noise_returns),
        cmocka_unit_test(bearing_jacobian_matches_differences),
        cmocka_unit_test(a_bearing_points_away_from_its_target),
        cmocka_unit_test(time_stamp_error_is_in_the_noise),
        cmocka_unit_test(innovation_is_the_closed_formula),
        cmocka_unit_test(point_updates_are_honest),
        cmocka_unit_test(bearing_updates_of_three_sites_are_honest),
        cmocka_unit_test(covariance_stays_symmetric_positive_definite),
        cmocka_unit_test(sigma_is_that_of_the_worst_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
