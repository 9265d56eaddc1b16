/* Any bytes as the packed pixels of an image: the first byte gives the element size, two more the number of elements. */
#include <replay/bitshuffle.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was unpacked must come back from our own packing. */
static void check_round_trip(const uint8_t *pixels, size_t n, size_t element_size) {
    uint8_t *packed = malloc(sv_bitshuffle_bound(n)), *again = malloc(n + 1);
    size_t n_packed;
    if (packed == NULL || again == NULL ||
        sv_bitshuffle_encode(packed, &n_packed, pixels, n, element_size, NULL) != SV_OK ||
        sv_bitshuffle_decode(again, n, packed, n_packed, element_size, NULL) != SV_OK ||
        memcmp(again, pixels, n) != 0) {
        abort();
    }
    free(packed);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3) {
        return 0;
    }
    size_t element_size = 1 + (data[0] & 1u), n = (data[1] | (size_t)data[2] << 8) * element_size;
    uint8_t *packed = malloc(size - 2), *pixels = calloc(n + 1, 1);
    if (packed != NULL && pixels != NULL) {
        memcpy(packed, data + 3, size - 3);
        if (sv_bitshuffle_decode(pixels, n, packed, size - 3, element_size, NULL) == SV_OK) {
            check_round_trip(pixels, n, element_size);
        }
    }
    free(packed);
    free(pixels);
    return 0;
}
