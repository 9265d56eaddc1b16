/** The scorer: tables to stamps, stamps to pairs, pairs to figures. docs/METRICS.md. */
#include <core/score/score_parts.h>

#include <skyvox/math.h>

#include <stdlib.h>

struct sv_score {
    sv_score_config config;
    sv_score_table table;
    sv_score_tally tally;
    sv_score_errors errors;
    sv_score_summary summary;
    sv_score_gospa *gospa;   /* [n_gospa] */
    sv_metrics_frame *frame; /* [n_gospa] */
    size_t n_gospa;
    sv_metrics *metrics;
    sv_metrics_point *point[2]; /* truth and tracks of one stamp */
    size_t point_cap[2];
    int64_t *target; /* [n_targets] wanted */
    int32_t *row_of; /* [table.n_targets] strip of a target, -1 unwanted */
    size_t n_targets;
    uint8_t *strip; /* [n_targets][n_gospa] */
};

sv_score_config sv_score_config_default(void) {
    return (sv_score_config){
        .gate_m = 2, .cutoff_m = 10, .order = 2, .hota_zero_m = 4, .warmup_s = 0, .interpolate_max_s = 0.2};
}

sv_score_truth sv_score_truth_of(const sv_truth_sample *s) {
    return (sv_score_truth){.target = s->target,
                            .p_w = s->p_w,
                            .v_w = s->v_w,
                            .size_px = (float)s->size_px,
                            .range_m = (float)s->range_m,
                            .n_sites = (uint8_t)(s->n_sites < UINT8_MAX ? s->n_sites : UINT8_MAX),
                            .object_class = (uint8_t)s->object_class,
                            .wanted = s->wanted,
                            .in_coverage = s->in_coverage,
                            .has_velocity = s->has_velocity};
}

static sv_status check_config(const sv_score_config *c) {
    if (!(c->gate_m > 0 && c->gate_m < 1e9))
        return sv_fail(SV_ERR_ARG, "score: gate_m is %g, expected a length above 0", c->gate_m);
    if (!(c->cutoff_m > 0 && c->cutoff_m < 1e9))
        return sv_fail(SV_ERR_ARG, "score: cutoff_m is %g, expected a length above 0", c->cutoff_m);
    if (!(c->order >= 1 && c->order <= 16))
        return sv_fail(SV_ERR_ARG, "score: order is %g, expected 1 to 16", c->order);
    if (!(c->hota_zero_m > 0 && c->hota_zero_m < 1e9))
        return sv_fail(SV_ERR_ARG, "score: hota_zero_m is %g, expected a length above 0", c->hota_zero_m);
    if (!(c->warmup_s >= 0 && c->warmup_s < 1e9))
        return sv_fail(SV_ERR_ARG, "score: warmup_s is %g, expected 0 or more", c->warmup_s);
    if (!(c->interpolate_max_s >= 0 && c->interpolate_max_s < 1e9))
        return sv_fail(SV_ERR_ARG, "score: interpolate_max_s is %g, expected 0 or more", c->interpolate_max_s);
    return SV_OK;
}

/* Wanted targets with a sample at a scored stamp, and room for their strips. */
static sv_status take_strips(sv_score *s, size_t first) {
    const sv_score_table *table = &s->table;
    s->n_gospa = table->n_stamps - first;
    s->gospa = calloc(s->n_gospa + 1, sizeof *s->gospa);
    s->frame = calloc(s->n_gospa + 1, sizeof *s->frame);
    s->target = calloc(table->n_targets + 1, sizeof *s->target);
    s->row_of = calloc(table->n_targets + 1, sizeof *s->row_of);
    if (!s->gospa || !s->frame || !s->target || !s->row_of)
        return sv_fail(SV_ERR_NOMEM, "no memory for %zu stamps", s->n_gospa);
    for (size_t k = 0; k < table->n_targets; k++)
        s->row_of[k] = -1;
    for (size_t i = table->truth_at[first]; i < table->n_truth; i++)
        if (table->truth[i].sample.wanted)
            s->row_of[table->target[i]] = 0;
    for (size_t k = 0; k < table->n_targets; k++) {
        if (s->row_of[k] < 0)
            continue;
        s->row_of[k] = (int32_t)s->n_targets;
        s->target[s->n_targets++] = table->target_id[k];
    }
    s->strip = calloc(s->n_targets * s->n_gospa + 1, 1);
    return s->strip ? SV_OK : sv_fail(SV_ERR_NOMEM, "no memory for %zu strips", s->n_targets);
}

