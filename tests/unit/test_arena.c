/* The bump allocator: alignment, exhaustion, reset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <core/base/arena.h>

static void blocks_are_aligned_and_do_not_overlap(void **state) {
    (void)state;
    sv_arena arena;
    assert_int_equal(sv_arena_create(&arena, 1 << 16), SV_OK);
    unsigned char *block[40];
    for (size_t i = 0; i < 40; i++) {
        block[i] = sv_arena_take(&arena, i + 1, 7);
        assert_non_null(block[i]);
        assert_int_equal((uintptr_t)block[i] % 64, 0);
        memset(block[i], (int)i, (i + 1) * 7);
    }
    for (size_t i = 0; i < 40; i++) {
        for (size_t j = 0; j < (i + 1) * 7; j++) {
            assert_int_equal(block[i][j], i);
        }
    }
    sv_arena_destroy(&arena);
}

static void a_full_arena_gives_null_and_stays_as_it_was(void **state) {
    (void)state;
    sv_arena arena;
    assert_int_equal(sv_arena_create(&arena, 256), SV_OK);
    assert_non_null(sv_arena_take(&arena, 1, 100));
    size_t used = arena.used;
    assert_null(sv_arena_take(&arena, 1, 129));
    assert_null(sv_arena_take(&arena, SIZE_MAX / 2, 8));
    assert_null(sv_arena_take(&arena, SIZE_MAX, SIZE_MAX));
    assert_int_equal(arena.used, used);
    assert_non_null(sv_arena_take(&arena, 2, 64));
    assert_null(sv_arena_take(&arena, 1, 1));
    sv_arena_destroy(&arena);
}

static void reset_gives_the_same_place_again(void **state) {
    (void)state;
    sv_arena arena;
    assert_int_equal(sv_arena_create(&arena, 4096), SV_OK);
    void *kept = sv_arena_take(&arena, 3, 8);
    size_t mark = arena.used;
    void *first = sv_arena_take(&arena, 10, 8);
    assert_non_null(sv_arena_take(&arena, 100, 8));
    sv_arena_reset(&arena, mark);
    assert_ptr_equal(sv_arena_take(&arena, 10, 8), first);
    sv_arena_reset(&arena, 0);
    assert_ptr_equal(sv_arena_take(&arena, 3, 8), kept);
    sv_arena_destroy(&arena);
}

static void nothing_can_be_asked_for_and_given(void **state) {
    (void)state;
    sv_arena arena;
    assert_int_equal(sv_arena_create(&arena, 0), SV_OK);
    assert_non_null(sv_arena_take(&arena, 0, 8));
    assert_non_null(sv_arena_take(&arena, 8, 0));
    sv_arena_destroy(&arena);
    sv_arena_destroy(&arena);
    sv_arena_destroy(NULL);
}

static void an_impossible_size_is_an_error(void **state) {
    (void)state;
    sv_arena arena = {.used = 5};
    assert_int_equal(sv_arena_create(&arena, SIZE_MAX), SV_ERR_NOMEM);
    assert_null(arena.base);
    assert_null(sv_arena_take(&arena, 1, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned_and_do_not_overlap),
        cmocka_unit_test(a_full_arena_gives_null_and_stays_as_it_was),
        cmocka_unit_test(reset_gives_the_same_place_again),
        cmocka_unit_test(nothing_can_be_asked_for_and_given),
        cmocka_unit_test(an_impossible_size_is_an_error),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
