#include "info_video.h"

#include <formats/json_write.h>
#include <replay/video.h>
#include <replay/video_scan.h>
#include <replay/video_set.h>
#include <skyvox/math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { LINES_CAP = 40 };

typedef struct clip_info {
    sv_video_info video;
    sv_video_scan scan;
    int64_t n_labels, n_labelled; /* boxes; frames with one */
} clip_info;

static sv_status look(clip_info *out, const sv_clip *clip, bool still) {
    sv_video *video;
    const char *times = *clip->times ? clip->times : NULL;
    *out = (clip_info){0};
    sv_status status = sv_video_open(&video, clip->video, times, 1);
    if (status == SV_OK)
        out->video = *sv_video_get_info(video);
    sv_video_close(video);
    if (status == SV_OK)
        status = sv_video_scan_file(&out->scan, clip->video, times);
    if (status != SV_OK || !*clip->labels)
        return status;
    sv_box2d *box;
    size_t n;
    status = sv_labels2d_read(&box, &n, clip->labels, still ? clip->name : NULL);
    for (size_t i = 0; i < n; i++)
        out->n_labelled += i == 0 || box[i].frame != box[i - 1].frame;
    out->n_labels = (int64_t)n;
    free(box);
    return status;
}

/* ---- text ---- */

static double ms(sv_time t) {
    return (double)t * 1e-6;
}

static const char *labels_text(char *text, size_t cap, const sv_clip *clip, const clip_info *info) {
    if (*clip->labels)
        snprintf(text, cap, "%lld in %lld", (long long)info->n_labels, (long long)info->n_labelled);
    else
        snprintf(text, cap, "none");
    return text;
}

static void print_clip(const sv_clip *clip, const clip_info *info) {
    char labels[64];
    const sv_video_scan *s = &info->scan;
    printf("  %-22.22s %-6s %5d x %-5d %4d %8.3f %-8s %7lld %9.3f %5lld  %-13s %s\n", clip->name, info->video.codec,
           (int)info->video.width, (int)info->video.height, (int)info->video.bit_depth, info->video.rate_hz,
           s->is_variable ? "variable" : "constant", (long long)s->n_frames, (double)(s->t_last - s->t_first) * 1e-9,
           (long long)s->n_gaps, labels_text(labels, sizeof labels, clip, info), clip->motion);
}

/* One file: everything in words. */
static void print_single(const sv_clip *clip, const clip_info *info) {
    char labels[64];
    const sv_video_scan *s = &info->scan;
    printf("%s (video)\n", clip->name);
    printf("  streams: %d video, %d audio, %d other\n", (int)s->n_video, (int)s->n_audio, (int)s->n_other);
    printf("  %s, %d x %d px, %d bit, %.3f Hz nominal\n", info->video.codec, (int)info->video.width,
           (int)info->video.height, (int)info->video.bit_depth, info->video.rate_hz);
    printf("  %lld frames, %.3f to %.3f s%s\n", (long long)s->n_frames, (double)s->t_first * 1e-9,
           (double)s->t_last * 1e-9, *clip->times ? ", by the table of frame times" : "");
    printf("  %s rate: steps of %.3f ms, %.3f to %.3f ms; %lld gaps\n", s->is_variable ? "variable" : "constant",
           ms(s->step_median), ms(s->step_min), ms(s->step_max), (long long)s->n_gaps);
    printf("  labels: %s%s\n", labels_text(labels, sizeof labels, clip, info), *clip->labels ? " frames" : "");
}

static void print_set(const sv_video_set *set, const clip_info *info) {
    int64_t n_frames = 0, n_labels = 0;
    for (size_t i = 0; i < set->n; i++) {
        n_frames += info[i].scan.n_frames;
        n_labels += info[i].n_labels;
    }
    printf("%s (folder of %zu %s)\n  %lld frames, %lld labels\n\n", set->name, set->n,
           set->stills ? "single images" : "videos", (long long)n_frames, (long long)n_labels);
    printf("  %-22s %-6s %13s %4s %8s %-8s %7s %9s %5s  %-13s %s\n", set->stills ? "image" : "clip", "codec", "size",
           "bits", "Hz", "rate", "frames", "s", "gaps", "labels", "camera");
    for (size_t i = 0; i < set->n && i < LINES_CAP; i++)
        print_clip(&set->clip[i], &info[i]);
    if (set->n > LINES_CAP)
        printf("  and %zu more (all of them with --json)\n", set->n - LINES_CAP);
}

/* ---- JSON ---- */

static void write_clip(sv_json_out *json, const sv_clip *clip, const clip_info *info) {
    const sv_video_scan *s = &info->scan;
    sv_json_out_open(json, NULL, '{', true);
    sv_json_out_text(json, "name", clip->name);
    sv_json_out_text(json, "codec", info->video.codec);
    sv_json_out_int(json, "width", info->video.width);
    sv_json_out_int(json, "height", info->video.height);
    sv_json_out_int(json, "bit_depth", info->video.bit_depth);
    sv_json_out_number(json, "rate_hz", info->video.rate_hz);
    sv_json_out_bool(json, "variable_rate", s->is_variable);
    sv_json_out_int(json, "frames", s->n_frames);
    sv_json_out_number(json, "t_first_s", sv_time_to_s(s->t_first));
    sv_json_out_number(json, "t_last_s", sv_time_to_s(s->t_last));
    sv_json_out_number(json, "step_median_s", sv_time_to_s(s->step_median));
    sv_json_out_number(json, "step_min_s", sv_time_to_s(s->step_min));
    sv_json_out_number(json, "step_max_s", sv_time_to_s(s->step_max));
    sv_json_out_int(json, "gaps", s->n_gaps);
    sv_json_out_bool(json, "has_times", *clip->times != '\0');
    sv_json_out_int(json, "video_streams", s->n_video);
    sv_json_out_int(json, "audio_streams", s->n_audio);
    sv_json_out_bool(json, "has_labels", *clip->labels != '\0');
    sv_json_out_int(json, "labels", info->n_labels);
    sv_json_out_int(json, "labelled_frames", info->n_labelled);
    sv_json_out_close(json, '}');
}

static void write_set(const sv_video_set *set, const clip_info *info) {
    sv_json_out json = {.file = stdout};
    sv_json_out_open(&json, NULL, '{', false);
    sv_json_out_text(&json, "name", set->name);
    sv_json_out_text(&json, "kind", set->stills ? "images" : "videos");
    sv_json_out_open(&json, "clips", '[', false);
    for (size_t i = 0; i < set->n; i++)
        write_clip(&json, &set->clip[i], &info[i]);
    sv_json_out_close(&json, ']');
    sv_json_out_close(&json, '}');
}

sv_status info_video(const char *path, bool json) {
    struct stat file;
    const bool folder = stat(path, &file) == 0 && S_ISDIR(file.st_mode);
    sv_video_set set;
    clip_info *info = NULL;
    sv_status status = folder ? sv_video_set_open(&set, path) : sv_video_set_single(&set, path, NULL, NULL);
    if (status == SV_OK) {
        info = calloc(set.n, sizeof *info);
        status = info ? SV_OK : sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    for (size_t i = 0; status == SV_OK && i < set.n; i++)
        status = look(&info[i], &set.clip[i], set.stills);
    if (status == SV_OK && json)
        write_set(&set, info);
    else if (status == SV_OK && folder)
        print_set(&set, info);
    else if (status == SV_OK)
        print_single(set.clip, info);
    free(info);
    sv_video_set_free(&set);
    return status;
}
