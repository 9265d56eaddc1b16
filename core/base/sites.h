/** The rig seen as sites: one baseline each, whatever number of cameras stands there. */
#ifndef CORE_BASE_SITES_H
#define CORE_BASE_SITES_H

#include <skyvox/config.h>

typedef struct sv_site {
    int32_t id;            /* as in the rig */
    sv_vec3 c_w;           /* mean centre of its cameras */
    double solid_angle_sr; /* largest field of view of its cameras */
} sv_site;

typedef struct sv_sites {
    sv_site *site; /* [n] by increasing id */
    int32_t n;
    int32_t *of_camera; /* [n_cameras] index into site */
} sv_sites;

/** Errors: SV_ERR_NOMEM. Release with sv_sites_fini. */
sv_status sv_sites_init(sv_sites *out, const sv_config *config);
void sv_sites_fini(sv_sites *sites);
/** Index of a site by its id, -1 when the rig has none such. */
int32_t sv_sites_find(const sv_sites *sites, int32_t id);

#endif
