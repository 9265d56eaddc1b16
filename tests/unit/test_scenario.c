/* Scenario files: every value reaches its field, and every mistake is one line with its place. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_folder.h"

#include <formats/scenario.h>
#include <skyvox/camera.h>
#include <skyvox/math.h>

static const char TINY[] = "scenarios/tiny.json";

#define RIG_ONE                                                                                                        \
    "\"rig\": {\"cameras\": [{\"id\": 0, \"modality\": \"mono\", \"position_m\": [0, 0, 0], \"look_at_m\": [0, 9, "    \
    "1], "                                                                                                             \
    "\"width\": 64, \"height\": 48, \"hfov_deg\": 40}]}"
#define SMALLEST "{\"name\": \"s\", \"duration_s\": 1, \"frame_rate_hz\": 25, " RIG_ONE "}"

static sv_scenario *loaded(const char *path, const char *assignment) {
    sv_scenario *scenario = NULL;
    sv_status status = sv_scenario_load(&scenario, path, &assignment, assignment != NULL ? 1 : 0);
    if (status != SV_OK) {
        print_message("%s\n", sv_error_text());
    }
    assert_int_equal(status, SV_OK);
    return scenario;
}

static sv_scenario *parsed(const char *text, const char *assignment) {
    sv_scenario *scenario = NULL;
    sv_status status =
        sv_scenario_parse(&scenario, "s.json", text, strlen(text), &assignment, assignment != NULL ? 1 : 0);
    if (status != SV_OK) {
        print_message("%s\n", sv_error_text());
    }
    assert_int_equal(status, SV_OK);
    return scenario;
}

/* tiny.json with one assignment must fail with exactly this line. */
static void tiny_fails(const char *assignment, const char *message) {
    sv_scenario *scenario = (sv_scenario *)&scenario;
    assert_int_equal(sv_scenario_load(&scenario, TINY, &assignment, 1), SV_ERR_INPUT);
    assert_null(scenario);
    assert_string_equal(sv_error_text(), message);
}

static void text_fails(const char *text, const char *message) {
    sv_scenario *scenario = (sv_scenario *)&scenario;
    assert_int_equal(sv_scenario_parse(&scenario, "s.json", text, strlen(text), NULL, 0), SV_ERR_INPUT);
    assert_null(scenario);
    assert_string_equal(sv_error_text(), message);
}

/* ---- values ---- */

static void tiny_reaches_every_struct(void **state) {
    (void)state;
    sv_scenario *s = loaded(TINY, NULL);
    assert_string_equal(s->name, "tiny");
    assert_true(s->seed == 1 && s->duration_s == 0.34 && s->frame_rate_hz == 30 && s->emit == SV_EMIT_PIXELS);
    assert_true(s->warmup_s == 0.1 && s->coverage_sites == 3 && s->gate_m == 2);
    assert_true(s->origin_lat_deg == 48 && s->origin_lon_deg == 11.5 && s->origin_h_m == 500);
    assert_true(s->environment.cloud_cover == 0.4 && s->environment.cloud_speed_deg_s == 0.3);
    assert_true(s->environment.terrain_deg == 1.5 && s->environment.terrain_distance_m == 6000);
    assert_int_equal(s->config.n_cameras, 6);
    assert_int_equal(s->n_groups, 2);
    assert_int_equal(s->n_expect, 2);
    const sv_camera *thermal = &s->config.camera[5];
    assert_true(thermal->id == 5 && thermal->pair == 2 && thermal->site == 2 && thermal->modality == SV_THERMAL);
    assert_true(thermal->width == 160 && thermal->bit_depth == 12 && thermal->rate_hz == 30 && thermal->c_w.x == 400);
    assert_true(s->sensor[5].dn_per_k == 40 && s->sensor[5].extinction_per_km == 0.25);
    assert_true(s->sensor[0].gain_dn == 0.03 && s->sensor[0].zenith_dn == 140 && s->sensor[0].dn_per_k == 0);
    const sv_object_group *bird = &s->group[1];
    assert_true(s->group[0].wanted && !bird->wanted && bird->object_class == SV_CLASS_BIRD && bird->render);
    assert_true(bird->flap_hz == 5 && bird->size_max_m == 0.5 && bird->contrast_thermal_k == 2);
    assert_true(bird->flight.box_min_m.y == 200 && bird->flight.box_max_m.z == 160 && bird->flight.speed_max_mps == 14);
    assert_true(s->config.detect.polarity[SV_MONO] == -1 && s->config.detect.polarity[SV_THERMAL] == 1);
    assert_true(s->config.sync.rate_hz == 30);
    assert_string_equal(s->expect[0].name, "held_fraction");
    assert_true(s->expect[0].op == SV_EXPECT_MIN && s->expect[0].limit == 0.5);
    assert_string_equal(s->expect[1].name, "ghost_fraction");
    assert_true(s->expect[1].op == SV_EXPECT_MAX && s->expect[1].limit == 0.1);
    sv_scenario_destroy(s);
}

