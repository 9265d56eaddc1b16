/* The detector's operations in plain C: the reference that every faster level must equal bit for bit. */
#include <kernels/cpu/detect_pixel.h>
#include <kernels/kernels.h>
#include <string.h>

/* A block with the halo of its filters: pixel (j, i) is image pixel (x0 - PAD + j, y0 - PAD + i), and 2 x 2 blocks likewise. */
enum {
    PAD = SV_DETECT_HALO,
    COLS = SV_DETECT_BLOCK_W + 2 * PAD,
    ROWS = SV_DETECT_BLOCK_H + 2 * PAD,
    HALF_COLS = COLS / 2,
    HALF_ROWS = ROWS / 2,
};

typedef struct planes {
    int16_t r[ROWS][COLS], c1[ROWS][COLS];
    int16_t e[HALF_ROWS][HALF_COLS], c2[HALF_ROWS][HALF_COLS], c3[HALF_ROWS][HALF_COLS];
    int16_t across[HALF_ROWS][HALF_COLS], down[HALF_ROWS][HALF_COLS]; /* what c3 changes in half a pixel */
} planes;

static int grey_at(const unsigned char *row, int x, int bit_depth) {
    return bit_depth == 8 ? row[x] : ((const uint16_t *)(const void *)row)[x];
}

/* Residual of image row y (repeated beyond the border) for every column of the planes. */
static void load_row(int16_t *r, const sv_detect_view *view, int x0, int y) {
    const int row = max_int(0, min_int(y, view->height - 1));
    const int first = max_int(0, x0 - PAD);
    const int n = min_int(view->width, x0 - PAD + COLS) - first;
    const int left = first - (x0 - PAD);
    const int shift = sv_detect_shift(view->bit_depth);
    const unsigned char *pixels = (const unsigned char *)view->pixels + row * view->pitch;
    const ptrdiff_t at = (ptrdiff_t)row * view->width + first;
    const sv_background *m = &view->background;
    for (int i = 0; i < n; i++)
        r[left + i] = view->bit_depth == 8 && !view->fine
                          ? residual_u8(pixels[first + i], m->high[at + i])
                          : residual(grey_at(pixels, first + i, view->bit_depth), sv_background_at(m, at + i), shift,
                                     16 - view->bit_depth - shift);
    for (int j = 0; j < left; j++)
        r[j] = r[left];
    for (int j = left + n; j < COLS; j++)
        r[j] = r[left + n - 1];
}

/* c1 of all pixels but the outermost: 16 x 1023 fits. */
static void smooth_pixels(planes *p, int n_rows) {
    for (int i = 1; i < n_rows - 1; i++) {
        int16_t column[COLS];
        for (int j = 0; j < COLS; j++)
            column[j] = (int16_t)(p->r[i - 1][j] + 2 * p->r[i][j] + p->r[i + 1][j]);
        for (int j = 1; j < COLS - 1; j++)
            p->c1[i][j] = (int16_t)(column[j - 1] + 2 * column[j] + column[j + 1]);
    }
}

static void mean_of_blocks(planes *p, int n_rows) {
    for (int i = 1; i < n_rows - 1; i++)
        for (int j = 1; j < HALF_COLS - 1; j++) {
            const int upper = (p->c1[2 * i][2 * j] + p->c1[2 * i][2 * j + 1]) >> 1;
            const int lower = (p->c1[2 * i + 1][2 * j] + p->c1[2 * i + 1][2 * j + 1]) >> 1;
            p->e[i][j] = (int16_t)((upper + lower + 1) >> 1);
        }
}

/* A quarter of the taps, a half rounded up. */
static inline int16_t quarter(int a, int b, int c) {
    return (int16_t)((a + 2 * b + c + 2) >> 2);
}

static void smooth_to_c2(planes *p, int n_rows) {
    for (int i = 2; i < n_rows - 2; i++) {
        int16_t column[HALF_COLS];
        for (int j = 1; j < HALF_COLS - 1; j++)
            column[j] = quarter(p->e[i - 1][j], p->e[i][j], p->e[i + 1][j]);
        for (int j = 2; j < HALF_COLS - 2; j++)
            p->c2[i][j] = quarter(column[j - 1], column[j], column[j + 1]);
    }
}

static inline int sixteenth(int a) {
    return (a + 8) >> 4;
}

static void smooth_to_c3(planes *p, int n_rows) {
    for (int i = 4; i < n_rows - 4; i++) {
        int16_t column[HALF_COLS];
        for (int j = 2; j < HALF_COLS - 2; j++)
            column[j] = quarter(p->c2[i - 2][j], p->c2[i][j], p->c2[i + 2][j]);
        for (int j = 4; j < HALF_COLS - 4; j++) {
            p->c3[i][j] = quarter(column[j - 2], column[j], column[j + 2]);
            p->across[i][j] = (int16_t)sixteenth(column[j + 2] - column[j - 2]);
            p->down[i][j] = (int16_t)sixteenth(p->c2[i + 2][j] - p->c2[i - 2][j]);
        }
    }
}

static void filter(planes *p, const sv_detect_view *view, sv_detect_rect block) {
    const int half_rows = (block.y1 - block.y0 + 1) / 2 + PAD, n_rows = 2 * half_rows;
    for (int i = 0; i < n_rows; i++)
        load_row(p->r[i], view, block.x0, block.y0 - PAD + i);
    smooth_pixels(p, n_rows);
    mean_of_blocks(p, half_rows);
    smooth_to_c2(p, half_rows);
    smooth_to_c3(p, half_rows);
}

