/* Videos made on the spot: every pixel and every time as written, and one clear line where a file is broken. */
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

enum { PATH_CAP = 256 };
static const made_video gray = {AV_CODEC_ID_FFV1, AV_PIX_FMT_GRAY8, 64, 48, 8, 12, NULL};

static char *in_folder(char path[PATH_CAP], const char *name) {
    snprintf(path, PATH_CAP, "%s/%s", test_folder(), name);
    return path;
}

static void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "wb");
    fputs(text, file);
    fclose(file);
}

static sv_video *opened(const char *path, const char *times, int n_threads) {
    sv_video *video = NULL;
    if (sv_video_open(&video, path, times, n_threads) != SV_OK)
        fail_msg("%s", sv_error_text());
    return video;
}

static int pixel(const sv_frame *f, int x, int y) {
    const uint8_t *row = (const uint8_t *)f->pixels + f->pitch * y;
    return f->bit_depth > 8 ? row[2 * x] | row[2 * x + 1] << 8 : row[x];
}

/* Every frame of a lossless video, bit for bit. */
static void check_pixels(const char *name, const made_video *made, int n_threads) {
    char path[PATH_CAP];
    make_video(in_folder(path, name), made);
    sv_video *video = opened(path, NULL, n_threads);
    assert_int_equal(sv_video_get_info(video)->bit_depth, made->depth);
    sv_frame frame;
    for (int k = 0; k < made->n_frames; k++) {
        assert_int_equal(sv_video_next(video, &frame), SV_OK);
        assert_int_equal(frame.number, k);
        assert_int_equal(frame.t, (sv_time)40000000 * k);
        for (int y = 0; y < made->height; y++)
            for (int x = 0; x < made->width; x++)
                assert_int_equal(pixel(&frame, x, y), made_pixel(made, k, x, y));
    }
    assert_int_equal(sv_video_next(video, &frame), SV_END);
    sv_video_close(video);
}

static void luma_comes_through_untouched(void **state) {
    (void)state;
    made_video m = gray;
    check_pixels("gray8.mkv", &m, 1);
    check_pixels("gray8.mkv", &m, 4);
    m = (made_video){AV_CODEC_ID_FFV1, AV_PIX_FMT_YUV420P10LE, 64, 48, 10, 5, NULL};
    check_pixels("ten.mkv", &m, 2);
    m = (made_video){AV_CODEC_ID_FFV1, AV_PIX_FMT_GRAY12LE, 33, 17, 12, 5, NULL};
    check_pixels("twelve.mkv", &m, 2);
}

/* R, G, B all equal keep their value: 77 + 150 + 29 = 256. */
static void rgb_becomes_luma_by_the_integer_formula(void **state) {
    (void)state;
    char path[PATH_CAP];
    const made_video m = {AV_CODEC_ID_PNG, AV_PIX_FMT_GRAY8, 32, 16, 8, 3, NULL};
    make_video(in_folder(path, "img_%03d.png"), &m);
    assert_true(sv_video_detect(path));
    sv_video *video = opened(path, NULL, 1);
    sv_frame frame;
    for (int k = 0; k < 3; k++) {
        assert_int_equal(sv_video_next(video, &frame), SV_OK);
        assert_int_equal(pixel(&frame, 7, 5), made_pixel(&m, k, 7, 5));
    }
    sv_video_close(video);
}

