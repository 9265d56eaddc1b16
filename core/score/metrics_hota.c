/** HOTA over 19 thresholds (Luiten et al., 2021) as TrackEval has it. docs/METRICS.md 8. */
#include <core/score/metrics_parts.h>

#include <skyvox/math.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

typedef int32_t alpha_counts[SV_HOTA_N_ALPHAS];

typedef struct scratch {
    double *potential;             /* [n_slots] soft count of frames in which the two could be one */
    double *alignment;             /* [n_slots] Jaccard index of the two ids before matching */
    alpha_counts *matches;         /* [n_slots] */
    double *truth_sum, *track_sum; /* [ids] similarity in a frame */
} scratch;

static double alpha_of(int a) {
    return 0.05 + a * 0.05;
}

/* A pair's share of all the similarity that its two ids have in the frame. */
static void count_potential(const sv_metrics *m, scratch *s, size_t first, size_t end) {
    for (size_t k = first; k < end; k++) {
        const sv_metrics_slot *slot = &m->slot[m->pair_slot[k]];
        s->truth_sum[slot->truth] = s->track_sum[slot->track] = 0;
    }
    for (size_t k = first; k < end; k++) {
        const sv_metrics_slot *slot = &m->slot[m->pair_slot[k]];
        double similarity = sv_metrics_similarity(m, m->pair_d[k]);
        s->truth_sum[slot->truth] += similarity;
        s->track_sum[slot->track] += similarity;
    }
    for (size_t k = first; k < end; k++) {
        const sv_metrics_slot *slot = &m->slot[m->pair_slot[k]];
        double similarity = sv_metrics_similarity(m, m->pair_d[k]);
        double all = s->truth_sum[slot->truth] + s->track_sum[slot->track] - similarity;
        if (all > DBL_EPSILON)
            s->potential[m->pair_slot[k]] += similarity / all;
    }
}

static sv_status match_frame(sv_metrics *m, scratch *s, size_t frame) {
    size_t first = m->pair_at[frame], end = m->pair_at[frame + 1];
    for (size_t k = first; k < end; k++) {
        const sv_metrics_slot *slot = &m->slot[m->pair_slot[k]];
        double score = s->alignment[m->pair_slot[k]] * sv_metrics_similarity(m, m->pair_d[k]);
        if (score <= 0)
            continue;
        sv_status status = sv_metrics_solver_allow(&m->solver, slot->truth, slot->track, -score, k);
        if (status != SV_OK)
            return status;
    }
    sv_status status = sv_metrics_solver_solve(&m->solver, 0);
    if (status != SV_OK)
        return status;

    for (size_t k = 0; k < m->solver.n_chosen; k++) {
        size_t pair = m->solver.chosen[k];
        double similarity = sv_metrics_similarity(m, m->pair_d[pair]);
        for (int a = 0; a < SV_HOTA_N_ALPHAS && similarity >= alpha_of(a) - DBL_EPSILON; a++) {
            m->hota.tp[a]++;
            m->hota.loc_a[a] += similarity;
            s->matches[m->pair_slot[pair]][a]++;
        }
    }
    return SV_OK;
}

static double at_least_1(double x) {
    return x > 1 ? x : 1;
}

/* Every match weighs with the share of frames in which its two ids are matched. */
static void associate(sv_metrics *m, const scratch *s) {
    for (size_t k = 0; k < m->n_slots; k++) {
        double n_truth = (double)m->truth_count[m->slot[k].truth], n_track = (double)m->track_count[m->slot[k].track];
        for (int a = 0; a < SV_HOTA_N_ALPHAS && s->matches[k][a] > 0; a++) {
            double n = s->matches[k][a];
            m->hota.ass_a[a] += n * (n / at_least_1(n_truth + n_track - n));
            m->hota.ass_re[a] += n * (n / at_least_1(n_truth));
            m->hota.ass_pr[a] += n * (n / at_least_1(n_track));
        }
    }
}

static void finish(sv_metrics *m) {
    sv_metrics_hota *h = &m->hota;
    double n_truth = (double)m->n_truth_all, n_track = (double)m->n_track_all;
    for (int a = 0; a < SV_HOTA_N_ALPHAS; a++) {
        double tp = h->tp[a];
        h->fn[a] = n_truth - tp;
        h->fp[a] = n_track - tp;
        h->ass_a[a] /= at_least_1(tp);
        h->ass_re[a] /= at_least_1(tp);
        h->ass_pr[a] /= at_least_1(tp);
        h->loc_a[a] = tp > 0 ? h->loc_a[a] / tp : 1;
        h->det_re[a] = tp / at_least_1(n_truth);
        h->det_pr[a] = tp / at_least_1(n_track);
        h->det_a[a] = tp / at_least_1(n_truth + n_track - tp);
        h->hota[a] = sqrt(h->det_a[a] * h->ass_a[a]);
        h->owta[a] = sqrt(h->det_re[a] * h->ass_a[a]);
    }
}

static sv_status score_frames(sv_metrics *m, scratch *s) {
    for (size_t i = 0; i < m->n_frames; i++)
        count_potential(m, s, m->pair_at[i], m->pair_at[i + 1]);
    for (size_t k = 0; k < m->n_slots; k++) {
        double n_truth = (double)m->truth_count[m->slot[k].truth], n_track = (double)m->track_count[m->slot[k].track];
        s->alignment[k] = s->potential[k] / (n_truth + n_track - s->potential[k]);
    }
    for (size_t i = 0; i < m->n_frames; i++) {
        sv_status status = match_frame(m, s, i);
        if (status != SV_OK)
            return status;
    }
    associate(m, s);
    finish(m);
    return SV_OK;
}

sv_status sv_metrics_finish_hota(sv_metrics *m) {
    scratch s = {.potential = calloc(m->n_slots + 1, sizeof *s.potential),
                 .alignment = calloc(m->n_slots + 1, sizeof *s.alignment),
                 .matches = calloc(m->n_slots + 1, sizeof *s.matches),
                 .truth_sum = calloc(m->n_truth_ids + 1, sizeof *s.truth_sum),
                 .track_sum = calloc(m->n_track_ids + 1, sizeof *s.track_sum)};
    bool taken = s.potential && s.alignment && s.matches && s.truth_sum && s.track_sum;
    sv_status status =
        taken ? score_frames(m, &s) : sv_fail(SV_ERR_NOMEM, "no memory for HOTA of %zu pairs of ids", m->n_slots);
    free(s.potential);
    free(s.alignment);
    free(s.matches);
    free(s.truth_sum);
    free(s.track_sum);
    return status;
}
