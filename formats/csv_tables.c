/* truth.csv and tracks.csv as sorted arrays. */
#include <formats/csv.h>
#include <formats/report.h>
#include <skyvox/math.h>

#include <stdlib.h>
#include <string.h>

/* Columns shared by both tables; -1 absent. */
typedef struct columns {
    int t, id, object_class, class_prob;
    int p[3], v[3];
} columns;

static const char *const POSITION[3] = {"x_m", "y_m", "z_m"};
static const char *const VELOCITY[3] = {"vx_mps", "vy_mps", "vz_mps"};

static sv_status find_columns(columns *c, const sv_csv *csv, const char *id_name) {
    *c = (columns){.id = sv_csv_column(csv, id_name),
                   .object_class = sv_csv_column(csv, "class"),
                   .class_prob = sv_csv_column(csv, "class_prob")};
    sv_status status = sv_csv_require(&c->t, csv, "t_s");
    for (int i = 0; i < 3; i++) {
        status = status < 0 ? status : sv_csv_require(&c->p[i], csv, POSITION[i]);
        c->v[i] = sv_csv_column(csv, VELOCITY[i]);
    }
    return status;
}

static bool has_velocity(const columns *c) {
    return c->v[0] >= 0 && c->v[1] >= 0 && c->v[2] >= 0;
}

static sv_status read_vector(sv_vec3 *out, const sv_csv *csv, const int column[3]) {
    sv_vec3 v = {0};
    sv_status status = sv_csv_double(&v.x, csv, column[0]);
    status = status < 0 ? status : sv_csv_double(&v.y, csv, column[1]);
    status = status < 0 ? status : sv_csv_double(&v.z, csv, column[2]);
    *out = v;
    return status;
}

/* A distractor by its class; a table has no other word on it. */
static bool is_distractor(sv_class object_class) {
    return object_class == SV_CLASS_BIRD || object_class == SV_CLASS_AIRCRAFT;
}

static sv_status read_truth_row(sv_score_truth_row *row, const sv_csv *csv, const columns *c) {
    *row = (sv_score_truth_row){.sample = {.object_class = SV_CLASS_DRONE, .in_coverage = true}};
    sv_truth_sample *sample = &row->sample;
    if (c->object_class >= 0) {
        sample->object_class = sv_class_parse(sv_csv_text(csv, c->object_class));
    }
    sample->wanted = !is_distractor(sample->object_class);
    sample->has_velocity = has_velocity(c);
    sv_status status = sv_csv_time(&row->t, csv, c->t);
    status = status < 0 || c->id < 0 ? status : sv_csv_int(&sample->target, csv, c->id);
    status = status < 0 ? status : read_vector(&sample->p_w, csv, c->p);
    return status < 0 || !sample->has_velocity ? status : read_vector(&sample->v_w, csv, c->v);
}

static sv_status read_track_row(sv_score_track_row *row, const sv_csv *csv, const columns *c) {
    *row = (sv_score_track_row){.has_velocity = has_velocity(c)};
    sv_status status = sv_csv_time(&row->t, csv, c->t);
    status = status < 0 ? status : sv_csv_int(&row->track, csv, c->id);
    status = status < 0 ? status : read_vector(&row->p_w, csv, c->p);
    if (status == SV_OK && row->has_velocity) {
        status = read_vector(&row->v_w, csv, c->v);
    }
    if (status == SV_OK && c->object_class >= 0 && is_distractor(sv_class_parse(sv_csv_text(csv, c->object_class)))) {
        row->bird_prob = 1.0;
        status = c->class_prob >= 0 ? sv_csv_double(&row->bird_prob, csv, c->class_prob) : SV_OK;
    }
    return status;
}

/* Room for one more element; *array is left alone on failure. */
static sv_status grow(void **array, size_t *cap, size_t n, size_t size) {
    if (n < *cap) {
        return SV_OK;
    }
    size_t wanted = *cap < 1024 ? 1024 : *cap * 2;
    void *bigger = wanted > SIZE_MAX / size ? NULL : realloc(*array, wanted * size);
    if (bigger == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory for a table of %zu rows", n);
    }
    *array = bigger;
    *cap = wanted;
    return SV_OK;
}

static bool truth_less(const void *a, const void *b, void *user) {
    const sv_score_truth_row *x = a;
    const sv_score_truth_row *y = b;
    (void)user;
    return x->t != y->t ? x->t < y->t : x->sample.target < y->sample.target;
}

