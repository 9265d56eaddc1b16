#include <math.h>
#include <sim/image.h>
#include <skyvox/camera.h>
#include <skyvox/math.h>
#include <skyvox/pages.h>
#include <skyvox/rng.h>
#include <stdlib.h>
#include <string.h>

enum {
    TILE_ROWS = 32,
    CELL_LOG2_MAX = 5,
};

static const double CELL_DEG = 0.2;    /* nodes lie closer than the smallest puff of cloud */
static const double GROUND_DEG = 0.02; /* and than the smallest knoll of the terrain and its line */
static const double TURN_UNITS = 4294967296.0;
static const double LEVEL_MAX = 1 << 30; /* of an object, level units */
static const double SIGMA_MAX = 131071;  /* level units, so that noise fits 32 bits */

/* What stands still in one camera. */
typedef struct maps {
    int32_t level_bits, cell_log2, n_columns, n_rows;
    int32_t *clear; /* [n_rows x n_columns] level units */
    uint32_t *azimuth, *elevation;
    int32_t ground_log2, ground_row, ground_pitch, n_ground_rows, line_slope;
    uint16_t *ground;
    int8_t *depth;
    int32_t sigma[SV_RENDER_SIGMA_N];
} maps;

/* An object to be drawn, and where its pixels begin in the frame's buffers. */
typedef struct drawing {
    const sv_scene_view *view;
    sv_splat_box box;
    size_t at;
} drawing;

struct sv_imager {
    sv_scene *scene;
    const sv_backend *backend;
    sv_team *team;
    maps *maps;             /* [n_cameras] */
    int32_t *node;          /* of the largest camera */
    void *pixels;           /* of the largest camera */
    sv_render_splat *splat; /* [n_objects], and as many to sort them */
    drawing *drawing;       /* [n_objects] */
    int32_t *level;         /* [pixel_cap] pixels of all objects of a frame */
    double *profile;        /* [pixel_cap] */
    size_t pixel_cap;
};

static size_t bytes_of(const sv_camera *camera) {
    return (size_t)camera->width * (size_t)camera->height * (camera->bit_depth > 8 ? 2 : 1);
}

/* ---- maps ---- */

/* Largest cell of 2^k px, k at most `most`, that spans no more than `deg`. */
static int32_t cell_log2(const sv_scene_camera *camera, double deg, int32_t most) {
    double px_deg = 180 / SV_PI / camera->truth.fx;
    int32_t k = 0;
    while (k < most && (2 << k) * px_deg <= deg)
        k++;
    return k;
}

/* Nodes across n pixels with a margin on both sides, and one beyond. */
static int32_t nodes_over(int32_t n, int32_t log2) {
    return ((n + 2 * SV_RENDER_MARGIN_PX) >> log2) + 2;
}

/* World direction of a place in the map; outside of what the lens model can invert, of the nearest image pixel. */
static sv_status node_direction(sv_vec3 *d_w, const sv_camera *camera, double u, double v) {
    if (sv_camera_unproject(d_w, NULL, camera, u, v) == SV_OK)
        return SV_OK;
    double u_in = u < 0 ? 0 : u > camera->width - 1 ? camera->width - 1 : u;
    double v_in = v < 0 ? 0 : v > camera->height - 1 ? camera->height - 1 : v;
    return sv_camera_unproject(d_w, NULL, camera, u_in, v_in);
}

static sv_status make_nodes(maps *m, const sv_scene_camera *camera) {
    double scale = (double)(1 << m->level_bits);
    for (int32_t j = 0; j < m->n_rows; j++) {
        for (int32_t i = 0; i < m->n_columns; i++) {
            size_t at = (size_t)j * (size_t)m->n_columns + (size_t)i;
            double u = (i << m->cell_log2) - SV_RENDER_MARGIN_PX, v = (j << m->cell_log2) - SV_RENDER_MARGIN_PX;
            sv_vec3 d_w;
            sv_status status = node_direction(&d_w, &camera->truth, u, v);
            if (status != SV_OK)
                return status;
            double azimuth, elevation;
            sv_world_angles(&azimuth, &elevation, d_w);
            double turns = azimuth / (2 * SV_PI), up = elevation / (2 * SV_PI);
            m->clear[at] = (int32_t)sv_round_i64(sv_world_clear_dn(camera->sensor, d_w) * scale);
            m->azimuth[at] = (uint32_t)sv_floor_i64((turns - floor(turns)) * TURN_UNITS);
            m->elevation[at] = (uint32_t)sv_floor_i64((up > 0 ? up : 0) * TURN_UNITS);
        }
    }
    return SV_OK;
}

