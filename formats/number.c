/* Numbers as text. The C locale is switched on for the calling thread only, so that no setlocale can change a result. */
#include <formats/csv.h>

#include <float.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Far enough inside int64_t that differences of two times never overflow. */
#define TIME_LIMIT_NS (INT64_C(1) << 62)

/* Powers of ten that a double holds exactly. */
static const double POW10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* sign digits [. digits] [e exponent], as pieces of the text. */
typedef struct decimal {
    bool negative;
    const char *whole, *fraction; /* first digit of each */
    int n_whole, n_fraction;
    int exponent; /* clamped to +-100000 */
} decimal;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static int count_digits(const char *text) {
    int n = 0;
    while (is_digit(text[n]) && n < INT_MAX) {
        n++;
    }
    return n;
}

/* The exponent after 'e', or false. */
static bool split_exponent(int *exponent, const char *text) {
    bool negative = *text == '-';
    if (*text == '-' || *text == '+') {
        text++;
    }
    int n = count_digits(text);
    int value = 0;
    for (int i = 0; i < n; i++) {
        value = value < 100000 ? value * 10 + (text[i] - '0') : value;
    }
    value = value < 100000 ? value : 100000;
    *exponent = negative ? -value : value;
    return n > 0 && text[n] == '\0';
}

/* Digits are needed on both sides of a point but before it: "12." is what a torn file ends in. */
static bool split(decimal *d, const char *text) {
    *d = (decimal){.negative = *text == '-'};
    if (*text == '-' || *text == '+') {
        text++;
    }
    d->whole = text;
    d->n_whole = count_digits(text);
    text += d->n_whole;
    if (*text == '.') {
        d->fraction = text + 1;
        d->n_fraction = count_digits(text + 1);
        text += 1 + d->n_fraction;
        if (d->n_fraction == 0) {
            return false;
        }
    }
    if (d->n_whole + d->n_fraction == 0) {
        return false;
    }
    if (*text == 'e' || *text == 'E') {
        return split_exponent(&d->exponent, text + 1);
    }
    return *text == '\0';
}

static int digit_at(const decimal *d, int i) {
    return (i < d->n_whole ? d->whole[i] : d->fraction[i - d->n_whole]) - '0';
}

/* Exact when the digits fit 2^53 and the power of ten is exact: one rounding, by the one operation (Clinger 1990). */
static bool fast_path(double *out, const decimal *d) {
    int n_digits = d->n_whole + d->n_fraction;
    int scale = d->exponent - d->n_fraction;
    if (n_digits > 15 || scale < -22 || scale > 22) {
        return false;
    }
    int64_t mantissa = 0;
    for (int i = 0; i < n_digits; i++) {
        mantissa = mantissa * 10 + digit_at(d, i);
    }
    double value = scale < 0 ? (double)mantissa / POW10[-scale] : (double)mantissa * POW10[scale];
    *out = d->negative ? -value : value;
    return true;
}

bool sv_number_parse(double *out, const char *text) {
    decimal d;
    if (!split(&d, text)) {
        return false;
    }
    if (fast_path(out, &d)) {
        return true;
    }
    locale_t c_locale = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0) {
        return false;
    }
    locale_t before = uselocale(c_locale);
    double value = strtod(text, NULL);
    uselocale(before);
    freelocale(c_locale);
    if (!isfinite(value)) {
        return false;
    }
    *out = value;
    return true;
}

bool sv_number_parse_int(int64_t *out, const char *text) {
    bool negative = *text == '-';
    if (*text == '-' || *text == '+') {
        text++;
    }
    int n = count_digits(text);
    if (n == 0 || text[n] != '\0') {
        return false;
    }
    /* Counted downwards, because INT64_MIN has no positive twin. */
    int64_t value = 0;
    for (int i = 0; i < n; i++) {
        int digit = text[i] - '0';
        if (value < (INT64_MIN + digit) / 10) {
            return false;
        }
        value = value * 10 - digit;
    }
    if (!negative && value == INT64_MIN) {
        return false;
    }
    *out = negative ? value : -value;
    return true;
}

bool sv_number_parse_time(sv_time *out, const char *text) {
    decimal d;
    if (!split(&d, text)) {
        return false;
    }
    /* Weight of the first digit in nanoseconds is 10^weight; digits below weight 0 only round, half away from zero. */
    int weight = d.n_whole - 1 + d.exponent + 9;
    int n_digits = d.n_whole + d.n_fraction;
    int64_t ns = 0;
    for (int i = 0; i < n_digits && weight >= -1; i++, weight--) {
        int digit = digit_at(&d, i);
        if (weight == -1) {
            ns += digit >= 5 ? 1 : 0;
        } else if (ns > (TIME_LIMIT_NS - digit) / 10) {
            return false;
        } else {
            ns = ns * 10 + digit;
        }
    }
    for (; weight >= 0 && ns != 0; weight--) {
        if (ns > TIME_LIMIT_NS / 10) {
            return false;
        }
        ns *= 10;
    }
    *out = d.negative ? -ns : ns;
    return true;
}

