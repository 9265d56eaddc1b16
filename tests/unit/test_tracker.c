/* Identities over time, by events through sv_step: birth, crossing, sleep, death, and nothing out of clutter. */
#include "test_core_log.h"

#include <math.h>

enum { RATE = 30, N_SITES = 6, IDS_CAP = 64, TRACKS_CAP = 10000 };

/* What every published set must satisfy, and who was reported where. */
typedef struct watch {
    sv_vec3 (*place)(int32_t who, double t_s);
    int32_t n_flyers;
    int64_t id[IDS_CAP]; /* reported so far, in order of first report */
    size_t n_ids;
    int64_t last_id[4]; /* of each flyer, 0: not held in the newest set */
    int n_held[4], n_sets;
    int64_t largest_id;    /* published so far */
    bool dead[TRACKS_CAP]; /* ids that were published once and no longer are */
    bool alive[TRACKS_CAP];
    bool dormant_seen;
    double worst_m;
    double nis_sum, nis_dof; /* over every measurement that a track took */
} watch;

static void note_id(watch *w, int64_t id) {
    for (size_t i = 0; i < w->n_ids; i++) {
        if (w->id[i] == id) {
            return;
        }
    }
    assert_true(w->n_ids < IDS_CAP);
    w->id[w->n_ids++] = id;
}

static void check_list(watch *w, const sv_products *p) {
    bool now[TRACKS_CAP] = {false};
    for (size_t i = 0; i < p->n_tracks; i++) {
        const sv_track *t = &p->track[i];
        assert_true(i == 0 || t->id > t[-1].id);
        assert_in_range(t->id, 1, TRACKS_CAP - 1);
        assert_int_equal(t->t, p->t);
        assert_false(w->dead[t->id]); /* an id never comes back once its track is gone */
        now[t->id] = true;
        assert_true(w->alive[t->id] || t->id > w->largest_id);
        for (int k = 0; k < 36; k++) {
            assert_true(isfinite(t->cov[k]));
        }
        for (int k = 0; k < 6; k++) {
            assert_true(t->cov[7 * k] > 0);
        }
        assert_true(isfinite(t->p_w.x + t->p_w.y + t->p_w.z + t->v_w.x + t->v_w.y + t->v_w.z));
        assert_true(t->existence >= 0 && t->existence <= 1);
    }
    for (int id = 1; id < TRACKS_CAP; id++) {
        w->dead[id] = w->dead[id] || (w->alive[id] && !now[id]);
        w->alive[id] = now[id];
        w->largest_id = now[id] && id > w->largest_id ? id : w->largest_id;
    }
}

/* Every ray and point at most once, of a track that is or was published. */
static void check_innovations(watch *w, const sv_products *p) {
    assert_true(p->n_innovations <= p->n_rays + p->n_points);
    for (size_t i = 0; i < p->n_innovations; i++) {
        const sv_innovation *q = &p->innovation[i];
        assert_in_range(q->track, 1, w->largest_id);
        assert_true(q->nis >= 0 && (q->dof == 2 ? q->site >= 0 : q->dof == 3 && q->site == -1));
        w->nis_sum += q->nis;
        w->nis_dof += q->dof;
    }
}

static void look(void *user, const sv_products *p) {
    watch *w = user;
    check_list(w, p);
    check_innovations(w, p);
    w->n_sets++;
    memset(w->last_id, 0, sizeof w->last_id);
    for (size_t i = 0; i < p->n_tracks; i++) {
        const sv_track *t = &p->track[i];
        w->dormant_seen = w->dormant_seen || t->state == SV_TRACK_DORMANT;
        if (t->state != SV_TRACK_CONFIRMED) {
            continue;
        }
        note_id(w, t->id);
        for (int32_t k = 0; k < w->n_flyers; k++) {
            const double d = sv_vec3_norm(sv_vec3_sub(t->p_w, w->place(k, sv_time_to_s(p->t))));
            if (d < 2) {
                w->last_id[k] = t->id;
                w->n_held[k]++;
                w->worst_m = d > w->worst_m ? d : w->worst_m;
            }
        }
    }
}

/* ---- how a scene becomes events ---- */

typedef struct show {
    int n_frames;
    double pd, n_false;                         /* per camera frame, or per scan */
    bool (*sees)(int32_t camera, double t_s);   /* NULL: every camera always */
    bool (*speaks)(int32_t camera, double t_s); /* NULL: every camera always; else its frame is a gap */
    double dormant_sigma_m, dormant_max_s;      /* 0: the default */
} show;

