/** Ids that are text: each gets a number, in the order of the sorted names. */
#ifndef FORMATS_NAMES_H
#define FORMATS_NAMES_H

#include <skyvox/base.h>

/** Start with {0}. */
typedef struct sv_names {
    char **name; /* [n] owned */
    size_t n, cap;
    int32_t *bucket; /* [bucket_cap] open addressing, index into name or -1 */
    size_t bucket_cap;
} sv_names;

/** Number of a name, made when it is new, in the order of coming. Errors: SV_ERR_NOMEM, SV_ERR_LIMIT (2^30 names). */
sv_status sv_names_add(int64_t *number, sv_names *names, const char *text);
/** Sort by bytes; (*place)[i] is then the new number of the old number i, free() it. Nothing may be added afterwards. */
sv_status sv_names_sort(int64_t **place, sv_names *names);
void sv_names_release(sv_names *names);

enum { SV_ID_TEXT_CAP = 80 };

/** The id's name (cut at 79 bytes), or its digits where ids are numbers; returns text. */
const char *sv_names_text(char text[SV_ID_TEXT_CAP], const sv_names *names, int64_t id);

#endif
