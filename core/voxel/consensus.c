#include <core/voxel/consensus.h>

#include <core/base/mat.h>
#include <skyvox/math.h>

#include <math.h>

enum {
    N_CAP = SV_POINT_RAYS_CAP,
    DOF_CAP = 2 * SV_POINT_RAYS_CAP,
};

/** A crossing that may become a point. */
typedef struct hypothesis {
    sv_vec3 p_w;
    double cov_m2[6];
    double chi2_per_dof;
    sv_time t;
    int32_t n, n_sites;
    int32_t index[N_CAP]; /* rays, increasing */
} hypothesis;

/** One eligible ray of one site with what the searches sort by. */
typedef struct entry {
    double key;       /* d_w.z for the look-up by direction, epipolar angle for the pair search */
    double tolerance; /* rad, in the same measure */
    int32_t ray;
} entry;

typedef struct finder {
    const sv_config *config;
    const sv_sites *sites;
    const sv_ray *ray;
    sv_arena *scratch;
    entry *by_z;      /* eligible rays, site by site, the sharp and then the blurred ones, each by direction z */
    int32_t *begin;   /* [n_sites + 1] into by_z */
    int32_t *blurred; /* [n_sites] into by_z: the site's first blurred ray */
    double *sigma;    /* [n] largest angular sigma of a ray */
    int32_t *site_of; /* [n] site index, -1: takes no part */
    int32_t *best;    /* [n] hypothesis with most sites that holds the ray, -1 none */
    hypothesis *hyp;
    size_t n_hyp, hyp_cap;
    double quantile[DOF_CAP + 1]; /* of the residual test, NaN until first used */
    double gate_sigma;            /* one-dimensional gate of pair and look-up searches */
    double sigma_max;
    double *sharp_max; /* [n_sites] largest sigma of a sharp ray; a few blurred ones must not widen every search */
    int32_t min_sites;
    bool full;
} finder;

static bool entry_less(const void *a, const void *b, void *user) {
    (void)user;
    const entry *x = a;
    const entry *y = b;
    return x->key < y->key;
}

static bool hypothesis_less(const void *a, const void *b, void *user) {
    const hypothesis *hyp = user;
    const hypothesis *x = &hyp[*(const int32_t *)a];
    const hypothesis *y = &hyp[*(const int32_t *)b];
    if (x->n_sites != y->n_sites) {
        return x->n_sites > y->n_sites;
    }
    return x->chi2_per_dof < y->chi2_per_dof;
}

static double residual_limit(finder *f, int32_t n) {
    int dof = 2 * n - 3;
    if (isnan(f->quantile[dof])) {
        f->quantile[dof] = sv_chi2_quantile(f->config->voxel.gate_p, dof);
    }
    return f->quantile[dof];
}

static bool eligible(const sv_config *config, const sv_ray *ray) {
    return ray->snr == 0 || ray->snr >= config->voxel.snr_birth || ray->snr_link >= config->voxel.snr_birth;
}

/** An eligible ray among those of its camera. */
typedef struct camera_ray {
    double sigma;
    int32_t camera, ray;
} camera_ray;

static bool camera_ray_less(const void *a, const void *b, void *user) {
    (void)user;
    const camera_ray *x = a;
    const camera_ray *y = b;
    return x->camera != y->camera ? x->camera < y->camera : x->sigma < y->sigma;
}

/** Larger sigma times focal length: pixels, whatever the camera. */
static double sigma_px(const finder *f, const camera_ray *r) {
    return r->sigma * f->config->camera[r->camera].fx;
}

static bool pixels_less(const void *a, const void *b, void *user) {
    return sigma_px(user, a) < sigma_px(user, b);
}

/**
 * Blurred is a ray with more than three times its camera's median sigma: what it crosses says little. Where most rays of one camera are,
 * among many of others, its median is no measure: a camera's is at most three times that of all, in pixels.
 */
