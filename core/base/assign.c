/* Shortest augmenting paths after Jonker and Volgenant (Computing 38, 1987) on adjacency lists, so that a search never
 * leaves the connected component of its row. Staying alone is a private column that nobody else wants: its dual is 0.
 * Then the tie rule: among all optimal answers the one whose col_of_row is first in dictionary order, alone counting as
 * behind every column. */
#include <core/base/assign.h>

#include <math.h>

enum { NONE = -1 };

/* What a search knows about a column. */
typedef struct column {
    double dual;   /* v <= 0; 0 while the column is free */
    double dist;   /* from the root of the search */
    int32_t row;   /* its owner or NONE */
    int32_t from;  /* on the path of the search: the row that wants it; of the tie rule: the place before it */
    int32_t mover; /* tie rule: the row that comes from there, NONE for a vacancy */
    bool reached;  /* in this search */
    bool done;     /* its distance is final */
} column;

typedef struct problem {
    int32_t n_rows, n_cols;
    const double *alone_cost;
    size_t *first; /* [n_rows + 1] edges of row i are first[i] .. first[i + 1] - 1, columns increasing */
    sv_assign_edge *edge;
    column *col;     /* [n_cols + 1]; the last is the pool of the tie rule */
    double *dual;    /* [n_rows] u: cost of the row's choice less the dual of its column */
    int32_t *choice; /* [n_rows] column, or NONE for alone */
    int32_t *list;   /* [n_cols + 1] columns reached by the search */
    int32_t n_list;
} problem;

/* ---- set-up ---- */

/* Stable counting sort of n edges by column or row; first[0..n_keys] becomes where each key starts. */
static void sort_edges(sv_assign_edge *out, size_t *first, const sv_assign_edge *in, size_t n, int32_t n_keys,
                       bool by_row) {
    for (int32_t i = 0; i <= n_keys; i++) {
        first[i] = 0;
    }
    for (size_t i = 0; i < n; i++) {
        first[by_row ? in[i].row : in[i].col]++;
    }
    size_t end = 0;
    for (int32_t i = 0; i <= n_keys; i++) {
        end += first[i];
        first[i] = end;
    }
    for (size_t i = n; i-- > 0;) {
        out[--first[by_row ? in[i].row : in[i].col]] = in[i];
    }
}

static bool set_up(problem *p, const sv_assign_edge *edge, size_t n_edges, sv_arena *scratch) {
    size_t n_rows = (size_t)p->n_rows;
    size_t n_cols = (size_t)p->n_cols;
    p->first = sv_arena_take(scratch, (n_rows > n_cols ? n_rows : n_cols) + 1, sizeof *p->first);
    p->edge = sv_arena_take(scratch, n_edges, sizeof *p->edge);
    sv_assign_edge *by_col = sv_arena_take(scratch, n_edges, sizeof *by_col);
    p->col = sv_arena_take(scratch, n_cols + 1, sizeof *p->col);
    p->dual = sv_arena_take(scratch, n_rows, sizeof *p->dual);
    p->choice = sv_arena_take(scratch, n_rows, sizeof *p->choice);
    p->list = sv_arena_take(scratch, n_cols + 1, sizeof *p->list);
    if (!p->first || !p->edge || !by_col || !p->col || !p->dual || !p->choice || !p->list) {
        return false;
    }
    sort_edges(by_col, p->first, edge, n_edges, p->n_cols, false);
    sort_edges(p->edge, p->first, by_col, n_edges, p->n_rows, true);
    for (int32_t i = 0; i <= p->n_cols; i++) {
        p->col[i] = (column){.row = NONE};
    }
    for (int32_t i = 0; i < p->n_rows; i++) {
        p->dual[i] = 0.0;
        p->choice[i] = NONE;
    }
    return true;
}

static void forget_search(problem *p) {
    for (int32_t i = 0; i < p->n_list; i++) {
        p->col[p->list[i]].reached = false;
        p->col[p->list[i]].done = false;
    }
    p->n_list = 0;
}

static void reach(problem *p, int32_t col, int32_t from, double dist) {
    column *c = &p->col[col];
    if (!c->reached) {
        c->reached = true;
        p->list[p->n_list++] = col;
    }
    c->from = from;
    c->dist = dist;
}

/* ---- optimum ---- */

/* Nearest column that is not done, ties to the lower one; NONE when there is none. */
static int32_t nearest_column(const problem *p) {
    int32_t best = NONE;
    for (int32_t i = 0; i < p->n_list; i++) {
        int32_t j = p->list[i];
        const column *c = &p->col[j];
        if (!c->done && (best == NONE || c->dist < p->col[best].dist || (c->dist == p->col[best].dist && j < best))) {
            best = j;
        }
    }
    return best;
}

/* The row that gets a free place leaves its column to the row before it on the path, and so on back to the root. */
static void augment(problem *p, int32_t root, int32_t row, int32_t col) {
    for (;;) {
        int32_t left = p->choice[row];
        p->choice[row] = col;
        if (col != NONE) {
            p->col[col].row = row;
        }
        if (row == root) {
            return;
        }
        col = left;
        row = p->col[col].from;
    }
}

