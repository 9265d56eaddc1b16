/** The generator: a scenario becomes events, with exact truth beside them. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <formats/scenario.h>
#include <skyvox/backend.h>
#include <skyvox/event.h>
#include <skyvox/team.h>

typedef struct sv_sim sv_sim;

/**
 * Open a scenario as a source of events: FRAME events (emit = pixels) or DETECTIONS events, by time, then camera index.
 * Truth comes at every frame-set time.
 *
 *   scenario, backend, team  in  borrowed for the life of the sim; backend NULL is allowed for emit = detections
 *
 * Errors: SV_ERR_NOMEM, SV_ERR_ARG. Destroy with sv_sim_destroy.
 */
sv_status sv_sim_create(sv_sim **out, const sv_scenario *scenario, const sv_backend *backend, sv_team *team);
void sv_sim_destroy(sv_sim *sim);

/** The sim as a source; `close` does nothing, the sim stays its owner's. */
sv_source sv_sim_source(sv_sim *sim);

/** Number of frame sets it will give. */
int64_t sv_sim_n_sets(const sv_sim *sim);

/**
 * One frame alone, for `skyvox render`: any camera, any frame number, in any order.
 * The image is borrowed until the next call on this sim.
 */
sv_status sv_sim_render(sv_sim *sim, sv_frame *out, int32_t i_camera, int32_t frame);

#endif
