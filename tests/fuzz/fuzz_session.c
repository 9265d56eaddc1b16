/* Any bytes as a session: opened, checked, replayed from every stage, with its truth. */
#include <replay/session.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EVENTS_CAP = 300 };

/* Order of numbers and times is the replay's promise; everything else is that it ends. */
static void play(sv_session *session, sv_replay_from from) {
    sv_replay *replay;
    if (sv_replay_create(&replay, session, from, 0, NULL) != SV_OK) {
        return;
    }
    sv_source source = sv_replay_source(replay);
    sv_event event;
    uint64_t seq = 0;
    for (int i = 0; i < EVENTS_CAP && source.next(source.self, &event) == SV_OK; i++) {
        if (i > 0 && event.seq <= seq) {
            abort();
        }
        seq = event.seq;
        struct sv_truth_set set;
        for (int k = 0; k < EVENTS_CAP && source.truth != NULL && source.truth(source.self, &set) == SV_OK; k++) {
        }
    }
    sv_replay_destroy(replay);
}

/* A row that was passed is not come back to. */
static void compose(sv_session *session) {
    for (int32_t c = 0; c < sv_session_config(session)->n_cameras && c < 8; c++) {
        sv_frame frame;
        int64_t row = 0;
        for (int64_t before = -1; sv_session_compose_frame(&frame, session, c, &row, NULL) != SV_END; before = row) {
            if (row <= before || row > EVENTS_CAP) {
                break;
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    sv_session *session;
    if (sv_session_open_image(&session, data, size) != SV_OK) {
        return 0;
    }
    sv_session_check check;
    sv_session_verify(&check, session, NULL, NULL);
    for (int from = SV_FROM_AUTO; from <= SV_FROM_POINTS; from++) {
        play(session, (sv_replay_from)from);
    }
    compose(session);
    sv_session_seek(session, SV_TABLE_EVENTS, 50000000);
    sv_session_close(session);
    return 0;
}
