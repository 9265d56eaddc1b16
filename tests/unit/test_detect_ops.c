/* The detector's operations against their definition, pixel by pixel over the whole image. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <kernels/kernels.h>
#include <math.h>
#include <skyvox/rng.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 0x5a };

/* Plain images of int: the residual, its smoothing, and the 2 x 2 blocks. */
typedef struct reference {
    int *r, *c1, *e, *c2, *c3;
    int width, height;
} reference;

static int at(const int *image, const reference *ref, int x, int y) {
    x = x < 0 ? 0 : x >= ref->width ? ref->width - 1 : x;
    y = y < 0 ? 0 : y >= ref->height ? ref->height - 1 : y;
    return image[y * ref->width + x];
}

static int floor_div4(int a) {
    return a >= 0 ? a / 4 : -((-a + 3) / 4);
}

/* Smoothings of the endless image whose residual repeats its border: by recursion down to the residual. */
static int c1_at(const reference *ref, int x, int y) {
    int sum = 0;
    for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++)
            sum += (2 - abs(i)) * (2 - abs(j)) * at(ref->r, ref, x + i, y + j);
    return sum;
}

/* The padded images hold every pixel that a filter of the image reads; even, so that blocks stay blocks. */
enum { PADDED = 16 };

static int floor_div2(int a) {
    return a >= 0 ? a / 2 : -((-a + 1) / 2);
}

static int *means_of_blocks(const int *c1, int width, int height) {
    int *out = calloc((size_t)(width / 2) * (size_t)(height / 2), sizeof *out);
    for (int y = 0; y < height / 2; y++)
        for (int x = 0; x < width / 2; x++) {
            const int *upper = &c1[2 * y * width + 2 * x], *lower = upper + width;
            out[y * (width / 2) + x] =
                floor_div2(floor_div2(upper[0] + upper[1]) + floor_div2(lower[0] + lower[1]) + 1);
        }
    return out;
}

static int *smoothed(const int *in, int width, int height, int d) {
    int *out = calloc((size_t)width * (size_t)height, sizeof *out);
    int *column = calloc((size_t)width * (size_t)height, sizeof *column);
    for (int y = d; y < height - d; y++)
        for (int x = 0; x < width; x++)
            column[y * width + x] =
                floor_div4(in[(y - d) * width + x] + 2 * in[y * width + x] + in[(y + d) * width + x] + 2);
    for (int y = d; y < height - d; y++)
        for (int x = d; x < width - d; x++)
            out[y * width + x] =
                floor_div4(column[y * width + x - d] + 2 * column[y * width + x] + column[y * width + x + d] + 2);
    free(column);
    return out;
}

static int pixel(const sv_detect_view *v, int x, int y) {
    const unsigned char *row = (const unsigned char *)v->pixels + y * v->pitch;
    return v->bit_depth == 8 ? row[x] : ((const uint16_t *)(const void *)row)[x];
}

static int limited(int a, int least, int most) {
    return a < least ? least : a > most ? most : a;
}

static reference reference_create(const sv_detect_view *v) {
    reference ref = {.width = v->width, .height = v->height};
    ref.r = calloc((size_t)(v->width * v->height), sizeof *ref.r);
    const int up = 16 - v->bit_depth, down = up - sv_detect_shift(v->bit_depth);
    for (int y = 0; y < v->height; y++)
        for (int x = 0; x < v->width; x++) {
            const int d = (pixel(v, x, y) << up) - sv_background_at(&v->background, y * v->width + x);
            const int whole = (int)ceil(d / 256.0 - 0.5), r = (int)ceil((double)d / (1 << down));
            ref.r[y * v->width + x] =
                v->bit_depth == 8 && !v->fine ? 4 * limited(whole, -128, 127) : limited(r, -1023, 1023);
        }
    const int w = (v->width + 1) / 2 * 2 + 2 * PADDED, h = (v->height + 1) / 2 * 2 + 2 * PADDED;
    ref.c1 = calloc((size_t)(w * h), sizeof *ref.c1);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            ref.c1[y * w + x] = c1_at(&ref, x - PADDED, y - PADDED);
    ref.e = means_of_blocks(ref.c1, w, h);
    ref.c2 = smoothed(ref.e, w / 2, h / 2, 1);
    ref.c3 = smoothed(ref.c2, w / 2, h / 2, 2);
    return ref;
}

