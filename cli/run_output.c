#include "run_output.h"

#include <errno.h>
#include <formats/csv.h>
#include <formats/report.h>
#include <string.h>

/* ---- tables ---- */

sv_status run_tables_choose(sv_tables *wanted, const char *text) {
    double snr = 0;
    if (!text)
        return SV_OK;
    bool none = !strcmp(text, "none");
    if (!none && strcmp(text, "all") && (!sv_number_parse(&snr, text) || !(snr > 0)))
        return sv_fail(SV_ERR_INPUT, "--detections %s: expected all, none or an SNR above 0", text);
    *wanted = (sv_tables){.detections = !none, .detections_snr = snr};
    return SV_OK;
}

sv_status run_tables_open(run_tables *tables, out_folder *folder, const sv_config *config, const sv_tables *wanted,
                          bool has_truth) {
    memset(tables, 0, sizeof *tables);
    tables->config = config;
    tables->wanted = *wanted;
    tables->ledger_hash = sv_hash_begin();
    sv_status status = out_folder_create(&tables->ledger, folder, "run.ledger");
    if (status == SV_OK)
        status = out_folder_create(&tables->tracks, folder, "tracks.csv");
    if (status == SV_OK && wanted->detections)
        status = out_folder_create(&tables->detections, folder, "detections.csv");
    if (status == SV_OK && has_truth)
        status = out_folder_create(&tables->truth, folder, "truth.csv");
    if (status == SV_OK)
        status = sv_report_tracks_header(tables->tracks);
    if (status == SV_OK && wanted->detections)
        status = sv_report_detections_header(tables->detections);
    if (status == SV_OK && has_truth)
        status = sv_report_truth_header(tables->truth);
    if (!has_truth)
        out_folder_omit(folder, "truth.csv");
    if (!wanted->detections)
        out_folder_omit(folder, "detections.csv");
    return status;
}

void run_ledger_hash(sv_hash *hash, const sv_ledger_line *line) {
    sv_hash_i64(hash, line->set);
    for (int stage = 0; stage < SV_N_STAGES; stage++)
        sv_hash_u64(hash, line->hash[stage]);
}

static sv_status tables_set(void *self, const sv_products *products) {
    run_tables *tables = self;
    char line[SV_LEDGER_LINE_CAP];
    sv_ledger_format(line, &products->ledger);
    run_ledger_hash(&tables->ledger_hash, &products->ledger);
    if (fprintf(tables->ledger, "%s\n", line) < 0)
        return sv_fail(SV_ERR_IO, "run.ledger: cannot write: %s", strerror(errno));
    sv_status status = sv_report_tracks_rows(tables->tracks, products->track, products->n_tracks);
    if (status == SV_OK && tables->detections)
        status = sv_report_detections_rows(tables->detections, tables->config, products->detection,
                                           products->n_detections, tables->wanted.detections_snr);
    return status;
}

static sv_status tables_truth(void *self, const sv_truth_set *set) {
    const run_tables *tables = self;
    return sv_report_truth_rows(tables->truth, set);
}

sv_sink run_tables_sink(run_tables *tables) {
    return (sv_sink){.self = tables, .set = tables_set};
}

truth_sink run_tables_truth_sink(run_tables *tables) {
    return (truth_sink){.self = tables, .truth = tables_truth};
}

/* ---- check against a ledger ---- */

sv_status ledger_check_open(ledger_check *check, const char *path) {
    memset(check, 0, sizeof *check);
    check->path = path;
    if (!path)
        return SV_OK;
    check->file = fopen(path, "rb");
    if (!check->file)
        return sv_fail(SV_ERR_INPUT, "%s: %s", path, strerror(errno));
    return SV_OK;
}

void ledger_check_close(ledger_check *check) {
    if (check->file)
        fclose(check->file);
    check->file = NULL;
}

/* SV_END after the last line. */
static sv_status next_line(sv_ledger_line *line, ledger_check *check) {
    char text[SV_LEDGER_LINE_CAP + 2];
    if (!fgets(text, sizeof text, check->file)) {
        if (ferror(check->file))
            return sv_fail(SV_ERR_INPUT, "%s: %s", check->path, strerror(errno));
        return SV_END;
    }
    check->n_lines++;
    text[strcspn(text, "\r\n")] = '\0';
    if (sv_ledger_parse(line, text) != SV_OK)
        return sv_fail(SV_ERR_INPUT, "%s:%lld: expected a frame set number and five hashes", check->path,
                       (long long)check->n_lines);
    return SV_OK;
}

static void note(ledger_check *check, int64_t set, const char *what) {
    check->differs = true;
    snprintf(check->difference, sizeof check->difference, "ledger: frame set %lld%s %s", (long long)set, what,
             check->path);
}

static sv_status check_set(void *self, const sv_products *products) {
    ledger_check *check = self;
    if (!check->file || check->differs)
        return SV_OK;
    sv_ledger_line line;
    sv_status status = next_line(&line, check);
    if (status == SV_END || (status == SV_OK && line.set != products->ledger.set)) {
        note(check, products->ledger.set, " is not in");
        return SV_OK;
    }
    if (status != SV_OK)
        return status;
    sv_stage stage = sv_ledger_difference(&line, &products->ledger, check->from);
    if (stage == SV_N_STAGES)
        return SV_OK;
    char what[64];
    snprintf(what, sizeof what, ", stage %s differs from", sv_stage_name(stage));
    note(check, products->ledger.set, what);
    return SV_OK;
}

sv_sink ledger_check_sink(ledger_check *check) {
    return (sv_sink){.self = check, .set = check_set};
}

sv_status ledger_check_end(ledger_check *check) {
    if (!check->file || check->differs)
        return SV_OK;
    sv_ledger_line line;
    sv_status status = next_line(&line, check);
    if (status == SV_OK)
        note(check, line.set, " was not reached, it is in");
    return status == SV_END ? SV_OK : status;
}
