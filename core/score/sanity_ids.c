/** Does one id go on as another in mid-flight? A truth or a track that was renumbered. docs/METRICS.md 9. */
#include <core/score/score_parts.h>

#include <skyvox/math.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* First and last row of one id. */
typedef struct life {
    sv_time begin, end, before_end; /* before_end: the row before the last */
    sv_vec3 p_begin, p_end, p_before_end;
    int64_t id, n;
    size_t from; /* the id that it goes on from, and by how much it misses */
    double miss;
} life;

static void live(life *l, sv_time t, sv_vec3 p) {
    if (l->n++ == 0) {
        l->begin = t;
        l->p_begin = p;
    }
    l->before_end = l->end;
    l->p_before_end = l->p_end;
    l->end = t;
    l->p_end = p;
}

/* How far from where a would have been b begins, one step after a ends; infinite at any other time. */
static double miss(const life *a, const life *b, sv_time step) {
    sv_time gap = b->begin - a->end;
    if (gap <= 0 || gap > step + step / 2 || a->n < 3 || a->end <= a->before_end)
        return INFINITY;
    double f = (double)gap / (double)(a->end - a->before_end);
    sv_vec3 p = sv_vec3_mad(a->p_end, sv_vec3_sub(a->p_end, a->p_before_end), f);
    return sv_vec3_norm(sv_vec3_sub(p, b->p_begin));
}

static void hand_over(life *l, size_t from, size_t to, sv_time step) {
    double d = miss(&l[from], &l[to], step);
    if (d >= l[to].miss)
        return;
    l[to].miss = d;
    l[to].from = from;
}

/* One id that hands over to another in mid-flight, each of them at least a fifth of the longest. Where a long one hands
 * over more than once, to whatever, it is a tracker's doing. Every id comes from the nearest that it can come from. */
static void look_for_handover(sv_sanity *finding, size_t *n, life *l, size_t n_lives, sv_time step, double gate_m,
                              bool of_targets) {
    int64_t longest = 0;
    size_t n_found = 0, from = 0, to = 0;
    for (size_t i = 0; i < n_lives; i++) {
        longest = l[i].n > longest ? l[i].n : longest;
        l[i].miss = INFINITY;
    }
    for (size_t i = 0; i < n_lives; i++) {
        for (size_t k = 0; 5 * l[i].n >= longest && k < n_lives; k++) {
            hand_over(l, i, k, step);
            hand_over(l, k, i, step);
        }
    }
    for (size_t k = 0; k < n_lives; k++) {
        if (l[k].miss > gate_m)
            continue;
        n_found++;
        from = l[k].from;
        to = k;
    }
    if (n_found != 1 || 5 * l[from].n < longest || 5 * l[to].n < longest || *n == SV_SANITY_CAP)
        return;
    sv_sanity *out = &finding[(*n)++];
    int64_t less = l[from].n < l[to].n ? l[from].n : l[to].n;
    out->kind = "renumbered";
    out->better_by = (double)less / (double)(l[from].n + l[to].n);
    out->from_id = l[from].id;
    out->to_id = l[to].id;
    out->of_targets = of_targets;
    snprintf(out->text, sizeof out->text, "%s %lld goes on as %lld at %.3f s: one id looks renumbered",
             of_targets ? "target" : "track", (long long)l[from].id, (long long)l[to].id, sv_time_to_s(l[to].begin));
}

/* A row of either table. */
typedef struct spot {
    sv_time t;
    int64_t id;
    sv_vec3 p;
} spot;

typedef struct rows {
    const sv_score_truth_row *truth; /* one of the two */
    const sv_score_track_row *track;
    size_t n;
} rows;

static spot spot_of(const rows *r, size_t i) {
    if (r->truth)
        return (spot){r->truth[i].t, r->truth[i].sample.target, r->truth[i].sample.p_w};
    return (spot){r->track[i].t, r->track[i].track, r->track[i].p_w};
}

/* Lives of all ids, in the order of the ids; id is [2 n]. */
static life *take_lives(size_t *n_lives, const rows *r, int64_t *id) {
    for (size_t i = 0; i < r->n; i++)
        id[i] = spot_of(r, i).id;
    *n_lives = sv_score_unique(id, r->n, id + r->n);
    life *l = calloc(*n_lives + 1, sizeof *l);
    for (size_t i = 0; l && i < r->n; i++) {
        spot at = spot_of(r, i);
        life *of = &l[sv_score_place(id, *n_lives, at.id)];
        of->id = at.id;
        live(of, at.t, at.p);
    }
    return l;
}

static bool less_time(const void *a, const void *b, void *user) {
    (void)user;
    return *(const sv_time *)a < *(const sv_time *)b;
}

/* Median step between the times of the rows; 0 with fewer than two. all is [2 n]. */
static sv_time median_step(const rows *r, sv_time *all) {
    size_t n = 0;
    for (size_t i = 1; i < r->n; i++) {
        sv_time step = spot_of(r, i).t - spot_of(r, i - 1).t;
        if (step > 0)
            all[n++] = step;
    }
    sv_sort(all, n, sizeof *all, less_time, NULL, all + r->n);
    return n > 0 ? all[n / 2] : 0;
}

static sv_status look_at_ids(sv_sanity *finding, size_t *n, const sv_score_config *config, const rows *r) {
    int64_t *scratch = calloc(2 * r->n + 1, sizeof *scratch);
    sv_time step = scratch ? median_step(r, scratch) : 0;
    size_t n_lives = 0;
    life *l = scratch ? take_lives(&n_lives, r, scratch) : NULL;
    if (l)
        look_for_handover(finding, n, l, n_lives, step, config->gate_m, r->truth != NULL);
    bool taken = scratch && l;
    free(scratch);
    free(l);
    return taken ? SV_OK : sv_fail(SV_ERR_NOMEM, "no memory for the ids of %zu rows", r->n);
}

sv_time sv_sanity_truth_step(const sv_score_truth_row *truth, size_t n, sv_time *scratch) {
    return n > 0 ? median_step(&(rows){.truth = truth, .n = n}, scratch) : 0;
}

sv_status sv_sanity_look_at_ids(sv_sanity *finding, size_t *n, const sv_score_config *config,
                                const sv_score_truth_row *truth, size_t n_truth, const sv_score_track_row *tracks,
                                size_t n_tracks) {
    sv_status status = SV_OK;
    if (n_truth > 0)
        status = look_at_ids(finding, n, config, &(rows){.truth = truth, .n = n_truth});
    if (status == SV_OK && n_tracks > 0)
        status = look_at_ids(finding, n, config, &(rows){.track = tracks, .n = n_tracks});
    return status;
}
