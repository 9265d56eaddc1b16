/*
 * fault_session KILLS RANDOM [TEST]: recordings that are killed, cut off, torn, bent and run out of disk. Every frame that was there
 * must be there or be missed loudly, and what is read must be what was recorded. It prints the table of docs/RELIABILITY.md.
 */
#include "fault_parts.h"

void tally_print(const char *name, const tally *t) {
    print_message("| %s | %lld | %lld | %lld | %lld |\n", name, (long long)t->n_cases, (long long)t->n_lost,
                  (long long)t->n_silent, (long long)t->n_unopened);
}

void tally_check(const tally *t) {
    assert_int_equal(t->n_silent, 0);
    assert_int_equal(t->n_unopened, 0);
}

/* ---- the good recording ---- */

static void read_good(good_frames *good, sv_session *session) {
    memset(good, 0, sizeof *good);
    good->n_cameras = sv_session_config(session)->n_cameras;
    for (int32_t c = 0; c < good->n_cameras; c++) {
        good->n[c] = sv_session_rows(session, SV_TABLE_INDEX + c);
        good->n_all += good->n[c];
        for (int64_t i = 0; i < good->n[c]; i++) {
            assert_int_equal(sv_session_row(&good->index[c][i], session, SV_TABLE_INDEX + c, i), SV_OK);
        }
    }
}

static fault_bench bench = {.n_kills = 15, .n_random = 100};

static int set_up(void **state) {
    char path[RUN_PATH_CAP];
    fault_bench *b = &bench;
    run_path(path, "good");
    b->scenario = run_scenario();
    b->options = run_options(b->scenario);
    b->options.flush_ns = 1; /* after every event */
    assert_int_equal(run_and_record(&b->ledger, b->scenario, path, &b->options, &b->n_writes, NULL, NULL), SV_OK);
    sv_session *session;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    read_good(&b->good, session);
    b->n_rows = fault_count_rows(session);
    sv_session_close(session);
    b->image = run_read_file(path, &b->n_image);
    remove(path);
    print_message("| fault | cases | frames lost | silent losses | files that did not open |\n|---|---|---|---|---|\n");
    *state = b;
    return 0;
}

static int tear_down(void **state) {
    const fault_bench *b = *state;
    free(b->image);
    sv_scenario_destroy(b->scenario);
    return 0;
}

/* ---- examining ---- */

static void print_line(void *user, const char *line) {
    (void)user;
    if (strstr(line, "HDF5") != NULL) {
        print_message("%s\n", line);
    }
}

int64_t fault_count_frames(sv_session *session, const good_frames *good, int64_t *n_silent) {
    int64_t n = 0;
    for (int32_t c = 0; c < good->n_cameras; c++) {
        for (int64_t i = 0; i < sv_session_rows(session, SV_TABLE_INDEX + c); i++) {
            sv_index_row row;
            sv_frame frame;
            if (sv_session_row(&row, session, SV_TABLE_INDEX + c, i) != SV_OK ||
                sv_session_read_frame(&frame, session, c, i, NULL) != SV_OK) {
                continue;
            }
            n++;
            *n_silent += i >= good->n[c] || row.checksum != good->index[c][i].checksum;
        }
    }
    return n;
}

int64_t fault_count_rows(sv_session *session) {
    union {
        sv_set_row set; /* the largest */
        sv_config config;
        sv_session_meta meta;
    } row;
    int64_t n = 0;
    for (int32_t table = SV_TABLE_META; table < sv_table_count(sv_session_config(session)->n_cameras); table++) {
        for (int64_t i = 0; i < sv_session_rows(session, table); i++) {
            n += sv_session_row(&row, session, table, i) == SV_OK;
        }
    }
    return n;
}

bool fault_is_said(sv_session *session) {
    sv_session_check check;
    assert_int_equal(sv_session_verify(&check, session, NULL, NULL), SV_OK);
    return *sv_session_note(session) != '\0' ||
           check.n_bad_rows + check.n_bad_frames + check.n_bad_journal + check.n_bad_hdf5 > 0;
}

void fault_examine(tally *t, const fault_bench *b, const char *path, int64_t n_reached) {
    sv_session *session;
    sv_session_check check;
    t->n_cases++;
    if (sv_session_open(&session, path) != SV_OK) {
        t->n_unopened++;
        return;
    }
    int64_t n = fault_count_frames(session, &b->good, &t->n_silent);
    t->n_lost += n < n_reached ? n_reached - n : 0;
    t->n_silent += n < b->good.n_all && !fault_is_said(session);
    /* what is left of HDF5's metadata is no damage */
    assert_int_equal(sv_session_verify(&check, session, print_line, NULL), SV_OK);
    assert_int_equal(check.n_bad_hdf5, 0);
    sv_session_close(session);
}

void fault_listen(void *user, const char *line) {
    fault_listener *l = user;
    l->heard = l->heard || strstr(line, l->words) != NULL;
}

/* A chunk of the journal begins with two rows of the first kind, alike but for their checksums. */
void fault_visit_journal(const fault_bench *b, void (*visit)(void *user, size_t at, size_t n), void *user) {
    static const uint8_t chain[] = {0x01, 0x56, 0x53, 0x4B, 0, 0, 0, 0};
    sv_table_layout layout = sv_table_layout_of(SV_TABLE_JOURNAL, 0);
    size_t n = (size_t)layout.chunk_rows * layout.row_size;
    for (size_t at = 0; at + n <= b->n_image; at++) {
        if (memcmp(b->image + at, chain, sizeof chain) == 0 &&
            memcmp(b->image + at, b->image + at + layout.row_size, layout.row_size - sizeof(uint64_t)) == 0) {
            visit(user, at, n);
        }
    }
}

int main(int argc, char **argv) {
    if (argc > 2) {
        bench.n_kills = atoi(argv[1]);
        bench.n_random = atoi(argv[2]);
    }
    bench.all = bench.n_random >= 1000;
    if (argc > 3) {
        cmocka_set_test_filter(argv[3]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_random_moments),
        cmocka_unit_test(killed_in_real_time),
        cmocka_unit_test(every_write_fails_once),
        cmocka_unit_test(the_file_meets_its_limit),
        cmocka_unit_test(the_disk_is_full),
        cmocka_unit_test(cut_off_anywhere),
        cmocka_unit_test(the_last_chunk_is_torn),
        cmocka_unit_test(every_flipped_bit_is_named),
        cmocka_unit_test(a_flipped_bit_in_the_journal_is_said),
        cmocka_unit_test(damaged_metadata_is_said),
        cmocka_unit_test(a_repaired_session_is_clean),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
