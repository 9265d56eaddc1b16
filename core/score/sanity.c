/** Would the truth fit better if it were read another way? The commonest reason for a low score. docs/METRICS.md 9. */
#include <core/score/score_parts.h>

#include <skyvox/math.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A way to read the truth: axis k comes from axis[k], times scale[k], plus offset; then moved in time. */
typedef struct reading {
    const char *kind, *text; /* of axes and signs; NULL: as they are */
    const char *unit;        /* what is said of the scale; NULL: as it is */
    int axis[3];
    double scale[3];
    double offset[3];
    sv_time delay; /* the truth's stamps are this much too late */
} reading;

#define AXES(text, a, b, c, sa, sb, sc)                                                                                \
    { "axes", text, NULL, {a, b, c}, {sa, sb, sc}, {0, 0, 0}, 0 }
#define SIGN(text, sa, sb, sc)                                                                                         \
    { "sign", text, NULL, {0, 1, 2}, {sa, sb, sc}, {0, 0, 0}, 0 }
#define UNIT(text, s)                                                                                                  \
    { NULL, NULL, text, {0, 1, 2}, {s, s, s}, {0, 0, 0}, 0 }

static const reading as_it_is = {.axis = {0, 1, 2}, .scale = {1, 1, 1}};

static const reading place_reading[] = {
    AXES("x and y look swapped", 1, 0, 2, 1, 1, 1),
    AXES("x and z look swapped", 2, 1, 0, 1, 1, 1),
    AXES("y and z look swapped", 0, 2, 1, 1, 1, 1),
    AXES("one of the two looks north-east-down, the other east-north-up", 1, 0, 2, 1, 1, -1),
    AXES("y looks like z, and z like -y", 0, 2, 1, 1, 1, -1),
    AXES("y looks like -z, and z like y", 0, 2, 1, 1, -1, 1),
    SIGN("x looks negated", -1, 1, 1),
    SIGN("y looks negated", 1, -1, 1),
    SIGN("z looks negated", 1, 1, -1),
};

static const reading unit_reading[] = {
    UNIT("the truth looks like feet and the tracks like metres", 0.3048),
    UNIT("the tracks look like feet and the truth like metres", 1 / 0.3048),
    UNIT("the truth looks 1000 times too large (millimetres for metres)", 0.001),
    UNIT("the truth looks 1000 times too small (kilometres for metres)", 1000),
};

enum {
    N_PLACES = sizeof place_reading / sizeof *place_reading,
    N_UNITS = sizeof unit_reading / sizeof *unit_reading,
    FRAMES_MAX = 10,
};

static bool has_offset(const reading *r) {
    return r->offset[0] != 0 || r->offset[1] != 0 || r->offset[2] != 0;
}

/* How much is supposed to be wrong; an offset counts twice, it has three numbers to fit whatever errors there are. */
static int count_wrong(const reading *r) {
    return (r->text != NULL) + (r->unit != NULL) + (r->delay != 0) + 2 * has_offset(r);
}

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

static sv_status try_reading(sv_score_trial *out, search *s, const reading *r, const sv_score_config *config) {
    for (size_t i = 0; i < s->sample.n_truth; i++) {
        s->changed[i] = s->sample.truth[i];
        s->changed[i].t -= r->delay;
        s->changed[i].sample.p_w = read_as(r, s->changed[i].sample.p_w, true);
        s->changed[i].sample.v_w = read_as(r, s->changed[i].sample.v_w, false);
    }
    return sv_score_try(out, config, s->changed, s->sample.n_truth, s->sample.track, s->sample.n_tracks);
}

/* Clearly better than the files as they are: a fifth of the GOSPA gone, clearly more held, or the held ones much nearer;
 * and it must be a fit, not less of a misfit. Of an offset only the first is believed. */
