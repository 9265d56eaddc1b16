/* One line at a time through a small buffer: a table of any size needs the memory of its longest line. */
#include <formats/csv.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_CAP = 256, LINE_CAP = 1 << 16, BUFFER_CAP = 1 << 16, SHOWN_CAP = 40 };

struct sv_csv {
    char *name;
    FILE *file;       /* NULL: text in memory */
    const char *next; /* unread bytes */
    const char *end;
    char *buffer; /* [BUFFER_CAP] of a file */
    int64_t line; /* of the current row, from 1 */
    bool torn;    /* the current line has no newline */
    int n_columns;
    char *header; /* [LINE_CAP] names, cut by 0 */
    char *row;    /* [LINE_CAP] fields, cut by 0 */
    const char *column[COLUMNS_CAP];
    const char *field[COLUMNS_CAP];
};

static sv_status fail_line(const sv_csv *csv, const char *message) {
    return sv_fail(SV_ERR_INPUT, "%s: line %lld: %s", csv->name, (long long)csv->line, message);
}

/* ---- lines ---- */

/* More bytes; SV_END when there are none. */
static sv_status refill(sv_csv *csv) {
    if (csv->file == NULL) {
        return SV_END;
    }
    size_t n = fread(csv->buffer, 1, BUFFER_CAP, csv->file);
    if (n == 0 && ferror(csv->file)) {
        return sv_fail(SV_ERR_INPUT, "%s: cannot be read: %s", csv->name, strerror(errno));
    }
    csv->next = csv->buffer;
    csv->end = csv->buffer + n;
    return n > 0 ? SV_OK : SV_END;
}

/* The next line without its newline (and carriage return), 0-terminated, in to[LINE_CAP]. */
static sv_status read_line(sv_csv *csv, char *to) {
    size_t n = 0;
    csv->line++;
    csv->torn = false;
    for (;;) {
        if (csv->next == csv->end) {
            sv_status status = refill(csv);
            if (status < 0 || (status == SV_END && n == 0)) {
                return status;
            }
            if (status == SV_END) {
                csv->torn = true;
                break;
            }
        }
        const char *newline = memchr(csv->next, '\n', (size_t)(csv->end - csv->next));
        size_t n_piece = (size_t)((newline != NULL ? newline : csv->end) - csv->next);
        if (n + n_piece >= LINE_CAP) {
            return fail_line(csv, "found a line above 65535 bytes, which is no table");
        }
        memcpy(to + n, csv->next, n_piece);
        n += n_piece;
        csv->next += n_piece;
        if (newline != NULL) {
            csv->next++;
            break;
        }
    }
    if (memchr(to, '\0', n) != NULL) {
        return fail_line(csv, "found a zero byte, expected text");
    }
    n -= n > 0 && to[n - 1] == '\r' ? 1 : 0;
    to[n] = '\0';
    return SV_OK;
}

static bool is_blank(const char *text) {
    return text[strspn(text, " \t")] == '\0';
}

/* ---- fields ---- */

/* Take the field at *p, spaces round it dropped, and move behind its comma. Returns what ended it: ',' or 0; -1: bad quotes. */
static int take_field(const char **field, char **p) {
    char *at = *p + strspn(*p, " \t");
    char *to;
    if (*at == '"') {
        at++;
        *field = to = at;
        while (*at != '"' || at[1] == '"') {
            if (*at == '\0') {
                return -1;
            }
            at += *at == '"' ? 1 : 0;
            *to++ = *at++;
        }
        at++;
        at += strspn(at, " \t");
        if (*at != ',' && *at != '\0') {
            return -1;
        }
    } else {
        *field = at;
        at += strcspn(at, ",");
        to = at;
        while (to > *field && (to[-1] == ' ' || to[-1] == '\t')) {
            to--;
        }
    }
    int end = *at;
    *p = at + (end == ',' ? 1 : 0);
    *to = '\0';
    return end;
}

/* Cut a line at its commas. Returns the number of fields, -1: bad quotes, -2: too many. */
static int cut_fields(const char **field, char *line) {
    char *p = line;
    for (int n = 0; n < COLUMNS_CAP; n++) {
        int end = take_field(&field[n], &p);
        if (end != ',') {
            return end < 0 ? -1 : n + 1;
        }
    }
    return -2;
}

static sv_status cut_line(int *n, sv_csv *csv, const char **field, char *line) {
    *n = cut_fields(field, line);
    if (*n == -1) {
        return fail_line(csv, csv->torn ? "the last line is torn: a quote is not closed"
                                        : "found text round quotes, or a quote that is not closed");
    }
    return *n == -2 ? fail_line(csv, "found more than 256 columns") : SV_OK;
}

/* ---- opening ---- */

static sv_status read_header(sv_csv *csv) {
    sv_status status;
    do {
        status = read_line(csv, csv->header);
        if (status == SV_OK && csv->line == 1 && strncmp(csv->header, "\xEF\xBB\xBF", 3) == 0) {
            memmove(csv->header, csv->header + 3, strlen(csv->header + 3) + 1);
        }
    } while (status == SV_OK && is_blank(csv->header));
    if (status == SV_END) {
        return sv_fail(SV_ERR_INPUT, "%s: found an empty file, expected a line of column names", csv->name);
    }
    if (status == SV_OK && strchr(csv->header, '\r') != NULL) {
        return fail_line(csv, "found a carriage return within a line, expected lines that end with a newline");
    }
    status = status < 0 ? status : cut_line(&csv->n_columns, csv, csv->column, csv->header);
    if (status == SV_OK && csv->n_columns == 1 && strpbrk(csv->column[0], ";\t") != NULL) {
        return fail_line(csv, "found semicolons or tabs between the columns, expected commas");
    }
    for (int i = 0; status == SV_OK && i < csv->n_columns; i++) {
        for (int j = 0; j < i; j++) {
            if (csv->column[i][0] != '\0' && strcmp(csv->column[i], csv->column[j]) == 0) {
                return sv_fail(SV_ERR_INPUT, "%s: line %lld: column %.40s stands twice", csv->name,
                               (long long)csv->line, csv->column[i]);
            }
        }
    }
    return status;
}

