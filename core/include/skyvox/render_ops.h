/** Operations of the renderer: integer, EXACT, on row ranges, thread-free. */
#ifndef SKYVOX_RENDER_OPS_H
#define SKYVOX_RENDER_OPS_H

#include <skyvox/types.h>

SV_BEGIN_DECLS

typedef struct sv_render_ops {
    /* owned by the simulator's author: background and cloud composition, splats, noise, quantisation */
    int reserved;
} sv_render_ops;

SV_END_DECLS
#endif