typedef struct ground_job {
    maps *m;
    const sv_scene_camera *camera;
    const sv_world *world;
} ground_job;

static double clip(double x, double lo, double hi) {
    return x < lo ? lo : x > hi ? hi : x;
}

/* One row of nodes: level of the ground, and how many pixels below the terrain line it lies. */
static void make_ground_row(void *user, size_t i_row) {
    const ground_job *job = user;
    maps *m = job->m;
    const sv_camera *camera = &job->camera->truth;
    double unit = (double)(1 << (16 - camera->bit_depth));
    double v = (double)(((int32_t)i_row + m->ground_row) << m->ground_log2) - SV_RENDER_MARGIN_PX;
    for (int32_t c = 0; c < m->ground_pitch; c++) {
        size_t at = i_row * (size_t)m->ground_pitch + (size_t)c;
        sv_vec3 d_w;
        double azimuth, elevation;
        m->depth[at] = INT8_MIN;
        if (node_direction(&d_w, camera, (c << m->ground_log2) - SV_RENDER_MARGIN_PX, v) != SV_OK)
            continue;
        sv_world_angles(&azimuth, &elevation, d_w);
        double depth_px = (sv_world_terrain_line(job->world, azimuth) - elevation) * camera->fy;
        double dn = sv_world_terrain_dn(job->world, job->camera->sensor, azimuth, elevation) * unit;
        m->depth[at] = (int8_t)sv_floor_i64(clip(8 * depth_px + 0.5, INT8_MIN, INT8_MAX));
        m->ground[at] = (uint16_t)clip(dn, 0, UINT16_MAX);
    }
}

/* First row of ground nodes that may hold terrain: the line's highest point is above the lowest node of its cell. */
static int32_t first_ground_row(const maps *m, const sv_scene_camera *camera, const sv_world *world) {
    double clear = world->terrain_line_max + 3 * camera->sensor->psf_sigma_px / camera->truth.fy;
    double limit = clear / (2 * SV_PI) * TURN_UNITS;
    for (int32_t j = 0; j < m->n_rows; j++) {
        for (int32_t i = 0; i < m->n_columns; i++) {
            if (m->elevation[(size_t)j * (size_t)m->n_columns + (size_t)i] <= limit)
                return j > 0 ? ((j - 1) << m->cell_log2) >> m->ground_log2 : 0;
        }
    }
    return INT32_MAX;
}

static sv_status make_ground(maps *m, const sv_scene_camera *camera, const sv_world *world, sv_team *team) {
    if (!world->terrain_line)
        return SV_OK;
    m->ground_log2 = cell_log2(camera, GROUND_DEG, m->cell_log2);
    m->ground_row = first_ground_row(m, camera, world);
    int32_t n_rows = nodes_over(camera->truth.height, m->ground_log2);
    if (m->ground_row >= n_rows - 1)
        return SV_OK;
    m->ground_pitch = nodes_over(camera->truth.width, m->ground_log2);
    m->n_ground_rows = n_rows - m->ground_row;
    /* The lens blurs the line over 2.5 sigma. */
    double soft_px = 2.5 * camera->sensor->psf_sigma_px;
    m->line_slope = (int32_t)sv_round_i64(256 * 65536 / 2048 / (soft_px > 0.25 ? soft_px : 0.25));
    size_t n = (size_t)m->ground_pitch * (size_t)m->n_ground_rows;
    m->ground = calloc(n, sizeof *m->ground);
    m->depth = calloc(n, sizeof *m->depth);
    if (!m->ground || !m->depth)
        return sv_fail(SV_ERR_NOMEM, "out of memory for terrain");
    ground_job job = {.m = m, .camera = camera, .world = world};
    sv_team_run(team, (size_t)m->n_ground_rows, make_ground_row, &job);
    return SV_OK;
}

