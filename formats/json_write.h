/** JSON as text: two-space indent, numbers that read back as the same double, the same bytes everywhere. */
#ifndef FORMATS_JSON_WRITE_H
#define FORMATS_JSON_WRITE_H

#include <skyvox/base.h>
#include <stdio.h>

enum { SV_JSON_DEPTH_CAP = 16 };

/** A document being written; start with {.file = f}. Write errors stay in the FILE: look there at the end. */
typedef struct sv_json_out {
    FILE *file;
    int depth;
    bool flat[SV_JSON_DEPTH_CAP];   /* all on one line */
    bool filled[SV_JSON_DEPTH_CAP]; /* something was written at this depth */
} sv_json_out;

/** Open '{' or '['; key is NULL inside arrays and at the top. flat: everything in it goes on one line. */
void sv_json_out_open(sv_json_out *json, const char *key, char bracket, bool flat);
void sv_json_out_close(sv_json_out *json, char bracket);
/** NaN and infinity become null. */
void sv_json_out_number(sv_json_out *json, const char *key, double value);
void sv_json_out_int(sv_json_out *json, const char *key, int64_t value);
void sv_json_out_uint(sv_json_out *json, const char *key, uint64_t value);
void sv_json_out_bool(sv_json_out *json, const char *key, bool value);
/** Escaped; bytes that are no UTF-8 become U+FFFD; NULL becomes null. */
void sv_json_out_text(sv_json_out *json, const char *key, const char *text);

/** Bytes of the UTF-8 character at text; 0 when it is none. */
size_t sv_utf8_length(const char *text);

#endif
