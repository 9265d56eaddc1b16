#include <formats/csv.h>
#include <formats/report_parts.h>
#include <formats/report_video2d.h>
#include <formats/svg.h>
#include <string.h>

static bool is_clip(const sv_video2d_row *row) {
    return !strcmp(row->group, "clip");
}

/* ---- report.json ---- */

static void write_score(sv_json_out *json, const sv_score2d *s) {
    sv_json_out_int(json, "labels", s->n_labels);
    sv_json_out_int(json, "boxes", s->n_boxes);
    sv_json_out_int(json, "matched", s->n_matched);
    sv_json_out_number(json, "precision", sv_score2d_precision(s));
    sv_json_out_number(json, "recall", sv_score2d_recall(s));
    sv_json_out_number(json, "f1", sv_score2d_f1(s));
    sv_json_out_number(json, "centre_rms_px", sv_score2d_error_rms_px(s));
}

static void write_clip(sv_json_out *json, const sv_video2d_row *row) {
    sv_json_out_open(json, NULL, '{', true);
    sv_json_out_text(json, "name", row->name);
    sv_json_out_text(json, "modality", row->modality);
    sv_json_out_text(json, "class", row->object_class);
    sv_json_out_text(json, "distance", row->distance);
    sv_json_out_text(json, "camera_motion", row->motion);
    sv_json_out_int(json, "frames", row->n_frames);
    sv_json_out_int(json, "tracks", row->n_tracks);
    sv_json_out_bool(json, "scene_moves", row->moves);
    sv_json_out_int(json, "scene_path_px", row->path_px);
    sv_json_out_int(json, "restarts", row->n_restarts);
    if (row->has_labels)
        write_score(json, &row->score);
    sv_json_out_close(json, '}');
}

static double false_per_image(const sv_score2d *s) {
    return (double)(s->n_boxes - s->n_matched) / (double)s->n_videos;
}

static void write_sum(sv_json_out *json, const sv_video2d_row *row, bool stills) {
    sv_json_out_open(json, NULL, '{', true);
    sv_json_out_text(json, "group", row->group);
    sv_json_out_text(json, "name", row->name);
    sv_json_out_int(json, "clips", row->score.n_videos);
    if (stills)
        sv_json_out_number(json, "false_per_image", false_per_image(&row->score));
    write_score(json, &row->score);
    sv_json_out_close(json, '}');
}

void sv_report_video2d_json(sv_json_out *json, const sv_report_video2d *video) {
    sv_json_out_open(json, "video2d", '{', false);
    sv_json_out_int(json, "first_frame", video->first_frame);
    for (int clips = 1; clips >= 0; clips--) {
        sv_json_out_open(json, clips ? "clips" : "groups", '[', false);
        for (size_t i = 0; i < video->n; i++)
            if (is_clip(&video->row[i]) && clips)
                write_clip(json, &video->row[i]);
            else if (!is_clip(&video->row[i]) && !clips)
                write_sum(json, &video->row[i], video->stills);
        sv_json_out_close(json, ']');
    }
    sv_json_out_close(json, '}');
}

/* ---- people ---- */

/* What the scene did, in words. */
static const char *scene(const sv_video2d_row *row, char text[SV_REPORT_TEXT_CAP]) {
    if (!is_clip(row))
        return "";
    if (row->n_frames == 1)
        return "one frame";
    if (!row->moves)
        return row->n_restarts ? "changes" : "rests";
    snprintf(text, SV_REPORT_TEXT_CAP, "moves, %d px followed", (int)row->path_px);
    return text;
}

static const char *figure(char text[SV_REPORT_TEXT_CAP], double value, int decimals) {
    return sv_report_quantity(text, value, decimals, "", "-");
}

