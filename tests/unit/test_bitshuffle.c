/* The pixel encoder: every level gives the same bytes, all that is packed comes back, damage is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <replay/bitshuffle.h>
#include <replay/checksum64.h>
#include <skyvox/rng.h>
#include <stdlib.h>
#include <string.h>

static void fill(uint8_t *data, size_t n, uint64_t stream) {
    for (size_t i = 0; i < n; i++) {
        data[i] = (uint8_t)(sv_rng(7, stream, i) & (i % 3 == 0 ? 0xFF : 0x0F));
    }
}

static void every_level_gives_the_same_planes(void **state) {
    (void)state;
    const sv_bit_planes *scalar = sv_bit_planes_scalar(), *level[] = {sv_bit_planes_avx2(), sv_bit_planes_avx512()};
    if (level[0] == NULL) {
        skip();
    }
    uint8_t in[2 * 8192], a[2 * 8192], b[2 * 8192];
    for (size_t size = 1; size <= 2; size++) {
        for (size_t n = 8; n <= 8192; n += n < 200 ? 8 : 1000 / 8 * 8) {
            fill(in, n * size, n);
            sv_bit_planes_split(scalar, a, in, n, size);
            sv_bit_planes_join(scalar, b, a, n, size);
            assert_memory_equal(b, in, n * size);
            for (int i = 0; i < 2 && level[i] != NULL; i++) {
                sv_bit_planes_split(level[i], b, in, n, size);
                assert_memory_equal(a, b, n * size);
                sv_bit_planes_join(level[i], b, a, n, size);
                assert_memory_equal(b, in, n * size);
            }
        }
    }
}

/* Bit k of byte b of element i stands at bit i of plane 8 b + k. */
static void a_bit_stands_where_the_filter_puts_it(void **state) {
    (void)state;
    uint8_t in[64] = {0}, planes[64];
    in[2 * 11 + 1] = 1 << 3; // element 11 of 32, second byte, bit 3
    sv_bit_planes_split(sv_bit_planes_scalar(), planes, in, 32, 2);
    for (size_t i = 0; i < 64; i++) {
        assert_int_equal(planes[i], i == (8 + 3) * 4 + 1 ? 1 << 3 : 0);
    }
}

/* Kinds of content: mixed, all noise, noise in the low bits alone, one value, noise in the upper half alone. */
enum { N_KINDS = 5 };

static void fill_kind(uint8_t *data, size_t n, uint64_t stream, int kind) {
    static const uint8_t mask[N_KINDS] = {0xFF, 0xFF, 0x07, 0x00, 0xFF};
    fill(data, n, stream);
    for (size_t i = 0; i < n && kind > 0; i++) {
        data[i] = kind == 4 && i < n / 2 ? 0 : (uint8_t)(0x90 ^ (sv_rng(8, stream, i) & mask[kind]));
    }
}

static void all_comes_back(size_t n, size_t size, int kind, sv_team *team) {
    uint8_t *in = malloc(n), *out = malloc(n), *packed = malloc(sv_bitshuffle_bound(n));
    uint8_t *again = malloc(sv_bitshuffle_bound(n));
    size_t n_packed, n_again;
    fill_kind(in, n, n + size, kind);
    assert_int_equal(sv_bitshuffle_encode(packed, &n_packed, in, n, size, NULL), SV_OK);
    assert_int_equal(sv_bitshuffle_encode(again, &n_again, in, n, size, team), SV_OK);
    assert_int_equal(n_packed, n_again);
    assert_memory_equal(packed, again, n_packed);
    assert_true(n_packed <= n + n / 128 + 64);
    assert_int_equal(sv_bitshuffle_decode(out, n, packed, n_packed, size, team), SV_OK);
    assert_memory_equal(in, out, n);
    assert_int_equal(sv_bitshuffle_decode(out, n, packed, n_packed - 1, size, NULL), SV_ERR_INPUT);
    assert_int_equal(sv_bitshuffle_decode(out, n, packed, 5, size, NULL), SV_ERR_INPUT);
    free(in);
    free(out);
    free(packed);
    free(again);
}

static void sizes_and_contents_of_every_kind_come_back(void **state) {
    (void)state;
    static const size_t sizes[] = {2, 6, 16, 34, 4080, 8190, 8192, 8194, 16400, 600000, 1048576 + 38};
    sv_team *team;
    assert_int_equal(sv_team_create(&team, 3), SV_OK);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        for (int kind = 0; kind < N_KINDS; kind++) {
            all_comes_back(sizes[k], 1, kind, team);
            all_comes_back(sizes[k], 2, kind, team);
        }
    }
    sv_team_destroy(team);
}

/* Planes of noise are stored without a search; those above them pack as ever. */
static void noise_in_low_bits_does_not_spoil_the_rest(void **state) {
    (void)state;
    enum { N = 65536 };
    uint8_t *in = malloc(N), *packed = malloc(sv_bitshuffle_bound(N));
    size_t n_packed;
    fill_kind(in, N, 1, 2);
    assert_int_equal(sv_bitshuffle_encode(packed, &n_packed, in, N, 1, NULL), SV_OK);
    assert_true(n_packed >= N * 3 / 8 && n_packed <= N * 3 / 8 + N / 100);
    free(in);
    free(packed);
}

/* Test vectors of the xxHash reference. */
static void the_checksum_is_xxh64(void **state) {
    (void)state;
    assert_true(sv_checksum64(NULL, 0, 0) == 0xEF46DB3751D8E999);
    assert_true(sv_checksum64("a", 1, 0) == 0xD24EC4F1A98C6E5B);
    assert_true(sv_checksum64("abc", 3, 0) == 0x44BC2CF5AD770999);
    const char *text = "Nobody inspects the spammish repetition";
    assert_true(sv_checksum64(text, strlen(text), 0) == 0xFBCEA83C8A378BF1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_gives_the_same_planes),
        cmocka_unit_test(a_bit_stands_where_the_filter_puts_it),
        cmocka_unit_test(sizes_and_contents_of_every_kind_come_back),
        cmocka_unit_test(noise_in_low_bits_does_not_spoil_the_rest),
        cmocka_unit_test(the_checksum_is_xxh64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
