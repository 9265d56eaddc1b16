#include "options.h"
#include "out_folder.h"

#include <formats/csv.h>
#include <formats/report.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct score_options {
    const char *output, *stamps, *ignore;
    double gate_m, cutoff_m, order, hota_zero_m, warmup_s;
    bool json, quiet;
} score_options;

static const option score_option[] = {
    {"output", 'o', "DIR", "also write report.json, report.html and errors.csv there", OPTION_TEXT,
     offsetof(score_options, output), 0, 0},
    {"gate", 0, "M", "a track holds a target within this distance, m (2)", OPTION_NUMBER,
     offsetof(score_options, gate_m), 1e-6, 1e6},
    {"cutoff", 0, "M", "cut-off c of OSPA and GOSPA, m (10)", OPTION_NUMBER, offsetof(score_options, cutoff_m), 1e-6,
     1e6},
    {"order", 0, "P", "order p of OSPA and GOSPA (2)", OPTION_NUMBER, offsetof(score_options, order), 1, 100},
    {"hota-zero", 0, "M", "distance at which the similarity of HOTA is 0, m (4)", OPTION_NUMBER,
     offsetof(score_options, hota_zero_m), 1e-6, 1e6},
    {"stamps", 0, "WHICH", "score at the stamps of the \"truth\" (default) or at the \"union\" of both files",
     OPTION_TEXT, offsetof(score_options, stamps), 0, 0},
    {"ignore", 0, "FILE", "leave out truth and tracks inside the regions of a table", OPTION_TEXT,
     offsetof(score_options, ignore), 0, 0},
    {"warmup", 0, "S", "first seconds of truth that are not scored (0)", OPTION_NUMBER,
     offsetof(score_options, warmup_s), 0, 1e9},
    {"json", 0, NULL, "print report.json and nothing else", OPTION_FLAG, offsetof(score_options, json), 0, 0},
    {"quiet", 'q', NULL, "print nothing but errors", OPTION_FLAG, offsetof(score_options, quiet), 0, 0},
};

static sv_status write_folder(const sv_report *report, const char *path) {
    out_folder folder;
    FILE *json, *html, *errors;
    sv_status status = out_folder_open(&folder, path);
    if (status == SV_OK)
        status = out_folder_create(&json, &folder, "report.json");
    if (status == SV_OK)
        status = sv_report_write_json(report, json);
    if (status == SV_OK)
        status = out_folder_create(&html, &folder, "report.html");
    if (status == SV_OK)
        status = sv_report_write_html(report, html);
    if (status == SV_OK)
        status = out_folder_create(&errors, &folder, "errors.csv");
    if (status == SV_OK)
        status = sv_report_write_errors_csv(report, errors);
    if (status == SV_OK)
        status = out_folder_publish(&folder);
    out_folder_discard(&folder);
    return status;
}

static sv_status report_score(const score_options *options, const sv_score *score, const char *truth_path,
                              double duration_s) {
    size_t n_stamps;
    sv_score_get_gospa(score, &n_stamps);
    sv_report report = {
        .scenario = truth_path, /* reports on one truth are comparable */
        .description = "",
        .commit = SKYVOX_COMMIT,
        .backend = "none",
        .n_threads = 1,
        .frame_sets = (int64_t)n_stamps,
        .duration_s = duration_s,
        .time_scale = "dataset",
        .score = score,
        .centroid_rms_px = NAN,
    };
    sv_status status = SV_OK;
    if (options->output)
        status = write_folder(&report, options->output);
    if (status == SV_OK && options->json)
        status = sv_report_write_json(&report, stdout);
    else if (status == SV_OK && !options->quiet)
        status = sv_report_write_text(&report, stdout, isatty(STDOUT_FILENO) && !getenv("NO_COLOR"));
    return status;
}

static int score_main(const command *cmd, int argc, char **argv) {
    sv_score_config config = sv_score_config_default();
    score_options options = {.gate_m = config.gate_m,
                             .cutoff_m = config.cutoff_m,
                             .order = config.order,
                             .hota_zero_m = config.hota_zero_m,
                             .stamps = "truth"};
    const char *path[INPUTS_CAP];
    sv_status status = options_parse(&options, path, cmd, argc, argv);
    if (status != SV_OK)
        return options_exit_status(status);
    config.gate_m = options.gate_m;
    config.cutoff_m = options.cutoff_m;
    config.order = options.order;
    config.warmup_s = options.warmup_s;
    config.hota_zero_m = options.hota_zero_m;
    config.union_stamps = !strcmp(options.stamps, "union");
    config.evaluation = SV_SCORE_INTERPOLATE;
    sv_score_truth_row *truth = NULL;
    sv_score_track_row *tracks = NULL;
    sv_score *score = NULL;
    size_t n_truth = 0, n_tracks = 0;
    status = sv_csv_read_truth(&truth, &n_truth, path[0]);
    if (status == SV_OK)
        status = sv_csv_read_tracks(&tracks, &n_tracks, path[1]);
    if (status == SV_OK)
        status = sv_score_create(&score, &config, truth, n_truth, tracks, n_tracks);
    if (status == SV_OK)
        status = report_score(&options, score, path[0],
                              n_truth > 0 ? (double)(truth[n_truth - 1].t - truth[0].t) * 1e-9 : 0);
    sv_score_destroy(score);
    free(tracks);
    free(truth);
    return options_exit_status(status);
}

const command command_score = {
    .name = "score",
    .summary = "score anyone's tracks against truth",
    .inputs = "TRUTH.csv TRACKS.csv",
    .n_inputs = 2,
    .description = "TRUTH.csv has the columns t_s, x_m, y_m, z_m and may have target_id, class, vx_mps,\n"
                   "vy_mps, vz_mps; TRACKS.csv has t_s, track_id, x_m, y_m, z_m and may have velocity,\n"
                   "class and class_prob. Columns come in any order. Tracks are evaluated at the stamps of\n"
                   "the truth, by linear interpolation between rows at most 0.2 s apart; every row of truth\n"
                   "counts as covered, birds, aircraft and others as distractors.\n",
    .option = score_option,
    .n_options = sizeof score_option / sizeof *score_option,
    .examples = "  skyvox score truth.csv tracks.csv\n"
                "  skyvox score truth.csv tracks.csv --gate 5 --json | jq .summary.held_fraction\n",
    .run = score_main,
};
