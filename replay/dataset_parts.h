/** The inside of a data set; within replay only. */
#ifndef REPLAY_DATASET_PARTS_H
#define REPLAY_DATASET_PARTS_H

#include <formats/csv.h>
#include <formats/json_table.h>
#include <replay/dataset.h>
#include <skyvox/truth.h>

/** One line of detections.csv. */
typedef struct sv_dataset_label {
    sv_time t; /* start of its frame */
    int64_t line;
    sv_detection detection; /* its own t is the exposure of its row */
} sv_dataset_label;

/** One line of points.csv. */
typedef struct sv_dataset_point {
    sv_time t;
    int64_t line;
    sv_vec3 p_w;
    double sigma_m;
} sv_dataset_point;

/** A camera frame or a scan: rows first .. first + n - 1. */
typedef struct sv_dataset_frame {
    sv_time t;
    int32_t camera; /* index; -1 a scan */
    int32_t number;
    size_t first, n;
} sv_dataset_frame;

/** One stamp of truth: samples first .. first + n - 1. */
typedef struct sv_dataset_stamp {
    sv_time t;
    size_t first, n;
} sv_dataset_stamp;

/** dataset.json. */
typedef struct sv_dataset_meta {
    char name[64];
    sv_dataset_kind kind;
    double scan_rate_hz;
    double sigma_m;
    double pd;                    /* NaN: not said */
    double clutter_per_scan;      /* NaN: not said */
    double volume_m[6];           /* x x y y z z; [0] NaN: not said */
    double process_noise_q_m2_s3; /* NaN: not said */
    double warmup_s, gate_m;
} sv_dataset_meta;

/** One camera of cameras.json. */
typedef struct sv_dataset_camera {
    sv_camera camera;
    double position_m[3];
    double q_cw[4]; /* wxyz */
    double readout_s;
    bool variable_frame_rate;
    double reproj_px[2]; /* median and 90th percentile; [0] NaN: not said */
} sv_dataset_camera;

struct sv_dataset {
    sv_dataset_meta meta;
    sv_config config; /* config.camera is owned here */
    sv_camera *camera;
    sv_dataset_label *label; /* [n_rows] of detections, by time, camera, frame */
    sv_dataset_point *point; /* [n_rows] of points, by time */
    size_t n_rows;
    sv_dataset_frame *frame; /* [n_frames] */
    size_t n_frames;
    sv_detection *detections; /* scratch of one event */
    sv_point *points;
    bool has_truth;
    sv_truth_sample *sample;
    sv_dataset_stamp *stamp; /* [n_stamps] */
    size_t n_stamps;
    struct {
        uint64_t seq;
        size_t i_frame;
        int32_t n_filled; /* empty scans given before frame i_frame */
        size_t i_stamp;
        sv_time t; /* of the newest event */
        bool ended;
    } at;
};

/** What a data set is made of, open. */
typedef struct sv_dataset_files {
    sv_json *cameras; /* NULL for points */
    sv_json *dataset; /* an empty object where the folder has none */
    sv_csv *table;
    sv_csv *truth;                           /* NULL none */
    const char *cameras_name, *dataset_name; /* for messages */
} sv_dataset_files;

/** Texts instead of a folder: the fuzz target's door. NULL: no such file. */
typedef struct sv_dataset_texts {
    const char *cameras, *dataset, *detections, *points, *truth; /* 0-terminated */
} sv_dataset_texts;

sv_status sv_dataset_open_texts(sv_dataset **out, const sv_dataset_texts *texts, const char *const *override,
                                int n_override);

/* Steps of opening. Each leaves what it made in the data set, for sv_dataset_destroy. */
sv_status sv_dataset_read_meta(sv_dataset *dataset, const sv_dataset_files *files);
sv_status sv_dataset_read_labels(sv_dataset *dataset, sv_csv *csv);
sv_status sv_dataset_read_points(sv_dataset *dataset, sv_csv *csv);
sv_status sv_dataset_read_truth(sv_dataset *dataset, sv_csv *csv);

/** Tracker settings before "pipeline" of the folder and --set: replay/dataset_defaults.c. */
void sv_dataset_default_camera(sv_camera *camera, const sv_dataset_camera *text);
void sv_dataset_default_config(sv_config *config, const sv_dataset_meta *meta);

/** n + 1 elements fit afterwards. Errors: SV_ERR_NOMEM; *array is left alone then. */
sv_status sv_dataset_grow(void **array, size_t *cap, size_t n, size_t size);

#endif
