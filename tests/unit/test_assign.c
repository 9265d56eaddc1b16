/* Sparse assignment against brute force, ties included, and its cost on a frame-sized problem. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <core/base/assign.h>
#include <skyvox/rng.h>

enum { SMALL = 5, N_PROBLEMS = 20000, EDGES_CAP = 4000, ROWS_CAP = 400 };

typedef struct instance {
    int32_t n_rows, n_cols;
    size_t n_edges;
    sv_assign_edge edge[EDGES_CAP];
    double alone[ROWS_CAP];
} instance;

/* The best answer so far of the search through all of them. */
typedef struct best {
    double cost;
    int32_t col_of_row[SMALL];
} best;

/* Rows choose in order, lower columns first and alone last: of equal costs the first found is what the rule wants. */
static void search(best *b, const instance *p, int32_t row, int32_t *chosen, double cost) {
    if (row == p->n_rows) {
        if (cost < b->cost) {
            b->cost = cost;
            memcpy(b->col_of_row, chosen, sizeof b->col_of_row);
        }
        return;
    }
    for (int32_t col = 0; col < p->n_cols; col++) {
        bool taken = false;
        for (int32_t i = 0; i < row; i++) {
            taken = taken || chosen[i] == col;
        }
        for (size_t e = 0; e < p->n_edges && !taken; e++) {
            if (p->edge[e].row == row && p->edge[e].col == col) {
                chosen[row] = col;
                search(b, p, row + 1, chosen, cost + p->edge[e].cost);
            }
        }
    }
    chosen[row] = -1;
    search(b, p, row + 1, chosen, cost + p->alone[row]);
}

/* Costs are multiples of a binary fraction, so that sums are exact and equal ones are equal. */
static double draw_cost(uint64_t i_problem, uint64_t i, double levels) {
    double u = sv_rng_uniform(41, i_problem, i);
    return floor(u * levels) - floor(0.25 * levels);
}

static void draw(instance *p, uint64_t i_problem, double levels) {
    uint64_t n = 0;
    p->n_rows = (int32_t)(sv_rng(40, i_problem, n++) % (SMALL + 1));
    p->n_cols = (int32_t)(sv_rng(40, i_problem, n++) % (SMALL + 1));
    double density = sv_rng_uniform(40, i_problem, n++);
    p->n_edges = 0;
    for (int32_t row = 0; row < p->n_rows; row++) {
        p->alone[row] = draw_cost(i_problem, n++, levels);
        for (int32_t col = 0; col < p->n_cols; col++) {
            if (sv_rng_uniform(40, i_problem, n++) < density) {
                p->edge[p->n_edges++] = (sv_assign_edge){row, col, draw_cost(i_problem, n++, levels)};
            }
        }
    }
    /* Any order of edges: shuffle. */
    for (size_t i = p->n_edges; i > 1; i--) {
        size_t j = (size_t)(sv_rng(42, i_problem, i) % i);
        sv_assign_edge swap = p->edge[i - 1];
        p->edge[i - 1] = p->edge[j];
        p->edge[j] = swap;
    }
}

static void solve_all(double levels) {
    static instance p;
    sv_arena scratch;
    assert_int_equal(sv_arena_create(&scratch, 1 << 16), SV_OK);
    for (uint64_t i = 0; i < N_PROBLEMS; i++) {
        draw(&p, i, levels);
        best b = {.cost = INFINITY};
        int32_t chosen[SMALL] = {0};
        search(&b, &p, 0, chosen, 0.0);
        int32_t col_of_row[SMALL];
        assert_int_equal(sv_assign_sparse(col_of_row, p.n_rows, p.n_cols, p.edge, p.n_edges, p.alone, &scratch), SV_OK);
        assert_memory_equal(col_of_row, b.col_of_row, (size_t)p.n_rows * sizeof *col_of_row);
        assert_int_equal(scratch.used, 0);
    }
    sv_arena_destroy(&scratch);
}

static void distinct_costs_equal_brute_force(void **state) {
    (void)state;
    solve_all(0x1p40);
}

static void ties_follow_the_rule(void **state) {
    (void)state;
    solve_all(2.0);
    solve_all(3.0);
    solve_all(8.0);
}

static void equal_rows_and_columns_go_in_order(void **state) {
    (void)state;
    const sv_assign_edge edge[] = {{1, 1, 2.0}, {0, 1, 2.0}, {2, 0, 2.0}, {1, 0, 2.0}, {0, 0, 2.0}, {2, 1, 2.0}};
    const double alone[] = {2.0, 2.0, 2.0};
    const int32_t expected[] = {0, 1, -1};
    int32_t col_of_row[3];
    sv_arena scratch;
    assert_int_equal(sv_arena_create(&scratch, 1 << 12), SV_OK);
    assert_int_equal(sv_assign_sparse(col_of_row, 3, 2, edge, 6, alone, &scratch), SV_OK);
    assert_memory_equal(col_of_row, expected, sizeof expected);
    sv_arena_destroy(&scratch);
}

/* 200 rows, 200 columns, five edges a row: one component. */
static void draw_large(instance *p, uint64_t stream, double levels) {
    *p = (instance){.n_rows = 200, .n_cols = 200};
    uint64_t n = 0;
    for (int32_t row = 0; row < p->n_rows; row++) {
        p->alone[row] = 0.9 * levels;
        int32_t first = (int32_t)(sv_rng(43, stream, n++) % 200);
        for (int32_t k = 0; k < 5; k++) {
            int32_t col = (first + k * (k + 3) * 7 / 2 + (row % 3) * k) % 200;
            p->edge[p->n_edges++] = (sv_assign_edge){row, col, floor(sv_rng_uniform(43, stream, n++) * levels)};
        }
    }
}

