#include "out_folder.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FULL_PATH_CAP = OUT_PATH_CAP + OUT_NAME_CAP + 16 };

static sv_status fail_errno(const char *what, const char *path) {
    bool machine = errno == ENOSPC || errno == EIO || errno == EDQUOT || errno == EFBIG || errno == EMFILE;
    return sv_fail(machine ? SV_ERR_IO : SV_ERR_INPUT, "%s: %s: %s", path, what, strerror(errno));
}

static void final_path(char out[FULL_PATH_CAP], const out_folder *folder, const char *name) {
    snprintf(out, FULL_PATH_CAP, "%s/%s", folder->path, name);
}

static void part_path(char out[FULL_PATH_CAP], const out_folder *folder, const char *name) {
    snprintf(out, FULL_PATH_CAP, "%s/.part-%s", folder->path, name);
}

/* mkdir for every level; the first that had to be made is remembered. */
sv_status out_folder_open(out_folder *folder, const char *path) {
    memset(folder, 0, sizeof *folder);
    size_t n = strlen(path);
    if (n == 0 || n >= OUT_PATH_CAP)
        return sv_fail(SV_ERR_INPUT, "output folder: expected a name of 1 to %d bytes", OUT_PATH_CAP - 1);
    while (n > 1 && path[n - 1] == '/')
        n--;
    memcpy(folder->path, path, n);
    folder->n_kept = n;
    size_t parent = 0;
    for (size_t end = 1; end <= n; end++) {
        if (end < n && folder->path[end] != '/')
            continue;
        char saved = folder->path[end];
        folder->path[end] = '\0';
        bool made = mkdir(folder->path, 0777) == 0;
        if (!made && errno != EEXIST)
            return fail_errno("cannot make the output folder", folder->path);
        folder->path[end] = saved;
        if (made && folder->n_kept == n)
            folder->n_kept = parent;
        parent = end;
    }
    struct stat info;
    if (stat(folder->path, &info) != 0)
        return fail_errno("cannot use as output folder", folder->path);
    if (!S_ISDIR(info.st_mode))
        return sv_fail(SV_ERR_INPUT, "%s: is a file, expected an output folder", folder->path);
    return SV_OK;
}

sv_status out_folder_create(FILE **out, out_folder *folder, const char *name) {
    *out = NULL;
    if (folder->n_files == OUT_FILES_CAP)
        return sv_fail(SV_ERR_LIMIT, "%s: too many files at once", folder->path);
    char path[FULL_PATH_CAP];
    part_path(path, folder, name);
    FILE *file = fopen(path, "wb");
    if (!file)
        return fail_errno("cannot write", path);
    out_file *slot = &folder->file[folder->n_files++];
    snprintf(slot->name, sizeof slot->name, "%s", name);
    slot->file = file;
    *out = file;
    return SV_OK;
}

void out_folder_omit(out_folder *folder, const char *name) {
    if (folder->n_files < OUT_FILES_CAP)
        snprintf(folder->file[folder->n_files++].name, OUT_NAME_CAP, "%s", name);
}

/* Every byte must have reached its file before the first name changes. */
static sv_status close_all(out_folder *folder) {
    sv_status status = SV_OK;
    for (int i = 0; i < folder->n_files; i++) {
        out_file *slot = &folder->file[i];
        if (!slot->file)
            continue;
        errno = 0;
        bool good = fflush(slot->file) == 0 && !ferror(slot->file);
        if (fclose(slot->file) != 0)
            good = false;
        slot->file = NULL;
        if (!good && status == SV_OK)
            status =
                sv_fail(SV_ERR_IO, "%s/%s: cannot write: %s", folder->path, slot->name, strerror(errno ? errno : EIO));
    }
    return status;
}

sv_status out_folder_publish(out_folder *folder) {
    bool written[OUT_FILES_CAP];
    for (int i = 0; i < folder->n_files; i++)
        written[i] = folder->file[i].file != NULL;
    sv_status status = close_all(folder);
    if (status != SV_OK)
        return status;
    for (int i = 0; i < folder->n_files; i++) {
        char from[FULL_PATH_CAP], to[FULL_PATH_CAP];
        part_path(from, folder, folder->file[i].name);
        final_path(to, folder, folder->file[i].name);
        if (!written[i]) {
            remove(to);
            remove(from); /* a run that was ended at once left it */
        } else if (rename(from, to) != 0) {
            return sv_fail(SV_ERR_IO, "%s: cannot rename to it: %s", to, strerror(errno));
        }
        folder->published |= written[i];
    }
    folder->n_files = 0;
    return SV_OK;
}

void out_folder_discard(out_folder *folder) {
    for (int i = 0; i < folder->n_files; i++) {
        if (folder->file[i].file)
            fclose(folder->file[i].file);
        char path[FULL_PATH_CAP];
        part_path(path, folder, folder->file[i].name);
        remove(path);
    }
    folder->n_files = 0;
    if (folder->published)
        return;
    while (strlen(folder->path) > folder->n_kept && rmdir(folder->path) == 0) {
        char *slash = strrchr(folder->path, '/');
        *(slash ? slash : folder->path) = '\0';
    }
}
