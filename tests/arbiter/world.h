// A small made-up world for the engine's tests: "local days" of two hours, so that every slot of
// several days can be tried.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "arbiter/arbiter.h"

namespace openavail::arbiter::test {

inline constexpr int kDayMinutes = 120;
inline constexpr int kDays = 3;

// The world starts an hour after 1970, so that "now" can lie before it.
inline Instant at(int minutes) { return {(60 + minutes) * 60'000LL}; }
inline Interval span(int from_minutes, int to_minutes) {
  return {at(from_minutes), at(to_minutes)};
}

inline Occupant external(Interval interval, bool all_day = false) {
  Occupant out;
  out.interval = interval;
  out.all_day = all_day;
  return out;
}

inline Occupant hold(const std::string& id, Interval interval, const std::string& agent = "a2") {
  Occupant out;
  out.kind = OccupantKind::hold;
  out.interval = interval;
  out.hold_id = HoldId(id);
  out.agent_id = AgentId(agent);
  out.until = at(1000);
  return out;
}

inline Occupant booking(const std::string& id, Interval interval, policy::Tier tier,
                        policy::PreemptPolicy preempt_policy, int age_hours = 0) {
  Occupant out;
  out.kind = OccupantKind::booking;
  out.interval = interval;
  out.booking_id = BookingId(id);
  out.meeting_class = {ClassId("c-" + id), "Class " + id, tier, preempt_policy, ""};
  out.committed_at = at(0) - std::chrono::hours(age_hours);
  return out;
}

inline Situation empty_world() {
  Situation s;
  s.now = at(0);
  s.agent_id = AgentId("a1");
  s.request.kind = RequestKind::book;
  s.request.interval = span(30, 60);
  s.request.meeting_class = {ClassId("c"), "Asked", policy::Tier::normal,
                             policy::PreemptPolicy::reschedulable, ""};
  s.request.lookahead = std::chrono::minutes(90);
  for (int d = 0; d < kDays; ++d) {
    s.rules.local_days.push_back(span(d * kDayMinutes, (d + 1) * kDayMinutes));
  }
  s.rules.sacred_meeting_age_hours = 24;
  s.horizon.interval = span(0, kDays * kDayMinutes);
  s.horizon.calendars = {CalendarId("cal_1")};
  s.horizon.engine_version = kEngineVersion;
  s.horizon.tzdata_version = "none";
  return s;
}

inline void set_same_wall_time(Situation& s) {
  s.rules.same_wall_time.clear();
  for (int d = 1; d < kDays; ++d) {
    s.rules.same_wall_time.push_back(s.request.interval.start +
                                     std::chrono::minutes(d * kDayMinutes));
  }
}

inline void sort_occupancy(Situation& s) {
  std::sort(s.occupancy.begin(), s.occupancy.end(), canonical_before);
}

}  // namespace openavail::arbiter::test
