#include <sim/emit.h>
#include <sim/image.h>
#include <sim/sim.h>
#include <skyvox/math.h>
#include <stdlib.h>

struct sv_sim {
    const sv_scenario *scenario;
    sv_scene *scene;
    sv_imager *imager;   /* emit = pixels */
    sv_emitter *emitter; /* emit = detections */
    int64_t n_sets;
    int64_t set; /* of the next event */
    int32_t i_camera;
    int64_t truth_set; /* of the next truth */
    uint64_t seq;
    bool ended;
};

static int64_t count_sets(const sv_scenario *scenario) {
    return sv_floor_i64(scenario->duration_s * scenario->frame_rate_hz + 1e-6);
}

sv_status sv_sim_create(sv_sim **out, const sv_scenario *scenario, const sv_backend *backend, sv_team *team) {
    *out = NULL;
    if (scenario->emit == SV_EMIT_PIXELS && !backend)
        return sv_fail(SV_ERR_ARG, "a simulation of pixels needs a backend");
    sv_sim *sim = calloc(1, sizeof *sim);
    if (!sim)
        return sv_fail(SV_ERR_NOMEM, "out of memory for the simulation");
    sim->scenario = scenario;
    sim->n_sets = count_sets(scenario);
    sv_status status = sv_scene_create(&sim->scene, scenario, team);
    if (status == SV_OK)
        status = scenario->emit == SV_EMIT_PIXELS ? sv_imager_create(&sim->imager, sim->scene, backend, team)
                                                  : sv_emitter_create(&sim->emitter, sim->scene);
    if (status != SV_OK) {
        sv_sim_destroy(sim);
        return status;
    }
    *out = sim;
    return SV_OK;
}

void sv_sim_destroy(sv_sim *sim) {
    if (!sim)
        return;
    sv_imager_destroy(sim->imager);
    sv_emitter_destroy(sim->emitter);
    sv_scene_destroy(sim->scene);
    free(sim);
}

int64_t sv_sim_n_sets(const sv_sim *sim) {
    return sim->n_sets;
}

static sv_status end(sv_sim *sim, sv_event *event) {
    if (sim->ended)
        return SV_END;
    sim->ended = true;
    sim->set = sim->n_sets;
    sv_time t = sim->n_sets > 0 ? sv_scene_stamp(sim->scenario, sim->n_sets - 1) : 0;
    *event = (sv_event){.seq = sim->seq++, .t = t, .kind = SV_EVENT_END, .camera = -1};
    return SV_OK;
}

static sv_status next(void *self, sv_event *event) {
    sv_sim *sim = self;
    if (sim->set >= sim->n_sets || sim->scene->n_cameras == 0)
        return end(sim, event);
    sv_status status = sv_scene_update(sim->scene, sim->set);
    if (status != SV_OK)
        return status;
    sv_event made = {.t = sv_scene_stamp(sim->scenario, sim->set), .camera = sim->i_camera, .frame = (int32_t)sim->set};
    if (sim->imager) {
        made.kind = SV_EVENT_FRAME;
        status = sv_imager_render(sim->imager, &made.as.image, sim->i_camera);
    } else {
        made.kind = SV_EVENT_DETECTIONS;
        sv_emitter_run(sim->emitter, &made.as.detections.item, &made.as.detections.n, sim->i_camera);
    }
    if (status != SV_OK)
        return status;
    made.seq = sim->seq++;
    *event = made;
    if (++sim->i_camera == sim->scene->n_cameras) {
        sim->i_camera = 0;
        sim->set++;
    }
    return SV_OK;
}

/* A set's truth is ready as soon as its first event was given. */
static sv_status truth(void *self, struct sv_truth_set *set) {
    sv_sim *sim = self;
    if (sim->truth_set >= sim->n_sets)
        return sim->ended ? SV_END : SV_AGAIN;
    if (sim->truth_set > sim->set || (sim->truth_set == sim->set && sim->i_camera == 0))
        return SV_AGAIN;
    sv_status status = sv_scene_update(sim->scene, sim->truth_set);
    if (status != SV_OK)
        return status;
    *set = sv_scene_truth(sim->scene);
    sim->truth_set++;
    return SV_OK;
}

static void leave_open(void *self) {
    (void)self;
}

sv_source sv_sim_source(sv_sim *sim) {
    return (sv_source){.self = sim, .next = next, .truth = truth, .close = leave_open};
}

sv_status sv_sim_render(sv_sim *sim, sv_frame *out, int32_t i_camera, int32_t frame) {
    if (!sim->imager)
        return sv_fail(SV_ERR_ARG, "the scenario \"%s\" emits detections: it has no images", sim->scenario->name);
    if (i_camera < 0 || i_camera >= sim->scene->n_cameras)
        return sv_fail(SV_ERR_ARG, "camera %d: the rig has %d cameras", (int)i_camera, (int)sim->scene->n_cameras);
    if (frame < 0 || frame >= sim->n_sets)
        return sv_fail(SV_ERR_ARG, "frame %d: the scenario has %lld frames", (int)frame, (long long)sim->n_sets);
    sv_status status = sv_scene_update(sim->scene, frame);
    return status == SV_OK ? sv_imager_render(sim->imager, out, i_camera) : status;
}
