#include <core/base/assign.h>
#include <core/fuse/fuse.h>
#include <math.h>
#include <skyvox/camera.h>
#include <skyvox/math.h>

enum {
    PARTNERS = 8,               /* nearest thermal bearings that a mono bearing may be paired with */
    PAIR_TIME_NS = 2 * 1000000, /* largest time difference within a pair */
};

static const double label_confidence = 0.9; /* of a detection without SNR: someone saw it */

/* Rays of the set so far, and of each camera where they start. */
typedef struct bundle {
    const sv_config *config;
    const sv_detection *detection;
    sv_ray *ray;   /* [n] in camera order */
    double *along; /* [n] cosine to the mono camera's y axis: what partners are searched by */
    bool *taken;   /* [n] went into a common bearing */
    size_t n;
    size_t *first; /* [n_cameras + 1] */
    sv_arena *scratch;
} bundle;

/* ---- detections to rays ---- */

static double confidence(const sv_config *config, double snr) {
    if (!(snr > 0))
        return label_confidence;
    /* Noise alone reaches snr with a density of exp(-snr^2 / 2): even odds at the SNR that may start a track. */
    const double birth = config->voxel.snr_birth;
    return 1 / (1 + sv_exp(0.5 * (birth * birth - snr * snr)));
}

/* What a detection or ray is worth for a birth. */
static double strength(double snr, double snr_link) {
    return snr_link > snr ? snr_link : snr;
}

/* c = b v b^T for 2 x 2 b and symmetric v, c as xx xy yy. */
static void congruence(double c[3], const double b[4], const double v[3]) {
    const double p = b[0] * v[0] + b[1] * v[1], q = b[0] * v[1] + b[1] * v[2];
    const double r = b[2] * v[0] + b[3] * v[1], s = b[2] * v[1] + b[3] * v[2];
    c[0] = p * b[0] + q * b[1];
    c[1] = p * b[2] + q * b[3];
    c[2] = r * b[2] + s * b[3];
}

/* False when the pixel has no direction: such a detection makes no ray. */
static bool make_ray(sv_ray *ray, const sv_config *config, const sv_detection *d, int32_t i_detection) {
    const sv_camera *camera = &config->camera[d->camera];
    sv_vec3 d_w, e1, e2;
    double J[6];
    if (sv_camera_unproject(&d_w, J, camera, d->u_px, d->v_px) != SV_OK)
        return false;
    sv_ray_basis(&e1, &e2, d_w);

    const bool own = d->cov_px2[0] > 0 && d->cov_px2[2] > 0;
    const double noise = camera->sigma_px * camera->sigma_px, pose = camera->sigma_pose_px * camera->sigma_pose_px;
    const double cov_px2[3] = {(own ? d->cov_px2[0] : noise) + pose, own ? d->cov_px2[1] : 0,
                               (own ? d->cov_px2[2] : noise) + pose};
    const sv_vec3 ju = {J[0], J[2], J[4]}, jv = {J[1], J[3], J[5]};
    const double to_angle[4] = {sv_vec3_dot(e1, ju), sv_vec3_dot(e1, jv), sv_vec3_dot(e2, ju), sv_vec3_dot(e2, jv)};

    *ray = (sv_ray){.t = d->t,
                    .c_w = camera->c_w,
                    .d_w = d_w,
                    .snr = d->snr,
                    .snr_link = d->snr_link,
                    .confidence = confidence(config, strength(d->snr, d->snr_link)),
                    .site = camera->site,
                    .camera = {d->camera, -1},
                    .detection = {i_detection, -1}};
    congruence(ray->cov_rad2, to_angle, cov_px2);
    return true;
}

static bool stronger(const void *a, const void *b, void *user) {
    const sv_detection *d = user, *p = &d[*(const int32_t *)a], *q = &d[*(const int32_t *)b];
    return strength(p->snr, p->snr_link) > strength(q->snr, q->snr_link);
}

static bool lower(const void *a, const void *b, void *user) {
    (void)user;
    return *(const int32_t *)a < *(const int32_t *)b;
}

/* The detector's candidates come like this; the sort, which is stable, would leave them as they are. */
static bool strongest_come_first(const sv_detection *d, const int32_t *index, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (stronger(&index[i], &index[i - 1], (void *)d))
            return false;
    return true;
}

