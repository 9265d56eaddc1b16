/** A folder of detections or points, as a source of the same events. docs/DATASETS.md describes the files. */
#ifndef REPLAY_DATASET_H
#define REPLAY_DATASET_H

#include <skyvox/config.h>
#include <skyvox/event.h>

typedef enum sv_dataset_kind {
    SV_DATASET_DETECTIONS = 0, /* cameras.json, detections.csv */
    SV_DATASET_POINTS = 1,     /* dataset.json, points.csv */
} sv_dataset_kind;

typedef struct sv_dataset sv_dataset;

/**
 * Open a folder. The configuration is made from cameras.json or dataset.json alone; truth.csv is read only for truth().
 *
 *   override  in  [n_override] "pipeline.path=value" texts (--set)
 *
 * Errors: SV_ERR_INPUT with file and line or JSON path, SV_ERR_NOMEM. Destroy with sv_dataset_destroy.
 */
sv_status sv_dataset_open(sv_dataset **out, const char *folder, const char *const *override, int n_override);
void sv_dataset_destroy(sv_dataset *dataset);

sv_dataset_kind sv_dataset_get_kind(const sv_dataset *dataset);
const char *sv_dataset_name(const sv_dataset *dataset);
/** Pipeline configuration, cameras included; borrowed. */
const sv_config *sv_dataset_config(const sv_dataset *dataset);
/** Seconds unscored at the start (0 unless the folder says otherwise) and scoring gate. */
double sv_dataset_warmup_s(const sv_dataset *dataset);
double sv_dataset_gate_m(const sv_dataset *dataset);
/** The folder as a source, from its beginning; truth is NULL when it has no truth.csv. `close` does nothing. */
sv_source sv_dataset_source(sv_dataset *dataset);

/** True when `folder` looks like a data set (holds cameras.json or dataset.json). */
bool sv_dataset_detect(const char *folder);

#endif
