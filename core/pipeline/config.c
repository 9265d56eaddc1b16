#include <skyvox/camera.h>
#include <skyvox/config.h>

sv_config sv_config_default(void) {
    return (sv_config){
        .sync = {.rate_hz = 30, .max_wait_s = 0.2},
        .detect =
            {
                .snr_low = 3.3,
                .max_per_frame = 2000,
                .background_tau_s = 1.0,
                .warmup_frames = 15,
                .polarity = {0, 0},
                .link_frames = 0,
                .link_speed_px = 3,
            },
        .fuse = {.gate_sigma = 4, .max_per_camera = 1000},
        .voxel =
            {
                .snr_birth = 4.75,
                .min_sites = 0,
                .chance_limit = 0.01,
                .gate_p = 0.999,
                .range_min_m = 5,
                .range_max_m = 8000,
                .height_min_m = -500,
                .height_max_m = 5000,
                .speed_max_mps = 40,
            },
        .track =
            {
                .accel_psd = 10,
                .speed_sigma_mps = 15,
                .gate_p = 0.9999,
                .snr_gate = 3,
                .gate_m = 2,
                .dormant_sigma_m = 20,
                .dormant_max_s = 5,
                .confirm_existence = 0.95,
                .delete_existence = 0.01,
                .survival_per_s = 0.99,
                .birth_existence = 0.3,
                .pd_initial = 0.7,
                .pd_min = 0.1,
                .pd_max = 0.98,
                .clutter_per_sr = 0,
                .clutter_per_m3 = 0,
                .robust_sigma = 2.5,
            },
        .caps =
            {
                .detections_per_set = 20000,
                .rays_per_set = 20000,
                .points_per_set = 4000,
                .tracks = 2000,
                .pending_frames = 256,
            },
    };
}

/** One number of the configuration and where it may lie. NaN fails every comparison, so it is refused too. */
typedef struct limits {
    const char *name;
    double value, min, max;
} limits;

static sv_status check_limits(const limits *entry, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!(entry[i].value >= entry[i].min && entry[i].value <= entry[i].max)) {
            return sv_fail(SV_ERR_ARG, "%s: found %g, expected a number from %g to %g", entry[i].name, entry[i].value,
                           entry[i].min, entry[i].max);
        }
    }
    return SV_OK;
}

static sv_status check_cameras(const sv_config *c) {
    if (c->n_cameras < 0 || c->n_cameras > 1024 || (c->n_cameras > 0 && c->camera == NULL)) {
        return sv_fail(SV_ERR_ARG, "rig.cameras: found %d cameras, expected 0 to 1024", (int)c->n_cameras);
    }
    for (int32_t i = 0; i < c->n_cameras; i++) {
        sv_status status = sv_camera_check(&c->camera[i]);
        if (status != SV_OK) {
            return status;
        }
        for (int32_t j = 0; j < i; j++) {
            if (c->camera[i].id == c->camera[j].id) {
                return sv_fail(SV_ERR_ARG, "rig.cameras.%d.id: %d is already the id of rig.cameras.%d", (int)i,
                               (int)c->camera[i].id, (int)j);
            }
        }
    }
    return SV_OK;
}

