/** One stamp: who is near whom, the one-to-one matching, and what every track sample is. docs/METRICS.md 2, 3. */
#include <core/score/score_parts.h>

#include <skyvox/math.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

sv_status sv_score_reserve(void **array, size_t *cap, size_t n, size_t size) {
    if (n <= *cap)
        return SV_OK;
    size_t cap_new = *cap > 0 ? *cap : 256;
    while (cap_new < n)
        cap_new *= 2;
    void *grown = realloc(*array, cap_new * size);
    if (!grown)
        return sv_fail(SV_ERR_NOMEM, "no memory for %zu elements of the score", cap_new);
    *array = grown;
    *cap = cap_new;
    return SV_OK;
}

static size_t largest(const size_t *at, size_t n) {
    size_t most = 0;
    for (size_t i = 0; i < n; i++)
        most = at[i + 1] - at[i] > most ? at[i + 1] - at[i] : most;
    return most;
}

static int32_t *take_indices(size_t n) {
    int32_t *index = calloc(n + 1, sizeof *index);
    for (size_t i = 0; index && i <= n; i++)
        index[i] = -1;
    return index;
}

sv_status sv_score_match_init(sv_score_match *m, const sv_score_table *table) {
    memset(m, 0, sizeof *m);
    size_t n_truth = largest(table->truth_at, table->n_stamps);
    size_t n_states = largest(table->state_at, table->n_stamps);
    m->state_of_truth = take_indices(n_truth);
    m->n_extra = take_indices(n_truth);
    m->state = calloc(n_states + 1, sizeof *m->state);
    m->role = calloc(n_states + 1, sizeof *m->role);
    m->object = take_indices(n_states);
    m->partner = take_indices(table->n_targets);
    m->state_of_track = take_indices(table->n_tracks);
    m->by_x = take_indices(n_states);
    m->sort_scratch = take_indices(n_states);
    m->row = take_indices(n_truth);
    m->col = take_indices(n_states);
    m->back = take_indices(n_truth + n_states);
    m->col_of_row = take_indices(n_truth);
    m->alone = calloc(n_truth + 1, sizeof *m->alone);
    m->nearest2 = calloc(n_states + 1, sizeof *m->nearest2);
    bool taken = m->state && m->state_of_truth && m->n_extra && m->role && m->object && m->partner &&
                 m->state_of_track && m->by_x && m->sort_scratch && m->row && m->col && m->back && m->col_of_row &&
                 m->alone && m->nearest2;
    if (!taken)
        return sv_fail(SV_ERR_NOMEM, "no memory for the matching");
    return sv_arena_create(&m->arena, 1 << 16);
}

void sv_score_match_release(sv_score_match *m) {
    free(m->state);
    free(m->near);
    free(m->state_of_truth);
    free(m->n_extra);
    free(m->role);
    free(m->object);
    free(m->partner);
    free(m->state_of_track);
    free(m->by_x);
    free(m->sort_scratch);
    free(m->row);
    free(m->col);
    free(m->back);
    free(m->col_of_row);
    free(m->alone);
    free(m->nearest2);
    free(m->edge);
    sv_arena_destroy(&m->arena);
}

static bool less_x(const void *a, const void *b, void *user) {
    const sv_score_state *state = user;
    return state[*(const int32_t *)a].p_w.x < state[*(const int32_t *)b].p_w.x;
}

static double distance2(sv_vec3 a, sv_vec3 b) {
    sv_vec3 d = sv_vec3_sub(a, b);
    return sv_vec3_dot(d, d);
}

/* Every pair within `reach`: states sorted by x, so each truth looks only at a slab. */
static sv_status find_near(sv_score_match *m, double reach) {
    for (int32_t j = 0; j < m->n_states; j++)
        m->by_x[j] = j;
    sv_sort(m->by_x, (size_t)m->n_states, sizeof *m->by_x, less_x, (void *)m->state, m->sort_scratch);

    m->n_near = 0;
    for (int32_t i = 0; i < m->n_truth; i++) {
        sv_vec3 p = m->truth[i].sample.p_w;
        int32_t lo = 0, hi = m->n_states;
        while (lo < hi) {
            int32_t mid = lo + (hi - lo) / 2;
            if (m->state[m->by_x[mid]].p_w.x < p.x - reach)
                lo = mid + 1;
            else
                hi = mid;
        }
        for (int32_t k = lo; k < m->n_states && m->state[m->by_x[k]].p_w.x <= p.x + reach; k++) {
            double d2 = distance2(p, m->state[m->by_x[k]].p_w);
            if (d2 > reach * reach)
                continue;
            size_t cap = m->near_cap;
            sv_status status = sv_score_reserve((void **)&m->near, &cap, m->n_near + 1, sizeof *m->near);
            if (status == SV_OK)
                status = sv_score_reserve((void **)&m->edge, &m->near_cap, m->n_near + 1, sizeof *m->edge);
            if (status != SV_OK)
                return status;
            m->near[m->n_near++] = (sv_score_near){.truth = i, .state = m->by_x[k], .d2 = d2};
        }
    }
    return SV_OK;
}

static void pair(sv_score_match *m, int32_t i_truth, int32_t i_state) {
    m->state_of_truth[i_truth] = i_state;
    m->object[i_state] = i_truth;
    m->role[i_state] = m->truth[i_truth].sample.in_coverage ? SV_ROLE_HOLDS : SV_ROLE_IGNORED;
}

