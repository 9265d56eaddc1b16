#include <core/track/kalman.h>

#include <core/base/mat.h>
#include <skyvox/math.h>

#include <math.h>

void sv_kalman_init(sv_kalman *k, sv_time t, sv_vec3 p_w, const double cov_m2[6], double speed_sigma_mps) {
    *k = (sv_kalman){.t = t, .x = {p_w.x, p_w.y, p_w.z}};
    static const int upper[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            k->P[6 * i + j] = cov_m2[upper[i][j]];
        }
        k->P[6 * (3 + i) + 3 + i] = speed_sigma_mps * speed_sigma_mps;
    }
}

void sv_kalman_predict(sv_kalman *k, sv_time t, double accel_psd) {
    double dt = sv_time_to_s(t - k->t);
    k->t = t;
    if (dt == 0) {
        return;
    }
    // F P F^T by blocks: rows first, then columns
    for (int i = 0; i < 3; i++) {
        k->x[i] += dt * k->x[3 + i];
        for (int j = 0; j < 6; j++) {
            k->P[6 * i + j] += dt * k->P[6 * (3 + i) + j];
        }
    }
    for (int i = 0; i < 6; i++) {
        for (int j = 0; j < 3; j++) {
            k->P[6 * i + j] += dt * k->P[6 * i + 3 + j];
        }
    }
    if (dt < 0) {
        return;
    }
    for (int i = 0; i < 3; i++) {
        k->P[7 * i] += accel_psd * dt * dt * dt / 3;
        k->P[6 * i + 3 + i] += accel_psd * dt * dt / 2;
        k->P[6 * (3 + i) + i] += accel_psd * dt * dt / 2;
        k->P[7 * (3 + i)] += accel_psd * dt;
    }
}

void sv_kalman_peek(sv_vec3 *p_w, double cov[9], const sv_kalman *k, sv_time t, double accel_psd) {
    double dt = sv_time_to_s(t - k->t);
    *p_w = sv_vec3_make(k->x[0] + dt * k->x[3], k->x[1] + dt * k->x[4], k->x[2] + dt * k->x[5]);
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            cov[3 * i + j] = k->P[6 * i + j] + dt * (k->P[6 * (3 + i) + j] + k->P[6 * i + 3 + j]) +
                             dt * dt * k->P[6 * (3 + i) + 3 + j];
        }
        cov[4 * i] += dt > 0 ? accel_psd * dt * dt * dt / 3 : 0;
    }
}

sv_status sv_kalman_bearing(sv_measurement *out, const sv_ray *ray, sv_vec3 p_w, sv_vec3 v_w, double sigma_time_s) {
    sv_vec3 e[2];
    sv_ray_basis(&e[0], &e[1], ray->d_w);
    sv_vec3 r = sv_vec3_sub(p_w, ray->c_w);
    double range = sv_vec3_dot(r, ray->d_w);
    if (!(range > 1e-3)) {
        return SV_ERR_DEGENERATE;
    }
    *out = (sv_measurement){.m = 2};
    double jitter[2];
    for (int i = 0; i < 2; i++) {
        double angle = sv_vec3_dot(r, e[i]) / range;
        sv_vec3 h = sv_vec3_scale(sv_vec3_mad(e[i], ray->d_w, -angle), 1 / range);
        out->z[i] = -angle;
        out->H[3 * i] = h.x;
        out->H[3 * i + 1] = h.y;
        out->H[3 * i + 2] = h.z;
        jitter[i] = sigma_time_s * sv_vec3_dot(h, v_w);
    }
    out->R[0] = ray->cov_rad2[0] + jitter[0] * jitter[0];
    out->R[1] = ray->cov_rad2[1] + jitter[0] * jitter[1];
    out->R[2] = out->R[1];
    out->R[3] = ray->cov_rad2[2] + jitter[1] * jitter[1];
    return SV_OK;
}

void sv_kalman_point(sv_measurement *out, const sv_point *point, sv_vec3 p_w) {
    const double *c = point->cov_m2;
    *out = (sv_measurement){
        .m = 3,
        .z = {point->p_w.x - p_w.x, point->p_w.y - p_w.y, point->p_w.z - p_w.z},
        .H = {1, 0, 0, 0, 1, 0, 0, 0, 1},
        .R = {c[0], c[1], c[2], c[1], c[3], c[4], c[2], c[4], c[5]},
    };
}

sv_status sv_kalman_innovation(sv_measurement *q, const double cov[9]) {
    double HP[9];
    double L[9];
    double y[3];
    sv_mat_mul(HP, q->H, cov, q->m, 3, 3);
    sv_mat_mul_t(q->S, HP, q->H, q->m, 3, q->m);
    for (int i = 0; i < q->m * q->m; i++) {
        q->S[i] += q->R[i];
    }
    sv_status status = sv_mat_cholesky(L, q->S, q->m);
    if (status != SV_OK) {
        return status;
    }
    sv_mat_cholesky_solve(y, L, q->z, q->m, 1);
    double det = 1;
    q->d2 = 0;
    for (int i = 0; i < q->m; i++) {
        q->d2 += q->z[i] * y[i];
        det *= L[(q->m + 1) * i];
    }
    q->log_det = 2 * sv_log(det);
    return SV_OK;
}

void sv_kalman_update(sv_kalman *k, const sv_measurement *q) {
    enum { N = 6 };
    int m = q->m;
    double PH[18]; // P H^T, only the position columns of P take part
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < m; j++) {
            const double *h = &q->H[3 * j];
            PH[m * i + j] = k->P[N * i] * h[0] + k->P[N * i + 1] * h[1] + k->P[N * i + 2] * h[2];
        }
    }
    double inv[9];
    if (sv_mat_spd_inverse(inv, q->S, m) != SV_OK) {
        return; // S was factored before, so this cannot happen
    }
    double K[18];
    sv_mat_mul(K, PH, inv, N, m, m);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < m; j++) {
            k->x[i] += K[m * i + j] * q->z[j];
        }
    }
    double KPH[36];
    sv_mat_mul_t(KPH, K, PH, N, m, N);
    for (int i = 0; i < N * N; i++) {
        k->P[i] -= KPH[i];
    }
    sv_mat_symmetrise(k->P, N);
}

double sv_kalman_position_sigma(const sv_kalman *k) {
    const double upper[6] = {k->P[0], k->P[1], k->P[2], k->P[7], k->P[8], k->P[14]};
    double largest = sv_mat_sym3_max_eigenvalue(upper);
    return sqrt(largest > 0 ? largest : 0);
}
