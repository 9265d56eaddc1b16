#include <replay/bitshuffle.h>
#include <replay/checksum64.h>
#include <replay/recorder_tiles.h>
#include <skyvox/math.h>

#include <stdlib.h>
#include <string.h>

enum {
    SIDE = SV_TILE_SIDE,
    TILE_PIXELS = SIDE * SIDE,
    MARGIN = 8, /* px around a candidate that are kept: its PSF and what it stands on */
};
static const double zero_sigma = 3; /* residuals below are noise, and noise does not pack */

/* What a camera's next frame brings. */
typedef struct key_clock {
    bool any, warm;
    sv_time t_next;
} key_clock;

struct sv_tile_recorder {
    const sv_config *config;
    sv_time key_ns;
    key_clock *clock;    /* [n_cameras] */
    bool *kept;          /* tiles of the image under way, row by row; the largest image of the rig */
    uint16_t *key;       /* background in whole DN, as bytes up to 8 bit; likewise */
    uint8_t *packed_key; /* likewise */
    int16_t chunk[SV_TILES_PER_CHUNK * TILE_PIXELS];
    uint8_t *packed;
};

static int32_t tiles_along(int32_t n_px) {
    return (n_px + SIDE - 1) / SIDE;
}

sv_status sv_tile_recorder_create(sv_tile_recorder **out, const sv_config *config, double key_s) {
    *out = NULL;
    sv_tile_recorder *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    size_t most_pixels = 1, most_tiles = 1;
    for (int32_t i = 0; i < config->n_cameras; i++) {
        const sv_camera *camera = &config->camera[i];
        size_t n = (size_t)camera->width * (size_t)camera->height;
        size_t n_tiles = (size_t)tiles_along(camera->width) * (size_t)tiles_along(camera->height);
        most_pixels = n > most_pixels ? n : most_pixels;
        most_tiles = n_tiles > most_tiles ? n_tiles : most_tiles;
    }
    r->config = config;
    r->key_ns = sv_time_from_s(key_s);
    r->clock = calloc((size_t)config->n_cameras + 1, sizeof *r->clock);
    r->kept = calloc(most_tiles, sizeof *r->kept);
    r->key = malloc(most_pixels * sizeof *r->key);
    r->packed_key = malloc(sv_bitshuffle_bound(most_pixels * sizeof *r->key));
    r->packed = malloc(sv_bitshuffle_bound(sizeof r->chunk));
    if (r->clock == NULL || r->kept == NULL || r->key == NULL || r->packed_key == NULL || r->packed == NULL) {
        sv_tile_recorder_destroy(r);
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    }
    *out = r;
    return SV_OK;
}

void sv_tile_recorder_destroy(sv_tile_recorder *r) {
    if (r == NULL) {
        return;
    }
    free(r->clock);
    free(r->kept);
    free(r->key);
    free(r->packed_key);
    free(r->packed);
    free(r);
}

void sv_tile_recorder_restart(sv_tile_recorder *r) {
    memset(r->clock, 0, (size_t)r->config->n_cameras * sizeof *r->clock);
}

/* ---- key frames ---- */

/* At the start, once the background holds (again), and after the period. */
static bool is_key_due(key_clock *clock, bool warm, sv_time t, sv_time period) {
    bool due = !clock->any || (warm && !clock->warm) || t >= clock->t_next;
    *clock = (key_clock){.any = true, .warm = warm, .t_next = due ? t + period : clock->t_next};
    return due;
}

static int32_t whole_dn(int32_t background, int bit_depth) {
    int shift = 16 - bit_depth;
    int32_t dn = shift > 0 ? (background + (1 << (shift - 1))) >> shift : background;
    int32_t most = (1 << bit_depth) - 1;
    return dn < most ? dn : most;
}

static sv_status write_key(sv_tile_recorder *r, sv_session_file *file, const sv_frame *image,
                           const sv_background *background, sv_team *team) {
    size_t n = (size_t)image->width * (size_t)image->height, element_size = image->bit_depth > 8 ? 2 : 1, n_packed;
    uint8_t *bytes = (uint8_t *)r->key;
    for (size_t i = 0; i < n; i++) {
        int32_t dn = whole_dn(sv_background_at(background, (ptrdiff_t)i), image->bit_depth);
        if (element_size == 1) {
            bytes[i] = (uint8_t)dn;
        } else {
            r->key[i] = (uint16_t)dn;
        }
    }
    sv_status status = sv_bitshuffle_encode(r->packed_key, &n_packed, r->key, n * element_size, element_size, team);
    if (status != SV_OK) {
        return status;
    }
    int64_t i_row = sv_session_file_rows(file, SV_TABLE_INDEX + image->camera);
    sv_index_row row = {
        .number = image->number, .t = image->t, .checksum = sv_checksum64(r->packed_key, n_packed, (uint64_t)i_row)};
    return sv_session_file_frame(file, image->camera, r->packed_key, n_packed, &row);
}

/* ---- tiles ---- */

