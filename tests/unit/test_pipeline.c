/* sv_step as a whole: nothing lost or doubled, order within a set, bad and late events, silence, capacities. */
#include "test_core_log.h"

#include <kernels/kernels.h>
#include <math.h>

enum { N_SITES = 5 };

/* ---- a log of cameras that are not synchronised: own rate, own phase, rolling shutter ---- */

typedef struct spoken {
    sv_time t;
    int32_t camera, frame;
} spoken;

static bool earlier(const void *a, const void *b, void *user) {
    (void)user;
    const spoken *x = a, *y = b;
    return x->t < y->t || (x->t == y->t && x->camera < y->camera);
}

static sv_vec3 flyer(int who, double t_s) {
    return (sv_vec3){-90 + 45.0 * who + 14 * t_s, 40 - 9 * t_s + 8 * who, 110 + 22 * who};
}

/* Detections of one frame: three flyers and some clutter, each at the time of its row. */
static size_t detections_of(sv_detection *out, const log_rig *rig, spoken f, int n_false) {
    size_t n = 0;
    for (int who = 0; who < 3; who++) {
        const uint64_t c = (uint64_t)(4 * f.frame + who);
        const double t_s = sv_time_to_s(f.t);
        n += log_see(&out[n], rig, f.camera, f.frame, f.t, flyer(who, t_s),
                     0.3 * log_normal(100 + (uint32_t)f.camera, c), 0.3 * log_normal(200 + (uint32_t)f.camera, c))
                 ? 1
                 : 0;
    }
    for (int k = 0; k < n_false; k++) {
        const uint64_t c = (uint64_t)(1000 * f.frame + k);
        out[n++] = (sv_detection){.u_px = 4000 * log_uniform(300 + (uint32_t)f.camera, c),
                                  .v_px = 2999 * log_uniform(400 + (uint32_t)f.camera, c),
                                  .snr = 5 + k % 7,
                                  .camera = f.camera,
                                  .frame = f.frame};
    }
    for (size_t i = 0; i < n; i++) {
        out[i].t = sv_camera_row_time(&rig->camera[f.camera], f.t, out[i].v_px);
    }
    return n;
}

static void unsynchronised_rig(log_rig *rig) {
    const double rate[N_SITES] = {25, 30, 50, 60, 29.97};
    log_rig_init(rig, N_SITES);
    rig->config.sync.rate_hz = 60;
    for (int32_t i = 0; i < N_SITES; i++) {
        rig->camera[i].rate_hz = rate[i];
        rig->camera[i].row_ns = 0.8e9 / rate[i] / 3000; /* the readout takes most of a frame */
    }
}

/* Frames of all cameras by time. Returns the number of detections in the log. */
static size_t unsynchronised_log(core_log *log, const log_rig *rig, double seconds, int n_false) {
    static spoken frame[4000], spare[4000];
    size_t n = 0, n_detections = 0;
    for (int32_t i = 0; i < N_SITES; i++) {
        for (int32_t k = 0; k < seconds * rig->camera[i].rate_hz; k++) {
            const sv_time jitter = sv_round_i64(4e5 * log_normal(500 + (uint32_t)i, (uint64_t)k));
            const sv_time t = sv_round_i64(k * 1e9 / rig->camera[i].rate_hz) + 3100000 * i + (k > 0 ? jitter : 0);
            frame[n++] = (spoken){t, i, k};
        }
    }
    sv_sort(frame, n, sizeof frame[0], earlier, NULL, spare);
    for (size_t i = 0; i < n; i++) {
        sv_detection d[200];
        const size_t n_d = detections_of(d, rig, frame[i], n_false);
        log_detections(log, frame[i].t, frame[i].camera, frame[i].frame, d, n_d);
        n_detections += n_d;
    }
    log_end(log);
    return n_detections;
}

