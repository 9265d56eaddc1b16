#include <replay/checksum64.h>
#include <replay/session_disk.h>
#include <replay/session_file.h>
#include <replay/session_sets.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_CAP = 4096, NAME_CAP = 64 };

/* A table under way: the rows of its last chunk wait in memory. */
typedef struct open_table {
    sv_table_layout layout;
    hid_t set;
    uint8_t *chunk;         /* [layout.chunk_rows * layout.row_size] */
    int64_t n_rows, n_told; /* so far; that the journal knows */
    uint64_t offset;        /* of the last chunk written */
    int64_t i_chunk;        /* that it is of; -1 none */
} open_table;

/* A data set of packed chunks. */
typedef struct open_chunks {
    hid_t set;
    hsize_t n; /* along its first dimension */
    hsize_t chunk[3];
} open_chunks;

struct sv_session_file {
    char path[PATH_CAP];
    sv_session_disk disk;
    hid_t driver, file;
    open_table *table; /* [n_tables] */
    int32_t n_tables;
    int32_t n_cameras;
    open_chunks *frames; /* [n_cameras] */
    open_chunks *tiles;  /* [n_cameras]; not there in version 1 */
    sv_session_head head;
    uint64_t head_offset;
    sv_time t;
};

static sv_status failed(const sv_session_file *file) {
    return sv_fail(SV_ERR_IO, "%s: cannot write: %s", file->path,
                   file->disk.failed != 0 ? strerror(file->disk.failed) : "HDF5 refused");
}

/* ---- data sets ---- */

static bool create_table(sv_session_file *file, int32_t i_table, const sv_camera *camera) {
    open_table *table = &file->table[i_table];
    char path[NAME_CAP];
    snprintf(path, sizeof path, table->layout.path,
             table->layout.camera >= 0 ? (int)camera[table->layout.camera].id : 0);
    table->set = sv_sets_create_table(file->file, path, &table->layout);
    table->i_chunk = -1;
    table->chunk = calloc((size_t)table->layout.chunk_rows, table->layout.row_size);
    return table->set >= 0 && table->chunk != NULL;
}

static bool create_frames(sv_session_file *file, int32_t i, const sv_camera *camera) {
    char path[NAME_CAP];
    snprintf(path, sizeof path, "/cameras/%d/frames", (int)camera->id);
    open_chunks *frames = &file->frames[i];
    *frames = (open_chunks){.chunk = {1, (hsize_t)camera->height, (hsize_t)camera->width}};
    hid_t type = camera->bit_depth > 8 ? H5T_STD_U16LE : H5T_STD_U8LE;
    frames->set = sv_sets_create_packed(file->file, path, type, frames->chunk);
    return frames->set >= 0;
}

static bool create_tiles(sv_session_file *file, int32_t i, const sv_camera *camera) {
    char path[NAME_CAP];
    snprintf(path, sizeof path, "/cameras/%d/tiles", (int)camera->id);
    open_chunks *tiles = &file->tiles[i];
    *tiles = (open_chunks){.chunk = {SV_TILES_PER_CHUNK, SV_TILE_SIDE, SV_TILE_SIDE}};
    tiles->set = sv_sets_create_packed(file->file, path, H5T_STD_I16LE, tiles->chunk);
    return tiles->set >= 0;
}

/* HDF5 has no checksum of contiguous bytes, so the text gets one as an attribute. */
static bool write_checksum(hid_t file, const char *path, const void *data, size_t n) {
    uint64_t checksum = sv_checksum64(data, n, 0);
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute =
        H5Acreate_by_name(file, path, "checksum", H5T_STD_U64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    bool good = attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_UINT64, &checksum) >= 0;
    H5Aclose(attribute);
    H5Sclose(space);
    return good;
}

static bool create_json(sv_session_file *file, const char *json) {
    static const char path[] = "/meta/config_json";
    size_t n = strlen(json) + 1;
    hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, n);
    bool good =
        sv_sets_create_bytes(file->file, path, text, 0, json, NULL) && write_checksum(file->file, path, json, n);
    H5Tclose(text);
    return good;
}

/* ---- the journal ---- */

static sv_status write_head(sv_session_file *file) {
    sv_session_head *head = &file->head;
    head->checksum = sv_checksum64(head, offsetof(sv_session_head, checksum), 0);
    return sv_session_disk_write(&file->disk, file->head_offset, head, sizeof *head) ? SV_OK : failed(file);
}

