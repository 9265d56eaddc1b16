/* Status names, the error text of a thread, the version. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <skyvox/base.h>

static void fail_returns_its_status_and_keeps_the_text(void **state) {
    (void)state;
    assert_int_equal(sv_fail(SV_ERR_INPUT, "line %d: found \"%s\"", 7, "x"), SV_ERR_INPUT);
    assert_string_equal(sv_error_text(), "line 7: found \"x\"");
}

static void a_long_text_is_cut_not_overrun(void **state) {
    (void)state;
    char text[2000];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    sv_fail(SV_ERR_ARG, "%s", text);
    assert_in_range(strlen(sv_error_text()), 100, sizeof text - 1);
    assert_memory_equal(sv_error_text(), text, strlen(sv_error_text()));
}

static void *other_thread(void *arg) {
    bool *was_empty = arg;
    *was_empty = sv_error_text()[0] == '\0';
    sv_fail(SV_ERR_IO, "theirs");
    return NULL;
}

static void the_text_belongs_to_its_thread(void **state) {
    (void)state;
    bool was_empty = false;
    pthread_t thread;
    sv_fail(SV_ERR_ARG, "mine");
    assert_int_equal(pthread_create(&thread, NULL, other_thread, &was_empty), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(was_empty);
    assert_string_equal(sv_error_text(), "mine");
}

static void every_status_has_a_name_of_its_own(void **state) {
    (void)state;
    for (int a = SV_ERR_UNSUPPORTED; a <= SV_END; a++) {
        assert_string_not_equal(sv_status_name((sv_status)a), "unknown status");
        for (int b = SV_ERR_UNSUPPORTED; b < a; b++) {
            assert_string_not_equal(sv_status_name((sv_status)a), sv_status_name((sv_status)b));
        }
    }
    assert_string_equal(sv_status_name((sv_status)77), "unknown status");
}

static void the_version_is_three_numbers(void **state) {
    (void)state;
    int n_dots = 0;
    for (const char *c = sv_version(); *c != '\0'; c++) {
        assert_true(*c == '.' || (*c >= '0' && *c <= '9'));
        n_dots += *c == '.';
    }
    assert_int_equal(n_dots, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail_returns_its_status_and_keeps_the_text),
        cmocka_unit_test(a_long_text_is_cut_not_overrun),
        cmocka_unit_test(the_text_belongs_to_its_thread),
        cmocka_unit_test(every_status_has_a_name_of_its_own),
        cmocka_unit_test(the_version_is_three_numbers),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
