/** check_kernels: every operation at every level of the machine against the C reference, and how fast it is. */
#ifndef TESTS_KERNELS_CHECK_H
#define TESTS_KERNELS_CHECK_H

#include <kernels/kernels.h>

/** Both tables run on the same input; the first difference is described in one line. */
typedef struct check {
    const sv_backend *reference, *level;
    int n_cases;
    int n_failed;
} check;

void check_fail(check *c, const char *operation, const char *what, int width, int height, int bit_depth);

void check_detect_scan(check *c);
void check_detect_learn(check *c);
void check_detect_steep(check *c);
void check_render_sky(check *c);
void check_render_noise(check *c);
void check_render_splat(check *c);
void check_render_rows(check *c);
void check_warp_affine(check *c);
void check_centroid_weak(check *c);
void check_centroid_moments(check *c);
void check_cluster_neighbours(check *c);

/** Timed at 7680 x 4320, one thread: milliseconds of one call over the whole image, and the bytes that it moves. */
typedef struct check_timing {
    double ms, bytes;
} check_timing;

check_timing time_detect_scan(const sv_backend *level, int bit_depth);
check_timing time_detect_learn(const sv_backend *level, int bit_depth);
/** Of every row. */
check_timing time_detect_steep(const sv_backend *level, int bit_depth);
check_timing time_render_sky(const sv_backend *level, int bit_depth);
check_timing time_render_splat(const sv_backend *level, int bit_depth);
check_timing time_render_rows(const sv_backend *level, int bit_depth);
check_timing time_warp_affine(const sv_backend *level, int bit_depth);
/** Of 20,000 candidates. */
check_timing time_centroid_weak(const sv_backend *level, int bit_depth);
/** Of 1792 patches of 23 x 23, six steps and a last look for 256 strong candidates. */
check_timing time_centroid_moments(const sv_backend *level, int bit_depth);
/** Of the rows of an 8K frame with 30,000 hits, each with the two above it. */
check_timing time_cluster_neighbours(const sv_backend *level, int bit_depth);

/** Random numbers of a case: a pure function of what it is called with. */
uint32_t check_random(uint32_t i, uint32_t which);

/** Median of three calls of work(user), in ms. */
double check_time_ms(void (*work)(void *user), void *user);

#endif
