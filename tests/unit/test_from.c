/* A run that starts at a later stage from recorded products gives the same later stages, bit for bit. */
#include "test_core_log.h"

enum { N_CAMERAS = 5, N_SETS = 60 };

/* Five cameras see two flyers; now and then one is missed, and there are false sightings. */
static void fly(core_log *log, const log_rig *rig) {
    uint64_t counter = 0;
    for (int32_t k = 0; k < N_SETS; k++) {
        sv_time t = sv_time_from_s(k / 30.0);
        for (int32_t c = 0; c < N_CAMERAS; c++) {
            sv_detection d[4];
            size_t n = 0;
            for (int i = 0; i < 2; i++) {
                double uv[2];
                sv_vec3 p_w = sv_vec3_make(-60 + 120 * i + 0.4 * k, 20 * i, 150 + 0.1 * k);
                bool seen = sv_rng_uniform(5, 1, counter++) < 0.8;
                if (seen && sv_camera_project(uv, NULL, &rig->camera[c], p_w) == SV_OK) {
                    d[n++] = (sv_detection){.t = t, .u_px = uv[0], .v_px = uv[1], .snr = 9, .camera = c, .frame = k};
                }
            }
            double u = 3999 * sv_rng_uniform(5, 2, counter++);
            d[n++] = (sv_detection){.t = t, .u_px = u, .v_px = 900, .snr = 5, .camera = c, .frame = k};
            if ((k + c) % 11 != 0) { // some frames are missing altogether
                log_detections(log, t, c, k, d, n);
            }
        }
    }
    log_end(log);
}

typedef struct recording {
    core_log bearings; /* for from = voxel */
    core_log points;   /* for from = track */
} recording;

static void add_bearings(core_log *log, const sv_products *p) {
    sv_event *e = log_add(log, SV_EVENT_BEARINGS, p->t, -1, (int32_t)p->set);
    e->as.bearings.item = log_copy(p->ray, p->n_rays * sizeof *p->ray);
    e->as.bearings.n = p->n_rays;
    e->as.bearings.alive = log_copy(p->alive, N_CAMERAS * sizeof *p->alive);
}

static void record(void *user, const sv_products *p) {
    recording *r = user;
    add_bearings(&r->bearings, p);
    add_bearings(&r->points, p);
    log_points(&r->points, p->t, (int32_t)p->set, p->point, p->n_points);
}

static void assert_same_from(const core_run *a, const core_run *b, sv_stage from) {
    assert_int_equal(a->n_sets, b->n_sets);
    for (size_t i = 0; i < a->n_sets; i++) {
        assert_int_equal(a->line[i].set, b->line[i].set);
        assert_int_equal(sv_ledger_difference(&a->line[i], &b->line[i], from), SV_N_STAGES);
    }
}

static void free_bearings(core_log *log) {
    for (size_t i = 0; i < log->n; i++) {
        if (log->event[i].kind == SV_EVENT_BEARINGS) {
            free((void *)(uintptr_t)log->event[i].as.bearings.item);
            free((void *)(uintptr_t)log->event[i].as.bearings.alive);
        }
    }
    log_free(log);
}

static void every_later_start_gives_the_same_tracks(void **state) {
    (void)state;
    log_rig rig;
    log_rig_init(&rig, N_CAMERAS);
    core_log log = {0};
    recording r = {0};
    fly(&log, &rig);
    core_run *whole = log_play(&rig.config, &log, record, &r);
    assert_true(whole->n_points > 2 * N_SETS / 3);
    log_end(&r.bearings);
    log_end(&r.points);

    rig.config.from = SV_STAGE_VOXEL;
    core_run *from_voxel = log_play(&rig.config, &r.bearings, NULL, NULL);
    assert_int_equal(from_voxel->n_errors, 0);
    assert_same_from(whole, from_voxel, SV_STAGE_FUSE);

    rig.config.from = SV_STAGE_TRACK;
    core_run *from_track = log_play(&rig.config, &r.points, NULL, NULL);
    assert_int_equal(from_track->n_errors, 0);
    assert_same_from(whole, from_track, SV_STAGE_FUSE);

    // without the points a later stage must differ: the comparison above can fail
    rig.config.from = SV_STAGE_VOXEL;
    rig.config.voxel.min_sites = 5;
    core_run *other = log_play(&rig.config, &r.bearings, NULL, NULL);
    assert_int_equal(sv_ledger_difference(&whole->line[3], &other->line[3], SV_STAGE_FUSE), SV_STAGE_VOXEL);

    free(whole);
    free(from_voxel);
    free(from_track);
    free(other);
    log_free(&log);
    free_bearings(&r.bearings);
    free_bearings(&r.points);
}

static void a_stage_takes_only_what_it_reads(void **state) {
    (void)state;
    log_rig rig;
    log_rig_init(&rig, N_CAMERAS);
    core_log log = {0};
    fly(&log, &rig);
    for (int from = SV_STAGE_VOXEL; from <= SV_STAGE_TRACK; from++) {
        sv_state *s;
        rig.config.from = (sv_stage)from;
        assert_int_equal(sv_state_create(&s, &rig.config, NULL, NULL, NULL), SV_OK);
        assert_int_equal(sv_step(&rig.config, s, &log.event[0]), SV_ERR_ARG);
        sv_state_destroy(s);
    }
    log_free(&log);
}

static void a_point_of_an_absent_ray_is_refused(void **state) {
    (void)state;
    log_rig rig;
    log_rig_init(&rig, N_CAMERAS);
    rig.config.from = SV_STAGE_TRACK;
    sv_state *s;
    assert_int_equal(sv_state_create(&s, &rig.config, NULL, NULL, NULL), SV_OK);
    sv_point p = {.cov_m2 = {1, 0, 0, 1, 0, 1}, .n_sites = 2, .n_rays = 2, .ray = {0, 7}};
    sv_event e = {.seq = 1, .kind = SV_EVENT_POINTS, .camera = -1, .as.points = {.item = &p, .n = 1}};
    assert_int_equal(sv_step(&rig.config, s, &e), SV_ERR_INPUT);
    sv_state_destroy(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_later_start_gives_the_same_tracks),
        cmocka_unit_test(a_stage_takes_only_what_it_reads),
        cmocka_unit_test(a_point_of_an_absent_ray_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