static sv_status find_blurred(finder *f, size_t n, bool *blurred) {
    enum { MANY = 200 };
    const double times = 3;
    size_t mark = f->scratch->used;
    camera_ray *of_camera = sv_arena_take(f->scratch, n, sizeof *of_camera);
    camera_ray *spare = sv_arena_take(f->scratch, n, sizeof *spare);
    if (of_camera == NULL || spare == NULL) {
        return sv_fail(SV_ERR_LIMIT, "voxel: scratch too small for %zu rays", n);
    }
    size_t n_eligible = 0;
    for (size_t i = 0; i < n; i++) {
        blurred[i] = false;
        if (f->site_of[i] >= 0) {
            of_camera[n_eligible++] = (camera_ray){f->sigma[i], f->ray[i].camera[0], (int32_t)i};
        }
    }
    sv_sort(of_camera, n_eligible, sizeof *of_camera, pixels_less, f, spare);
    double most_px = n_eligible >= MANY ? times * sigma_px(f, &of_camera[n_eligible / 2]) : INFINITY;
    sv_sort(of_camera, n_eligible, sizeof *of_camera, camera_ray_less, NULL, spare);
    for (size_t begin = 0, end = 0; begin < n_eligible; begin = end) {
        while (end < n_eligible && of_camera[end].camera == of_camera[begin].camera) {
            end++;
        }
        const camera_ray *median = &of_camera[begin + (end - begin) / 2];
        double limit = times * median->sigma;
        if (sigma_px(f, median) > most_px) {
            limit *= most_px / sigma_px(f, median);
        }
        for (size_t i = begin; i < end; i++) {
            blurred[of_camera[i].ray] = of_camera[i].sigma > limit;
        }
    }
    sv_arena_reset(f->scratch, mark);
    return SV_OK;
}

/** The sharp or the blurred rays of a site behind those that are there, by direction z; returns their end. */
static int32_t append_rays(finder *f, size_t n, int32_t site, int32_t at, const bool *is_blurred, bool blurred,
                           entry *spare) {
    int32_t begin = at;
    for (size_t i = 0; i < n; i++) {
        if (f->site_of[i] == site && is_blurred[i] == blurred) {
            f->by_z[at++] = (entry){f->ray[i].d_w.z, f->sigma[i], (int32_t)i};
        }
    }
    sv_sort(&f->by_z[begin], (size_t)(at - begin), sizeof(entry), entry_less, NULL, spare);
    return at;
}

/** Group the eligible rays by site and sort every group by direction z. */
static sv_status group_rays(finder *f, size_t n) {
    int32_t n_sites = f->sites->n;
    f->begin = sv_arena_take(f->scratch, (size_t)n_sites + 1, sizeof *f->begin);
    f->by_z = sv_arena_take(f->scratch, n, sizeof *f->by_z);
    f->sigma = sv_arena_take(f->scratch, n, sizeof *f->sigma);
    f->site_of = sv_arena_take(f->scratch, n, sizeof *f->site_of);
    f->best = sv_arena_take(f->scratch, n, sizeof *f->best);
    f->blurred = sv_arena_take(f->scratch, (size_t)n_sites + 1, sizeof *f->blurred);
    entry *spare = sv_arena_take(f->scratch, n, sizeof *spare);
    bool *is_blurred = sv_arena_take(f->scratch, n, sizeof *is_blurred);
    f->sharp_max = sv_arena_take(f->scratch, (size_t)n_sites + 1, sizeof *f->sharp_max);
    if (f->sharp_max == NULL || is_blurred == NULL || spare == NULL || f->blurred == NULL || f->best == NULL ||
        f->site_of == NULL || f->sigma == NULL || f->by_z == NULL || f->begin == NULL) {
        return sv_fail(SV_ERR_LIMIT, "voxel: scratch too small for %zu rays", n);
    }
    for (size_t i = 0; i < n; i++) {
        const sv_ray *ray = &f->ray[i];
        f->site_of[i] = eligible(f->config, ray) ? sv_sites_find(f->sites, ray->site) : -1;
        double var = ray->cov_rad2[0] > ray->cov_rad2[2] ? ray->cov_rad2[0] : ray->cov_rad2[2];
        f->sigma[i] = sqrt(var);
        f->sigma_max = f->site_of[i] >= 0 && f->sigma[i] > f->sigma_max ? f->sigma[i] : f->sigma_max;
        f->best[i] = -1;
    }
    sv_status status = find_blurred(f, n, is_blurred);
    if (status != SV_OK) {
        return status;
    }
    int32_t at = 0;
    for (int32_t s = 0; s < n_sites; s++) {
        f->begin[s] = at;
        at = f->blurred[s] = append_rays(f, n, s, at, is_blurred, false, spare);
        at = append_rays(f, n, s, at, is_blurred, true, spare);
        f->sharp_max[s] = 0;
        for (int32_t i = f->begin[s]; i < f->blurred[s]; i++) {
            f->sharp_max[s] = f->by_z[i].tolerance > f->sharp_max[s] ? f->by_z[i].tolerance : f->sharp_max[s];
        }
    }
    f->begin[n_sites] = at;
    return SV_OK;
}

