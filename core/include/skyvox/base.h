/** Status codes, the thread-local error text and the version: what every other header stands on. */
#ifndef SKYVOX_BASE_H
#define SKYVOX_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define SV_BEGIN_DECLS extern "C" {
#define SV_END_DECLS }
#else
#define SV_BEGIN_DECLS
#define SV_END_DECLS
#endif

#if defined(__GNUC__)
#define SV_API __attribute__((visibility("default")))
#define SV_PRINTF(i_format, i_first) __attribute__((format(printf, i_format, i_first)))
#else
#define SV_API
#define SV_PRINTF(i_format, i_first)
#endif

SV_BEGIN_DECLS

/**
 * Result of a call: negative error, 0 done, positive done-with-a-note.
 * After an error plain outputs and the object are unchanged; create and open set `*out = NULL`.
 */
typedef enum sv_status {
    SV_OK = 0,
    SV_AGAIN = 1,            /**< done, and there is more (see the function) */
    SV_END = 2,              /**< nothing more will come */
    SV_ERR_ARG = -1,         /**< the caller's fault: argument out of its documented range */
    SV_ERR_INPUT = -2,       /**< a file's or the user's fault; the error text names the place */
    SV_ERR_IO = -3,          /**< the machine failed: read, write, disk full */
    SV_ERR_NOMEM = -4,       /**< the machine failed: out of memory */
    SV_ERR_DEGENERATE = -5,  /**< the geometry has no answer (parallel rays, point behind a camera) */
    SV_ERR_LIMIT = -6,       /**< more than a documented capacity */
    SV_ERR_UNSUPPORTED = -7, /**< this build or machine lacks an optional part */
} sv_status;

/** Short English name of a status, static. */
SV_API const char *sv_status_name(sv_status status);

/** Text of this thread's last failure: one line without newline, "" before the first; valid until the next failure. */
SV_API const char *sv_error_text(void);

/** Set this thread's error text and return `status`, so that a function can end in `return sv_fail(...)`. */
SV_API sv_status sv_fail(sv_status status, const char *format, ...) SV_PRINTF(2, 3);

/** "0.1.0", static. */
SV_API const char *sv_version(void);

SV_END_DECLS
#endif
