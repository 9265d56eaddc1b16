/* Recursive descent over the text; `p` always stands on the next byte, `end` behind the last. */
#include <formats/csv.h>
#include <formats/json_check.h>

#include <stdio.h>
#include <string.h>

enum { DEPTH_CAP = 32, NUMBER_LENGTH_CAP = 63 };

typedef struct scan {
    const char *name;
    const char *begin, *p, *end;
} scan;

/* Line and column (in bytes, from 1) of p, what stands there, what should. */
static sv_status fail(const scan *s, const char *expected) {
    int line = 1;
    const char *line_begin = s->begin;
    for (const char *q = s->begin; q < s->p; q++) {
        if (*q == '\n') {
            line++;
            line_begin = q + 1;
        }
    }
    int column = (int)(s->p - line_begin) + 1;
    char found[32];
    if (s->p >= s->end) {
        snprintf(found, sizeof found, "the end of the text");
    } else if (*s->p > ' ' && *s->p < 127) {
        size_t n = 0;
        while (n < 16 && s->p + n < s->end && s->p[n] > ' ' && s->p[n] < 127 && strchr(",:]}\"", s->p[n]) == NULL) {
            n++;
        }
        snprintf(found, sizeof found, "'%.*s'", (int)(n > 0 ? n : 1), s->p);
    } else {
        snprintf(found, sizeof found, "byte 0x%02x", (unsigned char)*s->p);
    }
    return sv_fail(SV_ERR_INPUT, "%s: line %d, column %d: found %s, expected %s", s->name, line, column, found,
                   expected);
}

static void skip_space(scan *s) {
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r')) {
        s->p++;
    }
}

static bool next_is(const scan *s, char c) {
    return s->p < s->end && *s->p == c;
}

static size_t skip_digits(scan *s) {
    size_t n = 0;
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9') {
        s->p++;
        n++;
    }
    return n;
}

static sv_status check_number(scan *s) {
    const char *first = s->p;
    s->p += next_is(s, '-') ? 1 : 0;
    bool leading_zero = next_is(s, '0');
    size_t n_whole = skip_digits(s);
    if (n_whole == 0 || (leading_zero && n_whole > 1)) {
        s->p = first;
        return fail(s, "a number as JSON writes it");
    }
    if (next_is(s, '.')) {
        s->p++;
        if (skip_digits(s) == 0) {
            return fail(s, "a digit after the point");
        }
    }
    if (next_is(s, 'e') || next_is(s, 'E')) {
        s->p++;
        s->p += next_is(s, '-') || next_is(s, '+') ? 1 : 0;
        if (skip_digits(s) == 0) {
            return fail(s, "a digit in the exponent");
        }
    }
    char token[NUMBER_LENGTH_CAP + 1];
    size_t length = (size_t)(s->p - first);
    double value;
    if (length <= NUMBER_LENGTH_CAP) {
        memcpy(token, first, length);
        token[length] = '\0';
        if (sv_number_parse(&value, token)) {
            return SV_OK;
        }
    }
    s->p = first;
    return fail(s, "a number of at most 63 characters within the range of a double");
}

