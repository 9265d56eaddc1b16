#include <math.h>
#include <sim/flight.h>
#include <sim/steer.h>
#include <skyvox/rng.h>
#include <stdlib.h>
#include <string.h>

/*
 * Steered flights are integrated in chunks of steps. The state at the start of every chunk reached so far is kept, so
 * any time is one chunk of steps away; two chunks are unrolled at once, so that times around a chunk's end stay cheap.
 */
enum { CHUNK_STEPS = 64 };

static const sv_time STEP_NS = 50000000;
static const sv_time LEAD_NS = 1000000000; /* flights begin earlier: true exposures may lie before stamp 0 */
static const double CROSSING_S = 5;        /* when the middle object of a crossing group is at the crossing point */

/* A body that follows way-points of its own. */
typedef struct pilot {
    sv_steer_body body;
    sv_vec3 goal;
    double cruise;
    int32_t steps_left; /* of this leg */
    uint32_t n_draws;
} pilot;

/* A straight line flown to and fro, in closed form. */
typedef struct shuttle {
    sv_vec3 centre, direction;
    double half_m, speed, accel, t_centre;
} shuttle;

typedef struct chunk {
    int64_t number;      /* -1: empty */
    sv_steer_body *body; /* [CHUNK_STEPS + 1][n_pilots] */
} chunk;

typedef struct group {
    sv_flight flight;
    uint64_t seed;
    int32_t i_group, i_first, count;
    sv_steer_limits limits, leader_limits;
    double swarm_radius;
    int32_t n_pilots; /* objects, then the leader of a swarm */
    pilot *pilot;     /* [n_pilots] being integrated */
    sv_vec3 *want;    /* [n_pilots] */
    pilot *start;     /* [n_starts][n_pilots] state at the start of every chunk reached */
    int64_t n_starts, starts_cap;
    chunk chunk[2];
    shuttle *shuttle; /* [count] of a crossing group */
} group;

struct sv_flights {
    group *group;
    int32_t n_groups;
};

static double draw(const group *g, int32_t i, uint32_t counter, double lo, double hi) {
    uint64_t stream = sv_rng_stream(SV_RNG_FLIGHT, sv_flights_stream_index(g->i_group, i));
    return lo + (hi - lo) * sv_rng_uniform(g->seed, stream, counter);
}

/* Anywhere in the limits' box. */
static sv_vec3 draw_place(const group *g, int32_t i, uint32_t *counter, const sv_steer_limits *limits) {
    double x = draw(g, i, (*counter)++, limits->box_min.x, limits->box_max.x);
    double y = draw(g, i, (*counter)++, limits->box_min.y, limits->box_max.y);
    double z = draw(g, i, (*counter)++, limits->box_min.z, limits->box_max.z);
    return sv_vec3_make(x, y, z);
}

/* Goals crowd at the walls (density 1 / sqrt(1 - x^2) per axis), so that the bodies between them fill the box evenly. */
static sv_vec3 draw_goal(const group *g, int32_t i, uint32_t *counter, const sv_steer_limits *limits) {
    sv_vec3 place = {0};
    double *p = &place.x;
    const double *min = &limits->box_min.x, *max = &limits->box_max.x;
    for (int k = 0; k < 3; k++) {
        double s, c;
        sv_sincos(&s, &c, draw(g, i, (*counter)++, 0, SV_PI));
        p[k] = 0.5 * (min[k] + max[k]) + 0.5 * (max[k] - min[k]) * c;
    }
    return place;
}

static void next_leg(const group *g, int32_t i, pilot *p, const sv_steer_limits *limits) {
    p->cruise = draw(g, i, p->n_draws++, limits->speed_lo, limits->speed_hi);
    p->goal = draw_goal(g, i, &p->n_draws, limits);
    /* Twice the straight time, so that a goal that cannot be reached is given up. */
    double leg_s = 5 + 2 * sv_vec3_norm(sv_vec3_sub(p->goal, p->body.p)) / p->cruise;
    p->steps_left = (int32_t)sv_floor_i64(leg_s / SV_STEER_STEP_S);
}

/* A goal counts as reached from where it could lie inside the tightest turn. */
static sv_vec3 follow_goals(const group *g, int32_t i, pilot *p, const sv_steer_limits *limits) {
    double near = 2 * sv_steer_radius(limits, sv_vec3_norm(p->body.v)) + 1;
    if (--p->steps_left < 0 || sv_vec3_norm(sv_vec3_sub(p->goal, p->body.p)) < near)
        next_leg(g, i, p, limits);
    return sv_vec3_scale(sv_vec3_unit(sv_vec3_sub(p->goal, p->body.p)), p->cruise);
}

