#include "info_pixels.h"

#include <math.h>
#include <replay/hevc.h>
#include <stdio.h>

pixel_sizes pixel_sizes_read(sv_session *session, int32_t c, int64_t n_frames) {
    const sv_config *config = sv_session_config(session);
    bool tiles = sv_session_get_meta(session)->level == SV_RECORD_TILES;
    const sv_camera *camera = &config->camera[c];
    uint64_t raw = (uint64_t)camera->width * (uint64_t)camera->height * (camera->bit_depth > 8 ? 2 : 1);
    int64_t n_index = sv_session_rows(session, SV_TABLE_INDEX + c);
    pixel_sizes sizes = {.n_frames = tiles ? n_frames : n_index, .n_backgrounds = tiles ? n_index : 0};
    sizes.raw_bytes = raw * (uint64_t)sizes.n_frames;
    for (int64_t i = 0; i < n_index; i++) {
        sv_index_row row;
        if (sv_session_row(&row, session, SV_TABLE_INDEX + c, i) == SV_OK)
            sizes.frame_bytes += row.size;
    }
    int32_t table = sv_table_tiles(config->n_cameras, c);
    for (int64_t i = 0; i < (tiles ? sv_session_rows(session, table) : 0); i++) {
        sv_tiles_row row;
        if (sv_session_row(&row, session, table, i) == SV_OK) {
            sizes.n_tiles += row.n;
            sizes.tile_bytes += row.size;
        }
    }
    return sizes;
}

void pixel_sizes_add(pixel_sizes *sum, const pixel_sizes *sizes) {
    sum->n_frames += sizes->n_frames;
    sum->n_backgrounds += sizes->n_backgrounds;
    sum->n_tiles += sizes->n_tiles;
    sum->raw_bytes += sizes->raw_bytes;
    sum->frame_bytes += sizes->frame_bytes;
    sum->tile_bytes += sizes->tile_bytes;
}

double pixel_sizes_ratio(const pixel_sizes *sizes) {
    uint64_t kept = sizes->frame_bytes + sizes->tile_bytes;
    return kept > 0 ? (double)sizes->raw_bytes / (double)kept : NAN;
}

/* Everything that is neither frame nor tile. */
static double tables_mb(const sv_session *session, const pixel_sizes *sum) {
    return ((double)sv_session_bytes(session) - (double)(sum->frame_bytes + sum->tile_bytes)) * 1e-6;
}

static void print_lossy(const sv_video_row *video, int32_t id) {
    printf("  camera %d lossy, crf %d:", (int)id, (int)video->crf);
    for (int k = 0; k < SV_VIDEO_CONTRASTS; k++)
        printf("%s %.0f %% (worst decile %.0f %%) of the contrast of +-%.3g DN survive", k > 0 ? "," : "",
               100 * video->contrast[k], 100 * video->contrast_p10[k], video->target_dn[k]);
    printf("\n");
}

void info_pixels_print(const sv_session *session, const pixel_sizes *sum) {
    int32_t level = sv_session_get_meta(session)->level;
    double raw_mb = (double)sum->raw_bytes * 1e-6, frame_mb = (double)sum->frame_bytes * 1e-6;
    if (level == SV_RECORD_TILES)
        printf("  pixels: %lld tiles %.2f MB and %lld backgrounds %.2f MB", (long long)sum->n_tiles,
               (double)sum->tile_bytes * 1e-6, (long long)sum->n_backgrounds, frame_mb);
    else
        printf("  pixels: %lld frames %.2f MB%s", (long long)sum->n_frames, frame_mb,
               level != SV_RECORD_HEVC        ? ""
               : sv_session_is_lossy(session) ? " in lossy videos beside the session"
                                              : " in lossless videos beside the session");
    if (sum->raw_bytes > 0)
        printf(" of %lld frames %.2f MB raw: %.1f x smaller", (long long)sum->n_frames, raw_mb, pixel_sizes_ratio(sum));
    printf("; tables %.2f MB\n", tables_mb(session, sum));
    const sv_config *config = sv_session_config(session);
    for (int32_t c = 0; c < config->n_cameras; c++) {
        const sv_video_row *video = sv_session_video(session, c);
        if (video && video->crf != SV_HEVC_LOSSLESS)
            print_lossy(video, config->camera[c].id);
    }
}

static void write_video(sv_json_out *json, const sv_video_row *video, int32_t id) {
    static const char *const side[SV_VIDEO_CONTRASTS] = {"target_5_sigma", "target_10_sigma"};
    sv_json_out_open(json, NULL, '{', true);
    sv_json_out_int(json, "id", id);
    sv_json_out_text(json, "file", video->file);
    sv_json_out_int(json, "crf", video->crf);
    for (int k = 0; k < SV_VIDEO_CONTRASTS; k++) {
        sv_json_out_open(json, side[k], '{', true);
        sv_json_out_number(json, "peak_dn", video->target_dn[k]);
        sv_json_out_number(json, "contrast_median", video->contrast[k]);
        sv_json_out_number(json, "contrast_p10", video->contrast_p10[k]);
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, '}');
}

void info_pixels_write(sv_json_out *json, const sv_session *session, const pixel_sizes *sum) {
    sv_json_out_open(json, "pixels", '{', false);
    sv_json_out_int(json, "frames", sum->n_frames);
    sv_json_out_uint(json, "raw_bytes", sum->raw_bytes);
    sv_json_out_uint(json, "frame_bytes", sum->frame_bytes);
    sv_json_out_int(json, "backgrounds", sum->n_backgrounds);
    sv_json_out_int(json, "tiles", sum->n_tiles);
    sv_json_out_uint(json, "tile_bytes", sum->tile_bytes);
    sv_json_out_number(json, "ratio", pixel_sizes_ratio(sum));
    sv_json_out_close(json, '}');
    const sv_config *config = sv_session_config(session);
    sv_json_out_open(json, "videos", '[', false);
    for (int32_t c = 0; c < config->n_cameras; c++) {
        const sv_video_row *video = sv_session_video(session, c);
        if (video)
            write_video(json, video, config->camera[c].id);
    }
    sv_json_out_close(json, ']');
}