/* Find the cheapest way to give `root` a place when every row before it has one. */
static void place_row(problem *p, int32_t root) {
    int32_t row = root;
    int32_t alone_row = root;
    double base = 0.0;
    double alone = INFINITY;
    int32_t end;
    for (;;) {
        /* Extend the search by the edges of `row`, which was reached at distance `base`. */
        for (size_t i = p->first[row]; i < p->first[row + 1]; i++) {
            const column *c = &p->col[p->edge[i].col];
            double dist = base + (p->edge[i].cost - p->dual[row] - c->dual);
            if (!c->reached || (!c->done && dist < c->dist)) {
                reach(p, p->edge[i].col, row, dist);
            }
        }
        double dist = base + (p->alone_cost[row] - p->dual[row]);
        if (dist < alone) {
            alone = dist;
            alone_row = row;
        }

        end = nearest_column(p);
        if (end == NONE || alone < p->col[end].dist || p->col[end].row == NONE) {
            break;
        }
        p->col[end].done = true;
        row = p->col[end].row;
        base = p->col[end].dist;
    }
    bool ends_alone = end == NONE || alone < p->col[end].dist;
    double length = ends_alone ? alone : p->col[end].dist;

    /* New duals keep every reduced cost >= 0 and the chosen ones at 0. */
    p->dual[root] += length;
    for (int32_t i = 0; i < p->n_list; i++) {
        column *c = &p->col[p->list[i]];
        if (c->done) {
            c->dual -= length - c->dist;
            p->dual[c->row] += length - c->dist;
        }
    }
    augment(p, root, ends_alone ? alone_row : p->col[end].from, ends_alone ? NONE : end);
    forget_search(p);
}

/* ---- tie rule ----
 * An optimal answer uses tight choices only (reduced cost 0), and leaves free only columns whose dual is 0. Two of them
 * differ by cycles in the graph of places: the columns and one pool, which holds the rows that are alone and the
 * vacancies of the columns that are taken. An edge a -> b is a row, or a vacancy, that is at a and could be at b. */

static bool edge_is_tight(const problem *p, const sv_assign_edge *edge) {
    return edge->cost - p->dual[edge->row] - p->col[edge->col].dual <= 0.0;
}

static bool alone_is_tight(const problem *p, int32_t row) {
    return p->alone_cost[row] - p->dual[row] <= 0.0;
}

static void reach_place(problem *p, int32_t place, int32_t from, int32_t mover) {
    if (!p->col[place].reached) {
        reach(p, place, from, 0.0);
        p->col[place].mover = mover;
    }
}

static void reach_by_row(problem *p, int32_t row, int32_t from) {
    for (size_t i = p->first[row]; i < p->first[row + 1]; i++) {
        if (edge_is_tight(p, &p->edge[i])) {
            reach_place(p, p->edge[i].col, from, row);
        }
    }
    if (alone_is_tight(p, row)) {
        reach_place(p, p->n_cols, from, row);
    }
}

static void reach_from_pool(problem *p, int32_t first_row) {
    for (int32_t j = 0; j < p->n_cols; j++) {
        if (p->col[j].dual == 0.0) {
            reach_place(p, j, p->n_cols, NONE);
        }
    }
    for (int32_t row = first_row; row < p->n_rows; row++) {
        if (p->choice[row] == NONE) {
            reach_by_row(p, row, p->n_cols);
        }
    }
}

/* Give `row` the column `col` if the rows after it can close the cycle. */
static bool try_column(problem *p, int32_t row, int32_t col) {
    int32_t pool = p->n_cols;
    int32_t target = p->choice[row] == NONE ? pool : p->choice[row];
    reach_place(p, col, NONE, row);
    for (int32_t i = 0; i < p->n_list && !p->col[target].reached; i++) {
        int32_t place = p->list[i];
        int32_t owner = p->col[place].row;
        if (place == pool) {
            reach_from_pool(p, row + 1);
        } else if (owner == NONE) {
            reach_place(p, pool, place, NONE);
        } else if (owner > row) {
            reach_by_row(p, owner, place);
        }
    }
    bool found = p->col[target].reached;
    for (int32_t place = target; found && place != NONE; place = p->col[place].from) {
        int32_t mover = p->col[place].mover;
        if (place != pool) {
            p->col[place].row = mover;
        }
        if (mover != NONE) {
            p->choice[mover] = place == pool ? NONE : place;
        }
    }
    forget_search(p);
    return found;
}

static void break_ties(problem *p) {
    /* The duals of the rows once more, from the costs, so that rounding on the way hides no tie. */
    for (int32_t row = 0; row < p->n_rows; row++) {
        p->dual[row] = p->alone_cost[row];
        for (size_t i = p->first[row]; p->choice[row] != NONE && i < p->first[row + 1]; i++) {
            if (p->edge[i].col == p->choice[row]) {
                p->dual[row] = p->edge[i].cost - p->col[p->choice[row]].dual;
            }
        }
    }
    for (int32_t row = 0; row < p->n_rows; row++) {
        for (size_t i = p->first[row]; i < p->first[row + 1] && p->edge[i].col != p->choice[row]; i++) {
            if (edge_is_tight(p, &p->edge[i]) && try_column(p, row, p->edge[i].col)) {
                break;
            }
        }
    }
}

sv_status sv_assign_sparse(int32_t *col_of_row, int32_t n_rows, int32_t n_cols, const sv_assign_edge *edge,
                           size_t n_edges, const double *alone_cost, sv_arena *scratch) {
    problem p = {.n_rows = n_rows, .n_cols = n_cols, .alone_cost = alone_cost};
    size_t mark = scratch->used;
    if (!set_up(&p, edge, n_edges, scratch)) {
        sv_arena_reset(scratch, mark);
        return sv_fail(SV_ERR_LIMIT, "assignment of %d rows by %zu edges: the scratch memory is full", (int)n_rows,
                       n_edges);
    }
    for (int32_t row = 0; row < n_rows; row++) {
        place_row(&p, row);
    }
    break_ties(&p);
    for (int32_t row = 0; row < n_rows; row++) {
        col_of_row[row] = p.choice[row];
    }
    sv_arena_reset(scratch, mark);
    return SV_OK;
}