static bool is_clearly_better(const sv_score_trial *a, const sv_score_trial *base, const reading *r) {
    if (a->held_fraction < 0.4 || a->n_held < 4 || a->held_fraction < base->held_fraction ||
        a->gospa_mean_m >= base->gospa_mean_m)
        return false;
    bool less = a->gospa_mean_m <= 0.8 * base->gospa_mean_m;
    bool more = a->held_fraction >= base->held_fraction + 0.15;
    bool nearer = a->rmse_m <= (r->delay != 0 ? 0.8 : 0.7) * base->rmse_m;
    return less || (!has_offset(r) && (more || nearer));
}

/* Fits better than the best so far. Of two delays the one that holds more, or else the nearer one, because GOSPA is ruled
 * by the ends of the flights there; what supposes more to be wrong must fit by a fifth better, or be much nearer. */
static bool fits_better(const sv_score_trial *a, const reading *ra, const sv_score_trial *b, const reading *rb) {
    double held = a->held_fraction - b->held_fraction;
    int more_wrong = count_wrong(ra) - count_wrong(rb);
    bool alike = held > -0.05 && held < 0.05 && !has_offset(ra) && !has_offset(rb);
    if (more_wrong == 0 && ra->delay != 0 && rb->delay != 0)
        return alike ? a->rmse_m < b->rmse_m : held > 0;
    if (alike && more_wrong > 0 && a->rmse_m <= 0.8 * b->rmse_m)
        return true;
    return a->gospa_mean_m * sv_pow(1.25, count_wrong(ra)) < b->gospa_mean_m * sv_pow(1.25, count_wrong(rb));
}

static sv_status offer(search *s, const reading *r) {
    sv_score_trial trial;
    sv_status status = try_reading(&trial, s, r, s->config);
    if (status != SV_OK || !is_clearly_better(&trial, &s->base, r) ||
        (s->found && !fits_better(&trial, r, &s->best, &s->best_reading)))
        return status;
    s->best = trial;
    s->best_reading = *r;
    s->found = true;
    return SV_OK;
}

static sv_status offer_delays(search *s, const reading *from, sv_time step) {
    reading r = *from;
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
    found = found && sv_vec3_norm(d) >= s->config->gate_m / 2; // less is an error of poses, not of reading
    reading r = as_it_is;
    r.offset[0] = d.x;
    r.offset[1] = d.y;
    r.offset[2] = d.z;
    return found ? offer(s, &r) : SV_OK;
}

/* ---- more than one thing wrong ---- */

/* Axes and unit that fit best within a wide reach, as a delay on top moves flights by metres; then its delays. */
static sv_status offer_several(search *s, sv_time step) {
    sv_score_config wide = *s->config;
    wide.cutoff_m *= 5;
    reading best = as_it_is;
    double least = INFINITY;
    for (int k = -1; k < N_PLACES; k++) {
        for (int u = -1; u < N_UNITS; u++) {
            reading r = k < 0 ? as_it_is : place_reading[k];
            for (int axis = 0; u >= 0 && axis < 3; axis++)
                r.scale[axis] *= unit_reading[u].scale[axis];
            r.unit = u < 0 ? NULL : unit_reading[u].unit;
            sv_score_trial trial;
            sv_status status = try_reading(&trial, s, &r, &wide);
            if (status != SV_OK)
                return status;
            best = trial.gospa_mean_m < least ? r : best;
            least = trial.gospa_mean_m < least ? trial.gospa_mean_m : least;
        }
    }
    sv_status status = offer(s, &best);
    return status == SV_OK ? offer_delays(s, &best, step) : status;
}

static sv_status find_best(search *s, sv_time step) {
    sv_status status =
        sv_score_try(&s->base, s->config, s->sample.truth, s->sample.n_truth, s->sample.track, s->sample.n_tracks);
    for (int k = 0; status == SV_OK && k < N_PLACES; k++)
        status = offer(s, &place_reading[k]);
    for (int k = 0; status == SV_OK && k < N_UNITS; k++)
        status = offer(s, &unit_reading[k]);
    if (status == SV_OK)
        status = offer_delays(s, &as_it_is, step);
    if (status == SV_OK)
        status = offer_offset(s);
    bool poor = s->base.held_fraction < 0.4;
    return status == SV_OK && poor ? offer_several(s, step) : status;
}

