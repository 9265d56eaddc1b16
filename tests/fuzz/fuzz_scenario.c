/* Any text as a scenario: an error or a scenario, never a crash. The text before a first 0x1E is one --set assignment. */
#include <formats/scenario.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    const char *separator = size > 0 ? memchr(text, 0x1E, size) : NULL;
    size_t n_assignment = separator != NULL ? (size_t)(separator - text) : 0;
    char *assignment = calloc(n_assignment + 1, 1);
    if (assignment == NULL) {
        return 0;
    }
    if (n_assignment > 0) {
        memcpy(assignment, text, n_assignment);
    }
    size_t skipped = separator != NULL ? n_assignment + 1 : 0;
    const char *const override[] = {assignment};
    sv_scenario *scenario;
    sv_scenario_parse(&scenario, "fuzz", text + skipped, size - skipped, override, separator != NULL ? 1 : 0);
    sv_scenario_destroy(scenario);
    free(assignment);
    return 0;
}
