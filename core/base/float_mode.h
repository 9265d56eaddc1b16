/** The floating-point mode that results depend on: round to nearest, denormals kept, whatever the host program set. */
#ifndef CORE_BASE_FLOAT_MODE_H
#define CORE_BASE_FLOAT_MODE_H

#if defined(__SSE__)
#include <xmmintrin.h>

/** Set the mode of this thread; returns the old one for sv_float_mode_leave. */
static inline unsigned sv_float_mode_enter(void) {
    unsigned old = _mm_getcsr();
    _mm_setcsr(0x1f80); // every exception masked, nearest, neither flush-to-zero nor denormals-are-zero
    return old;
}

static inline void sv_float_mode_leave(unsigned old) {
    _mm_setcsr(old);
}
#else
static inline unsigned sv_float_mode_enter(void) {
    return 0;
}

static inline void sv_float_mode_leave(unsigned old) {
    (void)old;
}
#endif

#endif
