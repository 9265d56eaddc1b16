/* Recordings whose process or disk ends. */
#define _GNU_SOURCE /* unshare, for a disk of our own; the size of a pipe */
#include "fault_parts.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

/* ---- a recording in a process of its own ---- */

/* What the child says after every event that was taken in. */
typedef struct report {
    int64_t n_events;
    int64_t t_ns; /* of the machine's clock */
} report;

typedef struct recording_child {
    pid_t id;
    int channel; /* reports come here; closed when the child ends */
} recording_child;

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void wait_ns(int64_t n) {
    struct timespec wait = {.tv_sec = n / 1000000000, .tv_nsec = n % 1000000000};
    if (n > 0) {
        nanosleep(&wait, NULL);
    }
}

static void tell(void *user, int64_t n_events) {
    report said = {.n_events = n_events, .t_ns = now_ns()};
    if (write(*(const int *)user, &said, sizeof said) != sizeof said) {
        _exit(9);
    }
}

/* What a child does; its exit status. `tell` with the channel as user reports an event. */
typedef int (*child_work)(const fault_bench *b, const char *path, int channel, int64_t argument);

static recording_child start_child(child_work work, const fault_bench *b, const char *path, int64_t argument) {
    int channel[2];
    assert_int_equal(pipe(channel), 0);
    pid_t id = fork();
    assert_true(id >= 0);
    if (id == 0) {
        close(channel[0]);
        _exit(work(b, path, channel[1], argument));
    }
    close(channel[1]);
    return (recording_child){.id = id, .channel = channel[0]};
}

/* The next report; false: there is none any more. */
static bool next_report(const recording_child *child, report *said) {
    report got;
    if (read(child->channel, &got, sizeof got) != sizeof got) {
        return false;
    }
    *said = got;
    return true;
}