/* Photon-transfer curve: sigma(I)^2 = read^2 + gain I, in the middle of each entry. */
static void make_sigma(maps *m, const sv_sensor *sensor) {
    double scale = (double)(1 << m->level_bits), octave = 1;
    for (int32_t i = 0; i < SV_RENDER_SIGMA_N; i++) {
        double dn = (32.5 + i % 32) / 32 * octave / scale;
        double sigma = sqrt(sensor->read_noise_dn * sensor->read_noise_dn + sensor->gain_dn * dn) * scale;
        m->sigma[i] = (int32_t)sv_round_i64(sigma < SIGMA_MAX ? sigma : SIGMA_MAX);
        octave *= i % 32 == 31 ? 2 : 1;
    }
}

static sv_status make_maps(maps *m, const sv_scene_camera *camera, const sv_world *world, sv_team *team) {
    const sv_camera *c = &camera->truth;
    m->level_bits = c->bit_depth <= 12 ? 8 : 20 - c->bit_depth;
    m->cell_log2 = cell_log2(camera, CELL_DEG, CELL_LOG2_MAX);
    m->n_columns = nodes_over(c->width, m->cell_log2);
    m->n_rows = nodes_over(c->height, m->cell_log2);
    size_t n = (size_t)m->n_columns * (size_t)m->n_rows;
    m->clear = calloc(n, sizeof *m->clear);
    m->azimuth = calloc(n, sizeof *m->azimuth);
    m->elevation = calloc(n, sizeof *m->elevation);
    if (!m->clear || !m->azimuth || !m->elevation)
        return sv_fail(SV_ERR_NOMEM, "out of memory for the sky");
    make_sigma(m, camera->sensor);
    sv_status status = make_nodes(m, camera);
    return status == SV_OK ? make_ground(m, camera, world, team) : status;
}

/* ---- creation ---- */

static sv_status make_buffers(sv_imager *imager) {
    size_t nodes = 1, bytes = 1;
    for (int32_t i = 0; i < imager->scene->n_cameras; i++) {
        const sv_camera *c = &imager->scene->camera[i].truth;
        size_t n = (size_t)imager->maps[i].n_columns * (size_t)imager->maps[i].n_rows;
        nodes = n > nodes ? n : nodes;
        bytes = bytes_of(c) > bytes ? bytes_of(c) : bytes;
    }
    imager->node = calloc(nodes, sizeof *imager->node);
    imager->pixels = sv_pages_alloc(bytes); /* a row that begins a cache line is stored whole lines at a time */
    imager->splat = calloc(2 * (size_t)imager->scene->n_objects + 1, sizeof *imager->splat);
    imager->drawing = calloc((size_t)imager->scene->n_objects + 1, sizeof *imager->drawing);
    if (!imager->node || !imager->pixels || !imager->splat || !imager->drawing)
        return sv_fail(SV_ERR_NOMEM, "out of memory for images");
    return SV_OK;
}

sv_status sv_imager_create(sv_imager **out, sv_scene *scene, const sv_backend *backend, sv_team *team) {
    *out = NULL;
    sv_imager *imager = calloc(1, sizeof *imager);
    if (!imager)
        return sv_fail(SV_ERR_NOMEM, "out of memory for images");
    imager->scene = scene;
    imager->backend = backend;
    imager->team = team;
    imager->maps = calloc((size_t)scene->n_cameras + 1, sizeof *imager->maps);
    sv_status status = imager->maps ? SV_OK : sv_fail(SV_ERR_NOMEM, "out of memory for images");
    for (int32_t i = 0; status == SV_OK && i < scene->n_cameras; i++)
        status = make_maps(&imager->maps[i], &scene->camera[i], scene->world, team);
    if (status == SV_OK)
        status = make_buffers(imager);
    if (status != SV_OK) {
        sv_imager_destroy(imager);
        return status;
    }
    *out = imager;
    return SV_OK;
}

