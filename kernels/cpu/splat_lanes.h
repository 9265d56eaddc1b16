/*
 * Discs on pixels, in vectors of doubles: the operations of core/base/disc.c, sv_erf and sv_exp in their order, so the same
 * bits. A file that includes this has given it `reals`, REALS and the operations on them.
 */
#ifndef KERNELS_CPU_SPLAT_LANES_H
#define KERNELS_CPU_SPLAT_LANES_H

#include <math.h>
#include <skyvox/math.h>
#include <skyvox/render_ops.h>
#include <string.h>

/* Edges of a box's pixels, and room for whole vectors. */
enum { EDGES_CAP = SV_RENDER_DISC_SIDE_CAP + 2 * REALS };

/* ---- functions ---- */

/* erf and its derivative at i / 4; zeros behind the last. */
typedef struct nodes {
    double erf[32], slope[32];
} nodes;

static inline nodes make_nodes(void) {
    const double(*pair)[2] = sv_erf_nodes();
    nodes n = {{0}, {0}};
    for (int i = 0; i < 25; i++) {
        n.erf[i] = pair[i][0];
        n.slope[i] = pair[i][1];
    }
    return n;
}

/* sv_erf of finite numbers; beyond 6 it is 1. */
static inline reals erf_of(reals x, const nodes *node) {
    enum { N_TERMS = 15 };
    reals size = magnitude(x);
    choices near = less(size, every(6));
    size = choose(near, size, every(6));
    reals i = towards_zero(add(mul(every(4), size), every(0.5)));
    reals c = mul(every(0.25), i), h = sub(size, c);
    reals a = mul(mul(every(-2), c), h), b = mul(mul(every(-2), h), h);
    reals before = every(0), term = mul(look_up(node->slope, i), h), sum = term;
#pragma GCC unroll 16
    for (int n = 1; n < N_TERMS; n++) {
        reals rest = mul(mul(b, before), every((n - 1) * (1.0 / n)));
        reals next = mul(add(mul(a, term), rest), every(1.0 / (n + 1)));
        before = term;
        term = next;
        sum = add(sum, term);
    }
    reals erf_x = choose(near, add(look_up(node->erf, i), sum), every(1));
    return negate_where(less(x, every(0)), erf_x);
}

/* sv_exp of finite x up to 0. */
static inline reals exp_of(reals x) {
    static const double E[] = {1.0 / 2.0,       1.0 / 6.0,        1.0 / 24.0,        1.0 / 120.0,
                               1.0 / 720.0,     1.0 / 5040.0,     1.0 / 40320.0,     1.0 / 362880.0,
                               1.0 / 3628800.0, 1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0};
    choices none = less(x, every(-745));
    x = choose(none, every(0), x);
    reals k = sub(add(mul(x, every(0x1.71547652b82fep+0)), every(0x1.8p52)), every(0x1.8p52));
    reals r = sub(sub(x, mul(k, every(0x1.62e42feep-1))), mul(k, every(0x1.a39ef35793c76p-33)));
    reals sum = every(E[11]);
#pragma GCC unroll 16
    for (int i = 10; i >= 0; i--)
        sum = add(mul(sum, r), every(E[i]));
    reals near_one = add(every(1), add(r, mul(mul(r, r), sum))), half = towards_zero(mul(k, every(0.5)));
    reals scaled = mul(mul(near_one, power_of_two(half)), power_of_two(sub(k, half)));
    return choose(none, every(0), scaled);
}

static inline reals normal_cdf(reals z, const nodes *node) {
    return mul(every(0.5), add(every(1), erf_of(mul(z, every(0.70710678118654752440)), node)));
}

static inline reals normal_cdf_integral(reals z, const nodes *node) {
    reals bell = mul(every(0.39894228040143267794), exp_of(mul(mul(every(-0.5), z), z)));
    return add(mul(z, normal_cdf(z, node)), bell);
}

/* ---- discs of strips ---- */

/* The n + 1 edges of n pixels from `first` on, as the reference counts them, and on to whole vectors. */
static inline void make_edges(double *edge, int32_t n, double first) {
    edge[0] = first;
    for (int32_t i = 0; i < n; i++)
        edge[i + 1] = first + i + 1;
    for (int32_t i = n + 1; i < n + 1 + REALS; i++)
        edge[i] = edge[n];
}

/* Mean over a strip -w..w of the Gaussian's share in each of n pixels. Writes whole vectors, as does line_shares. */
static inline void strip_shares(double *share, const double *edge, int32_t n, double w, double s, const nodes *node) {
    double integral[EDGES_CAP];
    int32_t i = 0;
    for (; i <= n; i += REALS) {
        reals e = load(edge + i);
        reals high = normal_cdf_integral(quotient(add(e, every(w)), every(s)), node);
        reals low = normal_cdf_integral(quotient(sub(e, every(w)), every(s)), node);
        store(integral + i, sub(high, low));
    }
    store(integral + i, every(0)); /* read, not used */
    for (i = 0; i < n; i += REALS) {
        reals rise = sub(load(integral + i + 1), load(integral + i));
        store(share + i, quotient(mul(rise, every(s)), every(2 * w)));
    }
}

