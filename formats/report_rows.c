/** Rows of the run's CSV tables: times with nine decimals, lengths to the micrometre. */
#include <formats/csv.h>
#include <formats/report_parts.h>

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void put(FILE *file, double value, int decimals) {
    char text[SV_NUMBER_CAP];
    fputc(',', file);
    fputs(sv_number_fixed(text, value, decimals), file);
}

static void put_time(FILE *file, sv_time t) {
    char text[SV_NUMBER_CAP];
    fputs(sv_number_time(text, t), file);
}

static void put_vec3(FILE *file, sv_vec3 v) {
    put(file, v.x, 6);
    put(file, v.y, 6);
    put(file, v.z, 6);
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
    for (size_t i = 0; i < n; i++) {
        const sv_track *tr = &track[i];
        if (tr->state != SV_TRACK_CONFIRMED)
            continue;
        sv_class object_class = likeliest(tr);
        put_time(file, tr->t);
        fprintf(file, ",%" PRId64, tr->id);
        put_vec3(file, tr->p_w);
        put_vec3(file, tr->v_w);
        for (int axis = 0; axis < 3; axis++)
            put(file, sqrt(tr->cov[7 * axis]), 6);
        put(file, tr->existence, 6);
        fprintf(file, ",%s", sv_class_name(object_class));
        put(file, tr->class_prob[object_class], 6);
        fputc('\n', file);
    }
    return sv_report_flush(file, "tracks.csv");
}

sv_status sv_report_truth_header(FILE *file) {
    fputs("t_s,target_id,class,x_m,y_m,z_m,vx_mps,vy_mps,vz_mps\n", file);
    return sv_report_flush(file, "truth.csv");
}

sv_status sv_report_truth_rows(FILE *file, const sv_truth_set *set) {
    for (size_t i = 0; i < set->n_samples; i++) {
        const sv_truth_sample *s = &set->sample[i];
        put_time(file, set->t);
        fprintf(file, ",%" PRId64 ",%s", s->target, sv_class_name(s->object_class));
        put_vec3(file, s->p_w);
        put_vec3(file, s->v_w);
        fputc('\n', file);
    }
    return sv_report_flush(file, "truth.csv");
}

sv_status sv_report_detections_header(FILE *file) {
    fputs("t_s,camera,frame,u_px,v_px,snr,modality\n", file);
    return sv_report_flush(file, "detections.csv");
}

sv_status sv_report_detections_rows(FILE *file, const sv_config *config, const sv_detection *detection, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const sv_detection *d = &detection[i];
        const sv_camera *camera = &config->camera[d->camera];
        put_time(file, d->t);
        fprintf(file, ",%" PRId32 ",%" PRId32, camera->id, d->frame);
        put(file, d->u_px, 4);
        put(file, d->v_px, 4);
        put(file, d->snr, 3);
        fputs(camera->modality == SV_THERMAL ? ",thermal\n" : ",mono\n", file);
    }
    return sv_report_flush(file, "detections.csv");
}

/* Quoted where a name has what a table is cut by. */
static void put_id(FILE *file, const sv_names *names, int64_t id) {
    char text[SV_ID_TEXT_CAP];
    fputc(',', file);
    if (id < 0)
        return;
    sv_names_text(text, names, id);
    bool quoted = strpbrk(text, ",\"\n") != NULL;
    fputs(quoted ? "\"" : "", file);
    for (const char *c = text; *c; c++)
        fprintf(file, *c == '"' ? "\"\"" : "%c", *c);
    fputs(quoted ? "\"" : "", file);
}

sv_status sv_report_write_errors_csv(const sv_report *report, FILE *file) {
    size_t n = 0;
    const sv_score_error *error = report->score ? sv_score_get_errors(report->score, &n) : NULL;
    fputs("kind,t_begin_s,t_end_s,target_id,track_id,x_m,y_m,z_m\n", file);
    for (size_t i = 0; i < n; i++) {
        fprintf(file, "%s,", sv_report_error_name(error[i].kind));
        put_time(file, error[i].t_begin);
        fputc(',', file);
        put_time(file, error[i].t_end);
        put_id(file, report->target_names, error[i].target);
        put_id(file, report->track_names, error[i].track);
        put_vec3(file, error[i].p_w);
        fputc('\n', file);
    }
    return sv_report_flush(file, "errors.csv");
}
