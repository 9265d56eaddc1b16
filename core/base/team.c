#include <core/base/float_mode.h>
#include <skyvox/team.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Rounds come in quick succession within a frame: a worker looks this often for the next one before it sleeps. */
enum { N_THREADS_MAX = 256, N_SPINS = 2000 };

struct sv_team {
    int n_threads;
    int n_workers; /* threads started: n_threads - 1 once created */
    pthread_t *worker;

    pthread_mutex_t mutex;
    pthread_cond_t wake; /* a round was opened, or the team ends */
    pthread_cond_t idle; /* the last worker left the round */
    atomic_uint round;   /* counts the opened rounds; written under the mutex */
    atomic_int n_active; /* workers inside the round; written under the mutex */
    bool open;           /* workers may join: under the mutex */
    bool end;            /* under the mutex */

    /* The round: constant while it is open or has workers inside. */
    sv_team_work work;
    void *user;
    size_t n_blocks;
    atomic_size_t next_block;
};

static void work_through(sv_team *team) {
    for (;;) {
        size_t i = atomic_fetch_add_explicit(&team->next_block, 1, memory_order_relaxed);
        if (i >= team->n_blocks) {
            return;
        }
        team->work(team->user, i);
    }
}

static void *worker_main(void *arg) {
    sv_team *team = arg;
    unsigned seen = 0;
    sv_float_mode_enter();
    for (;;) {
        for (int i = 0; i < N_SPINS && atomic_load_explicit(&team->round, memory_order_relaxed) == seen; i++) {
        }
        pthread_mutex_lock(&team->mutex);
        while (!team->end && atomic_load(&team->round) == seen) {
            pthread_cond_wait(&team->wake, &team->mutex);
        }
        if (team->end) {
            pthread_mutex_unlock(&team->mutex);
            return NULL;
        }
        seen = atomic_load(&team->round);

        /* Whoever wakes up after the round was closed has nothing to do, and nobody waits for him. */
        if (team->open) {
            atomic_fetch_add(&team->n_active, 1);
            pthread_mutex_unlock(&team->mutex);
            work_through(team);
            pthread_mutex_lock(&team->mutex);
            if (atomic_fetch_sub(&team->n_active, 1) == 1) {
                pthread_cond_signal(&team->idle);
            }
        }
        pthread_mutex_unlock(&team->mutex);
    }
}

sv_status sv_team_create(sv_team **out, int n_threads) {
    *out = NULL;
    if (n_threads < 1 || n_threads > N_THREADS_MAX) {
        return sv_fail(SV_ERR_ARG, "a team of %d threads: expected 1 to %d", n_threads, N_THREADS_MAX);
    }
    sv_team *team = calloc(1, sizeof *team);
    if (team == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory: a team of %d threads", n_threads);
    }
    team->n_threads = n_threads;
    atomic_init(&team->round, 0);
    atomic_init(&team->n_active, 0);
    atomic_init(&team->next_block, 0);
    pthread_mutex_init(&team->mutex, NULL);
    pthread_cond_init(&team->wake, NULL);
    pthread_cond_init(&team->idle, NULL);

    team->worker = calloc((size_t)n_threads, sizeof *team->worker);
    if (team->worker == NULL) {
        sv_team_destroy(team);
        return sv_fail(SV_ERR_NOMEM, "out of memory: a team of %d threads", n_threads);
    }
    while (team->n_workers < n_threads - 1) {
        if (pthread_create(&team->worker[team->n_workers], NULL, worker_main, team) != 0) {
            int n_started = team->n_workers + 1;
            sv_team_destroy(team);
            return sv_fail(SV_ERR_NOMEM, "the system refused thread %d of %d", n_started + 1, n_threads);
        }
        team->n_workers++;
    }
    *out = team;
    return SV_OK;
}

void sv_team_destroy(sv_team *team) {
    if (team == NULL) {
        return;
    }
    pthread_mutex_lock(&team->mutex);
    team->end = true;
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->mutex);
    for (int i = 0; i < team->n_workers; i++) {
        pthread_join(team->worker[i], NULL);
    }
    pthread_cond_destroy(&team->idle);
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->mutex);
    free(team->worker);
    free(team);
}

int sv_team_size(const sv_team *team) {
    return team == NULL ? 1 : team->n_threads;
}

void sv_team_run(sv_team *team, size_t n_blocks, sv_team_work work, void *user) {
    if (team == NULL || team->n_workers == 0 || n_blocks < 2) {
        for (size_t i = 0; i < n_blocks; i++) {
            work(user, i);
        }
        return;
    }
    pthread_mutex_lock(&team->mutex);
    team->work = work;
    team->user = user;
    team->n_blocks = n_blocks;
    atomic_store_explicit(&team->next_block, 0, memory_order_relaxed);
    team->open = true;
    atomic_fetch_add(&team->round, 1);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->mutex);

    work_through(team);

    /* Every block is taken: close the round, then wait for the workers that are still inside. */
    pthread_mutex_lock(&team->mutex);
    team->open = false;
    pthread_mutex_unlock(&team->mutex);
    for (int i = 0; i < N_SPINS && atomic_load(&team->n_active) > 0; i++) {
    }
    pthread_mutex_lock(&team->mutex);
    while (atomic_load(&team->n_active) > 0) {
        pthread_cond_wait(&team->idle, &team->mutex);
    }
    pthread_mutex_unlock(&team->mutex);
}
