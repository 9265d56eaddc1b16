#include <math.h>
#include <sim/steer.h>

/* Room left to the walls: the parabola of a step strays from the circle through its ends by millimetres. */
static const double WALL_M = 0.05;

static double clamp(double x, double lo, double hi) {
    return x < lo ? lo : x > hi ? hi : x;
}

sv_steer_limits sv_steer_limits_make(const sv_flight *flight, double accel_share, double margin_m) {
    double accel = flight->accel_mps2 * accel_share;
    /* The velocity of a step runs along a chord no longer than accel * step: its middle dips by Pythagoras. */
    double half_chord = 0.5 * accel * SV_STEER_STEP_S;
    double lo = sqrt(flight->speed_min_mps * flight->speed_min_mps + half_chord * half_chord);
    sv_steer_limits limits = {.box_min = flight->box_min_m,
                              .box_max = flight->box_max_m,
                              .speed_lo = lo < flight->speed_max_mps ? lo : flight->speed_max_mps,
                              .speed_hi = flight->speed_max_mps,
                              .accel_side = 0.8 * accel,
                              .accel_along = 0.6 * accel};
    double *min = &limits.box_min.x, *max = &limits.box_max.x;
    for (int i = 0; i < 3; i++) {
        double most = 0.45 * (max[i] - min[i]);
        double margin = margin_m < most ? margin_m : most;
        min[i] += margin;
        max[i] -= margin;
    }
    return limits;
}

/* Half the angle by which the velocity turns in a step of the tightest turn. */
static double half_turn(const sv_steer_limits *limits, double speed) {
    return 0.5 * limits->accel_side * SV_STEER_STEP_S / speed;
}

/* The ends of steps of a constant turn lie on one circle: chord = speed * step * cos(h), radius = chord / (2 sin h). */
double sv_steer_radius(const sv_steer_limits *limits, double speed) {
    double s, c;
    sv_sincos(&s, &c, half_turn(limits, speed));
    return speed * SV_STEER_STEP_S * c / (2 * s);
}

static bool circle_fits(sv_vec3 centre, sv_vec3 normal, double radius, const sv_steer_limits *limits) {
    const double *c = &centre.x, *m = &normal.x, *min = &limits->box_min.x, *max = &limits->box_max.x;
    for (int i = 0; i < 3; i++) {
        double flat = 1 - m[i] * m[i];
        double reach = radius * sqrt(flat > 0 ? flat : 0) + WALL_M;
        if (c[i] - reach < min[i] || c[i] + reach > max[i])
            return false;
    }
    return true;
}

bool sv_steer_find_circle(sv_steer_body *body, const sv_steer_limits *limits) {
    double speed = sv_vec3_norm(body->v), radius = sv_steer_radius(limits, speed);
    sv_vec3 d = sv_vec3_scale(body->v, 1 / speed), e1, e2;
    sv_ray_basis(&e1, &e2, d);
    sv_vec3 inward = sv_vec3_sub(sv_vec3_scale(sv_vec3_add(limits->box_min, limits->box_max), 0.5), body->p);

    /* Eight planes around the velocity; of the circles that fit, the one that leads most inward. */
    static const double eight[8][2] = {{1, 0},     {-1, 0},     {0, 1},      {0, -1},
                                       {0.6, 0.8}, {0.6, -0.8}, {-0.6, 0.8}, {-0.6, -0.8}};
    bool found = false;
    double best = 0;
    for (int i = 0; i < 8; i++) {
        sv_vec3 side = sv_vec3_mad(sv_vec3_scale(e1, eight[i][0]), e2, eight[i][1]);
        double lead = sv_vec3_dot(side, inward);
        if (found && lead <= best)
            continue;
        if (!circle_fits(sv_vec3_mad(body->p, side, radius), sv_vec3_cross(d, side), radius, limits))
            continue;
        body->side = side;
        best = lead;
        found = true;
    }
    return found;
}

/* Direction d turned towards `to` by at most max_angle. */
static sv_vec3 turn_towards(sv_vec3 d, sv_vec3 to, double max_angle) {
    double along = sv_vec3_dot(d, to);
    sv_vec3 across = sv_vec3_mad(to, d, -along);
    double n = sv_vec3_norm(across);
    if (n < 1e-9) {
        if (along > 0)
            return d;
        sv_vec3 e2;
        sv_ray_basis(&across, &e2, d);
        n = 1;
    }
    double angle = sv_atan2(n, along), s, c;
    sv_sincos(&s, &c, angle < max_angle ? angle : max_angle);
    return sv_vec3_unit(sv_vec3_mad(sv_vec3_scale(d, c), across, s / n));
}

static void move(sv_steer_body *body, sv_vec3 v) {
    body->p = sv_vec3_mad(body->p, sv_vec3_add(body->v, v), 0.5 * SV_STEER_STEP_S);
    body->v = v;
}

/* One step towards direction `to` and speed `want`. |dv|^2 <= (s' - s)^2 + s s' angle^2: the shares stay within the limit. */
static sv_steer_body try_step(const sv_steer_body *body, const sv_steer_limits *limits, sv_vec3 to, double want) {
    double speed = sv_vec3_norm(body->v), most = limits->accel_along * SV_STEER_STEP_S;
    double next = clamp(clamp(want, speed - most, speed + most), limits->speed_lo, limits->speed_hi);
    double max_angle = limits->accel_side * SV_STEER_STEP_S / sqrt(speed * next);
    sv_vec3 d = turn_towards(sv_vec3_scale(body->v, 1 / speed), to, max_angle);
    sv_steer_body tried = *body;
    move(&tried, sv_vec3_scale(d, next));
    return tried;
}

void sv_steer_step(sv_steer_body *body, const sv_steer_limits *limits, sv_vec3 want_v) {
    double speed = sv_vec3_norm(body->v), want = sv_vec3_norm(want_v);
    sv_vec3 d = sv_vec3_scale(body->v, 1 / speed), to = want > 0 ? sv_vec3_scale(want_v, 1 / want) : d;

    /* The wish, or else its direction while braking: whatever leaves a way to turn inside the box. */
    for (int attempt = 0; attempt < 2; attempt++) {
        sv_steer_body tried = try_step(body, limits, to, attempt == 0 ? want : 0);
        if (sv_steer_find_circle(&tried, limits)) {
            *body = tried;
            return;
        }
    }
    /* Neither does: fly one step of the circle that is known to fit. */
    double s, c;
    sv_sincos(&s, &c, 2 * half_turn(limits, speed));
    sv_vec3 side = body->side;
    body->side = sv_vec3_unit(sv_vec3_mad(sv_vec3_scale(side, c), d, -s));
    move(body, sv_vec3_scale(sv_vec3_unit(sv_vec3_mad(sv_vec3_scale(d, c), side, s)), speed));
}
