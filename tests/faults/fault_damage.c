/* Recordings that are cut off, torn and bent. */
#include "fault_parts.h"

#include <replay/checksum64.h>
#include <replay/session_file.h>

/* ---- cut off ---- */

/* Frames whose last byte lies before the cut. */
static int64_t frames_before(const fault_bench *b, uint64_t cut) {
    int64_t n = 0;
    for (int32_t c = 0; c < b->good.n_cameras; c++) {
        for (int64_t i = 0; i < b->good.n[c]; i++) {
            n += b->good.index[c][i].offset + b->good.index[c][i].size <= cut;
        }
    }
    return n;
}

static uint64_t first_frame(const fault_bench *b) {
    uint64_t first = UINT64_MAX;
    for (int32_t c = 0; c < b->good.n_cameras; c++) {
        first = b->good.index[c][0].offset < first ? b->good.index[c][0].offset : first;
    }
    return first;
}

/* Tables begin while the first frames are written: until then a cut may take the rows that tell of a frame. */
static void cut_at(tally *t, const fault_bench *b, uint64_t cut) {
    sv_session *session;
    t->n_cases++;
    uint8_t *image = malloc(cut + 1); /* as long as it is, so that a read beyond is found */
    assert_non_null(image);
    memcpy(image, b->image, cut);
    if (sv_session_open_image(&session, image, cut) != SV_OK) {
        t->n_unopened += cut > first_frame(b);
    } else {
        int64_t n = fault_count_frames(session, &b->good, &t->n_silent), there = frames_before(b, cut);
        t->n_lost += there > n ? there - n : 0;
        t->n_silent += fault_count_rows(session) < b->n_rows && !fault_is_said(session);
        sv_session_close(session);
    }
    free(image);
}

typedef struct cutting {
    tally *t;
    const fault_bench *b;
} cutting;

static void cut_at_both_ends(void *user, size_t at, size_t n) {
    const cutting *c = user;
    cut_at(c->t, c->b, at);
    cut_at(c->t, c->b, at + n < c->b->n_image ? at + n : c->b->n_image);
}

/* Every chunk of every table, and of the journal; in the normal test a third of those of tables. */
static void cut_at_tables(tally *t, const fault_bench *b) {
    cutting c = {.t = t, .b = b};
    sv_segment *segment;
    assert_int_equal(sv_segment_open_image(&segment, b->image, b->n_image), SV_OK);
    for (int32_t table = SV_TABLE_META; table < sv_table_count(b->good.n_cameras); table++) {
        int64_t rows = sv_table_layout_of(table, b->good.n_cameras).chunk_rows;
        for (int64_t i = 0; i < sv_segment_rows(segment, table); i += rows * (b->all ? 1 : 3)) {
            uint64_t offset;
            size_t row_size;
            assert_true(sv_segment_row_place(&offset, &row_size, segment, table, i));
            cut_at_both_ends(&c, offset, (size_t)rows * row_size);
        }
    }
    sv_segment_close(segment);
    fault_visit_journal(b, cut_at_both_ends, &c);
}

void cut_off_anywhere(void **state) {
    const fault_bench *b = *state;
    tally frame = {0}, table = {0}, random = {0};
    for (int32_t c = 0; c < b->good.n_cameras; c++) {
        for (int64_t i = 0; i < b->good.n[c]; i += b->all ? 1 : 4) {
            cut_at(&frame, b, b->good.index[c][i].offset);
            cut_at(&frame, b, b->good.index[c][i].offset + b->good.index[c][i].size);
        }
    }
    tally_print("cut off at a border of every frame's chunk", &frame);
    cut_at_tables(&table, b);
    tally_print("cut off at a border of every chunk of the tables and the journal", &table);
    for (int i = 0; i < b->n_random; i++) {
        cut_at(&random, b, sv_rng(11, 2, (uint64_t)i) % b->n_image);
    }
    tally_print("cut off at a random byte", &random);
    tally_check(&frame);
    tally_check(&table);
    tally_check(&random);
    /* a frame between the newest line of the index that was kept and the cut is found by nothing */
    assert_true(frame.n_lost <= frame.n_cases && random.n_lost <= random.n_cases * 6);
}

