/* The HDF5 side of a segment against its journal: other programs must find what skyvox finds. */
#include <replay/checksum64.h>
#include <replay/session_parts.h>

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINE_CAP = 512 };

/* One segment being compared. */
typedef struct comparing {
    hid_t file;
    const sv_config *config;
    sv_segment *segment;
    sv_session_complain complain;
    void *user;
    int64_t n_bad;
} comparing;

static void say(comparing *c, const char *object, const char *what) {
    char line[LINE_CAP];
    c->n_bad++;
    snprintf(line, sizeof line, "%.300s: HDF5: %s: %s", sv_segment_path(c->segment), object, what);
    if (c->complain != NULL) {
        c->complain(c->user, line);
    }
}

/* Where chunk `at` of a data set lies for HDF5. */
static bool chunk_is_at(hid_t set, const hsize_t *at, uint64_t offset, uint64_t size) {
    unsigned mask;
    haddr_t address;
    hsize_t n;
    return H5Dget_chunk_info_by_coord(set, at, &mask, &address, &n) >= 0 && mask == 0 && address == offset && n == size;
}

/* Number of rows or frames; -1 unknown. */
static int64_t extent_of(hid_t set, int rank) {
    hsize_t size[3] = {0};
    hid_t space = H5Dget_space(set);
    bool good = H5Sget_simple_extent_ndims(space) == rank && H5Sget_simple_extent_dims(space, size, NULL) == rank;
    H5Sclose(space);
    return good ? (int64_t)size[0] : -1;
}

static const char other_rows[] = "it has not the rows that the journal knows";
static const char other_place[] = "a chunk is not where the journal has it";

/* What is wrong with a data set, or NULL. */
typedef const char *(*compare)(const comparing *c, hid_t set, int32_t i);

static const char *compare_table(const comparing *c, hid_t set, int32_t table) {
    sv_table_layout layout = sv_table_layout_of(table, c->config->n_cameras);
    int64_t n = sv_segment_rows(c->segment, table);
    if (extent_of(set, 1) != n) {
        return other_rows;
    }
    for (int64_t i = 0; i < n; i += layout.chunk_rows) {
        uint64_t offset;
        size_t row_size;
        hsize_t at = (hsize_t)i;
        if (sv_segment_row_place(&offset, &row_size, c->segment, table, i) &&
            !chunk_is_at(set, &at, offset, (uint64_t)layout.chunk_rows * row_size)) {
            return other_place;
        }
    }
    return NULL;
}

static const char *compare_journal(const comparing *c, hid_t set, int32_t i) {
    (void)i;
    sv_table_layout layout = sv_table_layout_of(SV_TABLE_JOURNAL, 0);
    uint64_t offset;
    for (int64_t k = 0; sv_segment_journal_place(&offset, c->segment, k); k++) {
        hsize_t at = (hsize_t)(k * layout.chunk_rows);
        if (!chunk_is_at(set, &at, offset, (uint64_t)layout.chunk_rows * layout.row_size)) {
            return other_place;
        }
    }
    return NULL;
}

/* Packed pixels: a chunk for every row of the table that lists them. */
static const char *compare_chunks(const comparing *c, hid_t set, int32_t table) {
    int64_t n = sv_segment_rows(c->segment, table);
    bool tiles = table >= sv_table_tiles(c->config->n_cameras, 0);
    int64_t step = tiles ? SV_TILES_PER_CHUNK : 1;
    if (extent_of(set, 3) != n * step) {
        return other_rows;
    }
    for (int64_t i = 0; i < n; i++) {
        union {
            sv_index_row frame;
            sv_tiles_row tiles;
        } row;
        const hsize_t at[3] = {(hsize_t)(i * step)};
        if (sv_segment_row(&row, c->segment, table, i) != SV_OK) {
            continue;
        }
        uint64_t offset = tiles ? row.tiles.offset : row.frame.offset, size = tiles ? row.tiles.size : row.frame.size;
        if (!chunk_is_at(set, at, offset, size)) {
            return other_place;
        }
    }
    return NULL;
}

