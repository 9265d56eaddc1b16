/* Where the background is steep, pixel by pixel: the definition. */
#include <kernels/cpu/steep_pixel.h>
#include <kernels/kernels.h>

static void steep(uint64_t *out, const sv_detect_view *view, int32_t y, int32_t cell, int32_t n_cells, int32_t limit) {
    for (int32_t k = 0; k < n_cells; k++)
        out[k] = steep_cell(view, (cell + k) * SV_DETECT_CELL, y, limit);
}

void sv_kernels_steep_scalar(sv_detect_ops *ops) {
    ops->steep = steep;
}