/* snprintf in the C locale; false when the text did not fit. */
static bool print(char text[SV_NUMBER_CAP], const char *format, int precision, double value) {
    locale_t c_locale = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0) {
        return false;
    }
    locale_t before = uselocale(c_locale);
    int n = snprintf(text, SV_NUMBER_CAP, format, precision, value);
    uselocale(before);
    freelocale(c_locale);
    return n > 0 && n < SV_NUMBER_CAP;
}

/* "nan", "inf" or "-inf". */
static char *print_special(char text[SV_NUMBER_CAP], double value) {
    const char *name = isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
    return strcpy(text, name);
}

/* ---- a fixed number of decimals without printf: exact, and rounded to even at ties as glibc does ---- */

enum { EXACT_DECIMALS = 9 }; /* 10^9 times a 32 bit half stays in 64 bits */

/* The digits of a value, backwards from `end`, at least n_min of them; returns the first. */
static char *put_digits_back(char *end, uint64_t value, int n_min) {
    char *first = end;
    while (value != 0 || end - first < n_min) {
        *--first = (char)('0' + value % 10);
        value /= 10;
    }
    return first;
}

static char *put_integer(char *to, uint64_t value) {
    char digits[24];
    char *end = digits + sizeof digits, *first = put_digits_back(end, value, 1);
    memcpy(to, first, (size_t)(end - first));
    return to + (end - first);
}

/*
 * |value| = whole + F / 2^64 with F an integer: true from 2^-12 on, where the last of the 53 bits weighs 2^-64 or more, and
 * below 2^53. F * 10^decimals is then 32 + 64 bits, digits above and the remainder below the point, and nothing was lost.
 */
static char *put_exact(char *to, double value, int decimals) {
    static const uint64_t POW10_INT[EXACT_DECIMALS + 1] = {1,      10,      100,      1000,      10000,
                                                           100000, 1000000, 10000000, 100000000, 1000000000};
    if (signbit(value)) {
        *to++ = '-';
    }
    double size = fabs(value);
    uint64_t whole = (uint64_t)size;
    uint64_t fraction = (uint64_t)((size - (double)whole) * 0x1p64);
    uint64_t low = (fraction & UINT32_MAX) * POW10_INT[decimals];
    uint64_t high = (fraction >> 32) * POW10_INT[decimals] + (low >> 32);
    uint64_t digits = high >> 32, rest = high << 32 | (low & UINT32_MAX);
    uint64_t half = UINT64_C(1) << 63;
    bool odd = ((decimals > 0 ? digits : whole) & 1) != 0;
    digits += rest > half || (rest == half && odd) ? 1 : 0;
    if (digits == POW10_INT[decimals]) {
        digits = 0;
        whole++;
    }
    to = put_integer(to, whole);
    if (decimals > 0) {
        *to = '.';
        put_digits_back(to + 1 + decimals, digits, decimals);
        to += 1 + decimals;
    }
    *to = '\0';
    return to;
}

char *sv_number_put_fixed(char to[SV_NUMBER_CAP], double value, int decimals) {
    double size = fabs(value);
    if (decimals <= EXACT_DECIMALS && (size == 0.0 || (size >= 0x1p-12 && size < 0x1p53))) {
        return put_exact(to, value, decimals);
    }
    if (!isfinite(value)) {
        print_special(to, value);
    } else if (!print(to, "%.*f", decimals, value)) {
        sv_number_shortest(to, value);
    }
    return to + strlen(to);
}

char *sv_number_fixed(char text[SV_NUMBER_CAP], double value, int decimals) {
    sv_number_put_fixed(text, value, decimals);
    return text;
}

char *sv_number_put_int(char to[SV_NUMBER_CAP], int64_t value) {
    if (value < 0) {
        *to++ = '-';
    }
    to = put_integer(to, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    *to = '\0';
    return to;
}

char *sv_number_shortest(char text[SV_NUMBER_CAP], double value) {
    if (!isfinite(value)) {
        return print_special(text, value);
    }
    for (int digits = DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
        double back = 0.0;
        if (print(text, "%.*g", digits, value) && sv_number_parse(&back, text) && back == value) {
            break;
        }
    }
    return text;
}

char *sv_number_put_time(char to[SV_NUMBER_CAP], sv_time t) {
    enum { DECIMALS = 9 };
    uint64_t ns = t < 0 ? 0 - (uint64_t)t : (uint64_t)t;
    if (t < 0) {
        *to++ = '-';
    }
    to = put_integer(to, ns / 1000000000u);
    *to = '.';
    put_digits_back(to + 1 + DECIMALS, ns % 1000000000u, DECIMALS);
    to += 1 + DECIMALS;
    *to = '\0';
    return to;
}

char *sv_number_time(char text[SV_NUMBER_CAP], sv_time t) {
    sv_number_put_time(text, t);
    return text;
}
