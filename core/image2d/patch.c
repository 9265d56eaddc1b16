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

/* What the ring around a box shows. */
typedef struct surroundings {
    sv_plane_sums sums[3]; /* of the frame, of the background, of means of the frame over 3 x 3 px */
    double level[3], gx[3], gy[3], texture[3];
    int64_t change; /* sum of |residual| */
    double n;
} surroundings;

/* The thing itself: the whole square of a spot, the pixels over the threshold of a blob. */
static bool of_thing(const sv_patch2d *p, const sv_field2d *field, size_t k, int32_t low_q4) {
    return p->is_spot || sv_over(field, k, low_q4);
}

/* Sum over 3 x 3 px, the border repeated. */
static int32_t sum_near(const sv_field2d *field, int32_t x, int32_t y) {
    int32_t sum = 0;
    for (int32_t j = -1; j <= 1; j++)
        for (int32_t i = -1; i <= 1; i++) {
            const int32_t u = x + i < 0 ? 0 : x + i < field->width ? x + i : x;
            const int32_t v = y + j < 0 ? 0 : y + j < field->height ? y + j : y;
            sum += field->now[(size_t)v * (size_t)field->width + (size_t)u];
        }
    return sum;
}

static void look_around(surroundings *s, const sv_patch2d *p, const sv_field2d *field) {
    const double cx = (p->x0 + p->x1 - 1) / 2.0, cy = (p->y0 + p->y1 - 1) / 2.0;
    const int32_t x0 = p->x0 < RING ? 0 : p->x0 - RING, y0 = p->y0 < RING ? 0 : p->y0 - RING;
    for (int32_t y = y0; y < p->y1 + RING && y < field->height; y++)
        for (int32_t x = x0; x < p->x1 + RING && x < field->width; x++) {
            const size_t k = (size_t)y * (size_t)field->width + (size_t)x;
            if (x >= p->x0 - SV_PATCH_GUARD && x < p->x1 + SV_PATCH_GUARD && y >= p->y0 - SV_PATCH_GUARD &&
                y < p->y1 + SV_PATCH_GUARD)
                continue;
            add_to_plane(&s->sums[0], x - cx, y - cy, field->now[k]);
            add_to_plane(&s->sums[1], x - cx, y - cy, field->aligned[k]);
            add_to_plane(&s->sums[2], x - cx, y - cy, sum_near(field, x, y));
            s->change += field->residual[k] < 0 ? -field->residual[k] : field->residual[k];
        }
    s->n = s->sums[0].n;
    for (int i = 0; i < 3 && s->n > 0; i++)
        sv_plane_fit(&s->level[i], &s->gx[i], &s->gy[i], &s->texture[i], &s->sums[i]);
}

/* Texture that hides a mean over n pixels: that of means over as many, 9 at most. Noise from pixel to pixel hides little. */
static double hiding_texture(const surroundings *s, double n) {
    const double fine = s->texture[0], coarse = s->texture[2] / 9;
    return n < 9 && fine > coarse ? coarse + (fine - coarse) * (9 - n) / 8 : coarse;
}

void sv_patch_compare(sv_patch2d *p, const sv_field2d *field, int32_t low_q4) {
    surroundings s = {.n = 0};
    look_around(&s, p, field);
    const double cx = (p->x0 + p->x1 - 1) / 2.0, cy = (p->y0 + p->y1 - 1) / 2.0;
    double n = 0, sum[2] = {0}, own2 = 0, both = 0;
    int64_t residual = 0;
    for (int32_t y = p->y0; y < p->y1; y++)
        for (int32_t x = p->x0; x < p->x1; x++) {
            const size_t k = (size_t)y * (size_t)field->width + (size_t)x;
            if (!of_thing(p, field, k, low_q4))
                continue;
            const double now = field->now[k] - s.level[0] - (x - cx) * s.gx[0] - (y - cy) * s.gy[0];
            const double before = field->aligned[k] - s.level[1] - (x - cx) * s.gx[1] - (y - cy) * s.gy[1];
            n++;
            sum[0] += now;
            sum[1] += before;
            own2 += now * now;
            both += now * before;
            residual += field->residual[k] < 0 ? -field->residual[k] : field->residual[k];
        }
    if (n == 0 || s.n == 0)
        return;
    /* A blob's pixels are chosen for their differences; those of a spot are not. */
    const double excess2 = p->is_spot ? own2 / n - s.texture[0] * s.texture[0] : 0, mean = fabs(sum[0]) / n;
    const double excess = sqrt(excess2 > 0 ? excess2 : 0) / (s.texture[0] + 256 * SV_LEAST_TEXTURE);
    const double above = mean / (hiding_texture(&s, n) + 256 * SV_LEAST_TEXTURE);
    p->now_contrast = sum[0] / n / 256;
    p->background_contrast = sum[1] / n / 256;
    p->known = own2 > 0 ? both / own2 : 0;
    p->saliency = above > excess ? above : excess;
    p->activity = (double)residual / n / ((double)s.change / s.n + 256 * least_activity);
}
