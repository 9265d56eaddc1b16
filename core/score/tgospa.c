/** T-GOSPA, linear-programming form (Garcia-Fernandez, Rahmathullah, Svensson, 2020). docs/METRICS.md 8.
 *
 * Between frames a pair may stay assigned without cost while one of its two is absent or they are far apart, so a pair
 * that is never closer than c is worth nothing, and pairs that share no id, not even through others, are independent. */
#include <core/score/metrics_parts.h>

#include <skyvox/math.h>

#include <math.h>
#include <stdlib.h>

static double power(double d, double p) {
    return p == 2 ? d * d : sv_pow(d, p);
}

/* ---- one truth or one track: shortest path over "alone" and its partners ---- */

typedef struct path {
    double cost; /* against being alone always */
    double localisation;
    int64_t n_pairs, n_changes;
} path;

static path change(path p, double switch_p) {
    p.cost += switch_p;
    p.n_changes++;
    return p;
}

sv_status sv_tgospa_path(sv_tgospa_sums *out, const sv_tgospa_group *g) {
    path *with = calloc(g->n_arcs, sizeof *with), alone = {0};
    if (!with)
        return sv_fail(SV_ERR_NOMEM, "no memory for T-GOSPA");
    for (size_t k = 0; k < g->n_frames; k++) {
        // A change of partner goes through being alone: two changes. The first choice is free.
        for (size_t a = 0; k > 0 && a < g->n_arcs; a++)
            if (with[a].cost + g->switch_p < alone.cost)
                alone = change(with[a], g->switch_p);
        for (size_t a = 0; a < g->n_arcs; a++) {
            if (k > 0 && alone.cost + g->switch_p < with[a].cost)
                with[a] = change(alone, g->switch_p);
            double d_p = g->cost_p[k * g->n_arcs + a];
            with[a].cost += d_p - g->cutoff_p;
            with[a].localisation += d_p < g->cutoff_p ? d_p : 0;
            with[a].n_pairs += d_p < g->cutoff_p;
        }
    }
    path best = alone;
    for (size_t a = 0; a < g->n_arcs; a++)
        best = with[a].cost < best.cost ? with[a] : best;
    *out = (sv_tgospa_sums){.localisation = best.localisation,
                            .n_pairs = (double)best.n_pairs,
                            .n_changes = (double)best.n_changes,
                            .integral = true};
    free(with);
    return SV_OK;
}

/* ---- groups ---- */

/* Slots and the frames in which they are near, by group. */
typedef struct plan {
    int32_t *parent;          /* [truth ids + track ids] union-find */
    size_t *slot_at;          /* [n_slots + 1] first entry of each slot */
    int32_t *frame;           /* [n_entries] by slot, then time */
    double *d;                /* [n_entries] */
    int32_t *order, *scratch; /* [n_slots] slots with an entry, by group */
    size_t n_order;
    int32_t *number;      /* [ids] within a group, -1 */
    int32_t *frame_place; /* [n_frames] within a group, -1 */
    sv_tgospa_arc *arc;
    size_t arc_cap;
    double *cost;
    size_t cost_cap;
} plan;

