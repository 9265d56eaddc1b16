#include "info_dataset.h"
#include "info_session.h"
#include "info_video.h"
#include "input.h"
#include "options.h"
#include "run_video.h"

#include <formats/json_write.h>
#include <formats/report.h>
#include <math.h>
#include <skyvox/math.h>

typedef struct info_options {
    input_options input;
    bool json;
} info_options;

static const option info_option[] = {
    {"set", 0, "PATH=VALUE", "set any field before looking; may be repeated", OPTION_LIST,
     offsetof(info_options, input.set), 0, 0},
    {"json", 0, NULL, "print the same as JSON", OPTION_FLAG, offsetof(info_options, json), 0, 0},
};

static const char *const modality_name[] = {"mono", "thermal"};
static const char *const flight_name[] = {"waypoint", "crossing", "boids"};

/* Where the optical axis points: azimuth from north over east, elevation above the horizon. */
static void axis_of(const sv_camera *camera, double *azimuth_deg, double *elevation_deg) {
    const double *z_axis = &camera->R_cw.m[6]; /* third row: the camera's z in world coordinates */
    *azimuth_deg = sv_atan2(z_axis[0], z_axis[1]) * (180 / SV_PI);
    if (*azimuth_deg < 0)
        *azimuth_deg += 360;
    *elevation_deg = sv_asin(z_axis[2]) * (180 / SV_PI);
}

static double pixels_per_s(const sv_config *config) {
    double sum = 0;
    for (int32_t i = 0; i < config->n_cameras; i++)
        sum += (double)config->camera[i].width * config->camera[i].height * config->camera[i].rate_hz;
    return sum;
}

/* ---- text ---- */

static void print_cameras(const sv_config *config, const camera_labels *labels) {
    if (config->n_cameras == 0)
        return;
    printf("\n  id modality      size bits     Hz  focal px   fov deg site pair       east      north     up    az deg "
           "el deg%s\n",
           labels ? "   labels frames    first s     last s gaps" : "");
    for (int32_t i = 0; i < config->n_cameras; i++) {
        const sv_camera *camera = &config->camera[i];
        double azimuth_deg, elevation_deg;
        axis_of(camera, &azimuth_deg, &elevation_deg);
        double fov_deg = 2 * sv_atan2(0.5 * camera->width, camera->fx) * (180 / SV_PI);
        printf("%4d %-8s %4d x %4d  %2d %6.2f %9.1f %9.2f %4d %4d %10.1f %10.1f %6.1f %9.1f %6.1f", camera->id,
               modality_name[camera->modality], camera->width, camera->height, camera->bit_depth, camera->rate_hz,
               camera->fx, fov_deg, camera->site, camera->pair, camera->c_w.x, camera->c_w.y, camera->c_w.z,
               azimuth_deg, elevation_deg);
        if (labels)
            printf(" %8lld %6lld %10.3f %10.3f %4lld", (long long)labels[i].n_labels, (long long)labels[i].n_frames,
                   sv_time_to_s(labels[i].t_first), sv_time_to_s(labels[i].t_last), (long long)labels[i].n_gaps);
        printf("\n");
    }
}

static void print_scenario(const sv_scenario *scenario) {
    printf("%s (scenario)\n%s%s", scenario->name, scenario->description, *scenario->description ? "\n" : "");
    printf("  duration %.3f s, %.3f frame sets/s, seed %llu, %s\n", scenario->duration_s, scenario->frame_rate_hz,
           (unsigned long long)scenario->seed,
           scenario->emit == SV_EMIT_PIXELS ? "from pixels" : "from drawn detections");
    printf("  %d cameras, %.1f Mpixel/s\n", scenario->config.n_cameras, pixels_per_s(&scenario->config) * 1e-6);
    printf("  scored after %.3f s, gate %.3f m, covered by at least %d sites\n", scenario->warmup_s, scenario->gate_m,
           scenario->coverage_sites);
    for (int32_t i = 0; i < scenario->n_groups; i++) {
        const sv_object_group *group = &scenario->group[i];
        printf("  %s: %d x %s, %.2f to %.2f m, %s at %.1f to %.1f m/s%s\n", group->wanted ? "targets" : "distractors",
               group->count, sv_class_name(group->object_class), group->size_min_m, group->size_max_m,
               flight_name[group->flight.model], group->flight.speed_min_mps, group->flight.speed_max_mps,
               group->render ? "" : ", not rendered");
    }
    for (int32_t i = 0; i < scenario->n_expect; i++)
        printf("  expects %s at %s %.6g\n", scenario->expect[i].name,
               scenario->expect[i].op == SV_EXPECT_MIN ? "least" : "most", scenario->expect[i].limit);
    print_cameras(&scenario->config, NULL);
}

