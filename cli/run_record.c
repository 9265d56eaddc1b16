#include "run_record.h"

#include <formats/csv.h>
#include <replay/hevc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

static sv_status parse_level(sv_record_level *level, const char *name) {
    *level = SV_RECORD_FRAMES;
    if (!name || sv_record_level_parse(level, name) == SV_OK)
        return SV_OK;
    return sv_fail(SV_ERR_INPUT, "--level %s: expected frames, tiles, hevc or detections", name);
}

/* Level hevc alone has a rate factor. */
static sv_status parse_crf(sv_recorder_options *to, const char *text) {
    int64_t crf;
    if (!text)
        return SV_OK;
    if (to->level != SV_RECORD_HEVC)
        return sv_fail(SV_ERR_INPUT, "--crf %s: is for --level hevc", text);
    if (!sv_number_parse_int(&crf, text) || crf < 0 || crf > SV_HEVC_CRF_MAX)
        return sv_fail(SV_ERR_INPUT, "--crf %s: expected a whole number from 0 to %d", text, SV_HEVC_CRF_MAX);
    to->lossy = true;
    to->crf = (int32_t)crf;
    return SV_OK;
}

/* What a lossy camera will be worth, before its first frame is written. */
static void say_contrast(void *user, const sv_camera *camera, const sv_video_row *row) {
    (void)user;
    fprintf(stderr, "camera %d at crf %d keeps", (int)camera->id, (int)row->crf);
    for (int k = 0; k < SV_VIDEO_CONTRASTS; k++)
        fprintf(stderr, "%s %.0f %% (worst decile %.0f %%) of the contrast of a point target of +-%.3g DN",
                k > 0 ? "," : "", 100 * row->contrast[k], 100 * row->contrast_p10[k], row->target_dn[k]);
    fprintf(stderr, "; %.3g MB a frame, %.3g MB/s\n", (double)row->frame_bytes * 1e-6,
            (double)row->frame_bytes * camera->rate_hz * 1e-6);
}

static bool has_pixels(const input *in) {
    if (in->session)
        return sv_replay_first_stage(in->replay) == SV_STAGE_SYNC && sv_replay_gives_pixels(in->replay);
    return in->scenario && in->scenario->emit == SV_EMIT_PIXELS;
}

static void say_rate(const record_options *options, const input *in, const sv_recorder_options *to) {
    double rate = sv_recorder_rate(in->config, to, has_pixels(in));
    struct statvfs disk;
    fprintf(stderr, "recording %s at %s %.3g MB/s", options->path, to->lossy ? "no more than" : "about", rate * 1e-6);
    if (statvfs(options->path, &disk) == 0 && rate > 0) {
        double free_bytes = (double)disk.f_bavail * (double)disk.f_frsize;
        fprintf(stderr, "; %.1f GB free last %.1f h", free_bytes * 1e-9, free_bytes / rate / 3600);
    }
    fprintf(stderr, "\n");
}

static sv_status take_expect(run_record *record, const input *in, int32_t *n) {
    *n = in->scenario ? in->scenario->n_expect : 0;
    record->expect = calloc((size_t)*n + 1, sizeof *record->expect);
    if (!record->expect)
        return sv_fail(SV_ERR_NOMEM, "out of memory");
    for (int32_t i = 0; i < *n; i++) {
        const sv_expect *expect = &in->scenario->expect[i];
        memcpy(record->expect[i].name, expect->name, sizeof record->expect[i].name);
        record->expect[i].op = (int32_t)expect->op;
        record->expect[i].limit = expect->limit;
    }
    return SV_OK;
}

sv_status run_record_open(run_record *record, const record_options *options, const input *in,
                          const sv_session_meta *meta, bool say) {
    memset(record, 0, sizeof *record);
    if (!options->path) {
        bool asked = options->level || options->crf || options->key_s > 0 || options->segment_bytes > 0;
        return asked ? sv_fail(SV_ERR_INPUT, "--level, --crf, --key-seconds and --segment-bytes are for --record")
                     : SV_OK;
    }
    sv_recorder_options to = {
        .meta = *meta, .config = in->config, .segment_bytes = options->segment_bytes, .key_s = options->key_s};
    sv_status status = parse_level(&to.level, options->level);
    if (status == SV_OK && in->config->from >= SV_STAGE_VOXEL)
        status = sv_fail(SV_ERR_INPUT, "--record: a replay from bearings or points has nothing new to record");
    if (status == SV_OK)
        status = parse_crf(&to, options->crf);
    if (status == SV_OK && options->key_s > 0 && to.level != SV_RECORD_TILES)
        status = sv_fail(SV_ERR_INPUT, "--key-seconds: is for --level tiles");
    to.measured = say ? say_contrast : NULL;
    if (status == SV_OK && (to.level == SV_RECORD_TILES || to.level == SV_RECORD_HEVC) && !has_pixels(in))
        status = sv_fail(SV_ERR_INPUT, "--level %s: there are no pixels to keep in this run", options->level);
    if (status == SV_OK)
        status = take_expect(record, in, &to.n_expect);
    to.expect = record->expect;
    if (status == SV_OK)
        status = sv_recorder_create(&record->recorder, options->path, &to, in->team);
    if (status == SV_OK && say)
        say_rate(options, in, &to);
    return status;
}

static sv_status record_event(void *self, const sv_event *event) {
    sv_sink sink = sv_recorder_sink(((run_record *)self)->recorder);
    return sink.event(sink.self, event);
}

static sv_status record_image(void *self, const sv_event *event, const sv_state *state) {
    sv_sink sink = sv_recorder_sink(((run_record *)self)->recorder);
    return sink.image(sink.self, event, state);
}

static sv_status record_set(void *self, const sv_products *products) {
    sv_sink sink = sv_recorder_sink(((run_record *)self)->recorder);
    return sink.set(sink.self, products);
}

sv_sink run_record_sink(run_record *record) {
    if (!record->recorder)
        return (sv_sink){.self = record};
    return (sv_sink){.self = record, .event = record_event, .image = record_image, .set = record_set};
}

static sv_status record_truth(void *self, const sv_truth_set *set) {
    run_record *record = self;
    return record->recorder ? sv_recorder_truth(record->recorder, set) : SV_OK;
}

truth_sink run_record_truth_sink(run_record *record) {
    return (truth_sink){.self = record, .truth = record_truth};
}

sv_status run_record_close(run_record *record) {
    sv_recorder *recorder = record->recorder;
    record->recorder = NULL;
    return sv_recorder_close(recorder);
}

void run_record_abandon(run_record *record) {
    sv_recorder_abandon(record->recorder);
    free(record->expect);
    memset(record, 0, sizeof *record);
}
