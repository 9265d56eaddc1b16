/* Several video files merged by time, and how a video is known by its name. */
#include <replay/video.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool ends_with(const char *path, const char *const *ending, size_t n) {
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < n; i++)
        if (!strcasecmp(dot, ending[i]))
            return true;
    return false;
}

/* By the ending in any case, or by the %d of a sequence. */
bool sv_video_detect(const char *path) {
    static const char *const ending[] = {".mp4", ".mkv", ".avi", ".mov",  ".m4v",  ".webm", ".ts",  ".mjpeg", ".mjpg",
                                         ".mpg", ".nut", ".y4m", ".h264", ".h265", ".hevc", ".ivf", ".obu"};
    const char *percent = strchr(path, '%');
    if (percent && percent[1 + strspn(percent + 1, "0123456789")] == 'd')
        return true;
    return ends_with(path, ending, sizeof ending / sizeof *ending);
}

bool sv_video_is_image(const char *path) {
    static const char *const ending[] = {".png", ".bmp", ".jpg", ".jpeg", ".tif", ".tiff", ".pgm"};
    return ends_with(path, ending, sizeof ending / sizeof *ending);
}

/* One file and its frame that was read ahead. */
typedef struct lane {
    sv_video *video;
    sv_frame frame;
    bool has_frame;
} lane;

struct sv_video_rig {
    lane *lane; /* [n] */
    int32_t n;
    int32_t given; /* lane whose frame the caller holds, -1 none: it moves on at the next call */
    uint64_t seq;
    sv_time t;
    bool ended;
};

static sv_status advance(sv_video_rig *rig, int32_t i) {
    lane *l = &rig->lane[i];
    sv_status status = sv_video_next(l->video, &l->frame);
    l->has_frame = status == SV_OK;
    l->frame.camera = i;
    return status == SV_END ? SV_OK : status;
}

sv_status sv_video_rig_open(sv_video_rig **out, const char *const *path, const char *const *times, int32_t n,
                            int n_threads) {
    *out = NULL;
    if (n < 1)
        return sv_fail(SV_ERR_ARG, "a video rig needs at least one file");
    sv_video_rig *rig = calloc(1, sizeof *rig);
    if (rig)
        rig->lane = calloc((size_t)n, sizeof *rig->lane);
    if (!rig || !rig->lane) {
        free(rig);
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    rig->n = n;
    rig->given = -1;
    sv_status status = SV_OK;
    for (int32_t i = 0; i < n && status == SV_OK; i++)
        status = sv_video_open(&rig->lane[i].video, path[i], times ? times[i] : NULL, n_threads);
    for (int32_t i = 0; i < n && status == SV_OK; i++)
        status = advance(rig, i);
    if (status != SV_OK) {
        sv_video_rig_destroy(rig);
        return status;
    }
    *out = rig;
    return SV_OK;
}

void sv_video_rig_destroy(sv_video_rig *rig) {
    if (!rig)
        return;
    for (int32_t i = 0; i < rig->n; i++)
        sv_video_close(rig->lane[i].video);
    free(rig->lane);
    free(rig);
}

const sv_video_info *sv_video_rig_info(const sv_video_rig *rig, int32_t camera) {
    return sv_video_get_info(rig->lane[camera].video);
}

static sv_status rig_next(void *self, sv_event *event) {
    sv_video_rig *rig = self;
    if (rig->ended)
        return SV_END;
    if (rig->given >= 0) {
        sv_status status = advance(rig, rig->given);
        if (status != SV_OK)
            return status;
        rig->given = -1;
    }
    int32_t first = -1;
    for (int32_t i = 0; i < rig->n; i++)
        if (rig->lane[i].has_frame && (first < 0 || rig->lane[i].frame.t < rig->lane[first].frame.t))
            first = i;
    if (first < 0) {
        rig->ended = true;
        *event = (sv_event){.seq = ++rig->seq, .t = rig->t, .kind = SV_EVENT_END, .camera = -1};
        return SV_OK;
    }
    rig->given = first;
    const sv_frame *frame = &rig->lane[first].frame;
    rig->t = frame->t;
    *event =
        (sv_event){.seq = ++rig->seq, .t = frame->t, .kind = SV_EVENT_FRAME, .camera = first, .frame = frame->number};
    event->as.image = *frame;
    return SV_OK;
}

static void rig_close(void *self) {
    (void)self;
}

sv_source sv_video_rig_source(sv_video_rig *rig) {
    return (sv_source){.self = rig, .next = rig_next, .close = rig_close};
}