/* Four hexadecimal digits, or -1. */
static int hex4(const scan *s, const char *q) {
    int value = 0;
    for (int i = 0; i < 4; i++, q++) {
        if (q >= s->end) {
            return -1;
        }
        int digit = *q >= '0' && *q <= '9'   ? *q - '0'
                    : *q >= 'a' && *q <= 'f' ? *q - 'a' + 10
                    : *q >= 'A' && *q <= 'F' ? *q - 'A' + 10
                                             : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* Behind the backslash. */
static sv_status check_escape(scan *s) {
    if (s->p < s->end && *s->p != '\0' && strchr("\"\\/bfnrt", *s->p) != NULL) {
        s->p++;
        return SV_OK;
    }
    if (!next_is(s, 'u')) {
        return fail(s, "an escape sequence of JSON");
    }
    int unit = hex4(s, s->p + 1);
    bool high = unit >= 0xD800 && unit <= 0xDBFF;
    bool low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (unit <= 0 || low) {
        return fail(s, "four hexadecimal digits of a character above U+0000");
    }
    s->p += 5;
    if (high) {
        int second = s->end - s->p >= 6 && s->p[0] == '\\' && s->p[1] == 'u' ? hex4(s, s->p + 2) : -1;
        if (second < 0xDC00 || second > 0xDFFF) {
            return fail(s, "the second half of a surrogate pair");
        }
        s->p += 6;
    }
    return SV_OK;
}

/* One UTF-8 sequence: shortest form, no surrogates, at most U+10FFFF (RFC 3629). */
static sv_status check_utf8(scan *s) {
    const unsigned char *q = (const unsigned char *)s->p;
    size_t left = (size_t)(s->end - s->p);
    size_t n = q[0] < 0x80                    ? 1
               : q[0] >= 0xC2 && q[0] <= 0xDF ? 2
               : (q[0] & 0xF0) == 0xE0        ? 3
               : q[0] >= 0xF0 && q[0] <= 0xF4 ? 4
                                              : 0;
    bool good = n > 0 && n <= left;
    for (size_t i = 1; good && i < n; i++) {
        good = (q[i] & 0xC0) == 0x80;
    }
    if (good && n >= 3) {
        unsigned second = q[1];
        good = !(q[0] == 0xE0 && second < 0xA0) && !(q[0] == 0xED && second > 0x9F) &&
               !(q[0] == 0xF0 && second < 0x90) && !(q[0] == 0xF4 && second > 0x8F);
    }
    if (!good) {
        return fail(s, "valid UTF-8");
    }
    s->p += n;
    return SV_OK;
}

static sv_status check_string(scan *s) {
    s->p++;
    while (s->p < s->end && *s->p != '"') {
        sv_status status = SV_OK;
        if ((unsigned char)*s->p < 0x20) {
            return fail(s, "the closing quote of a text, or a control character written as an escape");
        }
        if (*s->p == '\\') {
            s->p++;
            status = check_escape(s);
        } else {
            status = check_utf8(s);
        }
        if (status < 0) {
            return status;
        }
    }
    if (s->p >= s->end) {
        return fail(s, "the closing quote of a text");
    }
    s->p++;
    return SV_OK;
}

static sv_status check_word(scan *s, const char *word) {
    size_t n = strlen(word);
    if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0) {
        return fail(s, "a value (JSON has no NaN and no infinity)");
    }
    s->p += n;
    return SV_OK;
}

static sv_status check_value(scan *s, int depth);

/* Members or elements up to `close`, which differ only in the key. */
static sv_status check_container(scan *s, char close, int depth) {
    if (depth >= DEPTH_CAP) {
        return fail(s, "at most 32 levels of nesting");
    }
    bool keyed = close == '}';
    s->p++;
    skip_space(s);
    if (next_is(s, close)) {
        s->p++;
        return SV_OK;
    }
    for (;;) {
        skip_space(s);
        if (keyed) {
            if (!next_is(s, '"')) {
                return fail(s, "a key in quotes");
            }
            sv_status status = check_string(s);
            if (status < 0) {
                return status;
            }
            skip_space(s);
            if (!next_is(s, ':')) {
                return fail(s, "':' after a key");
            }
            s->p++;
        }
        sv_status status = check_value(s, depth + 1);
        if (status < 0) {
            return status;
        }
        skip_space(s);
        if (next_is(s, close)) {
            s->p++;
            return SV_OK;
        }
        if (!next_is(s, ',')) {
            return fail(s, keyed ? "',' or '}'" : "',' or ']'");
        }
        s->p++;
    }
}

static sv_status check_value(scan *s, int depth) {
    skip_space(s);
    char c = s->p < s->end ? *s->p : '\0';
    switch (c) {
    case '{':
        return check_container(s, '}', depth);
    case '[':
        return check_container(s, ']', depth);
    case '"':
        return check_string(s);
    case 't':
        return check_word(s, "true");
    case 'f':
        return check_word(s, "false");
    case 'n':
        return check_word(s, "null");
    default:
        break;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        return check_number(s);
    }
    return fail(s, "a value (JSON has no NaN and no infinity)");
}

sv_status sv_json_check(const char *name, const char *text, size_t n) {
    scan s = {.name = name, .begin = text, .p = text, .end = text + n};
    sv_status status = check_value(&s, 0);
    if (status < 0) {
        return status;
    }
    skip_space(&s);
    return s.p == s.end ? SV_OK : fail(&s, "the end of the text");
}