static bool track_less(const void *a, const void *b, void *user) {
    const sv_score_track_row *x = a;
    const sv_score_track_row *y = b;
    (void)user;
    return x->t != y->t ? x->t < y->t : x->track < y->track;
}

static sv_status sort_rows(void *rows, size_t n, size_t size, bool (*less)(const void *, const void *, void *)) {
    void *scratch = malloc(n * size + 1);
    if (scratch == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory for a table of %zu rows", n);
    }
    sv_sort(rows, n, size, less, NULL, scratch);
    free(scratch);
    return SV_OK;
}

/* One id at most once a stamp. */
static sv_status check_truth(const sv_score_truth_row *row, size_t n, const char *path) {
    for (size_t i = 1; i < n; i++) {
        if (row[i].t == row[i - 1].t && row[i].sample.target == row[i - 1].sample.target) {
            char t[SV_NUMBER_CAP];
            return sv_fail(SV_ERR_INPUT, "%s: target %lld stands twice at t_s %s", path,
                           (long long)row[i].sample.target, sv_number_time(t, row[i].t));
        }
    }
    return SV_OK;
}

static sv_status check_tracks(const sv_score_track_row *row, size_t n, const char *path) {
    for (size_t i = 1; i < n; i++) {
        if (row[i].t == row[i - 1].t && row[i].track == row[i - 1].track) {
            char t[SV_NUMBER_CAP];
            return sv_fail(SV_ERR_INPUT, "%s: track %lld stands twice at t_s %s", path, (long long)row[i].track,
                           sv_number_time(t, row[i].t));
        }
    }
    return SV_OK;
}

static sv_status collect_truth(sv_score_truth_row **rows, size_t *n, sv_csv *csv) {
    columns c;
    size_t cap = 0;
    sv_status status = find_columns(&c, csv, "target_id");
    while (status == SV_OK && (status = sv_csv_next(csv)) == SV_OK) {
        void *array = *rows;
        status = grow(&array, &cap, *n, sizeof **rows);
        *rows = array;
        status = status < 0 ? status : read_truth_row(&(*rows)[*n], csv, &c);
        *n += status == SV_OK ? 1 : 0;
    }
    return status < 0 ? status : SV_OK;
}

static sv_status collect_tracks(sv_score_track_row **rows, size_t *n, sv_csv *csv) {
    columns c;
    size_t cap = 0;
    sv_status status = find_columns(&c, csv, "track_id");
    status = status < 0 ? status : sv_csv_require(&c.id, csv, "track_id");
    while (status == SV_OK && (status = sv_csv_next(csv)) == SV_OK) {
        void *array = *rows;
        status = grow(&array, &cap, *n, sizeof **rows);
        *rows = array;
        status = status < 0 ? status : read_track_row(&(*rows)[*n], csv, &c);
        *n += status == SV_OK ? 1 : 0;
    }
    return status < 0 ? status : SV_OK;
}

sv_status sv_csv_take_truth(sv_score_truth_row **rows, size_t *n, sv_csv *csv) {
    *rows = NULL;
    *n = 0;
    sv_status status = collect_truth(rows, n, csv);
    status = status < 0 ? status : sort_rows(*rows, *n, sizeof **rows, truth_less);
    status = status < 0 ? status : check_truth(*rows, *n, sv_csv_name(csv));
    if (status < 0) {
        free(*rows);
        *rows = NULL;
        *n = 0;
    }
    return status;
}

sv_status sv_csv_read_truth(sv_score_truth_row **rows, size_t *n, const char *path) {
    *rows = NULL;
    *n = 0;
    sv_csv *csv;
    sv_status status = sv_csv_open(&csv, path);
    if (status == SV_OK) {
        status = sv_csv_take_truth(rows, n, csv);
        sv_csv_close(csv);
    }
    return status;
}

sv_status sv_csv_read_tracks(sv_score_track_row **rows, size_t *n, const char *path) {
    *rows = NULL;
    *n = 0;
    sv_csv *csv;
    sv_status status = sv_csv_open(&csv, path);
    if (status < 0) {
        return status;
    }
    status = collect_tracks(rows, n, csv);
    sv_csv_close(csv);
    status = status < 0 ? status : sort_rows(*rows, *n, sizeof **rows, track_less);
    status = status < 0 ? status : check_tracks(*rows, *n, path);
    if (status < 0) {
        free(*rows);
        *rows = NULL;
        *n = 0;
    }
    return status;
}
