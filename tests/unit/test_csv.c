/* CSV tables: what is read, and that everything else is one line with the place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_folder.h"

#include <formats/csv.h>

static sv_csv *opened(const char *text) {
    sv_csv *csv = NULL;
    assert_int_equal(sv_csv_open_text(&csv, "t.csv", text, strlen(text)), SV_OK);
    assert_non_null(csv);
    return csv;
}

static void open_fails_with(const char *text, size_t n, const char *message) {
    sv_csv *csv = (sv_csv *)&csv;
    assert_int_equal(sv_csv_open_text(&csv, "t.csv", text, n), SV_ERR_INPUT);
    assert_null(csv);
    assert_string_equal(sv_error_text(), message);
}

/* Reads rows until one fails; the message must be this. */
static void next_fails_with(const char *text, const char *message) {
    sv_csv *csv = opened(text);
    sv_status status;
    do {
        status = sv_csv_next(csv);
    } while (status == SV_OK);
    assert_int_equal(status, SV_ERR_INPUT);
    assert_string_equal(sv_error_text(), message);
    sv_csv_close(csv);
}

static void columns_are_found_by_name(void **state) {
    (void)state;
    sv_csv *csv = opened("b,a,unused\n1.5,-7,x\n2,8,y\n");
    int a, b, c = 99;
    assert_int_equal(sv_csv_require(&a, csv, "a"), SV_OK);
    assert_int_equal(sv_csv_require(&b, csv, "b"), SV_OK);
    assert_int_equal(sv_csv_column(csv, "c"), -1);
    assert_int_equal(sv_csv_require(&c, csv, "c"), SV_ERR_INPUT);
    assert_string_equal(sv_error_text(), "t.csv: line 1: column c is missing");
    assert_int_equal(c, 99);
    int64_t integer;
    double number;
    assert_int_equal(sv_csv_next(csv), SV_OK);
    assert_int_equal(sv_csv_int(&integer, csv, a), SV_OK);
    assert_int_equal(integer, -7);
    assert_int_equal(sv_csv_double(&number, csv, b), SV_OK);
    assert_true(number == 1.5);
    assert_int_equal(sv_csv_next(csv), SV_OK);
    assert_int_equal(sv_csv_line(csv), 3);
    assert_int_equal(sv_csv_next(csv), SV_END);
    sv_csv_close(csv);
}

static void marks_line_ends_and_blanks_are_tolerated(void **state) {
    (void)state;
    sv_csv *csv = opened("\xEF\xBB\xBF\r\n a , b\r\n\r\n 1 ,\t2 \r\n   \n3,4");
    assert_int_equal(sv_csv_column(csv, "a"), 0);
    assert_int_equal(sv_csv_next(csv), SV_OK);
    assert_string_equal(sv_csv_text(csv, 0), "1");
    assert_string_equal(sv_csv_text(csv, 1), "2");
    assert_int_equal(sv_csv_next(csv), SV_OK);
    assert_int_equal(sv_csv_line(csv), 6);
    assert_string_equal(sv_csv_text(csv, 1), "4");
    assert_int_equal(sv_csv_next(csv), SV_END);
    sv_csv_close(csv);
}

static void quotes_protect_commas_and_quotes(void **state) {
    (void)state;
    sv_csv *csv = opened("\"a\",\"b, c\",d\n\"x \"\"y\"\"\" , \"1,2\",\"\"\n");
    assert_int_equal(sv_csv_column(csv, "b, c"), 1);
    assert_int_equal(sv_csv_next(csv), SV_OK);
    assert_string_equal(sv_csv_text(csv, 0), "x \"y\"");
    assert_string_equal(sv_csv_text(csv, 1), "1,2");
    assert_string_equal(sv_csv_text(csv, 2), "");
    sv_csv_close(csv);
}

static void bad_quotes_are_named(void **state) {
    (void)state;
    const char *message = "t.csv: line 2: found text round quotes, or a quote that is not closed";
    next_fails_with("a,b\n\"1,2\n3,4\n", message);
    next_fails_with("a,b\n\"1\"x,2\n", message);
}