static void synchronised_log(core_log *log, const log_rig *rig, int n_frames, int n_false) {
    for (int32_t k = 0; k < n_frames; k++) {
        for (int32_t i = 0; i < rig->config.n_cameras; i++) {
            sv_detection d[200];
            const spoken f = {sv_round_i64(k * 1e9 / 30), i, k};
            log_detections(log, f.t, i, k, d, detections_of(d, rig, f, n_false));
        }
    }
    log_end(log);
}

static void number_anew(core_log *log) {
    for (size_t i = 0; i < log->n; i++) {
        log->event[i].seq = 10 + 3 * i;
    }
}

/* ---- nothing lost, nothing doubled ---- */

typedef struct census {
    const core_log *log;
    int64_t next_set;
    sv_time last_horizon;
    size_t n_late, n_confirmed;
    uint64_t sum; /* of a number for every detection, so that one lost and one doubled do not cancel */
} census;

static uint64_t number_of(const sv_detection *d) {
    sv_hash h = sv_hash_begin();
    sv_hash_i64(&h, d->camera);
    sv_hash_i64(&h, d->frame);
    sv_hash_i64(&h, d->t);
    sv_hash_double(&h, d->u_px);
    return sv_hash_end(&h);
}

/* The first line of the ledger, made from the log alone: every frame once, in the set of its own time. */
static uint64_t sync_hash(const census *c, const sv_products *p) {
    sv_hash h = sv_hash_begin();
    sv_hash_i64(&h, p->set);
    sv_hash_i64(&h, p->t);
    for (int32_t camera = 0; camera < N_SITES; camera++) {
        for (size_t i = 0; i < c->log->n; i++) {
            const sv_event *e = &c->log->event[i];
            if (e->camera == camera && e->t <= p->t_horizon && (p->set == 0 || e->t > c->last_horizon)) {
                sv_hash_i64(&h, e->camera);
                sv_hash_i64(&h, e->frame);
                sv_hash_i64(&h, e->t);
            }
        }
    }
    return sv_hash_end(&h);
}

static void count(void *user, const sv_products *p) {
    census *c = user;
    assert_int_equal(p->set, c->next_set);
    c->next_set++;
    assert_true(p->ledger.hash[SV_STAGE_SYNC] == sync_hash(c, p));
    for (size_t i = 0; i < p->n_detections; i++) {
        c->sum += number_of(&p->detection[i]);
        assert_true(p->detection[i].t <= p->t_horizon);
        c->n_late += p->set > 0 && p->detection[i].t <= c->last_horizon ? 1 : 0;
    }
    for (size_t i = 0; i < p->n_tracks; i++) {
        c->n_confirmed += p->track[i].state == SV_TRACK_CONFIRMED ? 1 : 0;
    }
    c->last_horizon = p->t_horizon;
}

static void no_detection_is_lost_or_doubled(void **state) {
    (void)state;
    log_rig rig;
    core_log log = {0};
    census c = {.log = &log};
    uint64_t sum = 0;
    unsynchronised_rig(&rig);
    const size_t n = unsynchronised_log(&log, &rig, 5, 6);
    for (size_t i = 0; i < log.n; i++) {
        for (size_t k = 0; log.event[i].kind == SV_EVENT_DETECTIONS && k < log.event[i].as.detections.n; k++) {
            sum += number_of(&log.event[i].as.detections.item[k]);
        }
    }
    core_run *r = log_play(&rig.config, &log, count, &c);
    assert_int_equal(r->n_errors, 0);
    assert_int_equal(r->n_detections, n);
    assert_true(c.sum == sum);
    assert_int_equal(c.n_late, 0);                    /* every one in the set that its own time belongs to */
    assert_true(c.n_confirmed > 3 * 4 * 60 * 9 / 10); /* and of use: three flyers are held for the last 4 s */
    assert_in_range(r->n_sets, 300, 304);
    free(r);
    log_free(&log);
}

