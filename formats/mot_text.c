/* MOTChallenge's tables have no header: what the columns are is known from their places. */
#include <formats/score_input.h>

#include <stdlib.h>
#include <string.h>

enum { FIELDS_CAP = 16, FIELD_CAP = 64, N_BOX = 6, N_WORLD = 10 };

/* Beyond this squares lose their meaning. */
static const double LARGEST = 1e12;

static bool is_blank_at(char c) {
    return c == ' ' || c == '\t';
}

static bool is_comma(char c) {
    return c == ',' || c == ';';
}

/* Cut one line into numbers; -1: something else is in it, or nothing before a comma. */
static int cut_numbers(double value[FIELDS_CAP], const char *line, const char *end) {
    int n = 0;
    for (;;) {
        while (line < end && is_blank_at(*line)) {
            line++;
        }
        if (line == end) {
            return n;
        }
        const char *to = line;
        while (to < end && !is_blank_at(*to) && !is_comma(*to)) {
            to++;
        }
        char field[FIELD_CAP];
        size_t length = (size_t)(to - line);
        if (length == 0 || length >= FIELD_CAP || n == FIELDS_CAP || memchr(line, '\0', length) != NULL) {
            return -1;
        }
        memcpy(field, line, length);
        field[length] = '\0';
        if (!sv_number_parse(&value[n++], field)) {
            return -1;
        }
        while (to < end && is_blank_at(*to)) {
            to++;
        }
        line = to + (to < end && is_comma(*to) ? 1 : 0);
    }
}

/* A byte order mark is no part of the text. */
static const char *skip_mark(const char *text, size_t n) {
    return text + (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
}

/* The next line without its end; false at the end of the text. */
static bool next_line(const char **line, const char **line_end, const char **at, const char *end) {
    if (*at == end) {
        return false;
    }
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    *line = *at;
    *line_end = newline != NULL ? newline : end;
    *at = newline != NULL ? newline + 1 : end;
    if (*line_end > *line && (*line_end)[-1] == '\r') {
        (*line_end)--;
    }
    return true;
}

static bool is_blank(const char *line, const char *end) {
    while (line < end && (*line == ' ' || *line == '\t')) {
        line++;
    }
    return line == end;
}

bool sv_mot_is_empty(const char *text, size_t n) {
    for (const char *at = skip_mark(text, n); at < text + n; at++) {
        if (memchr(" \t\r\n", *at, 4) == NULL) {
            return false;
        }
    }
    return true;
}

/* A header begins with a name. */
static bool begins_with_number(const char *line, const char *end) {
    while (line < end && is_blank_at(*line)) {
        line++;
    }
    const char *to = line;
    while (to < end && !is_blank_at(*to) && !is_comma(*to)) {
        to++;
    }
    double value[FIELDS_CAP];
    return cut_numbers(value, line, to) == 1;
}

bool sv_mot_is_text(const char *text, size_t n) {
    const char *line, *line_end, *at = skip_mark(text, n);
    while (next_line(&line, &line_end, &at, text + n)) {
        if (!is_blank(line, line_end)) {
            return begins_with_number(line, line_end);
        }
    }
    return false;
}

static bool take_whole(int64_t *out, double value) {
    if (!(value >= 0 && value < 9e15) || value != (double)(int64_t)value) {
        return false;
    }
    *out = (int64_t)value;
    return true;
}

static sv_status take_row(sv_mot_row *row, const char *line, const char *end, const char *name, long long i_line) {
    double v[FIELDS_CAP];
    int n = cut_numbers(v, line, end);
    if (n < N_BOX) {
        return sv_fail(SV_ERR_INPUT, "%s: line %lld: found %s, expected frame,id,left,top,width,height,...", name,
                       i_line, n < 0 ? "something that is no number" : "too few numbers");
    }
    for (int i = 2; i < n; i++) {
        if (!(v[i] >= -LARGEST && v[i] <= LARGEST)) {
            return sv_fail(SV_ERR_INPUT, "%s: line %lld: found %g, expected a number within +-1e12", name, i_line,
                           v[i]);
        }
    }
    *row = (sv_mot_row){.left = v[2], .top = v[3], .width = v[4], .height = v[5], .conf = n > N_BOX ? v[N_BOX] : 1};
    if (!take_whole(&row->frame, v[0]) || row->frame > 4000000000) {
        return sv_fail(SV_ERR_INPUT, "%s: line %lld: found frame %g, expected an integer from 0 to 4000000000", name,
                       i_line, v[0]);
    }
    if (!take_whole(&row->id, v[1])) {
        return sv_fail(SV_ERR_INPUT, "%s: line %lld: found id %g, expected an integer from 0 on", name, i_line, v[1]);
    }
    if (n >= N_WORLD && (v[7] != -1 || v[8] != -1 || v[9] != -1)) {
        row->has_world = true;
        row->p_w = (sv_vec3){v[7], v[8], v[9]};
    }
    return SV_OK;
}

sv_status sv_mot_parse(sv_mot_row **rows, size_t *n, const char *name, const char *text, size_t n_text) {
    *rows = NULL;
    *n = 0;
    size_t cap = 0;
    long long i_line = 0;
    const char *line, *line_end, *at = skip_mark(text, n_text);
    sv_status status = SV_OK;
    while (status == SV_OK && next_line(&line, &line_end, &at, text + n_text)) {
        i_line++;
        if (is_blank(line, line_end)) {
            continue;
        }
        if (*n == cap) {
            cap = cap == 0 ? 1024 : 2 * cap;
            sv_mot_row *grown = realloc(*rows, cap * sizeof **rows);
            if (grown == NULL) {
                status = sv_fail(SV_ERR_NOMEM, "%s: out of memory", name);
                break;
            }
            *rows = grown;
        }
        status = take_row(&(*rows)[*n], line, line_end, name, i_line);
        *n += status == SV_OK ? 1 : 0;
    }
    if (status != SV_OK) {
        free(*rows);
        *rows = NULL;
        *n = 0;
    }
    return status;
}
