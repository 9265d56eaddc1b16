/* The detector's operations with AVX-512; compiled with its own flags, called only where the machine has it. */
#include <kernels/kernels.h>

#include <kernels/cpu/lanes_avx512.h>
#include <kernels/cpu/learn_lanes.h>
#include <kernels/cpu/scan_lanes.h>

void sv_kernels_detect_avx512(sv_detect_ops *ops) {
    ops->scan = scan;
    ops->learn = learn;
}
