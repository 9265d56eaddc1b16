/* The recording levels by name, and what each costs. */
#include <replay/recorder.h>

#include <math.h>
#include <string.h>

static const char *const level_names[SV_N_RECORD_LEVELS] = {"frames", "detections", "tiles", "hevc"};

const char *sv_record_level_name(sv_record_level level) {
    return level_names[level];
}

sv_status sv_record_level_parse(sv_record_level *out, const char *name) {
    for (int i = 0; i < SV_N_RECORD_LEVELS; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *out = (sv_record_level)i;
            return SV_OK;
        }
    }
    return sv_fail(SV_ERR_ARG, "\"%s\": expected frames, tiles, hevc or detections", name);
}

/* Candidates that noise alone gives in a frame: 1.4 tails of a Gaussian a pixel and sign, as counted over both filters. */
static double n_candidates(const sv_config *config, const sv_camera *camera) {
    double signs = config->detect.polarity[camera->modality] == 0 ? 2 : 1;
    double tail = 0.5 * erfc(config->detect.snr_low / sqrt(2));
    return fmin(1.4 * signs * tail * camera->width * camera->height, config->detect.max_per_frame);
}

/* Bytes that a level keeps of the pixels of a frame: what noisy frames pack to, docs/SESSION_FORMAT.md 8. */
static double pixel_bytes(const sv_config *config, const sv_camera *camera, const sv_recorder_options *options) {
    double pixels = (double)camera->width * camera->height;
    double key_s = options->key_s > 0 ? options->key_s : SV_RECORD_KEY_S;
    bool deep = camera->bit_depth > 8;
    double packed = pixels * (deep ? 2 / 1.9 : 1 / 1.5);
    switch (options->level) {
    case SV_RECORD_FRAMES:
        return packed;
    case SV_RECORD_TILES: /* two tiles a candidate, and a background every key_s */
        return 120 * n_candidates(config, camera) + packed / (1 + key_s * camera->rate_hz);
    case SV_RECORD_HEVC: /* lossless; a rate factor only makes it smaller */
        return pixels * (deep ? 2 / 2.4 : 1 / 2.0);
    case SV_RECORD_DETECTIONS:
    case SV_N_RECORD_LEVELS:
        break;
    }
    return 0;
}

double sv_recorder_rate(const sv_config *config, const sv_recorder_options *options, bool from_pixels) {
    double rate = 0;
    for (int32_t i = 0; i < config->n_cameras; i++) {
        const sv_camera *camera = &config->camera[i];
        double n = from_pixels ? n_candidates(config, camera) : 0;
        double bytes = 200 + 84 * n + 130 * fmin(n, config->fuse.max_per_camera); /* event, detections, bearings */
        rate += (bytes + (from_pixels ? pixel_bytes(config, camera, options) : 0)) * camera->rate_hz;
    }
    return rate;
}
