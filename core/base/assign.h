/** Sparse linear assignment with a price for staying alone. */
#ifndef CORE_BASE_ASSIGN_H
#define CORE_BASE_ASSIGN_H

#include <core/base/arena.h>

typedef struct sv_assign_edge {
    int32_t row, col;
    double cost; /* finite */
} sv_assign_edge;

/**
 * Choose edges, each row and each column at most once, so that the sum of chosen costs plus alone_cost of every row left
 * alone is smallest. Connected components are solved one by one (shortest augmenting paths, Jonker-Volgenant); ties go to
 * the lower row, then the lower column, so the answer is unique.
 *
 *   col_of_row  out  [n_rows] column or -1
 *   edge        in   [n_edges], any order, no pair twice
 *   alone_cost  in   [n_rows]
 *
 * Errors: SV_ERR_LIMIT (scratch too small); out is then unchanged.
 */
sv_status sv_assign_sparse(int32_t *col_of_row, int32_t n_rows, int32_t n_cols, const sv_assign_edge *edge,
                           size_t n_edges, const double *alone_cost, sv_arena *scratch);

#endif
