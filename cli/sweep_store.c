#include "sweep_store.h"

#include "whole_file.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <skyvox/ledger.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROW_NAME_CAP = 64, SETTINGS_CAP = SWEEP_AXES_CAP * SWEEP_SETTING_CAP };

/* "seed-7.json", with a hash of the settings in front where there is a grid. */
static void row_name(char name[ROW_NAME_CAP], const sv_sweep *sweep, const sv_sweep_run *run) {
    char settings[SETTINGS_CAP];
    sv_hash hash = sv_hash_begin();
    for (const char *c = sv_sweep_point_name(settings, sizeof settings, sweep, run->point); *c; c++)
        sv_hash_u64(&hash, (unsigned char)*c);
    if (sweep->n_axes)
        snprintf(name, ROW_NAME_CAP, "%016" PRIx64 "-seed-%" PRIu64 ".json", sv_hash_end(&hash), run->seed);
    else
        snprintf(name, ROW_NAME_CAP, "seed-%" PRIu64 ".json", run->seed);
}

void sweep_store_path(char path[OUT_PATH_CAP + 64], const sweep_store *store, const sweep_plan *plan,
                      const sv_sweep_run *run) {
    char name[ROW_NAME_CAP];
    row_name(name, plan->sweep, run);
    snprintf(path, OUT_PATH_CAP + 64, "%s/%s", store->runs, name);
}

/* ---- rows that are there ---- */

/* Point of the plan that a row's settings are; -1 when the plan has none such. */
static int32_t find_point(const sv_sweep *sweep, const sv_sweep *row) {
    int32_t point = 0;
    if (row->n_axes != sweep->n_axes)
        return -1;
    for (int32_t i = 0; i < sweep->n_axes; i++) {
        if (strcmp(row->axis[i].path, sweep->axis[i].path) != 0)
            return -1;
        int32_t i_value = sv_texts_find(&sweep->axis[i].value, row->axis[i].value.item[0]);
        if (i_value < 0)
            return -1;
        point = point * sweep->axis[i].value.n + i_value;
    }
    return point;
}

/* The plan holds the same consecutive seeds at every point. */
static sv_sweep_run *find_run(const sv_sweep *sweep, const sv_sweep *row) {
    int32_t point = find_point(sweep, row);
    size_t n_seeds = sweep->n_runs / (size_t)sv_sweep_n_points(sweep);
    uint64_t first = sweep->run[0].seed, seed = row->run[0].seed;
    if (point < 0 || seed < first || seed - first >= n_seeds)
        return NULL;
    return &sweep->run[(size_t)point * n_seeds + (size_t)(seed - first)];
}

static sv_status check_row(const sv_sweep *sweep, const sv_sweep *row, const char *path) {
    static const char other[] = "use another folder";
    if (row->n_runs != 1 || sv_sweep_n_points(row) != 1)
        return sv_fail(SV_ERR_INPUT, "%s: expected one run", path);
    if (strcmp(row->scenario, sweep->scenario) != 0)
        return sv_fail(SV_ERR_INPUT, "%s: a run of '%s', expected '%s': %s", path, row->scenario, sweep->scenario,
                       other);
    if (row->scenario_hash != sweep->scenario_hash)
        return sv_fail(SV_ERR_INPUT, "%s: '%s' has changed since this run: %s", path, sweep->scenario, other);
    if (!sv_texts_equal(&row->set, &sweep->set))
        return sv_fail(SV_ERR_INPUT, "%s: a run with other --set assignments: %s", path, other);
    if (!sv_texts_equal(&row->key, &sweep->key))
        return sv_fail(SV_ERR_INPUT, "%s: a run of a program with other numbers: %s", path, other);
    return SV_OK;
}

/* Remember the first run of every program. */
static sv_status note_maker(sweep_store *store, const char *program, size_t i_run) {
    for (int i = 0; i < store->n_makers; i++) {
        sweep_maker *maker = &store->maker[i];
        if (strcmp(maker->program, program) != 0)
            continue;
        maker->i_run = i_run < maker->i_run ? i_run : maker->i_run;
        return SV_OK;
    }
    if (store->n_makers == SWEEP_PROGRAMS_CAP)
        return sv_fail(SV_ERR_INPUT, "%s: runs of more than %d programs", store->runs, SWEEP_PROGRAMS_CAP);
    sweep_maker *maker = &store->maker[store->n_makers++];
    snprintf(maker->program, sizeof maker->program, "%s", program);
    maker->i_run = i_run;
    return SV_OK;
}

