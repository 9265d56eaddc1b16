/* A table as JSON Schema 2020-12, so that an editor knows what the reader knows. */
#include <formats/csv.h>
#include <formats/json_table.h>

#include <math.h>

static void indent(FILE *file, int level) {
    fprintf(file, "\n%*s", 2 * level, "");
}

/* Table texts are plain ASCII; only quotes and backslashes need an escape. */
static void write_text(FILE *file, const char *text) {
    fputc('"', file);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            fputc('\\', file);
        }
        fputc(*text, file);
    }
    fputc('"', file);
}

static void write_limits(FILE *file, const char *type, const sv_json_field *field) {
    char low[SV_NUMBER_CAP], high[SV_NUMBER_CAP];
    fprintf(file, "\"type\": \"%s\", \"minimum\": %s, \"maximum\": %s", type, sv_number_shortest(low, field->min),
            sv_number_shortest(high, field->max));
}

/* n_min..n_max numbers. */
static void write_numbers(FILE *file, const sv_json_field *field, int n_min, int n_max) {
    fprintf(file, "\"type\": \"array\", \"minItems\": %d, \"maxItems\": %d, \"items\": { ", n_min, n_max);
    write_limits(file, "number", field);
    fprintf(file, " }");
}

static void write_nested_numbers(FILE *file, const sv_json_field *field, int n_outer, int n_inner) {
    fprintf(file, "\"type\": \"array\", \"minItems\": %d, \"maxItems\": %d, \"items\": { ", n_outer, n_outer);
    write_numbers(file, field, n_inner, n_inner);
    fprintf(file, " }");
}

static void write_names(FILE *file, const sv_json_field *field) {
    fprintf(file, "\"enum\": [");
    for (int i = 0; field->names[i] != NULL; i++) {
        fprintf(file, i > 0 ? ", " : "");
        write_text(file, field->names[i]);
    }
    fprintf(file, "]");
}

/* NaN stands for a default that depends on other keys. */
static void write_default(FILE *file, const sv_json_field *field) {
    char value[SV_NUMBER_CAP];
    if (field->presence != SV_JSON_DEFAULT || isnan(field->def)) {
        return;
    }
    if (field->type == SV_JSON_BOOL) {
        fprintf(file, ", \"default\": %s", field->def != 0.0 ? "true" : "false");
    } else if (field->type == SV_JSON_ENUM) {
        fprintf(file, ", \"default\": ");
        write_text(file, field->names[(int)field->def]);
    } else if ((field->type == SV_JSON_NUMBER || field->type == SV_JSON_INT || field->type == SV_JSON_UINT) &&
               field->def >= field->min) {
        fprintf(file, ", \"default\": %s", sv_number_shortest(value, field->def));
    }
}

static void write_object(FILE *file, const sv_json_field *table, int level);

static void write_type(FILE *file, const sv_json_field *field, int level) {
    switch (field->type) {
    case SV_JSON_BOOL:
        fprintf(file, "\"type\": \"boolean\"");
        break;
    case SV_JSON_INT:
    case SV_JSON_UINT:
        write_limits(file, "integer", field);
        break;
    case SV_JSON_NUMBER:
        write_limits(file, "number", field);
        break;
    case SV_JSON_TEXT:
        fprintf(file, "\"type\": \"string\", \"minLength\": 1, \"maxLength\": %d", (int)field->cap - 1);
        break;
    case SV_JSON_ENUM:
        write_names(file, field);
        break;
    case SV_JSON_VECTOR:
        write_numbers(file, field, field->n_min, field->cap);
        break;
    case SV_JSON_RANGE:
        write_numbers(file, field, 2, 2);
        break;
    case SV_JSON_BOX:
        write_nested_numbers(file, field, 2, 3);
        break;
    case SV_JSON_INTERVALS:
        write_nested_numbers(file, field, 3, 2);
        break;
    case SV_JSON_ARRAY:
        fprintf(file, "\"type\": \"array\", \"minItems\": %d, \"maxItems\": %d, \"items\": {", (int)field->n_min,
                (int)field->cap);
        write_object(file, field->sub, level + 1);
        indent(file, level);
        fprintf(file, "}");
        break;
    default:
        write_object(file, field->sub, level);
        break;
    }
}

static void write_required(FILE *file, const sv_json_field *table, int level) {
    const char *separator = "";
    for (const sv_json_field *field = table; field->type != SV_JSON_END; field++) {
        if (field->presence == SV_JSON_REQUIRED) {
            if (separator[0] == '\0') {
                indent(file, level);
                fprintf(file, "\"required\": [");
            }
            fprintf(file, "%s", separator);
            write_text(file, field->key);
            separator = ", ";
        }
    }
    fprintf(file, separator[0] != '\0' ? "]," : "");
}

/* Keys of a schema that describes an object, the last without a comma. */
static void write_object(FILE *file, const sv_json_field *table, int level) {
    indent(file, level);
    fprintf(file, "\"type\": \"object\", \"additionalProperties\": false,");
    write_required(file, table, level);
    indent(file, level);
    fprintf(file, "\"properties\": {");
    for (const sv_json_field *field = table; field->type != SV_JSON_END; field++) {
        indent(file, level + 1);
        write_text(file, field->key);
        fprintf(file, ": { \"description\": ");
        write_text(file, field->doc);
        fprintf(file, field->type == SV_JSON_OBJECT || field->type == SV_JSON_CHILD ? "," : ", ");
        write_type(file, field, level + 2);
        write_default(file, field);
        fprintf(file, " }%s", field[1].type != SV_JSON_END ? "," : "");
    }
    indent(file, level);
    fprintf(file, "}");
}

sv_status sv_json_write_schema(FILE *file, const sv_json_field *table, const char *title) {
    fprintf(file, "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"title\": ");
    write_text(file, title);
    fprintf(file, ",");
    write_object(file, table, 1);
    fprintf(file, "\n}\n");
    return fflush(file) == 0 && !ferror(file) ? SV_OK : sv_fail(SV_ERR_IO, "the schema cannot be written");
}
