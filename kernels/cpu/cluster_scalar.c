/* Neighbours of sparse points in plain C: the specification of the faster levels. */
#include <kernels/kernels.h>

static size_t neighbours(sv_cluster_pair *pair, const uint16_t *upper, size_t n_upper, const uint16_t *lower,
                         size_t n_lower, int32_t reach) {
    size_t n = 0, from = 0;
    for (size_t i = 0; i < n_lower; i++) {
        while (from < n_upper && upper[from] + reach < lower[i])
            from++;
        for (size_t k = from; k < n_upper && upper[k] <= lower[i] + reach; k++)
            pair[n++] = (sv_cluster_pair){(int32_t)k, (int32_t)i};
    }
    return n;
}

void sv_kernels_cluster_scalar(sv_cluster_ops *ops) {
    ops->neighbours = neighbours;
}