static void write_strips(sv_score *s, const sv_score_match *m, size_t i_scored) {
    for (int32_t i = 0; i < m->n_truth; i++) {
        if (!m->truth[i].sample.wanted)
            continue;
        int n = (m->state_of_truth[i] >= 0) + m->n_extra[i];
        sv_strip value = m->truth[i].sample.in_coverage ? SV_STRIP_NONE : SV_STRIP_OUTSIDE;
        if (n > 0)
            value = n == 1 ? SV_STRIP_ONE : SV_STRIP_SEVERAL;
        s->strip[(size_t)s->row_of[m->target[i]] * s->n_gospa + i_scored] = (uint8_t)value;
    }
}

static sv_status take_points(sv_score *s, const sv_score_match *m, size_t n[2]) {
    sv_status status =
        sv_score_reserve((void **)&s->point[0], &s->point_cap[0], (size_t)m->n_truth + 1, sizeof *s->point[0]);
    if (status == SV_OK)
        status =
            sv_score_reserve((void **)&s->point[1], &s->point_cap[1], (size_t)m->n_states + 1, sizeof *s->point[1]);
    if (status == SV_OK)
        sv_score_points(s->point[0], &n[0], s->point[1], &n[1], m);
    return status;
}

static sv_status measure_stamp(sv_score *s, const sv_score_match *m, sv_time t, size_t i_scored) {
    size_t n[2];
    sv_metrics_frame *frame = &s->frame[i_scored];
    sv_status status = take_points(s, m, n);
    if (status == SV_OK)
        status = sv_metrics_add(s->metrics, frame, s->point[0], n[0], s->point[1], n[1]);
    s->gospa[i_scored] = (sv_score_gospa){.t = t,
                                          .distance_m = frame->gospa,
                                          .localisation = frame->localisation,
                                          .missed = frame->missed,
                                          .false_part = frame->false_part,
                                          .ospa_m = frame->ospa_published,
                                          .n_truth = frame->n_truth,
                                          .n_tracks = frame->n_tracks};
    return status;
}

/* Every stamp in order; those before `first` are warm-up: they only make history. */
static sv_status score_stamps(sv_score *s, sv_score_match *m, const sv_score_config *config, size_t first) {
    for (size_t i = 0; i < s->table.n_stamps; i++) {
        bool scored = i >= first;
        sv_status status = sv_score_match_stamp(m, &s->table, config, i);
        if (status == SV_OK)
            status = sv_score_errors_stamp(&s->errors, &s->table, m, s->table.stamp[i], scored);
        if (status == SV_OK && scored)
            status = sv_score_tally_stamp(&s->tally, m, s->table.stamp[i]);
        if (status == SV_OK && scored)
            status = measure_stamp(s, m, s->table.stamp[i], i - first);
        if (status != SV_OK)
            return status;
        if (scored)
            write_strips(s, m, i - first);
    }
    return SV_OK;
}

