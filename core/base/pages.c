#define _DEFAULT_SOURCE /* madvise */
#include <skyvox/pages.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 2 << 20 };

void *sv_pages_alloc(size_t size) {
    if (size == 0 || size > SIZE_MAX - PAGE)
        return NULL;
    const size_t unit = size < PAGE ? 64 : PAGE, whole = (size + unit - 1) / unit * unit;
    void *memory = aligned_alloc(unit, whole);
    if (!memory)
        return NULL;
#ifdef MADV_HUGEPAGE
    if (unit == PAGE)
        (void)madvise(memory, whole, MADV_HUGEPAGE); /* a wish: without it only speed is lost */
#endif
    memset(memory, 0, whole);
    return memory;
}
