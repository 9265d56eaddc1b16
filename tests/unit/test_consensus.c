/* Where rays meet: recall, ghosts, honest covariance, order, degenerate geometry, and an oracle that tries every subset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <core/voxel/consensus.h>
#include <math.h>
#include <skyvox/math.h>
#include <skyvox/rng.h>
#include <stdlib.h>
#include <string.h>

enum { SITES_CAP = 10, RAYS_CAP = 2000, POINTS_CAP = 500 };

typedef struct scene {
    sv_camera camera[SITES_CAP];
    sv_config config;
    sv_sites sites;
    sv_arena scratch;
    sv_ray ray[RAYS_CAP];
    int32_t target[RAYS_CAP]; /* that made the ray, -1 clutter */
    size_t n;
    sv_point point[POINTS_CAP];
    size_t n_points;
} scene;

static double normal(uint32_t stream, uint64_t counter) {
    return sv_rng_normal(5, sv_rng_stream(SV_RNG_TEST, stream), counter);
}

static double uniform(uint32_t stream, uint64_t counter) {
    return sv_rng_uniform(5, sv_rng_stream(SV_RNG_TEST, stream), counter);
}

/* One camera a site, on a ring. */
static scene *scene_create(int32_t n_sites, double radius_m) {
    scene *s = calloc(1, sizeof *s);
    s->config = sv_config_default();
    for (int32_t i = 0; i < n_sites; i++) {
        double sine, cosine;
        sv_sincos(&sine, &cosine, 2 * SV_PI * i / n_sites + 0.1);
        s->camera[i] = (sv_camera){.id = i, .site = 10 + i, .width = 7680, .height = 4320, .fx = 14700, .fy = 14700};
        s->camera[i].c_w = (sv_vec3){radius_m * cosine, radius_m * sine, 3.0 * (i % 4)};
    }
    s->config.camera = s->camera;
    s->config.n_cameras = n_sites;
    assert_int_equal(sv_sites_init(&s->sites, &s->config), SV_OK);
    assert_int_equal(sv_arena_create(&s->scratch, (size_t)64 << 20), SV_OK);
    return s;
}

static void scene_destroy(scene *s) {
    sv_sites_fini(&s->sites);
    sv_arena_destroy(&s->scratch);
    free(s);
}

/* A ray of a site to a place, its direction turned by two angles. */
static void add_ray(scene *s, int32_t site, int32_t target, sv_vec3 p_w, double sigma_rad, double a, double b) {
    sv_vec3 e1, e2;
    const sv_vec3 d = sv_vec3_unit(sv_vec3_sub(p_w, s->camera[site].c_w));
    sv_ray_basis(&e1, &e2, d);
    assert_true(s->n < RAYS_CAP);
    s->target[s->n] = target;
    s->ray[s->n++] = (sv_ray){.c_w = s->camera[site].c_w,
                              .d_w = sv_vec3_unit(sv_vec3_mad(sv_vec3_mad(d, e1, a), e2, b)),
                              .cov_rad2 = {sigma_rad * sigma_rad, 0, sigma_rad * sigma_rad},
                              .confidence = 1,
                              .site = s->camera[site].site,
                              .camera = {site, -1},
                              .detection = {(int32_t)s->n, -1}};
}

static void run(scene *s) {
    s->n_points = 99999;
    assert_int_equal(
        sv_consensus_run(s->point, &s->n_points, POINTS_CAP, &s->config, &s->sites, s->ray, s->n, &s->scratch), SV_OK);
    assert_int_equal(s->scratch.used, 0);
    assert_true(s->n_points <= POINTS_CAP);
    for (size_t i = 0; i < s->n_points; i++) {
        const sv_vec3 p = s->point[i].p_w;
        assert_true(isfinite(p.x) && isfinite(p.y) && isfinite(p.z));
        for (int k = 0; k < 6; k++) {
            assert_true(isfinite(s->point[i].cov_m2[k]));
        }
    }
}

