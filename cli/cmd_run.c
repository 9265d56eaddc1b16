#include "input.h"
#include "interrupt.h"
#include "options.h"
#include "run_output.h"
#include "run_score.h"
#include "run_video.h"

#include <formats/report.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { COMMAND_CAP = 2048 };

typedef struct run_options {
    const char *output;
    input_options input;
    const char *check_ledger;
    const char *labels, *times;
    bool no_timing, json, quiet;
} run_options;

static const option run_option[] = {
    {"output", 'o', "DIR", "output folder (out/NAME); changed only when the run is through", OPTION_TEXT,
     offsetof(run_options, output), 0, 0},
    {"threads", 0, "N", "threads, 1 to 256 (one per processor); changes no result", OPTION_INT,
     offsetof(run_options, input.n_threads), 1, 256},
    {"backend", 0, "LEVEL", "auto or scalar (auto); changes no result", OPTION_TEXT,
     offsetof(run_options, input.backend), 0, 0},
    {"seed", 0, "N", "seed of a scenario instead of its own", OPTION_TEXT, offsetof(run_options, input.seed), 0, 0},
    {"set", 0, "PATH=VALUE",
     "set any field of the scenario, arrays by index:\nrig.cameras.3.width=640; may be repeated", OPTION_LIST,
     offsetof(run_options, input.set), 0, 0},
    {"check-ledger", 0, "FILE",
     "compare with another run's run.ledger and name the first\nframe set and stage that differ", OPTION_TEXT,
     offsetof(run_options, check_ledger), 0, 0},
    {"labels", 0, "FILE", "boxes frame,x,y,w,h of one video to score against; they reach\nthe scorer only", OPTION_TEXT,
     offsetof(run_options, labels), 0, 0},
    {"times", 0, "FILE", "table frame,t_s with the times of one video's frames", OPTION_TEXT,
     offsetof(run_options, times), 0, 0},
    {"no-timing", 0, NULL, "leave host, timing and memory out of the reports:\nevery byte is then repeatable",
     OPTION_FLAG, offsetof(run_options, no_timing), 0, 0},
    {"json", 0, NULL, "print report.json and nothing else", OPTION_FLAG, offsetof(run_options, json), 0, 0},
    {"quiet", 'q', NULL, "print nothing but errors", OPTION_FLAG, offsetof(run_options, quiet), 0, 0},
};

/* Everything a run holds; released in one place. */
typedef struct run_all {
    const run_options *options;
    input in;
    sv_state *state;
    run_stats *stats;
    run_score *scores;
    out_folder folder;
    bool folder_open;
    run_tables tables;
    ledger_check ledger;
    sv_report report;
    char command[COMMAND_CAP];
    bool all_pass;
} run_all;

static void run_close(run_all *run) {
    if (run->folder_open)
        out_folder_discard(&run->folder);
    ledger_check_close(&run->ledger);
    free(run->report.expect);
    run_score_destroy(run->scores);
    sv_state_destroy(run->state);
    run_stats_destroy(run->stats);
    input_close(&run->in);
}

static sv_status open_folder(run_all *run) {
    char path[OUT_PATH_CAP];
    snprintf(path, sizeof path, "out/%s", run->in.name);
    sv_status status = out_folder_open(&run->folder, run->options->output ? run->options->output : path);
    run->folder_open = true;
    return status;
}

/* The scenario's thresholds with room for values; a name that no report has is found before the run, not after it. */
static sv_status take_expect(run_all *run, const char *path) {
    const sv_scenario *scenario = run->in.scenario;
    if (!scenario || scenario->n_expect == 0)
        return SV_OK;
    sv_report_expect *expect = calloc((size_t)scenario->n_expect, sizeof *expect);
    if (!expect)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    for (int32_t i = 0; i < scenario->n_expect; i++)
        expect[i].expect = scenario->expect[i];
    run->report.expect = expect;
    run->report.n_expect = scenario->n_expect;
    sv_status status = sv_report_check_expect(&run->report, &run->all_pass);
    if (status == SV_OK)
        return SV_OK;
    char what[256];
    snprintf(what, sizeof what, "%s", sv_error_text());
    return sv_fail(status, "%s: %s", path, what);
}

/* Everything is opened before the output folder is touched, so that bad input leaves no trace. */
static sv_status run_open(run_all *run, const char *path) {
    sv_status status = ledger_check_open(&run->ledger, run->options->check_ledger);
    if (status == SV_OK)
        status = input_load(&run->in, path, &run->options->input);
    if (status == SV_OK)
        status = input_start(&run->in, &run->options->input);
    if (status != SV_OK)
        return status;
    run->stats = run_stats_create();
    if (!run->stats)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    sv_probe probe = run_stats_probe(run->stats);
    status = sv_state_create(&run->state, run->in.config, run->in.backend, run->in.team, &probe);
    sv_score_config config = run_score_config(&run->in);
    if (status == SV_OK)
        status = run_score_create(&run->scores, &config);
    if (status == SV_OK)
        status = take_expect(run, path);
    if (status == SV_OK)
        status = open_folder(run);
    if (status == SV_OK)
        status = run_tables_open(&run->tables, &run->folder, run->in.config, run->in.source.truth != NULL);
    return status;
}

