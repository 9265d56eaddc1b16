/* Side tables of videos: the first byte says which (labels, times, index), the rest is the text. */
#include <replay/video_parts.h>
#include <replay/video_set.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_labels(sv_csv *csv) {
    sv_box2d *label;
    size_t n;
    if (sv_labels2d_take(&label, &n, csv, NULL) != SV_OK) {
        return;
    }
    for (size_t i = 1; i < n; i++) {
        if (label[i].frame < label[i - 1].frame) {
            abort();
        }
    }
    sv_score2d score;
    if (n < 1000 && (sv_score2d_video(&score, label, n, label, n, 0) != SV_OK || score.n_matched > score.n_labels)) {
        abort();
    }
    free(label);
}

static void take_times(sv_csv *csv) {
    sv_frame_times times;
    if (sv_frame_times_take(&times, csv) != SV_OK) {
        return;
    }
    for (size_t i = 1; i < times.n; i++) {
        if (times.t[i] <= times.t[i - 1]) {
            abort();
        }
    }
    sv_frame_times_destroy(&times);
}

static void take_index(sv_csv *csv) {
    sv_clip clip[2] = {{.name = "a"}, {.name = "b"}};
    sv_video_set set = {.clip = clip, .n = 2};
    (void)sv_video_set_take_index(&set, csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    sv_csv *csv;
    if (size == 0 || sv_csv_open_text(&csv, "table", (const char *)data + 1, size - 1) != SV_OK) {
        return 0;
    }
    switch (data[0] % 3) {
    case 0:
        take_labels(csv);
        break;
    case 1:
        take_times(csv);
        break;
    default:
        take_index(csv);
    }
    sv_csv_close(csv);
    return 0;
}
