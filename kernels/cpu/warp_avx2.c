/* The warp with AVX2: the vocabulary of warp_lanes.h in 8 lanes of 32 bits. */
#include <kernels/cpu/words_avx2.h>
#include <kernels/kernels.h>
#include <string.h>

#include <kernels/cpu/warp_lanes.h>

void sv_kernels_warp_avx2(sv_warp_ops *ops) {
    ops->affine = affine;
}
