/** The data sets of a session file as HDF5 sees them; within replay only. */
#ifndef REPLAY_SESSION_SETS_H
#define REPLAY_SESSION_SETS_H

#include <hdf5.h>
#include <replay/session_tables.h>

/** In place of a plug-in that may be installed and would change the values in the file. False: HDF5 refused. */
bool sv_sets_register_filter(void);

/** An empty table with its attribute `units`; groups on the way are made. Below 0: HDF5 refused. */
hid_t sv_sets_create_table(hid_t file, const char *path, const sv_table_layout *layout);

/** An empty data set of rank 3 that grows in its first dimension by chunks packed with filter 32008. Below 0: HDF5 refused. */
hid_t sv_sets_create_packed(hid_t file, const char *path, hid_t type, const hsize_t chunk[3]);

/** n bytes (0: a scalar) with a fixed place; *offset (NULL: not asked) where they lie. False: HDF5 refused. */
bool sv_sets_create_bytes(hid_t file, const char *path, hid_t type, hsize_t n, const void *data, uint64_t *offset);

#endif