static inline int d0_at(const planes *p, int i, int j) {
    const int x = j / 2, y = i / 2;
    const int level =
        p->c3[y][x] + (j % 2 ? p->across[y][x] : -p->across[y][x]) + (i % 2 ? p->down[y][x] : -p->down[y][x]);
    return max_int(min_int(p->c1[i][j] - level, SV_DETECT_NEVER), -SV_DETECT_NEVER);
}

static inline int d1_at(const planes *p, int i, int j) {
    return p->c2[i / 2][j / 2] - p->c3[i / 2][j / 2];
}

static inline int clipped_abs(int d, int clip) {
    return min_int(d < 0 ? -d : d, clip);
}

/* Noise sums of the part of the even row i of the planes from column j on that lies in one cell. */
static void sum_row(sv_detect_cell *cell, const planes *p, int i, int j, int n) {
    const int clip0 = min_int(cell->clip[0], SV_DETECT_CLIP_MAX), clip1 = min_int(cell->clip[1], SV_DETECT_CLIP_MAX);
    int sum0 = 0, sum1 = 0;
    for (int k = 0; k < n; k++)
        sum0 += clipped_abs(d0_at(p, i, j + k), clip0);
    for (int k = 0; k < n; k += 2)
        sum1 += clipped_abs(d1_at(p, i, j + k), clip1);
    cell->sum[0] += sum0;
    cell->sum[1] += sum1;
}

typedef struct hit_list {
    sv_detect_hit *hit;
    size_t n, cap;
} hit_list;

static void list_hits(hit_list *list, const sv_detect_cell *cell, const planes *p, int i, int j, int n, int x_first,
                      int y, int width) {
    for (int k = 0; k < n; k++) {
        const int x = x_first + k, d0 = d0_at(p, i, j + k), d1 = d1_at(p, i, j + k);
        if (d0 <= cell->above[0] && d1 <= cell->above[1] && -d0 <= cell->below[0] && -d1 <= cell->below[1])
            continue;
        if (x < SV_DETECT_BORDER || x >= width - SV_DETECT_BORDER)
            continue;
        if (list->n < list->cap)
            list->hit[list->n] = (sv_detect_hit){(uint16_t)x, (uint16_t)y, {(int16_t)d0, (int16_t)d1}};
        list->n++;
    }
}

static size_t scan_block(sv_detect_hit *hit, size_t cap, sv_detect_cell *cell, const sv_detect_view *view,
                         sv_detect_rect block) {
    enum { ACROSS = SV_DETECT_BLOCK_W / SV_DETECT_CELL };
    planes p;
    hit_list list = {hit, 0, cap};
    filter(&p, view, block);
    for (int i = 0; i < SV_DETECT_BLOCK_CELLS; i++)
        memset(cell[i].sum, 0, sizeof cell[i].sum);
    for (int y = block.y0; y < block.y1; y++)
        for (int x = block.x0; x < block.x1; x += SV_DETECT_CELL) {
            const int i = y - block.y0 + PAD, j = x - block.x0 + PAD, n = min_int(SV_DETECT_CELL, block.x1 - x);
            sv_detect_cell *c = &cell[(y - block.y0) / SV_DETECT_CELL * ACROSS + (x - block.x0) / SV_DETECT_CELL];
            if (i % 2 == 0)
                sum_row(c, &p, i, j, n);
            if (y >= SV_DETECT_BORDER && y < view->height - SV_DETECT_BORDER)
                list_hits(&list, c, &p, i, j, n, x, y, view->width);
        }
    return list.n;
}

static void scan(const sv_detect_blocks *out, const sv_detect_view *view, sv_detect_rect rect) {
    size_t row = 0;
    for (int y = rect.y0; y < rect.y1; y += SV_DETECT_BLOCK_H, row += (size_t)out->per_row) {
        size_t b = row;
        for (int x = rect.x0; x < rect.x1; x += SV_DETECT_BLOCK_W, b++) {
            const sv_detect_rect block = {x, y, min_int(x + SV_DETECT_BLOCK_W, rect.x1),
                                          min_int(y + SV_DETECT_BLOCK_H, rect.y1)};
            out->n_hits[b] =
                scan_block(out->hit + b * out->cap, out->cap, out->cell + b * SV_DETECT_BLOCK_CELLS, view, block);
        }
    }
}

/* A pixel's value in background units. */
static int value_at(const unsigned char *row, int x, int bit_depth) {
    const int white = (1 << bit_depth) - 1;
    return min_int(grey_at(row, x, bit_depth), white) << (16 - bit_depth);
}

static void learn(const sv_detect_view *view, sv_detect_rect rect, int32_t period, int32_t phase, const int32_t *limit,
                  int32_t gain) {
    const sv_background *m = &view->background;
    for (int y = rect.y0; y < rect.y1; y++) {
        if (y % period != phase)
            continue;
        const unsigned char *pixels = (const unsigned char *)view->pixels + y * view->pitch;
        for (int x = rect.x0; x < rect.x1; x++) {
            const ptrdiff_t i = (ptrdiff_t)y * view->width + x;
            const int32_t cell_limit = limit[(x - rect.x0) / SV_DETECT_CELL];
            const int value = value_at(pixels, x, view->bit_depth);
            sv_background_set(m, i, learned(value, sv_background_at(m, i), cell_limit, gain));
        }
    }
}

void sv_kernels_detect_scalar(sv_detect_ops *ops) {
    ops->scan = scan;
    ops->learn = learn;
}
