/** The inside of a session being read; within replay only. */
#ifndef REPLAY_SESSION_PARTS_H
#define REPLAY_SESSION_PARTS_H

#include <replay/hevc.h>
#include <replay/session.h>
#include <replay/session_segment.h>

enum { SV_SESSION_NOTE_CAP = 256 };

/** Something borrowed that grows. */
typedef struct sv_session_buffer {
    void *data;
    size_t size; /* bytes */
} sv_session_buffer;

/** Arrays of one set or one event. */
typedef struct sv_session_arrays {
    sv_session_buffer detection, ray, point, track, alive;
} sv_session_arrays;

/** The background decoded last. */
typedef struct sv_key_cache {
    bool valid;
    int32_t camera, i_segment;
    int64_t row;
    sv_time t;
} sv_key_cache;

/** A row of a camera's tiles. */
typedef struct sv_tiles_place {
    int32_t camera, i_segment;
    int64_t row;
} sv_tiles_place;

struct sv_session {
    sv_segment **segment; /* [n_segments] */
    int32_t n_segments;
    sv_session_meta meta;
    sv_config config; /* config.camera is owned here */
    sv_camera *camera;
    sv_expect_row *expect;
    int32_t n_expect;
    char note[SV_SESSION_NOTE_CAP];
    sv_set_row set_row;
    sv_products products;
    sv_session_arrays set, event;
    sv_session_buffer sample, view, packed, pixels, key;
    sv_key_cache key_cache;    /* what `key` holds */
    sv_video_row *video;       /* [n_cameras] of level hevc; file "" where none is known */
    sv_hevc_decoder **decoder; /* [n_cameras] made when first needed */
    size_t n_packet;           /* of the frame read last */
    bool packets_only;         /* frames come as checked packets in `packed`, without pixels: a copy */
};

/** n bytes fit afterwards. Errors: SV_ERR_NOMEM. */
sv_status sv_session_reserve(sv_session_buffer *buffer, size_t n);

/** Sums of such times and of intervals do not overflow: some 73 years on either side. */
bool sv_session_time_holds(sv_time t);

/** Row over all segments -> the segment and its row; false: beyond the end. */
bool sv_session_locate(const sv_session *session, int32_t table, int64_t i_row, int32_t *i_segment, int64_t *row);

/** Rows first..first + n - 1 of a table of one segment into an array of structs. Errors: SV_ERR_INPUT, SV_ERR_NOMEM. */
sv_status sv_session_rows_of(sv_session_buffer *out, sv_segment *segment, int32_t table, int64_t first, int64_t n);

/** A frame of one segment. Errors: SV_ERR_INPUT, SV_ERR_NOMEM. */
sv_status sv_session_read_frame_of(sv_frame *out, sv_session *session, sv_segment *segment, int32_t camera, int64_t row,
                                   sv_team *team);

/** Find the videos of a session of level hevc; what is missing is in the note. Errors: SV_ERR_NOMEM. */
sv_status sv_session_attach_videos(sv_session *session);
void sv_session_free_videos(sv_session *session);
/** The frame whose packet is in session->packed. Errors: SV_ERR_INPUT, SV_ERR_UNSUPPORTED, SV_ERR_NOMEM. */
sv_status sv_session_decode_video(void *pixels, sv_session *session, int32_t camera, size_t n_packet, sv_team *team);

/** The part of sv_session_verify and sv_session_copy for level tiles; nothing to do at other levels. */
sv_status sv_session_verify_tiles(sv_session_check *out, sv_session *session, sv_session_complain complain, void *user);
sv_status sv_session_copy_tiles(sv_session *session, sv_recorder *recorder);
/** Level hevc: frames are copied as packets from now on, and the one read last goes to the recorder. */
void sv_session_copy_packets(sv_recorder_options *options, sv_session *session);
void sv_session_hand_packet(sv_session *session, sv_recorder *recorder, const sv_event *event);

/**
 * Open a segment that ended well by HDF5 and look for its rows and chunks where the journal has them.
 * Number of damages, each said in words.
 */
int64_t sv_session_compare_hdf5(const sv_session *session, sv_segment *segment, sv_session_complain complain,
                                void *user);

#endif
