/** Whether an event may be taken in: asked before anything of the state changes. */
#ifndef CORE_PIPELINE_EVENT_CHECK_H
#define CORE_PIPELINE_EVENT_CHECK_H

#include <skyvox/config.h>
#include <skyvox/event.h>
#include <skyvox/ledger.h>

/** Errors: SV_ERR_ARG naming the event's number and what is wrong with it. */
sv_status sv_event_check(const sv_config *config, const sv_event *event, bool has_backend);

/** Products that the event brings or, for an image, may make. */
size_t sv_event_size(const sv_config *config, const sv_event *event);

#endif
