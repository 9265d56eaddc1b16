#include <replay/video_parts.h>
#include <replay/video_scan.h>
#include <skyvox/math.h>

#include <libavformat/avformat.h>
#include <stdlib.h>

/* Times of frames in any order, in nanoseconds. */
typedef struct stamps {
    sv_time *t; /* [n] */
    size_t n, cap;
} stamps;

static sv_status add(stamps *s, sv_time t) {
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 1024;
        sv_time *grown = realloc(s->t, s->cap * sizeof *grown);
        if (!grown)
            return sv_fail(SV_ERR_NOMEM, "out of memory");
        s->t = grown;
    }
    s->t[s->n++] = t;
    return SV_OK;
}

static void count_streams(sv_video_scan *out, const AVFormatContext *format) {
    for (unsigned i = 0; i < format->nb_streams; i++)
        switch (format->streams[i]->codecpar->codec_type) {
        case AVMEDIA_TYPE_VIDEO:
            out->n_video++;
            break;
        case AVMEDIA_TYPE_AUDIO:
            out->n_audio++;
            break;
        default:
            out->n_other++;
        }
}

static sv_status read_packets(stamps *s, AVFormatContext *format, int stream) {
    const AVRational ns = {1, 1000000000};
    AVPacket *packet = av_packet_alloc();
    sv_status status = packet ? SV_OK : sv_fail(SV_ERR_NOMEM, "out of memory");
    while (status == SV_OK && av_read_frame(format, packet) >= 0) {
        const int64_t pts = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
        if (packet->stream_index == stream)
            status = add(s, pts == AV_NOPTS_VALUE ? 0 : av_rescale_q(pts, format->streams[stream]->time_base, ns));
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    return status;
}

static bool before(const void *a, const void *b, void *user) {
    (void)user;
    return *(const sv_time *)a < *(const sv_time *)b;
}

/* Sorts the stamps, then turns them into steps. */
static sv_status take_steps(sv_video_scan *out, stamps *s, sv_time tick) {
    out->n_frames = (int64_t)s->n;
    if (s->n == 0)
        return SV_OK;
    sv_time *scratch = malloc(s->n * sizeof *scratch);
    if (!scratch)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    sv_sort(s->t, s->n, sizeof *s->t, before, NULL, scratch);
    out->t_first = s->t[0];
    out->t_last = s->t[s->n - 1];
    for (size_t i = 0; i + 1 < s->n; i++)
        s->t[i] = s->t[i + 1] - s->t[i];
    const size_t n = s->n - 1;
    sv_sort(s->t, n, sizeof *s->t, before, NULL, scratch);
    free(scratch);
    if (n == 0)
        return SV_OK;
    out->step_median = s->t[n / 2];
    out->step_min = s->t[0];
    out->step_max = s->t[n - 1];
    for (size_t i = 0; i < n; i++)
        out->n_gaps += 2 * s->t[i] > 3 * out->step_median;
    out->is_variable = out->step_max - out->step_min > 2 * tick;
    return SV_OK;
}

static sv_status read_file(sv_video_scan *out, stamps *s, sv_time *tick, const char *path) {
    AVFormatContext *format = NULL;
    AVDictionary *options = NULL;
    av_log_set_level(AV_LOG_QUIET);
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    const int error = avformat_open_input(&format, path, NULL, &options);
    av_dict_free(&options);
    if (error < 0)
        return sv_fail(SV_ERR_INPUT, "%s: cannot be opened as a video", path);
    sv_status status = SV_OK;
    int stream = -1;
    if (avformat_find_stream_info(format, NULL) >= 0)
        stream = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    if (stream < 0)
        status = sv_fail(SV_ERR_INPUT, "%s: no video in this file", path);
    if (status == SV_OK) {
        *tick = av_rescale_q(1, format->streams[stream]->time_base, (AVRational){1, 1000000000}) + 1;
        count_streams(out, format);
        status = read_packets(s, format, stream);
    }
    avformat_close_input(&format);
    return status;
}

sv_status sv_video_scan_file(sv_video_scan *out, const char *path, const char *times) {
    sv_video_scan scan = {0};
    stamps s = {0};
    sv_frame_times table = {0};
    sv_time tick = 1;
    sv_status status = read_file(&scan, &s, &tick, path);
    if (status == SV_OK && times)
        status = sv_frame_times_read(&table, times);
    if (status == SV_OK && times) {
        s.n = 0;
        tick = 1000; /* a table is written with microseconds or better */
        for (size_t i = 0; i < table.n && status == SV_OK; i++)
            status = add(&s, table.t[i]);
    }
    if (status == SV_OK)
        status = take_steps(&scan, &s, tick);
    if (status == SV_OK)
        *out = scan;
    sv_frame_times_destroy(&table);
    free(s.t);
    return status;
}