/* ---- torn: the file is as long as it should be, but the end of a chunk never came to the disk ---- */

static void tear(tally *t, const fault_bench *b, size_t begin, size_t end, const char *words) {
    sv_session *session;
    fault_listener l = {.words = words};
    sv_session_check check;
    t->n_cases++;
    uint8_t *image = malloc(b->n_image);
    assert_non_null(image);
    memcpy(image, b->image, b->n_image);
    memset(image + begin, 0, end - begin);
    if (sv_session_open_image(&session, image, b->n_image) != SV_OK) {
        t->n_unopened++;
        free(image);
        return;
    }
    assert_int_equal(sv_session_verify(&check, session, fault_listen, &l), SV_OK);
    t->n_silent += !l.heard && memcmp(image, b->image, b->n_image) != 0;
    t->n_lost += b->good.n_all - fault_count_frames(session, &b->good, &t->n_silent);
    sv_session_close(session);
    free(image);
}

enum { TEARS = 8 };

static void tear_frames(tally *t, const fault_bench *b) {
    for (int32_t c = 0; c < b->good.n_cameras; c++) {
        const sv_index_row *index = &b->good.index[c][b->good.n[c] - 1];
        char words[96];
        snprintf(words, sizeof words, "camera %d, frame %d:", (int)b->scenario->config.camera[c].id,
                 (int)index->number);
        for (uint64_t k = 0; k < (b->all ? TEARS : 2); k++) {
            size_t kept = k == 0 ? 0 : (size_t)(sv_rng(11, 7, TEARS * (uint64_t)c + k) % index->size);
            tear(t, b, index->offset + kept, index->offset + index->size, words);
        }
    }
}

/* The rows of a table's last chunk, from one of them on. */
static void tear_tables(tally *t, const fault_bench *b) {
    sv_segment *segment;
    assert_int_equal(sv_segment_open_image(&segment, b->image, b->n_image), SV_OK);
    for (int32_t table = SV_TABLE_EVENTS; table < sv_table_count(b->good.n_cameras); table++) {
        int64_t n = sv_segment_rows(segment, table), rows = sv_table_layout_of(table, b->good.n_cameras).chunk_rows;
        for (int64_t i = n > 0 ? (n - 1) / rows * rows : n; i < n; i += b->all ? 2 : 20) {
            uint64_t offset;
            size_t row_size;
            char words[96], name[64];
            assert_true(sv_segment_row_place(&offset, &row_size, segment, table, i));
            sv_segment_table_name(name, segment, table);
            snprintf(words, sizeof words, "%s: row %lld ", name, (long long)(n - 1));
            tear(t, b, offset + row_size / 2, offset + (size_t)(n - i) * row_size, words);
        }
    }
    sv_segment_close(segment);
}

typedef struct last_chunk {
    size_t at, n;
} last_chunk;

static void take_last(void *user, size_t at, size_t n) {
    last_chunk *last = user;
    if (at > last->at) {
        *last = (last_chunk){.at = at, .n = n};
    }
}

void the_last_chunk_is_torn(void **state) {
    const fault_bench *b = *state;
    tally t = {0};
    last_chunk journal = {0};
    tear_frames(&t, b);
    tear_tables(&t, b);
    fault_visit_journal(b, take_last, &journal);
    assert_true(journal.n > 0);
    for (size_t kept = journal.n / TEARS; kept < journal.n; kept += journal.n / TEARS) {
        tear(&t, b, journal.at + kept, journal.at + journal.n, "/journal: ");
    }
    tally_print("the last chunk of a camera, a table or the journal is torn", &t);
    tally_check(&t);
}

/* ---- flipped bits ---- */

