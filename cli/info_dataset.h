/** What a data set holds, found by reading it to the end: for `skyvox info`. */
#ifndef CLI_INFO_DATASET_H
#define CLI_INFO_DATASET_H

#include <replay/dataset.h>

typedef struct camera_labels {
    int64_t n_labels, n_frames;
    sv_time t_first, t_last; /* of its labels */
    int64_t n_gaps;
} camera_labels;

/** More than 1 s without a label (or point). */
typedef struct label_gap {
    int32_t camera; /* index; -1: of all of them */
    sv_time t_begin, t_end;
} label_gap;

typedef struct dataset_contents {
    int64_t n_events, n_items; /* frames or scans, labels or points */
    sv_time t_first, t_last;   /* of the items */
    camera_labels *camera;     /* [config.n_cameras], owned; NULL without cameras */
    label_gap *gap;            /* [n_gaps] by end, owned */
    size_t n_gaps, gap_cap;
    bool has_truth;
    int64_t n_truth, n_targets, n_stamps;
    sv_time t_first_truth, t_last_truth;
} dataset_contents;

/** Errors: the data set's own, SV_ERR_NOMEM; release with dataset_contents_free in any case. */
sv_status dataset_contents_read(dataset_contents *out, sv_dataset *dataset);
void dataset_contents_free(dataset_contents *contents);

#endif
