#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { TRIES = 1000 };

static sv_status fail_errno(const char *path) {
    bool machine = errno == ENOSPC || errno == EIO || errno == EDQUOT || errno == EFBIG || errno == EMFILE;
    return sv_fail(machine ? SV_ERR_IO : SV_ERR_INPUT, "%s: cannot write: %s", path, strerror(errno));
}

/* A name that nobody else has: programs on other machines may write the same file. */
static int open_part(whole_file *whole, const char *name) {
    for (int i = 0; i < TRIES; i++) {
        int n = snprintf(whole->part, sizeof whole->part, "%.*s/" WHOLE_FILE_PREFIX "%s-%ld-%d", (int)whole->n_folder,
                         whole->path, name, (long)getpid(), i);
        errno = ENAMETOOLONG;
        int fd = n < WHOLE_PATH_CAP ? open(whole->part, O_WRONLY | O_CREAT | O_EXCL, 0666) : -1;
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

sv_status whole_file_open(whole_file *whole, const char *folder, const char *name) {
    memset(whole, 0, sizeof *whole);
    whole->n_folder = strlen(folder);
    if (snprintf(whole->path, sizeof whole->path, "%s/%s", folder, name) >= WHOLE_PATH_CAP)
        return sv_fail(SV_ERR_INPUT, "%s/%s: too long a path", folder, name);
    int fd = open_part(whole, name);
    if (fd < 0)
        return fail_errno(whole->path);
    whole->file = fdopen(fd, "wb");
    if (whole->file)
        return SV_OK;
    sv_status status = fail_errno(whole->path);
    close(fd);
    unlink(whole->part);
    return status;
}

/* A rename lasts only when its folder is on the disk, too; not every file system can say so. */
static void sync_folder(whole_file *whole) {
    whole->path[whole->n_folder] = '\0';
    int fd = open(whole->path, O_RDONLY);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

sv_status whole_file_close(whole_file *whole, sv_status status) {
    if (!whole->file)
        return status;
    bool good = status == SV_OK;
    errno = 0;
    if (good && (fflush(whole->file) != 0 || ferror(whole->file) || fsync(fileno(whole->file)) != 0))
        good = false;
    int first_errno = errno;
    if (fclose(whole->file) != 0 && good) {
        good = false;
        first_errno = errno;
    }
    if (good && rename(whole->part, whole->path) != 0) {
        /* Somebody who did the same work may have cleared our part away: then the file is there. */
        first_errno = errno;
        good = first_errno == ENOENT && access(whole->path, F_OK) == 0;
    }
    if (!good) {
        unlink(whole->part);
        errno = first_errno ? first_errno : EIO;
        return status == SV_OK ? fail_errno(whole->path) : status;
    }
    sync_folder(whole);
    return SV_OK;
}