/* Where the i-th random flip goes: a byte of a frame, or of a row, with the words that must name it. */
static uint64_t choose(char words[96], const fault_bench *b, sv_segment *segment, uint64_t i) {
    for (uint64_t k = 0;; k++) {
        uint64_t draw = sv_rng(11, 3, 100 * i + k);
        if (draw % 2 == 0) {
            int32_t c = (int32_t)(draw / 2 % (uint64_t)b->good.n_cameras);
            int64_t row = (int64_t)(draw / 64 % (uint64_t)b->good.n[c]);
            const sv_index_row *index = &b->good.index[c][row];
            snprintf(words, 96, "camera %d, frame %d:", (int)b->scenario->config.camera[c].id, (int)index->number);
            return index->offset + draw / 4096 % index->size;
        }
        int32_t table = (int32_t)(draw / 2 % (uint64_t)sv_table_count(b->good.n_cameras));
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

void every_flipped_bit_is_named(void **state) {
    const fault_bench *b = *state;
    tally t = {0};
    sv_segment *segment;
    assert_int_equal(sv_segment_open_image(&segment, b->image, b->n_image), SV_OK);
    uint8_t *image = malloc(b->n_image);
    assert_non_null(image);
    memcpy(image, b->image, b->n_image);
    for (int i = 0; i < b->n_random; i++) {
        char words[96];
        uint64_t at = choose(words, b, segment, (uint64_t)i);
        image[at] ^= (uint8_t)(1 << sv_rng(11, 4, (uint64_t)i) % 8);
        sv_session *session;
        t.n_cases++;
        if (sv_session_open_image(&session, image, b->n_image) == SV_OK) {
            fault_listener l = {.words = words};
            sv_session_check check;
            assert_int_equal(sv_session_verify(&check, session, fault_listen, &l), SV_OK);
            if (!l.heard) {
                print_message("not named: %s\n", words);
            }
            t.n_silent += !l.heard;
            t.n_lost += check.n_bad_frames;
            sv_session_close(session);
        } else {
            t.n_unopened++;
        }
        image[at] = b->image[at];
    }
    free(image);
    sv_segment_close(segment);
    tally_print("a bit flipped in a recorded row or frame, each named by `verify`", &t);
    tally_check(&t);
}

/* ---- flipped bits of the journal ---- */

typedef struct journal_flips {
    tally t;
    const fault_bench *b;
    uint8_t *image;
} journal_flips;

/* One in 13 rows of a chunk: a flip may hide a chunk, never bend one, and the rest stays readable. */
static void flip_journal(void *user, size_t begin, size_t n) {
    journal_flips *f = user;
    const fault_bench *b = f->b;
    static const uint8_t no_row[4] = {0};
    size_t row_size = sv_table_layout_of(SV_TABLE_JOURNAL, 0).row_size;
    for (size_t row = begin; row < begin + n && memcmp(b->image + row, no_row, sizeof no_row) != 0;
         row += 13 * row_size) {
        size_t at = row + sv_rng(11, 5, row) % row_size;
        f->image[at] ^= 4;
        sv_session *session;
        f->t.n_cases++;
        if (sv_session_open_image(&session, f->image, b->n_image) == SV_OK) {
            f->t.n_silent += !fault_is_said(session);
            f->t.n_lost += b->good.n_all - fault_count_frames(session, &b->good, &f->t.n_silent);
            sv_session_close(session);
        } else {
            f->t.n_unopened++;
        }
        f->image[at] = b->image[at];
    }
}

void a_flipped_bit_in_the_journal_is_said(void **state) {
    const fault_bench *b = *state;
    journal_flips f = {.b = b, .image = malloc(b->n_image)};
    assert_non_null(f.image);
    memcpy(f.image, b->image, b->n_image);
    fault_visit_journal(b, flip_journal, &f);
    free(f.image);
    tally_print("a bit flipped in the journal", &f.t);
    assert_true(f.t.n_cases > 10);
    tally_check(&f.t);
}

/* ---- what belongs to HDF5 alone ---- */

static void mark_journal(void *user, size_t at, size_t n) {
    memset((uint8_t *)user + at, 1, n);
}

/* Bytes that skyvox reads: head, journal, chunks of tables, frames. free() it. */
static uint8_t *mark_ours(const fault_bench *b) {
    sv_segment *segment;
    uint8_t *ours = calloc(b->n_image, 1);
    assert_non_null(ours);
    assert_int_equal(sv_segment_open_image(&segment, b->image, b->n_image), SV_OK);
    for (int32_t table = SV_TABLE_META; table < sv_table_count(b->good.n_cameras); table++) {
        int64_t rows = sv_table_layout_of(table, b->good.n_cameras).chunk_rows;
        for (int64_t i = 0; i < sv_segment_rows(segment, table); i += rows) {
            uint64_t offset;
            size_t row_size;
            assert_true(sv_segment_row_place(&offset, &row_size, segment, table, i));
            memset(ours + offset, 1, (size_t)rows * row_size);
        }
    }
    for (int32_t c = 0; c < b->good.n_cameras; c++) {
        for (int64_t i = 0; i < b->good.n[c]; i++) {
            memset(ours + b->good.index[c][i].offset, 1, b->good.index[c][i].size);
        }
    }
    sv_segment_close(segment);
    fault_visit_journal(b, mark_journal, ours);
    for (size_t at = 0; at < 65536; at += 8) {
        if (memcmp(b->image + at, SV_SESSION_MAGIC, 8) == 0) {
            memset(ours + at, 1, SV_SESSION_HEAD_SIZE);
        }
    }
    return ours;
}

static void write_image(const char *path, const uint8_t *image, size_t n) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(image, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

void damaged_metadata_is_said(void **state) {
    const fault_bench *b = *state;
    tally t = {0};
    int64_t n_unused = 0;
    char path[RUN_PATH_CAP];
    run_path(path, "metadata");
    uint8_t *ours = mark_ours(b), *image = malloc(b->n_image);
    assert_non_null(image);
    memcpy(image, b->image, b->n_image);
    for (uint64_t i = 0; t.n_cases < b->n_random; i++) {
        size_t at = (size_t)(sv_rng(11, 8, i) % b->n_image);
        if (ours[at]) {
            continue;
        }
        t.n_cases++;
        image[at] ^= (uint8_t)(1 << sv_rng(11, 9, i) % 8);
        write_image(path, image, b->n_image);
        image[at] = b->image[at];
        sv_session *session;
        if (sv_session_open(&session, path) != SV_OK) {
            t.n_unopened++;
            continue;
        }
        t.n_lost += b->good.n_all - fault_count_frames(session, &b->good, &t.n_silent);
        bool said = fault_is_said(session);
        if (!said && image[at] != 0) {
            print_message("not said: byte %zu\n", at);
        }
        t.n_silent += !said && image[at] != 0;
        n_unused += !said && image[at] == 0; /* HDF5 keeps room that holds nothing */
        sv_session_close(session);
    }
    free(ours);
    free(image);
    remove(path);
    tally_print("a bit flipped in what belongs to HDF5 alone", &t);
    print_message("(%lld of them in bytes that hold nothing, of which nothing is said)\n", (long long)n_unused);
    assert_int_equal(t.n_lost, 0);
    assert_true(n_unused * 2 < t.n_cases);
    tally_check(&t);
}

/* ---- repair ---- */

void a_repaired_session_is_clean(void **state) {
    const fault_bench *b = *state;
    char torn[RUN_PATH_CAP], clean[RUN_PATH_CAP];
    run_path(torn, "torn");
    run_path(clean, "clean");
    write_image(torn, b->image, b->n_image * 3 / 4);
    sv_session *session;
    sv_session_repair kept;
    assert_int_equal(sv_session_open(&session, torn), SV_OK);
    assert_int_equal(sv_session_copy(&kept, session, clean, NULL), SV_OK);
    sv_session_close(session);
    assert_true(kept.n_events > 20 && kept.n_sets > 3);
    assert_int_equal(sv_session_open(&session, clean), SV_OK);
    assert_string_equal(sv_session_note(session), "");
    assert_false(fault_is_said(session));
    for (int64_t i = 0; i < sv_session_n_sets(session); i++) {
        sv_ledger_line line;
        assert_int_equal(sv_session_read_ledger(&line, session, i), SV_OK);
        assert_int_equal(sv_ledger_difference(&line, &b->ledger.line[i], SV_STAGE_SYNC), SV_N_STAGES);
    }
    sv_session_close(session);
    /* the damaged one was only read */
    size_t n;
    uint8_t *after = run_read_file(torn, &n);
    assert_true(n == b->n_image * 3 / 4 && sv_checksum64(after, n, 0) == sv_checksum64(b->image, n, 0));
    free(after);
    remove(torn);
    remove(clean);
}
