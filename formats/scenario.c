/* A scenario file: text -> tree -> overrides -> structs, each by its table, then the checks that span several keys. */
#include <formats/scenario_fields.h>

#include <skyvox/ledger.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a run may ask for: beyond these a typing error is likelier than a wish. */
#define FRAME_SETS_LIMIT 1e7
#define PIXELS_LIMIT 4e9

enum { PATH_CAP = 4096 };

/* ---- overrides and the rig file ---- */

/* A ring and a rig file stand for cameras, so assignments below rig.cameras come after both are written out. */
typedef enum phase {
    PHASE_RIG_FILE = 0,
    PHASE_MOST = 1,
    PHASE_CAMERAS = 2,
} phase;

static phase phase_of(const char *assignment) {
    if (strncmp(assignment, "rig.file=", 9) == 0) {
        return PHASE_RIG_FILE;
    }
    return strncmp(assignment, "rig.cameras.", 12) == 0 ? PHASE_CAMERAS : PHASE_MOST;
}

static sv_status override_phase(sv_json *root, const char *const *override, int n_override, phase now) {
    for (int i = 0; i < n_override; i++) {
        sv_status status = phase_of(override[i]) == now ? sv_json_override(root, override[i]) : SV_OK;
        if (status < 0) {
            return status;
        }
    }
    return SV_OK;
}

/* "folder/of/" + file, for a file that is not absolute. */
static bool join(char path[PATH_CAP], const char *scenario_path, const char *file) {
    const char *slash = strrchr(scenario_path, '/');
    size_t n = slash == NULL || file[0] == '/' ? 0 : (size_t)(slash - scenario_path) + 1;
    size_t n_file = strlen(file);
    if (n + n_file >= PATH_CAP) {
        return false;
    }
    memcpy(path, scenario_path, n);
    memcpy(path + n, file, n_file + 1);
    return true;
}

/* Replace {"file": ...} by the file's content, which joins the hash. folder_of NULL: text in memory has no folder. */
static sv_status inline_rig_file(sv_json *root, uint64_t *text_hash, const char *name, const char *folder_of) {
    const sv_json *rig = sv_json_get(root, "rig");
    if (sv_json_get(rig, "file") == NULL) {
        return SV_OK;
    }
    sv_json_place top = {.file = name};
    sv_json_place place = {.file = name, .up = &top, .key = "rig"};
    sv_rig_text text = {.file = ""};
    sv_status status = sv_json_bind(&text, sv_rig_fields(), &place, rig, NULL, false);
    if (status < 0) {
        return status;
    }
    if (sv_json_size(rig) != 1) {
        return sv_json_fail(&place, "file", "a rig file stands alone, found other keys beside it");
    }
    char path[PATH_CAP];
    if (folder_of == NULL || !join(path, folder_of, text.file)) {
        return sv_json_fail(&place, "file", "a scenario that is no file, or too long a path, cannot name a rig file");
    }
    sv_json *content;
    status = sv_json_load(&content, path);
    if (status < 0) {
        return status;
    }
    sv_hash hash = {.h = *text_hash};
    sv_hash_u64(&hash, sv_json_hash(content));
    *text_hash = sv_hash_end(&hash);
    return sv_json_set(root, "rig", content);
}

/* ---- arrays ---- */

static sv_status read_groups(sv_object_group *group, const sv_json *array, bool wanted, const char *key,
                             const char *name) {
    sv_json_place top = {.file = name};
    sv_json_place place = {.file = name, .up = &top, .key = key};
    int32_t n = sv_json_size(array);
    for (int32_t i = 0; i < n; i++) {
        sv_json_place below = {.file = name, .up = &place, .index = i};
        sv_status status = sv_json_bind(&group[i], sv_group_fields(), &below, sv_json_at(array, i), NULL, false);
        if (status < 0) {
            return status;
        }
        group[i].wanted = wanted;
    }
    return SV_OK;
}

static sv_status read_objects(sv_scenario *scenario, const sv_json *root, const char *name) {
    const sv_json *targets = sv_json_get(root, "targets");
    const sv_json *distractors = sv_json_get(root, "distractors");
    int32_t n_targets = sv_json_size(targets);
    scenario->n_groups = n_targets + sv_json_size(distractors);
    scenario->group = calloc((size_t)scenario->n_groups + 1, sizeof *scenario->group);
    if (scenario->group == NULL) {
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", name);
    }
    sv_status status = read_groups(scenario->group, targets, true, "targets", name);
    return status < 0 ? status : read_groups(scenario->group + n_targets, distractors, false, "distractors", name);
}

static sv_status read_expectations(sv_scenario *scenario, const sv_json *root, const char *name) {
    const sv_json *array = sv_json_get(root, "expect");
    sv_json_place top = {.file = name};
    sv_json_place place = {.file = name, .up = &top, .key = "expect"};
    scenario->n_expect = sv_json_size(array);
    scenario->expect = calloc((size_t)scenario->n_expect + 1, sizeof *scenario->expect);
    if (scenario->expect == NULL) {
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", name);
    }
    for (int32_t i = 0; i < scenario->n_expect; i++) {
        sv_json_place below = {.file = name, .up = &place, .index = i};
        sv_status status =
            sv_json_bind(&scenario->expect[i], sv_expect_fields(), &below, sv_json_at(array, i), NULL, false);
        if (status < 0) {
            return status;
        }
    }
    return SV_OK;
}

