#include <skyvox/base.h>

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char error_text[512];

const char *sv_error_text(void) {
    return error_text;
}

sv_status sv_fail(sv_status status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(error_text, sizeof error_text, format, args);
    va_end(args);
    return status;
}

const char *sv_status_name(sv_status status) {
    switch (status) {
    case SV_OK:
        return "ok";
    case SV_AGAIN:
        return "again";
    case SV_END:
        return "end";
    case SV_ERR_ARG:
        return "bad argument";
    case SV_ERR_INPUT:
        return "bad input";
    case SV_ERR_IO:
        return "input/output failed";
    case SV_ERR_NOMEM:
        return "out of memory";
    case SV_ERR_DEGENERATE:
        return "degenerate geometry";
    case SV_ERR_LIMIT:
        return "capacity exceeded";
    case SV_ERR_UNSUPPORTED:
        return "not supported by this build or machine";
    }
    return "unknown status";
}

const char *sv_version(void) {
    return "0.1.0";
}