int32_t sv_consensus_choose_sites(const sv_config *config, const sv_sites *sites, const int32_t *n_rays,
                                  double sigma_rad) {
    if (config->voxel.min_sites > 0) {
        return config->voxel.min_sites;
    }
    double width = 2 * 3.3 * sigma_rad;
    // wrong pairs of rays that agree in their epipolar plane: in a strip of `width` out of the field's height
    double expected = 0;
    double per_site = 0;
    int32_t n_active = 0;
    for (int32_t a = 0; a < sites->n; a++) {
        double omega = sites->site[a].solid_angle_sr;
        double height = sqrt(omega);
        for (int32_t b = 0; b < a; b++) {
            double pairs = (double)n_rays[a] * n_rays[b];
            double paired = n_rays[a] < n_rays[b] ? n_rays[a] : n_rays[b];
            expected += (pairs - paired) * width / height;
        }
        per_site += (n_rays[a] > 1 ? n_rays[a] - 1 : 0) * width * width / omega;
        n_active += n_rays[a] > 0 ? 1 : 0;
    }
    per_site = n_active > 0 ? per_site / n_active : 0;
    int32_t k = 2;
    while (k < 4 && expected >= config->voxel.chance_limit) {
        // one more of the remaining sites must agree by chance; each set of k + 1 sites is reached k + 1 ways
        expected *= (n_active > k ? n_active - k : 0) * per_site / (k + 1) * k;
        k++;
    }
    return k;
}

/** Squared normalised distance of a ray from a point with covariance, at most a little too small for far-off rays. */
static double gate_chi2(const sv_ray *ray, sv_vec3 p_w, const double cov[6], sv_time t, double speed_mps) {
    sv_vec3 e1;
    sv_vec3 e2;
    sv_ray_basis(&e1, &e2, ray->d_w);
    sv_vec3 r = sv_vec3_sub(p_w, ray->c_w);
    double range = sv_vec3_dot(r, ray->d_w);
    if (!(range > 1e-6)) {
        return INFINITY;
    }
    double z1 = sv_vec3_dot(r, e1) / range;
    double z2 = sv_vec3_dot(r, e2) / range;
    sv_vec3 c1 =
        sv_vec3_make(cov[0] * e1.x + cov[1] * e1.y + cov[2] * e1.z, cov[1] * e1.x + cov[3] * e1.y + cov[4] * e1.z,
                     cov[2] * e1.x + cov[4] * e1.y + cov[5] * e1.z);
    sv_vec3 c2 =
        sv_vec3_make(cov[0] * e2.x + cov[1] * e2.y + cov[2] * e2.z, cov[1] * e2.x + cov[3] * e2.y + cov[4] * e2.z,
                     cov[2] * e2.x + cov[4] * e2.y + cov[5] * e2.z);
    double inv2 = 1 / (range * range);
    double moved = speed_mps * sv_time_to_s(ray->t - t);
    double a = ray->cov_rad2[0] + (sv_vec3_dot(e1, c1) + moved * moved) * inv2;
    double b = ray->cov_rad2[1] + sv_vec3_dot(e1, c2) * inv2;
    double c = ray->cov_rad2[2] + (sv_vec3_dot(e2, c2) + moved * moved) * inv2;
    double det = a * c - b * b;
    return det > 0 ? (z1 * z1 * c - 2 * z1 * z2 * b + z2 * z2 * a) / det : INFINITY;
}

/** First entry of a site whose key is not below `key`. */
static int32_t lower_bound(const entry *e, int32_t lo, int32_t hi, double key) {
    while (lo < hi) {
        int32_t mid = lo + (hi - lo) / 2;
        if (e[mid].key < key) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

static bool same_camera(const sv_ray *a, const sv_ray *b) {
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++) {
            if (a->camera[i] >= 0 && a->camera[i] == b->camera[j]) {
                return true;
            }
        }
    }
    return false;
}