static void reference_destroy(reference *ref) {
    free(ref->r);
    free(ref->c1);
    free(ref->e);
    free(ref->c2);
    free(ref->c3);
}

static void filtered(int d[2], const reference *ref, int x, int y) {
    const int w = (ref->width + 1) / 2 * 2 + 2 * PADDED;
    const int block = (y + PADDED) / 2 * (w / 2) + (x + PADDED) / 2;
    const int *c2 = &ref->c2[block], up = 2 * (w / 2);
    int before = 0, after = 0; /* outer taps of the horizontal step */
    for (int j = -1; j <= 1; j++) {
        before += (2 - abs(j)) * c2[j * up - 2];
        after += (2 - abs(j)) * c2[j * up + 2];
    }
    const int across = (int)floor((floor_div4(after + 2) - floor_div4(before + 2)) / 16.0 + 0.5);
    const int down = (int)floor((c2[up] - c2[-up]) / 16.0 + 0.5);
    const int level = ref->c3[block] + (x % 2 ? across : -across) + (y % 2 ? down : -down);
    const int d0 = ref->c1[(y + PADDED) * w + x + PADDED] - level;
    d[0] = d0 > 32767 ? 32767 : d0 < -32767 ? -32767 : d0;
    d[1] = ref->c2[block] - ref->c3[block];
}

static sv_detect_ops scalar(void) {
    sv_detect_ops ops;
    sv_kernels_detect_scalar(&ops);
    return ops;
}

/* One block by itself. */
static size_t scan_block(sv_detect_hit *hit, size_t cap, sv_detect_cell *cell, const sv_detect_view *v,
                         sv_detect_rect block) {
    size_t n;
    scalar().scan(&(sv_detect_blocks){.hit = hit, .cap = cap, .n_hits = &n, .cell = cell, .per_row = 1}, v, block);
    return n;
}

static sv_detect_cell cell_limits(int i) {
    return (sv_detect_cell){
        .above = {90 + 3 * i, 40 + i}, .below = {100, i % 2 ? 50 : SV_DETECT_NEVER}, .clip = {120, 60}};
}

/* One block of one image: every sum and every hit, in order. */
static void check_block(const sv_detect_view *v, const reference *ref, sv_detect_rect b) {
    static sv_detect_hit hit[SV_DETECT_BLOCK_W * SV_DETECT_BLOCK_H];
    sv_detect_cell cell[SV_DETECT_BLOCK_CELLS];
    int64_t sum[SV_DETECT_BLOCK_CELLS][2] = {{0}};
    for (int i = 0; i < SV_DETECT_BLOCK_CELLS; i++)
        cell[i] = cell_limits(i);
    const size_t n = scan_block(hit, sizeof hit / sizeof *hit, cell, v, b);
    size_t k = 0;
    for (int y = b.y0; y < b.y1; y++)
        for (int x = b.x0; x < b.x1; x++) {
            const int i = (y - b.y0) / 64 * 4 + (x - b.x0) / 64;
            const sv_detect_cell c = cell_limits(i);
            int d[2];
            filtered(d, ref, x, y);
            for (int s = 0; s < 2; s++)
                if (y % 2 == 0 && (s == 0 || x % 2 == 0))
                    sum[i][s] += abs(d[s]) < c.clip[s] ? abs(d[s]) : c.clip[s];
            const bool inside = x >= 2 && y >= 2 && x < v->width - 2 && y < v->height - 2;
            if (inside && (d[0] > c.above[0] || d[1] > c.above[1] || -d[0] > c.below[0] || -d[1] > c.below[1])) {
                assert_true(k < n);
                assert_int_equal(hit[k].x, x);
                assert_int_equal(hit[k].y, y);
                assert_int_equal(hit[k].d[0], d[0]);
                assert_int_equal(hit[k].d[1], d[1]);
                k++;
            }
        }
    assert_int_equal(k, n);
    for (int i = 0; i < SV_DETECT_BLOCK_CELLS; i++)
        for (int s = 0; s < 2; s++)
            assert_int_equal(cell[i].sum[s], sum[i][s]);
}

