#include "arbiter/standing.h"

#include <cstddef>
#include <tuple>

namespace openavail::arbiter {

bool canonical_before(const Occupant& a, const Occupant& b) {
  if (a.interval != b.interval) return a.interval < b.interval;
  return std::tie(a.kind, a.booking_id, a.hold_id, a.all_day) <
         std::tie(b.kind, b.booking_id, b.hold_id, b.all_day);
}

Standing standing_of(const Occupant& occupant, const Situation& situation) {
  if (!takes_part(occupant, situation.now)) return Standing::absent;
  if (occupant.kind != OccupantKind::booking) return Standing::blocks;
  if (occupant.meeting_class.tier >= situation.request.meeting_class.tier) return Standing::blocks;
  const auto& age_hours = situation.rules.sacred_meeting_age_hours;
  const bool old =
      age_hours && situation.now - occupant.committed_at >= std::chrono::hours(*age_hours);
  if (occupant.meeting_class.policy == policy::PreemptPolicy::protected_ || old) {
    return Standing::sacred;
  }
  return situation.request.may_preempt ? Standing::displaceable : Standing::needs_preempt;
}

const char* defect_of(const Situation& situation) {
  const policy::ResolvedRules& rules = situation.rules;
  const Request& request = situation.request;
  if (rules.local_days.empty()) return "there are no local days";
  for (std::size_t i = 0; i < rules.local_days.size(); ++i) {
    if (rules.local_days[i].empty()) return "a local day is empty";
    if (i > 0 && rules.local_days[i].start != rules.local_days[i - 1].end) {
      return "the local days are not contiguous";
    }
  }
  const Interval days{rules.local_days.front().start, rules.local_days.back().end};
  if (!days.contains(situation.horizon.interval)) return "the local days don't cover the horizon";
  if (request.interval.empty()) return "the requested interval is empty";
  if (!situation.horizon.interval.contains(request.interval)) {
    return "the request lies outside the horizon";
  }
  if (request.kind == RequestKind::search && !request.duration) return "a search needs a duration";
  if (request.duration && *request.duration <= Millis{0}) return "the duration is not positive";
  if (request.lookahead < Millis{0}) return "the lookahead is negative";
  if (request.results_wanted < 1) return "no results are wanted";
  if (rules.slot_interval_minutes < 1 || 1440 % rules.slot_interval_minutes != 0) {
    return "the slot interval does not divide a day";
  }
  if (rules.buffer_minutes < 0) return "the buffer is negative";
  for (std::size_t i = 0; i < rules.working_hours.size(); ++i) {
    if (rules.working_hours[i].empty()) return "a working-hours interval is empty";
    if (i > 0 && rules.working_hours[i] < rules.working_hours[i - 1]) {
      return "the working hours are not sorted";
    }
  }
  for (std::size_t i = 0; i < rules.hard_blocks.size(); ++i) {
    if (rules.hard_blocks[i].interval.empty()) return "a hard block is empty";
    if (i > 0 && rules.hard_blocks[i].interval < rules.hard_blocks[i - 1].interval) {
      return "the hard blocks are not sorted";
    }
  }
  const Occupant* previous = nullptr;
  for (const Occupant& next : situation.occupancy) {
    // The first comparison is the usual case, and cheap.
    if (previous != nullptr && previous->interval.start >= next.interval.start &&
        canonical_before(next, *previous)) {
      return "the occupancy is not sorted";
    }
    previous = &next;
  }
  return nullptr;
}

}  // namespace openavail::arbiter
