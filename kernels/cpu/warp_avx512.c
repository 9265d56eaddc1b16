/* The warp with AVX-512: the vocabulary of warp_lanes.h in 16 lanes of 32 bits. */
#include <kernels/cpu/words_avx512.h>
#include <kernels/kernels.h>
#include <string.h>

#include <kernels/cpu/warp_lanes.h>

void sv_kernels_warp_avx512(sv_warp_ops *ops) {
    ops->affine = affine;
}
