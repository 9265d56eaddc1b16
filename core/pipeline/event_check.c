#include <core/pipeline/event_check.h>

#include <skyvox/math.h>

#include <math.h>

static bool time_in_range(sv_time t) {
    const sv_time limit = INT64_C(4000000000000000000); // sums and differences of two such times do not overflow
    return t > -limit && t < limit;
}

static sv_status check_frame(const sv_config *config, const sv_event *e) {
    const sv_camera *camera = &config->camera[e->camera];
    const sv_frame *f = &e->as.image;
    ptrdiff_t row_bytes = (ptrdiff_t)f->width * (f->bit_depth > 8 ? 2 : 1);
    ptrdiff_t pitch = f->pitch < 0 ? -f->pitch : f->pitch;
    if (f->camera != e->camera || f->t != e->t) {
        return sv_fail(SV_ERR_ARG, "event %llu: image of camera index %d at %lld ns, expected %d at %lld ns",
                       (unsigned long long)e->seq, (int)f->camera, (long long)f->t, (int)e->camera, (long long)e->t);
    }
    if (f->width != camera->width || f->height != camera->height || f->bit_depth != camera->bit_depth) {
        return sv_fail(SV_ERR_ARG, "event %llu: image of %d x %d, %d bit, but camera %d has %d x %d, %d bit",
                       (unsigned long long)e->seq, (int)f->width, (int)f->height, (int)f->bit_depth, (int)camera->id,
                       (int)camera->width, (int)camera->height, (int)camera->bit_depth);
    }
    if (f->pixels == NULL || pitch < row_bytes) {
        return sv_fail(SV_ERR_ARG, "event %llu: image without pixels or with a pitch below a row",
                       (unsigned long long)e->seq);
    }
    return SV_OK;
}

/** A detection is exposed within its frame: at most one frame interval and the readout from the frame's time. */
static bool in_frame(const sv_camera *camera, sv_time t_frame, sv_time t) {
    double most_ns = 1e9 / camera->rate_hz + fabs(camera->row_ns) * camera->height;
    return time_in_range(t) && fabs((double)(t - t_frame)) <= most_ns;
}

static sv_status check_detections(const sv_config *config, const sv_event *e) {
    for (size_t i = 0; i < e->as.detections.n; i++) {
        const sv_detection *d = &e->as.detections.item[i];
        if (d->camera != e->camera || !isfinite(d->u_px) || !isfinite(d->v_px) || !isfinite(d->snr) ||
            !isfinite(d->snr_link) || !isfinite(d->cov_px2[0] + d->cov_px2[1] + d->cov_px2[2])) {
            return sv_fail(SV_ERR_ARG, "event %llu: detection %zu is not finite or of another camera",
                           (unsigned long long)e->seq, i);
        }
        if (!in_frame(&config->camera[e->camera], e->t, d->t)) {
            return sv_fail(SV_ERR_ARG, "event %llu: detection %zu at %lld ns lies outside its frame at %lld ns",
                           (unsigned long long)e->seq, i, (long long)d->t, (long long)e->t);
        }
    }
    return SV_OK;
}

static bool is_finite3(sv_vec3 v) {
    return isfinite(v.x) && isfinite(v.y) && isfinite(v.z);
}

static sv_status check_bearings(const sv_config *config, const sv_event *e) {
    for (size_t i = 0; i < e->as.bearings.n; i++) {
        const sv_ray *r = &e->as.bearings.item[i];
        const double *c = r->cov_rad2;
        double length2 = sv_vec3_dot(r->d_w, r->d_w);
        if (!time_in_range(r->t) || !is_finite3(r->c_w) || !(fabs(length2 - 1) < 1e-6) || !isfinite(r->snr) ||
            !isfinite(r->snr_link) || !isfinite(r->confidence) || !isfinite(c[0] + c[1] + c[2]) ||
            !(c[0] > 0 && c[0] * c[2] - c[1] * c[1] > 0)) {
            return sv_fail(SV_ERR_ARG, "event %llu: ray %zu is not finite, not of length 1 or without a covariance",
                           (unsigned long long)e->seq, i);
        }
        for (int k = 0; k < 2; k++) {
            if (r->camera[k] < -1 || r->camera[k] >= config->n_cameras) {
                return sv_fail(SV_ERR_ARG, "event %llu: ray %zu of camera index %d, expected -1 to %d",
                               (unsigned long long)e->seq, i, (int)r->camera[k], (int)config->n_cameras - 1);
            }
        }
    }
    return SV_OK;
}

