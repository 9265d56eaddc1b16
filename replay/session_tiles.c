/* Level tiles: frames composed again, every chunk checked, whole ones copied. */
#include <replay/bitshuffle.h>
#include <replay/session_parts.h>

#include <stdio.h>
#include <string.h>

enum { SIDE = SV_TILE_SIDE, TILE_PIXELS = SIDE * SIDE, CHUNK_PIXELS = SV_TILES_PER_CHUNK * TILE_PIXELS };

/* ---- one frame ---- */

/* Row of the newest background of the camera not after t; -1 none that is whole. */
static int64_t find_key(sv_session *s, const sv_tiles_place *at, sv_time t) {
    const sv_key_cache *cache = &s->key_cache;
    int64_t n = sv_segment_rows(s->segment[at->i_segment], SV_TABLE_INDEX + at->camera), found = -1;
    bool near = cache->camera == at->camera && cache->i_segment == at->i_segment && cache->valid && cache->t <= t;
    for (int64_t i = near ? cache->row : 0; i < n; i++) {
        sv_index_row row;
        if (sv_segment_row(&row, s->segment[at->i_segment], SV_TABLE_INDEX + at->camera, i) != SV_OK) {
            continue;
        }
        if (row.t > t) {
            break;
        }
        found = i;
    }
    return found;
}

/* The background that the frame's tiles stand on, in s->key. */
static sv_status load_key(sv_session *s, const sv_tiles_place *at, const sv_tiles_row *tiles, sv_team *team) {
    sv_key_cache *cache = &s->key_cache;
    const char *path = sv_segment_path(s->segment[at->i_segment]);
    int64_t row = find_key(s, at, tiles->t);
    if (row < 0) {
        return sv_fail(SV_ERR_INPUT, "%s: camera %d, frame %d: the background before it is lost", path,
                       (int)s->camera[at->camera].id, (int)tiles->number);
    }
    if (cache->valid && cache->camera == at->camera && cache->i_segment == at->i_segment && cache->row == row) {
        return SV_OK;
    }
    sv_frame frame;
    cache->valid = false;
    sv_status status = sv_session_read_frame_of(&frame, s, s->segment[at->i_segment], at->camera, row, team);
    size_t n = status == SV_OK ? (size_t)frame.pitch * (size_t)frame.height : 0;
    status = status == SV_OK ? sv_session_reserve(&s->key, n) : status;
    if (status != SV_OK) {
        return status;
    }
    memcpy(s->key.data, frame.pixels, n);
    *cache = (sv_key_cache){.valid = true, .camera = at->camera, .i_segment = at->i_segment, .row = row, .t = frame.t};
    return SV_OK;
}

static bool tiles_fit(const sv_tiles_row *row, const sv_camera *camera) {
    bool good =
        row->n >= 0 && row->n <= SV_TILES_PER_CHUNK && row->size <= sv_bitshuffle_bound(CHUNK_PIXELS * sizeof(int16_t));
    for (int32_t k = 0; good && k < row->n; k++) {
        good = row->u_px[k] >= 0 && row->u_px[k] < camera->width && row->v_px[k] >= 0 && row->v_px[k] < camera->height;
    }
    return good;
}

static void add_tile(const sv_frame *image, const int16_t *tile, int32_t u0, int32_t v0) {
    int32_t most = (1 << image->bit_depth) - 1;
    for (int32_t v = v0; v < v0 + SIDE && v < image->height; v++) {
        uint8_t *line = (uint8_t *)image->pixels + v * image->pitch;
        for (int32_t u = u0; u < u0 + SIDE && u < image->width; u++) {
            uint16_t *deep = (uint16_t *)(void *)line + u;
            int32_t dn = (image->bit_depth > 8 ? *deep : line[u]) + tile[(v - v0) * SIDE + u - u0];
            dn = dn < 0 ? 0 : dn > most ? most : dn;
            if (image->bit_depth > 8) {
                *deep = (uint16_t)dn;
            } else {
                line[u] = (uint8_t)dn;
            }
        }
    }
}

