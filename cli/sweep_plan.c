#include "sweep_plan.h"

#include <formats/csv.h>
#include <formats/report_parts.h>
#include <stdlib.h>
#include <string.h>

#define SEED_MAX ((int64_t)1 << 53)

/* "A:B" as two whole numbers, 0 <= A < B. */
static bool parse_pair(int64_t *a, int64_t *b, const char *text, char separator) {
    char first[32];
    const char *at = strchr(text, separator);
    if (!at || (size_t)(at - text) >= sizeof first)
        return false;
    memcpy(first, text, (size_t)(at - text));
    first[at - text] = '\0';
    return sv_number_parse_int(a, first) && sv_number_parse_int(b, at + 1);
}

static sv_status take_seeds(int64_t *first, int64_t *end, const char *text) {
    if (!text)
        return sv_fail(SV_ERR_INPUT, "sweep: --seeds A:B is missing");
    if (!parse_pair(first, end, text, ':') || *first < 0 || *end <= *first || *end > SEED_MAX)
        return sv_fail(SV_ERR_INPUT, "sweep: --seeds %s: expected A:B with 0 <= A < B (A to B - 1)", text);
    if (*end - *first > SV_SWEEP_RUNS_CAP)
        return sv_fail(SV_ERR_INPUT, "sweep: --seeds %s: found more than %d seeds", text, SV_SWEEP_RUNS_CAP);
    return SV_OK;
}

static sv_status take_shard(sweep_plan *plan, const char *text) {
    plan->i_shard = plan->n_shards = 1;
    if (!text)
        return SV_OK;
    bool good =
        parse_pair(&plan->i_shard, &plan->n_shards, text, '/') && plan->i_shard >= 1 && plan->i_shard <= plan->n_shards;
    return good ? SV_OK : sv_fail(SV_ERR_INPUT, "sweep: --shard %s: expected i/n with 1 <= i <= n", text);
}

/* ---- grid ---- */

/* Length up to the next comma that stands outside of brackets and quotes. */
static size_t value_length(const char *text) {
    int depth = 0;
    bool quoted = false;
    size_t n = 0;
    for (; text[n] && (text[n] != ',' || depth > 0 || quoted); n++) {
        if (text[n] == '"')
            quoted = !quoted;
        else if (!quoted)
            depth += (text[n] == '[' || text[n] == '{') - (text[n] == ']' || text[n] == '}');
    }
    return n;
}

static sv_status take_values(sv_sweep_axis *axis, const char *text, const char *assignment) {
    for (;; text++) {
        size_t n = value_length(text);
        if (n == 0)
            return sv_fail(SV_ERR_INPUT, "sweep: --grid %s: found an empty value", assignment);
        if (strlen(axis->path) + n + 2 > SWEEP_SETTING_CAP)
            return sv_fail(SV_ERR_INPUT, "sweep: --grid %s: too long a value", assignment);
        sv_status status = sv_texts_add(&axis->value, text, n);
        if (status != SV_OK)
            return status;
        const char *added = axis->value.item[axis->value.n - 1];
        if (sv_texts_find(&axis->value, added) != axis->value.n - 1)
            return sv_fail(SV_ERR_INPUT, "sweep: --grid %s: found %s twice", assignment, added);
        text += n;
        if (!*text)
            return SV_OK;
    }
}

static sv_status take_axis(sv_sweep *sweep, const char *assignment) {
    size_t n = strcspn(assignment, "=");
    if (n == 0 || !assignment[n])
        return sv_fail(SV_ERR_INPUT, "sweep: --grid %s: expected json.path=a,b,c", assignment);
    sv_sweep_axis *axis = &sweep->axis[sweep->n_axes];
    axis->path = calloc(n + 1, 1);
    if (!axis->path)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    memcpy(axis->path, assignment, n);
    sweep->n_axes++;
    for (int32_t i = 0; i + 1 < sweep->n_axes; i++)
        if (!strcmp(sweep->axis[i].path, axis->path))
            return sv_fail(SV_ERR_INPUT, "sweep: --grid %s: found %s twice", assignment, axis->path);
    if (!strcmp(axis->path, "seed"))
        return sv_fail(SV_ERR_INPUT, "sweep: --grid %s: seeds are given by --seeds", assignment);
    return take_values(axis, assignment + n + 1, assignment);
}

static sv_status take_grid(sv_sweep *sweep, const text_list *grid) {
    if (grid->n > SWEEP_AXES_CAP)
        return sv_fail(SV_ERR_INPUT, "sweep: --grid is given more than %d times", SWEEP_AXES_CAP);
    sweep->axis = calloc((size_t)grid->n + 1, sizeof *sweep->axis);
    if (!sweep->axis)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    sv_status status = SV_OK;
    for (int i = 0; i < grid->n && status == SV_OK; i++)
        status = take_axis(sweep, grid->item[i]);
    if (status == SV_OK && sv_sweep_n_points(sweep) > SV_SWEEP_POINTS_CAP)
        status = sv_fail(SV_ERR_INPUT, "sweep: --grid: found more than %d points", SV_SWEEP_POINTS_CAP);
    return status;
}

/* ---- runs ---- */

