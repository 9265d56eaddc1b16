/**
 * Deterministic mathematics: the same bits on every compiler, optimisation level and libm.
 * Only + - * / sqrt come from the compiler; everything else on the path to tracks is here. docs/DETERMINISM.md.
 */
#ifndef SKYVOX_MATH_H
#define SKYVOX_MATH_H

#include <skyvox/types.h>

SV_BEGIN_DECLS

#define SV_PI 3.14159265358979323846

/** Sine and cosine of x in radians, |x| <= 1e6: within 2 ulp of 1. NaN and larger |x|: both NaN. */
SV_API void sv_sincos(double *sine, double *cosine, double x);
SV_API double sv_tan(double x);
/** Angle of (x, y) in radians, -pi..pi; 0 for (0, 0). */
SV_API double sv_atan2(double y, double x);
/** Arcus sine, argument clamped to -1..1. */
SV_API double sv_asin(double x);
/** e^x; 0 below -745, +infinity above 709.78. */
SV_API double sv_exp(double x);
/** Natural logarithm; -infinity at 0, NaN below. */
SV_API double sv_log(double x);
/** x^y for x >= 0, by exp(y log x). */
SV_API double sv_pow(double x, double y);
/** Error function, absolute error below 1e-13. */
SV_API double sv_erf(double x);
/** [25][2] erf and its derivative at 0, 1/4, ... 6, which sv_erf expands about: for kernels that repeat it in vectors. */
SV_API const double (*sv_erf_nodes(void))[2];
/** Quantile of the chi-square distribution: value that `dof` (1..300) squared unit normals stay below with probability p (0 < p < 1). */
SV_API double sv_chi2_quantile(double p, int dof);

/** Nearest integer, ties to even; out of range: clamped to the int64_t limits, NaN: 0. */
SV_API int64_t sv_round_i64(double x);
/** Largest integer not above x, with the same clamping. */
SV_API int64_t sv_floor_i64(double x);

/** Seconds (display, files) to and from time. */
SV_API sv_time sv_time_from_s(double t_s);
SV_API double sv_time_to_s(sv_time t);

/**
 * Sort n elements in place by (key, index): stable, so equal keys keep their order, and equal on every machine.
 *   base  in/out  [n] elements of `size` bytes
 *   less  in      strict weak order
 *   scratch       n * size bytes, caller's
 */
SV_API void sv_sort(void *base, size_t n, size_t size, bool (*less)(const void *a, const void *b, void *user),
                    void *user, void *scratch);

/** Order of doubles as sortable integers: a < b as doubles (no NaN) exactly when key(a) < key(b). */
SV_API uint64_t sv_double_key(double x);

/* ---- vectors, rotations ---- */

static inline sv_vec3 sv_vec3_make(double x, double y, double z) {
    sv_vec3 v;
    v.x = x;
    v.y = y;
    v.z = z;
    return v;
}
static inline sv_vec3 sv_vec3_add(sv_vec3 a, sv_vec3 b) {
    return sv_vec3_make(a.x + b.x, a.y + b.y, a.z + b.z);
}
static inline sv_vec3 sv_vec3_sub(sv_vec3 a, sv_vec3 b) {
    return sv_vec3_make(a.x - b.x, a.y - b.y, a.z - b.z);
}
static inline sv_vec3 sv_vec3_scale(sv_vec3 a, double s) {
    return sv_vec3_make(a.x * s, a.y * s, a.z * s);
}
/** a + s b */
static inline sv_vec3 sv_vec3_mad(sv_vec3 a, sv_vec3 b, double s) {
    return sv_vec3_make(a.x + b.x * s, a.y + b.y * s, a.z + b.z * s);
}
static inline double sv_vec3_dot(sv_vec3 a, sv_vec3 b) {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
static inline sv_vec3 sv_vec3_cross(sv_vec3 a, sv_vec3 b) {
    return sv_vec3_make(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}
SV_API double sv_vec3_norm(sv_vec3 a);
/** a / |a|; the zero vector stays zero. */
SV_API sv_vec3 sv_vec3_unit(sv_vec3 a);
SV_API sv_vec3 sv_mat3_mul_vec(const sv_mat3 *a, sv_vec3 v);
/** transpose(a) v */
SV_API sv_vec3 sv_mat3_tmul_vec(const sv_mat3 *a, sv_vec3 v);
SV_API sv_mat3 sv_mat3_mul(const sv_mat3 *a, const sv_mat3 *b);
SV_API sv_mat3 sv_mat3_transpose(const sv_mat3 *a);
SV_API sv_mat3 sv_mat3_from_quat(sv_quat q);
SV_API sv_quat sv_quat_from_mat3(const sv_mat3 *r);
SV_API sv_quat sv_quat_mul(sv_quat a, sv_quat b);
SV_API sv_quat sv_quat_unit(sv_quat q);
/** Rotation by the vector w (axis times angle, rad). */
SV_API sv_mat3 sv_mat3_from_rotvec(sv_vec3 w);
/** Orthonormal e1, e2 with e1 x e2 = d for a unit d: the basis of sv_ray.cov_rad2. e1 is horizontal where d is not vertical. */
SV_API void sv_ray_basis(sv_vec3 *e1, sv_vec3 *e2, sv_vec3 d);

SV_END_DECLS
#endif