/* Rays of one camera's detections, in the order of the detections; only the strongest where there are too many. */
static sv_status add_camera(bundle *b, size_t begin, size_t end) {
    const size_t mark = b->scratch->used, n = end - begin;
    int32_t *index = sv_arena_take(b->scratch, n, sizeof *index), *work = sv_arena_take(b->scratch, n, sizeof *work);
    if (!index || !work)
        return sv_fail(SV_ERR_LIMIT, "fuse: scratch too small for %zu detections of one camera", n);
    for (size_t i = 0; i < n; i++)
        index[i] = (int32_t)(begin + i);
    size_t kept = n;
    if (n > (size_t)b->config->fuse.max_per_camera) {
        kept = (size_t)b->config->fuse.max_per_camera;
        if (!strongest_come_first(b->detection, index, n)) {
            sv_sort(index, n, sizeof *index, stronger, (void *)b->detection, work);
            sv_sort(index, kept, sizeof *index, lower, NULL, work);
        }
    }
    for (size_t i = 0; i < kept; i++)
        if (make_ray(&b->ray[b->n], b->config, &b->detection[index[i]], index[i]))
            b->n++;
    sv_arena_reset(b->scratch, mark);
    return SV_OK;
}

static sv_status add_cameras(bundle *b, size_t n) {
    size_t *begin = sv_arena_take(b->scratch, (size_t)b->config->n_cameras, sizeof *begin);
    if (!begin)
        return sv_fail(SV_ERR_LIMIT, "fuse: scratch too small for %d cameras", b->config->n_cameras);
    for (int32_t c = 0; c < b->config->n_cameras; c++)
        begin[c] = n;
    for (size_t i = n; i-- > 0;)
        begin[b->detection[i].camera] = i;
    for (int32_t c = 0; c < b->config->n_cameras; c++) {
        b->first[c] = b->n;
        size_t end = begin[c];
        while (end < n && b->detection[end].camera == c)
            end++;
        const sv_status status = add_camera(b, begin[c], end);
        if (status != SV_OK)
            return status;
    }
    b->first[b->config->n_cameras] = b->n;
    return SV_OK;
}

/* ---- pairs ---- */

/* A second bearing seen from the first one's tangent plane. */
typedef struct offset {
    double x, y;      /* rad along the first ray's e1, e2 */
    double cov[3];    /* the second's covariance in that basis */
    double distance2; /* squared, in standard deviations of both */
} offset;

static offset offset_of(const sv_ray *a, const sv_ray *b) {
    sv_vec3 a1, a2, b1, b2;
    sv_ray_basis(&a1, &a2, a->d_w);
    sv_ray_basis(&b1, &b2, b->d_w);
    const sv_vec3 d = sv_vec3_sub(b->d_w, a->d_w);
    const double turn[4] = {sv_vec3_dot(a1, b1), sv_vec3_dot(a1, b2), sv_vec3_dot(a2, b1), sv_vec3_dot(a2, b2)};
    offset o = {.x = sv_vec3_dot(a1, d), .y = sv_vec3_dot(a2, d)};
    congruence(o.cov, turn, b->cov_rad2);
    const double s0 = a->cov_rad2[0] + o.cov[0], s1 = a->cov_rad2[1] + o.cov[1], s2 = a->cov_rad2[2] + o.cov[2];
    o.distance2 = (s2 * o.x * o.x - 2 * s1 * o.x * o.y + s0 * o.y * o.y) / (s0 * s2 - s1 * s1);
    return o;
}

/* The common bearing, in place of the mono one: inverse covariance weights. */
static void merge(sv_ray *a, const sv_ray *b, const sv_config *config) {
    const offset o = offset_of(a, b);
    sv_vec3 e1, e2;
    sv_ray_basis(&e1, &e2, a->d_w);
    /* Gain k = Ca (Ca + Cb)^-1: the share of the way from a to b. */
    const double *c = a->cov_rad2;
    const double s0 = c[0] + o.cov[0], s1 = c[1] + o.cov[1], s2 = c[2] + o.cov[2], det = s0 * s2 - s1 * s1;
    const double k00 = (c[0] * s2 - c[1] * s1) / det, k01 = (c[1] * s0 - c[0] * s1) / det;
    const double k10 = (c[1] * s2 - c[2] * s1) / det, k11 = (c[2] * s0 - c[1] * s1) / det;
    const double cov[3] = {c[0] - k00 * c[0] - k01 * c[1], c[1] - k00 * c[1] - k01 * c[2],
                           c[2] - k10 * c[1] - k11 * c[2]};
    const double share = (c[0] + c[2]) / (s0 + s2);

    a->d_w = sv_vec3_unit(sv_vec3_mad(sv_vec3_mad(a->d_w, e1, k00 * o.x + k01 * o.y), e2, k10 * o.x + k11 * o.y));
    for (int i = 0; i < 3; i++)
        a->cov_rad2[i] = cov[i];
    a->t += sv_round_i64(share * (double)(b->t - a->t));
    const double strength_a = strength(a->snr, a->snr_link), strength_b = strength(b->snr, b->snr_link);
    const double both = sqrt(strength_a * strength_a + strength_b * strength_b);
    a->snr_link = a->snr_link > 0 || b->snr_link > 0 ? both : 0;
    a->snr = sqrt(a->snr * a->snr + b->snr * b->snr);
    a->confidence = confidence(config, both);
    a->camera[1] = b->camera[0];
    a->detection[1] = b->detection[0];
}

