/* Columns of every table, packing and unpacking of rows. */
#include <replay/checksum64.h>
#include <replay/session_tables.h>

#include <string.h>

/* An enum is stored as the int it is. */
_Static_assert(sizeof(sv_modality) == 4 && sizeof(sv_track_state) == 4, "enums have four bytes");

#define COLUMN(type_, count_, struct_, member_, units_)                                                                \
    {                                                                                                                  \
        .name = #member_, .units = units_, .type = SV_COLUMN_##type_, .count = count_,                                 \
        .offset = offsetof(struct_, member_)                                                                           \
    }

static const sv_column JOURNAL[] = {
    COLUMN(I32, 1, sv_journal_row, kind, ""),     COLUMN(I32, 1, sv_journal_row, table, ""),
    COLUMN(I64, 1, sv_journal_row, chunk, ""),    COLUMN(U64, 1, sv_journal_row, offset, "byte"),
    COLUMN(I64, 1, sv_journal_row, count, "row"), COLUMN(I64, 1, sv_journal_row, t, "ns"),
    COLUMN(U64, 1, sv_journal_row, session, ""),
};

static const sv_column META[] = {
    COLUMN(TEXT, 64, sv_session_meta, name, ""),     COLUMN(TEXT, 512, sv_session_meta, description, ""),
    COLUMN(TEXT, 64, sv_session_meta, commit, ""),   COLUMN(TEXT, 16, sv_session_meta, time_scale, ""),
    COLUMN(I64, 1, sv_session_meta, epoch_ns, "ns"), COLUMN(U64, 1, sv_session_meta, seed, ""),
    COLUMN(I32, 1, sv_session_meta, has_seed, ""),   COLUMN(I32, 1, sv_session_meta, level, ""),
    COLUMN(I32, 1, sv_session_meta, evaluation, ""), COLUMN(I32, 1, sv_session_meta, coverage_sites, ""),
    COLUMN(F64, 1, sv_session_meta, gate_m, "m"),    COLUMN(F64, 1, sv_session_meta, warmup_s, "s"),
    COLUMN(I32, 1, sv_session_meta, segment, ""),    COLUMN(I32, 1, sv_session_meta, has_truth, ""),
};

static const sv_column EXPECT[] = {
    COLUMN(TEXT, 64, sv_expect_row, name, ""),
    COLUMN(I32, 1, sv_expect_row, op, ""),
    COLUMN(F64, 1, sv_expect_row, limit, ""),
};

