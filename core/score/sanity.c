/** Would the truth fit better if it were read another way? The commonest reason for a low score. docs/METRICS.md 9. */
#include <core/score/score_parts.h>

#include <skyvox/math.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A way to read the truth: axis k comes from axis[k], times scale[k], plus offset; then moved in time. */
typedef struct reading {
    const char *kind, *text; /* text NULL: made from the numbers */
    int axis[3];
    double scale[3];
    double offset[3];
    sv_time delay; /* the truth's stamps are this much too late */
} reading;

#define AXES(text, a, b, c, sa, sb, sc)                                                                                \
    { "axes", text, {a, b, c}, {sa, sb, sc}, {0, 0, 0}, 0 }
#define SIGN(text, sa, sb, sc)                                                                                         \
    { "sign", text, {0, 1, 2}, {sa, sb, sc}, {0, 0, 0}, 0 }
#define SCALE(text, s)                                                                                                 \
    { "scale", text, {0, 1, 2}, {s, s, s}, {0, 0, 0}, 0 }

static const reading fixed_reading[] = {
    AXES("x and y look swapped", 1, 0, 2, 1, 1, 1),
    AXES("x and z look swapped", 2, 1, 0, 1, 1, 1),
    AXES("y and z look swapped", 0, 2, 1, 1, 1, 1),
    AXES("one of the two looks north-east-down, the other east-north-up", 1, 0, 2, 1, 1, -1),
    AXES("y looks like z, and z like -y", 0, 2, 1, 1, 1, -1),
    AXES("y looks like -z, and z like y", 0, 2, 1, 1, -1, 1),
    SIGN("x looks negated", -1, 1, 1),
    SIGN("y looks negated", 1, -1, 1),
    SIGN("z looks negated", 1, 1, -1),
    SCALE("the truth looks like feet and the tracks like metres", 0.3048),
    SCALE("the tracks look like feet and the truth like metres", 1 / 0.3048),
    SCALE("the truth looks 1000 times too large (millimetres for metres)", 0.001),
    SCALE("the truth looks 1000 times too small (kilometres for metres)", 1000),
};
enum { N_FIXED = sizeof fixed_reading / sizeof *fixed_reading, FRAMES_MAX = 10 };

/* What is being looked for the best of. */
typedef struct search {
    const sv_score_config *config;
    sv_score_sample sample;
    sv_score_truth_row *changed; /* [sample.n_truth] */
    sv_score_trial base, best;
    reading best_reading;
    bool found;
} search;

static sv_vec3 read_as(const reading *r, sv_vec3 v, bool is_place) {
    double in[3] = {v.x, v.y, v.z}, out[3];
    for (int k = 0; k < 3; k++)
        out[k] = in[r->axis[k]] * r->scale[k] + (is_place ? r->offset[k] : 0);
    return (sv_vec3){out[0], out[1], out[2]};
}

/* Clearly better: a fifth of the GOSPA gone, clearly more held, or the held ones much nearer; and it must be a fit, not
 * less of a misfit. */
static bool is_clearly_better(const sv_score_trial *a, const sv_score_trial *base) {
    if (a->held_fraction < 0.4 || a->n_held < 4 || a->held_fraction < base->held_fraction)
        return false;
    bool less = a->gospa_mean_m <= 0.8 * base->gospa_mean_m;
    bool more = a->held_fraction >= base->held_fraction + 0.15 && a->gospa_mean_m < base->gospa_mean_m;
    bool nearer = a->rmse_m <= 0.7 * base->rmse_m && a->gospa_mean_m < base->gospa_mean_m;
    return less || more || nearer;
}

static sv_status offer(search *s, const reading *r) {
    for (size_t i = 0; i < s->sample.n_truth; i++) {
        s->changed[i] = s->sample.truth[i];
        s->changed[i].t -= r->delay;
        s->changed[i].sample.p_w = read_as(r, s->changed[i].sample.p_w, true);
        s->changed[i].sample.v_w = read_as(r, s->changed[i].sample.v_w, false);
    }
    sv_score_trial trial;
    sv_status status =
        sv_score_try(&trial, s->config, s->changed, s->sample.n_truth, s->sample.track, s->sample.n_tracks);
    if (status != SV_OK || !is_clearly_better(&trial, &s->base) ||
        (s->found && trial.gospa_mean_m >= s->best.gospa_mean_m))
        return status;
    s->best = trial;
    s->best_reading = *r;
    s->found = true;
    return SV_OK;
}

/* ---- delays ---- */

static bool less_time(const void *a, const void *b, void *user) {
    (void)user;
    return *(const sv_time *)a < *(const sv_time *)b;
}