/* Boids: go with the leader and the neighbours, stay near the leader, keep away from each other. */
static sv_vec3 swarm_wish(const group *g, int32_t i) {
    const sv_steer_body *self = &g->pilot[i].body, *leader = &g->pilot[g->count].body;
    double push_range = 1.5 * g->flight.spacing_m, align_range = 2 * push_range;
    sv_vec3 push = {0}, mean = leader->v;
    int n = 1;
    for (int32_t k = 0; k < g->count; k++) {
        sv_vec3 away = sv_vec3_sub(self->p, g->pilot[k].body.p);
        double dist2 = sv_vec3_dot(away, away);
        if (k == i || dist2 >= align_range * align_range || dist2 == 0)
            continue;
        mean = sv_vec3_add(mean, g->pilot[k].body.v);
        n++;
        double dist = sqrt(dist2);
        if (dist < push_range)
            push = sv_vec3_mad(push, away, (push_range - dist) / dist);
    }
    sv_vec3 wish = sv_vec3_mad(sv_vec3_scale(leader->v, 0.5), mean, 0.5 / n);
    sv_vec3 home = sv_vec3_sub(leader->p, self->p);
    double far = sv_vec3_norm(home);
    if (far > g->swarm_radius)
        wish = sv_vec3_mad(wish, home, 0.3 * (far - g->swarm_radius) / far);
    return sv_vec3_add(wish, push);
}

static void step_group(group *g) {
    bool swarm = g->flight.model == SV_FLIGHT_BOIDS;
    for (int32_t i = 0; i < g->count; i++)
        g->want[i] = swarm ? swarm_wish(g, i) : follow_goals(g, i, &g->pilot[i], &g->limits);
    if (swarm)
        g->want[g->count] = follow_goals(g, g->count, &g->pilot[g->count], &g->leader_limits);
    for (int32_t i = 0; i < g->n_pilots; i++)
        sv_steer_step(&g->pilot[i].body, i < g->count ? &g->limits : &g->leader_limits, g->want[i]);
}

static sv_status no_room(const group *g) {
    return sv_fail(SV_ERR_ARG, "object group %d: the flight's box is too small to turn in at its lowest speed",
                   (int)g->i_group);
}

/* A random place and level heading from which a circle fits. */
static bool draw_start(const group *g, int32_t i, pilot *p, const sv_steer_limits *limits) {
    for (int attempt = 0; attempt < 64; attempt++) {
        double s, c;
        p->body.p = draw_place(g, i, &p->n_draws, limits);
        sv_sincos(&s, &c, draw(g, i, p->n_draws++, -SV_PI, SV_PI));
        double hi = attempt < 32 ? limits->speed_hi : limits->speed_lo;
        p->body.v = sv_vec3_scale(sv_vec3_make(c, s, 0), draw(g, i, p->n_draws++, limits->speed_lo, hi));
        if (sv_steer_find_circle(&p->body, limits))
            return true;
    }
    return false;
}

/* The swarm starts on a cubic lattice about its leader. */
static sv_status start_swarm(group *g) {
    pilot *leader = &g->pilot[g->count];
    if (!draw_start(g, g->count, leader, &g->leader_limits))
        return no_room(g);
    int32_t side = 1;
    while (side * side * side < g->count)
        side++;
    for (int32_t i = 0; i < g->count; i++) {
        sv_vec3 cell = sv_vec3_make(i % side, i / side % side, i / (side * side));
        double mid = 0.5 * (side - 1), pitch = 1.3 * g->flight.spacing_m;
        sv_vec3 offset = sv_vec3_scale(sv_vec3_sub(cell, sv_vec3_make(mid, mid, mid)), pitch);
        g->pilot[i].body.p = sv_vec3_add(leader->body.p, offset);
        g->pilot[i].body.v = leader->body.v;
        if (!sv_steer_find_circle(&g->pilot[i].body, &g->limits))
            return no_room(g);
    }
    next_leg(g, g->count, leader, &g->leader_limits);
    return SV_OK;
}

static sv_status start_pilots(group *g) {
    g->limits = sv_steer_limits_make(&g->flight, 1, 0);
    if (g->flight.model == SV_FLIGHT_BOIDS) {
        /* The leader uses half of what its followers can do, and keeps their room to the walls. */
        sv_flight calm = g->flight;
        double quarter = 0.25 * (calm.speed_max_mps - calm.speed_min_mps);
        calm.speed_min_mps += quarter;
        calm.speed_max_mps -= quarter;
        g->swarm_radius = g->flight.spacing_m * sv_pow(g->count, 1.0 / 3);
        double margin = g->swarm_radius + sv_steer_radius(&g->limits, calm.speed_max_mps);
        g->leader_limits = sv_steer_limits_make(&calm, 0.5, margin);
        return start_swarm(g);
    }
    for (int32_t i = 0; i < g->count; i++) {
        if (!draw_start(g, i, &g->pilot[i], &g->limits))
            return no_room(g);
        next_leg(g, i, &g->pilot[i], &g->limits);
    }
    return SV_OK;
}

