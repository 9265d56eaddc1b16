#include <dirent.h>
#include <errno.h>
#include <replay/video.h>
#include <replay/video_set.h>
#include <skyvox/math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static sv_status join(char out[SV_CLIP_PATH_CAP], const char *folder, const char *below, const char *name,
                      const char *ending) {
    const int n = snprintf(out, SV_CLIP_PATH_CAP, "%s/%s%s%s", folder, below, name, ending);
    return n < SV_CLIP_PATH_CAP ? SV_OK : sv_fail(SV_ERR_INPUT, "%s: the path is too long", folder);
}

/* Name without folder and ending. */
static sv_status take_name(char out[SV_CLIP_TEXT_CAP], const char *path) {
    const size_t whole = strlen(path);
    size_t end = whole;
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    const char *dot = is_folder(path) ? NULL : strrchr(path + begin, '.');
    if (dot && dot > path + begin)
        end = (size_t)(dot - path);
    if (end - begin >= SV_CLIP_TEXT_CAP || end == begin)
        return sv_fail(SV_ERR_INPUT, "%s: expected a name of 1 to %d bytes", path, SV_CLIP_TEXT_CAP - 1);
    memcpy(out, path + begin, end - begin);
    out[end - begin] = '\0';
    return SV_OK;
}

static bool has_folder(const char *folder, const char *below) {
    char path[SV_CLIP_PATH_CAP];
    return join(path, folder, below, "", "") == SV_OK && is_folder(path);
}

bool sv_video_set_detect(const char *folder) {
    return has_folder(folder, "clips") || has_folder(folder, "images");
}

static sv_status optional(char out[SV_CLIP_PATH_CAP], const char *folder, const char *below, const char *name) {
    sv_status status = join(out, folder, below, name, ".csv");
    if (status == SV_OK && access(out, F_OK) != 0)
        out[0] = '\0';
    return status;
}

static sv_status add_clip(sv_video_set *set, size_t *cap, const char *folder, const char *file) {
    if (set->n == *cap) {
        *cap = *cap ? 2 * *cap : 16;
        sv_clip *grown = realloc(set->clip, *cap * sizeof *grown);
        if (!grown)
            return sv_fail(SV_ERR_NOMEM, "out of memory");
        set->clip = grown;
    }
    sv_clip *clip = &set->clip[set->n];
    *clip = (sv_clip){0};
    sv_status status = join(clip->video, folder, set->stills ? "images/" : "clips/", file, "");
    if (status == SV_OK)
        status = take_name(clip->name, clip->video);
    if (status == SV_OK)
        status = set->stills ? optional(clip->labels, folder, "", "labels")
                             : optional(clip->labels, folder, "labels/", clip->name);
    if (status == SV_OK && !set->stills)
        status = optional(clip->times, folder, "times/", clip->name);
    if (status == SV_OK)
        set->n++;
    return status;
}

/* The folder's own order is anybody's guess. */
static int by_name(const void *a, const void *b) {
    const sv_clip *p = a, *q = b;
    return strcmp(p->name, q->name);
}

static sv_status list_clips(sv_video_set *set, const char *folder) {
    char path[SV_CLIP_PATH_CAP];
    sv_status status = join(path, folder, set->stills ? "images" : "clips", "", "");
    if (status != SV_OK)
        return status;
    DIR *dir = opendir(path);
    if (!dir)
        return sv_fail(SV_ERR_INPUT, "%s: %s", path, strerror(errno));
    size_t cap = 0;
    for (const struct dirent *entry; status == SV_OK && (entry = readdir(dir));)
        if (entry->d_name[0] != '.' && (set->stills ? sv_video_is_image : sv_video_detect)(entry->d_name))
            status = add_clip(set, &cap, folder, entry->d_name);
    closedir(dir);
    if (status != SV_OK)
        return status;
    if (set->n == 0)
        return sv_fail(SV_ERR_INPUT, "%s: no %s in this folder", path, set->stills ? "image" : "video");
    qsort(set->clip, set->n, sizeof *set->clip, by_name);
    for (size_t i = 1; i < set->n; i++)
        if (!strcmp(set->clip[i].name, set->clip[i - 1].name))
            return sv_fail(SV_ERR_INPUT, "%s: two clips are called %s", path, set->clip[i].name);
    return SV_OK;
}

/* ---- index ---- */

static sv_clip *find_clip(const sv_video_set *set, const char *name) {
    for (size_t i = 0; i < set->n; i++)
        if (!strcmp(set->clip[i].name, name))
            return &set->clip[i];
    return NULL;
}

