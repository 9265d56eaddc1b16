/** A recorded session: every segment as one, read bit for bit as it was recorded. docs/SESSION_FORMAT.md. */
#ifndef REPLAY_SESSION_H
#define REPLAY_SESSION_H

#include <replay/recorder.h>
#include <replay/session_tables.h>
#include <skyvox/event.h>
#include <skyvox/pipeline.h>
#include <skyvox/team.h>

typedef struct sv_session sv_session;

/** Where a replay starts. */
typedef enum sv_replay_from {
    SV_FROM_AUTO = 0, /* the earliest that was recorded */
    SV_FROM_PIXELS = 1,
    SV_FROM_DETECTIONS = 2,
    SV_FROM_BEARINGS = 3,
    SV_FROM_POINTS = 4,
} sv_replay_from;

/**
 * Open a session and its further segments. A file that was cut off or damaged opens with what is whole.
 * Errors: SV_ERR_INPUT (no session, configuration unreadable), SV_ERR_NOMEM. Release with sv_session_close.
 */
sv_status sv_session_open(sv_session **out, const char *path);
/** The same of one segment in memory, borrowed. */
sv_status sv_session_open_image(sv_session **out, const void *image, size_t n);
void sv_session_close(sv_session *session);
/** True when the file may be a session. */
bool sv_session_detect(const char *path);

/** As recorded; borrowed. */
const sv_session_meta *sv_session_get_meta(const sv_session *session);
/** Configuration, cameras included; `from` as the source was opened. */
const sv_config *sv_session_config(const sv_session *session);
/** To replay with other settings than were recorded, before the source is opened. Cameras stay. */
sv_config *sv_session_config_edit(sv_session *session);
const sv_expect_row *sv_session_expect(const sv_session *session, int32_t *n);

int32_t sv_session_n_segments(const sv_session *session);
/** Bytes of all segments and of the videos beside them. */
uint64_t sv_session_bytes(const sv_session *session);
/** Version of the format that it was written in. */
uint32_t sv_session_version(const sv_session *session);
/** Level hevc: the video of a camera, of the last segment; NULL: none. */
const sv_video_row *sv_session_video(const sv_session *session, int32_t camera);
/** True when its pixels are not those that were seen. */
bool sv_session_is_lossy(const sv_session *session);
/** What is wrong as a whole, one line: "" when the recording ended well and opened without a search. */
const char *sv_session_note(const sv_session *session);
/** Rows of a table in all segments. */
int64_t sv_session_rows(const sv_session *session, int32_t table);
/** Row i of a table over all segments. Errors: SV_ERR_INPUT naming file, table and row. */
sv_status sv_session_row(void *row, sv_session *session, int32_t table, int64_t i_row);

/** Frame sets recorded. */
int64_t sv_session_n_sets(const sv_session *session);
/** Products of the i-th recorded set, borrowed until the next call on the session. Errors: SV_ERR_INPUT, SV_ERR_NOMEM. */
sv_status sv_session_read_set(const sv_products **out, sv_session *session, int64_t i);
/** The i-th recorded line of the ledger. Errors: SV_ERR_INPUT. */
sv_status sv_session_read_ledger(sv_ledger_line *out, sv_session *session, int64_t i);
/** The i-th stamp of truth, borrowed until the next call for truth. Errors: SV_ERR_INPUT, SV_ERR_NOMEM. */
sv_status sv_session_read_truth(sv_truth_set *out, sv_session *session, int64_t i);

/**
 * The i-th recorded event with its payload, borrowed until the next call on the session.
 * Errors: SV_ERR_INPUT (damaged). *out then holds what the row says, or is a GAP of unknown camera -1.
 */
sv_status sv_session_read_event(sv_event *out, sv_session *session, int64_t i, sv_team *team);

/** The whole frame `row` of a camera (place in the rig), borrowed likewise. */
sv_status sv_session_read_frame(sv_frame *out, sv_session *session, int32_t camera, int64_t row, sv_team *team);

/**
 * Level tiles: a frame as its tiles over the background recorded last before it, borrowed likewise.
 *
 *   i_row  in/out  row of the camera's tiles at which the frame begins, 0 the first; then of the next frame
 *
 * SV_END after the last. Errors: SV_ERR_INPUT (damaged: *i_row has gone on all the same), SV_ERR_NOMEM.
 */
sv_status sv_session_compose_frame(sv_frame *out, sv_session *session, int32_t camera, int64_t *i_row, sv_team *team);

/** First row of a table of stamps (events, sets, truth) whose time is not before t; the table's rows if none. */
int64_t sv_session_seek(sv_session *session, int32_t table, sv_time t);

typedef struct sv_replay sv_replay;

/**
 * The session as a source of events, with its truth.
 *
 *   from   in  where the replay starts; sv_session_config(session)->from follows it
 *   seek_s in  seconds after the first event to start at; 0 the beginning
 *   team   in  borrowed: unpacks the pixels
 *
 * Damaged frames come as gaps; sv_replay_n_damaged counts them.
 * Errors: SV_ERR_INPUT (that stage was not recorded), SV_ERR_NOMEM. Destroy with sv_replay_destroy.
 */
sv_status sv_replay_create(sv_replay **out, sv_session *session, sv_replay_from from, double seek_s, sv_team *team);
void sv_replay_destroy(sv_replay *replay);
/** `close` does nothing; truth is NULL when none was recorded. */
sv_source sv_replay_source(sv_replay *replay);
/** First stage whose hash the replay must give again. */
sv_stage sv_replay_first_stage(const sv_replay *replay);
/** True when it starts from pixels. */
bool sv_replay_gives_pixels(const sv_replay *replay);
int64_t sv_replay_n_damaged(const sv_replay *replay);
/** "pixels", "detections", "bearings", "points", "auto". Errors: SV_ERR_ARG naming them. */
sv_status sv_replay_from_parse(sv_replay_from *out, const char *name);
const char *sv_replay_from_name(sv_replay_from from);

/** Called for every damage, in words. */
typedef void (*sv_session_complain)(void *user, const char *line);

typedef struct sv_session_check {
    int64_t n_rows, n_frames;         /* checked */
    int64_t n_bad_rows, n_bad_frames; /* damaged or cut off */
    int64_t n_tiles, n_bad_tiles;     /* chunks of tiles, likewise */
    int64_t n_bad_journal;            /* lines of the journal */
    int64_t n_bad_hdf5;               /* data sets that HDF5 does not find as they were recorded */
    uint64_t n_bytes;                 /* of rows and frames */
} sv_session_check;

/**
 * Check every recorded byte; each damage names the camera and frame or the table and row. Files that ended well are opened
 * by HDF5, too; what a crash left of its metadata is no damage: the reader needs none. Errors: SV_ERR_NOMEM.
 */
sv_status sv_session_verify(sv_session_check *out, sv_session *session, sv_session_complain complain, void *user);

/** What a repair kept and left out. */
typedef struct sv_session_repair {
    int64_t n_events, n_sets, n_stamps;             /* kept */
    int64_t n_bad_events, n_bad_sets, n_bad_stamps; /* left out; a damaged frame becomes a gap */
} sv_session_repair;

/**
 * Write everything that is whole to a new session at `path`; the damaged one is only read.
 * Errors: SV_ERR_INPUT (path exists), SV_ERR_IO, SV_ERR_NOMEM.
 */
sv_status sv_session_copy(sv_session_repair *out, sv_session *session, const char *path, sv_team *team);

#endif