static const sv_column CONFIG[] = {
    COLUMN(I32, 1, sv_config, n_cameras, ""),
    COLUMN(F64, 1, sv_config, sync.rate_hz, "Hz"),
    COLUMN(F64, 1, sv_config, sync.max_wait_s, "s"),
    COLUMN(F64, 1, sv_config, detect.snr_low, ""),
    COLUMN(I32, 1, sv_config, detect.max_per_frame, ""),
    COLUMN(F64, 1, sv_config, detect.background_tau_s, "s"),
    COLUMN(I32, 1, sv_config, detect.warmup_frames, ""),
    COLUMN(I32, 2, sv_config, detect.polarity, ""),
    COLUMN(F64, 1, sv_config, fuse.gate_sigma, ""),
    COLUMN(I32, 1, sv_config, fuse.max_per_camera, ""),
    COLUMN(F64, 1, sv_config, voxel.snr_birth, ""),
    COLUMN(I32, 1, sv_config, voxel.min_sites, ""),
    COLUMN(F64, 1, sv_config, voxel.chance_limit, ""),
    COLUMN(F64, 1, sv_config, voxel.gate_p, ""),
    COLUMN(F64, 1, sv_config, voxel.range_min_m, "m"),
    COLUMN(F64, 1, sv_config, voxel.range_max_m, "m"),
    COLUMN(F64, 1, sv_config, voxel.height_min_m, "m"),
    COLUMN(F64, 1, sv_config, voxel.height_max_m, "m"),
    COLUMN(F64, 1, sv_config, voxel.speed_max_mps, "m/s"),
    COLUMN(F64, 1, sv_config, track.accel_psd, "m2/s3"),
    COLUMN(F64, 1, sv_config, track.speed_sigma_mps, "m/s"),
    COLUMN(F64, 1, sv_config, track.gate_p, ""),
    COLUMN(F64, 1, sv_config, track.snr_gate, ""),
    COLUMN(F64, 1, sv_config, track.gate_m, "m"),
    COLUMN(F64, 1, sv_config, track.dormant_sigma_m, "m"),
    COLUMN(F64, 1, sv_config, track.dormant_max_s, "s"),
    COLUMN(F64, 1, sv_config, track.confirm_existence, ""),
    COLUMN(F64, 1, sv_config, track.delete_existence, ""),
    COLUMN(F64, 1, sv_config, track.survival_per_s, "1/s"),
    COLUMN(F64, 1, sv_config, track.birth_existence, ""),
    COLUMN(F64, 1, sv_config, track.pd_initial, ""),
    COLUMN(F64, 1, sv_config, track.pd_min, ""),
    COLUMN(F64, 1, sv_config, track.pd_max, ""),
    COLUMN(F64, 1, sv_config, track.clutter_per_sr, "1/sr"),
    COLUMN(F64, 1, sv_config, track.clutter_per_m3, "1/m3"),
    COLUMN(F64, 1, sv_config, track.robust_sigma, ""),
    COLUMN(I32, 1, sv_config, caps.detections_per_set, ""),
    COLUMN(I32, 1, sv_config, caps.rays_per_set, ""),
    COLUMN(I32, 1, sv_config, caps.points_per_set, ""),
    COLUMN(I32, 1, sv_config, caps.tracks, ""),
    COLUMN(I32, 1, sv_config, caps.pending_frames, ""),
    COLUMN(I32, 1, sv_config, detect.link_frames, ""),
    COLUMN(F64, 1, sv_config, detect.link_speed_px, "px"),
};

static const sv_column CAMERAS[] = {
    COLUMN(I32, 1, sv_camera, id, ""),
    COLUMN(I32, 1, sv_camera, pair, ""),
    COLUMN(I32, 1, sv_camera, site, ""),
    COLUMN(I32, 1, sv_camera, modality, ""),
    COLUMN(I32, 1, sv_camera, width, "px"),
    COLUMN(I32, 1, sv_camera, height, "px"),
    COLUMN(I32, 1, sv_camera, bit_depth, "bit"),
    COLUMN(F64, 1, sv_camera, fx, "px"),
    COLUMN(F64, 1, sv_camera, fy, "px"),
    COLUMN(F64, 1, sv_camera, cx, "px"),
    COLUMN(F64, 1, sv_camera, cy, "px"),
    COLUMN(F64, 8, sv_camera, dist, ""),
    COLUMN(F64, 3, sv_camera, c_w, "m"),
    COLUMN(F64, 9, sv_camera, R_cw, ""),
    COLUMN(F64, 1, sv_camera, rate_hz, "Hz"),
    COLUMN(F64, 1, sv_camera, row_ns, "ns"),
    COLUMN(F64, 1, sv_camera, sigma_px, "px"),
    COLUMN(F64, 1, sv_camera, sigma_pose_px, "px"),
    COLUMN(F64, 1, sv_camera, sigma_time_s, "s"),
};

static const sv_column EVENTS[] = {
    COLUMN(U64, 1, sv_event_row, seq, ""),   COLUMN(I64, 1, sv_event_row, t, "ns"),
    COLUMN(I32, 1, sv_event_row, kind, ""),  COLUMN(I32, 1, sv_event_row, camera, ""),
    COLUMN(I32, 1, sv_event_row, frame, ""), COLUMN(I64, 1, sv_event_row, first, "row"),
    COLUMN(I64, 1, sv_event_row, n, "row"),
};