static void the_end_flushes_and_nothing_comes_after(void **state) {
    (void)state;
    log_rig rig;
    core_log log = {0};
    log_rig_init(&rig, 2);
    sv_detection d[200];
    /* one camera only: no set can close before the end */
    for (int32_t k = 0; k < 3; k++) {
        const spoken f = {sv_round_i64(k * 1e9 / 30), 0, k};
        log_detections(&log, f.t, 0, k, d, detections_of(d, &rig, f, 0));
    }
    core_run *r = calloc(1, sizeof *r);
    sv_state *s;
    assert_int_equal(sv_state_create(&s, &rig.config, NULL, NULL, NULL), SV_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(log_feed(r, &rig.config, s, &log.event[i], NULL, NULL), SV_OK);
    }
    assert_int_equal(r->n_sets, 0);
    log_end(&log);
    assert_int_equal(log_feed(r, &rig.config, s, &log.event[3], NULL, NULL), SV_OK);
    assert_int_equal(r->n_sets, 3);
    assert_int_equal(r->n_detections, 9);
    sv_event more = log.event[0];
    more.seq = 100;
    assert_int_equal(sv_step(&rig.config, s, &more), SV_ERR_ARG);
    assert_int_equal(sv_step(&rig.config, s, NULL), SV_OK);
    sv_state_destroy(s);
    free(r);
    log_free(&log);
}

/* ---- order and repetition ---- */

static void the_same_events_give_the_same_ledger(void **state) {
    (void)state;
    log_rig rig;
    core_log log = {0};
    unsynchronised_rig(&rig);
    unsynchronised_log(&log, &rig, 3, 10);
    core_run *a = log_play(&rig.config, &log, NULL, NULL);
    core_run *b = log_play(&rig.config, &log, NULL, NULL);
    assert_true(a->n_points > 100);
    log_assert_equal(a, b);
    free(a);
    free(b);
    log_free(&log);
}

static void one_ulp_changes_the_ledger_from_there_on(void **state) {
    (void)state;
    log_rig rig;
    core_log log = {0};
    log_rig_init(&rig, N_SITES);
    synchronised_log(&log, &rig, 30, 0);
    core_run *a = log_play(&rig.config, &log, NULL, NULL);
    sv_detection *d = (sv_detection *)(uintptr_t)(const void *)log.event[17 * N_SITES + 2].as.detections.item;
    d->u_px = nextafter(d->u_px, 1e9);
    core_run *b = log_play(&rig.config, &log, NULL, NULL);
    assert_int_equal(a->n_sets, 30);
    for (size_t i = 0; i < 30; i++) {
        const sv_stage expected = i < 17 ? SV_N_STAGES : i == 17 ? SV_STAGE_DETECT : SV_STAGE_TRACK;
        assert_int_equal(sv_ledger_difference(&a->line[i], &b->line[i], SV_STAGE_SYNC), expected);
    }
    free(a);
    free(b);
    log_free(&log);
}

static void the_order_of_cameras_within_a_set_does_not_matter(void **state) {
    (void)state;
    log_rig rig;
    core_log log = {0};
    log_rig_init(&rig, N_SITES);
    synchronised_log(&log, &rig, 60, 10);
    core_run *a = log_play(&rig.config, &log, NULL, NULL);
    for (size_t k = 0; k < 60; k++) {
        sv_event *set = &log.event[k * N_SITES];
        for (size_t i = N_SITES - 1; i > 0; i--) {
            const size_t j = (size_t)((double)(i + 1) * log_uniform(600, k * N_SITES + i));
            const sv_event swap = set[i];
            set[i] = set[j];
            set[j] = swap;
        }
    }
    number_anew(&log);
    core_run *b = log_play(&rig.config, &log, NULL, NULL);
    assert_int_equal(b->n_errors, 0);
    log_assert_equal(a, b);
    free(a);
    free(b);
    log_free(&log);
}

