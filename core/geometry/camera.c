/* Pinhole with OpenCV's rational distortion, forward and back. Formulas and names: docs/MATH.md 1. */
#include <skyvox/camera.h>

#include <skyvox/math.h>

#include <math.h>

/* Coefficients by name, in the order of sv_camera.dist. */
enum { K1, K2, P1, P2, K3, K4, K5, K6 };

/* The distortion at one point of the plane z = 1. */
typedef struct distorted {
    double x, y;
    double xx, xy, yy; /* its Jacobian, which is symmetric */
} distorted;

static distorted distort(const double dist[8], double x, double y) {
    double s = x * x + y * y;
    double n = 1.0 + s * (dist[K1] + s * (dist[K2] + s * dist[K3]));
    double d = 1.0 + s * (dist[K4] + s * (dist[K5] + s * dist[K6]));
    double dn = dist[K1] + s * (2.0 * dist[K2] + s * 3.0 * dist[K3]);
    double dd = dist[K4] + s * (2.0 * dist[K5] + s * 3.0 * dist[K6]);
    double radial = n / d;
    double slope = (dn * d - n * dd) / (d * d); /* d radial / d s */
    double p1 = dist[P1], p2 = dist[P2];
    return (distorted){
        .x = x * radial + 2.0 * p1 * x * y + p2 * (s + 2.0 * x * x),
        .y = y * radial + p1 * (s + 2.0 * y * y) + 2.0 * p2 * x * y,
        .xx = radial + 2.0 * x * x * slope + 2.0 * p1 * y + 6.0 * p2 * x,
        .xy = 2.0 * x * y * slope + 2.0 * p1 * x + 2.0 * p2 * y,
        .yy = radial + 2.0 * y * y * slope + 6.0 * p1 * y + 2.0 * p2 * x,
    };
}

/* ---- where the radial map is monotonic ---- */

/* True when the polynomial with Bernstein coefficients b[0..n] is positive on the whole interval: it is where all of
 * them are, it is not where an end is not, and the halves by de Casteljau decide the rest. */
static bool positive(const double *b, int n, int depth) {
    enum { DEGREE_MAX = 6, DEPTH_MAX = 24 };
    bool all = true;
    for (int i = 0; i <= n; i++) {
        all = all && b[i] > 0.0;
    }
    if (all) {
        return true;
    }
    if (!(b[0] > 0.0) || !(b[n] > 0.0) || depth == DEPTH_MAX) {
        return false;
    }
    double left[DEGREE_MAX + 1];
    double right[DEGREE_MAX + 1];
    for (int i = 0; i <= n; i++) {
        right[i] = b[i];
    }
    for (int i = 0; i <= n; i++) {
        left[i] = right[0];
        for (int j = 0; j < n - i; j++) {
            right[j] = 0.5 * (right[j] + right[j + 1]);
        }
    }
    return positive(left, n, depth + 1) && positive(right, n, depth + 1);
}

/* Bernstein coefficients of sum a[k] s^k on 0..s_max: b_i = sum_(k<=i) C(i,k) / C(n,k) a_k s_max^k. */
static bool positive_up_to(const double *a, int n, double s_max) {
    static const double choose[7][7] = {
        {1}, {1, 1}, {1, 2, 1}, {1, 3, 3, 1}, {1, 4, 6, 4, 1}, {1, 5, 10, 10, 5, 1}, {1, 6, 15, 20, 15, 6, 1}};
    double b[7] = {0};
    double power = 1.0;
    for (int k = 0; k <= n; k++) {
        double scaled = a[k] * power / choose[n][k];
        for (int i = k; i <= n; i++) {
            b[i] += choose[i][k] * scaled;
        }
        power *= s_max;
    }
    return positive(b, n, 0);
}

/* True when r N(s) / D(s), s = r^2, has no pole and only grows from the axis to s_max: D > 0 and
 * D^2 d(r N / D)/dr = N D + 2 s (N' D - N D') > 0 on the way. */
static bool monotonic(const double dist[8], double s_max) {
    double n[4] = {1.0, dist[K1], dist[K2], dist[K3]};
    double d[4] = {1.0, dist[K4], dist[K5], dist[K6]};
    if (d[1] == 0.0 && d[2] == 0.0 && d[3] == 0.0) {
        double growth[4] = {1.0, 3.0 * n[1], 5.0 * n[2], 7.0 * n[3]};
        return positive_up_to(growth, 3, s_max);
    }
    double growth[7] = {0};
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            growth[i + j] += (1.0 + 2.0 * (i - j)) * n[i] * d[j];
        }
    }
    return positive_up_to(d, 3, s_max) && positive_up_to(growth, 6, s_max);
}

/* ---- projection ---- */

