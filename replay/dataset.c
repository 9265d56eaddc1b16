/* A folder as a source of events. */
#include <replay/dataset_parts.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_CAP = 4096 };

/* ---- opening ---- */

static sv_status join(char path[PATH_CAP], const char *folder, const char *file) {
    int n = snprintf(path, PATH_CAP, "%s/%s", folder, file);
    return n > 0 && n < PATH_CAP ? SV_OK : sv_fail(SV_ERR_INPUT, "%.64s...: the path is too long", folder);
}

static bool exists(const char *folder, const char *file) {
    char path[PATH_CAP];
    if (join(path, folder, file) < 0) {
        return false;
    }
    FILE *stream = fopen(path, "rb");
    bool missing = stream == NULL && (errno == ENOENT || errno == ENOTDIR);
    if (stream != NULL) {
        fclose(stream);
    }
    return !missing;
}

static void close_files(sv_dataset_files *files) {
    sv_json_destroy(files->cameras);
    sv_json_destroy(files->dataset);
    sv_csv_close(files->table);
    sv_csv_close(files->truth);
}

static sv_status apply_overrides(sv_json *dataset, const char *const *override, int n_override) {
    for (int i = 0; i < n_override; i++) {
        sv_status status = sv_json_override(dataset, override[i]);
        if (status < 0) {
            return status;
        }
    }
    return SV_OK;
}

