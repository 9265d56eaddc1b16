/* Edit distance of Levenshtein on the first 63 bytes of both words, one row of the table at a time. */
#include <formats/nearest.h>

enum { WORD_CAP = 64 };

static size_t min3(size_t a, size_t b, size_t c) {
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

static size_t length(const char *word) {
    size_t n = 0;
    while (n < WORD_CAP - 1 && word[n] != '\0') {
        n++;
    }
    return n;
}

static size_t edit_distance(const char *a, const char *b) {
    size_t n_a = length(a);
    size_t n_b = length(b);
    size_t row[WORD_CAP];
    for (size_t j = 0; j <= n_b; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= n_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            size_t above = row[j];
            row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
            diagonal = above;
        }
    }
    return row[n_b];
}

void sv_nearest_offer(sv_nearest *nearest, const char *wanted, const char *known) {
    size_t distance = edit_distance(wanted, known);
    if (nearest->best == NULL || distance < nearest->distance) {
        nearest->best = known;
        nearest->distance = distance;
    }
}