static sv_status build(sv_score *s, const sv_score_config *config, const sv_score_truth_row *truth, size_t n_truth,
                       const sv_score_track_row *tracks, size_t n_tracks) {
    sv_score_table *table = &s->table;
    sv_status status = sv_score_table_build(table, config, truth, n_truth, tracks, n_tracks);
    if (status != SV_OK)
        return status;

    sv_time begin = (n_truth > 0 ? truth[0].t : 0) + sv_time_from_s(config->warmup_s);
    size_t first = 0;
    while (first < table->n_stamps && config->warmup_s > 0 && table->stamp[first] < begin)
        first++;
    status = take_strips(s, first);
    if (status == SV_OK)
        status = sv_score_tally_init(&s->tally, table);
    if (status == SV_OK)
        status = sv_score_errors_init(&s->errors, table);

    sv_metrics_config metrics = sv_metrics_config_default();
    metrics.gate_m = config->gate_m;
    metrics.cutoff_m = config->cutoff_m;
    metrics.order = config->order;
    metrics.hota_zero_m = config->hota_zero_m;
    if (status == SV_OK)
        status = sv_metrics_create(&s->metrics, &metrics, table->n_targets, table->n_tracks);

    sv_score_match match = {0};
    if (status == SV_OK)
        status = sv_score_match_init(&match, table);
    if (status == SV_OK)
        status = score_stamps(s, &match, config, first);
    sv_score_match_release(&match);
    free(table->source); // room for what is sorted below
    table->source = NULL;
    if (status == SV_OK)
        status = sv_score_errors_finish(&s->errors);
    if (status == SV_OK)
        status = sv_score_tally_finish(&s->summary, &s->tally, &s->errors, table, s->gospa, s->n_gospa);
    return status;
}

sv_status sv_score_create(sv_score **out, const sv_score_config *config, const sv_score_truth_row *truth,
                          size_t n_truth, const sv_score_track_row *tracks, size_t n_tracks) {
    *out = NULL;
    sv_status status = check_config(config);
    if (status != SV_OK)
        return status;
    sv_score *s = calloc(1, sizeof *s);
    if (!s)
        return sv_fail(SV_ERR_NOMEM, "no memory for a score");
    s->config = *config;
    status = build(s, config, truth, n_truth, tracks, n_tracks);
    sv_score_table_release(&s->table); // the figures no longer need it
    if (status == SV_OK)
        status = sv_metrics_finish(s->metrics);
    if (status == SV_OK)
        status = sv_metrics_finish_tgospa(s->metrics);
    if (status != SV_OK) {
        sv_score_destroy(s);
        return status;
    }
    *out = s;
    return SV_OK;
}

void sv_score_destroy(sv_score *s) {
    if (!s)
        return;
    sv_score_tally_release(&s->tally);
    sv_score_errors_release(&s->errors);
    sv_metrics_destroy(s->metrics);
    free(s->point[0]);
    free(s->point[1]);
    free(s->gospa);
    free(s->frame);
    free(s->target);
    free(s->row_of);
    free(s->strip);
    free(s);
}

const sv_score_config *sv_score_get_config(const sv_score *s) {
    return &s->config;
}

const sv_score_summary *sv_score_get_summary(const sv_score *s) {
    return &s->summary;
}

const sv_score_gospa *sv_score_get_gospa(const sv_score *s, size_t *n) {
    *n = s->n_gospa;
    return s->gospa;
}

const sv_metrics *sv_score_get_metrics(const sv_score *s) {
    return s->metrics;
}

const sv_metrics_frame *sv_score_get_frames(const sv_score *s, size_t *n) {
    *n = s->n_gospa;
    return s->frame;
}

const sv_score_error *sv_score_get_errors(const sv_score *s, size_t *n) {
    *n = s->errors.n;
    return s->errors.error;
}

const sv_score_bin *sv_score_get_bins(const sv_score *s, sv_score_by by, size_t *n) {
    const sv_score_bins *bins = &s->tally.by[by];
    *n = bins->end - bins->first;
    return bins->bin + bins->first;
}

void sv_score_join_views(sv_score *s, const sv_centroid *centroid) {
    sv_score_bins_join(s->tally.by, sv_centroid_get_views(centroid));
    sv_score_bins_finish(s->tally.by, s->n_gospa);
}

const int64_t *sv_score_get_targets(const sv_score *s, size_t *n) {
    *n = s->n_targets;
    return s->target;
}

const uint8_t *sv_score_get_strip(const sv_score *s, size_t i_target) {
    return s->strip + i_target * s->n_gospa;
}
