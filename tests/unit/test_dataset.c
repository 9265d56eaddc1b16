/* Data sets as sources: order, times, settings, coverage; what truth must not touch; and the recordings where present. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <replay/dataset_parts.h>
#include <skyvox/camera.h>
#include <skyvox/ledger.h>

#define CAMERA(id_, fps_, variable_)                                                                                   \
    "{\"id\": " #id_                                                                                                   \
    ", \"model\": \"x\", \"width\": 100, \"height\": 50, \"fx\": 60, \"fy\": 61, \"cx\": 49, \"cy\": 24, "             \
    "\"k1\": 0.1, \"p2\": 0.01, \"k3\": 0.02, \"position_m\": [" #id_ ", 0, 0], "                                      \
    "\"q_world_to_camera_wxyz\": [0.5, 0.5, -0.5, 0.5], \"fps\": " #fps_ ", \"readout_s\": 0.01, "                     \
    "\"variable_frame_rate\": " #variable_ ", \"fit_reproj_px_median_p90\": [2.3548, 5]}"
#define CAMERAS "{\"case\": \"x\", \"cameras\": [" CAMERA(3, 25, false) ", " CAMERA(8, 50, true) "]}"
#define LABELS                                                                                                         \
    "t_s,camera,frame,x_px,y_px\n"                                                                                     \
    "1.02,8,11,7,8\n1.00,8,10,5,6\n1.00,3,4,1,20\n1.00,3,4,3,40\n1.50,3,5,9,9\n"
#define TRUTH "t_s,x_m,y_m,z_m\n0.95,0,10,0\n1.1,0,10,0\n1.2,0,10,0\n9,0,10,0\n"

#define META                                                                                                           \
    "{\"name\": \"p\", \"kind\": \"points\", \"scan_rate_hz\": 2, \"sigma_m\": 0.5, \"pd\": 0.9, "                     \
    "\"clutter_per_scan\": 4, "                                                                                        \
    "\"volume_m\": [[0, 10], [0, 10], [0, 20]], \"process_noise_q_m2_s3\": 0.25}"
#define POINTS "t_s,x_m,y_m,z_m\n0,1,2,3\n0,4,5,6\n2,7,8,9\n2.5,1,1,1\n"

static const sv_dataset_texts LABELLED = {.cameras = CAMERAS, .detections = LABELS, .truth = TRUTH};
static const sv_dataset_texts SCANNED = {.dataset = META, .points = POINTS};

static sv_dataset *opened(const sv_dataset_texts *texts, const char *assignment) {
    sv_dataset *dataset = NULL;
    sv_status status = sv_dataset_open_texts(&dataset, texts, &assignment, assignment != NULL ? 1 : 0);
    if (status != SV_OK) {
        print_message("%s\n", sv_error_text());
    }
    assert_int_equal(status, SV_OK);
    return dataset;
}

static void open_fails(sv_dataset_texts texts, const char *message) {
    sv_dataset *dataset = (sv_dataset *)&dataset;
    assert_int_equal(sv_dataset_open_texts(&dataset, &texts, NULL, 0), SV_ERR_INPUT);
    assert_null(dataset);
    assert_string_equal(sv_error_text(), message);
}

static sv_event next(sv_source *source) {
    sv_event event;
    assert_int_equal(source->next(source->self, &event), SV_OK);
    return event;
}

/* Every bit of every event. */
static uint64_t hash_of_events(sv_dataset *dataset) {
    sv_source source = sv_dataset_source(dataset);
    sv_hash hash = sv_hash_begin();
    sv_event event;
    while (source.next(source.self, &event) == SV_OK) {
        sv_hash_u64(&hash, event.seq);
        sv_hash_i64(&hash, event.t);
        sv_hash_i64(&hash, event.kind);
        sv_hash_i64(&hash, event.camera);
        sv_hash_i64(&hash, event.frame);
        for (size_t i = 0; event.kind == SV_EVENT_DETECTIONS && i < event.as.detections.n; i++) {
            const sv_detection *d = &event.as.detections.item[i];
            sv_hash_i64(&hash, d->t);
            sv_hash_double(&hash, d->u_px);
            sv_hash_double(&hash, d->v_px);
            sv_hash_double(&hash, d->cov_px2[0]);
            sv_hash_double(&hash, d->cov_px2[2]);
            sv_hash_double(&hash, d->snr);
        }
        for (size_t i = 0; event.kind == SV_EVENT_POINTS && i < event.as.points.n; i++) {
            const sv_point *p = &event.as.points.item[i];
            sv_hash_i64(&hash, p->t);
            sv_hash_vec3(&hash, p->p_w);
            sv_hash_double(&hash, p->cov_m2[0]);
        }
    }
    return sv_hash_end(&hash);
}