static void a_torn_last_line_is_named(void **state) {
    (void)state;
    next_fails_with("a,b\n1,2\n3", "t.csv: line 3: the last line is torn: found 1 fields, expected 2");
    next_fails_with("a,b\n1,\"2", "t.csv: line 2: the last line is torn: a quote is not closed");
    sv_csv *csv = opened("a,b\n1,2\n3,4.");
    double value;
    assert_int_equal(sv_csv_next(csv), SV_OK);
    assert_int_equal(sv_csv_next(csv), SV_OK);
    assert_int_equal(sv_csv_double(&value, csv, 1), SV_ERR_INPUT);
    assert_string_equal(sv_error_text(),
                        "t.csv: line 3: the last line is torn: b: found '4.', expected a finite number");
    sv_csv_close(csv);
}

static void a_wrong_number_of_fields_is_named(void **state) {
    (void)state;
    next_fails_with("a,b\n1,2\n3\n4,5\n", "t.csv: line 3: found 1 fields, expected 2");
    next_fails_with("a,b\n1,2,3\n", "t.csv: line 2: found 3 fields, expected 2");
}

static void a_bad_header_is_named(void **state) {
    (void)state;
    const char *empty = "t.csv: found an empty file, expected a line of column names";
    open_fails_with("", 0, empty);
    open_fails_with("\n\n", 2, empty);
    open_fails_with("a,b,a\n", 6, "t.csv: line 1: column a stands twice");
    open_fails_with("a\0b\n", 4, "t.csv: line 1: found a zero byte, expected text");
}

static void fields_that_are_no_numbers_are_named(void **state) {
    (void)state;
    sv_csv *csv = opened("t_s,x\nnan,1e999\n");
    double value = 3.0;
    sv_time t = 4;
    int64_t integer = 5;
    assert_int_equal(sv_csv_next(csv), SV_OK);
    assert_int_equal(sv_csv_double(&value, csv, 1), SV_ERR_INPUT);
    assert_string_equal(sv_error_text(), "t.csv: line 2: x: found '1e999', expected a finite number");
    assert_int_equal(sv_csv_time(&t, csv, 0), SV_ERR_INPUT);
    assert_string_equal(sv_error_text(),
                        "t.csv: line 2: t_s: found 'nan', expected a time in seconds within +-146 years");
    assert_int_equal(sv_csv_int(&integer, csv, 1), SV_ERR_INPUT);
    assert_true(value == 3.0 && t == 4 && integer == 5);
    sv_csv_close(csv);
}

static void lines_and_columns_have_limits(void **state) {
    (void)state;
    size_t n = 70000;
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, 'a', n);
    open_fails_with(text, n, "t.csv: line 1: found a line above 65535 bytes, which is no table");
    memset(text, ',', 300);
    open_fails_with(text, 300, "t.csv: line 1: found more than 256 columns");
    free(text);
}

static void missing_files_and_folders_are_named(void **state) {
    (void)state;
    sv_csv *csv;
    assert_int_equal(sv_csv_open(&csv, "/nowhere/t.csv"), SV_ERR_INPUT);
    assert_string_equal(sv_error_text(), "/nowhere/t.csv: cannot be opened: No such file or directory");
    assert_int_equal(sv_csv_open(&csv, "/"), SV_ERR_INPUT);
    assert_string_equal(sv_error_text(), "/: cannot be read: Is a directory");
    assert_null(csv);
}

/* Lines that straddle the reader's buffer come out whole. */
static void long_files_are_read_in_pieces(void **state) {
    (void)state;
    char path[TEST_PATH_CAP];
    FILE *file = fopen(test_path(path, "long.csv"), "w");
    assert_non_null(file);
    fprintf(file, "i,text\n");
    for (int i = 0; i < 20000; i++) {
        fprintf(file, "%d,%*d\n", i, i % 97 + 1, i);
    }
    fclose(file);
    sv_csv *csv;
    assert_int_equal(sv_csv_open(&csv, path), SV_OK);
    for (int i = 0; i < 20000; i++) {
        int64_t a, b;
        assert_int_equal(sv_csv_next(csv), SV_OK);
        assert_int_equal(sv_csv_int(&a, csv, 0), SV_OK);
        assert_int_equal(sv_csv_int(&b, csv, 1), SV_OK);
        assert_true(a == i && b == i);
    }
    assert_int_equal(sv_csv_next(csv), SV_END);
    sv_csv_close(csv);
    unlink(path);
}