/* ---- what is said ---- */

static double better_by(const search *s) {
    double less = s->base.gospa_mean_m > 0 ? 1 - s->best.gospa_mean_m / s->base.gospa_mean_m : 0;
    double nearer = s->base.rmse_m > 0 ? 1 - s->best.rmse_m / s->base.rmse_m : 0;
    bool same_held = s->best.held_fraction < s->base.held_fraction + 0.15;
    return same_held && nearer > less ? nearer : less;
}

/* One finding for each thing that is wrong; better_by is that of all together. */
static void say(sv_sanity finding[SV_SANITY_CAP], size_t *n, const search *s, sv_time step) {
    const reading *r = &s->best_reading;
    sv_sanity *out = &finding[*n];
    if (r->text) {
        *out = (sv_sanity){.kind = r->kind};
        snprintf(out++->text, sizeof out->text, "%s", r->text);
    }
    if (r->unit) {
        *out = (sv_sanity){.kind = "scale"};
        snprintf(out++->text, sizeof out->text, "%s", r->unit);
    }
    if (r->delay != 0) {
        int64_t frames = (r->delay > 0 ? r->delay : -r->delay) / step;
        *out = (sv_sanity){.kind = "delay"};
        snprintf(out++->text, sizeof out->text, "the truth looks %lld frame%s (%.3f s) too %s", (long long)frames,
                 frames == 1 ? "" : "s", fabs(sv_time_to_s(r->delay)), r->delay > 0 ? "late" : "early");
    }
    if (has_offset(r)) {
        *out = (sv_sanity){.kind = "offset"};
        snprintf(out++->text, sizeof out->text, "the tracks look shifted by (%.2f, %.2f, %.2f) m against the truth",
                 r->offset[0], r->offset[1], r->offset[2]);
    }
    for (; &finding[*n] < out; ++*n)
        finding[*n].better_by = better_by(s);
}

/* ---- outside ---- */

static sv_status look_at_places(sv_sanity *finding, size_t *n, const sv_score_config *config,
                                const sv_score_truth_row *truth, size_t n_truth, const sv_score_track_row *tracks,
                                size_t n_tracks) {
    search s = {.config = config};
    sv_status status = sv_score_sample_take(&s.sample, config, truth, n_truth, tracks, n_tracks, 400, 20000);
    if (status != SV_OK)
        return status;
    int64_t *scratch = calloc(2 * n_truth + 1, sizeof *scratch);
    s.changed = calloc(s.sample.n_truth + 1, sizeof *s.changed);
    sv_time step = scratch ? sv_sanity_truth_step(truth, n_truth, scratch) : 0;
    if (!scratch || !s.changed)
        status = sv_fail(SV_ERR_NOMEM, "no memory for a part of the truth");
    else if (s.sample.n_truth > 0 && s.sample.n_tracks > 0)
        status = find_best(&s, step);
    if (status == SV_OK && s.found)
        say(finding, n, &s, step);
    free(scratch);
    free(s.changed);
    free(s.sample.truth);
    free(s.sample.track);
    return status;
}

sv_status sv_score_sanity(sv_sanity *finding, size_t *n, const sv_score_config *config, const sv_score_truth_row *truth,
                          size_t n_truth, const sv_score_track_row *tracks, size_t n_tracks) {
    *n = 0;
    sv_status status = look_at_places(finding, n, config, truth, n_truth, tracks, n_tracks);
    return status == SV_OK ? sv_sanity_look_at_ids(finding, n, config, truth, n_truth, tracks, n_tracks) : status;
}