/* A network that holds every camera's frames back by its own delay, up to 120 ms, changes when sets close but not what is in them. */
static void a_delay_of_each_camera_does_not_matter(void **state) {
    (void)state;
    log_rig rig;
    core_log log = {0};
    unsynchronised_rig(&rig);
    unsynchronised_log(&log, &rig, 3, 5);
    core_run *a = log_play(&rig.config, &log, NULL, NULL);
    const size_t n = log.n - 1;
    const sv_time delay[N_SITES] = {70000000, 0, 120000000, 31000000, 95000000};
    for (size_t i = 2; i < n; i++) { /* insertion sort by arrival; the first frame stays, it starts the clock */
        const sv_event e = log.event[i];
        size_t at = i;
        while (at > 1 && log.event[at - 1].t + delay[log.event[at - 1].camera] > e.t + delay[e.camera]) {
            log.event[at] = log.event[at - 1];
            at--;
        }
        log.event[at] = e;
    }
    number_anew(&log);
    core_run *b = log_play(&rig.config, &log, NULL, NULL);
    assert_int_equal(b->n_errors, 0);
    log_assert_equal(a, b);
    free(a);
    free(b);
    log_free(&log);
}

/* ---- late and bad events ---- */

static void a_frame_after_its_set_closed_changes_nothing(void **state) {
    (void)state;
    log_rig rig;
    core_log log = {0}, late = {0};
    log_rig_init(&rig, N_SITES);
    synchronised_log(&log, &rig, 60, 3);
    /* camera 4 falls silent from frame 20 to 39; then all its frames of that time arrive at once */
    core_log silent = {0};
    for (size_t i = 0; i < log.n; i++) {
        const sv_event *e = &log.event[i];
        const bool held_back = e->kind == SV_EVENT_DETECTIONS && e->camera == 4 && e->frame >= 20 && e->frame < 40;
        if (e->kind == SV_EVENT_END) {
            log_end(&silent);
            log_end(&late);
        } else if (!held_back) {
            log_detections(&silent, e->t, e->camera, e->frame, e->as.detections.item, e->as.detections.n);
            log_detections(&late, e->t, e->camera, e->frame, e->as.detections.item, e->as.detections.n);
        }
        for (size_t k = 20; k < 40 && e->camera == 4 && e->frame == 55; k++) {
            const sv_event *old = &log.event[k * N_SITES + 4];
            log_detections(&late, old->t, 4, old->frame, old->as.detections.item, old->as.detections.n);
        }
    }
    core_run *whole = log_play(&rig.config, &log, NULL, NULL);
    core_run *a = log_play(&rig.config, &silent, NULL, NULL);
    core_run *b = log_play(&rig.config, &late, NULL, NULL);
    assert_int_equal(late.n, silent.n + 20);
    assert_int_equal(b->n_errors, 0);
    log_assert_equal(a, b);
    assert_true(whole->n_detections > a->n_detections);
    free(whole);
    free(a);
    free(b);
    log_free(&log);
    log_free(&silent);
    log_free(&late);
}

enum { N_BAD = 29 };

