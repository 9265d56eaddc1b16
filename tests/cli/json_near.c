/* json_near WANT GOT KEY: every value of WANT stands in member KEY of GOT: numbers to 1e-9, the rest equal. */
#include <formats/json_table.h>

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int n_values, n_bad;

static void complain(const char *path, const char *what) {
    printf("%s: %s\n", path, what);
    n_bad++;
}

static void compare_number(const char *path, double want, double got) {
    char text[128];
    n_values++;
    if (fabs(want - got) <= 1e-9) {
        return;
    }
    snprintf(text, sizeof text, "found %.17g, expected %.17g", got, want);
    complain(path, text);
}

static void compare(const char *path, const cJSON *want, const cJSON *got) {
    char inner[256];
    if (got == NULL) {
        complain(path, "absent");
    } else if (cJSON_IsNumber(want) && cJSON_IsNumber(got)) {
        compare_number(path, want->valuedouble, got->valuedouble);
    } else if ((want->type & 0xff) != (got->type & 0xff)) {
        complain(path, "another type");
    } else if (cJSON_IsString(want)) {
        n_values++;
        if (strcmp(want->valuestring, got->valuestring) != 0) {
            complain(path, "another text");
        }
    } else if (cJSON_IsArray(want)) {
        if (cJSON_GetArraySize(want) != cJSON_GetArraySize(got)) {
            complain(path, "another number of elements");
        }
        for (int i = 0; i < cJSON_GetArraySize(want); i++) {
            snprintf(inner, sizeof inner, "%.200s[%d]", path, i);
            compare(inner, cJSON_GetArrayItem(want, i), cJSON_GetArrayItem(got, i));
        }
    } else if (cJSON_IsObject(want)) {
        const cJSON *item;
        cJSON_ArrayForEach(item, want) {
            snprintf(inner, sizeof inner, "%.150s.%.50s", path, item->string);
            compare(inner, item, cJSON_GetObjectItemCaseSensitive(got, item->string));
        }
    }
}

int main(int argc, char **argv) {
    sv_json *want = NULL, *got = NULL;
    if (argc != 4 || sv_json_load(&want, argv[1]) != SV_OK || sv_json_load(&got, argv[2]) != SV_OK) {
        fprintf(stderr, "json_near: %s\n", argc != 4 ? "expected WANT GOT KEY" : sv_error_text());
        return 2;
    }
    compare(argv[3], want, sv_json_get(got, argv[3]));
    sv_json_destroy(want);
    sv_json_destroy(got);
    printf("%d values, %d differ\n", n_values, n_bad);
    return n_bad > 0 || n_values == 0;
}