static sv_status take_row(sweep_store *store, sweep_plan *plan, const char *name) {
    char path[OUT_PATH_CAP + 256];
    sv_sweep *row;
    snprintf(path, sizeof path, "%s/%s", store->runs, name);
    sv_status status = sv_sweep_read(&row, path);
    if (status != SV_OK)
        return status;
    status = check_row(plan->sweep, row, path);
    sv_sweep_run *run = status == SV_OK ? find_run(plan->sweep, row) : NULL;
    if (run && !run->value) {
        run->ledger_hash = row->run[0].ledger_hash;
        run->value = row->run[0].value;
        row->run[0].value = NULL;
        status = note_maker(store, row->program, (size_t)(run - plan->sweep->run));
    }
    sv_sweep_destroy(row);
    return status;
}

static int is_row(const struct dirent *entry) {
    size_t n = strlen(entry->d_name);
    return entry->d_name[0] != '.' && n > 5 && !strcmp(entry->d_name + n - 5, ".json");
}

static int is_part(const struct dirent *entry) {
    return !strncmp(entry->d_name, WHOLE_FILE_PREFIX, strlen(WHOLE_FILE_PREFIX));
}

static sv_status take_rows(sweep_store *store, sweep_plan *plan) {
    struct dirent **entry;
    int n = scandir(store->runs, &entry, is_row, alphasort);
    if (n < 0)
        return sv_fail(SV_ERR_INPUT, "%s: %s", store->runs, strerror(errno));
    sv_status status = SV_OK;
    for (int i = 0; i < n; i++) {
        if (status == SV_OK)
            status = take_row(store, plan, entry[i]->d_name);
        free(entry[i]);
    }
    free(entry);
    return status;
}

sv_status sweep_store_open(sweep_store *store, sweep_plan *plan, const char *folder) {
    out_folder made;
    memset(store, 0, sizeof *store);
    if (snprintf(store->folder, sizeof store->folder, "%s", folder) >= OUT_PATH_CAP ||
        snprintf(store->runs, sizeof store->runs, "%s/runs", folder) >= OUT_PATH_CAP)
        return sv_fail(SV_ERR_INPUT, "%s: too long a path", folder);
    sv_status status = out_folder_open(&made, store->runs);
    return status == SV_OK ? take_rows(store, plan) : status;
}

/* ---- writing ---- */

/* A sweep of one run; it borrows from the plan and must not be destroyed. */
static void make_row(sv_sweep *row, sv_sweep_axis axis[SWEEP_AXES_CAP], const char *value[SWEEP_AXES_CAP],
                     sv_sweep_run *run, const sweep_plan *plan) {
    *row = *plan->sweep;
    for (int32_t i = 0; i < row->n_axes; i++) {
        value[i] = sv_sweep_setting(plan->sweep, run->point, i);
        axis[i] = (sv_sweep_axis){.path = plan->sweep->axis[i].path, .value = {.item = (char **)&value[i], .n = 1}};
    }
    run->point = 0;
    row->axis = axis;
    row->run = run;
    row->n_runs = 1;
    snprintf(row->program, sizeof row->program, "%s %s", sv_version(), SKYVOX_COMMIT);
}

sv_status sweep_store_keep(const sweep_store *store, const sweep_plan *plan, const sv_sweep_run *run) {
    char name[ROW_NAME_CAP];
    sv_sweep row;
    sv_sweep_axis axis[SWEEP_AXES_CAP];
    const char *value[SWEEP_AXES_CAP];
    sv_sweep_run copy = *run;
    whole_file whole;
    row_name(name, plan->sweep, run);
    make_row(&row, axis, value, &copy, plan);
    sv_status status = whole_file_open(&whole, store->runs, name);
    return whole_file_close(&whole, status == SV_OK ? sv_sweep_write_row(&row, whole.file) : status);
}

static void remove_parts(const char *folder) {
    struct dirent **entry;
    int n = scandir(folder, &entry, is_part, alphasort);
    for (int i = 0; i < n; i++) {
        char path[OUT_PATH_CAP + 256];
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        unlink(path);
        free(entry[i]);
    }
    if (n >= 0)
        free(entry);
}

sv_status sweep_store_write_tables(const sweep_store *store, const sv_sweep *sweep) {
    static const struct {
        const char *name;
        sv_status (*write)(const sv_sweep *sweep, FILE *file);
    } table[] = {
        {"sweep.csv", sv_sweep_write_csv}, {"sweep.html", sv_sweep_write_html}, {"sweep.json", sv_sweep_write_json}};
    remove_parts(store->runs);
    remove_parts(store->folder);
    sv_status status = SV_OK;
    for (size_t i = 0; i < sizeof table / sizeof *table && status == SV_OK; i++) {
        whole_file whole;
        status = whole_file_open(&whole, store->folder, table[i].name);
        status = whole_file_close(&whole, status == SV_OK ? table[i].write(sweep, whole.file) : status);
    }
    return status;
}
