#include "input.h"

#include <errno.h>
#include <formats/csv.h>
#include <formats/json_table.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ends_with(const char *text, const char *end) {
    size_t n = strlen(text), n_end = strlen(end);
    return n >= n_end && !strcmp(text + n - n_end, end);
}

/* A scenario may have any name, so the first character decides where the name does not. */
static bool looks_like_json(const char *path) {
    if (ends_with(path, ".json"))
        return true;
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    int c;
    do {
        c = getc(file);
    } while (c == ' ' || c == '\t' || c == '\r' || c == '\n');
    fclose(file);
    return c == '{';
}

static sv_status load_scenario(input *in, const char *path, const input_options *options) {
    const char *override[TEXT_LIST_CAP + 1];
    char seed[64];
    int n = 0;
    for (; n < options->set.n; n++)
        override[n] = options->set.item[n];
    if (options->seed) {
        snprintf(seed, sizeof seed, "seed=%s", options->seed);
        override[n++] = seed;
    }
    sv_status status = sv_scenario_load(&in->scenario, path, override, n);
    if (status != SV_OK)
        return status;
    in->name = in->scenario->name;
    in->config = &in->scenario->config;
    return SV_OK;
}

static sv_status load_dataset(input *in, const char *path, const input_options *options) {
    if (options->seed)
        return sv_fail(SV_ERR_INPUT, "%s: --seed is for scenarios, a data set draws no random numbers", path);
    sv_status status = sv_dataset_open(&in->dataset, path, options->set.item, options->set.n);
    if (status != SV_OK)
        return status;
    in->name = sv_dataset_name(in->dataset);
    in->config = sv_dataset_config(in->dataset);
    return SV_OK;
}

/* Recorded settings with --set pipeline.x=y on top. */
static sv_status override_session(sv_session *session, const char *path, const text_list *set) {
    if (set->n == 0)
        return SV_OK;
    sv_json *root = sv_json_make_object();
    if (!root)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    sv_json_place top = {.file = path};
    sv_json_place place = {.file = path, .up = &top, .key = "pipeline"};
    sv_status status = SV_OK;
    for (int i = 0; i < set->n && status == SV_OK; i++)
        status = strncmp(set->item[i], "pipeline.", 9) == 0
                     ? sv_json_override(root, set->item[i])
                     : sv_fail(SV_ERR_INPUT, "%s: --set %s: only fields of pipeline can be set in a session", path,
                               set->item[i]);
    if (status == SV_OK)
        status = sv_json_bind(sv_session_config_edit(session), sv_pipeline_fields(), &place,
                              sv_json_get(root, "pipeline"), NULL, false);
    if (status == SV_OK && sv_config_check(sv_session_config(session)) < 0)
        status = sv_json_blame(&top);
    sv_json_destroy(root);
    return status;
}

static sv_status load_session(input *in, const char *path, const input_options *options) {
    if (options->seed)
        return sv_fail(SV_ERR_INPUT, "%s: --seed is for scenarios, a session draws no random numbers", path);
    sv_status status = sv_session_open(&in->session, path);
    if (status == SV_OK)
        status = override_session(in->session, path, &options->set);
    if (status != SV_OK)
        return status;
    in->name = sv_session_get_meta(in->session)->name;
    in->config = sv_session_config(in->session);
    return SV_OK;
}

static sv_status check_seed(const char *seed) {
    int64_t value;
    if (seed && (!sv_number_parse_int(&value, seed) || value < 0))
        return sv_fail(SV_ERR_INPUT, "--seed %s: expected a whole number from 0 on", seed);
    return SV_OK;
}

sv_status input_load(input *in, const char *path, const input_options *options) {
    memset(in, 0, sizeof *in);
    sv_status status = check_seed(options->seed);
    if (status != SV_OK)
        return status;
    struct stat info;
    if (stat(path, &info) != 0)
        return sv_fail(SV_ERR_INPUT, "%s: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode)) {
        if (!sv_dataset_detect(path))
            return sv_fail(SV_ERR_INPUT,
                           "%s: a folder without cameras.json or dataset.json, expected a scenario file or a data set",
                           path);
        return load_dataset(in, path, options);
    }
    if (access(path, R_OK) != 0)
        return sv_fail(SV_ERR_INPUT, "%s: %s", path, strerror(errno));
    if (sv_session_detect(path))
        return load_session(in, path, options);
    if (!looks_like_json(path))
        return sv_fail(SV_ERR_INPUT, "%s: neither a scenario (JSON) nor a session nor a data-set folder", path);
    return load_scenario(in, path, options);
}

static int n_processors(void) {
    enum { THREADS_CAP = 256 };
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > THREADS_CAP ? THREADS_CAP : (int)n;
}

static sv_status start_replay(input *in, const input_options *options) {
    sv_replay_from from = SV_FROM_AUTO;
    sv_status status = options->from ? sv_replay_from_parse(&from, options->from) : SV_OK;
    if (status != SV_OK)
        return sv_fail(SV_ERR_INPUT, "--from %s: expected auto, pixels, detections, bearings or points", options->from);
    status = sv_replay_create(&in->replay, in->session, from, options->seek_s, in->team);
    if (status == SV_OK)
        in->source = sv_replay_source(in->replay);
    return status;
}

sv_status input_start(input *in, const input_options *options) {
    sv_backend_level level;
    sv_status status = sv_backend_level_parse(&level, options->backend);
    if (status == SV_OK)
        status = sv_backend_create(&in->backend, level);
    if (status == SV_OK)
        status = sv_team_create(&in->team, options->n_threads ? (int)options->n_threads : n_processors());
    if (status != SV_OK)
        return status;
    if (in->dataset) {
        in->source = sv_dataset_source(in->dataset);
        return SV_OK;
    }
    if (in->session)
        return start_replay(in, options);
    status = sv_sim_create(&in->sim, in->scenario, in->backend, in->team);
    if (status == SV_OK)
        in->source = sv_sim_source(in->sim);
    return status;
}

void input_close(input *in) {
    if (in->source.close)
        in->source.close(in->source.self);
    sv_sim_destroy(in->sim);
    sv_replay_destroy(in->replay);
    sv_team_destroy(in->team);
    sv_backend_destroy(in->backend);
    sv_dataset_destroy(in->dataset);
    sv_session_close(in->session);
    sv_scenario_destroy(in->scenario);
    memset(in, 0, sizeof *in);
}