static sv_time frame_time(int k) {
    return sv_round_i64(k * 1e9 / RATE);
}

static void film(core_log *log, const log_rig *rig, const show *s, const watch *w) {
    for (int k = 0; k < s->n_frames; k++) {
        const sv_time t = frame_time(k);
        const double t_s = sv_time_to_s(t);
        for (int32_t i = 0; i < rig->config.n_cameras; i++) {
            sv_detection d[256];
            size_t n = 0;
            if (s->speaks != NULL && !s->speaks(i, t_s)) {
                log_add(log, SV_EVENT_GAP, t, i, k);
                continue;
            }
            for (int32_t who = 0; who < w->n_flyers; who++) {
                const uint64_t c = (uint64_t)(8 * k + who);
                const bool seen = (s->sees == NULL || s->sees(i, t_s)) && log_uniform(10 + (uint32_t)i, c) < s->pd;
                n += seen && log_see(&d[n], rig, i, k, t, w->place(who, t_s), 0.3 * log_normal(20 + (uint32_t)i, c),
                                     0.3 * log_normal(30 + (uint32_t)i, c))
                         ? 1
                         : 0;
            }
            const int64_t n_false =
                sv_rng_poisson(3, sv_rng_stream(SV_RNG_TEST, 40 + (uint32_t)i), (uint64_t)k, s->n_false);
            for (int64_t f = 0; f < n_false && n < 256; f++) {
                const uint64_t c = (uint64_t)(256 * k + f);
                d[n++] = (sv_detection){.t = t,
                                        .u_px = 4000 * log_uniform(50 + (uint32_t)i, c),
                                        .v_px = 3000 * log_uniform(60 + (uint32_t)i, c),
                                        .snr = 6,
                                        .camera = i,
                                        .frame = k};
            }
            log_detections(log, t, i, k, d, n);
        }
    }
    log_end(log);
}

static void scan(core_log *log, const show *s, const watch *w) {
    const double sigma = 0.3;
    for (int k = 0; k < s->n_frames; k++) {
        const sv_time t = frame_time(k);
        sv_point p[256];
        size_t n = 0;
        for (int32_t who = 0; who < w->n_flyers; who++) {
            const uint64_t c = (uint64_t)(8 * k + who);
            if (log_uniform(70, c) < s->pd) {
                const sv_vec3 noise = {sigma * log_normal(71, c), sigma * log_normal(72, c), sigma * log_normal(73, c)};
                p[n++] = (sv_point){.p_w = sv_vec3_add(w->place(who, sv_time_to_s(t)), noise)};
            }
        }
        const int64_t n_false = sv_rng_poisson(3, sv_rng_stream(SV_RNG_TEST, 74), (uint64_t)k, s->n_false);
        for (int64_t f = 0; f < n_false; f++) {
            const uint64_t c = (uint64_t)(256 * k + f);
            p[n++] = (sv_point){
                .p_w = {600 * log_uniform(75, c) - 300, 600 * log_uniform(76, c) - 300, 50 + 200 * log_uniform(77, c)}};
        }
        for (size_t i = 0; i < n; i++) {
            p[i].t = t;
            p[i].cov_m2[0] = p[i].cov_m2[3] = p[i].cov_m2[5] = sigma * sigma;
        }
        log_points(log, t, k, p, n);
    }
    log_end(log);
}

/* Run the scene from cameras or from scans of points; the watch is filled. */
static void run(watch *w, const show *s, bool points) {
    log_rig rig;
    core_log log = {0};
    log_rig_init(&rig, points ? 0 : N_SITES);
    sv_track_config *track = &rig.config.track;
    track->dormant_sigma_m = s->dormant_sigma_m > 0 ? s->dormant_sigma_m : track->dormant_sigma_m;
    track->dormant_max_s = s->dormant_max_s > 0 ? s->dormant_max_s : track->dormant_max_s;
    if (points) {
        scan(&log, s, w);
    } else {
        film(&log, &rig, s, w);
    }
    core_run *r = log_play(&rig.config, &log, look, w);
    assert_int_equal(r->n_errors, 0);
    assert_int_equal(r->n_sets, s->n_frames);
    free(r);
    log_free(&log);
}

static sv_vec3 straight(int32_t who, double t_s) {
    (void)who;
    return (sv_vec3){-100 + 18 * t_s, 40 - 6 * t_s, 140 + t_s};
}

