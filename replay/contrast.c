#include <replay/contrast.h>
#include <replay/hevc.h>
#include <skyvox/math.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SPACING = 32,
    HALF = 2,
    SIDE = 2 * HALF + 1,
    TARGETS_MIN = 200,
    ROUNDS_MAX = 16,
    WIDTH_MAX = 2048,
    HEIGHT_MAX = 1152
};
static const double psf_sigma_px = 0.7;
static const double peak_sigma[SV_VIDEO_CONTRASTS] = {5, 10};
static const double quantisation_sigma = 0.28867513459481287; /* 1 / sqrt(12) DN: an image without noise has this */

/* One measurement under way. Target i is of peak i % 2, dark where i / 2 is odd. */
typedef struct trial {
    sv_camera part; /* the camera, of the part of the image that is used */
    sv_hevc_encoder *encoder;
    sv_hevc_decoder *decoder;
    size_t row_bytes, n_bytes;
    double sigma_dn;
    uint8_t *plain, *planted;          /* the image and with targets */
    uint8_t *plain_out, *out;          /* decoded */
    int32_t across, n_in_round;        /* targets */
    double *share[SV_VIDEO_CONTRASTS]; /* [n_share] of every target */
    size_t n_share[SV_VIDEO_CONTRASTS];
} trial;

static int32_t get(const trial *t, const uint8_t *image, int32_t u, int32_t v) {
    const uint8_t *row = image + (size_t)v * t->row_bytes;
    return t->part.bit_depth > 8 ? ((const uint16_t *)(const void *)row)[u] : row[u];
}

static void put(const trial *t, uint8_t *image, int32_t u, int32_t v, int32_t dn) {
    uint8_t *row = image + (size_t)v * t->row_bytes;
    int32_t most = (1 << t->part.bit_depth) - 1;
    dn = dn < 0 ? 0 : dn > most ? most : dn;
    if (t->part.bit_depth > 8) {
        ((uint16_t *)(void *)row)[u] = (uint16_t)dn;
    } else {
        row[u] = (uint8_t)dn;
    }
}

/* Median of |second difference along a row|, taken between whole numbers, as noise of a pixel. */
static double measure_sigma(const trial *t) {
    enum { BINS = 4096 };
    int64_t bin[BINS] = {0}, n = 0, below = 0;
    for (int32_t v = 0; v < t->part.height; v++) {
        for (int32_t u = 1; u + 1 < t->part.width; u++) {
            int32_t d = get(t, t->plain, u - 1, v) - 2 * get(t, t->plain, u, v) + get(t, t->plain, u + 1, v);
            d = d < 0 ? -d : d;
            bin[d < BINS ? d : BINS - 1]++;
            n++;
        }
    }
    int32_t k = 0;
    while (2 * (below + bin[k]) < n) {
        below += bin[k++];
    }
    double width = k > 0 ? 1 : 0.5; /* |d| = 0 stands for 0 to 0.5 */
    double median = (k > 0 ? k - 0.5 : 0) + width * (0.5 * (double)n - (double)below) / (double)bin[k];
    double sigma = median / (0.6744897501960817 * sqrt(6));
    return sigma > quantisation_sigma ? sigma : quantisation_sigma;
}

/* Centre of a target; every round shifts them, so that they meet other noise and other blocks of the codec. */
static void place(int32_t *u, int32_t *v, const trial *t, int32_t i, int round) {
    *u = i % t->across * SPACING + HALF + round * 7 % (SPACING - SIDE);
    *v = i / t->across * SPACING + HALF + round * 11 % (SPACING - SIDE);
}

static double peak_of(const trial *t, int32_t i) {
    double peak = peak_sigma[i % SV_VIDEO_CONTRASTS] * t->sigma_dn;
    return i / SV_VIDEO_CONTRASTS % 2 == 0 ? peak : -peak;
}

static void plant(trial *t, int round) {
    memcpy(t->planted, t->plain, t->n_bytes);
    for (int32_t i = 0; i < t->n_in_round; i++) {
        int32_t u, v;
        place(&u, &v, t, i, round);
        for (int32_t y = -HALF; y <= HALF; y++) {
            for (int32_t x = -HALF; x <= HALF; x++) {
                double r2 = (double)(x * x + y * y) / (psf_sigma_px * psf_sigma_px);
                int32_t dn = (int32_t)sv_round_i64(peak_of(t, i) * sv_exp(-0.5 * r2));
                put(t, t->planted, u + x, v + y, get(t, t->plain, u + x, v + y) + dn);
            }
        }
    }
}

/* A target that the range of the sensor cut away says nothing. */
static void take_shares(trial *t, int round) {
    for (int32_t i = 0; i < t->n_in_round; i++) {
        int32_t u, v;
        int64_t found = 0, wanted = 0;
        place(&u, &v, t, i, round);
        for (int32_t k = 0; k < SIDE * SIDE; k++) {
            int32_t x = u + k % SIDE - HALF, y = v + k / SIDE - HALF;
            int64_t q = get(t, t->planted, x, y) - get(t, t->plain, x, y);
            found += q * (get(t, t->out, x, y) - get(t, t->plain_out, x, y));
            wanted += q * q;
        }
        int32_t kind = i % SV_VIDEO_CONTRASTS;
        if (wanted > 0) {
            t->share[kind][t->n_share[kind]++] = (double)found / (double)wanted;
        }
    }
}

