/* Any bytes as a report.json that is read back. */
#include <formats/report_read.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    sv_report_file *report;
    if (sv_report_file_parse(&report, "fuzz", (const char *)data, size) != SV_OK) {
        return 0;
    }
    for (size_t i = 0; i < report->n; i++) {
        if (memchr(report->number[i].key, '\0', SV_REPORT_KEY_CAP) == NULL ||
            sv_report_file_find(report, report->number[i].key) == NULL) {
            abort();
        }
    }
    sv_report_file_destroy(report);
    return 0;
}
