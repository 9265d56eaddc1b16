/* Recording: packing noisy 8K frames, direct chunks against write(2), opening and seeking a long session. */
#include "bench.h"

#include <fcntl.h>
#include <replay/bitshuffle.h>
#include <replay/session.h>
#include <replay/session_file.h>
#include <skyvox/rng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 7680, HEIGHT = 4320, N_RUNS = 15, N_FRAMES = 12, N_LONG = 100000, N_SEEKS = 100 };

/* Sky with a slope and Gaussian noise (sum of twelve uniforms). */
static double pixel(size_t i, double level, double sigma) {
    double sum = -6;
    uint64_t a = sv_rng(3, 1, i), b = sv_rng(3, 2, i);
    for (int k = 0; k < 6; k++)
        sum += (double)((a >> 10 * k & 1023) + (b >> 10 * k & 1023)) / 1023.0;
    return level + level * 0.15 * (double)(i / WIDTH) / HEIGHT + sigma * sum;
}

typedef struct images {
    uint8_t *eight;
    uint16_t *twelve;
    uint8_t *packed, *unpacked;
} images;

static bool make_images(images *im) {
    size_t n = (size_t)WIDTH * HEIGHT;
    im->eight = malloc(n);
    im->twelve = malloc(2 * n);
    im->packed = malloc(sv_bitshuffle_bound(2 * n));
    im->unpacked = malloc(2 * n);
    if (!im->eight || !im->twelve || !im->packed || !im->unpacked)
        return false;
    for (size_t i = 0; i < n; i++) {
        im->eight[i] = (uint8_t)pixel(i, 140, 3);
        im->twelve[i] = (uint16_t)pixel(i, 2400, 12);
    }
    return true;
}

typedef struct codec {
    double pack[N_RUNS], unpack[N_RUNS]; /* GB/s of every run */
    double ratio;                        /* the same in all */
} codec;

static bool time_codec(codec *out, images *im, const void *pixels, size_t size) {
    size_t n = (size_t)WIDTH * HEIGHT * size, n_packed = 1;
    memset(im->unpacked, 0, n); /* its pages are there before the first run */
    for (int i = 0; i < N_RUNS; i++) {
        double begin = bench_now_s();
        sv_bitshuffle_encode(im->packed, &n_packed, pixels, n, size, NULL);
        double packed = bench_now_s();
        if (sv_bitshuffle_decode(im->unpacked, n, im->packed, n_packed, size, NULL) != SV_OK)
            return false;
        out->unpack[i] = (double)n / (bench_now_s() - packed) * 1e-9;
        out->pack[i] = (double)n / (packed - begin) * 1e-9;
    }
    out->ratio = (double)n / (double)n_packed;
    return memcmp(im->unpacked, pixels, n) == 0;
}

static double write_plain(const void *data, size_t n, const char *path) {
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
    double begin = bench_now_s();
    for (int i = 0; i < N_FRAMES && fd >= 0; i++)
        if (pwrite(fd, data, n, (off_t)(n * (size_t)i)) != (ssize_t)n)
            return 0;
    double rate = (double)n * N_FRAMES / (bench_now_s() - begin) * 1e-9;
    close(fd);
    unlink(path);
    return rate;
}

static sv_config one_camera(sv_camera *camera, int32_t width, int32_t height) {
    *camera = (sv_camera){.width = width,
                          .height = height,
                          .bit_depth = 8,
                          .fx = 7000,
                          .fy = 7000,
                          .rate_hz = 30,
                          .sigma_px = 0.3,
                          .R_cw = {{1, 0, 0, 0, 1, 0, 0, 0, 1}}};
    sv_config config = sv_config_default();
    config.camera = camera;
    config.n_cameras = 1;
    return config;
}

/* Frames as chunks through the file that recordings use. */
static double write_chunks(const void *packed, size_t n, const char *path) {
    sv_camera camera;
    one_camera(&camera, WIDTH, HEIGHT);
    sv_session_file_options options = {.camera = &camera, .n_cameras = 1, .json = "{}"};
    sv_session_file *file;
    if (sv_session_file_create(&file, path, &options) != SV_OK)
        return 0;
    double begin = bench_now_s();
    for (int i = 0; i < N_FRAMES; i++) {
        sv_index_row index = {.number = i};
        if (sv_session_file_frame(file, 0, packed, n, &index) != SV_OK)
            return 0;
    }
    double rate = (double)n * N_FRAMES / (bench_now_s() - begin) * 1e-9;
    sv_session_file_abandon(file);
    unlink(path);
    return rate;
}

