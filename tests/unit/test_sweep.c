/* A sweep in memory, as JSON, CSV and HTML, and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <formats/sweep.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Two axes of two and three values, two seeds each; the second number is missing in every third run. */
static sv_sweep *make_sweep(void) {
    static const char *const value[2][3] = {{"1", "<b>"}, {"-0.5", "2", "[1,2]"}};
    sv_sweep *sweep = calloc(1, sizeof *sweep);
    assert_non_null(sweep);
    strcpy(sweep->scenario, "two \"quotes\"");
    strcpy(sweep->program, "0.1.0 x");
    sweep->scenario_hash = 0xFEDCBA9876543210u;
    sweep->axis = calloc(2, sizeof *sweep->axis);
    sweep->n_axes = 2;
    for (int i = 0; i < 2; i++) {
        sweep->axis[i].path = strdup(i ? "pipeline.gate" : "name");
        for (int k = 0; k < 2 + i; k++)
            assert_int_equal(sv_texts_add(&sweep->axis[i].value, value[i][k], strlen(value[i][k])), SV_OK);
    }
    assert_int_equal(sv_texts_add(&sweep->set, "a=\"b\"", 5), SV_OK);
    assert_int_equal(sv_texts_add(&sweep->key, "held_fraction", 13), SV_OK);
    assert_int_equal(sv_texts_add(&sweep->key, "gospa_m.mean", 12), SV_OK);
    sweep->run = calloc(12, sizeof *sweep->run);
    for (int i = 11; i >= 0; i--) {
        sv_sweep_run *run = &sweep->run[sweep->n_runs++];
        *run = (sv_sweep_run){.point = i / 2, .seed = 9007199254740990u + (unsigned)i % 2, .ledger_hash = (unsigned)i};
        run->value = calloc(2, sizeof *run->value);
        run->value[0] = 1.0 / (i + 3);
        run->value[1] = i % 3 ? 1e-300 * i : NAN;
    }
    assert_int_equal(sv_sweep_sort(sweep), SV_OK);
    return sweep;
}

static char *text_of(sv_status (*write)(const sv_sweep *sweep, FILE *file), const sv_sweep *sweep) {
    char *text;
    size_t n;
    FILE *file = open_memstream(&text, &n);
    assert_non_null(file);
    assert_int_equal(write(sweep, file), SV_OK);
    fclose(file);
    return text;
}

static void the_first_axis_varies_slowest(void **state) {
    (void)state;
    char name[64];
    sv_sweep *sweep = make_sweep();
    assert_int_equal(sv_sweep_n_points(sweep), 6);
    assert_string_equal(sv_sweep_setting(sweep, 0, 0), "1");
    assert_string_equal(sv_sweep_setting(sweep, 2, 0), "1");
    assert_string_equal(sv_sweep_setting(sweep, 3, 0), "<b>");
    assert_string_equal(sv_sweep_setting(sweep, 3, 1), "-0.5");
    assert_string_equal(sv_sweep_setting(sweep, 4, 1), "2");
    assert_string_equal(sv_sweep_point_name(name, sizeof name, sweep, 4), "name=<b>, pipeline.gate=2");
    assert_string_equal(sv_sweep_point_name(name, 8, sweep, 4), "name=<b");
    sv_sweep_destroy(sweep);
}

static void runs_are_found_by_point(void **state) {
    (void)state;
    size_t i_first;
    double column[2];
    sv_sweep *sweep = make_sweep();
    assert_int_equal(sv_sweep_runs_of(&i_first, sweep, 5), 2);
    assert_int_equal(i_first, 10);
    assert_true(sweep->run[10].seed < sweep->run[11].seed);
    assert_int_equal(sv_sweep_runs_of(&i_first, sweep, 6), 0);
    assert_int_equal(sv_sweep_column(column, sweep, 0, 0), 2);
    assert_true(column[0] == 1.0 / 3 && column[1] == 1.0 / 4);
    assert_int_equal(sv_sweep_column(column, sweep, 0, 1), 1);
    assert_true(column[0] == 1e-300);
    sv_sweep_destroy(sweep);
}

static void what_was_written_is_read_back(void **state) {
    (void)state;
    sv_sweep *sweep = make_sweep(), *back;
    sv_status (*const write[])(const sv_sweep *, FILE *) = {sv_sweep_write_row, sv_sweep_write_json};
    for (int k = 0; k < 2; k++) {
        char *text = text_of(write[k], sweep);
        assert_int_equal(sv_sweep_parse(&back, "memory", text, strlen(text)), SV_OK);
        char *again = text_of(write[k], back);
        assert_string_equal(text, again);
        assert_string_equal(back->program, k ? "" : "0.1.0 x");
        assert_int_equal(back->n_runs, 12);
        assert_true(back->run[3].seed == sweep->run[3].seed && isnan(back->run[3].value[1]));
        assert_true(sv_sweep_config_hash(back) == sv_sweep_config_hash(sweep));
        sv_sweep_destroy(back);
        free(text);
        free(again);
    }
    sv_sweep_destroy(sweep);
}

static void the_configuration_is_hashed(void **state) {
    (void)state;
    sv_sweep *a = make_sweep(), *b = make_sweep();
    assert_true(sv_sweep_config_hash(a) == sv_sweep_config_hash(b));
    b->scenario_hash++;
    assert_true(sv_sweep_config_hash(a) != sv_sweep_config_hash(b));
    b->scenario_hash--;
    assert_int_equal(sv_texts_add(&b->set, "", 0), SV_OK);
    assert_true(sv_sweep_config_hash(a) != sv_sweep_config_hash(b));
    sv_sweep_destroy(a);
    sv_sweep_destroy(b);
}

