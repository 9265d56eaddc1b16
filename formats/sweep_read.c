/** sweep.json and rows read back. */
#include <formats/json_table.h>
#include <formats/sweep.h>

#include <skyvox/math.h>

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SWEEP_FILE_CAP = 1 << 28, SCHEMA = 1 };

#define SEED_MAX 9007199254740991.0 /* 2^53 - 1, as in a scenario */

static sv_status fail_at(const char *name, const char *place, const char *expected) {
    return sv_fail(SV_ERR_INPUT, "%s: %s: expected %s", name, place, expected);
}

/* Sixteen hexadecimal digits. */
static sv_status read_hash(uint64_t *out, const cJSON *object, const char *key, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
        return fail_at(name, key, "16 hexadecimal digits");
    *out = strtoull(text, NULL, 16);
    return SV_OK;
}

static sv_status read_name(char out[SV_SWEEP_NAME_CAP], const cJSON *root, const char *key, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, key);
    if (!cJSON_IsString(item) || strlen(item->valuestring) >= SV_SWEEP_NAME_CAP)
        return fail_at(name, key, "a text of at most 63 bytes");
    strcpy(out, item->valuestring);
    return SV_OK;
}

static sv_status read_texts(sv_texts *out, const cJSON *object, const char *key, const char *name) {
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, key), *item;
    if (!cJSON_IsArray(array))
        return fail_at(name, key, "an array of texts");
    cJSON_ArrayForEach(item, array) {
        if (!cJSON_IsString(item))
            return fail_at(name, key, "an array of texts");
        sv_status status = sv_texts_add(out, item->valuestring, strlen(item->valuestring));
        if (status != SV_OK)
            return status;
    }
    return SV_OK;
}

static sv_status read_axis(sv_sweep_axis *axis, const cJSON *item, const char *name) {
    const cJSON *path = cJSON_GetObjectItemCaseSensitive(item, "path");
    if (!cJSON_IsString(path))
        return fail_at(name, "grid", "objects with \"path\" and \"values\"");
    size_t n = strlen(path->valuestring) + 1;
    axis->path = malloc(n);
    if (!axis->path)
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", name);
    memcpy(axis->path, path->valuestring, n);
    sv_status status = read_texts(&axis->value, item, "values", name);
    return status == SV_OK && axis->value.n == 0 ? fail_at(name, "grid", "at least one value each") : status;
}

static sv_status read_grid(sv_sweep *sweep, const cJSON *root, const char *name) {
    const cJSON *grid = cJSON_GetObjectItemCaseSensitive(root, "grid"), *item;
    if (!cJSON_IsArray(grid))
        return fail_at(name, "grid", "an array");
    sweep->axis = calloc((size_t)cJSON_GetArraySize(grid) + 1, sizeof *sweep->axis);
    if (!sweep->axis)
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", name);
    cJSON_ArrayForEach(item, grid) {
        sv_status status = read_axis(&sweep->axis[sweep->n_axes++], item, name);
        if (status != SV_OK)
            return status;
    }
    return sv_sweep_n_points(sweep) > SV_SWEEP_POINTS_CAP ? fail_at(name, "grid", "at most 10000 points") : SV_OK;
}

/* A whole number from 0 to max. */
static bool take_whole(double *out, const cJSON *object, const char *key, double max) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= max))
        return false;
    *out = item->valuedouble;
    return *out == (double)sv_floor_i64(*out);
}

static sv_status read_values(sv_sweep_run *run, const sv_sweep *sweep, const cJSON *item, const char *name) {
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(item, "values"), *value;
    if (!cJSON_IsArray(array) || cJSON_GetArraySize(array) != sweep->key.n)
        return fail_at(name, "runs", "\"values\" with one number for each of \"keys\"");
    run->value = calloc((size_t)sweep->key.n + 1, sizeof *run->value);
    if (!run->value)
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", name);
    int32_t i = 0;
    cJSON_ArrayForEach(value, array) {
        if (!cJSON_IsNumber(value) && !cJSON_IsNull(value))
            return fail_at(name, "runs", "numbers or null as values");
        run->value[i++] = cJSON_IsNumber(value) ? value->valuedouble : NAN;
    }
    return SV_OK;
}

