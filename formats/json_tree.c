/* cJSON behind our own names: strict reading, building, and "--set" assignments. */
#include <formats/csv.h>
#include <formats/json_check.h>
#include <formats/json_table.h>

#include <skyvox/ledger.h>

#include <cjson/cJSON.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_CAP = 16 << 20, SEGMENT_CAP = 64 };

static sv_status no_memory(void) {
    return sv_fail(SV_ERR_NOMEM, "out of memory");
}

/* cJSON reads numbers by strtod: under the C locale of this thread, of checked text, that is the right double. */
static sv_json *parse_in_c_locale(const char *text, size_t n) {
    locale_t c_locale = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0) {
        return NULL;
    }
    locale_t before = uselocale(c_locale);
    sv_json *json = cJSON_ParseWithLength(text, n);
    uselocale(before);
    freelocale(c_locale);
    return json;
}

sv_status sv_json_parse(sv_json **out, const char *name, const char *text, size_t n_text) {
    *out = NULL;
    bool has_mark = n_text >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
    text += has_mark ? 3 : 0;
    n_text -= has_mark ? 3 : 0;
    sv_status status = sv_json_check(name, text, n_text);
    if (status < 0) {
        return status;
    }
    *out = parse_in_c_locale(text, n_text);
    return *out != NULL ? SV_OK : no_memory();
}

/* Read to the end, doubling the buffer; a byte more than cap is an error. */
static sv_status read_stream(char **out, size_t *n, FILE *file, const char *path, size_t cap) {
    size_t size = 4096;
    size_t used = 0;
    char *text = malloc(size);
    while (text != NULL) {
        used += fread(text + used, 1, size - used - 1, file);
        if (ferror(file) || used > cap) {
            free(text);
            return ferror(file) ? sv_fail(SV_ERR_INPUT, "%s: cannot be read: %s", path, strerror(errno))
                                : sv_fail(SV_ERR_INPUT, "%s: found more than %zu bytes", path, cap);
        }
        if (feof(file)) {
            text[used] = '\0';
            *out = text;
            *n = used;
            return SV_OK;
        }
        size *= 2;
        char *bigger = realloc(text, size);
        if (bigger == NULL) {
            free(text);
        }
        text = bigger;
    }
    return no_memory();
}

sv_status sv_json_read_text(char **out, size_t *n, const char *path, size_t cap) {
    *out = NULL;
    *n = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return sv_fail(SV_ERR_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    }
    sv_status status = read_stream(out, n, file, path, cap);
    fclose(file);
    return status;
}

sv_status sv_json_load(sv_json **out, const char *path) {
    *out = NULL;
    char *text;
    size_t n;
    sv_status status = sv_json_read_text(&text, &n, path, FILE_CAP);
    if (status < 0) {
        return status;
    }
    status = sv_json_parse(out, path, text, n);
    free(text);
    return status;
}

void sv_json_destroy(sv_json *json) {
    cJSON_Delete(json);
}

sv_json *sv_json_get(const sv_json *json, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(json, key);
}

sv_json *sv_json_at(const sv_json *json, int32_t index) {
    return cJSON_GetArrayItem(json, index);
}

int32_t sv_json_size(const sv_json *json) {
    return json == NULL ? 0 : cJSON_GetArraySize(json);
}

sv_json *sv_json_make_object(void) {
    return cJSON_CreateObject();
}

sv_json *sv_json_make_array(void) {
    return cJSON_CreateArray();
}

sv_json *sv_json_make_number(double value) {
    return cJSON_CreateNumber(value);
}

sv_json *sv_json_make_text(const char *text) {
    return cJSON_CreateString(text);
}

sv_json *sv_json_make_vec3(double x, double y, double z) {
    return cJSON_CreateDoubleArray((double[]){x, y, z}, 3);
}

sv_status sv_json_add(sv_json *to, const char *key, sv_json *item) {
    bool done = to != NULL && item != NULL &&
                (key != NULL ? cJSON_AddItemToObject(to, key, item) : cJSON_AddItemToArray(to, item));
    if (!done) {
        cJSON_Delete(item);
        return no_memory();
    }
    return SV_OK;
}

sv_status sv_json_set(sv_json *object, const char *key, sv_json *item) {
    if (sv_json_get(object, key) == NULL) {
        return sv_json_add(object, key, item);
    }
    if (!cJSON_ReplaceItemInObjectCaseSensitive(object, key, item)) {
        cJSON_Delete(item);
        return no_memory();
    }
    return SV_OK;
}

/* ---- hash ---- */

