/* Frames of scenarios/swarm200.json as a run gets them, one thread: scene, objects, sky, rows. */
#include "bench.h"

#include <kernels/kernels.h>
#include <sim/sim.h>
#include <stdio.h>

/* Made from scenarios/swarm200.json when building. */
extern const unsigned char bench_swarm200_json[];
extern const size_t bench_swarm200_json_size;

enum { N_SETS = 7, MONO = 0, THERMAL = 1, N_BANDS = 2 };

/* A way to make rows, and what frames cost with it. */
typedef struct variant {
    const char *name;
    sv_render_ops ops;
    double ms[N_BANDS][N_SETS];
} variant;

static void no_rows(const sv_render_image *image, int32_t v_begin, int32_t v_end) {
    (void)image;
    (void)v_begin;
    (void)v_end;
}

/* Milliseconds per frame of each band over one set; what the scene costs falls on the first frame, a mono one. */
static sv_status time_set(double ms[N_BANDS], const sv_source *source, const sv_config *config) {
    int n[N_BANDS] = {0};
    ms[MONO] = ms[THERMAL] = 0;
    for (int32_t i = 0; i < config->n_cameras; i++) {
        sv_event event;
        double begin = bench_now_s();
        sv_status status = source->next(source->self, &event);
        if (status != SV_OK)
            return status;
        int band = config->camera[i].modality == SV_THERMAL ? THERMAL : MONO;
        ms[band] += 1e3 * (bench_now_s() - begin);
        n[band]++;
    }
    for (int band = 0; band < N_BANDS; band++)
        ms[band] /= n[band];
    return SV_OK;
}

static void report(bench_result *out, variant *v, int n_variants) {
    static const char *const BAND[N_BANDS] = {"mono", "thermal"};
    double whole = 0, rest = 0;
    for (int k = 0; k < n_variants; k++) {
        for (int band = 0; band < N_BANDS; band++) {
            char name[BENCH_NAME_CAP];
            snprintf(name, sizeof name, "%s frame, %s", BAND[band], v[k].name);
            bench_add_row(out, name, "ms", v[k].ms[band], N_SETS);
        }
        double median = out->row[out->n_rows - N_BANDS].median;
        whole = k == 0 ? median : whole;
        rest = median;
    }
    bench_add_ratio(out, "ms_per_8k_frame_1t", whole);
    bench_add_ratio(out, "ms_per_8k_frame_rows_1t", whole - rest);
}

/* The fastest level, then AVX2 where that is another, then none: what is left is not the kernels'. */
static sv_status measure(bench_result *out, sv_backend *backend, const sv_scenario *scenario, sv_team *team) {
    variant variants[3] = {{.name = backend->name, .ops = backend->render}};
    int n_variants = 1;
    sv_backend *slower;
    if (backend->level > SV_BACKEND_AVX2 && sv_backend_create(&slower, SV_BACKEND_AVX2) == SV_OK) {
        variants[n_variants++] = (variant){.name = slower->name, .ops = slower->render};
        sv_backend_destroy(slower);
    }
    variants[n_variants] = (variant){.name = "without rows", .ops = backend->render};
    variants[n_variants++].ops.rows = no_rows;

    sv_sim *sim;
    sv_status status = sv_sim_create(&sim, scenario, backend, team);
    if (status != SV_OK)
        return status;
    sv_source source = sv_sim_source(sim);
    double cold[N_BANDS];
    status = time_set(cold, &source, &scenario->config);
    for (int i = 0; status == SV_OK && i < N_SETS; i++) {
        for (int k = 0; status == SV_OK && k < n_variants; k++) {
            double ms[N_BANDS];
            backend->render = variants[k].ops;
            status = time_set(ms, &source, &scenario->config);
            variants[k].ms[MONO][i] = ms[MONO];
            variants[k].ms[THERMAL][i] = ms[THERMAL];
        }
    }
    if (status == SV_OK)
        report(out, variants, n_variants);
    sv_sim_destroy(sim);
    return status;
}

static sv_status run(bench_result *out) {
    sv_scenario *scenario;
    sv_backend *backend = NULL;
    sv_team *team = NULL;
    sv_status status = sv_scenario_parse(&scenario, "swarm200.json", (const char *)bench_swarm200_json,
                                         bench_swarm200_json_size, NULL, 0);
    if (status == SV_OK)
        status = sv_backend_create(&backend, SV_BACKEND_AUTO);
    if (status == SV_OK)
        status = sv_team_create(&team, 1);
    if (status == SV_OK)
        status = measure(out, backend, scenario, team);
    sv_team_destroy(team);
    sv_backend_destroy(backend);
    sv_scenario_destroy(scenario);
    return status;
}

const bench bench_render = {
    .name = "render",
    .summary = "8K frames with sky, clouds, terrain and 200 drones, as a run gets them",
    .run = run,
};