/* e^T C^-1 e of a symmetric 3 x 3 given as xx xy xz yy yz zz. */
static double nees3(sv_vec3 e, const double c[6]) {
    const sv_vec3 row[3] = {{c[0], c[1], c[2]}, {c[1], c[3], c[4]}, {c[2], c[4], c[5]}};
    const sv_vec3 x = sv_vec3_cross(row[1], row[2]), y = sv_vec3_cross(row[2], row[0]),
                  z = sv_vec3_cross(row[0], row[1]);
    const double det = sv_vec3_dot(row[0], x);
    return sv_vec3_dot(e, (sv_vec3){sv_vec3_dot(x, e), sv_vec3_dot(y, e), sv_vec3_dot(z, e)}) / det;
}

/* ---- the crowd: 100 targets, 10 sites, 20 frames ---- */

enum { N_TARGETS = 100, N_FALSE = 40, N_FRAMES = 20 };
static const double sigma_crowd = 0.4 * 68e-6;

static void crowd_frame(scene *s, sv_vec3 truth[N_TARGETS], uint32_t frame) {
    uint64_t c = 0;
    s->n = 0;
    for (int i = 0; i < N_TARGETS; i++) {
        truth[i] = (sv_vec3){1600 * uniform(frame, c) - 800, 1600 * uniform(frame, c + 1) - 800,
                             30 + 400 * uniform(frame, c + 2)};
        c += 3;
    }
    for (int32_t site = 0; site < s->config.n_cameras; site++) {
        for (int i = 0; i < N_TARGETS; i++, c += 3) {
            if (uniform(frame, c) < 0.9) {
                add_ray(s, site, i, truth[i], sigma_crowd, sigma_crowd * normal(frame, c + 1),
                        sigma_crowd * normal(frame, c + 2));
            }
        }
        for (int i = 0; i < N_FALSE; i++, c += 3) {
            const sv_vec3 p = {1600 * uniform(frame, c) - 800, 1600 * uniform(frame, c + 1) - 800,
                               30 + 400 * uniform(frame, c + 2)};
            add_ray(s, site, -1, p, sigma_crowd, 0, 0);
        }
    }
}

static int32_t nearest(const sv_vec3 truth[N_TARGETS], sv_vec3 p, double *distance) {
    int32_t best = 0;
    *distance = INFINITY;
    for (int32_t i = 0; i < N_TARGETS; i++) {
        const double d = sv_vec3_norm(sv_vec3_sub(p, truth[i]));
        best = d < *distance ? i : best;
        *distance = d < *distance ? d : *distance;
    }
    return best;
}

static void a_crowd_is_found_without_ghosts_and_honestly(void **state) {
    (void)state;
    scene *s = scene_create(10, 4000);
    sv_vec3 truth[N_TARGETS];
    int n_found = 0, n_ghosts = 0;
    double sum2 = 0, nees = 0;
    for (uint32_t frame = 0; frame < N_FRAMES; frame++) {
        crowd_frame(s, truth, frame);
        run(s);
        bool found[N_TARGETS] = {false};
        for (size_t i = 0; i < s->n_points; i++) {
            double d;
            const int32_t k = nearest(truth, s->point[i].p_w, &d);
            if (d > 2 || found[k]) {
                n_ghosts++;
                continue;
            }
            found[k] = true;
            n_found++;
            sum2 += d * d;
            nees += nees3(sv_vec3_sub(s->point[i].p_w, truth[k]), s->point[i].cov_m2);
        }
    }
    print_message("crowd: recall %.4f, ghosts %d, RMS %.3f m, NEES/3 %.3f\n", n_found / (double)(N_TARGETS * N_FRAMES),
                  n_ghosts, sqrt(sum2 / n_found), nees / n_found / 3);
    assert_true(n_found >= 0.99 * N_TARGETS * N_FRAMES);
    assert_int_equal(n_ghosts, 0);
    assert_true(sqrt(sum2 / n_found) < 0.2);
    assert_true(fabs(nees / n_found / 3 - 1) < 0.1);
    scene_destroy(s);
}

