/* The published metrics: against enumeration of everything, on small random cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <skyvox/metrics.h>
#include <skyvox/rng.h>
#include <skyvox/score.h>

#include <math.h>
#include <string.h>

enum { N_CASES = 1000, N_MAX = 5, FRAMES_MAX = 5 };

typedef struct frame {
    sv_metrics_point truth[N_MAX], track[N_MAX];
    size_t n_truth, n_tracks;
} frame;

typedef struct table {
    frame frame[FRAMES_MAX];
    size_t n_frames;
    sv_metrics *metrics;
    sv_metrics_frame result[FRAMES_MAX];
} table;

static double uniform(uint64_t *counter) {
    return (double)(sv_rng(77, 5, (*counter)++) >> 11) / 9007199254740992.0;
}

/* Every id is there with probability 0.8, in a cube in which pairs are ambiguous. */
static size_t draw_points(sv_metrics_point *point, size_t n_ids, double size, uint64_t *counter) {
    size_t n = 0;
    for (size_t id = 0; id < n_ids; id++) {
        double x = uniform(counter) * size, y = uniform(counter) * size, z = uniform(counter) * size;
        if (uniform(counter) < 0.8)
            point[n++] = (sv_metrics_point){.id = (int32_t)id, .p_w = {x, y, z}};
    }
    return n;
}

static void draw(table *t, uint64_t seed, sv_metrics_config config) {
    uint64_t counter = seed * 100000;
    size_t n_truth_ids = (size_t)(uniform(&counter) * (N_MAX + 1)),
           n_track_ids = (size_t)(uniform(&counter) * (N_MAX + 1));
    double size = 2 + 14 * uniform(&counter);
    t->n_frames = 1 + (size_t)(uniform(&counter) * FRAMES_MAX);
    assert_int_equal(sv_metrics_create(&t->metrics, &config, n_truth_ids, n_track_ids), SV_OK);
    for (size_t i = 0; i < t->n_frames; i++) {
        frame *f = &t->frame[i];
        f->n_truth = draw_points(f->truth, n_truth_ids, size, &counter);
        f->n_tracks = draw_points(f->track, n_track_ids, size, &counter);
        assert_int_equal(sv_metrics_add(t->metrics, &t->result[i], f->truth, f->n_truth, f->track, f->n_tracks), SV_OK);
    }
    assert_int_equal(sv_metrics_finish(t->metrics), SV_OK);
    assert_int_equal(sv_metrics_finish_tgospa(t->metrics), SV_OK);
}

static double distance(const sv_metrics_point *a, const sv_metrics_point *b) {
    double x = a->p_w.x - b->p_w.x, y = a->p_w.y - b->p_w.y, z = a->p_w.z - b->p_w.z;
    return sqrt(x * x + y * y + z * z);
}

/* ---- all pairings of one frame ---- */

typedef double weigh(double d, double c);

/* A pairing being built: its rank decides, its value is wanted. */
typedef struct pairing {
    double rank, value;
    int n;
} pairing;

static pairing better(pairing a, pairing b) {
    return b.rank < a.rank ? b : a;
}

/* Best over every way to pair truths i.. with tracks that are free; only pairs with d < c (or <= c) count. */
static pairing enumerate(const frame *f, size_t i, unsigned used, double c, bool closed, weigh *rank, double alone,
                         pairing so_far) {
    if (i >= f->n_truth || i >= N_MAX)
        return so_far;
    pairing without = so_far;
    without.rank += alone;
    pairing best = enumerate(f, i + 1, used, c, closed, rank, alone, without);
    for (size_t j = 0; j < f->n_tracks; j++) {
        double d = distance(&f->truth[i], &f->track[j]);
        if (used & 1u << j || !(closed ? d <= c : d < c))
            continue;
        pairing with = {so_far.rank + rank(d, c), so_far.value + d * d, so_far.n + 1};
        best = better(best, enumerate(f, i + 1, used | 1u << j, c, closed, rank, alone, with));
    }
    return best;
}

