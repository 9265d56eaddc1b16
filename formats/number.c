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

char *sv_number_fixed(char text[SV_NUMBER_CAP], double value, int decimals) {
    if (!isfinite(value)) {
        return print_special(text, value);
    }
    return print(text, "%.*f", decimals, value) ? text : sv_number_shortest(text, value);
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

char *sv_number_time(char text[SV_NUMBER_CAP], sv_time t) {
    uint64_t ns = t < 0 ? 0 - (uint64_t)t : (uint64_t)t;
    unsigned long long s = ns / 1000000000u;
    unsigned long long rest = ns % 1000000000u;
    snprintf(text, SV_NUMBER_CAP, "%s%llu.%09llu", t < 0 ? "-" : "", s, rest);
    return text;
}
