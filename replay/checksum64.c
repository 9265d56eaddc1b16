#include <replay/checksum64.h>

#include <string.h>

static const uint64_t P1 = 0x9E3779B185EBCA87, P2 = 0xC2B2AE3D27D4EB4F, P3 = 0x165667B19E3779F9,
                      P4 = 0x85EBCA77C2B2AE63, P5 = 0x27D4EB2F165667C5;

static uint64_t rotated(uint64_t x, int n) {
    return x << n | x >> (64 - n);
}

static uint64_t load64(const uint8_t *p) {
    uint64_t x;
    memcpy(&x, p, sizeof x);
    return x;
}

static uint64_t load32(const uint8_t *p) {
    uint32_t x;
    memcpy(&x, p, sizeof x);
    return x;
}

static uint64_t round64(uint64_t lane, uint64_t input) {
    return rotated(lane + input * P2, 31) * P1;
}

static uint64_t merged(uint64_t h, uint64_t lane) {
    return (h ^ round64(0, lane)) * P1 + P4;
}

/* Four lanes of eight bytes; *p ends below 32 bytes before the end. */
static uint64_t stripes(const uint8_t **p, const uint8_t *end, uint64_t seed) {
    uint64_t a = seed + P1 + P2, b = seed + P2, c = seed, d = seed - P1;
    for (; end - *p >= 32; *p += 32) {
        a = round64(a, load64(*p));
        b = round64(b, load64(*p + 8));
        c = round64(c, load64(*p + 16));
        d = round64(d, load64(*p + 24));
    }
    uint64_t h = rotated(a, 1) + rotated(b, 7) + rotated(c, 12) + rotated(d, 18);
    return merged(merged(merged(merged(h, a), b), c), d);
}

uint64_t sv_checksum64(const void *data, size_t n, uint64_t seed) {
    const uint8_t *p = data;
    if (n == 0) {
        p = (const uint8_t *)""; /* NULL is allowed then */
    }
    const uint8_t *end = p + n;
    uint64_t h = n >= 32 ? stripes(&p, end, seed) : seed + P5;
    h += n;
    for (; end - p >= 8; p += 8) {
        h = rotated(h ^ round64(0, load64(p)), 27) * P1 + P4;
    }
    if (end - p >= 4) {
        h = rotated(h ^ (load32(p) * P1), 23) * P2 + P3;
        p += 4;
    }
    for (; p < end; p++) {
        h = rotated(h ^ (*p * P5), 11) * P1;
    }
    h = (h ^ h >> 33) * P2;
    h = (h ^ h >> 29) * P3;
    return h ^ h >> 32;
}
