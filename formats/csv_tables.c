/* truth.csv and tracks.csv as sorted arrays. */
#include <formats/csv.h>
#include <formats/report.h>
#include <skyvox/math.h>

#include <stdlib.h>
#include <string.h>

/* Columns shared by both tables; -1 absent. */
typedef struct columns {
    int t, id, object_class, class_prob, score;
    int p[3], v[3], sigma[3];
} columns;

/* How ids are read. */
typedef struct ids {
    sv_names *names; /* NULL: integers */
    bool may_be_text, is_text;
} ids;

static const char *const POSITION[3] = {"x_m", "y_m", "z_m"};
static const char *const VELOCITY[3] = {"vx_mps", "vy_mps", "vz_mps"};

static const char *const SIGMA[3] = {"sx_m", "sy_m", "sz_m"};

/* Other people's names, which say no unit. */
static const char *const TIME_NAMES[] = {"t", "time", "timestamp", NULL};
static const char *const ID_NAMES[] = {"id", NULL};
static const char *const SCORE_NAMES[] = {"score", "confidence", "conf", NULL};
static const char *const PLAIN_POSITION[3][2] = {{"x"}, {"y"}, {"z"}};
static const char *const PLAIN_VELOCITY[3][2] = {{"vx"}, {"vy"}, {"vz"}};
static const char *const PLAIN_SIGMA[3][2] = {{"sx"}, {"sy"}, {"sz"}};

static void find_other(int *i_column, const sv_csv *csv, const char *const *name) {
    for (; *i_column < 0 && *name != NULL; name++) {
        *i_column = sv_csv_column(csv, *name);
    }
}

static void find_any_columns(columns *c, const sv_csv *csv, const char *id_name) {
    *c = (columns){.t = sv_csv_column(csv, "t_s"),
                   .id = sv_csv_column(csv, id_name),
                   .object_class = sv_csv_column(csv, "class"),
                   .class_prob = sv_csv_column(csv, "class_prob"),
                   .score = sv_csv_column(csv, "existence")};
    find_other(&c->t, csv, TIME_NAMES);
    find_other(&c->id, csv, ID_NAMES);
    find_other(&c->score, csv, SCORE_NAMES);
    for (int i = 0; i < 3; i++) {
        c->p[i] = sv_csv_column(csv, POSITION[i]);
        c->v[i] = sv_csv_column(csv, VELOCITY[i]);
        c->sigma[i] = sv_csv_column(csv, SIGMA[i]);
        find_other(&c->p[i], csv, PLAIN_POSITION[i]);
        find_other(&c->v[i], csv, PLAIN_VELOCITY[i]);
        find_other(&c->sigma[i], csv, PLAIN_SIGMA[i]);
    }
}

/* The name to complain about is the one with its unit. */
static sv_status require_any_columns(columns *c, const sv_csv *csv) {
    sv_status status = c->t < 0 ? sv_csv_require(&c->t, csv, "t_s") : SV_OK;
    for (int i = 0; i < 3; i++) {
        status = status == SV_OK && c->p[i] < 0 ? sv_csv_require(&c->p[i], csv, POSITION[i]) : status;
    }
    return status;
}

static sv_status find_columns(columns *c, const sv_csv *csv, const char *id_name) {
    find_any_columns(c, csv, id_name);
    return require_any_columns(c, csv);
}

static bool has_sigma(const columns *c) {
    return c->sigma[0] >= 0 && c->sigma[1] >= 0 && c->sigma[2] >= 0;
}

/* SV_AGAIN: an id that is no integer from 0 on, where text is allowed but was not expected. */
static sv_status read_id(int64_t *id, const sv_csv *csv, int i_column, const ids *how) {
    if (how->may_be_text && *sv_csv_text(csv, i_column) == '\0') {
        return sv_csv_fail_field(csv, i_column, "an id");
    }
    if (how->is_text) {
        return sv_names_add(id, how->names, sv_csv_text(csv, i_column));
    }
    if (how->may_be_text && (!sv_number_parse_int(id, sv_csv_text(csv, i_column)) || *id < 0)) {
        return SV_AGAIN;
    }
    return sv_csv_int(id, csv, i_column);
}