static const sv_column DETECTIONS[] = {
    COLUMN(I64, 1, sv_detection, t, "ns"),      COLUMN(F64, 1, sv_detection, u_px, "px"),
    COLUMN(F64, 1, sv_detection, v_px, "px"),   COLUMN(F64, 3, sv_detection, cov_px2, "px2"),
    COLUMN(F64, 1, sv_detection, snr, ""),      COLUMN(F64, 1, sv_detection, flux_dn, "DN"),
    COLUMN(I32, 1, sv_detection, camera, ""),   COLUMN(I32, 1, sv_detection, frame, ""),
    COLUMN(F64, 1, sv_detection, snr_link, ""),
};

static const sv_column SETS[] = {
    COLUMN(I64, 1, sv_set_row, set, ""),
    COLUMN(I64, 1, sv_set_row, t, "ns"),
    COLUMN(I64, 1, sv_set_row, t_horizon, "ns"),
    COLUMN(I64, 1, sv_set_row, first_detection, "row"),
    COLUMN(I64, 1, sv_set_row, n_detections, "row"),
    COLUMN(I64, 1, sv_set_row, first_ray, "row"),
    COLUMN(I64, 1, sv_set_row, n_rays, "row"),
    COLUMN(I64, 1, sv_set_row, first_point, "row"),
    COLUMN(I64, 1, sv_set_row, n_points, "row"),
    COLUMN(I64, 1, sv_set_row, first_track, "row"),
    COLUMN(I64, 1, sv_set_row, n_tracks, "row"),
    COLUMN(U8, 0, sv_set_row, alive, ""),
};

static const sv_column BEARINGS[] = {
    COLUMN(I64, 1, sv_ray, t, "ns"),       COLUMN(F64, 3, sv_ray, c_w, "m"),
    COLUMN(F64, 3, sv_ray, d_w, ""),       COLUMN(F64, 3, sv_ray, cov_rad2, "rad2"),
    COLUMN(F64, 1, sv_ray, snr, ""),       COLUMN(F64, 1, sv_ray, confidence, ""),
    COLUMN(I32, 1, sv_ray, site, ""),      COLUMN(I32, 2, sv_ray, camera, ""),
    COLUMN(I32, 2, sv_ray, detection, ""), COLUMN(F64, 1, sv_ray, snr_link, ""),
};

static const sv_column POINTS[] = {
    COLUMN(I64, 1, sv_point_row, t, "ns"),      COLUMN(F64, 3, sv_point_row, p_w, "m"),
    COLUMN(F64, 6, sv_point_row, cov_m2, "m2"), COLUMN(I32, 1, sv_point_row, n_sites, ""),
    COLUMN(I32, 1, sv_point_row, n_rays, ""),   COLUMN(I64, 1, sv_point_row, first_ray, "row"),
};

static const sv_column POINT_RAYS[] = {
    COLUMN(I32, 1, sv_point_ray_row, ray, ""),
    COLUMN(I32, 2, sv_point_ray_row, detection, ""),
};

static const sv_column TRACKS[] = {
    COLUMN(I64, 1, sv_track, id, ""),          COLUMN(I32, 1, sv_track, state, ""),
    COLUMN(I64, 1, sv_track, t, "ns"),         COLUMN(F64, 3, sv_track, p_w, "m"),
    COLUMN(F64, 3, sv_track, v_w, "m/s"),      COLUMN(F64, 36, sv_track, cov, "m, m/s"),
    COLUMN(F64, 1, sv_track, existence, ""),   COLUMN(F64, 5, sv_track, class_prob, ""),
    COLUMN(I64, 1, sv_track, t_updated, "ns"),
};

static const sv_column LEDGER[] = {
    COLUMN(I64, 1, sv_ledger_line, set, ""),
    COLUMN(U64, 5, sv_ledger_line, hash, ""),
};