static void field_of_view_and_pose_project_rightly(void **state) {
    (void)state;
    sv_scenario *s = loaded(TINY, NULL);
    const sv_camera *camera = &s->config.camera[0];
    assert_true(fabs(camera->fx - 160.0 / tan(10.0 * SV_PI / 180.0)) < 1e-9);
    assert_true(camera->fy == camera->fx && camera->cx == 159.5 && camera->cy == 119.5);
    double uv[2];
    assert_int_equal(sv_camera_project(uv, NULL, camera, sv_vec3_make(0, 300, 120)), SV_OK);
    assert_true(fabs(uv[0] - 159.5) < 1e-6 && fabs(uv[1] - 119.5) < 1e-6);
    sv_scenario_destroy(s);
}

static void absent_keys_have_defaults(void **state) {
    (void)state;
    sv_scenario *s = parsed(SMALLEST, NULL);
    sv_config config = sv_config_default();
    assert_true(s->seed == 1 && s->coverage_sites == 3 && s->gate_m == 2 && s->warmup_s == 0 && s->n_groups == 0);
    assert_true(s->config.camera[0].pair == 0 && s->config.camera[0].site == 0);
    assert_true(s->config.camera[0].rate_hz == 25 && s->config.sync.rate_hz == 25);
    assert_true(s->config.camera[0].sigma_px == s->detection_model.centroid_sigma_px);
    assert_true(fabs(s->sensor[0].extinction_per_km - 3.912 / 30) < 1e-12);
    assert_true(s->environment.terrain_deg <= -90 && s->environment.cloud_cover == 0);
    assert_true(s->tables.detections && s->tables.detections_snr == 0);
    assert_memory_equal(&s->config.track, &config.track, sizeof config.track);
    sv_scenario_destroy(s);
}

static void tracker_sigmas_follow_the_sensor(void **state) {
    (void)state;
    sv_scenario *s = loaded(TINY, "rig.defaults.mono.shake_px=0.15");
    assert_true(fabs(s->config.camera[0].sigma_pose_px - 0.25) < 1e-12);
    assert_true(s->config.camera[0].sigma_time_s == 0.0001);
    assert_true(s->config.camera[1].sigma_pose_px == 0.1);
    sv_scenario_destroy(s);
    s = loaded(TINY, "rig.cameras.0.sigma_pose_px=3");
    assert_true(s->config.camera[0].sigma_pose_px == 3 && s->config.camera[2].sigma_pose_px == 0.2);
    sv_scenario_destroy(s);
}

static void a_rotation_stands_for_a_place_to_look_at(void **state) {
    (void)state;
    sv_scenario *s =
        parsed("{\"name\": \"s\", \"duration_s\": 1, \"frame_rate_hz\": 25, \"rig\": {\"cameras\": [{\"id\": 4, "
               "\"modality\": \"mono\", \"position_m\": [1, 2, 3], \"q_cw\": [0.5, 0.5, -0.5, 0.5], \"width\": 64, "
               "\"height\": 48, \"fx\": 50, \"cy\": 20, \"distortion\": [0.1, 0.2, 0.3, 0.4, 0.5]}]}}",
               NULL);
    const sv_camera *camera = &s->config.camera[0];
    sv_quat q = sv_quat_from_mat3(&camera->R_cw);
    assert_true(fabs(fabs(q.w * 0.5 + q.x * 0.5 - q.y * 0.5 + q.z * 0.5) - 1) < 1e-12);
    assert_true(camera->fx == 50 && camera->fy == 50 && camera->cx == 31.5 && camera->cy == 20);
    assert_true(camera->dist[4] == 0.5 && camera->dist[5] == 0);
    sv_scenario_destroy(s);
}

