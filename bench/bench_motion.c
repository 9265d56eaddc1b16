/** The detector's work on every pixel at 8K, beside OpenCV and beside the speed of memory, all in one process and taking turns. */
#include "bench.h"
#include "peers/opencv_motion.h"

#include <core/detect/detect.h>
#include <kernels/kernels.h>
#include <skyvox/pages.h>
#include <skyvox/rng.h>

#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 7680,
    HEIGHT = 4320,
    N_PIXELS = WIDTH * HEIGHT,
    N_FRAMES = 3,
    N_TARGETS = 20000,
    N_OURS = 15,
    N_PEER = 5,
    READ_ROWS = 60
};

/* What is timed: frames of one bit depth, with or without targets. */
typedef struct subject {
    const char *name;
    int bit_depth, n_targets;
    void *frame[N_FRAMES];
    sv_camera camera;
    sv_config config;
    sv_detector *detector; /* of the team at hand */
    double sample[N_OURS];
    size_t n_hits;
} subject;

typedef struct motion {
    subject subject[4];
    sv_backend *backend;
    peer_opencv *peer;
    double pipeline[PEER_LABELLINGS][N_PEER], mog2[N_PEER];
    double read[N_OURS];
    uint64_t read_sum; /* so that nobody leaves the reading out */
} motion;

enum { N_SUBJECTS = sizeof((motion *)0)->subject / sizeof(subject) };

/* ---- frames ---- */

static void put(void *frame, int bit_depth, size_t i, int value) {
    const int top = (1 << bit_depth) - 1;
    value = value < 0 ? 0 : value > top ? top : value;
    if (bit_depth == 8)
        ((uint8_t *)frame)[i] = (uint8_t)value;
    else
        ((uint16_t *)frame)[i] = (uint16_t)value;
}

/* Grey with noise of sigma 2.5: the sum of the bits of a random number. */
static void add_noise(void *frame, int bit_depth, uint64_t seed) {
    for (size_t i = 0; i < N_PIXELS; i++) {
        const uint64_t z = sv_rng(seed, 1, i);
        put(frame, bit_depth, i, 100 + (__builtin_popcountll(z) - 32) * 5 / 8);
    }
}

/* Weak points, SNR about 9, at places that differ from frame to frame, one in each field of a grid. */
static void add_targets(void *frame, int bit_depth, int n, uint64_t seed) {
    enum { ACROSS = 200, DOWN = 100, STEP_X = WIDTH / ACROSS, STEP_Y = HEIGHT / DOWN };
    for (int k = 0; k < n; k++) {
        const uint64_t z = sv_rng(seed, 2, (uint64_t)k);
        const size_t x = (size_t)(k % ACROSS * STEP_X) + 4 + (z & 0xffff) % (STEP_X - 10);
        const size_t y = (size_t)(k / ACROSS * STEP_Y) + 4 + (z >> 32) % (STEP_Y - 10);
        put(frame, bit_depth, y * WIDTH + x, 132);
    }
}

static sv_status make_frames(subject *s) {
    const size_t size = s->bit_depth == 8 ? 1 : 2;
    for (int k = 0; k < N_FRAMES; k++) {
        s->frame[k] = sv_pages_alloc(N_PIXELS * size);
        if (!s->frame[k])
            return sv_fail(SV_ERR_NOMEM, "no memory for the frames");
        add_noise(s->frame[k], s->bit_depth, (uint64_t)k);
        add_targets(s->frame[k], s->bit_depth, s->n_targets, (uint64_t)k);
    }
    return SV_OK;
}

/* ---- turns ---- */

static void run_frame(subject *s, int k) {
    const sv_frame frame = {.pixels = s->frame[k % N_FRAMES],
                            .pitch = WIDTH * (s->bit_depth == 8 ? 1 : 2),
                            .width = WIDTH,
                            .height = HEIGHT,
                            .bit_depth = s->bit_depth};
    s->n_hits = sv_detector_extract(s->detector, &frame);
}

static sv_status start_subject(subject *s, const sv_backend *backend, sv_team *team) {
    s->camera = (sv_camera){.width = WIDTH, .height = HEIGHT, .bit_depth = s->bit_depth, .rate_hz = 30};
    s->config = sv_config_default();
    s->config.camera = &s->camera;
    s->config.n_cameras = 1;
    s->config.detect.snr_low = 6;
    s->config.detect.warmup_frames = 2;
    sv_status status = sv_detector_create(&s->detector, &s->config, backend, team);
    for (int k = 0; status == SV_OK && k < 4; k++)
        run_frame(s, k);
    return status;
}

