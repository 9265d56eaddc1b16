/** One frame set before any pixel is made: every object in every camera, and the truth about it. docs/MATH.md 6.2. */
#ifndef SIM_SCENE_H
#define SIM_SCENE_H

#include <sim/flight.h>
#include <sim/splat.h>
#include <sim/world.h>
#include <skyvox/team.h>
#include <skyvox/truth.h>

typedef struct sv_scene_object {
    const sv_object_group *group;
    double size_m;
    double flap_phase; /* turns */
} sv_scene_object;

/** A camera as it really is. */
typedef struct sv_scene_camera {
    sv_camera truth; /* pose error included */
    const sv_camera *nominal;
    const sv_sensor *sensor;
    int32_t i_site;   /* dense index of its site */
    sv_time clock_ns; /* true exposure minus stamp */
    double extinction_per_m;
    sv_splat_norm norm;
} sv_scene_camera;

/** An object as a camera images it. */
typedef struct sv_scene_view {
    sv_truth_view truth;
    int32_t i_object;
    double contrast_dn; /* against what lies behind, after haze */
} sv_scene_view;

typedef struct sv_scene {
    const sv_scenario *scenario;
    sv_team *team;
    sv_flights *flights;
    sv_world *world;
    sv_scene_object *object; /* [n_objects] */
    int32_t n_objects;
    sv_scene_camera *camera; /* [n_cameras] */
    int32_t n_cameras, n_sites;

    int64_t set;         /* the set that everything below belongs to; -1 none */
    sv_scene_view *view; /* [n_cameras][n_objects]: of camera c, the first n_views[c] */
    int32_t *n_views;
    double *covered_m;         /* [n_cameras][n_objects] distance where the camera covers the object, else 0 */
    double *site_m;            /* [n_sites] */
    sv_truth_sample *sample;   /* [n_objects] */
    sv_truth_view *truth_view; /* [n_cameras * n_objects] */
    size_t n_truth_views;
} sv_scene;

/** Errors: SV_ERR_ARG (a flight without room, a blur beyond 0.05..10 px), SV_ERR_NOMEM. */
sv_status sv_scene_create(sv_scene **out, const sv_scenario *scenario, sv_team *team);
void sv_scene_destroy(sv_scene *scene);

/** Stamp of a frame set. */
sv_time sv_scene_stamp(const sv_scenario *scenario, int64_t set);

/** Shift of a camera's image in one frame by shake, 1/256 px. */
void sv_scene_shake(int32_t shift[2], const sv_scene *scene, int32_t i_camera, int64_t set);

/** Make views and truth of a set; nothing to do when it is the current one. Errors: SV_ERR_NOMEM. */
sv_status sv_scene_update(sv_scene *scene, int64_t set);

/** Truth of the current set, borrowed until the next update. */
sv_truth_set sv_scene_truth(const sv_scene *scene);

#endif
