#include "input.h"
#include "interrupt.h"
#include "options.h"
#include "out_folder.h"
#include "png_write.h"

#include <formats/csv.h>
#include <formats/json_write.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct render_options {
    const char *output, *format, *cameras, *frames;
    input_options input;
    bool json, quiet;
} render_options;

static const option render_option[] = {
    {"output", 'o', "DIR", "folder for the images, required", OPTION_TEXT, offsetof(render_options, output), 0, 0},
    {"format", 0, "FORMAT", "png or raw (png)", OPTION_TEXT, offsetof(render_options, format), 0, 0},
    {"cameras", 0, "LIST", "ids with commas between them, or all (all)", OPTION_TEXT, offsetof(render_options, cameras),
     0, 0},
    {"frames", 0, "A:B", "frames A to B - 1, from 0 (all)", OPTION_TEXT, offsetof(render_options, frames), 0, 0},
    {"threads", 0, "N", "threads, 1 to 256 (one per processor); changes no pixel", OPTION_INT,
     offsetof(render_options, input.n_threads), 1, 256},
    {"backend", 0, "LEVEL", "auto, scalar, avx2 or avx512 (auto); changes no pixel", OPTION_TEXT,
     offsetof(render_options, input.backend), 0, 0},
    {"seed", 0, "N", "seed instead of the scenario's own", OPTION_TEXT, offsetof(render_options, input.seed), 0, 0},
    {"set", 0, "PATH=VALUE", "set any field of the scenario; may be repeated", OPTION_LIST,
     offsetof(render_options, input.set), 0, 0},
    {"json", 0, NULL, "print what was written as JSON", OPTION_FLAG, offsetof(render_options, json), 0, 0},
    {"quiet", 'q', NULL, "print nothing but errors", OPTION_FLAG, offsetof(render_options, quiet), 0, 0},
};

/* Which images: cameras by index into the rig, frames first .. end - 1. */
typedef struct selection {
    int32_t *camera;
    int32_t n_cameras;
    int32_t first, end;
} selection;

static int32_t index_of_id(const sv_config *config, int64_t id) {
    for (int32_t i = 0; i < config->n_cameras; i++)
        if (config->camera[i].id == id)
            return i;
    return -1;
}

static sv_status select_cameras(selection *chosen, const sv_config *config, const char *list) {
    chosen->camera = calloc((size_t)config->n_cameras, sizeof *chosen->camera);
    if (!chosen->camera)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    if (!strcmp(list, "all")) {
        for (int32_t i = 0; i < config->n_cameras; i++)
            chosen->camera[chosen->n_cameras++] = i;
        return SV_OK;
    }
    for (const char *item = list;; item++) {
        char text[SV_NUMBER_CAP];
        size_t n = strcspn(item, ",");
        snprintf(text, sizeof text, "%.*s", n < sizeof text ? (int)n : (int)sizeof text - 1, item);
        int64_t id;
        if (!sv_number_parse_int(&id, text))
            return sv_fail(SV_ERR_INPUT, "render: --cameras %s: expected ids with commas between them, or all", list);
        int32_t i = index_of_id(config, id);
        if (i < 0)
            return sv_fail(SV_ERR_INPUT, "render: --cameras %s: the scenario has no camera %s", list, text);
        for (int32_t j = 0; j < chosen->n_cameras; j++)
            if (chosen->camera[j] == i)
                return sv_fail(SV_ERR_INPUT, "render: --cameras %s: camera %s is named twice", list, text);
        chosen->camera[chosen->n_cameras++] = i;
        item += n;
        if (!*item)
            return SV_OK;
    }
}

static sv_status select_frames(selection *chosen, int64_t n_frames, const char *range) {
    if (n_frames > INT32_MAX)
        n_frames = INT32_MAX;
    chosen->end = (int32_t)n_frames;
    if (!range)
        return SV_OK;
    char text[SV_NUMBER_CAP];
    size_t n = strcspn(range, ":");
    int64_t first, end;
    snprintf(text, sizeof text, "%.*s", n < sizeof text ? (int)n : (int)sizeof text - 1, range);
    if (!range[n] || !sv_number_parse_int(&first, text) || !sv_number_parse_int(&end, range + n + 1) || first < 0 ||
        end <= first)
        return sv_fail(SV_ERR_INPUT, "render: --frames %s: expected A:B with 0 <= A < B", range);
    if (end > n_frames)
        return sv_fail(SV_ERR_INPUT, "render: --frames %s: the scenario has frames 0:%lld", range, (long long)n_frames);
    chosen->first = (int32_t)first;
    chosen->end = (int32_t)end;
    return SV_OK;
}

static sv_status write_raw(FILE *file, const sv_frame *frame) {
    size_t row_bytes =
        (size_t)frame->width * (frame->bit_depth > 8 ? 2 : 1); /* little endian is the only order we run on */
    for (int32_t y = 0; y < frame->height; y++)
        if (fwrite((const unsigned char *)frame->pixels + y * frame->pitch, 1, row_bytes, file) != row_bytes)
            break;
    return SV_OK; /* publishing sees what went wrong */
}

