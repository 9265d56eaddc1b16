#include <core/detect/patches.h>
#include <stdlib.h>

enum {
    ROOM = 4,        /* patches of a block for so many times the candidates that it has when they lie evenly */
    ROOM_LEAST = 32, /* and at least */
    REACH = 2,       /* pixels that belong together, as in clusters */
    HITS_MAX = 1024,
};

static const int32_t widening = 200; /* noise of filter 0 over that of filter 1, in 64ths: 3.126 */

sv_status sv_patches_init(sv_patches *p, size_t n_blocks, size_t hits_per_block, size_t n_candidates) {
    const size_t room = ROOM * n_candidates / n_blocks + ROOM_LEAST;
    p->hits_per_block = hits_per_block < HITS_MAX ? hits_per_block : HITS_MAX;
    p->room = room < hits_per_block ? room : hits_per_block;
    p->patch = calloc(n_blocks * p->room, sizeof *p->patch);
    p->of_hit = calloc(n_blocks * hits_per_block, sizeof *p->of_hit);
    return p->patch && p->of_hit ? SV_OK : sv_fail(SV_ERR_NOMEM, "detector: out of memory for patches");
}

void sv_patches_fini(sv_patches *p) {
    free(p->patch);
    free(p->of_hit);
}

/* The larger filter, signed, in 64ths of filter 0. */
static int32_t strength_of(const sv_detect_hit *hit) {
    const int32_t a = 64 * hit->d[0], b = widening * hit->d[1];
    return (a < 0 ? -a : a) >= (b < 0 ? -b : b) ? a : b;
}

/* Of one sign; where filter 1 makes the pixels of a block equal, filter 0 tells them apart. */
static bool is_stronger(int32_t s, const sv_detect_hit *a, int32_t t, const sv_detect_hit *b) {
    return s < 0 ? s < t || (s == t && a->d[0] < b->d[0]) : s > t || (s == t && a->d[0] > b->d[0]);
}

/* Of two near hits of one sign the weaker is no maximum; of equals the later. Only hits that are wanted are compared. */
static void find_beaten(bool *beaten, const int32_t *strength, const sv_detect_hit *hit, const int32_t *wanted, int n) {
    for (int a = 0; a < n; a++) {
        const int32_t i = wanted[a], s = strength[i];
        beaten[i] = false;
        for (int b = a - 1; b >= 0 && hit[wanted[b]].y + REACH >= hit[i].y; b--) {
            const int32_t j = wanted[b], dx = hit[j].x - hit[i].x;
            if (dx > REACH || dx < -REACH || (strength[j] < 0) != (s < 0))
                continue;
            if (is_stronger(s, &hit[i], strength[j], &hit[j]))
                beaten[j] = true;
            else
                beaten[i] = true;
        }
    }
}

void sv_patches_take(sv_patches *p, size_t i_block, const sv_detect_view *view, const sv_detect_hit *hit, size_t n_hits,
                     double least, int32_t polarity) {
    bool beaten[HITS_MAX];
    int32_t strength[HITS_MAX], wanted[HITS_MAX], n_wanted = 0;
    const int32_t n = (int32_t)(n_hits < p->hits_per_block ? n_hits : p->hits_per_block);
    const int32_t limit = least < 1e6 ? (int32_t)(64 * least) : 64000000;
    int32_t *of_hit = p->of_hit + i_block * p->hits_per_block;
    for (int32_t i = 0; i < n; i++) {
        const int32_t s = strength_of(&hit[i]);
        of_hit[i] = -1;
        strength[i] = s;
        wanted[n_wanted] = i;
        n_wanted += (s >= limit && polarity >= 0) || (s <= -limit && polarity <= 0);
    }
    find_beaten(beaten, strength, hit, wanted, n_wanted);
    size_t n_taken = 0;
    for (int32_t a = 0; a < n_wanted && n_taken < p->room; a++) {
        const int32_t i = wanted[a];
        if (beaten[i] || !sv_weak_patch_fits(view, hit[i].x, hit[i].y))
            continue;
        of_hit[i] = (int32_t)(i_block * p->room + n_taken++);
        sv_weak_patch_take(&p->patch[of_hit[i]], view, hit[i].x, hit[i].y);
    }
}
