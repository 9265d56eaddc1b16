/* detections.csv, points.csv and truth.csv: rows in order of time, cut into frames, scans and stamps. */
#include <replay/dataset_parts.h>
#include <skyvox/camera.h>
#include <skyvox/math.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PIXEL_LIMIT 1e6
#define POSITION_LIMIT_M 1e9

/* Longest silence between two scans that is filled with empty ones. */
#define EMPTY_SCANS_CAP 1000000.0

static sv_status no_memory(void) {
    return sv_fail(SV_ERR_NOMEM, "out of memory for the rows of a data set");
}

sv_status sv_dataset_grow(void **array, size_t *cap, size_t n, size_t size) {
    if (n < *cap) {
        return SV_OK;
    }
    size_t wanted = *cap < 1024 ? 1024 : *cap * 2;
    void *bigger = wanted > SIZE_MAX / size ? NULL : realloc(*array, wanted * size);
    if (bigger == NULL) {
        return no_memory();
    }
    *array = bigger;
    *cap = wanted;
    return SV_OK;
}

/* Sorts only what is not in order already, because that takes the memory twice. */
static sv_status sort_rows(void *rows, size_t n, size_t size, bool (*less)(const void *, const void *, void *)) {
    const char *row = rows;
    size_t i = 1;
    while (i < n && !less(row + i * size, row + (i - 1) * size, NULL)) {
        i++;
    }
    if (i >= n) {
        return SV_OK;
    }
    void *scratch = malloc(n * size);
    if (scratch == NULL) {
        return no_memory();
    }
    sv_sort(rows, n, size, less, NULL, scratch);
    free(scratch);
    return SV_OK;
}

/* Appends rows first .. first + n - 1 as one frame or scan. */
static sv_status add_frame(sv_dataset *dataset, size_t *cap, sv_dataset_frame frame) {
    void *array = dataset->frame;
    sv_status status = sv_dataset_grow(&array, cap, dataset->n_frames, sizeof frame);
    dataset->frame = array;
    if (status == SV_OK) {
        dataset->frame[dataset->n_frames++] = frame;
    }
    return status;
}

static size_t largest_frame(const sv_dataset *dataset) {
    size_t most = 0;
    for (size_t i = 0; i < dataset->n_frames; i++) {
        most = dataset->frame[i].n > most ? dataset->frame[i].n : most;
    }
    return most;
}

/* ---- detections ---- */

typedef struct label_columns {
    int t, camera, frame, u, v, snr, sigma_u, sigma_v;
} label_columns;

/* x_px is another name of u_px, y_px of v_px. */
static sv_status find_pixel(int *column, const sv_csv *csv, const char *name, const char *other) {
    *column = sv_csv_column(csv, other);
    return *column >= 0 ? SV_OK : sv_csv_require(column, csv, name);
}

static sv_status find_label_columns(label_columns *c, const sv_csv *csv) {
    c->snr = sv_csv_column(csv, "snr");
    c->sigma_u = sv_csv_column(csv, "sigma_u_px");
    c->sigma_v = sv_csv_column(csv, "sigma_v_px");
    sv_status status = sv_csv_require(&c->t, csv, "t_s");
    status = status < 0 ? status : sv_csv_require(&c->camera, csv, "camera");
    status = status < 0 ? status : sv_csv_require(&c->frame, csv, "frame");
    status = status < 0 ? status : find_pixel(&c->u, csv, "x_px", "u_px");
    return status < 0 ? status : find_pixel(&c->v, csv, "y_px", "v_px");
}

static sv_status fail_row(const sv_csv *csv, const char *column, const char *expected) {
    return sv_fail(SV_ERR_INPUT, "%s: line %lld: %s: found %.40s, expected %s", sv_csv_name(csv),
                   (long long)sv_csv_line(csv), column, sv_csv_text(csv, sv_csv_column(csv, column)), expected);
}

static int32_t camera_of_id(const sv_dataset *dataset, int64_t id) {
    for (int32_t i = 0; i < dataset->config.n_cameras; i++) {
        if (dataset->camera[i].id == id) {
            return i;
        }
    }
    return -1;
}

static sv_status read_camera_and_frame(sv_dataset_label *label, const sv_csv *csv, const label_columns *c,
                                       const sv_dataset *dataset) {
    int64_t id = 0;
    int64_t frame = 0;
    sv_status status = sv_csv_int(&id, csv, c->camera);
    status = status < 0 ? status : sv_csv_int(&frame, csv, c->frame);
    if (status < 0) {
        return status;
    }
    label->detection.camera = camera_of_id(dataset, id);
    label->detection.frame = (int32_t)(frame >= 0 && frame <= INT32_MAX ? frame : 0);
    if (label->detection.camera < 0) {
        return fail_row(csv, "camera", "an id of cameras.json");
    }
    return label->detection.frame == frame ? SV_OK : fail_row(csv, "frame", "an integer from 0 to 2147483647");
}