/* ---- detections ---- */

static void labels_come_by_time_then_camera(void **state) {
    (void)state;
    sv_dataset *dataset = opened(&LABELLED, NULL);
    sv_source source = sv_dataset_source(dataset);
    const struct {
        sv_time t;
        int32_t camera, frame;
        size_t n;
    } expected[] = {{1000000000, 0, 4, 2}, {1000000000, 1, 10, 1}, {1020000000, 1, 11, 1}, {1500000000, 0, 5, 1}};
    for (size_t i = 0; i < 4; i++) {
        sv_event event = next(&source);
        assert_int_equal(event.kind, SV_EVENT_DETECTIONS);
        assert_int_equal(event.seq, i);
        assert_true(event.t == expected[i].t && event.camera == expected[i].camera && event.frame == expected[i].frame);
        assert_int_equal(event.as.detections.n, expected[i].n);
        assert_int_equal(event.as.detections.item[0].camera, event.camera);
        assert_int_equal(event.as.detections.item[0].frame, event.frame);
    }
    sv_event end = next(&source);
    assert_true(end.kind == SV_EVENT_END && end.t == 1500000000 && end.camera == -1 && end.seq == 4);
    assert_int_equal(source.next(source.self, &end), SV_END);
    sv_dataset_destroy(dataset);
}

static void a_label_has_the_time_of_its_row(void **state) {
    (void)state;
    sv_dataset *dataset = opened(&LABELLED, NULL);
    sv_source source = sv_dataset_source(dataset);
    sv_event event = next(&source);
    /* 0.01 s of read-out over 50 rows: 0.2 ms a row. */
    assert_int_equal(event.as.detections.item[0].t, 1000000000 + 20 * 200000);
    assert_int_equal(event.as.detections.item[1].t, 1000000000 + 40 * 200000);
    assert_true(event.as.detections.item[1].u_px == 3 && event.as.detections.item[1].v_px == 40);
    sv_dataset_destroy(dataset);
}

static void rows_may_stand_in_any_order(void **state) {
    (void)state;
    sv_dataset_texts other = LABELLED;
    other.detections =
        "frame,v_px,camera,u_px,t_s\n5,9,3,9,1.50\n4,20,3,1,1.0\n4,40,3,3,1\n10,6,8,5,1.00\n11,8,8,7,1.02\n";
    sv_dataset *a = opened(&LABELLED, NULL);
    sv_dataset *b = opened(&other, NULL);
    assert_true(hash_of_events(a) == hash_of_events(b));
    sv_dataset_destroy(a);
    sv_dataset_destroy(b);
}

static void cameras_become_the_configuration(void **state) {
    (void)state;
    sv_dataset *dataset = opened(&LABELLED, "pipeline.track.accel_psd=3.25");
    const sv_config *config = sv_dataset_config(dataset);
    assert_int_equal(sv_dataset_get_kind(dataset), SV_DATASET_DETECTIONS);
    assert_int_equal(config->n_cameras, 2);
    const sv_camera *camera = &config->camera[1];
    assert_true(camera->id == 8 && camera->pair == 1 && camera->site == 1 && camera->modality == SV_MONO);
    assert_true(camera->fx == 60 && camera->fy == 61 && camera->cx == 49 && camera->cy == 24 && camera->c_w.x == 8);
    assert_true(camera->dist[0] == 0.1 && camera->dist[3] == 0.01 && camera->dist[4] == 0.02 && camera->dist[1] == 0);
    assert_true(camera->row_ns == 200000 && camera->rate_hz == 50);
    assert_true(camera->sigma_time_s > config->camera[0].sigma_time_s);
    assert_true(config->sync.rate_hz == 50);
    assert_true(config->track.accel_psd == 3.25);
    assert_true(sv_dataset_warmup_s(dataset) == 0 && sv_dataset_gate_m(dataset) == 2);
    /* x right, y down, z forward: this rotation maps world x y z to camera z -x -y. */
    double uv[2];
    assert_int_equal(sv_camera_project(uv, NULL, camera, (sv_vec3){18, 0, 0}), SV_OK);
    assert_true(fabs(uv[0] - 49) < 1e-9 && fabs(uv[1] - 24) < 1e-9);
    sv_dataset_destroy(dataset);
}