/* Distance from the middle of the box to its wall along d. */
static double half_length(const sv_flight *flight, sv_vec3 d) {
    sv_vec3 half = sv_vec3_scale(sv_vec3_sub(flight->box_max_m, flight->box_min_m), 0.5);
    const double *h = &half.x, *a = &d.x;
    double shortest = 1e300;
    for (int k = 0; k < 3; k++) {
        double reach = a[k] != 0 ? h[k] / fabs(a[k]) : 1e300;
        if (reach < shortest)
            shortest = reach;
    }
    return shortest;
}

static void start_shuttle(group *g, int32_t i) {
    shuttle *line = &g->shuttle[i];
    double s, c, rise = draw(g, i, 1, -0.1, 0.1);
    sv_sincos(&s, &c, draw(g, i, 0, -SV_PI, SV_PI));
    line->direction = sv_vec3_unit(sv_vec3_make(c, s, rise));
    line->centre = sv_vec3_scale(sv_vec3_add(g->flight.box_min_m, g->flight.box_max_m), 0.5);
    line->half_m = half_length(&g->flight, line->direction);
    line->accel = g->flight.accel_mps2;
    /* Turning round takes speed^2 / (2 accel) of the way: at most half of it. */
    double fastest = sqrt(line->accel * line->half_m);
    double speed = draw(g, i, 2, g->flight.speed_min_mps, g->flight.speed_max_mps);
    line->speed = speed < fastest ? speed : fastest;
    line->t_centre = CROSSING_S + (i - g->count / 2) * g->flight.spacing_m / line->speed;
}

/* Quarter period: cruise from the middle, then brake to a stand at the end; mirrored in time and place for the rest. */
static void shuttle_at(sv_vec3 *p, sv_vec3 *v, const shuttle *line, double t) {
    double brake_s = line->speed / line->accel, cruise_m = line->half_m - 0.5 * line->speed * brake_s;
    double cruise_s = cruise_m / line->speed, quarter = cruise_s + brake_s;
    double phase = (t - line->t_centre) / (4 * quarter);
    double x = 4 * (phase - floor(phase)); /* quarters since the middle */
    double sign = x < 2 ? 1 : -1, back = x >= 2 ? x - 2 : x;
    double sense = back > 1 ? -1 : 1, s = quarter * (back > 1 ? 2 - back : back);
    double brake = s > cruise_s ? s - cruise_s : 0;
    double way = line->speed * s - 0.5 * line->accel * brake * brake;
    *p = sv_vec3_mad(line->centre, line->direction, sign * way);
    *v = sv_vec3_scale(line->direction, sign * sense * (line->speed - line->accel * brake));
}

static sv_status create_group(group *g) {
    if (!(g->flight.accel_mps2 > 0) || !(g->flight.speed_max_mps > 0))
        return sv_fail(SV_ERR_ARG, "object group %d: speed and acceleration must be above zero", (int)g->i_group);
    if (g->flight.model == SV_FLIGHT_CROSSING) {
        g->shuttle = calloc((size_t)g->count + 1, sizeof *g->shuttle);
        if (!g->shuttle)
            return sv_fail(SV_ERR_NOMEM, "out of memory for flights");
        for (int32_t i = 0; i < g->count; i++)
            start_shuttle(g, i);
        return SV_OK;
    }
    g->n_pilots = g->count + (g->flight.model == SV_FLIGHT_BOIDS);
    size_t n = (size_t)g->n_pilots + 1;
    g->pilot = calloc(n, sizeof *g->pilot);
    g->want = calloc(n, sizeof *g->want);
    g->starts_cap = 16;
    g->start = calloc(n * (size_t)g->starts_cap, sizeof *g->start);
    for (int k = 0; k < 2; k++) {
        g->chunk[k].number = -1;
        g->chunk[k].body = calloc(n * (CHUNK_STEPS + 1), sizeof *g->chunk[k].body);
    }
    if (!g->pilot || !g->want || !g->start || !g->chunk[0].body || !g->chunk[1].body)
        return sv_fail(SV_ERR_NOMEM, "out of memory for flights");
    sv_status status = start_pilots(g);
    memcpy(g->start, g->pilot, (size_t)g->n_pilots * sizeof *g->start);
    g->n_starts = 1;
    return status;
}