static const sv_column TRUTH_STAMPS[] = {
    COLUMN(I64, 1, sv_truth_stamp_row, t, "ns"),          COLUMN(I64, 1, sv_truth_stamp_row, first_sample, "row"),
    COLUMN(I64, 1, sv_truth_stamp_row, n_samples, "row"), COLUMN(I64, 1, sv_truth_stamp_row, first_view, "row"),
    COLUMN(I64, 1, sv_truth_stamp_row, n_views, "row"),
};

static const sv_column TRUTH_SAMPLES[] = {
    COLUMN(I64, 1, sv_truth_sample_row, target, ""),      COLUMN(I32, 1, sv_truth_sample_row, object_class, ""),
    COLUMN(U8, 1, sv_truth_sample_row, wanted, ""),       COLUMN(U8, 1, sv_truth_sample_row, in_coverage, ""),
    COLUMN(U8, 1, sv_truth_sample_row, has_velocity, ""), COLUMN(F64, 3, sv_truth_sample_row, p_w, "m"),
    COLUMN(F64, 3, sv_truth_sample_row, v_w, "m/s"),      COLUMN(F64, 1, sv_truth_sample_row, size_m, "m"),
    COLUMN(F64, 1, sv_truth_sample_row, size_px, "px"),   COLUMN(F64, 1, sv_truth_sample_row, range_m, "m"),
    COLUMN(I32, 1, sv_truth_sample_row, n_sites, ""),
};

static const sv_column TRUTH_VIEWS[] = {
    COLUMN(I64, 1, sv_truth_view_row, target, ""),    COLUMN(I32, 1, sv_truth_view_row, camera, ""),
    COLUMN(F64, 1, sv_truth_view_row, u_px, "px"),    COLUMN(F64, 1, sv_truth_view_row, v_px, "px"),
    COLUMN(F64, 1, sv_truth_view_row, size_px, "px"), COLUMN(F64, 1, sv_truth_view_row, snr, ""),
    COLUMN(U8, 1, sv_truth_view_row, visible, ""),    COLUMN(U8, 1, sv_truth_view_row, occluded, ""),
};

static const sv_column MATCHES[] = {
    COLUMN(I64, 1, sv_match_row, t, "ns"),
    COLUMN(I64, 1, sv_match_row, track, ""),
    COLUMN(I64, 1, sv_match_row, target, ""),
    COLUMN(F64, 1, sv_match_row, distance_m, "m"),
};

static const sv_column INDEX[] = {
    COLUMN(I32, 1, sv_index_row, number, ""),     COLUMN(I64, 1, sv_index_row, t, "ns"),
    COLUMN(U64, 1, sv_index_row, offset, "byte"), COLUMN(U64, 1, sv_index_row, size, "byte"),
    COLUMN(U64, 1, sv_index_row, checksum, ""),
};

static const sv_column TILES[] = {
    COLUMN(I32, 1, sv_tiles_row, number, ""),
    COLUMN(I32, 1, sv_tiles_row, n, ""),
    COLUMN(I64, 1, sv_tiles_row, t, "ns"),
    COLUMN(U64, 1, sv_tiles_row, offset, "byte"),
    COLUMN(U64, 1, sv_tiles_row, size, "byte"),
    COLUMN(U64, 1, sv_tiles_row, checksum, ""),
    COLUMN(I32, SV_TILES_PER_CHUNK, sv_tiles_row, u_px, "px"),
    COLUMN(I32, SV_TILES_PER_CHUNK, sv_tiles_row, v_px, "px"),
};

static const sv_column VIDEO[] = {
    COLUMN(TEXT, 128, sv_video_row, file, ""),
    COLUMN(I32, 1, sv_video_row, camera, ""),
    COLUMN(I32, 1, sv_video_row, crf, ""),
    COLUMN(I64, 1, sv_video_row, frame_bytes, "byte"),
    COLUMN(F64, SV_VIDEO_CONTRASTS, sv_video_row, target_dn, "DN"),
    COLUMN(F64, SV_VIDEO_CONTRASTS, sv_video_row, contrast, ""),
    COLUMN(F64, SV_VIDEO_CONTRASTS, sv_video_row, contrast_p10, ""),
};

