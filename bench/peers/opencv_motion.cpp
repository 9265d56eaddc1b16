#include "opencv_motion.h"

#include <opencv2/imgproc.hpp>
#include <opencv2/video/background_segm.hpp>

#include <exception>
#include <new>

const char *const peer_opencv_labelling[PEER_LABELLINGS] = {"default", "spaghetti", "bbdt", "sauf"};
static const int algorithm[PEER_LABELLINGS] = {cv::CCL_DEFAULT, cv::CCL_SPAGHETTI, cv::CCL_BBDT, cv::CCL_SAUF};

bool peer_opencv_is_built(void) {
    return true;
}

struct peer_opencv {
    cv::Mat background, difference, mask, mean, labels, stats, centroids, foreground;
    cv::Ptr<cv::BackgroundSubtractorMOG2> mog2;
};

static cv::Mat image_of(const peer_opencv *peer, const void *pixels) {
    return cv::Mat(peer->background.size(), CV_8U, const_cast<void *>(pixels));
}

peer_opencv *peer_opencv_create(int width, int height, const void *first) {
    peer_opencv *peer = nullptr;
    try {
        peer = new peer_opencv;
        cv::Mat(height, width, CV_8U, const_cast<void *>(first)).copyTo(peer->background);
        peer->background.convertTo(peer->mean, CV_32F);
        peer->mog2 = cv::createBackgroundSubtractorMOG2(500, 16, false);
        return peer;
    } catch (const std::exception &) {
        delete peer;
        return nullptr;
    }
}

void peer_opencv_destroy(peer_opencv *peer) {
    delete peer;
}

void peer_opencv_set_threads(int n_threads) {
    cv::setNumThreads(n_threads);
}

bool peer_opencv_pipeline(peer_opencv *peer, const void *pixels, int labelling) {
    try {
        const cv::Mat image = image_of(peer, pixels);
        cv::absdiff(image, peer->background, peer->difference);
        cv::threshold(peer->difference, peer->mask, 20, 255, cv::THRESH_BINARY);
        cv::accumulateWeighted(image, peer->mean, 0.05);
        cv::connectedComponentsWithStats(peer->mask, peer->labels, peer->stats, peer->centroids, 8, CV_32S,
                                         algorithm[labelling]);
        return true;
    } catch (const std::exception &) {
        return false;
    }
}

bool peer_opencv_mog2(peer_opencv *peer, const void *pixels) {
    try {
        peer->mog2->apply(image_of(peer, pixels), peer->foreground);
        return true;
    } catch (const std::exception &) {
        return false;
    }
}
