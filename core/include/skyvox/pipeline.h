/** The core as one pure function: sv_step(config, state, event). docs/LIFE_OF_A_FRAME.md follows one frame through it. */
#ifndef SKYVOX_PIPELINE_H
#define SKYVOX_PIPELINE_H

#include <skyvox/backend.h>
#include <skyvox/background.h>
#include <skyvox/config.h>
#include <skyvox/event.h>
#include <skyvox/ledger.h>
#include <skyvox/team.h>

SV_BEGIN_DECLS

typedef struct sv_state sv_state;

/** What one closed frame set produced. Arrays belong to the state: borrowed until the next sv_step. */
typedef struct sv_products {
    int64_t set;       /**< frame set number, from 0, increasing by 1 */
    sv_time t;         /**< its nominal time: the time of every track's state */
    sv_time t_horizon; /**< no measurement later than this is in it */
    const bool *alive; /**< [n_cameras] a frame of the camera is in the set */
    const sv_detection *detection;
    size_t n_detections;
    const sv_ray *ray;
    size_t n_rays;
    const sv_point *point;
    size_t n_points;
    const sv_track *track; /**< every live track, by increasing id */
    size_t n_tracks;
    const sv_innovation *innovation; /**< one for every ray or point that a track took, in the order of work */
    size_t n_innovations;
    sv_ledger_line ledger;
} sv_products;

/** What the detector made of one image. Arrays belong to the state: borrowed until the next sv_step. */
typedef struct sv_image_products {
    int32_t camera;                /**< index into the rig; -1: no image was taken in yet */
    const sv_detection *detection; /**< by decreasing SNR */
    size_t n_detections;
    sv_background background; /**< as learned by now; to be read only */
    bool warm;                /**< the background holds: candidates are looked for */
} sv_image_products;

/** Called at begin and end of the work of a stage; must not touch the state. The core itself reads no clock. */
typedef struct sv_probe {
    void (*mark)(void *user, sv_stage stage, bool begin);
    void *user;
} sv_probe;

/**
 * A state for `config`, all memory allocated here.
 *
 *   config   in   constant; borrowed for the life of the state
 *   backend  in   borrowed; NULL is allowed when no FRAME event will come
 *   team     in   borrowed; NULL: one thread
 *   probe    in   copied; NULL: none
 *
 * Errors: SV_ERR_ARG (sv_config_check), SV_ERR_NOMEM. Destroy with sv_state_destroy.
 */
SV_API sv_status sv_state_create(sv_state **out, const sv_config *config, const sv_backend *backend, sv_team *team,
                                 const sv_probe *probe);
SV_API void sv_state_destroy(sv_state *state);

/**
 * Feed one event, close at most one frame set.
 *
 *   event  in  the next event in seq order, what it points at borrowed until SV_OK; NULL to go on after SV_AGAIN
 *
 * Returns SV_AGAIN when a frame set was closed: read sv_state_products(), then call again with NULL until SV_OK.
 * Errors: SV_ERR_ARG (event out of order, camera index, image that does not fit its camera), SV_ERR_LIMIT (an event
 * larger than config.caps); the state is then unchanged. SV_ERR_INPUT (a recorded point names a ray that its set has not): the run
 * must end.
 */
SV_API sv_status sv_step(const sv_config *config, sv_state *state, const sv_event *event);

/** Products of the set that the last sv_step closed. */
SV_API const sv_products *sv_state_products(const sv_state *state);

/** What became of the newest image that was taken in. */
SV_API const sv_image_products *sv_state_image_products(const sv_state *state);
/** Noise around pixel (u, v) of that image as the detector knows it, DN; 0: not yet known. u and v must lie in the image. */
SV_API double sv_state_noise_dn(const sv_state *state, int32_t u, int32_t v);

SV_END_DECLS
#endif
