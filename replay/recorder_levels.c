/* The recording levels by name, and what each costs. */
#include <replay/recorder.h>

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

/* Bytes of a frame, from what noisy frames pack to: docs/SESSION_FORMAT.md 8. */
static double frame_bytes(const sv_camera *camera, const sv_recorder_options *options) {
    double pixels = (double)camera->width * camera->height;
    double key_s = options->key_s > 0 ? options->key_s : SV_RECORD_KEY_S;
    bool deep = camera->bit_depth > 8;
    double packed = pixels * (deep ? 2 / 1.9 : 1 / 1.5);
    switch (options->level) {
    case SV_RECORD_FRAMES:
        return packed;
    case SV_RECORD_TILES: /* a background packs as a frame does, and one comes every key_s */
        return pixels * (deep ? 2 : 1) / 150 + packed / (1 + key_s * camera->rate_hz);
    case SV_RECORD_HEVC: /* lossless; a rate factor only makes it smaller */
        return pixels * (deep ? 2 / 2.4 : 1 / 2.0);
    case SV_RECORD_DETECTIONS:
    case SV_N_RECORD_LEVELS:
        break;
    }
    return 0;
}

double sv_recorder_rate(const sv_config *config, const sv_recorder_options *options) {
    double rate = 0;
    for (int32_t i = 0; i < config->n_cameras; i++) {
        const sv_camera *camera = &config->camera[i];
        double rows = 200; /* events, index and a few detections */
        rate += (rows + frame_bytes(camera, options)) * camera->rate_hz;
    }
    return rate;
}