static void every_ray_is_in_one_point_at_most_and_in_order(void **state) {
    (void)state;
    scene *s = scene_create(10, 4000);
    sv_vec3 truth[N_TARGETS];
    crowd_frame(s, truth, 100);
    run(s);
    bool used[RAYS_CAP] = {false};
    assert_true(s->n_points > 90);
    for (size_t i = 0; i < s->n_points; i++) {
        const sv_point *p = &s->point[i];
        bool seen[SITES_CAP] = {false};
        int32_t n_sites = 0;
        for (int32_t k = 0; k < p->n_rays; k++) {
            assert_in_range(p->ray[k], 0, s->n - 1);
            assert_true(k == 0 || p->ray[k] > p->ray[k - 1]);
            assert_false(used[p->ray[k]]);
            used[p->ray[k]] = true;
            const int32_t site = s->ray[p->ray[k]].camera[0];
            n_sites += seen[site] ? 0 : 1;
            seen[site] = true;
        }
        assert_int_equal(n_sites, p->n_sites);
        assert_true(i == 0 || p->n_sites <= p[-1].n_sites);
    }
    scene_destroy(s);
}

static void the_order_of_the_rays_does_not_matter(void **state) {
    (void)state;
    scene *s = scene_create(10, 4000);
    scene *t = scene_create(10, 4000);
    sv_vec3 truth[N_TARGETS];
    crowd_frame(s, truth, 200);
    run(s);
    int32_t from[RAYS_CAP]; /* index in s of ray i of t */
    t->n = s->n;
    for (size_t i = 0; i < s->n; i++) {
        from[i] = (int32_t)i;
    }
    for (size_t i = s->n - 1; i > 0; i--) {
        const size_t j = (size_t)((double)(i + 1) * uniform(201, i));
        const int32_t swap = from[i];
        from[i] = from[j];
        from[j] = swap;
    }
    for (size_t i = 0; i < s->n; i++) {
        t->ray[i] = s->ray[from[i]];
    }
    run(t);
    assert_int_equal(s->n_points, t->n_points);
    int32_t point_of[RAYS_CAP];
    memset(point_of, -1, sizeof point_of);
    for (size_t i = 0; i < s->n_points; i++) {
        for (int32_t k = 0; k < s->point[i].n_rays; k++) {
            point_of[s->point[i].ray[k]] = (int32_t)i;
        }
    }
    for (size_t i = 0; i < t->n_points; i++) {
        const int32_t same = point_of[from[t->point[i].ray[0]]];
        assert_true(same >= 0);
        assert_int_equal(t->point[i].n_rays, s->point[same].n_rays);
        for (int32_t k = 0; k < t->point[i].n_rays; k++) {
            assert_int_equal(point_of[from[t->point[i].ray[k]]], same);
        }
        /* sums run in another order, so only the rays are equal to the bit */
        assert_true(sv_vec3_norm(sv_vec3_sub(t->point[i].p_w, s->point[same].p_w)) < 1e-6);
    }
    scene_destroy(s);
    scene_destroy(t);
}

static void weak_rays_and_rays_of_unknown_sites_take_no_part(void **state) {
    (void)state;
    scene *s = scene_create(4, 1000);
    const sv_vec3 p = {10, 20, 100};
    for (int32_t site = 0; site < 4; site++) {
        add_ray(s, site, 0, p, 1e-4, 0, 0);
        s->ray[site].snr = 10;
    }
    s->ray[1].snr = 4.7; /* below snr_birth */
    s->ray[2].site = 99;
    run(s);
    assert_int_equal(s->n_points, 1);
    assert_int_equal(s->point[0].n_rays, 2);
    assert_int_equal(s->point[0].ray[0], 0);
    assert_int_equal(s->point[0].ray[1], 3);
    scene_destroy(s);
}

/* From 7 sigma, where every seed takes the ray in and only the residual test is left, to where no gate does. */
static void a_wrong_ray_is_dropped(void **state) {
    (void)state;
    const sv_vec3 p = {100, -200, 150};
    const double sigma = 1e-4;
    for (double off = 7; off < 1000; off *= 1.1) {
        for (int trial = 0; trial < 16; trial++) {
            scene *s = scene_create(7, 1500);
            const int32_t wrong = trial / 4;
            double sine, cosine;
            sv_sincos(&sine, &cosine, trial % 4 * SV_PI / 4 + 0.1);
            for (int32_t site = 0; site < 7; site++) {
                const double a = site == wrong ? off * sigma : 0;
                add_ray(s, site, 0, p, sigma, a * cosine, a * sine);
            }
            run(s);
            assert_int_equal(s->n_points, 1);
            assert_int_equal(s->point[0].n_rays, 6);
            assert_true(sv_vec3_norm(sv_vec3_sub(s->point[0].p_w, p)) < 1e-3);
            scene_destroy(s);
        }
    }
}

