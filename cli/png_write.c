#include "png_write.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>

static void on_error(png_structp png, png_const_charp text) {
    sv_fail(SV_ERR_IO, "cannot write PNG: %s", text);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

/* PNG is big endian and wants the whole 16-bit range. */
static void shift_row(unsigned char *out, const uint16_t *row, int32_t width, int shift) {
    for (int32_t x = 0; x < width; x++) {
        unsigned value = (unsigned)row[x] << shift;
        out[2 * x] = (unsigned char)(value >> 8);
        out[2 * x + 1] = (unsigned char)(value & 0xff);
    }
}

static void write_image(png_structp png, png_infop info, FILE *file, const sv_frame *frame, unsigned char *line) {
    int depth = frame->bit_depth > 8 ? 16 : 8;
    png_color_8 significant = {.gray = (png_byte)frame->bit_depth};
    png_init_io(png, file);
    png_set_compression_level(png, 3); /* noise does not compress, so trying harder only costs time */
    png_set_IHDR(png, info, (png_uint_32)frame->width, (png_uint_32)frame->height, depth, PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_sBIT(png, info, &significant);
    png_write_info(png, info);
    for (int32_t y = 0; y < frame->height; y++) {
        const unsigned char *row = (const unsigned char *)frame->pixels + y * frame->pitch;
        if (depth == 16) {
            shift_row(line, (const uint16_t *)(const void *)row, frame->width, 16 - frame->bit_depth);
            row = line;
        }
        png_write_row(png, row);
    }
    png_write_end(png, info);
}

sv_status png_write_frame(FILE *file, const sv_frame *frame) {
    unsigned char *line = malloc(2 * (size_t)frame->width);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    volatile sv_status status = SV_OK;
    if (!line || !info)
        status = sv_fail(SV_ERR_NOMEM, "out of memory for a PNG of %d x %d", frame->width, frame->height);
    else if (setjmp(png_jmpbuf(png)))
        status = SV_ERR_IO;
    else
        write_image(png, info, file, frame, line);
    png_destroy_write_struct(&png, &info);
    free(line);
    return status;
}
