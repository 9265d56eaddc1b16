/**
 * The smallest use of the library: measured points go in, tracks come out.
 * One drone flies along x at 10 m/s and is measured thirty times a second; every third scan misses it.
 */
#include <skyvox/event.h>
#include <skyvox/pipeline.h>

#include <stdio.h>

enum { N_SCANS = 45 };

static const sv_time PERIOD_NS = 33333333;

/* The measurement of one scan: 0.2 m standard deviation per axis. */
static sv_point measure(int scan) {
    const sv_time t = scan * PERIOD_NS;
    return (sv_point){.t = t, .p_w = {10.0 * (double)t * 1e-9, 200.0, 80.0}, .cov_m2 = {0.04, 0, 0, 0.04, 0, 0.04}};
}

/* Feed one event and print the tracks of every frame set that it closes. */
static sv_status feed(const sv_config *config, sv_state *state, const sv_event *event) {
    sv_status status = sv_step(config, state, event);
    while (status == SV_AGAIN) {
        const sv_products *products = sv_state_products(state);
        for (size_t i = 0; i < products->n_tracks; i++) {
            const sv_track *track = &products->track[i];
            if (track->state == SV_TRACK_CONFIRMED)
                printf("set %d track %d at %.1f %.1f %.1f m, %.1f m/s\n", (int)products->set, (int)track->id,
                       track->p_w.x, track->p_w.y, track->p_w.z, track->v_w.x);
        }
        status = sv_step(config, state, NULL);
    }
    return status;
}

static sv_status track_points(const sv_config *config, sv_state *state) {
    for (int scan = 0; scan < N_SCANS; scan++) {
        const sv_point point = measure(scan);
        const sv_event event = {.seq = (uint64_t)scan + 1,
                                .t = point.t,
                                .kind = SV_EVENT_POINTS,
                                .camera = -1,
                                .frame = scan,
                                .as.points = {.item = &point, .n = scan % 3 != 2}};
        const sv_status status = feed(config, state, &event);
        if (status < 0)
            return status;
    }
    const sv_event end = {.seq = N_SCANS + 1, .t = (N_SCANS - 1) * PERIOD_NS, .kind = SV_EVENT_END, .camera = -1};
    return feed(config, state, &end);
}

int main(void) {
    const sv_config config = sv_config_default(); /* no cameras: points only */
    sv_state *state = NULL;
    sv_status status = sv_state_create(&state, &config, NULL, NULL, NULL);
    if (status == SV_OK)
        status = track_points(&config, state);
    if (status < 0)
        fprintf(stderr, "%s: %s\n", sv_status_name(status), sv_error_text());
    sv_state_destroy(state);
    return status < 0;
}