/** True when the hypothesis may take the ray: not in it, and no other ray of the same camera in it. */
static bool can_add(const finder *f, const hypothesis *h, int32_t ray) {
    for (int32_t i = 0; i < h->n; i++) {
        int32_t other = h->index[i];
        if (other == ray || (f->site_of[other] == f->site_of[ray] && same_camera(&f->ray[other], &f->ray[ray]))) {
            return false;
        }
    }
    return h->n < N_CAP;
}

static void add_ray(hypothesis *h, int32_t ray) {
    int32_t at = h->n++;
    while (at > 0 && h->index[at - 1] > ray) {
        h->index[at] = h->index[at - 1];
        at--;
    }
    h->index[at] = ray;
}

static void drop_ray(hypothesis *h, int32_t at) {
    h->n--;
    for (int32_t i = at; i < h->n; i++) {
        h->index[i] = h->index[i + 1];
    }
}

static int32_t count_sites(const finder *f, const hypothesis *h) {
    int32_t n = 0;
    for (int32_t i = 0; i < h->n; i++) {
        bool first = true;
        for (int32_t j = 0; j < i; j++) {
            first = first && f->site_of[h->index[j]] != f->site_of[h->index[i]];
        }
        n += first ? 1 : 0;
    }
    return n;
}

/** The best ray so far, and its distance. */
typedef struct best_ray {
    int32_t ray;
    double chi2;
} best_ray;

/** Looks for a better one among entries lo to hi - 1, whose rays have at most `sigma_ray`. */
static void search_rays(best_ray *best, const finder *f, const hypothesis *h, int32_t lo, int32_t hi, sv_vec3 r,
                        double range, double spread, double sigma_ray) {
    double speed = f->config->voxel.speed_max_mps;
    double moved = speed / f->config->sync.rate_hz;
    double reach = f->gate_sigma * (sigma_ray + spread) + moved / range;
    double z = r.z / range;
    for (int32_t i = lower_bound(f->by_z, lo, hi, z - reach); i < hi && f->by_z[i].key <= z + reach; i++) {
        int32_t ray = f->by_z[i].ray;
        // cheap refusal: farther off than the widest gate
        if (sv_vec3_norm(sv_vec3_sub(sv_vec3_scale(f->ray[ray].d_w, range), r)) > 2 * reach * range) {
            continue;
        }
        double chi2 = gate_chi2(&f->ray[ray], h->p_w, h->cov_m2, h->t, speed);
        if (chi2 < best->chi2 && can_add(f, h, ray)) {
            *best = (best_ray){ray, chi2};
        }
    }
}

/** Best ray of a site for the hypothesis, -1 when none is inside the gate; `sigma_m` is its largest standard deviation. */
static int32_t best_of_site(const finder *f, const hypothesis *h, double sigma_m, int32_t site) {
    sv_vec3 r = sv_vec3_sub(h->p_w, f->sites->site[site].c_w);
    double range = sv_vec3_norm(r);
    if (!(range >= f->config->voxel.range_min_m && range <= f->config->voxel.range_max_m)) {
        return -1;
    }
    best_ray best = {-1, f->gate_sigma * f->gate_sigma};
    search_rays(&best, f, h, f->begin[site], f->blurred[site], r, range, sigma_m / range, f->sharp_max[site]);
    search_rays(&best, f, h, f->blurred[site], f->begin[site + 1], r, range, sigma_m / range, f->sigma_max);
    return best.ray;
}

/** Mean time of the rays, without overflow. */
static sv_time mean_time(const finder *f, const hypothesis *h) {
    sv_time t0 = f->ray[h->index[0]].t;
    sv_time sum = 0;
    for (int32_t i = 0; i < h->n; i++) {
        sum += f->ray[h->index[i]].t - t0;
    }
    return t0 + sum / h->n;
}

/** Fit, then drop the worst ray until the residual test passes; false when fewer than min_sites are left. */
static bool settle(finder *f, hypothesis *h) {
    double chi2[N_CAP];
    for (;;) {
        h->n_sites = count_sites(f, h);
        if (h->n_sites < f->min_sites || h->n < 2) {
            return false;
        }
        h->t = mean_time(f, h);
        if (sv_consensus_fit(&h->p_w, h->cov_m2, chi2, f->ray, h->index, h->n, h->t, f->config->voxel.speed_max_mps) !=
            SV_OK) {
            return false;
        }
        double sum = 0;
        int32_t worst = 0;
        for (int32_t i = 0; i < h->n; i++) {
            sum += chi2[i];
            worst = chi2[i] > chi2[worst] ? i : worst;
        }
        if (sum <= residual_limit(f, h->n)) {
            h->chi2_per_dof = sum / (2 * h->n - 3);
            return true;
        }
        if (h->n == 2) {
            return false;
        }
        drop_ray(h, worst);
    }
}