sv_status sv_camera_project(double uv_px[2], double J_p[6], const sv_camera *camera, sv_vec3 p_w) {
    sv_vec3 p_c = sv_mat3_mul_vec(&camera->R_cw, sv_vec3_sub(p_w, camera->c_w));
    if (!(p_c.z > 0.0)) {
        return sv_fail(SV_ERR_DEGENERATE, "camera %d: the point is behind it", (int)camera->id);
    }
    double x = p_c.x / p_c.z;
    double y = p_c.y / p_c.z;
    double s = x * x + y * y;
    if (!isfinite(s) || !monotonic(camera->dist, s)) {
        return sv_fail(SV_ERR_DEGENERATE, "camera %d: the point is beyond the edge of its distortion", (int)camera->id);
    }
    distorted q = distort(camera->dist, x, y);
    uv_px[0] = camera->fx * q.x + camera->cx;
    uv_px[1] = camera->fy * q.y + camera->cy;
    if (J_p == NULL) {
        return SV_OK;
    }

    /* d uv / d p_w = F D P R with P = d(x, y) / d p_c = [1 0 -x; 0 1 -y] / z. */
    const double *R = camera->R_cw.m;
    for (int j = 0; j < 3; j++) {
        double dx = (R[j] - x * R[6 + j]) / p_c.z;
        double dy = (R[3 + j] - y * R[6 + j]) / p_c.z;
        J_p[j] = camera->fx * (q.xx * dx + q.xy * dy);
        J_p[3 + j] = camera->fy * (q.xy * dx + q.yy * dy);
    }
    return SV_OK;
}

/* ---- unprojection ---- */

/* At most 20 Newton steps on distort(x, y) = (x_d, y_d) from the distorted point; false when they do not arrive. */
static bool undistort(double *x, double *y, distorted *q, const double dist[8], double x_d, double y_d) {
    enum { N_STEPS = 20 };
    *x = x_d;
    *y = y_d;
    *q = distort(dist, x_d, y_d);
    for (int i = 0; i < N_STEPS; i++) {
        double ex = x_d - q->x;
        double ey = y_d - q->y;
        if (fabs(ex) + fabs(ey) < 1e-15) {
            break;
        }
        double det = q->xx * q->yy - q->xy * q->xy;
        *x += (q->yy * ex - q->xy * ey) / det;
        *y += (q->xx * ey - q->xy * ex) / det;
        *q = distort(dist, *x, *y);
    }
    return fabs(x_d - q->x) <= 1e-9 && fabs(y_d - q->y) <= 1e-9 && monotonic(dist, *x * *x + *y * *y);
}

sv_status sv_camera_unproject(sv_vec3 *d_w, double J_uv[6], const sv_camera *camera, double u_px, double v_px) {
    double x, y;
    distorted q;
    if (!undistort(&x, &y, &q, camera->dist, (u_px - camera->cx) / camera->fx, (v_px - camera->cy) / camera->fy)) {
        return sv_fail(SV_ERR_DEGENERATE, "camera %d: no direction leads to the pixel", (int)camera->id);
    }
    double norm = sqrt(x * x + y * y + 1.0);
    sv_vec3 d_c = sv_vec3_make(x / norm, y / norm, 1.0 / norm);
    *d_w = sv_mat3_tmul_vec(&camera->R_cw, d_c);
    if (J_uv == NULL) {
        return SV_OK;
    }

    /* d(x, y) / d(u, v) is the inverse of F D; d d_c / d(x, y) = (I - d_c d_c^T) [e_x e_y] / norm. */
    double det = q.xx * q.yy - q.xy * q.xy;
    double column[2][2] = {{q.yy / (det * camera->fx), -q.xy / (det * camera->fx)},
                           {-q.xy / (det * camera->fy), q.xx / (det * camera->fy)}};
    for (int j = 0; j < 2; j++) {
        sv_vec3 step = sv_vec3_make(column[j][0] / norm, column[j][1] / norm, 0.0);
        sv_vec3 across = sv_vec3_mad(step, d_c, -sv_vec3_dot(d_c, step));
        sv_vec3 world = sv_mat3_tmul_vec(&camera->R_cw, across);
        J_uv[j] = world.x;
        J_uv[2 + j] = world.y;
        J_uv[4 + j] = world.z;
    }
    return SV_OK;
}

/* ---- rows, image, checks ---- */

sv_time sv_camera_row_time(const sv_camera *camera, sv_time t, double v_px) {
    double last = (double)camera->height - 1.0;
    double v = v_px < last ? v_px : last;
    return t + sv_round_i64(camera->row_ns * (v > 0.0 ? v : 0.0));
}

bool sv_camera_contains(const sv_camera *camera, double u_px, double v_px) {
    return u_px >= -0.5 && u_px < camera->width - 0.5 && v_px >= -0.5 && v_px < camera->height - 0.5;
}

