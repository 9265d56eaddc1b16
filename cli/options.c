#include "options.h"

#include <formats/csv.h>
#include <formats/nearest.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_CAP = 64 };

static const option *find_name(const command *cmd, const char *name, size_t n_name) {
    for (int i = 0; i < cmd->n_options; i++)
        if (strlen(cmd->option[i].name) == n_name && !memcmp(cmd->option[i].name, name, n_name))
            return &cmd->option[i];
    return NULL;
}

static const option *find_letter(const command *cmd, char letter) {
    for (int i = 0; i < cmd->n_options; i++)
        if (cmd->option[i].letter == letter)
            return &cmd->option[i];
    return NULL;
}

static sv_status unknown_option(const command *cmd, const char *text) {
    char name[NAME_CAP] = "";
    size_t n = strcspn(text, "=");
    memcpy(name, text, n < NAME_CAP ? n : NAME_CAP - 1);
    sv_nearest nearest = {0};
    for (int i = 0; i < cmd->n_options; i++)
        sv_nearest_offer(&nearest, name, cmd->option[i].name);
    return sv_fail(SV_ERR_INPUT, "%s: unknown option --%s, nearest is --%s", cmd->name, name, nearest.best);
}

static sv_status set_int(int64_t *out, const command *cmd, const option *opt, const char *text) {
    int64_t value;
    if (!sv_number_parse_int(&value, text) || (double)value < opt->min || (double)value > opt->max)
        return sv_fail(SV_ERR_INPUT, "%s: --%s %s: expected a whole number from %.0f to %.0f", cmd->name, opt->name,
                       text, opt->min, opt->max);
    *out = value;
    return SV_OK;
}

static sv_status set_number(double *out, const command *cmd, const option *opt, const char *text) {
    double value;
    if (!sv_number_parse(&value, text) || !(value >= opt->min && value <= opt->max))
        return sv_fail(SV_ERR_INPUT, "%s: --%s %s: expected a number from %g to %g", cmd->name, opt->name, text,
                       opt->min, opt->max);
    *out = value;
    return SV_OK;
}

static sv_status set_value(void *values, const command *cmd, const option *opt, const char *text) {
    unsigned char *member = (unsigned char *)values + opt->offset;
    switch (opt->kind) {
    case OPTION_FLAG:
        *(bool *)(void *)member = true;
        return SV_OK;
    case OPTION_TEXT:
        if (!*text)
            return sv_fail(SV_ERR_INPUT, "%s: --%s: expected %s, found nothing", cmd->name, opt->name, opt->value);
        *(const char **)(void *)member = text;
        return SV_OK;
    case OPTION_LIST: {
        text_list *list = (void *)member;
        if (list->n == TEXT_LIST_CAP)
            return sv_fail(SV_ERR_INPUT, "%s: --%s is given more than %d times", cmd->name, opt->name, TEXT_LIST_CAP);
        list->item[list->n++] = text;
        return SV_OK;
    }
    case OPTION_INT:
        return set_int((int64_t *)(void *)member, cmd, opt, text);
    case OPTION_NUMBER:
        return set_number((double *)(void *)member, cmd, opt, text);
    }
    return SV_OK;
}

/* One option at argv[*i]; steps *i over a value that stands in the next argument. */
static sv_status parse_option(void *values, const command *cmd, int argc, char **argv, int *i) {
    const char *text = argv[*i];
    const option *opt;
    const char *value = NULL;
    if (text[1] == '-') {
        size_t n_name = strcspn(text + 2, "=");
        opt = find_name(cmd, text + 2, n_name);
        if (!opt)
            return unknown_option(cmd, text + 2);
        if (text[2 + n_name] == '=')
            value = text + 3 + n_name;
    } else {
        opt = find_letter(cmd, text[1]);
        if (!opt)
            return sv_fail(SV_ERR_INPUT, "%s: unknown option %s (see skyvox %s --help)", cmd->name, text, cmd->name);
        if (text[2])
            value = text + 2;
    }
    if (opt->kind == OPTION_FLAG && value)
        return sv_fail(SV_ERR_INPUT, "%s: --%s takes no value", cmd->name, opt->name);
    if (opt->kind != OPTION_FLAG && !value) {
        if (*i + 1 == argc)
            return sv_fail(SV_ERR_INPUT, "%s: --%s: expected %s, found nothing", cmd->name, opt->name, opt->value);
        value = argv[++*i];
    }
    return set_value(values, cmd, opt, value);
}