/* Five targets; the last one's rays are blurred at the sites from n_sharp on. */
static scene *scene_with_a_blur(int32_t n_sharp, double blur) {
    scene *s = scene_create(5, 1500);
    for (int32_t site = 0; site < 5; site++)
        for (int32_t k = 0; k < 5; k++)
            add_ray(s, site, k, (sv_vec3){60.0 * k, -50.0 * k, 100 + 20 * k},
                    1e-4 * (k == 4 && site >= n_sharp ? blur : 1), 0, 0);
    return s;
}

static void a_blurred_ray_joins_but_starts_no_crossing(void **state) {
    (void)state;
    for (int32_t n_sharp = 0; n_sharp <= 5; n_sharp++) {
        scene *s = scene_with_a_blur(n_sharp, 8);
        run(s);
        assert_int_equal(s->n_points, n_sharp >= 2 ? 5 : 4);
        for (size_t i = 0; i < s->n_points; i++)
            assert_int_equal(s->point[i].n_rays, 5);
        scene_destroy(s);
    }
}

/* Blurred is a ray beside others of its camera: two coarse cameras among sharp ones find what only they see. */
static void coarse_cameras_are_not_blurred(void **state) {
    (void)state;
    scene *s = scene_create(5, 1500);
    for (int32_t site = 0; site < 5; site++)
        for (int32_t k = 0; k < 4; k++)
            if (k < 3 || site < 2)
                add_ray(s, site, k, (sv_vec3){90.0 * k, -70.0 * k, 100 + 20 * k}, site < 2 ? 1e-3 : 1e-4, 0, 0);
    s->config.voxel.min_sites = 2;
    run(s);
    assert_int_equal(s->n_points, 4);
    scene_destroy(s);
}

/* Three cameras see 60 targets, as the others do, and 90 smears: most of what they see tells nothing. */
static void smears_start_nothing_even_where_most_rays_are(void **state) {
    (void)state;
    scene *s = scene_create(5, 1500);
    for (int32_t site = 0; site < 5; site++)
        for (int32_t k = 0; k < 150; k++)
            if (k < 60 || site >= 2)
                add_ray(s, site, k, (sv_vec3){40.0 * (k % 15) - 280, 40.0 * (k / 15) - 220, 100 + 3 * (k % 7)},
                        k < 60 ? 2e-5 : 2e-3, 0, 0);
    s->config.voxel.min_sites = 3;
    run(s);
    assert_in_range(s->n_points, 60, 64); /* now and then one joins two others; 82 where smears start crossings */
    scene_destroy(s);
}

static void each_camera_of_a_site_gives_one_ray_to_a_point(void **state) {
    (void)state;
    const sv_vec3 p = {100, -200, 150};
    scene *s = scene_create(4, 1500);
    for (int32_t site = 0; site < 4; site++) {
        for (int k = 0; k < 3; k++) {
            add_ray(s, site, 0, p, 1e-4, 1e-5 * k, 0);
            s->ray[s->n - 1].camera[0] = k == 0 ? site : 4 + site; /* the second and third are of one camera */
        }
    }
    run(s);
    assert_int_equal(s->point[0].n_sites, 4);
    assert_int_equal(s->point[0].n_rays, 8);
    for (int32_t site = 0; site < 4; site++) {
        assert_int_equal(s->point[0].ray[2 * site], 3 * site);
        assert_in_range(s->point[0].ray[2 * site + 1], 3 * site + 1, 3 * site + 2);
    }
    scene_destroy(s);
}

