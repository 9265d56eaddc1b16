/** What a recording says about itself; within replay only. */
#ifndef REPLAY_RECORDER_CONFIG_H
#define REPLAY_RECORDER_CONFIG_H

#include <replay/recorder.h>

/** The configuration as JSON, for people; free() it. NULL: out of memory. */
char *sv_recorder_make_json(const sv_recorder_options *options);

/** The same in every segment of a recording, and another for another configuration. */
uint64_t sv_recorder_session_id(const sv_recorder_options *options);

#endif
