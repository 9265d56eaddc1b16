/* Splats with AVX2. */
#include <kernels/cpu/reals_avx2.h>
#include <kernels/kernels.h>

#include <kernels/cpu/splat_lanes.h>

void sv_kernels_splat_avx2(sv_render_ops *ops) {
    ops->splat = splat;
}