static void check_image(const sv_detect_view *v) {
    reference ref = reference_create(v);
    for (int y = 0; y < v->height; y += SV_DETECT_BLOCK_H)
        for (int x = 0; x < v->width; x += SV_DETECT_BLOCK_W)
            check_block(v, &ref,
                        (sv_detect_rect){x, y, x + 256 < v->width ? x + 256 : v->width,
                                         y + 128 < v->height ? y + 128 : v->height});
    reference_destroy(&ref);
}

/* Random content: mostly a few grey values of noise, now and then anything at all. */
static void fill(sv_detect_view *v, uint64_t seed) {
    const int top = (1 << v->bit_depth) - 1;
    for (int y = 0; y < v->height; y++)
        for (int x = 0; x < v->width; x++) {
            const uint64_t z = sv_rng(seed, 1, (uint64_t)(y * v->width + x));
            const int value = z % 97 == 0 ? (int)((z >> 20) & (unsigned)top) : top / 2 + (int)((z >> 20) % 9);
            unsigned char *row = (unsigned char *)v->pixels + y * v->pitch;
            if (v->bit_depth == 8)
                row[x] = (uint8_t)value;
            else
                ((uint16_t *)(void *)row)[x] = (uint16_t)value;
            sv_background_set(&v->background, y * v->width + x,
                              (uint16_t)(((unsigned)(top / 2 + 4) << (16 - v->bit_depth)) + ((z >> 40) & 15)));
        }
}

typedef struct image {
    sv_detect_view view;
    void *memory;
} image;

static image image_create(int width, int height, int bits, bool upside_down) {
    const ptrdiff_t pitch = width * (bits > 8 ? 2 : 1) + 10;
    const size_t n = (size_t)(width * height);
    image im = {.memory = calloc((size_t)pitch, (size_t)height)};
    im.view = (sv_detect_view){.pixels = upside_down ? (char *)im.memory + pitch * (height - 1) : im.memory,
                               .pitch = upside_down ? -pitch : pitch,
                               .background = sv_background_in(calloc(n, 2), n, bits),
                               .width = width,
                               .height = height,
                               .bit_depth = bits};
    return im;
}

static void image_destroy(image *im) {
    free(im->memory);
    free(sv_background_memory(&im->view.background));
}

static void scan_equals_its_definition(void **state) {
    (void)state;
    static const int size[][2] = {{256, 128}, {1, 1}, {3, 200}, {321, 131}, {7, 5}, {520, 33}, {64, 257}};
    static const int depth[] = {8, 10, 12, 16};
    for (size_t i = 0; i < sizeof size / sizeof *size; i++)
        for (size_t k = 0; k < sizeof depth / sizeof *depth; k++) {
            image im = image_create(size[i][0], size[i][1], depth[k], (i + k) % 2 == 1);
            fill(&im.view, i * 10 + k);
            check_image(&im.view);
            im.view.fine = true;
            check_image(&im.view);
            image_destroy(&im);
        }
}

/* Residuals at both ends of their range in every 15 x 15 pattern of stripes: no sum may leave 16 bits. */
static void scan_survives_the_largest_residuals(void **state) {
    (void)state;
    for (int bits = 8; bits <= 16; bits += 4)
        for (int period = 1; period <= 16; period *= 2) {
            image im = image_create(300, 140, bits, false);
            for (int y = 0; y < 140; y++)
                for (int x = 0; x < 300; x++) {
                    const bool white = (x / period + y / period) % 2 == 0;
                    unsigned char *row = (unsigned char *)im.memory + y * im.view.pitch;
                    if (bits == 8)
                        row[x] = white ? 255 : 0;
                    else
                        ((uint16_t *)(void *)row)[x] = (uint16_t)(white ? (1 << bits) - 1 : 0);
                    sv_background_set(&im.view.background, y * 300 + x, white ? 0 : ((1 << bits) - 1) << (16 - bits));
                }
            check_image(&im.view);
            im.view.fine = true;
            check_image(&im.view);
            image_destroy(&im);
        }
}

