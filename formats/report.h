/** What a run says: report.json, report.html and the CSV tables of the output folder. Keys: docs/REPORT.md. */
#ifndef FORMATS_REPORT_H
#define FORMATS_REPORT_H

#include <formats/names.h>
#include <formats/report_video2d.h>
#include <formats/scenario.h>
#include <skyvox/pipeline.h>
#include <skyvox/score.h>
#include <stdio.h>

typedef struct sv_report_expect {
    sv_expect expect;
    double value; /* NaN: the run has no such number, which fails */
    bool pass;
} sv_report_expect;

/** Milliseconds of one core per camera frame; NaN: the stage did not run. */
typedef struct sv_report_cost {
    double render, decode, detect, fuse, voxel, track;
} sv_report_cost;

/** Everything a report is made from; all pointers borrowed. NaN numbers become null. */
typedef struct sv_report {
    const char *scenario; /* name */
    const char *description;
    const char *command; /* for people: how this was made; NULL none */
    uint64_t seed;
    bool has_seed;
    const char *commit; /* or "tarball" */
    const char *backend;
    int n_threads;
    int64_t frame_sets;
    double duration_s;
    int64_t epoch_ns;
    const char *time_scale; /* "simulation", "dataset" */
    uint64_t ledger_hash;   /* hash of all ledger lines */
    bool interrupted;
    bool smoothed;
    const sv_score *score;        /* NULL: no truth */
    const sv_names *target_names; /* NULL or empty: ids are numbers */
    const sv_names *track_names;
    const sv_score_roc_point *roc; /* [n_roc]; NULL none */
    size_t n_roc;
    const sv_sanity *sanity; /* [n_sanity] */
    size_t n_sanity;
    const sv_centroid_bin *centroid; /* [n_centroid]; NULL none */
    size_t n_centroid;
    double centroid_rms_px;
    const sv_false_bin *false_candidate; /* [n_false_candidates]; NULL none */
    size_t n_false_candidates;
    const sv_nis *nis;                /* NULL: no innovations */
    const sv_report_video2d *video2d; /* NULL: no run over videos */
    sv_report_expect *expect;         /* [n_expect], filled by sv_report_check_expect */
    int32_t n_expect;
    bool with_timing; /* host, timing and memory blocks; false for --no-timing */
    sv_report_cost cost;
    double latency_p50_ms, latency_p99_ms;
    int64_t peak_rss_bytes;
    double wall_s;
} sv_report;

/** Value and verdict of every expectation. Errors: SV_ERR_INPUT (unknown key). Sets *all_pass. */
sv_status sv_report_check_expect(sv_report *report, bool *all_pass);
/** Number of report.json's summary by key ("held_fraction", "gospa_m.mean"). Errors: SV_ERR_INPUT naming the nearest key. */
sv_status sv_report_value(double *out, const sv_report *report, const char *key);

sv_status sv_report_write_json(const sv_report *report, FILE *file);
sv_status sv_report_write_html(const sv_report *report, FILE *file);
/** The short table of a terminal. */
sv_status sv_report_write_text(const sv_report *report, FILE *file, bool colour);
sv_status sv_report_write_errors_csv(const sv_report *report, FILE *file);

/* ---- rows of the run's CSV tables; every writer returns SV_ERR_IO when the disk is full ---- */
sv_status sv_report_tracks_header(FILE *file);
/** Confirmed tracks of one set. */
sv_status sv_report_tracks_rows(FILE *file, const sv_track *track, size_t n);
sv_status sv_report_truth_header(FILE *file);
sv_status sv_report_truth_rows(FILE *file, const sv_truth_set *set);
sv_status sv_report_detections_header(FILE *file);
/** Those of at least snr_min, linked or not, and those of unknown SNR. */
sv_status sv_report_detections_rows(FILE *file, const sv_config *config, const sv_detection *detection, size_t n,
                                    double snr_min);

/** "drone", "bird", "unknown", ...; and back (unknown text: SV_CLASS_OTHER). */
const char *sv_class_name(sv_class object_class);
sv_class sv_class_parse(const char *name);

#endif