static sv_status offer_delays(search *s, sv_time step) {
    reading r = {.kind = "delay", .axis = {0, 1, 2}, .scale = {1, 1, 1}};
    for (int k = -FRAMES_MAX; step > 0 && k <= FRAMES_MAX; k++) {
        r.delay = k * step;
        sv_status status = k == 0 ? SV_OK : offer(s, &r);
        if (status != SV_OK)
            return status;
    }
    return SV_OK;
}

/* ---- a constant offset: where the differences of all tracks and truths at one time gather ---- */

typedef struct vote {
    int64_t cell;
    sv_vec3 difference;
} vote;

static bool less_cell(const void *a, const void *b, void *user) {
    (void)user;
    return ((const vote *)a)->cell < ((const vote *)b)->cell;
}

static int64_t cell_of(sv_vec3 d, double size) {
    int64_t x = sv_floor_i64(d.x / size) & 0xfffff, y = sv_floor_i64(d.y / size) & 0xfffff;
    return (x << 40) | (y << 20) | (sv_floor_i64(d.z / size) & 0xfffff);
}

/* Differences at about 20 stamps; a track belongs to a stamp when it has a row within 1 us of it. */
static size_t take_votes(vote *out, size_t cap, const sv_score_sample *s, double size) {
    size_t n = 0, j0 = 0, every = s->n_truth / 20 + 1;
    sv_time last = INT64_MIN;
    size_t n_since = every;
    for (size_t i = 0; i < s->n_truth; i++) {
        sv_time t = s->truth[i].t;
        n_since++;
        if (t != last && n_since < every)
            continue;
        n_since = t != last ? 0 : n_since;
        last = t;
        while (j0 < s->n_tracks && s->track[j0].t < t - SV_SCORE_SAME_TIME_NS)
            j0++;
        for (size_t j = j0; n < cap && j < s->n_tracks && s->track[j].t <= t + SV_SCORE_SAME_TIME_NS; j++) {
            sv_vec3 d = sv_vec3_sub(s->track[j].p_w, s->truth[i].sample.p_w);
            out[n++] = (vote){.cell = cell_of(d, size), .difference = d};
        }
    }
    return n;
}

/* Mean of the fullest cell, then of all within a cell's size of it. */
static bool find_gathering(sv_vec3 *out, const vote *v, size_t n, double size) {
    size_t best = 0, n_best = 0, first = 0;
    for (size_t i = 0; i < n; i++) {
        first = i > 0 && v[i].cell == v[i - 1].cell ? first : i;
        if (i + 1 - first > n_best) {
            n_best = i + 1 - first;
            best = first;
        }
    }
    if (n_best < 3)
        return false;
    sv_vec3 centre = v[best].difference;
    for (int round = 0; round < 3; round++) {
        sv_vec3 sum = {0};
        double n_near = 0;
        for (size_t i = 0; i < n; i++) {
            if (sv_vec3_norm(sv_vec3_sub(v[i].difference, centre)) > size)
                continue;
            sum = sv_vec3_add(sum, v[i].difference);
            n_near++;
        }
        centre = n_near > 0 ? sv_vec3_scale(sum, 1 / n_near) : centre;
    }
    *out = centre;
    return true;
}

static sv_status offer_offset(search *s) {
    enum { VOTES_CAP = 200000 };
    double size = 2 * s->config->gate_m;
    vote *v = calloc(2 * VOTES_CAP, sizeof *v);
    if (!v)
        return sv_fail(SV_ERR_NOMEM, "no memory for an offset");
    size_t n = take_votes(v, VOTES_CAP, &s->sample, size);
    sv_sort(v, n, sizeof *v, less_cell, NULL, v + VOTES_CAP);
    sv_vec3 d = {0};
    bool found = find_gathering(&d, v, n, size);
    free(v);
    reading r = {.kind = "offset", .axis = {0, 1, 2}, .scale = {1, 1, 1}, .offset = {d.x, d.y, d.z}};
    return found ? offer(s, &r) : SV_OK;
}

/* ---- what is said ---- */

static void say(sv_sanity *out, const search *s, sv_time step) {
    const reading *r = &s->best_reading;
    out->kind = r->kind;
    double less = s->base.gospa_mean_m > 0 ? 1 - s->best.gospa_mean_m / s->base.gospa_mean_m : 0;
    double nearer = s->base.rmse_m > 0 ? 1 - s->best.rmse_m / s->base.rmse_m : 0;
    bool same_held = s->best.held_fraction < s->base.held_fraction + 0.15;
    out->better_by = same_held && nearer > less ? nearer : less;
    if (r->text) {
        snprintf(out->text, sizeof out->text, "%s", r->text);
    } else if (r->delay != 0) {
        int64_t n = (r->delay > 0 ? r->delay : -r->delay) / step;
        snprintf(out->text, sizeof out->text, "the truth looks %lld frame%s (%.3f s) too %s", (long long)n,
                 n == 1 ? "" : "s", fabs(sv_time_to_s(r->delay)), r->delay > 0 ? "late" : "early");
    } else {
        snprintf(out->text, sizeof out->text, "the tracks look shifted by (%.2f, %.2f, %.2f) m against the truth",
                 r->offset[0], r->offset[1], r->offset[2]);
    }
}

