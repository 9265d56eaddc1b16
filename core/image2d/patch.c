#include <core/image2d/patch.h>
#include <math.h>

enum { RING = 7 }; /* px around a box that it is compared with */

static const double least_activity = 0.2; /* levels */

static void add_to_plane(sv_plane_sums *s, double x, double y, double v) {
    s->n++;
    s->x += x;
    s->y += y;
    s->xx += x * x;
    s->xy += x * y;
    s->yy += y * y;
    s->v += v;
    s->vv += v * v;
    s->xv += x * v;
    s->yv += y * v;
}

void sv_plane_fit(double *level, double *gx, double *gy, double *rms, const sv_plane_sums *s) {
    const double mx = s->x / s->n, my = s->y / s->n, mv = s->v / s->n;
    const double xx = s->xx - s->n * mx * mx, xy = s->xy - s->n * mx * my, yy = s->yy - s->n * my * my;
    const double xv = s->xv - s->n * mx * mv, yv = s->yv - s->n * my * mv, vv = s->vv - s->n * mv * mv;
    const double det = xx * yy - xy * xy;
    *gx = det > 0 ? (xv * yy - yv * xy) / det : 0;
    *gy = det > 0 ? (yv * xx - xv * xy) / det : 0;
    *level = mv - *gx * mx - *gy * my;
    const double rest = (vv - *gx * xv - *gy * yv) / s->n;
    *rms = sqrt(rest > 0 ? rest : 0);
}

void sv_patch_compare(sv_patch2d *p, const sv_field2d *field, int32_t low_q4) {
    sv_plane_sums in[2] = {{0}}, out[2] = {{0}}; /* of the frame, of the background */
    int64_t residual_in = 0, residual_out = 0;
    const double cx = (p->x0 + p->x1 - 1) / 2.0, cy = (p->y0 + p->y1 - 1) / 2.0;
    const int32_t x0 = p->x0 < RING ? 0 : p->x0 - RING, y0 = p->y0 < RING ? 0 : p->y0 - RING;
    for (int32_t y = y0; y < p->y1 + RING && y < field->height; y++)
        for (int32_t x = x0; x < p->x1 + RING && x < field->width; x++) {
            const size_t k = (size_t)y * (size_t)field->width + (size_t)x;
            const bool inside = x >= p->x0 && x < p->x1 && y >= p->y0 && y < p->y1;
            const bool near = x >= p->x0 - SV_PATCH_GUARD && x < p->x1 + SV_PATCH_GUARD &&
                              y >= p->y0 - SV_PATCH_GUARD && y < p->y1 + SV_PATCH_GUARD;
            const bool of_thing = inside && (p->is_spot || sv_over(field, k, low_q4));
            if (near && !of_thing)
                continue;
            sv_plane_sums *sums = of_thing ? in : out;
            add_to_plane(&sums[0], x - cx, y - cy, field->now[k]);
            add_to_plane(&sums[1], x - cx, y - cy, field->aligned[k]);
            *(of_thing ? &residual_in : &residual_out) +=
                field->residual[k] < 0 ? -field->residual[k] : field->residual[k];
        }
    if (in[0].n == 0 || out[0].n == 0)
        return;
    double above[2], texture[2];
    for (int i = 0; i < 2; i++) {
        double level, gx, gy;
        sv_plane_fit(&level, &gx, &gy, &texture[i], &out[i]);
        above[i] = (in[i].v - in[i].x * gx - in[i].y * gy) / in[i].n - level;
    }
    p->now_contrast = above[0] / 256;
    p->background_contrast = above[1] / 256;
    p->saliency = fabs(above[0]) / (texture[0] + 256 * SV_LEAST_TEXTURE);
    p->activity = (double)residual_in / in[0].n / ((double)residual_out / out[0].n + 256 * least_activity);
}