static double ms_since(double begin) {
    return 1e3 * (bench_now_s() - begin);
}

/* Reading a pixel's 2 bytes and nothing else: what no pass over image and background can beat. */
typedef struct reading {
    const unsigned char *frame;
    const unsigned char *background;
    uint64_t sum[HEIGHT / READ_ROWS];
} reading;

/* Several runs side by side: the machine fetches ahead in each of them, and reads a fifth faster than in one. */
static uint64_t sum_of_runs(const unsigned char *bytes, size_t n) {
    enum { RUNS = 10, PIECE = 256 };
    const size_t run = n / RUNS;
    uint64_t sum = 0, word;
    for (size_t at = 0; at < run; at += PIECE)
        for (size_t k = 0; k < RUNS; k++)
            for (size_t i = 0; i < PIECE; i += sizeof word) {
                memcpy(&word, bytes + k * run + at + i, sizeof word);
                sum += word;
            }
    return sum;
}

static void read_rows(void *user, size_t i_block) {
    reading *r = user;
    const size_t first = i_block * READ_ROWS * WIDTH, n = READ_ROWS * WIDTH;
    r->sum[i_block] = sum_of_runs(r->frame + first, n) + sum_of_runs(r->background + first, n);
}

static double read_ms(motion *m, const void *frame, sv_team *team) {
    reading r = {.frame = frame, .background = sv_detector_background(m->subject[0].detector, 0).high};
    const double begin = bench_now_s();
    sv_team_run(team, HEIGHT / READ_ROWS, read_rows, &r);
    const double ms = ms_since(begin);
    for (int i = 0; i < HEIGHT / READ_ROWS; i++)
        m->read_sum += r.sum[i];
    return ms;
}

static sv_status take_turns(motion *m, sv_team *team) {
    for (int r = 0; r < N_OURS; r++) {
        for (int i = 0; i < N_SUBJECTS; i++) {
            const double begin = bench_now_s();
            run_frame(&m->subject[i], r);
            m->subject[i].sample[r] = ms_since(begin);
        }
        const void *frame = m->subject[0].frame[r % N_FRAMES];
        m->read[r] = read_ms(m, frame, team);
        for (int i = 0; m->peer && r < N_PEER && i < PEER_LABELLINGS; i++) {
            const double begin = bench_now_s();
            if (!peer_opencv_pipeline(m->peer, frame, i))
                return sv_fail(SV_ERR_NOMEM, "OpenCV's pipeline failed");
            m->pipeline[i][r] = ms_since(begin);
        }
        if (m->peer && r < N_PEER) {
            const double begin = bench_now_s();
            if (!peer_opencv_mog2(m->peer, frame))
                return sv_fail(SV_ERR_NOMEM, "OpenCV's MOG2 failed");
            m->mog2[r] = ms_since(begin);
        }
    }
    return SV_OK;
}

/* ---- figures ---- */

static double median_added(bench_result *out, const char *name, int n_threads, double *sample, int n) {
    char full[2 * BENCH_NAME_CAP];
    snprintf(full, sizeof full, "%s, %dt", name, n_threads);
    bench_add_row(out, full, "ms", sample, n);
    return sample[n / 2];
}

static void add_ratio(bench_result *out, const char *name, int n_threads, double value) {
    char full[2 * BENCH_NAME_CAP];
    snprintf(full, sizeof full, "%s_%dt", name, n_threads);
    bench_add_ratio(out, full, value);
}