static void a_ring_makes_pairs_at_equal_angles(void **state) {
    (void)state;
    const char *rig = "rig={\"ring\": {\"sites\": 10, \"radius_m\": 4000, \"height_m\": 5, \"look_at_m\": [0, 0, 610], "
                      "\"first_azimuth_deg\": 90}, \"defaults\": {\"mono\": {\"width\": 7680, \"height\": 4320, "
                      "\"hfov_deg\": 30}, \"thermal\": {\"width\": 1280, \"height\": 1024, \"hfov_deg\": 30}}}";
    const char *const override[] = {rig, "rig.cameras.7.width=640", "rig.ring.sites=5"};
    sv_scenario *s;
    assert_int_equal(sv_scenario_load(&s, TINY, override, 3), SV_OK);
    assert_int_equal(s->config.n_cameras, 10);
    assert_int_equal(s->config.camera[7].width, 640);
    for (int32_t i = 0; i < 10; i++) {
        const sv_camera *camera = &s->config.camera[i];
        assert_true(camera->id == i && camera->pair == i / 2 && camera->site == i / 2);
        assert_int_equal(camera->modality, i % 2 == 0 ? SV_MONO : SV_THERMAL);
        double azimuth = (90 + 72 * (i / 2)) * SV_PI / 180;
        assert_true(fabs(camera->c_w.x - 4000 * sin(azimuth)) < 1e-6 &&
                    fabs(camera->c_w.y - 4000 * cos(azimuth)) < 1e-6);
        assert_true(camera->c_w.z == 5);
    }
    sv_scenario_destroy(s);
}

static void a_rig_file_is_relative_to_the_scenario(void **state) {
    (void)state;
    char scenario_path[TEST_PATH_CAP], rig_path[TEST_PATH_CAP];
    FILE *file = fopen(test_path(scenario_path, "s.json"), "w");
    fputs("{\"name\": \"s\", \"duration_s\": 1, \"frame_rate_hz\": 25, \"rig\": {\"file\": \"r.json\"}}", file);
    fclose(file);
    file = fopen(test_path(rig_path, "r.json"), "w");
    fputs("{\"cameras\": [{\"id\": 0, \"modality\": \"mono\", \"position_m\": [0, 0, 0], \"look_at_m\": [0, 9, 1]}], "
          "\"defaults\": {\"mono\": {\"width\": 64, \"height\": 48, \"hfov_deg\": 40}}}",
          file);
    fclose(file);
    sv_scenario *s = loaded(scenario_path, "rig.cameras.0.width=99");
    assert_true(s->config.n_cameras == 1 && s->config.camera[0].width == 99);
    sv_scenario_destroy(s);
    const char *elsewhere = "rig.file=none.json";
    assert_int_equal(sv_scenario_load(&s, scenario_path, &elsewhere, 1), SV_ERR_INPUT);
    assert_non_null(strstr(sv_error_text(), "none.json: cannot be opened"));
}