/* Columns of a rotation are orthonormal and right-handed, here to what six printed digits keep. */
static bool is_rotation(const sv_mat3 *r) {
    sv_mat3 t = sv_mat3_transpose(r);
    sv_mat3 identity = sv_mat3_mul(&t, r);
    for (int i = 0; i < 9; i++) {
        if (!(fabs(identity.m[i] - (i % 4 == 0 ? 1.0 : 0.0)) < 1e-5)) {
            return false;
        }
    }
    const double *m = r->m;
    sv_vec3 cross = sv_vec3_cross(sv_vec3_make(m[0], m[1], m[2]), sv_vec3_make(m[3], m[4], m[5]));
    return sv_vec3_dot(cross, sv_vec3_make(m[6], m[7], m[8])) > 0.0;
}

sv_status sv_camera_check(const sv_camera *camera) {
    const struct {
        const char *field;
        int64_t value, min, max;
    } count[] = {
        {"id", camera->id, 0, INT32_MAX},        {"pair", camera->pair, 0, INT32_MAX},
        {"site", camera->site, 0, INT32_MAX},    {"modality", camera->modality, SV_MONO, SV_THERMAL},
        {"width", camera->width, 1, 16384},      {"height", camera->height, 1, 16384},
        {"bit_depth", camera->bit_depth, 8, 16},
    };
    for (size_t i = 0; i < sizeof count / sizeof *count; i++) {
        if (count[i].value < count[i].min || count[i].value > count[i].max) {
            return sv_fail(SV_ERR_ARG, "camera %d: %s is %lld, expected %lld to %lld", (int)camera->id, count[i].field,
                           (long long)count[i].value, (long long)count[i].min, (long long)count[i].max);
        }
    }

    enum { ANY, POSITIVE, NOT_NEGATIVE };
    static const char *const expected[] = {"a finite number", "a finite number > 0", "a finite number >= 0"};
    const struct {
        const char *field;
        double value;
        int rule;
    } real[] = {
        {"fx", camera->fx, POSITIVE},
        {"fy", camera->fy, POSITIVE},
        {"cx", camera->cx, ANY},
        {"cy", camera->cy, ANY},
        {"distortion k1", camera->dist[K1], ANY},
        {"distortion k2", camera->dist[K2], ANY},
        {"distortion p1", camera->dist[P1], ANY},
        {"distortion p2", camera->dist[P2], ANY},
        {"distortion k3", camera->dist[K3], ANY},
        {"distortion k4", camera->dist[K4], ANY},
        {"distortion k5", camera->dist[K5], ANY},
        {"distortion k6", camera->dist[K6], ANY},
        {"position x", camera->c_w.x, ANY},
        {"position y", camera->c_w.y, ANY},
        {"position z", camera->c_w.z, ANY},
        {"rate_hz", camera->rate_hz, POSITIVE},
        {"row_ns", camera->row_ns, ANY},
        {"sigma_px", camera->sigma_px, NOT_NEGATIVE},
        {"sigma_pose_px", camera->sigma_pose_px, NOT_NEGATIVE},
        {"sigma_time_s", camera->sigma_time_s, NOT_NEGATIVE},
    };
    for (size_t i = 0; i < sizeof real / sizeof *real; i++) {
        double value = real[i].value;
        bool good =
            isfinite(value) && (real[i].rule == ANY || value > 0.0 || (real[i].rule == NOT_NEGATIVE && value == 0.0));
        if (!good) {
            return sv_fail(SV_ERR_ARG, "camera %d: %s must be %s", (int)camera->id, real[i].field,
                           expected[real[i].rule]);
        }
    }
    if (!is_rotation(&camera->R_cw)) {
        return sv_fail(SV_ERR_ARG, "camera %d: R_cw must be a rotation", (int)camera->id);
    }
    return SV_OK;
}

sv_status sv_camera_look_at(sv_mat3 *R_cw, sv_vec3 c_w, sv_vec3 p_w) {
    sv_vec3 z = sv_vec3_unit(sv_vec3_sub(p_w, c_w));
    /* x = z cross up. Below 1e-9 rad from the vertical there is no horizontal axis to choose. */
    sv_vec3 across = sv_vec3_make(z.y, -z.x, 0.0);
    if (!(sv_vec3_norm(across) > 1e-9)) {
        return sv_fail(SV_ERR_DEGENERATE, "a camera cannot look at its own place, or straight up or down");
    }
    sv_vec3 x = sv_vec3_unit(across);
    sv_vec3 y = sv_vec3_cross(z, x);
    *R_cw = (sv_mat3){{x.x, x.y, x.z, y.x, y.y, y.z, z.x, z.y, z.z}};
    return SV_OK;
}
