#include "info_dataset.h"

#include <skyvox/truth.h>
#include <stdlib.h>
#include <string.h>

static const sv_time gap_min_ns = 1000000000;

static sv_status add_gap(dataset_contents *contents, int32_t camera, sv_time t_begin, sv_time t_end) {
    if (contents->n_gaps == contents->gap_cap) {
        size_t cap = contents->gap_cap ? 2 * contents->gap_cap : 64;
        label_gap *grown = realloc(contents->gap, cap * sizeof *grown);
        if (!grown)
            return sv_fail(SV_ERR_NOMEM, "out of memory");
        contents->gap = grown;
        contents->gap_cap = cap;
    }
    contents->gap[contents->n_gaps++] = (label_gap){.camera = camera, .t_begin = t_begin, .t_end = t_end};
    return SV_OK;
}

/* n labels or points at t, of one camera or (camera -1) of none. */
static sv_status add_items(dataset_contents *contents, int32_t camera, sv_time t, size_t n) {
    sv_status status = SV_OK;
    if (n == 0)
        return status;
    if (contents->n_items == 0)
        contents->t_first = contents->t_last = t;
    if (t - contents->t_last > gap_min_ns)
        status = add_gap(contents, -1, contents->t_last, t);
    contents->n_items += (int64_t)n;
    if (t > contents->t_last)
        contents->t_last = t;
    if (camera < 0 || status != SV_OK)
        return status;
    camera_labels *labels = &contents->camera[camera];
    if (labels->n_labels == 0)
        labels->t_first = labels->t_last = t;
    if (t - labels->t_last > gap_min_ns) {
        labels->n_gaps++;
        status = add_gap(contents, camera, labels->t_last, t);
    }
    labels->n_labels += (int64_t)n;
    labels->t_last = t;
    return status;
}

static sv_status add_event(dataset_contents *contents, const sv_event *event) {
    if (event->kind == SV_EVENT_POINTS) {
        contents->n_events++;
        return add_items(contents, -1, event->t, event->as.points.n);
    }
    if (event->kind != SV_EVENT_DETECTIONS)
        return SV_OK;
    contents->n_events++;
    contents->camera[event->camera].n_frames++;
    return add_items(contents, event->camera, event->t, event->as.detections.n);
}

/* Every id once, in a sorted array that grows by one. */
static sv_status note_target(int64_t **ids, int64_t *n, int64_t id) {
    int64_t i = *n;
    while (i > 0 && (*ids)[i - 1] > id)
        i--;
    if (i > 0 && (*ids)[i - 1] == id)
        return SV_OK;
    int64_t *grown = realloc(*ids, (size_t)(*n + 1) * sizeof *grown);
    if (!grown)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    memmove(grown + i + 1, grown + i, (size_t)(*n - i) * sizeof *grown);
    grown[i] = id;
    *ids = grown;
    ++*n;
    return SV_OK;
}

static sv_status read_truth(dataset_contents *contents, const sv_source *source, int64_t **ids) {
    sv_truth_set set;
    sv_status status = SV_OK;
    while (source->truth && status == SV_OK && (status = source->truth(source->self, &set)) == SV_OK) {
        if (contents->n_stamps++ == 0)
            contents->t_first_truth = set.t;
        contents->t_last_truth = set.t;
        contents->n_truth += (int64_t)set.n_samples;
        for (size_t i = 0; i < set.n_samples && status == SV_OK; i++)
            status = note_target(ids, &contents->n_targets, set.sample[i].target);
    }
    return status > SV_OK ? SV_OK : status;
}

sv_status dataset_contents_read(dataset_contents *out, sv_dataset *dataset) {
    memset(out, 0, sizeof *out);
    int32_t n_cameras = sv_dataset_config(dataset)->n_cameras;
    if (n_cameras) {
        out->camera = calloc((size_t)n_cameras, sizeof *out->camera);
        if (!out->camera)
            return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    sv_source source = sv_dataset_source(dataset);
    out->has_truth = source.truth != NULL;
    int64_t *ids = NULL;
    sv_event event;
    sv_status status;
    while ((status = source.next(source.self, &event)) == SV_OK) {
        status = add_event(out, &event);
        if (status == SV_OK)
            status = read_truth(out, &source, &ids);
        if (status != SV_OK)
            break;
    }
    free(ids);
    return status > SV_OK ? SV_OK : status;
}

void dataset_contents_free(dataset_contents *contents) {
    free(contents->camera);
    free(contents->gap);
    memset(contents, 0, sizeof *contents);
}
