/** Detections without pixels: what a detector of a stated quality would report. docs/MATH.md 6.5. */
#ifndef SIM_EMIT_H
#define SIM_EMIT_H

#include <sim/scene.h>

typedef struct sv_emitter sv_emitter;

/** Errors: SV_ERR_NOMEM. The scene is borrowed. */
sv_status sv_emitter_create(sv_emitter **out, const sv_scene *scene);
void sv_emitter_destroy(sv_emitter *emitter);

/** Detections of a camera in the scene's current set, by v, then u, so that their order tells nothing; borrowed until the next call. */
void sv_emitter_run(sv_emitter *emitter, const sv_detection **out, size_t *n_out, int32_t i_camera);

#endif