static sv_status run_events(run_all *run) {
    const sv_sink sink[] = {run_tables_sink(&run->tables), run_score_sink(run->scores),
                            ledger_check_sink(&run->ledger)};
    const truth_sink truth[] = {run_tables_truth_sink(&run->tables), run_score_truth_sink(run->scores)};
    run_loop loop = {
        .config = run->in.config,
        .state = run->state,
        .source = &run->in.source,
        .sink = sink,
        .n_sinks = sizeof sink / sizeof *sink,
        .truth = truth,
        .n_truth = sizeof truth / sizeof *truth,
        .progress = !run->options->quiet && isatty(STDERR_FILENO),
        .n_sets_expected = run->in.sim ? sv_sim_n_sets(run->in.sim) : 0,
    };
    interrupt_install();
    sv_status status = run_loop_all(&loop, run->stats);
    if (status == SV_OK && !run->stats->interrupted)
        status = ledger_check_end(&run->ledger);
    return status;
}

/* ---- report ---- */

/* The command that repeats the result: only what decides it. */
static void write_command(run_all *run, const char *path) {
    const input_options *options = &run->options->input;
    int n = snprintf(run->command, COMMAND_CAP, "skyvox run %s", path);
    if (options->seed && n < COMMAND_CAP)
        n += snprintf(run->command + n, (size_t)(COMMAND_CAP - n), " --seed %s", options->seed);
    for (int i = 0; i < options->set.n && n < COMMAND_CAP; i++)
        n += snprintf(run->command + n, (size_t)(COMMAND_CAP - n), " --set %s", options->set.item[i]);
}

static sv_report_cost core_cost(const run_stats *stats, bool renders) {
    double per_frame_ms = stats->n_camera_frames ? 1e-6 / (double)stats->n_camera_frames : NAN;
    return (sv_report_cost){
        .render = renders ? (double)stats->source_cpu_ns * per_frame_ms : NAN,
        .decode = NAN,
        .detect = (double)stats->stage_cpu_ns[SV_STAGE_DETECT] * per_frame_ms,
        .fuse = (double)stats->stage_cpu_ns[SV_STAGE_FUSE] * per_frame_ms,
        .voxel = (double)stats->stage_cpu_ns[SV_STAGE_VOXEL] * per_frame_ms,
        .track = (double)stats->stage_cpu_ns[SV_STAGE_TRACK] * per_frame_ms,
    };
}

static int64_t peak_rss_bytes(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return (int64_t)usage.ru_maxrss * 1024; /* Linux counts in KiB */
}

static double covered_s(const run_stats *stats, const sv_config *config) {
    if (stats->n_sets == 0)
        return 0;
    return (double)(stats->t_last_set - stats->t_first_set) * 1e-9 + 1.0 / config->sync.rate_hz;
}

static sv_status fill_report(run_all *run, const char *path) {
    run_stats *stats = run->stats;
    const sv_scenario *scenario = run->in.scenario;
    write_command(run, path);
    run->report = (sv_report){
        .scenario = run->in.name,
        .description = scenario ? scenario->description : "",
        .command = run->command,
        .seed = scenario ? scenario->seed : 0,
        .has_seed = scenario != NULL,
        .commit = SKYVOX_COMMIT,
        .backend = run->in.backend->name,
        .n_threads = sv_team_size(run->in.team),
        .frame_sets = stats->n_sets,
        .duration_s = covered_s(stats, run->in.config),
        .time_scale = scenario ? "simulation" : "dataset",
        .ledger_hash = sv_hash_end(&run->tables.ledger_hash),
        .interrupted = stats->interrupted,
        .expect = run->report.expect,
        .n_expect = run->report.n_expect,
        .with_timing = !run->options->no_timing,
        .cost = core_cost(stats, scenario && scenario->emit == SV_EMIT_PIXELS),
        .latency_p50_ms = run_stats_latency_ms(stats, 0.50),
        .latency_p99_ms = run_stats_latency_ms(stats, 0.99),
        .peak_rss_bytes = peak_rss_bytes(),
        .wall_s = (double)stats->wall_ns * 1e-9,
    };
    /* Truth that came after the last closed set of an interrupted run was never asked of the tracker. */
    sv_time t_last = stats->interrupted ? stats->t_last_set : INT64_MAX;
    sv_status status = run_score_finish(&run->report.score, run->scores, t_last);
    run->report.roc = run_score_roc(run->scores, &run->report.n_roc);
    run->report.sanity = run_score_sanity(run->scores, &run->report.n_sanity);
    run->report.centroid = run_score_centroid(run->scores, &run->report.n_centroid, &run->report.centroid_rms_px);
    if (status == SV_OK)
        status = sv_report_check_expect(&run->report, &run->all_pass);
    return status;
}

