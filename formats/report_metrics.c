/** "metrics" of report.json: every family under the field names of its source. Keys: docs/REPORT.md. */
#include <formats/json_write.h>
#include <formats/report_parts.h>

#include <skyvox/math.h>

#include <math.h>
#include <string.h>

/* One number of every stamp. */
static void write_column(sv_json_out *json, const char *key, const sv_metrics_frame *frame, size_t n, size_t offset) {
    sv_json_out_open(json, key, '[', true);
    for (size_t i = 0; i < n; i++) {
        double value;
        memcpy(&value, (const char *)&frame[i] + offset, sizeof value);
        sv_json_out_number(json, NULL, value);
    }
    sv_json_out_close(json, ']');
}

static void write_gospa(sv_json_out *json, const sv_metrics_frame *frame, size_t n, bool switching) {
    sv_json_out_open(json, switching ? "gospa_switch" : "gospa", '[', false);
    for (size_t i = 0; i < n; i++) {
        sv_json_out_open(json, NULL, '{', true);
        sv_json_out_number(json, "distance", switching ? frame[i].gospa_switch : frame[i].gospa);
        sv_json_out_number(json, "localisation", frame[i].localisation);
        sv_json_out_number(json, "missed", frame[i].missed);
        sv_json_out_number(json, "false", frame[i].false_part);
        sv_json_out_number(json, "switching", switching ? frame[i].switching : 0);
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, ']');
}

static void write_frames(sv_json_out *json, const sv_score *score) {
    size_t n;
    const sv_score_gospa *gospa = sv_score_get_gospa(score, &n);
    const sv_metrics_frame *frame = sv_score_get_frames(score, &n);
    sv_json_out_open(json, "t_s", '[', true);
    for (size_t i = 0; i < n; i++)
        sv_json_out_number(json, NULL, sv_time_to_s(gospa[i].t));
    sv_json_out_close(json, ']');
    sv_json_out_open(json, "ospa", '{', false);
    write_column(json, "published", frame, n, offsetof(sv_metrics_frame, ospa_published));
    write_column(json, "stonesoup", frame, n, offsetof(sv_metrics_frame, ospa_stonesoup));
    sv_json_out_close(json, '}');
    write_gospa(json, frame, n, false);
    write_gospa(json, frame, n, true);
}

static void write_tgospa(sv_json_out *json, const sv_metrics_tgospa *t) {
    if (!t->available) {
        sv_json_out_text(json, "tgospa", NULL);
        return;
    }
    sv_json_out_open(json, "tgospa", '{', true);
    sv_json_out_number(json, "distance", t->distance);
    sv_json_out_number(json, "total_p", t->total_p);
    sv_json_out_number(json, "localisation", t->localisation);
    sv_json_out_number(json, "missed", t->missed);
    sv_json_out_number(json, "false", t->false_part);
    sv_json_out_number(json, "switch", t->switching);
    sv_json_out_bool(json, "integral", t->integral);
    sv_json_out_close(json, '}');
}

static double mean(const double value[SV_HOTA_N_ALPHAS]) {
    double sum = 0;
    for (int a = 0; a < SV_HOTA_N_ALPHAS; a++)
        sum += value[a];
    return sum / SV_HOTA_N_ALPHAS;
}

static void write_alphas(sv_json_out *json, const char *key, const double value[SV_HOTA_N_ALPHAS]) {
    sv_json_out_open(json, key, '[', true);
    for (int a = 0; a < SV_HOTA_N_ALPHAS; a++)
        sv_json_out_number(json, NULL, value[a]);
    sv_json_out_close(json, ']');
}