/* Adds the tiles of one chunk to the image. */
static sv_status add_chunk(sv_session *s, const sv_frame *image, const sv_tiles_place *at, const sv_tiles_row *row) {
    sv_segment *segment = s->segment[at->i_segment];
    int16_t tile[CHUNK_PIXELS];
    if (!tiles_fit(row, &s->camera[at->camera])) {
        return sv_fail(SV_ERR_INPUT, "%s: camera %d, frame %d: tiles outside the image", sv_segment_path(segment),
                       (int)s->camera[at->camera].id, (int)row->number);
    }
    sv_status status = sv_session_reserve(&s->packed, (size_t)row->size);
    status = status == SV_OK ? sv_segment_packed_tiles(s->packed.data, segment, at->camera, at->row, row) : status;
    status = status == SV_OK
                 ? sv_bitshuffle_decode(tile, sizeof tile, s->packed.data, (size_t)row->size, sizeof *tile, NULL)
                 : status;
    for (int32_t k = 0; k < row->n && status == SV_OK; k++) {
        add_tile(image, tile + k * TILE_PIXELS, row->u_px[k], row->v_px[k]);
    }
    return status;
}

/* The background once more, to be drawn upon. */
static sv_status begin_frame(sv_frame *out, sv_session *s, const sv_tiles_place *at, const sv_tiles_row *row,
                             sv_team *team) {
    const sv_camera *camera = &s->camera[at->camera];
    size_t row_bytes = (size_t)camera->width * (camera->bit_depth > 8 ? 2 : 1);
    sv_status status = load_key(s, at, row, team);
    status = status == SV_OK ? sv_session_reserve(&s->pixels, row_bytes * (size_t)camera->height) : status;
    if (status != SV_OK) {
        return status;
    }
    memcpy(s->pixels.data, s->key.data, row_bytes * (size_t)camera->height);
    *out = (sv_frame){.camera = at->camera,
                      .number = row->number,
                      .t = row->t,
                      .width = camera->width,
                      .height = camera->height,
                      .bit_depth = camera->bit_depth,
                      .pitch = (ptrdiff_t)row_bytes,
                      .pixels = s->pixels.data};
    return SV_OK;
}

sv_status sv_session_compose_frame(sv_frame *out, sv_session *s, int32_t camera, int64_t *i_row, sv_team *team) {
    sv_tiles_place at = {.camera = camera};
    sv_tiles_row row;
    int32_t table = sv_table_tiles(s->config.n_cameras, camera);
    if (!sv_session_locate(s, table, *i_row, &at.i_segment, &at.row)) {
        return SV_END;
    }
    sv_segment *segment = s->segment[at.i_segment];
    sv_status status = sv_segment_row(&row, segment, table, at.row);
    if (status != SV_OK) {
        ++*i_row;
        return status;
    }
    status = begin_frame(out, s, &at, &row, team);
    int32_t number = row.number;
    for (; at.row < sv_segment_rows(segment, table); at.row++, ++*i_row) {
        sv_status read = sv_segment_row(&row, segment, table, at.row);
        if (read == SV_OK && row.number != number) {
            break;
        }
        read = read == SV_OK && status == SV_OK ? add_chunk(s, out, &at, &row) : read;
        status = status == SV_OK ? read : status;
    }
    return status;
}

/* ---- verify and repair ---- */

/* Calls `visit` for every row of every camera's tiles with its packed bytes in s->packed, or with an error. */
typedef sv_status (*visit_tiles)(void *user, const sv_tiles_place *at, const sv_tiles_row *row, sv_status status);

static sv_status walk_camera(sv_session *s, sv_tiles_place at, visit_tiles visit, void *user) {
    sv_segment *segment = s->segment[at.i_segment];
    int32_t table = sv_table_tiles(s->config.n_cameras, at.camera);
    sv_status going = SV_OK;
    for (at.row = 0; at.row < sv_segment_rows(segment, table) && going == SV_OK; at.row++) {
        sv_tiles_row row;
        sv_status status = sv_segment_row(&row, segment, table, at.row);
        bool readable = status == SV_OK;
        if (readable && !tiles_fit(&row, &s->camera[at.camera])) {
            status = sv_fail(SV_ERR_INPUT, "%s: camera %d, frame %d: tiles outside the image", sv_segment_path(segment),
                             (int)s->camera[at.camera].id, (int)row.number);
        }
        status = status == SV_OK ? sv_session_reserve(&s->packed, (size_t)row.size) : status;
        if (status == SV_ERR_NOMEM) {
            return status;
        }
        status = status == SV_OK ? sv_segment_packed_tiles(s->packed.data, segment, at.camera, at.row, &row) : status;
        going = visit(user, &at, readable ? &row : NULL, status);
    }
    return going;
}

