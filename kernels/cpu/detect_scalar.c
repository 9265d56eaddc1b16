/* The detector's operations in plain C: the reference that every faster level must equal bit for bit. */
#include <kernels/cpu/detect_pixel.h>
#include <kernels/kernels.h>
#include <string.h>

/* Rows of a block live in small rings that stay in the first-level cache; buffer column j is image column x0 - PAD + j. */
enum {
    PAD = 8,
    COLS = SV_DETECT_BLOCK_W + 2 * PAD,
    RING = 16, /* c2 is read 8 rows back; a power of two */
};

typedef struct rings {
    int16_t r[RING][COLS];
    int16_t c1[RING][COLS];
    int16_t c2[RING][COLS];
    int16_t c3[COLS];
} rings;

static void residual_u8(int16_t *r, const uint8_t *f, const uint16_t *m, int n) {
    for (int i = 0; i < n; i++)
        r[i] = residual(f[i], m[i], 2, 6);
}

static void residual_u16(int16_t *r, const uint16_t *f, const uint16_t *m, int n, int shift, int down) {
    for (int i = 0; i < n; i++)
        r[i] = residual(f[i], m[i], shift, down);
}

/* Residual of image row y (repeated beyond the border) for every buffer column. */
static void load_row(int16_t *r, const sv_detect_view *view, int x0, int y) {
    const int row = max_int(0, min_int(y, view->height - 1));
    const unsigned char *pixels = (const unsigned char *)view->pixels + row * view->pitch;
    const uint16_t *background = view->background + (size_t)row * (size_t)view->width;
    const int first = max_int(0, x0 - PAD);
    const int n = min_int(view->width, x0 - PAD + COLS) - first;
    const int left = first - (x0 - PAD);
    const int shift = sv_detect_shift(view->bit_depth);
    if (view->bit_depth == 8)
        residual_u8(r + left, pixels + first, background + first, n);
    else
        residual_u16(r + left, (const uint16_t *)(const void *)pixels + first, background + first, n, shift,
                     16 - view->bit_depth - shift);
    for (int j = 0; j < left; j++)
        r[j] = r[left];
    for (int j = left + n; j < COLS; j++)
        r[j] = r[left + n - 1];
}

/* The first smoothing needs no division: 16 x 511 fits. */
static void smooth_first(int16_t *restrict out, const int16_t *restrict a, const int16_t *restrict b,
                         const int16_t *restrict c) {
    int16_t column[COLS];
    for (int j = 0; j < COLS; j++)
        column[j] = (int16_t)(a[j] + 2 * b[j] + c[j]);
    for (int j = 1; j < COLS - 1; j++)
        out[j] = (int16_t)(column[j - 1] + 2 * column[j] + column[j + 1]);
}

/* Sums stay below 4 x 8176 + 2, so every step fits 16 bits. `d` is a constant where this is inlined. */
static inline void smooth(int16_t *restrict out, const int16_t *restrict a, const int16_t *restrict b,
                          const int16_t *restrict c, int d) {
    int16_t column[COLS];
    for (int j = 0; j < COLS; j++) {
        const int16_t sum = (int16_t)(a[j] + 2 * b[j] + c[j] + 2);
        column[j] = (int16_t)(sum >> 2);
    }
    for (int j = d; j < COLS - d; j++) {
        const int16_t sum = (int16_t)(column[j - d] + 2 * column[j] + column[j + d] + 2);
        out[j] = (int16_t)(sum >> 2);
    }
}

static inline int16_t clipped_abs(int16_t d, int16_t clip) {
    const int16_t a = (int16_t)(d < 0 ? -d : d);
    return a < clip ? a : clip;
}

/* Noise sums and whether any pixel of one cell's row is a hit: no branch inside, so that it becomes vector code. */
static inline bool cell_row(int64_t sum[SV_DETECT_SCALES], const sv_detect_cell *cell, const int16_t *c1,
                            const int16_t *c2, const int16_t *c3, int n) {
    const int16_t above0 = (int16_t)cell->above[0], above1 = (int16_t)cell->above[1];
    const int16_t below0 = (int16_t)cell->below[0], below1 = (int16_t)cell->below[1];
    const int16_t clip0 = (int16_t)cell->clip[0], clip1 = (int16_t)cell->clip[1];
    int32_t sum0 = 0, sum1 = 0;
    int16_t any = 0;
    for (int j = 0; j < n; j++) {
        const int16_t d0 = (int16_t)(c1[j] - c3[j]), d1 = (int16_t)(c2[j] - c3[j]);
        sum0 += clipped_abs(d0, clip0);
        sum1 += clipped_abs(d1, clip1);
        any |= (int16_t)((d0 > above0) | (d1 > above1) | (d0 < -below0) | (d1 < -below1));
    }
    sum[0] += sum0;
    sum[1] += sum1;
    return any != 0;
}

typedef struct hit_list {
    sv_detect_hit *hit;
    size_t n, cap;
} hit_list;