/* Variance of an optional sigma column; both or none. */
static sv_status read_sigma(double *variance, const sv_csv *csv, int column) {
    double sigma;
    sv_status status = sv_csv_double(&sigma, csv, column);
    if (status == SV_OK && !(sigma > 0.0 && sigma <= PIXEL_LIMIT)) {
        return sv_fail(SV_ERR_INPUT, "%s: line %lld: found a sigma of %.40s, expected more than 0", sv_csv_name(csv),
                       (long long)sv_csv_line(csv), sv_csv_text(csv, column));
    }
    *variance = sigma * sigma;
    return status;
}

static sv_status read_label(sv_dataset_label *label, const sv_csv *csv, const label_columns *c,
                            const sv_dataset *dataset) {
    *label = (sv_dataset_label){.line = sv_csv_line(csv)};
    sv_detection *d = &label->detection;
    sv_status status = sv_csv_time(&label->t, csv, c->t);
    status = status < 0 ? status : read_camera_and_frame(label, csv, c, dataset);
    status = status < 0 ? status : sv_csv_double(&d->u_px, csv, c->u);
    status = status < 0 ? status : sv_csv_double(&d->v_px, csv, c->v);
    if (status == SV_OK && !(fabs(d->u_px) <= PIXEL_LIMIT && fabs(d->v_px) <= PIXEL_LIMIT)) {
        return sv_fail(SV_ERR_INPUT, "%s: line %lld: found a pixel beyond +-1000000", sv_csv_name(csv),
                       (long long)label->line);
    }
    if (status == SV_OK && c->snr >= 0) {
        status = sv_csv_double(&d->snr, csv, c->snr);
        if (status == SV_OK && !(d->snr >= 0.0 && d->snr <= 1e9)) {
            return fail_row(csv, "snr", "0 (unknown) or more");
        }
    }
    if (status == SV_OK && c->sigma_u >= 0 && c->sigma_v >= 0) {
        status = read_sigma(&d->cov_px2[0], csv, c->sigma_u);
        status = status < 0 ? status : read_sigma(&d->cov_px2[2], csv, c->sigma_v);
    }
    if (status == SV_OK) {
        d->t = sv_camera_row_time(&dataset->camera[d->camera], label->t, d->v_px);
    }
    return status;
}

static bool label_less(const void *a, const void *b, void *user) {
    const sv_dataset_label *x = a;
    const sv_dataset_label *y = b;
    (void)user;
    if (x->t != y->t) {
        return x->t < y->t;
    }
    if (x->detection.camera != y->detection.camera) {
        return x->detection.camera < y->detection.camera;
    }
    return x->detection.frame < y->detection.frame;
}

/* Frames of one camera must rise with time. newest: [n_cameras], -1 before the first. */
static sv_status cut_frames(sv_dataset *dataset, int32_t *newest, const sv_csv *csv) {
    size_t cap = 0;
    const sv_dataset_label *label = dataset->label;
    for (size_t first = 0, end = 0; first < dataset->n_rows; first = end) {
        const sv_detection *d = &label[first].detection;
        while (end < dataset->n_rows && label[end].t == label[first].t && label[end].detection.camera == d->camera &&
               label[end].detection.frame == d->frame) {
            end++;
        }
        if (d->frame <= newest[d->camera]) {
            return sv_fail(SV_ERR_INPUT, "%s: line %lld: frame %d of camera %d comes after its frame %d in time",
                           sv_csv_name(csv), (long long)label[first].line, (int)d->frame,
                           (int)dataset->camera[d->camera].id, (int)newest[d->camera]);
        }
        if (first > 0 && label[first - 1].t == label[first].t && label[first - 1].detection.camera == d->camera) {
            return sv_fail(SV_ERR_INPUT, "%s: line %lld: camera %d has two frames at one t_s", sv_csv_name(csv),
                           (long long)label[first].line, (int)dataset->camera[d->camera].id);
        }
        newest[d->camera] = d->frame;
        sv_dataset_frame frame = {
            .t = label[first].t, .camera = d->camera, .number = d->frame, .first = first, .n = end - first};
        sv_status status = add_frame(dataset, &cap, frame);
        if (status < 0) {
            return status;
        }
    }
    return SV_OK;
}

sv_status sv_dataset_read_labels(sv_dataset *dataset, sv_csv *csv) {
    label_columns c;
    size_t cap = 0;
    sv_status status = find_label_columns(&c, csv);
    while (status == SV_OK && (status = sv_csv_next(csv)) == SV_OK) {
        void *array = dataset->label;
        status = sv_dataset_grow(&array, &cap, dataset->n_rows, sizeof *dataset->label);
        dataset->label = array;
        status = status < 0 ? status : read_label(&dataset->label[dataset->n_rows], csv, &c, dataset);
        dataset->n_rows += status == SV_OK ? 1 : 0;
    }
    status = status < 0 ? status : sort_rows(dataset->label, dataset->n_rows, sizeof *dataset->label, label_less);
    if (status < 0) {
        return status;
    }
    int32_t *newest = malloc((size_t)dataset->config.n_cameras * sizeof *newest);
    if (newest == NULL) {
        return no_memory();
    }
    for (int32_t i = 0; i < dataset->config.n_cameras; i++) {
        newest[i] = -1;
    }
    status = cut_frames(dataset, newest, csv);
    free(newest);
    dataset->detections = calloc(largest_frame(dataset) + 1, sizeof *dataset->detections);
    return status == SV_OK && dataset->detections == NULL ? no_memory() : status;
}

