/** Strict grammar of JSON, before a lenient reader sees the text. */
#ifndef FORMATS_JSON_CHECK_H
#define FORMATS_JSON_CHECK_H

#include <skyvox/base.h>

/**
 * Check RFC 8259 JSON with three limits: 32 levels, numbers of at most 63 characters in double's range, no U+0000.
 * Errors: SV_ERR_INPUT "name: line 3, column 7: found 'x', expected a value".
 */
sv_status sv_json_check(const char *name, const char *text, size_t n);

#endif
