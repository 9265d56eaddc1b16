/**
 * One file of a session being read, without HDF5: journal, tables and frames by plain reads, every byte of them checked.
 * Whatever the bytes are, reading gives rows that were recorded or an error; never more.
 */
#ifndef REPLAY_SESSION_SEGMENT_H
#define REPLAY_SESSION_SEGMENT_H

#include <replay/session_tables.h>

typedef struct sv_segment sv_segment;

/** How whole a file is. */
typedef struct sv_segment_state {
    bool is_file;      /* false: bytes in memory */
    bool closed;       /* it ended well */
    bool sealed;       /* and HDF5 has closed it */
    bool head_damaged; /* the first bytes did not say where the journal is: it was searched for */
    int64_t n_damaged; /* rows of the journal that do not hold */
    uint64_t n_bytes;
    uint64_t session;
    int32_t segment;
    int32_t n_cameras;
    uint32_t version;
    sv_time t; /* newest event that the journal knows of */
} sv_segment_state;

/** Errors: SV_ERR_INPUT (missing, no session, of a later version), SV_ERR_NOMEM. Release with sv_segment_close. */
sv_status sv_segment_open(sv_segment **out, const char *path);
/** The same of bytes in memory, borrowed: the fuzz target's door. */
sv_status sv_segment_open_image(sv_segment **out, const void *image, size_t n);
void sv_segment_close(sv_segment *segment);

/** True when the file starts like HDF5. */
bool sv_segment_detect(const char *path);

const sv_segment_state *sv_segment_get_state(const sv_segment *segment);
const char *sv_segment_path(const sv_segment *segment);

/** Rows that were recorded, damaged ones counted. */
int64_t sv_segment_rows(const sv_segment *segment, int32_t table);

/** One row. Errors: SV_ERR_INPUT "FILE: /events/log: row 12 is damaged" (or cut off, or not there). */
sv_status sv_segment_row(void *row, sv_segment *segment, int32_t table, int64_t i_row);

/** Where a row lies in the file, [n] bytes; false: it is not in it. */
bool sv_segment_row_place(uint64_t *offset, size_t *n, const sv_segment *segment, int32_t table, int64_t i_row);

/** Where chunk i of the journal lies; false: there are not so many. */
bool sv_segment_journal_place(uint64_t *offset, const sv_segment *segment, int64_t i_chunk);

/** Name of a table for messages, "/cameras/3/index" by the camera's place in the rig. */
void sv_segment_table_name(char out[64], const sv_segment *segment, int32_t table);

/**
 * The packed bytes of a frame, checked.
 *   packed  out  [index->size]
 * Errors: SV_ERR_INPUT.
 */
sv_status sv_segment_packed(void *packed, sv_segment *segment, int32_t camera, int64_t i_row,
                            const sv_index_row *index);

/** The same of a chunk of tiles. */
sv_status sv_segment_packed_tiles(void *packed, sv_segment *segment, int32_t camera, int64_t i_row,
                                  const sv_tiles_row *row);

/** From now on the packed bytes of frames are in videos beside the session. Errors: SV_ERR_NOMEM. */
sv_status sv_segment_expect_video(sv_segment *segment);
/** True when they are. */
bool sv_segment_has_video(const sv_segment *segment);
/** That of a camera is the file at `path`. Errors: SV_ERR_INPUT (not there). */
sv_status sv_segment_attach_video(sv_segment *segment, int32_t camera, const char *path);
/** Bytes of that file; 0 none. */
uint64_t sv_segment_video_bytes(const sv_segment *segment, int32_t camera);

#endif