static void print_dataset(const input *in, const dataset_contents *contents) {
    bool points = sv_dataset_get_kind(in->dataset) == SV_DATASET_POINTS;
    printf("%s (data set of %s)\n", in->name, points ? "points" : "detections");
    printf("  %lld %s in %lld %s, %.3f to %.3f s\n", (long long)contents->n_items, points ? "points" : "labels",
           (long long)contents->n_events, points ? "scans" : "camera frames", sv_time_to_s(contents->t_first),
           sv_time_to_s(contents->t_last));
    if (contents->has_truth)
        printf("  truth: %lld samples of %lld targets at %lld stamps, %.3f to %.3f s\n", (long long)contents->n_truth,
               (long long)contents->n_targets, (long long)contents->n_stamps, sv_time_to_s(contents->t_first_truth),
               sv_time_to_s(contents->t_last_truth));
    else
        printf("  truth: none\n");
    printf("  %d cameras, frame sets at %.3f Hz, gate %.3f m\n", in->config->n_cameras, in->config->sync.rate_hz,
           sv_dataset_gate_m(in->dataset));
    print_cameras(in->config, contents->camera);
    if (contents->n_gaps)
        printf("\nspans longer than 1 s without a label:\n");
    for (size_t i = 0; i < contents->n_gaps; i++) {
        const label_gap *gap = &contents->gap[i];
        if (gap->camera < 0)
            printf("  all cameras %10.3f to %10.3f s (%.3f s)\n", sv_time_to_s(gap->t_begin), sv_time_to_s(gap->t_end),
                   (double)(gap->t_end - gap->t_begin) * 1e-9);
        else
            printf("  camera %4d %10.3f to %10.3f s (%.3f s)\n", in->config->camera[gap->camera].id,
                   sv_time_to_s(gap->t_begin), sv_time_to_s(gap->t_end), (double)(gap->t_end - gap->t_begin) * 1e-9);
    }
}

/* ---- JSON ---- */

static void write_camera(sv_json_out *json, const sv_camera *camera, const camera_labels *labels) {
    double azimuth_deg, elevation_deg;
    axis_of(camera, &azimuth_deg, &elevation_deg);
    sv_json_out_open(json, NULL, '{', true);
    sv_json_out_int(json, "id", camera->id);
    sv_json_out_text(json, "modality", modality_name[camera->modality]);
    sv_json_out_int(json, "site", camera->site);
    sv_json_out_int(json, "pair", camera->pair);
    sv_json_out_int(json, "width", camera->width);
    sv_json_out_int(json, "height", camera->height);
    sv_json_out_int(json, "bit_depth", camera->bit_depth);
    sv_json_out_number(json, "fx", camera->fx);
    sv_json_out_number(json, "fy", camera->fy);
    sv_json_out_number(json, "rate_hz", camera->rate_hz);
    sv_json_out_number(json, "x_m", camera->c_w.x);
    sv_json_out_number(json, "y_m", camera->c_w.y);
    sv_json_out_number(json, "z_m", camera->c_w.z);
    sv_json_out_number(json, "azimuth_deg", azimuth_deg);
    sv_json_out_number(json, "elevation_deg", elevation_deg);
    if (labels) {
        sv_json_out_int(json, "labels", labels->n_labels);
        sv_json_out_int(json, "frames", labels->n_frames);
        sv_json_out_int(json, "gaps", labels->n_gaps);
        sv_json_out_number(json, "t_first_s", sv_time_to_s(labels->t_first));
        sv_json_out_number(json, "t_last_s", sv_time_to_s(labels->t_last));
    }
    sv_json_out_close(json, '}');
}

static void write_scenario(sv_json_out *json, const sv_scenario *scenario) {
    sv_json_out_text(json, "kind", "scenario");
    sv_json_out_text(json, "emit", scenario->emit == SV_EMIT_PIXELS ? "pixels" : "detections");
    sv_json_out_uint(json, "seed", scenario->seed);
    sv_json_out_number(json, "duration_s", scenario->duration_s);
    sv_json_out_number(json, "frame_rate_hz", scenario->frame_rate_hz);
    sv_json_out_number(json, "pixels_per_s", pixels_per_s(&scenario->config));
    sv_json_out_open(json, "groups", '[', false);
    for (int32_t i = 0; i < scenario->n_groups; i++) {
        const sv_object_group *group = &scenario->group[i];
        sv_json_out_open(json, NULL, '{', true);
        sv_json_out_text(json, "class", sv_class_name(group->object_class));
        sv_json_out_bool(json, "wanted", group->wanted);
        sv_json_out_int(json, "count", group->count);
        sv_json_out_number(json, "size_min_m", group->size_min_m);
        sv_json_out_number(json, "size_max_m", group->size_max_m);
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, ']');
}

