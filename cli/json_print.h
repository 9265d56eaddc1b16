/** JSON for machines on standard output: texts escaped, numbers shortest, NaN as null. */
#ifndef CLI_JSON_PRINT_H
#define CLI_JSON_PRINT_H

#include <stdio.h>

void json_print_text(FILE *file, const char *text);
void json_print_number(FILE *file, double value);

#endif
