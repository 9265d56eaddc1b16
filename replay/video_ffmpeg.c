/* Video files through libavformat and libavcodec, in software. */
#include <replay/video.h>
#include <replay/video_luma.h>
#include <replay/video_parts.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_CAP = 1 << 15, PIXELS_CAP = 1 << 28, ERROR_CAP = 128 };
static const double default_rate_hz = 25; /* what libavformat assumes, too */

struct sv_video {
    char *path;
    sv_video_info info;
    sv_frame_times times;
    bool has_times;
    AVFormatContext *format;
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *picture;
    int stream;
    bool draining;
    bool raw;       /* frames of one size, one after the other */
    int64_t end;    /* of the newest packet in a raw file */
    int32_t number; /* of the next frame */
    sv_time t_last;
    uint16_t *luma; /* where the decoder's plane cannot be lent out */
};

bool sv_video_is_supported(void) {
    return true;
}

static sv_status av_fail(const char *path, const char *what, int error) {
    char text[ERROR_CAP];
    if (error == AVERROR(ENOMEM))
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", path);
    if (av_strerror(error, text, sizeof text) < 0)
        snprintf(text, sizeof text, "error %d", error);
    return sv_fail(SV_ERR_INPUT, "%s: %s: %s", path, what, text);
}

static sv_status open_file(sv_video *v) {
    /* Only local files: a name or a playlist must not make the program reach out. */
    AVDictionary *options = NULL;
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    int error = avformat_open_input(&v->format, v->path, NULL, &options);
    av_dict_free(&options);
    if (error < 0)
        return av_fail(v->path, "cannot be opened as a video", error);
    error = avformat_find_stream_info(v->format, NULL);
    if (error < 0)
        return av_fail(v->path, "cannot be read as a video", error);
    v->stream = av_find_best_stream(v->format, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    if (v->stream < 0)
        return sv_fail(SV_ERR_INPUT, "%s: no video in this file", v->path);
    v->raw = strcmp(v->format->iformat->name, "yuv4mpegpipe") == 0;
    for (unsigned i = 0; i < v->format->nb_streams; i++)
        if ((int)i != v->stream)
            v->format->streams[i]->discard = AVDISCARD_ALL;
    return SV_OK;
}

static sv_status open_decoder(sv_video *v, int n_threads) {
    const AVStream *stream = v->format->streams[v->stream];
    const AVCodec *decoder = avcodec_find_decoder(stream->codecpar->codec_id);
    const char *name = avcodec_get_name(stream->codecpar->codec_id);
    if (!decoder)
        return sv_fail(SV_ERR_INPUT, "%s: this build of FFmpeg has no decoder for %s", v->path, name);
    v->codec = avcodec_alloc_context3(decoder);
    if (!v->codec || avcodec_parameters_to_context(v->codec, stream->codecpar) < 0)
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", v->path);
    v->codec->pkt_timebase = stream->time_base;
    v->codec->thread_count = n_threads;
    v->codec->flags |= AV_CODEC_FLAG_BITEXACT;
    v->codec->max_pixels = PIXELS_CAP;
    v->codec->err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE; /* a damaged picture must not pass for a scene */
    int error = avcodec_open2(v->codec, decoder, NULL);
    if (error < 0)
        return av_fail(v->path, "the decoder does not start", error);
    snprintf(v->info.codec, sizeof v->info.codec, "%s", name);
    return SV_OK;
}

static sv_status fill_info(sv_video *v) {
    const AVRational rate = av_guess_frame_rate(v->format, v->format->streams[v->stream], NULL);
    v->info.width = v->codec->width;
    v->info.height = v->codec->height;
    v->info.rate_hz = rate.num > 0 && rate.den > 0 ? (double)rate.num / rate.den : default_rate_hz;
    v->info.bit_depth = sv_luma_depth(v->codec->pix_fmt);
    if (v->info.width < 1 || v->info.height < 1 || v->info.width > SIDE_CAP || v->info.height > SIDE_CAP)
        return sv_fail(SV_ERR_INPUT, "%s: the video does not say its size", v->path);
    if (v->info.bit_depth == 0)
        return sv_fail(SV_ERR_INPUT, "%s: pixel format %s, expected luma or RGB of 8 to 16 bit", v->path,
                       av_get_pix_fmt_name(v->codec->pix_fmt) ? av_get_pix_fmt_name(v->codec->pix_fmt) : "unknown");
    v->luma = malloc((size_t)v->info.width * (size_t)v->info.height * sizeof *v->luma);
    return v->luma ? SV_OK : sv_fail(SV_ERR_NOMEM, "%s: out of memory", v->path);
}

static sv_status open_all(sv_video *v, const char *times, int n_threads) {
    sv_status status = SV_OK;
    if (times) {
        status = sv_frame_times_read(&v->times, times);
        v->has_times = true;
    }
    if (status == SV_OK)
        status = open_file(v);
    if (status == SV_OK)
        status = open_decoder(v, n_threads);
    if (status == SV_OK)
        status = fill_info(v);
    return status;
}

sv_status sv_video_open(sv_video **out, const char *path, const char *times, int n_threads) {
    *out = NULL;
    av_log_set_level(AV_LOG_QUIET); /* errors come back as values, one line each */
    if (n_threads < 1 || n_threads > 64)
        return sv_fail(SV_ERR_ARG, "%s: %d decoder threads, expected 1 to 64", path, n_threads);
    sv_video *v = calloc(1, sizeof *v);
    const size_t n_path = strlen(path) + 1;
    if (v) {
        v->path = malloc(n_path);
        v->packet = av_packet_alloc();
        v->picture = av_frame_alloc();
    }
    if (!v || !v->path || !v->packet || !v->picture) {
        sv_video_close(v);
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", path);
    }
    memcpy(v->path, path, n_path);
    sv_status status = open_all(v, times, n_threads);
    if (status != SV_OK) {
        sv_video_close(v);
        return status;
    }
    *out = v;
    return SV_OK;
}

void sv_video_close(sv_video *v) {
    if (!v)
        return;
    avcodec_free_context(&v->codec);
    avformat_close_input(&v->format);
    av_packet_free(&v->packet);
    av_frame_free(&v->picture);
    sv_frame_times_destroy(&v->times);
    free(v->luma);
    free(v->path);
    free(v);
}

const sv_video_info *sv_video_get_info(const sv_video *v) {
    return &v->info;
}

static sv_status broken(const sv_video *v, const char *what) {
    return sv_fail(SV_ERR_INPUT, "%s: frame %d %s", v->path, (int)v->number, what);
}

/* FFmpeg takes a cut in the last frame of a raw file for the file's end. */
static bool is_cut(const sv_video *v) {
    return v->raw && avio_size(v->format->pb) > v->end;
}

/* Hands the decoder one more packet of the stream, or the end. */
static sv_status feed(sv_video *v) {
    int error;
    do {
        av_packet_unref(v->packet);
        error = av_read_frame(v->format, v->packet);
    } while (error >= 0 && v->packet->stream_index != v->stream);
    if (error == AVERROR_EOF) {
        v->draining = true;
        if (is_cut(v))
            return broken(v, "or one soon after it is cut off");
        error = avcodec_send_packet(v->codec, NULL);
        return error < 0 && error != AVERROR_EOF ? broken(v, "cannot be decoded") : SV_OK;
    }
    if (error < 0)
        return av_fail(v->path, "cannot be read on", error);
    if (v->raw)
        v->end = v->packet->pos + v->packet->size;
    if (v->packet->flags & AV_PKT_FLAG_CORRUPT)
        return broken(v, "or one soon after it is torn");
    error = avcodec_send_packet(v->codec, v->packet);
    return error < 0 ? broken(v, "or one soon after it cannot be decoded") : SV_OK;
}

static sv_status decode(sv_video *v) {
    for (;;) {
        int error = avcodec_receive_frame(v->codec, v->picture);
        if (error == AVERROR_EOF)
            return SV_END;
        if (error >= 0)
            return v->picture->decode_error_flags || (v->picture->flags & AV_FRAME_FLAG_CORRUPT)
                       ? broken(v, "is damaged")
                       : SV_OK;
        if (error != AVERROR(EAGAIN))
            return broken(v, "cannot be decoded");
        if (v->draining)
            return SV_END;
        sv_status status = feed(v);
        if (status != SV_OK)
            return status;
    }
}

/* From the table, else the file's own stamp, else one frame period after the frame before. */
static sv_status take_time(sv_time *t, const sv_video *v) {
    if (v->has_times) {
        if ((size_t)v->number >= v->times.n)
            return broken(v, "has no row in the table of frame times");
        *t = v->times.t[v->number];
        return SV_OK;
    }
    const int64_t pts = v->picture->best_effort_timestamp;
    const sv_time period = (sv_time)(1e9 / v->info.rate_hz + 0.5);
    if (pts == AV_NOPTS_VALUE)
        *t = v->number ? v->t_last + period : 0;
    else
        *t = av_rescale_q(pts, v->format->streams[v->stream]->time_base, (AVRational){1, 1000000000});
    if (v->number > 0 && *t <= v->t_last)
        return broken(v, "has a time that is not after the frame before");
    return SV_OK;
}

sv_status sv_video_next(sv_video *v, sv_frame *frame) {
    sv_status status = decode(v);
    if (status == SV_END && v->number == 0)
        return sv_fail(SV_ERR_INPUT, "%s: no frame in this video", v->path);
    if (status != SV_OK)
        return status;
    if (v->picture->width != v->info.width || v->picture->height != v->info.height ||
        sv_luma_depth((enum AVPixelFormat)v->picture->format) != v->info.bit_depth)
        return broken(v, "has another size or pixel format than the frames before");
    sv_time t = 0;
    status = take_time(&t, v);
    if (status != SV_OK)
        return status;
    *frame = (sv_frame){.number = v->number++,
                        .t = t,
                        .width = v->info.width,
                        .height = v->info.height,
                        .bit_depth = v->info.bit_depth};
    v->t_last = t;
    sv_luma_take(&frame->pixels, &frame->pitch, v->luma, v->picture);
    return SV_OK;
}
