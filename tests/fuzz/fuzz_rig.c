/* Any bytes as the rig file that a scenario names: an error or cameras that the core takes, never a crash. */
#include <formats/scenario.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char scenario_text[] =
    "{\"name\": \"s\", \"duration_s\": 1, \"frame_rate_hz\": 25, \"rig\": {\"file\": \"rig.json\"}}";

/* The two files, in a folder of this process alone that stays while it runs. */
static char folder[] = "/tmp/skyvox-fuzz-rig-XXXXXX", scenario_path[64], rig_path[64];

static void remove_folder(void) {
    unlink(scenario_path);
    unlink(rig_path);
    rmdir(folder);
}

static void write_file(const char *path, const void *data, size_t n) {
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, n, file) != n || fclose(file) != 0) {
        abort();
    }
}

static void make_folder(void) {
    if (mkdtemp(folder) == NULL) {
        abort();
    }
    snprintf(scenario_path, sizeof scenario_path, "%s/scenario.json", folder);
    snprintf(rig_path, sizeof rig_path, "%s/rig.json", folder);
    write_file(scenario_path, scenario_text, sizeof scenario_text - 1);
    atexit(remove_folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (scenario_path[0] == '\0') {
        make_folder();
    }
    write_file(rig_path, data, size);
    sv_scenario *scenario;
    if (sv_scenario_load(&scenario, scenario_path, NULL, 0) == SV_OK && sv_config_check(&scenario->config) != SV_OK) {
        abort();
    }
    sv_scenario_destroy(scenario);
    return 0;
}
