#include <skyvox/math.h>

#include <string.h>

/* Merge the sorted runs a[0, n_a) and b[0, n_b) into out; equal elements come from a first, which makes it stable. */
static void merge(unsigned char *out, const unsigned char *a, size_t n_a, const unsigned char *b, size_t n_b,
                  size_t size, bool (*less)(const void *, const void *, void *), void *user) {
    while (n_a > 0 && n_b > 0) {
        if (less(b, a, user)) {
            memcpy(out, b, size);
            b += size;
            n_b--;
        } else {
            memcpy(out, a, size);
            a += size;
            n_a--;
        }
        out += size;
    }
    memcpy(out, a, n_a * size);
    memcpy(out + n_a * size, b, n_b * size);
}

void sv_sort(void *base, size_t n, size_t size, bool (*less)(const void *a, const void *b, void *user), void *user,
             void *scratch) {
    if (n < 2) {
        return;
    }
    /* Bottom-up merge sort: runs of 1, 2, 4, ... go back and forth between base and scratch. */
    unsigned char *from = base;
    unsigned char *to = scratch;
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t i = 0; i < n; i += 2 * run) {
            size_t n_a = n - i < run ? n - i : run;
            size_t n_b = n - i - n_a < run ? n - i - n_a : run;
            const unsigned char *a = from + i * size;
            merge(to + i * size, a, n_a, a + n_a * size, n_b, size, less, user);
        }
        unsigned char *swap = from;
        from = to;
        to = swap;
    }
    if (from != base) {
        memcpy(base, from, n * size);
    }
}

uint64_t sv_double_key(double x) {
    /* Adding +0 turns -0 into +0: they are equal, so they get one key. */
    double canonical = x + 0.0;
    uint64_t bits;
    memcpy(&bits, &canonical, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}
