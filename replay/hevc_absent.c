/* A build without FFmpeg: every call says so. */
#include <replay/hevc.h>

static sv_status absent(void) {
    return sv_fail(SV_ERR_UNSUPPORTED,
                   "level hevc: this build has no video support: install libavformat-dev, libavcodec-dev and "
                   "libavutil-dev, then build again");
}

sv_status sv_hevc_check(const sv_camera *camera) {
    (void)camera;
    return absent();
}

sv_status sv_hevc_encoder_create(sv_hevc_encoder **out, const sv_camera *camera, int crf, int n_threads) {
    (void)camera;
    (void)crf;
    (void)n_threads;
    *out = NULL;
    return absent();
}

void sv_hevc_encoder_destroy(sv_hevc_encoder *encoder) {
    (void)encoder;
}

sv_status sv_hevc_encode(const uint8_t **packet, size_t *n, sv_hevc_encoder *encoder, const sv_frame *image) {
    (void)packet;
    (void)n;
    (void)encoder;
    (void)image;
    return absent();
}

sv_status sv_hevc_decoder_create(sv_hevc_decoder **out, const sv_camera *camera, int n_threads) {
    (void)camera;
    (void)n_threads;
    *out = NULL;
    return absent();
}

void sv_hevc_decoder_destroy(sv_hevc_decoder *decoder) {
    (void)decoder;
}

sv_status sv_hevc_decode(void *pixels, sv_hevc_decoder *decoder, const void *packet, size_t n) {
    (void)pixels;
    (void)decoder;
    (void)packet;
    (void)n;
    return absent();
}
