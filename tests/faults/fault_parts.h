/** What the fault tests share: a good recording, how a damaged one is examined, and the table's lines. */
#ifndef TESTS_FAULT_PARTS_H
#define TESTS_FAULT_PARTS_H

#include <unit/test_session_runs.h>

#include <replay/session_segment.h>
#include <skyvox/ledger.h>
#include <skyvox/rng.h>

/** Checksums of a good recording's frames, by camera and row. */
typedef struct good_frames {
    sv_index_row index[8][64];
    int64_t n[8];
    int32_t n_cameras;
    int64_t n_all;
} good_frames;

/** What every test starts from: a recording of the scenario that was flushed after every event. */
typedef struct fault_bench {
    int n_kills, n_random;
    bool all; /* every case, not a sample */
    sv_scenario *scenario;
    sv_recorder_options options;
    run_ledger ledger;
    good_frames good;
    int64_t n_writes, n_rows;
    uint8_t *image; /* [n_image] the good file */
    size_t n_image;
} fault_bench;

/** One line of the table. */
typedef struct tally {
    int64_t n_cases, n_lost, n_silent, n_unopened;
} tally;

void tally_print(const char *name, const tally *t);
/** Silent losses and files that did not open are never allowed. */
void tally_check(const tally *t);

/** Frames that are read as they were recorded; a readable frame that is another is a silent loss. */
int64_t fault_count_frames(sv_session *session, const good_frames *good, int64_t *n_silent);
/** Rows of all tables that can be read. */
int64_t fault_count_rows(sv_session *session);
/** Damage that a reader notices: a note, or something that verify names. */
bool fault_is_said(sv_session *session);
/** A recording that ended early at `path`, of which at least n_reached frames reached the file. */
void fault_examine(tally *t, const fault_bench *b, const char *path, int64_t n_reached);

/** A listener for verify that waits for words. */
typedef struct fault_listener {
    const char *words;
    bool heard;
} fault_listener;
void fault_listen(void *user, const char *line);

/** Calls `visit` with where every chunk of the journal begins and how long it is. */
void fault_visit_journal(const fault_bench *b, void (*visit)(void *user, size_t at, size_t n), void *user);

void killed_at_random_moments(void **state);
void killed_in_real_time(void **state);
void every_write_fails_once(void **state);
void the_file_meets_its_limit(void **state);
void the_disk_is_full(void **state);
void cut_off_anywhere(void **state);
void the_last_chunk_is_torn(void **state);
void every_flipped_bit_is_named(void **state);
void a_flipped_bit_in_the_journal_is_said(void **state);
void damaged_metadata_is_said(void **state);
void a_repaired_session_is_clean(void **state);

#endif