static sv_status write_reports(run_all *run) {
    FILE *json, *html, *errors;
    sv_status status = out_folder_create(&json, &run->folder, "report.json");
    if (status == SV_OK)
        status = sv_report_write_json(&run->report, json);
    if (status == SV_OK)
        status = out_folder_create(&html, &run->folder, "report.html");
    if (status == SV_OK)
        status = sv_report_write_html(&run->report, html);
    if (status == SV_OK)
        status = out_folder_create(&errors, &run->folder, "errors.csv");
    if (status == SV_OK)
        status = sv_report_write_errors_csv(&run->report, errors);
    if (status == SV_OK)
        status = out_folder_publish(&run->folder);
    return status;
}

static sv_status print_result(const run_all *run) {
    if (run->options->json)
        return sv_report_write_json(&run->report, stdout);
    if (run->options->quiet)
        return SV_OK;
    bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    sv_status status = sv_report_write_text(&run->report, stdout, colour);
    printf("%s/report.html\n", run->folder.path);
    return status;
}

/* One line for every expectation that failed and for the ledger; the exit status. */
static int print_verdict(const run_all *run) {
    int exit_status = EXIT_DONE;
    if (run->ledger.differs) {
        fprintf(stderr, "skyvox: %s\n", run->ledger.difference);
        exit_status = EXIT_WORSE;
    }
    if (run->stats->interrupted) /* half a run is held to nothing */
        return EXIT_INTERRUPTED;
    for (int32_t i = 0; i < run->report.n_expect; i++) {
        const sv_report_expect *row = &run->report.expect[i];
        if (row->pass)
            continue;
        const char *side = row->expect.op == SV_EXPECT_MIN ? "least" : "most";
        exit_status = EXIT_WORSE;
        if (isnan(row->value)) {
            fprintf(stderr, "skyvox: expect: %s has no samples, expected at %s %.6g\n", row->expect.name, side,
                    row->expect.limit);
            continue;
        }
        fprintf(stderr, "skyvox: expect: %s is %.6g, expected at %s %.6g\n", row->expect.name, row->value, side,
                row->expect.limit);
    }
    return exit_status;
}

static int run_main(const command *cmd, int argc, char **argv) {
    run_options options = {.input = {.backend = "auto"}};
    const char *path[INPUTS_CAP];
    sv_status status = options_parse(&options, path, cmd, argc, argv);
    if (status != SV_OK)
        return options_exit_status(status);
    if (run_video_detect(path[0])) {
        const video_options video = {.output = options.output,
                                     .check_ledger = options.check_ledger,
                                     .labels = options.labels,
                                     .times = options.times,
                                     .input = &options.input,
                                     .no_timing = options.no_timing,
                                     .json = options.json,
                                     .quiet = options.quiet};
        return run_video(&video, path[0]);
    }
    if (options.labels || options.times)
        return options_exit_status(sv_fail(SV_ERR_INPUT, "%s: --labels and --times are for a single video", path[0]));
    run_all run = {.options = &options};
    status = run_open(&run, path[0]);
    if (status == SV_OK)
        status = run_events(&run);
    if (status == SV_OK)
        status = fill_report(&run, path[0]);
    if (status == SV_OK)
        status = write_reports(&run);
    if (status == SV_OK)
        status = print_result(&run);
    int exit_status = status == SV_OK ? print_verdict(&run) : options_exit_status(status);
    run_close(&run);
    return exit_status;
}

const command command_run = {
    .name = "run",
    .summary = "run a scenario, a data set or a video through the tracker and score it",
    .inputs = "SCENARIO.json|DATASET-DIR|VIDEO",
    .n_inputs = 1,
    .description = "A scenario is rendered (or its detections are drawn) and a data set is read; both\n"
                   "go through the same detector, fusion and tracker, frame set by frame set. The\n"
                   "output folder then holds report.json, report.html, tracks.csv, truth.csv,\n"
                   "detections.csv, errors.csv and run.ledger. It is changed only at the end and all at\n"
                   "once: whatever stood there survives bad input, a full disk or a second signal.\n"
                   "A video, or a folder with videos in clips/, is tracked in 2D, every clip on its own,\n"
                   "and scored against labels/NAME.csv; tracks2d.csv then stands in for the other tables.\n"
                   "SIGINT or SIGTERM ends the run after the frame set under way, with a report that\n"
                   "says so; a second one stops at once.\n",
    .option = run_option,
    .n_options = sizeof run_option / sizeof *run_option,
    .worse = "an expectation of the scenario failed, or the ledger differs",
    .examples = "  skyvox run scenarios/quick.json\n"
                "  skyvox run scenarios/quick.json --seed 7 --set environment.visibility_km=20 -o out/haze\n"
                "  skyvox run clip.mp4 --labels clip.csv\n"
                "  skyvox run ds3 --check-ledger ds3.ledger --no-timing\n",
    .run = run_main,
};