static void every_pipeline_field_can_be_set(void **state) {
    (void)state;
    sv_config config = sv_config_default();
    const struct {
        const char *assignment;
        size_t offset;
        bool integer;
        double value;
    } cases[] = {
#define D(path_, value_) {"pipeline." #path_ "=" #value_, offsetof(sv_config, path_), false, value_}
#define I(path_, value_)                                                                                               \
    { "pipeline." #path_ "=" #value_, offsetof(sv_config, path_), true, value_ }
        D(sync.rate_hz, 12.5),
        D(sync.max_wait_s, 0.75),
        D(detect.snr_low, 2.25),
        I(detect.max_per_frame, 77),
        D(detect.background_tau_s, 3.5),
        I(detect.warmup_frames, 3),
        D(fuse.gate_sigma, 2.5),
        I(fuse.max_per_camera, 55),
        D(voxel.snr_birth, 6.5),
        I(voxel.min_sites, 5),
        D(voxel.chance_limit, 0.125),
        D(voxel.gate_p, 0.75),
        D(voxel.range_min_m, 7.5),
        D(voxel.range_max_m, 7777.5),
        D(voxel.height_min_m, -33.5),
        D(voxel.height_max_m, 3333.5),
        D(voxel.speed_max_mps, 66.5),
        D(track.accel_psd, 1.25),
        D(track.speed_sigma_mps, 5.5),
        D(track.gate_p, 0.875),
        D(track.snr_gate, 1.5),
        D(track.gate_m, 4.5),
        D(track.dormant_sigma_m, 44.5),
        D(track.dormant_max_s, 9.5),
        D(track.confirm_existence, 0.8125),
        D(track.delete_existence, 0.0625),
        D(track.survival_per_s, 0.9375),
        D(track.birth_existence, 0.1875),
        D(track.pd_initial, 0.625),
        D(track.pd_min, 0.3125),
        D(track.pd_max, 0.90625),
        D(track.clutter_per_sr, 17.5),
        D(track.clutter_per_m3, 0.375),
        D(track.robust_sigma, 3.75),
        I(caps.detections_per_set, 101),
        I(caps.rays_per_set, 102),
        I(caps.points_per_set, 103),
        I(caps.tracks, 104),
        I(caps.pending_frames, 105),
#undef D
#undef I
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sv_scenario *s = loaded(TINY, cases[i].assignment);
        const char *at = (const char *)&s->config + cases[i].offset;
        const char *before = (const char *)&config + cases[i].offset;
        double value, old;
        if (cases[i].integer) {
            int32_t integer, old_integer;
            memcpy(&integer, at, sizeof integer);
            memcpy(&old_integer, before, sizeof old_integer);
            value = integer;
            old = old_integer;
        } else {
            memcpy(&value, at, sizeof value);
            memcpy(&old, before, sizeof old);
        }
        assert_true(value == cases[i].value && value != old);
        sv_scenario_destroy(s);
    }
}

/* ---- assignments ---- */

static void assignments_reach_arrays_and_new_keys(void **state) {
    (void)state;
    sv_scenario *s = loaded(TINY, "rig.cameras.3.width=640");
    assert_true(s->config.camera[3].width == 640 && s->config.camera[1].width == 160);
    sv_scenario_destroy(s);
    s = loaded(TINY, "targets.0.contrast.mono_dn=0");
    assert_true(s->group[0].contrast_mono_dn == 0 && s->group[1].contrast_mono_dn == -40);
    sv_scenario_destroy(s);
    s = loaded(TINY, "detection_model.centroid_sigma_px=0.25");
    assert_true(s->detection_model.centroid_sigma_px == 0.25);
    sv_scenario_destroy(s);
    s = loaded(TINY, "name=another one");
    assert_string_equal(s->name, "another one");
    sv_scenario_destroy(s);
    s = loaded(TINY, "targets.0.render=false");
    assert_false(s->group[0].render);
    sv_scenario_destroy(s);
}

static void bad_assignments_are_named(void **state) {
    (void)state;
    tiny_fails("seed", "--set seed: expected path=value");
    tiny_fails("=3", "--set =3: expected a path like rig.cameras.3.width");
    tiny_fails("a..b=3", "--set a..b=3: expected a path like rig.cameras.3.width");
    tiny_fails("rig.cameras.6.width=3", "--set rig.cameras.6.width=3: found 6, expected an index from 0 to 5");
    tiny_fails("seed.x=3", "--set seed.x=3: nothing can be set below a plain value (at x)");
    tiny_fails("rig.cameras.3.widht=640",
               "scenarios/tiny.json: rig.cameras.3.widht: unknown key, the nearest known one is 'width'");
    tiny_fails("tables.tracks=false",
               "scenarios/tiny.json: tables.tracks: unknown key, the nearest known one is 'detections'");
    tiny_fails("pipelin.track.gate_p=0.9",
               "scenarios/tiny.json: pipelin: unknown key, the nearest known one is 'pipeline'");
}

/* ---- mistakes ---- */

static void values_out_of_range_are_named(void **state) {
    (void)state;
    tiny_fails("rig.cameras.2.width=-5",
               "scenarios/tiny.json: rig.cameras.2.width: found -5, expected an integer from 1 to 16384");
    tiny_fails("rig.cameras.2.width=5.5",
               "scenarios/tiny.json: rig.cameras.2.width: found 5.5, expected an integer from 1 to 16384");
    tiny_fails("rig.defaults.mono.read_noise_dn=-1",
               "scenarios/tiny.json: rig.defaults.mono.read_noise_dn: found -1, expected a number from 0 to 10000");
    tiny_fails("pipeline.track.gate_p=2",
               "scenarios/tiny.json: pipeline.track.gate_p: found 2, expected a number from 0.5 to 0.9999999");
    tiny_fails("pipeline.detect.polarity.mono=2",
               "scenarios/tiny.json: pipeline.detect.polarity.mono: found 2, expected an integer from -1 to 1");
    tiny_fails(
        "targets.0.size_m=[2, 1]",
        "scenarios/tiny.json: targets.0.size_m: found [2,1], expected [low, high] with 0.001 <= low <= high <= 1000");
    tiny_fails("tables.detections_snr=-1",
               "scenarios/tiny.json: tables.detections_snr: found -1, expected a number from 0 to 1000");
    tiny_fails("seed=1e300", "scenarios/tiny.json: seed: found 1e+300, expected an integer from 0 to 9007199254740991");
}

static void wrong_types_are_named(void **state) {
    (void)state;
    tiny_fails("rig.cameras.2.width=wide",
               "scenarios/tiny.json: rig.cameras.2.width: found \"wide\", expected an integer from 1 to 16384");
    tiny_fails("emit=pixel", "scenarios/tiny.json: emit: found \"pixel\", expected one of pixels, detections");
    tiny_fails("targets={}", "scenarios/tiny.json: targets: found an object, expected an array of at most 256 objects");
    tiny_fails("targets=[3]", "scenarios/tiny.json: targets.0: expected an object");
    tiny_fails("rig=null", "scenarios/tiny.json: rig: found null, expected an object");
    tiny_fails("targets.0.render=1", "scenarios/tiny.json: targets.0.render: found 1, expected true or false");
    tiny_fails("name=", "scenarios/tiny.json: name: found \"\", expected a text of 1 to 63 bytes");
    tiny_fails(
        "rig.cameras.0.position_m=[\"nan\", 0, 0]",
        "scenarios/tiny.json: rig.cameras.0.position_m: found [\"nan\",0,0], expected an array of 3 numbers from "
        "-10000000 to 10000000");
    text_fails("[]", "s.json: expected an object");
}

static void missing_keys_are_named(void **state) {
    (void)state;
    text_fails("{}", "s.json: name: missing, expected a text of 1 to 63 bytes");
    text_fails("{\"name\": \"s\", \"duration_s\": 1, \"frame_rate_hz\": 25, \"rig\": {\"cameras\": [{\"modality\": "
               "\"mono\"}]}}",
               "s.json: rig.cameras.0.id: missing, expected an integer from 0 to 1000000000");
    text_fails(
        "{\"name\": \"s\", \"duration_s\": 1, \"frame_rate_hz\": 25, \"rig\": {\"cameras\": [{\"id\": 0, \"modality\": "
        "\"mono\", \"position_m\": [0, 0, 0], \"look_at_m\": [0, 9, 0], \"height\": 3}]}}",
        "s.json: rig.cameras.0.width: missing, expected an integer from 1 to 16384 here or in rig.defaults");
}

static void rigs_that_cannot_be_are_named(void **state) {
    (void)state;
    tiny_fails("rig.cameras=[]", "scenarios/tiny.json: rig.cameras: found [], expected an array of 1 to 1024 objects");
    tiny_fails("rig={}", "scenarios/tiny.json: rig.cameras: missing, expected at least one camera, a ring or a file");
    tiny_fails("rig.cameras.1.id=0",
               "scenarios/tiny.json: rig.cameras.1.id: found 0, which rig.cameras.0.id already is");
    tiny_fails("rig.cameras.0.q_cw=[1, 0, 0, 0]",
               "scenarios/tiny.json: rig.cameras.0: expected only one of look_at_m and q_cw");
    tiny_fails(
        "rig.cameras.0.look_at_m=[-400, -300, 99]",
        "scenarios/tiny.json: rig.cameras.0.look_at_m: found the camera's own place or a vertical line of sight; "
        "give q_cw instead");
    tiny_fails("rig.ring={\"sites\": 3}",
               "scenarios/tiny.json: rig.ring: a rig has either a ring or cameras, not both");
    tiny_fails("rig.file=x.json", "scenarios/tiny.json: rig.file: a rig file stands alone, found other keys beside it");
}

static void broken_json_has_line_and_column(void **state) {
    (void)state;
    text_fails(
        "", "s.json: line 1, column 1: found the end of the text, expected a value (JSON has no NaN and no infinity)");
    text_fails("{\n \"name\": }",
               "s.json: line 2, column 10: found '}', expected a value (JSON has no NaN and no infinity)");
    text_fails("{\"a\": NaN}",
               "s.json: line 1, column 7: found 'NaN', expected a value (JSON has no NaN and no infinity)");
    text_fails("{\"a\": 01}", "s.json: line 1, column 7: found '01', expected a number as JSON writes it");
    text_fails(
        "{\"a\": 1e999}",
        "s.json: line 1, column 7: found '1e999', expected a number of at most 63 characters within the range of a "
        "double");
    text_fails("{\"a\": 1,}", "s.json: line 1, column 9: found '}', expected a key in quotes");
    text_fails("{\"a\" 1}", "s.json: line 1, column 6: found '1', expected ':' after a key");
    text_fails("{} x", "s.json: line 1, column 4: found 'x', expected the end of the text");
    text_fails("{\"a\": \"\xFF\"}", "s.json: line 1, column 8: found byte 0xff, expected valid UTF-8");
    text_fails("{\"a\": \"\\ud800\"}",
               "s.json: line 1, column 14: found '\"', expected the second half of a surrogate pair");
    text_fails("{\"a\": \"b",
               "s.json: line 1, column 9: found the end of the text, expected the closing quote of a text");
}

static void nesting_and_repeated_keys_are_refused(void **state) {
    (void)state;
    char deep[100];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    text_fails(deep, "s.json: line 1, column 33: found '[[[[[[[[[[[[[[[[', expected at most 32 levels of nesting");
    text_fails("{\"name\": \"a\", \"seed\": 1, \"seed\": 2}", "s.json: seed: this key stands twice");
}

static void impossible_sizes_are_refused(void **state) {
    (void)state;
    tiny_fails("duration_s=86401",
               "scenarios/tiny.json: duration_s: found 86401, expected a number from 0.001 to 86400");
    const char *const frames[] = {"duration_s=86400", "frame_rate_hz=1000"};
    sv_scenario *s;
    assert_int_equal(sv_scenario_load(&s, TINY, frames, 2), SV_ERR_INPUT);
    assert_string_equal(sv_error_text(),
                        "scenarios/tiny.json: duration_s: found 86400000 frame sets, expected at most 10000000");
    const char *const ring[] = {
        "rig={\"ring\": {\"sites\": 256, \"radius_m\": 9, \"look_at_m\": [0, 0, 9]}, \"defaults\": "
        "{\"mono\": {\"width\": 16384, \"height\": 16384, \"hfov_deg\": 9}, \"thermal\": "
        "{\"width\": 9, \"height\": 9, \"hfov_deg\": 9}}}"};
    assert_int_equal(sv_scenario_load(&s, TINY, ring, 1), SV_ERR_INPUT);
    assert_non_null(strstr(sv_error_text(), "pixels in all, expected at most 4000000000"));
}

static void missing_files_and_folders_are_named(void **state) {
    (void)state;
    sv_scenario *s;
    assert_int_equal(sv_scenario_load(&s, "/nowhere.json", NULL, 0), SV_ERR_INPUT);
    assert_string_equal(sv_error_text(), "/nowhere.json: cannot be opened: No such file or directory");
    assert_int_equal(sv_scenario_load(&s, "/", NULL, 0), SV_ERR_INPUT);
    assert_string_equal(sv_error_text(), "/: cannot be read: Is a directory");
    assert_null(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiny_reaches_every_struct),
        cmocka_unit_test(field_of_view_and_pose_project_rightly),
        cmocka_unit_test(absent_keys_have_defaults),
        cmocka_unit_test(tracker_sigmas_follow_the_sensor),
        cmocka_unit_test(a_rotation_stands_for_a_place_to_look_at),
        cmocka_unit_test(a_ring_makes_pairs_at_equal_angles),
        cmocka_unit_test(a_rig_file_is_relative_to_the_scenario),
        cmocka_unit_test(every_pipeline_field_can_be_set),
        cmocka_unit_test(assignments_reach_arrays_and_new_keys),
        cmocka_unit_test(bad_assignments_are_named),
        cmocka_unit_test(values_out_of_range_are_named),
        cmocka_unit_test(wrong_types_are_named),
        cmocka_unit_test(missing_keys_are_named),
        cmocka_unit_test(rigs_that_cannot_be_are_named),
        cmocka_unit_test(broken_json_has_line_and_column),
        cmocka_unit_test(nesting_and_repeated_keys_are_refused),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(missing_files_and_folders_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
