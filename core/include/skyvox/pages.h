/** Large arrays that are walked through from end to end every frame: images and their backgrounds. */
#ifndef SKYVOX_PAGES_H
#define SKYVOX_PAGES_H

#include <skyvox/base.h>

SV_BEGIN_DECLS

/** `size` bytes of 0 on large pages where the system has them, aligned to 64; NULL without memory. Free with free(). */
SV_API void *sv_pages_alloc(size_t size);

SV_END_DECLS
#endif
