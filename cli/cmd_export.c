/* `skyvox export`: a session as CSV tables and PNG images. */
#include "input.h"
#include "interrupt.h"
#include "options.h"
#include "out_folder.h"
#include "png_write.h"
#include "run_output.h"

#include <errno.h>
#include <formats/report.h>
#include <string.h>

typedef struct export_options {
    const char *output, *detections;
    bool images, json, quiet;
} export_options;

static const option export_option[] = {
    {"output", 'o', "DIR", "output folder, required", OPTION_TEXT, offsetof(export_options, output), 0, 0},
    {"detections", 0, "WHAT",
     "rows of detections.csv: all (the default), none (no such\ntable), or those from an SNR on", OPTION_TEXT,
     offsetof(export_options, detections), 0, 0},
    {"images", 0, NULL,
     "every recorded frame as camID_FRAME.png, too; of level tiles\nthe tiles over the last background", OPTION_FLAG,
     offsetof(export_options, images), 0, 0},
    {"json", 0, NULL, "print the counts as JSON and nothing else", OPTION_FLAG, offsetof(export_options, json), 0, 0},
    {"quiet", 'q', NULL, "print nothing but errors", OPTION_FLAG, offsetof(export_options, quiet), 0, 0},
};

typedef struct export_counts {
    int64_t n_sets, n_stamps, n_images, n_damaged;
} export_counts;

/* NULL where it is not wanted. */
static sv_status start_detections(FILE **file, out_folder *folder, const sv_tables *wanted) {
    *file = NULL;
    if (!wanted->detections) {
        out_folder_omit(folder, "detections.csv");
        return SV_OK;
    }
    sv_status status = out_folder_create(file, folder, "detections.csv");
    return status == SV_OK ? sv_report_detections_header(*file) : status;
}

static sv_status export_sets(export_counts *counts, sv_session *session, out_folder *folder, const sv_tables *wanted) {
    FILE *tracks, *detections, *ledger;
    sv_status status = out_folder_create(&tracks, folder, "tracks.csv");
    status = status == SV_OK ? start_detections(&detections, folder, wanted) : status;
    status = status == SV_OK ? out_folder_create(&ledger, folder, "run.ledger") : status;
    status = status == SV_OK ? sv_report_tracks_header(tracks) : status;
    for (int64_t i = 0; i < sv_session_n_sets(session) && status == SV_OK && !interrupt_requested(); i++) {
        const sv_products *p;
        char line[SV_LEDGER_LINE_CAP];
        if (sv_session_read_set(&p, session, i) != SV_OK) {
            counts->n_damaged++;
            continue;
        }
        sv_ledger_format(line, &p->ledger);
        if (fprintf(ledger, "%s\n", line) < 0)
            return sv_fail(SV_ERR_IO, "run.ledger: cannot write: %s", strerror(errno));
        status = sv_report_tracks_rows(tracks, p->track, p->n_tracks);
        if (status == SV_OK && detections)
            status = sv_report_detections_rows(detections, sv_session_config(session), p->detection, p->n_detections,
                                               wanted->detections_snr);
        counts->n_sets++;
    }
    return status;
}

static sv_status export_truth(export_counts *counts, sv_session *session, out_folder *folder) {
    int64_t n = sv_session_rows(session, SV_TABLE_TRUTH_STAMPS);
    FILE *file;
    if (n == 0) {
        out_folder_omit(folder, "truth.csv");
        return SV_OK;
    }
    sv_status status = out_folder_create(&file, folder, "truth.csv");
    status = status == SV_OK ? sv_report_truth_header(file) : status;
    for (int64_t i = 0; i < n && status == SV_OK && !interrupt_requested(); i++) {
        sv_truth_set set;
        if (sv_session_read_truth(&set, session, i) != SV_OK) {
            counts->n_damaged++;
            continue;
        }
        status = sv_report_truth_rows(file, &set);
        counts->n_stamps++;
    }
    return status;
}

