/* Reading an object by a table: each row is one key. */
#include <formats/csv.h>
#include <formats/json_table.h>
#include <formats/nearest.h>

#include <cjson/cJSON.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PATH_CAP = 256, MESSAGE_CAP = 512 };

#define INT_EXACT_MAX 9007199254740991.0 /* 2^53 - 1 */

/* ---- messages ---- */

static void append(char *text, size_t cap, const char *piece) {
    size_t n = strlen(text);
    snprintf(text + n, cap - n, "%s", piece);
}

/* "rig.cameras.2" */
static void append_path(char path[PATH_CAP], const sv_json_place *place) {
    if (place->up == NULL) {
        return;
    }
    append_path(path, place->up);
    char index[16];
    snprintf(index, sizeof index, "%d", (int)place->index);
    append(path, PATH_CAP, path[0] != '\0' ? "." : "");
    append(path, PATH_CAP, place->key != NULL ? place->key : index);
}

sv_status sv_json_fail(const sv_json_place *place, const char *key, const char *format, ...) {
    char message[MESSAGE_CAP];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    char path[PATH_CAP] = "";
    append_path(path, place);
    if (key != NULL) {
        append(path, PATH_CAP, path[0] != '\0' ? "." : "");
        append(path, PATH_CAP, key);
    }
    return sv_fail(SV_ERR_INPUT, "%s: %s%s%s", place->file, path, path[0] != '\0' ? ": " : "", message);
}

sv_status sv_json_blame(const sv_json_place *place) {
    char text[MESSAGE_CAP];
    snprintf(text, sizeof text, "%s", sv_error_text());
    return sv_json_fail(place, NULL, "%s", text);
}

static void describe_found(char text[64], const sv_json *item) {
    char number[SV_NUMBER_CAP];
    if (cJSON_IsNumber(item)) {
        snprintf(text, 64, "%s", sv_number_shortest(number, item->valuedouble));
    } else if (cJSON_IsString(item)) {
        /* One line, whatever the text holds. */
        size_t n =
            (size_t)snprintf(text, 64, "\"%.40s%s\"", item->valuestring, strlen(item->valuestring) > 40 ? "..." : "");
        for (size_t i = 0; i < n; i++) {
            text[i] = (unsigned char)text[i] < ' ' ? '?' : text[i];
        }
    } else if (cJSON_IsArray(item)) {
        /* Short ones whole; cJSON asks for a few bytes more than it fills. */
        bool shown = cJSON_PrintPreallocated((sv_json *)item, text, 64, false);
        if (!shown) {
            snprintf(text, 64, "an array of %d", (int)sv_json_size(item));
        }
    } else {
        snprintf(text, 64, "%s",
                 cJSON_IsObject(item) ? "an object"
                 : cJSON_IsBool(item) ? (cJSON_IsTrue(item) ? "true" : "false")
                                      : "null");
    }
}

static const char *amount(char text[64], const sv_json_field *field, const char *singular, const char *plural) {
    if (field->n_min == field->cap || field->n_min == 0) {
        snprintf(text, 64, "%s%d %s", field->n_min == 0 ? "at most " : "", (int)field->cap,
                 field->cap == 1 ? singular : plural);
    } else {
        snprintf(text, 64, "%d to %d %s", (int)field->n_min, (int)field->cap, plural);
    }
    return text;
}

static void describe_expected(char text[MESSAGE_CAP], const sv_json_field *field) {
    char low[SV_NUMBER_CAP], high[SV_NUMBER_CAP], count[64];
    sv_number_shortest(low, field->min);
    sv_number_shortest(high, field->max);
    switch (field->type) {
    case SV_JSON_BOOL:
        snprintf(text, MESSAGE_CAP, "true or false");
        break;
    case SV_JSON_INT:
    case SV_JSON_UINT:
        snprintf(text, MESSAGE_CAP, "an integer from %s to %s", low, high);
        break;
    case SV_JSON_NUMBER:
        snprintf(text, MESSAGE_CAP, "a number from %s to %s", low, high);
        break;
    case SV_JSON_TEXT:
        snprintf(text, MESSAGE_CAP, "a text of 1 to %d bytes", (int)field->cap - 1);
        break;
    case SV_JSON_ENUM:
        snprintf(text, MESSAGE_CAP, "one of ");
        for (int i = 0; field->names[i] != NULL; i++) {
            append(text, MESSAGE_CAP, i > 0 ? ", " : "");
            append(text, MESSAGE_CAP, field->names[i]);
        }
        break;
    case SV_JSON_VECTOR:
        snprintf(text, MESSAGE_CAP, "an array of %s from %s to %s", amount(count, field, "number", "numbers"), low,
                 high);
        break;
    case SV_JSON_RANGE:
        snprintf(text, MESSAGE_CAP, "[low, high] with %s <= low <= high <= %s", low, high);
        break;
    case SV_JSON_BOX:
        snprintf(text, MESSAGE_CAP, "[[x, y, z], [x, y, z]], low corner first, from %s to %s", low, high);
        break;
    case SV_JSON_INTERVALS:
        snprintf(text, MESSAGE_CAP, "[[x, x], [y, y], [z, z]], low first, from %s to %s", low, high);
        break;
    case SV_JSON_ARRAY:
        snprintf(text, MESSAGE_CAP, "an array of %s", amount(count, field, "object", "objects"));
        break;
    default:
        snprintf(text, MESSAGE_CAP, "an object");
        break;
    }
}

