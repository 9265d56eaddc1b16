/*
 * Clear sky and clouds at nodes, in vectors: the same integers as sky() of render_scalar.c. A file that includes this has
 * given it `lanes`, LANES and the operations on them.
 */
#ifndef KERNELS_CPU_SKY_LANES_H
#define KERNELS_CPU_SKY_LANES_H

#include <skyvox/render_ops.h>
#include <string.h>

/* What stays the same from node to node. */
typedef struct sky_map {
    const uint16_t *density;
    lanes drift, shift, fraction, columns, last_column, last_row, level_high, level_low;
} sky_map;

static inline sky_map sky_map_of(const sv_render_clouds *clouds) {
    int32_t columns = 1 << clouds->bits;
    return (sky_map){.density = clouds->density,
                     .drift = every((int32_t)clouds->drift),
                     .shift = every(32 - clouds->bits),
                     .fraction = every(24 - clouds->bits),
                     .columns = every(columns),
                     .last_column = every(columns - 1),
                     .last_row = every((columns >> 2) - 1),
                     .level_high = every(clouds->level >> 16),
                     .level_low = every(clouds->level & 0xffff)};
}

/* a at f = 0 to b at f = 256, numbers of 0..65535: differences below 0 wrap and wrap back. */
static inline lanes mix_density(lanes a, lanes b, lanes f) {
    return SHIFT(add(SHIFT_LEFT(a, 8), mul(sub(b, a), f)), 8);
}

/* Where lanes lie in the map: columns and rows of the densities around them, 1/256 of the way between. */
typedef struct sky_place {
    lanes column, row, next, across, down;
} sky_place;

static inline sky_place sky_place_of(lanes azimuth, lanes elevation, const sky_map *map) {
    lanes a = add(azimuth, map->drift), low_byte = every(255);
    lanes row = least(shift_by(elevation, map->shift), map->last_row);
    return (sky_place){.column = shift_by(a, map->shift),
                       .row = row,
                       .next = least(add(row, every(1)), map->last_row),
                       .across = bit_and(shift_by(a, map->fraction), low_byte),
                       .down = bit_and(shift_by(elevation, map->fraction), low_byte)};
}

/* Neighbouring nodes mostly lie in one row of the map and in few columns: all they need is LANES + 1 densities of two rows. */
static inline bool density_near(lanes *density, const sky_map *map, const sky_place *p) {
    int32_t column = first_of(p->column), row = first_of(p->row), columns = first_of(map->columns);
    lanes at = sub(p->column, every(column)), other_row = SHIFT_LEFT(bit_xor(p->row, every(row)), 4);
    if (column + LANES >= columns || !can_pick(bit_or(at, other_row)))
        return false;
    const uint16_t *top = map->density + (size_t)row * (size_t)columns + column;
    const uint16_t *low = map->density + (size_t)first_of(p->next) * (size_t)columns + column;
    *density = mix_density(mix_density(pick(load_u16(top), at), pick(load_u16(top + 1), at), p->across),
                           mix_density(pick(load_u16(low), at), pick(load_u16(low + 1), at), p->across), p->down);
    return true;
}

/*
 * Any places along one row of the map each, two densities a read. The last column has its right neighbour in the first one:
 * its pair is read a column before and moved, and the neighbour is fetched where a lane needs it.
 */
static inline lanes density_along(const sky_map *map, const sky_place *p, lanes row) {
    lanes late = most(sub(p->column, sub(map->last_column, every(1))), every(0)); /* 1 in the last column */
    lanes begin = SHIFT_LEFT(mul(row, map->columns), 1), word = every(0xffff);
    lanes pair = gather_bytes(map->density, add(begin, SHIFT_LEFT(sub(p->column, late), 1)));
    lanes left = bit_and(shift_by(pair, SHIFT_LEFT(late, 4)), word), right = SHIFT(pair, 16);
    if (any(late))
        right = choose(late, bit_and(gather_bytes(map->density, begin), word), right);
    return mix_density(left, right, p->across);
}

static inline lanes sky_at(lanes clear, lanes azimuth, lanes elevation, const sky_map *map) {
    const sky_place p = sky_place_of(azimuth, elevation, map);
    lanes density;
    if (!density_near(&density, map, &p))
        density = mix_density(density_along(map, &p, p.row), density_along(map, &p, p.next), p.down);
    /* density * level / 2^16, rounded down, from the halves of the level: the lower product is unsigned. */
    return add(clear, add(mul(density, map->level_high), SHIFT(mul(density, map->level_low), 16)));
}

static void sky(int32_t *out, const int32_t *clear, const uint32_t *azimuth, const uint32_t *elevation, size_t n,
                const sv_render_clouds *clouds) {
    const sky_map map = sky_map_of(clouds);
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        lanes a = load((const int32_t *)azimuth + i), e = load((const int32_t *)elevation + i);
        store(out + i, sky_at(load(clear + i), a, e, &map));
    }
    if (i < n) {
        int32_t last[3][LANES] = {0};
        size_t bytes = (n - i) * sizeof *out;
        memcpy(last[0], clear + i, bytes);
        memcpy(last[1], azimuth + i, bytes);
        memcpy(last[2], elevation + i, bytes);
        store(last[0], sky_at(load(last[0]), load(last[1]), load(last[2]), &map));
        memcpy(out + i, last[0], bytes);
    }
}

#endif
