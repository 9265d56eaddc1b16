/** Places of a frame's weak local maxima, found block by block while the scan has the pixels in the cache. */
#ifndef CORE_DETECT_WEAK_PLACES_H
#define CORE_DETECT_WEAK_PLACES_H

#include <core/detect/centroid_weak.h>

typedef struct sv_weak_places {
    const sv_centroid_ops *ops;
    sv_weak_windows *windows;
    sv_weak_place *place; /* [n_blocks][room] */
    int32_t *of_hit;      /* [n_blocks][hits_per_block] index of place; -1: none was found */
    size_t room, hits_per_block;
} sv_weak_places;

/** Errors: SV_ERR_NOMEM; `places` can be released all the same. Room for several times n_candidates that lie evenly. */
sv_status sv_weak_places_init(sv_weak_places *places, const sv_centroid_ops *ops, size_t n_blocks,
                              size_t hits_per_block, size_t n_candidates);
void sv_weak_places_fini(sv_weak_places *places);

/**
 * Find the places of one block. A local maximum is judged by the filters alone, each in units of its noise on plain sky:
 * nearly always the same as in the end, and where it is not a place is found in vain or is missing.
 *
 *   hit       in  [n_hits] in reading order
 *   least     in  hits below it are not worth a place, in units of filter 0
 *   polarity  in  0 both, +1 only brighter, -1 only darker
 */
void sv_weak_places_take(sv_weak_places *places, size_t i_block, const sv_detect_view *view, const sv_detect_hit *hit,
                         size_t n_hits, double least, int32_t polarity);

/** One place, where none was found in time. */
void sv_weak_places_take_one(sv_weak_place *out, const sv_weak_places *places, const sv_detect_view *view,
                             const sv_weak_target *target);

#endif