/* A wanted object keeps the track of its previous sample while that one is within the gate. */
static void continue_pairs(sv_score_match *m, double gate2) {
    for (int32_t j = 0; j < m->n_states; j++)
        m->state_of_track[m->state[j].track] = j;
    for (int32_t i = 0; i < m->n_truth; i++) {
        int32_t partner = m->partner[m->target[i]];
        int32_t j = partner < 0 ? -1 : m->state_of_track[partner];
        if (j >= 0 && m->object[j] < 0 && distance2(m->truth[i].sample.p_w, m->state[j].p_w) <= gate2)
            pair(m, i, j);
    }
    for (int32_t j = 0; j < m->n_states; j++)
        m->state_of_track[m->state[j].track] = -1;
}

/* sv_assign_sparse with as much scratch as it takes. */
static sv_status assign(sv_score_match *m, int32_t n_rows, int32_t n_cols, size_t n_edges) {
    for (;;) {
        sv_arena_reset(&m->arena, 0);
        sv_status status = sv_assign_sparse(m->col_of_row, n_rows, n_cols, m->edge, n_edges, m->alone, &m->arena);
        if (status != SV_ERR_LIMIT)
            return status;
        size_t cap = m->arena.cap * 2;
        sv_arena_destroy(&m->arena);
        status = sv_arena_create(&m->arena, cap);
        if (status != SV_OK)
            return status;
    }
}

/* The rest: as many pairs as the gate allows, and of those the smallest sum of distances. */
static sv_status assign_rest(sv_score_match *m, double gate_m) {
    int32_t n_rows = 0, n_cols = 0;
    for (int32_t i = 0; i < m->n_truth; i++)
        m->row[i] = m->truth[i].sample.wanted && m->state_of_truth[i] < 0 ? n_rows++ : -1;
    for (int32_t j = 0; j < m->n_states; j++) {
        m->col[j] = m->object[j] < 0 ? n_cols : -1;
        if (m->object[j] < 0)
            m->back[n_cols++] = j;
    }

    size_t n_edges = 0;
    for (size_t k = 0; k < m->n_near; k++) {
        const sv_score_near *near = &m->near[k];
        if (m->row[near->truth] >= 0 && m->col[near->state] >= 0 && near->d2 <= gate_m * gate_m)
            m->edge[n_edges++] =
                (sv_assign_edge){.row = m->row[near->truth], .col = m->col[near->state], .cost = sqrt(near->d2)};
    }
    if (n_edges == 0)
        return SV_OK;

    // Staying alone costs more than any rearrangement of the others can save.
    for (int32_t i = 0; i < n_rows; i++)
        m->alone[i] = gate_m * (n_rows + 1.0);
    sv_status status = assign(m, n_rows, n_cols, n_edges);
    for (int32_t i = 0; status == SV_OK && i < m->n_truth; i++)
        if (m->row[i] >= 0 && m->col_of_row[m->row[i]] >= 0)
            pair(m, i, m->back[m->col_of_row[m->row[i]]]);
    return status;
}

/* Every other track belongs to the nearest object within the gate, or to none. */
static void judge_rest(sv_score_match *m, const sv_score_config *config) {
    for (int32_t j = 0; j < m->n_states; j++) {
        m->nearest2[j] = m->object[j] < 0 ? config->gate_m * config->gate_m : -1;
        m->role[j] = m->object[j] < 0 ? SV_ROLE_FALSE : m->role[j];
    }
    for (size_t k = 0; k < m->n_near; k++) {
        const sv_score_near *near = &m->near[k];
        bool first = m->object[near->state] < 0 && near->d2 <= m->nearest2[near->state];
        if (!first && near->d2 >= m->nearest2[near->state])
            continue;
        m->nearest2[near->state] = near->d2;
        m->object[near->state] = near->truth;
    }

    for (int32_t j = 0; j < m->n_states; j++) {
        if (m->role[j] != SV_ROLE_FALSE || m->object[j] < 0)
            continue;
        const sv_score_truth *on = &m->truth[m->object[j]].sample;
        if (!on->wanted)
            m->role[j] = m->state[j].bird_prob > 0.5f ? SV_ROLE_BIRD : SV_ROLE_DISTRACTOR;
        else
            m->role[j] = on->in_coverage ? SV_ROLE_GHOST : SV_ROLE_IGNORED;
        m->n_extra[m->object[j]] += on->wanted;
    }
}

sv_status sv_score_match_stamp(sv_score_match *m, const sv_score_table *table, const sv_score_config *config,
                               size_t i) {
    m->truth = table->truth + table->truth_at[i];
    m->target = table->target + table->truth_at[i];
    m->n_truth = (int32_t)(table->truth_at[i + 1] - table->truth_at[i]);
    sv_score_table_states(m->state, table, i);
    m->n_states = (int32_t)(table->state_at[i + 1] - table->state_at[i]);
    for (int32_t k = 0; k < m->n_truth; k++) {
        m->state_of_truth[k] = -1;
        m->n_extra[k] = 0;
    }
    for (int32_t j = 0; j < m->n_states; j++)
        m->object[j] = -1;

    sv_status status = find_near(m, config->gate_m);
    if (status != SV_OK)
        return status;
    continue_pairs(m, config->gate_m * config->gate_m);
    status = assign_rest(m, config->gate_m);
    if (status != SV_OK)
        return status;
    judge_rest(m, config);
    for (int32_t k = 0; k < m->n_truth; k++)
        m->partner[m->target[k]] = m->state_of_truth[k] < 0 ? -1 : m->state[m->state_of_truth[k]].track;
    return SV_OK;
}
