/* Any bytes as a table: every field of every row is read as text, number, integer and time. */
#include <formats/csv.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A number that was read must print and read back as itself. */
static void check_number(double value) {
    char text[SV_NUMBER_CAP];
    double back;
    sv_number_shortest(text, value);
    if (!sv_number_parse(&back, text) || back != value) {
        abort();
    }
}

static void read_rows(sv_csv *csv) {
    int i_column;
    if (sv_csv_require(&i_column, csv, "t_s") != SV_OK) {
        i_column = 0;
    }
    while (sv_csv_next(csv) == SV_OK) {
        double value;
        int64_t integer;
        sv_time t;
        if (sv_csv_double(&value, csv, i_column) == SV_OK) {
            check_number(value);
        }
        sv_csv_int(&integer, csv, i_column);
        sv_csv_time(&t, csv, i_column);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    sv_csv *csv;
    if (sv_csv_open_text(&csv, "fuzz", (const char *)data, size) == SV_OK) {
        read_rows(csv);
        sv_csv_close(csv);
    }
    if (sv_csv_open_text(&csv, "fuzz", (const char *)data, size) == SV_OK) {
        sv_score_truth_row *row;
        size_t n;
        sv_csv_take_truth(&row, &n, csv);
        free(row);
        sv_csv_close(csv);
    }
    return 0;
}
