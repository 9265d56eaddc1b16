#include <core/detect/chain_rate.h>
#include <math.h>
#include <skyvox/math.h>

static const double place_sigma = 0.4; /* of a weak candidate per axis, a little acceleration included, px */
static const double excess = 0.5;      /* the target that chains are weighed for is this much above snr_low */
static const double misfit_end = 9;    /* misfits beyond this many halved squared sigmas are no links */
static const double slack_px = 0.4;    /* the ends of a chain at full speed are noisy too */
static const double sum_step = 0.05, sum_first = -3; /* of the tables over summed SNR, from n snr_low */
enum { TAIL_PER_UNIT = 64 };

static int links(int kind) {
    return 1 + (kind & 1) + (kind >> 1 & 1) + (kind >> 2);
}

static int oldest(int kind) {
    return kind & 4 ? 3 : kind & 2 ? 2 : kind & 1;
}

double sv_chain_reach(double speed_px, int age) {
    return speed_px * age + slack_px;
}

double sv_chain_misfit_max(void) {
    return 2 * place_sigma * place_sigma * misfit_end;
}

double sv_chain_misfit(int kind, const double du[2], const double dv[2]) {
    const double a = du[0] * du[0] + dv[0] * dv[0];
    switch (kind) {
    case 3: /* half way: the contrast (1 -2 1) / sqrt(6) */
        return a * 2 / 3;
    case 5:
    case 6: /* at a third: (2 -3 1) / sqrt(14) */
        return a * 9 / 14;
    case 7:
        return 0.7 * (a + du[1] * du[1] + dv[1] * dv[1]) - 0.4 * (du[0] * du[1] + dv[0] * dv[1]);
    default:
        return 0;
    }
}

/*
 * Chains of n links at times t_i of the newest frame back: per axis the places are, in place of x_1 .. x_n-1, the distance of
 * the ends and n - 2 orthonormal misfits, with Jacobian sqrt(n S) / t_n, S = sum (t_i - mean)^2.
 */
static double volume_of(int kind, double speed_px) {
    const int n = links(kind), last = oldest(kind);
    double sum = 0, sum2 = 0;
    for (int age = 1; age <= SV_CHAIN_AGES; age++)
        if (kind >> (age - 1) & 1) {
            sum += age;
            sum2 += age * age;
        }
    const double reach = sv_chain_reach(speed_px, last);
    double volume = SV_PI * reach * reach * (n * sum2 - sum * sum) / (last * last);
    for (int k = 2; k < n; k++)
        volume *= 2 * SV_PI * place_sigma * place_sigma;
    return volume;
}

/* P(x > s) by the trapezoid rule from far out, where it is density / s. */
static void make_tail(sv_chain_rate *r) {
    const double step = 1.0 / TAIL_PER_UNIT, norm = 0.3989422804014327;
    double s = (SV_CHAIN_TAIL - 1) * step, density = norm * sv_exp(-0.5 * s * s);
    r->tail[SV_CHAIN_TAIL - 1] = density / s;
    for (int i = SV_CHAIN_TAIL - 2; i >= 0; i--) {
        const double middle = norm * sv_exp(-0.5 * (s - 0.5 * step) * (s - 0.5 * step));
        s = i * step;
        const double here = norm * sv_exp(-0.5 * s * s);
        r->tail[i] = r->tail[i + 1] + step / 6 * (density + 4 * middle + here);
        density = here;
    }
}

/* Integral over the misfit q: a chain of n links has 2 (n - 2) misfits, so q has the density q^(n - 3). */
static double over_misfits(const double *above, int n, double sum, double target_snr) {
    const double dq = sum_step * target_snr;
    double total = 0;
    for (int k = 0; k * dq < misfit_end; k++) {
        const double at = (sum + k * sum_step) / sum_step;
        const int i = at <= 0 ? 0 : (int)(at + 0.5);
        const double p = i < SV_CHAIN_SUMS ? above[i] : 0, q = k * dq;
        total += (k == 0 ? 0.5 : 1) * p * (n == 4 ? q : 1) * dq;
    }
    return total;
}

