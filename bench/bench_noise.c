/* Sensor noise alone: nanoseconds per pixel at every level this machine has, into a buffer that stays in the cache. */
#include "bench.h"

#include <kernels/kernels.h>
#include <stdio.h>

enum { N_PX = 8192, N_CALLS = 2048, N_REPEATS = 51, N_LEVELS = 3 };

static const sv_backend_level LEVEL[N_LEVELS] = {SV_BACKEND_SCALAR, SV_BACKEND_AVX2, SV_BACKEND_AVX512};

/* A quarter more calls come first: a processor takes a while to get used to another width of vectors. */
static double ns_per_px(const sv_backend *backend, uint32_t repeat, int n_calls, int32_t *out) {
    const uint32_t key[2] = {repeat, ~repeat};
    double begin = 0;
    for (int i = -n_calls / 4; i < n_calls; i++) {
        begin = i == 0 ? bench_now_s() : begin;
        backend->render.noise(out, key, (uint32_t)(i & 1023) * N_PX, N_PX);
    }
    return 1e9 * (bench_now_s() - begin) / ((double)n_calls * N_PX);
}

static sv_status run(bench_result *out) {
    static const char *const RATIO[N_LEVELS] = {"ns_per_px_scalar_1t", "ns_per_px_avx2_1t", "ns_per_px_avx512_1t"};
    sv_backend *backend[N_LEVELS] = {0};
    int32_t noise[N_PX];
    double sample[N_LEVELS][N_REPEATS];
    for (int k = 0; k < N_LEVELS; k++) {
        sv_status status = sv_backend_create(&backend[k], LEVEL[k]);
        if (status != SV_OK && status != SV_ERR_UNSUPPORTED)
            return status;
    }
    /* The levels take turns, so that a slow moment of the machine falls on all of them. */
    for (uint32_t i = 0; i < N_REPEATS; i++) {
        for (int k = 0; k < N_LEVELS; k++) {
            if (backend[k])
                sample[k][i] = ns_per_px(backend[k], i, LEVEL[k] == SV_BACKEND_SCALAR ? N_CALLS / 64 : N_CALLS, noise);
        }
    }
    for (int k = 0; k < N_LEVELS; k++) {
        if (!backend[k])
            continue;
        char name[BENCH_NAME_CAP];
        snprintf(name, sizeof name, "noise, %s, 1 thread", backend[k]->name);
        bench_add_row(out, name, "ns per px", sample[k], N_REPEATS);
        bench_add_ratio(out, RATIO[k], out->row[out->n_rows - 1].median);
        sv_backend_destroy(backend[k]);
    }
    return SV_OK;
}

const bench bench_noise = {
    .name = "noise",
    .summary = "sensor noise at every level",
    .run = run,
};