static void a_straight_flyer_keeps_one_id(void **state) {
    (void)state;
    for (int points = 0; points < 2; points++) {
        watch w = {.place = straight, .n_flyers = 1};
        run(&w, &(show){.n_frames = 300, .pd = 0.9, .n_false = points ? 10 : 20}, points);
        print_message("straight, %s: held %d of 300, worst %.2f m\n", points ? "points" : "detections", w.n_held[0],
                      w.worst_m);
        assert_int_equal(w.n_ids, 1);
        assert_true(w.n_held[0] > 285);
        assert_true(w.worst_m < 1);
        print_message("straight, NIS per degree of freedom %.3f over %.0f\n", w.nis_sum / w.nis_dof, w.nis_dof);
        assert_true(w.nis_dof > (points ? 800 : 2400));
        assert_true(w.nis_sum > 0.85 * w.nis_dof && w.nis_sum < 1.15 * w.nis_dof);
    }
}

static void clutter_alone_confirms_nothing(void **state) {
    (void)state;
    for (int points = 0; points < 2; points++) {
        watch w = {.place = straight};
        run(&w, &(show){.n_frames = 300, .n_false = points ? 20 : 40}, points);
        assert_int_equal(w.n_ids, 0);
    }
}

/* At t = 5 s they are 3 m apart, closing at 40 m/s. */
static sv_vec3 crossing(int32_t who, double t_s) {
    const double s = t_s - 5;
    return who == 0 ? (sv_vec3){20 * s, 0, 150} : (sv_vec3){-16 * s, 12 * s, 153};
}

static void crossing_flyers_keep_their_ids(void **state) {
    (void)state;
    for (int points = 0; points < 2; points++) {
        watch w = {.place = crossing, .n_flyers = 2};
        run(&w, &(show){.n_frames = 300, .pd = 0.95, .n_false = points ? 5 : 10}, points);
        assert_int_equal(w.n_ids, 2);
        assert_true(w.n_held[0] > 280 && w.n_held[1] > 280);
        assert_true(w.last_id[0] != 0 && w.last_id[1] != 0 && w.last_id[0] != w.last_id[1]);
    }
}

static bool camera_0_only_from_3_to_6(int32_t camera, double t_s) {
    return camera == 0 || t_s < 3 || t_s >= 6;
}

/* Turns while only one camera looks, so that nothing but the dormant track can know where it went. */
static sv_vec3 weaving(int32_t who, double t_s) {
    (void)who;
    double sine, cosine;
    sv_sincos(&sine, &cosine, 0.8 * t_s);
    return (sv_vec3){25 * cosine, 25 * sine, 150 + 4 * sine};
}

static void a_flyer_seen_by_one_camera_sleeps_and_wakes_under_its_id(void **state) {
    (void)state;
    watch w = {.place = weaving, .n_flyers = 1};
    run(&w, &(show){.n_frames = 300, .pd = 0.95, .speaks = camera_0_only_from_3_to_6}, false);
    assert_true(w.dormant_seen);
    assert_int_equal(w.n_ids, 1);
    assert_true(w.last_id[0] != 0);
    assert_true(w.n_held[0] > 195 && w.n_held[0] < 290);
}

static bool none_from_3_to_5(int32_t camera, double t_s) {
    (void)camera;
    return t_s < 3 || t_s >= 5;
}

static void a_short_silence_keeps_the_id(void **state) {
    (void)state;
    watch w = {.place = straight, .n_flyers = 1};
    run(&w, &(show){.n_frames = 300, .pd = 0.95, .speaks = none_from_3_to_5}, false);
    assert_int_equal(w.n_ids, 1);
    assert_true(w.last_id[0] != 0);
}

static bool none_from_3_to_9(int32_t camera, double t_s) {
    (void)camera;
    return t_s < 3 || t_s >= 9;
}

static void without_a_sighting_for_too_long_the_id_is_new(void **state) {
    (void)state;
    for (int gaps = 0; gaps < 2; gaps++) { /* frames lost, or frames that show nothing */
        watch w = {.place = straight, .n_flyers = 1};
        run(&w,
            &(show){.n_frames = 360,
                    .pd = 0.95,
                    .speaks = gaps ? none_from_3_to_9 : NULL,
                    .sees = gaps ? NULL : none_from_3_to_9},
            false);
        assert_int_equal(w.n_ids, 2);
        assert_true(w.last_id[0] == w.id[1] && w.id[1] > w.id[0]);
    }
}