static bool has_velocity(const columns *c) {
    return c->v[0] >= 0 && c->v[1] >= 0 && c->v[2] >= 0;
}

/* Beyond this squares lose their meaning. */
static const double LARGEST = 1e12;

static sv_status read_component(double *out, const sv_csv *csv, int i_column) {
    sv_status status = sv_csv_double(out, csv, i_column);
    bool too_large = status == SV_OK && !(*out >= -LARGEST && *out <= LARGEST);
    return too_large ? sv_csv_fail_field(csv, i_column, "a number within +-1e12") : status;
}

static sv_status read_vector(sv_vec3 *out, const sv_csv *csv, const int column[3]) {
    sv_vec3 v = {0};
    sv_status status = read_component(&v.x, csv, column[0]);
    status = status < 0 ? status : read_component(&v.y, csv, column[1]);
    status = status < 0 ? status : read_component(&v.z, csv, column[2]);
    *out = v;
    return status;
}

/* Three empty fields say that the vector is not known. */
static sv_status read_known_vector(sv_vec3 *out, bool *known, const sv_csv *csv, const int column[3]) {
    for (int i = 0; i < 3; i++) {
        if (*sv_csv_text(csv, column[i]) != '\0') {
            return read_vector(out, csv, column);
        }
    }
    *known = false;
    return SV_OK;
}

/* A distractor by its class; a table has no other word on it. */
static bool is_distractor(sv_class object_class) {
    return object_class == SV_CLASS_BIRD || object_class == SV_CLASS_AIRCRAFT;
}

static sv_status read_truth_row(sv_score_truth_row *row, const sv_csv *csv, const columns *c, const ids *how) {
    *row = (sv_score_truth_row){.sample = {.object_class = SV_CLASS_DRONE, .in_coverage = true}};
    sv_score_truth *sample = &row->sample;
    if (c->object_class >= 0) {
        sample->object_class = (uint8_t)sv_class_parse(sv_csv_text(csv, c->object_class));
    }
    sample->wanted = !is_distractor((sv_class)sample->object_class);
    sample->has_velocity = has_velocity(c);
    sv_status status = sv_csv_time(&row->t, csv, c->t);
    status = status != SV_OK || c->id < 0 ? status : read_id(&sample->target, csv, c->id, how);
    status = status != SV_OK ? status : read_vector(&sample->p_w, csv, c->p);
    return status != SV_OK || !sample->has_velocity ? status
                                                    : read_known_vector(&sample->v_w, &sample->has_velocity, csv, c->v);
}

static sv_status read_track_extras(sv_score_track_row *row, const sv_csv *csv, const columns *c) {
    sv_vec3 sigma = {0};
    double score = 0;
    sv_status status = row->has_sigma ? read_known_vector(&sigma, &row->has_sigma, csv, c->sigma) : SV_OK;
    status = status != SV_OK || c->score < 0 ? status : sv_csv_double(&score, csv, c->score);
    if (status == SV_OK && !(score > -1e38 && score < 1e38)) {
        return sv_fail(SV_ERR_INPUT, "%s: line %lld: score out of range", sv_csv_name(csv),
                       (long long)sv_csv_line(csv));
    }
    row->sigma_m[0] = (float)sigma.x;
    row->sigma_m[1] = (float)sigma.y;
    row->sigma_m[2] = (float)sigma.z;
    row->existence = (float)score;
    row->has_sigma = sigma.x > 0 && sigma.x < 1e18 && sigma.y > 0 && sigma.y < 1e18 && sigma.z > 0 && sigma.z < 1e18;
    return status;
}