static void optional_columns_reach_the_detection(void **state) {
    (void)state;
    sv_dataset_texts texts = LABELLED;
    texts.detections = "t_s,camera,frame,u_px,v_px,snr,sigma_u_px,sigma_v_px,modality\n1,3,0,4,5,7.5,0.5,2,mono\n";
    sv_dataset *dataset = opened(&texts, NULL);
    sv_source source = sv_dataset_source(dataset);
    sv_event event = next(&source);
    const sv_detection *d = &event.as.detections.item[0];
    assert_true(d->snr == 7.5 && d->cov_px2[0] == 0.25 && d->cov_px2[1] == 0 && d->cov_px2[2] == 4);
    sv_dataset_destroy(dataset);
}

/* ---- points ---- */

static void silent_scans_are_given_empty(void **state) {
    (void)state;
    sv_dataset *dataset = opened(&SCANNED, NULL);
    sv_source source = sv_dataset_source(dataset);
    const sv_time t[] = {0, 500000000, 1000000000, 1500000000, 2000000000, 2500000000};
    const size_t n[] = {2, 0, 0, 0, 1, 1};
    for (int32_t i = 0; i < 6; i++) {
        sv_event event = next(&source);
        assert_int_equal(event.kind, SV_EVENT_POINTS);
        assert_true(event.t == t[i] && event.frame == i && event.camera == -1 && event.as.points.n == n[i]);
    }
    assert_int_equal(next(&source).kind, SV_EVENT_END);
    assert_null(source.truth);
    sv_dataset_destroy(dataset);
}

static void points_bring_their_covariance(void **state) {
    (void)state;
    sv_dataset_texts texts = SCANNED;
    texts.points = "sigma_m,t_s,x_m,y_m,z_m\n2,0,1,2,3\n";
    sv_dataset *dataset = opened(&texts, NULL);
    sv_source source = sv_dataset_source(dataset);
    sv_event event = next(&source);
    const double expected[6] = {4, 0, 0, 4, 0, 4};
    assert_memory_equal(event.as.points.item[0].cov_m2, expected, sizeof expected);
    assert_true(event.as.points.item[0].p_w.z == 3 && event.as.points.item[0].n_sites == 0);
    sv_dataset_destroy(dataset);
    dataset = opened(&SCANNED, NULL);
    source = sv_dataset_source(dataset);
    event = next(&source);
    assert_true(event.as.points.item[1].cov_m2[3] == 0.25);
    sv_dataset_destroy(dataset);
}

static void dataset_json_becomes_the_configuration(void **state) {
    (void)state;
    sv_dataset *dataset = opened(&SCANNED, NULL);
    const sv_config *config = sv_dataset_config(dataset);
    assert_string_equal(sv_dataset_name(dataset), "p");
    assert_true(config->n_cameras == 0 && config->sync.rate_hz == 2 && config->track.accel_psd == 0.25);
    assert_true(config->track.pd_initial == 0.9 && fabs(config->track.clutter_per_m3 - 4 / 2000.0) < 1e-15);
    sv_dataset_destroy(dataset);
    sv_dataset_texts texts = SCANNED;
    texts.dataset = "{\"scan_rate_hz\": 2, \"sigma_m\": 1, \"gate_m\": 3, \"warmup_s\": 4, \"pipeline\": {\"track\": "
                    "{\"gate_m\": 5}}}";
    dataset = opened(&texts, "pipeline.caps.tracks=9");
    config = sv_dataset_config(dataset);
    assert_true(sv_dataset_gate_m(dataset) == 3 && sv_dataset_warmup_s(dataset) == 4);
    assert_true(config->track.gate_m == 5 && config->caps.tracks == 9);
    sv_dataset_destroy(dataset);
}

/* ---- truth ---- */