/* From open files; `name` where dataset.json has none. */
static sv_status build(sv_dataset **out, sv_dataset_files *files, const char *name) {
    sv_dataset *dataset = calloc(1, sizeof *dataset);
    if (dataset == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    snprintf(dataset->meta.name, sizeof dataset->meta.name, "%s", name);
    sv_status status = sv_dataset_read_meta(dataset, files);
    if (status == SV_OK) {
        status = dataset->meta.kind == SV_DATASET_DETECTIONS ? sv_dataset_read_labels(dataset, files->table)
                                                             : sv_dataset_read_points(dataset, files->table);
    }
    if (status == SV_OK && dataset->n_frames == 0) {
        status = sv_fail(SV_ERR_INPUT, "%s: line 1: found no rows below the header", sv_csv_name(files->table));
    }
    if (status == SV_OK && files->truth != NULL) {
        status = sv_dataset_read_truth(dataset, files->truth);
    }
    if (status < 0) {
        sv_dataset_destroy(dataset);
        return status;
    }
    *out = dataset;
    return SV_OK;
}

static sv_status open_csv(sv_csv **out, const char *folder, const char *file) {
    char path[PATH_CAP];
    sv_status status = join(path, folder, file);
    return status < 0 ? status : sv_csv_open(out, path);
}

/* Last part of the path, for a folder that has no name of its own. */
static void folder_name(char name[64], const char *folder) {
    size_t end = strlen(folder);
    while (end > 1 && folder[end - 1] == '/') {
        end--;
    }
    size_t begin = end;
    while (begin > 0 && folder[begin - 1] != '/') {
        begin--;
    }
    size_t n = end - begin < 63 ? end - begin : 63;
    memcpy(name, folder + begin, n);
    name[n] = '\0';
    if (n == 0 || name[0] == '.') {
        strcpy(name, "dataset");
    }
}

static sv_status open_files(sv_dataset_files *files, const char *folder, const char *cameras_path,
                            const char *dataset_path) {
    bool has_cameras = exists(folder, "cameras.json");
    bool has_dataset = exists(folder, "dataset.json");
    if (!has_cameras && !has_dataset) {
        return sv_fail(SV_ERR_INPUT, "%s: found neither cameras.json nor dataset.json", folder);
    }
    sv_status status = SV_OK;
    if (has_cameras) {
        status = sv_json_load(&files->cameras, cameras_path);
    }
    if (status == SV_OK && has_dataset) {
        status = sv_json_load(&files->dataset, dataset_path);
    } else if (status == SV_OK) {
        files->dataset = sv_json_make_object();
        status = files->dataset != NULL ? SV_OK : sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    status = status < 0 ? status : open_csv(&files->table, folder, has_cameras ? "detections.csv" : "points.csv");
    if (status == SV_OK && exists(folder, "truth.csv")) {
        status = open_csv(&files->truth, folder, "truth.csv");
    }
    return status;
}

sv_status sv_dataset_open(sv_dataset **out, const char *folder, const char *const *override, int n_override) {
    *out = NULL;
    char cameras_path[PATH_CAP], dataset_path[PATH_CAP], name[64];
    sv_status status = join(cameras_path, folder, "cameras.json");
    status = status < 0 ? status : join(dataset_path, folder, "dataset.json");
    if (status < 0) {
        return status;
    }
    sv_dataset_files files = {.cameras_name = cameras_path, .dataset_name = dataset_path};
    folder_name(name, folder);
    status = open_files(&files, folder, cameras_path, dataset_path);
    status = status < 0 ? status : apply_overrides(files.dataset, override, n_override);
    status = status < 0 ? status : build(out, &files, name);
    close_files(&files);
    return status;
}

sv_status sv_dataset_open_texts(sv_dataset **out, const sv_dataset_texts *texts, const char *const *override,
                                int n_override) {
    *out = NULL;
    sv_dataset_files files = {.cameras_name = "cameras.json", .dataset_name = "dataset.json"};
    const char *dataset_text = texts->dataset != NULL ? texts->dataset : "{}";
    const char *table_name = texts->cameras != NULL ? "detections.csv" : "points.csv";
    const char *table_text = texts->cameras != NULL ? texts->detections : texts->points;
    table_text = table_text != NULL ? table_text : "";
    sv_status status = sv_json_parse(&files.dataset, files.dataset_name, dataset_text, strlen(dataset_text));
    if (status == SV_OK && texts->cameras != NULL) {
        status = sv_json_parse(&files.cameras, files.cameras_name, texts->cameras, strlen(texts->cameras));
    }
    status = status < 0 ? status : sv_csv_open_text(&files.table, table_name, table_text, strlen(table_text));
    if (status == SV_OK && texts->truth != NULL) {
        status = sv_csv_open_text(&files.truth, "truth.csv", texts->truth, strlen(texts->truth));
    }
    status = status < 0 ? status : apply_overrides(files.dataset, override, n_override);
    status = status < 0 ? status : build(out, &files, "dataset");
    close_files(&files);
    return status;
}

void sv_dataset_destroy(sv_dataset *dataset) {
    if (dataset != NULL) {
        free(dataset->camera);
        free(dataset->label);
        free(dataset->point);
        free(dataset->frame);
        free(dataset->detections);
        free(dataset->points);
        free(dataset->sample);
        free(dataset->stamp);
        free(dataset);
    }
}

sv_dataset_kind sv_dataset_get_kind(const sv_dataset *dataset) {
    return dataset->meta.kind;
}

const char *sv_dataset_name(const sv_dataset *dataset) {
    return dataset->meta.name;
}

const sv_config *sv_dataset_config(const sv_dataset *dataset) {
    return &dataset->config;
}

double sv_dataset_warmup_s(const sv_dataset *dataset) {
    return dataset->meta.warmup_s;
}

double sv_dataset_gate_m(const sv_dataset *dataset) {
    return dataset->meta.gate_m;
}

bool sv_dataset_detect(const char *folder) {
    return exists(folder, "cameras.json") || exists(folder, "dataset.json");
}

/* ---- events ---- */

static void fill_detections(sv_event *event, sv_dataset *dataset, const sv_dataset_frame *frame) {
    for (size_t i = 0; i < frame->n; i++) {
        dataset->detections[i] = dataset->label[frame->first + i].detection;
    }
    event->kind = SV_EVENT_DETECTIONS;
    event->as.detections.item = dataset->detections;
    event->as.detections.n = frame->n;
}

static void fill_points(sv_event *event, sv_dataset *dataset, const sv_dataset_frame *frame) {
    for (size_t i = 0; i < frame->n; i++) {
        const sv_dataset_point *point = &dataset->point[frame->first + i];
        double variance = point->sigma_m * point->sigma_m;
        dataset->points[i] =
            (sv_point){.t = point->t, .p_w = point->p_w, .cov_m2 = {variance, 0, 0, variance, 0, variance}};
    }
    event->kind = SV_EVENT_POINTS;
    event->as.points.item = dataset->points;
    event->as.points.n = frame->n;
}

/* A scan in which nothing was measured, between the scans `before` and `after`, in equal steps. */
static void fill_empty(sv_event *event, const sv_dataset_frame *before, const sv_dataset_frame *after, int32_t number) {
    int64_t n_steps = after->number - before->number;
    int64_t step = number - before->number;
    int64_t gap = after->t - before->t;
    event->kind = SV_EVENT_POINTS;
    event->camera = -1;
    event->frame = number;
    event->t = before->t + gap / n_steps * step + gap % n_steps * step / n_steps;
    event->as.points.item = NULL;
    event->as.points.n = 0;
}

/* True: an empty scan is due before frame i_frame, and event is it. */
static bool next_empty(sv_event *event, sv_dataset *dataset) {
    size_t i = dataset->at.i_frame;
    if (dataset->meta.kind != SV_DATASET_POINTS || i == 0) {
        return false;
    }
    const sv_dataset_frame *frame = dataset->frame;
    int32_t number = frame[i - 1].number + dataset->at.n_filled + 1;
    if (number >= frame[i].number) {
        return false;
    }
    fill_empty(event, &frame[i - 1], &frame[i], number);
    dataset->at.n_filled++;
    return true;
}

static sv_status next(void *self, sv_event *event) {
    sv_dataset *dataset = self;
    if (dataset->at.ended) {
        return SV_END;
    }
    *event = (sv_event){.seq = dataset->at.seq++, .camera = -1};
    if (dataset->at.i_frame == dataset->n_frames) {
        event->kind = SV_EVENT_END;
        event->t = dataset->at.t;
        dataset->at.ended = true;
        return SV_OK;
    }
    if (!next_empty(event, dataset)) {
        const sv_dataset_frame *frame = &dataset->frame[dataset->at.i_frame++];
        dataset->at.n_filled = 0;
        event->t = frame->t;
        event->camera = frame->camera;
        event->frame = frame->number;
        if (dataset->meta.kind == SV_DATASET_DETECTIONS) {
            fill_detections(event, dataset, frame);
        } else {
            fill_points(event, dataset, frame);
        }
    }
    dataset->at.t = event->t;
    return SV_OK;
}

static sv_status truth(void *self, struct sv_truth_set *set) {
    sv_dataset *dataset = self;
    if (dataset->at.i_stamp == dataset->n_stamps) {
        return SV_END;
    }
    const sv_dataset_stamp *stamp = &dataset->stamp[dataset->at.i_stamp];
    if (!dataset->at.ended && (dataset->at.seq == 0 || stamp->t > dataset->at.t)) {
        return SV_AGAIN;
    }
    dataset->at.i_stamp++;
    *set = (sv_truth_set){.t = stamp->t, .sample = dataset->sample + stamp->first, .n_samples = stamp->n};
    return SV_OK;
}

static void close_nothing(void *self) {
    (void)self;
}

sv_source sv_dataset_source(sv_dataset *dataset) {
    memset(&dataset->at, 0, sizeof dataset->at);
    return (sv_source){
        .self = dataset, .next = next, .truth = dataset->has_truth ? truth : NULL, .close = close_nothing};
}