/* chance[n] from above[n], the probability that n candidates' SNR, summed, exceeds n snr_low by i steps or more. */
static void make_chances(sv_chain_rate *r) {
    static const double before = 60; /* entries below n snr_low: sum_first in steps */
    double density[SV_CHAIN_SUMS], above[SV_CHAIN_SUMS], sum = 0;
    for (int i = 0; i < SV_CHAIN_SUMS; i++) {
        const double z = i * sum_step;
        density[i] = sv_exp(-r->snr_low * z - 0.5 * z * z);
        sum += (i == 0 ? 0.5 : 1) * density[i] * sum_step;
    }
    for (int i = 0; i < SV_CHAIN_SUMS; i++)
        density[i] /= sum;
    above[SV_CHAIN_SUMS - 1] = 0;
    for (int i = SV_CHAIN_SUMS - 2; i >= 0; i--)
        above[i] = above[i + 1] + 0.5 * sum_step * (density[i] + density[i + 1]);
    double one[SV_CHAIN_SUMS];
    for (int i = 0; i < SV_CHAIN_SUMS; i++)
        one[i] = above[i];
    for (int n = 2; n <= SV_CHAIN_AGES + 1; n++) {
        double next[SV_CHAIN_SUMS];
        for (int i = 0; i < SV_CHAIN_SUMS; i++) {
            double total = one[i];
            for (int k = 0; k <= i; k++)
                total += (k == 0 || k == i ? 0.5 : 1) * sum_step * density[k] * above[i - k];
            next[i] = total;
        }
        for (int i = 0; i < SV_CHAIN_SUMS; i++)
            above[i] = next[i] < 1 ? next[i] : 1;
        for (int i = 0; i < SV_CHAIN_SUMS; i++) {
            const double at = (i - before) * sum_step;
            r->chance[n][i] =
                n == 2 ? (i < before ? 1 : above[i - (int)before]) : over_misfits(above, n, at, r->target_snr);
        }
    }
}

void sv_chain_rate_init(sv_chain_rate *r, double snr_low, double speed_px) {
    r->snr_low = snr_low;
    r->target_snr = snr_low + excess;
    const double a = r->target_snr, log_miss = sv_log(0.5 * (1 - sv_erf(excess / sqrt(2.0))));
    for (int kind = 1; kind < SV_CHAIN_KINDS; kind++) {
        const int n = links(kind);
        r->volume[kind] = volume_of(kind, speed_px);
        r->offset[kind] = -0.5 * n * a * a + (SV_CHAIN_AGES + 1 - n) * log_miss - sv_log(r->volume[kind]);
    }
    make_chances(r);
    make_tail(r);
}

double sv_chain_score(const sv_chain_rate *r, int kind, double sum_snr, double misfit_px2) {
    return r->target_snr * sum_snr - misfit_px2 / (2 * place_sigma * place_sigma) + r->offset[kind];
}

static double look_up(const double *table, int n, double at) {
    if (at <= 0)
        return table[0];
    if (at >= n - 1)
        return 0;
    const int i = (int)at;
    return table[i] + (at - i) * (table[i + 1] - table[i]);
}

double sv_chain_snr(const sv_chain_rate *r, double score, const double density[SV_CHAIN_AGES + 1]) {
    /* Expected chance chains of every kind per pixel that score this much or more. */
    double rate = 0;
    for (int kind = 1; kind < SV_CHAIN_KINDS; kind++) {
        double places = density[0] * r->volume[kind];
        for (int age = 1; age <= SV_CHAIN_AGES; age++)
            places *= kind >> (age - 1) & 1 ? density[age] : 1;
        const int n = links(kind);
        const double sum = (score - r->offset[kind]) / r->target_snr - n * r->snr_low;
        rate += places * look_up(r->chance[n], SV_CHAIN_SUMS, (sum - sum_first) / sum_step);
    }
    int lo = 0, hi = SV_CHAIN_TAIL - 1;
    if (rate >= r->tail[lo])
        return 0;
    if (rate <= r->tail[hi])
        return (double)hi / TAIL_PER_UNIT;
    while (hi - lo > 1) {
        const int middle = (lo + hi) / 2;
        if (r->tail[middle] >= rate)
            lo = middle;
        else
            hi = middle;
    }
    const double snr = (lo + (r->tail[lo] - rate) / (r->tail[lo] - r->tail[hi])) / TAIL_PER_UNIT;
    return snr >= r->snr_low ? snr : 0;
}