static sv_status read_run(sv_sweep_run *run, const sv_sweep *sweep, const cJSON *item, const char *name) {
    double point, seed;
    if (!take_whole(&point, item, "point", sv_sweep_n_points(sweep) - 1))
        return fail_at(name, "runs", "\"point\" within the grid");
    if (!take_whole(&seed, item, "seed", SEED_MAX))
        return fail_at(name, "runs", "\"seed\" from 0 to 9007199254740991");
    run->point = (int32_t)point;
    run->seed = (uint64_t)seed;
    sv_status status = read_hash(&run->ledger_hash, item, "ledger_hash", name);
    return status == SV_OK ? read_values(run, sweep, item, name) : status;
}

static sv_status read_runs(sv_sweep *sweep, const cJSON *root, const char *name) {
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(root, "runs"), *item;
    if (!cJSON_IsArray(array) || cJSON_GetArraySize(array) > SV_SWEEP_RUNS_CAP)
        return fail_at(name, "runs", "an array of at most 1000000 runs");
    sweep->run = calloc((size_t)cJSON_GetArraySize(array) + 1, sizeof *sweep->run);
    if (!sweep->run)
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", name);
    cJSON_ArrayForEach(item, array) {
        sv_status status = read_run(&sweep->run[sweep->n_runs++], sweep, item, name);
        if (status != SV_OK)
            return status;
    }
    sv_status status = sv_sweep_sort(sweep);
    for (size_t i = 1; i < sweep->n_runs && status == SV_OK; i++)
        if (sweep->run[i].point == sweep->run[i - 1].point && sweep->run[i].seed == sweep->run[i - 1].seed)
            status = sv_fail(SV_ERR_INPUT, "%s: runs: found seed %llu of point %d twice", name,
                             (unsigned long long)sweep->run[i].seed, (int)sweep->run[i].point);
    return status;
}

static sv_status read_tree(sv_sweep *sweep, const cJSON *root, const char *name) {
    double schema = 0;
    const cJSON *kind = cJSON_GetObjectItemCaseSensitive(root, "kind");
    if (!take_whole(&schema, root, "schema", SCHEMA) || schema != SCHEMA || !cJSON_IsString(kind) ||
        strcmp(kind->valuestring, "sweep") != 0)
        return sv_fail(SV_ERR_INPUT, "%s: no sweep: expected \"schema\": %d and \"kind\": \"sweep\"", name, SCHEMA);
    sv_status status = read_name(sweep->scenario, root, "scenario", name);
    if (status == SV_OK)
        status = read_hash(&sweep->scenario_hash, root, "scenario_hash", name);
    if (status == SV_OK && cJSON_HasObjectItem(root, "program"))
        status = read_name(sweep->program, root, "program", name);
    if (status == SV_OK)
        status = read_texts(&sweep->set, root, "set", name);
    if (status == SV_OK)
        status = read_grid(sweep, root, name);
    if (status == SV_OK)
        status = read_texts(&sweep->key, root, "keys", name);
    return status == SV_OK ? read_runs(sweep, root, name) : status;
}

sv_status sv_sweep_parse(sv_sweep **out, const char *name, const char *text, size_t n_text) {
    *out = NULL;
    sv_json *tree;
    sv_status status = sv_json_parse(&tree, name, text, n_text);
    if (status != SV_OK)
        return status;
    sv_sweep *sweep = calloc(1, sizeof *sweep);
    status = sweep ? read_tree(sweep, tree, name) : sv_fail(SV_ERR_NOMEM, "%s: out of memory", name);
    sv_json_destroy(tree);
    if (status != SV_OK) {
        sv_sweep_destroy(sweep);
        return status;
    }
    *out = sweep;
    return SV_OK;
}

sv_status sv_sweep_read(sv_sweep **out, const char *path) {
    *out = NULL;
    char *text;
    size_t n;
    sv_status status = sv_json_read_text(&text, &n, path, SWEEP_FILE_CAP);
    if (status != SV_OK)
        return status;
    status = sv_sweep_parse(out, path, text, n);
    free(text);
    return status;
}
