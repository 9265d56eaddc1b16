/* Elementary functions from + - * / sqrt alone. Every kernel is a Taylor series on an interval so short that the first
 * dropped term is below 2^-56 of the result: docs/MATH.md, "Numbers". */
#include <skyvox/math.h>

#include <math.h>
#include <string.h>

/* Adding and subtracting 1.5 * 2^52 rounds |x| < 2^51 to the nearest integer, ties to even. */
static double nearest(double x) {
    return (x + 0x1.8p52) - 0x1.8p52;
}

/* Horner's rule: c[0] + c[1] x + ... + c[n-1] x^(n-1). */
static double poly(double x, const double *c, int n) {
    double sum = c[n - 1];
    for (int i = n - 2; i >= 0; i--) {
        sum = sum * x + c[i];
    }
    return sum;
}

/* x * 2^k with one rounding: k in -1080..1024, x in 0.5..2. */
static double scale2(double x, int k) {
    int half = k / 2;
    uint64_t bits[2] = {(uint64_t)(half + 1023) << 52, (uint64_t)(k - half + 1023) << 52};
    double factor[2];
    memcpy(factor, bits, sizeof factor);
    return x * factor[0] * factor[1];
}

/* ---- sine, cosine ---- */

/* sin(r + tail) = r + r^3 S(r^2) + tail cos r, |r| <= pi/4. */
static double sin_kernel(double r, double tail) {
    static const double s[] = {-1.0 / 6.0,        1.0 / 120.0,        -1.0 / 5040.0,          1.0 / 362880.0,
                               -1.0 / 39916800.0, 1.0 / 6227020800.0, -1.0 / 1307674368000.0, 1.0 / 355687428096000.0};
    double z = r * r;
    return r + (z * r * poly(z, s, 8) + tail * (1.0 - 0.5 * z));
}

/* cos(r + tail) = 1 - r^2/2 + r^4 C(r^2) - tail sin r; what 1 - r^2/2 rounds away is put back. */
static double cos_kernel(double r, double tail) {
    static const double c[] = {
        1.0 / 24.0,        -1.0 / 720.0,         1.0 / 40320.0,          -1.0 / 3628800.0,
        1.0 / 479001600.0, -1.0 / 87178291200.0, 1.0 / 20922789888000.0, -1.0 / 6402373705728000.0};
    double z = r * r;
    double half = 0.5 * z;
    double head = 1.0 - half;
    return head + (((1.0 - head) - half) + (z * z * poly(z, c, 8) - tail * r));
}

void sv_sincos(double *sine, double *cosine, double x) {
    if (!(fabs(x) <= 1e6)) {
        *sine = NAN;
        *cosine = NAN;
        return;
    }
    /* Cody-Waite: pi/2 in 33 + 33 + 53 bits, so that n times the first two parts is exact for n < 2^20. */
    double n = nearest(x * 0x1.45f306dc9c883p-1);
    double head = x - n * 0x1.921fb544p+0;
    double mid = n * 0x1.0b4611a6p-34;
    double rest = head - mid;
    double lost = n * 0x1.3198a2e037073p-69 - ((head - rest) - mid);
    double r = rest - lost;
    double tail = (rest - r) - lost;

    double s = sin_kernel(r, tail);
    double c = cos_kernel(r, tail);
    switch ((int32_t)n & 3) {
    case 0:
        *sine = s;
        *cosine = c;
        break;
    case 1:
        *sine = c;
        *cosine = -s;
        break;
    case 2:
        *sine = -s;
        *cosine = -c;
        break;
    default:
        *sine = -c;
        *cosine = s;
        break;
    }
}

double sv_tan(double x) {
    double s, c;
    sv_sincos(&s, &c, x);
    return s / c;
}

/* ---- inverse functions ---- */

/* atan(i / 8) as a rounded value and what the rounding lost. */
static const double atan_table[9][2] = {
    {0.0, 0.0},
    {0x1.fd5ba9aac2f6ep-4, -0x1.cd37686760c17p-59},
    {0x1.f5b75f92c80ddp-3, 0x1.8ab6e3cf7afbdp-57},
    {0x1.6f61941e4def1p-2, -0x1.c63aae6f6e918p-56},
    {0x1.dac670561bb4fp-2, 0x1.a2b7f222f65e2p-56},
    {0x1.1e00babdefeb4p-1, -0x1.928df287a668fp-58},
    {0x1.4978fa3269ee1p-1, 0x1.2419a87f2a458p-56},
    {0x1.700a7c5784634p-1, -0x1.8c34d25aadef6p-56},
    {0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55},
};