static double by_distance(double d, double c) {
    (void)c;
    return d;
}

static double by_square(double d, double c) {
    (void)c;
    return d * d;
}

static double most(double a, double b) {
    return a > b ? a : b;
}

static void ospa_and_gospa_are_the_best_of_all_pairings(void **state) {
    (void)state;
    for (uint64_t k = 0; k < N_CASES; k++) {
        table t;
        double c = 10;
        draw(&t, k, sv_metrics_config_default());
        for (size_t i = 0; i < t.n_frames; i++) {
            const frame *f = &t.frame[i];
            double n = most((double)f->n_truth, (double)f->n_tracks), m = (double)(f->n_truth + f->n_tracks);
            pairing squares = enumerate(f, 0, 0, c, false, by_square, c * c, (pairing){0});
            pairing lengths = enumerate(f, 0, 0, c, false, by_distance, c, (pairing){0});
            double gospa = sqrt(squares.value + c * c / 2 * (m - 2 * squares.n));
            double ospa = n > 0 ? sqrt((squares.value + c * c * (n - squares.n)) / n) : 0;
            assert_float_equal(t.result[i].gospa, gospa, 1e-9);
            assert_float_equal(t.result[i].ospa_published, ospa, 1e-9);
            if (n > 0)
                assert_float_equal(t.result[i].ospa_stonesoup, sqrt((lengths.value + c * c * (n - lengths.n)) / n),
                                   1e-9);
            else
                assert_true(isnan(t.result[i].ospa_stonesoup));
        }
        sv_metrics_destroy(t.metrics);
    }
}

/* ---- CLEAR by the rules, one frame after another, the rest by enumeration ---- */

/* Most pairs first, then the smallest sum: what gate before assignment means. */
static void clear_gates_before_it_assigns(void **state) {
    (void)state;
    int64_t n_matches_in_all = 0;
    for (uint64_t k = 0; k < N_CASES; k++) {
        table t;
        sv_metrics_config config = sv_metrics_config_default();
        config.gate_m = 4;
        draw(&t, k, config);
        int64_t n_matches = 0, n_truth = 0, n_tracks = 0;
        for (size_t i = 0; i < t.n_frames; i++) {
            // A table of one frame has no history, so that its matches are the free optimum.
            const frame *f = &t.frame[i];
            sv_metrics *one;
            assert_int_equal(sv_metrics_create(&one, &config, N_MAX, N_MAX), SV_OK);
            assert_int_equal(sv_metrics_add(one, NULL, f->truth, f->n_truth, f->track, f->n_tracks), SV_OK);
            assert_int_equal(sv_metrics_finish(one), SV_OK);
            pairing best = enumerate(f, 0, 0, config.gate_m, true, by_distance, 1000, (pairing){0});
            const sv_metrics_motmetrics *mot = sv_metrics_get_motmetrics(one);
            assert_int_equal(mot->n_detections, best.n);
            assert_int_equal(mot->n_misses, (int)f->n_truth - best.n);
            assert_int_equal(mot->n_false_positives, (int)f->n_tracks - best.n);
            if (best.n > 0)
                assert_float_equal(mot->motp_m, (best.rank - 1000.0 * ((double)f->n_truth - best.n)) / best.n, 1e-9);
            else
                assert_true(isnan(mot->motp_m));
            sv_metrics_destroy(one);
            n_truth += (int64_t)f->n_truth;
            n_tracks += (int64_t)f->n_tracks;
        }
        const sv_metrics_motmetrics *mot = sv_metrics_get_motmetrics(t.metrics);
        n_matches = mot->n_detections;
        n_matches_in_all += n_matches;
        assert_int_equal(mot->n_misses, n_truth - n_matches);
        assert_int_equal(mot->n_false_positives, n_tracks - n_matches);
        sv_metrics_destroy(t.metrics);
    }
    assert_true(n_matches_in_all > N_CASES);
}

/* ---- identity: every map of truth ids to track ids ---- */