static void rays_of_one_site_are_no_crossing(void **state) {
    (void)state;
    scene *s = scene_create(3, 1000);
    const sv_vec3 p = {0, 0, 100};
    for (int i = 0; i < 3; i++) {
        add_ray(s, 1, 0, p, 1e-4, 0, 0);
        s->ray[i].camera[0] = i;
        s->ray[i].c_w.x += i; /* three cameras of one site do give a crossing in space, but no baseline */
    }
    run(s);
    assert_int_equal(s->n_points, 0);
    scene_destroy(s);
}

static void sites_in_one_place_and_parallel_rays_give_nothing(void **state) {
    (void)state;
    /* at one place; 10 cm apart looking 5 km far; 1 km apart looking the same way; along the baseline */
    for (int how = 0; how < 4; how++) {
        scene *s = scene_create(5, how == 0 ? 0 : how == 1 ? 0.1 : 1000);
        for (int32_t site = 0; site < 5; site++) {
            s->camera[site].c_w.z = 0;
        }
        sv_sites_fini(&s->sites);
        assert_int_equal(sv_sites_init(&s->sites, &s->config), SV_OK);
        for (int32_t site = 0; site < 5; site++) {
            const sv_vec3 c = s->camera[site].c_w;
            const sv_vec3 along = sv_vec3_add(c, sv_vec3_sub(s->camera[1].c_w, s->camera[0].c_w));
            add_ray(s, site, 0,
                    how == 2   ? sv_vec3_add(c, (sv_vec3){1, 2, 0.5})
                    : how == 3 ? along
                               : (sv_vec3){0, 5000, 300},
                    3e-5, 0, 0);
        }
        run(s);
        assert_int_equal(s->n_points, 0);
        scene_destroy(s);
    }
}

static void points_outside_the_limits_are_refused(void **state) {
    (void)state;
    const struct {
        double range_min, range_max, height_min, height_max;
        size_t n;
    } limit[] = {{5, 8000, -500, 5000, 1},
                 {5, 900, -500, 5000, 0},
                 {1200, 8000, -500, 5000, 0},
                 {5, 8000, 120, 5000, 0},
                 {5, 8000, -500, 80, 0}};
    for (size_t i = 0; i < sizeof limit / sizeof limit[0]; i++) {
        scene *s = scene_create(5, 1000);
        s->config.voxel.range_min_m = limit[i].range_min;
        s->config.voxel.range_max_m = limit[i].range_max;
        s->config.voxel.height_min_m = limit[i].height_min;
        s->config.voxel.height_max_m = limit[i].height_max;
        for (int32_t site = 0; site < 5; site++) {
            add_ray(s, site, 0, (sv_vec3){0, 0, 100}, 1e-4, 0, 0);
        }
        run(s);
        assert_int_equal(s->n_points, limit[i].n);
        scene_destroy(s);
    }
}

/* Six cameras that are not synchronised see a target at 30 m/s: up to 1 m between the first and the last. */
static void rays_of_different_times_meet_within_the_speed(void **state) {
    (void)state;
    for (int slow = 0; slow < 2; slow++) {
        int n_whole = 0;
        for (uint64_t trial = 0; trial < 50; trial++) {
            scene *s = scene_create(6, 300);
            s->config.voxel.speed_max_mps = slow ? 0 : 40;
            for (int32_t site = 0; site < 6; site++) {
                const sv_time t = sv_time_from_s(0.033 * uniform(300, 6 * trial + (uint64_t)site));
                const sv_vec3 p = sv_vec3_mad((sv_vec3){20, -30, 80}, (sv_vec3){20, -20, 10}, sv_time_to_s(t));
                add_ray(s, site, 0, p, 1e-4, 0, 0);
                s->ray[site].t = t;
            }
            run(s);
            n_whole += s->n_points == 1 && s->point[0].n_rays == 6 ? 1 : 0;
            for (size_t i = 0; i < s->n_points; i++) {
                const sv_vec3 p =
                    sv_vec3_mad((sv_vec3){20, -30, 80}, (sv_vec3){20, -20, 10}, sv_time_to_s(s->point[i].t));
                assert_true(slow || sv_vec3_norm(sv_vec3_sub(p, s->point[i].p_w)) < 0.5);
            }
            scene_destroy(s);
        }
        assert_int_equal(n_whole, slow ? 0 : 50);
    }
}

