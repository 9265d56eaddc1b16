#include <replay/recorder_matches.h>
#include <skyvox/math.h>

#include <math.h>
#include <stdlib.h>

void sv_matches_free(sv_matches *matches) {
    for (size_t i = 0; i < SV_MATCHES_STAMPS; i++) {
        free(matches->stamp[i].sample);
    }
    *matches = (sv_matches){0};
}

sv_status sv_matches_add(sv_matches *matches, const sv_truth_set *set) {
    size_t i = matches->n_stamps % SV_MATCHES_STAMPS;
    if (set->n_samples > matches->stamp[i].cap) {
        void *grown = realloc(matches->stamp[i].sample, set->n_samples * sizeof *matches->stamp[i].sample);
        if (grown == NULL) {
            return sv_fail(SV_ERR_NOMEM, "out of memory");
        }
        matches->stamp[i].sample = grown;
        matches->stamp[i].cap = set->n_samples;
    }
    for (size_t k = 0; k < set->n_samples; k++) {
        matches->stamp[i].sample[k].target = set->sample[k].target;
        matches->stamp[i].sample[k].p_w = set->sample[k].p_w;
    }
    matches->stamp[i].t = set->t;
    matches->stamp[i].n = set->n_samples;
    matches->n_stamps++;
    return SV_OK;
}

bool sv_matches_find(sv_match_row *out, const sv_matches *matches, const sv_track *track, double gate_m) {
    size_t n = matches->n_stamps < SV_MATCHES_STAMPS ? matches->n_stamps : SV_MATCHES_STAMPS;
    size_t i = 0;
    while (i < n && matches->stamp[i].t != track->t) {
        i++;
    }
    if (i == n) {
        return false;
    }
    *out = (sv_match_row){.t = track->t, .track = track->id, .target = -1, .distance_m = INFINITY};
    for (size_t k = 0; k < matches->stamp[i].n; k++) {
        double distance_m = sv_vec3_norm(sv_vec3_sub(matches->stamp[i].sample[k].p_w, track->p_w));
        if (distance_m < out->distance_m) {
            out->distance_m = distance_m;
            out->target = distance_m <= gate_m ? matches->stamp[i].sample[k].target : -1;
        }
    }
    return true;
}