static int64_t most_shared(int64_t shared[N_MAX][N_MAX], size_t i, unsigned used) {
    if (i == N_MAX)
        return 0;
    int64_t best = most_shared(shared, i + 1, used);
    for (size_t j = 0; j < N_MAX; j++) {
        int64_t n = used & 1u << j ? -1 : shared[i][j] + most_shared(shared, i + 1, used | 1u << j);
        best = n > best ? n : best;
    }
    return best;
}

static void idf1_is_the_best_of_all_maps_of_ids(void **state) {
    (void)state;
    for (uint64_t k = 0; k < N_CASES; k++) {
        table t;
        draw(&t, k, sv_metrics_config_default());
        int64_t shared[N_MAX][N_MAX] = {{0}}, n_truth = 0, n_tracks = 0;
        for (size_t i = 0; i < t.n_frames; i++) {
            const frame *f = &t.frame[i];
            n_truth += (int64_t)f->n_truth;
            n_tracks += (int64_t)f->n_tracks;
            for (size_t a = 0; a < f->n_truth; a++)
                for (size_t b = 0; b < f->n_tracks; b++)
                    shared[f->truth[a].id][f->track[b].id] += distance(&f->truth[a], &f->track[b]) <= 2;
        }
        const sv_metrics_identity *id = sv_metrics_get_identity(t.metrics);
        int64_t idtp = most_shared(shared, 0, 0);
        assert_int_equal(id->idtp, idtp);
        assert_int_equal(id->idfn, n_truth - idtp);
        assert_int_equal(id->idfp, n_tracks - idtp);
        double all = most((double)idtp + 0.5 * (double)(n_truth - idtp) + 0.5 * (double)(n_tracks - idtp), 1);
        assert_float_equal(id->idf1, (double)idtp / all, 1e-12);
        sv_metrics_destroy(t.metrics);
    }
}

/* ---- T-GOSPA: every sequence of assignments ---- */

enum { N_TINY = 2 };

/* Assignments of two truths to two tracks: -1 none. */
static const int tiny_choice[7][N_TINY] = {{-1, -1}, {0, -1}, {1, -1}, {-1, 0}, {-1, 1}, {0, 1}, {1, 0}};

static double cost_of(const frame *f, const int choice[N_TINY]) {
    double cost = 50 * (double)(f->n_truth + f->n_tracks);
    for (size_t a = 0; a < f->n_truth; a++)
        for (size_t b = 0; b < f->n_tracks; b++) {
            double d = distance(&f->truth[a], &f->track[b]);
            if (choice[f->truth[a].id] == f->track[b].id && d < 10)
                cost += d * d - 100;
        }
    return cost;
}

static double changes(const int a[N_TINY], const int b[N_TINY]) {
    double n = 0;
    for (int i = 0; i < N_TINY; i++)
        n += a[i] == b[i] ? 0 : (a[i] >= 0) + (b[i] >= 0);
    return n;
}

