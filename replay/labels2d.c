/* Labelled boxes of a video. */
#include <replay/video_set.h>
#include <skyvox/math.h>
#include <stdlib.h>
#include <string.h>

enum { N_SIDES = 4 };
static const double side_cap = 1e6; /* px: far beyond any image */

typedef struct columns {
    int frame, image, side[N_SIDES]; /* frame or image, the other -1 */
} columns;

static sv_status find_columns(columns *c, const sv_csv *csv, bool stills) {
    static const char *const name[N_SIDES] = {"x", "y", "w", "h"};
    *c = (columns){.frame = -1, .image = -1};
    sv_status status = stills ? sv_csv_require(&c->image, csv, "image") : sv_csv_require(&c->frame, csv, "frame");
    for (int i = 0; i < N_SIDES && status == SV_OK; i++)
        status = sv_csv_require(&c->side[i], csv, name[i]);
    return status;
}

static sv_status take_row(sv_box2d *box, const columns *c, const sv_csv *csv) {
    int64_t frame = 0;
    double side[N_SIDES] = {0};
    sv_status status = c->frame >= 0 ? sv_csv_int(&frame, csv, c->frame) : SV_OK;
    for (int i = 0; i < N_SIDES && status == SV_OK; i++) {
        status = sv_csv_double(&side[i], csv, c->side[i]);
        if (status == SV_OK && !(side[i] >= (i < 2 ? -side_cap : 0) && side[i] <= side_cap))
            return sv_fail(SV_ERR_INPUT, "%s: line %lld: a box with a side or place out of range", sv_csv_name(csv),
                           (long long)sv_csv_line(csv));
    }
    if (status == SV_OK && (frame < 0 || frame > INT32_MAX))
        return sv_fail(SV_ERR_INPUT, "%s: line %lld: frame %lld, expected 0 to 2147483647", sv_csv_name(csv),
                       (long long)sv_csv_line(csv), (long long)frame);
    if (status == SV_OK)
        *box = (sv_box2d){
            .frame = (int32_t)frame, .id = 0, .x_px = side[0], .y_px = side[1], .w_px = side[2], .h_px = side[3]};
    return status;
}

static bool earlier(const void *a, const void *b, void *user) {
    (void)user;
    return ((const sv_box2d *)a)->frame < ((const sv_box2d *)b)->frame;
}

static sv_status sort_rows(sv_box2d *row, size_t n) {
    sv_box2d *scratch = malloc((n + 1) * sizeof *scratch);
    if (!scratch)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    sv_sort(row, n, sizeof *row, earlier, NULL, scratch);
    free(scratch);
    return SV_OK;
}

/* A row of another image, or one that says that there is no target. */
static bool is_skipped(const columns *c, const sv_csv *csv, const char *image) {
    return image && (strcmp(sv_csv_text(csv, c->image), image) != 0 || !*sv_csv_text(csv, c->side[0]));
}

sv_status sv_labels2d_take(sv_box2d **out, size_t *n, sv_csv *csv, const char *image) {
    *out = NULL;
    *n = 0;
    columns c = {0};
    sv_box2d *row = NULL;
    size_t n_rows = 0, cap = 0;
    sv_status status = find_columns(&c, csv, image != NULL);
    while (status == SV_OK && (status = sv_csv_next(csv)) == SV_OK) {
        if (is_skipped(&c, csv, image))
            continue;
        if (n_rows == cap) {
            cap = cap ? 2 * cap : 256;
            sv_box2d *grown = realloc(row, cap * sizeof *grown);
            if (!grown) {
                status = sv_fail(SV_ERR_NOMEM, "out of memory");
                break;
            }
            row = grown;
        }
        status = take_row(&row[n_rows], &c, csv);
        n_rows += status == SV_OK;
    }
    if (status == SV_END)
        status = sort_rows(row, n_rows);
    if (status != SV_OK) {
        free(row);
        return status;
    }
    *out = row;
    *n = n_rows;
    return SV_OK;
}

sv_status sv_labels2d_read(sv_box2d **out, size_t *n, const char *path, const char *image) {
    *out = NULL;
    *n = 0;
    sv_csv *csv;
    sv_status status = sv_csv_open(&csv, path);
    if (status != SV_OK)
        return status;
    status = sv_labels2d_take(out, n, csv, image);
    sv_csv_close(csv);
    return status;
}