sv_status sv_flights_create(sv_flights **out, const sv_scenario *scenario) {
    *out = NULL;
    sv_flights *flights = calloc(1, sizeof *flights);
    group *groups = calloc((size_t)scenario->n_groups + 1, sizeof *groups);
    if (!flights || !groups) {
        free(flights);
        free(groups);
        return sv_fail(SV_ERR_NOMEM, "out of memory for flights");
    }
    flights->group = groups;
    int32_t i_first = 0;
    for (int32_t k = 0; k < scenario->n_groups; k++) {
        group *g = &groups[flights->n_groups++];
        g->flight = scenario->group[k].flight;
        g->seed = scenario->seed;
        g->i_group = k;
        g->i_first = i_first;
        g->count = scenario->group[k].count;
        i_first += g->count;
        sv_status status = create_group(g);
        if (status != SV_OK) {
            sv_flights_destroy(flights);
            return status;
        }
    }
    *out = flights;
    return SV_OK;
}

void sv_flights_destroy(sv_flights *flights) {
    if (!flights)
        return;
    for (int32_t k = 0; k < flights->n_groups; k++) {
        group *g = &flights->group[k];
        free(g->pilot);
        free(g->want);
        free(g->start);
        free(g->chunk[0].body);
        free(g->chunk[1].body);
        free(g->shuttle);
    }
    free(flights->group);
    free(flights);
}

/* Integrate one chunk from its start and keep the start of the next. */
static sv_status unroll(group *g, int64_t number) {
    size_t n = (size_t)g->n_pilots;
    chunk *c = &g->chunk[number & 1];
    c->number = number;
    memcpy(g->pilot, g->start + (size_t)number * n, n * sizeof *g->pilot);
    for (int k = 0; k <= CHUNK_STEPS; k++) {
        if (k > 0)
            step_group(g);
        for (size_t i = 0; i < n; i++)
            c->body[(size_t)k * n + i] = g->pilot[i].body;
    }
    if (number + 1 < g->n_starts)
        return SV_OK;
    if (g->n_starts == g->starts_cap) {
        pilot *bigger = realloc(g->start, 2 * (size_t)g->starts_cap * (n + 1) * sizeof *bigger);
        if (!bigger)
            return sv_fail(SV_ERR_NOMEM, "out of memory for flights");
        g->start = bigger;
        g->starts_cap *= 2;
    }
    memcpy(g->start + (size_t)g->n_starts * n, g->pilot, n * sizeof *g->pilot);
    g->n_starts++;
    return SV_OK;
}

static int64_t step_of(sv_time t) {
    return t + LEAD_NS > 0 ? (t + LEAD_NS) / STEP_NS : 0;
}

sv_status sv_flights_prepare(sv_flights *flights, sv_time t_begin, sv_time t_end) {
    for (int32_t k = 0; k < flights->n_groups; k++) {
        group *g = &flights->group[k];
        if (g->flight.model == SV_FLIGHT_CROSSING)
            continue;
        int64_t first = step_of(t_begin) / CHUNK_STEPS, last = step_of(t_end) / CHUNK_STEPS;
        while (g->n_starts <= last) {
            sv_status status = unroll(g, g->n_starts - 1);
            if (status != SV_OK)
                return status;
        }
        for (int64_t c = first; c <= last; c++) {
            sv_status status = g->chunk[c & 1].number == c ? SV_OK : unroll(g, c);
            if (status != SV_OK)
                return status;
        }
    }
    return SV_OK;
}

void sv_flights_at(sv_vec3 *p_w, sv_vec3 *v_w, const sv_flights *flights, int32_t i_object, sv_time t) {
    int32_t k = flights->n_groups - 1;
    while (k > 0 && i_object < flights->group[k].i_first)
        k--;
    const group *g = &flights->group[k];
    int32_t i = i_object - g->i_first;
    if (g->flight.model == SV_FLIGHT_CROSSING) {
        shuttle_at(p_w, v_w, &g->shuttle[i], sv_time_to_s(t));
        return;
    }
    int64_t step = step_of(t);
    const chunk *c = &g->chunk[step / CHUNK_STEPS & 1];
    const sv_steer_body *a = &c->body[step % CHUNK_STEPS * g->n_pilots + i], *b = a + g->n_pilots;
    double tau = sv_time_to_s(t + LEAD_NS - step * STEP_NS);
    sv_vec3 accel = sv_vec3_scale(sv_vec3_sub(b->v, a->v), 1 / SV_STEER_STEP_S);
    *v_w = sv_vec3_mad(a->v, accel, tau);
    *p_w = sv_vec3_mad(sv_vec3_mad(a->p, a->v, tau), accel, 0.5 * tau * tau);
}