static sv_frame frame_of(const trial *t, const uint8_t *pixels) {
    return (sv_frame){.width = t->part.width,
                      .height = t->part.height,
                      .bit_depth = t->part.bit_depth,
                      .pitch = (ptrdiff_t)t->row_bytes,
                      .pixels = pixels};
}

static sv_status pass(trial *t, uint8_t *out, const uint8_t *pixels, size_t *n) {
    const uint8_t *packet;
    sv_frame frame = frame_of(t, pixels);
    sv_status status = sv_hevc_encode(&packet, n, t->encoder, &frame);
    return status == SV_OK ? sv_hevc_decode(out, t->decoder, packet, *n) : status;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static sv_status measure(trial *t, sv_video_row *row, int n_rounds) {
    size_t n, n_planted;
    sv_status status = pass(t, t->plain_out, t->plain, &n);
    for (int round = 0; round < n_rounds && status == SV_OK; round++) {
        plant(t, round);
        status = pass(t, t->out, t->planted, &n_planted);
        if (status == SV_OK) {
            take_shares(t, round);
        }
    }
    if (status != SV_OK) {
        return status;
    }
    row->frame_bytes = (int64_t)n;
    for (int k = 0; k < SV_VIDEO_CONTRASTS; k++) {
        qsort(t->share[k], t->n_share[k], sizeof *t->share[k], by_value);
        row->target_dn[k] = peak_sigma[k] * t->sigma_dn;
        row->contrast[k] = t->n_share[k] > 0 ? t->share[k][t->n_share[k] / 2] : 0;
        row->contrast_p10[k] = t->n_share[k] > 0 ? t->share[k][t->n_share[k] / 10] : 0;
    }
    return SV_OK;
}

static void release(trial *t) {
    sv_hevc_encoder_destroy(t->encoder);
    sv_hevc_decoder_destroy(t->decoder);
    free(t->plain);
    free(t->planted);
    free(t->plain_out);
    free(t->out);
    for (int k = 0; k < SV_VIDEO_CONTRASTS; k++) {
        free(t->share[k]);
    }
}

static sv_status make_room(trial *t, size_t n_targets) {
    bool room = true;
    for (int k = 0; k < SV_VIDEO_CONTRASTS; k++) {
        t->share[k] = malloc(n_targets * sizeof *t->share[k]);
        room = room && t->share[k] != NULL;
    }
    t->plain = malloc(t->n_bytes);
    t->planted = malloc(t->n_bytes);
    t->plain_out = malloc(t->n_bytes);
    t->out = malloc(t->n_bytes);
    room = room && t->plain != NULL && t->planted != NULL && t->plain_out != NULL && t->out != NULL;
    return room ? SV_OK : sv_fail(SV_ERR_NOMEM, "out of memory");
}

/* The middle of the image. */
static void cut_out(trial *t, const sv_frame *image) {
    int32_t v0 = (image->height - t->part.height) / 2;
    size_t u0 = (size_t)((image->width - t->part.width) / 2) * (t->part.bit_depth > 8 ? 2 : 1);
    for (int32_t v = 0; v < t->part.height; v++) {
        const uint8_t *row = (const uint8_t *)image->pixels + (v0 + v) * image->pitch;
        memcpy(t->plain + (size_t)v * t->row_bytes, row + u0, t->row_bytes);
    }
}

sv_status sv_contrast_measure(sv_video_row *out, const sv_camera *camera, const sv_frame *image, int crf,
                              int n_threads) {
    trial t = {.part = *camera};
    t.part.width = camera->width < WIDTH_MAX ? camera->width : WIDTH_MAX;
    t.part.height = camera->height < HEIGHT_MAX ? camera->height : HEIGHT_MAX;
    t.row_bytes = (size_t)t.part.width * (camera->bit_depth > 8 ? 2 : 1);
    t.n_bytes = t.row_bytes * (size_t)t.part.height;
    t.across = t.part.width / SPACING;
    t.n_in_round = t.across * (t.part.height / SPACING);
    sv_status status = sv_hevc_encoder_create(&t.encoder, &t.part, crf, n_threads);
    status = status == SV_OK ? sv_hevc_decoder_create(&t.decoder, &t.part, n_threads) : status;
    if (status == SV_OK) {
        int n_rounds = (TARGETS_MIN + t.n_in_round - 1) / t.n_in_round;
        n_rounds = n_rounds < ROUNDS_MAX ? n_rounds : ROUNDS_MAX;
        status = make_room(&t, (size_t)t.n_in_round * (size_t)n_rounds);
        if (status == SV_OK) {
            cut_out(&t, image);
            t.sigma_dn = measure_sigma(&t);
            status = measure(&t, out, n_rounds);
        }
    }
    if (status == SV_OK) {
        double share = (double)camera->width * camera->height / ((double)t.part.width * t.part.height);
        out->frame_bytes = (int64_t)((double)out->frame_bytes * share);
    }
    release(&t);
    return status;
}
