/** An output folder that changes all at once: files are written under temporary names and renamed when all are whole. */
#ifndef CLI_OUT_FOLDER_H
#define CLI_OUT_FOLDER_H

#include <skyvox/base.h>
#include <stdio.h>

enum { OUT_FILES_CAP = 8, OUT_NAME_CAP = 64, OUT_PATH_CAP = 1024 };

typedef struct out_file {
    char name[OUT_NAME_CAP];
    FILE *file; /* NULL: not written this time, an older one is removed */
} out_file;

typedef struct out_folder {
    char path[OUT_PATH_CAP];
    size_t
        n_kept; /* length of the part of path that was there before; what lies below goes when nothing is published */
    out_file file[OUT_FILES_CAP];
    int n_files;
    bool published; /* the folder holds something of ours */
} out_folder;

/** Make the folder, parents included. Errors: SV_ERR_INPUT (a file is in the way, not allowed), SV_ERR_IO (disk full). */
sv_status out_folder_open(out_folder *folder, const char *path);

/** Start a file; the stream belongs to the folder. Errors: SV_ERR_INPUT, SV_ERR_IO. */
sv_status out_folder_create(FILE **out, out_folder *folder, const char *name);

/** There is no such file this time: publishing removes one that stands there, and its temporary one. */
void out_folder_omit(out_folder *folder, const char *name);

/** Close and rename everything that was started, ready for more. Errors: SV_ERR_IO; older files are then untouched. */
sv_status out_folder_publish(out_folder *folder);

/** Remove what was not published, and the folder if this made it and nothing was. */
void out_folder_discard(out_folder *folder);

#endif
