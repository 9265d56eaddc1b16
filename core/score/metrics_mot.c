/** CLEAR by the rules of py-motmetrics, and consistency over its matches. docs/METRICS.md 8. */
#include <core/score/metrics_parts.h>

#include <skyvox/math.h>

#include <math.h>

static void add_error(sv_metrics *m, const sv_metrics_point *truth, const sv_metrics_point *track) {
    sv_vec3 s = track->sigma_m;
    if (!track->has_sigma || !(s.x > 0 && s.y > 0 && s.z > 0))
        return;
    sv_vec3 e = sv_vec3_sub(track->p_w, truth->p_w);
    double nees = e.x * e.x / (s.x * s.x) + e.y * e.y / (s.y * s.y) + e.z * e.z / (s.z * s.z);
    m->nees_sum += nees;
    m->nees_n++;
    m->nees_inside += nees <= sv_consistency_limit(3);
}

static void match(sv_metrics *m, const sv_metrics_point *truth, const sv_metrics_point *track, double d) {
    int32_t *last = &m->last_ever[truth->id];
    m->mot.n_switches += *last >= 0 && *last != track->id;
    *last = track->id;
    m->mot.n_detections++;
    m->mot_distance += d;
    m->taken_truth[truth->id] = m->taken_track[track->id] = true;
    add_error(m, truth, track);
}

sv_status sv_metrics_add_mot(sv_metrics *m, const sv_metrics_point *truth, size_t n_truth,
                             const sv_metrics_point *track, size_t n_tracks) {
    int64_t before = m->mot.n_detections;
    for (size_t i = 0; i < n_truth; i++)
        m->taken_truth[truth[i].id] = false;
    for (size_t j = 0; j < n_tracks; j++)
        m->taken_track[track[j].id] = false;

    // A target keeps the last partner it ever had, in the order of the targets.
    for (size_t k = 0; k < m->n_near; k++) {
        const sv_metrics_pair *near = &m->near[k];
        const sv_metrics_point *t = &truth[near->i_truth], *s = &track[near->i_track];
        if (near->d <= m->config.gate_m && m->last_ever[t->id] == s->id && !m->taken_track[s->id])
            match(m, t, s, near->d);
    }

    // The rest: as many pairs as the gate allows, and of those the smallest sum of distances.
    for (size_t k = 0; k < m->n_near; k++) {
        const sv_metrics_pair *near = &m->near[k];
        int32_t t = truth[near->i_truth].id, s = track[near->i_track].id;
        if (near->d > m->config.gate_m || m->taken_truth[t] || m->taken_track[s])
            continue;
        sv_status status = sv_metrics_solver_allow(&m->solver, t, s, near->d, k);
        if (status != SV_OK)
            return status;
    }
    sv_status status = sv_metrics_solver_solve(&m->solver, m->config.gate_m * (m->solver.n_rows + 1.0));
    if (status != SV_OK)
        return status;
    for (size_t k = 0; k < m->solver.n_chosen; k++) {
        const sv_metrics_pair *near = &m->near[m->solver.chosen[k]];
        match(m, &truth[near->i_truth], &track[near->i_track], near->d);
    }
    m->mot.n_misses += (int64_t)n_truth - (m->mot.n_detections - before);
    m->mot.n_false_positives += (int64_t)n_tracks - (m->mot.n_detections - before);
    return SV_OK;
}

void sv_metrics_finish_mot(sv_metrics *m) {
    sv_metrics_motmetrics *mot = &m->mot;
    int64_t n_errors = mot->n_misses + mot->n_false_positives + mot->n_switches;
    mot->mota = m->n_truth_all > 0 ? 1 - (double)n_errors / (double)m->n_truth_all : NAN;
    mot->motp_m = mot->n_detections > 0 ? m->mot_distance / (double)mot->n_detections : NAN;
    m->consistency = sv_consistency_of(m->nees_n, 3, m->nees_sum, m->nees_inside);
}
