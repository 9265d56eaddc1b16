/* Any text as a line of a ledger: an error, or a line that prints and reads back as itself. */
#include <skyvox/ledger.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = calloc(size + 1, 1);
    if (text == NULL) {
        return 0;
    }
    if (size > 0) {
        memcpy(text, data, size);
    }
    sv_ledger_line line, again;
    if (sv_ledger_parse(&line, text) == SV_OK) {
        char printed[SV_LEDGER_LINE_CAP];
        sv_ledger_format(printed, &line);
        if (sv_ledger_parse(&again, printed) != SV_OK || again.set != line.set ||
            sv_ledger_difference(&line, &again, SV_STAGE_SYNC) != SV_N_STAGES) {
            abort();
        }
    }
    free(text);
    return 0;
}
