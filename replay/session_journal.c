/* Where the tables of a file lie: its journal, found by its chain or by a search, and read forward. */
#include <replay/checksum64.h>
#include <replay/session_file.h>
#include <replay/session_segment_parts.h>

#include <stdlib.h>
#include <string.h>

enum { SCAN_BYTES = 1 << 20 };

/*
 * Calls `found` at every place of the file where `n` bytes of `pattern` begin, up to `end`; found returns true to stop.
 */
static sv_status scan(sv_segment *s, uint64_t end, const uint8_t *pattern, size_t n,
                      bool (*found)(sv_segment *s, uint64_t offset)) {
    uint8_t *window = malloc(SCAN_BYTES);
    if (window == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    end = end < s->state.n_bytes ? end : s->state.n_bytes;
    bool stop = false;
    for (uint64_t offset = 0; offset + n <= end && !stop; offset += SCAN_BYTES - n + 1) {
        size_t n_window = end - offset < SCAN_BYTES ? (size_t)(end - offset) : SCAN_BYTES;
        if (!sv_segment_read_at(s, window, offset, n_window)) {
            break;
        }
        const uint8_t *at = window, *last = window + n_window - n;
        while (!stop && at <= last && (at = memchr(at, pattern[0], (size_t)(last - at) + 1)) != NULL) {
            stop = memcmp(at, pattern, n) == 0 && found(s, offset + (uint64_t)(at - window));
            at++;
        }
    }
    free(window);
    return SV_OK;
}

/* ---- the journal ---- */

static sv_status keep_journal_chunk(sv_segment *s, int64_t number, uint64_t offset) {
    if (s->n_journal == s->journal_cap) {
        size_t cap = 2 * s->journal_cap + 16;
        sv_journal_chunk *grown = realloc(s->journal, cap * sizeof *grown);
        if (grown == NULL) {
            return sv_fail(SV_ERR_NOMEM, "out of memory");
        }
        s->journal = grown;
        s->journal_cap = cap;
    }
    s->journal[s->n_journal++] = (sv_journal_chunk){.number = number, .offset = offset};
    return SV_OK;
}

/* The chain's row in place `k` (0 or 1) of a journal chunk at `offset`. */
static bool is_chain_row(const sv_segment *s, sv_journal_row *row, uint64_t offset, int64_t number, int k) {
    uint8_t packed[128];
    sv_table_layout layout = sv_table_layout_of(SV_TABLE_JOURNAL, 0);
    return sv_segment_read_at(s, packed, offset + (uint64_t)k * layout.row_size, layout.row_size) &&
           sv_row_unpack(row, &layout, packed, SV_TABLE_JOURNAL, number * layout.chunk_rows + k) &&
           row->kind == SV_JOURNAL_CHAIN && row->chunk == number;
}

static bool is_chain(const sv_segment *s, sv_journal_row *row, uint64_t offset, int64_t number) {
    return is_chain_row(s, row, offset, number, 0) || is_chain_row(s, row, offset, number, 1);
}

static bool found_head(sv_segment *s, uint64_t offset) {
    sv_session_head head;
    if (!sv_segment_read_at(s, &head, offset, sizeof head)) {
        return false;
    }
    if (head.checksum != sv_checksum64(&head, offsetof(sv_session_head, checksum), 0) && !SV_CHECKSUMS_IGNORED) {
        return false;
    }
    s->state.head_damaged = false;
    s->state.closed = head.closed == 1;
    s->state.session = head.session;
    s->state.segment = head.segment;
    s->version = head.version;
    s->n_cameras = head.n_cameras;
    s->n_journal = 0;
    keep_journal_chunk(s, head.journal_chunk, head.journal_offset);
    return true;
}

/* From the newest chunk back to chunk 0. False: a link is broken. */
static bool follow_chain(sv_segment *s) {
    if (s->n_journal != 1) {
        return false;
    }
    sv_journal_chunk at = s->journal[0];
    if (at.number < 0 || at.number > (int64_t)(s->state.n_bytes / 64)) {
        return false;
    }
    s->n_journal = 0;
    for (;;) {
        sv_journal_row row;
        if (!is_chain(s, &row, at.offset, at.number) || keep_journal_chunk(s, at.number, at.offset) != SV_OK) {
            return false;
        }
        if (at.number == 0) {
            return true;
        }
        at = (sv_journal_chunk){.number = at.number - 1, .offset = row.offset};
    }
}

/* Something that looks like a chain's row: keep the chunk when it is one, either of its two. */
static bool found_chain(sv_segment *s, uint64_t offset) {
    sv_table_layout layout = sv_table_layout_of(SV_TABLE_JOURNAL, 0);
    int64_t number;
    if (!sv_segment_read_at(s, &number, offset + 8, sizeof number)) { /* after the columns kind and table */
        return false;
    }
    if (number < 0 || number > (int64_t)(s->state.n_bytes / 64)) {
        return false;
    }
    sv_journal_row row;
    for (int k = 0; k < 2; k++) {
        uint64_t back = (uint64_t)k * layout.row_size;
        if (offset >= back && is_chain_row(s, &row, offset - back, number, k)) {
            return keep_journal_chunk(s, number, offset - back) != SV_OK;
        }
    }
    return false;
}

static int by_number(const void *a, const void *b) {
    const sv_journal_chunk *x = a, *y = b;
    return x->number != y->number ? (x->number > y->number) - (x->number < y->number)
                                  : (x->offset > y->offset) - (x->offset < y->offset);
}

/* Oldest first, each once. */
static void sort_journal(sv_segment *s) {
    qsort(s->journal, s->n_journal, sizeof *s->journal, by_number);
    size_t n = 0;
    for (size_t i = 0; i < s->n_journal; i++) {
        if (n == 0 || by_number(&s->journal[n - 1], &s->journal[i]) != 0) {
            s->journal[n++] = s->journal[i];
        }
    }
    s->n_journal = n;
}

static const uint8_t chain_bytes[] = {0x01, 0x56, 0x53, 0x4B, 0, 0, 0, 0};

static sv_status find_journal(sv_segment *s) {
    enum { HEAD_WITHIN = 1 << 16 };
    s->state.head_damaged = true;
    sv_status status = scan(s, HEAD_WITHIN, (const uint8_t *)SV_SESSION_MAGIC, 8, found_head);
    if (status == SV_OK && !s->state.head_damaged && (s->version < 1 || s->version > SV_SESSION_VERSION)) {
        return sv_fail(SV_ERR_INPUT, "%s: a session of version %d, expected 1 to %d", s->path, (int)s->version,
                       SV_SESSION_VERSION);
    }
    if (status == SV_OK && (s->state.head_damaged || !follow_chain(s))) {
        s->n_journal = 0;
        status = scan(s, UINT64_MAX, chain_bytes, sizeof chain_bytes, found_chain);
    }
    if (status == SV_OK && s->n_journal == 0) {
        return sv_fail(SV_ERR_INPUT, "%s: not a session: found no journal in %llu bytes", s->path,
                       (unsigned long long)s->state.n_bytes);
    }
    if (status == SV_OK) {
        sort_journal(s);
    }
    return status;
}

/* ---- what the journal says ---- */

/* `i` is the journal chunk of the row, in the order of s->journal. */
typedef sv_status (*visit_row)(sv_segment *s, const sv_journal_row *row, size_t i);

/* Every valid row of the journal in order; rows that should be there and are not valid are counted once. */
static sv_status walk_journal(sv_segment *s, visit_row visit, int64_t *n_damaged) {
    sv_table_layout layout = sv_table_layout_of(SV_TABLE_JOURNAL, 0);
    uint8_t *chunk = malloc((size_t)layout.chunk_rows * layout.row_size);
    if (chunk == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    sv_status status = SV_OK;
    for (size_t i = 0; i < s->n_journal && status == SV_OK; i++) {
        int64_t bad = 0, first = s->journal[i].number * layout.chunk_rows;
        for (int64_t k = 0; k < layout.chunk_rows && status == SV_OK; k++) {
            sv_journal_row row;
            uint8_t *packed = chunk + (size_t)k * layout.row_size;
            bool there =
                sv_segment_read_at(s, packed, s->journal[i].offset + (uint64_t)k * layout.row_size, layout.row_size);
            if (there && sv_row_unpack(&row, &layout, packed, SV_TABLE_JOURNAL, first + k)) {
                *n_damaged += bad; /* bad rows before a good one were good once */
                bad = 0;
                status = visit(s, &row, i);
            } else {
                bad++;
            }
        }
        *n_damaged += i + 1 < s->n_journal ? bad : 0;
    }
    free(chunk);
    return status;
}

/* Cameras and version, should the head not tell them: index tables come first, and their rows have a size of their own. */
static sv_status count_tables(sv_segment *s, const sv_journal_row *row, size_t i) {
    (void)i;
    s->state.session = row->session;
    if (row->kind != SV_JOURNAL_LAYOUT || row->table < 0 || row->table > sv_table_video(SV_SESSION_CAMERAS_CAP)) {
        return SV_OK;
    }
    s->n_tables = row->table >= s->n_tables ? row->table + 1 : s->n_tables;
    bool is_index = row->table >= SV_TABLE_INDEX && row->table < SV_TABLE_INDEX + SV_SESSION_CAMERAS_CAP &&
                    row->chunk == (int64_t)sv_table_layout_of(SV_TABLE_INDEX, 1).row_size;
    int32_t n = row->table - SV_TABLE_INDEX + 1;
    s->n_index = is_index && n > s->n_index ? n : s->n_index;
    return SV_OK;
}

/* Room for a span more and for the places of the first one. */
static sv_status reserve(sv_segment *s, sv_read_table *table, int64_t i_span) {
    if (i_span >= table->n_spans) {
        sv_journal_span *grown = realloc(table->span, ((size_t)i_span + 1) * sizeof *grown);
        if (grown == NULL) {
            return sv_fail(SV_ERR_NOMEM, "%s: out of memory", s->path);
        }
        for (int64_t i = table->n_spans; i <= i_span; i++) {
            grown[i] = (sv_journal_span){.first = UINT32_MAX};
        }
        table->span = grown;
        table->n_spans = i_span + 1;
    }
    if (table->offset == NULL) {
        table->offset = calloc(SV_CHUNKS_KNOWN, sizeof *table->offset);
    }
    return table->offset != NULL ? SV_OK : sv_fail(SV_ERR_NOMEM, "%s: out of memory", s->path);
}

/* A line that tells of rows that the table can have. A chunk takes its bytes in the file, so a number beyond that is wrong. */
static bool tells_rows(const sv_segment *s, const sv_journal_row *row) {
    if (row->kind != SV_JOURNAL_ROWS || row->table < 0 || row->table >= s->n_tables || row->chunk < 0) {
        return false;
    }
    const sv_table_layout *layout = &s->table[row->table].layout;
    int64_t most = (int64_t)(s->state.n_bytes / ((uint64_t)layout->chunk_rows * layout->row_size)) + 1;
    int64_t begin = row->chunk <= 2 * most + 64 ? row->chunk * layout->chunk_rows : INT64_MAX;
    return row->count > begin && row->count <= begin + layout->chunk_rows;
}

static sv_status take_row(sv_segment *s, const sv_journal_row *row, size_t i) {
    s->state.t = row->t > s->state.t ? row->t : s->state.t;
    if (row->table < 0 || row->table >= s->n_tables) {
        return SV_OK;
    }
    sv_read_table *table = &s->table[row->table];
    if (row->kind == SV_JOURNAL_LAYOUT && row->chunk < (int64_t)table->layout.row_size) {
        sv_table_layout_unlink(&table->layout, row->table);
    }
    if (row->kind == SV_JOURNAL_LAYOUT &&
        (row->chunk != (int64_t)table->layout.row_size || row->count != table->layout.chunk_rows)) {
        return sv_fail(SV_ERR_INPUT, "%s: table %d has rows of %lld bytes by %lld, expected %zu by %lld", s->path,
                       (int)row->table, (long long)row->chunk, (long long)row->count, table->layout.row_size,
                       (long long)table->layout.chunk_rows);
    }
    s->ends = s->ends || row->kind == SV_JOURNAL_CLOSED;
    if (!tells_rows(s, row)) {
        return SV_OK;
    }
    int64_t i_span = row->chunk / SV_CHUNKS_KNOWN;
    sv_status status = reserve(s, table, i_span);
    if (status != SV_OK) {
        return status;
    }
    sv_journal_span *span = &table->span[i_span];
    span->first = i < span->first ? (uint32_t)i : span->first;
    span->last = (uint32_t)i;
    if (i_span == table->i_span) {
        table->offset[row->chunk % SV_CHUNKS_KNOWN] = row->offset;
    }
    table->n_chunks = row->chunk >= table->n_chunks ? row->chunk + 1 : table->n_chunks;
    table->n_rows = row->count > table->n_rows ? row->count : table->n_rows;
    return SV_OK;
}

/* Places of the chunks of a span, from the part of the journal that tells of them. */
static void load_span(const sv_segment *s, int32_t i_table, int64_t i_span) {
    sv_table_layout layout = sv_table_layout_of(SV_TABLE_JOURNAL, 0);
    sv_read_table *table = &s->table[i_table];
    memset(table->offset, 0, SV_CHUNKS_KNOWN * sizeof *table->offset);
    table->i_span = i_span;
    for (size_t i = table->span[i_span].first; i <= table->span[i_span].last; i++) {
        for (int64_t k = 0; k < layout.chunk_rows; k++) {
            uint8_t packed[128];
            sv_journal_row row;
            uint64_t offset = s->journal[i].offset + (uint64_t)k * layout.row_size;
            if (sv_segment_read_at(s, packed, offset, layout.row_size) &&
                sv_row_unpack(&row, &layout, packed, SV_TABLE_JOURNAL, s->journal[i].number * layout.chunk_rows + k) &&
                row.table == i_table && tells_rows(s, &row) && row.chunk / SV_CHUNKS_KNOWN == i_span) {
                table->offset[row.chunk % SV_CHUNKS_KNOWN] = row.offset;
            }
        }
    }
}

uint64_t sv_segment_chunk_offset(const sv_segment *s, int32_t i_table, int64_t i_chunk) {
    const sv_read_table *table = &s->table[i_table];
    if (i_chunk < 0 || i_chunk >= table->n_chunks) {
        return 0;
    }
    if (i_chunk / SV_CHUNKS_KNOWN != table->i_span) {
        load_span(s, i_table, i_chunk / SV_CHUNKS_KNOWN);
    }
    return table->offset[i_chunk % SV_CHUNKS_KNOWN];
}

static sv_status take_journal(sv_segment *s) {
    int64_t ignored = 0;
    sv_status status = walk_journal(s, count_tables, &ignored);
    if (s->state.head_damaged || s->n_cameras < 0 || s->n_cameras > SV_SESSION_CAMERAS_CAP) {
        s->n_cameras = s->n_index;
        s->version = s->n_tables > sv_table_count(s->n_index) ? SV_SESSION_VERSION : SV_SESSION_VERSION_PLAIN;
        if (status == SV_OK && s->n_tables < sv_table_count(s->n_index)) {
            return sv_fail(SV_ERR_INPUT, "%s: the journal's first chunk is lost", s->path);
        }
    }
    s->n_tables = sv_table_count_of(s->version, s->n_cameras);
    s->state.n_cameras = s->n_cameras;
    s->state.version = s->version;
    s->table = calloc((size_t)s->n_tables + 1, sizeof *s->table);
    if (status == SV_OK && s->table == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    for (int32_t i = 0; i < s->n_tables && status == SV_OK; i++) {
        s->table[i].layout = sv_table_layout_of(i, s->state.n_cameras);
        s->table[i].i_chunk = SV_NO_CHUNK;
    }
    status = status == SV_OK ? walk_journal(s, take_row, &s->state.n_damaged) : status;
    s->state.n_damaged += s->state.closed && !s->ends ? 1 : 0; /* the line that says so was lost */
    s->state.sealed = s->state.closed && s->ends;
    s->state.closed = s->ends;
    return status;
}

sv_status sv_segment_read_journal(sv_segment *s) {
    sv_status status = find_journal(s);
    return status == SV_OK ? take_journal(s) : status;
}
