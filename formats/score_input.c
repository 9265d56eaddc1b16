#include <formats/json_table.h>
#include <formats/score_input.h>

#include <errno.h>
#include <math.h>
#include <skyvox/math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_CAP = 65536, TEXT_CAP = 1 << 30, N_AXES = 4 };

typedef enum kind { KIND_CSV, KIND_MOT, KIND_EMPTY } kind;

/* ---- which kind ---- */

static sv_status look(kind *out, const char *path) {
    FILE *file = fopen(path, "rb");
    char *text = file != NULL ? malloc(LOOK_CAP) : NULL;
    if (file == NULL || text == NULL) {
        sv_status status = file == NULL ? sv_fail(SV_ERR_INPUT, "%s: cannot be opened: %s", path, strerror(errno))
                                        : sv_fail(SV_ERR_NOMEM, "%s: out of memory", path);
        if (file != NULL) {
            fclose(file);
        }
        return status;
    }
    size_t n = fread(text, 1, LOOK_CAP, file);
    bool failed = ferror(file) != 0, is_pipe = fseek(file, 0, SEEK_SET) != 0;
    fclose(file);
    *out = sv_mot_is_empty(text, n) ? KIND_EMPTY : sv_mot_is_text(text, n) ? KIND_MOT : KIND_CSV;
    free(text);
    if (failed) {
        return sv_fail(SV_ERR_INPUT, "%s: cannot be read: %s", path, strerror(errno));
    }
    return is_pipe ? sv_fail(SV_ERR_INPUT, "%s: found a pipe, expected a file, which can be read twice", path) : SV_OK;
}

/* ---- MOTChallenge ---- */

static sv_status load_mot(sv_mot_row **rows, size_t *n, kind of, const char *path) {
    *rows = NULL;
    *n = 0;
    if (of == KIND_EMPTY) {
        return SV_OK;
    }
    char *text;
    size_t n_text;
    sv_status status = sv_json_read_text(&text, &n_text, path, TEXT_CAP);
    if (status == SV_OK) {
        status = sv_mot_parse(rows, n, path, text, n_text);
        free(text);
    }
    return status;
}

static bool any_world(const sv_mot_row *row, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (row[i].has_world) {
            return true;
        }
    }
    return false;
}

static bool earlier(const void *a, const void *b, void *user) {
    const sv_mot_row *x = a;
    const sv_mot_row *y = b;
    (void)user;
    return x->frame != y->frame ? x->frame < y->frame : x->id < y->id;
}

static sv_status sort_mot(sv_mot_row *row, size_t n, const char *path) {
    sv_mot_row *scratch = malloc((n + 1) * sizeof *scratch);
    if (scratch == NULL) {
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", path);
    }
    sv_sort(row, n, sizeof *row, earlier, NULL, scratch);
    free(scratch);
    for (size_t i = 1; i < n; i++) {
        if (row[i].frame == row[i - 1].frame && row[i].id == row[i - 1].id) {
            return sv_fail(SV_ERR_INPUT, "%s: id %lld stands twice in frame %lld", path, (long long)row[i].id,
                           (long long)row[i].frame);
        }
    }
    return SV_OK;
}

/* A frame is a second. */
static sv_time time_of(const sv_mot_row *row) {
    return row->frame * 1000000000;
}

static sv_vec3 place_of(const sv_mot_row *row, bool in_pixels) {
    return in_pixels ? (sv_vec3){row->left + row->width / 2, row->top + row->height / 2, 0} : row->p_w;
}