/* One bad event of each kind; false past the last. `text` is what the error must name. */
static bool make_bad(sv_event *e, sv_detection *d, sv_ray *r, sv_point *p, int which, const sv_event *good,
                     const char **text) {
    *e = *good;
    *d = good->as.detections.item[0];
    *r =
        (sv_ray){.t = good->t, .d_w = {1, 0, 0}, .cov_rad2 = {1e-8, 0, 1e-8}, .camera = {0, -1}, .detection = {-1, -1}};
    *p = (sv_point){.t = good->t, .cov_m2 = {1, 0, 0, 1, 0, 1}};
    e->as.detections.item = d;
    e->as.detections.n = 1;
    *text = "detection 0";
    if (which >= 14 && which < 22) {
        e->kind = SV_EVENT_BEARINGS;
        e->as.bearings.item = r;
        e->as.bearings.n = 1;
        *text = "ray 0";
    } else if (which >= 22 && which < 29) {
        e->kind = SV_EVENT_POINTS;
        e->camera = -1;
        e->as.points.item = p;
        e->as.points.n = 1;
        *text = "point 0";
    }
    switch (which) {
    case 0:
        *text = "camera index", e->camera = N_SITES;
        return true;
    case 1:
        *text = "camera index", e->camera = -1;
        return true;
    case 2:
        d->camera = (good->camera + 1) % N_SITES;
        return true;
    case 3:
        d->u_px = NAN;
        return true;
    case 4:
        d->v_px = INFINITY;
        return true;
    case 5:
        d->snr = NAN;
        return true;
    case 6:
        d->cov_px2[1] = NAN;
        return true;
    case 7:
        d->t = INT64_MAX;
        return true;
    case 8:
        d->t += 1000000000;
        return true;
    case 9:
        *text = "time out of range", e->t = INT64_MIN;
        return true;
    case 10:
        *text = "out of order", e->seq -= 1;
        return true;
    case 11:
        *text = "without items", e->as.detections.item = NULL;
        return true;
    case 12:
        *text = "unknown kind", e->kind = (sv_event_kind)77;
        return true;
    case 13:
        *text = "no back end", e->kind = SV_EVENT_FRAME;
        return true;
    case 14:
        r->d_w.x = NAN;
        return true;
    case 15:
        r->d_w.x = 2;
        return true;
    case 16:
        r->c_w.y = INFINITY;
        return true;
    case 17:
        r->cov_rad2[1] = 1;
        return true;
    case 18:
        r->cov_rad2[0] = r->cov_rad2[2] = -1;
        return true;
    case 19:
        r->camera[0] = N_SITES;
        return true;
    case 20:
        r->camera[1] = -2;
        return true;
    case 21:
        r->confidence = NAN;
        return true;
    case 22:
        p->p_w.z = NAN;
        return true;
    case 23:
        p->cov_m2[4] = NAN;
        return true;
    case 24:
        p->cov_m2[3] = -1;
        return true;
    case 25:
        p->n_rays = 3;
        return true;
    case 26:
        p->n_sites = 3;
        return true;
    case 27:
        p->t = INT64_MIN;
        return true;
    case 28:
        *text = "without items", e->as.points.item = NULL;
        return true;
    default:
        return false;
    }
}

static void a_bad_event_is_an_error_that_leaves_no_trace(void **state) {
    (void)state;
    log_rig rig;
    core_log log = {0};
    log_rig_init(&rig, N_SITES);
    synchronised_log(&log, &rig, 20, 3);
    number_anew(&log);
    core_run *a = log_play(&rig.config, &log, NULL, NULL);
    core_run *b = calloc(1, sizeof *b);
    sv_state *s;
    assert_int_equal(sv_state_create(&s, &rig.config, NULL, NULL, NULL), SV_OK);
    int n_bad = 0;
    for (size_t i = 0; i < log.n; i++) {
        assert_int_equal(log_feed(b, &rig.config, s, &log.event[i], NULL, NULL), SV_OK);
        if (log.event[i].kind != SV_EVENT_DETECTIONS || log.event[i].as.detections.n == 0) {
            continue;
        }
        sv_event good = log.event[i];
        good.seq += 1; /* between this event and the next */
        good.t += 33000000;
        for (int which = 0; which < N_BAD; which++) {
            sv_event e;
            sv_detection d;
            sv_ray r;
            sv_point p;
            const char *text;
            assert_true(make_bad(&e, &d, &r, &p, which, &good, &text));
            sv_fail(SV_OK, "none");
            assert_int_equal(sv_step(&rig.config, s, &e), SV_ERR_ARG);
            if (strstr(sv_error_text(), text) == NULL || strchr(sv_error_text(), '\n') != NULL) {
                fail_msg("case %d: \"%s\" does not name \"%s\"", which, sv_error_text(), text);
            }
            n_bad++;
        }
    }
    assert_true(n_bad > 100 * N_BAD / 2);
    log_assert_equal(a, b);
    sv_state_destroy(s);
    free(a);
    free(b);
    log_free(&log);
}