static void truth_comes_no_later_than_the_events(void **state) {
    (void)state;
    sv_dataset *dataset = opened(&LABELLED, NULL);
    sv_source source = sv_dataset_source(dataset);
    struct sv_truth_set set;
    assert_int_equal(source.truth(source.self, &set), SV_AGAIN);
    next(&source);
    assert_int_equal(source.truth(source.self, &set), SV_OK);
    assert_int_equal(set.t, 950000000);
    assert_int_equal(source.truth(source.self, &set), SV_AGAIN);
    next(&source);
    next(&source);
    assert_int_equal(source.truth(source.self, &set), SV_AGAIN);
    next(&source);
    assert_int_equal(source.truth(source.self, &set), SV_OK);
    assert_int_equal(source.truth(source.self, &set), SV_OK);
    assert_int_equal(set.t, 1200000000);
    assert_int_equal(source.truth(source.self, &set), SV_AGAIN);
    assert_int_equal(next(&source).kind, SV_EVENT_END);
    assert_int_equal(source.truth(source.self, &set), SV_OK);
    assert_int_equal(set.t, 9000000000);
    assert_int_equal(source.truth(source.self, &set), SV_END);
    sv_dataset_destroy(dataset);
}

static void coverage_is_two_labels_within_a_tenth_of_a_second(void **state) {
    (void)state;
    sv_dataset *dataset = opened(&LABELLED, NULL);
    sv_source source = sv_dataset_source(dataset);
    while (next(&source).kind != SV_EVENT_END) {
    }
    /* Labels at 1.00 (both cameras), 1.02 and 1.50; exactly 0.1 s counts. */
    const int32_t n_sites[] = {2, 2, 0, 0};
    for (size_t i = 0; i < 4; i++) {
        struct sv_truth_set set;
        assert_int_equal(source.truth(source.self, &set), SV_OK);
        assert_int_equal(set.n_samples, 1);
        assert_int_equal(set.sample[0].n_sites, n_sites[i]);
        assert_int_equal(set.sample[0].in_coverage, n_sites[i] >= 2);
        assert_true(n_sites[i] == 0 || fabs(set.sample[0].range_m - sqrt(164)) < 1e-12);
    }
    sv_dataset_destroy(dataset);
}

/* Every setting that the table knows; padding is nobody's business. */
static void assert_same_settings(const sv_config *a, const sv_config *b, const sv_json_field *field) {
    for (; field->type != SV_JSON_END; field++) {
        size_t size = field->type == SV_JSON_NUMBER ? sizeof(double) : field->type == SV_JSON_INT ? sizeof(int32_t) : 0;
        assert_memory_equal((const char *)a + field->offset, (const char *)b + field->offset, size);
        if (field->sub != NULL) {
            assert_same_settings(a, b, field->sub);
        }
    }
}

static void assert_same_camera(const sv_camera *a, const sv_camera *b) {
    assert_true(a->id == b->id && a->pair == b->pair && a->site == b->site && a->modality == b->modality);
    assert_true(a->width == b->width && a->height == b->height && a->rate_hz == b->rate_hz && a->row_ns == b->row_ns);
    assert_true(a->fx == b->fx && a->fy == b->fy && a->cx == b->cx && a->cy == b->cy);
    assert_memory_equal(a->dist, b->dist, sizeof a->dist);
    assert_memory_equal(&a->c_w, &b->c_w, sizeof a->c_w);
    assert_memory_equal(&a->R_cw, &b->R_cw, sizeof a->R_cw);
    assert_true(a->sigma_px == b->sigma_px && a->sigma_pose_px == b->sigma_pose_px &&
                a->sigma_time_s == b->sigma_time_s);
}

static void truth_changes_no_event_and_no_setting(void **state) {
    (void)state;
    sv_dataset_texts bare = LABELLED;
    bare.truth = NULL;
    sv_dataset *with = opened(&LABELLED, NULL);
    sv_dataset *without = opened(&bare, NULL);
    assert_true(hash_of_events(with) == hash_of_events(without));
    assert_non_null(sv_dataset_source(with).truth);
    assert_null(sv_dataset_source(without).truth);
    assert_same_settings(sv_dataset_config(with), sv_dataset_config(without), sv_pipeline_fields());
    for (int i = 0; i < 2; i++) {
        assert_same_camera(&sv_dataset_config(with)->camera[i], &sv_dataset_config(without)->camera[i]);
    }
    sv_dataset_destroy(with);
    sv_dataset_destroy(without);
}

static void a_source_starts_again_from_the_beginning(void **state) {
    (void)state;
    sv_dataset *dataset = opened(&SCANNED, NULL);
    assert_true(hash_of_events(dataset) == hash_of_events(dataset));
    sv_dataset_destroy(dataset);
}

