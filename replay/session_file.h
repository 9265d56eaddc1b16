/** A session file being written: tables row by row, frames as packed chunks, and the journal of both. docs/SESSION_FORMAT.md. */
#ifndef REPLAY_SESSION_FILE_H
#define REPLAY_SESSION_FILE_H

#include <replay/session_tables.h>

typedef struct sv_session_file sv_session_file;

/** The first bytes that a reader looks for: at an 8-byte boundary near the start of the file, data set /head. */
typedef struct sv_session_head {
    uint8_t magic[8];
    uint32_t version;
    uint32_t closed; /* 1: the session ended well */
    uint64_t session;
    int32_t segment;
    int32_t n_cameras;
    uint64_t journal_offset; /* newest chunk of the journal */
    int64_t journal_chunk;
    uint64_t checksum; /* XXH64, seed 0, of what is above */
} sv_session_head;

#define SV_SESSION_MAGIC "SKYVOX\r\n"
enum { SV_SESSION_HEAD_SIZE = sizeof(sv_session_head) };

/** What a file is made with. */
typedef struct sv_session_file_options {
    const sv_camera *camera; /* [n_cameras], borrowed during creation */
    int32_t n_cameras;
    uint64_t session; /* the same in all segments */
    int32_t segment;
    bool extended;      /* with tiles and video files: version 2 of the format */
    bool linked;        /* candidates are linked: with the columns of links */
    const char *json;   /* readable copy of the configuration */
    int64_t fail_write; /* tests: this write fails as if the disk were full; 0 none */
} sv_session_file_options;

/**
 * Make a new file with every data set, ready for readers.
 * Errors: SV_ERR_INPUT (exists, no such folder), SV_ERR_IO, SV_ERR_NOMEM.
 */
sv_status sv_session_file_create(sv_session_file **out, const char *path, const sv_session_file_options *options);

/** Append one row; *i_row (NULL to skip) becomes its number. Errors: SV_ERR_IO: the file takes nothing more. */
sv_status sv_session_file_append(sv_session_file *file, int32_t table, const void *row, int64_t *i_row);

/** Rows of a table so far. */
int64_t sv_session_file_rows(const sv_session_file *file, int32_t table);

/** Append one packed image of a camera with its row of the index: place and size are filled in here. */
sv_status sv_session_file_frame(sv_session_file *file, int32_t camera, const void *packed, size_t n,
                                sv_index_row *index);

/** Append one packed chunk of tiles of a camera with its row likewise; version 2 only. */
sv_status sv_session_file_tiles(sv_session_file *file, int32_t camera, const void *packed, size_t n, sv_tiles_row *row);

/** Everything so far reaches the file; `sync` the disk, too. t: newest event. */
sv_status sv_session_file_flush(sv_session_file *file, sv_time t, bool sync);

/** Bytes written so far. */
uint64_t sv_session_file_bytes(const sv_session_file *file);
/** Writes asked for so far. */
int64_t sv_session_file_writes(const sv_session_file *file);

/** Flush, mark the session as ended and release; NULL is allowed. Errors: SV_ERR_IO; released all the same. */
sv_status sv_session_file_close(sv_session_file *file);
/** Release without a mark: what was written stays as it is. */
void sv_session_file_abandon(sv_session_file *file);

#endif
