#include <math.h>
#include <sim/world.h>
#include <skyvox/math.h>
#include <skyvox/rng.h>
#include <stdlib.h>

enum {
    LINE_BITS = 14, /* entries of the terrain line over a full turn */
    CLOUD_COLUMNS = 1 << SV_WORLD_CLOUD_BITS,
    CLOUD_ROWS = CLOUD_COLUMNS / 4,
};

static const double TURN = 2 * SV_PI;
static const double DEG = SV_PI / 180;

/* ---- value noise: random values at the corners of a lattice, smooth in between ---- */

static double corner(const sv_world *world, int64_t ix, int64_t iy, uint32_t salt) {
    uint32_t h = (uint32_t)ix * 0x9e3779b1u ^ (uint32_t)iy * 0x85ebca77u ^ salt * 0xc2b2ae3du;
    h = (h ^ h >> 15) * 0x2c1b3c6du;
    return world->lattice[(h ^ h >> 12) & (SV_WORLD_LATTICE - 1)];
}

static double smooth(double x) {
    return x * x * (3 - 2 * x);
}

/* One octave in 0..1; x repeats after `period` cells. */
static double value_noise(const sv_world *world, double x, double y, int64_t period, uint32_t salt) {
    double fx = floor(x), fy = floor(y), sx = smooth(x - fx), sy = smooth(y - fy);
    int64_t ix = (int64_t)fx % period, iy = (int64_t)fy;
    ix = ix < 0 ? ix + period : ix;
    int64_t jx = ix + 1 < period ? ix + 1 : 0;
    double low = corner(world, ix, iy, salt) * (1 - sx) + corner(world, jx, iy, salt) * sx;
    double high = corner(world, ix, iy + 1, salt) * (1 - sx) + corner(world, jx, iy + 1, salt) * sx;
    return low * (1 - sy) + high * sy;
}

/* Octaves of half the size and `gain` times the height each; about 0..1 with mean 0.5. `cells`: largest puffs in a turn. */
static double fractal_noise(const sv_world *world, double azimuth, double elevation, int64_t cells, int octaves,
                            double gain, uint32_t salt) {
    double sum = 0, weight = 0, height = 1;
    for (int i = 0; i < octaves; i++) {
        int64_t n = cells << i;
        sum += height *
               value_noise(world, azimuth / TURN * (double)n, elevation / TURN * (double)n, n, salt + (uint32_t)i);
        weight += height;
        height *= gain;
    }
    return sum / weight;
}

/* ---- terrain ---- */

static sv_status make_terrain(sv_world *world) {
    const sv_environment *env = &world->environment;
    if (env->terrain_deg <= -90)
        return SV_OK;
    world->terrain_line = calloc((1u << LINE_BITS) + 1, sizeof *world->terrain_line);
    if (!world->terrain_line)
        return sv_fail(SV_ERR_NOMEM, "out of memory for the terrain line");
    world->terrain_line_max = -TURN;
    for (int i = 0; i < 1 << LINE_BITS; i++) {
        double rough = 2 * fractal_noise(world, i * TURN / (1 << LINE_BITS), 0, 24, 9, 0.55, 1000) - 1;
        double line = DEG * (env->terrain_deg + 2 * env->terrain_rough_deg * rough);
        world->terrain_line[i] = line;
        world->terrain_line_max = line > world->terrain_line_max ? line : world->terrain_line_max;
    }
    world->terrain_line[1 << LINE_BITS] = world->terrain_line[0];
    return SV_OK;
}

double sv_world_terrain_line(const sv_world *world, double azimuth) {
    if (!world->terrain_line)
        return -TURN;
    double turns = azimuth / TURN, x = (turns - floor(turns)) * (1 << LINE_BITS);
    int64_t i = (int64_t)x;
    i = i < (1 << LINE_BITS) ? i : (1 << LINE_BITS) - 1;
    double f = x - (double)i;
    return world->terrain_line[i] * (1 - f) + world->terrain_line[i + 1] * f;
}

double sv_world_terrain_dn(const sv_world *world, const sv_sensor *sensor, double azimuth, double elevation) {
    const sv_environment *env = &world->environment;
    bool thermal = sensor->dn_per_k > 0;
    double flat = thermal ? sensor->sky_dn + env->terrain_thermal_k * sensor->dn_per_k : env->terrain_mono_dn;
    double relief = fractal_noise(world, azimuth, elevation * 3, 300, 6, 0.7, 2000) - 0.5;
    double contrast = sensor->sky_dn - flat;
    /* The crest is farthest and takes on the colour of the sky. */
    double depth_deg = (sv_world_terrain_line(world, azimuth) - elevation) / DEG;
    double haze = 0.35 * sv_exp(depth_deg > 0 ? -depth_deg / 0.6 : 0);
    return flat + contrast * (haze + 0.9 * relief * (1 - haze));
}

/* ---- clouds ---- */

