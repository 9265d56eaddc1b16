#include <core/base/mat.h>

#include <math.h>
#include <string.h>

void sv_mat_mul(double *c, const double *a, const double *b, int n, int k, int m) {
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
            double sum = 0.0;
            for (int l = 0; l < k; l++) {
                sum += a[i * k + l] * b[l * m + j];
            }
            c[i * m + j] = sum;
        }
    }
}

void sv_mat_mul_t(double *c, const double *a, const double *b, int n, int k, int m) {
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
            double sum = 0.0;
            for (int l = 0; l < k; l++) {
                sum += a[i * k + l] * b[j * k + l];
            }
            c[i * m + j] = sum;
        }
    }
}

void sv_mat_symmetrise(double *a, int n) {
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++) {
            double mean = 0.5 * (a[i * n + j] + a[j * n + i]);
            a[i * n + j] = mean;
            a[j * n + i] = mean;
        }
    }
}

sv_status sv_mat_cholesky(double *l, const double *a, int n) {
    double f[SV_MAT_CAP * SV_MAT_CAP] = {0};
    for (int j = 0; j < n; j++) {
        double pivot = a[j * n + j];
        for (int k = 0; k < j; k++) {
            pivot -= f[j * n + k] * f[j * n + k];
        }
        /* Written so that a NaN pivot fails too. */
        if (!(pivot > 0.0) || isinf(pivot)) {
            return sv_fail(SV_ERR_DEGENERATE, "matrix is not positive definite at pivot %d of %d", j, n);
        }
        f[j * n + j] = sqrt(pivot);
        for (int i = j + 1; i < n; i++) {
            double sum = a[i * n + j];
            for (int k = 0; k < j; k++) {
                sum -= f[i * n + k] * f[j * n + k];
            }
            f[i * n + j] = sum / f[j * n + j];
        }
    }
    memcpy(l, f, (size_t)(n * n) * sizeof *f);
    return SV_OK;
}

void sv_mat_cholesky_solve(double *x, const double *l, const double *b, int n, int m) {
    for (int c = 0; c < m; c++) {
        /* Forward: l y = b. */
        for (int i = 0; i < n; i++) {
            double sum = b[i * m + c];
            for (int k = 0; k < i; k++) {
                sum -= l[i * n + k] * x[k * m + c];
            }
            x[i * m + c] = sum / l[i * n + i];
        }
        /* Backward: l^T x = y. */
        for (int i = n - 1; i >= 0; i--) {
            double sum = x[i * m + c];
            for (int k = i + 1; k < n; k++) {
                sum -= l[k * n + i] * x[k * m + c];
            }
            x[i * m + c] = sum / l[i * n + i];
        }
    }
}

sv_status sv_mat_spd_inverse(double *inv, const double *a, int n) {
    double l[SV_MAT_CAP * SV_MAT_CAP];
    sv_status status = sv_mat_cholesky(l, a, n);
    if (status != SV_OK) {
        return status;
    }
    for (int i = 0; i < n * n; i++) {
        inv[i] = i % (n + 1) == 0 ? 1.0 : 0.0;
    }
    sv_mat_cholesky_solve(inv, l, inv, n, n);
    sv_mat_symmetrise(inv, n);
    return SV_OK;
}

/* One Jacobi rotation that clears a[p][q] of a symmetric 3 x 3; r is the third index. Golub and Van Loan 8.5. */
static void rotate(double a[3][3], int p, int q, int r) {
    if (a[p][q] == 0.0) {
        return;
    }
    double theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    double t = (theta < 0.0 ? -1.0 : 1.0) / (fabs(theta) + sqrt(theta * theta + 1.0));
    double c = 1.0 / sqrt(t * t + 1.0);
    double s = t * c;
    a[p][p] -= t * a[p][q];
    a[q][q] += t * a[p][q];
    a[p][q] = a[q][p] = 0.0;
    double rp = a[r][p];
    double rq = a[r][q];
    a[r][p] = a[p][r] = c * rp - s * rq;
    a[r][q] = a[q][r] = s * rp + c * rq;
}

double sv_mat_sym3_max_eigenvalue(const double a[6]) {
    double m[3][3] = {{a[0], a[1], a[2]}, {a[1], a[3], a[4]}, {a[2], a[4], a[5]}};
    for (int i_sweep = 0; i_sweep < 30 && (m[0][1] != 0.0 || m[0][2] != 0.0 || m[1][2] != 0.0); i_sweep++) {
        rotate(m, 0, 1, 2);
        rotate(m, 0, 2, 1);
        rotate(m, 1, 2, 0);
    }
    double max = m[0][0] > m[1][1] ? m[0][0] : m[1][1];
    return max > m[2][2] ? max : m[2][2];
}