static void lossy_codecs_decode_alike_on_any_thread_count(void **state) {
    (void)state;
    const made_video made[] = {{AV_CODEC_ID_MPEG4, AV_PIX_FMT_YUV420P, 64, 48, 8, 10, NULL},
                               {AV_CODEC_ID_MJPEG, AV_PIX_FMT_YUVJ420P, 64, 48, 8, 10, NULL}};
    char path[PATH_CAP];
    for (size_t i = 0; i < 2; i++) {
        make_video(in_folder(path, "lossy.avi"), &made[i]);
        sv_video *one = opened(path, NULL, 1), *four = opened(path, NULL, 4);
        sv_frame a, b;
        int n = 0;
        while (sv_video_next(one, &a) == SV_OK) {
            assert_int_equal(sv_video_next(four, &b), SV_OK);
            for (int y = 0; y < 48; y++)
                assert_memory_equal((const uint8_t *)a.pixels + a.pitch * y, (const uint8_t *)b.pixels + b.pitch * y,
                                    64);
            n++;
        }
        assert_int_equal(n, 10);
        sv_video_close(one);
        sv_video_close(four);
    }
}

static const int64_t uneven_ms[] = {0, 40, 41, 100, 500, 533};

static void variable_rates_keep_their_times(void **state) {
    (void)state;
    char path[PATH_CAP];
    made_video m = gray;
    m.n_frames = 6;
    m.pts_ms = uneven_ms;
    make_video(in_folder(path, "uneven.mkv"), &m);
    sv_video *video = opened(path, NULL, 1);
    sv_frame frame;
    for (int k = 0; k < 6; k++) {
        assert_int_equal(sv_video_next(video, &frame), SV_OK);
        assert_int_equal(frame.t, uneven_ms[k] * 1000000);
    }
    sv_video_close(video);
}

static void a_table_gives_the_times(void **state) {
    (void)state;
    char path[PATH_CAP], times[PATH_CAP];
    made_video m = gray;
    m.n_frames = 3;
    make_video(in_folder(path, "three.mkv"), &m);
    write_text(in_folder(times, "three.csv"), "t_s,frame\n10.5,0\n10.6,1\n");
    sv_video *video = opened(path, times, 1);
    sv_frame frame;
    assert_int_equal(sv_video_next(video, &frame), SV_OK);
    assert_true(frame.t == 10500000000);
    assert_int_equal(sv_video_next(video, &frame), SV_OK);
    assert_int_equal(sv_video_next(video, &frame), SV_ERR_INPUT);
    assert_non_null(strstr(sv_error_text(), "frame 2 has no row in the table"));
    sv_video_close(video);
    write_text(times, "t_s,frame\n10.5,0\n10.5,1\n");
    assert_int_equal(sv_video_open(&video, path, times, 1), SV_ERR_INPUT);
    assert_non_null(strstr(sv_error_text(), "three.csv: line 3: t_s is not later"));
}

static void fails_with(const char *path, const char *words) {
    sv_video *video = NULL;
    sv_status status = sv_video_open(&video, path, NULL, 2);
    sv_frame frame;
    while (status == SV_OK)
        status = sv_video_next(video, &frame);
    sv_video_close(video);
    assert_int_equal(status, SV_ERR_INPUT);
    assert_non_null(strstr(sv_error_text(), path));
    if (!strstr(sv_error_text(), words))
        fail_msg("expected '%s', found: %s", words, sv_error_text());
    assert_null(strchr(sv_error_text(), '\n'));
}

static void broken_files_give_one_line(void **state) {
    (void)state;
    char path[PATH_CAP];
    fails_with(in_folder(path, "absent.mp4"), "cannot be opened as a video");
    write_text(in_folder(path, "words.mp4"), "these are only words, but quite a lot of them\n");
    fails_with(path, "cannot be opened as a video");
    write_text(in_folder(path, "empty.mkv"), "");
    fails_with(path, "cannot be opened as a video");
    made_video m = gray;
    m.n_frames = 0;
    make_video(in_folder(path, "none.mkv"), &m);
    fails_with(path, "");
    make_video(in_folder(path, "torn.mp4"), &(made_video){AV_CODEC_ID_MPEG4, AV_PIX_FMT_YUV420P, 64, 48, 8, 10, NULL});
    assert_int_equal(truncate(path, 900), 0);
    fails_with(path, "cannot be opened as a video");
}