/* Images of 64 x 48 from two cameras; a bad image in between must not teach any background. */
static void a_bad_image_is_an_error_that_leaves_no_trace(void **state) {
    (void)state;
    enum { W = 64, H = 48, N = 40 };
    log_rig rig;
    sv_backend *backend;
    log_rig_init(&rig, 2);
    for (int i = 0; i < 2; i++) {
        rig.camera[i].width = W;
        rig.camera[i].height = H;
    }
    assert_int_equal(sv_backend_create(&backend, SV_BACKEND_SCALAR), SV_OK);
    core_run *run[2];
    for (int bad = 0; bad < 2; bad++) {
        sv_state *s;
        run[bad] = calloc(1, sizeof *run[bad]);
        assert_int_equal(sv_state_create(&s, &rig.config, backend, NULL, NULL), SV_OK);
        for (int k = 0; k < N; k++) {
            for (int32_t i = 0; i < 2; i++) {
                uint8_t pixels[W * H];
                for (int q = 0; q < W * H; q++) {
                    pixels[q] =
                        (uint8_t)(100 + sv_round_i64(2 * log_normal(700 + (uint32_t)i, (uint64_t)(k * W * H + q))));
                }
                pixels[W * 20 + 10 + k] = pixels[W * 20 + 11 + k] = 200;
                const sv_time t = sv_round_i64(k * 1e9 / 30);
                sv_event e = {
                    .seq = (uint64_t)(100 * k + 50 * i + 10), .t = t, .kind = SV_EVENT_FRAME, .camera = i, .frame = k};
                e.as.image = (sv_frame){.camera = i,
                                        .number = k,
                                        .t = t,
                                        .width = W,
                                        .height = H,
                                        .bit_depth = 8,
                                        .pitch = W,
                                        .pixels = pixels};
                assert_int_equal(log_feed(run[bad], &rig.config, s, &e, NULL, NULL), SV_OK);
                for (int which = 0; bad && which < 8; which++) {
                    sv_event worse = e;
                    worse.seq += 1;
                    worse.as.image.width -= which == 0 ? 1 : 0;
                    worse.as.image.height += which == 1 ? 1 : 0;
                    worse.as.image.bit_depth = which == 2 ? 12 : 8;
                    worse.as.image.pitch = which == 3 ? W - 1 : which == 4 ? -W + 1 : W;
                    worse.as.image.pixels = which == 5 ? NULL : pixels;
                    worse.as.image.camera = which == 6 ? 99 : i;
                    worse.as.image.t += which == 7 ? 1 : 0;
                    assert_int_equal(sv_step(&rig.config, s, &worse), SV_ERR_ARG);
                    assert_non_null(strstr(sv_error_text(), "image"));
                }
            }
        }
        const sv_event end = {.seq = 100 * N, .kind = SV_EVENT_END, .camera = -1};
        assert_int_equal(log_feed(run[bad], &rig.config, s, &end, NULL, NULL), SV_OK);
        sv_state_destroy(s);
    }
    assert_int_equal(run[0]->n_sets, N);
    assert_true(run[0]->n_detections > N);
    log_assert_equal(run[0], run[1]);
    free(run[0]);
    free(run[1]);
    sv_backend_destroy(backend);
}

static void a_wrong_configuration_is_refused(void **state) {
    (void)state;
    log_rig rig;
    sv_state *s = (sv_state *)&rig;
    log_rig_init(&rig, 2);
    rig.config.track.gate_p = NAN;
    assert_int_equal(sv_state_create(&s, &rig.config, NULL, NULL, NULL), SV_ERR_ARG);
    assert_null(s);
    assert_non_null(strstr(sv_error_text(), "pipeline.track.gate_p"));
    rig.config.track.gate_p = 0.99;
    rig.camera[1].id = rig.camera[0].id;
    assert_int_equal(sv_state_create(&s, &rig.config, NULL, NULL, NULL), SV_ERR_ARG);
    rig.camera[1].id = 7;
    assert_int_equal(sv_state_create(&s, &rig.config, NULL, NULL, NULL), SV_OK);
    const sv_config other = rig.config;
    assert_int_equal(sv_step(&other, s, NULL), SV_ERR_ARG);
    assert_int_equal(sv_step(&rig.config, s, NULL), SV_OK);
    sv_state_destroy(s);
}

