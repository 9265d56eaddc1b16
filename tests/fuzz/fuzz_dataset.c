/* Any texts as a folder: cameras.json, dataset.json, the table and truth.csv, parted by 0x1E; an empty part is no file. */
#include <replay/dataset_parts.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { N_PARTS = 4, EVENTS_CAP = 10000 };

/* Cut at the separators, in place; absent and empty parts are NULL. */
static void cut(const char *part[N_PARTS], char *text) {
    for (int i = 0; i < N_PARTS; i++) {
        part[i] = NULL;
    }
    for (int i = 0; i < N_PARTS && text != NULL; i++) {
        char *separator = strchr(text, 0x1E);
        if (separator != NULL) {
            *separator = '\0';
        }
        part[i] = *text != '\0' ? text : NULL;
        text = separator != NULL ? separator + 1 : NULL;
    }
}

/* Events and truth must come in order. */
static void play(sv_dataset *dataset) {
    sv_source source = sv_dataset_source(dataset);
    sv_event event;
    sv_time t = INT64_MIN;
    for (int i = 0; i < EVENTS_CAP && source.next(source.self, &event) == SV_OK; i++) {
        if (event.t < t) {
            abort();
        }
        t = event.t;
        struct sv_truth_set set;
        while (source.truth != NULL && source.truth(source.self, &set) == SV_OK) {
            if (event.kind != SV_EVENT_END && set.t > t) {
                abort();
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    if (text == NULL) {
        return 0;
    }
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    const char *part[N_PARTS];
    cut(part, text);
    sv_dataset_texts texts = {
        .cameras = part[0], .dataset = part[1], .detections = part[2], .points = part[2], .truth = part[3]};
    sv_dataset *dataset;
    if (sv_dataset_open_texts(&dataset, &texts, NULL, 0) == SV_OK) {
        play(dataset);
    }
    sv_dataset_destroy(dataset);
    free(text);
    return 0;
}