#define TABLE(path_, columns_, struct_, chunk_rows_)                                                                   \
    { path_, columns_, sizeof columns_ / sizeof *columns_, sizeof(struct_), chunk_rows_, 0 }

/* A table whose last `added_` columns are only there when candidates are linked. */
#define GROWN(path_, columns_, struct_, chunk_rows_, added_)                                                           \
    { path_, columns_, sizeof columns_ / sizeof *columns_, sizeof(struct_), chunk_rows_, added_ }

enum { KIND_TILES = SV_TABLE_INDEX + 1, KIND_VIDEO = SV_TABLE_INDEX + 2 }; /* places in TABLE, not table ids */

/* Rows of a chunk: few enough that a short session stays small, and eight times as many from eight cameras on. */
static const struct {
    const char *path;
    const sv_column *column;
    int32_t n_columns;
    size_t memory_size;
    int32_t chunk_rows;
    int32_t n_added; /* columns of links */
} TABLE[] = {
    [SV_TABLE_JOURNAL] = TABLE("/journal", JOURNAL, sv_journal_row, 128),
    [SV_TABLE_META] = TABLE("/meta/session", META, sv_session_meta, 1),
    [SV_TABLE_EXPECT] = TABLE("/meta/expect", EXPECT, sv_expect_row, 4),
    [SV_TABLE_CONFIG] = GROWN("/meta/config", CONFIG, sv_config, 1, 2),
    [SV_TABLE_CAMERAS] = TABLE("/rig/cameras", CAMERAS, sv_camera, 1),
    [SV_TABLE_EVENTS] = TABLE("/events/log", EVENTS, sv_event_row, 64),
    [SV_TABLE_EVENT_DETECTIONS] = GROWN("/events/detections", DETECTIONS, sv_detection, 128, 1),
    [SV_TABLE_EVENT_POINTS] = TABLE("/events/points", POINTS, sv_point_row, 32),
    [SV_TABLE_SETS] = TABLE("/sets", SETS, sv_set_row, 16),
    [SV_TABLE_DETECTIONS] = GROWN("/detections", DETECTIONS, sv_detection, 64, 1),
    [SV_TABLE_BEARINGS] = GROWN("/bearings", BEARINGS, sv_ray, 64, 1),
    [SV_TABLE_POINTS] = TABLE("/points", POINTS, sv_point_row, 16),
    [SV_TABLE_POINT_RAYS] = TABLE("/point_rays", POINT_RAYS, sv_point_ray_row, 64),
    [SV_TABLE_TRACKS] = TABLE("/tracks", TRACKS, sv_track, 16),
    [SV_TABLE_LEDGER] = TABLE("/ledger", LEDGER, sv_ledger_line, 64),
    [SV_TABLE_TRUTH_STAMPS] = TABLE("/truth/stamps", TRUTH_STAMPS, sv_truth_stamp_row, 32),
    [SV_TABLE_TRUTH_SAMPLES] = TABLE("/truth/samples", TRUTH_SAMPLES, sv_truth_sample_row, 32),
    [SV_TABLE_TRUTH_VIEWS] = TABLE("/truth/views", TRUTH_VIEWS, sv_truth_view_row, 64),
    [SV_TABLE_MATCHES] = TABLE("/matches", MATCHES, sv_match_row, 32),
    [SV_TABLE_INDEX] = TABLE("/cameras/%d/index", INDEX, sv_index_row, 32),
    [KIND_TILES] = TABLE("/cameras/%d/tile_index", TILES, sv_tiles_row, 16),
    [KIND_VIDEO] = TABLE("/meta/video", VIDEO, sv_video_row, 2),
};

