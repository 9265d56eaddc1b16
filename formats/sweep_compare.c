#include <formats/sweep_compare.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS_CAP = 1000 };

/* Values of one number at one point, and room for the tests. */
typedef struct columns {
    double *a, *b, *d, *scratch; /* [cap], [cap], [cap], [2 cap] */
    size_t n_a, n_b, n_d;
} columns;

static sv_status columns_make(columns *c, size_t cap) {
    c->a = calloc(5 * cap + 1, sizeof *c->a);
    if (!c->a)
        return sv_fail(SV_ERR_NOMEM, "out of memory for %zu runs", cap);
    c->b = c->a + cap;
    c->d = c->b + cap;
    c->scratch = c->d + cap;
    return SV_OK;
}

/* ---- do they fit ---- */

static sv_status check_grids(const sv_sweep *before, const sv_sweep *after) {
    if (strcmp(before->scenario, after->scenario) != 0)
        return sv_fail(SV_ERR_INPUT, "compare: sweeps of '%s' and of '%s', expected one scenario", before->scenario,
                       after->scenario);
    bool same = before->n_axes == after->n_axes;
    for (int32_t i = 0; i < before->n_axes && same; i++)
        same = !strcmp(before->axis[i].path, after->axis[i].path) &&
               sv_texts_equal(&before->axis[i].value, &after->axis[i].value);
    return same ? SV_OK : sv_fail(SV_ERR_INPUT, "compare: the two sweeps have different grids");
}

static bool same_seeds(const sv_sweep *before, const sv_sweep *after) {
    bool same = before->n_runs == after->n_runs;
    for (size_t i = 0; i < before->n_runs && same; i++)
        same = before->run[i].seed == after->run[i].seed && before->run[i].point == after->run[i].point;
    return same;
}

/* The fewest runs at any point of both. */
static void fewest_runs(size_t *n_a, size_t *n_b, const sv_sweep *before, const sv_sweep *after) {
    *n_a = *n_b = SIZE_MAX;
    int32_t n_points = sv_sweep_n_points(before);
    for (int32_t point = 0; point < n_points; point++) {
        size_t i_first, n = sv_sweep_runs_of(&i_first, before, point);
        *n_a = n < *n_a ? n : *n_a;
        n = sv_sweep_runs_of(&i_first, after, point);
        *n_b = n < *n_b ? n : *n_b;
    }
}

/* A gate that could never close is none. */
static sv_status check_power(const sv_sweep *before, const sv_sweep *after, bool paired, size_t n_tests) {
    size_t n_a, n_b;
    fewest_runs(&n_a, &n_b, before, after);
    double wanted = SV_SWEEP_ALPHA / (double)n_tests;
    if (n_a > 0 && n_b > 0 && sv_p_smallest(n_a, paired ? 0 : n_b) <= wanted)
        return SV_OK;
    size_t n = 1;
    while (n < SEEDS_CAP && sv_p_smallest(n, paired ? 0 : n) > wanted)
        n++;
    if (n == SEEDS_CAP)
        return sv_fail(SV_ERR_INPUT, "compare: %zu numbers decide, too many: use a smaller grid", n_tests);
    return sv_fail(SV_ERR_INPUT,
                   "compare: found %zu and %zu %sseeds, expected at least %zu to show a change of %zu numbers", n_a,
                   n_b, paired ? "paired " : "", n, n_tests);
}

/* ---- one number ---- */

static void fill_columns(columns *c, const sv_sweep *before, const sv_sweep *after, int32_t point, int32_t i_before,
                         int32_t i_after, bool paired) {
    c->n_a = sv_sweep_column(c->a, before, point, i_before);
    c->n_b = sv_sweep_column(c->b, after, point, i_after);
    c->n_d = 0;
    size_t i_first, n = sv_sweep_runs_of(&i_first, before, point);
    for (size_t i = i_first; paired && i < i_first + n; i++) {
        double d = after->run[i].value[i_after] - before->run[i].value[i_before];
        if (!isnan(d))
            c->d[c->n_d++] = d;
    }
}

/* A number that nearly every run had and most have no more hides what became of it. */
static bool is_gone(const columns *c, size_t n_before, size_t n_after) {
    return (double)c->n_a >= 0.8 * (double)n_before && (double)c->n_b < 0.4 * (double)n_after;
}

/* Probability of a loss beyond the tolerance as large as found, had nothing changed. Spoils the columns. */
static double p_of_loss(columns *c, const sv_sweep_rule *rule, double mean_before, bool paired) {
    double allowed = rule->relative ? rule->tolerance * fabs(mean_before) : rule->tolerance;
    double loss = -rule->better;
    if (paired) {
        for (size_t i = 0; i < c->n_d; i++)
            c->d[i] = loss * c->d[i] - allowed;
        return sv_p_paired(c->d, c->n_d);
    }
    for (size_t i = 0; i < c->n_a; i++)
        c->a[i] *= loss;
    for (size_t i = 0; i < c->n_b; i++)
        c->b[i] = loss * c->b[i] - allowed;
    return sv_p_unpaired(c->a, c->n_a, c->b, c->n_b, c->scratch);
}

