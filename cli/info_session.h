/** What a recorded session holds, in a screenful. */
#ifndef CLI_INFO_SESSION_H
#define CLI_INFO_SESSION_H

#include <formats/json_write.h>
#include <replay/session.h>

/** Errors: SV_ERR_NOMEM. */
sv_status info_session_print(sv_session *session);
/** The same as members of an open JSON object. */
sv_status info_session_write(sv_json_out *json, sv_session *session);

#endif
