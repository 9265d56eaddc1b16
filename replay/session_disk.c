#include <replay/session_disk.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What HDF5 holds for an open file. */
typedef struct driver_file {
    H5FD_t base; /* HDF5's own part comes first */
    sv_session_disk *disk;
    haddr_t end_allocated, end_written;
} driver_file;

/* HDF5 copies this with the access list. */
typedef struct driver_info {
    sv_session_disk *disk;
} driver_info;

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t access, haddr_t max_address) {
    (void)max_address;
    const driver_info *info = H5Pget_driver_info(access);
    if (info == NULL || !(flags & H5F_ACC_CREAT)) {
        return NULL;
    }
    driver_file *file = calloc(1, sizeof *file);
    if (file == NULL) {
        return NULL;
    }
    file->disk = info->disk;
    file->disk->fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file->disk->fd < 0) {
        file->disk->failed = errno;
        free(file);
        return NULL;
    }
    return &file->base;
}

static herr_t driver_close(H5FD_t *base) {
    driver_file *file = (driver_file *)base;
    if (close(file->disk->fd) != 0 && file->disk->failed == 0) {
        file->disk->failed = errno;
    }
    file->disk->fd = -1;
    free(file);
    return 0;
}

static int driver_compare(const H5FD_t *a, const H5FD_t *b) {
    return (a > b) - (a < b);
}

static herr_t driver_query(const H5FD_t *base, unsigned long *flags) {
    (void)base;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_POSIX_COMPAT_HANDLE |
             H5FD_FEAT_SUPPORTS_SWMR_IO | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

static haddr_t driver_end_allocated(const H5FD_t *base, H5FD_mem_t type) {
    (void)type;
    return ((const driver_file *)base)->end_allocated;
}

static herr_t driver_set_end(H5FD_t *base, H5FD_mem_t type, haddr_t address) {
    (void)type;
    ((driver_file *)base)->end_allocated = address;
    return 0;
}

static haddr_t driver_end_written(const H5FD_t *base, H5FD_mem_t type) {
    (void)type;
    return ((const driver_file *)base)->end_written;
}

static herr_t driver_handle(H5FD_t *base, hid_t access, void **handle) {
    (void)access;
    *handle = &((driver_file *)base)->disk->fd;
    return 0;
}

static herr_t driver_read(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t n, void *buffer) {
    (void)type;
    (void)transfer;
    uint8_t *to = buffer;
    while (n > 0) {
        ssize_t got = pread(((driver_file *)base)->disk->fd, to, n, (off_t)address);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) { /* never written: HDF5 reads its own fresh space as zeros */
            memset(to, 0, n);
            return 0;
        }
        to += got;
        n -= (size_t)got;
        address += (haddr_t)got;
    }
    return 0;
}

/* The test's failure counts like a real one. */
static bool refused(sv_session_disk *disk) {
    disk->n_writes++;
    if (disk->fail_at > 0 && disk->n_writes >= disk->fail_at && disk->failed == 0) {
        disk->failed = ENOSPC;
        return true;
    }
    return false;
}

bool sv_session_disk_write(sv_session_disk *disk, uint64_t offset, const void *data, size_t n) {
    if (disk->failed != 0 || refused(disk)) {
        return false;
    }
    const uint8_t *from = data;
    while (n > 0) {
        ssize_t put = pwrite(disk->fd, from, n, (off_t)offset);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            disk->failed = put < 0 ? errno : EIO;
            return false;
        }
        from += put;
        n -= (size_t)put;
        offset += (uint64_t)put;
        disk->n_bytes += (uint64_t)put;
    }
    return true;
}

/*
 * HDF5 is never told of a failure: it would leave calls half done, and the file could not even be closed (a failed
 * H5Fstart_swmr_write ends in a crash at exit). The writer looks at disk->failed after every call.
 */
static herr_t driver_write(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t n,
                           const void *buffer) {
    (void)type;
    (void)transfer;
    driver_file *file = (driver_file *)base;
    sv_session_disk_write(file->disk, address, buffer, n);
    if (buffer == file->disk->watch) {
        file->disk->address = address;
    }
    if (address + n > file->end_written) {
        file->end_written = address + n;
    }
    return 0;
}

static herr_t driver_truncate(H5FD_t *base, hid_t transfer, hbool_t closing) {
    (void)transfer;
    (void)closing;
    driver_file *file = (driver_file *)base;
    sv_session_disk *disk = file->disk;
    if (disk->failed != 0 || file->end_allocated == file->end_written) {
        return 0;
    }
    if (!refused(disk) && ftruncate(disk->fd, (off_t)file->end_allocated) != 0) {
        disk->failed = errno;
    }
    file->end_written = file->end_allocated;
    return 0;
}

static const H5FD_class_t driver_class = {
    .name = "skyvox_session",
    .maxaddr = (haddr_t)INT64_MAX,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(driver_info),
    .open = driver_open,
    .close = driver_close,
    .cmp = driver_compare,
    .query = driver_query,
    .get_eoa = driver_end_allocated,
    .set_eoa = driver_set_end,
    .get_eof = driver_end_written,
    .get_handle = driver_handle,
    .read = driver_read,
    .write = driver_write,
    .truncate = driver_truncate,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

bool sv_session_disk_attach(hid_t *driver, hid_t access, sv_session_disk *disk) {
    *driver = H5FDregister(&driver_class);
    driver_info info = {.disk = disk};
    return *driver >= 0 && H5Pset_driver(access, *driver, &info) >= 0;
}