static void write_hota(sv_json_out *json, const sv_metrics_hota *h) {
    sv_json_out_number(json, "HOTA_mean", mean(h->hota));
    write_alphas(json, "HOTA_alpha", h->hota);
    sv_json_out_number(json, "DetA_mean", mean(h->det_a));
    write_alphas(json, "DetA_alpha", h->det_a);
    sv_json_out_number(json, "AssA_mean", mean(h->ass_a));
    write_alphas(json, "AssA_alpha", h->ass_a);
    sv_json_out_number(json, "DetRe_mean", mean(h->det_re));
    sv_json_out_number(json, "DetPr_mean", mean(h->det_pr));
    sv_json_out_number(json, "AssRe_mean", mean(h->ass_re));
    sv_json_out_number(json, "AssPr_mean", mean(h->ass_pr));
    sv_json_out_number(json, "LocA_mean", mean(h->loc_a));
    write_alphas(json, "LocA_alpha", h->loc_a);
    sv_json_out_number(json, "OWTA_mean", mean(h->owta));
    sv_json_out_number(json, "HOTA_TP_mean", mean(h->tp));
    sv_json_out_number(json, "HOTA_FN_mean", mean(h->fn));
    sv_json_out_number(json, "HOTA_FP_mean", mean(h->fp));
    sv_json_out_number(json, "HOTA(0)", h->hota[0]);
    sv_json_out_number(json, "LocA(0)", h->loc_a[0]);
    sv_json_out_number(json, "HOTALocA(0)", h->hota[0] * h->loc_a[0]);
}

static void write_trackeval(sv_json_out *json, const sv_metrics *m) {
    const sv_metrics_clear *c = sv_metrics_get_clear(m);
    const sv_metrics_identity *id = sv_metrics_get_identity(m);
    sv_json_out_open(json, "trackeval", '{', false);
    write_hota(json, sv_metrics_get_hota(m));
    sv_json_out_number(json, "MOTA", c->mota);
    sv_json_out_number(json, "MOTP", c->motp);
    sv_json_out_number(json, "MODA", c->moda);
    sv_json_out_number(json, "CLR_Re", c->re);
    sv_json_out_number(json, "CLR_Pr", c->pr);
    sv_json_out_number(json, "MTR", c->mtr);
    sv_json_out_number(json, "PTR", c->ptr);
    sv_json_out_number(json, "MLR", c->mlr);
    sv_json_out_number(json, "sMOTA", c->smota);
    sv_json_out_number(json, "CLR_F1", c->f1);
    sv_json_out_number(json, "FP_per_frame", c->fp_per_frame);
    sv_json_out_number(json, "MOTAL", c->motal);
    sv_json_out_number(json, "MOTP_sum", c->motp_sum);
    sv_json_out_int(json, "CLR_TP", c->tp);
    sv_json_out_int(json, "CLR_FN", c->fn);
    sv_json_out_int(json, "CLR_FP", c->fp);
    sv_json_out_int(json, "IDSW", c->idsw);
    sv_json_out_int(json, "MT", c->mt);
    sv_json_out_int(json, "PT", c->pt);
    sv_json_out_int(json, "ML", c->ml);
    sv_json_out_int(json, "Frag", c->frag);
    sv_json_out_int(json, "CLR_Frames", c->frames);
    sv_json_out_number(json, "IDF1", id->idf1);
    sv_json_out_number(json, "IDR", id->idr);
    sv_json_out_number(json, "IDP", id->idp);
    sv_json_out_int(json, "IDTP", id->idtp);
    sv_json_out_int(json, "IDFN", id->idfn);
    sv_json_out_int(json, "IDFP", id->idfp);
    sv_json_out_close(json, '}');
}

static void write_motmetrics(sv_json_out *json, const sv_metrics_motmetrics *mot) {
    sv_json_out_open(json, "motmetrics", '{', true);
    sv_json_out_int(json, "num_detections", mot->n_detections);
    sv_json_out_int(json, "num_misses", mot->n_misses);
    sv_json_out_int(json, "num_false_positives", mot->n_false_positives);
    sv_json_out_int(json, "num_switches", mot->n_switches);
    sv_json_out_number(json, "mota", mot->mota);
    sv_json_out_number(json, "motp_m", mot->motp_m);
    sv_json_out_close(json, '}');
}

static void write_siap(sv_json_out *json, const sv_metrics_siap *siap) {
    sv_json_out_number(json, "SIAP_Completeness", siap->completeness);
    sv_json_out_number(json, "SIAP_Ambiguity", siap->ambiguity);
    sv_json_out_number(json, "SIAP_Spuriousness", siap->spuriousness);
    sv_json_out_number(json, "SIAP_Position_Accuracy", siap->position_accuracy);
    sv_json_out_number(json, "SIAP_Velocity_Accuracy", siap->velocity_accuracy);
}

