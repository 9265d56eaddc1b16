/** A file that is whole or absent, whenever the machine stops and whoever else writes it. */
#ifndef CLI_WHOLE_FILE_H
#define CLI_WHOLE_FILE_H

#include <skyvox/base.h>
#include <stdio.h>

enum { WHOLE_PATH_CAP = 1400 };

typedef struct whole_file {
    FILE *file;
    char path[WHOLE_PATH_CAP], part[WHOLE_PATH_CAP];
    size_t n_folder; /* length of the folder in path */
} whole_file;

/** Start FOLDER/NAME under a temporary name of its own. Errors: SV_ERR_INPUT, SV_ERR_IO. */
sv_status whole_file_open(whole_file *whole, const char *folder, const char *name);
/** status SV_OK: bring it to the disk, then give it its name; else throw it away. Returns the first error. */
sv_status whole_file_close(whole_file *whole, sv_status status);

/** Temporary files begin with this. */
#define WHOLE_FILE_PREFIX ".part-"

#endif