/* Share of a Gaussian at y, and of one at -y where there are two, in each of n pixels. */
static inline void line_shares(double *share, const double *edge, int32_t n, double y, bool two, double s,
                               const nodes *node) {
    double cdf[EDGES_CAP], mirrored[EDGES_CAP];
    int32_t i = 0;
    for (; i <= n; i += REALS) {
        reals e = load(edge + i);
        store(cdf + i, normal_cdf(quotient(sub(e, every(y)), every(s)), node));
        if (two)
            store(mirrored + i, normal_cdf(quotient(sub(e, every(-y)), every(s)), node));
    }
    store(cdf + i, every(0)); /* read, not used */
    store(mirrored + i, every(0));
    for (i = 0; i < n; i += REALS) {
        reals one = sub(load(cdf + i + 1), load(cdf + i));
        store(share + i, two ? add(one, sub(load(mirrored + i + 1), load(mirrored + i))) : one);
    }
}

/* out += height * across, of n pixels. */
static inline void add_row(double *out, const double *across, int32_t n, double height) {
    int32_t i = 0;
    for (; i + REALS <= n; i += REALS)
        store(out + i, add(load(out + i), mul(every(height), load(across + i))));
    if (i < n)
        store_first(out + i, add(load_first(out + i, n - i), mul(every(height), load(across + i))), n - i);
}

static void shares_by_strips(double *out, const sv_render_disc *d, double r, const nodes *node) {
    double edge_u[EDGES_CAP], edge_v[EDGES_CAP], across[EDGES_CAP], down[EDGES_CAP], s = d->sigma_px;
    int n = 5 + (int)(5 * r / s);
    make_edges(edge_u, d->width, d->u - 0.5 - d->u_px);
    make_edges(edge_v, d->height, d->v - 0.5 - d->v_px);
    memset(out, 0, (size_t)d->width * (size_t)d->height * sizeof *out);
    for (int k = 1; 2 * k <= n + 1; k++) {
        double sine, cosine;
        sv_sincos(&sine, &cosine, k * SV_PI / (n + 1));
        double area = 2 * r * r * SV_PI / (n + 1) * sine * sine;
        strip_shares(across, edge_u, d->width, r * sine, s, node);
        line_shares(down, edge_v, d->height, r * cosine, 2 * k < n + 1, s, node);
        for (int32_t j = 0; j < d->height; j++)
            add_row(out + (size_t)j * (size_t)d->width, across, d->width, area * down[j]);
    }
}

/* ---- large discs ---- */

static void shares_by_rim(double *out, const sv_render_disc *d, double r, const nodes *node) {
    double s = d->sigma_px, blur2 = s * s + 1.0 / 12, blur = sqrt(blur2), rim = sqrt(r * r - blur2), number[REALS];
    for (int32_t k = 0; k < REALS; k++)
        number[k] = k;
    for (int32_t j = 0; j < d->height; j++) {
        double dv = d->v + j - d->v_px, *row = out + (size_t)j * (size_t)d->width;
        for (int32_t i = 0; i < d->width; i += REALS) {
            reals du = sub(add(every(d->u + i), load(number)), every(d->u_px));
            reals distance = root(add(mul(du, du), every(dv * dv)));
            reals share = normal_cdf(quotient(sub(every(rim), distance), every(blur)), node);
            store_first(row + i, share, d->width - i < REALS ? d->width - i : REALS);
        }
    }
}

/* ---- both ---- */

static void splat(int32_t *level, double *share, const sv_render_disc *disc) {
    const nodes all = make_nodes(), *node = &all;
    double dim = 1, diameter = disc->diameter_px;
    if (diameter > SV_RENDER_DISC_RIM_PX) {
        shares_by_rim(share, disc, 0.5 * diameter, node);
    } else {
        double drawn = diameter > SV_RENDER_DISC_LEAST_PX ? diameter : SV_RENDER_DISC_LEAST_PX;
        shares_by_strips(share, disc, 0.5 * drawn, node);
        dim = diameter / drawn;
    }
    size_t n = (size_t)disc->width * (size_t)disc->height;
    for (size_t i = 0; i < n; i += REALS) {
        int32_t here = n - i < REALS ? (int32_t)(n - i) : REALS;
        reals dimmed = mul(load_first(share + i, here), every(dim * dim));
        store_first(share + i, dimmed, here);
        store_rounded(level + i, mul(every(disc->level), dimmed), here);
    }
}

#endif
