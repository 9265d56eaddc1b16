#include "run_video.h"

#include "interrupt.h"
#include "options.h"
#include "run_output.h"
#include "video_clip.h"

#include <formats/report.h>
#include <kernels/kernels.h>
#include <math.h>
#include <replay/video.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_SCORED_FRAME = 30, GROUPS_CAP = 64, COMMAND_CAP = 2048, DECODER_THREADS_CAP = 16 };

typedef struct clip_labels {
    sv_box2d *box; /* [n] owned */
    size_t n;
} clip_labels;

/* Everything a run over videos holds; released in one place. */
typedef struct video_run {
    const video_options *options;
    sv_video_set set;
    clip_result *result; /* [set.n] */
    clip_labels *labels; /* [set.n] for the scorer alone */
    sv_team *team;
    sv_backend *backend;
    out_folder folder;
    bool folder_open;
    ledger_check ledger;
    sv_hash ledger_hash;
    int64_t n_frames;
    bool interrupted;
    sv_video2d_row *row; /* [set.n + GROUPS_CAP] */
    size_t n_rows;
    double begin_s;
} video_run;

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool run_video_detect(const char *path) {
    if (is_folder(path))
        return !sv_dataset_detect(path) && sv_video_set_detect(path);
    return sv_video_detect(path) || sv_video_is_image(path);
}

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int n_threads(const video_run *run) {
    const long n =
        run->options->input->n_threads ? (long)run->options->input->n_threads : sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 256 ? 256 : (int)n;
}

/* ---- opening ---- */

static sv_status check_options(const video_options *options, const char *path) {
    if (options->input->seed)
        return sv_fail(SV_ERR_INPUT, "%s: --seed is for scenarios, a video draws no random numbers", path);
    if (options->input->set.n > 0)
        return sv_fail(SV_ERR_INPUT, "%s: --set is not for videos", path);
    if (is_folder(path) && (options->labels || options->times))
        return sv_fail(SV_ERR_INPUT, "%s: --labels and --times are for a single video; a folder has labels/ and times/",
                       path);
    return SV_OK;
}

static sv_status open_folder(video_run *run) {
    char path[OUT_PATH_CAP];
    snprintf(path, sizeof path, "out/%s", run->set.name);
    sv_status status = out_folder_open(&run->folder, run->options->output ? run->options->output : path);
    run->folder_open = true;
    return status;
}

static sv_status open_all(video_run *run, const char *path) {
    const video_options *options = run->options;
    sv_status status = check_options(options, path);
    if (status == SV_OK)
        status = ledger_check_open(&run->ledger, options->check_ledger);
    if (status == SV_OK)
        status = is_folder(path) ? sv_video_set_open(&run->set, path)
                                 : sv_video_set_single(&run->set, path, options->times, options->labels);
    if (status != SV_OK)
        return status;
    run->result = calloc(run->set.n, sizeof *run->result);
    run->labels = calloc(run->set.n, sizeof *run->labels);
    run->row = calloc(run->set.n + GROUPS_CAP, sizeof *run->row);
    if (!run->result || !run->labels || !run->row)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < run->set.n && status == SV_OK; i++)
        if (*run->set.clip[i].labels)
            status = sv_labels2d_read(&run->labels[i].box, &run->labels[i].n, run->set.clip[i].labels,
                                      run->set.stills ? run->set.clip[i].name : NULL);
    sv_backend_level level;
    if (status == SV_OK)
        status = sv_backend_level_parse(&level, options->input->backend);
    if (status == SV_OK)
        status = sv_backend_create(&run->backend, level);
    return status == SV_OK ? sv_team_create(&run->team, n_threads(run)) : status;
}

static void close_all(video_run *run) {
    if (run->folder_open)
        out_folder_discard(&run->folder);
    ledger_check_close(&run->ledger);
    for (size_t i = 0; run->result && i < run->set.n; i++)
        clip_result_free(&run->result[i]);
    for (size_t i = 0; run->labels && i < run->set.n; i++)
        free(run->labels[i].box);
    free(run->result);
    free(run->labels);
    free(run->row);
    sv_team_destroy(run->team);
    sv_backend_destroy(run->backend);
    sv_video_set_free(&run->set);
}

/* ---- running ---- */

/* A block is a clip: several clips share the threads, one alone gives them to its decoder. */
static void run_clip(void *user, size_t i) {
    const video_run *run = user;
    const int threads = n_threads(run), most = threads < DECODER_THREADS_CAP ? threads : DECODER_THREADS_CAP;
    clip_run(&run->result[i], &run->set.clip[i], (int32_t)i, run->backend, run->set.n == 1 ? most : 1);
}