static void list_hits(hit_list *list, const sv_detect_cell *cell, const int16_t *c1, const int16_t *c2,
                      const int16_t *c3, int x_first, int n, int y, int width) {
    for (int j = 0; j < n; j++) {
        const int x = x_first + j;
        const int d0 = c1[j] - c3[j], d1 = c2[j] - c3[j];
        if (d0 <= cell->above[0] && d1 <= cell->above[1] && -d0 <= cell->below[0] && -d1 <= cell->below[1])
            continue;
        if (x < SV_DETECT_BORDER || x >= width - SV_DETECT_BORDER)
            continue;
        if (list->n < list->cap)
            list->hit[list->n] = (sv_detect_hit){(uint16_t)x, (uint16_t)y, {(int16_t)d0, (int16_t)d1}};
        list->n++;
    }
}

/* Row y of the filtered images: c1 and c2 come from the rings, c3 was just made. */
static void finish_row(hit_list *list, sv_detect_cell *cell, const rings *ring, const sv_detect_view *view,
                       sv_detect_rect block, int y) {
    const int16_t *c1 = ring->c1[y & (RING - 1)] + PAD, *c2 = ring->c2[y & (RING - 1)] + PAD, *c3 = ring->c3 + PAD;
    const bool inside = y >= SV_DETECT_BORDER && y < view->height - SV_DETECT_BORDER;
    sv_detect_cell *row = cell + (y - block.y0) / SV_DETECT_CELL * (SV_DETECT_BLOCK_W / SV_DETECT_CELL);
    for (int x = block.x0; x < block.x1; x += SV_DETECT_CELL, row++) {
        const int j = x - block.x0, n = min_int(SV_DETECT_CELL, block.x1 - x);
        const bool any = n == SV_DETECT_CELL ? cell_row(row->sum, row, c1 + j, c2 + j, c3 + j, SV_DETECT_CELL)
                                             : cell_row(row->sum, row, c1 + j, c2 + j, c3 + j, n);
        if (any && inside)
            list_hits(list, row, c1 + j, c2 + j, c3 + j, x, n, y, view->width);
    }
}

/* Row y of the residual gives row y-1 of c1, y-3 of c2 and y-7 of c3. */
static size_t scan_block(sv_detect_hit *hit, size_t cap, sv_detect_cell *cell, const sv_detect_view *view,
                         sv_detect_rect block) {
    rings ring;
    memset(&ring, 0, sizeof ring);
    for (int i = 0; i < SV_DETECT_BLOCK_CELLS; i++)
        memset(cell[i].sum, 0, sizeof cell[i].sum);
    hit_list list = {hit, 0, cap};
    for (int y = block.y0 - SV_DETECT_HALO; y < block.y1 + SV_DETECT_HALO; y++) {
        const int k = y + RING; /* not negative */
        load_row(ring.r[k & (RING - 1)], view, block.x0, y);
        smooth_first(ring.c1[(k - 1) & (RING - 1)], ring.r[(k - 2) & (RING - 1)], ring.r[(k - 1) & (RING - 1)],
                     ring.r[k & (RING - 1)]);
        smooth(ring.c2[(k - 3) & (RING - 1)], ring.c1[(k - 5) & (RING - 1)], ring.c1[(k - 3) & (RING - 1)],
               ring.c1[(k - 1) & (RING - 1)], 2);
        if (y < block.y0 + SV_DETECT_HALO)
            continue;
        smooth(ring.c3, ring.c2[(k - 11) & (RING - 1)], ring.c2[(k - 7) & (RING - 1)], ring.c2[(k - 3) & (RING - 1)],
               4);
        finish_row(&list, cell, &ring, view, block, y - SV_DETECT_HALO);
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

static void learn_u8(uint16_t *restrict m, const uint8_t *restrict f, int n, int limit, int gain) {
    for (int i = 0; i < n; i++)
        m[i] = learned(f[i] << 8, m[i], limit, gain);
}

static void learn_u16(uint16_t *restrict m, const uint16_t *restrict f, int n, int bit_depth, int limit, int gain) {
    const int white = (1 << bit_depth) - 1, up = 16 - bit_depth;
    for (int i = 0; i < n; i++)
        m[i] = learned(min_int(f[i], white) << up, m[i], limit, gain);
}

static void learn(const sv_detect_view *view, sv_detect_rect rect, int32_t period, int32_t phase, const int32_t *limit,
                  int32_t gain) {
    for (int y = rect.y0; y < rect.y1; y++) {
        if (y % period != phase)
            continue;
        const unsigned char *pixels = (const unsigned char *)view->pixels + y * view->pitch;
        uint16_t *m = view->background + (size_t)y * (size_t)view->width;
        for (int x = rect.x0, i = 0; x < rect.x1; x += SV_DETECT_CELL, i++) {
            const int n = min_int(SV_DETECT_CELL, rect.x1 - x);
            if (view->bit_depth == 8)
                learn_u8(m + x, pixels + x, n, limit[i], gain);
            else
                learn_u16(m + x, (const uint16_t *)(const void *)pixels + x, n, view->bit_depth, limit[i], gain);
        }
    }
}

void sv_kernels_detect_scalar(sv_detect_ops *ops) {
    ops->scan = scan;
    ops->learn = learn;
}
