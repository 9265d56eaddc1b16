/*
 * check_kernels [--bench]: every operation of the table at every level of this machine must give the bits of the C reference.
 * With --bench the very same calls are timed at 8K on one thread, beside the copy bandwidth of this run.
 */
#include "check.h"

#include <skyvox/rng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
    const char *name;
    void (*run)(check *c);
} checks[] = {
    {"detect.scan", check_detect_scan},
    {"detect.learn", check_detect_learn},
    {"detect.steep", check_detect_steep},
    {"centroid.weak", check_centroid_weak},
    {"centroid.moments", check_centroid_moments},
    {"cluster.neighbours", check_cluster_neighbours},
    {"render.sky", check_render_sky},
    {"render.noise", check_render_noise},
    {"render.splat", check_render_splat},
    {"render.rows", check_render_rows},
    {"warp.affine", check_warp_affine},
};

static const struct {
    const char *name;
    check_timing (*run)(const sv_backend *level, int bit_depth);
} timings[] = {
    {"detect.scan", time_detect_scan},
    {"detect.learn", time_detect_learn},
    {"detect.steep", time_detect_steep},
    {"centroid.weak", time_centroid_weak},
    {"centroid.moments", time_centroid_moments},
    {"cluster.neighbours", time_cluster_neighbours},
    {"render.sky", time_render_sky},
    {"render.splat", time_render_splat},
    {"render.rows", time_render_rows},
    {"warp.affine", time_warp_affine},
};

uint32_t check_random(uint32_t i, uint32_t which) {
    return (uint32_t)(sv_rng(which, 17, i) >> 32);
}

void check_fail(check *c, const char *operation, const char *what, int width, int height, int bit_depth) {
    c->n_failed++;
    fprintf(stderr, "%s at level %s: %s differs, %d x %d, %d bit\n", operation, c->level->name, what, width, height,
            bit_depth);
}

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

double check_time_ms(void (*work)(void *user), void *user) {
    double ms[3];
    work(user);
    for (int i = 0; i < 3; i++) {
        const double begin = now_ms();
        work(user);
        ms[i] = now_ms() - begin;
    }
    const double low = ms[0] < ms[1] ? ms[0] : ms[1], high = ms[0] < ms[1] ? ms[1] : ms[0];
    return ms[2] < low ? low : ms[2] > high ? high : ms[2];
}

/* Bytes read and written by memcpy over 512 MiB, GB/s. */
typedef struct copy_job {
    char *to, *from;
    size_t n;
} copy_job;

static void copy(void *user) {
    copy_job *job = user;
    job->from[0]++;
    memcpy(job->to, job->from, job->n);
}

static double copy_gb_per_s(void) {
    copy_job job = {.n = (size_t)512 << 20};
    job.to = malloc(job.n);
    job.from = malloc(job.n);
    double gb_per_s = 0;
    if (job.to && job.from) {
        memset(job.from, 1, job.n);
        gb_per_s = 2e-6 * (double)job.n / check_time_ms(copy, &job);
    }
    free(job.to);
    free(job.from);
    return gb_per_s;
}

static void bench(const sv_backend *level, double copy_rate) {
    static const int depths[] = {8, 12, 14};
    for (size_t i = 0; i < sizeof timings / sizeof *timings; i++)
        for (size_t k = 0; k < sizeof depths / sizeof *depths; k++) {
            const check_timing t = timings[i].run(level, depths[k]);
            if (t.ms > 0)
                printf("%-8s %-13s %2d bit  %8.2f ms  %6.2f GB/s  %5.2f of copy\n", level->name, timings[i].name,
                       depths[k], t.ms, 1e-6 * t.bytes / t.ms, 1e-6 * t.bytes / t.ms / copy_rate);
        }
}

/* The reference is compared with itself only to be timed. */
static int check_level(const sv_backend *reference, const sv_backend *level) {
    int n_failed = 0;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        check c = {.reference = reference, .level = level};
        checks[i].run(&c);
        printf("%-8s %-13s %5d cases, %d differ\n", level->name, checks[i].name, c.n_cases, c.n_failed);
        n_failed += c.n_failed + (c.n_cases == 0);
    }
    return n_failed;
}

int main(int argc, char **argv) {
    const bool is_bench = argc == 2 && strcmp(argv[1], "--bench") == 0;
    if (argc > 1 && !is_bench) {
        fprintf(stderr, "check_kernels: unknown argument '%s', expected --bench\n", argv[1]);
        return 2;
    }
    sv_backend *reference;
    if (sv_backend_create(&reference, SV_BACKEND_SCALAR) != SV_OK)
        return 3;
    const double copy_rate = is_bench ? copy_gb_per_s() : 0;
    if (is_bench)
        printf("copy %.1f GB/s, one thread\n", copy_rate);
    int n_failed = 0;
    for (sv_backend_level level = is_bench ? SV_BACKEND_SCALAR : SV_BACKEND_AVX2; level <= SV_BACKEND_CUDA; level++) {
        sv_backend *backend;
        if (sv_backend_create(&backend, level) != SV_OK) {
            printf("skipped: %s\n", sv_error_text());
            continue;
        }
        n_failed += check_level(reference, backend);
        if (is_bench)
            bench(backend, copy_rate);
        sv_backend_destroy(backend);
    }
    sv_backend_destroy(reference);
    return n_failed > 0;
}