static sv_status take_text(char out[SV_CLIP_TEXT_CAP], const sv_csv *csv, int i_column) {
    const char *text = i_column < 0 ? "" : sv_csv_text(csv, i_column);
    const size_t n = strlen(text) + 1;
    if (n > SV_CLIP_TEXT_CAP)
        return sv_fail(SV_ERR_INPUT, "%s: line %lld: a field of %zu bytes, expected at most %d", sv_csv_name(csv),
                       (long long)sv_csv_line(csv), n - 1, SV_CLIP_TEXT_CAP - 1);
    memcpy(out, text, n);
    return SV_OK;
}

sv_status sv_video_set_take_index(sv_video_set *set, sv_csv *csv) {
    int i_clip = 0;
    sv_status status = sv_csv_require(&i_clip, csv, "clip");
    const int i_modality = sv_csv_column(csv, "modality"), i_class = sv_csv_column(csv, "class");
    const int i_distance = sv_csv_column(csv, "distance_bin"), i_motion = sv_csv_column(csv, "camera_motion");
    while (status == SV_OK && (status = sv_csv_next(csv)) == SV_OK) {
        sv_clip *clip = find_clip(set, sv_csv_text(csv, i_clip));
        if (!clip)
            return sv_fail(SV_ERR_INPUT, "%s: line %lld: no clip is called %.80s", sv_csv_name(csv),
                           (long long)sv_csv_line(csv), sv_csv_text(csv, i_clip));
        status = take_text(clip->modality, csv, i_modality);
        if (status == SV_OK)
            status = take_text(clip->object_class, csv, i_class);
        if (status == SV_OK)
            status = take_text(clip->distance, csv, i_distance);
        if (status == SV_OK)
            status = take_text(clip->motion, csv, i_motion);
    }
    return status == SV_END ? SV_OK : status;
}

/* Labels of an image that is not there would be left out of the score without a word. */
static sv_status check_images(const sv_video_set *set, sv_csv *csv) {
    int i_image = 0;
    sv_status status = sv_csv_require(&i_image, csv, "image");
    while (status == SV_OK && (status = sv_csv_next(csv)) == SV_OK)
        if (!find_clip(set, sv_csv_text(csv, i_image)))
            return sv_fail(SV_ERR_INPUT, "%s: line %lld: no image is called %.80s", sv_csv_name(csv),
                           (long long)sv_csv_line(csv), sv_csv_text(csv, i_image));
    return status == SV_END ? SV_OK : status;
}

static sv_status read_images(const sv_video_set *set) {
    sv_csv *csv;
    if (!*set->clip[0].labels)
        return SV_OK;
    sv_status status = sv_csv_open(&csv, set->clip[0].labels);
    if (status != SV_OK)
        return status;
    status = check_images(set, csv);
    sv_csv_close(csv);
    return status;
}

static sv_status read_index(sv_video_set *set, const char *folder) {
    char path[SV_CLIP_PATH_CAP];
    sv_status status = join(path, folder, "index.csv", "", "");
    if (status != SV_OK || access(path, F_OK) != 0)
        return status;
    sv_csv *csv;
    status = sv_csv_open(&csv, path);
    if (status != SV_OK)
        return status;
    status = sv_video_set_take_index(set, csv);
    sv_csv_close(csv);
    return status;
}

sv_status sv_video_set_open(sv_video_set *out, const char *folder) {
    *out = (sv_video_set){.stills = !has_folder(folder, "clips")};
    sv_status status = take_name(out->name, folder);
    if (status == SV_OK)
        status = list_clips(out, folder);
    if (status == SV_OK)
        status = out->stills ? read_images(out) : read_index(out, folder);
    return status;
}

static sv_status copy_path(char out[SV_CLIP_PATH_CAP], const char *path) {
    const size_t n = path ? strlen(path) + 1 : 0;
    if (n > SV_CLIP_PATH_CAP)
        return sv_fail(SV_ERR_INPUT, "%s: the path is too long", path);
    if (path)
        memcpy(out, path, n);
    return SV_OK;
}

sv_status sv_video_set_single(sv_video_set *out, const char *video, const char *times, const char *labels) {
    *out = (sv_video_set){.clip = calloc(1, sizeof *out->clip), .n = 1};
    if (!out->clip)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    sv_clip *clip = out->clip;
    sv_status status = take_name(clip->name, video);
    if (status == SV_OK)
        status = copy_path(clip->video, video);
    if (status == SV_OK)
        status = copy_path(clip->times, times);
    if (status == SV_OK)
        status = copy_path(clip->labels, labels);
    memcpy(out->name, clip->name, sizeof out->name);
    return status;
}

void sv_video_set_free(sv_video_set *set) {
    free(set->clip);
    *set = (sv_video_set){0};
}