static int32_t clamp(double x, int32_t most) {
    return x < 0 ? 0 : x > most ? most : (int32_t)x;
}

/* Marks every tile that the surroundings of a candidate touch. */
static void mark_kept(sv_tile_recorder *r, const sv_frame *image, const sv_image_products *products) {
    int32_t across = tiles_along(image->width), down = tiles_along(image->height);
    memset(r->kept, 0, (size_t)across * (size_t)down * sizeof *r->kept);
    for (size_t i = 0; i < products->n_detections; i++) {
        const sv_detection *d = &products->detection[i];
        int32_t x0 = clamp(d->u_px - MARGIN, image->width - 1) / SIDE;
        int32_t x1 = clamp(d->u_px + MARGIN, image->width - 1) / SIDE;
        int32_t y0 = clamp(d->v_px - MARGIN, image->height - 1) / SIDE;
        int32_t y1 = clamp(d->v_px + MARGIN, image->height - 1) / SIDE;
        for (int32_t y = y0; y <= y1; y++) {
            for (int32_t x = x0; x <= x1; x++) {
                r->kept[(size_t)y * (size_t)across + (size_t)x] = true;
            }
        }
    }
}

static int32_t pixel_at(const sv_frame *image, int32_t u, int32_t v) {
    const uint8_t *row = (const uint8_t *)image->pixels + v * image->pitch;
    return image->bit_depth > 8 ? ((const uint16_t *)(const void *)row)[u] : row[u];
}

/* Pixel minus background in whole DN where it is beyond the noise; what lies outside the image stays 0. */
static void cut_tile(int16_t out[TILE_PIXELS], const sv_frame *image, const sv_background *background, int32_t u0,
                     int32_t v0, double noise_dn) {
    int shift = 16 - image->bit_depth;
    double limit = zero_sigma * noise_dn * (1 << shift);
    memset(out, 0, TILE_PIXELS * sizeof *out);
    for (int32_t v = v0; v < v0 + SIDE && v < image->height; v++) {
        for (int32_t u = u0; u < u0 + SIDE && u < image->width; u++) {
            int32_t mean = sv_background_at(background, (ptrdiff_t)v * image->width + u);
            int32_t pixel = pixel_at(image, u, v), away = pixel * (1 << shift) - mean;
            if (away >= limit || -away >= limit) {
                int32_t dn = pixel - whole_dn(mean, image->bit_depth);
                out[(v - v0) * SIDE + u - u0] = (int16_t)(dn < -INT16_MAX  ? -INT16_MAX
                                                          : dn > INT16_MAX ? INT16_MAX
                                                                           : dn);
            }
        }
    }
}

static sv_status write_chunk(sv_tile_recorder *r, sv_session_file *file, int32_t camera, sv_tiles_row *row) {
    size_t n_packed;
    memset(r->chunk + row->n * TILE_PIXELS, 0, sizeof r->chunk - (size_t)row->n * TILE_PIXELS * sizeof *r->chunk);
    sv_status status = sv_bitshuffle_encode(r->packed, &n_packed, r->chunk, sizeof r->chunk, sizeof *r->chunk, NULL);
    if (status != SV_OK) {
        return status;
    }
    int64_t i_row = sv_session_file_rows(file, sv_table_tiles(r->config->n_cameras, camera));
    row->checksum = sv_checksum64(r->packed, n_packed, (uint64_t)i_row);
    return sv_session_file_tiles(file, camera, r->packed, n_packed, row);
}

static sv_status write_tiles(sv_tile_recorder *r, sv_session_file *file, const sv_frame *image,
                             const sv_image_products *products, const sv_state *state) {
    const sv_tiles_row empty = {.number = image->number, .t = image->t};
    int32_t across = tiles_along(image->width), down = tiles_along(image->height);
    sv_tiles_row row = empty;
    sv_status status = SV_OK;
    for (int32_t i = 0; i < across * down && status == SV_OK; i++) {
        if (!r->kept[i]) {
            continue;
        }
        int32_t u = i % across * SIDE, v = i / across * SIDE;
        row.u_px[row.n] = u;
        row.v_px[row.n] = v;
        cut_tile(r->chunk + row.n * TILE_PIXELS, image, &products->background, u, v, sv_state_noise_dn(state, u, v));
        row.n++;
        if (row.n == SV_TILES_PER_CHUNK) {
            status = write_chunk(r, file, image->camera, &row);
            row = empty;
        }
    }
    return status == SV_OK && row.n > 0 ? write_chunk(r, file, image->camera, &row) : status;
}

sv_status sv_tile_recorder_image(sv_tile_recorder *r, sv_session_file *file, const sv_frame *image,
                                 const sv_state *state, sv_team *team) {
    const sv_image_products *products = sv_state_image_products(state);
    sv_status status = SV_OK;
    if (is_key_due(&r->clock[image->camera], products->warm, image->t, r->key_ns)) {
        status = write_key(r, file, image, &products->background, team);
    }
    mark_kept(r, image, products);
    return status == SV_OK ? write_tiles(r, file, image, products, state) : status;
}
