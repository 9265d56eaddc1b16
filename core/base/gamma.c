/* The error function and the chi-square quantile. docs/MATH.md, "Numbers". */
#include <skyvox/math.h>

#include <math.h>

/* erf(i / 4) and erf'(i / 4) = 2 / sqrt(pi) exp(-(i / 4)^2). */
static const double erf_table[25][2] = {
    {0.0, 0x1.20dd750429b6dp+0},
    {0x1.1af54e232d609p-2, 0x1.0f5d1602f7e41p+0},
    {0x1.0a7ef5c18edd2p-1, 0x1.c1efca49a5011p-1},
    {0x1.6c1c9759d0e5fp-1, 0x1.492e42d78d2c5p-1},
    {0x1.af767a741088bp-1, 0x1.a911f096fbc26p-2},
    {0x1.d8865d98abe01p-1, 0x1.e4652fadcb6b2p-3},
    {0x1.eea5557137ae0p-1, 0x1.e723726b824a9p-4},
    {0x1.f92d077f8d56dp-1, 0x1.b055303221015p-5},
    {0x1.fd9ae142795e3p-1, 0x1.529b9e8cf9a1ep-6},
    {0x1.ff404760319b4p-1, 0x1.d4143a9dfe965p-8},
    {0x1.ffcaa8f4c9beap-1, 0x1.1d83170fbf6fbp-9},
    {0x1.fff2cfb0453d9p-1, 0x1.3360ccd23db3ap-11},
    {0x1.fffd1ac4135f9p-1, 0x1.2408e9ba3327fp-13},
    {0x1.ffff6f9f67e55p-1, 0x1.e9b5e8d00ce77p-16},
    {0x1.ffffe710d565ep-1, 0x1.6a597219a93dap-18},
    {0x1.fffffc2f171e3p-1, 0x1.d9371e2ff7c35p-21},
    {0x1.ffffff7b91176p-1, 0x1.10b1488aeb235p-23},
    {0x1.fffffff01a8b6p-1, 0x1.155a09065d4f7p-26},
    {0x1.fffffffe4fa30p-1, 0x1.f1e3523b41d7dp-30},
    {0x1.ffffffffd759dp-1, 0x1.8a61745ec7d1dp-33},
    {0x1.fffffffffc9e8p-1, 0x1.13af4f04f9998p-36},
    {0x1.ffffffffffc05p-1, 0x1.5422ef5d8949dp-40},
    {0x1.fffffffffffbep-1, 0x1.7258610b3b233p-44},
    {0x1.ffffffffffffcp-1, 0x1.63daf8b4b1e0cp-48},
    {0x1.0000000000000p+0, 0x1.2dc119095729fp-52},
};

const double (*sv_erf_nodes(void))[2] {
    return erf_table;
}

double sv_erf(double x) {
    double ax = fabs(x);
    if (isnan(x)) {
        return NAN;
    }
    if (ax >= 6.0) {
        return x < 0.0 ? -1.0 : 1.0;
    }
    /* Taylor series about the nearest quarter c. The terms t_n = erf^(n)(c) h^n / n! follow from erf'' = -2 x erf':
     * t_(n+1) = (-2 c h t_n - 2 h^2 t_(n-1) (n-1)/n) / (n+1). */
    enum { N_TERMS = 15 };
    static const double inverse[N_TERMS + 1] = {0.0,        1.0,        1.0 / 2.0,  1.0 / 3.0, 1.0 / 4.0,  1.0 / 5.0,
                                                1.0 / 6.0,  1.0 / 7.0,  1.0 / 8.0,  1.0 / 9.0, 1.0 / 10.0, 1.0 / 11.0,
                                                1.0 / 12.0, 1.0 / 13.0, 1.0 / 14.0, 1.0 / 15.0};
    int i = (int)(4.0 * ax + 0.5);
    double c = 0.25 * i;
    double h = ax - c;
    double a = -2.0 * c * h;
    double b = -2.0 * h * h;
    double before = 0.0;
    double term = erf_table[i][1] * h;
    double sum = term;
    for (int n = 1; n < N_TERMS; n++) {
        double next = (a * term + b * before * ((n - 1) * inverse[n])) * inverse[n + 1];
        before = term;
        term = next;
        sum += term;
    }
    double erf_x = erf_table[i][0] + sum;
    return x < 0.0 ? -erf_x : erf_x;
}

/* log Gamma(dof / 2 + 1), by Gamma(a + 1) = a Gamma(a) from Gamma(1) = 1 or Gamma(1/2) = sqrt(pi). */
static double log_gamma_half(int dof) {
    double sum = dof % 2 == 0 ? 0.0 : 0.5 * sv_log(SV_PI);
    for (int i = dof; i > 0; i -= 2) {
        sum += sv_log(0.5 * i);
    }
    return sum;
}

/* Regularised lower incomplete gamma P(a, x) by its series, for x < a + 1.
 * scale = x^a e^-x / Gamma(a + 1). Source: Abramowitz and Stegun 6.5.29. */
static double gamma_lower(double a, double x, double scale) {
    double term = 1.0;
    double sum = 1.0;
    for (int n = 1; n < 1000 && term > 1e-17 * sum; n++) {
        term *= x / (a + n);
        sum += term;
    }
    return scale * sum;
}

/* Regularised upper incomplete gamma Q(a, x) by its continued fraction, for x >= a + 1.
 * Source: Abramowitz and Stegun 6.5.31, evaluated by the modified Lentz method. */
static double gamma_upper(double a, double x, double scale) {
    double b = x + 1.0 - a;
    double c = 1e300;
    double d = 1.0 / b;
    double fraction = d;
    for (int n = 1; n < 1000; n++) {
        double an = n * (a - n);
        b += 2.0;
        d = 1.0 / (an * d + b);
        c = b + an / c;
        double factor = c * d;
        fraction *= factor;
        if (fabs(factor - 1.0) <= 0x1p-52) {
            break;
        }
    }
    return scale * a * fraction;
}

/* True when the chi-square distribution function of 2 e^log_x lies below p; the smaller tail is compared, so that both
 * ends keep their digits. */
static bool below(double log_x, double p, int dof, double log_gamma) {
    double a = 0.5 * dof;
    double x = sv_exp(log_x);
    double scale = sv_exp(a * log_x - x - log_gamma);
    if (x < a + 1.0) {
        return gamma_lower(a, x, scale) < p;
    }
    return gamma_upper(a, x, scale) > 1.0 - p;
}

double sv_chi2_quantile(double p, int dof) {
    if (!(p > 0.0 && p < 1.0) || dof < 1 || dof > 300) {
        return NAN;
    }
    /* 64 bisections of log(x / 2): the bracket e^-700..e^8 shrinks below one ulp. */
    double log_gamma = log_gamma_half(dof);
    double low = -700.0;
    double high = 8.0;
    for (int i = 0; i < 64; i++) {
        double middle = 0.5 * (low + high);
        if (below(middle, p, dof, log_gamma)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return 2.0 * sv_exp(0.5 * (low + high));
}
