/** Assignments among a frame's pairs: numbers rows and columns as they come, so that a problem is as small as its pairs. */
#include <core/score/metrics_parts.h>

#include <stdlib.h>
#include <string.h>

static int32_t *take_numbers(size_t n) {
    int32_t *number = malloc((n + 1) * sizeof *number);
    for (size_t i = 0; number && i <= n; i++)
        number[i] = -1;
    return number;
}

sv_status sv_metrics_solver_init(sv_metrics_solver *s, size_t n_truth_ids, size_t n_track_ids) {
    memset(s, 0, sizeof *s);
    s->row_of = take_numbers(n_truth_ids);
    s->col_of = take_numbers(n_track_ids);
    s->truth_of_row = take_numbers(n_truth_ids);
    s->track_of_col = take_numbers(n_track_ids);
    s->col_of_row = take_numbers(n_truth_ids);
    s->alone = calloc(n_truth_ids + 1, sizeof *s->alone);
    if (!s->row_of || !s->col_of || !s->truth_of_row || !s->track_of_col || !s->col_of_row || !s->alone)
        return sv_fail(SV_ERR_NOMEM, "no memory for the metrics of %zu targets", n_truth_ids);
    return sv_arena_create(&s->arena, 1 << 16);
}

void sv_metrics_solver_release(sv_metrics_solver *s) {
    free(s->row_of);
    free(s->col_of);
    free(s->truth_of_row);
    free(s->track_of_col);
    free(s->edge);
    free(s->label);
    free(s->alone);
    free(s->col_of_row);
    free(s->chosen);
    sv_arena_destroy(&s->arena);
}

sv_status sv_metrics_solver_allow(sv_metrics_solver *s, int32_t truth, int32_t track, double cost, size_t label) {
    sv_status status = sv_metrics_grow((void **)&s->edge, &s->edge_cap, s->n_edges + 1, sizeof *s->edge);
    if (status == SV_OK)
        status = sv_metrics_grow((void **)&s->label, &s->label_cap, s->n_edges + 1, sizeof *s->label);
    if (status != SV_OK)
        return status;
    if (s->row_of[truth] < 0) {
        s->truth_of_row[s->n_rows] = truth;
        s->row_of[truth] = s->n_rows++;
    }
    if (s->col_of[track] < 0) {
        s->track_of_col[s->n_cols] = track;
        s->col_of[track] = s->n_cols++;
    }
    s->label[s->n_edges] = label;
    s->edge[s->n_edges++] = (sv_assign_edge){.row = s->row_of[truth], .col = s->col_of[track], .cost = cost};
    return SV_OK;
}

/* sv_assign_sparse with as much scratch as it takes. */
static sv_status assign(sv_metrics_solver *s) {
    for (;;) {
        sv_arena_reset(&s->arena, 0);
        sv_status status =
            sv_assign_sparse(s->col_of_row, s->n_rows, s->n_cols, s->edge, s->n_edges, s->alone, &s->arena);
        if (status != SV_ERR_LIMIT)
            return status;
        size_t cap = s->arena.cap * 2;
        sv_arena_destroy(&s->arena);
        status = sv_arena_create(&s->arena, cap);
        if (status != SV_OK)
            return status;
    }
}

sv_status sv_metrics_solver_solve(sv_metrics_solver *s, double alone) {
    s->n_chosen = 0;
    for (int32_t i = 0; i < s->n_rows; i++) {
        s->alone[i] = alone;
        s->row_of[s->truth_of_row[i]] = -1;
    }
    for (int32_t j = 0; j < s->n_cols; j++)
        s->col_of[s->track_of_col[j]] = -1;
    sv_status status = sv_metrics_grow((void **)&s->chosen, &s->chosen_cap, (size_t)s->n_rows + 1, sizeof *s->chosen);
    if (status == SV_OK && s->n_edges > 0)
        status = assign(s);
    for (size_t k = 0; status == SV_OK && k < s->n_edges; k++)
        if (s->col_of_row[s->edge[k].row] == s->edge[k].col)
            s->chosen[s->n_chosen++] = s->label[k];
    s->n_edges = 0;
    s->n_rows = s->n_cols = 0;
    return status;
}
