/** Pixels of one frame: maps of what stands still, made once per camera, and the call of the kernels. docs/MATH.md 6.3. */
#ifndef SIM_IMAGE_H
#define SIM_IMAGE_H

#include <sim/scene.h>
#include <skyvox/backend.h>

typedef struct sv_imager sv_imager;

/** Maps of every camera of the scene (borrowed, with the backend and the team). Errors: SV_ERR_NOMEM, SV_ERR_ARG. */
sv_status sv_imager_create(sv_imager **out, sv_scene *scene, const sv_backend *backend, sv_team *team);
void sv_imager_destroy(sv_imager *imager);

/** Image of a camera in the scene's current set, borrowed until the next call. Errors: SV_ERR_NOMEM. */
sv_status sv_imager_render(sv_imager *imager, sv_frame *out, int32_t i_camera);

#endif