/* The first clip that failed, by name, not by time. */
static sv_status check_results(video_run *run) {
    for (size_t i = 0; i < run->set.n; i++) {
        if (run->result[i].status != SV_OK)
            return sv_fail(run->result[i].status, "%s", run->result[i].error);
        run->interrupted = run->interrupted || run->result[i].interrupted;
        run->n_frames += (int64_t)run->result[i].n_frames;
    }
    return SV_OK;
}

/* ---- tables ---- */

static sv_status write_ledger_line(video_run *run, FILE *file, const sv_ledger_line *line) {
    char text[SV_LEDGER_LINE_CAP];
    sv_ledger_format(text, line);
    fprintf(file, "%s\n", text);
    sv_hash_i64(&run->ledger_hash, line->set);
    for (int stage = 0; stage < SV_N_STAGES; stage++)
        sv_hash_u64(&run->ledger_hash, line->hash[stage]);
    const sv_products products = {.set = line->set, .ledger = *line};
    const sv_sink sink = ledger_check_sink(&run->ledger);
    return sink.set(sink.self, &products);
}

/* Frame sets are numbered through all clips. */
static sv_status write_ledger(video_run *run) {
    FILE *file;
    sv_status status = out_folder_create(&file, &run->folder, "run.ledger");
    run->ledger_hash = sv_hash_begin();
    int64_t set = 0;
    for (size_t i = 0; i < run->set.n; i++)
        for (size_t k = 0; k < run->result[i].n_frames && status == SV_OK; k++) {
            run->result[i].ledger[k].set = set++;
            status = write_ledger_line(run, file, &run->result[i].ledger[k]);
        }
    if (status == SV_OK && !run->interrupted)
        status = ledger_check_end(&run->ledger);
    return status;
}

static sv_status write_tracks(video_run *run) {
    FILE *file;
    sv_status status = out_folder_create(&file, &run->folder, "tracks2d.csv");
    if (status == SV_OK)
        status = sv_report_tracks2d_header(file);
    for (size_t i = 0; i < run->set.n; i++)
        for (size_t k = 0; k < run->result[i].n_rows && status == SV_OK; k++) {
            const clip_row *row = &run->result[i].row[k];
            const sv_video2d_line line = {run->set.clip[i].name, row->frame,      row->t,          row->track.id,
                                          row->track.u_px,       row->track.v_px, row->track.w_px, row->track.h_px,
                                          row->track.score,      row->track.seen};
            status = sv_report_tracks2d_row(file, &line);
        }
    return status;
}

/* ---- score ---- */

/* A background is learned first; a single image needs none. */
static int32_t first_scored(size_t n_frames) {
    return n_frames == 1 ? 0 : FIRST_SCORED_FRAME;
}

static sv_status score_clip(sv_score2d *out, const clip_result *result, const clip_labels *labels, const char *path) {
    if (labels->n > 0 && labels->box[labels->n - 1].frame >= (int64_t)result->n_frames && !result->interrupted)
        return sv_fail(SV_ERR_INPUT, "%s: a label of frame %d, but the video has %zu frames", path,
                       (int)labels->box[labels->n - 1].frame, result->n_frames);
    sv_box2d *box = malloc((result->n_rows + 1) * sizeof *box);
    if (!box)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < result->n_rows; i++) {
        const sv_track2d *t = &result->row[i].track;
        box[i] = (sv_box2d){.frame = result->row[i].frame,
                            .id = t->id,
                            .x_px = t->u_px + 0.5 - t->w_px / 2,
                            .y_px = t->v_px + 0.5 - t->h_px / 2,
                            .w_px = t->w_px,
                            .h_px = t->h_px};
    }
    sv_status status =
        sv_score2d_video(out, labels->box, labels->n, box, result->n_rows, first_scored(result->n_frames));
    free(box);
    return status;
}

/* Adds a clip to the sum of its group, which starts when it is first named. */
static void add_to_group(video_run *run, const char *group, const char *name, const sv_score2d *score) {
    if (!*name)
        return;
    size_t i = run->set.n;
    while (i < run->n_rows && (strcmp(run->row[i].group, group) || strcmp(run->row[i].name, name)))
        i++;
    if (i == run->set.n + GROUPS_CAP)
        return;
    if (i == run->n_rows)
        run->row[run->n_rows++] = (sv_video2d_row){.group = group, .name = name, .has_labels = true};
    sv_score2d_add(&run->row[i].score, score);
}

