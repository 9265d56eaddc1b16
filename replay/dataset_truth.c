/* truth.csv: for the scorer only; nothing here feeds an event. */
#include <replay/dataset_parts.h>
#include <skyvox/math.h>

#include <stdlib.h>
#include <string.h>

/* A label counts as a view of a truth stamp within this time. */
#define COVERAGE_NS INT64_C(100000000)

enum { COVERING_CAMERAS = 2, RANGE_RANK = 3 };

/* Index of the first label not earlier than t. */
static size_t first_label(const sv_dataset *dataset, sv_time t) {
    size_t low = 0;
    size_t high = dataset->n_rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (dataset->label[middle].t < t) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Cameras that labelled something within COVERAGE_NS of t, each once: seen[i] becomes stamp. Returns their number. */
static int32_t mark_cameras(size_t *seen, size_t stamp, const sv_dataset *dataset, sv_time t) {
    int32_t n = 0;
    for (size_t i = first_label(dataset, t - COVERAGE_NS);
         i < dataset->n_rows && dataset->label[i].t <= t + COVERAGE_NS; i++) {
        int32_t camera = dataset->label[i].detection.camera;
        n += seen[camera] != stamp ? 1 : 0;
        seen[camera] = stamp;
    }
    return n;
}

/* Distance to the third-nearest of the marked cameras; fewer: the farthest; none: 0. */
static double range_of(const size_t *seen, size_t stamp, const sv_dataset *dataset, sv_vec3 p) {
    double nearest[RANGE_RANK];
    int n = 0;
    for (int32_t i = 0; i < dataset->config.n_cameras; i++) {
        if (seen[i] != stamp) {
            continue;
        }
        double distance = sv_vec3_norm(sv_vec3_sub(p, dataset->camera[i].c_w));
        int at = n < RANGE_RANK ? n++ : RANGE_RANK;
        for (; at > 0 && nearest[at - 1] > distance; at--) {
            if (at < RANGE_RANK) {
                nearest[at] = nearest[at - 1];
            }
        }
        if (at < RANGE_RANK) {
            nearest[at] = distance;
        }
    }
    return n > 0 ? nearest[n - 1] : 0.0;
}

/* Detections: in coverage where at least two cameras labelled. */
static sv_status find_coverage(sv_dataset *dataset) {
    size_t *seen = calloc((size_t)dataset->config.n_cameras + 1, sizeof *seen);
    if (seen == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < dataset->n_stamps; i++) {
        const sv_dataset_stamp *stamp = &dataset->stamp[i];
        int32_t n = mark_cameras(seen, i + 1, dataset, stamp->t);
        for (size_t j = stamp->first; j < stamp->first + stamp->n; j++) {
            sv_truth_sample *sample = &dataset->sample[j];
            sample->n_sites = n;
            sample->in_coverage = n >= COVERING_CAMERAS;
            sample->range_m = range_of(seen, i + 1, dataset, sample->p_w);
        }
    }
    free(seen);
    return SV_OK;
}

/* Rows by time become stamps. */
static void cut_stamps(sv_dataset *dataset, const sv_score_truth_row *row, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const sv_score_truth *from = &row[i].sample;
        dataset->sample[i] = (sv_truth_sample){.target = from->target,
                                               .object_class = (sv_class)from->object_class,
                                               .wanted = from->wanted,
                                               .in_coverage = from->in_coverage,
                                               .has_velocity = from->has_velocity,
                                               .p_w = from->p_w,
                                               .v_w = from->v_w};
        if (i == 0 || row[i].t != row[i - 1].t) {
            dataset->stamp[dataset->n_stamps++] = (sv_dataset_stamp){.t = row[i].t, .first = i};
        }
        dataset->stamp[dataset->n_stamps - 1].n++;
    }
}

sv_status sv_dataset_read_truth(sv_dataset *dataset, sv_csv *csv) {
    sv_score_truth_row *row;
    size_t n;
    sv_status status = sv_csv_take_truth(&row, &n, csv);
    if (status < 0) {
        return status;
    }
    dataset->sample = calloc(n + 1, sizeof *dataset->sample);
    dataset->stamp = calloc(n + 1, sizeof *dataset->stamp);
    if (dataset->sample == NULL || dataset->stamp == NULL) {
        free(row);
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", sv_csv_name(csv));
    }
    cut_stamps(dataset, row, n);
    free(row);
    dataset->has_truth = true;
    return dataset->meta.kind == SV_DATASET_DETECTIONS ? find_coverage(dataset) : SV_OK;
}
