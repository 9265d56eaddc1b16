/* Stands for opencv_motion.cpp in a build without OpenCV: there is no peer. */
#include "opencv_motion.h"

const char *const peer_opencv_labelling[PEER_LABELLINGS] = {"default", "spaghetti", "bbdt", "sauf"};

bool peer_opencv_is_built(void) {
    return false;
}

peer_opencv *peer_opencv_create(int width, int height, const void *first) {
    (void)width;
    (void)height;
    (void)first;
    return NULL;
}

void peer_opencv_destroy(peer_opencv *peer) {
    (void)peer;
}

void peer_opencv_set_threads(int n_threads) {
    (void)n_threads;
}

bool peer_opencv_pipeline(peer_opencv *peer, const void *pixels, int labelling) {
    (void)peer;
    (void)pixels;
    (void)labelling;
    return false;
}

bool peer_opencv_mog2(peer_opencv *peer, const void *pixels) {
    (void)peer;
    (void)pixels;
    return false;
}