static void the_number_of_sites_grows_with_the_crowd(void **state) {
    (void)state;
    scene *s = scene_create(10, 4000);
    int32_t n_rays[SITES_CAP];
    int32_t last = 0;
    for (int32_t n = 1; n <= 4096; n *= 2) {
        for (int i = 0; i < SITES_CAP; i++) {
            n_rays[i] = n;
        }
        const int32_t k = sv_consensus_choose_sites(&s->config, &s->sites, n_rays, sigma_crowd);
        assert_true(k >= last && k >= 2 && k <= 4);
        last = k;
        assert_true(n != 1 || k == 2);
        assert_true(n < 128 || k >= 3);
    }
    assert_int_equal(last, 4);
    s->config.voxel.min_sites = 2;
    assert_int_equal(sv_consensus_choose_sites(&s->config, &s->sites, n_rays, sigma_crowd), 2);
    scene_destroy(s);
}

static void fewer_points_than_found_are_the_best(void **state) {
    (void)state;
    scene *s = scene_create(6, 1000);
    for (int32_t site = 0; site < 6; site++) {
        for (int32_t i = 0; i < 4; i++) {
            if (site < 3 + i) { /* the later the target, the more sites see it */
                add_ray(s, site, i, (sv_vec3){100.0 * i, 57.0 * i, 100 + 40.0 * i}, 1e-4, 0, 0);
            }
        }
    }
    run(s);
    assert_int_equal(s->n_points, 4);
    size_t n = 0;
    assert_int_equal(sv_consensus_run(s->point, &n, 2, &s->config, &s->sites, s->ray, s->n, &s->scratch), SV_OK);
    assert_int_equal(n, 2);
    assert_int_equal(s->point[0].n_sites, 6);
    assert_int_equal(s->point[1].n_sites, 5);
    scene_destroy(s);
}

static void scratch_too_small_is_an_error_that_gives_it_back(void **state) {
    (void)state;
    scene *s = scene_create(6, 1000);
    for (int32_t site = 0; site < 6; site++) {
        add_ray(s, site, 0, (sv_vec3){0, 0, 100}, 1e-4, 0, 0);
    }
    for (size_t cap = 0; cap < 8192; cap += 512) {
        sv_arena small;
        size_t n = 0;
        assert_int_equal(sv_arena_create(&small, cap + 64), SV_OK);
        const sv_status status =
            sv_consensus_run(s->point, &n, POINTS_CAP, &s->config, &s->sites, s->ray, s->n, &small);
        assert_true(status == SV_ERR_LIMIT || (status == SV_OK && n == 1));
        assert_true(status == SV_ERR_LIMIT || cap > 512);
        assert_int_equal(small.used, 0);
        sv_arena_destroy(&small);
    }
    scene_destroy(s);
}

/* ---- the oracle: every subset of at most one ray a site ---- */

typedef struct best_subset {
    int32_t n;
    int32_t index[3];
    double chi2_per_dof, margin; /* margin: how clearly it passes and beats every other subset of its size */
} best_subset;

static void try_subset(const scene *s, const int32_t *index, int32_t n, best_subset *best) {
    sv_vec3 p = {0, 0, 100};
    double cov[6], chi2[3], sum = 0;
    for (int i = 0; i < 5; i++) { /* each call does a few Gauss-Newton steps */
        if (sv_consensus_fit(&p, cov, chi2, s->ray, index, n, 0, 0) != SV_OK) {
            return;
        }
    }
    for (int32_t i = 0; i < n; i++) {
        sum += chi2[i];
    }
    const int dof = 2 * n - 3;
    const double limit = sv_chi2_quantile(s->config.voxel.gate_p, dof);
    if (sum > limit || n < best->n) {
        return;
    }
    if (n > best->n || sum / dof < best->chi2_per_dof) {
        const double rival = n == best->n ? best->chi2_per_dof - sum / dof : INFINITY;
        *best = (best_subset){
            .n = n, .chi2_per_dof = sum / dof, .margin = 1 - sum / limit < rival ? 1 - sum / limit : rival};
        memcpy(best->index, index, (size_t)n * sizeof *index);
    } else if (sum / dof - best->chi2_per_dof < best->margin) {
        best->margin = sum / dof - best->chi2_per_dof;
    }
}

