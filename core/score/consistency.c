/** Are errors and innovations as large as the filter says? docs/METRICS.md 8. */
#include <core/score/metrics_parts.h>
#include <skyvox/score.h>

#include <math.h>

double sv_consistency_limit(int32_t dof) {
    static const double chi2_95[SV_NIS_DOF_MAX + 1] = {0, 3.841458820694124, 5.991464547107979, 7.814727903251179};
    return chi2_95[dof];
}

sv_metrics_consistency sv_consistency_of(int64_t n, double dof, double sum, int64_t n_inside) {
    sv_metrics_consistency c = {.n = n, .mean = NAN, .lo = NAN, .hi = NAN, .inside = NAN};
    if (n == 0)
        return c;
    // The sum of n samples is chi-square with n dof degrees of freedom: Wilson and Hilferty's cube.
    double count = (double)n, a = 2 / (9 * dof * count), width = 1.959963984540054 * sqrt(a);
    double low = 1 - a - width, high = 1 - a + width;
    c.mean = sum / count;
    c.lo = low > 0 ? dof * low * low * low : 0;
    c.hi = dof * high * high * high;
    c.inside = (double)n_inside / count;
    return c;
}

sv_status sv_nis_add(sv_nis *nis, const sv_innovation *innovation) {
    int32_t dof = innovation->dof;
    if (dof < 1 || dof > SV_NIS_DOF_MAX || !(innovation->nis >= 0))
        return sv_fail(SV_ERR_ARG, "nis: %g with %d degrees of freedom", innovation->nis, (int)dof);
    sv_nis_sum *sum = &nis->of_dof[dof];
    sum->n++;
    sum->sum += innovation->nis;
    sum->n_inside += innovation->nis <= sv_consistency_limit(dof);
    return SV_OK;
}

sv_metrics_consistency sv_nis_of_dof(const sv_nis *nis, int32_t dof) {
    const sv_nis_sum *s = &nis->of_dof[dof];
    return sv_consistency_of(s->n, dof, s->sum, s->n_inside);
}

sv_metrics_consistency sv_nis_of_all(const sv_nis *nis) {
    sv_nis_sum all = {0};
    double n_dof = 0;
    for (int32_t dof = 1; dof <= SV_NIS_DOF_MAX; dof++) {
        const sv_nis_sum *s = &nis->of_dof[dof];
        all.n += s->n;
        all.n_inside += s->n_inside;
        all.sum += s->sum;
        n_dof += (double)s->n * dof;
    }
    if (all.n == 0)
        return sv_consistency_of(0, 1, 0, 0);

    // Per degree of freedom, so that rays and points can stand together.
    double dof = n_dof / (double)all.n;
    sv_metrics_consistency c = sv_consistency_of(all.n, dof, all.sum, all.n_inside);
    c.mean /= dof;
    c.lo /= dof;
    c.hi /= dof;
    return c;
}