static sv_status write_image(out_folder *folder, sv_sim *sim, const sv_config *config, int32_t i_camera, int32_t frame,
                             bool png) {
    sv_frame image;
    sv_status status = sv_sim_render(sim, &image, i_camera, frame);
    if (status != SV_OK)
        return status;
    char name[OUT_NAME_CAP];
    snprintf(name, sizeof name, "cam%d_%06d.%s", config->camera[i_camera].id, frame, png ? "png" : "raw");
    FILE *file;
    status = out_folder_create(&file, folder, name);
    if (status == SV_OK)
        status = png ? png_write_frame(file, &image) : write_raw(file, &image);
    return status == SV_OK ? out_folder_publish(folder) : status;
}

static sv_status write_all(int64_t *n_images, out_folder *folder, const input *in, const selection *chosen,
                           const render_options *options) {
    bool png = !strcmp(options->format, "png");
    bool progress = !options->quiet && isatty(STDERR_FILENO);
    int64_t n_all = (int64_t)chosen->n_cameras * (chosen->end - chosen->first);
    sv_status status = SV_OK;
    for (int32_t frame = chosen->first; frame < chosen->end && status == SV_OK; frame++) {
        for (int32_t i = 0; i < chosen->n_cameras && status == SV_OK && !interrupt_requested(); i++) {
            status = write_image(folder, in->sim, in->config, chosen->camera[i], frame, png);
            *n_images += status == SV_OK;
            if (progress)
                fprintf(stderr, "\rimage %lld of %lld \033[K", (long long)*n_images, (long long)n_all);
        }
    }
    if (progress)
        fprintf(stderr, "\r\033[K");
    return status;
}

static sv_status render(int64_t *n_images, const char *path, const render_options *options) {
    input in = {0};
    selection chosen = {0};
    out_folder folder = {0};
    sv_status status = input_load(&in, path, &options->input);
    if (status == SV_OK && !in.scenario)
        status = sv_fail(SV_ERR_INPUT, "%s: a data set has no images, expected a scenario", path);
    if (status == SV_OK && in.config->n_cameras == 0)
        status = sv_fail(SV_ERR_INPUT, "%s: the scenario has no cameras", path);
    if (status == SV_OK)
        status = input_start(&in, &options->input);
    if (status == SV_OK)
        status = select_cameras(&chosen, in.config, options->cameras);
    if (status == SV_OK)
        status = select_frames(&chosen, sv_sim_n_sets(in.sim), options->frames);
    if (status == SV_OK)
        status = out_folder_open(&folder, options->output);
    if (status == SV_OK) {
        interrupt_install();
        status = write_all(n_images, &folder, &in, &chosen, options);
    }
    out_folder_discard(&folder);
    free(chosen.camera);
    input_close(&in);
    return status;
}

static sv_status check_options(const render_options *options) {
    if (!options->output)
        return sv_fail(SV_ERR_INPUT, "render: --output DIR is missing");
    if (strcmp(options->format, "png") && strcmp(options->format, "raw"))
        return sv_fail(SV_ERR_INPUT, "render: --format %s: expected png or raw", options->format);
    return SV_OK;
}

static int render_main(const command *cmd, int argc, char **argv) {
    render_options options = {.format = "png", .cameras = "all", .input = {.backend = "auto"}};
    const char *path[INPUTS_CAP];
    int64_t n_images = 0;
    sv_status status = options_parse(&options, path, cmd, argc, argv);
    if (status == SV_OK)
        status = check_options(&options);
    if (status != SV_OK)
        return options_exit_status(status);
    status = render(&n_images, path[0], &options);
    if (status != SV_OK)
        return options_exit_status(status);
    if (options.json) {
        sv_json_out json = {.file = stdout};
        sv_json_out_open(&json, NULL, '{', false);
        sv_json_out_text(&json, "folder", options.output);
        sv_json_out_int(&json, "images", n_images);
        sv_json_out_bool(&json, "interrupted", interrupt_requested());
        sv_json_out_close(&json, '}');
    } else if (!options.quiet) {
        printf("%lld images in %s\n", (long long)n_images, options.output);
    }
    return interrupt_requested() ? EXIT_INTERRUPTED : EXIT_DONE;
}

const command command_render = {
    .name = "render",
    .summary = "render the images of a scenario",
    .inputs = "SCENARIO.json",
    .n_inputs = 1,
    .description = "Writes camID_FRAME.png (frame with six digits), or .raw: the pixels of a run, row by\n"
                   "row. A PNG of an 8-bit camera holds its pixels; a deeper one is 16-bit grey, its values\n"
                   "shifted left to full range (12 bit: times 16) and the true depth told in sBIT. Raw\n"
                   "files hold unscaled little-endian pixels of one or two bytes, no header. Images are\n"
                   "written one by one, each whole or not at all.\n",
    .option = render_option,
    .n_options = sizeof render_option / sizeof *render_option,
    .examples = "  skyvox render scenarios/quick.json -o frames --cameras 0,1 --frames 0:30\n",
    .run = render_main,
};