void sv_imager_destroy(sv_imager *imager) {
    if (!imager)
        return;
    for (int32_t i = 0; imager->maps && i < imager->scene->n_cameras; i++) {
        maps *m = &imager->maps[i];
        free(m->clear);
        free(m->azimuth);
        free(m->elevation);
        free(m->ground);
        free(m->depth);
    }
    free(imager->maps);
    free(imager->node);
    free(imager->pixels);
    free(imager->splat);
    free(imager->drawing);
    free(imager->level);
    free(imager->profile);
    free(imager);
}

/* ---- a frame ---- */

/* Every object that is not hidden; returns how many, and the pixels of all. */
static size_t list_drawings(sv_imager *imager, size_t *n_pixels, int32_t i_camera) {
    const sv_scene *scene = imager->scene;
    const sv_scene_camera *camera = &scene->camera[i_camera];
    const sv_scene_view *view = scene->view + (size_t)i_camera * (size_t)scene->n_objects;
    double sigma = camera->sensor->psf_sigma_px;
    size_t n = 0;
    *n_pixels = 0;
    for (int32_t k = 0; k < scene->n_views[i_camera]; k++) {
        const sv_truth_view *t = &view[k].truth;
        if (t->occluded || !scene->object[view[k].i_object].group->render)
            continue;
        sv_splat_box box =
            sv_splat_bounds(t->u_px, t->v_px, t->size_px, sigma, camera->truth.width, camera->truth.height);
        imager->drawing[n++] = (drawing){&view[k], box, *n_pixels};
        *n_pixels += (size_t)box.width * (size_t)box.height;
    }
    return n;
}

/* Room for the pixels of all objects of a frame. */
static sv_status reserve(sv_imager *imager, size_t n_pixels) {
    if (n_pixels <= imager->pixel_cap)
        return SV_OK;
    free(imager->level);
    free(imager->profile);
    imager->pixel_cap = 2 * n_pixels;
    imager->level = calloc(imager->pixel_cap, sizeof *imager->level);
    imager->profile = calloc(imager->pixel_cap, sizeof *imager->profile);
    if (imager->level && imager->profile)
        return SV_OK;
    imager->pixel_cap = 0;
    return sv_fail(SV_ERR_NOMEM, "out of memory for objects in an image");
}

typedef struct splat_job {
    const sv_imager *imager;
    double sigma_px, scale;
} splat_job;

static void make_splat(void *user, size_t i_block) {
    const splat_job *job = user;
    const drawing *d = &job->imager->drawing[i_block];
    const sv_truth_view *t = &d->view->truth;
    int32_t *level = job->imager->level + d->at;
    const sv_render_disc disc = {.u = d->box.u,
                                 .v = d->box.v,
                                 .width = d->box.width,
                                 .height = d->box.height,
                                 .u_px = t->u_px,
                                 .v_px = t->v_px,
                                 .diameter_px = t->size_px,
                                 .sigma_px = job->sigma_px,
                                 .level = clip(d->view->contrast_dn * job->scale, -LEVEL_MAX, LEVEL_MAX)};
    job->imager->backend->render.splat(level, job->imager->profile + d->at, &disc);
    job->imager->splat[i_block] = (sv_render_splat){d->box.u, d->box.v, d->box.width, d->box.height, level};
}

static bool higher(const void *a, const void *b, void *user) {
    (void)user;
    return ((const sv_render_splat *)a)->v < ((const sv_render_splat *)b)->v;
}

