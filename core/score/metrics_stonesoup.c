/** CLEAR and SIAP as Stone Soup has them (single-frame associations allowed). docs/METRICS.md 8. */
#include <core/score/metrics_parts.h>

#include <skyvox/math.h>

#include <math.h>

static double speed_between(bool *missing, const sv_metrics_point *truth, const sv_metrics_point *track) {
    *missing = *missing || !truth->has_velocity || !track->has_velocity;
    return *missing ? 0 : sv_vec3_norm(sv_vec3_sub(truth->v_w, track->v_w));
}

/* partner is the match of the frame before, and is overwritten. */
static void match(sv_metrics *m, const sv_metrics_point *truth, const sv_metrics_point *track, double d) {
    int32_t *partner = &m->last_frame[truth->id];
    m->ss_switches += *partner >= 0 && *partner != track->id;
    *partner = track->id;
    m->ss_matches++;
    m->ss_distance += d;
    m->ss_speed += speed_between(&m->speed_missing, truth, track);
    m->taken_truth[truth->id] = m->taken_track[track->id] = true;
}

/* The rest is assigned on plain distance and gated afterwards, so that far pairs count in the sum: every pair is an edge. */
static sv_status assign_rest(sv_metrics *m, const sv_metrics_point *truth, size_t n_truth,
                             const sv_metrics_point *track, size_t n_tracks) {
    size_t n_rows = 0, n_cols = 0;
    double farthest = 0;
    for (size_t i = 0; i < n_truth; i++)
        n_rows += !m->taken_truth[truth[i].id];
    for (size_t j = 0; j < n_tracks; j++)
        n_cols += !m->taken_track[track[j].id];
    for (size_t i = 0; n_rows > 0 && n_cols > 0 && i < n_truth; i++) {
        for (size_t j = 0; !m->taken_truth[truth[i].id] && j < n_tracks; j++) {
            if (m->taken_track[track[j].id])
                continue;
            double d = sv_vec3_norm(sv_vec3_sub(truth[i].p_w, track[j].p_w));
            farthest = d > farthest ? d : farthest;
            sv_status status = sv_metrics_solver_allow(&m->solver, truth[i].id, track[j].id, d, i * n_tracks + j);
            if (status != SV_OK)
                return status;
        }
    }

    // min(rows, columns) pairs: staying alone costs more than any rearrangement can save.
    sv_status status = sv_metrics_solver_solve(&m->solver, (farthest + 1) * ((double)n_rows + 1));
    if (status != SV_OK)
        return status;
    for (size_t k = 0; k < m->solver.n_chosen; k++) {
        const sv_metrics_point *t = &truth[m->solver.chosen[k] / n_tracks], *s = &track[m->solver.chosen[k] % n_tracks];
        double d = sv_vec3_norm(sv_vec3_sub(t->p_w, s->p_w));
        if (d < m->config.gate_m)
            match(m, t, s, d);
    }
    return SV_OK;
}

/* Each track belongs to its nearest truth within the gate; several may share one. */
static void add_nearest(sv_metrics *m, const sv_metrics_point *truth, const sv_metrics_point *track, size_t n_tracks) {
    for (size_t j = 0; j < n_tracks; j++)
        m->by_x[j] = -1;
    for (size_t k = 0; k < m->n_near; k++) {
        int32_t *best = &m->by_x[m->near[k].i_track];
        if (m->near[k].d < m->config.gate_m && (*best < 0 || m->near[k].d < m->near[*best].d))
            *best = (int32_t)k;
    }
    int32_t last = -1;
    for (size_t k = 0; k < m->n_near; k++) {
        const sv_metrics_pair *near = &m->near[k];
        if (m->by_x[near->i_track] != (int32_t)k)
            continue;
        m->near_tracks++;
        m->near_truths += near->i_truth != last;
        last = near->i_truth;
        m->near_distance += near->d;
        m->near_speed += speed_between(&m->near_speed_missing, &truth[near->i_truth], &track[near->i_track]);
    }
}

sv_status sv_metrics_add_stonesoup(sv_metrics *m, const sv_metrics_point *truth, size_t n_truth,
                                   const sv_metrics_point *track, size_t n_tracks) {
    int64_t before = m->ss_matches;
    for (size_t i = 0; i < n_truth; i++)
        m->taken_truth[truth[i].id] = false;
    for (size_t j = 0; j < n_tracks; j++)
        m->taken_track[track[j].id] = false;
    for (size_t k = 0; k < m->n_near; k++) {
        const sv_metrics_pair *near = &m->near[k];
        const sv_metrics_point *t = &truth[near->i_truth], *s = &track[near->i_track];
        if (near->d < m->config.gate_m && m->last_frame[t->id] == s->id)
            match(m, t, s, near->d);
    }
    sv_status status = assign_rest(m, truth, n_truth, track, n_tracks);
    if (status != SV_OK)
        return status;

    // Only the matches of this frame are remembered.
    for (size_t id = 0, i = 0; id < m->n_truth_ids; id++) {
        bool is_here = i < n_truth && truth[i].id == (int32_t)id;
        if (!is_here || !m->taken_truth[id])
            m->last_frame[id] = -1;
        i += is_here;
    }
    m->ss_misses += (int64_t)n_truth - (m->ss_matches - before);
    m->ss_false += (int64_t)n_tracks - (m->ss_matches - before);
    add_nearest(m, truth, track, n_tracks);
    return SV_OK;
}

static double ratio(double a, double b, double otherwise) {
    return b > 0 ? a / b : otherwise;
}

static sv_metrics_siap siap(const sv_metrics *m, double n_truths, double n_tracks, double distance, double speed,
                            bool speed_missing) {
    double n = (double)m->n_track_all;
    return (sv_metrics_siap){
        .completeness = ratio(n_truths, (double)m->n_truth_all, 0),
        .ambiguity = ratio(n_tracks, n_truths, 1),
        .spuriousness = ratio(n - n_tracks, n, 0),
        .position_accuracy = ratio(distance, n_tracks, 0),
        .velocity_accuracy = speed_missing ? NAN : ratio(speed, n_tracks, 0),
    };
}

void sv_metrics_finish_stonesoup(sv_metrics *m) {
    double n = (double)m->ss_matches, n_errors = (double)(m->ss_misses + m->ss_false + m->ss_switches);
    m->stonesoup = (sv_metrics_stonesoup){
        .motp = ratio(m->ss_distance, n, INFINITY),
        .mota = 1 - ratio(n_errors, (double)m->n_truth_all, NAN),
        .siap = siap(m, n, n, m->ss_distance, m->ss_speed, m->speed_missing),
        .siap_nearest = siap(m, (double)m->near_truths, (double)m->near_tracks, m->near_distance, m->near_speed,
                             m->near_speed_missing),
    };
}