static bool inside_limits(const finder *f, const hypothesis *h) {
    const sv_voxel_config *v = &f->config->voxel;
    if (!(h->p_w.z >= v->height_min_m && h->p_w.z <= v->height_max_m)) {
        return false;
    }
    for (int32_t i = 0; i < h->n; i++) {
        double range = sv_vec3_norm(sv_vec3_sub(h->p_w, f->ray[h->index[i]].c_w));
        if (!(range >= v->range_min_m && range <= v->range_max_m)) {
            return false;
        }
    }
    return true;
}

/** Grow a two-ray seed by the rays of every site that agree; keep it when it passes every test. */
static void grow_seed(finder *f, int32_t ray_a, int32_t ray_b, sv_vec3 p_w) {
    if (f->best[ray_a] >= 0 && f->best[ray_a] == f->best[ray_b]) {
        return; // the same crossing was found from another pair
    }
    if (f->n_hyp == f->hyp_cap) {
        f->full = true;
        return;
    }
    hypothesis h = {.p_w = p_w};
    double chi2[N_CAP];
    add_ray(&h, ray_a);
    add_ray(&h, ray_b);
    h.t = mean_time(f, &h);
    double speed = f->config->voxel.speed_max_mps;
    if (sv_consensus_fit(&h.p_w, h.cov_m2, chi2, f->ray, h.index, h.n, h.t, speed) != SV_OK) {
        return;
    }
    double sigma_m = sqrt(sv_mat_sym3_max_eigenvalue(h.cov_m2));
    for (int32_t s = 0; s < f->sites->n; s++) {
        // a site may hold two rays of one object: its mono and its thermal camera, not fused
        for (int i = 0; i < 2; i++) {
            int32_t ray = best_of_site(f, &h, sigma_m, s);
            if (ray < 0) {
                break;
            }
            hypothesis grown = h;
            add_ray(&grown, ray);
            if (sv_consensus_fit(&grown.p_w, grown.cov_m2, chi2, f->ray, grown.index, grown.n, grown.t, speed) !=
                SV_OK) {
                break;
            }
            h = grown;
            sigma_m = sqrt(sv_mat_sym3_max_eigenvalue(h.cov_m2));
        }
    }
    if (!settle(f, &h) || !inside_limits(f, &h)) {
        return;
    }
    int32_t id = (int32_t)f->n_hyp++;
    f->hyp[id] = h;
    for (int32_t i = 0; i < h.n; i++) {
        int32_t *best = &f->best[h.index[i]];
        if (*best < 0 || f->hyp[*best].n_sites < h.n_sites) {
            *best = id;
        }
    }
}

/** Where two rays pass each other: true inside ranges and within reach; the point is the middle weighted by range. */
static bool pair_point(const finder *f, sv_vec3 *p_w, int32_t i_a, int32_t i_b) {
    const sv_ray *a = &f->ray[i_a];
    const sv_ray *b = &f->ray[i_b];
    sv_vec3 w = sv_vec3_sub(a->c_w, b->c_w);
    double cosine = sv_vec3_dot(a->d_w, b->d_w);
    double denominator = 1 - cosine * cosine;
    if (denominator < 1e-8) {
        return false;
    }
    double aw = sv_vec3_dot(a->d_w, w);
    double bw = sv_vec3_dot(b->d_w, w);
    double range_a = (cosine * bw - aw) / denominator;
    double range_b = (bw - cosine * aw) / denominator;
    const sv_voxel_config *v = &f->config->voxel;
    if (!(range_a >= v->range_min_m && range_a <= v->range_max_m && range_b >= v->range_min_m &&
          range_b <= v->range_max_m)) {
        return false;
    }
    sv_vec3 p_a = sv_vec3_mad(a->c_w, a->d_w, range_a);
    sv_vec3 p_b = sv_vec3_mad(b->c_w, b->d_w, range_b);
    double moved = v->speed_max_mps * sv_time_to_s(a->t - b->t);
    double var_a = range_a * range_a * f->sigma[i_a] * f->sigma[i_a];
    double var_b = range_b * range_b * f->sigma[i_b] * f->sigma[i_b];
    sv_vec3 miss = sv_vec3_sub(p_b, p_a);
    double reach2 = f->gate_sigma * f->gate_sigma * (var_a + var_b) + moved * moved;
    *p_w = sv_vec3_mad(p_a, miss, var_a / (var_a + var_b));
    return sv_vec3_dot(miss, miss) <= reach2;
}

