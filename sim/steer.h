/** A body that is steered in fixed steps and never breaks its limits of speed, acceleration and space. */
#ifndef SIM_STEER_H
#define SIM_STEER_H

#include <formats/scenario.h>
#include <skyvox/math.h>

/** Step of the integration; the acceleration is constant within a step. */
#define SV_STEER_STEP_S 0.05

typedef struct sv_steer_limits {
    sv_vec3 box_min, box_max;
    double speed_lo, speed_hi;      /* at step ends; in between the speed dips no lower than the flight's minimum */
    double accel_side, accel_along; /* their root sum of squares is the flight's limit */
} sv_steer_limits;

typedef struct sv_steer_body {
    sv_vec3 p, v;
    sv_vec3 side; /* unit, normal to v: towards the centre of a full circle that lies inside the box */
} sv_steer_body;

/** Limits of a flight with a share of its acceleration, its box shrunk by margin_m on all sides (never to less than a tenth). */
sv_steer_limits sv_steer_limits_make(const sv_flight *flight, double accel_share, double margin_m);

/** Radius of the tightest turn at this speed. */
double sv_steer_radius(const sv_steer_limits *limits, double speed);

/** Look for a circle through the body's state inside the box and keep it in `side`. False when there is none. */
bool sv_steer_find_circle(sv_steer_body *body, const sv_steer_limits *limits);

/** One step towards the wanted velocity as far as the limits allow. The body must have its circle. */
void sv_steer_step(sv_steer_body *body, const sv_steer_limits *limits, sv_vec3 want_v);

#endif
