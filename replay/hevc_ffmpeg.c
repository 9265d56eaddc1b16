#include <replay/hevc.h>

#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMETERS_CAP = 256 };

struct sv_hevc_encoder {
    AVCodecContext *codec;
    AVFrame *picture;
    AVPacket *packet;
    int64_t n_frames;
};

struct sv_hevc_decoder {
    AVCodecContext *codec;
    AVFrame *picture;
    AVPacket *packet;
    int32_t width, height, bit_depth;
};

/* Nine bits go into ten and eleven into twelve: HEVC has no others here. */
static enum AVPixelFormat format_of(int32_t bit_depth) {
    return bit_depth <= 8 ? AV_PIX_FMT_GRAY8 : bit_depth <= 10 ? AV_PIX_FMT_GRAY10LE : AV_PIX_FMT_GRAY12LE;
}

sv_status sv_hevc_check(const sv_camera *camera) {
    if (camera->bit_depth > SV_HEVC_DEPTH_MAX) {
        return sv_fail(SV_ERR_INPUT, "level hevc: camera %d has %d bit, HEVC takes at most %d: record frames",
                       (int)camera->id, (int)camera->bit_depth, SV_HEVC_DEPTH_MAX);
    }
    if (camera->width < SV_HEVC_SIDE_MIN || camera->height < SV_HEVC_SIDE_MIN) {
        return sv_fail(SV_ERR_INPUT,
                       "level hevc: camera %d has %d x %d px, HEVC takes no less than %d x %d: record frames",
                       (int)camera->id, (int)camera->width, (int)camera->height, SV_HEVC_SIDE_MIN, SV_HEVC_SIDE_MIN);
    }
    if (avcodec_find_encoder_by_name("libx265") == NULL) {
        return sv_fail(SV_ERR_UNSUPPORTED, "level hevc: this FFmpeg was built without libx265");
    }
    return SV_OK;
}

/* ---- encoding ---- */

/*
 * One packet for every frame at once (nothing looked ahead, no frame threads), each of them a key frame with its parameter
 * sets, no text about the encoder in the stream, no words on the terminal. With qcomp=1 a rate factor is the same quantiser for
 * every frame: what was measured on the first holds for all.
 */
static int open_encoder(AVCodecContext *codec, const AVCodec *x265, int crf, int n_threads) {
    char parameters[PARAMETERS_CAP];
    snprintf(parameters, sizeof parameters,
             "log-level=none:info=0:keyint=1:repeat-headers=1:bframes=0:rc-lookahead=0:frame-threads=1:cutree=0:"
             "qcomp=1:pools=%d%s",
             n_threads, crf == SV_HEVC_LOSSLESS ? ":lossless=1" : "");
    int error = av_opt_set(codec->priv_data, "preset", "ultrafast", 0);
    error = error < 0 ? error : av_opt_set(codec->priv_data, "x265-params", parameters, 0);
    if (error >= 0 && crf != SV_HEVC_LOSSLESS) {
        error = av_opt_set_double(codec->priv_data, "crf", crf, 0);
    }
    return error < 0 ? error : avcodec_open2(codec, x265, NULL);
}

static bool get_picture(AVFrame *picture, const AVCodecContext *codec) {
    picture->format = codec->pix_fmt;
    picture->width = codec->width;
    picture->height = codec->height;
    return av_frame_get_buffer(picture, 0) >= 0;
}

