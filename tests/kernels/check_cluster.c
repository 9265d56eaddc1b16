/* cluster.neighbours: rows of sorted columns from empty to full, at both ends of the range, compared with the pairs of the definition. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 160, REACH_MOST = 40, ROOM = MOST * (2 * REACH_MOST + 1) + 1, GUARD = 0x5a };

/* Columns that increase by 1 to `gap`, from a first one on; no more than fit. Returns how many. */
static size_t fill_row(uint16_t *column, size_t n, uint32_t first, uint32_t gap, uint32_t which) {
    uint32_t at = first;
    for (size_t i = 0; i < n; i++) {
        at += i == 0 ? 0 : 1 + check_random((uint32_t)i, which) % gap;
        if (at > INT16_MAX)
            return i;
        column[i] = (uint16_t)at;
    }
    return n;
}

/* Every pair looked at. */
static size_t by_definition(sv_cluster_pair *pair, const uint16_t *upper, size_t n_upper, const uint16_t *lower,
                            size_t n_lower, int32_t reach) {
    size_t n = 0;
    for (size_t i = 0; i < n_lower; i++)
        for (size_t k = 0; k < n_upper; k++)
            if (abs(upper[k] - lower[i]) <= reach)
                pair[n++] = (sv_cluster_pair){(int32_t)k, (int32_t)i};
    return n;
}

/* In memory that ends with the row: what is read beyond it is found. */
static uint16_t *exactly(const uint16_t *column, size_t n) {
    uint16_t *copy = malloc(n * sizeof *copy + (n == 0));
    if (copy)
        memcpy(copy, column, n * sizeof *copy);
    return copy;
}

static void compare(check *c, size_t n_upper, size_t n_lower, uint32_t gap, uint32_t first, uint32_t first_lower,
                    int32_t reach) {
    static sv_cluster_pair expected[ROOM], found[ROOM];
    uint16_t row[2][MOST];
    n_upper = fill_row(row[0], n_upper, first, gap, 17 + gap);
    n_lower = fill_row(row[1], n_lower, first_lower, gap, 71 + gap);
    uint16_t *upper = exactly(row[0], n_upper), *lower = exactly(row[1], n_lower);
    memset(expected, GUARD, sizeof expected);
    memset(found, GUARD, sizeof found);
    c->n_cases++;
    if (!upper || !lower) {
        check_fail(c, "cluster.neighbours", "memory", (int)n_upper, (int)n_lower, reach);
    } else {
        const size_t n = by_definition(expected, upper, n_upper, lower, n_lower, reach);
        if (c->level->cluster.neighbours(found, upper, n_upper, lower, n_lower, reach) != n)
            check_fail(c, "cluster.neighbours", "the number of pairs", (int)n_upper, (int)n_lower, reach);
        else if (memcmp(expected, found, sizeof found))
            check_fail(c, "cluster.neighbours", "a pair", (int)n_upper, (int)n_lower, reach);
    }
    free(upper);
    free(lower);
}

void check_cluster_neighbours(check *c) {
    static const size_t sizes[] = {0, 1, 2, 7, 15, 16, 17, 31, 32, 33, 64, 65, 150};
    static const uint32_t gaps[] = {1, 3, 40, 1500}, firsts[] = {0, 1, 7000, 32700};
    static const int32_t reaches[] = {0, 1, 2, REACH_MOST};
    enum { N_SIZES = sizeof sizes / sizeof *sizes };
    for (int i = 0; i < N_SIZES * N_SIZES; i++)
        for (int k = 0; k < 4 * 4 * 4; k++) {
            const size_t n = sizes[i / N_SIZES], m = sizes[i % N_SIZES];
            const uint32_t gap = gaps[k / 16], first = firsts[k / 4 % 4];
            compare(c, n, m, gap, first, first + gap % 3, reaches[k % 4]);
            compare(c, n, m, gap, first, firsts[3 - k / 4 % 4], reaches[k % 4]); /* the other end of the range */
        }
}

/* ---- speed ---- */

enum { ROWS = 4320, PER_ROW = 7, WIDTH = 7680 };

typedef struct frame_rows {
    const sv_backend *level;
    uint16_t column[ROWS][PER_ROW];
    size_t n_pairs;
} frame_rows;

static void join_all(void *user) {
    frame_rows *f = user;
    sv_cluster_pair pair[PER_ROW * 5];
    for (int y = 2; y < ROWS; y++)
        for (int above = y - 2; above < y; above++)
            f->n_pairs += f->level->cluster.neighbours(pair, f->column[above], PER_ROW, f->column[y], PER_ROW, 2);
}

check_timing time_cluster_neighbours(const sv_backend *level, int bit_depth) {
    (void)bit_depth;
    check_timing timing = {0};
    frame_rows *f = calloc(1, sizeof *f);
    if (f) {
        f->level = level;
        for (uint32_t y = 0; y < ROWS; y++)
            fill_row(f->column[y], PER_ROW, check_random(y, 3) % (WIDTH / PER_ROW), 2 * WIDTH / PER_ROW - 400, y);
        timing = (check_timing){check_time_ms(join_all, f), 2.0 * 2 * PER_ROW * 2 * ROWS};
    }
    free(f);
    return timing;
}