/* ---- silence ---- */

static void an_hour_of_silence_is_skipped_in_few_steps(void **state) {
    (void)state;
    log_rig rig;
    core_log log = {0};
    log_rig_init(&rig, N_SITES);
    synchronised_log(&log, &rig, 60, 0);
    for (size_t i = 30 * N_SITES; i < log.n; i++) {
        sv_event *e = &log.event[i];
        e->t += INT64_C(3600000000000);
        for (size_t k = 0; e->kind == SV_EVENT_DETECTIONS && k < e->as.detections.n; k++) {
            ((sv_detection *)(uintptr_t)(const void *)e->as.detections.item)[k].t += INT64_C(3600000000000);
        }
    }
    core_run *r = log_play(&rig.config, &log, NULL, NULL);
    assert_in_range(r->n_sets, 60, 62);
    assert_int_equal(r->line[29].set, 29);
    assert_int_equal(r->line[r->n_sets - 1].set, 59 + 3600 * 30);
    assert_int_equal(r->n_detections, 60 * N_SITES * 3);
    free(r);
    log_free(&log);
}

static void a_camera_that_never_speaks_only_delays(void **state) {
    (void)state;
    log_rig rig;
    core_log log = {0};
    log_rig_init(&rig, N_SITES);
    synchronised_log(&log, &rig, 60, 2);
    size_t n = 0;
    for (size_t i = 0; i < log.n; i++) { /* the pointers of what is left out are leaked to nobody: free them here */
        if (log.event[i].camera == 2) {
            free((void *)(uintptr_t)(const void *)log.event[i].as.detections.item);
        } else {
            log.event[n++] = log.event[i];
        }
    }
    log.n = n;
    sv_state *s;
    core_run *r = calloc(1, sizeof *r);
    assert_int_equal(sv_state_create(&s, &rig.config, NULL, NULL, NULL), SV_OK);
    for (size_t i = 0; i < log.n; i++) {
        const size_t frame = i / (N_SITES - 1);
        assert_int_equal(log_feed(r, &rig.config, s, &log.event[i], NULL, NULL), SV_OK);
        if (log.event[i].kind != SV_EVENT_END) {
            /* a set is 0.2 s old six frames and the guard later */
            assert_true(r->n_sets + 7 >= frame && r->n_sets <= frame);
        }
    }
    assert_int_equal(r->n_sets, 60);
    assert_true(r->n_points >= 3 * 60 - 10);
    sv_state_destroy(s);
    free(r);
    log_free(&log);
}

/* ---- capacities ---- */

static void tiny_capacities_never_crash_and_repeat(void **state) {
    (void)state;
    log_rig rig;
    core_log log = {0};
    unsynchronised_rig(&rig);
    unsynchronised_log(&log, &rig, 2, 12);
    for (uint64_t trial = 0; trial < 60; trial++) {
        sv_caps_config *caps = &rig.config.caps;
        int32_t *cap[] = {&caps->detections_per_set, &caps->rays_per_set, &caps->points_per_set, &caps->tracks,
                          &caps->pending_frames};
        const int32_t most[] = {60, 60, 6, 6, 12};
        for (size_t k = 0; k < 5; k++) {
            *cap[k] = 1 + (int32_t)(most[k] * log_uniform(800, 5 * trial + k));
        }
        core_run *a = log_play(&rig.config, &log, NULL, NULL);
        core_run *b = log_play(&rig.config, &log, NULL, NULL);
        assert_true(a->n_sets > 100);
        assert_int_equal(a->n_errors, 0);
        log_assert_equal(a, b);
        free(a);
        free(b);
    }
    log_free(&log);
}