/** Epipolar angle of a site's sharp rays about the baseline; rays close to the baseline say nothing and are left out. */
static int32_t epipolar_entries(const finder *f, entry *out, int32_t site, sv_vec3 axis, sv_vec3 e1, sv_vec3 e2) {
    int32_t n = 0;
    for (int32_t i = f->begin[site]; i < f->blurred[site]; i++) {
        int32_t ray = f->by_z[i].ray;
        sv_vec3 d = f->ray[ray].d_w;
        double along = sv_vec3_dot(d, axis);
        double across = sqrt(1 - along * along > 0 ? 1 - along * along : 0);
        if (across > 1e-3) {
            out[n++] =
                (entry){sv_atan2(sv_vec3_dot(d, e2), sv_vec3_dot(d, e1)), f->gate_sigma * f->sigma[ray] / across, ray};
        }
    }
    return n;
}

/** Seeds of one pair of sites: rays that lie in a common plane with the baseline. */
static void pair_seeds(finder *f, int32_t site_a, int32_t site_b, entry *a, entry *b, entry *spare) {
    if (f->begin[site_a + 1] == f->begin[site_a] || f->begin[site_b + 1] == f->begin[site_b]) {
        return;
    }
    sv_vec3 baseline = sv_vec3_sub(f->sites->site[site_b].c_w, f->sites->site[site_a].c_w);
    double length = sv_vec3_norm(baseline);
    if (!(length > 1e-3)) {
        return;
    }
    sv_vec3 axis = sv_vec3_scale(baseline, 1 / length);
    // angles are counted from where the rays of a look, so that no field of view is cut at +-pi
    sv_vec3 sum = {0, 0, 0};
    for (int32_t i = f->begin[site_a]; i < f->begin[site_a + 1]; i++) {
        sum = sv_vec3_add(sum, f->ray[f->by_z[i].ray].d_w);
    }
    sv_vec3 e1 = sv_vec3_unit(sv_vec3_mad(sum, axis, -sv_vec3_dot(sum, axis)));
    if (sv_vec3_dot(e1, e1) < 0.5) {
        sv_vec3 unused;
        sv_ray_basis(&e1, &unused, axis);
    }
    sv_vec3 e2 = sv_vec3_cross(axis, e1);
    int32_t n_a = epipolar_entries(f, a, site_a, axis, e1, e2);
    int32_t n_b = epipolar_entries(f, b, site_b, axis, e1, e2);
    sv_sort(a, (size_t)n_a, sizeof *a, entry_less, NULL, spare);
    sv_sort(b, (size_t)n_b, sizeof *b, entry_less, NULL, spare);
    double widest = 0;
    for (int32_t j = 0; j < n_b; j++) {
        widest = b[j].tolerance > widest ? b[j].tolerance : widest;
    }
    for (int32_t i = 0; i < n_a; i++) {
        sv_time t_a = f->ray[a[i].ray].t;
        // rays of different times: the target may have moved, by most where it is nearest
        double reach = a[i].tolerance + widest;
        double slack = f->config->voxel.speed_max_mps / f->config->sync.rate_hz / (f->config->voxel.range_min_m + 1);
        for (int32_t j = lower_bound(b, 0, n_b, a[i].key - reach - slack);
             j < n_b && b[j].key <= a[i].key + reach + slack; j++) {
            sv_vec3 p_w;
            double difference = b[j].key > a[i].key ? b[j].key - a[i].key : a[i].key - b[j].key;
            if (f->ray[b[j].ray].t == t_a && difference > a[i].tolerance + b[j].tolerance) {
                continue;
            }
            if (pair_point(f, &p_w, a[i].ray, b[j].ray)) {
                grow_seed(f, a[i].ray, b[j].ray, p_w);
            }
        }
    }
}