static sv_status read_track_row(sv_score_track_row *row, const sv_csv *csv, const columns *c, const ids *how) {
    *row = (sv_score_track_row){.has_velocity = has_velocity(c), .has_sigma = has_sigma(c)};
    sv_status status = sv_csv_time(&row->t, csv, c->t);
    status = status != SV_OK ? status : read_id(&row->track, csv, c->id, how);
    status = status != SV_OK ? status : read_vector(&row->p_w, csv, c->p);
    status = status != SV_OK ? status : read_track_extras(row, csv, c);
    if (status == SV_OK && row->has_velocity) {
        status = read_known_vector(&row->v_w, &row->has_velocity, csv, c->v);
    }
    if (status == SV_OK && c->object_class >= 0 && is_distractor(sv_class_parse(sv_csv_text(csv, c->object_class)))) {
        double probability = 1;
        status = c->class_prob >= 0 ? sv_csv_double(&probability, csv, c->class_prob) : SV_OK;
        row->bird_prob = (float)probability;
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
    /* Nearly every file is in order, and a large one has no room for a second copy. */
    size_t i = 1;
    while (i < n && !less((char *)rows + i * size, (char *)rows + (i - 1) * size, NULL)) {
        i++;
    }
    if (i >= n) {
        return SV_OK;
    }
    void *scratch = malloc(n * size + 1);
    if (scratch == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory for a table of %zu rows", n);
    }
    sv_sort(rows, n, size, less, NULL, scratch);
    free(scratch);
    return SV_OK;
}

static sv_status fail_twice(const char *path, const char *what, int64_t id, const ids *how, sv_time t) {
    char name[SV_ID_TEXT_CAP], time[SV_NUMBER_CAP];
    static const sv_names no_names;
    return sv_fail(SV_ERR_INPUT, "%s: %s %s stands twice at t_s %s", path, what,
                   sv_names_text(name, how->is_text ? how->names : &no_names, id), sv_number_time(time, t));
}

/* One id at most once a stamp. */
static sv_status check_truth(const sv_score_truth_row *row, size_t n, const char *path, const ids *how) {
    for (size_t i = 1; i < n; i++) {
        if (row[i].t == row[i - 1].t && row[i].sample.target == row[i - 1].sample.target) {
            return fail_twice(path, "target", row[i].sample.target, how, row[i].t);
        }
    }
    return SV_OK;
}

static sv_status check_tracks(const sv_score_track_row *row, size_t n, const char *path, const ids *how) {
    for (size_t i = 1; i < n; i++) {
        if (row[i].t == row[i - 1].t && row[i].track == row[i - 1].track) {
            return fail_twice(path, "track", row[i].track, how, row[i].t);
        }
    }
    return SV_OK;
}

enum { SAME_TIME_NS = 1000 };

/* Times within a microsecond of the first are one stamp; returns whether any time was changed. A row begins with its time. */
static bool join_times(void *rows, size_t n, size_t size) {
    bool changed = false;
    sv_time first = 0;
    for (size_t i = 0; i < n; i++) {
        sv_time t;
        memcpy(&t, (char *)rows + i * size, sizeof t);
        if (i == 0 || t - first > SAME_TIME_NS) {
            first = t;
        } else if (t != first) {
            memcpy((char *)rows + i * size, &first, sizeof first);
            changed = true;
        }
    }
    return changed;
}

static sv_status collect_truth(sv_score_truth_row **rows, size_t *n, sv_csv *csv, const ids *how) {
    columns c;
    size_t cap = 0;
    sv_status status = find_columns(&c, csv, "target_id");
    while (status == SV_OK && (status = sv_csv_next(csv)) == SV_OK) {
        void *array = *rows;
        status = grow(&array, &cap, *n, sizeof **rows);
        *rows = array;
        status = status < 0 ? status : read_truth_row(&(*rows)[*n], csv, &c, how);
        *n += status == SV_OK ? 1 : 0;
    }
    return status == SV_END ? SV_OK : status;
}

static sv_status collect_tracks(sv_score_track_row **rows, size_t *n, bool *has_score, sv_csv *csv, const ids *how) {
    columns c;
    size_t cap = 0;
    sv_status status = find_columns(&c, csv, "track_id");
    if (status == SV_OK && c.id < 0) {
        status = sv_csv_require(&c.id, csv, "track_id");
    }
    *has_score = status == SV_OK && c.score >= 0;
    while (status == SV_OK && (status = sv_csv_next(csv)) == SV_OK) {
        void *array = *rows;
        status = grow(&array, &cap, *n, sizeof **rows);
        *rows = array;
        status = status < 0 ? status : read_track_row(&(*rows)[*n], csv, &c, how);
        *n += status == SV_OK ? 1 : 0;
    }
    return status == SV_END ? SV_OK : status;
}

static sv_status take_truth(sv_score_truth_row **rows, size_t *n, sv_csv *csv, const ids *how) {
    *rows = NULL;
    *n = 0;
    sv_status status = collect_truth(rows, n, csv, how);
    int64_t *place = NULL;
    if (status == SV_OK && how->is_text) {
        status = sv_names_sort(&place, how->names);
    }
    for (size_t i = 0; place != NULL && i < *n; i++) {
        (*rows)[i].sample.target = place[(*rows)[i].sample.target];
    }
    free(place);
    status = status != SV_OK ? status : sort_rows(*rows, *n, sizeof **rows, truth_less);
    if (status == SV_OK && how->may_be_text && join_times(*rows, *n, sizeof **rows)) {
        status = sort_rows(*rows, *n, sizeof **rows, truth_less);
    }
    status = status != SV_OK ? status : check_truth(*rows, *n, sv_csv_name(csv), how);
    if (status != SV_OK) {
        free(*rows);
        *rows = NULL;
        *n = 0;
    }
    return status;
}

static sv_status take_tracks(sv_score_track_row **rows, size_t *n, bool *has_score, sv_csv *csv, const ids *how) {
    *rows = NULL;
    *n = 0;
    sv_status status = collect_tracks(rows, n, has_score, csv, how);
    int64_t *place = NULL;
    if (status == SV_OK && how->is_text) {
        status = sv_names_sort(&place, how->names);
    }
    for (size_t i = 0; place != NULL && i < *n; i++) {
        (*rows)[i].track = place[(*rows)[i].track];
    }
    free(place);
    status = status != SV_OK ? status : sort_rows(*rows, *n, sizeof **rows, track_less);
    if (status == SV_OK && how->may_be_text && join_times(*rows, *n, sizeof **rows)) {
        status = sort_rows(*rows, *n, sizeof **rows, track_less);
    }
    status = status != SV_OK ? status : check_tracks(*rows, *n, sv_csv_name(csv), how);
    if (status != SV_OK) {
        free(*rows);
        *rows = NULL;
        *n = 0;
    }
    return status;
}

sv_status sv_csv_take_truth(sv_score_truth_row **rows, size_t *n, sv_csv *csv) {
    return take_truth(rows, n, csv, &(ids){0});
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
    bool has_score;
    sv_csv *csv;
    sv_status status = sv_csv_open(&csv, path);
    if (status == SV_OK) {
        status = take_tracks(rows, n, &has_score, csv, &(ids){0});
        sv_csv_close(csv);
    }
    return status;
}

sv_status sv_csv_take_any_truth(sv_score_truth_row **rows, size_t *n, sv_names *names, bool text_ids, sv_csv *csv) {
    return take_truth(rows, n, csv, &(ids){.names = names, .may_be_text = true, .is_text = text_ids});
}

sv_status sv_csv_take_any_tracks(sv_score_track_row **rows, size_t *n, sv_names *names, bool text_ids, bool *has_score,
                                 sv_csv *csv) {
    return take_tracks(rows, n, has_score, csv, &(ids){.names = names, .may_be_text = true, .is_text = text_ids});
}

/* Nobody knows that ids are text before the first of them is seen; the file is then read once more. */
sv_status sv_csv_read_any_truth(sv_score_truth_row **rows, size_t *n, sv_names *names, const char *path) {
    *rows = NULL;
    *n = 0;
    sv_status status = SV_AGAIN;
    for (int pass = 0; pass < 2 && status == SV_AGAIN; pass++) {
        sv_csv *csv;
        status = sv_csv_open(&csv, path);
        if (status == SV_OK) {
            status = sv_csv_take_any_truth(rows, n, names, pass == 1, csv);
            sv_csv_close(csv);
        }
    }
    return status;
}

sv_status sv_csv_read_any_tracks(sv_score_track_row **rows, size_t *n, sv_names *names, bool *has_score,
                                 const char *path) {
    *rows = NULL;
    *n = 0;
    sv_status status = SV_AGAIN;
    for (int pass = 0; pass < 2 && status == SV_AGAIN; pass++) {
        sv_csv *csv;
        status = sv_csv_open(&csv, path);
        if (status == SV_OK) {
            status = sv_csv_take_any_tracks(rows, n, names, pass == 1, has_score, csv);
            sv_csv_close(csv);
        }
    }
    return status;
}
