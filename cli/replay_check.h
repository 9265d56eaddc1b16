/** Whether a replay gives again what was recorded: the recorded ledger, set by set. */
#ifndef CLI_REPLAY_CHECK_H
#define CLI_REPLAY_CHECK_H

#include <replay/session.h>

enum { REPLAY_DIFFERENCE_CAP = 256 };

typedef struct replay_check {
    sv_session *session; /* NULL: nothing to compare with */
    sv_stage from;
    int64_t i_set; /* next set of the recording */
    bool differs;
    char difference[REPLAY_DIFFERENCE_CAP]; /* the first one, in words */
} replay_check;

sv_sink replay_check_sink(replay_check *check);
/** After the last set: notes recorded sets that the replay did not reach. */
void replay_check_end(replay_check *check);

#endif
