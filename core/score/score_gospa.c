/** GOSPA (alpha = 2) and OSPA of one stamp: both are minimised by the same assignment. docs/METRICS.md 5. */
#include <core/score/score_parts.h>

#include <skyvox/math.h>

#include <math.h>

/* d^p from the squared distance, without a power where the order allows it. */
static double power_of_squared(double d2, double p) {
    if (p == 2)
        return d2;
    return p == 1 ? sqrt(d2) : sv_pow(sqrt(d2), p);
}

static double root(double x, double p) {
    if (p == 2)
        return sqrt(x);
    return p == 1 ? x : sv_pow(x, 1 / p);
}

/* Number the wanted objects in coverage (rows) and the tracks that are not ignored (columns). */
static void number(sv_score_match *m, int32_t *n_rows, int32_t *n_cols) {
    *n_rows = *n_cols = 0;
    for (int32_t i = 0; i < m->n_truth; i++) {
        const sv_truth_sample *s = &m->truth[i].sample;
        m->row[i] = s->wanted && s->in_coverage ? (*n_rows)++ : -1;
    }
    for (int32_t j = 0; j < m->n_states; j++)
        m->col[j] = m->role[j] == SV_ROLE_IGNORED || m->role[j] == SV_ROLE_BIRD ? -1 : (*n_cols)++;
}

sv_status sv_score_gospa_stamp(sv_score_gospa *out, sv_score_match *m, const sv_score_config *config, sv_time t) {
    double p = config->order, c2 = config->cutoff_m * config->cutoff_m, cp = power_of_squared(c2, p);
    int32_t n_rows, n_cols;
    number(m, &n_rows, &n_cols);

    // A pair saves c^p against leaving both alone, so a pair at the cutoff itself is one missed and one false.
    size_t n_edges = 0;
    for (size_t k = 0; k < m->n_near; k++) {
        const sv_score_near *near = &m->near[k];
        if (m->row[near->truth] >= 0 && m->col[near->state] >= 0 && near->d2 < c2)
            m->edge[n_edges++] = (sv_assign_edge){
                .row = m->row[near->truth], .col = m->col[near->state], .cost = power_of_squared(near->d2, p)};
    }
    for (int32_t i = 0; i < n_rows; i++) {
        m->alone[i] = cp;
        m->col_of_row[i] = -1;
    }
    if (n_edges > 0) {
        sv_status status = sv_score_assign(m, n_rows, n_cols, n_edges);
        if (status != SV_OK)
            return status;
    }

    int32_t n_pairs = 0;
    double localisation = 0;
    for (size_t k = 0; k < n_edges; k++) {
        if (m->col_of_row[m->edge[k].row] != m->edge[k].col)
            continue;
        localisation += m->edge[k].cost;
        n_pairs++;
    }
    int32_t n_most = n_rows > n_cols ? n_rows : n_cols;
    *out = (sv_score_gospa){
        .t = t,
        .localisation = localisation,
        .missed = cp / 2 * (n_rows - n_pairs),
        .false_part = cp / 2 * (n_cols - n_pairs),
        .ospa_m = n_most == 0 ? 0 : root((localisation + cp * (n_most - n_pairs)) / n_most, p),
        .n_truth = n_rows,
        .n_tracks = n_cols,
    };
    out->distance_m = root(out->localisation + out->missed + out->false_part, p);
    return SV_OK;
}