static void hash_text(sv_hash *hash, const char *text) {
    sv_hash_u64(hash, strlen(text));
    for (; *text != '\0'; text++) {
        sv_hash_u64(hash, (unsigned char)*text);
    }
}

/* Strict JSON is at most 32 levels deep. */
static void hash_value(sv_hash *hash, const sv_json *json) {
    sv_hash_i64(hash, json->type & 0xFF);
    if (cJSON_IsNumber(json)) {
        sv_hash_double(hash, json->valuedouble);
    } else if (cJSON_IsString(json)) {
        hash_text(hash, json->valuestring);
    }
    const sv_json *item;
    cJSON_ArrayForEach(item, json) {
        if (item->string != NULL) {
            hash_text(hash, item->string);
        }
        hash_value(hash, item);
    }
    sv_hash_i64(hash, cJSON_GetArraySize(json));
}

uint64_t sv_json_hash(const sv_json *json) {
    sv_hash hash = sv_hash_begin();
    hash_value(&hash, json);
    return sv_hash_end(&hash);
}

/* ---- assignments ---- */

/* The value as JSON, else the text itself. */
static sv_status value_of(sv_json **out, const char *text) {
    if (sv_json_check("--set", text, strlen(text)) == SV_OK) {
        return sv_json_parse(out, "--set", text, strlen(text));
    }
    *out = cJSON_CreateString(text);
    return *out != NULL ? SV_OK : no_memory();
}

/* Next segment of a dotted path; false: empty, too long, or no text left. */
static bool take_segment(char segment[SEGMENT_CAP], const char **path, const char *end) {
    size_t n = 0;
    while (*path + n < end && (*path)[n] != '.') {
        n++;
    }
    if (n == 0 || n >= SEGMENT_CAP) {
        return false;
    }
    memcpy(segment, *path, n);
    segment[n] = '\0';
    *path += n;
    return true;
}

static sv_status index_of(int32_t *index, const sv_json *array, const char *segment, const char *assignment) {
    int64_t value;
    int32_t n = sv_json_size(array);
    if (!sv_number_parse_int(&value, segment) || value < 0 || value >= n) {
        return sv_fail(SV_ERR_INPUT, "--set %s: found %s, expected an index from 0 to %d", assignment, segment, n - 1);
    }
    *index = (int32_t)value;
    return SV_OK;
}

static sv_status fail_below(const char *assignment, const char *segment) {
    return sv_fail(SV_ERR_INPUT, "--set %s: nothing can be set below a plain value (at %s)", assignment, segment);
}

/* One step down, making an object where a key is new. */
static sv_status descend(sv_json **at, const char *segment, const char *assignment) {
    if (cJSON_IsArray(*at)) {
        int32_t index = 0;
        sv_status status = index_of(&index, *at, segment, assignment);
        if (status == SV_OK) {
            *at = sv_json_at(*at, index);
        }
        return status;
    }
    if (!cJSON_IsObject(*at)) {
        return fail_below(assignment, segment);
    }
    sv_json *next = sv_json_get(*at, segment);
    if (next == NULL) {
        next = cJSON_CreateObject();
        sv_status status = sv_json_add(*at, segment, next);
        if (status < 0) {
            return status;
        }
    }
    *at = next;
    return SV_OK;
}

/* Put the value where the last segment says; takes it over. */
static sv_status put(sv_json *at, const char *segment, sv_json *value, const char *assignment) {
    if (cJSON_IsObject(at)) {
        return sv_json_set(at, segment, value);
    }
    int32_t index = 0;
    sv_status status = cJSON_IsArray(at) ? index_of(&index, at, segment, assignment) : fail_below(assignment, segment);
    if (status == SV_OK && cJSON_ReplaceItemInArray(at, index, value)) {
        return SV_OK;
    }
    cJSON_Delete(value);
    return status < 0 ? status : no_memory();
}

sv_status sv_json_override(sv_json *root, const char *assignment) {
    const char *equals = strchr(assignment, '=');
    if (equals == NULL) {
        return sv_fail(SV_ERR_INPUT, "--set %s: expected path=value", assignment);
    }
    char segment[SEGMENT_CAP];
    const char *path = assignment;
    sv_json *at = root;
    for (;;) {
        if (!take_segment(segment, &path, equals)) {
            return sv_fail(SV_ERR_INPUT, "--set %s: expected a path like rig.cameras.3.width", assignment);
        }
        if (path == equals) {
            break;
        }
        path++;
        sv_status status = descend(&at, segment, assignment);
        if (status < 0) {
            return status;
        }
    }
    sv_json *value;
    sv_status status = value_of(&value, equals + 1);
    return status < 0 ? status : put(at, segment, value, assignment);
}
