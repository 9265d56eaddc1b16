/** CLEAR and Identity as TrackEval has them, similarity 1 - d / zero distance, threshold 1/2. docs/METRICS.md 8. */
#include <core/score/metrics_parts.h>

#include <skyvox/math.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

double sv_metrics_similarity(const sv_metrics *m, double d) {
    double similarity = 1 - d / m->config.hota_zero_m;
    return similarity > 0 ? similarity : 0;
}

static void match(sv_metrics *m, int32_t truth, int32_t track, double similarity) {
    m->clear.idsw += m->te_last[truth] >= 0 && m->te_last[truth] != track;
    m->te_last[truth] = track;
    m->te_matched[truth]++;
    m->clear.tp++;
    m->clear.motp_sum += similarity;
    m->taken_truth[truth] = true;
}

sv_status sv_metrics_add_trackeval(sv_metrics *m, const sv_metrics_point *truth, size_t n_truth, size_t n_tracks) {
    // A frame with one of the two only leaves the memory as it is.
    m->clear.fp += n_truth == 0 ? (int64_t)n_tracks : 0;
    m->clear.fn += n_tracks == 0 ? (int64_t)n_truth : 0;
    if (n_truth == 0 || n_tracks == 0)
        return SV_OK;

    // First the fewest changes against the frame before, then the largest similarity.
    for (size_t k = 0; k < m->n_near; k++) {
        const sv_metrics_slot *slot = &m->slot[m->near[k].slot];
        double similarity = sv_metrics_similarity(m, m->near[k].d);
        if (similarity < 0.5 - DBL_EPSILON)
            continue;
        double score = (m->te_previous[slot->truth] == slot->track ? 1000 : 0) + similarity;
        sv_status status = sv_metrics_solver_allow(&m->solver, slot->truth, slot->track, -score, k);
        if (status != SV_OK)
            return status;
    }
    sv_status status = sv_metrics_solver_solve(&m->solver, 0);
    if (status != SV_OK)
        return status;

    for (size_t i = 0; i < n_truth; i++)
        m->taken_truth[truth[i].id] = false;
    int64_t before = m->clear.tp;
    for (size_t k = 0; k < m->solver.n_chosen; k++) {
        const sv_metrics_pair *near = &m->near[m->solver.chosen[k]];
        const sv_metrics_slot *slot = &m->slot[near->slot];
        match(m, slot->truth, slot->track, sv_metrics_similarity(m, near->d));
    }
    for (size_t id = 0, i = 0; id < m->n_truth_ids; id++) {
        bool is_here = i < n_truth && truth[i].id == (int32_t)id;
        bool is_matched = is_here && m->taken_truth[id];
        m->te_frag[id] += is_matched && m->te_previous[id] < 0;
        m->te_previous[id] = is_matched ? m->te_last[id] : -1;
        i += is_here;
    }
    m->clear.fn += (int64_t)n_truth - (m->clear.tp - before);
    m->clear.fp += (int64_t)n_tracks - (m->clear.tp - before);
    return SV_OK;
}

static double at_least_1(double x) {
    return x > 1 ? x : 1;
}

static void count_targets(sv_metrics *m) {
    sv_metrics_clear *c = &m->clear;
    int64_t n_ids = 0, n_some = 0;
    for (size_t id = 0; id < m->n_truth_ids; id++) {
        if (m->truth_count[id] == 0)
            continue;
        double share = (double)m->te_matched[id] / (double)m->truth_count[id];
        n_ids++;
        c->mt += share > 0.8;
        n_some += share >= 0.2;
        c->frag += m->te_frag[id] > 0 ? m->te_frag[id] - 1 : 0;
    }
    c->pt = n_some - c->mt;
    c->ml = n_ids - n_some;
}

void sv_metrics_finish_trackeval(sv_metrics *m) {
    sv_metrics_clear *c = &m->clear;
    count_targets(m);
    if (m->n_track_all == 0 || m->n_truth_all == 0) {
        c->mlr = 1; // TrackEval returns early here: everything else but the counts stays 0
        c->frag = 0;
        c->ml = m->n_track_all == 0 ? c->ml : 0;
        return;
    }
    double tp = (double)c->tp, fn = (double)c->fn, fp = (double)c->fp, idsw = (double)c->idsw;
    double n_ids = at_least_1((double)(c->mt + c->pt + c->ml)), n_truth = at_least_1(tp + fn);
    c->frames = (int64_t)m->n_frames;
    c->motp = c->motp_sum / at_least_1(tp);
    c->mtr = (double)c->mt / n_ids;
    c->ptr = (double)c->pt / n_ids;
    c->mlr = (double)c->ml / n_ids;
    c->re = tp / n_truth;
    c->pr = tp / at_least_1(tp + fp);
    c->moda = (tp - fp) / n_truth;
    c->mota = (tp - fp - idsw) / n_truth;
    c->smota = (c->motp_sum - fp - idsw) / n_truth;
    c->f1 = tp / at_least_1(tp + 0.5 * fn + 0.5 * fp);
    c->fp_per_frame = fp / at_least_1((double)c->frames);
    c->motal = (tp - fp - (idsw > 0 ? sv_log(idsw) / sv_log(10) : 0)) / n_truth;
}

/* Frames in which the two ids of a slot are similar enough, then the assignment that keeps most of them. */
sv_status sv_metrics_finish_identity(sv_metrics *m) {
    sv_metrics_identity *id = &m->identity;
    int64_t *count = NULL;
    size_t cap = 0;
    sv_status status = sv_metrics_grow((void **)&count, &cap, m->n_slots + 1, sizeof *count);
    for (size_t s = 0; status == SV_OK && s < m->n_slots; s++)
        count[s] = 0;
    for (size_t k = 0; status == SV_OK && k < m->n_pairs; k++)
        count[m->pair_slot[k]] += sv_metrics_similarity(m, m->pair_d[k]) >= 0.5;
    for (size_t s = 0; status == SV_OK && s < m->n_slots; s++)
        if (count[s] > 0)
            status = sv_metrics_solver_allow(&m->solver, m->slot[s].truth, m->slot[s].track, -(double)count[s], s);
    if (status == SV_OK)
        status = sv_metrics_solver_solve(&m->solver, 0);
    for (size_t k = 0; status == SV_OK && k < m->solver.n_chosen; k++)
        id->idtp += count[m->solver.chosen[k]];
    free(count);
    if (status != SV_OK)
        return status;

    id->idfn = m->n_truth_all - id->idtp;
    id->idfp = m->n_track_all - id->idtp;
    double tp = (double)id->idtp, fn = (double)id->idfn, fp = (double)id->idfp;
    id->idr = tp / at_least_1(tp + fn);
    id->idp = tp / at_least_1(tp + fp);
    id->idf1 = tp / at_least_1(tp + 0.5 * fn + 0.5 * fp);
    return SV_OK;
}