static bool asks_for_help(int argc, char **argv) {
    for (int i = 0; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
            return true;
    return false;
}

sv_status options_parse(void *values, const char *inputs[INPUTS_CAP], const command *cmd, int argc, char **argv) {
    if (asks_for_help(argc, argv)) {
        options_print_help(cmd, stdout);
        return SV_END;
    }
    int n_inputs = 0;
    bool options_ended = false;
    for (int i = 0; i < argc; i++) {
        if (!options_ended && !strcmp(argv[i], "--")) {
            options_ended = true;
        } else if (!options_ended && argv[i][0] == '-' && argv[i][1]) {
            sv_status status = parse_option(values, cmd, argc, argv, &i);
            if (status != SV_OK)
                return status;
        } else {
            if (n_inputs < cmd->n_inputs)
                inputs[n_inputs] = argv[i];
            n_inputs++;
        }
    }
    if (n_inputs != cmd->n_inputs)
        return sv_fail(SV_ERR_INPUT, "%s: expected %s, found %d argument%s (see skyvox %s --help)", cmd->name,
                       cmd->inputs, n_inputs, n_inputs == 1 ? "" : "s", cmd->name);
    return SV_OK;
}

/* ---- help ---- */

/* Lines after the first are indented below the first. */
static void print_indented(FILE *file, const char *text, int indent) {
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        fprintf(file, "%.*s\n", (int)n, line);
        line += n;
        if (*line && *++line)
            fprintf(file, "%*s", indent, "");
    }
}

static void print_option(FILE *file, char letter, const char *name, const char *value, const char *help) {
    enum { HELP_COLUMN = 28 };
    char head[NAME_CAP];
    int n = snprintf(head, sizeof head, "  %c%c%s --%s%s%s", letter ? '-' : ' ', letter ? letter : ' ',
                     letter ? "," : " ", name, value ? " " : "", value ? value : "");
    if (n >= HELP_COLUMN)
        fprintf(file, "%s\n%*s", head, HELP_COLUMN, "");
    else
        fprintf(file, "%-*s", HELP_COLUMN, head);
    print_indented(file, help, HELP_COLUMN);
}

void options_print_help(const command *cmd, FILE *file) {
    fprintf(file, "skyvox %s - %s\n\n", cmd->name, cmd->summary);
    fprintf(file, "Usage: skyvox %s %s [OPTION ...]\n\n", cmd->name, cmd->inputs);
    fprintf(file, "%s\nOptions:\n", cmd->description);
    for (int i = 0; i < cmd->n_options; i++) {
        const option *opt = &cmd->option[i];
        print_option(file, opt->letter, opt->name, opt->value, opt->help);
    }
    print_option(file, 'h', "help", NULL, "print this and exit");
    fprintf(file, "\nExit status:\n  0    done\n");
    if (cmd->worse)
        fprintf(file, "  1    %s\n", cmd->worse);
    fprintf(file, "  2    bad usage or bad input\n  3    the machine failed: disk full, out of memory\n");
    fprintf(file, "  130  interrupted\n\nExamples:\n%s", cmd->examples);
}

int options_exit_status(sv_status status) {
    if (status >= SV_OK)
        return EXIT_DONE;
    fprintf(stderr, "skyvox: %s\n", *sv_error_text() ? sv_error_text() : sv_status_name(status));
    return status == SV_ERR_IO || status == SV_ERR_NOMEM ? EXIT_MACHINE : EXIT_INPUT;
}
