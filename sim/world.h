/** What stands still behind the objects: sky gradient, drifting clouds, terrain line. docs/MATH.md 6.2. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <formats/scenario.h>

enum {
    SV_WORLD_LATTICE = 4096,
    SV_WORLD_CLOUD_BITS = 11, /* columns of the cloud map = 2^bits, rows a quarter of that */
};

typedef struct sv_world {
    sv_environment environment;
    double *lattice;         /* [SV_WORLD_LATTICE] random values in [0, 1) */
    double *terrain_line;    /* elevation in radians by azimuth; NULL: no terrain */
    double terrain_line_max; /* its highest elevation */
    uint16_t *density;       /* cloud map as in sv_render_clouds; NULL: no clouds */
} sv_world;

/** Level of a sensor towards one direction, DN. */
typedef struct sv_world_level {
    double clear_dn; /* sky without cloud or terrain */
    double scene_dn; /* what is really there */
    bool below_line; /* below the terrain line */
} sv_world_level;

sv_status sv_world_create(sv_world **out, const sv_scenario *scenario);
void sv_world_destroy(sv_world *world);

/** Azimuth (from north to east) and elevation of a unit direction, rad. */
void sv_world_angles(double *azimuth, double *elevation, sv_vec3 d_w);

/** Elevation of the terrain line, rad; below -pi/2 without terrain. */
double sv_world_terrain_line(const sv_world *world, double azimuth);

/** Clear sky at a unit direction, DN. */
double sv_world_clear_dn(const sv_sensor *sensor, sv_vec3 d_w);

/** Terrain below the line, DN. */
double sv_world_terrain_dn(const sv_world *world, const sv_sensor *sensor, double azimuth, double elevation);

/** Drift of the clouds at t in 2^-32 turns. */
uint32_t sv_world_cloud_drift(const sv_world *world, sv_time t);

/** Brightness of the densest cloud above the sky, DN. */
double sv_world_cloud_dn(const sv_world *world, const sv_sensor *sensor);

sv_world_level sv_world_level_at(const sv_world *world, const sv_sensor *sensor, sv_vec3 d_w, sv_time t);

#endif