/* Exit status of a child that has ended or was killed. */
static int end_child(const recording_child *child) {
    int status;
    close(child->channel);
    assert_int_equal(waitpid(child->id, &status, 0), child->id);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Frames that were told to be recorded: the last event is END. */
static int64_t frames_of(const fault_bench *b, int64_t n_events) {
    return n_events > b->good.n_all ? b->good.n_all : n_events;
}

/* ---- kill -9 ---- */

static int record(const fault_bench *b, const char *path, int channel, int64_t unused) {
    (void)unused;
    run_ledger ledger;
    return run_and_record(&ledger, b->scenario, path, &b->options, NULL, tell, &channel) == SV_OK ? 0 : 1;
}

void killed_at_random_moments(void **state) {
    const fault_bench *b = *state;
    tally t = {0};
    char path[RUN_PATH_CAP];
    for (int i = 0; i < b->n_kills; i++) {
        run_path(path, "kill");
        recording_child child = start_child(record, b, path, 0);
        report said = {0};
        next_report(&child, &said); /* the recording has begun */
        wait_ns((int64_t)(sv_rng(11, 1, (uint64_t)i) % 250000) * 1000);
        kill(child.id, SIGKILL);
        while (next_report(&child, &said)) {
        }
        end_child(&child);
        fault_examine(&t, b, path, frames_of(b, said.n_events));
        remove(path);
    }
    tally_print("kill -9 at a random moment", &t);
    assert_int_equal(t.n_lost, 0);
    tally_check(&t);
}

/* ---- kill -9 of a recording in real time, with the flush that recordings have ---- */

enum { EVENTS_PER_S = 180, LIVE_S = 8, LIVE_EVENTS = LIVE_S * EVENTS_PER_S, REPORTS_UNREAD = 256 };
static const double flush_s = 0.5; /* of sv_recorder_options by default */

typedef struct live {
    int channel;
    int64_t begin_ns;
} live;

static void tell_and_wait(void *user, int64_t n_events) {
    const live *of = user;
    int channel = of->channel;
    tell(&channel, n_events);
    wait_ns(of->begin_ns + n_events * 1000000000 / EVENTS_PER_S - now_ns());
}

static int record_live(const fault_bench *b, const char *path, int channel, int64_t unused) {
    (void)b;
    (void)unused;
    char duration[32];
    snprintf(duration, sizeof duration, "duration_s=%d", LIVE_S);
    const char *const longer[] = {duration};
    run_ledger ledger;
    sv_scenario *scenario = run_scenario_with(longer, 1);
    sv_recorder_options options = run_options(scenario);
    live of = {.channel = channel, .begin_ns = now_ns()};
    if (fcntl(channel, F_SETPIPE_SZ, REPORTS_UNREAD * (int)sizeof(report)) < 0) {
        return 1;
    }
    return run_and_record(&ledger, scenario, path, &options, NULL, tell_and_wait, &of) == SV_OK ? 0 : 1;
}

/* Events before the first that cannot be read. */
static int64_t count_events(const char *path) {
    sv_session *session;
    sv_event event;
    int64_t n = 0;
    assert_int_equal(sv_session_open(&session, path), SV_OK);
    while (n < sv_session_rows(session, SV_TABLE_EVENTS) && sv_session_read_event(&event, session, n, NULL) == SV_OK) {
        n++;
    }
    assert_true(fault_is_said(session));
    sv_session_close(session);
    return n;
}

void killed_in_real_time(void **state) {
    const fault_bench *b = *state;
    char path[RUN_PATH_CAP];
    double most_s = 0;
    int64_t at_ns[LIVE_EVENTS], most_events = 0;
    int n_killed = 0;
    for (int i = 0; i < (b->all ? 40 : 2); i++) {
        run_path(path, "live");
        recording_child child = start_child(record_live, b, path, 0);
        report said = {0};
        /*
         * Killed at a moment of the recording, not of this process, which may be kept waiting: the recording then
         * waits for its reports to be read and cannot end before.
         */
        int64_t till_ns = 700000000 + (int64_t)(sv_rng(11, 6, (uint64_t)i) % 2000000) * 1000;
        do {
            assert_true(next_report(&child, &said) && said.n_events < LIVE_EVENTS - REPORTS_UNREAD);
            at_ns[said.n_events] = said.t_ns;
        } while (said.n_events < 2 || at_ns[said.n_events - 1] - at_ns[1] < till_ns); /* so a flush was due since */
        kill(child.id, SIGKILL);
        while (next_report(&child, &said)) {
            at_ns[said.n_events] = said.t_ns;
        }
        assert_int_equal(end_child(&child), -1);
        n_killed++;
        int64_t n_kept = count_events(path), n_lost = said.n_events - n_kept;
        assert_true(n_kept > 0);
        /*
         * The newest event but one was told before the newest was taken in, and that one found no flush due: so less
         * than this lies between the kept ones and it, however slowly the machine goes on.
         */
        double lost_s = n_lost > 1 ? (double)(at_ns[said.n_events - 1] - at_ns[n_kept]) * 1e-9 : 0;
        most_s = lost_s > most_s ? lost_s : most_s;
        most_events = n_lost > most_events ? n_lost : most_events;
        remove(path);
    }
    print_message(
        "(kill -9 in real time, flushed as a recording is: of %d cases the worst lost the last %.3f s, %lld events)\n",
        n_killed, most_s, (long long)most_events);
    assert_true(n_killed > 0 && most_s <= flush_s);
}

/* ---- writes that fail ---- */

static void count_event(void *user, int64_t n_events) {
    *(int64_t *)user = n_events;
}

void every_write_fails_once(void **state) {
    const fault_bench *b = *state;
    tally t = {0};
    int64_t n_refused = 0;
    char path[RUN_PATH_CAP];
    /* every write of a short session; in the normal test the first dozen, then one in 83 */
    for (int64_t n = 1; n <= b->n_writes; n += b->all || n < 12 ? 1 : 83) {
        run_ledger ledger;
        sv_recorder_options options = b->options;
        int64_t n_taken = 0;
        options.fail_write = n;
        run_path(path, "write");
        assert_int_equal(run_and_record(&ledger, b->scenario, path, &options, NULL, count_event, &n_taken), SV_ERR_IO);
        assert_non_null(strstr(sv_error_text(), "No space left on device"));
        if (n_taken == 0) {
            n_refused++; /* said before anything was recorded: there is nothing to lose */
        } else {
            fault_examine(&t, b, path, frames_of(b, n_taken));
        }
        remove(path);
    }
    tally_print("the n-th write fails", &t);
    print_message("(%lld more failed before the first event, and said so)\n", (long long)n_refused);
    assert_int_equal(t.n_lost, 0);
    tally_check(&t);
}

/* ---- no room ---- */

/* A size at which case i of n runs out of room. */
static int64_t too_small(const fault_bench *b, int i, int n) {
    return (int64_t)b->n_image / 4 + (int64_t)b->n_image * i / (n + n / 2);
}

static int record_until_full(const fault_bench *b, const char *path, int channel) {
    run_ledger ledger;
    return run_and_record(&ledger, b->scenario, path, &b->options, NULL, tell, &channel) == SV_ERR_IO ? 0 : 1;
}

static int record_limited(const fault_bench *b, const char *path, int channel, int64_t size) {
    struct rlimit limit = {.rlim_cur = (rlim_t)size, .rlim_max = (rlim_t)size};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    return record_until_full(b, path, channel);
}

enum { NOT_ALLOWED = 77 };

/* On a small disk that only this process sees and that ends with it; the file is copied out. */
static int record_on_small_disk(const fault_bench *b, const char *path, int channel, int64_t size) {
    char folder[RUN_PATH_CAP + 8], inside[RUN_PATH_CAP + 32], option[64];
    snprintf(folder, sizeof folder, "%s.disk", path);
    snprintf(inside, sizeof inside, "%s/full.h5", folder);
    snprintf(option, sizeof option, "size=%lld", (long long)size);
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", folder, "tmpfs", 0, option) != 0) {
        return NOT_ALLOWED;
    }
    int status = record_until_full(b, inside, channel);
    size_t n;
    uint8_t *data = run_read_file(inside, &n);
    FILE *file = fopen(path, "wb");
    bool copied = file != NULL && fwrite(data, 1, n, file) == n && fclose(file) == 0;
    return copied ? status : 1;
}

