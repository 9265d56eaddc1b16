#include "json_print.h"

#include <formats/csv.h>
#include <math.h>

void json_print_text(FILE *file, const char *text) {
    putc('"', file);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(file, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(file, "\\u%04x", *c);
        else
            putc(*c, file);
    }
    putc('"', file);
}

void json_print_number(FILE *file, double value) {
    char text[SV_NUMBER_CAP];
    fputs(isfinite(value) ? sv_number_shortest(text, value) : "null", file);
}
