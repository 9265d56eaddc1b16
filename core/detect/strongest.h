/** Candidates by decreasing strength. */
#ifndef CORE_DETECT_STRONGEST_H
#define CORE_DETECT_STRONGEST_H

#include <skyvox/base.h>

/** One to be sorted: the bits of its strength, and which it is. */
typedef struct sv_strong_item {
    uint64_t key;
    int32_t index;
} sv_strong_item;

/** Item of a strength >= 0. */
sv_strong_item sv_strong_item_of(double strength, int32_t index);

/** Sort by decreasing strength, equal ones in the order they came: a radix sort in time n. scratch: [n] */
void sv_strongest_first(sv_strong_item *item, size_t n, sv_strong_item *scratch);

#endif
