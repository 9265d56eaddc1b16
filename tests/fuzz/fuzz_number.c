/* Any bits as numbers and decimals: the text is printf's, the returned place is its end, and whole numbers and times read back. */
#include <formats/csv.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DECIMALS_MAX = 17, PRINTED_CAP = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Exactly as long as the writers may use, so that one byte more is found. */
static char *make_text(void) {
    char *text = malloc(SV_NUMBER_CAP);
    if (text == NULL) {
        abort();
    }
    return text;
}

static void check_end(const char *text, const char *end) {
    if (*end != '\0' || end != text + strlen(text) || end - text >= SV_NUMBER_CAP) {
        abort();
    }
}

static void check_fixed(double value, int decimals) {
    char expected[PRINTED_CAP];
    char *text = make_text();
    check_end(text, sv_number_put_fixed(text, value, decimals));
    snprintf(expected, sizeof expected, "%.*f", decimals, value);
    double back = NAN;
    if (!isfinite(value)) {
        back = value;
    } else if (strlen(expected) >= SV_NUMBER_CAP && (!sv_number_parse(&back, text) || back != value)) {
        abort();
    } else if (strlen(expected) < SV_NUMBER_CAP && strcmp(text, expected) != 0) {
        abort();
    }
    free(text);
}

static void check_integer(int64_t value) {
    int64_t back;
    char *text = make_text();
    check_end(text, sv_number_put_int(text, value));
    if (!sv_number_parse_int(&back, text) || back != value) {
        abort();
    }
    sv_time t = value / 2; /* all that the reader takes */
    check_end(text, sv_number_put_time(text, t));
    if (!sv_number_parse_time(&back, text) || back != t) {
        abort();
    }
    free(text);
}

/* Nine bytes: a number and how many decimals it gets. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (size_t i = 0; i + 9 <= size; i += 9) {
        double value;
        int64_t integer;
        memcpy(&value, data + i, sizeof value);
        memcpy(&integer, data + i, sizeof integer);
        check_fixed(value, data[i + 8] % (DECIMALS_MAX + 1));
        check_integer(integer);
    }
    return 0;
}