/* 100,000 frames of a small camera; worst of opening and of opening a replay at any time. */
static bool open_and_seek(double *open_ms, double *seek_ms, const char *path) {
    sv_camera camera;
    sv_config config = one_camera(&camera, 32, 16);
    uint8_t pixels[32 * 16] = {0};
    sv_recorder_options options = {.config = &config};
    sv_recorder *recorder;
    if (sv_recorder_create(&recorder, path, &options, NULL) != SV_OK)
        return false;
    sv_sink sink = sv_recorder_sink(recorder);
    for (int32_t i = 0; i < N_LONG; i++) {
        sv_time t = (sv_time)i * 33333333;
        sv_event event = {.seq = (uint64_t)i, .t = t, .kind = SV_EVENT_FRAME, .frame = i};
        event.as.image =
            (sv_frame){.number = i, .t = t, .width = 32, .height = 16, .bit_depth = 8, .pitch = 32, .pixels = pixels};
        pixels[0] = (uint8_t)i;
        if (sink.event(sink.self, &event) != SV_OK)
            return false;
    }
    if (sv_recorder_close(recorder) != SV_OK)
        return false;
    *open_ms = *seek_ms = 0;
    for (int i = 0; i < N_SEEKS; i++) {
        sv_session *session;
        double begin = bench_now_s();
        if (sv_session_open(&session, path) != SV_OK)
            return false;
        double opened = bench_now_s();
        sv_frame frame;
        int64_t row = (int64_t)(sv_rng(3, 5, (uint64_t)i) % N_LONG);
        int64_t found = sv_session_seek(session, SV_TABLE_EVENTS, row * 33333333);
        bool good = found == row && sv_session_read_frame(&frame, session, 0, row, NULL) == SV_OK;
        double end = bench_now_s();
        sv_session_close(session);
        *open_ms = 1e3 * (opened - begin) > *open_ms ? 1e3 * (opened - begin) : *open_ms;
        *seek_ms = 1e3 * (end - opened) > *seek_ms ? 1e3 * (end - opened) : *seek_ms;
        if (!good)
            return false;
    }
    unlink(path);
    return true;
}

/* Median of values that bench_add_row has sorted. */
static double middle(const double sorted[N_RUNS]) {
    return sorted[N_RUNS / 2];
}

static sv_status measure(bench_result *out, images *im, const char *path) {
    codec eight, twelve;
    double share[N_RUNS], plain[N_RUNS], chunks[N_RUNS], open_ms, seek_ms;
    if (!time_codec(&twelve, im, im->twelve, 2) || !time_codec(&eight, im, im->eight, 1))
        return sv_fail(SV_ERR_IO, "an image did not come back as it was packed");
    size_t n = (size_t)((double)WIDTH * HEIGHT / eight.ratio);
    write_plain(im->packed, n, path); /* the first file after a rest is slow, whoever writes it */
    for (int i = 0; i < N_RUNS; i++) {
        plain[i] = write_plain(im->packed, n, path);
        chunks[i] = write_chunks(im->packed, n, path);
        share[i] = chunks[i] / plain[i];
    }
    if (!open_and_seek(&open_ms, &seek_ms, path))
        return sv_fail(SV_ERR_IO, "a session of %d frames did not open or seek", N_LONG);
    bench_add_row(out, "pack 8 bit, 1 thread", "GB/s", eight.pack, N_RUNS);
    bench_add_row(out, "pack 12 bit, 1 thread", "GB/s", twelve.pack, N_RUNS);
    bench_add_row(out, "unpack 8 bit, 1 thread", "GB/s", eight.unpack, N_RUNS);
    bench_add_row(out, "unpack 12 bit, 1 thread", "GB/s", twelve.unpack, N_RUNS);
    bench_add_row(out, "write(2)", "GB/s", plain, N_RUNS);
    bench_add_row(out, "direct chunks", "GB/s", chunks, N_RUNS);
    bench_add_row(out, "direct chunks / write(2)", "", share, N_RUNS);
    bench_add_row(out, "open 100,000 frames, worst of 100", "ms", &open_ms, 1);
    bench_add_row(out, "seek to any frame, worst of 100", "ms", &seek_ms, 1);
    bench_add_ratio(out, "encode_gb_per_s_8bit_1t", middle(eight.pack));
    bench_add_ratio(out, "encode_gb_per_s_12bit_1t", middle(twelve.pack));
    bench_add_ratio(out, "decode_gb_per_s_8bit_1t", middle(eight.unpack));
    bench_add_ratio(out, "decode_gb_per_s_12bit_1t", middle(twelve.unpack));
    bench_add_ratio(out, "ratio_8bit", eight.ratio);
    bench_add_ratio(out, "ratio_12bit", twelve.ratio);
    bench_add_ratio(out, "direct_chunk_share", middle(share));
    return SV_OK;
}

static sv_status run(bench_result *out) {
    images im = {0};
    char path[64];
    snprintf(path, sizeof path, "skyvox-bench-%ld.h5", (long)getpid());
    sv_status status = make_images(&im) ? measure(out, &im, path) : sv_fail(SV_ERR_NOMEM, "out of memory");
    free(im.eight);
    free(im.twelve);
    free(im.packed);
    free(im.unpacked);
    return status;
}

const bench bench_session = {.name = "session", .summary = "recording and opening sessions", .run = run};