static void csv_quotes_and_leaves_out(void **state) {
    (void)state;
    sv_sweep *sweep = make_sweep();
    char *text = text_of(sv_sweep_write_csv, sweep);
    assert_non_null(strstr(text, "seed,name,pipeline.gate,ledger_hash,held_fraction,gospa_m.mean\n"
                                 "9007199254740990,1,-0.5,0000000000000000,0.3333333333333333,\n"));
    assert_non_null(strstr(text, "9007199254740991,1,\"[1,2]\",0000000000000005,0.125,5e-300\n"));
    free(text);
    sv_sweep_destroy(sweep);
}

static void html_is_escaped_and_draws_numeric_axes_only(void **state) {
    (void)state;
    sv_sweep *sweep = make_sweep();
    char *text = text_of(sv_sweep_write_html, sweep);
    assert_non_null(strstr(text, "two &quot;quotes&quot;"));
    assert_null(strstr(text, "<b>,"));
    assert_non_null(strstr(text, "&lt;b&gt;"));
    assert_null(strstr(text, "Along pipeline.gate")); /* "[1,2]" is no number */
    free(text);
    sv_sweep_destroy(sweep);

    sweep = make_sweep();
    strcpy(sweep->axis[1].value.item[2], "7");
    text = text_of(sv_sweep_write_html, sweep);
    assert_non_null(strstr(text, "Along pipeline.gate"));
    assert_null(strstr(text, "nan"));
    free(text);
    sv_sweep_destroy(sweep);
}

static void bad_texts_are_named(void **state) {
    (void)state;
    static const char head[] = "{\"schema\": 1, \"kind\": \"sweep\", \"scenario\": \"x\", \"scenario_hash\": ";
    static const char hash[] = "\"0123456789abcdef\", \"set\": [], ";
    static const struct {
        const char *rest, *message;
    } bad[] = {
        {"\"0123\"", "scenario_hash: expected 16"},
        {"\"0123456789abcdeF\"", "scenario_hash: expected 16"},
        {"\"0123456789abcdef\", \"set\": [1]", "set: expected an array of texts"},
        {"H \"grid\": 1", "grid: expected an array"},
        {"H \"grid\": [{\"path\": \"a\", \"values\": []}]", "grid: expected at least one value"},
        {"H \"grid\": [{\"values\": [\"1\"]}]", "grid: expected objects"},
        {"H \"grid\": [], \"keys\": [\"a\"], \"runs\": {}", "runs: expected an array"},
        {"H \"grid\": [], \"keys\": [\"a\"], \"runs\": [{\"point\": 1, \"seed\": 1}]", "\"point\" within the grid"},
        {"H \"grid\": [], \"keys\": [\"a\"], \"runs\": [{\"point\": 0, \"seed\": 0.5}]", "\"seed\" from 0"},
        {"H \"grid\": [], \"keys\": [\"a\"], \"runs\": [R \"values\": []}]", "one number for each"},
        {"H \"grid\": [], \"keys\": [\"a\"], \"runs\": [R \"values\": [\"1\"]}]", "numbers or null"},
        {"H \"grid\": [], \"keys\": [\"a\"], \"runs\": [R \"values\": [1]}, R \"values\": [2]}]",
         "seed 3 of point 0 twice"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[1024];
        size_t n = (size_t)snprintf(text, sizeof text, "%s", head);
        for (const char *c = bad[i].rest; *c; c++) {
            const char *put = *c == 'H'   ? hash
                              : *c == 'R' ? "{\"point\": 0, \"seed\": 3, \"ledger_hash\": \"0123456789abcdef\","
                                          : (char[]){*c, '\0'};
            n += (size_t)snprintf(text + n, sizeof text - n, "%s", put);
        }
        n += (size_t)snprintf(text + n, sizeof text - n, "}");
        sv_sweep *sweep = (sv_sweep *)text;
        assert_int_equal(sv_sweep_parse(&sweep, "memory", text, n), SV_ERR_INPUT);
        assert_null(sweep);
        if (!strstr(sv_error_text(), bad[i].message))
            fail_msg("expected '%s', found '%s'", bad[i].message, sv_error_text());
    }
}

static void a_grid_beyond_the_cap_is_refused(void **state) {
    (void)state;
    sv_sweep sweep = {0};
    sv_sweep_axis axis[20];
    char path[] = "a", one[] = "1", two[] = "2", *item[2] = {one, two};
    for (int i = 0; i < 20; i++)
        axis[i] = (sv_sweep_axis){.path = path, .value = {.item = item, .n = 2}};
    sweep.axis = axis;
    sweep.n_axes = 13;
    assert_int_equal(sv_sweep_n_points(&sweep), 8192);
    sweep.n_axes = 20;
    assert_int_equal(sv_sweep_n_points(&sweep), SV_SWEEP_POINTS_CAP + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_axis_varies_slowest), cmocka_unit_test(runs_are_found_by_point),
        cmocka_unit_test(what_was_written_is_read_back), cmocka_unit_test(the_configuration_is_hashed),
        cmocka_unit_test(csv_quotes_and_leaves_out),     cmocka_unit_test(html_is_escaped_and_draws_numeric_axes_only),
        cmocka_unit_test(bad_texts_are_named),           cmocka_unit_test(a_grid_beyond_the_cap_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
