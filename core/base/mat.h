/** Small dense matrices, row-major, sizes given by the caller (at most SV_MAT_CAP), fixed order of operations. */
#ifndef CORE_BASE_MAT_H
#define CORE_BASE_MAT_H

#include <skyvox/base.h>

enum { SV_MAT_CAP = 12 };

/** c = a b: a is n x k, b is k x m. c must not alias. */
void sv_mat_mul(double *c, const double *a, const double *b, int n, int k, int m);
/** c = a b^T: a is n x k, b is m x k. */
void sv_mat_mul_t(double *c, const double *a, const double *b, int n, int k, int m);
/** a = (a + a^T) / 2, n x n. */
void sv_mat_symmetrise(double *a, int n);
/** Lower Cholesky factor of a symmetric positive definite a (n x n). Errors: SV_ERR_DEGENERATE. l may alias a. */
sv_status sv_mat_cholesky(double *l, const double *a, int n);
/** Solve a x = b with the factor l of a; x [n x m], may alias b. */
void sv_mat_cholesky_solve(double *x, const double *l, const double *b, int n, int m);
/** Inverse of a symmetric positive definite matrix. Errors: SV_ERR_DEGENERATE. */
sv_status sv_mat_spd_inverse(double *inv, const double *a, int n);
/** Largest eigenvalue of a symmetric 3 x 3 given as xx xy xz yy yz zz (closed bounds by 30 Jacobi sweeps at most). */
double sv_mat_sym3_max_eigenvalue(const double a[6]);

#endif