static void write_y4m(const char *path, int n_frames) {
    enum { SIDE = 16 };
    FILE *file = fopen(path, "wb");
    fprintf(file, "YUV4MPEG2 W%d H%d F25:1 Ip Cmono\n", SIDE, SIDE);
    for (int k = 0; k < n_frames; k++) {
        fputs("FRAME\n", file);
        for (int i = 0; i < SIDE * SIDE; i++)
            fputc(i, file);
    }
    fclose(file);
}

/* Raw frames end anywhere: nothing in them tells that some are missing, but the file's length does. */
static void a_cut_in_the_last_raw_frame_is_found(void **state) {
    (void)state;
    enum { N = 3, HEADER = 33, FRAME = 6 + 16 * 16 };
    static const int cuts[] = {1, 200, FRAME - 7, FRAME - 3};
    char path[PATH_CAP];
    write_y4m(in_folder(path, "whole.y4m"), N);
    sv_video *video = opened(path, NULL, 1);
    sv_frame frame;
    int n = 0;
    while (sv_video_next(video, &frame) == SV_OK)
        n++;
    sv_video_close(video);
    assert_int_equal(n, N);
    for (int i = 0; i < 4; i++) {
        write_y4m(in_folder(path, "cut.y4m"), N);
        assert_int_equal(truncate(path, HEADER + N * FRAME - cuts[i]), 0);
        fails_with(path, "is cut off");
    }
}

/* Lossless frames carry a checksum each: one wrong byte is found. */
static void damage_is_found(void **state) {
    (void)state;
    char path[PATH_CAP];
    made_video m = gray;
    make_video(in_folder(path, "bent.mkv"), &m);
    FILE *file = fopen(path, "r+b");
    fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    for (long at = size / 2; at < size / 2 + 64; at++) {
        fseek(file, at, SEEK_SET);
        fputc(0x5A, file);
    }
    fclose(file);
    fails_with(path, "frame ");
}

static void files_are_merged_by_time(void **state) {
    (void)state;
    char a[PATH_CAP], b[PATH_CAP];
    made_video m = gray;
    m.n_frames = 3;
    make_video(in_folder(a, "a.mkv"), &m); /* 0 40 80 */
    m.n_frames = 4;
    m.pts_ms = uneven_ms; /* 0 40 41 100 */
    make_video(in_folder(b, "b.mkv"), &m);
    const char *const path[] = {a, b};
    sv_video_rig *rig;
    assert_int_equal(sv_video_rig_open(&rig, path, NULL, 2, 1), SV_OK);
    sv_source source = sv_video_rig_source(rig);
    const int camera[] = {0, 1, 0, 1, 1, 0, 1}, frame[] = {0, 0, 1, 1, 2, 2, 3};
    sv_event event;
    for (int i = 0; i < 7; i++) {
        assert_int_equal(source.next(source.self, &event), SV_OK);
        assert_int_equal(event.kind, SV_EVENT_FRAME);
        assert_int_equal(event.camera, camera[i]);
        assert_int_equal(event.frame, frame[i]);
        assert_int_equal(event.as.image.camera, camera[i]);
        assert_int_equal(event.seq, i + 1);
    }
    assert_int_equal(source.next(source.self, &event), SV_OK);
    assert_int_equal(event.kind, SV_EVENT_END);
    assert_int_equal(source.next(source.self, &event), SV_END);
    sv_video_rig_destroy(rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(luma_comes_through_untouched),
        cmocka_unit_test(rgb_becomes_luma_by_the_integer_formula),
        cmocka_unit_test(lossy_codecs_decode_alike_on_any_thread_count),
        cmocka_unit_test(variable_rates_keep_their_times),
        cmocka_unit_test(a_table_gives_the_times),
        cmocka_unit_test(broken_files_give_one_line),
        cmocka_unit_test(a_cut_in_the_last_raw_frame_is_found),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(files_are_merged_by_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