static sv_status make_runs(sv_sweep *sweep, int64_t first, int64_t end) {
    int64_t n_points = sv_sweep_n_points(sweep), n_seeds = end - first;
    if (n_points * n_seeds > SV_SWEEP_RUNS_CAP)
        return sv_fail(SV_ERR_INPUT, "sweep: found %lld runs, expected at most %d", (long long)(n_points * n_seeds),
                       SV_SWEEP_RUNS_CAP);
    sweep->run = calloc((size_t)(n_points * n_seeds), sizeof *sweep->run);
    if (!sweep->run)
        return sv_fail(SV_ERR_NOMEM, "out of memory for %lld runs", (long long)(n_points * n_seeds));
    for (int64_t point = 0; point < n_points; point++)
        for (int64_t seed = first; seed < end; seed++)
            sweep->run[sweep->n_runs++] = (sv_sweep_run){.point = (int32_t)point, .seed = (uint64_t)seed};
    return SV_OK;
}

void sweep_plan_settings(sweep_settings *out, const sweep_plan *plan, int32_t point, uint64_t seed) {
    const sv_sweep *sweep = plan->sweep;
    out->input = (input_options){.set = plan->request->set, .seed = out->seed, .backend = "auto", .n_threads = 1};
    snprintf(out->seed, sizeof out->seed, "%llu", (unsigned long long)seed);
    for (int32_t i = 0; i < sweep->n_axes; i++) {
        snprintf(out->text[i], sizeof out->text[i], "%s=%s", sweep->axis[i].path, sv_sweep_setting(sweep, point, i));
        out->input.set.item[out->input.set.n++] = out->text[i];
    }
}

sv_status sweep_plan_blame(const sweep_plan *plan, const sv_sweep_run *run, sv_status status, const char *text) {
    char name[SWEEP_SETTING_CAP], what[512];
    snprintf(what, sizeof what, "%s", text);
    sv_sweep_point_name(name, sizeof name, plan->sweep, run->point);
    return sv_fail(status, "%s (seed %llu%s%s)", what, (unsigned long long)run->seed, *name ? ", " : "", name);
}

/* The scenario itself, then every point of the grid: a wrong value is found now, not after hours. */
static sv_status check_scenarios(sweep_plan *plan, const char *path) {
    input in;
    const input_options plain = {.set = plan->request->set, .backend = "auto"};
    sv_status status = input_load(&in, path, &plain);
    if (status == SV_OK && !in.scenario)
        status = sv_fail(SV_ERR_INPUT, "%s: a data set draws no random numbers, expected a scenario", path);
    if (status == SV_OK) {
        snprintf(plan->sweep->scenario, sizeof plan->sweep->scenario, "%s", in.scenario->name);
        plan->sweep->scenario_hash = in.scenario->text_hash;
    }
    input_close(&in);
    size_t n_seeds = plan->sweep->n_runs / (size_t)sv_sweep_n_points(plan->sweep);
    for (size_t i = 0; i < plan->sweep->n_runs && status == SV_OK; i += n_seeds) {
        const sv_sweep_run *run = &plan->sweep->run[i];
        sweep_settings settings;
        sweep_plan_settings(&settings, plan, run->point, run->seed);
        status = input_load(&in, path, &settings.input);
        if (status != SV_OK)
            status = sweep_plan_blame(plan, run, status, sv_error_text());
        input_close(&in);
    }
    return status;
}

static sv_status add_keys(sv_sweep *sweep) {
    size_t n;
    const sv_report_key *key = sv_report_keys(&n);
    sv_status status = SV_OK;
    for (size_t i = 0; i < n && status == SV_OK; i++)
        if (!key[i].is_timing)
            status = sv_texts_add(&sweep->key, key[i].name, strlen(key[i].name));
    return status == SV_OK ? sv_texts_add(&sweep->key, "false_per_minute", strlen("false_per_minute")) : status;
}

sv_status sweep_plan_make(sweep_plan *plan, const sweep_request *request) {
    *plan = (sweep_plan){.request = request, .sweep = calloc(1, sizeof *plan->sweep)};
    if (!plan->sweep)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    int64_t first = 0, end = 0;
    if (request->set.n + request->grid.n > TEXT_LIST_CAP)
        return sv_fail(SV_ERR_INPUT, "sweep: --set and --grid are given more than %d times", TEXT_LIST_CAP);
    sv_status status = take_seeds(&first, &end, request->seeds);
    if (status == SV_OK)
        status = take_shard(plan, request->shard);
    for (int i = 0; i < request->set.n && status == SV_OK; i++)
        status = sv_texts_add(&plan->sweep->set, request->set.item[i], strlen(request->set.item[i]));
    if (status == SV_OK)
        status = take_grid(plan->sweep, &request->grid);
    if (status == SV_OK)
        status = make_runs(plan->sweep, first, end);
    if (status == SV_OK)
        status = check_scenarios(plan, request->scenario_path);
    return status == SV_OK ? add_keys(plan->sweep) : status;
}

void sweep_plan_free(sweep_plan *plan) {
    sv_sweep_destroy(plan->sweep);
    plan->sweep = NULL;
}

bool sweep_plan_is_mine(const sweep_plan *plan, size_t i_run) {
    return (int64_t)(i_run % (size_t)plan->n_shards) == plan->i_shard - 1;
}
