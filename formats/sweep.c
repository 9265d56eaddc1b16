/** The sweep in memory. */
#include <formats/sweep.h>

#include <skyvox/ledger.h>
#include <skyvox/math.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts ---- */

sv_status sv_texts_add(sv_texts *texts, const char *text, size_t n_text) {
    char **grown = realloc(texts->item, ((size_t)texts->n + 1) * sizeof *grown);
    if (!grown)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    texts->item = grown;
    char *copy = malloc(n_text + 1);
    if (!copy)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    memcpy(copy, text, n_text);
    copy[n_text] = '\0';
    texts->item[texts->n++] = copy;
    return SV_OK;
}

void sv_texts_free(sv_texts *texts) {
    for (int32_t i = 0; i < texts->n; i++)
        free(texts->item[i]);
    free(texts->item);
    *texts = (sv_texts){0};
}

bool sv_texts_equal(const sv_texts *a, const sv_texts *b) {
    bool equal = a->n == b->n;
    for (int32_t i = 0; equal && i < a->n; i++)
        equal = !strcmp(a->item[i], b->item[i]);
    return equal;
}

int32_t sv_texts_find(const sv_texts *texts, const char *text) {
    for (int32_t i = 0; i < texts->n; i++)
        if (!strcmp(texts->item[i], text))
            return i;
    return -1;
}

/* ---- sweep ---- */

void sv_sweep_destroy(sv_sweep *sweep) {
    if (!sweep)
        return;
    for (int32_t i = 0; i < sweep->n_axes; i++) {
        free(sweep->axis[i].path);
        sv_texts_free(&sweep->axis[i].value);
    }
    for (size_t i = 0; i < sweep->n_runs; i++)
        free(sweep->run[i].value);
    free(sweep->axis);
    free(sweep->run);
    sv_texts_free(&sweep->set);
    sv_texts_free(&sweep->key);
    free(sweep);
}

int32_t sv_sweep_n_points(const sv_sweep *sweep) {
    int64_t n = 1;
    for (int32_t i = 0; i < sweep->n_axes; i++) {
        n *= sweep->axis[i].value.n;
        if (n > SV_SWEEP_POINTS_CAP)
            return SV_SWEEP_POINTS_CAP + 1;
    }
    return (int32_t)n;
}

const char *sv_sweep_setting(const sv_sweep *sweep, int32_t point, int32_t i_axis) {
    for (int32_t i = sweep->n_axes - 1; i > i_axis; i--)
        point /= sweep->axis[i].value.n;
    const sv_texts *value = &sweep->axis[i_axis].value;
    return value->item[point % value->n];
}

char *sv_sweep_point_name(char *text, size_t cap, const sv_sweep *sweep, int32_t point) {
    size_t n = 0;
    text[0] = '\0';
    for (int32_t i = 0; i < sweep->n_axes && n < cap; i++) {
        const char *value = sv_sweep_setting(sweep, point, i);
        n += (size_t)snprintf(text + n, cap - n, "%s%s=%s", i ? ", " : "", sweep->axis[i].path, value);
    }
    return text;
}

static void hash_text(sv_hash *hash, const char *text) {
    sv_hash_u64(hash, strlen(text));
    for (; *text; text++)
        sv_hash_u64(hash, (unsigned char)*text);
}

uint64_t sv_sweep_config_hash(const sv_sweep *sweep) {
    sv_hash hash = sv_hash_begin();
    hash_text(&hash, sweep->scenario);
    sv_hash_u64(&hash, sweep->scenario_hash);
    for (int32_t i = 0; i < sweep->set.n; i++)
        hash_text(&hash, sweep->set.item[i]);
    return sv_hash_end(&hash);
}

static bool before(const void *a, const void *b, void *user) {
    const sv_sweep_run *x = a, *y = b;
    (void)user;
    return x->point != y->point ? x->point < y->point : x->seed < y->seed;
}

sv_status sv_sweep_sort(sv_sweep *sweep) {
    sv_sweep_run *scratch = calloc(sweep->n_runs + 1, sizeof *scratch);
    if (!scratch)
        return sv_fail(SV_ERR_NOMEM, "out of memory for %zu runs", sweep->n_runs);
    sv_sort(sweep->run, sweep->n_runs, sizeof *sweep->run, before, NULL, scratch);
    free(scratch);
    return SV_OK;
}

/* First run that is not before (point, seed 0). */
static size_t lower_bound(const sv_sweep *sweep, int32_t point) {
    size_t lo = 0, hi = sweep->n_runs;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (sweep->run[mid].point < point)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

size_t sv_sweep_runs_of(size_t *i_first, const sv_sweep *sweep, int32_t point) {
    *i_first = lower_bound(sweep, point);
    return lower_bound(sweep, point + 1) - *i_first;
}

size_t sv_sweep_column(double *out, const sv_sweep *sweep, int32_t point, int32_t i_key) {
    size_t i_first, n_runs = sv_sweep_runs_of(&i_first, sweep, point), n = 0;
    for (size_t i = i_first; i < i_first + n_runs; i++)
        if (!isnan(sweep->run[i].value[i_key]))
            out[n++] = sweep->run[i].value[i_key];
    return n;
}