static void write_dataset(sv_json_out *json, const input *in, const dataset_contents *contents) {
    sv_json_out_text(json, "kind", sv_dataset_get_kind(in->dataset) == SV_DATASET_POINTS ? "points" : "detections");
    sv_json_out_number(json, "frame_rate_hz", in->config->sync.rate_hz);
    sv_json_out_int(json, "items", contents->n_items);
    sv_json_out_int(json, "events", contents->n_events);
    sv_json_out_number(json, "t_first_s", sv_time_to_s(contents->t_first));
    sv_json_out_number(json, "t_last_s", sv_time_to_s(contents->t_last));
    sv_json_out_int(json, "truth_samples", contents->n_truth);
    sv_json_out_int(json, "truth_targets", contents->n_targets);
    sv_json_out_int(json, "truth_stamps", contents->n_stamps);
    sv_json_out_open(json, "gaps", '[', false);
    for (size_t i = 0; i < contents->n_gaps; i++) {
        const label_gap *gap = &contents->gap[i];
        sv_json_out_open(json, NULL, '{', true);
        sv_json_out_number(json, "camera",
                           gap->camera < 0 ? NAN : (double)in->config->camera[gap->camera].id); /* null: all of them */
        sv_json_out_number(json, "t_begin_s", sv_time_to_s(gap->t_begin));
        sv_json_out_number(json, "t_end_s", sv_time_to_s(gap->t_end));
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, ']');
}

static sv_status print_json(const input *in, const dataset_contents *contents) {
    sv_status status = SV_OK;
    sv_json_out json = {.file = stdout};
    sv_json_out_open(&json, NULL, '{', false);
    sv_json_out_text(&json, "name", in->name);
    if (in->session)
        status = info_session_write(&json, in->session);
    else if (in->scenario)
        write_scenario(&json, in->scenario);
    else
        write_dataset(&json, in, contents);
    sv_json_out_open(&json, "cameras", '[', false);
    for (int32_t i = 0; i < in->config->n_cameras; i++)
        write_camera(&json, &in->config->camera[i], contents->camera ? &contents->camera[i] : NULL);
    sv_json_out_close(&json, ']');
    sv_json_out_close(&json, '}');
    return status;
}

static int info_main(const command *cmd, int argc, char **argv) {
    info_options options = {.input = {.backend = "auto", .n_threads = 1}};
    const char *path[INPUTS_CAP];
    sv_status status = options_parse(&options, path, cmd, argc, argv);
    if (status != SV_OK)
        return options_exit_status(status);
    if (run_video_detect(path[0])) {
        if (options.input.set.n > 0)
            return options_exit_status(sv_fail(SV_ERR_INPUT, "%s: --set is not for videos", path[0]));
        return options_exit_status(info_video(path[0], options.json));
    }
    input in;
    dataset_contents contents = {0};
    status = input_load(&in, path[0], &options.input);
    if (status == SV_OK && in.dataset)
        status = dataset_contents_read(&contents, in.dataset);
    if (status == SV_OK && options.json)
        status = print_json(&in, &contents);
    else if (status == SV_OK && in.session)
        status = info_session_print(in.session);
    else if (status == SV_OK && in.scenario)
        print_scenario(in.scenario);
    else if (status == SV_OK)
        print_dataset(&in, &contents);
    dataset_contents_free(&contents);
    input_close(&in);
    return options_exit_status(status);
}

const command command_info = {
    .name = "info",
    .summary = "show what a scenario, a data set, a session or a video holds",
    .inputs = "SCENARIO.json|DATASET-DIR|SESSION.h5|VIDEO",
    .n_inputs = 1,
    .description = "A scenario: rates, duration, targets, expectations and cameras with their place and\n"
                   "axis (azimuth from north over east, elevation above the horizon), and how many pixels a\n"
                   "second they give. A data set: what it holds, labels and frames per camera, its truth,\n"
                   "and every span longer than 1 s without a label. A session: its streams, their rates and\n"
                   "sizes, missing frames and how regular each camera's clock is. A video or a folder of\n"
                   "them: streams, codec, size, bit depth, rate, gaps in the frame times, labels.\n",
    .option = info_option,
    .n_options = sizeof info_option / sizeof *info_option,
    .examples = "  skyvox info scenarios/quick.json\n"
                "  skyvox info ds3 --json | jq .cameras\n",
    .run = info_main,
};