/* The density rises softly from the level of noise that leaves the wanted share of the sky covered. */
static sv_status make_clouds(sv_world *world) {
    const sv_environment *env = &world->environment;
    if (env->cloud_cover <= 0)
        return SV_OK;
    enum { N = CLOUD_ROWS * CLOUD_COLUMNS, BINS = 4096 };
    static const double SOFT = 0.25;
    world->density = calloc(N, sizeof *world->density);
    int64_t *count = calloc(BINS, sizeof *count);
    if (!world->density || !count) {
        free(count);
        return sv_fail(SV_ERR_NOMEM, "out of memory for the cloud map");
    }
    double scale = env->cloud_scale_deg > 0.5 ? env->cloud_scale_deg : 0.5;
    int64_t cells = (int64_t)(360 / (scale < 90 ? scale : 90) + 0.5);
    for (int i = 0; i < N; i++) {
        double azimuth = i % CLOUD_COLUMNS * TURN / CLOUD_COLUMNS, elevation = i / CLOUD_COLUMNS * TURN / CLOUD_COLUMNS;
        /* Puffs are wider than high. */
        double x = fractal_noise(world, azimuth, 2 * elevation, cells, 5, 0.5, 3000);
        world->density[i] = (uint16_t)(x * 65535);
        count[(int)(x * (BINS - 1))]++;
    }
    int64_t clear = (int64_t)((1 - env->cloud_cover) * N), below = 0;
    int bin = 0;
    while (bin < BINS - 1 && below + count[bin] <= clear)
        below += count[bin++];
    free(count);
    double edge = (double)bin / BINS;
    for (int i = 0; i < N; i++) {
        double x = (world->density[i] / 65535.0 - edge) / SOFT;
        world->density[i] = (uint16_t)(65535 * smooth(x < 0 ? 0 : x > 1 ? 1 : x));
    }
    return SV_OK;
}

uint32_t sv_world_cloud_drift(const sv_world *world, sv_time t) {
    double turns = world->environment.cloud_speed_deg_s * sv_time_to_s(t) / 360;
    return (uint32_t)((turns - floor(turns)) * 4294967295.0);
}

double sv_world_cloud_dn(const sv_world *world, const sv_sensor *sensor) {
    const sv_environment *env = &world->environment;
    return sensor->dn_per_k > 0 ? env->cloud_thermal_k * sensor->dn_per_k : env->cloud_mono_dn;
}

static double density_at(const sv_world *world, double azimuth, double elevation, uint32_t drift) {
    double turns = azimuth / TURN + drift / 4294967296.0, x = (turns - floor(turns)) * CLOUD_COLUMNS;
    double y = elevation > 0 ? elevation / TURN * CLOUD_COLUMNS : 0;
    y = y < CLOUD_ROWS - 1 ? y : CLOUD_ROWS - 1;
    int c0 = (int)x & (CLOUD_COLUMNS - 1), c1 = (c0 + 1) & (CLOUD_COLUMNS - 1);
    int r0 = (int)y, r1 = r0 + 1 < CLOUD_ROWS ? r0 + 1 : r0;
    double fx = x - floor(x), fy = y - r0;
    const uint16_t *row0 = world->density + r0 * CLOUD_COLUMNS, *row1 = world->density + r1 * CLOUD_COLUMNS;
    return ((row0[c0] * (1 - fx) + row0[c1] * fx) * (1 - fy) + (row1[c0] * (1 - fx) + row1[c1] * fx) * fy) / 65535;
}

/* ---- all together ---- */

sv_status sv_world_create(sv_world **out, const sv_scenario *scenario) {
    *out = NULL;
    sv_world *world = calloc(1, sizeof *world);
    if (!world)
        return sv_fail(SV_ERR_NOMEM, "out of memory for the sky");
    world->environment = scenario->environment;
    world->lattice = calloc(SV_WORLD_LATTICE, sizeof *world->lattice);
    sv_status status = world->lattice ? SV_OK : sv_fail(SV_ERR_NOMEM, "out of memory for the sky");
    for (int i = 0; status == SV_OK && i < SV_WORLD_LATTICE; i++)
        world->lattice[i] = sv_rng_uniform(scenario->seed, sv_rng_stream(SV_RNG_CLOUD, 0), (uint64_t)i);
    if (status == SV_OK)
        status = make_terrain(world);
    if (status == SV_OK)
        status = make_clouds(world);
    if (status != SV_OK) {
        sv_world_destroy(world);
        return status;
    }
    *out = world;
    return SV_OK;
}

void sv_world_destroy(sv_world *world) {
    if (!world)
        return;
    free(world->lattice);
    free(world->terrain_line);
    free(world->density);
    free(world);
}

void sv_world_angles(double *azimuth, double *elevation, sv_vec3 d_w) {
    *azimuth = sv_atan2(d_w.x, d_w.y);
    *elevation = sv_asin(d_w.z);
}

double sv_world_clear_dn(const sv_sensor *sensor, sv_vec3 d_w) {
    double up = d_w.z > 0 ? d_w.z : 0;
    return sensor->sky_dn + (sensor->zenith_dn - sensor->sky_dn) * up;
}

sv_world_level sv_world_level_at(const sv_world *world, const sv_sensor *sensor, sv_vec3 d_w, sv_time t) {
    double clear = sv_world_clear_dn(sensor, d_w);
    sv_world_level level = {.clear_dn = clear, .scene_dn = clear};
    if (!world->terrain_line && !world->density)
        return level;
    double azimuth, elevation;
    sv_world_angles(&azimuth, &elevation, d_w);
    level.below_line = elevation < sv_world_terrain_line(world, azimuth);
    if (level.below_line)
        level.scene_dn = sv_world_terrain_dn(world, sensor, azimuth, elevation);
    else if (world->density)
        level.scene_dn +=
            density_at(world, azimuth, elevation, sv_world_cloud_drift(world, t)) * sv_world_cloud_dn(world, sensor);
    return level;
}