static sv_status check_points(const sv_config *config, const sv_event *e) {
    for (size_t i = 0; i < e->as.points.n; i++) {
        const sv_point *p = &e->as.points.item[i];
        const double *c = p->cov_m2;
        if (!time_in_range(p->t) || !is_finite3(p->p_w) || !isfinite(c[0] + c[1] + c[2] + c[3] + c[4] + c[5]) ||
            !(c[0] >= 0 && c[3] >= 0 && c[5] >= 0)) {
            return sv_fail(SV_ERR_ARG, "event %llu: point %zu is not finite", (unsigned long long)e->seq, i);
        }
        bool recorded = config->from == SV_STAGE_TRACK && p->n_rays >= 0 && p->n_rays <= SV_POINT_RAYS_CAP;
        if (!recorded && (p->n_rays != 0 || p->n_sites != 0)) {
            return sv_fail(SV_ERR_ARG, "event %llu: point %zu has rays, which no imported point can",
                           (unsigned long long)e->seq, i);
        }
    }
    return SV_OK;
}

size_t sv_event_size(const sv_config *config, const sv_event *e) {
    switch (e->kind) {
    case SV_EVENT_FRAME:
        return (size_t)config->detect.max_per_frame;
    case SV_EVENT_DETECTIONS:
        return e->as.detections.n;
    case SV_EVENT_BEARINGS:
        return e->as.bearings.n;
    case SV_EVENT_POINTS:
        return e->as.points.n;
    default:
        return 0;
    }
}

/** True when the event says that it brings something but not where. */
static bool is_hollow(const sv_event *e) {
    switch (e->kind) {
    case SV_EVENT_DETECTIONS:
        return e->as.detections.n > 0 && e->as.detections.item == NULL;
    case SV_EVENT_BEARINGS:
        return e->as.bearings.n > 0 && e->as.bearings.item == NULL;
    case SV_EVENT_POINTS:
        return e->as.points.n > 0 && e->as.points.item == NULL;
    default:
        return false;
    }
}

/** A run that starts at a later stage takes what that stage reads and nothing else. */
static sv_status check_stage(const sv_config *config, const sv_event *e) {
    bool early = e->kind == SV_EVENT_FRAME || e->kind == SV_EVENT_DETECTIONS || e->kind == SV_EVENT_GAP;
    bool bearings = e->kind == SV_EVENT_BEARINGS;
    bool late_start = config->from >= SV_STAGE_VOXEL;
    if ((early && late_start) || (bearings && !late_start)) {
        return sv_fail(SV_ERR_ARG, "event %llu: of a kind that a run from stage %s does not read",
                       (unsigned long long)e->seq, sv_stage_name(config->from));
    }
    return SV_OK;
}

static sv_status check_content(const sv_config *config, const sv_event *e, bool has_backend) {
    switch (e->kind) {
    case SV_EVENT_FRAME:
        return has_backend ? check_frame(config, e)
                           : sv_fail(SV_ERR_ARG, "event %llu: image, but the state has no back end",
                                     (unsigned long long)e->seq);
    case SV_EVENT_DETECTIONS:
        return check_detections(config, e);
    case SV_EVENT_BEARINGS:
        return check_bearings(config, e);
    case SV_EVENT_POINTS:
        return check_points(config, e);
    case SV_EVENT_GAP:
    case SV_EVENT_END:
        return SV_OK;
    }
    return sv_fail(SV_ERR_ARG, "event %llu: unknown kind %d", (unsigned long long)e->seq, (int)e->kind);
}

sv_status sv_event_check(const sv_config *config, const sv_event *e, bool has_backend) {
    bool of_camera = e->kind == SV_EVENT_FRAME || e->kind == SV_EVENT_DETECTIONS || e->kind == SV_EVENT_GAP;
    if (!time_in_range(e->t)) {
        return sv_fail(SV_ERR_ARG, "event %llu: time out of range", (unsigned long long)e->seq);
    }
    if (of_camera && (e->camera < 0 || e->camera >= config->n_cameras)) {
        return sv_fail(SV_ERR_ARG, "event %llu: camera index %d, expected 0 to %d", (unsigned long long)e->seq,
                       (int)e->camera, (int)config->n_cameras - 1);
    }
    if (is_hollow(e)) {
        return sv_fail(SV_ERR_ARG, "event %llu: a count without items", (unsigned long long)e->seq);
    }
    sv_status status = check_content(config, e, has_backend);
    return status != SV_OK ? status : check_stage(config, e);
}