/* An assignment is an upper bound of the linear program, which is integral nearly always. */
static void tgospa_is_the_cheapest_sequence(void **state) {
    (void)state;
    int n_integral = 0, n_switching = 0;
    for (uint64_t k = 0; k < N_CASES; k++) {
        table t = {.n_frames = 1 + k % FRAMES_MAX};
        sv_metrics_config config = sv_metrics_config_default();
        uint64_t counter = k * 1000;
        double size = 2 + 12 * uniform(&counter), cost[FRAMES_MAX][7];
        assert_int_equal(sv_metrics_create(&t.metrics, &config, N_TINY, N_TINY), SV_OK);
        for (size_t i = 0; i < t.n_frames; i++) {
            frame *f = &t.frame[i];
            f->n_truth = draw_points(f->truth, N_TINY, size, &counter);
            f->n_tracks = draw_points(f->track, N_TINY, size, &counter);
            assert_int_equal(sv_metrics_add(t.metrics, NULL, f->truth, f->n_truth, f->track, f->n_tracks), SV_OK);
            for (int s = 0; s < 7; s++) {
                double best = i == 0 ? 0 : INFINITY;
                for (int r = 0; i > 0 && r < 7; r++)
                    best = fmin(best, cost[i - 1][r] + 2 * changes(tiny_choice[r], tiny_choice[s]));
                cost[i][s] = best + cost_of(f, tiny_choice[s]);
            }
        }
        double best = INFINITY;
        for (int s = 0; s < 7; s++)
            best = fmin(best, cost[t.n_frames - 1][s]);

        assert_int_equal(sv_metrics_finish_tgospa(t.metrics), SV_OK);
        const sv_metrics_tgospa *g = sv_metrics_get_tgospa(t.metrics);
        assert_true(g->available);
        assert_float_equal(g->total_p, g->localisation + g->missed + g->false_part + g->switching, 1e-9);
        assert_true(g->total_p <= best + 1e-6);
        if (g->integral)
            assert_float_equal(g->total_p, best, 1e-6);
        n_integral += g->integral;
        n_switching += g->switching > 0;
        sv_metrics_destroy(t.metrics);
    }
    assert_true(n_integral > N_CASES * 9 / 10);
    assert_true(n_switching > 0);
}

/* Four targets 3 m apart for 1300 frames: 20,800 variables that hang together; beyond the cap there is no figure. */
static void tgospa_takes_large_groups_up_to_its_cap(void **state) {
    (void)state;
    for (int small = 0; small < 2; small++) {
        enum { N = 4, FRAMES = 1300 };
        sv_metrics_config config = sv_metrics_config_default();
        config.tgospa_cap = small ? 20799 : config.tgospa_cap;
        sv_metrics *m;
        assert_int_equal(sv_metrics_create(&m, &config, N, N), SV_OK);
        for (int k = 0; k < FRAMES; k++) {
            sv_metrics_point truth[N], track[N];
            for (int i = 0; i < N; i++) {
                truth[i] = (sv_metrics_point){.id = i, .p_w = {3 * i, k, 0}};
                track[i] = (sv_metrics_point){.id = i, .p_w = {3 * i + 0.5, k, 0}};
            }
            assert_int_equal(sv_metrics_add(m, NULL, truth, N, track, N), SV_OK);
        }
        assert_int_equal(sv_metrics_finish(m), SV_OK);
        assert_int_equal(sv_metrics_finish_tgospa(m), SV_OK);
        const sv_metrics_tgospa *t = sv_metrics_get_tgospa(m);
        assert_int_equal(t->available, !small);
        if (!small) {
            assert_true(t->integral);
            assert_float_equal(t->total_p, 0.25 * N * FRAMES, 1e-9);
        }
        sv_metrics_destroy(m);
    }
}

/* ---- consistency ---- */

static double normal(uint64_t *counter) {
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += uniform(counter);
    return sum - 6;
}

/* Honest sigmas lie in the bounds, sigmas of half the size do not. */
static void nees_tells_honest_sigmas_from_small_ones(void **state) {
    (void)state;
    for (int small = 0; small < 2; small++) {
        sv_metrics_config config = sv_metrics_config_default();
        sv_metrics *m;
        uint64_t counter = 1;
        assert_int_equal(sv_metrics_create(&m, &config, 1, 1), SV_OK);
        for (int k = 0; k < 4000; k++) {
            sv_metrics_point truth = {.id = 0}, track = {.id = 0, .has_sigma = true, .sigma_m = {0.1, 0.2, 0.3}};
            double size = small ? 2 : 1;
            track.p_w =
                (sv_vec3){size * 0.1 * normal(&counter), size * 0.2 * normal(&counter), size * 0.3 * normal(&counter)};
            assert_int_equal(sv_metrics_add(m, NULL, &truth, 1, &track, 1), SV_OK);
        }
        assert_int_equal(sv_metrics_finish(m), SV_OK);
        const sv_metrics_consistency *c = sv_metrics_get_consistency(m);
        assert_true(c->n > 3900);
        assert_true(c->lo > 2.8 && c->lo < 3 && c->hi > 3 && c->hi < 3.2);
        assert_true(small ? c->mean > 3 * c->hi : c->mean > c->lo && c->mean < c->hi);
        assert_true(small ? c->inside < 0.7 : c->inside > 0.935 && c->inside < 0.965);
        sv_metrics_destroy(m);
    }
}

