#include <formats/csv.h>
#include <formats/json_write.h>

#include <inttypes.h>
#include <string.h>

size_t sv_utf8_length(const char *text) {
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    // Overlong forms, surrogates, beyond U+10FFFF.
    bool bad = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF0 && s[1] < 0x90) ||
               (s[0] == 0xF4 && s[1] > 0x8F);
    return bad ? 0 : n;
}

static void put_text(FILE *file, const char *text) {
    fputc('"', file);
    while (*text != '\0') {
        size_t n = sv_utf8_length(text);
        unsigned char c = (unsigned char)*text;
        if (n == 0)
            fputs("\\ufffd", file);
        else if (c == '"' || c == '\\')
            fprintf(file, "\\%c", c);
        else if (c < 0x20)
            fprintf(file, "\\u%04x", c);
        else
            fwrite(text, 1, n, file);
        text += n > 0 ? n : 1;
    }
    fputc('"', file);
}

static void break_line(sv_json_out *json) {
    fprintf(json->file, "\n%*s", 2 * json->depth, "");
}

/* Comma, line break and key before a value. */
static void begin_value(sv_json_out *json, const char *key) {
    if (json->depth > 0) {
        bool flat = json->flat[json->depth];
        if (json->filled[json->depth])
            fputs(flat ? ", " : ",", json->file);
        if (!flat)
            break_line(json);
        json->filled[json->depth] = true;
    }
    if (key) {
        put_text(json->file, key);
        fputs(": ", json->file);
    }
}

void sv_json_out_open(sv_json_out *json, const char *key, char bracket, bool flat) {
    begin_value(json, key);
    fputc(bracket, json->file);
    bool inherited = json->flat[json->depth];
    if (json->depth + 1 < SV_JSON_DEPTH_CAP)
        json->depth++;
    json->flat[json->depth] = flat || inherited;
    json->filled[json->depth] = false;
}

void sv_json_out_close(sv_json_out *json, char bracket) {
    bool filled = json->filled[json->depth], flat = json->flat[json->depth];
    json->depth--;
    if (filled && !flat)
        break_line(json);
    fputc(bracket, json->file);
    if (json->depth == 0)
        fputc('\n', json->file);
}

void sv_json_out_number(sv_json_out *json, const char *key, double value) {
    char text[SV_NUMBER_CAP];
    begin_value(json, key);
    fputs(value - value == 0 ? sv_number_shortest(text, value) : "null", json->file);
}

void sv_json_out_int(sv_json_out *json, const char *key, int64_t value) {
    begin_value(json, key);
    fprintf(json->file, "%" PRId64, value);
}

void sv_json_out_uint(sv_json_out *json, const char *key, uint64_t value) {
    begin_value(json, key);
    fprintf(json->file, "%" PRIu64, value);
}

void sv_json_out_bool(sv_json_out *json, const char *key, bool value) {
    begin_value(json, key);
    fputs(value ? "true" : "false", json->file);
}

void sv_json_out_text(sv_json_out *json, const char *key, const char *text) {
    begin_value(json, key);
    if (text)
        put_text(json->file, text);
    else
        fputs("null", json->file);
}
