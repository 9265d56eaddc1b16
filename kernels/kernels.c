#include <kernels/kernels.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    sv_backend_level level;
} LEVEL[] = {
    {"auto", SV_BACKEND_AUTO},     {"scalar", SV_BACKEND_SCALAR}, {"avx2", SV_BACKEND_AVX2},
    {"avx512", SV_BACKEND_AVX512}, {"simt", SV_BACKEND_SIMT},     {"cuda", SV_BACKEND_CUDA},
};

enum { N_LEVELS = sizeof LEVEL / sizeof *LEVEL };

static const char *level_name(sv_backend_level level) {
    for (int i = 0; i < N_LEVELS; i++) {
        if (LEVEL[i].level == level) {
            return LEVEL[i].name;
        }
    }
    return "unknown";
}

/* Does this machine have the level? The operating system's part of it (saving the registers) is asked as well. */
static bool machine_has(sv_backend_level level) {
#if defined(__x86_64__)
    if (level == SV_BACKEND_AVX2)
        return __builtin_cpu_supports("avx2");
    if (level == SV_BACKEND_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#endif
    return level == SV_BACKEND_SCALAR;
}

/* Level by level, so that a slot without a faster version keeps the one before. */
static void fill(sv_backend *backend) {
    sv_kernels_detect_scalar(&backend->detect);
    sv_kernels_steep_scalar(&backend->detect);
    sv_kernels_render_scalar(&backend->render);
    sv_kernels_warp_scalar(&backend->warp);
    sv_kernels_centroid_scalar(&backend->centroid);
    sv_kernels_cluster_scalar(&backend->cluster);
#if defined(__x86_64__)
    if (backend->level >= SV_BACKEND_AVX2) {
        sv_kernels_detect_avx2(&backend->detect);
        sv_kernels_steep_avx2(&backend->detect);
        sv_kernels_render_avx2(&backend->render);
        sv_kernels_splat_avx2(&backend->render);
        sv_kernels_warp_avx2(&backend->warp);
        sv_kernels_centroid_avx2(&backend->centroid);
        sv_kernels_moments_avx2(&backend->centroid);
        sv_kernels_cluster_avx2(&backend->cluster);
    }
    if (backend->level >= SV_BACKEND_AVX512) {
        sv_kernels_detect_avx512(&backend->detect);
        sv_kernels_steep_avx512(&backend->detect);
        sv_kernels_render_avx512(&backend->render);
        sv_kernels_splat_avx512(&backend->render);
        sv_kernels_warp_avx512(&backend->warp);
        sv_kernels_centroid_avx512(&backend->centroid);
        sv_kernels_moments_avx512(&backend->centroid);
        sv_kernels_cluster_avx512(&backend->cluster);
    }
#endif
}

static sv_backend_level best_level(void) {
    sv_backend_level level = SV_BACKEND_AVX512;
    while (!machine_has(level))
        level = (sv_backend_level)(level - 1);
    return level;
}

sv_status sv_backend_create(sv_backend **out, sv_backend_level level) {
    *out = NULL;
    if (level == SV_BACKEND_AUTO)
        level = best_level();
    if (level >= SV_BACKEND_SIMT)
        return sv_fail(SV_ERR_UNSUPPORTED, "this build has no %s kernels: use auto, scalar, avx2 or avx512",
                       level_name(level));
    if (!machine_has(level))
        return sv_fail(SV_ERR_UNSUPPORTED, "this machine has no %s: use auto or %s", level_name(level),
                       level_name(best_level()));
    sv_backend *backend = calloc(1, sizeof *backend);
    if (!backend)
        return sv_fail(SV_ERR_NOMEM, "out of memory for the table of kernels");
    backend->level = level;
    backend->name = level_name(level);
    fill(backend);
    *out = backend;
    return SV_OK;
}

void sv_backend_destroy(sv_backend *backend) {
    free(backend);
}

sv_status sv_backend_level_parse(sv_backend_level *out, const char *name) {
    for (int i = 0; i < N_LEVELS; i++) {
        if (strcmp(LEVEL[i].name, name) == 0) {
            *out = LEVEL[i].level;
            return SV_OK;
        }
    }
    return sv_fail(SV_ERR_ARG, "no backend \"%s\": known are auto, scalar, avx2, avx512, simt and cuda", name);
}
