/** The known word that somebody probably meant. */
#ifndef FORMATS_NEAREST_H
#define FORMATS_NEAREST_H

#include <stddef.h>

/** Running search: feed every known word, then read `best` (NULL while none was fed). Start with {0}. */
typedef struct sv_nearest {
    const char *best; /* borrowed */
    size_t distance;
} sv_nearest;

/** Feed one known word; of equally near ones the first stays. */
void sv_nearest_offer(sv_nearest *nearest, const char *wanted, const char *known);

#endif
