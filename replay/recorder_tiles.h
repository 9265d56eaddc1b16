/** Recording level `tiles`: what stands out around candidates, and now and then the background. docs/SESSION_FORMAT.md 6. */
#ifndef REPLAY_RECORDER_TILES_H
#define REPLAY_RECORDER_TILES_H

#include <replay/session_file.h>
#include <skyvox/pipeline.h>
#include <skyvox/team.h>

typedef struct sv_tile_recorder sv_tile_recorder;

/** Key frames every key_s seconds of event time. Errors: SV_ERR_NOMEM. Destroy with sv_tile_recorder_destroy. */
sv_status sv_tile_recorder_create(sv_tile_recorder **out, const sv_config *config, double key_s);
void sv_tile_recorder_destroy(sv_tile_recorder *tiles);

/** A new segment begins: every camera's next frame brings a key frame, so that no segment needs another. */
void sv_tile_recorder_restart(sv_tile_recorder *tiles);

/**
 * Keep what the core made of an image: its tiles, after a key frame where one is due.
 *
 *   image  in  the frame that sv_state_image_products(state) is of
 *   team   in  borrowed: packs; NULL: this thread alone
 *
 * Errors: SV_ERR_IO.
 */
sv_status sv_tile_recorder_image(sv_tile_recorder *tiles, sv_session_file *file, const sv_frame *image,
                                 const sv_state *state, sv_team *team);

#endif
