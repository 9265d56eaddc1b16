/*
 * scenarios/schema.json is what the reader's tables say, and every scenario is valid under it.
 * After a change of the tables: test_scenario_schema --write scenarios/schema.json
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include <formats/scenario_fields.h>

static const char SCHEMA[] = "scenarios/schema.json";
static const char TITLE[] = "skyvox scenario";

/* ---- a checker of the part of JSON Schema that the tables use ---- */

static bool valid(const cJSON *schema, const cJSON *value);

static bool has_type(const char *type, const cJSON *value) {
    if (strcmp(type, "integer") == 0) {
        return cJSON_IsNumber(value) && value->valuedouble == (double)(long long)value->valuedouble;
    }
    return (strcmp(type, "number") == 0 && cJSON_IsNumber(value)) ||
           (strcmp(type, "string") == 0 && cJSON_IsString(value)) ||
           (strcmp(type, "boolean") == 0 && cJSON_IsBool(value)) ||
           (strcmp(type, "array") == 0 && cJSON_IsArray(value)) ||
           (strcmp(type, "object") == 0 && cJSON_IsObject(value));
}

static bool in_enum(const cJSON *names, const cJSON *value) {
    const cJSON *name;
    cJSON_ArrayForEach(name, names) {
        if (cJSON_Compare(name, value, true)) {
            return true;
        }
    }
    return false;
}

static bool has_required(const cJSON *keys, const cJSON *value) {
    const cJSON *key;
    cJSON_ArrayForEach(key, keys) {
        if (!cJSON_HasObjectItem(value, key->valuestring)) {
            return false;
        }
    }
    return true;
}

static bool all_known(const cJSON *properties, const cJSON *value) {
    const cJSON *member;
    cJSON_ArrayForEach(member, value) {
        if (cJSON_GetObjectItemCaseSensitive(properties, member->string) == NULL) {
            return false;
        }
    }
    return true;
}

static bool properties_valid(const cJSON *properties, const cJSON *value) {
    const cJSON *member;
    cJSON_ArrayForEach(member, value) {
        const cJSON *schema = cJSON_GetObjectItemCaseSensitive(properties, member->string);
        if (schema != NULL && !valid(schema, member)) {
            return false;
        }
    }
    return true;
}

static bool items_valid(const cJSON *schema, const cJSON *value) {
    const cJSON *item;
    cJSON_ArrayForEach(item, value) {
        if (!valid(schema, item)) {
            return false;
        }
    }
    return true;
}

static bool is(const cJSON *rule, const char *keyword) {
    return strcmp(rule->string, keyword) == 0;
}

static bool rule_holds(const cJSON *schema, const cJSON *rule, const cJSON *value) {
    const char *const notes[] = {"$schema", "title", "description", "default"};
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        if (is(rule, notes[i])) {
            return true;
        }
    }
    if (is(rule, "type")) {
        return has_type(rule->valuestring, value);
    }
    if (is(rule, "enum")) {
        return in_enum(rule, value);
    }
    if (is(rule, "minimum") || is(rule, "maximum")) {
        double sign = is(rule, "minimum") ? 1 : -1;
        return !cJSON_IsNumber(value) || sign * value->valuedouble >= sign * rule->valuedouble;
    }
    if (is(rule, "minLength") || is(rule, "maxLength")) {
        double sign = is(rule, "minLength") ? 1 : -1;
        return !cJSON_IsString(value) || sign * (double)strlen(value->valuestring) >= sign * rule->valuedouble;
    }
    if (is(rule, "minItems") || is(rule, "maxItems")) {
        double sign = is(rule, "minItems") ? 1 : -1;
        return !cJSON_IsArray(value) || sign * cJSON_GetArraySize(value) >= sign * rule->valuedouble;
    }
    if (is(rule, "items")) {
        return !cJSON_IsArray(value) || items_valid(rule, value);
    }
    if (is(rule, "properties")) {
        return !cJSON_IsObject(value) || properties_valid(rule, value);
    }
    if (is(rule, "required")) {
        return !cJSON_IsObject(value) || has_required(rule, value);
    }
    if (is(rule, "additionalProperties")) {
        assert_true(cJSON_IsFalse(rule));
        return !cJSON_IsObject(value) || all_known(cJSON_GetObjectItem(schema, "properties"), value);
    }
    fail_msg("the checker does not know the keyword %s", rule->string);
    return false;
}

static bool valid(const cJSON *schema, const cJSON *value) {
    const cJSON *rule;
    cJSON_ArrayForEach(rule, schema) {
        if (!rule_holds(schema, rule, value)) {
            return false;
        }
    }
    return true;
}

/* ---- tests ---- */

static sv_json *schema_of_file(void) {
    sv_json *schema = NULL;
    assert_int_equal(sv_json_load(&schema, SCHEMA), SV_OK);
    return schema;
}

