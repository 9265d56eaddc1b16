/* A build without FFmpeg: every call says so. */
#include <replay/video.h>
#include <replay/video_scan.h>

bool sv_video_is_supported(void) {
    return false;
}

sv_status sv_video_open(sv_video **out, const char *path, const char *times, int n_threads) {
    (void)times;
    (void)n_threads;
    *out = NULL;
    return sv_fail(
        SV_ERR_UNSUPPORTED,
        "%s: this build has no video support: install libavformat-dev, libavcodec-dev and libavutil-dev, then "
        "build again",
        path);
}

void sv_video_close(sv_video *video) {
    (void)video;
}

const sv_video_info *sv_video_get_info(const sv_video *video) {
    (void)video;
    return NULL;
}

sv_status sv_video_next(sv_video *video, sv_frame *frame) {
    (void)video;
    (void)frame;
    return sv_fail(SV_ERR_UNSUPPORTED, "this build has no video support");
}

sv_status sv_video_scan_file(sv_video_scan *out, const char *path, const char *times) {
    (void)out;
    (void)path;
    (void)times;
    return sv_fail(SV_ERR_UNSUPPORTED, "this build has no video support");
}