/* The last chunk of a table as it is now. */
static sv_status write_chunk(sv_session_file *file, int32_t i_table) {
    open_table *table = &file->table[i_table];
    int64_t i_chunk = (table->n_rows - 1) / table->layout.chunk_rows;
    hsize_t n_rows = (hsize_t)table->n_rows, at = (hsize_t)(i_chunk * table->layout.chunk_rows);
    file->disk.watch = table->chunk;
    file->disk.address = 0;
    size_t n = (size_t)table->layout.chunk_rows * table->layout.row_size;
    if (H5Dset_extent(table->set, &n_rows) < 0 ||
        H5Dwrite_chunk(table->set, H5P_DEFAULT, 0, &at, n, table->chunk) < 0 || file->disk.failed != 0) {
        return failed(file);
    }
    table->offset = file->disk.address;
    bool fresh = table->i_chunk != i_chunk;
    table->i_chunk = i_chunk;
    if (i_table == SV_TABLE_JOURNAL && fresh) {
        file->head.journal_offset = table->offset;
        file->head.journal_chunk = i_chunk;
        return write_head(file);
    }
    return SV_OK;
}

static void put_row(sv_session_file *file, int32_t i_table, const void *row) {
    open_table *table = &file->table[i_table];
    int64_t i = table->n_rows % table->layout.chunk_rows;
    if (i == 0) {
        memset(table->chunk, 0, (size_t)table->layout.chunk_rows * table->layout.row_size);
    }
    sv_row_pack(table->chunk + (size_t)i * table->layout.row_size, &table->layout, row, i_table, table->n_rows);
    table->n_rows++;
}

static bool chunk_is_full(const open_table *table) {
    return table->n_rows % table->layout.chunk_rows == 0;
}

static sv_status tell(sv_session_file *file, sv_journal_row row) {
    open_table *journal = &file->table[SV_TABLE_JOURNAL];
    row.t = file->t;
    row.session = file->head.session;
    if (journal->n_rows % journal->layout.chunk_rows == 0) { /* every chunk starts with its place in the chain, twice */
        sv_journal_row chain = row;
        chain.kind = SV_JOURNAL_CHAIN;
        chain.table = SV_TABLE_JOURNAL;
        chain.chunk = journal->n_rows / journal->layout.chunk_rows;
        chain.offset = journal->i_chunk >= 0 ? journal->offset : 0;
        chain.count = journal->layout.chunk_rows;
        put_row(file, SV_TABLE_JOURNAL, &chain);
        put_row(file, SV_TABLE_JOURNAL, &chain);
    }
    put_row(file, SV_TABLE_JOURNAL, &row);
    return chunk_is_full(journal) ? write_chunk(file, SV_TABLE_JOURNAL) : SV_OK;
}

static sv_status tell_rows(sv_session_file *file, int32_t i_table) {
    open_table *table = &file->table[i_table];
    sv_status status = write_chunk(file, i_table);
    if (status == SV_OK) {
        table->n_told = table->n_rows;
        status = tell(file, (sv_journal_row){.kind = SV_JOURNAL_ROWS,
                                             .table = i_table,
                                             .chunk = table->i_chunk,
                                             .offset = table->offset,
                                             .count = table->n_rows});
    }
    return status;
}

/* ---- creation ---- */

static bool create_sets(sv_session_file *file, const sv_session_file_options *options) {
    bool good = sv_sets_register_filter() &&
                sv_sets_create_bytes(file->file, "/head", H5T_STD_U8LE, SV_SESSION_HEAD_SIZE, NULL, &file->head_offset);
    for (int32_t i = 0; i < file->n_tables && good; i++) {
        good = create_table(file, i, options->camera);
    }
    for (int32_t i = 0; i < options->n_cameras && good; i++) {
        good = create_frames(file, i, &options->camera[i]) &&
               (!options->extended || create_tiles(file, i, &options->camera[i]));
    }
    for (int i = 0; i < 3 && good; i++) {
        static const char *const sensors[] = {"/sensors/imu", "/sensors/gnss", "/sensors/ptp"};
        hid_t links = H5Pcreate(H5P_LINK_CREATE);
        H5Pset_create_intermediate_group(links, 1);
        hid_t group = H5Gcreate2(file->file, sensors[i], links, H5P_DEFAULT, H5P_DEFAULT);
        good = group >= 0;
        H5Gclose(group);
        H5Pclose(links);
    }
    return good && create_json(file, options->json);
}

