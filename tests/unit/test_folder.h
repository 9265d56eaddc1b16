/** A folder of this process alone for what a test writes: nothing that another run left there is met. */
#ifndef TESTS_TEST_FOLDER_H
#define TESTS_TEST_FOLDER_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEST_FOLDER_CAP = 160, TEST_PATH_CAP = 256 };

/** Where the name of the folder stands; empty until there is one. */
static inline char *test_folder_name(void) {
    static char name[TEST_FOLDER_CAP];
    return name;
}

static inline void test_folder_empty(const char *folder) {
    DIR *list = opendir(folder);
    if (list == NULL) {
        return;
    }
    for (const struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list)) {
        char path[TEST_PATH_CAP + 512];
        struct stat found;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path) {
            continue;
        }
        if (lstat(path, &found) == 0 && S_ISDIR(found.st_mode)) {
            test_folder_empty(path);
        }
        remove(path);
    }
    closedir(list);
}

static inline void test_folder_remove(void) {
    test_folder_empty(test_folder_name());
    rmdir(test_folder_name());
}

/** The folder, under $TMPDIR or /tmp; it goes when the process ends. */
static inline const char *test_folder(void) {
    char *name = test_folder_name();
    const char *parent = getenv("TMPDIR");
    if (*name != '\0') {
        return name;
    }
    if (parent == NULL || *parent != '/' || strlen(parent) + 32 > TEST_FOLDER_CAP) {
        parent = "/tmp";
    }
    snprintf(name, TEST_FOLDER_CAP, "%s/skyvox-test-XXXXXX", parent);
    if (mkdtemp(name) == NULL || atexit(test_folder_remove) != 0) {
        perror(name);
        exit(1);
    }
    return name;
}

/** FOLDER/file in out. */
static inline char *test_path(char out[TEST_PATH_CAP], const char *file) {
    snprintf(out, TEST_PATH_CAP, "%s/%s", test_folder(), file);
    return out;
}

#endif