static sv_status find_best(search *s, sv_time step) {
    sv_status status =
        sv_score_try(&s->base, s->config, s->sample.truth, s->sample.n_truth, s->sample.track, s->sample.n_tracks);
    for (int k = 0; status == SV_OK && k < N_FIXED; k++)
        status = offer(s, &fixed_reading[k]);
    if (status == SV_OK)
        status = offer_delays(s, step);
    return status == SV_OK ? offer_offset(s) : status;
}

/* ---- ids ---- */

/* First and last row of one id. */
typedef struct life {
    sv_time begin, end, before_end; /* before_end: the row before the last */
    sv_vec3 p_begin, p_end, p_before_end;
    int64_t id, n;
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

/* b begins one step after a ends, where a would have been. */
static bool goes_on(const life *a, const life *b, sv_time step, double gate_m) {
    sv_time gap = b->begin - a->end;
    if (gap <= 0 || gap > step + step / 2 || a->n < 3 || a->end <= a->before_end)
        return false;
    double f = (double)gap / (double)(a->end - a->before_end);
    sv_vec3 p = sv_vec3_mad(a->p_end, sv_vec3_sub(a->p_end, a->p_before_end), f);
    return sv_vec3_norm(sv_vec3_sub(p, b->p_begin)) <= gate_m;
}

/* One id that hands over to another in mid-flight, each of them at least a fifth of the longest. Where a long one hands
 * over more than once, to whatever, it is a tracker's doing. */
static void look_for_handover(sv_sanity *finding, size_t *n, const life *l, size_t n_lives, sv_time step, double gate_m,
                              bool of_targets) {
    int64_t longest = 0;
    size_t n_found = 0, from = 0, to = 0;
    for (size_t i = 0; i < n_lives; i++)
        longest = l[i].n > longest ? l[i].n : longest;
    for (size_t i = 0; i < n_lives; i++) {
        for (size_t k = 0; 5 * l[i].n >= longest && k < n_lives; k++) {
            bool comes_from_short = 5 * l[k].n < longest && goes_on(&l[k], &l[i], step, gate_m);
            n_found += comes_from_short;
            if (k == i || !goes_on(&l[i], &l[k], step, gate_m))
                continue;
            n_found++;
            from = i;
            to = k;
        }
    }
    if (n_found != 1 || from == to || 5 * l[from].n < longest || 5 * l[to].n < longest || *n == SV_SANITY_CAP)
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

/* ---- outside ---- */

static sv_status look_at_places(sv_sanity *finding, size_t *n, const sv_score_config *config, const rows *truth,
                                const rows *tracks) {
    search s = {.config = config};
    sv_status status =
        sv_score_sample_take(&s.sample, config, truth->truth, truth->n, tracks->track, tracks->n, 100, 40000);
    if (status != SV_OK)
        return status;
    int64_t *scratch = calloc(2 * truth->n + 1, sizeof *scratch);
    s.changed = calloc(s.sample.n_truth + 1, sizeof *s.changed);
    sv_time step = scratch ? median_step(truth, scratch) : 0;
    if (!scratch || !s.changed)
        status = sv_fail(SV_ERR_NOMEM, "no memory for a part of the truth");
    else if (s.sample.n_truth > 0 && s.sample.n_tracks > 0)
        status = find_best(&s, step);
    if (status == SV_OK && s.found)
        say(&finding[(*n)++], &s, step);
    free(scratch);
    free(s.changed);
    free(s.sample.truth);
    free(s.sample.track);
    return status;
}

sv_status sv_score_sanity(sv_sanity *finding, size_t *n, const sv_score_config *config, const sv_score_truth_row *truth,
                          size_t n_truth, const sv_score_track_row *tracks, size_t n_tracks) {
    static const sv_score_truth_row no_truth;
    rows of_truth = {.truth = n_truth > 0 ? truth : &no_truth, .n = n_truth},
         of_tracks = {.track = tracks, .n = n_tracks};
    *n = 0;
    sv_status status = look_at_places(finding, n, config, &of_truth, &of_tracks);
    if (status == SV_OK)
        status = look_at_ids(finding, n, config, &of_truth);
    if (status == SV_OK)
        status = look_at_ids(finding, n, config, &of_tracks);
    return status;
}