static sv_csv *allocate(const char *name) {
    sv_csv *csv = calloc(1, sizeof *csv);
    if (csv == NULL) {
        return NULL;
    }
    size_t n_name = strlen(name) + 1;
    csv->name = malloc(n_name);
    csv->header = malloc(LINE_CAP);
    csv->row = malloc(LINE_CAP);
    csv->buffer = malloc(BUFFER_CAP);
    if (csv->name == NULL || csv->header == NULL || csv->row == NULL || csv->buffer == NULL) {
        sv_csv_close(csv);
        return NULL;
    }
    memcpy(csv->name, name, n_name);
    csv->next = csv->end = csv->buffer;
    return csv;
}

/* Takes csv over. */
static sv_status open_with(sv_csv **out, sv_csv *csv) {
    sv_status status = read_header(csv);
    if (status < 0) {
        sv_csv_close(csv);
        return status;
    }
    *out = csv;
    return SV_OK;
}

sv_status sv_csv_open(sv_csv **out, const char *path) {
    *out = NULL;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return sv_fail(SV_ERR_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    }
    sv_csv *csv = allocate(path);
    if (csv == NULL) {
        fclose(file);
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", path);
    }
    csv->file = file;
    return open_with(out, csv);
}

sv_status sv_csv_open_text(sv_csv **out, const char *name, const char *text, size_t n) {
    *out = NULL;
    sv_csv *csv = allocate(name);
    if (csv == NULL) {
        return sv_fail(SV_ERR_NOMEM, "%s: out of memory", name);
    }
    csv->next = n > 0 ? text : csv->buffer;
    csv->end = csv->next + n;
    return open_with(out, csv);
}

void sv_csv_close(sv_csv *csv) {
    if (csv != NULL) {
        if (csv->file != NULL) {
            fclose(csv->file);
        }
        free(csv->name);
        free(csv->header);
        free(csv->row);
        free(csv->buffer);
        free(csv);
    }
}

/* ---- reading ---- */

int sv_csv_column(const sv_csv *csv, const char *name) {
    for (int i = 0; i < csv->n_columns; i++) {
        if (strcmp(csv->column[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

sv_status sv_csv_require(int *i_column, const sv_csv *csv, const char *name) {
    int i = sv_csv_column(csv, name);
    if (i < 0) {
        return sv_fail(SV_ERR_INPUT, "%s: line 1: column %s is missing", csv->name, name);
    }
    *i_column = i;
    return SV_OK;
}

sv_status sv_csv_next(sv_csv *csv) {
    sv_status status;
    do {
        status = read_line(csv, csv->row);
    } while (status == SV_OK && is_blank(csv->row));
    if (status != SV_OK) {
        return status;
    }
    int n;
    status = cut_line(&n, csv, csv->field, csv->row);
    if (status < 0) {
        return status;
    }
    if (n != csv->n_columns) {
        return sv_fail(SV_ERR_INPUT, "%s: line %lld: %sfound %d fields, expected %d", csv->name, (long long)csv->line,
                       csv->torn ? "the last line is torn: " : "", n, csv->n_columns);
    }
    return SV_OK;
}

const char *sv_csv_text(const sv_csv *csv, int i_column) {
    return csv->field[i_column];
}

sv_status sv_csv_fail_field(const sv_csv *csv, int i_column, const char *expected) {
    char shown[SHOWN_CAP + 1];
    snprintf(shown, sizeof shown, "%s", csv->field[i_column]);
    for (char *c = shown; *c != '\0'; c++) {
        *c = (unsigned char)*c < ' ' ? '?' : *c;
    }
    return sv_fail(SV_ERR_INPUT, "%s: line %lld: %s%s: found '%s', expected %s", csv->name, (long long)csv->line,
                   csv->torn ? "the last line is torn: " : "", csv->column[i_column], shown, expected);
}

sv_status sv_csv_double(double *out, const sv_csv *csv, int i_column) {
    return sv_number_parse(out, csv->field[i_column]) ? SV_OK : sv_csv_fail_field(csv, i_column, "a finite number");
}

sv_status sv_csv_int(int64_t *out, const sv_csv *csv, int i_column) {
    return sv_number_parse_int(out, csv->field[i_column]) ? SV_OK : sv_csv_fail_field(csv, i_column, "an integer");
}

sv_status sv_csv_time(sv_time *out, const sv_csv *csv, int i_column) {
    return sv_number_parse_time(out, csv->field[i_column])
               ? SV_OK
               : sv_csv_fail_field(csv, i_column, "a time in seconds within +-146 years");
}

int64_t sv_csv_line(const sv_csv *csv) {
    return csv->line;
}

const char *sv_csv_name(const sv_csv *csv) {
    return csv->name;
}