static bool create_file(sv_session_file *file) {
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    H5Pset_metadata_read_attempts(access, 1); /* nobody else writes: waiting makes no bytes better */
    if (sv_session_disk_attach(&file->driver, access, &file->disk)) {
        file->file = H5Fcreate(file->path, H5F_ACC_EXCL, H5P_DEFAULT, access);
    }
    H5Pclose(access);
    return file->file >= 0 && file->disk.failed == 0;
}

static sv_status start(sv_session_file *file, const sv_session_file_options *options) {
    if (!create_file(file)) {
        int reason = file->disk.failed;
        bool machine = reason == ENOSPC || reason == EIO || reason == EDQUOT;
        return sv_fail(machine ? SV_ERR_IO : SV_ERR_INPUT, "%s: cannot create: %s", file->path,
                       reason == EEXIST ? "it exists, and a recording is never overwritten" : strerror(reason));
    }
    /* flushed before: what SWMR begins with is read back, and must not be missing on a full disk */
    if (!create_sets(file, options) || H5Fflush(file->file, H5F_SCOPE_LOCAL) < 0 || file->disk.failed != 0 ||
        H5Fstart_swmr_write(file->file) < 0 || file->disk.failed != 0) {
        return failed(file);
    }
    sv_status status = SV_OK;
    for (int32_t i = 0; i < file->n_tables && status == SV_OK; i++) {
        const sv_table_layout *layout = &file->table[i].layout;
        status = tell(file, (sv_journal_row){.kind = SV_JOURNAL_LAYOUT,
                                             .table = i,
                                             .chunk = (int64_t)layout->row_size,
                                             .count = layout->chunk_rows});
    }
    return status == SV_OK ? sv_session_file_flush(file, 0, false) : status;
}

