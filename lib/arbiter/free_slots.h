// Grid slots that would be Accept over the whole horizon: what alternatives and next_available are
// taken from (arbitration contract, Alternatives).
//
// A slot is Accept when it lies in the open time that no hard block and no occupant takes, and the
// daily cap allows it.
//
// Thread rule: one belongs to one thread; it refers to the situation, which must outlive it.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "arbiter/day_loads.h"
#include "arbiter/spans.h"
#include "arbiter/standing.h"

namespace openavail::arbiter {

class FreeSlots {
 public:
  explicit FreeSlots(const Situation& situation);

  // Alternatives to the request, best first, at most limits::kAlternativesMax.
  std::vector<Interval> alternatives() const;

  struct Next {
    std::optional<Instant> start;
    bool exceeds_lookahead = false;
  };
  // The first slot that starts at or after the requested end, within the lookahead.
  Next next_available() const;

 private:
  bool accepts(const Interval& slot) const;
  bool cap_allows(const Interval& slot) const;
  std::optional<Instant> first_from(Instant from) const;
  void take_nearest(const Interval& within, bool starts_only, std::vector<Interval>& out) const;

  const Situation& situation_;
  Grid grid_;
  Millis duration_;
  Interval bounds_;             // no slot reaches out of it
  std::vector<Interval> free_;  // sorted, disjoint, inside bounds_
  DayLoads loads_;              // summed up if there is a cap
};

}  // namespace openavail::arbiter