static double largest_sigma(const sv_ray *ray) {
    return sqrt(ray->cov_rad2[0] + ray->cov_rad2[2]); /* the trace bounds the larger eigenvalue */
}

static bool nearer_along(const void *a, const void *b, void *user) {
    const double *along = user;
    return along[*(const int32_t *)a] < along[*(const int32_t *)b];
}

/* Keeps the PARTNERS nearest of a row: one more edge goes in order of distance, ties to the earlier one. */
static size_t insert_edge(sv_assign_edge *edge, size_t n, sv_assign_edge e) {
    size_t i = n < PARTNERS ? n : PARTNERS;
    while (i > 0 && edge[i - 1].cost > e.cost) {
        if (i < PARTNERS)
            edge[i] = edge[i - 1];
        i--;
    }
    if (i < PARTNERS)
        edge[i] = e;
    return n < PARTNERS ? n + 1 : PARTNERS;
}

/* Edges of mono ray `row` to the thermal rays listed in `order` by increasing `along`. */
static size_t find_partners(sv_assign_edge *edge, const bundle *b, size_t i_mono, int32_t row, size_t thermal,
                            const int32_t *order, size_t n_thermal, double thermal_sigma) {
    const double gate = b->config->fuse.gate_sigma;
    const sv_ray *a = &b->ray[i_mono];
    const double window = gate * (largest_sigma(a) + thermal_sigma);
    size_t lo = 0, hi = n_thermal;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (b->along[thermal + (size_t)order[mid]] < b->along[i_mono] - window)
            lo = mid + 1;
        else
            hi = mid;
    }
    size_t n = 0;
    for (; lo < n_thermal && b->along[thermal + (size_t)order[lo]] <= b->along[i_mono] + window; lo++) {
        const sv_ray *t = &b->ray[thermal + (size_t)order[lo]];
        const sv_time dt = t->t - a->t;
        if (b->taken[thermal + (size_t)order[lo]] || dt > PAIR_TIME_NS || dt < -PAIR_TIME_NS ||
            sv_vec3_dot(a->d_w, t->d_w) <= 0)
            continue;
        const double distance2 = offset_of(a, t).distance2;
        if (distance2 <= gate * gate)
            n = insert_edge(edge, n, (sv_assign_edge){row, order[lo], distance2});
    }
    return n;
}

/* Pairs up the rays of a mono and a thermal camera. */
static sv_status join_cameras(bundle *b, int32_t mono, int32_t thermal) {
    const size_t m0 = b->first[mono], n_mono = b->first[mono + 1] - m0;
    const size_t t0 = b->first[thermal], n_thermal = b->first[thermal + 1] - t0;
    if (n_mono == 0 || n_thermal == 0)
        return SV_OK;
    const size_t mark = b->scratch->used;
    int32_t *order = sv_arena_take(b->scratch, n_thermal, sizeof *order);
    int32_t *work = sv_arena_take(b->scratch, n_thermal, sizeof *work);
    int32_t *partner = sv_arena_take(b->scratch, n_mono, sizeof *partner);
    double *alone = sv_arena_take(b->scratch, n_mono, sizeof *alone);
    sv_assign_edge *edge = sv_arena_take(b->scratch, n_mono * PARTNERS, sizeof *edge);
    if (!order || !work || !partner || !alone || !edge)
        return sv_fail(SV_ERR_LIMIT, "fuse: scratch too small to pair %zu with %zu bearings", n_mono, n_thermal);

    /* Both cameras' rays by their sine along the mono camera's y axis: a window of it bounds the search. */
    const sv_mat3 *R = &b->config->camera[mono].R_cw;
    const sv_vec3 axis = {R->m[3], R->m[4], R->m[5]};
    double thermal_sigma = 0;
    for (size_t i = m0; i < m0 + n_mono; i++)
        b->along[i] = sv_vec3_dot(axis, b->ray[i].d_w);
    for (size_t i = 0; i < n_thermal; i++) {
        b->along[t0 + i] = sv_vec3_dot(axis, b->ray[t0 + i].d_w);
        order[i] = (int32_t)i;
        if (largest_sigma(&b->ray[t0 + i]) > thermal_sigma)
            thermal_sigma = largest_sigma(&b->ray[t0 + i]);
    }
    sv_sort(order, n_thermal, sizeof *order, nearer_along, b->along + t0, work);

    size_t n_edges = 0;
    for (size_t i = 0; i < n_mono; i++) {
        alone[i] = b->config->fuse.gate_sigma * b->config->fuse.gate_sigma;
        if (b->ray[m0 + i].camera[1] < 0)
            n_edges += find_partners(edge + n_edges, b, m0 + i, (int32_t)i, t0, order, n_thermal, thermal_sigma);
    }
    const sv_status status =
        sv_assign_sparse(partner, (int32_t)n_mono, (int32_t)n_thermal, edge, n_edges, alone, b->scratch);
    for (size_t i = 0; status == SV_OK && i < n_mono; i++)
        if (partner[i] >= 0) {
            merge(&b->ray[m0 + i], &b->ray[t0 + (size_t)partner[i]], b->config);
            b->taken[t0 + (size_t)partner[i]] = true;
        }
    sv_arena_reset(b->scratch, mark);
    return status;
}