/* What drifts by in front of the cameras is smooth: at every place in a block. Level, slope in x, in y, both. */
static void an_even_rise_is_nothing(void **state) {
    (void)state;
    static const int slope[][2] = {{0, 0}, {1, 0}, {0, 1}, {1, 1}, {-1, 1}, {2, -1}};
    for (size_t k = 0; k < sizeof slope / sizeof *slope; k++) {
        image im = image_create(256, 128, 12, false);
        for (int y = 0; y < 128; y++)
            for (int x = 0; x < 256; x++) {
                const int rise = slope[k][0] * (x - 128) + slope[k][1] * (y - 64);
                sv_background_set(&im.view.background, y * 256 + x, 2000 << 4);
                ((uint16_t *)im.memory)[(ptrdiff_t)y * im.view.pitch / 2 + x] = (uint16_t)(2000 + rise);
            }
        static sv_detect_hit hit[256 * 128];
        sv_detect_cell cell[SV_DETECT_BLOCK_CELLS];
        for (int i = 0; i < SV_DETECT_BLOCK_CELLS; i++)
            cell[i] = (sv_detect_cell){.above = {0, 0}, .below = {0, 0}, .clip = {100, 100}};
        const size_t n = scan_block(hit, 256 * 128, cell, &im.view, (sv_detect_rect){0, 0, 256, 128});
        for (size_t i = 0; i < n; i++) /* the repeated border is a bend */
            assert_true(hit[i].x < 10 || hit[i].x >= 246 || hit[i].y < 10 || hit[i].y >= 118);
        image_destroy(&im);
    }
}

static void scan_counts_beyond_the_capacity(void **state) {
    (void)state;
    image im = image_create(256, 128, 8, false);
    fill(&im.view, 99);
    static sv_detect_hit all[256 * 128], few[12];
    sv_detect_cell cell[SV_DETECT_BLOCK_CELLS];
    for (int i = 0; i < SV_DETECT_BLOCK_CELLS; i++)
        cell[i] = cell_limits(i);
    memset(few, GUARD, sizeof few);
    const sv_detect_rect block = {0, 0, 256, 128};
    const size_t n = scan_block(all, 256 * 128, cell, &im.view, block);
    assert_true(n > 10);
    assert_int_equal(scan_block(few, 10, cell, &im.view, block), n);
    assert_memory_equal(few, all, 10 * sizeof *few);
    for (size_t i = 10 * sizeof *few; i < sizeof few; i++)
        assert_int_equal(((unsigned char *)few)[i], GUARD);
    image_destroy(&im);
}

static int learned(int value, int m, int limit, int gain) {
    const int d = value - m, most = abs(d) / 16 > limit ? abs(d) / 16 : limit;
    const int step = d > most ? most : d < -most ? -most : d;
    const double moved = (double)step * gain / 16384 + 0.5;
    return m + (int)(moved + 70000) - 70000;
}

static void learn_equals_its_definition(void **state) {
    (void)state;
    static const int depth[] = {8, 12, 16};
    static const int setting[][4] = {{1, 0, 65535, 16384}, {4, 3, 160, 2184}, {8, 1, 7, 4000}, {1, 0, 0, 16384}};
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < 4; i++) {
            image im = image_create(131, 37, depth[k], k == 1);
            fill(&im.view, 7 + i);
            static int32_t before[131 * 37];
            for (int p = 0; p < 131 * 37; p++)
                before[p] = sv_background_at(&im.view.background, p);
            const sv_detect_rect r = {5, 2, 130, 36};
            const int32_t limit[2] = {setting[i][2], setting[i][2] / 2};
            scalar().learn(&im.view, r, setting[i][0], setting[i][1], limit, setting[i][3]);
            for (int y = 0; y < 37; y++)
                for (int x = 0; x < 131; x++) {
                    const bool in =
                        x >= r.x0 && x < r.x1 && y >= r.y0 && y < r.y1 && y % setting[i][0] == setting[i][1];
                    const int m = before[y * 131 + x], f = pixel(&im.view, x, y) << (16 - depth[k]);
                    assert_int_equal(sv_background_at(&im.view.background, y * 131 + x),
                                     in ? learned(f, m, limit[(x - r.x0) / 64], setting[i][3]) : m);
                }
            image_destroy(&im);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scan_equals_its_definition),  cmocka_unit_test(scan_survives_the_largest_residuals),
        cmocka_unit_test(an_even_rise_is_nothing),     cmocka_unit_test(scan_counts_beyond_the_capacity),
        cmocka_unit_test(learn_equals_its_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
