/**
 * The tables of a session file: their columns, once, for writer, reader and documentation. docs/SESSION_FORMAT.md 3.
 * A row in the file is packed, little endian, and ends in its checksum; a row in memory is one of the structs below.
 */
#ifndef REPLAY_SESSION_TABLES_H
#define REPLAY_SESSION_TABLES_H

#include <skyvox/config.h>
#include <skyvox/ledger.h>
#include <skyvox/truth.h>

/* A fuzzer that had to guess checksums would never come to what lies behind them. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define SV_CHECKSUMS_IGNORED 1
#else
#define SV_CHECKSUMS_IGNORED 0
#endif

enum {
    SV_SESSION_VERSION = 2,       /* newest that is read and written */
    SV_SESSION_VERSION_PLAIN = 1, /* what frames and detections are written as */
    SV_SESSION_TABLES_CAP = 24,
    SV_SESSION_CAMERAS_CAP = 1024,
    SV_SESSION_COLUMNS_CAP = 64,
    SV_TILE_SIDE = 32,       /* px */
    SV_TILES_PER_CHUNK = 16, /* of one frame */
};

typedef enum sv_column_type {
    SV_COLUMN_U8 = 0,
    SV_COLUMN_I32 = 1,
    SV_COLUMN_I64 = 2,
    SV_COLUMN_U64 = 3,
    SV_COLUMN_F64 = 4,
    SV_COLUMN_TEXT = 5, /* count bytes, 0-padded */
} sv_column_type;

typedef struct sv_column {
    const char *name;
    const char *units;
    sv_column_type type;
    int32_t count; /* of an array or of bytes of a text; 0: one per camera */
    size_t offset; /* in the struct of memory */
} sv_column;

/**
 * Numbers in the journal: never reused. The index of camera i is SV_TABLE_INDEX + i; of n cameras and from version 2 on, its
 * tiles are SV_TABLE_INDEX + n + i, and SV_TABLE_INDEX + 2 n are the video files.
 */
typedef enum sv_table_id {
    SV_TABLE_JOURNAL = 0,
    SV_TABLE_META = 1,
    SV_TABLE_EXPECT = 2,
    SV_TABLE_CONFIG = 3,
    SV_TABLE_CAMERAS = 4,
    SV_TABLE_EVENTS = 5,
    SV_TABLE_EVENT_DETECTIONS = 6,
    SV_TABLE_EVENT_POINTS = 7,
    SV_TABLE_SETS = 8,
    SV_TABLE_DETECTIONS = 9,
    SV_TABLE_BEARINGS = 10,
    SV_TABLE_POINTS = 11,
    SV_TABLE_POINT_RAYS = 12,
    SV_TABLE_TRACKS = 13,
    SV_TABLE_LEDGER = 14,
    SV_TABLE_TRUTH_STAMPS = 15,
    SV_TABLE_TRUTH_SAMPLES = 16,
    SV_TABLE_TRUTH_VIEWS = 17,
    SV_TABLE_MATCHES = 18,
    SV_TABLE_INDEX = 19,
} sv_table_id;

/** One table of a session of n_cameras cameras. */
typedef struct sv_table_layout {
    const char *path; /* of the data set; "/cameras/%d/index" for a camera's */
    int32_t camera;   /* place in the rig of the camera that it is of; -1 none */
    const sv_column *column;
    int32_t n_columns;
    int32_t n_cameras;  /* count of columns that have one entry a camera */
    size_t memory_size; /* bytes of the struct */
    size_t row_size;    /* bytes of the packed row, checksum included */
    int64_t chunk_rows; /* rows of a chunk */
} sv_table_layout;

/** Layout of a table id. */
sv_table_layout sv_table_layout_of(int32_t table, int32_t n_cameras);
/** Number of tables of a session of version 1: those that every version has. */
int32_t sv_table_count(int32_t n_cameras);
/** Number of tables of a session of any version. */
int32_t sv_table_count_of(uint32_t version, int32_t n_cameras);
/** Tables of version 2. */
static inline int32_t sv_table_tiles(int32_t n_cameras, int32_t camera) {
    return SV_TABLE_INDEX + n_cameras + camera;
}
static inline int32_t sv_table_video(int32_t n_cameras) {
    return SV_TABLE_INDEX + 2 * n_cameras;
}
/** Without the columns of links: what is written when candidates are not linked; a reader finds 0 in them. */
void sv_table_layout_unlink(sv_table_layout *layout, int32_t table);
/** Bytes of one column in the file. */
size_t sv_column_size(const sv_table_layout *layout, const sv_column *column);

/** Row `i_row` of a table, from memory to the file and back; unpacking says whether the checksum holds. */
void sv_row_pack(uint8_t *packed, const sv_table_layout *layout, const void *row, int32_t table, int64_t i_row);
bool sv_row_unpack(void *row, const sv_table_layout *layout, const uint8_t *packed, int32_t table, int64_t i_row);

/* ---- rows in memory; the rest are sv_config, sv_camera, sv_detection, sv_ray, sv_track, sv_ledger_line ---- */

