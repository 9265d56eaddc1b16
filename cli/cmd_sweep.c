#include "interrupt.h"
#include "options.h"
#include "sweep_run.h"
#include "sweep_store.h"

#include <formats/sweep_stats.h>
#include <math.h>
#include <skyvox/team.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ERROR_CAP = 1024 };

typedef struct sweep_options {
    sweep_request request;
    const char *output;
    int64_t n_threads;
    bool json, quiet;
} sweep_options;

static const option sweep_option[] = {
    {"seeds", 's', "A:B", "seeds A to B - 1", OPTION_TEXT, offsetof(sweep_options, request.seeds), 0, 0},
    {"grid", 'g', "PATH=A,B,C", "run every value of a field, as --set; repeated: every\ncombination", OPTION_LIST,
     offsetof(sweep_options, request.grid), 0, 0},
    {"set", 0, "PATH=VALUE", "set any field of the scenario in every run; may be repeated", OPTION_LIST,
     offsetof(sweep_options, request.set), 0, 0},
    {"shard", 0, "I/N", "do only part I of N, from 1; the program that finishes the\nlast run writes the tables",
     OPTION_TEXT, offsetof(sweep_options, request.shard), 0, 0},
    {"output", 'o', "DIR", "folder of the sweep (out/sweep-NAME)", OPTION_TEXT, offsetof(sweep_options, output), 0, 0},
    {"threads", 0, "N", "runs side by side, 1 to 256 (one per processor); changes no\nresult", OPTION_INT,
     offsetof(sweep_options, n_threads), 1, 256},
    {"json", 0, NULL, "print sweep.json and nothing else", OPTION_FLAG, offsetof(sweep_options, json), 0, 0},
    {"quiet", 'q', NULL, "print nothing but errors", OPTION_FLAG, offsetof(sweep_options, quiet), 0, 0},
};

/* Shared by the threads. */
typedef struct sweep_all {
    const sweep_options *options;
    sweep_plan plan;
    sweep_store store;
    size_t *todo; /* [n_todo] runs of this shard that are not done, owned */
    size_t n_todo, n_done;
    bool progress;
    pthread_mutex_t lock; /* files read, and what follows */
    sv_status status;     /* the first failure; later runs are then skipped */
    char error[ERROR_CAP];
} sweep_all;

static void show_progress(sweep_all *all) {
    if (all->progress)
        fprintf(stderr, "\rrun %zu of %zu \033[K", all->n_done, all->n_todo);
}

/* One run of this shard, on whatever thread. */
static void do_run(void *user, size_t i) {
    sweep_all *all = user;
    sv_sweep_run *run = &all->plan.sweep->run[all->todo[i]];
    pthread_mutex_lock(&all->lock);
    bool go_on = all->status == SV_OK && !interrupt_requested();
    pthread_mutex_unlock(&all->lock);
    if (!go_on)
        return;
    sv_status status = sweep_run_one(run, &all->plan, &all->lock);
    if (status < SV_OK)
        status = sweep_plan_blame(&all->plan, run, status, sv_error_text());
    if (status == SV_OK)
        status = sweep_store_keep(&all->store, &all->plan, run);
    pthread_mutex_lock(&all->lock);
    all->n_done += status == SV_OK;
    show_progress(all);
    if (status < SV_OK && all->status == SV_OK) {
        all->status = status;
        snprintf(all->error, sizeof all->error, "%s", sv_error_text());
    }
    pthread_mutex_unlock(&all->lock);
}