sv_status sv_session_file_create(sv_session_file **out, const char *path, const sv_session_file_options *options) {
    *out = NULL;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* errors are ours to tell */
    sv_session_file *file = calloc(1, sizeof *file);
    if (file == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    file->driver = file->file = -1;
    file->disk = (sv_session_disk){.fd = -1, .fail_at = options->fail_write};
    file->n_cameras = options->n_cameras;
    uint32_t version = options->extended ? SV_SESSION_VERSION : SV_SESSION_VERSION_PLAIN;
    file->n_tables = sv_table_count_of(version, options->n_cameras);
    file->table = calloc((size_t)file->n_tables, sizeof *file->table);
    file->frames = calloc((size_t)options->n_cameras + 1, sizeof *file->frames);
    file->tiles = calloc((size_t)options->n_cameras + 1, sizeof *file->tiles);
    if (file->table == NULL || file->frames == NULL || file->tiles == NULL) {
        sv_session_file_abandon(file);
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    for (int32_t i = 0; i < file->n_tables; i++) {
        file->table[i].layout = sv_table_layout_of(i, options->n_cameras);
        if (!options->linked) {
            sv_table_layout_unlink(&file->table[i].layout, i);
        }
    }
    file->head = (sv_session_head){
        .version = version, .session = options->session, .segment = options->segment, .n_cameras = options->n_cameras};
    memcpy(file->head.magic, SV_SESSION_MAGIC, sizeof file->head.magic);
    int n = snprintf(file->path, sizeof file->path, "%s", path);
    sv_status status = n < PATH_CAP ? start(file, options) : sv_fail(SV_ERR_INPUT, "%.64s...: path too long", path);
    if (status != SV_OK) {
        sv_session_file_abandon(file);
        return status;
    }
    *out = file;
    return SV_OK;
}

/* ---- rows and frames ---- */

sv_status sv_session_file_append(sv_session_file *file, int32_t i_table, const void *row, int64_t *i_row) {
    open_table *table = &file->table[i_table];
    if (file->disk.failed != 0) {
        return failed(file);
    }
    if (i_row != NULL) {
        *i_row = table->n_rows;
    }
    put_row(file, i_table, row);
    return chunk_is_full(table) ? tell_rows(file, i_table) : SV_OK;
}

int64_t sv_session_file_rows(const sv_session_file *file, int32_t table) {
    return file->table[table].n_rows;
}

/* One chunk at the end of a data set; where it lies goes to *offset. */
static sv_status put_chunk(sv_session_file *file, open_chunks *chunks, const void *packed, size_t n, uint64_t *offset) {
    hsize_t size[3] = {chunks->n + chunks->chunk[0], chunks->chunk[1], chunks->chunk[2]};
    hsize_t at[3] = {chunks->n, 0, 0};
    file->disk.watch = packed;
    file->disk.address = 0;
    if (file->disk.failed != 0 || H5Dset_extent(chunks->set, size) < 0 ||
        H5Dwrite_chunk(chunks->set, H5P_DEFAULT, 0, at, n, packed) < 0 || file->disk.failed != 0) {
        return failed(file);
    }
    chunks->n = size[0];
    *offset = file->disk.address;
    return SV_OK;
}

sv_status sv_session_file_frame(sv_session_file *file, int32_t camera, const void *packed, size_t n,
                                sv_index_row *index) {
    sv_status status = put_chunk(file, &file->frames[camera], packed, n, &index->offset);
    index->size = n;
    return status == SV_OK ? sv_session_file_append(file, SV_TABLE_INDEX + camera, index, NULL) : status;
}

sv_status sv_session_file_tiles(sv_session_file *file, int32_t camera, const void *packed, size_t n,
                                sv_tiles_row *row) {
    sv_status status = put_chunk(file, &file->tiles[camera], packed, n, &row->offset);
    row->size = n;
    return status == SV_OK ? sv_session_file_append(file, sv_table_tiles(file->n_cameras, camera), row, NULL) : status;
}

/* ---- the end ---- */

sv_status sv_session_file_flush(sv_session_file *file, sv_time t, bool sync) {
    file->t = t;
    sv_status status = file->disk.failed != 0 ? failed(file) : SV_OK;
    for (int32_t i = SV_TABLE_JOURNAL + 1; i < file->n_tables && status == SV_OK; i++) {
        if (file->table[i].n_told != file->table[i].n_rows) {
            status = tell_rows(file, i);
        }
    }
    if (status == SV_OK && !chunk_is_full(&file->table[SV_TABLE_JOURNAL])) {
        status = write_chunk(file, SV_TABLE_JOURNAL);
    }
    if (status == SV_OK && (H5Fflush(file->file, H5F_SCOPE_LOCAL) < 0 || file->disk.failed != 0)) {
        status = failed(file);
    }
    if (status == SV_OK && sync && fdatasync(file->disk.fd) != 0) {
        file->disk.failed = errno;
        status = failed(file);
    }
    return status;
}

uint64_t sv_session_file_bytes(const sv_session_file *file) {
    return file->disk.n_bytes;
}

int64_t sv_session_file_writes(const sv_session_file *file) {
    return file->disk.n_writes;
}

void sv_session_file_abandon(sv_session_file *file) {
    if (file == NULL) {
        return;
    }
    if (file->disk.failed == 0) {
        file->disk.failed = ECANCELED;
    }
    for (int32_t i = 0; file->table != NULL && i < file->n_tables; i++) {
        free(file->table[i].chunk);
    }
    if (file->file >= 0) {
        H5Fclose(file->file); /* strong: data sets go with it */
    }
    if (file->driver >= 0) {
        H5FDunregister(file->driver);
    }
    free(file->table);
    free(file->frames);
    free(file->tiles);
    free(file);
}

/* The head says so once HDF5 has written its last byte: until then its side may be half closed. */
static sv_status mark_closed(sv_session_file *file) {
    file->disk.fd = open(file->path, O_WRONLY | O_CLOEXEC);
    if (file->disk.fd < 0) {
        file->disk.failed = errno;
        return failed(file);
    }
    file->head.closed = 1;
    sv_status status = write_head(file);
    if (close(file->disk.fd) != 0 && status == SV_OK) {
        file->disk.failed = errno;
        status = failed(file);
    }
    return status;
}

sv_status sv_session_file_close(sv_session_file *file) {
    if (file == NULL) {
        return SV_OK;
    }
    sv_status status = sv_session_file_flush(file, file->t, false);
    if (status == SV_OK) {
        status = tell(file, (sv_journal_row){.kind = SV_JOURNAL_CLOSED});
    }
    status = status == SV_OK ? sv_session_file_flush(file, file->t, true) : status;
    if (status == SV_OK) {
        bool closed = H5Fclose(file->file) >= 0;
        file->file = -1;
        status = closed && file->disk.failed == 0 ? mark_closed(file) : failed(file);
    }
    sv_session_file_abandon(file);
    return status;
}
