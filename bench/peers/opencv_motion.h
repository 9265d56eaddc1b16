/** OpenCV on the frames of `skyvox bench motion`; only where OpenCV was found at configure time. */
#ifndef BENCH_PEERS_OPENCV_MOTION_H
#define BENCH_PEERS_OPENCV_MOTION_H

#include <skyvox/base.h>

SV_BEGIN_DECLS

/** Images, models and results of one run of OpenCV. */
typedef struct peer_opencv peer_opencv;

/** Ways of connectedComponentsWithStats: the default one, and the others by name. */
enum { PEER_LABELLINGS = 4 };
extern const char *const peer_opencv_labelling[PEER_LABELLINGS];

/** False in a build without OpenCV, where there is no peer. */
bool peer_opencv_is_built(void);

/** For images of width x height, 8 bit, whose background is `first`; NULL when OpenCV fails. */
peer_opencv *peer_opencv_create(int width, int height, const void *first);
void peer_opencv_destroy(peer_opencv *peer);

/** OpenCV's own threads from now on. */
void peer_opencv_set_threads(int n_threads);

/** absdiff, threshold, accumulateWeighted, connectedComponentsWithStats; false when OpenCV fails. */
bool peer_opencv_pipeline(peer_opencv *peer, const void *pixels, int labelling);

/** BackgroundSubtractorMOG2 without shadows; false when OpenCV fails. */
bool peer_opencv_mog2(peer_opencv *peer, const void *pixels);

SV_END_DECLS
#endif