/* Rows without world coordinates in a file that has them elsewhere are left out, and so is truth of confidence 0. */
static sv_status convert(sv_score_input *in, const sv_mot_row *truth, size_t n_truth, const sv_mot_row *track,
                         size_t n_tracks) {
    in->truth = calloc(n_truth + 1, sizeof *in->truth);
    in->tracks = calloc(n_tracks + 1, sizeof *in->tracks);
    if (in->truth == NULL || in->tracks == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory for %zu rows", n_truth + n_tracks);
    }
    for (size_t i = 0; i < n_truth; i++) {
        if (truth[i].conf == 0 || (!in->in_pixels && !truth[i].has_world)) {
            continue;
        }
        in->truth[in->n_truth++] = (sv_score_truth_row){.t = time_of(&truth[i]),
                                                        .sample = {.target = truth[i].id,
                                                                   .object_class = SV_CLASS_DRONE,
                                                                   .wanted = true,
                                                                   .in_coverage = true,
                                                                   .p_w = place_of(&truth[i], in->in_pixels)}};
    }
    for (size_t i = 0; i < n_tracks; i++) {
        if (!in->in_pixels && !track[i].has_world) {
            continue;
        }
        in->has_score = in->has_score || (in->n_tracks > 0 && track[i].conf != track[0].conf);
        in->tracks[in->n_tracks++] = (sv_score_track_row){.t = time_of(&track[i]),
                                                          .track = track[i].id,
                                                          .p_w = place_of(&track[i], in->in_pixels),
                                                          .existence = (float)track[i].conf};
    }
    return SV_OK;
}

static sv_status read_mot(sv_score_input *in, const char *truth_path, kind of_truth, const char *tracks_path,
                          kind of_tracks) {
    sv_mot_row *truth = NULL, *track = NULL;
    size_t n_truth = 0, n_tracks = 0;
    sv_status status = load_mot(&truth, &n_truth, of_truth, truth_path);
    status = status < 0 ? status : load_mot(&track, &n_tracks, of_tracks, tracks_path);
    status = status < 0 ? status : sort_mot(truth, n_truth, truth_path);
    status = status < 0 ? status : sort_mot(track, n_tracks, tracks_path);
    if (status == SV_OK) {
        bool truth_world = any_world(truth, n_truth), track_world = any_world(track, n_tracks);
        in->in_pixels = !truth_world && !track_world;
        if (n_truth > 0 && n_tracks > 0 && truth_world != track_world) {
            status = sv_fail(SV_ERR_INPUT, "%s: found no world coordinates (columns 8 to 10), but %s has them",
                             truth_world ? tracks_path : truth_path, truth_world ? truth_path : tracks_path);
        }
    }
    status = status < 0 ? status : convert(in, truth, n_truth, track, n_tracks);
    free(truth);
    free(track);
    return status;
}

/* ---- both ---- */

sv_status sv_score_input_read(sv_score_input *in, const char *truth_path, const char *tracks_path) {
    kind of_truth, of_tracks;
    sv_status status = look(&of_truth, truth_path);
    status = status < 0 ? status : look(&of_tracks, tracks_path);
    if (status < 0) {
        return status;
    }
    if (of_truth == KIND_MOT || of_tracks == KIND_MOT) {
        if (of_truth == KIND_CSV || of_tracks == KIND_CSV) {
            return sv_fail(SV_ERR_INPUT, "%s: found %s, but %s is %s", tracks_path,
                           of_tracks == KIND_CSV ? "a CSV table" : "MOTChallenge text", truth_path,
                           of_tracks == KIND_CSV ? "MOTChallenge text" : "a CSV table");
        }
        return read_mot(in, truth_path, of_truth, tracks_path, of_tracks);
    }
    if (of_truth == KIND_CSV) {
        status = sv_csv_read_any_truth(&in->truth, &in->n_truth, &in->truth_names, truth_path);
    }
    if (status == SV_OK && of_tracks == KIND_CSV) {
        status = sv_csv_read_any_tracks(&in->tracks, &in->n_tracks, &in->track_names, &in->has_score, tracks_path);
    }
    return status;
}

void sv_score_input_release(sv_score_input *in) {
    free(in->truth);
    free(in->tracks);
    sv_names_release(&in->truth_names);
    sv_names_release(&in->track_names);
    *in = (sv_score_input){0};
}

/* ---- regions to ignore ---- */

/* Bounds in t (s), x, y, z. */
typedef struct region {
    double lo[N_AXES], hi[N_AXES];
} region;

