/** The linear program of one group of T-GOSPA, solved by Clp (COIN-OR). docs/METRICS.md 8. */
#include <core/score/metrics_parts.h>

#include <coin/Clp_C_Interface.h>
#include <float.h>
#include <stdlib.h>

/* Columns by frame and arc: w, in 0..1; then up and down, at least 0, with w_k - w_(k-1) = up - down.
 * Rows: each truth and each track of a frame at most once; one for every change. */
typedef struct program {
    int n_cols, n_rows, n_caps; /* caps: rows of the first kind */
    CoinBigIndex *start;        /* [n_cols + 1] */
    int *row;                   /* [4 n] */
    double *value;
    double *col_hi, *cost, *row_lo, *row_hi;
    CoinBigIndex n_entries;
} program;

static void put(program *p, int row, double value) {
    p->row[p->n_entries] = row;
    p->value[p->n_entries++] = value;
}

static void fill(program *p, const sv_tgospa_group *g) {
    int n_arcs = (int)g->n_arcs, n_frames = (int)g->n_frames, n_nodes = g->n_truths + g->n_tracks;
    int n_w = n_arcs * n_frames, n_moves = n_arcs * (n_frames - 1);
    for (int k = 0; k < n_w; k++) {
        int frame = k / n_arcs, a = k % n_arcs;
        p->start[k] = p->n_entries;
        p->col_hi[k] = 1;
        p->cost[k] = g->cost_p[k] - g->cutoff_p;
        put(p, frame * n_nodes + g->arc[a].truth, 1);
        put(p, frame * n_nodes + g->n_truths + g->arc[a].track, 1);
        if (frame > 0)
            put(p, p->n_caps + k - n_arcs, 1);
        if (frame + 1 < n_frames)
            put(p, p->n_caps + k, -1);
    }
    for (int k = 0; k < 2 * n_moves; k++) {
        int col = n_w + k;
        p->start[col] = p->n_entries;
        p->col_hi[col] = 1;
        p->cost[col] = g->switch_p;
        put(p, p->n_caps + k % n_moves, k < n_moves ? -1 : 1);
    }
    p->start[p->n_cols] = p->n_entries;
    for (int i = 0; i < p->n_rows; i++) {
        p->row_lo[i] = i < p->n_caps ? -DBL_MAX : 0;
        p->row_hi[i] = i < p->n_caps ? 1 : 0;
    }
}

/* Values within a millionth of 0 or 1 are 0 or 1; the sums are made again from them. */
static double settle(double w, bool *integral) {
    double whole = w < 0.5 ? 0 : 1;
    if (w - whole < 1e-6 && whole - w < 1e-6)
        return whole;
    *integral = false;
    return w;
}

static sv_tgospa_sums add_up(const double *w, const sv_tgospa_group *g) {
    sv_tgospa_sums sums = {.integral = true};
    for (size_t k = 0; k < g->n_arcs * g->n_frames; k++) {
        double now = settle(w[k], &sums.integral);
        if (k >= g->n_arcs) {
            double before = settle(w[k - g->n_arcs], &sums.integral);
            sums.n_changes += now > before ? now - before : before - now;
        }
        if (g->cost_p[k] < g->cutoff_p) {
            sums.n_pairs += now;
            sums.localisation += now * g->cost_p[k];
        }
    }
    return sums;
}

static sv_status run(sv_tgospa_sums *out, program *p, const sv_tgospa_group *g) {
    Clp_Simplex *model = Clp_newModel();
    if (!model)
        return sv_fail(SV_ERR_NOMEM, "no memory for a linear program");
    fill(p, g);
    Clp_setLogLevel(model, 0);
    Clp_loadProblem(model, p->n_cols, p->n_rows, p->start, p->row, p->value, NULL, p->col_hi, p->cost, p->row_lo,
                    p->row_hi);
    Clp_initialDualSolve(model);
    sv_status status = Clp_status(model) == 0 ? SV_OK : sv_fail(SV_ERR_DEGENERATE, "a linear program has no optimum");
    if (status == SV_OK)
        *out = add_up(Clp_primalColumnSolution(model), g);
    Clp_deleteModel(model);
    return status;
}

sv_status sv_tgospa_program(sv_tgospa_sums *out, const sv_tgospa_group *g) {
    size_t n_w = g->n_arcs * g->n_frames, n_moves = n_w - g->n_arcs;
    size_t n_caps = (size_t)(g->n_truths + g->n_tracks) * g->n_frames;
    size_t n_cols = n_w + 2 * n_moves, n_rows = n_caps + n_moves, n_entries = 4 * n_w + 2 * n_moves;
    if (n_entries > INT32_MAX / 2)
        return sv_fail(SV_ERR_LIMIT, "T-GOSPA: a linear program of %zu columns", n_cols);
    program p = {.n_cols = (int)n_cols,
                 .n_rows = (int)n_rows,
                 .n_caps = (int)n_caps,
                 .start = calloc(n_cols + 1, sizeof *p.start),
                 .row = calloc(n_entries, sizeof *p.row),
                 .value = calloc(n_entries, sizeof *p.value),
                 .col_hi = calloc(n_cols, sizeof *p.col_hi),
                 .cost = calloc(n_cols, sizeof *p.cost),
                 .row_lo = calloc(n_rows, sizeof *p.row_lo),
                 .row_hi = calloc(n_rows, sizeof *p.row_hi)};
    bool taken = p.start && p.row && p.value && p.col_hi && p.cost && p.row_lo && p.row_hi;
    sv_status status = taken ? run(out, &p, g) : sv_fail(SV_ERR_NOMEM, "no memory for a linear program");
    free(p.start);
    free(p.row);
    free(p.value);
    free(p.col_hi);
    free(p.cost);
    free(p.row_lo);
    free(p.row_hi);
    return status;
}
