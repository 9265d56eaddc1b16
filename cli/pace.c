#include "pace.h"

#include <time.h>

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A signal wakes the sleeper; the run loop then sees that it should stop. */
static sv_status next(void *self, sv_event *event) {
    pace *p = self;
    sv_status status = p->source.next(p->source.self, event);
    if (status != SV_OK)
        return status;
    if (!p->begin_ns) {
        p->begin_ns = now_ns();
        p->t_first = event->t;
    }
    double wait_ns = (double)(event->t - p->t_first) / p->speed - (double)(now_ns() - p->begin_ns);
    if (wait_ns > 0 && wait_ns < 1e18) {
        struct timespec wait = {.tv_sec = (time_t)(wait_ns * 1e-9)};
        wait.tv_nsec = (long)(wait_ns - 1e9 * (double)wait.tv_sec);
        nanosleep(&wait, NULL);
    }
    return SV_OK;
}

static sv_status next_truth(void *self, struct sv_truth_set *set) {
    pace *p = self;
    return p->source.truth(p->source.self, set);
}

sv_source pace_source(pace *p) {
    return (sv_source){.self = p, .next = next, .truth = p->source.truth ? next_truth : NULL};
}
