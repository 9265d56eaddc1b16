#include "input.h"
#include "interrupt.h"
#include "options.h"
#include "pace.h"
#include "replay_check.h"
#include "run_output.h"
#include "run_record.h"
#include "run_score.h"
#include "run_video.h"

#include <formats/csv.h>
#include <formats/report.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { COMMAND_CAP = 2048 };

typedef struct run_options {
    const char *output;
    input_options input;
    const char *check_ledger;
    const char *speed; /* "max" or a number */
    record_options record;
    const char *labels, *times;
    const char *detections;
    bool no_timing, json, quiet;
} run_options;

static const option run_option[] = {
    {"output", 'o', "DIR", "output folder (out/NAME); changed only when the run is through", OPTION_TEXT,
     offsetof(run_options, output), 0, 0},
    {"threads", 0, "N", "threads, 1 to 256 (one per processor); changes no result", OPTION_INT,
     offsetof(run_options, input.n_threads), 1, 256},
    {"backend", 0, "LEVEL", "auto, scalar, avx2 or avx512 (auto); changes no result", OPTION_TEXT,
     offsetof(run_options, input.backend), 0, 0},
    {"seed", 0, "N", "seed of a scenario instead of its own", OPTION_TEXT, offsetof(run_options, input.seed), 0, 0},
    {"set", 0, "PATH=VALUE",
     "set any field of the scenario, arrays by index:\nrig.cameras.3.width=640; may be repeated", OPTION_LIST,
     offsetof(run_options, input.set), 0, 0},
    {"record", 0, "FILE", "record the run as a session, FILE.h5; never overwrites one", OPTION_TEXT,
     offsetof(run_options, record.path), 0, 0},
    {"level", 0, "LEVEL",
     "what is recorded of pixels: frames (all, the default),\ntiles (what stands out around candidates), hevc (all, "
     "in\n"
     "videos beside the session) or detections (nothing)",
     OPTION_TEXT, offsetof(run_options, record.level), 0, 0},
    {"key-seconds", 0, "S", "level tiles: time between two backgrounds (30)", OPTION_NUMBER,
     offsetof(run_options, record.key_s), 1e-3, 1e6},
    {"crf", 0, "N",
     "level hevc: lossy with this rate factor, 0 to 51; measures\nand prints first how much of a faint target survives",
     OPTION_TEXT, offsetof(run_options, record.crf), 0, 0},
    {"segment-bytes", 0, "N", "start a further file after so many bytes", OPTION_INT,
     offsetof(run_options, record.segment_bytes), 1, 1e15},
    {"from", 0, "STAGE",
     "replay a session from pixels, detections, bearings or\npoints; the earliest that was recorded", OPTION_TEXT,
     offsetof(run_options, input.from), 0, 0},
    {"speed", 0, "X", "replay at X times the recorded speed, or max (max)", OPTION_TEXT, offsetof(run_options, speed),
     0, 0},
    {"seek", 0, "SECONDS", "replay from so many seconds after the first event", OPTION_NUMBER,
     offsetof(run_options, input.seek_s), 0, 1e9},
    {"check-ledger", 0, "FILE",
     "compare with another run's run.ledger and name the first\nframe set and stage that differ", OPTION_TEXT,
     offsetof(run_options, check_ledger), 0, 0},
    {"detections", 0, "WHAT",
     "rows of detections.csv: all, none (no such table), or\nthose from an SNR on, like 4.75 (all, or what the\n"
     "scenario says); changes no result",
     OPTION_TEXT, offsetof(run_options, detections), 0, 0},
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
    sv_session_meta meta; /* name, seed and scoring, wherever they come from */
    sv_state *state;
    run_stats *stats;
    run_score *scores;
    out_folder folder;
    bool folder_open;
    run_tables tables;
    ledger_check ledger;
    replay_check replayed;
    run_record record;
    pace pace;
    sv_report report;
    char command[COMMAND_CAP];
    bool all_pass;
} run_all;

