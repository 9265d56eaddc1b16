#include <core/base/sites.h>
#include <skyvox/math.h>

#include <stdlib.h>

int32_t sv_sites_find(const sv_sites *sites, int32_t id) {
    int32_t lo = 0;
    int32_t hi = sites->n;
    while (lo < hi) {
        int32_t mid = lo + (hi - lo) / 2;
        if (sites->site[mid].id < id) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo < sites->n && sites->site[lo].id == id ? lo : -1;
}

/** Insert an id in order, once. */
static void insert_id(sv_sites *sites, int32_t id) {
    int32_t at = sites->n;
    while (at > 0 && sites->site[at - 1].id > id) {
        at--;
    }
    if (at > 0 && sites->site[at - 1].id == id) {
        return;
    }
    for (int32_t i = sites->n; i > at; i--) {
        sites->site[i] = sites->site[i - 1];
    }
    sites->site[at] = (sv_site){.id = id};
    sites->n++;
}

/** Field of view of a pinhole camera, as a flat patch: good to some percent, which is all a clutter density needs. */
static double solid_angle(const sv_camera *camera) {
    double half_w = sv_atan2(0.5 * camera->width, camera->fx);
    double half_h = sv_atan2(0.5 * camera->height, camera->fy);
    return 4 * half_w * half_h;
}

sv_status sv_sites_init(sv_sites *out, const sv_config *config) {
    size_t n = config->n_cameras > 0 ? (size_t)config->n_cameras : 1;
    sv_sites sites = {.site = calloc(n, sizeof(sv_site)), .of_camera = calloc(n, sizeof(int32_t))};
    int32_t *n_at = calloc(n, sizeof(int32_t));
    if (sites.site == NULL || sites.of_camera == NULL || n_at == NULL) {
        sv_sites_fini(&sites);
        free(n_at);
        return sv_fail(SV_ERR_NOMEM, "out of memory for %d cameras", (int)config->n_cameras);
    }
    for (int32_t i = 0; i < config->n_cameras; i++) {
        insert_id(&sites, config->camera[i].site);
    }
    for (int32_t i = 0; i < config->n_cameras; i++) {
        const sv_camera *camera = &config->camera[i];
        int32_t k = sv_sites_find(&sites, camera->site);
        sv_site *site = &sites.site[k];
        sites.of_camera[i] = k;
        n_at[k]++;
        site->c_w = sv_vec3_mad(site->c_w, sv_vec3_sub(camera->c_w, site->c_w), 1.0 / n_at[k]);
        double omega = solid_angle(camera);
        site->solid_angle_sr = omega > site->solid_angle_sr ? omega : site->solid_angle_sr;
    }
    free(n_at);
    *out = sites;
    return SV_OK;
}

void sv_sites_fini(sv_sites *sites) {
    free(sites->site);
    free(sites->of_camera);
    *sites = (sv_sites){0};
}