void sv_report_video2d_text(const sv_report_video2d *video, FILE *file) {
    char a[SV_REPORT_TEXT_CAP], b[SV_REPORT_TEXT_CAP], c[SV_REPORT_TEXT_CAP], d[SV_REPORT_TEXT_CAP],
        e[SV_REPORT_TEXT_CAP];
    fprintf(file, "  %-9s %-22s %9s %9s %9s %9s %8s  %s\n", "", "", "precision", "recall", "F1", "centre px", "labels",
            "scene");
    for (size_t i = 0; i < video->n; i++) {
        const sv_video2d_row *row = &video->row[i];
        const sv_score2d *s = &row->score;
        if (video->stills && is_clip(row))
            continue;
        fprintf(file, "  %-9s %-22s %9s %9s %9s %9s %8lld  %s\n", row->group, row->name,
                figure(a, sv_score2d_precision(s), 3), figure(b, sv_score2d_recall(s), 3),
                figure(c, sv_score2d_f1(s), 3), figure(d, sv_score2d_error_rms_px(s), 1), (long long)s->n_labels,
                scene(row, e));
        if (video->stills)
            fprintf(file, "  %.3f false per image\n", false_per_image(s));
    }
}

void sv_report_video2d_html(const sv_report_video2d *video, FILE *file) {
    char a[SV_REPORT_TEXT_CAP];
    fprintf(
        file,
        "<section><h2>Videos</h2><p class=\"soft\">Boxes of confirmed 2D tracks against labelled boxes, from frame %d "
        "on; a pair may match when the boxes share 0.2 of their union or the centres are no farther apart than the "
        "label's size.</p>\n<div class=\"wide\"><table><tr><th></th><th></th><th class=\"r\">precision</th><th "
        "class=\"r\">recall</th><th class=\"r\">F1</th><th class=\"r\">centre RMS, px</th><th "
        "class=\"r\">labels</th><th class=\"r\">boxes</th><th>scene</th></tr>\n",
        (int)video->first_frame);
    for (size_t i = 0; i < video->n; i++) {
        const sv_video2d_row *row = &video->row[i];
        const sv_score2d *s = &row->score;
        const double value[] = {sv_score2d_precision(s), sv_score2d_recall(s), sv_score2d_f1(s),
                                sv_score2d_error_rms_px(s)};
        fprintf(file, "<tr><td class=\"soft\">%s</td><td>", row->group);
        sv_html_text(file, row->name);
        fputs("</td>", file);
        for (int k = 0; k < 4; k++)
            fprintf(file, "<td class=\"r\">%s</td>", sv_report_quantity(a, value[k], k < 3 ? 3 : 1, "", "–"));
        fprintf(file, "<td class=\"r\">%lld</td><td class=\"r\">%lld</td><td>%s</td></tr>\n", (long long)s->n_labels,
                (long long)s->n_boxes, scene(row, a));
    }
    fputs("</table></div></section>\n", file);
}

/* ---- tracks2d.csv ---- */

sv_status sv_report_tracks2d_header(FILE *file) {
    fputs("clip,frame,t_s,track_id,u_px,v_px,x_px,y_px,w_px,h_px,score,seen\n", file);
    return ferror(file) ? sv_report_flush(file, "tracks2d.csv") : SV_OK;
}

sv_status sv_report_tracks2d_row(FILE *file, const sv_video2d_line *l) {
    /* x, y: the top left corner of the box, where pixel (0, 0) alone is the box 0, 0, 1, 1. */
    const double value[] = {l->u_px, l->v_px, l->u_px + 0.5 - l->w_px / 2, l->v_px + 0.5 - l->h_px / 2, l->w_px,
                            l->h_px, l->score};
    char text[SV_NUMBER_CAP];
    fprintf(file, "%s,%d,%s,%lld", l->clip, (int)l->frame, sv_number_time(text, l->t_ns), (long long)l->track);
    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        fprintf(file, ",%s", sv_number_fixed(text, value[i], 3));
    fprintf(file, ",%d\n", l->seen);
    return ferror(file) ? sv_report_flush(file, "tracks2d.csv") : SV_OK;
}
