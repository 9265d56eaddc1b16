#include <replay/checksum64.h>
#include <replay/session_segment_parts.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- bytes ---- */

static bool read_file(int fd, void *to, uint64_t offset, size_t n) {
    uint8_t *at = to;
    while (n > 0) {
        ssize_t got = pread(fd, at, n, (off_t)offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        at += got;
        n -= (size_t)got;
        offset += (uint64_t)got;
    }
    return true;
}

static bool fits(uint64_t n_bytes, uint64_t offset, uint64_t n) {
    return offset <= n_bytes && n <= n_bytes - offset;
}

bool sv_segment_read_at(const sv_segment *s, void *to, uint64_t offset, size_t n) {
    if (!fits(s->state.n_bytes, offset, n)) {
        return false;
    }
    if (s->fd < 0) {
        memcpy(to, s->image + offset, n);
        return true;
    }
    return read_file(s->fd, to, offset, n);
}

/* ---- opening ---- */

static sv_status open_common(sv_segment **out, sv_segment *s, const char *path) {
    s->path = malloc(strlen(path) + 1);
    sv_status status = s->path != NULL ? SV_OK : sv_fail(SV_ERR_NOMEM, "out of memory");
    if (status == SV_OK) {
        strcpy(s->path, path);
        status = sv_segment_read_journal(s);
    }
    if (status != SV_OK) {
        sv_segment_close(s);
        return status;
    }
    *out = s;
    return SV_OK;
}

sv_status sv_segment_open(sv_segment **out, const char *path) {
    *out = NULL;
    sv_segment *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    struct stat info;
    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0 || fstat(s->fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        sv_status status = sv_fail(SV_ERR_INPUT, "%s: %s", path, s->fd < 0 ? strerror(errno) : "not a file");
        sv_segment_close(s);
        return status;
    }
    s->state.n_bytes = (uint64_t)info.st_size;
    s->state.is_file = true;
    return open_common(out, s, path);
}

sv_status sv_segment_open_image(sv_segment **out, const void *image, size_t n) {
    *out = NULL;
    sv_segment *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    s->fd = -1;
    s->image = image;
    s->state.n_bytes = n;
    return open_common(out, s, "image");
}

void sv_segment_close(sv_segment *s) {
    if (s == NULL) {
        return;
    }
    for (int32_t i = 0; s->table != NULL && i < s->n_tables; i++) {
        free(s->table[i].span);
        free(s->table[i].offset);
        free(s->table[i].chunk);
    }
    for (int32_t i = 0; s->video != NULL && i < s->n_cameras; i++) {
        if (s->video[i].fd >= 0) {
            close(s->video[i].fd);
        }
    }
    if (s->fd >= 0) {
        close(s->fd);
    }
    free(s->video);
    free(s->table);
    free(s->journal);
    free(s->path);
    free(s);
}

bool sv_segment_detect(const char *path) {
    static const uint8_t signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'};
    uint8_t first[8] = {0};
    FILE *file = fopen(path, "rb");
    bool same = file != NULL && fread(first, 1, sizeof first, file) == sizeof first &&
                memcmp(first, signature, sizeof first) == 0;
    if (file != NULL) {
        fclose(file);
    }
    return same;
}

/* ---- rows and frames ---- */

const sv_segment_state *sv_segment_get_state(const sv_segment *s) {
    return &s->state;
}

const char *sv_segment_path(const sv_segment *s) {
    return s->path;
}

int64_t sv_segment_rows(const sv_segment *s, int32_t table) {
    return table < s->n_tables ? s->table[table].n_rows : 0; /* older versions have fewer tables */
}

/* Whole row i lies within the file. */
static bool is_kept(const sv_segment *s, int32_t i_table, int64_t i_row) {
    const sv_read_table *table = &s->table[i_table];
    uint64_t offset = sv_segment_chunk_offset(s, i_table, i_row / table->layout.chunk_rows);
    uint64_t within = (uint64_t)(i_row % table->layout.chunk_rows + 1) * table->layout.row_size;
    return offset > 0 && offset < s->state.n_bytes && within <= s->state.n_bytes - offset;
}

bool sv_segment_row_place(uint64_t *offset, size_t *n, const sv_segment *s, int32_t i_table, int64_t i_row) {
    const sv_read_table *table = &s->table[i_table];
    if (i_row < 0 || i_row >= table->n_rows || !is_kept(s, i_table, i_row)) {
        return false;
    }
    *n = table->layout.row_size;
    *offset = sv_segment_chunk_offset(s, i_table, i_row / table->layout.chunk_rows) +
              (uint64_t)(i_row % table->layout.chunk_rows) * table->layout.row_size;
    return true;
}

bool sv_segment_journal_place(uint64_t *offset, const sv_segment *s, int64_t i_chunk) {
    if (i_chunk < 0 || (uint64_t)i_chunk >= s->n_journal || s->journal[i_chunk].number != i_chunk) {
        return false;
    }
    *offset = s->journal[i_chunk].offset;
    return true;
}

void sv_segment_table_name(char out[64], const sv_segment *s, int32_t table) {
    snprintf(out, 64, s->table[table].layout.path, (int)s->table[table].layout.camera);
}

static sv_status bad_row(const sv_segment *s, int32_t table, int64_t i_row, const char *what) {
    char name[64];
    sv_segment_table_name(name, s, table);
    return sv_fail(SV_ERR_INPUT, "%s: %s: row %lld is %s", s->path, name, (long long)i_row, what);
}

/* The chunk of a row in memory, as much of it as the file holds. */
static bool load_chunk(sv_segment *s, int32_t i_table, int64_t i_chunk) {
    sv_read_table *table = &s->table[i_table];
    if (table->i_chunk == i_chunk) {
        return true;
    }
    size_t n = (size_t)table->layout.chunk_rows * table->layout.row_size;
    if (table->chunk == NULL) {
        table->chunk = malloc(n);
    }
    table->i_chunk = SV_NO_CHUNK;
    uint64_t offset = sv_segment_chunk_offset(s, i_table, i_chunk);
    uint64_t left = offset < s->state.n_bytes ? s->state.n_bytes - offset : 0;
    size_t n_read = left < n ? (size_t)left : n;
    if (table->chunk == NULL || !sv_segment_read_at(s, table->chunk, offset, n_read)) {
        return false;
    }
    memset(table->chunk + n_read, 0, n - n_read);
    table->i_chunk = i_chunk;
    return true;
}

sv_status sv_segment_row(void *row, sv_segment *s, int32_t i_table, int64_t i_row) {
    sv_read_table *table = &s->table[i_table];
    if (i_row < 0 || i_row >= table->n_rows) {
        return bad_row(s, i_table, i_row, "not there");
    }
    if (!is_kept(s, i_table, i_row)) {
        bool lost = sv_segment_chunk_offset(s, i_table, i_row / table->layout.chunk_rows) == 0;
        return bad_row(s, i_table, i_row, lost ? "lost: its line of the journal is damaged" : "cut off");
    }
    if (!load_chunk(s, i_table, i_row / table->layout.chunk_rows)) {
        return bad_row(s, i_table, i_row, "not readable");
    }
    const uint8_t *packed = table->chunk + (size_t)(i_row % table->layout.chunk_rows) * table->layout.row_size;
    if (!sv_row_unpack(row, &table->layout, packed, i_table, i_row)) {
        return bad_row(s, i_table, i_row, "damaged");
    }
    return SV_OK;
}

sv_status sv_segment_expect_video(sv_segment *s) {
    s->video = malloc(((size_t)s->n_cameras + 1) * sizeof *s->video);
    if (s->video == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    for (int32_t i = 0; i < s->n_cameras; i++) {
        s->video[i] = (sv_video_file){.fd = -1};
    }
    return SV_OK;
}

bool sv_segment_has_video(const sv_segment *s) {
    return s->video != NULL;
}

sv_status sv_segment_attach_video(sv_segment *s, int32_t camera, const char *path) {
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        sv_status status = sv_fail(SV_ERR_INPUT, "%s: %s", path, fd < 0 ? strerror(errno) : "not a file");
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    if (s->video[camera].fd >= 0) {
        close(s->video[camera].fd);
    }
    s->video[camera] = (sv_video_file){.fd = fd, .n_bytes = (uint64_t)info.st_size};
    return SV_OK;
}

uint64_t sv_segment_video_bytes(const sv_segment *s, int32_t camera) {
    return s->video != NULL ? s->video[camera].n_bytes : 0;
}

/* Packed bytes of `what` with their checksum. */
static sv_status check_packed(const sv_segment *s, const void *packed, bool there, uint64_t size, uint64_t seed,
                              uint64_t checksum, const char *what) {
    if (!there) {
        return sv_fail(SV_ERR_INPUT, "%s: %s cut off", s->path, what);
    }
    if (sv_checksum64(packed, (size_t)size, seed) != checksum && !SV_CHECKSUMS_IGNORED) {
        return sv_fail(SV_ERR_INPUT, "%s: %s damaged", s->path, what);
    }
    return SV_OK;
}

sv_status sv_segment_packed(void *packed, sv_segment *s, int32_t camera, int64_t i_row, const sv_index_row *index) {
    char what[128];
    snprintf(what, sizeof what, "camera %d of the rig, frame %d: its pixels are", (int)camera, (int)index->number);
    const sv_video_file *video = s->video != NULL ? &s->video[camera] : NULL;
    bool there = video == NULL ? sv_segment_read_at(s, packed, index->offset, (size_t)index->size)
                               : fits(video->n_bytes, index->offset, index->size) &&
                                     read_file(video->fd, packed, index->offset, (size_t)index->size);
    return check_packed(s, packed, there, index->size, (uint64_t)i_row, index->checksum, what);
}

sv_status sv_segment_packed_tiles(void *packed, sv_segment *s, int32_t camera, int64_t i_row, const sv_tiles_row *row) {
    char what[128];
    snprintf(what, sizeof what, "camera %d of the rig, frame %d: its tiles are", (int)camera, (int)row->number);
    bool there = sv_segment_read_at(s, packed, row->offset, (size_t)row->size);
    return check_packed(s, packed, there, row->size, (uint64_t)i_row, row->checksum, what);
}