/* ---- points ---- */

static sv_status read_position(sv_vec3 *p, const sv_csv *csv, const int column[3]) {
    sv_vec3 v = {0};
    sv_status status = sv_csv_double(&v.x, csv, column[0]);
    status = status < 0 ? status : sv_csv_double(&v.y, csv, column[1]);
    status = status < 0 ? status : sv_csv_double(&v.z, csv, column[2]);
    if (status == SV_OK &&
        !(fabs(v.x) <= POSITION_LIMIT_M && fabs(v.y) <= POSITION_LIMIT_M && fabs(v.z) <= POSITION_LIMIT_M)) {
        return sv_fail(SV_ERR_INPUT, "%s: line %lld: found a position beyond +-1e9 m", sv_csv_name(csv),
                       (long long)sv_csv_line(csv));
    }
    *p = v;
    return status;
}

static sv_status read_point(sv_dataset_point *point, const sv_csv *csv, int t, const int p[3], int sigma,
                            double sigma_m) {
    *point = (sv_dataset_point){.line = sv_csv_line(csv), .sigma_m = sigma_m};
    sv_status status = sv_csv_time(&point->t, csv, t);
    status = status < 0 ? status : read_position(&point->p_w, csv, p);
    if (status == SV_OK && sigma >= 0) {
        status = sv_csv_double(&point->sigma_m, csv, sigma);
        if (status == SV_OK && !(point->sigma_m >= 1e-6 && point->sigma_m <= 1e6)) {
            return fail_row(csv, "sigma_m", "a number from 0.000001 to 1000000");
        }
    }
    return status;
}

static bool point_less(const void *a, const void *b, void *user) {
    (void)user;
    return ((const sv_dataset_point *)a)->t < ((const sv_dataset_point *)b)->t;
}

/* Scans are numbered by their distance in periods from the scan before, at least one. */
static sv_status cut_scans(sv_dataset *dataset, const sv_csv *csv) {
    size_t cap = 0;
    const sv_dataset_point *point = dataset->point;
    int64_t number = 0;
    for (size_t first = 0, end = 0; first < dataset->n_rows; first = end) {
        while (end < dataset->n_rows && point[end].t == point[first].t) {
            end++;
        }
        if (first > 0) {
            double step = sv_time_to_s(point[first].t - point[first - 1].t) * dataset->meta.scan_rate_hz;
            if (step > EMPTY_SCANS_CAP || number > INT32_MAX - (int64_t)EMPTY_SCANS_CAP - 1) {
                return sv_fail(SV_ERR_INPUT, "%s: line %lld: t_s jumps by %.0f scans of dataset.json's scan_rate_hz",
                               sv_csv_name(csv), (long long)point[first].line, step);
            }
            int64_t n_steps = sv_round_i64(step);
            number += n_steps > 1 ? n_steps : 1;
        }
        sv_dataset_frame scan = {
            .t = point[first].t, .camera = -1, .number = (int32_t)number, .first = first, .n = end - first};
        sv_status status = add_frame(dataset, &cap, scan);
        if (status < 0) {
            return status;
        }
    }
    return SV_OK;
}

sv_status sv_dataset_read_points(sv_dataset *dataset, sv_csv *csv) {
    static const char *const AXES[3] = {"x_m", "y_m", "z_m"};
    int t, p[3];
    int sigma = sv_csv_column(csv, "sigma_m");
    sv_status status = sv_csv_require(&t, csv, "t_s");
    for (int i = 0; i < 3; i++) {
        status = status < 0 ? status : sv_csv_require(&p[i], csv, AXES[i]);
    }
    if (status == SV_OK && sigma < 0 && isnan(dataset->meta.sigma_m)) {
        return sv_fail(SV_ERR_INPUT, "%s: line 1: column sigma_m is missing, and dataset.json has no sigma_m",
                       sv_csv_name(csv));
    }
    size_t cap = 0;
    while (status == SV_OK && (status = sv_csv_next(csv)) == SV_OK) {
        void *array = dataset->point;
        status = sv_dataset_grow(&array, &cap, dataset->n_rows, sizeof *dataset->point);
        dataset->point = array;
        status =
            status < 0 ? status : read_point(&dataset->point[dataset->n_rows], csv, t, p, sigma, dataset->meta.sigma_m);
        dataset->n_rows += status == SV_OK ? 1 : 0;
    }
    status = status < 0 ? status : sort_rows(dataset->point, dataset->n_rows, sizeof *dataset->point, point_less);
    status = status < 0 ? status : cut_scans(dataset, csv);
    if (status < 0) {
        return status;
    }
    dataset->points = calloc(largest_frame(dataset) + 1, sizeof *dataset->points);
    return dataset->points == NULL ? no_memory() : SV_OK;
}
