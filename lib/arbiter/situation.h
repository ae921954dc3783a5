// Everything a decision depends on, and nothing else (arbitration contract, Situation).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/limits.h"
#include "policy/meeting_class.h"
#include "policy/resolve.h"
#include "time/instant.h"

namespace openavail::arbiter {

enum class RequestKind { search, hold, book, confirm, simulate };

struct Request {
  RequestKind kind = RequestKind::book;
  // hold (candidate), book, confirm, simulate: the interval itself. search and window hold: the
  // window, with `duration` set.
  Interval interval;
  std::optional<Millis> duration;
  policy::MeetingClass meeting_class;  // id, name, tier, policy
  bool may_preempt = false;            // the agent holds `preempt`
  Millis lookahead = std::chrono::hours(limits::kLookaheadHoursMax);
  int results_wanted = limits::kSearchResultsDefault;
  // confirm of a window hold: the window, whose inside comes first among alternatives.
  std::optional<Interval> held_window;
};

enum class OccupantKind { external, booking, hold };
enum class BookingState { writing, committed, displacing };

struct Occupant {
  OccupantKind kind = OccupantKind::external;
  Interval interval;
  bool all_day = false;  // external only
  // booking
  BookingId booking_id;
  policy::MeetingClass meeting_class;  // as it is today; only id, name, tier, policy are read
  Instant committed_at;
  BookingState state = BookingState::committed;
  // hold
  HoldId hold_id;
  AgentId agent_id;
  Instant until;  // live while now < until
};

// Total order of occupants, so that the input's order never shows: interval, kind, ids, all_day.
bool canonical_before(const Occupant& a, const Occupant& b);

struct Horizon {
  Interval interval;                    // whole local days that were read
  std::vector<CalendarId> calendars;    // sorted
  std::string engine_version;
  std::string tzdata_version;
};

struct Situation {
  Instant now;
  Request request;
  AgentId agent_id;  // who asks; a hold of the same agent gets another message, no other effect
  policy::ResolvedRules rules;
  std::vector<Occupant> occupancy;  // sorted by canonical_before
  Horizon horizon;
};

// The engine's own version: changes whenever a decision, a trace or the encoding could.
inline constexpr const char* kEngineVersion = "1";

}  // namespace openavail::arbiter
