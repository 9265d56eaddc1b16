/** OSPA in both pairings, GOSPA, and GOSPA with switching, of one frame. docs/METRICS.md 5. */
#include <core/score/metrics_parts.h>

#include <skyvox/math.h>

#include <math.h>

static double power(double d, double p) {
    if (p == 2)
        return d * d;
    return p == 1 ? d : sv_pow(d, p);
}

static double root(double x, double p) {
    if (p == 2)
        return sqrt(x);
    return p == 1 ? x : sv_pow(x, 1 / p);
}

/* Cheapest pairing with every pair's min(d, c)^q; a pair at c or beyond is the same as none. */
static sv_status pair_up(sv_metrics *m, const sv_metrics_point *truth, double q) {
    double c = m->config.cutoff_m;
    for (size_t k = 0; k < m->n_near; k++) {
        const sv_metrics_pair *near = &m->near[k];
        if (near->d >= c)
            continue;
        sv_status status = sv_metrics_solver_allow(&m->solver, truth[near->i_truth].id, m->slot[near->slot].track,
                                                   power(near->d, q), k);
        if (status != SV_OK)
            return status;
    }
    return sv_metrics_solver_solve(&m->solver, power(c, q));
}

static double sum_of_powers(const sv_metrics *m, double p) {
    double sum = 0;
    for (size_t k = 0; k < m->solver.n_chosen; k++)
        sum += power(m->near[m->solver.chosen[k]].d, p);
    return sum;
}

static double ospa(const sv_metrics *m, double sum, size_t n_pairs, size_t n_most) {
    double p = m->config.order, c = m->config.cutoff_m;
    return root((sum + power(c, p) * (double)(n_most - n_pairs)) / (double)n_most, p);
}

/* Stone Soup's count of changes: half a one for a partner that appears or goes, one for another partner. A truth counts
 * from its first partner on, and a frame without tracks is not looked at. */
static double count_changes(sv_metrics *m, const sv_metrics_point *truth, size_t n_truth) {
    enum { NEVER = -1, LOST = -2 };
    double changes = 0;
    for (size_t i = 0, k = 0; i < n_truth; i++) {
        int32_t partner = LOST;
        if (k < m->solver.n_chosen && m->near[m->solver.chosen[k]].i_truth == (int32_t)i)
            partner = m->slot[m->near[m->solver.chosen[k++]].slot].track;
        int32_t *last = &m->switch_partner[truth[i].id];
        if (*last != NEVER && *last != partner)
            changes += partner == LOST || *last == LOST ? 0.5 : 1.0;
        if (*last != NEVER || partner != LOST)
            *last = partner;
    }
    return changes;
}

sv_status sv_metrics_set_distances(sv_metrics_frame *out, sv_metrics *m, const sv_metrics_point *truth, size_t n_truth,
                                   size_t n_tracks) {
    double p = m->config.order, cp = power(m->config.cutoff_m, p);
    size_t n_most = n_truth > n_tracks ? n_truth : n_tracks;
    *out = (sv_metrics_frame){.n_truth = (int32_t)n_truth, .n_tracks = (int32_t)n_tracks, .ospa_stonesoup = NAN};
    if (n_most == 0)
        return SV_OK;

    sv_status status = pair_up(m, truth, 1);
    if (status != SV_OK)
        return status;
    out->ospa_stonesoup = ospa(m, sum_of_powers(m, p), m->solver.n_chosen, n_most);

    // One pairing serves OSPA as published and GOSPA: each wants the largest saving of c^p - d^p.
    status = p == 1 ? SV_OK : pair_up(m, truth, p);
    if (status != SV_OK)
        return status;
    size_t n_pairs = m->solver.n_chosen;
    out->localisation = sum_of_powers(m, p);
    out->ospa_published = ospa(m, out->localisation, n_pairs, n_most);
    out->missed = cp / 2 * (double)(n_truth - n_pairs);
    out->false_part = cp / 2 * (double)(n_tracks - n_pairs);
    out->gospa = root(out->localisation + out->missed + out->false_part, p);

    double changes = n_tracks > 0 ? count_changes(m, truth, n_truth) : 0;
    out->switching = m->config.switch_penalty * root(changes, p);
    out->gospa_switch = sqrt(out->gospa * out->gospa + out->switching * out->switching); // squares for every order
    return SV_OK;
}
