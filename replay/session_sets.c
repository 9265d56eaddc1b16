/* The HDF5 side of a session file: types, units, and data sets that wait for their chunks. */
#include <replay/session_sets.h>

#include <stdio.h>
#include <string.h>

enum { FILTER_BITSHUFFLE = 32008, UNITS_CAP = 16 };

/* ---- types ---- */

static hid_t element_type(const sv_table_layout *layout, const sv_column *column) {
    static const struct {
        int size, is_signed;
    } integer[] = {
        [SV_COLUMN_U8] = {1, 0}, [SV_COLUMN_I32] = {4, 1}, [SV_COLUMN_I64] = {8, 1}, [SV_COLUMN_U64] = {8, 0}};
    size_t size = sv_column_size(layout, column);
    if (column->type == SV_COLUMN_TEXT) {
        hid_t text = H5Tcopy(H5T_C_S1);
        H5Tset_size(text, size);
        H5Tset_strpad(text, H5T_STR_NULLPAD);
        return text;
    }
    hid_t scalar;
    size_t scalar_size = 8;
    if (column->type == SV_COLUMN_F64) {
        scalar = H5Tcopy(H5T_IEEE_F64LE);
    } else {
        scalar = H5Tcopy(integer[column->type].is_signed ? H5T_STD_I64LE : H5T_STD_U64LE);
        scalar_size = (size_t)integer[column->type].size;
        H5Tset_size(scalar, scalar_size);
    }
    if (column->count == 1) {
        return scalar;
    }
    hsize_t count = size / scalar_size;
    hid_t array = H5Tarray_create2(scalar, 1, &count);
    H5Tclose(scalar);
    return array;
}

/* Columns of nested structs keep only the dots that h5py can show: "sync.rate_hz" stays. */
static hid_t row_type(const sv_table_layout *layout) {
    hid_t type = H5Tcreate(H5T_COMPOUND, layout->row_size);
    size_t offset = 0;
    for (int32_t i = 0; i < layout->n_columns; i++) {
        hid_t member = element_type(layout, &layout->column[i]);
        H5Tinsert(type, layout->column[i].name, offset, member);
        H5Tclose(member);
        offset += sv_column_size(layout, &layout->column[i]);
    }
    H5Tinsert(type, "checksum", offset, H5T_STD_U64LE);
    return type;
}

/* Attribute `units`: one text per column, the checksum's last. */
static bool write_units(hid_t set, const sv_table_layout *layout) {
    char units[SV_SESSION_COLUMNS_CAP][UNITS_CAP] = {{0}};
    hsize_t n = (hsize_t)layout->n_columns + 1;
    for (int32_t i = 0; i < layout->n_columns; i++) {
        snprintf(units[i], UNITS_CAP, "%s", layout->column[i].units);
    }
    hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, UNITS_CAP);
    H5Tset_strpad(text, H5T_STR_NULLPAD);
    hid_t space = H5Screate_simple(1, &n, NULL);
    hid_t attribute = H5Acreate2(set, "units", text, space, H5P_DEFAULT, H5P_DEFAULT);
    bool good = attribute >= 0 && H5Awrite(attribute, text, units) >= 0;
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(text);
    return good;
}

/* ---- data sets ---- */

/* Chunks come packed and leave by plain reads, so HDF5 itself never filters here. */
static size_t never_filter(unsigned flags, size_t n_values, const unsigned values[], size_t n, size_t *n_buffer,
                           void **buffer) {
    (void)flags;
    (void)n_values;
    (void)values;
    (void)n;
    (void)n_buffer;
    (void)buffer;
    return 0;
}

bool sv_sets_register_filter(void) {
    static const H5Z_class2_t filter = {.version = H5Z_CLASS_T_VERS,
                                        .id = FILTER_BITSHUFFLE,
                                        .encoder_present = 1,
                                        .decoder_present = 1,
                                        .name = "bitshuffle, packed by skyvox",
                                        .filter = never_filter};
    return H5Zregister(&filter) >= 0;
}

/* A chunked data set that grows in its first dimension; groups on the way are made. */
static hid_t create_growing(hid_t file, const char *path, hid_t type, int rank, const hsize_t *chunk, bool packed,
                            size_t element_size) {
    hsize_t now[3] = {0}, most[3] = {H5S_UNLIMITED};
    for (int i = 1; i < rank; i++) {
        now[i] = most[i] = chunk[i];
    }
    hid_t space = H5Screate_simple(rank, now, most);
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    H5Pset_chunk(creation, rank, chunk);
    H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
    if (packed) {
        const unsigned values[] = {0, 3, (unsigned)element_size, 0, 2}; /* version 0.3, element, block, LZ4 */
        H5Pset_filter(creation, FILTER_BITSHUFFLE, H5Z_FLAG_MANDATORY, 5, values);
    }
    hid_t set = H5Dcreate2(file, path, type, space, links, creation, H5P_DEFAULT);
    H5Pclose(links);
    H5Pclose(creation);
    H5Sclose(space);
    return set;
}

hid_t sv_sets_create_table(hid_t file, const char *path, const sv_table_layout *layout) {
    hid_t type = row_type(layout);
    hsize_t chunk = (hsize_t)layout->chunk_rows;
    hid_t set = create_growing(file, path, type, 1, &chunk, false, 0);
    H5Tclose(type);
    if (set >= 0 && !write_units(set, layout)) {
        H5Dclose(set);
        return -1;
    }
    return set;
}

hid_t sv_sets_create_packed(hid_t file, const char *path, hid_t type, const hsize_t chunk[3]) {
    return create_growing(file, path, type, 3, chunk, true, H5Tget_size(type));
}

bool sv_sets_create_bytes(hid_t file, const char *path, hid_t type, hsize_t n, const void *data, uint64_t *offset) {
    hid_t space = n > 0 ? H5Screate_simple(1, &n, NULL) : H5Screate(H5S_SCALAR);
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    H5Pset_layout(creation, H5D_CONTIGUOUS);
    H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
    hid_t set = H5Dcreate2(file, path, type, space, links, creation, H5P_DEFAULT);
    bool good = set >= 0 && (data == NULL || H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    if (good && offset != NULL) {
        *offset = H5Dget_offset(set);
        good = *offset != HADDR_UNDEF;
    }
    H5Dclose(set);
    H5Pclose(links);
    H5Pclose(creation);
    H5Sclose(space);
    return good;
}
