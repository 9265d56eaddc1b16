/* The table that gives every frame of a video its time. */
#include <replay/video_parts.h>
#include <stdlib.h>

static sv_status take_row(sv_frame_times *out, size_t *cap, const sv_csv *csv, int i_frame, int i_time) {
    int64_t frame;
    sv_time t;
    sv_status status = sv_csv_int(&frame, csv, i_frame);
    if (status == SV_OK)
        status = sv_csv_time(&t, csv, i_time);
    if (status != SV_OK)
        return status;
    if (frame != (int64_t)out->n)
        return sv_fail(SV_ERR_INPUT, "%s: line %lld: frame %lld, expected %zu: every frame has one row, in order",
                       sv_csv_name(csv), (long long)sv_csv_line(csv), (long long)frame, out->n);
    if (out->n > 0 && t <= out->t[out->n - 1])
        return sv_fail(SV_ERR_INPUT, "%s: line %lld: t_s is not later than the row before", sv_csv_name(csv),
                       (long long)sv_csv_line(csv));
    if (out->n == *cap) {
        *cap = *cap ? 2 * *cap : 256;
        sv_time *grown = realloc(out->t, *cap * sizeof *grown);
        if (!grown)
            return sv_fail(SV_ERR_NOMEM, "out of memory");
        out->t = grown;
    }
    out->t[out->n++] = t;
    return SV_OK;
}

sv_status sv_frame_times_take(sv_frame_times *out, sv_csv *csv) {
    *out = (sv_frame_times){0};
    int i_frame = 0, i_time = 0;
    size_t cap = 0;
    sv_status status = sv_csv_require(&i_frame, csv, "frame");
    if (status == SV_OK)
        status = sv_csv_require(&i_time, csv, "t_s");
    while (status == SV_OK && (status = sv_csv_next(csv)) == SV_OK)
        status = take_row(out, &cap, csv, i_frame, i_time);
    if (status == SV_END)
        return SV_OK;
    sv_frame_times_destroy(out);
    return status;
}

sv_status sv_frame_times_read(sv_frame_times *out, const char *path) {
    *out = (sv_frame_times){0};
    sv_csv *csv;
    sv_status status = sv_csv_open(&csv, path);
    if (status != SV_OK)
        return status;
    status = sv_frame_times_take(out, csv);
    sv_csv_close(csv);
    return status;
}

void sv_frame_times_destroy(sv_frame_times *times) {
    free(times->t);
    *times = (sv_frame_times){0};
}
