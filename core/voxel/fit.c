#include <core/base/mat.h>
#include <core/voxel/consensus.h>
#include <skyvox/math.h>

/** Residual of a ray at p in its tangent plane, and the weight matrix (inverse covariance, rad^-2). */
typedef struct ray_term {
    double z[2]; /* rad */
    double h[6]; /* [2 x 3] d z / d p */
    double w[3]; /* w11 w12 w22 */
} ray_term;

static sv_status evaluate(ray_term *term, const sv_ray *ray, sv_vec3 p_w, sv_time t_ref, double speed_mps) {
    sv_vec3 e1;
    sv_vec3 e2;
    sv_ray_basis(&e1, &e2, ray->d_w);
    sv_vec3 r = sv_vec3_sub(p_w, ray->c_w);
    double range = sv_vec3_dot(r, ray->d_w);
    if (!(range > 1e-6)) {
        return SV_ERR_DEGENERATE;
    }
    double inv = 1 / range;
    term->z[0] = sv_vec3_dot(r, e1) * inv;
    term->z[1] = sv_vec3_dot(r, e2) * inv;
    const sv_vec3 e[2] = {e1, e2};
    for (int i = 0; i < 2; i++) {
        sv_vec3 h = sv_vec3_scale(sv_vec3_mad(e[i], ray->d_w, -term->z[i]), inv);
        term->h[3 * i] = h.x;
        term->h[3 * i + 1] = h.y;
        term->h[3 * i + 2] = h.z;
    }
    // the target may have moved between the ray's time and t_ref by an unknown velocity
    double moved = speed_mps * sv_time_to_s(ray->t - t_ref) * inv;
    double a = ray->cov_rad2[0] + moved * moved;
    double b = ray->cov_rad2[1];
    double c = ray->cov_rad2[2] + moved * moved;
    double det = a * c - b * b;
    if (!(det > 0)) {
        return SV_ERR_DEGENERATE;
    }
    term->w[0] = c / det;
    term->w[1] = -b / det;
    term->w[2] = a / det;
    return SV_OK;
}

static double term_chi2(const ray_term *t) {
    return t->z[0] * t->z[0] * t->w[0] + 2 * t->z[0] * t->z[1] * t->w[1] + t->z[1] * t->z[1] * t->w[2];
}

/** Add h^T w h to the normal matrix and h^T w z to the right side. */
static void accumulate(double normal[9], double rhs[3], const ray_term *t) {
    for (int i = 0; i < 3; i++) {
        double wh0 = t->w[0] * t->h[i] + t->w[1] * t->h[3 + i];
        double wh1 = t->w[1] * t->h[i] + t->w[2] * t->h[3 + i];
        for (int j = 0; j < 3; j++) {
            normal[3 * i + j] += wh0 * t->h[j] + wh1 * t->h[3 + j];
        }
        rhs[i] += wh0 * t->z[0] + wh1 * t->z[1];
    }
}

sv_status sv_consensus_fit(sv_vec3 *p_w, double cov_m2[6], double *chi2, const sv_ray *ray, const int32_t *index,
                           int32_t n, sv_time t_ref, double speed_mps) {
    enum { N_ITERATIONS = 3 };
    sv_vec3 p = *p_w;
    double inv[9];
    ray_term term;
    for (int k = 0; k < N_ITERATIONS; k++) {
        double normal[9] = {0};
        double rhs[3] = {0};
        for (int32_t i = 0; i < n; i++) {
            sv_status status = evaluate(&term, &ray[index[i]], p, t_ref, speed_mps);
            if (status != SV_OK) {
                return status;
            }
            accumulate(normal, rhs, &term);
        }
        sv_status status = sv_mat_spd_inverse(inv, normal, 3);
        if (status != SV_OK) {
            return status;
        }
        p.x -= inv[0] * rhs[0] + inv[1] * rhs[1] + inv[2] * rhs[2];
        p.y -= inv[3] * rhs[0] + inv[4] * rhs[1] + inv[5] * rhs[2];
        p.z -= inv[6] * rhs[0] + inv[7] * rhs[1] + inv[8] * rhs[2];
    }
    for (int32_t i = 0; i < n; i++) {
        if (evaluate(&term, &ray[index[i]], p, t_ref, speed_mps) != SV_OK) {
            return SV_ERR_DEGENERATE;
        }
        chi2[i] = term_chi2(&term);
    }
    *p_w = p;
    const double upper[6] = {inv[0], inv[1], inv[2], inv[4], inv[5], inv[8]};
    for (int i = 0; i < 6; i++) {
        cov_m2[i] = upper[i];
    }
    return SV_OK;
}
