/* Any bytes as MOTChallenge text. */
#include <formats/score_input.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    sv_mot_row *row;
    size_t n;
    bool is_text = sv_mot_is_text(text, size), is_empty = sv_mot_is_empty(text, size);
    if (is_text && is_empty) {
        abort();
    }
    if (sv_mot_parse(&row, &n, "fuzz", text, size) == SV_OK) {
        for (size_t i = 0; i < n; i++) {
            if (row[i].frame < 0 || row[i].id < 0) {
                abort();
            }
        }
        free(row);
    }
    return 0;
}
