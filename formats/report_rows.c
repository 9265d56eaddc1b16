/** Rows of the run's CSV tables: times with nine decimals, lengths to the micrometre. */
#include <formats/csv.h>
#include <formats/report_parts.h>

#include <math.h>
#include <string.h>

/* Rows are gathered and handed on in large pieces: a set of swarm200 has 300,000 of them. */
enum { ROWS_CAP = 32768, ROW_CAP = 1024 };

typedef struct rows {
    FILE *file;
    char *end; /* of what is in text */
    char text[ROWS_CAP + ROW_CAP];
} rows;

static void rows_begin(rows *to, FILE *file) {
    to->file = file;
    to->end = to->text;
}

static sv_status rows_end(rows *to, const char *name) {
    fwrite(to->text, 1, (size_t)(to->end - to->text), to->file);
    return sv_report_flush(to->file, name);
}

static void end_row(rows *to) {
    *to->end++ = '\n';
    if (to->end - to->text < ROWS_CAP)
        return;
    fwrite(to->text, 1, (size_t)(to->end - to->text), to->file);
    to->end = to->text;
}

static void put_text(rows *to, const char *text) {
    size_t n = strlen(text);
    memcpy(to->end, text, n);
    to->end += n;
}

static void put_time(rows *to, sv_time t) {
    to->end = sv_number_put_time(to->end, t);
}

static void put_int(rows *to, int64_t value) {
    *to->end++ = ',';
    to->end = sv_number_put_int(to->end, value);
}

static void put(rows *to, double value, int decimals) {
    *to->end++ = ',';
    to->end = sv_number_put_fixed(to->end, value, decimals);
}

static void put_vec3(rows *to, sv_vec3 v) {
    put(to, v.x, 6);
    put(to, v.y, 6);
    put(to, v.z, 6);
}

sv_status sv_report_tracks_header(FILE *file) {
    fputs("t_s,track_id,x_m,y_m,z_m,vx_mps,vy_mps,vz_mps,sx_m,sy_m,sz_m,existence,class,class_prob\n", file);
    return sv_report_flush(file, "tracks.csv");
}

static sv_class likeliest(const sv_track *track) {
    int best = 0;
    for (int k = 1; k < SV_N_CLASSES; k++)
        best = track->class_prob[k] > track->class_prob[best] ? k : best;
    return (sv_class)best;
}

sv_status sv_report_tracks_rows(FILE *file, const sv_track *track, size_t n) {
    rows to;
    rows_begin(&to, file);
    for (size_t i = 0; i < n; i++) {
        const sv_track *tr = &track[i];
        if (tr->state != SV_TRACK_CONFIRMED)
            continue;
        sv_class object_class = likeliest(tr);
        put_time(&to, tr->t);
        put_int(&to, tr->id);
        put_vec3(&to, tr->p_w);
        put_vec3(&to, tr->v_w);
        for (int axis = 0; axis < 3; axis++)
            put(&to, sqrt(tr->cov[7 * axis]), 6);
        put(&to, tr->existence, 6);
        put_text(&to, ",");
        put_text(&to, sv_class_name(object_class));
        put(&to, tr->class_prob[object_class], 6);
        end_row(&to);
    }
    return rows_end(&to, "tracks.csv");
}

sv_status sv_report_truth_header(FILE *file) {
    fputs("t_s,target_id,class,x_m,y_m,z_m,vx_mps,vy_mps,vz_mps\n", file);
    return sv_report_flush(file, "truth.csv");
}

sv_status sv_report_truth_rows(FILE *file, const sv_truth_set *set) {
    rows to;
    rows_begin(&to, file);
    for (size_t i = 0; i < set->n_samples; i++) {
        const sv_truth_sample *s = &set->sample[i];
        put_time(&to, set->t);
        put_int(&to, s->target);
        put_text(&to, ",");
        put_text(&to, sv_class_name(s->object_class));
        put_vec3(&to, s->p_w);
        put_vec3(&to, s->v_w);
        end_row(&to);
    }
    return rows_end(&to, "truth.csv");
}

sv_status sv_report_detections_header(FILE *file) {
    fputs("t_s,camera,frame,u_px,v_px,snr,modality\n", file);
    return sv_report_flush(file, "detections.csv");
}

sv_status sv_report_detections_rows(FILE *file, const sv_config *config, const sv_detection *detection, size_t n,
                                    double snr_min) {
    rows to;
    rows_begin(&to, file);
    for (size_t i = 0; i < n; i++) {
        const sv_detection *d = &detection[i];
        if (d->snr > 0 && d->snr < snr_min && !(d->snr_link >= snr_min))
            continue;
        const sv_camera *camera = &config->camera[d->camera];
        put_time(&to, d->t);
        put_int(&to, camera->id);
        put_int(&to, d->frame);
        put(&to, d->u_px, 4);
        put(&to, d->v_px, 4);
        put(&to, d->snr, 3);
        put_text(&to, camera->modality == SV_THERMAL ? ",thermal" : ",mono");
        end_row(&to);
    }
    return rows_end(&to, "detections.csv");
}

/* Quoted where a name has what a table is cut by. */
static void put_id(rows *to, const sv_names *names, int64_t id) {
    char text[SV_ID_TEXT_CAP];
    put_text(to, ",");
    if (id < 0)
        return;
    sv_names_text(text, names, id);
    bool quoted = strpbrk(text, ",\"\n") != NULL;
    put_text(to, quoted ? "\"" : "");
    for (const char *c = text; *c; c++) {
        *to->end++ = *c;
        if (*c == '"')
            *to->end++ = '"';
    }
    put_text(to, quoted ? "\"" : "");
}

sv_status sv_report_write_errors_csv(const sv_report *report, FILE *file) {
    size_t n = 0;
    const sv_score_error *error = report->score ? sv_score_get_errors(report->score, &n) : NULL;
    fputs("kind,t_begin_s,t_end_s,target_id,track_id,x_m,y_m,z_m\n", file);
    rows to;
    rows_begin(&to, file);
    for (size_t i = 0; i < n; i++) {
        put_text(&to, sv_report_error_name(error[i].kind));
        put_text(&to, ",");
        put_time(&to, error[i].t_begin);
        put_text(&to, ",");
        put_time(&to, error[i].t_end);
        put_id(&to, report->target_names, error[i].target);
        put_id(&to, report->track_names, error[i].track);
        put_vec3(&to, error[i].p_w);
        end_row(&to);
    }
    return rows_end(&to, "errors.csv");
}
