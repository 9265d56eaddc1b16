/** Makes the table of operations: the C reference fills every slot, faster levels overwrite it. */
#ifndef KERNELS_KERNELS_H
#define KERNELS_KERNELS_H

#include <skyvox/backend.h>

/**
 * A table for `level`; SV_BACKEND_AUTO takes the fastest this machine has.
 * Errors: SV_ERR_UNSUPPORTED (this build or machine lacks the level), SV_ERR_NOMEM. Destroy with sv_backend_destroy.
 */
SV_API sv_status sv_backend_create(sv_backend **out, sv_backend_level level);
SV_API void sv_backend_destroy(sv_backend *backend);

/** Level by name ("auto", "scalar", ...). Errors: SV_ERR_ARG naming the known ones. */
SV_API sv_status sv_backend_level_parse(sv_backend_level *out, const char *name);

/* One per kernel family and level, called by sv_backend_create level by level; those of avx2 and avx512 only on x86-64. */
void sv_kernels_detect_scalar(sv_detect_ops *ops);
void sv_kernels_steep_scalar(sv_detect_ops *ops);
void sv_kernels_render_scalar(sv_render_ops *ops);
void sv_kernels_warp_scalar(sv_warp_ops *ops);
void sv_kernels_centroid_scalar(sv_centroid_ops *ops);
void sv_kernels_cluster_scalar(sv_cluster_ops *ops);
void sv_kernels_detect_avx2(sv_detect_ops *ops);
void sv_kernels_detect_avx512(sv_detect_ops *ops);
void sv_kernels_steep_avx2(sv_detect_ops *ops);
void sv_kernels_steep_avx512(sv_detect_ops *ops);
void sv_kernels_render_avx2(sv_render_ops *ops);
void sv_kernels_render_avx512(sv_render_ops *ops);
void sv_kernels_splat_avx2(sv_render_ops *ops);
void sv_kernels_splat_avx512(sv_render_ops *ops);
void sv_kernels_warp_avx2(sv_warp_ops *ops);
void sv_kernels_centroid_avx2(sv_centroid_ops *ops);
void sv_kernels_moments_avx2(sv_centroid_ops *ops);
void sv_kernels_cluster_avx2(sv_cluster_ops *ops);
void sv_kernels_warp_avx512(sv_warp_ops *ops);
void sv_kernels_centroid_avx512(sv_centroid_ops *ops);
void sv_kernels_moments_avx512(sv_centroid_ops *ops);
void sv_kernels_cluster_avx512(sv_cluster_ops *ops);

#endif