static sv_status read_pipeline(sv_scenario *scenario, const sv_json *root, const char *name) {
    sv_json_place top = {.file = name};
    sv_json_place place = {.file = name, .up = &top, .key = "pipeline"};
    sv_config *config = &scenario->config;
    config->sync.rate_hz = 0.0;
    for (int32_t i = 0; i < config->n_cameras; i++) {
        config->sync.rate_hz = fmax(config->sync.rate_hz, config->camera[i].rate_hz);
    }
    sv_status status = sv_json_bind(config, sv_pipeline_fields(), &place, sv_json_get(root, "pipeline"), NULL, false);
    if (status < 0) {
        return status;
    }
    return sv_config_check(config) < 0 ? sv_json_blame(&top) : SV_OK;
}

/* ---- the whole ---- */

static sv_status check_size(const sv_scenario *scenario, const char *name) {
    sv_json_place top = {.file = name};
    double n_sets = scenario->duration_s * scenario->config.sync.rate_hz;
    if (n_sets > FRAME_SETS_LIMIT) {
        return sv_json_fail(&top, "duration_s", "found %.0f frame sets, expected at most %.0f", n_sets,
                            FRAME_SETS_LIMIT);
    }
    double n_pixels = 0.0;
    for (int32_t i = 0; i < scenario->config.n_cameras; i++) {
        const sv_camera *camera = &scenario->config.camera[i];
        n_pixels += (double)camera->width * camera->height;
    }
    if (n_pixels > PIXELS_LIMIT) {
        return sv_json_fail(&top, "rig.cameras", "found %.0f pixels in all, expected at most %.0f", n_pixels,
                            PIXELS_LIMIT);
    }
    return SV_OK;
}

static sv_status read_scenario(sv_scenario *scenario, const sv_json *root, const char *name) {
    sv_json_place top = {.file = name};
    sv_status status = sv_json_bind(scenario, sv_scenario_fields(), &top, root, NULL, false);
    status = status < 0 ? status : sv_scenario_read_rig(scenario, root, name);
    status = status < 0 ? status : read_objects(scenario, root, name);
    status = status < 0 ? status : read_pipeline(scenario, root, name);
    status = status < 0 ? status : read_expectations(scenario, root, name);
    return status < 0 ? status : check_size(scenario, name);
}

static sv_status apply_overrides(sv_json *root, uint64_t *text_hash, const char *name, const char *folder_of,
                                 const char *const *override, int n_override) {
    sv_status status = override_phase(root, override, n_override, PHASE_RIG_FILE);
    status = status < 0 ? status : inline_rig_file(root, text_hash, name, folder_of);
    status = status < 0 ? status : override_phase(root, override, n_override, PHASE_MOST);
    status = status < 0 ? status : sv_scenario_expand_ring(root, name);
    return status < 0 ? status : override_phase(root, override, n_override, PHASE_CAMERAS);
}

/* Takes the tree over. */
static sv_status from_tree(sv_scenario **out, sv_json *root, const char *name, const char *folder_of,
                           const char *const *override, int n_override) {
    sv_scenario *scenario = calloc(1, sizeof *scenario);
    sv_status status = scenario != NULL ? SV_OK : sv_fail(SV_ERR_NOMEM, "%s: out of memory", name);
    if (status == SV_OK) {
        scenario->config = sv_config_default();
        scenario->text_hash = sv_json_hash(root);
        status = apply_overrides(root, &scenario->text_hash, name, folder_of, override, n_override);
        status = status < 0 ? status : read_scenario(scenario, root, name);
    }
    sv_json_destroy(root);
    if (status < 0) {
        sv_scenario_destroy(scenario);
        return status;
    }
    *out = scenario;
    return SV_OK;
}

sv_status sv_scenario_load(sv_scenario **out, const char *path, const char *const *override, int n_override) {
    *out = NULL;
    sv_json *root;
    sv_status status = sv_json_load(&root, path);
    return status < 0 ? status : from_tree(out, root, path, path, override, n_override);
}

sv_status sv_scenario_parse(sv_scenario **out, const char *name, const char *text, size_t n_text,
                            const char *const *override, int n_override) {
    *out = NULL;
    sv_json *root;
    sv_status status = sv_json_parse(&root, name, text, n_text);
    return status < 0 ? status : from_tree(out, root, name, NULL, override, n_override);
}

void sv_scenario_destroy(sv_scenario *scenario) {
    if (scenario != NULL) {
        free((sv_camera *)scenario->config.camera);
        free(scenario->sensor);
        free(scenario->group);
        free(scenario->expect);
        free(scenario);
    }
}
