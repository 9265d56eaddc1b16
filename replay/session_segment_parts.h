/** The inside of one file being read: what is shared by the search for its journal and the reading of its rows. */
#ifndef REPLAY_SESSION_SEGMENT_PARTS_H
#define REPLAY_SESSION_SEGMENT_PARTS_H

#include <replay/session_segment.h>

enum { SV_NO_CHUNK = -1, SV_CHUNKS_KNOWN = 1024 };

/** Which chunks of the journal tell of some chunks of a table: first to last, in the order of sv_segment.journal. */
typedef struct sv_journal_span {
    uint32_t first, last;
} sv_journal_span;

/**
 * A table of the file: where its chunks lie, and the one read last. So that memory does not grow with the length of a recording,
 * only SV_CHUNKS_KNOWN places in a row are known at a time; the journal is asked again for others.
 */
typedef struct sv_read_table {
    sv_table_layout layout;
    int64_t n_rows, n_chunks;
    sv_journal_span *span; /* [n_spans] of chunks k SV_CHUNKS_KNOWN onwards; first > last: none */
    int64_t n_spans;
    uint64_t *offset; /* [SV_CHUNKS_KNOWN] of the chunks of span i_span; 0 unknown */
    int64_t i_span;
    uint8_t *chunk;
    int64_t i_chunk; /* in `chunk` */
} sv_read_table;

/** Bytes beside the session: the video of a camera. */
typedef struct sv_video_file {
    int fd; /* -1: not there */
    uint64_t n_bytes;
} sv_video_file;

typedef struct sv_journal_chunk {
    int64_t number;
    uint64_t offset;
} sv_journal_chunk;

struct sv_segment {
    char *path;
    int fd; /* -1: image */
    const uint8_t *image;
    sv_segment_state state;
    uint32_t version;     /* of the head; 0 unknown */
    int32_t n_cameras;    /* of the head */
    int32_t n_index;      /* index tables that the journal names: one a camera */
    bool ends;            /* the journal says that the session ended well */
    sv_read_table *table; /* [n_tables] */
    int32_t n_tables;
    sv_video_file *video;      /* [n_cameras]; NULL: pixels are in the session */
    sv_journal_chunk *journal; /* [n_journal], oldest first once found */
    size_t n_journal, journal_cap;
};

/** n bytes of the file; false: it has not so many. */
bool sv_segment_read_at(const sv_segment *segment, void *to, uint64_t offset, size_t n);

/** Find the journal and take from it what there is. Errors: SV_ERR_INPUT (no session, of a later version), SV_ERR_NOMEM. */
sv_status sv_segment_read_journal(sv_segment *segment);

/** Where chunk i of a table lies; 0 unknown. */
uint64_t sv_segment_chunk_offset(const sv_segment *segment, int32_t table, int64_t i_chunk);

#endif