static bool is_inside(const region *r, size_t n, sv_time t, sv_vec3 p) {
    double at[N_AXES] = {sv_time_to_s(t), p.x, p.y, p.z};
    for (size_t i = 0; i < n; i++) {
        bool inside = true;
        for (int k = 0; k < N_AXES; k++) {
            inside = inside && at[k] >= r[i].lo[k] && at[k] <= r[i].hi[k];
        }
        if (inside) {
            return true;
        }
    }
    return false;
}

static sv_status read_bound(double *bound, const sv_csv *csv, int i_column) {
    if (i_column < 0 || *sv_csv_text(csv, i_column) == '\0') {
        return SV_OK;
    }
    return sv_csv_double(bound, csv, i_column);
}

static sv_status read_regions(region **out, size_t *n, sv_csv *csv) {
    static const char *const lo_name[N_AXES] = {"t_begin_s", "x_min_m", "y_min_m", "z_min_m"};
    static const char *const hi_name[N_AXES] = {"t_end_s", "x_max_m", "y_max_m", "z_max_m"};
    int lo[N_AXES], hi[N_AXES], n_columns = 0;
    for (int k = 0; k < N_AXES; k++) {
        lo[k] = sv_csv_column(csv, lo_name[k]);
        hi[k] = sv_csv_column(csv, hi_name[k]);
        n_columns += (lo[k] >= 0) + (hi[k] >= 0);
    }
    if (n_columns == 0) {
        return sv_fail(SV_ERR_INPUT, "%s: line 1: found no bound, expected a column such as t_begin_s or x_min_m",
                       sv_csv_name(csv));
    }
    sv_status status;
    while ((status = sv_csv_next(csv)) == SV_OK) {
        region *grown = realloc(*out, (*n + 1) * sizeof *grown);
        if (grown == NULL) {
            return sv_fail(SV_ERR_NOMEM, "%s: out of memory", sv_csv_name(csv));
        }
        *out = grown;
        region *r = &grown[(*n)++];
        for (int k = 0; k < N_AXES; k++) {
            r->lo[k] = -INFINITY;
            r->hi[k] = INFINITY;
            status = status < 0 ? status : read_bound(&r->lo[k], csv, lo[k]);
            status = status < 0 ? status : read_bound(&r->hi[k], csv, hi[k]);
            if (status == SV_OK && r->lo[k] > r->hi[k]) {
                status = sv_fail(SV_ERR_INPUT, "%s: line %lld: %s is above %s", sv_csv_name(csv),
                                 (long long)sv_csv_line(csv), lo_name[k], hi_name[k]);
            }
        }
        if (status < 0) {
            return status;
        }
    }
    return status == SV_END ? SV_OK : status;
}

sv_status sv_score_input_ignore_table(sv_score_input *in, sv_csv *csv) {
    region *r = NULL;
    size_t n = 0, n_truth = 0, n_tracks = 0;
    sv_status status = read_regions(&r, &n, csv);
    for (size_t i = 0; status == SV_OK && i < in->n_truth; i++) {
        if (!is_inside(r, n, in->truth[i].t, in->truth[i].sample.p_w)) {
            in->truth[n_truth++] = in->truth[i];
        }
    }
    for (size_t i = 0; status == SV_OK && i < in->n_tracks; i++) {
        if (!is_inside(r, n, in->tracks[i].t, in->tracks[i].p_w)) {
            in->tracks[n_tracks++] = in->tracks[i];
        }
    }
    if (status == SV_OK) {
        in->n_truth = n_truth;
        in->n_tracks = n_tracks;
    }
    free(r);
    return status;
}

sv_status sv_score_input_ignore(sv_score_input *in, const char *path) {
    sv_csv *csv;
    sv_status status = sv_csv_open(&csv, path);
    if (status == SV_OK) {
        status = sv_score_input_ignore_table(in, csv);
        sv_csv_close(csv);
    }
    return status;
}