/* Optimal means that no exchange pays: Bellman-Ford finds no negative cycle in the graph of places, which are the
 * columns and one pool of the rows that are alone and the vacancies of the columns that are taken. */
static void assert_optimal(const instance *p, const int32_t *col_of_row) {
    enum { POOL = 200 };
    double dist[POOL + 1] = {0};
    int32_t owner[POOL + 1];
    double paid[ROWS_CAP];
    for (int32_t j = 0; j <= POOL; j++) {
        owner[j] = -1;
    }
    for (int32_t row = 0; row < p->n_rows; row++) {
        paid[row] = p->alone[row];
        if (col_of_row[row] >= 0) {
            assert_int_equal(owner[col_of_row[row]], -1);
            owner[col_of_row[row]] = row;
        }
    }
    for (size_t e = 0; e < p->n_edges; e++) {
        if (col_of_row[p->edge[e].row] == p->edge[e].col) {
            paid[p->edge[e].row] = p->edge[e].cost;
        }
    }
    for (int pass = 0; pass <= POOL + 1; pass++) {
        bool changed = false;
        for (int32_t j = 0; j < POOL; j++) {
            /* A vacancy moves for nothing, from the pool to a column that is given up or back from a free one. */
            int32_t from = owner[j] < 0 ? j : POOL;
            int32_t to = owner[j] < 0 ? POOL : j;
            if (dist[from] < dist[to] - 1e-9) {
                dist[to] = dist[from];
                changed = true;
            }
        }
        for (int32_t row = 0; row < p->n_rows; row++) {
            int32_t from = col_of_row[row] < 0 ? POOL : col_of_row[row];
            double alone = dist[from] + p->alone[row] - paid[row];
            if (alone < dist[POOL] - 1e-9) {
                dist[POOL] = alone;
                changed = true;
            }
        }
        for (size_t e = 0; e < p->n_edges; e++) {
            int32_t row = p->edge[e].row;
            int32_t from = col_of_row[row] < 0 ? POOL : col_of_row[row];
            double moved = dist[from] + p->edge[e].cost - paid[row];
            if (moved < dist[p->edge[e].col] - 1e-9) {
                dist[p->edge[e].col] = moved;
                changed = true;
            }
        }
        if (!changed) {
            return;
        }
    }
    fail_msg("a cheaper assignment exists");
}

static void large_problems_are_optimal(void **state) {
    (void)state;
    static instance p;
    sv_arena scratch;
    assert_int_equal(sv_arena_create(&scratch, 1 << 18), SV_OK);
    for (uint64_t i = 0; i < 200; i++) {
        draw_large(&p, i, i % 2 == 0 ? 0x1p30 : 4.0);
        int32_t col_of_row[ROWS_CAP];
        assert_int_equal(sv_assign_sparse(col_of_row, p.n_rows, p.n_cols, p.edge, p.n_edges, p.alone, &scratch), SV_OK);
        assert_optimal(&p, col_of_row);
    }
    sv_arena_destroy(&scratch);
}

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void two_hundred_by_two_hundred_takes_under_a_millisecond(void **state) {
    (void)state;
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    static instance p;
    sv_arena scratch;
    assert_int_equal(sv_arena_create(&scratch, 1 << 18), SV_OK);
    double fastest = INFINITY;
    for (int i = 0; i < 20 || (fastest >= 1.0 && i < 2000); i++) { /* a busy machine gets more tries */
        draw_large(&p, 7, 0x1p30);
        int32_t col_of_row[ROWS_CAP];
        double start = now_ms();
        sv_assign_sparse(col_of_row, p.n_rows, p.n_cols, p.edge, p.n_edges, p.alone, &scratch);
        double taken = now_ms() - start;
        fastest = taken < fastest ? taken : fastest;
    }
    print_message("200 x 200 with 5 edges per row: %.3f ms\n", fastest);
    assert_true(fastest < 1.0);
    sv_arena_destroy(&scratch);
#else
    (void)now_ms;
    skip();
#endif
}

static void too_little_scratch_is_an_error_and_changes_nothing(void **state) {
    (void)state;
    static instance p;
    draw_large(&p, 1, 4.0);
    int32_t col_of_row[ROWS_CAP];
    memset(col_of_row, 77, sizeof col_of_row);
    int32_t untouched[ROWS_CAP];
    memcpy(untouched, col_of_row, sizeof untouched);
    bool solved = false;
    for (size_t cap = 64; cap < (1 << 18) && !solved; cap *= 2) {
        sv_arena scratch;
        assert_int_equal(sv_arena_create(&scratch, cap), SV_OK);
        sv_status status = sv_assign_sparse(col_of_row, p.n_rows, p.n_cols, p.edge, p.n_edges, p.alone, &scratch);
        assert_int_equal(scratch.used, 0);
        solved = status == SV_OK;
        if (!solved) {
            assert_int_equal(status, SV_ERR_LIMIT);
            assert_memory_equal(col_of_row, untouched, sizeof untouched);
        }
        sv_arena_destroy(&scratch);
    }
    assert_true(solved);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distinct_costs_equal_brute_force),
        cmocka_unit_test(ties_follow_the_rule),
        cmocka_unit_test(equal_rows_and_columns_go_in_order),
        cmocka_unit_test(large_problems_are_optimal),
        cmocka_unit_test(two_hundred_by_two_hundred_takes_under_a_millisecond),
        cmocka_unit_test(too_little_scratch_is_an_error_and_changes_nothing),
    };
    return cmocka_run_group_tests_name("assign", tests, NULL, NULL);
}
