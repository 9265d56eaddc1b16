/** Small videos written at test time with FFmpeg's own encoders, lossless where the codec is. */
#ifndef TESTS_UNIT_MAKE_VIDEO_H
#define TESTS_UNIT_MAKE_VIDEO_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <stdlib.h>

typedef struct made_video {
    enum AVCodecID codec;
    enum AVPixelFormat format;
    int width, height, depth;
    int n_frames;
    const int64_t *pts_ms; /* [n_frames]; NULL: 40 ms apart */
} made_video;

/** What pixel x, y of frame k holds. */
static inline int made_pixel(const made_video *m, int k, int x, int y) {
    return (x * 5 + y * 3 + k * 11) % (1 << m->depth);
}

static inline void made_picture(AVFrame *f, const made_video *m, int k) {
    for (int plane = 0; plane < 4 && f->data[plane]; plane++)
        for (int y = 0; y < (plane ? m->height / 2 : m->height); y++)
            for (int x = 0; x < (plane ? m->width / 2 : m->width); x++) {
                const int value = plane ? 1 << (m->depth - 1) : made_pixel(m, k, x, y);
                uint8_t *p = f->data[plane] + y * f->linesize[plane] + x * (m->depth > 8 ? 2 : 1);
                p[0] = (uint8_t)value;
                if (m->depth > 8)
                    p[1] = (uint8_t)(value >> 8);
            }
}

static inline void made_write(AVFormatContext *out, AVCodecContext *codec, const AVFrame *frame) {
    AVPacket *packet = av_packet_alloc();
    if (avcodec_send_frame(codec, frame) < 0)
        abort();
    while (avcodec_receive_packet(codec, packet) >= 0) {
        av_packet_rescale_ts(packet, codec->time_base, out->streams[0]->time_base);
        if (av_interleaved_write_frame(out, packet) < 0)
            abort();
    }
    av_packet_free(&packet);
}

/** Writes the file or aborts the test. encoder: by name, NULL the codec's first; options: "key=value|key=value", NULL none. */
static inline void make_video_with(const char *path, const made_video *m, const char *encoder_name,
                                   const char *options) {
    AVFormatContext *out;
    av_log_set_level(AV_LOG_QUIET);
    if (avformat_alloc_output_context2(&out, NULL, NULL, path) < 0)
        abort();
    AVStream *stream = avformat_new_stream(out, NULL);
    const AVCodec *encoder = encoder_name ? avcodec_find_encoder_by_name(encoder_name) : avcodec_find_encoder(m->codec);
    AVCodecContext *codec = avcodec_alloc_context3(encoder);
    codec->width = m->width;
    codec->height = m->height;
    codec->pix_fmt = m->format;
    codec->time_base = (AVRational){1, 1000};
    codec->framerate = (AVRational){25, 1};
    if (!encoder_name) {
        codec->global_quality = FF_QP2LAMBDA;
        codec->flags |= AV_CODEC_FLAG_QSCALE;
    }
    codec->flags |= out->oformat->flags & AVFMT_GLOBALHEADER ? AV_CODEC_FLAG_GLOBAL_HEADER : 0;
    codec->level = m->codec == AV_CODEC_ID_FFV1 ? 3 : codec->level; /* with checksums */
    codec->strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL;
    AVDictionary *chosen = NULL;
    if (options && av_dict_parse_string(&chosen, options, "=", "|", 0) < 0)
        abort();
    if (avcodec_open2(codec, encoder, &chosen) < 0 || avcodec_parameters_from_context(stream->codecpar, codec) < 0)
        abort();
    av_dict_free(&chosen);
    stream->time_base = codec->time_base;
    stream->avg_frame_rate = codec->framerate;
    if (avio_open(&out->pb, path, AVIO_FLAG_WRITE) < 0 || avformat_write_header(out, NULL) < 0)
        abort();
    AVFrame *frame = av_frame_alloc();
    frame->format = m->format;
    frame->width = m->width;
    frame->height = m->height;
    if (av_frame_get_buffer(frame, 0) < 0)
        abort();
    for (int k = 0; k < m->n_frames; k++) {
        if (av_frame_make_writable(frame) < 0)
            abort();
        made_picture(frame, m, k);
        frame->pts = m->pts_ms ? m->pts_ms[k] : k * 40;
        made_write(out, codec, frame);
    }
    made_write(out, codec, NULL);
    av_write_trailer(out);
    avio_closep(&out->pb);
    av_frame_free(&frame);
    avcodec_free_context(&codec);
    avformat_free_context(out);
}

static inline void make_video(const char *path, const made_video *m) {
    make_video_with(path, m, NULL, NULL);
}

#endif