static bool same_number(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

static sv_status check_maker(sweep_all *all, const sweep_maker *maker) {
    const sv_sweep *sweep = all->plan.sweep;
    const sv_sweep_run *there = &sweep->run[maker->i_run];
    sv_sweep_run again = {.point = there->point, .seed = there->seed};
    sv_status status = sweep_run_one(&again, &all->plan, &all->lock);
    if (status != SV_OK)
        return status;
    bool same = again.ledger_hash == there->ledger_hash;
    for (int32_t k = 0; k < sweep->key.n && same; k++)
        same = same_number(again.value[k], there->value[k]);
    free(again.value);
    if (same)
        return SV_OK;
    char path[OUT_PATH_CAP + 64];
    sweep_store_path(path, &all->store, &all->plan, there);
    return sv_fail(SV_ERR_INPUT,
                   "%s: this program (%s %s) gives another result than the one that ran it (%s): use another folder",
                   path, sv_version(), SKYVOX_COMMIT, maker->program);
}

/* Repeat one finished run of every program that worked here: results of different programs do not mix. */
static sv_status check_makers(sweep_all *all) {
    sv_status status = SV_OK;
    for (int i = 0; i < all->store.n_makers && status == SV_OK; i++)
        status = check_maker(all, &all->store.maker[i]);
    return status;
}

static sv_status find_todo(sweep_all *all) {
    const sv_sweep *sweep = all->plan.sweep;
    all->todo = calloc(sweep->n_runs, sizeof *all->todo);
    if (!all->todo)
        return sv_fail(SV_ERR_NOMEM, "out of memory for %zu runs", sweep->n_runs);
    for (size_t i = 0; i < sweep->n_runs; i++)
        if (!sweep->run[i].value && sweep_plan_is_mine(&all->plan, i))
            all->todo[all->n_todo++] = i;
    return SV_OK;
}

static int64_t n_processors(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 256 ? 256 : n;
}

static sv_status do_runs(sweep_all *all) {
    sv_team *team;
    int64_t n_threads = all->options->n_threads ? all->options->n_threads : n_processors();
    sv_status status = sv_team_create(&team, (int)n_threads);
    if (status != SV_OK)
        return status;
    show_progress(all);
    sv_team_run(team, all->n_todo, do_run, all);
    sv_team_destroy(team);
    if (all->progress)
        fprintf(stderr, "\r\033[K");
    return all->status == SV_OK ? SV_OK : sv_fail(all->status, "%s", all->error);
}

/* ---- result ---- */

static size_t count_done(const sv_sweep *sweep) {
    size_t n = 0;
    for (size_t i = 0; i < sweep->n_runs; i++)
        n += sweep->run[i].value != NULL;
    return n;
}

/* Rows that other shards finished meanwhile; a program that is not this one has to agree. */
static sv_status take_others(sweep_all *all) {
    sweep_store now;
    char own[SV_SWEEP_NAME_CAP];
    sv_status status = sweep_store_open(&now, &all->plan, all->store.folder);
    snprintf(own, sizeof own, "%s %s", sv_version(), SKYVOX_COMMIT);
    for (int i = 0; i < now.n_makers && status == SV_OK; i++)
        if (strcmp(now.maker[i].program, own) != 0)
            status = check_maker(all, &now.maker[i]);
    return status;
}

static void print_unfinished(const sweep_all *all, size_t n_done) {
    size_t n_runs = all->plan.sweep->n_runs;
    if (all->options->json)
        printf("{\"schema\": 1, \"kind\": \"sweep\", \"complete\": false, \"n_runs\": %zu, \"n_done\": %zu}\n", n_runs,
               n_done);
    else if (!all->options->quiet)
        printf("%zu of %zu runs done; the tables come with the last one\n", n_done, n_runs);
}

static const char *const shown_key[] = {"held_fraction", "false_fraction", "ids_per_target", "position_rmse_m",
                                        "gospa_m.mean"};

/* One line per point: mean and half width of the interval. */
static sv_status print_table(const sv_sweep *sweep) {
    double *column = calloc(sweep->n_runs + 1, sizeof *column);
    if (!column)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    printf("\n%s, %zu runs; means with their 95 %% intervals\n\n", sweep->scenario, sweep->n_runs);
    int32_t n_points = sv_sweep_n_points(sweep);
    for (int32_t point = 0; point < n_points; point++) {
        char name[SWEEP_SETTING_CAP];
        if (sweep->n_axes)
            printf("  %s\n", sv_sweep_point_name(name, sizeof name, sweep, point));
        for (size_t k = 0; k < sizeof shown_key / sizeof *shown_key; k++) {
            int32_t i_key = sv_texts_find(&sweep->key, shown_key[k]);
            if (i_key < 0)
                continue;
            sv_interval mean = sv_interval_of_mean(column, sv_sweep_column(column, sweep, point, i_key));
            printf("  %-18s", shown_key[k]);
            if (mean.n == 0)
                printf(" %10s\n", "-");
            else if (mean.n == 1)
                printf(" %10.4f\n", mean.mean);
            else
                printf(" %10.4f   %.4f to %.4f\n", mean.mean, mean.lo, mean.hi);
        }
        printf("\n");
    }
    free(column);
    return SV_OK;
}

static sv_status finish(sweep_all *all) {
    sv_status status = take_others(all);
    size_t n_done = count_done(all->plan.sweep);
    if (status != SV_OK)
        return status;
    if (n_done < all->plan.sweep->n_runs) {
        print_unfinished(all, n_done);
        return SV_OK;
    }
    status = sweep_store_write_tables(&all->store, all->plan.sweep);
    if (status != SV_OK || all->options->quiet)
        return status;
    if (all->options->json)
        return sv_sweep_write_json(all->plan.sweep, stdout);
    status = print_table(all->plan.sweep);
    printf("%s/sweep.html\n", all->store.folder);
    return status;
}

static sv_status sweep_all_runs(sweep_all *all) {
    char folder[OUT_PATH_CAP];
    sv_status status = sweep_plan_make(&all->plan, &all->options->request);
    if (status != SV_OK)
        return status;
    snprintf(folder, sizeof folder, "out/sweep-%s", all->plan.sweep->scenario);
    status = sweep_store_open(&all->store, &all->plan, all->options->output ? all->options->output : folder);
    interrupt_install();
    if (status == SV_OK)
        status = check_makers(all);
    if (status == SV_OK)
        status = find_todo(all);
    if (status == SV_OK)
        status = do_runs(all);
    if (status == SV_OK && !interrupt_requested())
        status = finish(all);
    return status;
}

static int sweep_main(const command *cmd, int argc, char **argv) {
    sweep_options options = {0};
    const char *path[INPUTS_CAP];
    sv_status status = options_parse(&options, path, cmd, argc, argv);
    if (status != SV_OK)
        return options_exit_status(status);
    options.request.scenario_path = path[0];
    sweep_all all = {.options = &options, .progress = !options.quiet && isatty(STDERR_FILENO)};
    pthread_mutex_init(&all.lock, NULL);
    status = sweep_all_runs(&all);
    int exit_status = options_exit_status(status);
    if (status >= SV_OK && interrupt_requested())
        exit_status = EXIT_INTERRUPTED;
    pthread_mutex_destroy(&all.lock);
    free(all.todo);
    sweep_plan_free(&all.plan);
    return exit_status;
}

const command command_sweep = {
    .name = "sweep",
    .summary = "run a scenario for many seeds and settings",
    .inputs = "SCENARIO.json",
    .n_inputs = 1,
    .description = "Every seed at every point of the grid is one run of the scenario, scored as `run`\n"
                   "does. Each finished run is a small file in DIR/runs; a sweep that was stopped or\n"
                   "killed goes on where it was when the same command is given again. Shards (--shard)\n"
                   "share DIR. When every run is there, sweep.csv (one row per run), sweep.json (means\n"
                   "with 95 % intervals) and sweep.html are written, the same bytes however the work was\n"
                   "split. A folder with runs of another scenario or --set is refused; so is one of a\n"
                   "program that gives other results: one finished run is repeated to find that out.\n"
                   "Seeds and grid may grow in the same folder.\n",
    .option = sweep_option,
    .n_options = sizeof sweep_option / sizeof *sweep_option,
    .examples = "  skyvox sweep scenarios/tiny.json --seeds 1:21 -o out/tiny\n"
                "  skyvox sweep a.json --seeds 1:11 --grid detection_model.snr_threshold=4,4.5,5 --shard 2/4\n",
    .run = sweep_main,
};
