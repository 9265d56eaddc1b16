/* What the tracker assumes of an imported data set, where the folder does not say otherwise. One place, one reason each. */
#include <replay/dataset_parts.h>

#include <math.h>

/* Median and 90th percentile of a Rayleigh-distributed residual in units of sigma per axis: sqrt(2 ln 2), sqrt(2 ln 10). */
static const double RAYLEIGH_MEDIAN = 1.1774;
static const double RAYLEIGH_P90 = 2.1460;
/* A label set by hand is not better than this. */
static const double SIGMA_FLOOR_PX = 0.5;
/* Label noise of a camera that states no residuals. */
static const double SIGMA_UNKNOWN_PX = 2.0;
/* Phones record at a varying rate: the line t = alpha frame + beta misses a frame's true time by about this. */
static const double SIGMA_TIME_VARIABLE_S = 0.004;
/* Error of the fitted start and rate of a steady camera. */
static const double SIGMA_TIME_STEADY_S = 0.001;
/* Pose and calibration error of cameras that were resected, not surveyed: what a residual over its own fit does not show. */
static const double SIGMA_POSE_PX = 1.0;
/* Manoeuvres of a hand-flown drone, m^2/s^3: a turn of 5 m/s^2 that lasts some tenths of a second. */
static const double ACCEL_PSD = 10;
/* One object, labelled by hand: a lost track may be found again far from where it was lost, ... */
static const double DORMANT_SIGMA_M = 200;
/* ... but after this long without any label nobody can say that it is the same object. */
static const double DORMANT_MAX_S = 6;
/* Drones of people who film them stay below it. */
static const double SPEED_MAX_MPS = 20;
static const double SPEED_SIGMA_MPS = 8;
/* Points that state no process noise: tracking index of targets that manoeuvre little between scans. */
static const double TRACKING_INDEX = 0.15;
static const double SPEED_SIGMAS = 2;
static const double GATE_SIGMAS = 5;
/* Cameras stand this close. */
static const double RANGE_MIN_M = 2;

void sv_dataset_default_camera(sv_camera *camera, const sv_dataset_camera *text) {
    /* residuals have tails: the larger of two estimates of sigma keeps a camera with many bad labels from being refused */
    double median = text->reproj_px[0];
    double p90 = text->reproj_px[1];
    double sigma = isnan(median) ? SIGMA_UNKNOWN_PX : fmax(median / RAYLEIGH_MEDIAN, SIGMA_FLOOR_PX);
    camera->sigma_px = isnan(p90) ? sigma : fmax(sigma, p90 / RAYLEIGH_P90);
    camera->sigma_pose_px = SIGMA_POSE_PX;
    camera->sigma_time_s = text->variable_frame_rate ? SIGMA_TIME_VARIABLE_S : SIGMA_TIME_STEADY_S;
}

static void default_detections(sv_config *config) {
    config->sync.rate_hz = 0.0; /* the fastest camera makes the sets */
    for (int32_t i = 0; i < config->n_cameras; i++) {
        config->sync.rate_hz = fmax(config->sync.rate_hz, config->camera[i].rate_hz);
    }
    config->voxel.snr_birth = 0.0; /* labels have no SNR */
    config->voxel.speed_max_mps = SPEED_MAX_MPS;
    config->voxel.range_min_m = RANGE_MIN_M;
    config->track.snr_gate = 0.0;
    config->track.accel_psd = ACCEL_PSD;
    config->track.speed_sigma_mps = SPEED_SIGMA_MPS;
    config->track.dormant_sigma_m = DORMANT_SIGMA_M;
    config->track.dormant_max_s = DORMANT_MAX_S;
    config->track.survival_per_s = 0.999; /* labels end when the drone lands, not before */
}

static void default_points(sv_config *config, const sv_dataset_meta *meta) {
    double rate = meta->scan_rate_hz;
    config->sync.rate_hz = rate;
    config->track.accel_psd = meta->process_noise_q_m2_s3;
    if (isnan(config->track.accel_psd)) {
        /* q T^3 = (index sigma)^2: what a target turns between two scans, in units of what a point is off */
        double turned_m = TRACKING_INDEX * meta->sigma_m;
        config->track.accel_psd = fmin(turned_m * turned_m * rate * rate * rate, 1e6);
    }
    /* two scans tell a speed to sqrt(2) sigma rate: a wider prior only gathers clutter */
    config->track.speed_sigma_mps = fmin(config->track.speed_sigma_mps, SPEED_SIGMAS * meta->sigma_m * rate);
    /* a track of coarse points is reported as long as it is as good as a few of them */
    config->track.gate_m = fmax(config->track.gate_m, GATE_SIGMAS * meta->sigma_m);
    config->track.dormant_sigma_m = fmax(config->track.dormant_sigma_m, config->track.gate_m);
    if (!isnan(meta->pd)) {
        /* stated, so not learned; inside what the tracker allows */
        double pd = fmin(fmax(meta->pd, 0.001), 0.999);
        config->track.pd_initial = pd;
        config->track.pd_min = pd;
        config->track.pd_max = pd;
    }
    const double *v = meta->volume_m;
    double volume_m3 = isnan(v[0]) ? 0.0 : (v[1] - v[0]) * (v[3] - v[2]) * (v[5] - v[4]);
    if (volume_m3 > 0.0 && !isnan(meta->clutter_per_scan)) {
        config->track.clutter_per_m3 = fmin(meta->clutter_per_scan / volume_m3, 1e12);
    }
}

void sv_dataset_default_config(sv_config *config, const sv_dataset_meta *meta) {
    if (meta->kind == SV_DATASET_DETECTIONS) {
        default_detections(config);
    } else {
        default_points(config, meta);
    }
}
