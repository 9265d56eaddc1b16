/* Quaternions, rotations and the basis of a ray. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <skyvox/math.h>
#include <skyvox/rng.h>

enum { N_TRIALS = 20000 };

static sv_quat random_quat(uint64_t i) {
    sv_quat q = {sv_rng_normal(21, 0, i), sv_rng_normal(21, 1, i), sv_rng_normal(21, 2, i), sv_rng_normal(21, 3, i)};
    return sv_quat_unit(q);
}

static sv_vec3 random_vec(uint64_t i, double scale) {
    return sv_vec3_make(scale * sv_rng_normal(22, 0, i), scale * sv_rng_normal(22, 1, i),
                        scale * sv_rng_normal(22, 2, i));
}

static double distance(const sv_mat3 *a, const sv_mat3 *b) {
    double max = 0.0;
    for (int i = 0; i < 9; i++) {
        double d = fabs(a->m[i] - b->m[i]);
        max = d > max ? d : max;
    }
    return max;
}

static const sv_mat3 identity = {{1, 0, 0, 0, 1, 0, 0, 0, 1}};

static void assert_rotation(const sv_mat3 *r) {
    sv_mat3 t = sv_mat3_transpose(r);
    sv_mat3 product = sv_mat3_mul(&t, r);
    assert_true(distance(&product, &identity) < 1e-14);
    sv_vec3 x = sv_vec3_make(r->m[0], r->m[3], r->m[6]);
    sv_vec3 y = sv_vec3_make(r->m[1], r->m[4], r->m[7]);
    sv_vec3 z = sv_vec3_make(r->m[2], r->m[5], r->m[8]);
    assert_true(sv_vec3_dot(sv_vec3_cross(x, y), z) > 0.999);
}

static void a_quarter_turn_about_z_takes_x_to_y(void **state) {
    (void)state;
    sv_quat q = {sqrt(0.5), 0.0, 0.0, sqrt(0.5)};
    sv_mat3 r = sv_mat3_from_quat(q);
    sv_vec3 y = sv_mat3_mul_vec(&r, sv_vec3_make(1.0, 0.0, 0.0));
    assert_true(fabs(y.x) < 1e-15 && fabs(y.y - 1.0) < 1e-15 && y.z == 0.0);
    sv_mat3 same = sv_mat3_from_rotvec(sv_vec3_make(0.0, 0.0, SV_PI / 2));
    assert_true(distance(&r, &same) < 1e-15);
}

static void matrix_and_quaternion_convert_both_ways(void **state) {
    (void)state;
    for (uint64_t i = 0; i < N_TRIALS; i++) {
        sv_quat q = random_quat(i);
        sv_mat3 r = sv_mat3_from_quat(q);
        assert_rotation(&r);
        sv_quat back = sv_quat_from_mat3(&r);
        double dot = q.w * back.w + q.x * back.x + q.y * back.y + q.z * back.z;
        assert_true(fabs(fabs(dot) - 1.0) < 1e-14 && back.w >= 0.0);
        sv_mat3 again = sv_mat3_from_quat(back);
        assert_true(distance(&r, &again) < 1e-14);
    }
}

static void half_turns_convert_too(void **state) {
    (void)state;
    const sv_quat half_turn[] = {{0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}, {0, 0.6, 0.8, 0}, {0, 0, 0.6, -0.8}};
    for (size_t i = 0; i < sizeof half_turn / sizeof *half_turn; i++) {
        sv_mat3 r = sv_mat3_from_quat(half_turn[i]);
        sv_quat back = sv_quat_from_mat3(&r);
        sv_mat3 again = sv_mat3_from_quat(back);
        assert_true(distance(&r, &again) < 1e-15);
    }
}

static void products_of_quaternions_are_products_of_rotations(void **state) {
    (void)state;
    for (uint64_t i = 0; i < N_TRIALS; i++) {
        sv_quat a = random_quat(2 * i), b = random_quat(2 * i + 1);
        sv_mat3 ra = sv_mat3_from_quat(a), rb = sv_mat3_from_quat(b);
        sv_mat3 product = sv_mat3_mul(&ra, &rb);
        sv_mat3 of_product = sv_mat3_from_quat(sv_quat_mul(a, b));
        assert_true(distance(&product, &of_product) < 1e-14);
    }
}

static void transposed_product_undoes_the_product(void **state) {
    (void)state;
    for (uint64_t i = 0; i < N_TRIALS; i++) {
        sv_mat3 r = sv_mat3_from_quat(random_quat(i));
        sv_vec3 v = random_vec(i, 10.0);
        sv_vec3 back = sv_mat3_tmul_vec(&r, sv_mat3_mul_vec(&r, v));
        assert_true(sv_vec3_norm(sv_vec3_sub(back, v)) < 1e-13);
    }
}

static void rotation_vectors_turn_by_their_length(void **state) {
    (void)state;
    for (uint64_t i = 0; i < N_TRIALS; i++) {
        /* From below the series' limit to several turns. */
        sv_vec3 w = random_vec(i, ldexp(1.0, (int)(i % 24) - 22));
        sv_mat3 r = sv_mat3_from_rotvec(w);
        assert_rotation(&r);
        double t = sv_vec3_norm(w);
        sv_vec3 axis = sv_vec3_unit(w);
        double s = sin(0.5 * t);
        sv_mat3 expected = sv_mat3_from_quat((sv_quat){cos(0.5 * t), s * axis.x, s * axis.y, s * axis.z});
        assert_true(distance(&r, &expected) < 2e-15);
    }
    sv_mat3 none = sv_mat3_from_rotvec(sv_vec3_make(0.0, 0.0, 0.0));
    assert_memory_equal(&none, &identity, sizeof none);
}

