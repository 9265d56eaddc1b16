/**
 * The HDF5 file driver of a recording: it knows where every chunk went, keeps the reason of the first failure, and lets
 * HDF5 close a file that can no longer be written without touching what is there.
 */
#ifndef REPLAY_SESSION_DISK_H
#define REPLAY_SESSION_DISK_H

#include <hdf5.h>
#include <skyvox/base.h>

/** One file being written. */
typedef struct sv_session_disk {
    int fd;            /* -1: closed */
    int failed;        /* errno of the first failure; 0 none. Nothing is written after it */
    uint64_t n_bytes;  /* written */
    int64_t n_writes;  /* asked for */
    int64_t fail_at;   /* tests: this write fails as if the disk were full; 0 none */
    const void *watch; /* a buffer: `address` becomes where it was written */
    uint64_t address;
} sv_session_disk;

/** Make HDF5 use the driver for files opened with `access`; `disk` outlives them. False: HDF5 refused. */
bool sv_session_disk_attach(hid_t *driver, hid_t access, sv_session_disk *disk);

/** Write n bytes at offset beside HDF5. False: failed, see disk->failed. */
bool sv_session_disk_write(sv_session_disk *disk, uint64_t offset, const void *data, size_t n);

#endif
