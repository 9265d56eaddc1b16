/* `skyvox verify` and `skyvox repair`: what of a session is whole, and a clean copy of it. */
#include "options.h"

#include <formats/json_write.h>
#include <replay/session.h>

typedef struct verify_options {
    bool json, quiet;
} verify_options;

static const option verify_option[] = {
    {"json", 0, NULL, "print the counts as JSON and nothing else", OPTION_FLAG, offsetof(verify_options, json), 0, 0},
    {"quiet", 'q', NULL, "print nothing but the damage", OPTION_FLAG, offsetof(verify_options, quiet), 0, 0},
};

enum { LINES_CAP = 100 };

static void print_line(void *user, const char *line) {
    int *n = user;
    if ((*n)++ < LINES_CAP)
        fprintf(stderr, "skyvox: %s\n", line);
}

static void write_check(const sv_session_check *check, const sv_session *session) {
    sv_json_out json = {.file = stdout};
    sv_json_out_open(&json, NULL, '{', false);
    sv_json_out_text(&json, "note", sv_session_note(session));
    sv_json_out_int(&json, "rows", check->n_rows);
    sv_json_out_int(&json, "frames", check->n_frames);
    sv_json_out_int(&json, "bad_rows", check->n_bad_rows);
    sv_json_out_int(&json, "bad_frames", check->n_bad_frames);
    sv_json_out_int(&json, "tile_chunks", check->n_tiles);
    sv_json_out_int(&json, "bad_tile_chunks", check->n_bad_tiles);
    sv_json_out_int(&json, "bad_journal", check->n_bad_journal);
    sv_json_out_int(&json, "bad_hdf5", check->n_bad_hdf5);
    sv_json_out_uint(&json, "bytes", check->n_bytes);
    sv_json_out_close(&json, '}');
}

static int verify_main(const command *cmd, int argc, char **argv) {
    verify_options options = {0};
    const char *path[INPUTS_CAP];
    sv_status status = options_parse(&options, path, cmd, argc, argv);
    if (status != SV_OK)
        return options_exit_status(status);
    sv_session *session;
    status = sv_session_open(&session, path[0]);
    if (status != SV_OK)
        return options_exit_status(status);
    sv_session_check check;
    int n_lines = 0;
    bool whole = !*sv_session_note(session);
    if (!whole)
        print_line(&n_lines, sv_session_note(session));
    status = sv_session_verify(&check, session, print_line, &n_lines);
    if (status == SV_OK && n_lines > LINES_CAP)
        fprintf(stderr, "skyvox: and %d more\n", n_lines - LINES_CAP);
    if (status == SV_OK && options.json)
        write_check(&check, session);
    else if (status == SV_OK && !options.quiet)
        printf("%lld rows, %lld frames and %lld chunks of tiles (%.1f MB) checked: %lld, %lld and %lld damaged or cut "
               "off\n",
               (long long)check.n_rows, (long long)check.n_frames, (long long)check.n_tiles,
               (double)check.n_bytes * 1e-6, (long long)check.n_bad_rows, (long long)check.n_bad_frames,
               (long long)check.n_bad_tiles);
    sv_session_close(session);
    if (status != SV_OK)
        return options_exit_status(status);
    return whole && n_lines == 0 ? EXIT_DONE : EXIT_WORSE;
}

const command command_verify = {
    .name = "verify",
    .summary = "check every recorded byte of a session",
    .inputs = "SESSION.h5",
    .n_inputs = 1,
    .description = "Every row and every frame carries a checksum. Each damage is a line on standard error\n"
                   "that names the camera and frame, or the table and row; the first 100 are printed.\n"
                   "A file whose recording ended well is opened by HDF5, too.\n",
    .option = verify_option,
    .n_options = sizeof verify_option / sizeof *verify_option,
    .worse = "something is damaged, missing or was cut off",
    .examples = "  skyvox verify flight.h5\n",
    .run = verify_main,
};

/* ---- repair ---- */

static void print_repair(const sv_session_repair *kept, bool json) {
    if (json) {
        sv_json_out out = {.file = stdout};
        sv_json_out_open(&out, NULL, '{', false);
        sv_json_out_int(&out, "events", kept->n_events);
        sv_json_out_int(&out, "sets", kept->n_sets);
        sv_json_out_int(&out, "truth_stamps", kept->n_stamps);
        sv_json_out_int(&out, "lost_events", kept->n_bad_events);
        sv_json_out_int(&out, "lost_sets", kept->n_bad_sets);
        sv_json_out_int(&out, "lost_truth_stamps", kept->n_bad_stamps);
        sv_json_out_close(&out, '}');
        return;
    }
    printf("kept %lld events, %lld frame sets, %lld stamps of truth; lost %lld, %lld, %lld\n",
           (long long)kept->n_events, (long long)kept->n_sets, (long long)kept->n_stamps, (long long)kept->n_bad_events,
           (long long)kept->n_bad_sets, (long long)kept->n_bad_stamps);
}

static int repair_main(const command *cmd, int argc, char **argv) {
    verify_options options = {0};
    const char *path[INPUTS_CAP];
    sv_status status = options_parse(&options, path, cmd, argc, argv);
    if (status != SV_OK)
        return options_exit_status(status);
    sv_session *session;
    sv_session_repair kept;
    status = sv_session_open(&session, path[0]);
    if (status == SV_OK)
        status = sv_session_copy(&kept, session, path[1], NULL);
    if (status == SV_OK && (options.json || !options.quiet))
        print_repair(&kept, options.json);
    sv_session_close(session);
    return options_exit_status(status);
}

const command command_repair = {
    .name = "repair",
    .summary = "write what is whole of a damaged session to a clean one",
    .inputs = "SESSION.h5 CLEAN.h5",
    .n_inputs = 2,
    .description = "The damaged session is only read. An event whose pixels or rows are damaged becomes a gap\n"
                   "of its camera; a frame set that is not whole is left out.\n",
    .option = verify_option,
    .n_options = sizeof verify_option / sizeof *verify_option,
    .examples = "  skyvox repair torn.h5 clean.h5\n",
    .run = repair_main,
};
