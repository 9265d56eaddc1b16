/** Where rays of several sites meet: the plain and correct way, the oracle of every faster one. docs/MATH.md 4. */
#ifndef CORE_VOXEL_CONSENSUS_H
#define CORE_VOXEL_CONSENSUS_H

#include <core/base/arena.h>
#include <core/base/sites.h>
#include <skyvox/config.h>

/**
 * Points of one frame set, every ray in at most one.
 *
 *   out    out  [cap] by decreasing number of sites, then increasing normalised residual
 *   n_out  out
 *   ray    in   [n], any order
 *
 * Errors: SV_ERR_LIMIT (scratch too small).
 */
sv_status sv_consensus_run(sv_point *out, size_t *n_out, size_t cap, const sv_config *config, const sv_sites *sites,
                           const sv_ray *ray, size_t n, sv_arena *scratch);

/**
 * Smallest number of sites K (2..4) with fewer expected chance crossings than voxel.chance_limit.
 *
 *   n_rays     in  [sites->n] rays of each site
 *   sigma_rad  in  typical angular error of a ray
 */
int32_t sv_consensus_choose_sites(const sv_config *config, const sv_sites *sites, const int32_t *n_rays,
                                  double sigma_rad);

/**
 * Least-squares point of rays by Gauss-Newton on angles.
 *
 *   p_w      in/out  start value, result
 *   cov_m2   out     xx xy xz yy yz zz
 *   chi2     out     [n] squared normalised residual of every ray (2 degrees of freedom each)
 *   ray      in      rays; index in [n] picks
 *   speed_mps in     rays are allowed to miss by this times their distance in time from t_ref
 *
 * Errors: SV_ERR_DEGENERATE.
 */
sv_status sv_consensus_fit(sv_vec3 *p_w, double cov_m2[6], double *chi2, const sv_ray *ray, const int32_t *index,
                           int32_t n, sv_time t_ref, double speed_mps);

#endif