static void add_figures(bench_result *out, motion *m, int n_threads, double copy_gb_per_s) {
    double ms[N_SUBJECTS];
    for (int i = 0; i < N_SUBJECTS; i++)
        ms[i] = median_added(out, m->subject[i].name, n_threads, m->subject[i].sample, N_OURS);
    const double limit_ms = 1e-6 * 5 * N_PIXELS / copy_gb_per_s;
    add_ratio(out, "bandwidth_share", n_threads, limit_ms / ms[0]);
    if (n_threads == 1)
        bench_add_ratio(out, "candidates_20000", ms[1] / ms[0]);
    const double least_ms = median_added(out, "reading image and background", n_threads, m->read, N_OURS);
    if (!m->peer)
        return;
    double best = 0;
    for (int i = 0; i < PEER_LABELLINGS; i++) {
        char name[BENCH_NAME_CAP];
        snprintf(name, sizeof name, "OpenCV pipeline, %s", peer_opencv_labelling[i]);
        const double peer_ms = median_added(out, name, n_threads, m->pipeline[i], N_PEER);
        best = i == 0 || peer_ms < best ? peer_ms : best;
        if (i == 0) {
            add_ratio(out, "opencv_pipeline", n_threads, peer_ms / ms[0]);
            add_ratio(out, "opencv_pipeline_if_only_read", n_threads, peer_ms / least_ms);
        }
    }
    add_ratio(out, "opencv_pipeline_best", n_threads, best / ms[0]);
    add_ratio(out, "opencv_mog2", n_threads, median_added(out, "OpenCV MOG2", n_threads, m->mog2, N_PEER) / ms[0]);
}

static sv_status measure(bench_result *out, motion *m, int n_threads) {
    sv_team *team = NULL;
    double copy = 0;
    sv_status status = sv_team_create(&team, n_threads);
    if (status == SV_OK)
        status = bench_copy_best_gb_per_s(&copy, team);
    if (m->peer)
        peer_opencv_set_threads(n_threads);
    for (int i = 0; status == SV_OK && i < N_SUBJECTS; i++)
        status = start_subject(&m->subject[i], m->backend, team);
    if (status == SV_OK)
        status = take_turns(m, team);
    if (status == SV_OK) {
        add_figures(out, m, n_threads, copy);
        bench_add_limit(out, n_threads == 1 ? "copy_gb_per_s_1t" : "copy_gb_per_s_2t", copy);
    }
    for (int i = 0; i < N_SUBJECTS; i++) {
        sv_detector_destroy(m->subject[i].detector);
        m->subject[i].detector = NULL;
    }
    sv_team_destroy(team);
    return status;
}

static sv_status start_peer(motion *m) {
    if (!peer_opencv_is_built())
        return SV_OK;
    m->peer = peer_opencv_create(WIDTH, HEIGHT, m->subject[0].frame[0]);
    for (int k = 0; m->peer && k < 2; k++)
        if (!peer_opencv_mog2(m->peer, m->subject[0].frame[k]))
            return sv_fail(SV_ERR_NOMEM, "OpenCV's MOG2 failed");
    return m->peer ? SV_OK : sv_fail(SV_ERR_NOMEM, "OpenCV failed to start");
}

static sv_status run(bench_result *out) {
    motion *m = calloc(1, sizeof *m);
    if (!m)
        return sv_fail(SV_ERR_NOMEM, "no memory for the benchmark");
    static const subject subjects[] = {{.name = "8 bit", .bit_depth = 8},
                                       {.name = "8 bit, 20,000 candidates", .bit_depth = 8, .n_targets = N_TARGETS},
                                       {.name = "12 bit", .bit_depth = 12},
                                       {.name = "14 bit", .bit_depth = 14}};
    memcpy(m->subject, subjects, sizeof subjects);
    sv_status status = sv_backend_create(&m->backend, SV_BACKEND_AUTO);
    for (int i = 0; status == SV_OK && i < N_SUBJECTS; i++)
        status = make_frames(&m->subject[i]);
    if (status == SV_OK)
        status = start_peer(m);
    for (int n_threads = 1; status == SV_OK && n_threads <= 2; n_threads++)
        status = measure(out, m, n_threads);
    if (!peer_opencv_is_built())
        bench_add_row(out, "OpenCV: not built", "ms", (double[]){0}, 1);
    peer_opencv_destroy(m->peer);
    for (int i = 0; i < N_SUBJECTS; i++)
        for (int k = 0; k < N_FRAMES; k++)
            free(m->subject[i].frame[k]);
    sv_backend_destroy(m->backend);
    if (status == SV_OK && m->read_sum == 0)
        status = sv_fail(SV_ERR_INPUT, "the frames are empty");
    free(m);
    return status;
}

const bench bench_motion = {
    .name = "motion", .summary = "the detector's work on every pixel of an 8K frame, beside OpenCV", .run = run};
