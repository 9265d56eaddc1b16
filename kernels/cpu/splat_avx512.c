/* Splats with AVX-512. */
#include <kernels/cpu/reals_avx512.h>
#include <kernels/kernels.h>

#include <kernels/cpu/splat_lanes.h>

void sv_kernels_splat_avx512(sv_render_ops *ops) {
    ops->splat = splat;
}
