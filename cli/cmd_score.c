#include "options.h"
#include "out_folder.h"

#include <formats/report.h>
#include <formats/score_input.h>
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
    {"stamps", 0, "WHICH", "score at the stamps of \"truth\" (default) or the \"union\" of both", OPTION_TEXT,
     offsetof(score_options, stamps), 0, 0},
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

/* What is made of the two files. */
typedef struct scored {
    sv_score_input input;
    sv_score *score;
    sv_score_roc_point roc[SV_SCORE_ROC_CAP];
    size_t n_roc;
    sv_sanity sanity[SV_SANITY_CAP];
    size_t n_sanity;
} scored;

/* Ids that are text are places in the names until here. */
static void name_ids(scored *s) {
    for (size_t i = 0; i < s->n_sanity; i++) {
        sv_sanity *finding = &s->sanity[i];
        const sv_names *names = finding->of_targets ? &s->input.truth_names : &s->input.track_names;
        char from[SV_ID_TEXT_CAP], to[SV_ID_TEXT_CAP];
        if (finding->from_id == finding->to_id || names->n == 0)
            continue;
        snprintf(finding->text, sizeof finding->text, "%s %.50s goes on as %.50s: one id looks renumbered",
                 finding->of_targets ? "target" : "track", sv_names_text(from, names, finding->from_id),
                 sv_names_text(to, names, finding->to_id));
    }
}

static sv_status score_files(scored *s, const sv_score_config *config, const score_options *options,
                             const char *const path[2]) {
    sv_score_input *in = &s->input;
    sv_status status = sv_score_input_read(in, path[0], path[1]);
    if (status == SV_OK && options->ignore)
        status = sv_score_input_ignore(in, options->ignore);
    if (status == SV_OK)
        status = sv_score_create(&s->score, config, in->truth, in->n_truth, in->tracks, in->n_tracks);
    if (status == SV_OK && in->has_score)
        status = sv_score_roc(s->roc, &s->n_roc, config, in->truth, in->n_truth, in->tracks, in->n_tracks);
    if (status == SV_OK)
        status = sv_score_sanity(s->sanity, &s->n_sanity, config, in->truth, in->n_truth, in->tracks, in->n_tracks);
    if (status == SV_OK)
        name_ids(s);
    return status;
}

static sv_status report_score(const score_options *options, const scored *s, const char *truth_path) {
    const sv_score_input *in = &s->input;
    size_t n_stamps;
    sv_score_get_gospa(s->score, &n_stamps);
    sv_report report = {
        .scenario = truth_path, /* reports on one truth are comparable */
        .description = in->in_pixels ? "Box centres in pixels: every length is in px, not in m." : "",
        .commit = SKYVOX_COMMIT,
        .backend = "none",
        .n_threads = 1,
        .frame_sets = (int64_t)n_stamps,
        .duration_s = in->n_truth > 0 ? (double)(in->truth[in->n_truth - 1].t - in->truth[0].t) * 1e-9 : 0,
        .time_scale = "dataset",
        .score = s->score,
        .target_names = &in->truth_names,
        .track_names = &in->track_names,
        .roc = s->roc,
        .n_roc = s->n_roc,
        .sanity = s->sanity,
        .n_sanity = s->n_sanity,
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
    if (status == SV_OK && strcmp(options.stamps, "truth") && strcmp(options.stamps, "union"))
        status = sv_fail(SV_ERR_INPUT, "score: --stamps: found '%s', expected truth or union", options.stamps);
    if (status != SV_OK)
        return options_exit_status(status);
    config.gate_m = options.gate_m;
    config.cutoff_m = options.cutoff_m;
    config.order = options.order;
    config.hota_zero_m = options.hota_zero_m;
    config.union_stamps = !strcmp(options.stamps, "union");
    config.warmup_s = options.warmup_s;
    config.evaluation = SV_SCORE_INTERPOLATE;

    scored s = {0};
    status = score_files(&s, &config, &options, path);
    if (status == SV_OK)
        status = report_score(&options, &s, path[0]);
    sv_score_destroy(s.score);
    sv_score_input_release(&s.input);
    return options_exit_status(status);
}

const command command_score = {
    .name = "score",
    .summary = "score anyone's tracks against truth",
    .inputs = "TRUTH TRACKS",
    .n_inputs = 2,
    .description = "TRUTH has the columns t_s, x_m, y_m, z_m and may have target_id, class, vx_mps, vy_mps,\n"
                   "vz_mps; TRACKS has t_s, track_id, x_m, y_m, z_m and may have velocity, class, class_prob,\n"
                   "sx_m, sy_m, sz_m and existence or score. Columns come in any order, ids are numbers or\n"
                   "text, other columns are ignored. MOTChallenge text is read as well: frame,id,left,top,\n"
                   "width,height,conf,x,y,z with a frame a second, by x, y, z or, without, by box centres in px.\n"
                   "Tracks are evaluated at the stamps of the truth, by linear interpolation between rows at\n"
                   "most 0.2 s apart; every row of truth counts as covered, birds, aircraft and others as\n"
                   "distractors. Regions to ignore are rows of t_begin_s, t_end_s, x_min_m, x_max_m, ...\n",
    .option = score_option,
    .n_options = sizeof score_option / sizeof *score_option,
    .examples = "  skyvox score truth.csv tracks.csv\n"
                "  skyvox score truth.csv tracks.csv --gate 5 --json | jq .summary.held_fraction\n",
    .run = score_main,
};
