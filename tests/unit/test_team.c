/* The team of threads: every block exactly once, results complete on return. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <skyvox/rng.h>
#include <skyvox/team.h>

enum { N_BLOCKS_MAX = 500 };

typedef struct slots {
    uint64_t round;
    int n_visits[N_BLOCKS_MAX];
    uint64_t value[N_BLOCKS_MAX];
} slots;

/* Plain writes on purpose: two visits of one block, or a return before the last, are races that a sanitizer reports. */
static void visit(void *user, size_t i_block) {
    slots *s = user;
    s->n_visits[i_block]++;
    s->value[i_block] = sv_rng(s->round, 0, i_block);
}

static void run_rounds(sv_team *team, uint64_t n_rounds) {
    for (uint64_t round = 0; round < n_rounds; round++) {
        size_t n_blocks = (size_t)(sv_rng(3, 0, round) % (round % 2 == 0 ? 5 : N_BLOCKS_MAX + 1));
        slots s = {.round = round};
        sv_team_run(team, n_blocks, visit, &s);
        for (size_t i = 0; i < N_BLOCKS_MAX; i++) {
            assert_int_equal(s.n_visits[i], i < n_blocks);
            assert_true(i >= n_blocks || s.value[i] == sv_rng(round, 0, i));
        }
    }
}

static void every_block_runs_exactly_once(void **state) {
    (void)state;
    for (int n_threads = 1; n_threads <= 8; n_threads++) {
        sv_team *team = NULL;
        assert_int_equal(sv_team_create(&team, n_threads), SV_OK);
        assert_int_equal(sv_team_size(team), n_threads);
        run_rounds(team, 300);
        sv_team_destroy(team);
    }
}

static void no_team_runs_here_and_in_order(void **state) {
    (void)state;
    run_rounds(NULL, 20);
    assert_int_equal(sv_team_size(NULL), 1);
    sv_team_destroy(NULL);
}

static void count(void *user, size_t i_block) {
    (void)i_block;
    atomic_fetch_add((atomic_int *)user, 1);
}

static void many_short_rounds_lose_nothing(void **state) {
    (void)state;
    sv_team *team = NULL;
    assert_int_equal(sv_team_create(&team, 3), SV_OK);
    atomic_int n_run = 0;
    for (int i = 0; i < 20000; i++) {
        sv_team_run(team, 2, count, &n_run);
    }
    assert_int_equal(atomic_load(&n_run), 40000);
    sv_team_destroy(team);
}

typedef struct meeting {
    atomic_int n_present;
} meeting;

/* Returns only when a second thread has come in as well. */
static void meet(void *user, size_t i_block) {
    meeting *m = user;
    (void)i_block;
    atomic_fetch_add(&m->n_present, 1);
    while (atomic_load(&m->n_present) < 2) {
    }
}

static void blocks_run_at_the_same_time(void **state) {
    (void)state;
    sv_team *team = NULL;
    assert_int_equal(sv_team_create(&team, 2), SV_OK);
    meeting m = {0};
    sv_team_run(team, 2, meet, &m);
    assert_int_equal(atomic_load(&m.n_present), 2);
    sv_team_destroy(team);
}

/* Block 1 takes far longer than anybody spins. */
static void dawdle(void *user, size_t i_block) {
    const struct timespec pause = {.tv_nsec = i_block == 1 ? 30000000 : 0};
    nanosleep(&pause, NULL);
    ((int *)user)[i_block] = 1;
}

static void run_waits_for_the_slowest_block(void **state) {
    (void)state;
    sv_team *team = NULL;
    assert_int_equal(sv_team_create(&team, 4), SV_OK);
    for (int i = 0; i < 10; i++) {
        int done[4] = {0};
        sv_team_run(team, 4, dawdle, done);
        assert_true(done[0] && done[1] && done[2] && done[3]);
    }
    sv_team_destroy(team);
}

static void an_idle_team_can_be_destroyed_at_once(void **state) {
    (void)state;
    for (int i = 0; i < 200; i++) {
        sv_team *team = NULL;
        assert_int_equal(sv_team_create(&team, 4), SV_OK);
        sv_team_destroy(team);
    }
}

static void bad_sizes_are_refused(void **state) {
    (void)state;
    const int bad[] = {0, -1, 257};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int dummy = 0;
        sv_team *team = (sv_team *)(void *)&dummy;
        assert_int_equal(sv_team_create(&team, bad[i]), SV_ERR_ARG);
        assert_null(team);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_block_runs_exactly_once),   cmocka_unit_test(no_team_runs_here_and_in_order),
        cmocka_unit_test(many_short_rounds_lose_nothing),  cmocka_unit_test(blocks_run_at_the_same_time),
        cmocka_unit_test(run_waits_for_the_slowest_block), cmocka_unit_test(an_idle_team_can_be_destroyed_at_once),
        cmocka_unit_test(bad_sizes_are_refused),
    };
    return cmocka_run_group_tests_name("team", tests, NULL, NULL);
}