static const sv_sweep_rule *find_rule(const sv_sweep_rule *rule, size_t n_rules, const char *key) {
    for (size_t i = 0; i < n_rules; i++)
        if (!strcmp(rule[i].key, key))
            return &rule[i];
    return NULL;
}

static void judge(sv_sweep_change *change, const sv_sweep_rule *rule) {
    if (isnan(change->p))
        return;
    double nearest = rule->better > 0 ? change->change.lo : -change->change.hi; /* the least gain */
    change->verdict = change->p <= SV_SWEEP_ALPHA ? SV_SWEEP_WORSE : nearest > 0 ? SV_SWEEP_BETTER : SV_SWEEP_SAME;
}

/* ---- all ---- */

static void compare_all(sv_sweep_comparison *out, columns *c, const sv_sweep *before, const sv_sweep *after,
                        const sv_sweep_rule *rule, size_t n_rules) {
    int32_t n_points = sv_sweep_n_points(before);
    for (int32_t point = 0; point < n_points; point++) {
        size_t i_first, n_before = sv_sweep_runs_of(&i_first, before, point);
        size_t n_after = sv_sweep_runs_of(&i_first, after, point);
        for (int32_t k = 0; k < before->key.n; k++) {
            int32_t i_after = sv_texts_find(&after->key, before->key.item[k]);
            if (i_after < 0)
                continue;
            fill_columns(c, before, after, point, k, i_after, out->paired);
            sv_sweep_change *change = &out->change[out->n++];
            *change = (sv_sweep_change){.point = point,
                                        .i_key = k,
                                        .before = sv_mean(c->a, c->n_a),
                                        .after = sv_mean(c->b, c->n_b),
                                        .change = out->paired ? sv_interval_of_mean(c->d, c->n_d)
                                                              : sv_interval_of_difference(c->a, c->n_a, c->b, c->n_b),
                                        .p = NAN};
            const sv_sweep_rule *decides = find_rule(rule, n_rules, before->key.item[k]);
            if (decides)
                change->p = is_gone(c, n_before, n_after) ? 0 : p_of_loss(c, decides, change->before, out->paired);
        }
    }
}

static void adjust(double *p, size_t *scratch, sv_sweep_comparison *out) {
    for (size_t i = 0; i < out->n; i++)
        p[i] = out->change[i].p;
    sv_p_adjust(p, out->n, scratch);
    for (size_t i = 0; i < out->n; i++)
        out->change[i].p = p[i];
}

static sv_status count_tests(size_t *n, const sv_sweep *before, const sv_sweep *after, const sv_sweep_rule *rule,
                             size_t n_rules) {
    *n = 0;
    for (size_t i = 0; i < n_rules; i++) {
        if (sv_texts_find(&before->key, rule[i].key) < 0)
            continue;
        if (sv_texts_find(&after->key, rule[i].key) < 0)
            return sv_fail(SV_ERR_INPUT, "compare: the new sweep has no %s", rule[i].key);
        *n += (size_t)sv_sweep_n_points(before);
    }
    return *n ? SV_OK : sv_fail(SV_ERR_INPUT, "compare: the old sweep has none of the numbers that decide");
}

sv_status sv_sweep_compare(sv_sweep_comparison *out, const sv_sweep *before, const sv_sweep *after,
                           const sv_sweep_rule *rule, size_t n_rules) {
    *out = (sv_sweep_comparison){0};
    size_t n_tests = 0, n_rows = (size_t)sv_sweep_n_points(before) * (size_t)before->key.n;
    sv_status status = check_grids(before, after);
    if (status == SV_OK)
        status = count_tests(&n_tests, before, after, rule, n_rules);
    bool paired = same_seeds(before, after);
    if (status == SV_OK)
        status = check_power(before, after, paired, n_tests);
    if (status != SV_OK)
        return status;
    columns c = {0};
    status = columns_make(&c, before->n_runs > after->n_runs ? before->n_runs : after->n_runs);
    double *p = calloc(n_rows + 1, sizeof *p);
    size_t *scratch = calloc(n_rows + 1, sizeof *scratch);
    out->paired = paired;
    out->change = calloc(n_rows + 1, sizeof *out->change);
    if (status == SV_OK && (!p || !scratch || !out->change))
        status = sv_fail(SV_ERR_NOMEM, "out of memory for %zu numbers", n_rows);
    if (status == SV_OK) {
        compare_all(out, &c, before, after, rule, n_rules);
        adjust(p, scratch, out);
        for (size_t i = 0; i < out->n; i++) {
            sv_sweep_change *change = &out->change[i];
            judge(change, find_rule(rule, n_rules, before->key.item[change->i_key]));
            out->n_worse += change->verdict == SV_SWEEP_WORSE;
        }
    } else {
        sv_sweep_comparison_free(out);
    }
    free(c.a);
    free(p);
    free(scratch);
    return status;
}

void sv_sweep_comparison_free(sv_sweep_comparison *comparison) {
    free(comparison->change);
    *comparison = (sv_sweep_comparison){0};
}