/* One image, whole or not at all. */
static sv_status export_image(const char *folder, const sv_frame *frame, int32_t id) {
    char path[OUT_PATH_CAP + 64], part[OUT_PATH_CAP + 64];
    snprintf(path, sizeof path, "%.1000s/cam%d_%06d.png", folder, (int)id, (int)frame->number);
    snprintf(part, sizeof part, "%.1000s/.part-cam%d_%06d.png", folder, (int)id, (int)frame->number);
    FILE *file = fopen(part, "wb");
    if (!file)
        return sv_fail(SV_ERR_IO, "%s: %s", part, strerror(errno));
    sv_status status = png_write_frame(file, frame);
    bool good = fclose(file) == 0;
    if (status == SV_OK && (!good || rename(part, path) != 0))
        status = sv_fail(SV_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
    if (status != SV_OK)
        remove(part);
    return status;
}

/* Level tiles: every frame that has some, over the background recorded last before it. */
static sv_status export_tiles(export_counts *counts, sv_session *session, const char *folder) {
    const sv_config *config = sv_session_config(session);
    sv_status status = SV_OK;
    for (int32_t c = 0; c < config->n_cameras && status == SV_OK; c++) {
        sv_frame frame;
        sv_status read;
        for (int64_t i = 0; status == SV_OK && !interrupt_requested() &&
                            (read = sv_session_compose_frame(&frame, session, c, &i, NULL)) != SV_END;) {
            if (read != SV_OK) {
                counts->n_damaged++;
                continue;
            }
            status = export_image(folder, &frame, config->camera[c].id);
            counts->n_images++;
        }
    }
    return status;
}

static sv_status export_images(export_counts *counts, sv_session *session, const char *folder) {
    if (sv_session_get_meta(session)->level == SV_RECORD_TILES)
        return export_tiles(counts, session, folder);
    const sv_config *config = sv_session_config(session);
    for (int32_t c = 0; c < config->n_cameras; c++) {
        int64_t n = sv_session_rows(session, SV_TABLE_INDEX + c);
        for (int64_t i = 0; i < n && !interrupt_requested(); i++) {
            sv_frame frame;
            if (sv_session_read_frame(&frame, session, c, i, NULL) != SV_OK) {
                counts->n_damaged++;
                continue;
            }
            sv_status status = export_image(folder, &frame, config->camera[c].id);
            if (status != SV_OK)
                return status;
            counts->n_images++;
        }
    }
    return SV_OK;
}

static void print_counts(const export_counts *counts, const export_options *options) {
    if (options->json)
        printf("{\"sets\": %lld, \"truth_stamps\": %lld, \"images\": %lld, \"damaged\": %lld}\n",
               (long long)counts->n_sets, (long long)counts->n_stamps, (long long)counts->n_images,
               (long long)counts->n_damaged);
    else if (!options->quiet)
        printf("%s: %lld frame sets, %lld stamps of truth, %lld images\n", options->output, (long long)counts->n_sets,
               (long long)counts->n_stamps, (long long)counts->n_images);
}

static int export_main(const command *cmd, int argc, char **argv) {
    export_options options = {0};
    const char *path[INPUTS_CAP];
    sv_status status = options_parse(&options, path, cmd, argc, argv);
    if (status != SV_OK)
        return options_exit_status(status);
    if (!options.output)
        return options_exit_status(sv_fail(SV_ERR_INPUT, "export: --output DIR is missing"));
    sv_tables wanted = {.detections = true};
    status = run_tables_choose(&wanted, options.detections);
    if (status != SV_OK)
        return options_exit_status(status);
    sv_session *session;
    status = sv_session_open(&session, path[0]);
    if (status != SV_OK)
        return options_exit_status(status);
    out_folder folder;
    export_counts counts = {0};
    bool interrupted = false;
    interrupt_install(); /* before the first temporary file: nobody would remove it */
    status = out_folder_open(&folder, options.output);
    if (status == SV_OK) {
        status = export_sets(&counts, session, &folder, &wanted);
        status = status == SV_OK ? export_truth(&counts, session, &folder) : status;
        status = status == SV_OK && options.images ? export_images(&counts, session, folder.path) : status;
        interrupted = interrupt_requested();
        status = status == SV_OK && !interrupted ? out_folder_publish(&folder) : status;
        out_folder_discard(&folder);
    }
    sv_session_close(session);
    if (status != SV_OK)
        return options_exit_status(status);
    if (interrupted)
        return EXIT_INTERRUPTED;
    print_counts(&counts, &options);
    if (counts.n_damaged > 0)
        fprintf(stderr, "skyvox: %lld frame sets, stamps or images are damaged and were left out\n",
                (long long)counts.n_damaged);
    return counts.n_damaged > 0 ? EXIT_WORSE : EXIT_DONE;
}

const command command_export = {
    .name = "export",
    .summary = "write a session's tables as CSV and its frames as PNG",
    .inputs = "SESSION.h5",
    .n_inputs = 1,
    .description = "tracks.csv, detections.csv, truth.csv and run.ledger as `skyvox run` writes them, of what was\n"
                   "recorded. Images of more than 8 bit are scaled to the full 16, as `skyvox render` does.\n",
    .option = export_option,
    .n_options = sizeof export_option / sizeof *export_option,
    .worse = "something was damaged and left out",
    .examples = "  skyvox export flight.h5 -o flight --images\n",
    .run = export_main,
};