sv_status sv_config_check(const sv_config *c) {
    const double huge = 1e12;
    const limits entry[] = {
        {"from", c->from, SV_STAGE_SYNC, SV_STAGE_TRACK},
        {"pipeline.sync.rate_hz", c->sync.rate_hz, 1e-3, 10000},
        {"pipeline.sync.max_wait_s", c->sync.max_wait_s, 0, 60},
        {"pipeline.detect.snr_low", c->detect.snr_low, 1, 100},
        {"pipeline.detect.max_per_frame", c->detect.max_per_frame, 1, 20000},
        {"pipeline.detect.background_tau_s", c->detect.background_tau_s, 0.01, 3600},
        {"pipeline.detect.warmup_frames", c->detect.warmup_frames, 0, 10000},
        {"pipeline.detect.polarity.mono", c->detect.polarity[SV_MONO], -1, 1},
        {"pipeline.detect.polarity.thermal", c->detect.polarity[SV_THERMAL], -1, 1},
        {"pipeline.detect.link_frames", c->detect.link_frames, 0, 4},
        {"pipeline.detect.link_speed_px", c->detect.link_speed_px, 0, 64},
        {"pipeline.fuse.gate_sigma", c->fuse.gate_sigma, 0, 100},
        {"pipeline.fuse.max_per_camera", c->fuse.max_per_camera, 1, 20000},
        {"pipeline.voxel.snr_birth", c->voxel.snr_birth, 0, 1000},
        {"pipeline.voxel.min_sites", c->voxel.min_sites, 0, 64},
        {"pipeline.voxel.chance_limit", c->voxel.chance_limit, 1e-12, 1000},
        {"pipeline.voxel.gate_p", c->voxel.gate_p, 0.5, 0.999999},
        {"pipeline.voxel.range_min_m", c->voxel.range_min_m, 0, huge},
        {"pipeline.voxel.range_max_m", c->voxel.range_max_m, c->voxel.range_min_m, huge},
        {"pipeline.voxel.height_min_m", c->voxel.height_min_m, -huge, huge},
        {"pipeline.voxel.height_max_m", c->voxel.height_max_m, c->voxel.height_min_m, huge},
        {"pipeline.voxel.speed_max_mps", c->voxel.speed_max_mps, 0, 10000},
        {"pipeline.track.accel_psd", c->track.accel_psd, 0, 1e6},
        {"pipeline.track.speed_sigma_mps", c->track.speed_sigma_mps, 0, 10000},
        {"pipeline.track.gate_p", c->track.gate_p, 0.5, 0.9999999},
        {"pipeline.track.snr_gate", c->track.snr_gate, 0, 1000},
        {"pipeline.track.gate_m", c->track.gate_m, 1e-6, huge},
        {"pipeline.track.dormant_sigma_m", c->track.dormant_sigma_m, 0, huge},
        {"pipeline.track.dormant_max_s", c->track.dormant_max_s, 0, 3600},
        {"pipeline.track.confirm_existence", c->track.confirm_existence, 0, 1},
        {"pipeline.track.delete_existence", c->track.delete_existence, 0, 1},
        {"pipeline.track.survival_per_s", c->track.survival_per_s, 1e-3, 1},
        {"pipeline.track.birth_existence", c->track.birth_existence, 0, 1},
        {"pipeline.track.pd_initial", c->track.pd_initial, c->track.pd_min, c->track.pd_max},
        {"pipeline.track.pd_min", c->track.pd_min, 0.001, 0.999},
        {"pipeline.track.pd_max", c->track.pd_max, c->track.pd_min, 0.999},
        {"pipeline.track.clutter_per_sr", c->track.clutter_per_sr, 0, huge},
        {"pipeline.track.clutter_per_m3", c->track.clutter_per_m3, 0, huge},
        {"pipeline.track.robust_sigma", c->track.robust_sigma, 0, 100},
        {"pipeline.caps.detections_per_set", c->caps.detections_per_set, 1, 1 << 24},
        {"pipeline.caps.rays_per_set", c->caps.rays_per_set, 1, 1 << 24},
        {"pipeline.caps.points_per_set", c->caps.points_per_set, 1, 1 << 22},
        {"pipeline.caps.tracks", c->caps.tracks, 1, 1 << 20},
        {"pipeline.caps.pending_frames", c->caps.pending_frames, 1, 1 << 20},
    };
    sv_status status = check_limits(entry, sizeof entry / sizeof entry[0]);
    if (status == SV_OK && c->detect.link_frames != 0 && c->detect.link_frames != 4) {
        return sv_fail(SV_ERR_ARG, "pipeline.detect.link_frames: found %d, expected 0 or 4",
                       (int)c->detect.link_frames);
    }
    return status != SV_OK ? status : check_cameras(c);
}
