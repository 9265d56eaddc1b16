/**
 * The event log: everything uncertain becomes an event, everything after it is a pure function.
 * Simulator, recording and live hardware are sources of the same events; a recorder is a sink of them.
 */
#ifndef SKYVOX_EVENT_H
#define SKYVOX_EVENT_H

#include <skyvox/types.h>

SV_BEGIN_DECLS

typedef enum sv_event_kind {
    SV_EVENT_FRAME = 0,      /**< an image */
    SV_EVENT_DETECTIONS = 1, /**< every detection of one camera frame, possibly none: the camera was alive */
    SV_EVENT_BEARINGS = 2,   /**< every ray of one frame set, as recorded after fuse; t is the set's time */
    SV_EVENT_POINTS = 3,     /**< points of one scan, possibly none */
    SV_EVENT_GAP = 4,        /**< a camera frame is known to be lost */
    SV_EVENT_END = 5,        /**< the session ends: close every set */
} sv_event_kind;

/** Tagged union with a total-order sequence number. Pointers are borrowed until the source's next call. */
typedef struct sv_event {
    uint64_t seq; /**< strictly increasing in one log */
    sv_time t;    /**< frame or scan time; for END the time of the last event */
    sv_event_kind kind;
    int32_t camera; /**< index into the rig; -1 for BEARINGS, POINTS and END */
    int32_t frame;  /**< the camera's frame number; scan or set number for BEARINGS and POINTS */
    union {
        sv_frame image;
        struct {
            const sv_detection *item;
            size_t n;
        } detections;
        struct {
            const sv_ray *item;
            size_t n;
            const bool *alive; /**< [n_cameras] cameras that had a frame in the set; NULL: all */
        } bearings;
        struct {
            const sv_point *item;
            size_t n;
        } points;
    } as;
} sv_event;

struct sv_truth_set; /* <skyvox/truth.h>: for scorers only */

/** Where events come from. Plain struct of functions; `self` is the implementation's. */
typedef struct sv_source {
    void *self;
    /** Fill the next event, in seq order. SV_OK; SV_END after the END event was given; or an error. */
    sv_status (*next)(void *self, sv_event *event);
    /**
     * Truth is no event: one stamp's truth, in time order, no later than the last event given (all of it once next()
     * returned the END event). SV_OK; SV_AGAIN: none more for now; SV_END: none more at all. Borrowed until the next call
     * of either function. NULL when the source has no truth.
     */
    sv_status (*truth)(void *self, struct sv_truth_set *set);
    void (*close)(void *self);
} sv_source;

struct sv_products; /* <skyvox/pipeline.h> */
struct sv_state;

/** Who gets a copy: recorder, CSV writers, scorer. Any function may be NULL. */
typedef struct sv_sink {
    void *self;
    /** Before the core sees it. */
    sv_status (*event)(void *self, const sv_event *event);
    /** After the core took a FRAME event in: sv_state_image_products() is of it. The pixels are still there. */
    sv_status (*image)(void *self, const sv_event *event, const struct sv_state *state);
    /** After a frame set was closed. */
    sv_status (*set)(void *self, const struct sv_products *products);
    sv_status (*close)(void *self);
} sv_sink;

SV_END_DECLS
#endif