/* False: this machine does not let us. */
static bool run_out_of_room(tally *t, const fault_bench *b, child_work work, const char *path, int64_t size) {
    recording_child child = start_child(work, b, path, size);
    report said = {0};
    while (next_report(&child, &said)) {
    }
    int status = end_child(&child);
    if (status == NOT_ALLOWED) {
        return false;
    }
    assert_int_equal(status, 0);
    fault_examine(t, b, path, frames_of(b, said.n_events));
    return true;
}

void the_file_meets_its_limit(void **state) {
    const fault_bench *b = *state;
    tally t = {0};
    char path[RUN_PATH_CAP];
    int n = b->all ? 20 : 4;
    for (int i = 0; i < n; i++) {
        run_path(path, "limit");
        assert_true(run_out_of_room(&t, b, record_limited, path, too_small(b, i, n)));
        remove(path);
    }
    tally_print("the file meets its size limit", &t);
    assert_int_equal(t.n_lost, 0);
    tally_check(&t);
}

void the_disk_is_full(void **state) {
    const fault_bench *b = *state;
    tally t = {0};
    char path[RUN_PATH_CAP], folder[RUN_PATH_CAP + 8];
    int n = b->all ? 40 : 4;
    bool allowed = true;
    for (int i = 0; i < n && allowed; i++) {
        run_path(path, "full");
        snprintf(folder, sizeof folder, "%s.disk", path);
        assert_int_equal(mkdir(folder, 0700), 0);
        allowed = run_out_of_room(&t, b, record_on_small_disk, path, too_small(b, i, n));
        assert_int_equal(rmdir(folder), 0);
        remove(path);
    }
    if (!allowed) {
        print_message("(a full disk was not tried: mounting one is not allowed here)\n");
        skip();
    }
    tally_print("the disk is full", &t);
    assert_int_equal(t.n_lost, 0);
    tally_check(&t);
}