/* ---- mistakes ---- */

static void bad_rows_are_named(void **state) {
    (void)state;
    sv_dataset_texts texts = LABELLED;
    texts.detections = "t_s,camera,frame,x_px,y_px\n1,4,0,1,1\n";
    open_fails(texts, "detections.csv: line 2: camera: found 4, expected an id of cameras.json");
    texts.detections = "t_s,camera,frame,x_px,y_px\n1,3,-1,1,1\n";
    open_fails(texts, "detections.csv: line 2: frame: found -1, expected an integer from 0 to 2147483647");
    texts.detections = "t_s,camera,frame,x_px,y_px\n1,3,0,nan,1\n";
    open_fails(texts, "detections.csv: line 2: x_px: found 'nan', expected a finite number");
    texts.detections = "t_s,camera,frame,x_px,y_px\n1,3,5,1,1\n2,3,4,1,1\n";
    open_fails(texts, "detections.csv: line 3: frame 4 of camera 3 comes after its frame 5 in time");
    texts.detections = "t_s,camera,frame,x_px,y_px\n1,3,4,1,1\n1,3,5,1,1\n";
    open_fails(texts, "detections.csv: line 3: camera 3 has two frames at one t_s");
    texts.detections = "t_s,camera,frame,x_px,y_px\n1,3,4,1";
    open_fails(texts, "detections.csv: line 2: the last line is torn: found 4 fields, expected 5");
    texts.detections = "t_s,camera,frame,x_px,y_px\n";
    open_fails(texts, "detections.csv: line 1: found no rows below the header");
    texts.detections = "t_s,camera,frame,x_px\n";
    open_fails(texts, "detections.csv: line 1: column y_px is missing");
    texts = SCANNED;
    texts.points = "t_s,x_m,y_m,z_m\n0,1,1,1\n1e8,1,1,1\n";
    open_fails(texts, "points.csv: line 3: t_s jumps by 200000000 scans of dataset.json's scan_rate_hz");
    texts.points = "t_s,x_m,y_m,z_m,sigma_m\n0,1,1,1,0\n";
    open_fails(texts, "points.csv: line 2: sigma_m: found 0, expected a number from 0.000001 to 1000000");
}

static void bad_folders_are_named(void **state) {
    (void)state;
    sv_dataset_texts texts = SCANNED;
    texts.dataset = "{\"sigma_m\": 1}";
    open_fails(texts, "dataset.json: scan_rate_hz: missing, expected a number from 0.001 to 10000");
    texts.dataset = "{\"scan_rate_hz\": 2}";
    open_fails(texts, "points.csv: line 1: column sigma_m is missing, and dataset.json has no sigma_m");
    texts.dataset = "{\"scan_rate_hz\": 2, \"sigma_m\": 1, \"pipeline\": {\"trak\": {}}}";
    open_fails(texts, "dataset.json: pipeline.trak: unknown key, the nearest known one is 'track'");
    texts.dataset = "{\"scan_rate_hz\": 2, \"sigma_m\": 1, \"kind\": \"detections\"}";
    open_fails(texts, "dataset.json: kind: found \"detections\", but the folder holds no cameras.json");
    texts = LABELLED;
    texts.cameras = "{\"cameras\": []}";
    open_fails(texts, "cameras.json: cameras: found [], expected an array of 1 to 1024 objects");
    texts.cameras = "{\"cameras\": [" CAMERA(3, 25, false) ", " CAMERA(3, 25, false) "]}";
    open_fails(texts, "cameras.json: cameras.1.id: found 3, which cameras.0.id already is");
    texts.cameras = "{\"cameras\": [" CAMERA(3, 0, false) "]}";
    open_fails(texts, "cameras.json: cameras.0.fps: found 0, expected a number from 0.001 to 10000");
    sv_dataset *dataset;
    assert_int_equal(sv_dataset_open(&dataset, "/nowhere", NULL, 0), SV_ERR_INPUT);
    assert_string_equal(sv_error_text(), "/nowhere: found neither cameras.json nor dataset.json");
    assert_null(dataset);
    assert_false(sv_dataset_detect("/nowhere"));
}

/* ---- the recordings, where they are ---- */

