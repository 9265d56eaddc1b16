/** What a run over videos says: the block video2d of report.json, its section of report.html, the terminal's table. */
#ifndef FORMATS_REPORT_VIDEO2D_H
#define FORMATS_REPORT_VIDEO2D_H

#include <formats/json_write.h>
#include <skyvox/score2d.h>

/** One video, or several added up. */
typedef struct sv_video2d_row {
    const char *group; /* "clip"; sums: "static" (the camera rests), "all" */
    const char *name;
    sv_score2d score;
    bool has_labels;
    /* Of a clip only. */
    const char *modality, *object_class, *distance, *motion; /* "" unknown */
    int64_t n_frames, n_tracks;
    bool moves;      /* the scene was found to move as a whole */
    int32_t path_px; /* how far in all */
    int32_t n_restarts;
} sv_video2d_row;

/** Borrowed rows: the clips first, then the sums. */
typedef struct sv_report_video2d {
    const sv_video2d_row *row; /* [n] */
    size_t n;
    int32_t first_frame; /* of what is scored */
    bool stills;         /* single images: the terminal shows the sums only */
} sv_report_video2d;

void sv_report_video2d_json(sv_json_out *json, const sv_report_video2d *video);
void sv_report_video2d_html(const sv_report_video2d *video, FILE *file);
void sv_report_video2d_text(const sv_report_video2d *video, FILE *file);

/** Rows of tracks2d.csv. Errors: SV_ERR_IO. */
typedef struct sv_video2d_line {
    const char *clip;
    int32_t frame;
    int64_t t_ns;
    int64_t track;
    double u_px, v_px, w_px, h_px, score;
    bool seen;
} sv_video2d_line;

sv_status sv_report_tracks2d_header(FILE *file);
sv_status sv_report_tracks2d_row(FILE *file, const sv_video2d_line *line);

#endif
