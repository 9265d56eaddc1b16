/** Large arrays that are walked through from end to end every frame. */
#ifndef CORE_BASE_PAGES_H
#define CORE_BASE_PAGES_H

#include <stddef.h>

/** `size` bytes of 0 on large pages where the system has them, aligned to 64; NULL without memory. Free with free(). */
void *sv_pages_alloc(size_t size);

#endif