static sv_status join_pairs(bundle *b) {
    const sv_camera *camera = b->config->camera;
    for (int32_t i = 0; i < b->config->n_cameras; i++)
        for (int32_t j = 0; j < b->config->n_cameras; j++)
            if (camera[i].modality == SV_MONO && camera[j].modality == SV_THERMAL && camera[i].pair == camera[j].pair) {
                const sv_status status = join_cameras(b, i, j);
                if (status != SV_OK)
                    return status;
            }
    return SV_OK;
}

/* ---- output ---- */

static bool ray_stronger(const void *a, const void *b, void *user) {
    const sv_ray *ray = user, *p = &ray[*(const int32_t *)a], *q = &ray[*(const int32_t *)b];
    return strength(p->snr, p->snr_link) > strength(q->snr, q->snr_link);
}

/* The set's order: site, camera, detection. */
static bool ray_before(const void *a, const void *b, void *user) {
    const sv_ray *ray = user, *p = &ray[*(const int32_t *)a], *q = &ray[*(const int32_t *)b];
    if (p->site != q->site)
        return p->site < q->site;
    if (p->camera[0] != q->camera[0])
        return p->camera[0] < q->camera[0];
    return p->detection[0] < q->detection[0];
}

static sv_status put_out(sv_ray *out, size_t *n_out, size_t cap, const bundle *b) {
    int32_t *index = sv_arena_take(b->scratch, b->n, sizeof *index),
            *work = sv_arena_take(b->scratch, b->n, sizeof *work);
    if (!index || !work)
        return sv_fail(SV_ERR_LIMIT, "fuse: scratch too small to order %zu rays", b->n);
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        if (!b->taken[i])
            index[n++] = (int32_t)i;
    sv_sort(index, n, sizeof *index, ray_before, b->ray, work);
    if (n > cap) { /* stable: of equals the earlier stay */
        sv_sort(index, n, sizeof *index, ray_stronger, b->ray, work);
        n = cap;
        sv_sort(index, n, sizeof *index, ray_before, b->ray, work);
    }
    for (size_t i = 0; i < n; i++)
        out[i] = b->ray[index[i]];
    *n_out = n;
    return SV_OK;
}

sv_status sv_fuse_run(sv_ray *out, size_t *n_out, size_t cap, const sv_config *config, const sv_detection *detection,
                      size_t n, sv_arena *scratch) {
    const size_t mark = scratch->used;
    bundle b = {.config = config, .detection = detection, .scratch = scratch};
    b.ray = sv_arena_take(scratch, n, sizeof *b.ray);
    b.along = sv_arena_take(scratch, n, sizeof *b.along);
    b.taken = sv_arena_take(scratch, n, sizeof *b.taken);
    b.first = sv_arena_take(scratch, (size_t)config->n_cameras + 1, sizeof *b.first);
    sv_status status = b.ray && b.along && b.taken && b.first
                           ? SV_OK
                           : sv_fail(SV_ERR_LIMIT, "fuse: scratch too small for %zu detections", n);
    for (size_t i = 0; status == SV_OK && i < n; i++)
        b.taken[i] = false;
    if (status == SV_OK)
        status = add_cameras(&b, n);
    if (status == SV_OK)
        status = join_pairs(&b);
    if (status == SV_OK)
        status = put_out(out, n_out, cap, &b);
    sv_arena_reset(scratch, mark);
    return status;
}