static sv_status score_all(video_run *run) {
    sv_status status = SV_OK;
    for (size_t i = 0; i < run->set.n && status == SV_OK; i++) {
        const sv_clip *clip = &run->set.clip[i];
        const clip_result *result = &run->result[i];
        run->row[run->n_rows++] = (sv_video2d_row){.group = "clip",
                                                   .name = clip->name,
                                                   .has_labels = *clip->labels != '\0',
                                                   .modality = clip->modality,
                                                   .object_class = clip->object_class,
                                                   .distance = clip->distance,
                                                   .motion = clip->motion,
                                                   .n_frames = (int64_t)result->n_frames,
                                                   .n_tracks = result->n_tracks,
                                                   .moves = result->moved,
                                                   .path_px = result->motion.path_px,
                                                   .n_restarts = result->n_restarts};
        if (*clip->labels)
            status = score_clip(&run->row[i].score, result, &run->labels[i], clip->labels);
    }
    return status;
}

/* Clips of a resting camera, then all clips: in all, by band, by class and by distance, names in order of the clips. */
static void sum_groups(video_run *run) {
    enum { N_KEYS = 4 };
    for (int all = 0; all < 2; all++)
        for (int key = 0; key < N_KEYS; key++)
            for (size_t i = 0; i < run->set.n; i++) {
                const sv_video2d_row *row = &run->row[i];
                const char *const name[N_KEYS] = {"all", row->modality, row->object_class, row->distance};
                if (row->has_labels && (all || !strcmp(row->motion, "static")))
                    add_to_group(run, all ? "all" : "static", name[key], &row->score);
            }
}

/* ---- report ---- */

static int64_t peak_rss_bytes(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (int64_t)usage.ru_maxrss * 1024 : 0; /* Linux counts in KiB */
}

static double all_durations(const video_run *run) {
    double sum = 0;
    for (size_t i = 0; i < run->set.n; i++)
        sum += run->result[i].duration_s;
    return sum;
}

static sv_status write_reports(video_run *run, const sv_report *report) {
    FILE *json, *html;
    sv_status status = out_folder_create(&json, &run->folder, "report.json");
    if (status == SV_OK)
        status = sv_report_write_json(report, json);
    if (status == SV_OK)
        status = out_folder_create(&html, &run->folder, "report.html");
    if (status == SV_OK)
        status = sv_report_write_html(report, html);
    if (status == SV_OK)
        status = out_folder_publish(&run->folder);
    if (status != SV_OK)
        return status;
    if (run->options->json)
        return sv_report_write_json(report, stdout);
    if (run->options->quiet)
        return SV_OK;
    status = sv_report_write_text(report, stdout, isatty(STDOUT_FILENO) && !getenv("NO_COLOR"));
    printf("%s/report.html\n", run->folder.path);
    return status;
}

static sv_status report(video_run *run, const char *path) {
    char words[COMMAND_CAP];
    const int n = snprintf(words, sizeof words, "skyvox run %s", path);
    if (run->options->labels && n < COMMAND_CAP)
        snprintf(words + n, sizeof words - (size_t)n, " --labels %s", run->options->labels);
    const sv_report_video2d video = {run->row, run->n_rows, first_scored(run->result[0].n_frames), run->set.stills};
    const sv_report all = {
        .scenario = run->set.name,
        .description = run->set.stills ? "Small bright things in single images" : "2D tracks of videos",
        .command = words,
        .commit = SKYVOX_COMMIT,
        .backend = run->backend->name,
        .n_threads = sv_team_size(run->team),
        .frame_sets = run->n_frames,
        .duration_s = all_durations(run),
        .time_scale = "dataset",
        .ledger_hash = sv_hash_end(&run->ledger_hash),
        .interrupted = run->interrupted,
        .video2d = &video,
        .with_timing = !run->options->no_timing,
        .centroid_rms_px = NAN,
        .cost = {NAN, NAN, NAN, NAN, NAN, NAN},
        .latency_p50_ms = NAN,
        .latency_p99_ms = NAN,
        .peak_rss_bytes = peak_rss_bytes(),
        .wall_s = now_s() - run->begin_s,
    };
    return write_reports(run, &all);
}

int run_video(const video_options *options, const char *path) {
    video_run run = {.options = options, .begin_s = now_s()};
    sv_status status = open_all(&run, path);
    if (status == SV_OK) {
        interrupt_install();
        sv_team_run(run.team, run.set.n, run_clip, &run);
        status = check_results(&run);
    }
    if (status == SV_OK)
        status = score_all(&run);
    if (status == SV_OK) {
        sum_groups(&run);
        status = open_folder(&run);
    }
    if (status == SV_OK)
        status = write_ledger(&run);
    if (status == SV_OK)
        status = write_tracks(&run);
    if (status == SV_OK)
        status = report(&run, path);
    int exit_status = status == SV_OK ? EXIT_DONE : options_exit_status(status);
    if (status == SV_OK && run.ledger.differs) {
        fprintf(stderr, "skyvox: %s\n", run.ledger.difference);
        exit_status = EXIT_WORSE;
    }
    if (status == SV_OK && run.interrupted)
        exit_status = EXIT_INTERRUPTED;
    close_all(&run);
    return exit_status;
}
