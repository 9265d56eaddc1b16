/** Operations of the detector: integer, EXACT, on row ranges, thread-free. */
#ifndef SKYVOX_DETECT_OPS_H
#define SKYVOX_DETECT_OPS_H

#include <skyvox/types.h>

SV_BEGIN_DECLS

typedef struct sv_detect_ops {
    /* owned by the detector's author: background, residual, matched filter, threshold, candidates */
    int reserved;
} sv_detect_ops;

SV_END_DECLS
#endif
