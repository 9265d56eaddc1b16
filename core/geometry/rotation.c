/* Vectors, rotation matrices and quaternions. */
#include <skyvox/math.h>

#include <math.h>

double sv_vec3_norm(sv_vec3 a) {
    return sqrt(sv_vec3_dot(a, a));
}

sv_vec3 sv_vec3_unit(sv_vec3 a) {
    double norm = sv_vec3_norm(a);
    return norm == 0.0 ? a : sv_vec3_make(a.x / norm, a.y / norm, a.z / norm);
}

sv_vec3 sv_mat3_mul_vec(const sv_mat3 *a, sv_vec3 v) {
    const double *m = a->m;
    return sv_vec3_make(m[0] * v.x + m[1] * v.y + m[2] * v.z, m[3] * v.x + m[4] * v.y + m[5] * v.z,
                        m[6] * v.x + m[7] * v.y + m[8] * v.z);
}

sv_vec3 sv_mat3_tmul_vec(const sv_mat3 *a, sv_vec3 v) {
    const double *m = a->m;
    return sv_vec3_make(m[0] * v.x + m[3] * v.y + m[6] * v.z, m[1] * v.x + m[4] * v.y + m[7] * v.z,
                        m[2] * v.x + m[5] * v.y + m[8] * v.z);
}

sv_mat3 sv_mat3_mul(const sv_mat3 *a, const sv_mat3 *b) {
    sv_mat3 c;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            c.m[3 * i + j] = a->m[3 * i] * b->m[j] + a->m[3 * i + 1] * b->m[3 + j] + a->m[3 * i + 2] * b->m[6 + j];
        }
    }
    return c;
}

sv_mat3 sv_mat3_transpose(const sv_mat3 *a) {
    const double *m = a->m;
    return (sv_mat3){{m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]}};
}

sv_mat3 sv_mat3_from_quat(sv_quat q) {
    double xx = q.x * q.x, yy = q.y * q.y, zz = q.z * q.z;
    double xy = q.x * q.y, xz = q.x * q.z, yz = q.y * q.z;
    double wx = q.w * q.x, wy = q.w * q.y, wz = q.w * q.z;
    return (sv_mat3){{1.0 - 2.0 * (yy + zz), 2.0 * (xy - wz), 2.0 * (xz + wy), 2.0 * (xy + wz), 1.0 - 2.0 * (xx + zz),
                      2.0 * (yz - wx), 2.0 * (xz - wy), 2.0 * (yz + wx), 1.0 - 2.0 * (xx + yy)}};
}

sv_quat sv_quat_from_mat3(const sv_mat3 *r) {
    const double *m = r->m;
    double trace = m[0] + m[4] + m[8];
    /* Shepperd's method: divide by the largest of the four components; each case is that component times 4 s. */
    sv_quat q;
    if (trace >= m[0] && trace >= m[4] && trace >= m[8]) {
        q = (sv_quat){1.0 + trace, m[7] - m[5], m[2] - m[6], m[3] - m[1]};
    } else if (m[0] >= m[4] && m[0] >= m[8]) {
        q = (sv_quat){m[7] - m[5], 1.0 + m[0] - m[4] - m[8], m[1] + m[3], m[2] + m[6]};
    } else if (m[4] >= m[8]) {
        q = (sv_quat){m[2] - m[6], m[1] + m[3], 1.0 - m[0] + m[4] - m[8], m[5] + m[7]};
    } else {
        q = (sv_quat){m[3] - m[1], m[2] + m[6], m[5] + m[7], 1.0 - m[0] - m[4] + m[8]};
    }
    /* q and -q are one rotation: w >= 0 is returned. */
    if (q.w < 0.0) {
        q = (sv_quat){-q.w, -q.x, -q.y, -q.z};
    }
    return sv_quat_unit(q);
}

sv_quat sv_quat_mul(sv_quat a, sv_quat b) {
    return (sv_quat){a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
                     a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x, a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
}

sv_quat sv_quat_unit(sv_quat q) {
    double norm = sqrt(q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z);
    if (norm == 0.0) {
        return (sv_quat){1.0, 0.0, 0.0, 0.0};
    }
    return (sv_quat){q.w / norm, q.x / norm, q.y / norm, q.z / norm};
}

sv_mat3 sv_mat3_from_rotvec(sv_vec3 w) {
    /* Rodrigues: R = I + a [w] + b [w]^2, a = sin t / t, b = (1 - cos t) / t^2; Taylor terms below 0.1 mrad. */
    double tt = sv_vec3_dot(w, w);
    double a = 1.0 - tt / 6.0;
    double b = 0.5 - tt / 24.0;
    if (tt > 1e-8) {
        double t = sqrt(tt);
        double s, c;
        sv_sincos(&s, &c, 0.5 * t);
        a = 2.0 * s * c / t;
        b = 2.0 * s * s / tt;
    }
    double xx = w.x * w.x, yy = w.y * w.y, zz = w.z * w.z;
    double xy = b * w.x * w.y, xz = b * w.x * w.z, yz = b * w.y * w.z;
    return (sv_mat3){{1.0 - b * (yy + zz), xy - a * w.z, xz + a * w.y, xy + a * w.z, 1.0 - b * (xx + zz), yz - a * w.x,
                      xz - a * w.y, yz + a * w.x, 1.0 - b * (xx + yy)}};
}

void sv_ray_basis(sv_vec3 *e1, sv_vec3 *e2, sv_vec3 d) {
    /* e1 = up x d, horizontal; where d is vertical the x axis takes its place. */
    sv_vec3 across = sv_vec3_make(-d.y, d.x, 0.0);
    if (sv_vec3_dot(across, across) < 1e-24) {
        across = sv_vec3_mad(sv_vec3_make(1.0, 0.0, 0.0), d, -d.x);
    }
    *e1 = sv_vec3_unit(across);
    *e2 = sv_vec3_cross(d, *e1);
}