static const uint8_t type_size[] = {1, 4, 8, 8, 8, 1};

size_t sv_column_size(const sv_table_layout *layout, const sv_column *column) {
    int32_t count = column->count > 0 ? column->count : layout->n_cameras;
    return type_size[column->type] * (size_t)count;
}

static bool grows_with_rig(int32_t table) {
    return table >= SV_TABLE_EVENTS && table < SV_TABLE_INDEX;
}

sv_table_layout sv_table_layout_of(int32_t table, int32_t n_cameras) {
    int32_t i = table - SV_TABLE_INDEX; /* index tables, tile tables, video */
    int32_t kind = i < 0 ? table : i < n_cameras ? SV_TABLE_INDEX : i < 2 * n_cameras ? KIND_TILES : KIND_VIDEO;
    int32_t factor = grows_with_rig(kind) && n_cameras >= 8 ? 8 : 1;
    sv_table_layout layout = {
        .path = TABLE[kind].path,
        .camera = i >= 0 && i < 2 * n_cameras ? i % n_cameras : -1,
        .column = TABLE[kind].column,
        .n_columns = TABLE[kind].n_columns,
        .n_cameras = n_cameras > 0 ? n_cameras : 1,
        .memory_size = TABLE[kind].memory_size,
        .chunk_rows = (int64_t)TABLE[kind].chunk_rows * factor,
    };
    for (int32_t k = 0; k < layout.n_columns; k++) {
        layout.row_size += sv_column_size(&layout, &layout.column[k]);
    }
    layout.row_size += sizeof(uint64_t);
    return layout;
}

void sv_table_layout_unlink(sv_table_layout *layout, int32_t table) {
    if (table >= SV_TABLE_INDEX) {
        return;
    }
    while (layout->n_columns > TABLE[table].n_columns - TABLE[table].n_added) {
        layout->row_size -= sv_column_size(layout, &layout->column[--layout->n_columns]);
    }
}

int32_t sv_table_count(int32_t n_cameras) {
    return SV_TABLE_INDEX + n_cameras;
}

int32_t sv_table_count_of(uint32_t version, int32_t n_cameras) {
    return version == SV_SESSION_VERSION_PLAIN ? sv_table_count(n_cameras) : sv_table_video(n_cameras) + 1;
}

/* The seed makes a row out of its place as wrong as a flipped bit; a row of zeros is never right. */
static uint64_t row_checksum(const uint8_t *packed, const sv_table_layout *layout, int32_t table, int64_t i_row) {
    uint64_t seed = (uint64_t)table << 48 ^ (uint64_t)i_row;
    return sv_checksum64(packed, layout->row_size - sizeof(uint64_t), seed);
}

void sv_row_pack(uint8_t *packed, const sv_table_layout *layout, const void *row, int32_t table, int64_t i_row) {
    uint8_t *to = packed;
    for (int32_t i = 0; i < layout->n_columns; i++) {
        size_t n = sv_column_size(layout, &layout->column[i]);
        memcpy(to, (const uint8_t *)row + layout->column[i].offset, n);
        to += n;
    }
    uint64_t checksum = row_checksum(packed, layout, table, i_row);
    memcpy(to, &checksum, sizeof checksum);
}

bool sv_row_unpack(void *row, const sv_table_layout *layout, const uint8_t *packed, int32_t table, int64_t i_row) {
    uint64_t checksum;
    memcpy(&checksum, packed + layout->row_size - sizeof checksum, sizeof checksum);
    if (checksum != row_checksum(packed, layout, table, i_row) && !SV_CHECKSUMS_IGNORED) {
        return false;
    }
    memset(row, 0, layout->memory_size);
    const uint8_t *from = packed;
    for (int32_t i = 0; i < layout->n_columns; i++) {
        size_t n = sv_column_size(layout, &layout->column[i]);
        memcpy((uint8_t *)row + layout->column[i].offset, from, n);
        from += n;
    }
    return true;
}
