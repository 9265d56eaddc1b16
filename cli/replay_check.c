#include "replay_check.h"

#include <stdio.h>
#include <string.h>

static bool same_detection(const sv_detection *a, const sv_detection *b) {
    return a->camera == b->camera && a->frame == b->frame && a->t == b->t && a->u_px == b->u_px && a->v_px == b->v_px &&
           a->snr == b->snr && a->snr_link == b->snr_link && a->flux_dn == b->flux_dn &&
           memcmp(a->cov_px2, b->cov_px2, sizeof a->cov_px2) == 0;
}

/* Both lists are by camera, so the first that differ are of the first camera that does; -1 they are equal. */
static int32_t first_camera(const sv_products *a, const sv_products *b) {
    size_t n = a->n_detections < b->n_detections ? a->n_detections : b->n_detections;
    for (size_t i = 0; i < n; i++) {
        const sv_detection *x = &a->detection[i], *y = &b->detection[i];
        if (!same_detection(x, y))
            return x->camera < y->camera ? x->camera : y->camera;
    }
    if (a->n_detections == b->n_detections)
        return -1;
    return a->n_detections > n ? a->detection[n].camera : b->detection[n].camera;
}

static void note_difference(replay_check *check, const sv_products *products, sv_stage stage) {
    int n = snprintf(check->difference, sizeof check->difference,
                     "replay: frame set %lld, stage %s differs from the recording", (long long)products->set,
                     sv_stage_name(stage));
    check->differs = true;
    const sv_products *recorded;
    if (stage != SV_STAGE_DETECT || sv_session_read_set(&recorded, check->session, check->i_set) != SV_OK)
        return;
    int32_t camera = first_camera(products, recorded);
    if (camera >= 0)
        snprintf(check->difference + n, sizeof check->difference - (size_t)n, ", first in the detections of camera %d",
                 (int)sv_session_config(check->session)->camera[camera].id);
}

/* A recording that was cut short has events beyond its last set: what they give is new, not different. */
static bool is_beyond(const replay_check *check) {
    return check->i_set >= sv_session_n_sets(check->session);
}

static sv_status check_set(void *self, const sv_products *products) {
    replay_check *check = self;
    if (!check->session || check->differs || is_beyond(check))
        return SV_OK;
    sv_ledger_line line;
    sv_status status = sv_session_read_ledger(&line, check->session, check->i_set);
    if (status == SV_OK && line.set != products->set) {
        snprintf(check->difference, sizeof check->difference, "replay: frame set %lld comes where %lld was recorded",
                 (long long)products->set, (long long)line.set);
        check->differs = true;
    } else if (status == SV_OK) {
        sv_stage stage = sv_ledger_difference(&line, &products->ledger, check->from);
        if (stage != SV_N_STAGES)
            note_difference(check, products, stage);
    }
    check->i_set++;
    return SV_OK; /* a damaged line is not compared */
}

sv_sink replay_check_sink(replay_check *check) {
    return (sv_sink){.self = check, .set = check_set};
}

void replay_check_end(replay_check *check) {
    if (!check->session || check->differs || is_beyond(check))
        return;
    snprintf(check->difference, sizeof check->difference, "replay: ends after %lld frame sets, %lld were recorded",
             (long long)check->i_set, (long long)sv_session_n_sets(check->session));
    check->differs = true;
}
