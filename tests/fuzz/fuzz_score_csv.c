/* Any bytes as truth, as tracks and as regions to ignore, by the rules for anyone's files; what is read is scored. */
#include <formats/score_input.h>
#include <skyvox/metrics.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS_MAX = 64 };

static void read_both(sv_score_input *in, const char *text, size_t n) {
    for (int text_ids = 0; text_ids < 2; text_ids++) {
        sv_csv *csv;
        if (in->truth == NULL && sv_csv_open_text(&csv, "truth", text, n) == SV_OK) {
            sv_csv_take_any_truth(&in->truth, &in->n_truth, &in->truth_names, text_ids, csv);
            sv_csv_close(csv);
        }
        if (in->tracks == NULL && sv_csv_open_text(&csv, "tracks", text, n) == SV_OK) {
            sv_csv_take_any_tracks(&in->tracks, &in->n_tracks, &in->track_names, text_ids, &in->has_score, csv);
            sv_csv_close(csv);
        }
    }
}

static void score(const sv_score_input *in) {
    sv_score_config config = sv_score_config_default();
    sv_score_roc_point roc[SV_SCORE_ROC_CAP];
    sv_sanity sanity[SV_SANITY_CAP];
    sv_score *result;
    size_t n;
    config.union_stamps = true;
    if (sv_score_create(&result, &config, in->truth, in->n_truth, in->tracks, in->n_tracks) == SV_OK) {
        sv_score_roc(roc, &n, &config, in->truth, in->n_truth, in->tracks, in->n_tracks);
        sv_score_sanity(sanity, &n, &config, in->truth, in->n_truth, in->tracks, in->n_tracks);
        sv_score_destroy(result);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    sv_score_input in = {0};
    sv_csv *csv;
    read_both(&in, (const char *)data, size);
    if (sv_csv_open_text(&csv, "ignore", (const char *)data, size) == SV_OK) {
        sv_score_input_ignore_table(&in, csv);
        sv_csv_close(csv);
    }
    if (in.n_truth <= ROWS_MAX && in.n_tracks <= ROWS_MAX) {
        score(&in);
    }
    sv_score_input_release(&in);
    return 0;
}