static void the_schema_file_is_what_the_tables_say(void **state) {
    (void)state;
    char *committed;
    size_t n_committed;
    assert_int_equal(sv_json_read_text(&committed, &n_committed, SCHEMA, 1 << 20), SV_OK);
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(sv_json_write_schema(file, sv_scenario_fields(), TITLE), SV_OK);
    assert_int_equal(ftell(file), n_committed);
    rewind(file);
    for (size_t i = 0; i < n_committed; i++) {
        assert_int_equal(fgetc(file), (unsigned char)committed[i]);
    }
    fclose(file);
    free(committed);
}

static void every_scenario_is_valid_and_loads(void **state) {
    (void)state;
    sv_json *schema = schema_of_file();
    glob_t found;
    assert_int_equal(glob("scenarios/*.json", 0, NULL, &found), 0);
    assert_true(found.gl_pathc >= 2);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        if (strcmp(found.gl_pathv[i], SCHEMA) == 0) {
            continue;
        }
        sv_json *json;
        sv_scenario *scenario;
        assert_int_equal(sv_json_load(&json, found.gl_pathv[i]), SV_OK);
        if (!valid(schema, json)) {
            fail_msg("%s is not valid under %s", found.gl_pathv[i], SCHEMA);
        }
        if (sv_scenario_load(&scenario, found.gl_pathv[i], NULL, 0) != SV_OK) {
            fail_msg("%s", sv_error_text());
        }
        sv_scenario_destroy(scenario);
        sv_json_destroy(json);
    }
    globfree(&found);
    sv_json_destroy(schema);
}

/* Every key of the schema, in backquotes or behind a point. */
static void check_documented(const cJSON *schema, const char *text) {
    const cJSON *property;
    cJSON_ArrayForEach(property, cJSON_GetObjectItem(schema, "properties")) {
        char alone[80], nested[80];
        snprintf(alone, sizeof alone, "`%s`", property->string);
        snprintf(nested, sizeof nested, ".%s`", property->string);
        if (strstr(text, alone) == NULL && strstr(text, nested) == NULL &&
            !cJSON_HasObjectItem(property, "properties")) {
            fail_msg("docs/SCENARIO.md does not name the key %s", property->string);
        }
        check_documented(property, text);
        check_documented(cJSON_GetObjectItem(property, "items"), text);
    }
}

static void every_key_is_documented(void **state) {
    (void)state;
    char *text;
    size_t n;
    assert_int_equal(sv_json_read_text(&text, &n, "docs/SCENARIO.md", 1 << 20), SV_OK);
    sv_json *schema = schema_of_file();
    check_documented(schema, text);
    sv_json_destroy(schema);
    free(text);
}

/* What the reader refuses for its shape, the schema refuses too; what it takes, the schema takes. */
static void schema_and_reader_agree(void **state) {
    (void)state;
    const struct {
        const char *assignment;
        bool good;
    } cases[] = {
        {"seed=7", true},
        {"rig.cameras.3.width=640", true},
        {"rig.cameras.0.distortion=[0.1, 0.2]", true},
        {"pipeline.track.gate_p=0.99", true},
        {"environment.cloud={}", true},
        {"rig.cameras.3.widht=640", false},
        {"rig.cameras.3.width=0", false},
        {"rig.cameras.3.width=6.5", false},
        {"rig.cameras=[]", false},
        {"rig.cameras.0.position_m=[1, 2]", false},
        {"rig.cameras.0.position_m=[1, 2, 1e9]", false},
        {"targets.0.class=plane", false},
        {"targets.0.flight.box_m=[[1, 2, 3]]", false},
        {"targets.0.flight={}", false},
        {"name=\"\"", false},
        {"emit=3", false},
        {"targets.0.render=0", false},
        {"expect.0.limit=low", false},
    };
    sv_json *schema = schema_of_file();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sv_json *json;
        sv_scenario *scenario;
        assert_int_equal(sv_json_load(&json, "scenarios/tiny.json"), SV_OK);
        assert_int_equal(sv_json_override(json, cases[i].assignment), SV_OK);
        assert_int_equal(valid(schema, json), cases[i].good);
        sv_status status = sv_scenario_load(&scenario, "scenarios/tiny.json", &cases[i].assignment, 1);
        assert_int_equal(status, cases[i].good ? SV_OK : SV_ERR_INPUT);
        sv_scenario_destroy(scenario);
        sv_json_destroy(json);
    }
    sv_json_destroy(schema);
}

static int write_schema(const char *path) {
    FILE *file = fopen(path, "w");
    if (file == NULL || sv_json_write_schema(file, sv_scenario_fields(), TITLE) != SV_OK) {
        perror(path);
        return 3;
    }
    return fclose(file) == 0 ? 0 : 3;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--write") == 0) {
        return write_schema(argv[2]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_schema_file_is_what_the_tables_say),
        cmocka_unit_test(every_scenario_is_valid_and_loads),
        cmocka_unit_test(every_key_is_documented),
        cmocka_unit_test(schema_and_reader_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