static sv_status walk_tiles(sv_session *s, visit_tiles visit, void *user) {
    sv_status status = SV_OK;
    for (int32_t i = 0; i < s->n_segments && status == SV_OK; i++) {
        for (int32_t c = 0; c < s->config.n_cameras && status == SV_OK; c++) {
            status = walk_camera(s, (sv_tiles_place){.i_segment = i, .camera = c}, visit, user);
        }
    }
    return status;
}

/* One check under way. */
typedef struct checking {
    sv_session_check *out;
    const sv_session *session;
    sv_session_complain complain;
    void *user;
} checking;

static sv_status check_one(void *user, const sv_tiles_place *at, const sv_tiles_row *row, sv_status status) {
    checking *c = user;
    int32_t table = sv_table_tiles(c->session->config.n_cameras, at->camera);
    c->out->n_rows++;
    c->out->n_bytes += sv_table_layout_of(table, c->session->config.n_cameras).row_size;
    c->out->n_bad_rows += row == NULL ? 1 : 0;
    c->out->n_tiles += row != NULL ? 1 : 0;
    c->out->n_bytes += row != NULL ? row->size : 0;
    if (status == SV_OK) {
        return SV_OK;
    }
    c->out->n_bad_tiles += row != NULL ? 1 : 0;
    char line[512];
    int32_t id = c->session->camera[at->camera].id;
    if (row == NULL) {
        snprintf(line, sizeof line, "%.300s (camera %d)", sv_error_text(), (int)id);
    } else {
        snprintf(line, sizeof line, "%.300s: camera %d, frame %d: tiles damaged or cut off",
                 sv_segment_path(c->session->segment[at->i_segment]), (int)id, (int)row->number);
    }
    if (c->complain != NULL) {
        c->complain(c->user, line);
    }
    return SV_OK;
}

sv_status sv_session_verify_tiles(sv_session_check *out, sv_session *s, sv_session_complain complain, void *user) {
    checking c = {.out = out, .session = s, .complain = complain, .user = user};
    return walk_tiles(s, check_one, &c);
}

/* A copy under way. */
typedef struct copying {
    sv_session *session;
    sv_recorder *recorder;
} copying;

static sv_status copy_one(void *user, const sv_tiles_place *at, const sv_tiles_row *row, sv_status status) {
    const copying *c = user;
    return status == SV_OK ? sv_recorder_put_tiles(c->recorder, at->camera, c->session->packed.data, row) : SV_OK;
}

static sv_status copy_keys(sv_session *s, sv_recorder *recorder, sv_tiles_place at) {
    sv_segment *segment = s->segment[at.i_segment];
    const sv_camera *camera = &s->camera[at.camera];
    size_t most = sv_bitshuffle_bound((size_t)camera->width * (size_t)camera->height * 2);
    sv_status status = SV_OK;
    for (at.row = 0; at.row < sv_segment_rows(segment, SV_TABLE_INDEX + at.camera) && status == SV_OK; at.row++) {
        sv_index_row row;
        if (sv_segment_row(&row, segment, SV_TABLE_INDEX + at.camera, at.row) != SV_OK || row.size > most) {
            continue;
        }
        status = sv_session_reserve(&s->packed, (size_t)row.size);
        if (status == SV_OK && sv_segment_packed(s->packed.data, segment, at.camera, at.row, &row) == SV_OK) {
            status = sv_recorder_put_key(recorder, at.camera, s->packed.data, &row);
        }
    }
    return status;
}

sv_status sv_session_copy_tiles(sv_session *s, sv_recorder *recorder) {
    copying c = {.session = s, .recorder = recorder};
    sv_status status = SV_OK;
    if (s->meta.level != SV_RECORD_TILES) {
        return SV_OK;
    }
    for (int32_t i = 0; i < s->n_segments && status == SV_OK; i++) {
        for (int32_t k = 0; k < s->config.n_cameras && status == SV_OK; k++) {
            status = copy_keys(s, recorder, (sv_tiles_place){.i_segment = i, .camera = k});
        }
    }
    return status == SV_OK ? walk_tiles(s, copy_one, &c) : status;
}