static void write_stonesoup(sv_json_out *json, const sv_metrics_stonesoup *s) {
    sv_json_out_open(json, "stonesoup", '{', true);
    // Stone Soup's own value without a match is infinity, which JSON has no number for.
    if (isinf(s->motp))
        sv_json_out_text(json, "MOTP", "inf");
    else
        sv_json_out_number(json, "MOTP", s->motp);
    sv_json_out_number(json, "MOTA", s->mota);
    write_siap(json, &s->siap);
    sv_json_out_close(json, '}');
    sv_json_out_open(json, "stonesoup_t2t", '{', true);
    write_siap(json, &s->siap_nearest);
    sv_json_out_close(json, '}');
}

static void write_samples(sv_json_out *json, int64_t dof, const sv_metrics_consistency *c) {
    sv_json_out_int(json, "n", c->n);
    sv_json_out_int(json, "dof", dof);
    sv_json_out_number(json, "mean", c->mean);
    sv_json_out_number(json, "lo", c->lo);
    sv_json_out_number(json, "hi", c->hi);
    sv_json_out_number(json, "inside_95", c->inside);
}

static void write_nis(sv_json_out *json, const sv_nis *nis) {
    sv_metrics_consistency all = sv_nis_of_all(nis);
    sv_json_out_open(json, "nis", '{', false);
    write_samples(json, 1, &all);
    sv_json_out_open(json, "by_dof", '[', false);
    for (int32_t dof = 1; dof <= SV_NIS_DOF_MAX; dof++) {
        sv_metrics_consistency c = sv_nis_of_dof(nis, dof);
        if (c.n == 0)
            continue;
        sv_json_out_open(json, NULL, '{', true);
        write_samples(json, dof, &c);
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, ']');
    sv_json_out_close(json, '}');
}

/* What the tables do not have is null: a foreign table has no innovations, and may have no deviations. */
static void write_consistency(sv_json_out *json, const sv_metrics_consistency *nees, const sv_nis *nis) {
    sv_json_out_open(json, "consistency", '{', false);
    if (nees->n > 0) {
        sv_json_out_open(json, "nees", '{', true);
        write_samples(json, 3, nees);
        sv_json_out_close(json, '}');
    } else {
        sv_json_out_text(json, "nees", NULL);
    }
    if (nis && sv_nis_of_all(nis).n > 0)
        write_nis(json, nis);
    else
        sv_json_out_text(json, "nis", NULL);
    sv_json_out_close(json, '}');
}

static void write_roc(sv_json_out *json, const sv_report *report) {
    sv_json_out_open(json, "roc", '[', false);
    for (size_t i = 0; i < report->n_roc; i++) {
        sv_json_out_open(json, NULL, '{', true);
        sv_json_out_number(json, "threshold", report->roc[i].threshold);
        sv_json_out_number(json, "held_fraction", report->roc[i].held_fraction);
        sv_json_out_number(json, "false_per_stamp", report->roc[i].false_per_stamp);
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, ']');
}

void sv_report_write_sanity(sv_json_out *json, const sv_report *report) {
    sv_json_out_open(json, "sanity", '[', false);
    for (size_t i = 0; i < report->n_sanity; i++) {
        sv_json_out_open(json, NULL, '{', true);
        sv_json_out_text(json, "kind", report->sanity[i].kind);
        sv_json_out_text(json, "text", report->sanity[i].text);
        sv_json_out_number(json, "better_by", report->sanity[i].better_by);
        sv_json_out_close(json, '}');
    }
    sv_json_out_close(json, ']');
}

void sv_report_write_metrics(sv_json_out *json, const sv_report *report) {
    const sv_metrics *m = sv_score_get_metrics(report->score);
    sv_json_out_open(json, "metrics", '{', false);
    write_frames(json, report->score);
    write_tgospa(json, sv_metrics_get_tgospa(m));
    write_trackeval(json, m);
    write_motmetrics(json, sv_metrics_get_motmetrics(m));
    write_stonesoup(json, sv_metrics_get_stonesoup(m));
    write_consistency(json, sv_metrics_get_consistency(m), report->nis);
    if (report->n_roc > 0)
        write_roc(json, report);
    sv_json_out_close(json, '}');
}