sv_status sv_hevc_encoder_create(sv_hevc_encoder **out, const sv_camera *camera, int crf, int n_threads) {
    *out = NULL;
    av_log_set_level(AV_LOG_QUIET); /* errors come back as values, one line each */
    sv_status status = sv_hevc_check(camera);
    if (status != SV_OK) {
        return status;
    }
    const AVCodec *x265 = avcodec_find_encoder_by_name("libx265");
    sv_hevc_encoder *e = calloc(1, sizeof *e);
    if (e != NULL) {
        e->codec = avcodec_alloc_context3(x265);
        e->picture = av_frame_alloc();
        e->packet = av_packet_alloc();
    }
    if (e == NULL || e->codec == NULL || e->picture == NULL || e->packet == NULL) {
        sv_hevc_encoder_destroy(e);
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    e->codec->width = camera->width;
    e->codec->height = camera->height;
    e->codec->pix_fmt = format_of(camera->bit_depth);
    e->codec->color_range = AVCOL_RANGE_JPEG;
    e->codec->framerate = av_d2q(camera->rate_hz, 1000000);
    e->codec->time_base = av_inv_q(e->codec->framerate);
    if (open_encoder(e->codec, x265, crf, n_threads) < 0 || !get_picture(e->picture, e->codec)) {
        sv_hevc_encoder_destroy(e);
        return sv_fail(SV_ERR_UNSUPPORTED, "level hevc: libx265 does not take images of %d x %d px and %d bit",
                       (int)camera->width, (int)camera->height, (int)camera->bit_depth);
    }
    *out = e;
    return SV_OK;
}

void sv_hevc_encoder_destroy(sv_hevc_encoder *e) {
    if (e == NULL) {
        return;
    }
    avcodec_free_context(&e->codec);
    av_frame_free(&e->picture);
    av_packet_free(&e->packet);
    free(e);
}

sv_status sv_hevc_encode(const uint8_t **packet, size_t *n, sv_hevc_encoder *e, const sv_frame *image) {
    size_t row_bytes = (size_t)image->width * (image->bit_depth > 8 ? 2 : 1);
    if (av_frame_make_writable(e->picture) < 0) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    for (int32_t v = 0; v < image->height; v++) {
        memcpy(e->picture->data[0] + (ptrdiff_t)v * e->picture->linesize[0],
               (const uint8_t *)image->pixels + v * image->pitch, row_bytes);
    }
    e->picture->pts = e->n_frames++;
    av_packet_unref(e->packet);
    if (avcodec_send_frame(e->codec, e->picture) < 0 || avcodec_receive_packet(e->codec, e->packet) < 0) {
        return sv_fail(SV_ERR_IO, "libx265 did not give a packet for frame %d of camera index %d", (int)image->number,
                       (int)image->camera);
    }
    *packet = e->packet->data;
    *n = (size_t)e->packet->size;
    return SV_OK;
}

/* ---- decoding ---- */

sv_status sv_hevc_decoder_create(sv_hevc_decoder **out, const sv_camera *camera, int n_threads) {
    *out = NULL;
    av_log_set_level(AV_LOG_QUIET);
    const AVCodec *hevc = avcodec_find_decoder(AV_CODEC_ID_HEVC);
    if (hevc == NULL) {
        return sv_fail(SV_ERR_UNSUPPORTED, "this FFmpeg was built without a decoder for HEVC");
    }
    sv_hevc_decoder *d = calloc(1, sizeof *d);
    if (d != NULL) {
        d->codec = avcodec_alloc_context3(hevc);
        d->picture = av_frame_alloc();
        d->packet = av_packet_alloc();
    }
    if (d == NULL || d->codec == NULL || d->picture == NULL || d->packet == NULL) {
        sv_hevc_decoder_destroy(d);
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    d->width = camera->width;
    d->height = camera->height;
    d->bit_depth = camera->bit_depth;
    d->codec->thread_count = n_threads;
    d->codec->thread_type = FF_THREAD_SLICE; /* threads over frames would hold frames back */
    d->codec->flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_LOW_DELAY;
    d->codec->max_pixels = (int64_t)camera->width * camera->height * 2;
    d->codec->err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE;
    if (avcodec_open2(d->codec, hevc, NULL) < 0) {
        sv_hevc_decoder_destroy(d);
        return sv_fail(SV_ERR_NOMEM, "the decoder for HEVC does not start");
    }
    *out = d;
    return SV_OK;
}

void sv_hevc_decoder_destroy(sv_hevc_decoder *d) {
    if (d == NULL) {
        return;
    }
    avcodec_free_context(&d->codec);
    av_frame_free(&d->picture);
    av_packet_free(&d->packet);
    free(d);
}

/* A packet holds a whole image, so the decoder is drained after each and forgets what was before. */
static bool decode_one(sv_hevc_decoder *d, const void *packet, size_t n) {
    av_packet_unref(d->packet);
    av_frame_unref(d->picture);
    if (n > INT32_MAX || av_new_packet(d->packet, (int)n) < 0) { /* with the padding that decoders read into */
        return false;
    }
    memcpy(d->packet->data, packet, n);
    bool good = avcodec_send_packet(d->codec, d->packet) >= 0 && avcodec_send_packet(d->codec, NULL) >= 0 &&
                avcodec_receive_frame(d->codec, d->picture) >= 0;
    avcodec_flush_buffers(d->codec);
    return good && d->picture->decode_error_flags == 0 && !(d->picture->flags & AV_FRAME_FLAG_CORRUPT);
}

sv_status sv_hevc_decode(void *pixels, sv_hevc_decoder *d, const void *packet, size_t n) {
    if (!decode_one(d, packet, n) || d->picture->width != d->width || d->picture->height != d->height ||
        d->picture->format != format_of(d->bit_depth)) {
        return sv_fail(SV_ERR_INPUT, "a packet of %zu bytes holds no image of %d x %d px and %d bit", n, (int)d->width,
                       (int)d->height, (int)d->bit_depth);
    }
    size_t row_bytes = (size_t)d->width * (d->bit_depth > 8 ? 2 : 1);
    for (int32_t v = 0; v < d->height; v++) {
        memcpy((uint8_t *)pixels + (size_t)v * row_bytes, d->picture->data[0] + (ptrdiff_t)v * d->picture->linesize[0],
               row_bytes);
    }
    return SV_OK;
}
