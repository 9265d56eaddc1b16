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

sv_status sv_backend_create(sv_backend **out, sv_backend_level level) {
    *out = NULL;
    if (level != SV_BACKEND_AUTO && level != SV_BACKEND_SCALAR) {
        return sv_fail(SV_ERR_UNSUPPORTED, "this build has no %s kernels: use auto or scalar", level_name(level));
    }
    sv_backend *backend = calloc(1, sizeof *backend);
    if (!backend) {
        return sv_fail(SV_ERR_NOMEM, "out of memory for the table of kernels");
    }
    backend->level = SV_BACKEND_SCALAR;
    backend->name = level_name(SV_BACKEND_SCALAR);
    sv_kernels_detect_scalar(&backend->detect);
    sv_kernels_render_scalar(&backend->render);
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