static best_subset brute_force(const scene *s, const int32_t begin[4]) {
    best_subset best = {0};
    /* end[i] stands for "no ray of this site" */
    for (int32_t a = begin[0]; a <= begin[1]; a++) {
        for (int32_t b = begin[1]; b <= begin[2]; b++) {
            for (int32_t c = begin[2]; c <= begin[3]; c++) {
                int32_t index[3], n = 0;
                if (a < begin[1]) {
                    index[n++] = a;
                }
                if (b < begin[2]) {
                    index[n++] = b;
                }
                if (c < begin[3]) {
                    index[n++] = c;
                }
                if (n >= 2) {
                    try_subset(s, index, n, &best);
                }
            }
        }
    }
    return best;
}

static void the_best_crossing_is_that_of_brute_force(void **state) {
    (void)state;
    enum { N_CASES = 3000 };
    const double sigma = 2e-3;
    int n_clear = 0, n_three = 0, n_equal = 0;
    for (uint64_t trial = 0; trial < N_CASES; trial++) {
        scene *s = scene_create(3, 1000);
        s->config.voxel.min_sites = 2;
        int32_t begin[4] = {0};
        for (int32_t site = 0; site < 3; site++) {
            const int n = (int)(4 * uniform(400, 3 * trial + (uint64_t)site)); /* 0 to 3 rays */
            for (int i = 0; i < n; i++) {
                const uint64_t c = 64 * trial + 16 * (uint64_t)site + 4 * (uint64_t)i;
                const sv_vec3 target = {30.0 * i, 20 - 15.0 * i, 100 + 12.0 * i};
                add_ray(s, site, i, target, sigma, 2 * sigma * normal(401, c), 2 * sigma * normal(401, c + 1));
            }
            begin[site + 1] = (int32_t)s->n;
        }
        run(s);
        const best_subset best = brute_force(s, begin);
        if (best.n == 0) {
            assert_int_equal(s->n_points, 0);
        } else if (best.margin > 0.05) {
            n_clear++;
            n_three += best.n == 3 ? 1 : 0;
            const bool equal = s->n_points > 0 && s->point[0].n_rays == best.n &&
                               memcmp(s->point[0].ray, best.index, (size_t)best.n * sizeof best.index[0]) == 0;
            n_equal += equal ? 1 : 0;
        }
        scene_destroy(s);
    }
    print_message("oracle: %d clear cases, %d of three sites, %d equal\n", n_clear, n_three, n_equal);
    assert_true(n_three > N_CASES / 10 && n_clear - n_three > N_CASES / 10);
    assert_int_equal(n_equal, n_clear);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crowd_is_found_without_ghosts_and_honestly),
        cmocka_unit_test(every_ray_is_in_one_point_at_most_and_in_order),
        cmocka_unit_test(the_order_of_the_rays_does_not_matter),
        cmocka_unit_test(weak_rays_and_rays_of_unknown_sites_take_no_part),
        cmocka_unit_test(a_wrong_ray_is_dropped),
        cmocka_unit_test(a_blurred_ray_joins_but_starts_no_crossing),
        cmocka_unit_test(coarse_cameras_are_not_blurred),
        cmocka_unit_test(smears_start_nothing_even_where_most_rays_are),
        cmocka_unit_test(each_camera_of_a_site_gives_one_ray_to_a_point),
        cmocka_unit_test(rays_of_one_site_are_no_crossing),
        cmocka_unit_test(sites_in_one_place_and_parallel_rays_give_nothing),
        cmocka_unit_test(points_outside_the_limits_are_refused),
        cmocka_unit_test(rays_of_different_times_meet_within_the_speed),
        cmocka_unit_test(the_number_of_sites_grows_with_the_crowd),
        cmocka_unit_test(fewer_points_than_found_are_the_best),
        cmocka_unit_test(scratch_too_small_is_an_error_that_gives_it_back),
        cmocka_unit_test(the_best_crossing_is_that_of_brute_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
