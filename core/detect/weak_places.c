#include <core/detect/weak_places.h>
#include <stdlib.h>

enum {
    ROOM = 4,        /* places of a block for so many times the candidates that it has when they lie evenly */
    ROOM_LEAST = 32, /* and at least */
    REACH = 2,       /* pixels that belong together, as in clusters */
    HITS_MAX = 1024,
};

static const int32_t widening = 200; /* noise of filter 0 over that of filter 1, in 64ths: 3.126 */

sv_status sv_weak_places_init(sv_weak_places *p, const sv_centroid_ops *ops, size_t n_blocks, size_t hits_per_block,
                              size_t n_candidates) {
    const size_t room = ROOM * n_candidates / n_blocks + ROOM_LEAST;
    p->ops = ops;
    p->hits_per_block = hits_per_block < HITS_MAX ? hits_per_block : HITS_MAX;
    p->room = room < p->hits_per_block ? room : p->hits_per_block;
    p->windows = calloc(1, sizeof *p->windows);
    p->place = calloc(n_blocks * p->room, sizeof *p->place);
    p->of_hit = calloc(n_blocks * hits_per_block, sizeof *p->of_hit);
    if (!p->windows || !p->place || !p->of_hit)
        return sv_fail(SV_ERR_NOMEM, "detector: out of memory for places");
    sv_weak_windows_init(p->windows);
    return SV_OK;
}

void sv_weak_places_fini(sv_weak_places *p) {
    free(p->windows);
    free(p->place);
    free(p->of_hit);
}

/* A hit that may be a maximum. */
typedef struct peak {
    int64_t key; /* of those of one sign the stronger has the larger */
    uint16_t x, y;
    uint16_t hit;
    int16_t sign;
} peak;

/* The larger filter, signed, in 64ths of filter 0. */
static int32_t strength_of(const sv_detect_hit *hit) {
    const int32_t a = 64 * hit->d[0], b = widening * hit->d[1];
    return (a < 0 ? -a : a) >= (b < 0 ? -b : b) ? a : b;
}

/* Where filter 1 makes the pixels of a block equal, filter 0 tells them apart. */
static peak peak_of(const sv_detect_hit *hit, int32_t i, int32_t strength) {
    const int64_t key = (int64_t)strength * 65536 + hit->d[0];
    return (peak){strength < 0 ? -key : key, hit->x, hit->y, (uint16_t)i, strength < 0 ? -1 : 1};
}

static size_t list_peaks(peak *out, int32_t *of_hit, const sv_detect_hit *hit, int32_t n, int32_t limit,
                         int32_t polarity) {
    const int32_t above = polarity >= 0 ? limit : INT32_MAX, below = polarity <= 0 ? -limit : INT32_MIN;
    size_t n_out = 0;
    for (int32_t i = 0; i < n; i++) {
        const int32_t s = strength_of(&hit[i]);
        of_hit[i] = -1;
        out[n_out] = peak_of(&hit[i], i, s);
        n_out += (s >= above) | (s <= below);
    }
    return n_out;
}

/*
 * Of two near hits of one sign the weaker is no maximum; of equals the later. Only hits that are wanted are compared. Without branches:
 * which of two is the stronger is not to be foreseen.
 */
static void find_beaten(uint8_t *beaten, const peak *p, size_t n) {
    size_t first = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t own = 0;
        while (p[first].y + REACH < p[i].y)
            first++;
        for (size_t j = first; j < i; j++) {
            const unsigned near = (uint32_t)(p[j].x - p[i].x + REACH) <= 2 * REACH, alike = p[j].sign == p[i].sign;
            const unsigned later = p[i].key > p[j].key;
            beaten[j] |= (uint8_t)(near & alike & later);
            own |= (uint8_t)(near & alike & !later);
        }
        beaten[i] = own;
    }
}

static sv_weak_target target_of(const sv_detect_hit *hit, int8_t sign) {
    return (sv_weak_target){.x = hit->x, .y = hit->y, .width = sv_weak_width_of(hit->d), .sign = sign};
}

void sv_weak_places_take(sv_weak_places *p, size_t i_block, const sv_detect_view *view, const sv_detect_hit *hit,
                         size_t n_hits, double least, int32_t polarity) {
    peak peaks[HITS_MAX + 1];
    uint8_t beaten[HITS_MAX];
    sv_weak_target target[HITS_MAX];
    const int32_t n = (int32_t)(n_hits < p->hits_per_block ? n_hits : p->hits_per_block);
    const int32_t limit = least < 1e6 ? (int32_t)(64 * least) : 64000000;
    int32_t *of_hit = p->of_hit + i_block * p->hits_per_block;
    const size_t n_peaks = list_peaks(peaks, of_hit, hit, n, limit, polarity);
    find_beaten(beaten, peaks, n_peaks);
    size_t n_taken = 0;
    for (size_t k = 0; k < n_peaks && n_taken < p->room; k++) {
        if (beaten[k] || !sv_weak_fits(view, peaks[k].x, peaks[k].y))
            continue;
        of_hit[peaks[k].hit] = (int32_t)(i_block * p->room + n_taken);
        target[n_taken++] = target_of(&hit[peaks[k].hit], (int8_t)peaks[k].sign);
    }
    p->ops->weak(&p->place[i_block * p->room], view, p->windows, target, n_taken);
}

void sv_weak_places_take_one(sv_weak_place *out, const sv_weak_places *p, const sv_detect_view *view,
                             const sv_weak_target *target) {
    p->ops->weak(out, view, p->windows, target, 1);
}
