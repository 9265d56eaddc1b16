/** A source slowed down to the time of its events, or a multiple of it. */
#ifndef CLI_PACE_H
#define CLI_PACE_H

#include <skyvox/event.h>

typedef struct pace {
    sv_source source; /* borrowed */
    double speed;     /* 1: as it was recorded */
    sv_time t_first;
    int64_t begin_ns; /* 0: not begun */
} pace;

/** `pace` as a source; truth and closing are the inner source's. */
sv_source pace_source(pace *pace);

#endif
