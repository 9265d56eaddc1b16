/** What a session keeps of the pixels, and at what size. */
#ifndef CLI_INFO_PIXELS_H
#define CLI_INFO_PIXELS_H

#include <formats/json_write.h>
#include <replay/session.h>

/** One camera, or the sum of all. */
typedef struct pixel_sizes {
    int64_t n_frames;      /* whose pixels are kept, wholly or in part */
    int64_t n_backgrounds; /* level tiles */
    int64_t n_tiles;       /* likewise */
    uint64_t raw_bytes;    /* of those frames without packing */
    uint64_t frame_bytes;  /* packed frames or backgrounds, in the session or in a video */
    uint64_t tile_bytes;
} pixel_sizes;

/** Sizes of a camera that gave n_frames frames. */
pixel_sizes pixel_sizes_read(sv_session *session, int32_t camera, int64_t n_frames);
void pixel_sizes_add(pixel_sizes *sum, const pixel_sizes *sizes);
/** Raw bytes over kept bytes; NaN when nothing is kept. */
double pixel_sizes_ratio(const pixel_sizes *sizes);

/** A line on the level, and one for every lossy video. */
void info_pixels_print(const sv_session *session, const pixel_sizes *sum);
/** Members `pixels` and `videos` of an open JSON object. */
void info_pixels_write(sv_json_out *json, const sv_session *session, const pixel_sizes *sum);

#endif