/* ---- whole tables ---- */

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void truth_is_sorted_and_classed(void **state) {
    (void)state;
    char path[TEST_PATH_CAP];
    write_file(test_path(path, "truth.csv"),
               "x_m,t_s,y_m,z_m,target_id,class\n1,2,3,4,7,bird\n5,1,6,7,9,drone\n8,1,9,1,2,drone\n");
    sv_score_truth_row *row;
    size_t n;
    assert_int_equal(sv_csv_read_truth(&row, &n, path), SV_OK);
    assert_int_equal(n, 3);
    assert_int_equal(row[0].sample.target, 2);
    assert_int_equal(row[1].sample.target, 9);
    assert_int_equal(row[2].sample.target, 7);
    assert_true(row[0].sample.wanted && row[1].sample.wanted && !row[2].sample.wanted);
    assert_true(row[2].t == INT64_C(2000000000) && row[2].sample.p_w.x == 1.0 && row[2].sample.p_w.z == 4.0);
    assert_false(row[0].sample.has_velocity);
    assert_true(row[0].sample.in_coverage);
    free(row);
    unlink(path);
}

static void truth_needs_only_time_and_place(void **state) {
    (void)state;
    const char *text = "t_s,x_m,y_m,z_m\n0.2,1,2,3\n";
    sv_csv *csv = opened(text);
    sv_score_truth_row *row;
    size_t n;
    assert_int_equal(sv_csv_take_truth(&row, &n, csv), SV_OK);
    assert_int_equal(n, 1);
    assert_true(row[0].sample.target == 0 && row[0].sample.object_class == SV_CLASS_DRONE);
    free(row);
    sv_csv_close(csv);
}

static void a_target_twice_at_a_stamp_is_an_error(void **state) {
    (void)state;
    sv_csv *csv = opened("t_s,target_id,x_m,y_m,z_m\n1,3,0,0,0\n1,4,0,0,0\n1,3,0,0,0\n");
    sv_score_truth_row *row;
    size_t n;
    assert_int_equal(sv_csv_take_truth(&row, &n, csv), SV_ERR_INPUT);
    assert_string_equal(sv_error_text(), "t.csv: target 3 stands twice at t_s 1.000000000");
    assert_null(row);
    assert_int_equal(n, 0);
    sv_csv_close(csv);
}

static void tracks_bring_velocity_and_class(void **state) {
    (void)state;
    char path[TEST_PATH_CAP];
    write_file(test_path(path, "tracks.csv"), "t_s,track_id,x_m,y_m,z_m,vx_mps,vy_mps,vz_mps,class,class_prob\n"
                                              "0.5,2,1,2,3,4,5,6,bird,0.75\n0.5,1,1,2,3,4,5,6,drone,0.9\n");
    sv_score_track_row *row;
    size_t n;
    assert_int_equal(sv_csv_read_tracks(&row, &n, path), SV_OK);
    assert_int_equal(n, 2);
    assert_true(row[0].track == 1 && row[0].bird_prob == 0.0 && row[0].has_velocity && row[0].v_w.z == 6.0);
    assert_true(row[1].track == 2 && row[1].bird_prob == 0.75);
    free(row);
    unlink(path);
    char other[TEST_PATH_CAP];
    write_file(test_path(other, "other.csv"), "t_s,x_m,y_m,z_m\n1,2,3,4\n");
    assert_int_equal(sv_csv_read_tracks(&row, &n, other), SV_ERR_INPUT);
    assert_non_null(strstr(sv_error_text(), "column track_id is missing"));
    assert_null(row);
    unlink(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_found_by_name),
        cmocka_unit_test(marks_line_ends_and_blanks_are_tolerated),
        cmocka_unit_test(quotes_protect_commas_and_quotes),
        cmocka_unit_test(bad_quotes_are_named),
        cmocka_unit_test(a_torn_last_line_is_named),
        cmocka_unit_test(a_wrong_number_of_fields_is_named),
        cmocka_unit_test(a_bad_header_is_named),
        cmocka_unit_test(fields_that_are_no_numbers_are_named),
        cmocka_unit_test(lines_and_columns_have_limits),
        cmocka_unit_test(missing_files_and_folders_are_named),
        cmocka_unit_test(long_files_are_read_in_pieces),
        cmocka_unit_test(truth_is_sorted_and_classed),
        cmocka_unit_test(truth_needs_only_time_and_place),
        cmocka_unit_test(a_target_twice_at_a_stamp_is_an_error),
        cmocka_unit_test(tracks_bring_velocity_and_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
