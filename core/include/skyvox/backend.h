/**
 * The data-parallel operations, as tables of functions. The C reference fills every slot, faster levels overwrite it;
 * kernels/kernels.h makes a table, sv_state_create and the simulator borrow it.
 */
#ifndef SKYVOX_BACKEND_H
#define SKYVOX_BACKEND_H

#include <skyvox/centroid_ops.h>
#include <skyvox/cluster_ops.h>
#include <skyvox/detect_ops.h>
#include <skyvox/render_ops.h>
#include <skyvox/types.h>
#include <skyvox/warp_ops.h>

SV_BEGIN_DECLS

typedef enum sv_backend_level {
    SV_BACKEND_AUTO = 0,
    SV_BACKEND_SCALAR = 1,
    SV_BACKEND_AVX2 = 2,
    SV_BACKEND_AVX512 = 3,
    SV_BACKEND_SIMT = 4,
    SV_BACKEND_CUDA = 5,
} sv_backend_level;

/** Constant after creation. Every operation is EXACT: the same bits at every level. */
typedef struct sv_backend {
    sv_backend_level level;
    const char *name; /**< "scalar", static */
    sv_detect_ops detect;
    sv_centroid_ops centroid;
    sv_cluster_ops cluster;
    sv_render_ops render;
    sv_warp_ops warp;
} sv_backend;

SV_END_DECLS
#endif
