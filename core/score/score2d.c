#include <math.h>
#include <skyvox/score2d.h>
#include <stdlib.h>

static const double least_iou = 0.2;

static double overlap(double a0, double a1, double b0, double b1) {
    const double lo = a0 > b0 ? a0 : b0, hi = a1 < b1 ? a1 : b1;
    return hi > lo ? hi - lo : 0;
}

static double iou(const sv_box2d *a, const sv_box2d *b) {
    const double both = overlap(a->x_px, a->x_px + a->w_px, b->x_px, b->x_px + b->w_px) *
                        overlap(a->y_px, a->y_px + a->h_px, b->y_px, b->y_px + b->h_px);
    const double either = a->w_px * a->h_px + b->w_px * b->h_px - both;
    return either > 0 ? both / either : 0;
}

/* Distance of the centres; infinity where the pair may not match. */
static double distance(const sv_box2d *label, const sv_box2d *box) {
    const double dx = label->x_px + label->w_px / 2 - box->x_px - box->w_px / 2;
    const double dy = label->y_px + label->h_px / 2 - box->y_px - box->h_px / 2;
    const double d = sqrt(dx * dx + dy * dy);
    return d <= sqrt(label->w_px * label->h_px) || iou(label, box) >= least_iou ? d : INFINITY;
}

/* One frame: takes the nearest free pair until none is left. */
static void match_frame(sv_score2d *out, bool *used, const sv_box2d *label, size_t n_labels, const sv_box2d *box,
                        size_t n_boxes) {
    for (size_t i = 0; i < n_labels + n_boxes; i++)
        used[i] = false;
    for (;;) {
        double best = INFINITY;
        size_t i_best = 0, j_best = 0;
        for (size_t i = 0; i < n_labels; i++)
            for (size_t j = 0; j < n_boxes && !used[i]; j++) {
                const double d = used[n_labels + j] ? INFINITY : distance(&label[i], &box[j]);
                if (d < best) {
                    best = d;
                    i_best = i;
                    j_best = j;
                }
            }
        if (best == INFINITY)
            return;
        used[i_best] = used[n_labels + j_best] = true;
        out->n_matched++;
        out->error_sum_px += best;
        out->error_sum_px2 += best * best;
    }
}

static bool by_frame(const sv_box2d *box, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (box[i].frame < box[i - 1].frame)
            return false;
    return true;
}

static size_t end_of_frame(const sv_box2d *box, size_t n, size_t first) {
    size_t end = first;
    while (end < n && box[end].frame == box[first].frame)
        end++;
    return end;
}

sv_status sv_score2d_video(sv_score2d *out, const sv_box2d *label, size_t n_labels, const sv_box2d *box, size_t n_boxes,
                           int32_t first_frame) {
    if (!by_frame(label, n_labels) || !by_frame(box, n_boxes))
        return sv_fail(SV_ERR_ARG, "score2d: boxes are not in order of their frames");
    bool *used = malloc((n_labels + n_boxes + 1) * sizeof *used);
    if (!used)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    sv_score2d score = {.n_videos = 1};
    size_t i = 0, j = 0;
    while (i < n_labels && label[i].frame < first_frame)
        i++;
    while (j < n_boxes && box[j].frame < first_frame)
        j++;
    score.n_labels = (int64_t)(n_labels - i);
    score.n_boxes = (int64_t)(n_boxes - j);
    while (i < n_labels && j < n_boxes) {
        const size_t i_end = end_of_frame(label, n_labels, i), j_end = end_of_frame(box, n_boxes, j);
        const int32_t f = label[i].frame, g = box[j].frame;
        if (f == g)
            match_frame(&score, used, label + i, i_end - i, box + j, j_end - j);
        if (f <= g)
            i = i_end;
        if (g <= f)
            j = j_end;
    }
    free(used);
    *out = score;
    return SV_OK;
}

void sv_score2d_add(sv_score2d *sum, const sv_score2d *one) {
    sum->n_videos += one->n_videos;
    sum->n_labels += one->n_labels;
    sum->n_boxes += one->n_boxes;
    sum->n_matched += one->n_matched;
    sum->error_sum_px += one->error_sum_px;
    sum->error_sum_px2 += one->error_sum_px2;
}

static double ratio(int64_t a, int64_t b) {
    return b > 0 ? (double)a / (double)b : NAN;
}

double sv_score2d_precision(const sv_score2d *s) {
    return ratio(s->n_matched, s->n_boxes);
}

double sv_score2d_recall(const sv_score2d *s) {
    return ratio(s->n_matched, s->n_labels);
}

double sv_score2d_f1(const sv_score2d *s) {
    return ratio(2 * s->n_matched, s->n_labels + s->n_boxes);
}

double sv_score2d_error_rms_px(const sv_score2d *s) {
    return s->n_matched > 0 ? sqrt(s->error_sum_px2 / (double)s->n_matched) : NAN;
}