/* Either limit alone ends a dormant track: its age, or how far it may have gone. Without both it comes back as it was. */
static void age_or_uncertainty_ends_a_dormant_track(void **state) {
    (void)state;
    const double sigma_m[3] = {1000, 20, 1000}, max_s[3] = {5, 60, 60};
    for (int i = 0; i < 3; i++) {
        watch w = {.place = straight, .n_flyers = 1};
        run(&w,
            &(show){.n_frames = 360,
                    .pd = 0.95,
                    .speaks = none_from_3_to_9,
                    .dormant_sigma_m = sigma_m[i],
                    .dormant_max_s = max_s[i]},
            false);
        assert_int_equal(w.n_ids, i < 2 ? 2 : 1);
        assert_true(w.last_id[0] == w.id[w.n_ids - 1]);
    }
}

static sv_vec3 hovering(int32_t who, double t_s) {
    (void)who;
    (void)t_s;
    return (sv_vec3){10, 20, 150};
}

/* No event at all for 16 s, which the pipeline skips: what sleeps longer than dormant_max_s must die there too. */
static void a_skipped_silence_ends_every_track(void **state) {
    (void)state;
    for (int points = 0; points < 2; points++) {
        watch w = {.place = hovering, .n_flyers = 1};
        log_rig rig;
        core_log log = {0};
        log_rig_init(&rig, points ? 0 : N_SITES);
        const show s = {.n_frames = 90, .pd = 0.99};
        if (points) {
            scan(&log, &s, &w);
        } else {
            film(&log, &rig, &s, &w);
        }
        core_log twice = {0};
        for (size_t half = 0; half < 2; half++) {
            for (size_t i = 0; i + 1 < log.n; i++) {
                sv_event e = log.event[i];
                e.t += half * sv_time_from_s(19);
                sv_detection d[256];
                sv_point p[256];
                if (e.kind == SV_EVENT_DETECTIONS) {
                    memcpy(d, e.as.detections.item, e.as.detections.n * sizeof d[0]);
                    for (size_t k = 0; k < e.as.detections.n; k++) {
                        d[k].t = e.t;
                    }
                    log_detections(&twice, e.t, e.camera, e.frame + 570 * (int32_t)half, d, e.as.detections.n);
                } else {
                    memcpy(p, e.as.points.item, e.as.points.n * sizeof p[0]);
                    for (size_t k = 0; k < e.as.points.n; k++) {
                        p[k].t = e.t;
                    }
                    log_points(&twice, e.t, e.frame + 570 * (int32_t)half, p, e.as.points.n);
                }
            }
        }
        log_end(&twice);
        core_run *r = log_play(&rig.config, &twice, look, &w);
        assert_true(r->n_sets < 200);
        assert_int_equal(w.n_ids, 2);
        free(r);
        log_free(&twice);
        log_free(&log);
    }
}

static sv_vec3 swarm(int32_t who, double t_s) {
    return (sv_vec3){-60 + 40.0 * who + 3 * t_s, 25.0 * who - 5 * t_s, 120 + 15.0 * who};
}

static void a_full_table_keeps_the_oldest(void **state) {
    (void)state;
    watch w = {.place = swarm, .n_flyers = 4};
    log_rig rig;
    core_log log = {0};
    log_rig_init(&rig, N_SITES);
    rig.config.caps.tracks = 2;
    film(&log, &rig, &(show){.n_frames = 90, .pd = 1}, &w);
    core_run *r = log_play(&rig.config, &log, look, &w);
    assert_int_equal(w.n_ids, 2);
    assert_int_equal(w.largest_id, 2);
    free(r);
    log_free(&log);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_straight_flyer_keeps_one_id),
        cmocka_unit_test(clutter_alone_confirms_nothing),
        cmocka_unit_test(crossing_flyers_keep_their_ids),
        cmocka_unit_test(a_flyer_seen_by_one_camera_sleeps_and_wakes_under_its_id),
        cmocka_unit_test(a_short_silence_keeps_the_id),
        cmocka_unit_test(without_a_sighting_for_too_long_the_id_is_new),
        cmocka_unit_test(age_or_uncertainty_ends_a_dormant_track),
        cmocka_unit_test(a_skipped_silence_ends_every_track),
        cmocka_unit_test(a_full_table_keeps_the_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