static sv_status fail_value(const sv_json_place *place, const sv_json_field *field, const sv_json *item) {
    char found[64], expected[MESSAGE_CAP];
    describe_found(found, item);
    describe_expected(expected, field);
    return sv_json_fail(place, field->key, "found %s, expected %s", found, expected);
}

/* ---- values ---- */

static bool in_limits(const sv_json_field *field, const sv_json *item) {
    return cJSON_IsNumber(item) && item->valuedouble >= field->min && item->valuedouble <= field->max;
}

static bool is_integer(const sv_json *item) {
    double v = item->valuedouble;
    return v >= -INT_EXACT_MAX && v <= INT_EXACT_MAX && (double)(int64_t)v == v;
}

/* n_min..cap numbers; *n of them. */
static bool read_vector(double *to, int32_t *n, const sv_json_field *field, int32_t n_min, int32_t cap,
                        const sv_json *array) {
    *n = sv_json_size(array);
    if (!cJSON_IsArray(array) || *n < n_min || *n > cap) {
        return false;
    }
    const sv_json *item = array->child;
    for (int32_t i = 0; i < *n; i++, item = item->next) {
        if (!in_limits(field, item)) {
            return false;
        }
        to[i] = item->valuedouble;
    }
    return true;
}

static bool read_box(double to[6], const sv_json_field *field, const sv_json *item) {
    int32_t n;
    if (!cJSON_IsArray(item) || sv_json_size(item) != 2 || !read_vector(to, &n, field, 3, 3, sv_json_at(item, 0)) ||
        !read_vector(to + 3, &n, field, 3, 3, sv_json_at(item, 1))) {
        return false;
    }
    return to[0] <= to[3] && to[1] <= to[4] && to[2] <= to[5];
}

static bool read_intervals(double to[6], const sv_json_field *field, const sv_json *item) {
    bool good = cJSON_IsArray(item) && sv_json_size(item) == 3;
    for (int32_t i = 0; good && i < 3; i++) {
        int32_t n;
        good = read_vector(to + 2 * i, &n, field, 2, 2, sv_json_at(item, i)) && to[2 * i] <= to[2 * i + 1];
    }
    return good;
}

static bool read_enum(unsigned char *to, const sv_json_field *field, const sv_json *item) {
    if (!cJSON_IsString(item)) {
        return false;
    }
    for (int32_t i = 0; field->names[i] != NULL; i++) {
        if (strcmp(field->names[i], item->valuestring) == 0) {
            memcpy(to, &i, sizeof i);
            return true;
        }
    }
    return false;
}

/* Everything goes through a local first, so that a refused value leaves the struct alone. */
static bool read_numbers(unsigned char *to, const sv_json_field *field, const sv_json *item) {
    enum { NUMBERS_CAP = 16 };
    double value[NUMBERS_CAP];
    int32_t n = 0;
    bool good = false;
    if (field->type == SV_JSON_VECTOR && field->cap <= NUMBERS_CAP) {
        good = read_vector(value, &n, field, field->n_min, field->cap, item);
    } else if (field->type == SV_JSON_RANGE) {
        good = read_vector(value, &n, field, 2, 2, item) && value[0] <= value[1];
    } else if (field->type == SV_JSON_BOX) {
        n = 6;
        good = read_box(value, field, item);
    } else if (field->type == SV_JSON_INTERVALS) {
        n = 6;
        good = read_intervals(value, field, item);
    }
    if (good) {
        memcpy(to, value, (size_t)n * sizeof value[0]);
    }
    return good;
}

static bool read_plain(unsigned char *to, const sv_json_field *field, const sv_json *item) {
    if (field->type == SV_JSON_BOOL) {
        bool value = cJSON_IsTrue(item);
        memcpy(to, &value, sizeof value);
        return cJSON_IsBool(item);
    }
    if (field->type == SV_JSON_TEXT) {
        size_t n = cJSON_IsString(item) ? strlen(item->valuestring) : 0;
        if (n == 0 || n >= (size_t)field->cap) {
            return false;
        }
        memcpy(to, item->valuestring, n + 1);
        return true;
    }
    if (!in_limits(field, item) || (field->type != SV_JSON_NUMBER && !is_integer(item))) {
        return false;
    }
    if (field->type == SV_JSON_INT) {
        int32_t value = (int32_t)item->valuedouble;
        memcpy(to, &value, sizeof value);
    } else if (field->type == SV_JSON_UINT) {
        uint64_t value = (uint64_t)item->valuedouble;
        memcpy(to, &value, sizeof value);
    } else {
        memcpy(to, &item->valuedouble, sizeof item->valuedouble);
    }
    return true;
}