static void emit_point(sv_point *out, const hypothesis *h) {
    *out = (sv_point){.t = h->t, .p_w = h->p_w, .n_sites = h->n_sites, .n_rays = h->n};
    for (int i = 0; i < 6; i++) {
        out->cov_m2[i] = h->cov_m2[i];
    }
    for (int32_t i = 0; i < h->n; i++) {
        out->ray[i] = h->index[i];
    }
}

/** Take hypotheses best first; one that lost rays to a better one is fitted anew and waits for the next round. */
static void claim(finder *f, sv_point *out, size_t *n_out, size_t cap, int32_t *order, int32_t *spare, bool *claimed) {
    size_t n = f->n_hyp;
    for (size_t i = 0; i < n; i++) {
        order[i] = (int32_t)i;
    }
    while (n > 0 && *n_out < cap) {
        sv_sort(order, n, sizeof *order, hypothesis_less, f->hyp, spare);
        size_t n_later = 0;
        for (size_t i = 0; i < n && *n_out < cap; i++) {
            hypothesis *h = &f->hyp[order[i]];
            int32_t n_before = h->n;
            for (int32_t j = h->n - 1; j >= 0; j--) {
                if (claimed[h->index[j]]) {
                    drop_ray(h, j);
                }
            }
            if (h->n < n_before) {
                if (h->n >= 2 && settle(f, h) && inside_limits(f, h)) {
                    order[n_later++] = order[i];
                }
                continue;
            }
            for (int32_t j = 0; j < h->n; j++) {
                claimed[h->index[j]] = true;
            }
            emit_point(&out[(*n_out)++], h);
        }
        n = n_later;
    }
}

sv_status sv_consensus_run(sv_point *out, size_t *n_out, size_t cap, const sv_config *config, const sv_sites *sites,
                           const sv_ray *ray, size_t n, sv_arena *scratch) {
    *n_out = 0;
    if (n == 0 || sites->n < 2) {
        return SV_OK;
    }
    size_t mark = scratch->used;
    finder f = {.config = config, .sites = sites, .ray = ray, .scratch = scratch, .hyp_cap = 4 * n};
    f.gate_sigma = sqrt(-2 * sv_log(1 - config->voxel.gate_p)); // the quantile of two degrees of freedom
    for (int i = 0; i <= DOF_CAP; i++) {
        f.quantile[i] = NAN;
    }
    sv_status status = group_rays(&f, n);
    if (status != SV_OK) {
        sv_arena_reset(scratch, mark);
        return status;
    }
    int32_t *n_rays = sv_arena_take(scratch, (size_t)sites->n, sizeof *n_rays);
    entry *a = sv_arena_take(scratch, n, sizeof *a);
    entry *b = sv_arena_take(scratch, n, sizeof *b);
    entry *spare = sv_arena_take(scratch, n, sizeof *spare);
    bool *claimed = sv_arena_take(scratch, n, sizeof *claimed);
    int32_t *order = sv_arena_take(scratch, f.hyp_cap, sizeof *order);
    int32_t *order_spare = sv_arena_take(scratch, f.hyp_cap, sizeof *order_spare);
    f.hyp = sv_arena_take(scratch, f.hyp_cap, sizeof *f.hyp);
    if (f.hyp == NULL || order_spare == NULL || order == NULL || claimed == NULL || spare == NULL || b == NULL ||
        a == NULL || n_rays == NULL) {
        sv_arena_reset(scratch, mark);
        return sv_fail(SV_ERR_LIMIT, "voxel: scratch too small for %zu rays", n);
    }
    for (int32_t s = 0; s < sites->n; s++) {
        n_rays[s] = f.begin[s + 1] - f.begin[s];
    }
    f.min_sites = sv_consensus_choose_sites(config, sites, n_rays, f.sigma_max);
    for (size_t i = 0; i < n; i++) {
        claimed[i] = false;
    }
    for (int32_t s = 0; s < sites->n; s++) {
        for (int32_t r = s + 1; r < sites->n && !f.full; r++) {
            pair_seeds(&f, s, r, a, b, spare);
        }
    }
    claim(&f, out, n_out, cap, order, order_spare, claimed);
    sv_arena_reset(scratch, mark);
    return SV_OK;
}
