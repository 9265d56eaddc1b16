/** What a shift of the frame shows in the answers of the detector's filters. docs/MATH.md 2.7. */
#ifndef CORE_DETECT_SHOWN_H
#define CORE_DETECT_SHOWN_H

#include <core/detect/shake.h>

enum {
    SV_SHOWN_SMOOTHINGS = 3, /**< c1, c2 and c3 */
    SV_SHOWN_TAPS = 5,       /**< in each axis, 1, 2 and 4 px apart */
};

/** The smoothings of -(shift . gradient) as weights of the background around a pixel, row by row. */
typedef struct sv_shown {
    double weight[SV_SHOWN_SMOOTHINGS][SV_SHOWN_TAPS * SV_SHOWN_TAPS];
} sv_shown;

/** Weights of one frame. */
sv_shown sv_shown_by(sv_shake shake);

/**
 * What the shift shows in the filters at (x, y).
 *
 *   answer_dn  out  c1 - c3 and c2 - c3 of weight 1, DN; zeros where it is not known
 *
 * False nearer than SV_DETECT_HALO to the image's border, where it is not known. Reads no farther than that.
 */
bool sv_shown_in(double answer_dn[SV_DETECT_SCALES], const sv_shown *shown, const sv_detect_view *view, int32_t x,
                 int32_t y);

#endif