static bool read_value(unsigned char *to, const sv_json_field *field, const sv_json *item) {
    switch (field->type) {
    case SV_JSON_ENUM:
        return read_enum(to, field, item);
    case SV_JSON_VECTOR:
    case SV_JSON_RANGE:
    case SV_JSON_BOX:
    case SV_JSON_INTERVALS:
        return read_numbers(to, field, item);
    case SV_JSON_OBJECT:
    case SV_JSON_CHILD:
        return cJSON_IsObject(item);
    case SV_JSON_ARRAY:
        return cJSON_IsArray(item) && sv_json_size(item) >= field->n_min && sv_json_size(item) <= field->cap;
    default:
        return read_plain(to, field, item);
    }
}

static void write_default(unsigned char *to, const sv_json_field *field) {
    if (field->type == SV_JSON_NUMBER) {
        memcpy(to, &field->def, sizeof field->def);
    } else if (field->type == SV_JSON_INT || field->type == SV_JSON_ENUM) {
        int32_t value = (int32_t)field->def;
        memcpy(to, &value, sizeof value);
    } else if (field->type == SV_JSON_UINT) {
        uint64_t value = (uint64_t)field->def;
        memcpy(to, &value, sizeof value);
    } else if (field->type == SV_JSON_BOOL) {
        bool value = field->def != 0.0;
        memcpy(to, &value, sizeof value);
    }
}

/* ---- objects ---- */

static const sv_json_field *find_field(const sv_json_field *table, const char *key) {
    for (; table->type != SV_JSON_END; table++) {
        if (strcmp(table->key, key) == 0) {
            return table;
        }
    }
    return NULL;
}

static sv_status fail_unknown(const sv_json_place *place, const sv_json_field *table, const char *key) {
    sv_nearest nearest = {0};
    for (; table->type != SV_JSON_END; table++) {
        sv_nearest_offer(&nearest, key, table->key);
    }
    char shown[64];
    snprintf(shown, sizeof shown, "%.60s", key);
    for (char *c = shown; *c != '\0'; c++) {
        *c = (unsigned char)*c < ' ' ? '?' : *c;
    }
    return sv_json_fail(place, shown, "unknown key, the nearest known one is '%s'",
                        nearest.best != NULL ? nearest.best : "");
}

/* Unknown keys and keys that stand twice. The first unknown key ends it, so it stays quick on any input. */
static sv_status check_keys(const sv_json_field *table, const sv_json_place *place, const sv_json *object, bool open) {
    for (const sv_json *item = object->child; item != NULL; item = item->next) {
        const sv_json_field *field = find_field(table, item->string);
        if (field == NULL && !open) {
            return fail_unknown(place, table, item->string);
        }
        if (field != NULL && sv_json_get(object, item->string) != item) {
            return sv_json_fail(place, field->key, "this key stands twice");
        }
    }
    return SV_OK;
}

static sv_status fail_missing(const sv_json_place *place, const sv_json_field *field) {
    char expected[MESSAGE_CAP];
    describe_expected(expected, field);
    return sv_json_fail(place, field->key, "missing, expected %s", expected);
}

sv_status sv_json_bind(void *base, const sv_json_field *table, const sv_json_place *place, const sv_json *object,
                       const sv_json *fallback, bool open) {
    if (object != NULL) {
        sv_status status = cJSON_IsObject(object) ? check_keys(table, place, object, open)
                                                  : sv_json_fail(place, NULL, "expected an object");
        if (status < 0) {
            return status;
        }
    }
    for (const sv_json_field *field = table; field->type != SV_JSON_END; field++) {
        unsigned char *to = (unsigned char *)base + field->offset;
        const sv_json *item = sv_json_get(object, field->key);
        const sv_json *second = sv_json_get(fallback, field->key);
        item = item != NULL ? item : second;
        if (item == NULL && object != NULL && field->presence == SV_JSON_REQUIRED) {
            return fail_missing(place, field);
        }
        if (item == NULL && field->presence == SV_JSON_DEFAULT) {
            write_default(to, field);
        }
        if (item != NULL && !read_value(to, field, item)) {
            return fail_value(place, field, item);
        }
        if (field->type == SV_JSON_OBJECT) {
            sv_json_place below = {.file = place->file, .up = place, .key = field->key};
            sv_status status = sv_json_bind(base, field->sub, &below, item, item == second ? NULL : second, open);
            if (status < 0) {
                return status;
            }
        }
    }
    return SV_OK;
}
