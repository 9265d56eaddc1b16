/** Which true object a confirmed track is nearest to, set by set: for people who look at a recording. */
#ifndef REPLAY_RECORDER_MATCHES_H
#define REPLAY_RECORDER_MATCHES_H

#include <replay/session_tables.h>

enum { SV_MATCHES_STAMPS = 64 };

/** The newest stamps of truth. */
typedef struct sv_matches {
    struct {
        sv_time t;
        size_t n, cap;
        struct {
            int64_t target;
            sv_vec3 p_w;
        } * sample; /* owned */
    } stamp[SV_MATCHES_STAMPS];
    size_t n_stamps; /* ever */
} sv_matches;

void sv_matches_free(sv_matches *matches);
/** Errors: SV_ERR_NOMEM. */
sv_status sv_matches_add(sv_matches *matches, const sv_truth_set *set);
/** Match of a track at its own time; false when no truth of that time is known. */
bool sv_matches_find(sv_match_row *out, const sv_matches *matches, const sv_track *track, double gate_m);

#endif
