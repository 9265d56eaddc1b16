/** Records a run: the events before the core sees them, and what every frame set produced. docs/SESSION_FORMAT.md. */
#ifndef REPLAY_RECORDER_H
#define REPLAY_RECORDER_H

#include <replay/session_tables.h>
#include <skyvox/event.h>
#include <skyvox/pipeline.h>
#include <skyvox/team.h>

typedef struct sv_recorder sv_recorder;

/** How much of an image is kept. */
typedef enum sv_record_level {
    SV_RECORD_FRAMES = 0,     /* every pixel */
    SV_RECORD_DETECTIONS = 1, /* none; what the detector found is kept in every case */
    SV_RECORD_TILES = 2,      /* residuals around candidates, and backgrounds now and then */
    SV_RECORD_HEVC = 3,       /* every pixel, in a video file per camera beside the session */
    SV_N_RECORD_LEVELS = 4,
} sv_record_level;

enum { SV_RECORD_KEY_S = 30 };

/** Called before the first image of a lossy camera is written: how much of a faint target will survive. */
typedef void (*sv_video_measured)(void *user, const sv_camera *camera, const sv_video_row *row);

typedef struct sv_recorder_options {
    sv_session_meta meta; /* name, description, commit, time scale, seed, scoring; level and segment are set here */
    sv_record_level level;
    const sv_config *config;     /* borrowed for the life of the recorder */
    const sv_expect_row *expect; /* [n_expect], borrowed likewise */
    int32_t n_expect;
    int64_t segment_bytes; /* a new file after so many bytes; 0: one file */
    double key_s;          /* tiles: time between two backgrounds of a camera; 0: SV_RECORD_KEY_S */
    bool lossy;            /* hevc: with the constant rate factor crf, 0 to 51; else lossless */
    int32_t crf;
    sv_video_measured measured; /* NULL: nobody asks */
    void *user;                 /* handed to it */
    const sv_video_row
        *video;         /* hevc, for a copy: [n_cameras] what is known; images then come by sv_recorder_put_packet */
    int64_t flush_ns;   /* longest time that something waits in memory; 0: half a second */
    int64_t fail_write; /* tests: this write fails as if the disk were full; 0 none */
} sv_recorder_options;

/**
 * Start a recording at `path`; further segments are path.1.h5, path.2.h5 (SESSION.h5 -> SESSION.1.h5).
 *
 *   team  in  borrowed: packs the pixels; NULL: this thread alone
 *
 * Errors: SV_ERR_INPUT (the file exists, no such folder), SV_ERR_LIMIT (more than 1024 cameras), SV_ERR_IO, SV_ERR_NOMEM.
 * End with sv_recorder_close or sv_recorder_abandon.
 */
sv_status sv_recorder_create(sv_recorder **out, const char *path, const sv_recorder_options *options, sv_team *team);

/**
 * Events and products of the run. Errors: SV_ERR_IO (the recording ends there), SV_ERR_ARG (bearings, or points made of
 * rays: they come from a recording).
 */
sv_sink sv_recorder_sink(sv_recorder *recorder);
/** One stamp of truth, in order. Errors: SV_ERR_IO. */
sv_status sv_recorder_truth(sv_recorder *recorder, const sv_truth_set *set);

/**
 * For a copy: the packed bytes of a key frame or of a chunk of tiles as they were recorded, with their row.
 * Errors: SV_ERR_IO.
 */
sv_status sv_recorder_put_key(sv_recorder *recorder, int32_t camera, const void *packed, const sv_index_row *row);
sv_status sv_recorder_put_tiles(sv_recorder *recorder, int32_t camera, const void *packed, const sv_tiles_row *row);
/** Likewise the packet of the image of the next FRAME event, borrowed until then. */
void sv_recorder_put_packet(sv_recorder *recorder, const void *packet, size_t n);

/** End the recording well. NULL is allowed. Errors: SV_ERR_IO; released all the same. */
sv_status sv_recorder_close(sv_recorder *recorder);
/** Release it as if the machine had stopped here. */
void sv_recorder_abandon(sv_recorder *recorder);

/** Writes so far, for tests that let each of them fail. */
int64_t sv_recorder_writes(const sv_recorder *recorder);

/** Bytes a second that recording the rig takes, as noise alone makes them; from_pixels: its events are images. */
double sv_recorder_rate(const sv_config *config, const sv_recorder_options *options, bool from_pixels);

/** "frames", "detections", "tiles", "hevc". */
const char *sv_record_level_name(sv_record_level level);
/** Errors: SV_ERR_ARG naming them. */
sv_status sv_record_level_parse(sv_record_level *out, const char *name);

enum { SV_SESSION_PATH_CAP = 4096 };
/** Path of a segment: 0 is `path` itself. False: too long. */
bool sv_session_segment_path(char out[SV_SESSION_PATH_CAP], const char *path, int32_t segment);

#endif