static int32_t find(int32_t *parent, int32_t i) {
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

static int32_t track_node(const sv_metrics *m, int32_t slot) {
    return (int32_t)m->n_truth_ids + m->slot[slot].track;
}

/* Near pairs by slot, and which ids hang together. */
static void sort_entries(plan *p, const sv_metrics *m) {
    double c = m->config.cutoff_m;
    for (size_t k = 0; k < m->n_pairs; k++)
        p->slot_at[m->pair_slot[k] + 1] += m->pair_d[k] < c;
    for (size_t s = 0; s < m->n_slots; s++)
        p->slot_at[s + 1] += p->slot_at[s];
    for (size_t i = 0; i < m->n_frames; i++) {
        for (size_t k = m->pair_at[i]; k < m->pair_at[i + 1]; k++) {
            if (m->pair_d[k] >= c)
                continue;
            size_t at = p->slot_at[m->pair_slot[k]]++;
            p->frame[at] = (int32_t)i;
            p->d[at] = m->pair_d[k];
        }
    }
    for (size_t s = m->n_slots; s > 0; s--)
        p->slot_at[s] = p->slot_at[s - 1];
    p->slot_at[0] = 0;

    for (size_t i = 0; i < m->n_truth_ids + m->n_track_ids; i++)
        p->parent[i] = (int32_t)i;
    for (size_t s = 0; s < m->n_slots; s++) {
        if (p->slot_at[s] == p->slot_at[s + 1])
            continue;
        int32_t a = find(p->parent, m->slot[s].truth), b = find(p->parent, track_node(m, (int32_t)s));
        p->parent[a > b ? a : b] = a > b ? b : a;
        p->order[p->n_order++] = (int32_t)s;
    }
}

typedef struct by_group {
    plan *plan;
    const sv_metrics *metrics;
} by_group;

static bool less_slot(const void *a, const void *b, void *user) {
    const by_group *u = user;
    int32_t sa = *(const int32_t *)a, sb = *(const int32_t *)b;
    int32_t ga = find(u->plan->parent, u->metrics->slot[sa].truth),
            gb = find(u->plan->parent, u->metrics->slot[sb].truth);
    return ga != gb ? ga < gb : sa < sb;
}

/* Places of the frames in which anything of the group is near, in the order of time. */
static size_t place_frames(plan *p, const sv_metrics *m, const int32_t *slot, size_t n_arcs) {
    for (size_t a = 0; a < n_arcs; a++)
        for (size_t e = p->slot_at[slot[a]]; e < p->slot_at[slot[a] + 1]; e++)
            p->frame_place[p->frame[e]] = 0;
    size_t n = 0;
    for (size_t i = 0; i < m->n_frames; i++)
        if (p->frame_place[i] >= 0)
            p->frame_place[i] = (int32_t)n++;
    return n;
}

static int32_t number_of(plan *p, int32_t node, int32_t *n) {
    if (p->number[node] < 0)
        p->number[node] = (*n)++;
    return p->number[node];
}

static sv_status make_group(sv_tgospa_group *g, plan *p, const sv_metrics *m, const int32_t *slot, size_t n_arcs) {
    double order = m->config.order;
    *g = (sv_tgospa_group){.n_arcs = n_arcs,
                           .cutoff_p = power(m->config.cutoff_m, order),
                           .switch_p = power(m->config.tgospa_gamma, order) / 2};
    g->n_frames = place_frames(p, m, slot, n_arcs);
    sv_status status = sv_metrics_grow((void **)&p->arc, &p->arc_cap, n_arcs, sizeof *p->arc);
    bool one = true;
    for (size_t a = 0; status == SV_OK && a < n_arcs; a++)
        p->arc[a] = (sv_tgospa_arc){.truth = number_of(p, m->slot[slot[a]].truth, &g->n_truths),
                                    .track = number_of(p, track_node(m, slot[a]), &g->n_tracks)};
    one = g->n_truths == 1 || g->n_tracks == 1;
    if (status == SV_OK && !one && n_arcs * g->n_frames > m->config.tgospa_cap)
        status = SV_ERR_LIMIT;
    if (status == SV_OK)
        status = sv_metrics_grow((void **)&p->cost, &p->cost_cap, n_arcs * g->n_frames, sizeof *p->cost);
    if (status == SV_OK) {
        for (size_t i = 0; i < n_arcs * g->n_frames; i++)
            p->cost[i] = g->cutoff_p;
        for (size_t a = 0; a < n_arcs; a++)
            for (size_t e = p->slot_at[slot[a]]; e < p->slot_at[slot[a] + 1]; e++)
                p->cost[(size_t)p->frame_place[p->frame[e]] * n_arcs + a] = power(p->d[e], order);
    }

    for (size_t a = 0; a < n_arcs; a++) {
        p->number[m->slot[slot[a]].truth] = p->number[track_node(m, slot[a])] = -1;
        for (size_t e = p->slot_at[slot[a]]; e < p->slot_at[slot[a] + 1]; e++)
            p->frame_place[p->frame[e]] = -1;
    }
    g->arc = p->arc;
    g->cost_p = p->cost;
    return status;
}

static sv_status solve_groups(sv_tgospa_sums *sums, plan *p, const sv_metrics *m) {
    *sums = (sv_tgospa_sums){.integral = true};
    size_t end = 0;
    for (size_t first = 0; first < p->n_order; first = end) {
        int32_t root = find(p->parent, m->slot[p->order[first]].truth);
        for (end = first + 1; end < p->n_order && find(p->parent, m->slot[p->order[end]].truth) == root;)
            end++;
        sv_tgospa_group g;
        sv_tgospa_sums part;
        sv_status status = make_group(&g, p, m, p->order + first, end - first);
        if (status == SV_OK)
            status = g.n_truths == 1 || g.n_tracks == 1 ? sv_tgospa_path(&part, &g) : sv_tgospa_program(&part, &g);
        if (status != SV_OK)
            return status;
        sums->localisation += part.localisation;
        sums->n_pairs += part.n_pairs;
        sums->n_changes += part.n_changes;
        sums->integral = sums->integral && part.integral;
    }
    return SV_OK;
}

static sv_status solve(sv_tgospa_sums *sums, plan *p, const sv_metrics *m) {
    sort_entries(p, m);
    by_group user = {p, m};
    sv_sort(p->order, p->n_order, sizeof *p->order, less_slot, &user, p->scratch);
    for (size_t i = 0; i < m->n_frames; i++)
        p->frame_place[i] = -1;
    for (size_t i = 0; i < m->n_truth_ids + m->n_track_ids; i++)
        p->number[i] = -1;
    return solve_groups(sums, p, m);
}

sv_status sv_metrics_finish_tgospa(sv_metrics *m) {
    size_t n_ids = m->n_truth_ids + m->n_track_ids;
    plan p = {.parent = calloc(n_ids + 1, sizeof *p.parent),
              .slot_at = calloc(m->n_slots + 2, sizeof *p.slot_at),
              .frame = calloc(m->n_pairs + 1, sizeof *p.frame),
              .d = calloc(m->n_pairs + 1, sizeof *p.d),
              .order = calloc(m->n_slots + 1, sizeof *p.order),
              .scratch = calloc(m->n_slots + 1, sizeof *p.scratch),
              .number = calloc(n_ids + 1, sizeof *p.number),
              .frame_place = calloc(m->n_frames + 1, sizeof *p.frame_place)};
    bool taken = p.parent && p.slot_at && p.frame && p.d && p.order && p.scratch && p.number && p.frame_place;
    sv_tgospa_sums sums = {0};
    sv_status status = taken ? solve(&sums, &p, m) : sv_fail(SV_ERR_NOMEM, "no memory for T-GOSPA");
    void *const owned[] = {p.parent,  p.slot_at, p.frame,       p.d,   p.order,
                           p.scratch, p.number,  p.frame_place, p.arc, p.cost};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);

    // Too large, or given up: the figure is missing, the score is not.
    m->tgospa = (sv_metrics_tgospa){.available = status == SV_OK};
    if (status != SV_OK)
        return status == SV_ERR_LIMIT || status == SV_ERR_DEGENERATE ? SV_OK : status;
    double order = m->config.order, half = power(m->config.cutoff_m, order) / 2;
    sv_metrics_tgospa *t = &m->tgospa;
    t->integral = sums.integral;
    t->localisation = sums.localisation;
    t->missed = half * ((double)m->n_truth_all - sums.n_pairs);
    t->false_part = half * ((double)m->n_track_all - sums.n_pairs);
    t->switching = power(m->config.tgospa_gamma, order) / 2 * sums.n_changes;
    t->total_p = t->localisation + t->missed + t->false_part + t->switching;
    t->distance = order == 2 ? sqrt(t->total_p) : sv_pow(t->total_p, 1 / order);
    return SV_OK;
}