static void run_close(run_all *run) {
    if (run->folder_open)
        out_folder_discard(&run->folder);
    ledger_check_close(&run->ledger);
    run_record_abandon(&run->record);
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

/* What a recording says about its origin; from a session it is handed on. */
static sv_session_meta describe(const input *in) {
    if (in->session)
        return *sv_session_get_meta(in->session);
    const sv_scenario *scenario = in->scenario;
    sv_session_meta meta = {.gate_m = scenario ? scenario->gate_m : sv_dataset_gate_m(in->dataset),
                            .warmup_s = scenario ? scenario->warmup_s : sv_dataset_warmup_s(in->dataset),
                            .seed = scenario ? scenario->seed : 0,
                            .has_seed = scenario != NULL,
                            .coverage_sites = scenario ? scenario->coverage_sites : 0,
                            .evaluation = (int32_t)run_score_config(in).evaluation};
    snprintf(meta.name, sizeof meta.name, "%s", in->name);
    snprintf(meta.description, sizeof meta.description, "%s", scenario ? scenario->description : "");
    snprintf(meta.commit, sizeof meta.commit, "%s", SKYVOX_COMMIT);
    snprintf(meta.time_scale, sizeof meta.time_scale, "%s", scenario ? "simulation" : "dataset");
    return meta;
}

/* The thresholds of the scenario or the recording, with room for values. */
static sv_status copy_expect(sv_report *report, const input *in) {
    int32_t n = 0;
    const sv_expect_row *row = in->session ? sv_session_expect(in->session, &n) : NULL;
    n = in->scenario ? in->scenario->n_expect : n;
    if (n == 0)
        return SV_OK;
    sv_report_expect *expect = calloc((size_t)n, sizeof *expect);
    if (!expect)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    for (int32_t i = 0; i < n; i++) {
        if (in->scenario) {
            expect[i].expect = in->scenario->expect[i];
            continue;
        }
        memcpy(expect[i].expect.name, row[i].name, sizeof row[i].name);
        expect[i].expect.op = row[i].op == SV_EXPECT_MAX ? SV_EXPECT_MAX : SV_EXPECT_MIN;
        expect[i].expect.limit = row[i].limit;
    }
    report->expect = expect;
    report->n_expect = n;
    return SV_OK;
}

/* A name that no report has is found before the run, not after it. */
static sv_status take_expect(run_all *run, const char *path) {
    sv_status status = copy_expect(&run->report, &run->in);
    if (status != SV_OK || run->report.n_expect == 0)
        return status;
    status = sv_report_check_expect(&run->report, &run->all_pass);
    if (status == SV_OK)
        return SV_OK;
    char what[256];
    snprintf(what, sizeof what, "%s", sv_error_text());
    return sv_fail(status, "%s: %s", path, what);
}

/* Options of a replay need a session; the recorded ledger is compared unless the run was told to differ. */
static sv_status open_replay(run_all *run, const char *path) {
    const run_options *options = run->options;
    bool asked = options->input.from || options->speed || options->input.seek_s > 0;
    if (!run->in.session)
        return asked ? sv_fail(SV_ERR_INPUT, "%s: --from, --speed and --seek are for sessions", path) : SV_OK;
    run->ledger.from = sv_replay_first_stage(run->in.replay);
    bool changed = sv_replay_gives_pixels(run->in.replay) && sv_session_is_lossy(run->in.session);
    bool same = options->input.set.n == 0 && options->input.seek_s <= 0 && !changed;
    run->replayed = (replay_check){.session = same ? run->in.session : NULL, .from = run->ledger.from};
    if (!options->quiet && *sv_session_note(run->in.session))
        fprintf(stderr, "skyvox: note: %s\n", sv_session_note(run->in.session));
    if (!options->quiet && changed)
        fprintf(stderr,
                "skyvox: note: %s: lossy video: these are not the pixels that were seen, and the recorded ledger "
                "is not compared (see skyvox info)\n",
                path);
    if (!options->speed || !strcmp(options->speed, "max"))
        return SV_OK;
    double speed;
    if (!sv_number_parse(&speed, options->speed) || !(speed > 0))
        return sv_fail(SV_ERR_INPUT, "--speed %s: expected max or a number above 0", options->speed);
    run->pace = (pace){.source = run->in.source, .speed = speed};
    run->in.source = pace_source(&run->pace);
    return SV_OK;
}

/*
 * Everything is opened before the output folder is touched, so that bad input leaves no trace. From then on a signal must not
 * end the program any more, or temporary files would stay.
 */
static sv_status run_open(run_all *run, const char *path) {
    sv_status status = ledger_check_open(&run->ledger, run->options->check_ledger);
    if (status == SV_OK)
        status = input_load(&run->in, path, &run->options->input);
    if (status == SV_OK)
        status = input_start(&run->in, &run->options->input);
    if (status == SV_OK)
        status = open_replay(run, path);
    if (status != SV_OK)
        return status;
    run->meta = describe(&run->in);
    run->stats = run_stats_create();
    if (!run->stats)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    sv_probe probe = run_stats_probe(run->stats);
    status = sv_state_create(&run->state, run->in.config, run->in.backend, run->in.team, &probe);
    sv_score_config config = run_score_config(&run->in);
    if (status == SV_OK)
        status = run_score_create(&run->scores, &config, run->in.config);
    if (status == SV_OK)
        status = take_expect(run, path);
    sv_tables wanted = run->in.scenario ? run->in.scenario->tables : (sv_tables){.detections = true};
    if (status == SV_OK)
        status = run_tables_choose(&wanted, run->options->detections);
    interrupt_install();
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a failed write like a full disk */
    if (status == SV_OK)
        status = open_folder(run);
    if (status == SV_OK)
        status = run_tables_open(&run->tables, &run->folder, run->in.config, &wanted, run->in.source.truth != NULL);
    if (status == SV_OK)
        status = run_record_open(&run->record, &run->options->record, &run->in, &run->meta,
                                 !run->options->quiet && !run->options->json);
    return status;
}

static sv_status run_events(run_all *run) {
    const sv_sink sink[] = {run_record_sink(&run->record), run_tables_sink(&run->tables), run_score_sink(run->scores),
                            ledger_check_sink(&run->ledger), replay_check_sink(&run->replayed)};
    const truth_sink truth[] = {run_record_truth_sink(&run->record), run_tables_truth_sink(&run->tables),
                                run_score_truth_sink(run->scores)};
    run_loop loop = {
        .config = run->in.config,
        .state = run->state,
        .source = &run->in.source,
        .sink = sink,
        .n_sinks = sizeof sink / sizeof *sink,
        .truth = truth,
        .n_truth = sizeof truth / sizeof *truth,
        .progress = !run->options->quiet && isatty(STDERR_FILENO),
        .n_sets_expected = run->in.sim       ? sv_sim_n_sets(run->in.sim)
                           : run->in.session ? sv_session_n_sets(run->in.session)
                                             : 0,
    };
    sv_status status = run_loop_all(&loop, run->stats);
    if (status == SV_OK && !run->stats->interrupted)
        status = ledger_check_end(&run->ledger);
    if (status == SV_OK && !run->stats->interrupted)
        replay_check_end(&run->replayed);
    if (status == SV_OK)
        status = run_record_close(&run->record);
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
        .description = run->meta.description,
        .command = run->command,
        .seed = run->meta.seed,
        .has_seed = run->meta.has_seed != 0,
        .commit = SKYVOX_COMMIT,
        .backend = run->in.backend->name,
        .n_threads = sv_team_size(run->in.team),
        .frame_sets = stats->n_sets,
        .duration_s = covered_s(stats, run->in.config),
        .epoch_ns = run->meta.epoch_ns,
        .time_scale = run->meta.time_scale,
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
    run->report.nis = run_score_nis(run->scores);
    run->report.false_candidate = run_score_false(run->scores, &run->report.n_false_candidates);
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
    if (!run->tables.wanted.detections)
        printf("no detections.csv: --detections all writes one\n");
    else if (run->tables.wanted.detections_snr > 0)
        printf("detections.csv from SNR %.6g on: --detections all writes every row\n",
               run->tables.wanted.detections_snr);
    return status;
}

/* One line for every expectation that failed and for the ledger; the exit status. */
static int print_verdict(const run_all *run) {
    int exit_status = EXIT_DONE;
    if (run->ledger.differs) {
        fprintf(stderr, "skyvox: %s\n", run->ledger.difference);
        exit_status = EXIT_WORSE;
    }
    if (run->replayed.differs) {
        fprintf(stderr, "skyvox: %s\n", run->replayed.difference);
        exit_status = EXIT_WORSE;
    }
    if (run->in.replay && sv_replay_n_damaged(run->in.replay) > 0) {
        fprintf(stderr, "skyvox: %lld events or frame sets are damaged and were left out: see skyvox verify\n",
                (long long)sv_replay_n_damaged(run->in.replay));
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
        if (options.detections)
            return options_exit_status(
                sv_fail(SV_ERR_INPUT, "%s: --detections is not for videos, they have no such table", path[0]));
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
    .summary = "run a scenario, a data set, a session or a video through the tracker and score it",
    .inputs = "SCENARIO.json|DATASET-DIR|SESSION.h5|VIDEO",
    .n_inputs = 1,
    .description = "A scenario is rendered (or its detections are drawn) and a data set is read; both\n"
                   "go through the same detector, fusion and tracker, frame set by frame set. The\n"
                   "output folder then holds report.json, report.html, tracks.csv, truth.csv,\n"
                   "detections.csv, errors.csv and run.ledger. It is changed only at the end and all at\n"
                   "once: whatever stood there survives bad input, a full disk or a second signal.\n"
                   "A session is replayed from any recorded stage, and every frame set must give again\n"
                   "what was recorded.\n"
                   "A video, or a folder with videos in clips/, is tracked in 2D, every clip on its own,\n"
                   "and scored against labels/NAME.csv; tracks2d.csv then stands in for the other tables.\n"
                   "SIGINT or SIGTERM ends the run after the frame set under way, with a report that\n"
                   "says so; a second one stops at once.\n",
    .option = run_option,
    .n_options = sizeof run_option / sizeof *run_option,
    .worse = "an expectation failed, the ledger differs, or the session is damaged",
    .examples = "  skyvox run scenarios/quick.json\n"
                "  skyvox run scenarios/quick.json --seed 7 --set environment.visibility_km=20 -o out/haze\n"
                "  skyvox run clip.mp4 --labels clip.csv\n"
                "  skyvox run ds3 --check-ledger ds3.ledger --no-timing\n"
                "  skyvox run scenarios/quick.json --record quick.h5\n"
                "  skyvox run quick.h5 --from bearings\n",
    .run = run_main,
};
