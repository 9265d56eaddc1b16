/*
 * fault_session KILLS RANDOM [TEST]: recordings that are killed, cut off, bent and run out of disk. Every frame that was there must
 * be there or be missed loudly, and what is read must be what was recorded.
 */
#include "test_session_runs.h"

#include <errno.h>
#include <replay/session_segment.h>
#include <signal.h>
#include <skyvox/ledger.h>
#include <skyvox/rng.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static int n_kills = 15, n_random = 100;

enum { FRAMES_CAP = 4096 };

/* Checksums of a good recording's frames, by camera and row. */
typedef struct good_frames {
    sv_index_row index[8][64];
    int64_t n[8];
    int32_t n_cameras;
    int64_t n_all, n_sets;
} good_frames;

/* One line of the table. */
typedef struct tally {
    int64_t n_cases, n_lost, n_silent, n_unopened;
} tally;

static void print_tally(const char *name, const tally *t) {
    print_message("| %s | %lld | %lld | %lld | %lld |\n", name, (long long)t->n_cases, (long long)t->n_lost,
                  (long long)t->n_silent, (long long)t->n_unopened);
}

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
    good->n_sets = sv_session_n_sets(session);
}

/* Frames of the session that are those of the good recording; a readable frame that is another is a silent loss. */
static int64_t count_frames(sv_session *session, const good_frames *good, int64_t *n_silent) {
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

/* What every test starts from. */
typedef struct bench {
    sv_scenario *scenario;
    sv_recorder_options options;
    run_ledger ledger;
    good_frames good;
    int64_t n_writes;
    uint8_t *image; /* [n_image] the good file */
    size_t n_image;
} bench;

static bench b;

static int set_up(void **state) {
    (void)state;
    char path[64];
    run_path(path, "good");
    b.scenario = run_scenario();
    b.options = run_options(b.scenario);
    b.options.flush_ns = 1; /* after every event */
    assert_int_equal(run_and_record(&b.ledger, b.scenario, path, &b.options, &b.n_writes, NULL, NULL), SV_OK);
    sv_session *session;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    read_good(&b.good, session);
    sv_session_close(session);
    b.image = run_read_file(path, &b.n_image);
    remove(path);
    print_message("| fault | cases | frames lost | silent losses | files that did not open |\n|---|---|---|---|---|\n");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    free(b.image);
    sv_scenario_destroy(b.scenario);
    return 0;
}

/* Damage that a reader notices: a note, or something that verify names. */
static bool is_said(sv_session *session) {
    sv_session_check check;
    assert_int_equal(sv_session_verify(&check, session, NULL, NULL), SV_OK);
    return *sv_session_note(session) != '\0' || check.n_bad_rows + check.n_bad_frames + check.n_bad_journal > 0;
}

/* A recording that ended early at `path`, of which at least n_least frames reached the file. */
static void examine(tally *t, const char *path, int64_t n_least, int64_t n_reached) {
    sv_session *session;
    t->n_cases++;
    if (sv_session_open(&session, path) != SV_OK) {
        t->n_unopened++;
        return;
    }
    int64_t n = count_frames(session, &b.good, &t->n_silent);
    t->n_lost += n < n_reached ? n_reached - n : 0;
    t->n_silent += n < b.good.n_all && !is_said(session);
    assert_true(n >= n_least);
    sv_session_close(session);
}

/* ---- kill -9 ---- */

static void tell(void *user, int64_t n_events) {
    if (write(*(const int *)user, &n_events, sizeof n_events) != sizeof n_events) {
        _exit(9);
    }
}

/* The child says after every event that it was taken in; what it said is in the file whenever it dies. */
static int64_t record_and_kill(const char *path, int64_t after_us) {
    int channel[2];
    assert_int_equal(pipe(channel), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        run_ledger ledger;
        close(channel[0]);
        _exit(run_and_record(&ledger, b.scenario, path, &b.options, NULL, tell, &channel[1]) == SV_OK ? 0 : 1);
    }
    close(channel[1]);
    int64_t n_said = 0, n;
    if (read(channel[0], &n_said, sizeof n_said) != sizeof n_said) { /* the recording has begun */
        n_said = 0;
    }
    struct timespec wait = {.tv_sec = after_us / 1000000, .tv_nsec = after_us % 1000000 * 1000};
    nanosleep(&wait, NULL);
    kill(child, SIGKILL);
    while (read(channel[0], &n, sizeof n) == sizeof n) {
        n_said = n;
    }
    close(channel[0]);
    waitpid(child, NULL, 0);
    return n_said;
}

static void killed_at_random_moments(void **state) {
    (void)state;
    tally t = {0};
    char path[64];
    for (int i = 0; i < n_kills; i++) {
        run_path(path, "kill");
        int64_t n_said = record_and_kill(path, (int64_t)(sv_rng(11, 1, (uint64_t)i) % 250000));
        int64_t n_frames = n_said > b.good.n_all ? b.good.n_all : n_said; /* the last event is END */
        examine(&t, path, n_frames, n_frames);
        remove(path);
    }
    print_tally("kill -9 at a random moment", &t);
    assert_int_equal(t.n_lost + t.n_silent + t.n_unopened, 0);
}

/* ---- writes that fail ---- */

typedef struct counting {
    int64_t n_events;
} counting;

static void count_event(void *user, int64_t n_events) {
    ((counting *)user)->n_events = n_events;
}

static void every_write_fails_once(void **state) {
    (void)state;
    tally t = {0};
    int64_t n_refused = 0;
    char path[64];
    /* every write of a short session; in the normal test one in 41 */
    int64_t step = n_random >= 1000 ? 1 : 41;
    for (int64_t n = 1; n <= b.n_writes; n += step) {
        run_ledger ledger;
        sv_recorder_options options = b.options;
        counting taken = {0};
        options.fail_write = n;
        run_path(path, "write");
        assert_int_equal(run_and_record(&ledger, b.scenario, path, &options, NULL, count_event, &taken), SV_ERR_IO);
        assert_non_null(strstr(sv_error_text(), "No space left on device"));
        if (taken.n_events == 0) {
            n_refused++; /* said before anything was recorded: there is nothing to lose */
        } else {
            int64_t n_frames = taken.n_events > b.good.n_all ? b.good.n_all : taken.n_events;
            examine(&t, path, n_frames, n_frames);
        }
        remove(path);
    }
    print_tally("the n-th write fails", &t);
    print_message("(%lld more failed before the first event, and said so)\n", (long long)n_refused);
    assert_int_equal(t.n_lost + t.n_silent + t.n_unopened, 0);
}

static void the_disk_fills_up(void **state) {
    (void)state;
    tally t = {0};
    char path[64];
    for (int i = 0; i < (n_random >= 1000 ? 20 : 4); i++) {
        run_path(path, "full");
        int channel[2];
        assert_int_equal(pipe(channel), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            rlim_t size = b.n_image / 4 + b.n_image * (rlim_t)i / (n_random >= 1000 ? 28 : 6);
            struct rlimit limit = {.rlim_cur = size, .rlim_max = size};
            signal(SIGXFSZ, SIG_IGN);
            run_ledger ledger;
            setrlimit(RLIMIT_FSIZE, &limit);
            _exit(run_and_record(&ledger, b.scenario, path, &b.options, NULL, tell, &channel[1]) == SV_ERR_IO ? 0 : 1);
        }
        close(channel[1]);
        int64_t n, n_said = 0;
        int wait_status;
        while (read(channel[0], &n, sizeof n) == sizeof n) {
            n_said = n;
        }
        close(channel[0]);
        waitpid(child, &wait_status, 0);
        assert_true(WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0);
        examine(&t, path, n_said, n_said);
        remove(path);
    }
    print_tally("the file meets its limit", &t);
    assert_int_equal(t.n_lost + t.n_silent + t.n_unopened, 0);
}

/* ---- cut off ---- */

/* Frames whose last byte lies before the cut. */
static int64_t frames_before(uint64_t cut) {
    int64_t n = 0;
    for (int32_t c = 0; c < b.good.n_cameras; c++) {
        for (int64_t i = 0; i < b.good.n[c]; i++) {
            n += b.good.index[c][i].offset + b.good.index[c][i].size <= cut;
        }
    }
    return n;
}

static uint64_t first_frame(void) {
    uint64_t first = UINT64_MAX;
    for (int32_t c = 0; c < b.good.n_cameras; c++) {
        first = b.good.index[c][0].offset < first ? b.good.index[c][0].offset : first;
    }
    return first;
}

/* Tables begin while the first frames are written: until then a cut may take the rows that tell of a frame. */
static void cut_at(tally *t, uint64_t cut) {
    sv_session *session;
    t->n_cases++;
    uint8_t *image = malloc(cut + 1); /* as long as it is, so that a read beyond is found */
    assert_non_null(image);
    memcpy(image, b.image, cut);
    if (sv_session_open_image(&session, image, cut) != SV_OK) {
        t->n_unopened += cut > first_frame();
    } else {
        int64_t n = count_frames(session, &b.good, &t->n_silent), there = frames_before(cut);
        t->n_lost += there > n ? there - n : 0;
        t->n_silent += cut < b.n_image && n < b.good.n_all && !is_said(session);
        sv_session_close(session);
    }
    free(image);
}

static void cut_off_anywhere(void **state) {
    (void)state;
    tally border = {0}, random = {0};
    for (int32_t c = 0; c < b.good.n_cameras; c++) {
        for (int64_t i = 0; i < b.good.n[c]; i++) {
            cut_at(&border, b.good.index[c][i].offset);
            cut_at(&border, b.good.index[c][i].offset + b.good.index[c][i].size);
        }
    }
    print_tally("cut off at a chunk's border", &border);
    for (int i = 0; i < n_random; i++) {
        cut_at(&random, sv_rng(11, 2, (uint64_t)i) % b.n_image);
    }
    print_tally("cut off anywhere", &random);
    assert_int_equal(border.n_silent + border.n_unopened + random.n_silent + random.n_unopened, 0);
    /* a frame between the newest line of the index that was kept and the cut is found by nothing */
    assert_true(border.n_lost <= border.n_cases && random.n_lost <= random.n_cases * 6);
}

/* ---- flipped bits ---- */

/* Where the i-th random flip goes: a byte of a frame, or of a row, with the words that must name it. */
static uint64_t choose(char words[96], sv_segment *segment, uint64_t i) {
    for (uint64_t k = 0;; k++) {
        uint64_t draw = sv_rng(11, 3, 100 * i + k);
        if (draw % 2 == 0) {
            int32_t c = (int32_t)(draw / 2 % (uint64_t)b.good.n_cameras);
            int64_t row = (int64_t)(draw / 64 % (uint64_t)b.good.n[c]);
            const sv_index_row *index = &b.good.index[c][row];
            snprintf(words, 96, "camera %d, frame %d:", (int)b.scenario->config.camera[c].id, (int)index->number);
            return index->offset + draw / 4096 % index->size;
        }
        int32_t table = (int32_t)(draw / 2 % (uint64_t)sv_table_count(b.good.n_cameras));
        int64_t n_rows = sv_segment_rows(segment, table);
        uint64_t offset;
        size_t n;
        int64_t row = n_rows > 0 ? (int64_t)(draw / 64 % (uint64_t)n_rows) : 0;
        if (table == SV_TABLE_JOURNAL || !sv_segment_row_place(&offset, &n, segment, table, row)) {
            continue;
        }
        char name[64];
        sv_segment_table_name(name, segment, table);
        snprintf(words, 96, "%s: row %lld ", name, (long long)row);
        return offset + draw / 4096 % n;
    }
}

typedef struct listener {
    const char *words;
    bool heard;
} listener;

static void listen(void *user, const char *line) {
    listener *l = user;
    l->heard = l->heard || strstr(line, l->words) != NULL;
}

static void every_flipped_bit_is_named(void **state) {
    (void)state;
    tally t = {0};
    sv_segment *segment;
    assert_int_equal(sv_segment_open_image(&segment, b.image, b.n_image), SV_OK);
    uint8_t *image = malloc(b.n_image);
    assert_non_null(image);
    for (int i = 0; i < n_random; i++) {
        char words[96];
        uint64_t at = choose(words, segment, (uint64_t)i);
        memcpy(image, b.image, b.n_image);
        image[at] ^= (uint8_t)(1 << sv_rng(11, 4, (uint64_t)i) % 8);
        sv_session *session;
        t.n_cases++;
        if (sv_session_open_image(&session, image, b.n_image) != SV_OK) {
            t.n_unopened++;
            continue;
        }
        listener l = {.words = words};
        sv_session_check check;
        assert_int_equal(sv_session_verify(&check, session, listen, &l), SV_OK);
        if (!l.heard) {
            print_message("not named: %s\n", words);
        }
        t.n_silent += !l.heard;
        t.n_lost += check.n_bad_frames;
        sv_session_close(session);
    }
    free(image);
    sv_segment_close(segment);
    print_tally("a bit flipped in a row or a frame", &t);
    assert_int_equal(t.n_silent + t.n_unopened, 0);
}

/* A flip in the journal may hide a chunk, never bend one, and the rest stays readable. */
static void a_flipped_bit_in_the_journal_is_said(void **state) {
    (void)state;
    tally t = {0};
    sv_segment *segment;
    assert_int_equal(sv_segment_open_image(&segment, b.image, b.n_image), SV_OK);
    int64_t n_rows = 0;
    uint8_t *image = malloc(b.n_image);
    assert_non_null(image);
    /* the journal is found by its rows: they begin with their kind and end with their checksum */
    for (size_t at = 0; at + 56 <= b.n_image; at++) {
        static const uint8_t tail[] = {0x56, 0x53, 0x4B};
        if (memcmp(b.image + at + 1, tail, 3) != 0 || b.image[at] < 1 || b.image[at] > 4 || n_rows++ % 13 != 0) {
            continue;
        }
        memcpy(image, b.image, b.n_image);
        image[at + sv_rng(11, 5, at) % 48] ^= 4;
        sv_session *session;
        t.n_cases++;
        if (sv_session_open_image(&session, image, b.n_image) != SV_OK) {
            t.n_unopened++;
            continue;
        }
        t.n_silent += !is_said(session);
        t.n_lost += b.good.n_all - count_frames(session, &b.good, &t.n_silent);
        sv_session_close(session);
    }
    free(image);
    sv_segment_close(segment);
    print_tally("a bit flipped in the journal", &t);
    assert_true(t.n_cases > 10);
    assert_int_equal(t.n_silent + t.n_unopened, 0);
}

/* ---- repair ---- */

static void a_repaired_session_is_clean(void **state) {
    (void)state;
    char torn[64], clean[64];
    run_path(torn, "torn");
    run_path(clean, "clean");
    FILE *file = fopen(torn, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(b.image, 1, b.n_image * 3 / 4, file), b.n_image * 3 / 4);
    fclose(file);
    sv_session *session;
    sv_session_repair kept;
    assert_int_equal(sv_session_open(&session, torn), SV_OK);
    assert_int_equal(sv_session_copy(&kept, session, clean, NULL), SV_OK);
    sv_session_close(session);
    assert_true(kept.n_events > 20 && kept.n_sets > 3);
    assert_int_equal(sv_session_open(&session, clean), SV_OK);
    assert_string_equal(sv_session_note(session), "");
    assert_false(is_said(session));
    for (int64_t i = 0; i < sv_session_n_sets(session); i++) {
        sv_ledger_line line;
        assert_int_equal(sv_session_read_ledger(&line, session, i), SV_OK);
        assert_int_equal(sv_ledger_difference(&line, &b.ledger.line[i], SV_STAGE_SYNC), SV_N_STAGES);
    }
    sv_session_close(session);
    remove(torn);
    remove(clean);
}

int main(int argc, char **argv) {
    if (argc > 2) {
        n_kills = atoi(argv[1]);
        n_random = atoi(argv[2]);
    }
    if (argc > 3) {
        cmocka_set_test_filter(argv[3]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_random_moments),    cmocka_unit_test(every_write_fails_once),
        cmocka_unit_test(the_disk_fills_up),           cmocka_unit_test(cut_off_anywhere),
        cmocka_unit_test(every_flipped_bit_is_named),  cmocka_unit_test(a_flipped_bit_in_the_journal_is_said),
        cmocka_unit_test(a_repaired_session_is_clean),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