static void an_event_larger_than_the_capacities_is_refused_and_forgotten(void **state) {
    (void)state;
    log_rig rig;
    log_rig_init(&rig, 1);
    rig.config.caps.detections_per_set = 2;
    rig.config.detect.max_per_frame = 5;
    sv_detection d[9];
    for (int i = 0; i < 9; i++) {
        d[i] = (sv_detection){.t = 0, .u_px = 100.0 * i, .v_px = 5};
    }
    sv_state *s;
    core_run *r = calloc(1, sizeof *r);
    assert_int_equal(sv_state_create(&s, &rig.config, NULL, NULL, NULL), SV_OK);
    sv_event e = {.seq = 1, .kind = SV_EVENT_DETECTIONS, .as.detections = {d, 9}};
    assert_int_equal(sv_step(&rig.config, s, &e), SV_ERR_LIMIT);
    assert_non_null(strstr(sv_error_text(), "caps"));
    e.as.detections.n = 8;
    assert_int_equal(log_feed(r, &rig.config, s, &e, NULL, NULL), SV_OK);
    assert_int_equal(r->n_sets, 1);
    assert_int_equal(r->n_detections, 2);
    sv_state_destroy(s);
    free(r);
}

static void every_camera_gets_its_share_of_a_full_set(void **state) {
    (void)state;
    log_rig rig;
    core_log log = {0};
    log_rig_init(&rig, N_SITES);
    rig.config.caps.detections_per_set = 4 * N_SITES;
    sv_detection d[20];
    for (int32_t i = 0; i < N_SITES; i++) {
        for (int k = 0; k < 20; k++) {
            d[k] = (sv_detection){.u_px = 100 * k, .v_px = 50, .snr = 30 - k, .camera = i};
        }
        log_detections(&log, 0, i, 0, d, i == 0 ? 1 : 20);
    }
    log_end(&log);
    sv_state *s;
    assert_int_equal(sv_state_create(&s, &rig.config, NULL, NULL, NULL), SV_OK);
    sv_status status = SV_OK;
    for (size_t i = 0; i < log.n && status == SV_OK; i++) {
        status = sv_step(&rig.config, s, &log.event[i]);
    }
    assert_int_equal(status, SV_AGAIN);
    const sv_products *p = sv_state_products(s);
    assert_int_equal(p->n_detections, 1 + 4 * (N_SITES - 1));
    int n_of[N_SITES] = {0};
    for (size_t i = 0; i < p->n_detections; i++) {
        assert_true(p->detection[i].snr > 30 - 4); /* the first of its camera, which are the strongest here */
        n_of[p->detection[i].camera]++;
    }
    for (int i = 1; i < N_SITES; i++) {
        assert_int_equal(n_of[i], 4);
    }
    sv_state_destroy(s);
    log_free(&log);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_detection_is_lost_or_doubled),
        cmocka_unit_test(the_end_flushes_and_nothing_comes_after),
        cmocka_unit_test(the_same_events_give_the_same_ledger),
        cmocka_unit_test(one_ulp_changes_the_ledger_from_there_on),
        cmocka_unit_test(the_order_of_cameras_within_a_set_does_not_matter),
        cmocka_unit_test(a_delay_of_each_camera_does_not_matter),
        cmocka_unit_test(a_frame_after_its_set_closed_changes_nothing),
        cmocka_unit_test(a_bad_event_is_an_error_that_leaves_no_trace),
        cmocka_unit_test(a_bad_image_is_an_error_that_leaves_no_trace),
        cmocka_unit_test(a_wrong_configuration_is_refused),
        cmocka_unit_test(an_hour_of_silence_is_skipped_in_few_steps),
        cmocka_unit_test(a_camera_that_never_speaks_only_delays),
        cmocka_unit_test(tiny_capacities_never_crash_and_repeat),
        cmocka_unit_test(an_event_larger_than_the_capacities_is_refused_and_forgotten),
        cmocka_unit_test(every_camera_gets_its_share_of_a_full_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
