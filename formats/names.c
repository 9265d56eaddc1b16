#include <formats/names.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a; the order of buckets is seen by nobody. */
static size_t hash(const char *text) {
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *text != '\0'; text++) {
        h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    }
    return (size_t)(h ^ h >> 32);
}

static size_t find_bucket(const sv_names *names, const char *text) {
    size_t i = hash(text) & (names->bucket_cap - 1);
    while (names->bucket[i] >= 0 && strcmp(names->name[names->bucket[i]], text) != 0) {
        i = (i + 1) & (names->bucket_cap - 1);
    }
    return i;
}

static sv_status grow(sv_names *names) {
    if (names->n >= (size_t)1 << 30) {
        return sv_fail(SV_ERR_LIMIT, "more than 2^30 different ids");
    }
    if (2 * (names->n + 1) <= names->bucket_cap) {
        return SV_OK;
    }
    size_t cap = names->bucket_cap > 0 ? 2 * names->bucket_cap : 256;
    char **name = realloc(names->name, cap * sizeof *name);
    names->name = name != NULL ? name : names->name;
    int32_t *bucket = malloc(cap * sizeof *bucket);
    if (name == NULL || bucket == NULL) {
        free(bucket);
        return sv_fail(SV_ERR_NOMEM, "out of memory for %zu ids", cap);
    }
    for (size_t i = 0; i < cap; i++) {
        bucket[i] = -1;
    }
    free(names->bucket);
    names->bucket = bucket;
    names->bucket_cap = cap;
    for (size_t i = 0; i < names->n; i++) {
        bucket[find_bucket(names, names->name[i])] = (int32_t)i;
    }
    return SV_OK;
}

sv_status sv_names_add(int64_t *number, sv_names *names, const char *text) {
    sv_status status = grow(names);
    if (status < 0) {
        return status;
    }
    size_t i = find_bucket(names, text);
    if (names->bucket[i] < 0) {
        size_t n_text = strlen(text) + 1;
        char *copy = malloc(n_text);
        if (copy == NULL) {
            return sv_fail(SV_ERR_NOMEM, "out of memory for %zu ids", names->n);
        }
        memcpy(copy, text, n_text);
        names->bucket[i] = (int32_t)names->n;
        names->name[names->n++] = copy;
    }
    *number = names->bucket[i];
    return SV_OK;
}

/* A name and the number it had. */
typedef struct numbered {
    char *name;
    int64_t number;
} numbered;

static int compare(const void *a, const void *b) {
    return strcmp(((const numbered *)a)->name, ((const numbered *)b)->name);
}

sv_status sv_names_sort(int64_t **place, sv_names *names) {
    numbered *sorted = malloc((names->n + 1) * sizeof *sorted);
    *place = malloc((names->n + 1) * sizeof **place);
    if (sorted == NULL || *place == NULL) {
        free(sorted);
        free(*place);
        *place = NULL;
        return sv_fail(SV_ERR_NOMEM, "out of memory for %zu ids", names->n);
    }
    for (size_t i = 0; i < names->n; i++) {
        sorted[i] = (numbered){names->name[i], (int64_t)i};
    }
    qsort(sorted, names->n, sizeof *sorted, compare); /* names differ, so the order is unique */
    for (size_t i = 0; i < names->n; i++) {
        names->name[i] = sorted[i].name;
        (*place)[sorted[i].number] = (int64_t)i;
    }
    free(sorted);
    return SV_OK;
}

void sv_names_release(sv_names *names) {
    for (size_t i = 0; i < names->n; i++) {
        free(names->name[i]);
    }
    free(names->name);
    free(names->bucket);
    *names = (sv_names){0};
}

const char *sv_names_text(char text[SV_ID_TEXT_CAP], const sv_names *names, int64_t id) {
    if (names != NULL && id >= 0 && (size_t)id < names->n) {
        snprintf(text, SV_ID_TEXT_CAP, "%s", names->name[id]);
    } else {
        snprintf(text, SV_ID_TEXT_CAP, "%" PRId64, id);
    }
    return text;
}
