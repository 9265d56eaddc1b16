/** Stands in for libFuzzer: gives every file of the folders on the command line to the target, in the order of names. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Whole file in memory, exactly as long as the file so that a read beyond its end is found; NULL on failure. */
static uint8_t *read_file(const char *path, size_t *n) {
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    uint8_t *data = NULL;
    if (!fseek(file, 0, SEEK_END)) {
        const long size = ftell(file);
        rewind(file);
        data = size >= 0 ? malloc(size ? (size_t)size : 1) : NULL;
        *n = data ? fread(data, 1, (size_t)size, file) : 0;
    }
    fclose(file);
    return data;
}

static int is_visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

/* Number of files replayed, -1 on failure. */
static int replay_folder(const char *folder) {
    struct dirent **entry = NULL;
    const int n_entries = scandir(folder, &entry, is_visible, alphasort);
    int n_replayed = 0;
    for (int i = 0; i < n_entries; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        size_t n = 0;
        uint8_t *data = read_file(path, &n);
        if (data) {
            LLVMFuzzerTestOneInput(data, n);
            n_replayed++;
        }
        free(data);
        free(entry[i]);
    }
    free(entry);
    return n_entries < 0 ? -1 : n_replayed;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const int n = replay_folder(argv[i]);
        if (n <= 0) {
            fprintf(stderr, "%s: no corpus to replay\n", argv[i]);
            return 1;
        }
        printf("%s: %d files\n", argv[i], n);
    }
    return 0;
}
