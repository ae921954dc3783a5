// How one occupant stands to one request (arbitration contract, check 5), and what a situation must
// fulfil.
//
// Thread rule: free functions without state.
#pragma once

#include <cstdint>

#include "arbiter/decision.h"
#include "arbiter/situation.h"

namespace openavail::arbiter {

// Whether it counts for anything: not without length, nor a hold whose time is over.
inline bool takes_part(const Occupant& occupant, Instant now) {
  if (occupant.interval.empty()) return false;
  return occupant.kind != OccupantKind::hold || now < occupant.until;
}

enum class Standing : std::uint8_t {
  absent,         // takes no part
  blocks,         // NO_CAPACITY
  sacred,         // SACRED_MEETING
  needs_preempt,  // PERMISSION_DENIED_PREEMPT
  displaceable,
};

Standing standing_of(const Occupant& occupant, const Situation& situation);

// Whether its minutes count for the daily cap: our bookings and timed external events.
inline bool counts_for_cap(const Occupant& occupant) {
  return occupant.kind == OccupantKind::booking ||
         (occupant.kind == OccupantKind::external && !occupant.all_day);
}

// Whether soft penalties see it: everything but all-day events.
inline bool is_neighbour(const Occupant& occupant) {
  return occupant.kind != OccupantKind::external || !occupant.all_day;
}

// What is wrong with a situation, as a sentence; null when it can be judged.
const char* defect_of(const Situation& situation);

inline bool is_window_hold(const Request& request) {
  return request.kind == RequestKind::hold && request.duration.has_value();
}

// The duration that is asked for: of the window's content, or of the interval itself.
inline Millis wanted_duration(const Request& request) {
  return request.duration.value_or(request.interval.length());
}

}  // namespace openavail::arbiter