/** What a line of the journal says. */
typedef enum sv_journal_kind {
    SV_JOURNAL_CHAIN = 0x4B535601,  /* first row of a chunk: offset of the chunk before (0 none), number of this one */
    SV_JOURNAL_LAYOUT = 0x4B535602, /* chunk: row size, count: rows of a chunk */
    SV_JOURNAL_ROWS = 0x4B535603,   /* the table has now `count` rows, the last of them in `chunk` at `offset` */
    SV_JOURNAL_CLOSED = 0x4B535604, /* the session ended here: nothing is missing */
} sv_journal_kind;

typedef struct sv_journal_row {
    int32_t kind;
    int32_t table;
    int64_t chunk;
    uint64_t offset; /* in the file, bytes */
    int64_t count;
    sv_time t; /* newest event */
    uint64_t session;
} sv_journal_row;

/** What was recorded, beside configuration and cameras. */
typedef struct sv_session_meta {
    char name[64];
    char description[512];
    char commit[64];
    char time_scale[16]; /* "simulation", "dataset", "tai" */
    int64_t epoch_ns;
    uint64_t seed;
    int32_t has_seed;
    int32_t level;      /* sv_record_level */
    int32_t evaluation; /* sv_score_evaluation */
    int32_t coverage_sites;
    double gate_m, warmup_s;
    int32_t segment;
    int32_t has_truth;
} sv_session_meta;

typedef struct sv_expect_row {
    char name[64];
    int32_t op; /* sv_expect_op */
    double limit;
} sv_expect_row;

typedef struct sv_event_row {
    uint64_t seq;
    sv_time t;
    int32_t kind;
    int32_t camera;
    int32_t frame;
    int32_t spare;
    int64_t first; /* row of the camera's index, of /events/detections or /events/points; -1: not recorded */
    int64_t n;
} sv_event_row;

/** One image: where its chunk lies and what it hashes to. */
typedef struct sv_index_row {
    int32_t number;
    int32_t spare;
    sv_time t;
    uint64_t offset;
    uint64_t size;
    uint64_t checksum;
} sv_index_row;

/** Up to SV_TILES_PER_CHUNK tiles of one frame, packed together: where the chunk lies and where in the image each tile. */
typedef struct sv_tiles_row {
    int32_t number; /* of the frame */
    int32_t n;      /* tiles; the rest of the chunk is 0 */
    sv_time t;
    uint64_t offset;
    uint64_t size;
    uint64_t checksum;
    int32_t u_px[SV_TILES_PER_CHUNK], v_px[SV_TILES_PER_CHUNK]; /* the tile's first pixel */
} sv_tiles_row;

enum { SV_VIDEO_CONTRASTS = 2 }; /* targets of 5 and 10 sigma */

/** The video file of a camera beside the session, and what a lossy one leaves of faint targets. */
typedef struct sv_video_row {
    char file[128];                          /* in the folder of the session */
    int32_t camera;                          /* place in the rig */
    int32_t crf;                             /* of the encoder; -1 lossless */
    int64_t frame_bytes;                     /* of the first frame */
    double target_dn[SV_VIDEO_CONTRASTS];    /* peak of the targets that were planted in it */
    double contrast[SV_VIDEO_CONTRASTS];     /* share that survives, median; 1 for lossless */
    double contrast_p10[SV_VIDEO_CONTRASTS]; /* that nine of ten exceed */
} sv_video_row;

typedef struct sv_set_row {
    int64_t set;
    sv_time t, t_horizon;
    int64_t first_detection, n_detections;
    int64_t first_ray, n_rays;
    int64_t first_point, n_points;
    int64_t first_track, n_tracks;
    uint8_t alive[SV_SESSION_CAMERAS_CAP];
} sv_set_row;

/** sv_point with its rays in a table of their own. */
typedef struct sv_point_row {
    sv_time t;
    sv_vec3 p_w;
    double cov_m2[6];
    int32_t n_sites;
    int32_t n_rays;
    int64_t first_ray; /* row of /point_rays */
} sv_point_row;

typedef struct sv_point_ray_row {
    int32_t ray;          /* in the set */
    int32_t detection[2]; /* in the set; -1 none */
} sv_point_ray_row;

typedef struct sv_truth_stamp_row {
    sv_time t;
    int64_t first_sample, n_samples;
    int64_t first_view, n_views;
} sv_truth_stamp_row;

typedef struct sv_truth_sample_row {
    int64_t target;
    int32_t object_class;
    uint8_t wanted, in_coverage, has_velocity;
    sv_vec3 p_w, v_w;
    double size_m, size_px, range_m;
    int32_t n_sites;
} sv_truth_sample_row;

typedef struct sv_truth_view_row {
    int64_t target;
    int32_t camera;
    double u_px, v_px, size_px, snr;
    uint8_t visible, occluded;
} sv_truth_view_row;

/** One confirmed track at one frame set and the true object nearest to it within the gate. */
typedef struct sv_match_row {
    sv_time t;
    int64_t track;
    int64_t target; /* -1: none within the gate */
    double distance_m;
} sv_match_row;

#endif
