#include <formats/json_table.h>
#include <formats/report_read.h>

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_FILE_CAP = 1 << 28, SCHEMA = 1 };

/* Numbers of an object and of the objects in it. */
static size_t count_numbers(const cJSON *object) {
    size_t n = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, object) {
        n += cJSON_IsObject(item) ? count_numbers(item) : 1;
    }
    return n;
}

static sv_status flatten(sv_report_file *out, const char *prefix, const cJSON *object, const char *path) {
    const cJSON *item;
    cJSON_ArrayForEach(item, object) {
        char key[SV_REPORT_KEY_CAP];
        int n = snprintf(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "", item->string);
        if (n >= SV_REPORT_KEY_CAP) {
            return sv_fail(SV_ERR_INPUT, "%s: summary.%s...: key longer than %d bytes", path, key,
                           SV_REPORT_KEY_CAP - 1);
        }
        if (cJSON_IsObject(item)) {
            sv_status status = flatten(out, key, item, path);
            if (status != SV_OK) {
                return status;
            }
        } else if (cJSON_IsNumber(item) || cJSON_IsNull(item)) {
            sv_report_number *number = &out->number[out->n++];
            memcpy(number->key, key, sizeof key);
            number->value = cJSON_IsNumber(item) ? item->valuedouble : NAN;
        } else {
            return sv_fail(SV_ERR_INPUT, "%s: summary.%s: expected a number or null", path, key);
        }
    }
    return SV_OK;
}

static sv_status read_tree(sv_report_file *out, const cJSON *tree, const char *path) {
    const cJSON *schema = cJSON_GetObjectItemCaseSensitive(tree, "schema");
    const cJSON *summary = cJSON_GetObjectItemCaseSensitive(tree, "summary");
    const cJSON *scenario = cJSON_GetObjectItemCaseSensitive(tree, "scenario");
    if (!cJSON_IsNumber(schema) || schema->valuedouble != SCHEMA || !cJSON_IsObject(summary)) {
        return sv_fail(SV_ERR_INPUT, "%s: no report: expected \"schema\": %d and an object \"summary\"", path, SCHEMA);
    }
    if (cJSON_IsString(scenario)) {
        snprintf(out->scenario, sizeof out->scenario, "%s", scenario->valuestring);
    }
    const cJSON *seed = cJSON_GetObjectItemCaseSensitive(tree, "seed");
    out->has_seed = cJSON_IsNumber(seed);
    out->seed = out->has_seed ? seed->valuedouble : 0;
    out->interrupted = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(tree, "interrupted"));
    out->number = calloc(count_numbers(summary) + 1, sizeof *out->number);
    if (out->number == NULL) {
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", path);
    }
    return flatten(out, "", summary, path);
}

sv_status sv_report_file_read(sv_report_file **out, const char *path) {
    *out = NULL;
    char *text;
    size_t n_text;
    sv_status status = sv_json_read_text(&text, &n_text, path, REPORT_FILE_CAP);
    if (status == SV_OK) {
        status = sv_report_file_parse(out, path, text, n_text);
        free(text);
    }
    return status;
}

sv_status sv_report_file_parse(sv_report_file **out, const char *path, const char *text, size_t n_text) {
    *out = NULL;
    sv_json *tree;
    sv_status status = sv_json_parse(&tree, path, text, n_text);
    if (status != SV_OK) {
        return status;
    }
    sv_report_file *report = calloc(1, sizeof *report);
    status = report != NULL ? read_tree(report, tree, path) : sv_fail(SV_ERR_NOMEM, "%s: out of memory", path);
    sv_json_destroy(tree);
    if (status != SV_OK) {
        sv_report_file_destroy(report);
        return status;
    }
    *out = report;
    return SV_OK;
}

void sv_report_file_destroy(sv_report_file *report) {
    if (report != NULL) {
        free(report->number);
    }
    free(report);
}

const sv_report_number *sv_report_file_find(const sv_report_file *report, const char *key) {
    for (size_t i = 0; i < report->n; i++) {
        if (strcmp(report->number[i].key, key) == 0) {
            return &report->number[i];
        }
    }
    return NULL;
}