/* Sums of squared normals lie in the bounds; a filter twice too sure of itself does not. */
static void nis_tells_an_honest_filter_from_a_sure_one(void **state) {
    (void)state;
    for (int sure = 0; sure < 2; sure++) {
        sv_nis nis = {0};
        uint64_t counter = 7;
        for (int k = 0; k < 6000; k++) {
            sv_innovation q = {.dof = k % 3 == 0 ? 3 : 2};
            for (int i = 0; i < q.dof; i++) {
                double x = normal(&counter) * (sure ? 1.5 : 1);
                q.nis += x * x;
            }
            assert_int_equal(sv_nis_add(&nis, &q), SV_OK);
        }
        sv_metrics_consistency all = sv_nis_of_all(&nis), rays = sv_nis_of_dof(&nis, 2),
                               points = sv_nis_of_dof(&nis, 3);
        assert_true(all.n == 6000 && rays.n == 4000 && points.n == 2000 && sv_nis_of_dof(&nis, 1).n == 0);
        assert_true(all.lo > 0.95 && all.lo < 1 && all.hi > 1 && all.hi < 1.05);
        assert_true(rays.lo < 2 && rays.hi > 2 && points.lo < 3 && points.hi > 3);
        assert_true(sure ? all.mean > 2 && all.inside < 0.8 : all.mean > all.lo && all.mean < all.hi);
        assert_true(sure ? rays.mean > rays.hi : rays.inside > 0.935 && rays.inside < 0.965);
        assert_float_equal(all.mean, (4000 * rays.mean + 2000 * points.mean) / 14000, 1e-9);
    }
    sv_nis none = {0};
    assert_true(sv_nis_of_all(&none).n == 0 && isnan(sv_nis_of_all(&none).mean) && isnan(sv_nis_of_dof(&none, 2).lo));
    assert_int_equal(sv_nis_add(&none, &(sv_innovation){.dof = 4}), SV_ERR_ARG);
    assert_int_equal(sv_nis_add(&none, &(sv_innovation){.dof = 2, .nis = NAN}), SV_ERR_ARG);
}

static void ids_out_of_order_are_refused(void **state) {
    (void)state;
    sv_metrics_config config = sv_metrics_config_default();
    sv_metrics_point twice[2] = {{.id = 1}, {.id = 1}}, beyond = {.id = 2};
    sv_metrics *m;
    assert_int_equal(sv_metrics_create(&m, &config, 2, 2), SV_OK);
    assert_int_equal(sv_metrics_add(m, NULL, twice, 2, NULL, 0), SV_ERR_ARG);
    assert_int_equal(sv_metrics_add(m, NULL, NULL, 0, &beyond, 1), SV_ERR_ARG);
    sv_metrics_destroy(m);
    config.order = 0.5;
    assert_int_equal(sv_metrics_create(&m, &config, 2, 2), SV_ERR_ARG);
    assert_null(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ospa_and_gospa_are_the_best_of_all_pairings),
        cmocka_unit_test(clear_gates_before_it_assigns),
        cmocka_unit_test(idf1_is_the_best_of_all_maps_of_ids),
        cmocka_unit_test(tgospa_is_the_cheapest_sequence),
        cmocka_unit_test(tgospa_takes_large_groups_up_to_its_cap),
        cmocka_unit_test(nees_tells_honest_sigmas_from_small_ones),
        cmocka_unit_test(nis_tells_an_honest_filter_from_a_sure_one),
        cmocka_unit_test(ids_out_of_order_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
