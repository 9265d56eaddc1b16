#include <libavutil/pixdesc.h>
#include <replay/video_luma.h>

int sv_luma_depth(enum AVPixelFormat format) {
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(format);
    const uint64_t refused = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL |
                             AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BAYER;
    if (!d || (d->flags & refused) || ((d->flags & AV_PIX_FMT_FLAG_RGB) && d->nb_components < 3))
        return 0;
    const int depth = d->comp[0].depth;
    if (depth < 8 || depth > 16 || (depth > 8 && (d->flags & AV_PIX_FMT_FLAG_BE)))
        return 0;
    for (int i = 1; (d->flags & AV_PIX_FMT_FLAG_RGB) && i < 3; i++)
        if (d->comp[i].depth != depth) /* 5-6-5 and the like */
            return 0;
    return depth;
}

/* Component values of one row, low bits. */
static uint32_t component(const AVFrame *picture, const AVComponentDescriptor *c, int32_t x, int32_t y) {
    const uint8_t *p =
        picture->data[c->plane] + (ptrdiff_t)y * picture->linesize[c->plane] + (ptrdiff_t)x * c->step + c->offset;
    const uint32_t value = c->depth + c->shift > 8 ? (uint32_t)p[0] | (uint32_t)p[1] << 8 : p[0];
    return value >> c->shift & ((1u << c->depth) - 1);
}

/* Rec. 601 weights in 256ths. */
static uint32_t luma_of_rgb(uint32_t r, uint32_t g, uint32_t b) {
    return (77 * r + 150 * g + 29 * b + 128) >> 8;
}

static void convert(uint16_t *buffer, const AVFrame *picture, const AVPixFmtDescriptor *d) {
    uint8_t *bytes = (uint8_t *)buffer;
    const bool rgb = d->flags & AV_PIX_FMT_FLAG_RGB;
    const AVComponentDescriptor *c = d->comp;
    size_t i = 0;
    for (int32_t y = 0; y < picture->height; y++)
        for (int32_t x = 0; x < picture->width; x++, i++) {
            const uint32_t first = component(picture, &c[0], x, y);
            const uint32_t v =
                rgb ? luma_of_rgb(first, component(picture, &c[1], x, y), component(picture, &c[2], x, y)) : first;
            if (c[0].depth == 8)
                bytes[i] = (uint8_t)v;
            else
                buffer[i] = (uint16_t)v;
        }
}

void sv_luma_take(const void **pixels, ptrdiff_t *pitch, uint16_t *buffer, const AVFrame *picture) {
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get((enum AVPixelFormat)picture->format);
    const AVComponentDescriptor *c = &d->comp[0];
    const int bytes = c->depth > 8 ? 2 : 1;
    if (!(d->flags & AV_PIX_FMT_FLAG_RGB) && c->step == bytes && c->shift == 0) {
        *pixels = picture->data[c->plane] + c->offset;
        *pitch = picture->linesize[c->plane];
        return;
    }
    convert(buffer, picture, d);
    *pixels = buffer;
    *pitch = (ptrdiff_t)picture->width * bytes;
}