static void units_are_units_and_zero_stays(void **state) {
    (void)state;
    for (uint64_t i = 0; i < N_TRIALS; i++) {
        assert_true(fabs(sv_vec3_norm(sv_vec3_unit(random_vec(i, 1e6))) - 1.0) < 1e-15);
    }
    sv_vec3 zero = sv_vec3_unit(sv_vec3_make(0.0, 0.0, 0.0));
    assert_true(zero.x == 0.0 && zero.y == 0.0 && zero.z == 0.0);
    sv_quat none = sv_quat_unit((sv_quat){0, 0, 0, 0});
    assert_true(none.w == 1.0 && none.x == 0.0 && none.y == 0.0 && none.z == 0.0);
}

static void ray_basis_is_right_handed_with_a_horizontal_first(void **state) {
    (void)state;
    for (uint64_t i = 0; i < N_TRIALS + 4; i++) {
        sv_vec3 d = sv_vec3_unit(random_vec(i, 1.0));
        bool vertical = i >= N_TRIALS;
        if (vertical) {
            d = sv_vec3_unit(sv_vec3_make(i % 2 == 0 ? 1e-14 : 0.0, 0.0, i < N_TRIALS + 2 ? 1.0 : -1.0));
        }
        sv_vec3 e1, e2;
        sv_ray_basis(&e1, &e2, d);
        assert_true(fabs(sv_vec3_norm(e1) - 1.0) < 1e-15 && fabs(sv_vec3_norm(e2) - 1.0) < 1e-15);
        assert_true(sv_vec3_norm(sv_vec3_sub(sv_vec3_cross(e1, e2), d)) < 1e-15);
        assert_true(vertical || e1.z == 0.0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quarter_turn_about_z_takes_x_to_y),
        cmocka_unit_test(matrix_and_quaternion_convert_both_ways),
        cmocka_unit_test(half_turns_convert_too),
        cmocka_unit_test(products_of_quaternions_are_products_of_rotations),
        cmocka_unit_test(transposed_product_undoes_the_product),
        cmocka_unit_test(rotation_vectors_turn_by_their_length),
        cmocka_unit_test(units_are_units_and_zero_stays),
        cmocka_unit_test(ray_basis_is_right_handed_with_a_horizontal_first),
    };
    return cmocka_run_group_tests_name("quat", tests, NULL, NULL);
}