static sv_dataset *recording(const char *folder) {
    const char *root = getenv("SKYVOX_DATA");
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", root != NULL ? root : "../shared/data", folder);
    if (!sv_dataset_detect(path)) {
        print_message("%s is not there: set SKYVOX_DATA to a folder of recordings\n", path);
        skip();
    }
    sv_dataset *dataset = NULL;
    if (sv_dataset_open(&dataset, path, NULL, 0) != SV_OK) {
        fail_msg("%s", sv_error_text());
    }
    return dataset;
}

static void real_labels_come_whole_and_in_order(void **state) {
    (void)state;
    sv_dataset *dataset = recording("drones-multiview/ds3");
    sv_source source = sv_dataset_source(dataset);
    size_t n_labels = 0, n_samples = 0, n_covered = 0;
    sv_time t = INT64_MIN;
    sv_event event;
    while (source.next(source.self, &event) == SV_OK) {
        assert_true(event.t >= t);
        t = event.t;
        n_labels += event.kind == SV_EVENT_DETECTIONS ? event.as.detections.n : 0;
        struct sv_truth_set set;
        while (source.truth(source.self, &set) == SV_OK) {
            n_samples += set.n_samples;
            n_covered += set.sample[0].in_coverage ? 1 : 0;
        }
    }
    assert_string_equal(sv_dataset_name(dataset), "ds3");
    assert_int_equal(n_labels, 41915);
    assert_int_equal(n_samples, 1444);
    assert_int_equal(n_covered, 1386);
    sv_dataset_destroy(dataset);
}

static void real_labels_lie_near_the_projected_truth(void **state) {
    (void)state;
    sv_dataset *dataset = recording("drones-multiview/ds3");
    size_t n = 0, n_near = 0;
    /* Every label within 20 ms of a truth stamp; a drone at 10 m/s moves a few pixels in that time. */
    for (size_t i = 0; i < dataset->n_stamps; i++) {
        for (size_t j = 0; j < dataset->n_rows; j++) {
            const sv_detection *d = &dataset->label[j].detection;
            if (llabs((long long)(d->t - dataset->stamp[i].t)) > 10000000) {
                continue;
            }
            double uv[2];
            const sv_camera *camera = &dataset->camera[d->camera];
            if (sv_camera_project(uv, NULL, camera, dataset->sample[dataset->stamp[i].first].p_w) == SV_OK) {
                double limit = 20.0 * camera->width / 1920;
                n++;
                n_near += fabs(uv[0] - d->u_px) < limit && fabs(uv[1] - d->v_px) < limit ? 1 : 0;
            }
        }
    }
    assert_true(n > 1000);
    assert_true((double)n_near > 0.9 * (double)n);
    sv_dataset_destroy(dataset);
}

static void real_scans_come_whole(void **state) {
    (void)state;
    sv_dataset *dataset = recording("tracking/spread_n200");
    sv_source source = sv_dataset_source(dataset);
    size_t n_scans = 0, n_points = 0;
    sv_event event;
    while (source.next(source.self, &event) == SV_OK) {
        n_scans += event.kind == SV_EVENT_POINTS ? 1 : 0;
        n_points += event.kind == SV_EVENT_POINTS ? event.as.points.n : 0;
    }
    assert_int_equal(n_scans, 30);
    assert_int_equal(n_points, 6306);
    sv_dataset_destroy(dataset);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_come_by_time_then_camera),
        cmocka_unit_test(a_label_has_the_time_of_its_row),
        cmocka_unit_test(rows_may_stand_in_any_order),
        cmocka_unit_test(cameras_become_the_configuration),
        cmocka_unit_test(optional_columns_reach_the_detection),
        cmocka_unit_test(silent_scans_are_given_empty),
        cmocka_unit_test(points_bring_their_covariance),
        cmocka_unit_test(dataset_json_becomes_the_configuration),
        cmocka_unit_test(truth_comes_no_later_than_the_events),
        cmocka_unit_test(coverage_is_two_labels_within_a_tenth_of_a_second),
        cmocka_unit_test(truth_changes_no_event_and_no_setting),
        cmocka_unit_test(a_source_starts_again_from_the_beginning),
        cmocka_unit_test(bad_rows_are_named),
        cmocka_unit_test(bad_folders_are_named),
        cmocka_unit_test(real_labels_come_whole_and_in_order),
        cmocka_unit_test(real_labels_lie_near_the_projected_truth),
        cmocka_unit_test(real_scans_come_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