double sv_atan2(double y, double x) {
    if (isnan(x) || isnan(y)) {
        return NAN;
    }
    double ax = fabs(x);
    double ay = fabs(y);
    double small = ax < ay ? ax : ay;
    double large = ax < ay ? ay : ax;
    if (large == 0.0) {
        return 0.0;
    }
    double t = isinf(small) ? 1.0 : small / large;

    /* atan t = atan c + atan a with c = i/8 the nearest eighth and a = (t - c) / (1 + t c), |a| <= 1/16. */
    static const double k[] = {-1.0 / 3.0, 1.0 / 5.0, -1.0 / 7.0, 1.0 / 9.0, -1.0 / 11.0, 1.0 / 13.0};
    int i = (int)(8.0 * t + 0.5);
    double c = 0.125 * i;
    double a = (t - c) / (1.0 + t * c);
    double z = a * a;
    double high = atan_table[i][0];
    double low = atan_table[i][1] + (a + a * z * poly(z, k, 6));

    /* Unfold the octant; pi/2 and pi in two parts each. */
    if (ax < ay) {
        high = 0x1.921fb54442d18p+0 - high;
        low = 0x1.1a62633145c07p-54 - low;
    }
    if (x < 0.0) {
        high = 0x1.921fb54442d18p+1 - high;
        low = 0x1.1a62633145c07p-53 - low;
    }
    double angle = high + low;
    return y < 0.0 ? -angle : angle;
}

double sv_asin(double x) {
    double clamped = x > 1.0 ? 1.0 : x < -1.0 ? -1.0 : x;
    return sv_atan2(clamped, sqrt((1.0 - clamped) * (1.0 + clamped)));
}

/* ---- exponential, logarithm ---- */

/* ln 2 in two parts: a multiple k < 2^20 of the first is exact. */
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW 0x1.a39ef35793c76p-33

double sv_exp(double x) {
    if (isnan(x)) {
        return NAN;
    }
    if (x > 709.78) {
        return INFINITY;
    }
    if (x < -745.0) {
        return 0.0;
    }
    /* e^x = 2^k e^r with |r| <= ln(2) / 2. */
    static const double e[] = {1.0 / 2.0,       1.0 / 6.0,        1.0 / 24.0,        1.0 / 120.0,
                               1.0 / 720.0,     1.0 / 5040.0,     1.0 / 40320.0,     1.0 / 362880.0,
                               1.0 / 3628800.0, 1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0};
    double k = nearest(x * 0x1.71547652b82fep+0);
    double r = (x - k * LN2_HIGH) - k * LN2_LOW;
    return scale2(1.0 + (r + r * r * poly(r, e, 12)), (int)k);
}

double sv_log(double x) {
    if (isnan(x) || x < 0.0) {
        return NAN;
    }
    if (x == 0.0) {
        return -INFINITY;
    }
    if (isinf(x)) {
        return INFINITY;
    }
    /* x = 2^k (1 + f) with 1 + f in sqrt(1/2)..sqrt(2); subnormals are scaled up first. */
    int k = 0;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        k = -54;
    }
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    k += (int)(bits >> 52) - 1023;
    bits = (bits & 0x000fffffffffffff) | 0x3ff0000000000000;
    memcpy(&x, &bits, sizeof x);
    if (x > 0x1.6a09e667f3bcdp+0) {
        x *= 0.5;
        k++;
    }
    double f = x - 1.0;

    /* log(1 + f) = 2 atanh s with s = f / (2 + f), written as f - (f^2/2 - s (f^2/2 + R(s^2))). */
    static const double a[] = {2.0 / 3.0,  2.0 / 5.0,  2.0 / 7.0,  2.0 / 9.0,  2.0 / 11.0,
                               2.0 / 13.0, 2.0 / 15.0, 2.0 / 17.0, 2.0 / 19.0, 2.0 / 21.0};
    double s = f / (2.0 + f);
    double z = s * s;
    double half_square = 0.5 * f * f;
    double rest = s * (half_square + z * poly(z, a, 10));
    return k * LN2_HIGH - ((half_square - (rest + k * LN2_LOW)) - f);
}

double sv_pow(double x, double y) {
    if (y == 0.0) {
        return 1.0;
    }
    return sv_exp(y * sv_log(x));
}

/* ---- integers and time ---- */

/* The doubles that bound int64_t: -2^63 is one of its values, 2^63 is not. */
#define I64_LIMIT 0x1p63

int64_t sv_round_i64(double x) {
    if (isnan(x)) {
        return 0;
    }
    if (x >= I64_LIMIT || x < -I64_LIMIT) {
        return x > 0.0 ? INT64_MAX : INT64_MIN;
    }
    int64_t i = (int64_t)x;
    double rest = fabs(x - (double)i);
    if (rest > 0.5 || (rest == 0.5 && i % 2 != 0)) {
        i += x < 0.0 ? -1 : 1;
    }
    return i;
}

int64_t sv_floor_i64(double x) {
    if (isnan(x)) {
        return 0;
    }
    if (x >= I64_LIMIT || x < -I64_LIMIT) {
        return x > 0.0 ? INT64_MAX : INT64_MIN;
    }
    int64_t i = (int64_t)x;
    return (double)i > x ? i - 1 : i;
}

sv_time sv_time_from_s(double t_s) {
    return sv_round_i64(t_s * 1e9);
}

double sv_time_to_s(sv_time t) {
    return (double)t / 1e9;
}