/* Text without rows has a checksum of its own, an attribute. */
static const char *compare_text(const comparing *c, hid_t set, int32_t i) {
    (void)i;
    hid_t type = H5Dget_type(set);
    size_t n = H5Tget_size(type);
    char *text = n > 0 && n <= sv_segment_get_state(c->segment)->n_bytes ? malloc(n) : NULL;
    uint64_t checksum = 0;
    bool good = text != NULL && H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0;
    if (good && H5Aexists(set, "checksum") > 0) { /* earlier recordings have none */
        hid_t attribute = H5Aopen(set, "checksum", H5P_DEFAULT);
        good = H5Aread(attribute, H5T_NATIVE_UINT64, &checksum) >= 0 && checksum == sv_checksum64(text, n, 0);
        H5Aclose(attribute);
    }
    free(text);
    H5Tclose(type);
    return good ? NULL : "damaged";
}

/* ---- all data sets ---- */

static void open_and_compare(comparing *c, const char *path, compare with, int32_t i) {
    hid_t set = H5Dopen2(c->file, path, H5P_DEFAULT);
    if (set < 0) {
        if (c->n_bad == 0) { /* otherwise the visit has said it */
            say(c, path, "is not there");
        }
        return;
    }
    const char *what = with(c, set, i);
    if (what != NULL) {
        say(c, path, what);
    }
    H5Dclose(set);
}

static herr_t open_object(hid_t root, const char *name, const H5L_info_t *info, void *user) {
    (void)info;
    hid_t object = H5Oopen(root, name, H5P_DEFAULT);
    if (object < 0) {
        char path[64];
        snprintf(path, sizeof path, "/%.60s", name);
        say(user, path, "cannot be opened");
        return 0;
    }
    return H5Oclose(object);
}

/* Frames of level hevc are in videos and not in HDF5. */
static void compare_pixels(comparing *c, int32_t camera, sv_record_level level, uint32_t version) {
    char path[64];
    int id = (int)c->config->camera[camera].id;
    if (level != SV_RECORD_HEVC) {
        snprintf(path, sizeof path, "/cameras/%d/frames", id);
        open_and_compare(c, path, compare_chunks, SV_TABLE_INDEX + camera);
    }
    if (version > SV_SESSION_VERSION_PLAIN) {
        snprintf(path, sizeof path, "/cameras/%d/tiles", id);
        open_and_compare(c, path, compare_chunks, sv_table_tiles(c->config->n_cameras, camera));
    }
}

static void compare_all(comparing *c, sv_record_level level) {
    uint32_t version = sv_segment_get_state(c->segment)->version;
    if (H5Lvisit(c->file, H5_INDEX_NAME, H5_ITER_NATIVE, open_object, c) < 0) {
        say(c, "/", "its groups are damaged");
        return;
    }
    open_and_compare(c, "/meta/config_json", compare_text, 0);
    open_and_compare(c, "/journal", compare_journal, 0);
    for (int32_t table = SV_TABLE_META; table < sv_table_count_of(version, c->config->n_cameras); table++) {
        char path[64];
        sv_table_layout layout = sv_table_layout_of(table, c->config->n_cameras);
        snprintf(path, sizeof path, layout.path, layout.camera >= 0 ? (int)c->config->camera[layout.camera].id : 0);
        open_and_compare(c, path, compare_table, table);
    }
    for (int32_t camera = 0; camera < c->config->n_cameras; camera++) {
        compare_pixels(c, camera, level, version);
    }
}

int64_t sv_session_compare_hdf5(const sv_session *session, sv_segment *segment, sv_session_complain complain,
                                void *user) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* errors are ours to tell */
    comparing c = {.config = &session->config, .segment = segment, .complain = complain, .user = user};
    c.file = H5Fopen(sv_segment_path(segment), H5F_ACC_RDONLY, H5P_DEFAULT);
    if (c.file < 0) {
        say(&c, "/", "the file cannot be opened");
        return c.n_bad;
    }
    compare_all(&c, (sv_record_level)session->meta.level);
    if (H5Fclose(c.file) < 0) {
        say(&c, "/", "the file cannot be closed");
    }
    return c.n_bad;
}