static sv_status make_splats(sv_imager *imager, size_t *n_splats, int32_t i_camera) {
    size_t n_pixels;
    *n_splats = list_drawings(imager, &n_pixels, i_camera);
    sv_status status = reserve(imager, n_pixels);
    if (status != SV_OK)
        return status;
    splat_job job = {.imager = imager,
                     .sigma_px = imager->scene->camera[i_camera].sensor->psf_sigma_px,
                     .scale = (double)(1 << imager->maps[i_camera].level_bits)};
    sv_team_run(imager->team, *n_splats, make_splat, &job);
    sv_sort(imager->splat, *n_splats, sizeof *imager->splat, higher, NULL, imager->splat + imager->scene->n_objects);
    return SV_OK;
}

static void compose_sky(sv_imager *imager, int32_t i_camera, sv_time t) {
    const maps *m = &imager->maps[i_camera];
    const sv_world *world = imager->scene->world;
    size_t n = (size_t)m->n_columns * (size_t)m->n_rows;
    if (!world->density) {
        memcpy(imager->node, m->clear, n * sizeof *imager->node);
        return;
    }
    double cloud = sv_world_cloud_dn(world, imager->scene->camera[i_camera].sensor) * (1 << m->level_bits);
    sv_render_clouds clouds = {.density = world->density,
                               .bits = SV_WORLD_CLOUD_BITS,
                               .drift = sv_world_cloud_drift(world, t),
                               .level = (int32_t)sv_round_i64(cloud)};
    imager->backend->render.sky(imager->node, m->clear, m->azimuth, m->elevation, n, &clouds);
}

typedef struct tile_job {
    const sv_imager *imager;
    const sv_render_image *image;
} tile_job;

static void render_tile(void *user, size_t i_block) {
    const tile_job *job = user;
    int32_t begin = (int32_t)i_block * TILE_ROWS, end = begin + TILE_ROWS;
    end = end < job->image->height ? end : job->image->height;
    job->imager->backend->render.rows(job->image, begin, end);
}

sv_status sv_imager_render(sv_imager *imager, sv_frame *out, int32_t i_camera) {
    const sv_scene *scene = imager->scene;
    const sv_scene_camera *camera = &scene->camera[i_camera];
    const sv_camera *c = &camera->truth;
    const maps *m = &imager->maps[i_camera];
    sv_time stamp = sv_scene_stamp(scene->scenario, scene->set);
    size_t n_splats = 0;
    sv_status status = make_splats(imager, &n_splats, i_camera);
    if (status != SV_OK)
        return status;
    compose_sky(imager, i_camera, stamp + camera->clock_ns);

    int32_t shift[2];
    sv_scene_shake(shift, scene, i_camera, scene->set);
    uint64_t key =
        sv_rng(scene->scenario->seed, sv_rng_stream(SV_RNG_PIXEL_NOISE, (uint32_t)i_camera), (uint64_t)scene->set);
    ptrdiff_t pitch = (ptrdiff_t)c->width * (c->bit_depth > 8 ? 2 : 1);
    sv_render_image image = {.width = c->width,
                             .height = c->height,
                             .bit_depth = c->bit_depth,
                             .level_bits = m->level_bits,
                             .shift_u = shift[0],
                             .shift_v = shift[1],
                             .node = imager->node,
                             .node_pitch = m->n_columns,
                             .cell_log2 = m->cell_log2,
                             .ground = m->ground,
                             .depth = m->depth,
                             .ground_row = m->ground_row,
                             .ground_pitch = m->ground_pitch,
                             .ground_cell_log2 = m->ground_log2,
                             .line_slope = m->line_slope,
                             .splat = imager->splat,
                             .n_splats = n_splats,
                             .key = {(uint32_t)key, (uint32_t)(key >> 32)},
                             .sigma = m->sigma,
                             .pixels = imager->pixels,
                             .pitch = pitch};
    tile_job job = {.imager = imager, .image = &image};
    sv_team_run(imager->team, ((size_t)c->height + TILE_ROWS - 1) / TILE_ROWS, render_tile, &job);
    *out = (sv_frame){.camera = i_camera,
                      .number = (int32_t)scene->set,
                      .t = stamp,
                      .width = c->width,
                      .height = c->height,
                      .bit_depth = c->bit_depth,
                      .pitch = pitch,
                      .pixels = imager->pixels};
    return SV_OK;
}
