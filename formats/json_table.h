/**
 * JSON read by tables: one row says a key's name, type, place in a struct, range, default and meaning, and everything
 * else (errors, defaults, scenarios/schema.json) follows from it. cJSON stays behind this header.
 */
#ifndef FORMATS_JSON_TABLE_H
#define FORMATS_JSON_TABLE_H

#include <skyvox/base.h>
#include <stdio.h>

/** A JSON value; a scenario is one such tree. */
typedef struct cJSON sv_json;

typedef enum sv_json_type {
    SV_JSON_END = 0,   /* last row of a table */
    SV_JSON_BOOL,      /* bool */
    SV_JSON_INT,       /* int32_t */
    SV_JSON_UINT,      /* uint64_t, at most 2^53 - 1 */
    SV_JSON_NUMBER,    /* double */
    SV_JSON_TEXT,      /* char[cap] */
    SV_JSON_ENUM,      /* int32_t-sized enum, index into `names` */
    SV_JSON_VECTOR,    /* double[cap]; fewer than cap numbers only when n_min says so */
    SV_JSON_RANGE,     /* double[2], low <= high */
    SV_JSON_BOX,       /* double[6], [[x, y, z], [x, y, z]], low <= high */
    SV_JSON_INTERVALS, /* double[6], [[x, x], [y, y], [z, z]], each low <= high */
    SV_JSON_OBJECT,    /* keys of `sub` in the same struct */
    SV_JSON_CHILD,     /* an object that the caller reads by `sub` itself */
    SV_JSON_ARRAY,     /* objects that the caller reads by `sub` itself, n_min..cap of them */
} sv_json_type;

typedef enum sv_json_presence {
    SV_JSON_DEFAULT = 0, /* absent: `def` is written; for other types than numbers the struct keeps what it has */
    SV_JSON_KEEP,        /* absent: the struct keeps what it has */
    SV_JSON_REQUIRED,
} sv_json_presence;

typedef struct sv_json_field {
    const char *key;
    sv_json_type type;
    sv_json_presence presence;
    size_t offset;
    double min, max; /* of every number in it */
    double def;
    int32_t n_min, cap;
    const char *const *names; /* NULL-terminated */
    const struct sv_json_field *sub;
    const char *doc; /* meaning and unit, one line */
} sv_json_field;

/** Where a value stands: a chain from the value up to the file. */
typedef struct sv_json_place {
    const char *file;
    const struct sv_json_place *up; /* NULL at the top */
    const char *key;                /* NULL: element `index` of an array */
    int32_t index;
} sv_json_place;

/**
 * Parse strict JSON: none of cJSON's leniencies, finite numbers, valid UTF-8, at most 32 levels.
 * Errors: SV_ERR_INPUT "name: line 3, column 7: found ..., expected ..."; SV_ERR_NOMEM. Release with sv_json_destroy.
 */
sv_status sv_json_parse(sv_json **out, const char *name, const char *text, size_t n_text);
/** The same from a file of at most 16 MiB. */
sv_status sv_json_load(sv_json **out, const char *path);
void sv_json_destroy(sv_json *json);

/** Whole file in memory, 0 after its end; free() it. Errors: SV_ERR_INPUT (missing, a folder, above `cap` bytes). */
sv_status sv_json_read_text(char **out, size_t *n, const char *path, size_t cap);

/** Apply one "path.to.0.key=value" text; missing objects on the way are made. Errors: SV_ERR_INPUT. */
sv_status sv_json_override(sv_json *root, const char *assignment);

/** Member or element, NULL when absent or when `json` is NULL or no object / array. */
sv_json *sv_json_get(const sv_json *json, const char *key);
sv_json *sv_json_at(const sv_json *json, int32_t index);
/** Number of elements, 0 for NULL. */
int32_t sv_json_size(const sv_json *json);
/** Add or replace a member of an object; takes `item` over even on failure. */
sv_status sv_json_set(sv_json *object, const char *key, sv_json *item);
/** A new empty object. */
sv_json *sv_json_make_object(void);
/** Add to an object or, with key NULL, to an array; takes `item` over even on failure. */
sv_status sv_json_add(sv_json *to, const char *key, sv_json *item);
sv_json *sv_json_make_array(void);
sv_json *sv_json_make_number(double value);
sv_json *sv_json_make_text(const char *text);
/** Array of three numbers. */
sv_json *sv_json_make_vec3(double x, double y, double z);

/**
 * Read an object by a table into a struct.
 *
 *   base      in/out  the struct that the table's offsets belong to
 *   table     in      ends with a row of type SV_JSON_END
 *   object    in      NULL: only defaults are written and nothing is required
 *   fallback  in      object whose keys stand for absent ones, checked before; NULL none
 *   open      in      true: unknown keys are ignored
 *
 * Errors: SV_ERR_INPUT "file: rig.cameras.2.width: found -5, expected an integer from 1 to 16384".
 */
sv_status sv_json_bind(void *base, const sv_json_field *table, const sv_json_place *place, const sv_json *object,
                       const sv_json *fallback, bool open);

/** Hash of keys, values and order; the layout of the text does not count. */
uint64_t sv_json_hash(const sv_json *json);

/** SV_ERR_INPUT with "file: path.key: message"; key NULL: the place itself. */
sv_status sv_json_fail(const sv_json_place *place, const char *key, const char *format, ...) SV_PRINTF(3, 4);
/** Put "file: path: " before the current error text and make it SV_ERR_INPUT. */
sv_status sv_json_blame(const sv_json_place *place);

/** Write a table as JSON Schema 2020-12. Errors: SV_ERR_IO. */
sv_status sv_json_write_schema(FILE *file, const sv_json_field *table, const char *title);

/** Keys of "pipeline" in an sv_config: docs/SCENARIO.md. */
const sv_json_field *sv_pipeline_fields(void);

#endif
