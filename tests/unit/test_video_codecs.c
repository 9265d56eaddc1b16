/* Every codec that cameras write: lossless ones come back exactly, the others closely; a codec without encoder is skipped. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "make_video.h"
#include "test_folder.h"

#include <replay/video.h>
#include <replay/video_scan.h>

enum { PATH_CAP = 256, SIDE = 64, FRAMES = 6 };

typedef struct codec_case {
    const char *encoder, *options, *name, *codec;
    enum AVPixelFormat format;
    int depth;
    double least_psnr_db; /* 0: exact */
} codec_case;

static const codec_case list[] = {
    {"libx264", "qp=0|preset=ultrafast", "a.mp4", "h264", AV_PIX_FMT_YUV420P, 8, 0},
    {"libx264", "qp=0|preset=ultrafast", "b.mkv", "h264", AV_PIX_FMT_YUV420P10LE, 10, 0},
    {"libx265", "preset=ultrafast|x265-params=lossless=1:log-level=none", "c.mp4", "hevc", AV_PIX_FMT_YUV420P, 8, 0},
    {"libx265", "preset=ultrafast|x265-params=lossless=1:log-level=none", "d.mkv", "hevc", AV_PIX_FMT_YUV420P10LE, 10,
     0},
    {"libx265", "preset=ultrafast|x265-params=lossless=1:log-level=none", "e.mkv", "hevc", AV_PIX_FMT_YUV420P12LE, 12,
     0},
    {"libx265", "preset=ultrafast|crf=10|x265-params=log-level=none", "f.mkv", "hevc", AV_PIX_FMT_YUV420P, 8, 35},
    {"libaom-av1", "cpu-used=8|crf=0|aom-params=lossless=1", "g.mkv", "av1", AV_PIX_FMT_YUV420P, 8, 0},
    {"libaom-av1", "cpu-used=8|crf=10", "h.mp4", "av1", AV_PIX_FMT_YUV420P10LE, 10, 30},
    {"libsvtav1", "preset=12|crf=10", "i.mkv", "av1", AV_PIX_FMT_YUV420P, 8, 30},
    {"mjpeg", "qmin=1|qmax=1", "j.avi", "mjpeg", AV_PIX_FMT_YUVJ420P, 8, 35},
    {"png", NULL, "k_%03d.png", "png", AV_PIX_FMT_GRAY8, 8, 0},
    {"ffv1", NULL, "l.mkv", "ffv1", AV_PIX_FMT_GRAY16LE, 16, 0},
};

static int pixel(const sv_frame *f, int x, int y) {
    const uint8_t *row = (const uint8_t *)f->pixels + f->pitch * y;
    return f->bit_depth > 8 ? row[2 * x] | row[2 * x + 1] << 8 : row[x];
}

/* Squared differences of a frame to what was written. */
static double error_of(const sv_frame *frame, const made_video *made, int k) {
    double sum = 0;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const double d = pixel(frame, x, y) - made_pixel(made, k, x, y);
            sum += d * d;
        }
    return sum;
}

static void check(const codec_case *c) {
    const AVCodec *encoder = avcodec_find_encoder_by_name(c->encoder);
    if (!encoder) {
        print_message("no encoder %s in this FFmpeg\n", c->encoder);
        skip();
    }
    char path[PATH_CAP];
    snprintf(path, sizeof path, "%s/%s", test_folder(), c->name);
    const made_video made = {encoder->id, c->format, SIDE, SIDE, c->depth, FRAMES, NULL};
    make_video_with(path, &made, c->encoder, c->options);
    for (int threads = 1; threads <= 4; threads += 3) {
        sv_video *video;
        if (sv_video_open(&video, path, NULL, threads) != SV_OK)
            fail_msg("%s", sv_error_text());
        assert_string_equal(sv_video_get_info(video)->codec, c->codec);
        assert_int_equal(sv_video_get_info(video)->bit_depth, c->depth);
        double sum = 0;
        sv_frame frame;
        for (int k = 0; k < FRAMES; k++) {
            if (sv_video_next(video, &frame) != SV_OK)
                fail_msg("%s", sv_error_text());
            sum += error_of(&frame, &made, k);
        }
        assert_int_equal(sv_video_next(video, &frame), SV_END);
        sv_video_close(video);
        const double peak = (1 << c->depth) - 1, mse = sum / (FRAMES * SIDE * SIDE);
        if (c->least_psnr_db == 0)
            assert_true(sum == 0);
        else if (10 * log10(peak * peak / mse) < c->least_psnr_db)
            fail_msg("%s: PSNR %.1f dB", c->encoder, 10 * log10(peak * peak / mse));
    }
}

/* One test a codec, so that a missing encoder skips no other. */
static void codec_comes_back(void **state) {
    check(*state);
}

static void scan_tells_rates_and_gaps(void **state) {
    (void)state;
    static const int64_t uneven_ms[] = {0, 40, 80, 120, 400, 440};
    char path[PATH_CAP], times[PATH_CAP];
    made_video m = {AV_CODEC_ID_FFV1, AV_PIX_FMT_GRAY8, SIDE, SIDE, 8, FRAMES, NULL};
    snprintf(path, sizeof path, "%s/even.mkv", test_folder());
    make_video(path, &m);
    sv_video_scan scan;
    assert_int_equal(sv_video_scan_file(&scan, path, NULL), SV_OK);
    assert_int_equal(scan.n_video, 1);
    assert_int_equal(scan.n_frames, FRAMES);
    assert_int_equal(scan.step_median, 40000000);
    assert_int_equal(scan.n_gaps, 0);
    assert_false(scan.is_variable);
    m.pts_ms = uneven_ms;
    make_video(path, &m);
    assert_int_equal(sv_video_scan_file(&scan, path, NULL), SV_OK);
    assert_int_equal(scan.step_max, 280000000);
    assert_int_equal(scan.n_gaps, 1);
    assert_true(scan.is_variable);
    snprintf(times, sizeof times, "%s/times.csv", test_folder());
    FILE *file = fopen(times, "w");
    fputs("frame,t_s\n0,5\n1,5.1\n2,5.2\n3,5.9\n", file);
    fclose(file);
    assert_int_equal(sv_video_scan_file(&scan, path, times), SV_OK);
    assert_int_equal(scan.n_frames, 4);
    assert_int_equal(scan.t_first, 5000000000);
    assert_int_equal(scan.n_gaps, 1);
    assert_int_equal(sv_video_scan_file(&scan, "no_such_file.mp4", NULL), SV_ERR_INPUT);
}

int main(void) {
    enum { N = sizeof list / sizeof *list };
    struct CMUnitTest tests[N + 1] = {cmocka_unit_test(scan_tells_rates_and_gaps)};
    for (size_t i = 0; i < N; i++)
        tests[i + 1] = (struct CMUnitTest){list[i].name, codec_comes_back, NULL, NULL, (void *)&list[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
