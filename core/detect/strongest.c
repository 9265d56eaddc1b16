#include <core/detect/strongest.h>
#include <skyvox/math.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 6, VALUES = 1 << DIGIT_BITS };

sv_strong_item sv_strong_item_of(double strength, int32_t index) {
    return (sv_strong_item){~sv_double_key(strength), index}; /* increasing keys are decreasing strengths */
}

static uint32_t digit_of(uint64_t key, int digit) {
    return (uint32_t)(key >> (digit * DIGIT_BITS)) & (VALUES - 1);
}

void sv_strongest_first(sv_strong_item *item, size_t n, sv_strong_item *scratch) {
    uint32_t count[DIGITS][VALUES];
    memset(count, 0, sizeof count);
    for (size_t i = 0; i < n; i++)
        for (int d = 0; d < DIGITS; d++)
            count[d][digit_of(item[i].key, d)]++;
    sv_strong_item *from = item, *to = scratch;
    for (int d = 0; d < DIGITS; d++) {
        if (n == 0 || count[d][digit_of(from[0].key, d)] == n)
            continue; /* all alike in this digit */
        uint32_t before = 0;
        for (int v = 0; v < VALUES; v++) {
            const uint32_t here = count[d][v];
            count[d][v] = before;
            before += here;
        }
        for (size_t i = 0; i < n; i++)
            to[count[d][digit_of(from[i].key, d)]++] = from[i];
        sv_strong_item *swap = from;
        from = to;
        to = swap;
    }
    if (from != item)
        memcpy(item, from, n * sizeof *item);
}
