#include "opencv_motion.h"

#include <opencv2/imgproc.hpp>
#include <opencv2/video/background_segm.hpp>

#include <sys/mman.h>

#include <cstdlib>
#include <exception>
#include <new>

const char *const peer_opencv_labelling[PEER_LABELLINGS] = {"default", "spaghetti", "bbdt", "sauf"};
static const int algorithm[PEER_LABELLINGS] = {cv::CCL_DEFAULT, cv::CCL_SPAGHETTI, cv::CCL_BBDT, cv::CCL_SAUF};

bool peer_opencv_is_built(void) {
    return true;
}

/* Large matrices on large pages where the system has them, as the detector's state is; MOG2's model, too. */
class page_allocator : public cv::MatAllocator {
public:
    cv::UMatData *allocate(int n_dims, const int *sizes, int type, void *data, size_t *step, cv::AccessFlag,
                           cv::UMatUsageFlags) const override {
        enum { PAGE = 2 << 20 };
        size_t total = CV_ELEM_SIZE(type);
        for (int i = n_dims - 1; i >= 0; i--) {
            if (step) {
                if (data && step[i] != cv::Mat::AUTO_STEP)
                    total = step[i];
                else
                    step[i] = total;
            }
            total *= (size_t)sizes[i];
        }
        cv::UMatData *u = new cv::UMatData(this);
        u->size = total;
        u->data = u->origdata = static_cast<uchar *>(data);
        if (data) {
            u->flags |= cv::UMatData::USER_ALLOCATED;
            return u;
        }
        const size_t unit = total < PAGE ? 64 : PAGE, whole = (total + unit) / unit * unit;
        u->data = u->origdata = static_cast<uchar *>(std::aligned_alloc(unit, whole));
        if (!u->data) {
            delete u;
            throw std::bad_alloc();
        }
#ifdef MADV_HUGEPAGE
        if (unit == PAGE)
            (void)madvise(u->data, whole, MADV_HUGEPAGE);
#endif
        return u;
    }

    bool allocate(cv::UMatData *u, cv::AccessFlag, cv::UMatUsageFlags) const override {
        return u != nullptr;
    }

    void deallocate(cv::UMatData *u) const override {
        if (u && !(u->flags & cv::UMatData::USER_ALLOCATED))
            std::free(u->origdata);
        delete u;
    }
};

struct peer_opencv {
    cv::Mat background, difference, mask, mean, labels, stats, centroids, foreground;
    cv::Ptr<cv::BackgroundSubtractorMOG2> mog2;
};

static cv::Mat image_of(const peer_opencv *peer, const void *pixels) {
    return cv::Mat(peer->background.size(), CV_8U, const_cast<void *>(pixels));
}

peer_opencv *peer_opencv_create(int width, int height, const void *first) {
    static page_allocator pages;
    peer_opencv *peer = nullptr;
    try {
        cv::Mat::setDefaultAllocator(&pages);
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
