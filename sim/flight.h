/** Flights: where every object is at any time, the same for any order of asking. docs/MATH.md 6.1. */
#ifndef SIM_FLIGHT_H
#define SIM_FLIGHT_H

#include <formats/scenario.h>

typedef struct sv_flights sv_flights;

/** Objects of all groups, group after group: index of an object = objects before its group + its number in the group. */
sv_status sv_flights_create(sv_flights **out, const sv_scenario *scenario);
void sv_flights_destroy(sv_flights *flights);

/** Make the times t_begin..t_end readable (at most 3 s apart, not before -1 s). Errors: SV_ERR_NOMEM. */
sv_status sv_flights_prepare(sv_flights *flights, sv_time t_begin, sv_time t_end);

/** Position and velocity of one object at a prepared time; safe from many threads. */
void sv_flights_at(sv_vec3 *p_w, sv_vec3 *v_w, const sv_flights *flights, int32_t i_object, sv_time t);

/** Random stream of object i of group i_group: the same object whatever other groups hold. */
static inline uint32_t sv_flights_stream_index(int32_t i_group, int32_t i) {
    return (uint32_t)i_group << 20 | (uint32_t)i;
}

#endif
