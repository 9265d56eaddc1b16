/** Constant-velocity Kalman filter in 3D with 2D bearing and 3D point updates. docs/MATH.md 5. */
#ifndef CORE_TRACK_KALMAN_H
#define CORE_TRACK_KALMAN_H

#include <skyvox/types.h>

/** State (p, v) at a time. */
typedef struct sv_kalman {
    sv_time t;
    double x[6];  /* m, m/s */
    double P[36]; /* row-major */
} sv_kalman;

/** A linearised measurement of the position: m rows of innovation z, Jacobian H = d h / d p, noise R. */
typedef struct sv_measurement {
    int m;          /* 2 or 3 */
    double z[3];    /* measured minus predicted */
    double H[9];    /* m x 3 */
    double R[9];    /* m x m */
    double S[9];    /* m x m innovation covariance, filled by sv_kalman_innovation */
    double d2;      /* z^T S^-1 z */
    double log_det; /* of S */
} sv_measurement;

/** Birth at a point with unknown velocity. cov as sv_point.cov_m2. */
void sv_kalman_init(sv_kalman *k, sv_time t, sv_vec3 p_w, const double cov_m2[6], double speed_sigma_mps);

/** Carry the state to time t (backwards without noise). */
void sv_kalman_predict(sv_kalman *k, sv_time t, double accel_psd);

/** Position and its covariance [9] at time t, the state untouched. */
void sv_kalman_peek(sv_vec3 *p_w, double cov[9], const sv_kalman *k, sv_time t, double accel_psd);

/**
 * Bearing innovation of a ray against a predicted position.
 *
 *   v_w           in  velocity, for the error that the time stamp's uncertainty makes
 *   sigma_time_s  in
 *
 * Errors: SV_ERR_DEGENERATE (behind the camera).
 */
sv_status sv_kalman_bearing(sv_measurement *out, const sv_ray *ray, sv_vec3 p_w, sv_vec3 v_w, double sigma_time_s);

/** Innovation of a 3D point. */
void sv_kalman_point(sv_measurement *out, const sv_point *point, sv_vec3 p_w);

/** S, d2 and log_det for a position covariance [9]. Errors: SV_ERR_DEGENERATE. */
sv_status sv_kalman_innovation(sv_measurement *measurement, const double cov[9]);

/** Correct the state, which must be at the measurement's time; S must be filled. */
void sv_kalman_update(sv_kalman *k, const sv_measurement *measurement);

/** Largest standard deviation of the position, m. */
double sv_kalman_position_sigma(const sv_kalman *k);

#endif
